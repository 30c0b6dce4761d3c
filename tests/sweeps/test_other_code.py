"""A trial belongs to the code that made it: other code is other trials, unless the user keeps them."""

import csv
import shutil
from pathlib import Path

import pytest
import yaml

import c5snn
from c5snn.cli import main
from c5snn.sweeps.code import CodeReader, code_key
from c5snn.sweeps.ledger import Ledger, write_failure

MODEL = """
import torch
from c5snn.tasks import NextEventModule
from layers_of_one import squash


class Mine(NextEventModule):
    def __init__(self, n_parts: int = 39, hidden_size: int = 4):
        super().__init__()
        self.save_hyperparameters()
        self.read, self.write = torch.nn.Linear(n_parts, hidden_size), torch.nn.Linear(hidden_size, n_parts)

    def forward(self, windows):
        return self.write(squash(self.read(windows[:, -1])))
"""
LAYERS = "import torch\n\n\ndef squash(values):\n    return torch.relu(values)\n"
SWEEP = {
    "base": "own.yaml",
    "space": {"model.hidden_size": [3, 4]},
    "options": {"data.n_events": 260, "data.window": 5, "trainer.max_epochs": 1},
    "confirm": {"top_k": 1, "seeds": [1]},
}


@pytest.fixture
def own(workdir, monkeypatch):
    """A sweep over a model of one's own, in two files."""
    monkeypatch.syspath_prepend(workdir)
    monkeypatch.setenv("C5SNN_ALLOWED_IMPORTS", "model_of_one")
    (workdir / "model_of_one.py").write_text(MODEL)
    (workdir / "layers_of_one.py").write_text(LAYERS)
    (workdir / "own.yaml").write_text("model: {class_path: model_of_one.Mine}\n")
    (workdir / "mine.yaml").write_text(yaml.safe_dump(SWEEP, sort_keys=False))
    return workdir


def sweep(capsys, *flags):
    capsys.readouterr()
    assert main(["sweep", "mine.yaml", "--workers", "1", *flags]) == 0
    return capsys.readouterr().out


def rows(name):
    return list(csv.DictReader(Path("sweeps/mine", name).read_text().splitlines()))


def code(*classes):
    return code_key(CodeReader().modules(classes))


@pytest.mark.slow
def test_a_changed_layer_of_ones_own_makes_other_trials(own, capsys):
    assert "3 trials run now" in sweep(capsys)
    before = rows("trials.csv")
    (own / "layers_of_one.py").write_text(LAYERS.replace("relu", "tanh"))
    said = sweep(capsys)
    assert "3 trials were made by other code of layers_of_one.py; not used (`--keep-code` accepts them)" in said
    assert "3 trials run now" in said
    after = rows("trials.csv")
    assert [row["val_loss"] for row in after] != [row["val_loss"] for row in before]
    (own / "layers_of_one.py").write_text(LAYERS)
    assert "0 trials run now" in sweep(capsys)
    assert rows("trials.csv") == before


@pytest.mark.slow
def test_kept_trials_are_used_and_every_table_says_so(own, capsys):
    sweep(capsys)
    before = rows("trials.csv")
    (own / "model_of_one.py").write_text(MODEL.replace("self.write(squash", "2 * self.write(squash"))
    assert "dry run: 2 of 2" in sweep(capsys, "--dry-run")
    said = sweep(capsys, "--keep-code")
    assert "3 trials were made by other code of model_of_one.py; used, as `--keep-code` asks" in said
    assert "0 trials run now" in said
    assert "(other code)" in said.partition("used, as")[2]
    assert [{name: row[name] for name in before[0]} for row in rows("trials.csv")] == before
    for name in ("trials.csv", "screening.csv"):
        assert {row["other_code"] for row in rows(name)} == {"yes"}
    best = max(rows("screening.csv"), key=lambda row: float(row["val_recall_at_20"]))
    for output in ([], ["--output", "report.md"], ["--output", "report.html"]):
        assert main(["report", "sweeps/mine", *output]) == 0
        text = Path(output[1]).read_text() if output else capsys.readouterr().out
        assert f"hidden_size={best['hidden_size']} (other code)" in text
        assert "3 trials were made by other code and kept" in text
    assert "3 trials run now" in sweep(capsys)
    assert "other_code" not in rows("screening.csv")[0]


@pytest.mark.slow
def test_a_killed_trial_of_other_code_runs_again_under_a_key_of_its_own(own, capsys):
    sweep(capsys)
    ledger, key = Ledger(Path("sweeps/mine")), next(row["key"] for row in rows("trials.csv") if row["seed"] == "42")
    scratch = ledger.scratch(key)
    write_failure(scratch, "killed", "killed by SIGKILL", attempts=2)
    ledger.commit(key, scratch)
    (own / "model_of_one.py").write_text(f"{MODEL}\nCHANGED = 1\n")  # it computes the same
    said = sweep(capsys, "--keep-code")
    assert "3 trials were made by other code of model_of_one.py; 2 used, as `--keep-code` asks" in said
    assert "1 trial run now" in said
    assert ledger.outcome(key, test=False).status == "killed"
    assert sorted(row["other_code"] for row in rows("trials.csv")) == ["", "yes", "yes"]


@pytest.mark.slow
def test_comments_and_docstrings_are_no_code(own, capsys):
    sweep(capsys)
    (own / "layers_of_one.py").write_text(
        '"""Layers."""\n\n' + LAYERS.replace("    return", '    """It."""\n    # why\n    return')
    )
    said = sweep(capsys)
    assert "0 trials run now" in said
    assert "other code" not in said


@pytest.mark.slow
def test_a_module_that_is_not_imported_changes_nothing(own, capsys):
    sweep(capsys)
    (own / "notes_of_one.py").write_text("x = 1\n")
    assert "0 trials run now" in sweep(capsys)


@pytest.mark.slow
def test_the_packages_code_counts_where_the_model_imports_it(tmp_path, monkeypatch):
    """A copy of the package, changed line by line: which models change with it?"""
    package = Path(c5snn.__file__).parent
    shutil.copytree(package, tmp_path / "c5snn", ignore=shutil.ignore_patterns("__pycache__", "tests"))
    monkeypatch.syspath_prepend(tmp_path)
    models = {"gru": "c5snn.models.gru.GRU", "spike_gru": "c5snn.models.spike_gru.SpikeGRU"}
    before = {name: code(path) for name, path in models.items()}
    changed = {}
    for file in (
        "models/gru.py",
        "nn/delays.py",
        "tasks/task.py",
        "metrics/recall.py",
        "training/run.py",
        "nn/patches.py",
    ):
        place = tmp_path / "c5snn" / file
        original = place.read_text() if place.is_file() else None
        place.write_text(f"{original or ''}\nCHANGED = 1\n")
        changed[file] = {name for name, path in models.items() if code(path) != before[name]}
        place.unlink() if original is None else place.write_text(original)
    assert changed == {
        "models/gru.py": {"gru"}, "nn/delays.py": {"gru", "spike_gru"}, "tasks/task.py": {"gru", "spike_gru"},
        "metrics/recall.py": {"gru", "spike_gru"}, "training/run.py": set(), "nn/patches.py": set(),
    }  # fmt: skip
    assert {name: code(path) for name, path in models.items()} == before
