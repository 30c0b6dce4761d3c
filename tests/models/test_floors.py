"""The models that spiking has to beat, each against its formula or torch's own layer."""

from itertools import pairwise, product
from math import log

import pytest
import torch

from c5snn.data import EventDataModule
from c5snn.errors import ConfigError
from c5snn.models import GRU, MLP, FrequencyBaseline, LagKernel, PairTable, SpikeGRU
from c5snn.training.evaluation import test_run as score_run
from c5snn.training.opening import open_run
from c5snn.training.run import train

B, W, F = 4, 6, 5
WINDOWS = torch.rand(B, W, F, generator=torch.Generator().manual_seed(0)).round()


def test_frequency_counts_and_weighs_by_age():
    scores = FrequencyBaseline()(WINDOWS)
    for b in range(B):
        for p in range(F):
            column = WINDOWS[b, :, p].tolist()
            expected = sum(column) + sum(0.9 ** (W - 1 - w) * x for w, x in enumerate(column))
            assert scores[b, p].item() == pytest.approx(expected)


def test_frequency_without_recency_is_a_count():
    scores = FrequencyBaseline(recency_weight=0.0)(WINDOWS)
    assert torch.equal(scores, WINDOWS.sum(1))


def test_frequency_has_nothing_to_train():
    model = FrequencyBaseline()
    assert not model.is_trainable
    assert model.configure_optimizers() is None


def test_lag_kernel_starts_without_an_opinion_and_has_one_weight_per_lag_and_part():
    model = LagKernel()
    assert sum(parameter.numel() for parameter in model.parameters()) == 60
    assert not model(torch.rand(B, 21, 39).round()).any()


def test_lag_kernel_is_its_formula():
    model = LagKernel(n_parts=F, window=W)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_()
    logits = model(WINDOWS)
    for b in range(B):
        for p in range(F):
            expected = model.bias[p] + sum(model.kernel[w] * WINDOWS[b, w, p] for w in range(W))
            torch.testing.assert_close(logits[b, p], expected)


@pytest.mark.parametrize("num_layers", [1, 2])
def test_gru_is_a_loop_of_torchs_cells(num_layers):
    model = GRU(n_parts=F, hidden_size=7, num_layers=num_layers)
    below = WINDOWS
    for layer in range(num_layers):
        cell = torch.nn.GRUCell(below.shape[-1], 7)
        cell.load_state_dict({name: getattr(model.recurrent, f"{name}_l{layer}") for name in cell.state_dict()})
        hidden, history = torch.zeros(B, 7), []
        for w in range(W):
            hidden = cell(below[:, w], hidden)
            history.append(hidden)
        below = torch.stack(history, 1)
    torch.testing.assert_close(model(WINDOWS), model.readout(below[:, -1]))


def test_delay_lines_and_a_skip_surround_the_gru_as_they_surround_the_spiking_network():
    torch.manual_seed(0)
    model = GRU(n_parts=F, hidden_size=7, delay_lines=2, max_delay=3, skip=True)
    spiking = SpikeGRU(n_parts=F, hidden_size=7, delay_lines=2, max_delay=3, skip=True)
    with torch.no_grad():
        model.skip.weight.normal_()
        spiking.skip.weight.copy_(model.skip.weight)
        for silent in (model.readout, spiking.output):
            silent.weight.zero_()
            silent.bias.zero_()
    torch.testing.assert_close(model(WINDOWS), spiking(WINDOWS))  # what passes the units
    arriving = model.delays(WINDOWS).transpose(0, 1)
    torch.nn.init.normal_(model.readout.weight)
    expected = model.readout(model.recurrent(arriving)[1][-1]) + spiking(WINDOWS)
    torch.testing.assert_close(model(WINDOWS), expected)


@pytest.mark.parametrize("arguments", [{}, {"num_layers": 2, "delay_lines": 2, "skip": True}])
def test_the_weights_of_a_gru_that_decay_read_events_in_or_write_logits_out(arguments):
    model = GRU(n_parts=F, hidden_size=7, **arguments)
    decaying = {id(weight) for weight in model.parameter_groups()[0]["params"]}
    names = {name for name, weight in model.named_parameters() if id(weight) in decaying}
    assert names == {"recurrent.weight_ih_l0", "recurrent.bias_ih_l0", "readout.weight", "readout.bias"}
    assert model.parameter_groups()[1]["weight_decay"] == 0.0


def test_a_pair_table_counts_on_train_which_part_follows_which():
    data = EventDataModule(n_events=120, window=6, n_parts=7, n_active=2)
    data.setup()
    model = PairTable(n_parts=7, smoothing=0.5)
    model.fit_directly(data)
    model.fit_directly(data)  # counts anew
    events = data.history.parts[: data.events("train")[-1] + 1].tolist()
    counts = [[0.0] * 7 for _ in range(7)]
    for before, after in pairwise(events):
        for q, p in product(before, after):
            counts[q - 1][p - 1] += 1
    windows, _ = next(iter(data.test_dataloader()))
    for window, found in zip(windows, model(windows), strict=True):
        last = window[-1].nonzero().flatten().tolist()
        for p in range(7):
            expected = sum(log((counts[q][p] + 0.5) / (sum(counts[q]) + 3.5)) for q in last)
            assert found[p].item() == pytest.approx(expected, rel=1e-5)


@pytest.fixture(scope="module")
def pair_history():
    data = EventDataModule(n_events=120, window=6, n_parts=7, n_active=2)
    data.setup()
    return data


def test_an_online_pair_table_counts_up_to_the_last_event_before_the_target(pair_history):
    model = PairTable(n_parts=7, smoothing=0.5, online=True)
    model.fit_directly(pair_history)
    events = torch.from_numpy(pair_history.history.multi_hot())
    (windows, _), *_ = pair_history.test_dataloader()
    for target, found in zip(pair_history.events("test"), model(windows), strict=False):
        counts = sum(torch.outer(events[i - 1], events[i]) for i in range(1, target))
        shares = (counts + 0.5) / (counts.sum(dim=1, keepdim=True) + 3.5)
        torch.testing.assert_close(found, events[target - 1] @ shares.log())


def test_an_online_pair_table_does_not_know_what_comes(pair_history):
    model, other = (PairTable(n_parts=7, online=True) for _ in range(2))
    model.fit_directly(pair_history)
    changed = EventDataModule(n_events=120, window=6, n_parts=7, n_active=2)
    changed.setup()
    target = int(changed.events("test")[3])
    changed.history.parts[target:] = [6, 7]  # the same past, another future
    other.fit_directly(changed)
    (windows, _), *_ = pair_history.test_dataloader()
    torch.testing.assert_close(model(windows[:4]), other(windows[:4]))
    assert not torch.equal(model._past, other._past)


def test_to_a_window_that_no_history_holds_an_online_pair_table_adds_its_own_pairs(pair_history):
    model = PairTable(n_parts=7, online=True)
    model.fit_directly(pair_history)
    window = torch.zeros(6, 7)
    window[:, :2] = 1.0  # the same event six times
    plain = PairTable(n_parts=7)
    plain.counts.copy_(model.counts)
    plain.counts[:2, :2] += 5
    torch.testing.assert_close(model(window[None]), plain(window[None]))


@pytest.mark.slow
def test_an_online_pair_table_is_tested_alike_with_and_without_a_checkpoint(workdir):
    words = ["--config", "pair_table.yaml", "--model.online", "true", "--data.n_events", "300", "--data.window", "3"]
    untrained = score_run(words)
    reopened = score_run([str(train(words).folder)])
    assert untrained.test.score.value == reopened.test.score.value
    opened = open_run(["lightning_logs/pair_table"], "c5snn predict")
    (windows, _), *_ = opened.cli.datamodule.test_dataloader()
    in_training = PairTable(n_parts=39, online=True)
    in_training.fit_directly(opened.cli.datamodule)
    torch.testing.assert_close(opened.cli.model(windows), in_training(windows))
    fixed = score_run([*words, "--model.online", "false"])
    assert (untrained.items.predictions != fixed.items.predictions).any()
    assert workdir.is_dir()


def test_an_uncounted_pair_table_gives_all_parts_one_score():
    assert PairTable(n_parts=F)(WINDOWS).std(dim=1).max() == 0


@pytest.mark.slow
def test_a_pair_table_is_tested_with_its_counts_with_and_without_a_checkpoint(workdir):
    words = ["--config", "pair_table.yaml", "--data.n_events", "900", "--data.window", "3", "--data.strength", "3"]
    words += ["--data.signal", "Successor"]
    untrained = score_run(words)
    run = train(words)
    reopened = score_run([str(run.folder)])
    assert untrained.test.score.value == reopened.test.score.value > 0.7
    assert untrained.run.is_baseline
    assert workdir in run.folder.resolve().parents


def test_an_mlp_is_its_formula():
    model = MLP(n_parts=F, window=W, hidden_sizes=(8, 4))
    below = WINDOWS.reshape(B, W * F)
    for i in (0, 2):
        layer = model.layers[i]
        below = torch.maximum(below @ layer.weight.T + layer.bias, torch.zeros(()))
    torch.testing.assert_close(model(WINDOWS), below @ model.readout.weight.T + model.readout.bias)


def test_a_dropout_that_cannot_act_counts_as_none():
    assert GRU(dropout=0.5).effective_hparams() == GRU().effective_hparams()
    assert GRU(dropout=0.5, num_layers=2).effective_hparams() != GRU(num_layers=2).effective_hparams()


@pytest.mark.parametrize(
    ("model_class", "change"),
    [
        (FrequencyBaseline, {"decay": 1.5}),
        (LagKernel, {"window": 0}),
        (LagKernel, {"n_parts": 0}),
        (GRU, {"hidden_size": 0}),
        (PairTable, {"smoothing": 0.0}),
        (PairTable, {"n_parts": 0}),
        (MLP, {"window": 0}),
        (MLP, {"hidden_sizes": ()}),
        (GRU, {"dropout": 1.0}),
    ],
)
def test_an_argument_out_of_its_range_is_named(model_class, change):
    (name,) = change
    with pytest.raises(ConfigError, match=rf"{name}.* must hold, but got {name}="):
        model_class(**change)
