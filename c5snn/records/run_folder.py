"""Where a run's files lie: ``lightning_logs/<name>/version_<n>/``, one folder each, made exclusively."""

import json
from pathlib import Path

from c5snn.errors import ConfigError, OutputError

__all__ = [
    "BEST",
    "CONFIG",
    "LAST",
    "METRICS",
    "PROVENANCE",
    "RESULT",
    "RUNS",
    "TEST_ITEMS",
    "TEST_METRICS",
    "TEST_TABLE",
    "create_run_folder",
    "find_run",
    "model_name",
    "newest_run",
    "trial_key_of",
]

RUNS = "lightning_logs"
CONFIG, PROVENANCE, RESULT = "config.yaml", "provenance.json", "result.json"
BEST, LAST, METRICS = "best.ckpt", "last.ckpt", "metrics.csv"
TEST_METRICS, TEST_TABLE, TEST_ITEMS = "test_metrics.json", "test_per_window.csv", "test_items.npz"


def model_name(model: object) -> str:
    """Return a model's short name, that of its module: ``spike_gru`` for ``c5snn.models.spike_gru.SpikeGRU``."""
    return type(model).__module__.rpartition(".")[2]


def create_run_folder(runs: Path) -> Path:
    """Create the next free ``version_<n>`` below the folder of a name, such as ``lightning_logs/spike_gru``.

    Two runs that start at once get two folders, because a folder is made exclusively.

    Raises:
        OutputError: The folder cannot be made; nothing was written.
    """
    try:
        runs.mkdir(parents=True, exist_ok=True)
        while True:
            folder = runs / f"version_{max(map(_version, runs.glob('version_*')), default=-1) + 1}"
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            return folder
    except OSError as error:
        raise OutputError(
            f"`{runs}` must be a folder to write in, but: {error.strerror}. Give another `--trainer.default_root_dir`."
        ) from error


def find_run(path: str | Path) -> Path:
    """Return the run that ``path`` means: a run's folder, or the newest with a checkpoint of a name.

    A failed run answers for no name; where no run has a checkpoint, the newest one is returned to say so.

    Args:
        path: A run's folder; the folder of a name, or the name itself, such as ``original/spike_gru``.

    Raises:
        ConfigError: There is no run.
    """
    folder = Path(path)
    if (folder / CONFIG).is_file():
        return folder
    of_name = Path(RUNS) / folder
    if (of_name / CONFIG).is_file():
        return of_name
    runs = [run for run in _runs(folder) or _runs(of_name) if not _has_failed(run)]
    with_checkpoint = [run for run in runs if (run / BEST).is_file()]
    if not runs:
        raise ConfigError(f"A run must be a folder with a `{CONFIG}`, but `{folder}` is none; `c5snn fit` makes one.")
    return max(with_checkpoint or runs, key=_version)


def newest_run(parent: Path, having: str = CONFIG) -> Path | None:
    """Return the run of the highest version below a model's folder that has a file, such as ``last.ckpt``, or None."""
    return max((run for run in _runs(parent) if (run / having).is_file()), key=_version, default=None)


def trial_key_of(folder: Path) -> str:
    """Return the key of a sweep's trial from its folder, which is called by it, or by what differs and by it.

    >>> trial_key_of(Path("017-h64-b0.5-s42.94de3c47")), trial_key_of(Path("94de3c47"))
    ('94de3c47', '94de3c47')
    """
    return folder.name.rpartition(".")[2]


def _runs(parent: Path) -> list[Path]:
    return [run for run in parent.glob("version_*") if (run / CONFIG).is_file() and _version(run) >= 0]


def _has_failed(folder: Path) -> bool:
    try:
        record = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # it is still running, or was killed
        return False
    return isinstance(record, dict) and record.get("status") == "failed"


def _version(folder: Path) -> int:
    number = folder.name.removeprefix("version_")
    return int(number) if number.isdecimal() else -1
