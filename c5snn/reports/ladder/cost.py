"""What a definition costs beside what it captures, so that "better" can be read at equal cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from inspect import signature
from math import ceil
from statistics import fmean, median

from c5snn.data import EventDataModule
from c5snn.reports.ladder.cells import Cell
from c5snn.reports.ladder.definitions import Definition
from c5snn.reports.ladder.history import Rung
from c5snn.training.result import RunResult

__all__ = ["Cost", "costs_of"]


@dataclass(frozen=True)
class Cost:
    """What a definition costs.

    Args:
        definition: The definition's label.
        captured: Mean captured lift over the rungs that all definitions share; None where they share none.
        step_ms: Milliseconds of a training step with its part of the validation, median over runs; None where
            nothing is trained.
        synaptic_operations: Per window, mean over runs; None without spiking layers.
        n_parameters: Trainable parameters.
    """

    definition: str
    captured: float | None
    step_ms: float | None
    synaptic_operations: float | None
    n_parameters: int


def costs_of(cells: Sequence[Cell], definitions: Sequence[Definition], shared: Sequence[Rung]) -> list[Cost]:
    """Return the cost of each definition, that of the runs that validation chose.

    Args:
        cells: The cells.
        definitions: The definitions, in order.
        shared: The rungs that all definitions were tested on.
    """
    return [
        _cost(entry.label, [cell for cell in cells if cell.definition == entry.label], shared) for entry in definitions
    ]


def _cost(label: str, cells: Sequence[Cell], shared: Sequence[Rung]) -> Cost:
    runs = [run for cell in cells for choice in cell.choices for run in choice.runs]
    captured = [cell.captured for cell in cells if cell.rung in shared and cell.captured is not None]
    steps = [1000 * run.training_time_s / n for run in runs if (n := _n_steps(run))]
    operations = [
        run.activity.synaptic_operations
        for run in runs
        if run.activity is not None and run.activity.synaptic_operations is not None
    ]
    return Cost(
        definition=label,
        captured=fmean(captured) if captured else None,
        step_ms=median(steps) if steps else None,
        synaptic_operations=fmean(operations) if operations else None,
        n_parameters=runs[0].n_parameters,
    )


def _n_steps(run: RunResult) -> int:
    """Return how many steps a run has trained; none without anything to train."""
    default = signature(EventDataModule).parameters["batch_size"].default
    batch_size = run.chosen.get("data.batch_size", default)
    return run.n_epochs * ceil(run.data.n_windows["train"] / batch_size) if run.n_parameters else 0
