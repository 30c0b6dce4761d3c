"""No test item was ever trained on: checkpoints know their items, whatever file, date or warm start they come by."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from c5snn.cli import main
from c5snn.data import EventDataModule, EventHistory, SeenItems, read_events, synthesize, write_events
from c5snn.data.events import Repeat
from c5snn.records import load_run
from c5snn.training.checkpoints import SafeCheckpointIO, read_checkpoint
from c5snn.training.evaluation import test_run as score_run
from c5snn.training.run import train

NETWORK = [
    *("--model", "GRU", "--model.hidden_size", "16", "--data.window", "3", "--optimizer.lr", "0.01"),
    *("--trainer.max_epochs", "3", "--trainer.enable_model_summary", "false"),
]


def kept(history, rows):
    """Return the history of these rows alone."""
    return EventHistory(history.dates[rows], history.parts[rows], history.n_parts)


def shifted(history, days):
    return replace(history, dates=history.dates + np.timedelta64(days, "D"))


@pytest.fixture
def fair(workdir):
    """A fair history of 400 events in ``events.csv``, and a network trained on it."""
    history = synthesize(Repeat(lag=1), strength=0.0, n_events=400, data_seed=3).history
    write_events(history, workdir / "events.csv")
    train([*NETWORK, "--data.path", "events.csv"])
    return history


CUT = {
    "cut after 250 rows": lambda history: kept(history, slice(None, 250)),
    "cut, with shifted dates": lambda history: shifted(kept(history, slice(None, 250)), 4_000),
    "cut, an early row deleted": lambda history: kept(history, [i for i in range(250) if i != 7]),
    "cut, and begins later": lambda history: kept(history, slice(60, 260)),
    "cut, shifted, deleted and later at once": lambda history: shifted(
        kept(history, [i for i in range(31, 263) if i != 90]), -900
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("how", CUT)
@pytest.mark.parametrize("checkpoint", ["best.ckpt", "last.ckpt"])
@pytest.mark.usefixtures("workdir")
def test_a_file_of_items_that_were_trained_on_is_refused(how, checkpoint, fair, capsys):
    write_events(CUT[how](fair), "other.csv")
    path = f"lightning_logs/gru/version_0/{checkpoint}"
    assert main(["test", "lightning_logs/gru", "--data.path", "other.csv", "--ckpt_path", path]) == 2
    assert "trained or validated on" in capsys.readouterr().err
    assert [folder.name for folder in Path("lightning_logs/gru").iterdir()] == ["version_0"]


@pytest.mark.slow
@pytest.mark.usefixtures("fair")
def test_the_runs_own_test_leaves_nothing_out():
    tested = score_run(["lightning_logs/gru"])
    assert (tested.test.n_excluded, tested.test.n_items) == (0, 61)


@pytest.mark.slow
def test_one_seen_item_among_many_is_left_out_and_recorded(fair, workdir, caplog):
    # the file begins later, so its test begins with events that were validated on
    write_events(kept(fair, slice(10, 400)), workdir / "later.csv")
    assert main(["test", "lightning_logs/gru", "--data.path", "later.csv"]) == 0
    assert load_run("lightning_logs/gru/version_1").test.n_excluded == 0
    longer = ["--data.path", "later.csv", "--data.split", "[0.6, 0.15, 0.25]"]
    assert main(["test", "lightning_logs/gru/version_0", *longer]) == 0
    run = load_run("lightning_logs/gru/version_2")
    assert run.test.n_excluded == 36
    assert "36 of 97 test items" in caplog.text
    assert run.test.n_items == len(run.items.scores) == run.data.n_items["test"] == 61
    assert len((run.folder / "test_per_window.csv").read_text().splitlines()) == 62


@pytest.mark.slow
@pytest.mark.parametrize("output", [None, "report.md", "report.html", "report.json"])
def test_a_report_says_how_many_items_were_left_out(output, fair, workdir, capsys):
    write_events(kept(fair, slice(10, 400)), workdir / "later.csv")
    longer = ["--data.path", "later.csv", "--data.split", "[0.6, 0.15, 0.25]"]
    assert main(["test", "lightning_logs/gru/version_0", *longer]) == 0
    capsys.readouterr()
    assert main(["report", "lightning_logs/gru/version_1", *(["--output", output] if output else [])]) == 0
    text = Path(output).read_text() if output else capsys.readouterr().out
    assert "gru: 36 test windows were left out, because the checkpoint was trained or validated on them." in text


@pytest.mark.slow
def test_left_out_items_do_not_change_what_is_said_of_the_others(fair, workdir):
    write_events(kept(fair, slice(10, 400)), workdir / "later.csv")
    longer = score_run(["lightning_logs/gru", "--data.path", "later.csv", "--data.split", "[0.6, 0.15, 0.25]"])
    own = score_run(["lightning_logs/gru/version_0"])
    np.testing.assert_array_equal(longer.items.scores, own.items.scores)
    np.testing.assert_array_equal(longer.items.outcomes, own.items.outcomes)


@pytest.mark.slow
def test_another_game_of_the_same_shape_is_allowed(fair, workdir):
    other = synthesize(Repeat(lag=1), strength=0.0, n_events=400, data_seed=4).history
    assert other.sha256 != fair.sha256
    write_events(other, workdir / "other.csv")
    tested = score_run(["lightning_logs/gru", "--data.path", "other.csv"])
    assert (tested.test.n_excluded, tested.test.n_items) == (0, 61)


@pytest.mark.parametrize(("n_parts", "n_active"), [(2, 1), (16, 1), (6, 2), (39, 5)])
def test_fair_histories_share_no_item_in_games_of_any_size(n_parts, n_active):
    shape = {"n_parts": n_parts, "n_active": n_active, "n_events": 4_000, "window": 2}
    drawn = [EventDataModule(strength=0.0, data_seed=seed, **shape) for seed in (1, 2)]
    for data in drawn:
        data.setup()
    first, second = drawn
    assert not SeenItems.of(first).in_test(second).any()
    assert not np.isin(first.identities("test"), first.identities("train")).any()


@pytest.mark.parametrize(("n_parts", "n_active"), [(2, 1), (16, 1)])
def test_small_games_are_recognised_in_a_cut_file(n_parts, n_active, workdir):
    shape = {"n_parts": n_parts, "n_active": n_active}
    history = synthesize(Repeat(lag=1), strength=0.0, n_events=900, data_seed=3, **shape).history
    write_events(history, workdir / "all.csv")
    write_events(shifted(kept(history, slice(20, 600)), 9), workdir / "cut.csv")
    whole, cut = (EventDataModule(str(workdir / name), window=2, **shape) for name in ("all.csv", "cut.csv"))
    whole.setup()
    cut.setup()
    assert SeenItems.of(whole).in_test(cut).all()


@pytest.mark.slow
def test_a_history_that_repeats_itself_is_tested_on_its_own_split(workdir):
    periodic = np.arange(400)[:, None] % 8 + 1
    write_events(EventHistory(np.datetime64("2000-01-01") + np.arange(400), periodic, 24), workdir / "own.csv")
    words = [*NETWORK, "--data.path", "own.csv", "--data.n_parts", "24", "--data.n_active", "1"]
    run = train(words)
    assert score_run([str(run.folder)]).test.n_excluded == 0


class TestWarmStarts:
    @pytest.mark.slow
    def test_a_test_on_what_an_earlier_run_has_seen_is_refused(self, fair, workdir, capsys):
        write_events(kept(fair, slice(None, 250)), workdir / "cut.csv")
        assert main(["fit", *NETWORK, "--data.path", "cut.csv", "--init_from", "lightning_logs/gru/version_0"]) == 0
        assert main(["test", "lightning_logs/gru/version_1"]) == 2
        assert "trained or validated on" in capsys.readouterr().err

    @pytest.mark.slow
    def test_two_warm_starts_forget_nothing(self, fair, workdir, capsys):
        other = synthesize(Repeat(lag=1), strength=0.0, n_events=400, data_seed=4).history
        write_events(other, workdir / "other.csv")
        write_events(kept(fair, slice(None, 250)), workdir / "cut.csv")
        train([*NETWORK, "--data.path", "other.csv", "--init_from", "lightning_logs/gru"])
        run = train([*NETWORK, "--data.path", "other.csv", "--init_from", "lightning_logs/gru/version_1/last.ckpt"])
        assert score_run([str(run.folder)]).test.n_excluded == 0
        assert main(["test", str(run.folder), "--data.path", "cut.csv"]) == 2
        assert "trained or validated on" in capsys.readouterr().err

    @pytest.mark.slow
    def test_what_a_run_on_its_own_data_leaves_out_is_no_test_of_the_others(self, fair, workdir):
        write_events(kept(fair, slice(10, 400)), workdir / "later.csv")
        later = [*NETWORK, "--data.path", "later.csv", "--data.split", "[0.6, 0.15, 0.25]"]
        cold, warm = train(later), train([*later, "--init_from", "lightning_logs/gru/version_0"])
        tested = [score_run([str(run.folder)]) for run in (cold, warm)]
        assert [entry.test.n_excluded for entry in tested] == [0, 36]
        assert tested[0].run.data.test_identity != tested[1].run.data.test_identity
        assert score_run([str(warm.folder)]).test == tested[1].test


@pytest.mark.slow
def test_a_model_that_learns_nothing_has_seen_nothing(fair, workdir):
    write_events(kept(fair, slice(None, 250)), workdir / "cut.csv")
    run = train(["--model", "FrequencyBaseline", "--data.path", "events.csv"])
    assert score_run([str(run.folder), "--data.path", "cut.csv"]).test.n_excluded == 0


@pytest.mark.slow
def test_a_checkpoint_that_lists_no_items_says_that_it_cannot_know(fair, workdir, caplog):
    path = workdir / "lightning_logs/gru/version_0/best.ckpt"
    SafeCheckpointIO().save_checkpoint({k: v for k, v in read_checkpoint(path).items() if k != "seen"}, path)
    write_events(kept(fair, slice(None, 250)), workdir / "cut.csv")
    score_run(["lightning_logs/gru", "--data.path", "cut.csv"])
    assert "does not list what it was trained on" in caplog.text


def test_identities_know_no_dates_and_no_places(fair, workdir):
    write_events(shifted(fair, 30), workdir / "shifted.csv")
    one, two = (EventDataModule(str(workdir / name), window=3) for name in ("events.csv", "shifted.csv"))
    one.setup()
    two.setup()
    assert read_events(workdir / "shifted.csv").sha256 != fair.sha256
    np.testing.assert_array_equal(one.identities("train"), two.identities("train"))
