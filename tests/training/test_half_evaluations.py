"""A test, a validation or a run of a part passes for no whole one, and a run that could keep nothing is refused."""

import pytest

from c5snn.cli import main
from c5snn.records import load_run

PARTS = [["limit_test_batches", "1"], ["limit_test_batches", "0.5"], ["limit_test_batches", "0"],
         ["limit_predict_batches", "1"], ["fast_dev_run", "true"], ["fast_dev_run", "3"]]  # fmt: skip
WITHOUT_VALIDATION = {
    "no batch": ["limit_train_batches", "0"],
    "less than a batch": ["overfit_batches", "0.01"],
    "a validation after the last epoch": ["check_val_every_n_epoch", "3"],
    "a validation after more batches than there are": ["val_check_interval", "100000"],
    "steps before the first validation": ["max_steps", "1"],
    "an interval of nothing": ["val_check_interval", "0"],
    "epochs of nothing": ["check_val_every_n_epoch", "0"],
    "clipping below zero": ["gradient_clip_val", "-1"],
    "more epochs at least than at most": ["min_epochs", "5"],
}  # fmt: skip


def refusal(capsys):
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("c5snn ")]
    return line


@pytest.mark.slow
@pytest.mark.parametrize("command", ["test", "validate", "predict"])
@pytest.mark.parametrize(("option", "value"), PARTS)
def test_a_part_of_the_items_is_no_test(command, option, value, small_run, capsys):
    before = {path: path.read_bytes() for path in small_run.folder.rglob("*") if path.is_file()}
    assert main([command, str(small_run.folder), f"--trainer.{option}", value]) == 2
    assert f"trainer.{option}" in refusal(capsys)
    assert {path: path.read_bytes() for path in small_run.folder.rglob("*") if path.is_file()} == before


@pytest.mark.slow
def test_all_of_the_items_may_be_asked_for(small_run):
    assert main(["test", str(small_run.folder), "--trainer.limit_test_batches", "1.0"]) == 0


@pytest.mark.parametrize("case", WITHOUT_VALIDATION)
def test_a_run_that_could_keep_no_best_epoch_is_refused_before_it_starts(case, small, workdir, capsys):
    option, value = WITHOUT_VALIDATION[case]
    assert main(["fit", *small, f"--trainer.{option}", value]) == 2
    assert option in refusal(capsys)
    assert list(workdir.iterdir()) == []


def test_batches_counted_over_epochs_may_be_more_than_an_epoch_has(small):
    counted = ["--trainer.check_val_every_n_epoch", "null", "--trainer.val_check_interval"]
    assert main(["fit", *small, *counted, "5"]) == 0
    assert main(["fit", *small, *counted, "500"]) == 2


@pytest.mark.parametrize("words", [["--trainer.max_time", "00:00:00:00"], ["--trainer.max_epochs", "0"]])
def test_a_run_without_a_validation_names_no_test(words, small, capsys):
    assert main(["fit", *small, *words]) == 0
    assert "nothing to test" in capsys.readouterr().out
    assert load_run("lightning_logs/spike_gru").val == {}
