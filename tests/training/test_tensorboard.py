"""What TensorBoard shows of a run: curves, and one HPARAMS row with what was chosen and what came out."""

import pytest
import yaml
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from c5snn.cli import main
from c5snn.records import find_runs
from c5snn.records.options import flatten
from c5snn.training.evaluation import test_run as score_run
from c5snn.training.run import train


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


def test_the_row_holds_the_models_arguments_what_differs_from_the_defaults_and_the_best_epoch(small_run):
    curves, chosen, metrics = shown(small_run)
    arguments = {name: value for name, value in chosen.items() if name.startswith("model.")}
    assert arguments.keys() == {f"model.{name}" for name in small_run.arguments} - {"model.window", "model.n_parts"}
    assert (arguments["model.hidden_size"], arguments["model.beta"], arguments["model.num_layers"]) == (8, "0.5", 1)
    assert {name: value for name, value in chosen.items() if name not in arguments} == {
        "model": "SpikeGRU", "data.n_events": 260, "data.window": 5, "trainer.max_epochs": "2",
    }  # fmt: skip
    assert "hp_metric" not in curves
    assert metrics == {"best_val_recall_at_20": [pytest.approx(small_run.val["val_recall_at_20"])]}


def types_of(run):
    return {name: type(value) for name, value in shown(run)[1].items()}


@pytest.mark.parametrize(
    "words", [["--model.beta", "[0.2, 0.9]"], ["--model.dropout", "1e-3"], ["--model.learn_beta", "true"]]
)
def test_a_column_has_one_type_in_all_runs(words, small, small_run):
    other = train([*small, *words])
    assert types_of(other) == types_of(small_run)


def test_a_swept_option_is_shown_where_it_has_its_default(workdir):
    space = {"optimizer.lr": [0.001, 0.01], "early_stopping.patience": [10, 3], "data.n_events": 260,
             "data.window": 5, "trainer.max_epochs": 1, "model.hidden_size": 4}  # fmt: skip
    spec = {"base": "gru.yaml", "space": space, "allow_inert": True}
    (workdir / "own.yaml").write_text(yaml.safe_dump(spec))
    assert main(["sweep", "own.yaml", "--workers", "1", "--output", "swept"]) == 0
    rows = [shown(run)[1] for run in find_runs("swept")[0]]
    assert len({frozenset(row) for row in rows}) == 1
    assert {(row["optimizer.lr"], row["early_stopping.patience"]) for row in rows} == {
        (0.001, 10), (0.001, 3), (0.01, 10), (0.01, 3),
    }  # fmt: skip


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
