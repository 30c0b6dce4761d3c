"""How long a command takes before its own work begins: what it imports, beside torch and Lightning alone."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.table import Row, Table
from benchmarks.timing import Effort, sample

__all__ = ["measure_startup"]

FLOOR = "import torch, lightning.pytorch"
COMMANDS = {
    "data validate": "data validate small.csv",
    "report": "report RUN --output page.html",
    "status": "status SWEEP",
    "analyze": "analyze SWEEP",
    "sweep --dry-run": "sweep small.yaml --dry-run",
    "fit --print_config": "fit --config frequency.yaml --print_config",
    "fit": "fit --config frequency.yaml --data.n_events 260 --data.window 5",
    "test": "test RUN",
    "predict": "predict RUN",
}
WATCHED = ("torch", "lightning", "torch._dynamo", "sympy", "matplotlib", "snntorch", "tensorboard", "optuna", "pandas")
SWEEP = "base: frequency.yaml\nspace: {model.decay: [0.9, 0.95, 0.99]}\noptions: {data.n_events: 260, data.window: 5}\n"
NOTE = """Whole commands on 260 events: processor time of the process and its children, in turns, the compiled files
of all packages kept on disk. floor: `python -c "import torch, lightning.pytorch"`. imports: which of the large packages
the process has loaded when it ends."""


def measure_startup(effort: Effort, *, quick: bool) -> list[Table]:
    """Return the processor time of each command, and which large packages it imports."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        commands = _prepared(folder, ["data validate", "fit"] if quick else list(COMMANDS))
        work = {name: partial(_seconds, [sys.executable, "-m", "c5snn", *words], folder) for name, words in commands}
        floor = {"floor": partial(_seconds, [sys.executable, "-c", FLOOR], folder)}
        times = {name: timing.median_s for name, timing in sample(floor | work, effort).items()}
        rows: list[Row] = [
            {
                "command": name,
                "s": times[name],
                "× floor": times[name] / times["floor"],
                "imports": _imports(words, folder),
            }
            for name, words in commands
        ]
        return [
            Table(
                "Start of a command",
                [{"command": FLOOR, "s": times["floor"], "× floor": 1.0, "imports": ""}, *rows],
                NOTE,
            )
        ]


def _prepared(folder: Path, names: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Return the commands with a run, a history and a sweep to work on; each ran once, so that its code is compiled."""
    (folder / "small.yaml").write_text(SWEEP, encoding="utf-8")
    fit = COMMANDS["fit"].split()
    for words in (["data", "synthesize", "--n-events", "260", "small.csv"], fit, ["sweep", "small.yaml"]):
        _seconds([sys.executable, "-m", "c5snn", *words], folder)
    run = next((folder / "lightning_logs").rglob("result.json")).parent
    places = {"RUN": str(run), "SWEEP": "sweeps/small"}
    commands = [(name, [places.get(word, word) for word in COMMANDS[name].split()]) for name in names]
    for _, words in commands:
        _seconds([sys.executable, "-m", "c5snn", *words], folder)
    return commands


def _seconds(words: Sequence[str], folder: Path) -> float:
    """Run a command; return the processor time of it and of its children."""
    before = os.times()
    done = _run(words, folder)
    if done.returncode:
        raise RuntimeError(f"`{' '.join(words)}` must end well, but it ended with {done.returncode}: {done.stderr}")
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _imports(words: Sequence[str], folder: Path) -> str:
    """Return which of the watched packages the command loads."""
    timed = [sys.executable, "-X", "importtime", "-m", "c5snn", *words]
    loaded = set(re.findall(r"^import time:\s*\d+ \|\s*\d+ \|\s*(\S+)$", _run(timed, folder).stderr, re.MULTILINE))
    return ", ".join(name for name in WATCHED if name in loaded)


def _run(words: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command, compiled files being kept whatever the environment says."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  # our own command
