"""A study keeps the weights of its best trials and of its confirmation, and the numbers of all."""

from pathlib import Path

import pytest
import yaml

from c5snn.cli import main
from c5snn.errors import CheckpointError
from c5snn.records import load_run
from c5snn.sweeps.kept_checkpoints import n_kept
from c5snn.sweeps.ledger import Ledger
from c5snn.sweeps.spec_file import read_spec
from c5snn.sweeps.study_planning import make_study_plan
from c5snn.training.checkpoints import OPTIMIZER, read_checkpoint
from c5snn.training.run import train
from tests.analysis.in_process import run_here

BASE = {
    "model": {"class_path": "tests.sweeps.one_weight.OneWeight"},
    "data": {"class_path": "tests.tasks.toy.ToyData"},
    "optimizer": {"class_path": "AdamW", "init_args": {"lr": 0.1}},
}
STUDY = {
    "base": "one_weight.yaml",
    "search": {"n_trials": 4, "n_random": 4, "lag": 2},
    "space": {"optimizer.lr": {"low": 0.01, "high": 1.0, "log": True}},
    "options": {"trainer.max_epochs": 1},
    "confirm": {"top_k": 2, "seeds": [1]},
}


def write_study(folder, **changes):
    (folder / "one_weight.yaml").write_text(yaml.safe_dump(BASE))
    (folder / "own.yaml").write_text(yaml.safe_dump({**STUDY, **changes}, sort_keys=False))
    return "own.yaml"


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """The folder of a study of four trials, of which two are confirmed."""
    folder = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("C5SNN_ALLOWED_IMPORTS", "tests")
        run_here(write_study(folder), folder / "own")
    return folder


@pytest.fixture(autouse=True)
def inside(ended, monkeypatch):
    monkeypatch.chdir(ended)
    monkeypatch.setenv("C5SNN_ALLOWED_IMPORTS", "tests")


def trials(output):
    """Return the folders of a study's trials, and of its confirmation."""
    folders = sorted((Path(output) / "trials").iterdir())
    searched = [folder for folder in folders if (folder / "proposal.json").is_file()]
    return searched, [folder for folder in folders if folder not in searched]


def with_checkpoint(folders):
    return [folder for folder in folders if (folder / "best.ckpt").is_file()]


@pytest.mark.slow
def test_the_trials_that_are_confirmed_keep_their_checkpoints_and_all_keep_their_numbers(ended):
    searched, confirmed = trials("own")
    assert (len(searched), len(confirmed)) == (4, 2)
    assert with_checkpoint(confirmed) == confirmed
    ledger = Ledger(ended / "own")
    values = {folder: load_run(folder).val["val_accuracy"] for folder in searched}
    kept = with_checkpoint(searched)
    assert len(kept) == 2
    assert min(values[folder] for folder in kept) >= max(values[folder] for folder in set(searched) - set(kept))
    assert all(ledger.outcome(folder.name, test=False).status == "finished" for folder in searched)
    assert [folder for folder in searched if ledger.is_trained(folder.name)] == kept
    assert not [folder for folder in set(searched) - set(kept) if (folder / "best.ckpt.sha256").exists()]


@pytest.mark.slow
def test_a_kept_checkpoint_has_weights_alone_and_no_run_goes_on_from_it():
    kept = with_checkpoint(trials("own")[0])[0]
    assert OPTIMIZER not in read_checkpoint(kept / "best.ckpt")
    assert main(["test", str(kept)]) == 0
    words = ["--config", str(kept / "config.yaml")]
    with pytest.raises(CheckpointError, match=r"has weights alone.*`--init_from .*` starts a new run"):
        train([*words, "--ckpt_path", str(kept / "best.ckpt")])
    assert train([*words, "--init_from", str(kept)]).status == "finished"


@pytest.mark.slow
def test_what_has_no_checkpoint_says_why(capsys):
    dropped = next(folder for folder in trials("own")[0] if not (folder / "best.ckpt").exists())
    assert main(["test", str(dropped)]) == 2
    assert "its study keeps those of its best trials, with `keep_checkpoints: all` of each" in capsys.readouterr().err


@pytest.mark.slow
def test_a_study_may_keep_all_and_a_grid_has_no_such_choice(ended, capsys):
    run_here(write_study(ended, keep_checkpoints="all", confirm=None), ended / "all")
    searched, confirmed = trials("all")
    assert with_checkpoint(searched) == searched
    assert confirmed == []
    grid = {"base": "one_weight.yaml", "space": {"optimizer.lr": [0.1, 0.2]}, "keep_checkpoints": "all"}
    (ended / "grid.yaml").write_text(yaml.safe_dump(grid))
    assert main(["sweep", "grid.yaml", "--dry-run"]) == 2
    assert "`keep_checkpoints` needs `search`" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "n_ended", "n"),
    [
        ({}, 0, 2 + 2),
        ({"confirm": {"top_k": 2, "seeds": [1, 2, 3]}}, 5, 2 + 6),
        ({"confirm": None}, 0, 1),
        ({"keep_checkpoints": "all"}, 2, 2 + 2),
    ],
)
def test_the_checkpoints_that_a_study_keeps_are_counted(ended, changes, n_ended, n):
    spec = read_spec(write_study(ended, **changes))[1]
    assert n_kept(make_study_plan(spec, [], "the study"), n_ended) == n
