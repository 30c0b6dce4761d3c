"""How sure a comparison is: the spread over seeds beside the sampling error, and the smallest lift it could detect."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from c5snn.evidence import BETTER_BELOW, CONFIDENCE, POWER, detectable_lift, largest_lift
from c5snn.records import ScoredConfiguration
from c5snn.reports.document import Section, Table
from c5snn.reports.words import count, difference, number, percent, plural

__all__ = ["Power", "power_of", "power_section", "spread_section"]


@dataclass(frozen=True)
class Power:
    """What a comparison could have found.

    Args:
        n_items: Its test items.
        n_configurations: Its tested configurations.
        alpha: Level of the one-sided test.
        power: Probability of finding the lift.
        standard_error: Standard deviation under the null of one run's mean over the items.
        lift_alone: The smallest lift that one run tested alone would show.
        lift_in_family: The same after a Bonferroni correction for the configurations; maxT needs no more than that.
        largest_lift: The upper 95 % limit that holds for all lifts together; None without one.
        most: The largest lift that is possible; None where it is unknown.
    """

    n_items: int
    n_configurations: int
    alpha: float
    power: float
    standard_error: float
    lift_alone: float
    lift_in_family: float
    largest_lift: float | None
    most: float | None = None


def power_of(n_items: int, variance: float, lifts: Sequence[float], *, most: float | None = None) -> Power:
    """Return what so many items can show.

    Args:
        n_items: Test items.
        variance: Variance of one item under the null.
        lifts: The configurations' lifts.
        most: The largest lift that is possible; None where it is unknown.
    """
    highest, n = max(lifts, default=None), max(1, len(lifts))
    in_family, level = BETTER_BELOW / n, 1 - (1 - CONFIDENCE) / n
    largest = None if highest is None else largest_lift(highest, n_items, variance, level=level)
    return Power(
        n_items=n_items,
        n_configurations=len(lifts),
        alpha=BETTER_BELOW,
        power=POWER,
        standard_error=sqrt(variance / n_items),
        lift_alone=detectable_lift(n_items, variance, alpha=BETTER_BELOW, power=POWER),
        lift_in_family=detectable_lift(n_items, variance, alpha=in_family, power=POWER),
        largest_lift=largest if largest is None or most is None else min(largest, most),
        most=most,
    )


def power_section(power: Power, item: str, over: str) -> Section:
    """Return what a comparison could have detected.

    Args:
        power: The facts.
        item: What one item is called.
        over: What a lift is measured from, such as ``chance``.
    """
    share, level = percent(power.power, 0), percent(power.alpha, 0)
    n = power.n_configurations
    items = f"this {item}" if power.n_items == 1 else f"these {plural(item)}"
    lift, in_family = (_possible(lift, power.most) for lift in (power.lift_alone, power.lift_in_family))
    family = f"; {in_family or 'none'} after correction for {n:,} configurations" if n > 1 and lift else ""
    test = f"With {count(power.n_items, f'test {item}')}, a one-sided {level} test of one run"
    what = f"a lift over {over} of {lift}" if lift else f"no lift over {over} that is possible"
    lines = [f"{test} detects {what} with {share} power{family}."]
    if power.largest_lift is not None:
        all_of = f", corrected for {n:,} configurations" if n > 1 else ""
        lines.append(
            f"The {'largest lift' if n > 1 else 'lift'} here is at most {difference(power.largest_lift)} (upper "
            f"{percent(CONFIDENCE, 0)} limit{all_of})."
        )
    return Section(
        "Smallest detectable lift",
        sentences=lines,
        note=f"The standard error of a run without skill on {items} is {number(power.standard_error)}.",
    )


def _possible(lift: float, most: float | None) -> str:
    """Return a lift; empty where none of this size is possible."""
    return number(lift) if most is None or lift <= most else ""


def spread_section(entries: Sequence[ScoredConfiguration]) -> Section:
    """Return the two uncertainties of each configuration side by side."""
    rows = [
        [entry.label, str(len(entry.seeds)), number(entry.score.std), number(entry.standard_error)] for entry in entries
    ]
    items = plural(entries[0].words.item)
    return Section(
        "Seeds and sampling",
        sentences=[_spread_sentence(entries)],
        tables=[Table(["configuration", "seeds", "spread over seeds (sd)", "sampling error (se)"], rows)],
        note=(
            "The spread is how far one training lies from another. The sampling error is how far the mean over seeds "
            f"would move on other test {items} of the same data. Neither contains the other."
        ),
    )


def _spread_sentence(entries: Sequence[ScoredConfiguration]) -> str:
    several = [entry for entry in entries if entry.score.std is not None]
    if not several:
        return "Only one seed was tested per configuration, so the spread over seeds is unknown."
    several = [entry for entry in several if entry.standard_error is not None]
    if not several:
        return "The sampling error is unknown, because there are too few independent items."
    wider = [entry for entry in several if (entry.score.std or 0.0) > (entry.standard_error or 0.0)]
    if len(several) == 1:
        verb = "exceeds" if wider else "does not exceed"
        return f"The spread over seeds {verb} the sampling error for {several[0].label}."
    return (
        f"The spread over seeds exceeds the sampling error for {len(wider) or 'none'} of "
        f"{len(several):,} configurations with several seeds."
    )
