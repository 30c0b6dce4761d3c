"""A sweep's trials on disk: whole or not there, noticed when damaged, written by one sweep at a time."""

import json
import shutil
import sys

import numpy as np
import pytest

from c5snn.errors import OutputError, OutputInUseError
from c5snn.sweeps.job import Job
from c5snn.sweeps.ledger import Ledger, write_failure
from c5snn.sweeps.trial import run_trial

CONFIG = {
    "model": {"class_path": "SpikeGRU", "init_args": {"hidden_size": 4}},
    "data": {"n_events": 260, "window": 5},
    "trainer": {"max_epochs": 1, "enable_model_summary": False},
}
RECORD = ["result.json", "config.yaml", "metrics.csv", "provenance.json", "trial.json", "commit.json"]
JOB = Job("screened", CONFIG, test=False)
CONFIRMED = Job("screened", CONFIG, test=True)


@pytest.fixture(scope="module")
def tested(tmp_path_factory):
    """A ledger with one trial, trained and tested."""
    ledger = Ledger(tmp_path_factory.mktemp("sweep"))
    scratch = ledger.scratch("screened")
    run_trial(CONFIRMED, scratch)
    ledger.commit("screened", scratch)
    return ledger


@pytest.fixture
def ledger(tested, tmp_path):
    """A copy to damage."""
    shutil.copytree(tested.root, tmp_path / "sweep")
    return Ledger(tmp_path / "sweep")


def tree(root):
    return {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_trial_appears_by_its_commit_and_leaves_no_scratch(tmp_path):
    ledger = Ledger(tmp_path / "sweep")
    assert ledger.keys() == set()
    scratch = ledger.scratch("a")
    (scratch / "file").write_text("half")
    assert ledger.keys() == set()
    assert not ledger.folder("a").exists()
    ledger.commit("a", scratch)
    assert ledger.keys() == {"a"}
    assert (ledger.folder("a") / "file").read_text() == "half"
    assert [path.name for path in ledger.trials.iterdir()] == ["a"]


def test_a_new_commit_replaces_all_of_the_earlier_one(tmp_path):
    ledger = Ledger(tmp_path / "sweep")
    for name in ("first", "second"):
        scratch = ledger.scratch("a")
        (scratch / name).touch()
        ledger.commit("a", scratch)
    assert {path.name for path in ledger.folder("a").iterdir()} == {"second", "trial.json", "commit.json"}
    assert [path.name for path in ledger.trials.iterdir()] == ["a"]


def test_a_finished_trial_is_read_back(ledger):
    outcome = ledger.outcome("screened", test=True)
    assert (outcome.key, outcome.status, outcome.message, outcome.attempts) == ("screened", "finished", "", 1)
    assert outcome.result.status == "finished"
    assert outcome.result.seed == 42
    assert outcome.result.n_epochs == 1
    assert outcome.result.test.n_items == 39
    assert ledger.is_done(JOB)
    assert ledger.is_done(CONFIRMED)


def test_what_never_ran_is_not_done(tested):
    assert tested.outcome("another", test=False) is None
    assert not tested.is_done(Job("another", CONFIG, test=False))
    assert not tested.is_trained("another")


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99], ids=["empty", "torn", "without its end"])
@pytest.mark.parametrize("name", RECORD)
def test_a_trial_with_a_damaged_record_runs_again(ledger, name, share):
    file = ledger.folder("screened") / name
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    assert ledger.outcome("screened", test=False) is None
    assert not ledger.is_done(JOB)
    assert not ledger.is_trained("screened")


@pytest.mark.parametrize("name", RECORD)
def test_a_trial_with_a_missing_record_runs_again(ledger, name):
    (ledger.folder("screened") / name).unlink()
    assert ledger.outcome("screened", test=False) is None


def test_a_changed_digit_in_a_result_is_noticed(ledger):
    file = ledger.folder("screened") / "result.json"
    fields = json.loads(file.read_text())
    fields["val"]["val_recall_at_20"] += 0.1
    file.write_text(json.dumps(fields))
    assert ledger.outcome("screened", test=False) is None


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99], ids=["empty", "torn", "without its end"])
@pytest.mark.parametrize("name", ["test_metrics.json", "test_items.npz"])
def test_a_damaged_test_runs_again_and_the_training_does_not(ledger, name, share):
    file = ledger.folder("screened") / name
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    assert not ledger.is_done(CONFIRMED)
    assert ledger.is_done(JOB)
    assert ledger.is_trained("screened")


@pytest.mark.parametrize("name", ["test_metrics.json", "test_items.npz", "test_per_window.csv"])
def test_a_flipped_bit_in_a_test_makes_it_run_again_and_the_training_not(ledger, name):
    file, random = ledger.folder("screened") / name, np.random.default_rng(1)
    content = file.read_bytes()
    for place in random.integers(8 * len(content), size=50).tolist():
        file.write_bytes(
            content[: place // 8] + bytes([content[place // 8] ^ 1 << place % 8]) + content[place // 8 + 1 :]
        )
        assert not ledger.is_done(CONFIRMED)
        assert ledger.is_trained("screened")


def test_a_repeated_test_writes_the_same_again_and_forgets_its_failure(ledger):
    folder = ledger.folder("screened")
    rankings, numbers = (folder / "test_items.npz").read_bytes(), (folder / "test_metrics.json").read_bytes()
    (folder / "test_items.npz").write_bytes(b"")
    (folder / "test_metrics.json").unlink()
    write_failure(folder, "oom", "why", attempts=1)
    run_trial(CONFIRMED, folder)
    assert ledger.outcome("screened", test=True).status == "finished"
    assert (folder / "test_items.npz").read_bytes() == rankings
    assert (folder / "test_metrics.json").read_bytes() == numbers
    assert not (folder / "failure.json").exists()


def test_a_damaged_checkpoint_keeps_the_screening_and_needs_a_new_training_for_the_test(ledger):
    file = ledger.folder("screened") / "best.ckpt"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert ledger.is_done(JOB)
    assert not ledger.is_trained("screened")


@pytest.mark.parametrize(
    ("status", "is_done"),
    [("diverged", True), ("oom", True), ("timeout", False), ("killed", False), ("failed", False)],
)
def test_a_failure_is_repeated_unless_it_would_fail_again(tmp_path, status, is_done):
    ledger = Ledger(tmp_path / "sweep")
    scratch = ledger.scratch("a")
    write_failure(scratch, status, "why", attempts=2)
    ledger.commit("a", scratch, attempts=2)
    outcome = ledger.outcome("a", test=False)
    assert (outcome.status, outcome.message, outcome.attempts, outcome.result) == (status, "why", 2, None)
    assert ledger.is_done(Job("a", {}, test=False)) == is_done


@pytest.mark.parametrize("share", [0.0, 0.5], ids=["empty", "torn"])
def test_a_damaged_failure_is_no_end(tmp_path, share):
    ledger = Ledger(tmp_path / "sweep")
    scratch = ledger.scratch("a")
    write_failure(scratch, "oom", "why", attempts=1)
    content = (scratch / "failure.json").read_bytes()
    (scratch / "failure.json").write_bytes(content[: int(share * len(content))])
    ledger.commit("a", scratch)
    assert not ledger.is_done(Job("a", {}, test=False))


def test_a_failed_test_leaves_the_screening_as_it_was(ledger):
    folder = ledger.folder("screened")
    (folder / "test_metrics.json").unlink()
    write_failure(folder, "oom", "why", attempts=1)
    assert ledger.outcome("screened", test=False).status == "finished"
    assert ledger.outcome("screened", test=True).status == "oom"


def test_a_second_sweep_on_one_output_is_refused_and_changes_nothing(ledger):
    with ledger.lock():
        before = tree(ledger.root)
        with pytest.raises(OutputInUseError, match="another one is running") as refused, Ledger(ledger.root).lock():
            pass
        assert refused.value.exit_code == 3
        assert tree(ledger.root) == before
    with Ledger(ledger.root).lock():
        pass


def test_an_output_that_cannot_be_a_folder_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file"), Ledger(tmp_path / "file" / "sweep").lock():
        pass


def test_leftovers_are_removed_and_trials_kept(ledger):
    before = tree(ledger.root)
    (ledger.scratch("screened") / "half").touch()
    assert tree(ledger.root) != before
    ledger.clear_scratch()
    assert tree(ledger.root) == before


class FileSystemCalls:
    """Every file that is opened and every folder that is listed while it is switched on."""

    def __init__(self):
        self.seen = []
        self.is_on = False

    def __call__(self, event, args):
        if self.is_on and event in {"open", "os.listdir", "os.scandir"}:
            self.seen.append((event, str(args[0])))


def test_ten_thousand_trials_are_listed_without_opening_any(tmp_path):
    ledger = Ledger(tmp_path / "sweep")
    keys = {f"{number:016x}" for number in range(10_000)}
    ledger.trials.mkdir(parents=True)
    for key in keys:
        ledger.folder(key).mkdir()
    calls = FileSystemCalls()
    sys.addaudithook(calls)
    calls.is_on = True
    found = ledger.keys()
    calls.is_on = False
    assert found == keys
    assert calls.seen == [("os.scandir", str(ledger.trials))]


def test_a_trial_is_found_by_its_key_whatever_stands_before_it(tmp_path):
    ledger = Ledger(tmp_path / "sweep")
    write_failure(ledger.scratch("k1"), "diverged", "of old", attempts=1)
    ledger.commit("k1", next(ledger.trials.glob(".k1.*")))
    write_failure(ledger.scratch("k2"), "diverged", "of now", attempts=1)
    ledger.commit("k2", next(ledger.trials.glob(".k2.*")), name="002-b0.5-s42")
    for found in (ledger, Ledger(tmp_path / "sweep")):
        assert found.keys() == {"k1", "k2"}
        assert found.folder("k1").name == "k1"
        assert found.folder("k2", "another").name == "002-b0.5-s42.k2"
        assert found.is_done(Job("k2", CONFIG, test=False))
        assert found.outcome("k2", test=False).message == "of now"


def test_a_trial_that_runs_again_keeps_its_folder(tmp_path):
    ledger = Ledger(tmp_path / "sweep")
    for name in ("001-h4-s1", "007-h4-s1"):
        write_failure(ledger.scratch("k"), "diverged", name, attempts=1)
        ledger.commit("k", next(ledger.trials.glob(".k.*")), name=name)
    assert [folder.name for folder in ledger.trials.iterdir()] == ["001-h4-s1.k"]
    assert ledger.outcome("k", test=False).message == "007-h4-s1"
