"""A model in a file of the current folder is found, in a run and in a sweep's trials."""

import os
import subprocess
import sys

import pytest

MODEL = """import torch
from c5snn.tasks import NextEventModule
class Mine(NextEventModule):
    def __init__(self, n_parts: int = 39, hidden_size: int = 4):
        super().__init__()
        self.save_hyperparameters()
        self.network = torch.nn.Sequential(torch.nn.Linear(n_parts, hidden_size), torch.nn.Linear(hidden_size, n_parts))
    def forward(self, windows):
        return self.network(windows[:, -1])
"""
DATA = ["--data.n_events", "260", "--data.window", "5", "--trainer.max_epochs", "1"]


def run(words, **environment):
    # as the installed command starts: the current folder is on no path
    start = ["-c", "import sys; sys.path = [p for p in sys.path if p]; from c5snn.cli import run; run()"]
    return subprocess.run(
        [sys.executable, *start, *words], env=os.environ | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "name"),
    [(["--model", "mine_of_the_folder.Mine"], "mine_of_the_folder"), (["--config", "own.yaml"], "own")],
)
def test_it_is_found_by_fit(words, name, workdir):
    (workdir / "mine_of_the_folder.py").write_text(MODEL)
    (workdir / "own.yaml").write_text("model: {class_path: mine_of_the_folder.Mine}\n")
    ended = run(["fit", *words, *DATA], C5SNN_ALLOWED_IMPORTS="mine_of_the_folder")
    assert ended.returncode == 0, ended.stderr
    assert (workdir / f"lightning_logs/{name}/version_0/best.ckpt").is_file()


@pytest.mark.slow
def test_it_is_found_by_the_trials_of_a_sweep(workdir):
    (workdir / "mine_of_the_folder.py").write_text(MODEL)
    (workdir / "own.yaml").write_text("model: {class_path: mine_of_the_folder.Mine}\n")
    (workdir / "mine.yaml").write_text(
        "base: own.yaml\nspace: {model.hidden_size: [3, 4]}\nconfirm: {top_k: 1, seeds: [1]}\n"
    )
    ended = run(["sweep", "mine.yaml", "--workers", "1", *DATA], C5SNN_ALLOWED_IMPORTS="mine_of_the_folder")
    assert ended.returncode == 0, ended.stderr
    assert "3 trials run now" in ended.stdout


@pytest.mark.slow
def test_a_module_that_is_not_allowed_is_not_found_there(workdir):
    (workdir / "mine_of_the_folder.py").write_text(MODEL)
    ended = run(["fit", "--model", "mine_of_the_folder.Mine", *DATA])
    assert ended.returncode == 2
    assert "C5SNN_ALLOWED_IMPORTS" in ended.stderr
    assert sorted(path.name for path in workdir.iterdir()) == ["mine_of_the_folder.py"]
