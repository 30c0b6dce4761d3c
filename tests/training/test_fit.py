"""What a training run leaves behind, and what it repeats."""

import json
import threading

import pytest
import torch
import yaml
from lightning.pytorch import Callback, seed_everything

from c5snn.cli import main
from c5snn.data import EventDataModule
from c5snn.errors import TrainingDivergedError
from c5snn.models import SpikeGRU
from c5snn.records import load_run
from c5snn.records.run_folder import create_run_folder
from c5snn.training.checkpoints import read_checkpoint
from c5snn.training.run import train

FILES = {"config.yaml", "provenance.json", "metrics.csv", "best.ckpt", "last.ckpt", "result.json"}


def curve(run):
    """The learning curve without its times."""
    return [{name: value for name, value in row.items() if name != "epoch_time_s"} for row in run.learning_curve]


def test_a_run_leaves_its_whole_record(small_run):
    names = {path.name for path in small_run.folder.iterdir()}
    assert names >= FILES | {"best.ckpt.sha256", "last.ckpt.sha256"}
    assert load_run(small_run.folder) == small_run
    assert small_run.folder.parts == ("lightning_logs", "spike_gru", "version_0")
    assert small_run.data.n_items == {"train": 178, "val": 38, "test": 39}


def test_the_recorded_validation_metrics_are_those_of_the_best_checkpoint(small_run):
    best = max(small_run.learning_curve, key=lambda row: row["val_recall_at_20"])
    assert small_run.best_epoch == best["epoch"] == read_checkpoint(small_run.folder / "best.ckpt")["epoch"]
    assert small_run.val["val_recall_at_20"] == best["val_recall_at_20"]


def test_validation_values_carry_no_p_value_and_no_interval(small_run, capsys):
    assert main(["validate", str(small_run.folder)]) == 0
    shown = capsys.readouterr().out
    assert f"{small_run.val['val_recall_at_20']:.4f}" in shown
    written = [(small_run.folder / name).read_text() for name in ("result.json", "metrics.csv")]
    assert not any("p_value" in text or "interval" in text for text in written)
    assert "p =" not in shown


def test_the_same_seed_gives_the_same_run_and_another_seed_another(small):
    first, second = train(small), train(small)
    third = train([*small, "--seed_everything", "7"])
    assert first.folder != second.folder
    assert curve(first) == curve(second)
    assert curve(first) != curve(third)


def test_the_saved_configuration_repeats_the_run(small_run):
    again = train(["--config", str(small_run.folder / "config.yaml")])
    assert curve(again) == curve(small_run)


@pytest.mark.slow
def test_a_nested_mapping_is_as_good_as_words(small_run):
    config = yaml.safe_load((small_run.folder / "config.yaml").read_text())
    assert curve(train(config)) == curve(small_run)


class StopAfterFirstEpoch(Callback):
    """Ends a run after its first epoch, and notes how many rows and what value it finds then."""

    def __init__(self, folder):
        self.folder, self.seen = folder, []

    def on_train_epoch_end(self, trainer, pl_module):
        del pl_module
        rows = len((self.folder / "metrics.csv").read_text().splitlines()) - 1
        self.seen.append((rows, float(trainer.callback_metrics["val_recall_at_20"])))
        trainer.should_stop = True


def test_a_callers_callback_sees_each_epochs_metrics_and_can_end_the_run(small, small_run, workdir):
    (workdir / "run").mkdir()
    stop = StopAfterFirstEpoch(workdir / "run")
    run = train(small, folder=workdir / "run", callbacks=[stop])
    assert stop.seen == [(1, small_run.learning_curve[0]["val_recall_at_20"])]
    assert (run.status, curve(run)) == ("finished", curve(small_run)[:1])
    assert (run.folder / "best.ckpt").is_file()
    assert "StopAfterFirstEpoch" not in (run.folder / "config.yaml").read_text()


def test_a_run_resumed_in_its_folder_ends_as_an_undisturbed_one(small):
    stochastic = [*small, "--model.num_layers", "2", "--model.dropout", "0.3", "--trainer.max_epochs"]
    whole = train([*stochastic, "4"])
    half = train([*stochastic, "2"])
    resumed = train([*stochastic, "4", "--ckpt_path", "last"])
    assert resumed.folder == half.folder
    assert curve(resumed) == curve(whole)
    assert resumed.val == whole.val
    ours, theirs = (read_checkpoint(run.folder / "best.ckpt")["state_dict"] for run in (resumed, whole))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_early_stopping_ends_a_run_that_no_longer_improves(small):
    run = train([*small, "--trainer.max_epochs", "30", "--early_stopping.patience", "2"])
    assert run.n_epochs == run.best_epoch + 3


@pytest.mark.usefixtures("workdir")
def test_a_model_without_weights_is_scored_and_says_so(caplog):
    with caplog.at_level("INFO", logger="c5snn"):
        run = train(["--config", "frequency.yaml", "--data.n_events", "260"])
    assert "nothing to train" in caplog.text
    assert run.n_parameters == 0
    assert run.val["val_recall_at_20"] > 0


def test_runs_that_start_at_once_get_folders_of_their_own(tmp_path):
    folders = []
    threads = [threading.Thread(target=lambda: folders.append(create_run_folder(tmp_path / "gru"))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(folders)) == 16


def test_a_diverging_run_ends_with_its_epoch_and_exit_code_1(workdir, small, capsys):
    assert main(["fit", *small, "--optimizer", "SGD", "--optimizer.lr", "1e38"]) == 1
    error = capsys.readouterr().err
    assert "diverged in epoch 1" in error
    assert json.loads((workdir / "lightning_logs/spike_gru/version_0/result.json").read_text())["status"] == "diverged"


def test_a_run_that_diverges_long_before_a_validation_keeps_its_last_finite_epoch(small):
    class Break(Callback):
        def on_train_epoch_start(self, trainer, pl_module):
            if trainer.current_epoch == 1:
                next(pl_module.parameters()).data.fill_(float("nan"))

    with pytest.raises(TrainingDivergedError, match="diverged in epoch 2"):
        train([*small, "--trainer.max_epochs", "4", "--trainer.check_val_every_n_epoch", "4"], callbacks=[Break()])
    weights = read_checkpoint("lightning_logs/spike_gru/version_0/last.ckpt")["state_dict"]
    assert all(value.isfinite().all() for value in weights.values() if value.is_floating_point())


def test_a_schedule_that_follows_a_metric_waits_for_rarer_validations(small):
    words = ["--lr_scheduler", "ReduceLROnPlateau", "--trainer.check_val_every_n_epoch", "2"]
    assert train([*small, *words, "--trainer.max_epochs", "4"]).status == "finished"


@pytest.mark.parametrize(("max_epochs", "level"), [("3", "INFO"), ("100000000", "WARNING")])
def test_the_time_is_projected_and_a_long_one_is_a_warning(small, caplog, max_epochs, level):
    with caplog.at_level("INFO", logger="c5snn"):
        train([*small, "--trainer.max_epochs", max_epochs, "--trainer.max_steps", "12"])
    assert [record.levelname for record in caplog.records if "at most" in record.message] == [level]


def test_fit_says_what_comes_next(small, capsys):
    assert main(["fit", *small]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "c5snn test lightning_logs/spike_gru/version_0"


@pytest.mark.gpu
def test_an_untrained_model_scores_the_same_on_an_accelerator():
    from lightning.pytorch import Trainer

    scores = []
    for accelerator in ("cpu", "gpu"):
        seed_everything(42, verbose=False)
        trainer = Trainer(accelerator=accelerator, logger=False, enable_progress_bar=False, enable_checkpointing=False)
        scores.append(trainer.test(SpikeGRU(readout="membrane", beta=0.5), EventDataModule(), verbose=False)[0])
    assert scores[0] == pytest.approx(scores[1], abs=1e-5)
