"""The record's validation values are those of the checkpoint's own weights, and no cell repeats another epoch's."""

import pytest
import yaml

from c5snn.cli import main
from c5snn.records import find_runs
from c5snn.training.evaluation import validate_run
from c5snn.training.run import train

SEVERAL = ["--trainer.max_epochs", "4", "--optimizer.lr", "0.02", "--data.n_events", "800"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "often",
    [
        ["--trainer.val_check_interval", "0.2"],
        ["--trainer.val_check_interval", "3"],
        ["--trainer.val_check_interval", "0.5", "--early_stopping.monitor", "val_loss"],
        ["--trainer.check_val_every_n_epoch", "2"],
        ["--early_stopping.monitor", "val_skill", "--trainer.limit_val_batches", "2", "--data.batch_size", "8"],
    ],
)
def test_the_recorded_values_are_those_of_the_best_checkpoints_weights(often, small):
    run = train([*small, *SEVERAL, *often])
    again = validate_run([str(run.folder)])
    assert run.val == pytest.approx({name: again[name] for name in run.val}, abs=1e-6)
    assert run.val.keys() >= {"val_loss", "val_recall_at_20"}


@pytest.mark.slow
def test_a_sweep_ranks_by_the_values_of_the_checkpoints(workdir):
    spec = {
        "base": "gru.yaml",
        "space": {"optimizer.lr": [0.001, 0.05], "model.hidden_size": 8, "data.n_events": 800, "data.window": 5,
                  "trainer.max_epochs": 3, "trainer.val_check_interval": 0.2},
        "confirm": {"top_k": 1, "seeds": [42]},
    }  # fmt: skip
    (workdir / "own.yaml").write_text(yaml.safe_dump(spec))
    assert main(["sweep", "own.yaml", "--workers", "1", "--output", "swept"]) == 0
    for run in find_runs("swept")[0]:
        assert run.val["val_recall_at_20"] == pytest.approx(validate_run([str(run.folder)])["val_recall_at_20"])


@pytest.mark.slow
def test_the_skill_of_validation_is_recorded_and_keeps_its_best_epoch_where_the_signal_is_known(small):
    run = train([*small, *SEVERAL, "--early_stopping.monitor", "val_skill"])
    curve = [row["val_skill"] for row in run.learning_curve]
    assert len(set(curve)) == 4
    assert run.val["val_skill"] == max(curve)
    assert curve[run.best_epoch] == max(curve)
    assert "val_skill" not in train([*small, "--data.strength", "0"]).val


def test_epochs_without_a_validation_have_empty_cells(small):
    run = train([*small, "--trainer.max_epochs", "5", "--trainer.check_val_every_n_epoch", "2"])
    assert ["val_loss" in row for row in run.learning_curve] == [False, True, False, True, False]
    assert ["distinct_outputs" in row for row in run.learning_curve] == [False, True, False, True, False]
    assert all("train_loss" in row for row in run.learning_curve)


def test_an_epoch_that_max_steps_cuts_short_repeats_no_value(small):
    run = train([*small, "--trainer.max_epochs", "5", "--trainer.max_steps", "4"])  # three steps an epoch
    whole, cut = run.learning_curve
    assert {"train_loss", "val_loss"} <= whole.keys()
    assert cut.keys() == {"epoch", "epoch_time_s"}


def test_half_an_epoch_has_all_its_values(small):
    run = train([*small, "--trainer.limit_train_batches", "0.5"])
    assert all({"train_loss", "val_loss"} <= row.keys() for row in run.learning_curve)


@pytest.mark.slow
@pytest.mark.parametrize("monitor", ["val_loss", "train_loss", "val_mrr"])
def test_the_best_checkpoint_is_the_best_by_what_is_monitored(monitor, small):
    run = train([*small, *SEVERAL, "--early_stopping.monitor", monitor])
    best = min if monitor.endswith("loss") else max
    values = {row["epoch"]: row[monitor] for row in run.learning_curve}
    assert values[run.best_epoch] == best(values.values())


@pytest.mark.slow
def test_a_sweep_on_a_loss_confirms_its_lowest_point(workdir):
    spec = {
        "base": "gru.yaml",
        "space": {"optimizer.lr": [0.02, 1e-7], "model.hidden_size": 8, "data.n_events": 260, "data.window": 5,
                  "trainer.max_epochs": 2, "early_stopping.monitor": "val_loss"},
        "confirm": {"top_k": 1, "seeds": [7]},
    }  # fmt: skip
    (workdir / "own.yaml").write_text(yaml.safe_dump(spec))
    assert main(["sweep", "own.yaml", "--workers", "1", "--output", "swept"]) == 0
    confirmed = [run for run in find_runs("swept")[0] if run.test]
    assert [run.chosen["optimizer.lr"] for run in confirmed] == [0.02]


@pytest.mark.parametrize(("monitor", "mode"), [("val_loss", "max"), ("val_mrr", "min"), ("train_loss", "max")])
def test_a_mode_against_the_metric_is_refused(monitor, mode, small, workdir, capsys):
    assert main(["fit", *small, "--early_stopping.monitor", monitor, "--early_stopping.mode", mode]) == 2
    assert f"but `mode` is {mode}" in capsys.readouterr().err
    assert list(workdir.iterdir()) == []
