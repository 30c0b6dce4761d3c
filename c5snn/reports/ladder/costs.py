"""What each model costs beside its skill, so that "better" can be read at equal cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, median, variance

from c5snn.evidence import Interval
from c5snn.reports.document import Section, Table
from c5snn.reports.ladder.cells import Cell, LadderModel
from c5snn.reports.ladder.rungs import Rung
from c5snn.reports.words import MISSING, count, number

__all__ = ["Cost", "costs_of", "costs_section", "mean_of_rows_interval", "with_interval"]


@dataclass(frozen=True)
class Cost:
    """What a model costs.

    Args:
        model: The model's label.
        skill: Mean skill over the rows that all models share; None where they share none.
        interval: Its 95 % interval over histories; None where a row has one history.
        step_ms: Milliseconds of an optimizer step with its part of the validation, median over runs; None where
            nothing is trained.
        synaptic_operations: Per item, mean over runs; None without spiking layers.
        n_parameters: Trainable parameters.
    """

    model: str
    skill: float | None
    interval: Interval | None
    step_ms: float | None
    synaptic_operations: float | None
    n_parameters: int


def costs_of(cells: Sequence[Cell], models: Sequence[LadderModel], shared: Sequence[Rung]) -> list[Cost]:
    """Return the cost of each model, that of the runs that validation chose.

    Args:
        cells: The cells.
        models: The models, in order.
        shared: The rows that all models were tested on.
    """
    return [_cost(entry.label, [cell for cell in cells if cell.model == entry.label], shared) for entry in models]


def costs_section(costs: Sequence[Cost], n_shared: int, item: str) -> Section:
    """Return the table of the costs.

    Args:
        costs: The cost of each model.
        n_shared: Number of rows that all models share.
        item: What one item is called.
    """
    rows = [
        [entry.model, with_interval(entry.skill, entry.interval) if entry.interval else MISSING,
         number(entry.step_ms, 1),
         MISSING if entry.synaptic_operations is None else f"{entry.synaptic_operations:,.0f}",
         f"{entry.n_parameters:,}"]
        for entry in costs
    ]  # fmt: skip
    mean = (
        f"Skill is the mean over the {count(n_shared, 'row')} that all models share, with its 95 % interval over the "
        "histories of these rows (Satterthwaite's t; a dash where a row has one history)."
        if n_shared
        else "No row is shared by all models, so there is no mean skill."
    )
    return Section(
        "Cost",
        tables=[Table(["model", "skill", "ms per step", f"synaptic operations per {item}", "parameters"], rows)],
        note=(
            f"{mean} The time per step is that of all epochs, validation included, divided by the optimizer steps; the "
            "median over runs, on the machines listed below under whatever load they had. Synaptic operations are "
            "counted for spiking layers only."
        ),
    )


def mean_of_rows_interval(rows: Sequence[Sequence[float]]) -> Interval | None:
    """Return the interval of the mean over rows of each row's mean; None where a row has one value.

    ``se² = Σ_r sd_r² / n_r / R²``, with Student's t at Satterthwaite's degrees of freedom.

    Source: Satterthwaite (1946), doi:10.2307/3002019.

    >>> interval = mean_of_rows_interval([[0.1, 0.2, 0.3]])
    >>> round(interval.low, 4), round(interval.high, 4)
    (-0.0484, 0.4484)
    """
    if min(map(len, rows)) < 2:  # noqa: PLR2004
        return None
    from scipy.stats import t

    mean, parts = fmean(map(fmean, rows)), [variance(row) / len(row) for row in rows]
    if not sum(parts):
        return Interval(mean, mean)
    freedom = sum(parts) ** 2 / sum(part**2 / (len(row) - 1) for part, row in zip(parts, rows, strict=True))
    half_width = float(t.ppf(0.975, freedom)) * sqrt(sum(parts)) / len(rows)
    return Interval(mean - half_width, mean + half_width)


def with_interval(value: float | None, ends: Interval | None) -> str:
    """Return a skill, and its interval in brackets where there is one.

    >>> with_interval(0.5, Interval(0.4, 0.6)), with_interval(0.5, None)
    ('0.50 (0.40 to 0.60)', '0.50')
    """
    return number(value, 2) + (f" ({number(ends.low, 2)} to {number(ends.high, 2)})" if ends else "")


def _cost(label: str, cells: Sequence[Cell], shared: Sequence[Rung]) -> Cost:
    runs = [run for cell in cells for choice in cell.choices for run in choice.runs]
    rows = [list(cell.by_seed.values()) for cell in cells if cell.rung in shared]
    steps = [1000 * run.training_time_s / run.n_steps for run in runs if run.n_steps]
    operations = [
        run.activity.synaptic_operations
        for run in runs
        if run.activity is not None and run.activity.synaptic_operations is not None
    ]
    return Cost(
        model=label,
        skill=fmean(map(fmean, rows)) if rows else None,
        interval=mean_of_rows_interval(rows) if rows else None,
        step_ms=median(steps) if steps else None,
        synaptic_operations=fmean(operations) if operations else None,
        n_parameters=runs[0].n_parameters,
    )
