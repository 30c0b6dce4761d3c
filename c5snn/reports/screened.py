"""Configurations that were trained and never tested: their validation, which carries neither p nor interval."""

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
MOST_LISTED = 20


@dataclass(frozen=True)
class Screened:
    """A configuration that was trained and not tested.

    Args:
        label: Its label.
        seeds: Its seeds.
        val: The headline on validation, over runs.
        n_parameters: Trainable parameters.
        training_time_s: Seconds of training, mean over runs.
    """

    label: str
    seeds: list[int]
    val: Summary
    n_parameters: int
    training_time_s: float


def screened_of(configurations: Sequence[Configuration]) -> list[Screened]:
    """Return what is known of untested configurations, the best on validation first."""
    sign = configurations[0].runs[0].headline.sign if configurations else 1
    found = [
        Screened(
            label=entry.label,
            seeds=sorted({run.seed for run in entry.runs}),
            val=summarize([run.monitored for run in entry.runs if run.monitored is not None]),
            n_parameters=entry.runs[0].n_parameters,
            training_time_s=fmean(run.training_time_s for run in entry.runs),
        )
        for entry in configurations
    ]
    return sorted(found, key=lambda entry: inf if isnan(entry.val.mean) else -sign * entry.val.mean)


def screened_section(screened: Sequence[Screened], metric: str, *, is_short: bool) -> Section:
    """Return the table of the untested configurations.

    Args:
        screened: At least one.
        metric: The headline as it is printed.
        is_short: Whether a terminal shows it.
    """
    rows = [
        [entry.label, ", ".join(map(str, entry.seeds)), spread(entry.val), f"{entry.n_parameters:,}",
         seconds(entry.training_time_s)]
        for entry in screened[:MOST_LISTED]
    ]  # fmt: skip
    n = len(screened)
    more = f"; the table shows the first {MOST_LISTED}" if n > MOST_LISTED else ""
    verb = "was" if n == 1 else "were"
    return Section(
        "Not tested",
        sentences=[f"{count(n, 'configuration')} {verb} trained but not tested{more}."],
        tables=[Table(["configuration", "seeds", f"{metric} on validation", "parameters", "training"], rows)],
        note=VALIDATION_NOTE,
        is_short=is_short,
    )
