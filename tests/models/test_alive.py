"""Every shipped spiking network fires and answers to its input, before and after training; the originals do not."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
import yaml

import c5snn.models
from c5snn.data import EventDataModule
from c5snn.data.events.signals import Repeat, Successor
from c5snn.evidence import break_ties, compare_paired, distinct_rankings, recall_of_rankings
from c5snn.models import GRU
from c5snn.nn import LIF, RecurrentLIF
from c5snn.training.lightning_cli import C5CLI

CONFIGS = Path(__file__).parents[2] / "configs"
QUIETEST, LOUDEST = 0.02, 0.9


def spiking_layers(model):
    return {name: module for name, module in model.named_modules() if isinstance(module, LIF | RecurrentLIF)}


def open_config(name, *flags):
    """Return the model and the data that ``c5snn fit --config name`` would train."""
    cli = C5CLI(["--config", name, *flags])
    torch.manual_seed(cli.config["seed_everything"])
    cli.datamodule.setup()
    return cli.model, cli.datamodule


def build(path):
    model = yaml.safe_load(path.read_text())["model"]
    return getattr(c5snn.models, model["class_path"])(**model.get("init_args", {}))


SPIKING = [path.name for path in sorted(CONFIGS.glob("*.yaml")) if spiking_layers(build(path))]
ORIGINALS = sorted(f"original/{path.name}" for path in CONFIGS.glob("original/spiking_*.yaml"))
each_shipped = pytest.mark.parametrize("name", SPIKING)


class Activity(NamedTuple):
    rates: dict
    logits: torch.Tensor


def activity(model, windows):
    """Return each layer's mean rate and the logits, in evaluation."""
    rates = {}
    hooks = [
        layer.register_forward_hook(lambda _m, _i, scan, name=name: rates.update({name: scan.spikes.mean().item()}))
        for name, layer in spiking_layers(model).items()
    ]
    with torch.no_grad():
        logits = model.eval()(windows)
    for hook in hooks:
        hook.remove()
    return Activity(rates, logits)


def assert_alive(model, data):
    windows = torch.cat([batch for batch, _ in data.val_dataloader()])
    seen = activity(model, windows)
    assert seen.rates.keys() == spiking_layers(model).keys()
    assert {name: rate for name, rate in seen.rates.items() if not QUIETEST < rate < LOUDEST} == {}
    assert seen.logits.std(0).min() > 0
    assert distinct_rankings(break_ties(seen.logits.double().numpy(), 0)) > len(windows) / 2


def fit(model, data, n_epochs, after_epoch=lambda: None):
    """Train with the optimizer of the model."""
    optimizer = model.configure_optimizers()
    loader = data.train_dataloader()
    for epoch in range(n_epochs):
        model.train()
        loader.batch_sampler.sampler.set_epoch(epoch)
        for windows, targets in loader:
            optimizer.zero_grad()
            torch.nn.functional.binary_cross_entropy_with_logits(model(windows), targets).backward()
            optimizer.step()
        after_epoch()


def test_all_four_spiking_models_are_shipped():
    models = ["spike_gru.yaml", "spiking_cnn1d.yaml", "spiking_mlp.yaml", "spiking_transformer.yaml"]
    assert set(SPIKING) == {*models, "spike_trains.yaml"}


@each_shipped
def test_a_shipped_network_is_alive_before_and_after_a_short_training(name):
    model, data = open_config(name, "--data.n_events", "500")
    assert_alive(model, data)
    fit(model, data, n_epochs=2)
    assert_alive(model, data)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.long) if name == "spiking_transformer.yaml" else name for name in SPIKING],
)
def test_a_shipped_network_is_alive_after_training_on_the_default_history(name):
    model, data = open_config(name)
    assert_alive(model, data)
    fit(model, data, n_epochs=3)
    assert_alive(model, data)


@pytest.mark.parametrize("window", [7, 21, 60, 100])
@pytest.mark.parametrize("name", ORIGINALS)
def test_in_the_originals_no_spike_reaches_the_readout(name, window):
    model, data = open_config(name, "--data.n_events", "400", "--data.window", str(window))
    windows, _ = next(iter(data.val_dataloader()))
    received = []
    model.output.register_forward_hook(lambda _module, inputs, _output: received.append(inputs[0]))
    seen = activity(model, windows)
    assert not received[0].any()
    assert distinct_rankings(break_ties(seen.logits.double().numpy(), 0)) == 1


def recalls(scores, data, split):
    """Return Recall@20 of each window of a split."""
    return recall_of_rankings(break_ties(np.asarray(scores, dtype=np.float64), 0), data.targets(split), 20)


def recalls_after_training(model, data):
    """Return Recall@20 of the test windows after the epoch that was best on validation."""
    scored = []

    def score():
        loaders = {"val": data.val_dataloader(), "test": data.test_dataloader()}
        logits = {split: torch.cat([activity(model, x).logits for x, _ in loader]) for split, loader in loaders.items()}
        scored.append([recalls(logits[split], data, split) for split in ("val", "test")])

    fit(model, data, n_epochs=10, after_epoch=score)
    return max(scored, key=lambda recalls: recalls[0].mean())[1]


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("signal", [Repeat(lag=1), Successor()])
def test_spike_gru_is_as_good_as_a_gru_of_its_width(signal):
    """Over three histories, paired by window: no worse than chance explains, and by less than a tenth of the lift."""
    ours, theirs, oracle = [], [], []
    for data_seed in (1, 2, 3):
        spike_gru, _ = open_config("spike_gru.yaml")
        gru = GRU(hidden_size=spike_gru.hparams["hidden_size"])
        data = EventDataModule(signal=signal, data_seed=data_seed)
        data.setup()
        ours.append(recalls_after_training(spike_gru, data))
        theirs.append(recalls_after_training(gru, data))
        oracle.append(recalls(data.oracle_scores("test"), data, "test"))
    difference = compare_paired(np.concatenate(ours), np.concatenate(theirs))
    lift = np.concatenate(oracle).mean() - 20 / 39
    assert difference.interval.high > 0
    assert difference.mean > -0.1 * lift
