"""Screening: all trained configurations by their validation, which carries neither p nor interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isnan
from statistics import fmean

from c5snn.records import Summary, summarize
from c5snn.reports.configurations import Configuration
from c5snn.reports.document import Section, Table
from c5snn.reports.words import count, seconds, spread

__all__ = ["VALIDATION_NOTE", "Screened", "screened_of", "screened_section"]

VALIDATION_NOTE = "Validation serves to choose epochs and configurations, so its values carry neither p nor interval."


@dataclass(frozen=True)
class Screened:
    """A configuration that was trained, whether or not it was tested.

    Args:
        label: Its label.
        seeds: Its seeds.
        val: The headline on validation, over runs.
        n_parameters: Trainable parameters.
        training_time_s: Seconds of training, mean over runs.
        is_tested: Whether it was tested.
    """

    label: str
    seeds: list[int]
    val: Summary
    n_parameters: int
    training_time_s: float
    is_tested: bool = False


def screened_of(configurations: Sequence[Configuration]) -> list[Screened]:
    """Return what is known of configurations without their tests, the best on validation first."""
    sign = configurations[0].runs[0].headline.sign if configurations else 1
    found = [
        Screened(
            label=entry.label,
            seeds=sorted({run.seed for run in entry.runs}),
            val=summarize([run.monitored for run in entry.runs if run.monitored is not None]),
            n_parameters=entry.runs[0].n_parameters,
            training_time_s=fmean(run.training_time_s for run in entry.runs),
            is_tested=bool(entry.tested),
        )
        for entry in configurations
    ]
    return sorted(found, key=lambda entry: inf if isnan(entry.val.mean) else -sign * entry.val.mean)


def screened_section(trained: Sequence[Screened], metric: str, *, is_short: bool) -> Section:
    """Return the table of all configurations, tested or not, by validation.

    Args:
        trained: At least one that was not tested; the best on validation first.
        metric: The headline as it is printed.
        is_short: Whether a terminal shows it.
    """
    rows = [
        [entry.label, str(place), "yes" if entry.is_tested else "no", ", ".join(map(str, entry.seeds)),
         spread(entry.val), f"{entry.n_parameters:,}", seconds(entry.training_time_s)]
        for place, entry in enumerate(trained, 1)
    ]  # fmt: skip
    columns = ["configuration", "place", "tested", "seeds", f"{metric} on validation", "parameters", "training"]
    return Section(
        "Screening",
        sentences=[_counted(trained)],
        tables=[Table(columns, rows)],
        note=f"{VALIDATION_NOTE} A mean over more seeds is closer to what the configuration is worth.",
        is_short=is_short,
    )


def _counted(trained: Sequence[Screened]) -> str:
    """Return how many were trained and tested, right for one and for none."""
    n, n_tested = len(trained), sum(entry.is_tested for entry in trained)
    if n == 1:
        return f"{trained[0].label} was trained but not tested."
    if not n_tested:
        return f"{count(n, 'configuration')} were trained, and none of them was tested."
    tested = f"{n_tested:,} of them {'was' if n_tested == 1 else 'were'} tested"
    return f"{count(n, 'configuration')} were trained, and {tested}."
