"""``--ckpt_path`` goes on with a run as it began, ``--init_from`` starts a new one; no result is lost."""

import shutil

import pytest
import torch
from lightning.pytorch import Callback, Trainer
from torch import nn

from c5snn.cli import main
from c5snn.errors import ConfigError
from c5snn.records import load_run
from c5snn.tasks import NextEventModule
from c5snn.training.callbacks import StoppedBySignal
from c5snn.training.checkpoints import read_checkpoint
from c5snn.training.evaluation import test_run as score_run
from c5snn.training.run import train

ON = ["--ckpt_path", "last"]


def curve(run):
    return [{name: value for name, value in row.items() if name != "epoch_time_s"} for row in run.learning_curve]


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def tested(small_run):
    """A run of two epochs that has been tested."""
    return score_run([str(small_run.folder)]).run


REFUSED = {
    "optimizer.lr": ["--optimizer.lr", "0.1"],
    "optimizer": ["--optimizer", "SGD", "--optimizer.lr", "0.1"],
    "lr_scheduler": ["--lr_scheduler", "StepLR", "--lr_scheduler.step_size", "1"],
    "seed_everything": ["--seed_everything", "7"],
    "early_stopping.min_delta": ["--early_stopping.min_delta", "0.1"],
    "early_stopping.monitor": ["--early_stopping.monitor", "val_loss"],
    "trainer.gradient_clip_val": ["--trainer.gradient_clip_val", "0.5"],
    "trainer.limit_train_batches": ["--trainer.limit_train_batches", "1"],
    "trainer.accumulate_grad_batches": ["--trainer.accumulate_grad_batches", "2"],
    "trainer.val_check_interval": ["--trainer.val_check_interval", "0.5"],
    "data.shuffle": ["--data.shuffle", "false"],
}


@pytest.mark.slow
@pytest.mark.parametrize("option", REFUSED)
def test_an_option_that_would_not_act_is_refused_and_changes_nothing(option, tested, small, capsys):
    before = contents(tested.folder)
    assert main(["fit", *small, "--trainer.max_epochs", "3", *ON, *REFUSED[option]]) == 2
    error = capsys.readouterr().err
    assert f"{option} was" in error
    assert "--init_from" in error
    assert contents(tested.folder) == before


@pytest.mark.slow
def test_a_longer_patience_lets_a_stopped_run_go_on_as_if_it_had_been_so_from_the_start(small):
    words = [*small, "--trainer.max_epochs", "30", "--early_stopping.patience"]
    short = train([*words, "1"])
    assert short.n_epochs < 30
    longer = train([*words, "3", *ON])
    assert longer.folder == short.folder
    assert curve(longer) == curve(train([*words, "3"]))
    assert longer.segments[1] == (short.n_epochs, {"early_stopping.patience": 3})


@pytest.mark.slow
def test_another_batch_size_acts_and_is_recorded_from_its_epoch_on(small, caplog):
    train(small)
    with caplog.at_level("INFO", logger="c5snn"):
        run = train([*small, "--trainer.max_epochs", "4", "--data.batch_size", "20", *ON])
    assert run.n_steps == 2 * 3 + 2 * 9  # 178 windows
    changed = {"data.batch_size": 20, "trainer.max_epochs": 4}
    assert load_run(run.folder).segments == ((0, {}), (2, changed))
    assert "from epoch 3 on: data.batch_size was 64 and is 20" in caplog.text


@pytest.mark.slow
def test_what_is_only_shown_may_change(small):
    train(small)
    run = train([*small, "--trainer.max_epochs", "3", *ON, "--trainer.logger", "false"])
    assert run.n_epochs == 3


@pytest.mark.slow
@pytest.mark.parametrize("end", [["--trainer.max_epochs", "2"], ["--trainer.max_epochs", "1"]])
def test_a_run_with_nothing_left_says_so_and_changes_nothing(end, tested, small, caplog):
    before = contents(tested.folder)
    run = train([*small, *end, *ON])
    assert "nothing is left to train: 2 epochs are done" in caplog.text
    assert contents(tested.folder) == before
    assert run == tested
    assert run.test is not None


def test_an_early_stopped_run_has_nothing_left(small, caplog):
    words = [*small, "--trainer.max_epochs", "30", "--early_stopping.patience", "1"]
    stopped = train(words)
    before = contents(stopped.folder)
    train([*words, *ON])
    assert "it stopped early" in caplog.text
    assert contents(stopped.folder) == before


def test_a_run_that_max_steps_has_ended_has_nothing_left(small, caplog, capsys):
    words = [*small, "--trainer.max_epochs", "9", "--trainer.max_steps"]
    before = contents(train([*words, "4"]).folder)
    train([*words, "4", *ON])
    assert "4 steps are done" in caplog.text
    assert main(["fit", *words, "8", *ON]) == 2
    assert "saved within epoch 2" in capsys.readouterr().err
    assert contents(load_run("lightning_logs/spike_gru").folder) == before


def test_a_stopped_run_with_a_limit_of_steps_goes_on_to_the_same_end(small):
    class Stop(Callback):
        def on_train_batch_end(self, trainer, *_):
            if trainer.current_epoch == 1:
                raise StoppedBySignal(2)

    words = [*small, "--trainer.max_epochs", "-1", "--trainer.max_steps", "9"]
    with pytest.raises(StoppedBySignal):
        train(words, callbacks=[Stop()])
    resumed = train([*words, *ON])
    whole = train(words)
    assert (resumed.status, resumed.n_steps) == ("finished", 9)
    assert curve(resumed) == curve(whole)


@pytest.mark.slow
def test_a_run_cut_within_an_epoch_by_a_rule_does_not_go_on_under_another(small, capsys):
    words = [*small, "--trainer.max_epochs", "9", "--trainer.val_check_interval", "0.5"]
    words += ["--early_stopping.min_delta", "9", "--early_stopping.patience"]
    run = train([*words, "3"])  # one after each of three batches: the fourth, within the second epoch, is too many
    before = contents(run.folder)
    assert main(["fit", *words, "5", *ON]) == 2
    assert "was saved within epoch 2" in capsys.readouterr().err
    assert contents(run.folder) == before


@pytest.mark.slow
def test_a_run_that_was_killed_before_its_record_gets_one(tested, small):
    (tested.folder / "result.json").unlink()
    again = train([*small, *ON]).to_json()
    assert again == tested.to_json() | {"peak_memory_bytes": None}  # which only the process that trained knew


@pytest.mark.slow
def test_new_epochs_drop_the_earlier_test_and_only_they(tested, small):
    resumed = train([*small, "--trainer.max_epochs", "3", *ON])
    assert resumed.folder == tested.folder
    assert load_run(resumed.folder).test is None
    assert "max_epochs: 3" in (resumed.folder / "config.yaml").read_text()


@pytest.mark.slow
def test_other_data_is_refused_with_the_way_out(tested, small, capsys):
    before = contents(tested.folder)
    assert main(["fit", *small, *ON, "--data.data_seed", "2", "--trainer.max_epochs", "3"]) == 2
    error = capsys.readouterr().err
    assert "must go on with its own data" in error
    assert "--init_from" in error
    assert contents(tested.folder) == before


@pytest.mark.slow
def test_a_copied_run_goes_on_from_its_best_epoch_so_far(small, workdir):
    worse = [*small, "--model.dropout", "0.5", "--trainer.max_epochs"]
    whole = train([*worse, "8"])
    train([*worse, "4"])
    shutil.copytree("lightning_logs/spike_gru/version_1", workdir / "copy")
    shutil.rmtree("lightning_logs/spike_gru/version_1")
    run = train([*worse, "8", "--ckpt_path", "copy/last.ckpt"])
    assert run.folder.name == "copy"
    assert (run.best_epoch, run.val) == (whole.best_epoch, whole.val)
    assert curve(run) == curve(whole)


@pytest.mark.slow
def test_the_best_checkpoint_is_as_good_a_place_to_go_on_from(small):
    whole = train([*small, "--trainer.max_epochs", "6"])
    run = train([*small, "--trainer.max_epochs", "6", "--ckpt_path", str(whole.folder / "best.ckpt")])
    assert run.folder != whole.folder
    assert curve(run) == curve(whole)
    assert (run.best_epoch, run.val) == (whole.best_epoch, whole.val)


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["removed", "cut"])
def test_a_run_without_its_best_checkpoint_does_not_go_on(damage, small, small_run, capsys):
    best = small_run.folder / "best.ckpt"
    best.write_bytes(best.read_bytes()[:1000])
    if damage == "removed":
        best.unlink()
    before = contents(small_run.folder)
    assert main(["fit", *small, "--trainer.max_epochs", "3", *ON]) == 2
    assert "best.ckpt" in capsys.readouterr().err
    assert contents(small_run.folder) == before


SCHEDULES = [
    ["--lr_scheduler", "ReduceLROnPlateau", "--lr_scheduler.patience", "0", "--lr_scheduler.threshold", "0.5"],
    ["--lr_scheduler", "ExponentialLR", "--lr_scheduler.gamma", "0.5"],
    ["--lr_scheduler", "StepLR", "--lr_scheduler.step_size", "2", "--lr_scheduler.gamma", "0.1"],
]


@pytest.mark.slow
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_goes_on_where_it_stood(schedule, small):
    words = [*small, "--optimizer.lr", "0.05", *schedule, "--trainer.max_epochs"]
    whole = train([*words, "5"])
    train([*words, "2"])
    assert curve(train([*words, "5", *ON])) == curve(whole)


def decay_of(model):
    return max(float(value.max()) for name, value in model.state_dict().items() if name.endswith(".beta"))


class Weighted(NextEventModule):
    """A network with an argument that is called as every matrix of torch is."""

    def __init__(self, n_parts: int = 39, weight: float = 1.0):
        super().__init__()
        self.save_hyperparameters()
        self.layer, self.scale = nn.Linear(n_parts, n_parts), weight

    def forward(self, windows):
        return self.scale * self.layer(windows[:, -1])


class TestStartingFromWeights:
    @pytest.mark.slow
    @pytest.mark.parametrize("what", ["run", "folder of runs", "best.ckpt"])
    def test_is_a_new_run_of_epoch_0_with_these_weights(self, what, small, small_run):
        source = {"run": small_run.folder, "folder of runs": small_run.folder.parent}
        start = str(source.get(what, small_run.folder / "best.ckpt"))
        run = train([*small, "--init_from", start, "--optimizer.lr", "1e-12", "--trainer.max_epochs", "1"])
        assert run.folder != small_run.folder
        assert [row["epoch"] for row in run.learning_curve] == [0]
        ours, theirs = (read_checkpoint(one.folder / "best.ckpt")["state_dict"] for one in (run, small_run))
        assert all(torch.allclose(ours[name], theirs[name], atol=1e-6) for name in theirs)
        assert run.chosen["init_from"] == start

    @pytest.mark.slow
    def test_takes_other_data_and_other_options(self, small, small_run):
        run = train([*small, "--init_from", str(small_run.folder), "--data.data_seed", "2", "--optimizer", "SGD"])
        assert run.data.identity != small_run.data.identity
        assert run.status == "finished"
        assert score_run([str(run.folder)]).test.n_excluded == 0

    @pytest.mark.slow
    def test_says_which_arguments_are_new(self, small, small_run, caplog):
        train([*small, "--init_from", str(small_run.folder), "--model.beta", "0.9"])
        assert "beta: 0.5 in the checkpoint, 0.9 now" in caplog.text

    @pytest.mark.parametrize("learns", ["true", "false"])
    def test_a_new_decay_wins_over_the_old_one_learned_or_not(self, learns, small, monkeypatch):
        words = [*small[:-4], "--model.learn_beta", learns, *small[-4:]]
        train([*words, "--name", "old"])
        started = []
        fit = Trainer.fit
        monkeypatch.setattr(
            Trainer, "fit", lambda self, model, *a, **k: (started.append(decay_of(model)), fit(self, model, *a, **k))
        )
        train([*words, "--model.beta", "0.8", "--init_from", "lightning_logs/old"])
        assert started[0] == pytest.approx(0.8)

    def test_an_argument_called_weight_is_no_matrix_of_that_name(self):
        old, new = Weighted(), Weighted(weight=2.0)
        checkpoint = {"state_dict": dict(old.state_dict()), "hyper_parameters": dict(old.hparams)}
        new.on_load_checkpoint(checkpoint)
        assert torch.equal(checkpoint["state_dict"]["layer.weight"], old.layer.weight)

    def test_is_not_both_going_on_and_starting(self, small, small_run, capsys):
        assert main(["fit", *small, *ON, "--init_from", str(small_run.folder)]) == 2
        assert "Either `--ckpt_path`" in capsys.readouterr().err

    @pytest.mark.slow
    def test_the_saved_configuration_repeats_it(self, small, small_run):
        first = train([*small, "--init_from", str(small_run.folder)])
        again = train(["--config", str(first.folder / "config.yaml")])
        assert curve(again) == curve(first)


class TestASeedLeftToChance:
    @pytest.mark.slow
    @pytest.mark.parametrize("word", ["false", "true"])
    def test_is_drawn_and_recorded(self, word, small):
        first, second = (train([*small, "--seed_everything", word]) for _ in range(2))
        assert type(first.seed) is int
        assert first.seed != second.seed
        assert curve(first) != curve(second)
        again = train([*small, "--seed_everything", str(first.seed)])
        assert curve(again) == curve(first)

    @pytest.mark.slow
    def test_stays_that_of_the_run_when_it_goes_on(self, small):
        words = [*small, "--seed_everything", "false", "--trainer.max_epochs"]
        first = train([*words, "2"])
        resumed = train([*words, "4", *ON])
        assert (resumed.folder, resumed.seed) == (first.folder, first.seed)
        whole = train([*small, "--seed_everything", str(first.seed), "--trainer.max_epochs", "4"])
        assert curve(resumed) == curve(whole)


def test_a_run_without_its_configuration_does_not_go_on_as_another(small, small_run):
    (small_run.folder / "config.yaml").unlink()
    with pytest.raises(ConfigError, match=r"`config\.yaml` differs"):
        train([*small, "--ckpt_path", str(small_run.folder / "last.ckpt"), "--trainer.max_epochs", "3"])
    assert [folder.name for folder in small_run.folder.parent.iterdir()] == ["version_0"]
