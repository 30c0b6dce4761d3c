"""What TensorBoard shows of a run: curves, and one HPARAMS row with what was chosen and what came out."""

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from c5snn.training.evaluation import test_run as score_run
from c5snn.training.run import train
from c5snn.training.tensorboard import flatten


def shown(run):
    """The curves, the hyperparameters and the metrics of a run's row."""
    curves, row = (EventAccumulator(str(folder)).Reload() for folder in (run.folder, run.folder / "hparams"))
    start = row.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    chosen = HParamsPluginData.FromString(start).session_start_info.hparams
    return (
        {tag: [event.value for event in curves.Scalars(tag)] for tag in curves.Tags()["scalars"]},
        {name: value.string_value or value.number_value for name, value in chosen.items()},
        {tag: [event.value for event in row.Scalars(tag)] for tag in row.Tags()["scalars"]},
    )


def test_the_row_holds_what_differs_from_the_defaults_and_the_best_epoch(small_run):
    curves, chosen, metrics = shown(small_run)
    assert chosen == {
        "model": "SpikeGRU", "model.hidden_size": 8, "model.readout": "membrane", "model.beta": 0.5,
        "model.init": "fluctuation",
        "data.n_events": 260, "data.window": 5, "trainer.max_epochs": 2,
    }  # fmt: skip
    assert "hp_metric" not in curves
    assert metrics == {"best_val_recall_at_20": [pytest.approx(small_run.val["val_recall_at_20"])]}


def test_the_curves_have_one_point_an_epoch(small_run):
    curves, _, _ = shown(small_run)
    for name in ("train_loss", "val_loss", "val_recall_at_20", "val_mrr"):
        assert curves[name] == pytest.approx([row[name] for row in small_run.learning_curve])


def test_after_the_test_the_row_has_its_numbers_too(small_run):
    tested = score_run([str(small_run.folder)])
    _, chosen, metrics = shown(small_run)
    assert metrics["test_recall_at_20"] == [pytest.approx(tested.test.metrics["recall_at_20"].value)]
    assert set(metrics) == {"best_val_recall_at_20", *(f"test_{name}" for name in tested.test.metrics)}
    assert chosen["model"] == "SpikeGRU"


def test_a_logger_of_ones_own_replaces_ours(small):
    run = train([*small, "--trainer.logger", "CSVLogger", "--trainer.logger.save_dir", "own"])
    assert (run.folder / "best.ckpt").is_file()
    assert not list(run.folder.glob("events.*.0"))


def test_lists_are_shown_whole():
    assert flatten({"model": {"class_path": "c5snn.models.SpikeGRU", "init_args": {"beta": [0.2, 0.9]}}}) == {
        "model": "SpikeGRU",
        "model.beta": [0.2, 0.9],
    }
