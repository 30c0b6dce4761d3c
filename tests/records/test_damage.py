"""Damage to a run's files: no report changes without naming it, and the command that can repair it does."""

import json
import shutil

import numpy as np
import pytest

from c5snn.cli import main
from c5snn.errors import ConfigError
from c5snn.records import COMMIT, DamagedRunError, load_run
from c5snn.reports.collection import collect
from c5snn.reports.output import to_json
from c5snn.reports.report import make_report
from c5snn.training.evaluation import test_run as score_run
from c5snn.training.run import train

FILES = [
    "result.json", "test_metrics.json", "metrics.csv", "test_items.npz", "test_per_window.csv", "config.yaml",
    "provenance.json", COMMIT,
]  # fmt: skip
TRAINING, TEST = ["result.json", "metrics.csv", "config.yaml", "provenance.json"], FILES[1:5:2]
SMALL = ["--model.hidden_size", "4", "--data.n_events", "260", "--data.window", "5", "--trainer.max_epochs", "1"]


def truncated(content, random):
    return content[: int(random.integers(len(content)))]


def flipped(content, random):
    place = int(random.integers(8 * len(content)))
    return content[: place // 8] + bytes([content[place // 8] ^ 1 << place % 8]) + content[place // 8 + 1 :]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Two runs, trained and tested by the product."""
    root = tmp_path_factory.mktemp("whole")
    for name, seed in (("a", 1), ("b", 2)):
        (root / name).mkdir()
        train(["--model", "GRU", *SMALL, "--seed_everything", str(seed)], folder=root / name)
        score_run([str(root / name)])
    return root


@pytest.fixture
def damaged(whole, tmp_path):
    """A copy to damage; it lies in a folder of the same name, so that reports name the same places."""
    shutil.copytree(whole, tmp_path / "runs")
    return tmp_path / "runs"


def report_of(folder):
    return to_json(make_report(collect([folder]), n_draws=20))


def damage_and_report(folder, name, damage, n_times):
    """Damage a file again and again, and return those reports that changed and do not name the folder."""
    path, expected = folder / "a" / name, report_of(folder)
    content, random = path.read_bytes(), np.random.default_rng(list(name.encode()))
    silent = []
    for _ in range(n_times):
        path.write_bytes(damage(content, random))
        found = report_of(folder)
        if found != expected and not any(str(folder / "a") in text for text in found["warnings"]):
            silent.append(path.read_bytes())
    return silent


@pytest.mark.slow
@pytest.mark.parametrize("damage", [truncated, flipped])
@pytest.mark.parametrize("name", FILES)
def test_no_damage_changes_a_report_without_a_word(damaged, name, damage):
    assert damage_and_report(damaged, name, damage, 3) == []


@pytest.mark.long
@pytest.mark.parametrize("damage", [truncated, flipped])
@pytest.mark.parametrize("name", FILES)
def test_no_damage_of_fifty_changes_a_report_without_a_word(damaged, name, damage):
    assert damage_and_report(damaged, name, damage, 50) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINING)
def test_a_run_with_a_changed_record_is_left_out_and_named(damaged, name):
    path = damaged / "a" / name
    path.write_bytes(flipped(path.read_bytes(), np.random.default_rng(0)))
    found = collect([damaged])
    assert [run.folder.name for run in found.runs] == ["b"]
    assert any(f"{damaged / 'a'} ({name})" in text for text in make_report(found, n_draws=20).warnings)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINING)
def test_a_run_without_a_committed_file_is_left_out_and_named(damaged, name):
    (damaged / "a" / name).unlink()
    assert [(entry.files, entry.part) for entry in collect([damaged]).damaged] == [((name,), "run")]


@pytest.mark.parametrize("name", TEST)
def test_a_changed_test_counts_as_not_done_until_it_is_repeated(damaged, name):
    path = damaged / "a" / name
    content = path.read_bytes()
    path.write_bytes(flipped(content, np.random.default_rng(0)))
    run = load_run(damaged / "a")
    assert (run.test, run.damaged_test) == (None, (name,))
    assert main(["test", str(damaged / "a")]) == 0
    assert load_run(damaged / "a").test is not None
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", ["result.json", "config.yaml"])
def test_a_run_with_a_changed_record_is_not_tested(damaged, name, capsys):
    path = damaged / "a" / name
    path.write_bytes(flipped(path.read_bytes(), np.random.default_rng(0)))
    before = {file: file.read_bytes() for file in (damaged / "a").iterdir() if file.is_file()}
    assert main(["test", str(damaged / "a")]) == 2
    assert f"`{name}` differs" in capsys.readouterr().err
    assert {file: file.read_bytes() for file in (damaged / "a").iterdir() if file.is_file()} == before


def test_a_report_of_damaged_runs_only_names_them_in_one_line(damaged, capsys):
    (damaged / "a" / "result.json").write_text("{")
    assert main(["report", str(damaged / "a")]) == 2
    assert "result.json" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="a \\(result\\.json\\)"):
        collect([damaged / "a"])


@pytest.mark.slow
def test_a_training_that_goes_on_commits_nothing_until_it_ends(small, small_run):
    def killed(*_):
        raise KeyboardInterrupt

    from lightning.pytorch.callbacks import LambdaCallback

    with pytest.raises(KeyboardInterrupt):
        train([*small[:-4], "--trainer.max_epochs", "3", *small[-2:], "--ckpt_path", "last"],
              callbacks=[LambdaCallback(on_exception=killed, on_train_end=killed)])  # fmt: skip
    assert json.loads((small_run.folder / COMMIT).read_text()) == {"sha256": {}}
    with pytest.raises(DamagedRunError):
        load_run(small_run.folder)


def test_a_run_without_a_commit_record_is_read_as_before_and_the_report_says_so(damaged):
    (damaged / "a" / COMMIT).unlink()
    found = collect([damaged])
    assert len(found.runs) == 2
    assert any("1 run has no commit record" in text for text in make_report(found, n_draws=20).notes)


@pytest.mark.slow
@pytest.mark.parametrize("damage", [truncated, flipped])
@pytest.mark.parametrize("name", [name for name in FILES if name != COMMIT])
def test_damage_without_a_commit_record_is_no_traceback(damaged, name, damage):
    (damaged / "a" / COMMIT).unlink()
    path, random = damaged / "a" / name, np.random.default_rng(1)
    content = path.read_bytes()
    for _ in range(5):
        path.write_bytes(damage(content, random))
        report_of(damaged)
