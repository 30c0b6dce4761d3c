"""What a finished sweep of SpikeGRU saved, factor by factor: ``python -m benchmarks.sweep sweeps/phase_b``.

The comparison is a script that trains the snnTorch loop at every point, one after the other, for as many epochs as the
sweep trained that point. Only its training steps are counted, so it is given its validation and its start for nothing.
"""

import argparse
import csv
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import NamedTuple

import torch

from benchmarks.snntorch_loops import RecurrentLoop, copy_parameters, rates
from benchmarks.table import Row, Table, conditions
from benchmarks.timing import Effort, measure
from benchmarks.training_steps import adam, first_batch, own_optimizer, train, training_step
from c5snn.data import EventDataModule
from c5snn.models import SpikeGRU
from c5snn.records import RunRecord, load_run
from c5snn.sweeps.ledger import Ledger

__all__ = ["Trained", "main", "saved", "trained_points"]

TIMESTEPS = 10
NOTE = """Seconds of training steps alone, but for the last two columns: all that the trials' processes spent in epochs,
and the time on the clock from the first trial's start to the last one's end. `steps`: loop / c5snn, every point
computed; of it `direct` where loop and c5snn compute the same, the rest are copies under deterministic rate coding that
c5snn does not compute. `points`: points / distinct computations, in seconds. `workers`: trials / wall. `product`:
loop / wall."""


class Trained(NamedTuple):
    """A point and seed as the sweep's table has it."""

    size: tuple[int, int]
    encoding: str
    key: str
    n_steps: int


class StepTimes(NamedTuple):
    """Seconds of one training step of one size."""

    own: float
    loop: dict[str, float]


def main(words: Sequence[str] | None = None) -> None:
    """Measure the steps of every size that the sweep trained, and print its factors.

    Args:
        words: Of the command line; None: the process's own.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweep", description="What a finished sweep saved.")
    parser.add_argument("folder", type=Path, metavar="SWEEP", help="the folder of a finished sweep of SpikeGRU")
    folder: Path = parser.parse_args(words).folder
    torch.set_num_threads(1)
    print(" · ".join(f"{name} {value}" for name, value in conditions().items()), end="\n\n", flush=True)
    points, runs = trained_points(folder), {path.parent.name: load_run(path.parent) for path in _records(folder)}
    times = {size: _step_times(size) for size in sorted({point.size for point in points})}
    wall_s = max(path.stat().st_mtime for path in _records(folder)) - min(
        path.stat().st_mtime for path in folder.glob("trials/*/provenance.json")
    )
    trials_s = sum(run.training_time_s for run in runs.values())
    print(Table("A whole sweep", [saved(points, times, trials_s=trials_s, wall_s=wall_s)], NOTE).to_markdown())


def trained_points(folder: Path) -> list[Trained]:
    """Return every point and seed of the sweep's ``trials.csv``; equal computations stand there once for each point."""
    with (folder / "trials.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    ledger = Ledger(folder)
    return [
        Trained(
            size=(int(row["hidden_size"]), int(row["num_layers"])),
            encoding=row["encoding"],
            key=row["key"],
            n_steps=int(row["n_epochs"]) * _steps_per_epoch(load_run(ledger.folder(row["key"]))),
        )
        for row in rows
        if not row["same_as"] or row["seed"] == rows[0]["seed"]  # an equal computation is not confirmed again
    ]


def saved(points: Sequence[Trained], times: dict[tuple[int, int], StepTimes], *, trials_s: float, wall_s: float) -> Row:
    """Return the seconds of both ways and the factors between them.

    Args:
        points: Every point and seed.
        times: Seconds of a step, by size.
        trials_s: Seconds of all epochs of all trials.
        wall_s: Seconds from the first trial's start to the last one's end.
    """
    own = sum(point.n_steps * times[point.size].own for point in points)
    loop = sum(point.n_steps * times[point.size].loop[point.encoding] for point in points)
    direct = sum(point.n_steps * times[point.size].loop["direct"] for point in points)
    distinct = sum(point.n_steps * times[point.size].own for point in {point.key: point for point in points}.values())
    return {
        "points and seeds": len(points), "loop s": loop, "c5snn, every point s": own, "c5snn, distinct s": distinct,
        "steps ×": loop / own, "direct ×": direct / own, "points ×": own / distinct, "workers ×": trials_s / wall_s,
        "product ×": loop / wall_s, "trials s": trials_s, "wall s": wall_s,
    }  # fmt: skip


def _records(folder: Path) -> list[Path]:
    return [*folder.glob("trials/*/result.json"), *folder.glob("trials/*/test_metrics.json")]


def _steps_per_epoch(run: RunRecord) -> int:
    return ceil(run.data.n_items["train"] / int(run.chosen.get("data.batch_size", 64)))


def _step_times(size: tuple[int, int]) -> StepTimes:
    data = EventDataModule()
    model = SpikeGRU(hidden_size=size[0], num_layers=size[1])
    train(model, data, n_steps=128)
    batch, work = first_batch(data), {}
    work["own"] = training_step(model, own_optimizer(model), batch)
    for encoding, n_steps in (("direct", 1), ("rate_coded", TIMESTEPS)):
        loop = RecurrentLoop(*size, rates(n_steps, 1.0))
        copy_parameters(model, loop)
        work[encoding] = training_step(loop, adam(loop, fused=False), batch)
    seconds = {name: timing.median_s for name, timing in measure(work, Effort()).items()}
    return StepTimes(seconds.pop("own"), seconds)


if __name__ == "__main__":
    main()
