"""What a run says of how alive its network is: logged, recorded, shown, and said aloud when it is not."""

import json
import signal

import pytest
import torch
from lightning.pytorch import Callback, Trainer, seed_everything
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from c5snn.cli import main
from c5snn.data import EventDataModule
from c5snn.models import SpikeGRU
from c5snn.records import commit_training, load_run
from c5snn.training.callbacks import SpikeMonitor, StoppedBySignal
from c5snn.training.run import train
from c5snn.training.tensorboard import tag_of

LAYER = "recurrent.layers.0"
OF_A_LAYER = [f"spikes/{LAYER}/{name}" for name in ("firing_rate", "silent_share", "saturated_share")]
OF_THE_MODEL = ["distinct_outputs", "same_output_share", "output_std"]


def fit(model, *callbacks, epochs=2):
    """Train without the command line and return the trainer."""
    seed_everything(1, verbose=False)
    options = {"enable_progress_bar": False, "enable_checkpointing": False, "enable_model_summary": False}
    trainer = Trainer(
        accelerator="cpu", max_epochs=epochs, num_sanity_val_steps=0, callbacks=list(callbacks), logger=False, **options
    )
    trainer.fit(model, EventDataModule(n_events=260, window=5))
    return trainer


def small_model(input_bias=None):
    torch.manual_seed(0)
    model = SpikeGRU(hidden_size=8, readout="membrane", beta=0.5)
    if input_bias is not None:
        torch.nn.init.constant_(model.input.bias, input_bias)
    return model


def hooks_of(model):
    return sum(len(module._forward_hooks) for module in model.modules())


pytestmark = pytest.mark.filterwarnings(
    "ignore:.*does not have many workers", "ignore:The number of training batches .* is smaller than"
)


def test_every_epoch_has_its_activity_in_tensorboard_and_in_the_table(small_run):
    events = EventAccumulator(str(small_run.folder)).Reload()
    for name in [*OF_A_LAYER, *OF_THE_MODEL, "synaptic_operations"]:
        logged = [event.value for event in events.Scalars(tag_of(name))]
        assert len(logged) == 2
        assert logged == pytest.approx([row[name] for row in small_run.learning_curve])


def test_tensorboard_has_a_histogram_of_the_units_every_epoch(small_run):
    events = EventAccumulator(str(small_run.folder), size_guidance={"histograms": 0}).Reload()
    histograms = events.Histograms(f"spikes/{LAYER}/unit_firing_rates")
    assert [histogram.histogram_value.num for histogram in histograms] == [8, 8]
    for histogram, row in zip(histograms, small_run.learning_curve, strict=True):
        value = histogram.histogram_value
        assert value.sum / value.num == pytest.approx(row[f"spikes/{LAYER}/firing_rate"])


def test_the_record_holds_the_activity_of_the_best_epoch(small_run):
    row = small_run.learning_curve[small_run.best_epoch]
    written = json.loads((small_run.folder / "result.json").read_text())["activity"]
    assert [written["layers"][0][name.rpartition("/")[2]] for name in OF_A_LAYER] == [row[name] for name in OF_A_LAYER]
    assert [written[name] for name in ("n_distinct", "same_share", "output_std")] == [
        row[name] for name in OF_THE_MODEL
    ]
    assert written["synaptic_operations"] == row["synaptic_operations"]


def test_a_record_from_before_there_was_a_monitor_is_readable(small_run):
    path = small_run.folder / "result.json"
    record = json.loads(path.read_text())
    del record["activity"]
    path.write_text(json.dumps(record))
    commit_training(small_run.folder)
    old = load_run(small_run.folder)
    assert old.activity is None
    assert old.val == small_run.val


@pytest.mark.parametrize("config", ["gru.yaml", "frequency.yaml"])
@pytest.mark.usefixtures("workdir")
def test_a_conventional_model_is_measured_by_its_output_alone(config):
    run = train(["--config", config, "--data.n_events", "260", "--trainer.max_epochs", "1"])
    assert run.activity.layers == ()
    assert run.activity.synaptic_operations is None
    assert run.activity.n_distinct > 1
    assert run.activity.output_std > 0


NAMED = {
    -1e3: "is silent: none of its 8 units fired on 38 validation windows (epoch 1)",
    1e3: "is saturated: all of its 8 units fired in every step of 38 validation windows (epoch 1)",
}


@pytest.mark.parametrize(("input_bias", "what"), NAMED.items())
def test_a_layer_that_says_nothing_is_named_once(input_bias, what, caplog):
    fit(small_model(input_bias), SpikeMonitor(), epochs=3)
    assert [record.getMessage() for record in caplog.records if "layer" in record.getMessage()] == [
        f"layer {LAYER} {what}"
    ]


def test_an_output_that_ignores_the_input_is_named_once(caplog):
    model = small_model()
    torch.nn.init.zeros_(model.output.weight).requires_grad_(False)  # noqa: FBT003  # torch's own
    fit(model, SpikeMonitor(), epochs=3)
    messages = [record.getMessage() for record in caplog.records if "ignores" in record.getMessage()]
    sentence = "the output ignores the input: all 38 validation windows (epoch 1) get the same output"
    assert messages == [sentence]


def test_a_network_that_is_alive_is_not_warned_about(small, caplog):
    train(small)
    assert [record.getMessage() for record in caplog.records if record.name.endswith("spike_monitor")] == []


class _CountHooks(Callback):
    def __init__(self):
        self.in_training, self.in_validation = set(), set()

    def on_train_batch_end(self, _, pl_module, *__):
        self.in_training.add(hooks_of(pl_module))

    def on_validation_batch_end(self, _, pl_module, *__):
        self.in_validation.add(hooks_of(pl_module))


def test_the_model_carries_hooks_during_validation_only():
    counted = _CountHooks()
    model = small_model()
    fit(model, SpikeMonitor(), counted)
    assert counted.in_training == {0}
    assert min(counted.in_validation) > 0
    assert hooks_of(model) == 0


class _StopInValidation(Callback):
    def on_validation_batch_end(self, *_):
        raise StoppedBySignal(signal.SIGINT)


def test_a_validation_that_breaks_off_leaves_no_hook():
    model = small_model()
    with pytest.raises(StoppedBySignal):
        fit(model, SpikeMonitor(), _StopInValidation())
    assert hooks_of(model) == 0


def test_the_monitor_changes_no_weight():
    watched, alone = small_model(), small_model()
    fit(watched, SpikeMonitor())
    fit(alone)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(watched.parameters(), alone.parameters(), strict=True))


def test_a_rehearsed_validation_is_not_measured(caplog):
    counted = _CountHooks()
    trainer = Trainer(
        accelerator="cpu", max_epochs=0, num_sanity_val_steps=1, callbacks=[SpikeMonitor(), counted], logger=False,
        enable_progress_bar=False, enable_checkpointing=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(small_model(-1e3), EventDataModule(n_events=260, window=5))
    assert "silent" not in caplog.text
    assert counted.in_validation <= {0}


@pytest.mark.slow
def test_fit_and_test_show_every_spiking_layer(small, capsys):
    assert main(["fit", *small, "--model.num_layers", "2"]) == 0
    activity = load_run("lightning_logs/spike_gru").activity
    fitted = capsys.readouterr().out
    assert main(["test", "lightning_logs/spike_gru"]) == 0
    tested = capsys.readouterr().out
    for entry in activity.layers:
        line = f"layer {entry.layer} on validation: firing rate {entry.firing_rate:.1%}"
        assert line in fitted
        assert line in tested
    assert [entry.layer for entry in activity.layers] == ["recurrent.layers.0", "recurrent.layers.1"]
    assert f"distinct outputs on validation: {activity.n_distinct}" in fitted


def test_fit_says_at_its_end_which_layer_is_silent_and_that_the_input_is_ignored(small, capsys):
    # nothing reaches the second layer's threshold when every weight is pulled to zero
    words = ["--model.num_layers", "2", "--model.readout", "last", "--optimizer", "AdamW"]
    assert main(["fit", *small, *words, "--optimizer.lr", "1e-3", "--optimizer.weight_decay", "1000"]) == 0
    shown = capsys.readouterr().out
    assert "layer recurrent.layers.1 on validation: silent; firing rate 0.0%" in shown
    assert "the output ignores the input: distinct outputs on validation: 1" in shown


def test_a_single_window_cannot_show_whether_the_input_matters(small):
    run = train([*small, "--data.split", "[0.9, 0.005, 0.095]"])
    assert run.data.n_items["val"] == 1
    assert run.activity is None
