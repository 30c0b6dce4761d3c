"""The tables of a sweep: every configuration as it was screened, and the confirmed ones by their options."""

from collections.abc import Mapping, Sequence
from math import inf, isnan, nan

from c5snn.printable import printable
from c5snn.records import RunRecord, ScoredConfiguration
from c5snn.reports.document import Table
from c5snn.reports.text import new_console, print_table
from c5snn.reports.words import metric_label, number, seconds, spread
from c5snn.sweeps.job import Outcome
from c5snn.sweeps.names import named_values, short_names
from c5snn.sweeps.plan import SweepPlan
from c5snn.sweeps.points import Point, trial_key

__all__ = ["confirmed_table", "print_screened", "screened_table"]

N_METRICS = 2  # the headline and the one after it


def print_screened(plan: SweepPlan, outcomes: Mapping[str, Outcome], limit: int | None) -> None:
    """Print the screened configurations, the best first.

    Args:
        plan: The sweep.
        outcomes: How each trial ended, by key.
        limit: How many rows to show; None: all.
    """
    n = len(plan.points)
    shown = f", the first {limit} (--all shows all)" if limit is not None and limit < n else ""
    print(printable(f"screened: {n} configurations by {plan.monitor}{shown}"))
    print_table(new_console(), screened_table(plan, outcomes), limit=limit)


def screened_table(plan: SweepPlan, outcomes: Mapping[str, Outcome]) -> Table:
    """Return one row per configuration, the best on validation first; those that failed stand last."""
    runs = {point.config_id: _run_of(point, plan, outcomes) for point in plan.points}
    sign = -1.0 if plan.mode == "max" else 1.0

    def place(point: Point) -> tuple[float, int, int]:
        run = runs[point.config_id]
        value = run.val.get(plan.monitor, nan) if run else nan
        return (inf if isnan(value) else sign * value, point.n_parameters, point.config_id)

    names = list(dict.fromkeys([plan.monitor, *(f"val_{name}" for name in plan.metrics[:N_METRICS])]))
    has_bases, has_repeats = len(plan.spec.starts) > 1, len(plan.distinct) < len(plan.points)
    rows = []
    for point in sorted(plan.points, key=place):
        run, original = runs[point.config_id], plan.same_as[point.config_id]
        values = named_values(point.values, plan.spec.searched).values()
        rows.append(
            [str(point.config_id), *([point.base] if has_bases else []), *map(str, values),
             *(number(run.val.get(name, nan)) if run else "failed" for name in names),
             seconds(run.training_time_s) if run else "–",
             *(["" if original == point.config_id else str(original)] if has_repeats else [])]
        )  # fmt: skip
    options = [name for name, option in zip(short_names(list(plan.spec.space)), plan.spec.space, strict=True)
               if option in plan.spec.searched]  # fmt: skip
    columns = ["no.", *(["base"] if has_bases else []), *options, *names, "training"]
    return Table([*columns, *(["same as"] if has_repeats else [])], rows, n_text=1 + has_bases)


def confirmed_table(entries: Sequence[ScoredConfiguration], options: Mapping[str, Mapping[str, object]]) -> Table:
    """Return the searched options of each confirmed configuration, and its tests: mean and spread over its seeds.

    Args:
        entries: The configurations, in order.
        options: The searched options of each, by its label.
    """
    first = entries[0]
    metrics = list(first.test)[:N_METRICS]
    names = list(dict.fromkeys(name for entry in entries for name in options[entry.label]))
    labels = [first.headline.label if name == first.headline.name else metric_label(name) for name in metrics]
    rows = [
        [str(place), *(str(options[entry.label].get(name, "–")) for name in names),
         *(spread(entry.test[metric]) for metric in metrics), str(len(entry.seeds))]
        for place, entry in enumerate(entries, start=1)
    ]  # fmt: skip
    return Table(["place", *names, *labels, "seeds"], rows)


def _run_of(point: Point, plan: SweepPlan, outcomes: Mapping[str, Outcome]) -> RunRecord | None:
    original = plan.points[plan.same_as[point.config_id] - 1]
    outcome = outcomes.get(trial_key(original, plan.spec.screen.seed))
    return outcome.result if outcome else None
