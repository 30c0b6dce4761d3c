"""What each model costs beside its skill, so that "better" can be read at equal cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from c5snn.reports.document import Section, Table
from c5snn.reports.ladder.cells import Cell, LadderModel, Rung
from c5snn.reports.words import MISSING, count, number

__all__ = ["Cost", "costs_of", "costs_section"]


@dataclass(frozen=True)
class Cost:
    """What a model costs.

    Args:
        model: The model's label.
        skill: Mean skill over the rows that all models share; None where they share none.
        step_ms: Milliseconds of an optimizer step with its part of the validation, median over runs; None where
            nothing is trained.
        synaptic_operations: Per item, mean over runs; None without spiking layers.
        n_parameters: Trainable parameters.
    """

    model: str
    skill: float | None
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
        [entry.model, number(entry.skill, 2), number(entry.step_ms, 1),
         MISSING if entry.synaptic_operations is None else f"{entry.synaptic_operations:,.0f}",
         f"{entry.n_parameters:,}"]
        for entry in costs
    ]  # fmt: skip
    mean = (
        f"Skill is the mean over the {count(n_shared, 'row')} that all models share."
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


def _cost(label: str, cells: Sequence[Cell], shared: Sequence[Rung]) -> Cost:
    runs = [run for cell in cells for choice in cell.choices for run in choice.runs]
    skills = [cell.skill for cell in cells if cell.rung in shared and cell.skill is not None]
    steps = [1000 * run.training_time_s / run.n_steps for run in runs if run.n_steps]
    operations = [
        run.activity.synaptic_operations
        for run in runs
        if run.activity is not None and run.activity.synaptic_operations is not None
    ]
    return Cost(
        model=label,
        skill=fmean(skills) if skills else None,
        step_ms=median(steps) if steps else None,
        synaptic_operations=fmean(operations) if operations else None,
        n_parameters=runs[0].n_parameters,
    )
