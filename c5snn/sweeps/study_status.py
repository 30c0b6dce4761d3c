"""How a sweep is doing, in lines, from its folder alone: while it runs and after."""

import datetime as dt
import json
import os
import statistics
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from c5snn.sweeps.study_reading import SUMMARY, ReadTrial, StudyRecord, read_studies

__all__ = ["machine_lines", "status_lines"]

MAX_IMPROVEMENTS = 10


def status_lines(folder: Path) -> list[str]:
    """Return how the sweep of a folder is doing.

    Args:
        folder: Its output; of a definition with ``each``, the folder of them all.

    Raises:
        ConfigError: It is no sweep's folder.
    """
    if not any(folder.glob(SUMMARY)) and (folder / "trials").is_dir():
        return _grid_lines(folder)
    lines = []
    for study in read_studies(folder):
        lines += [f"{study.folder}", *(f"  {line}" for line in _study_lines(study))]
    return lines


def machine_lines() -> list[str]:
    """Return how busy the machine is at this moment: processors, memory, temperature where it is known."""
    lines = [f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"]
    meminfo = Path("/proc/meminfo")
    if meminfo.is_file():
        sizes = dict(line.split(":") for line in meminfo.read_text().splitlines())
        free, total = (int(sizes[name].split()[0]) / 1024**2 for name in ("MemAvailable", "MemTotal"))
        lines.append(f"memory {total - free:.1f} of {total:.1f} GB in use")
    zones = sorted(Path("/sys/class/thermal").glob("thermal_zone*/temp"))
    temperatures = [int(text) / 1000 for zone in zones if (text := zone.read_text().strip()).isdecimal()]
    if temperatures:
        lines.append(f"temperature {max(temperatures):.0f} °C")
    return [", ".join(lines)]


def _study_lines(study: StudyRecord) -> list[str]:
    summary, trials = study.summary, study.trials
    is_running = _is_locked(study.folder)
    ended = [trial for trial in trials if trial.result is not None]
    states = Counter(trial.state for trial in trials)
    n_running = states.pop("running", 0) if is_running else 0
    counts = ", ".join(f"{states[state]} {state}" for state in ("complete", "pruned", "failed") if states[state])
    n_equal = sum(trial.duplicate_of is not None for trial in ended)
    equal = f"; {n_equal} equal to earlier ones" if n_equal else ""
    lines = [f"{len(ended)} of {summary['n_trials']} trials have ended{f': {counts}' if counts else ''}{equal}"]
    lines.append(f"{n_running} running" if is_running else "not running")
    if study.n_stale:
        lines.append(f"{study.n_stale} recorded trials are stale: kept, not counted")
    lines += _failure_lines(ended)
    lines += _best_lines(study)
    lines += _branch_lines(study, ended)
    lines += _time_lines(study, ended, is_running=is_running)
    return lines


def _failure_lines(ended: Sequence[ReadTrial]) -> list[str]:
    failures = Counter(trial.failure for trial in ended if trial.failure)
    if not failures:
        return []
    listed = ", ".join(f"{n} {status}" for status, n in failures.most_common())
    return [f"{sum(failures.values()) / len(ended):.0%} have failed: {listed}"]


def _best_lines(study: StudyRecord) -> list[str]:
    best = study.best
    if best is None or best.result is None or best.result.value is None:
        return []
    monitor = study.summary["monitor"]
    values = ", ".join(f"{name}={_short(value)}" for name, value in best.proposal.params.items())
    lines = [f"best: #{best.proposal.number} {monitor}={best.result.value:.4f} ({values})"]
    improvements, top = [], float("-inf")
    for trial in study.trials:
        if trial.state == "complete" and study.signed(trial) > top:
            top = study.signed(trial)
            improvements.append(f"#{trial.proposal.number} {study.sign * top:.4f}")
    lines.append(f"best so far by trial: {', '.join(improvements[-MAX_IMPROVEMENTS:])}")
    targets = [
        f"{name} {target:g} {'reached' if study.signed(best) >= study.sign * target else 'not reached'}"
        for name, target in study.summary["targets"].items()
    ]
    return [*lines, f"targets: {', '.join(targets)}"] if targets else lines


def _branch_lines(study: StudyRecord, ended: Sequence[ReadTrial]) -> list[str]:
    branches = study.summary["branches"]
    if len(branches) < 2 or not ended:  # noqa: PLR2004  # one branch has all of it
        return []
    counts = Counter(trial.proposal.branch for trial in study.trials)
    shares = [
        f"{branch['name']} ({counts[index] / len(study.trials):.0%} of {branch['share']:.0%})"
        for index, branch in enumerate(branches)
    ]
    return [f"branches, realised of planned: {', '.join(shares)}"]


def _time_lines(study: StudyRecord, ended: Sequence[ReadTrial], *, is_running: bool) -> list[str]:
    durations = [trial.duration_s for trial in ended if trial.duration_s and trial.duplicate_of is None]
    if not durations:
        return []
    lines = [f"{statistics.median(durations):.1f} s a trial (median), {max(durations):.1f} s the longest"]
    n_left = study.summary["n_trials"] - len(ended)
    if is_running and n_left:
        left_s = statistics.fmean(durations) * n_left / study.summary["n_workers"]
        lines.append(f"about {dt.timedelta(seconds=round(left_s))} (h:mm:ss) left to search")
    return lines


def _grid_lines(folder: Path) -> list[str]:
    states: Counter[str] = Counter()
    for trial in (folder / "trials").glob("[!.]*/"):
        failure = trial / "failure.json"
        states[json.loads(failure.read_text())["status"] if failure.is_file() else "finished"] += 1
    n_running = len(list((folder / "trials").glob(".*/"))) if _is_locked(folder) else 0
    listed = ", ".join(f"{n} {state}" for state, n in states.most_common())
    return [str(folder), f"  {sum(states.values())} trials have ended: {listed or 'none'}", f"  {n_running} running"]


def _is_locked(folder: Path) -> bool:
    """Say whether a sweep is writing there."""
    lock = folder / ".lock"
    if not lock.is_file():
        return False
    try:
        with FileLock(lock).acquire(blocking=False):
            return False
    except (Timeout, PermissionError):
        return True


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
