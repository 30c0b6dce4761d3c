"""How sure a comparison is: the spread over seeds beside the sampling error, and the smallest lift it could detect."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from c5snn.evidence import BETTER_BELOW, CONFIDENCE, POWER, Sensitivity
from c5snn.records import PooledTest, ScoredConfiguration
from c5snn.reports.document import Section, Table
from c5snn.reports.words import count, difference, number, percent, plural

__all__ = ["Power", "power_of", "power_section", "sensitivity_of", "spread_section"]


@dataclass(frozen=True)
class Power:
    """What a comparison could have found.

    Args:
        n_items: Its test items.
        n_configurations: Its tested configurations.
        alpha: Level of the one-sided test.
        power: Probability of finding the lift.
        standard_error: Standard deviation under the null of one run's mean over the items.
        lift_alone: The smallest lift that one run tested alone would show; None where not even a perfect one does.
        lift_in_family: The same after a Bonferroni correction for the configurations; maxT needs no more than that.
        largest_lift: The upper 95 % limit that holds for all lifts together; None without one.
    """

    n_items: int
    n_configurations: int
    alpha: float
    power: float
    standard_error: float
    lift_alone: float | None
    lift_in_family: float | None
    largest_lift: float | None


def sensitivity_of(tests: Iterable[PooledTest]) -> Sensitivity | None:
    """Return what one run of a comparison can show, where luck moves it most; None where it moves none.

    Args:
        tests: The tests of each configuration.
    """
    of_seeds = [nulls for test in tests for nulls in test.nulls]
    most = max(of_seeds, key=lambda nulls: sum(n * null.variance for null, n in nulls))
    sensitivity = Sensitivity.of(most)
    return sensitivity if sensitivity.variance > 0 else None


def power_of(sensitivity: Sensitivity, lifts: Sequence[float]) -> Power:
    """Return what a comparison could have found.

    Args:
        sensitivity: What one run can show.
        lifts: The configurations' lifts.
    """
    highest, n = max(lifts, default=None), max(1, len(lifts))
    in_family, level = BETTER_BELOW / n, 1 - (1 - CONFIDENCE) / n
    return Power(
        n_items=sensitivity.n_items,
        n_configurations=len(lifts),
        alpha=BETTER_BELOW,
        power=POWER,
        standard_error=sensitivity.standard_error,
        lift_alone=sensitivity.smallest_lift(alpha=BETTER_BELOW, power=POWER),
        lift_in_family=sensitivity.smallest_lift(alpha=in_family, power=POWER),
        largest_lift=None if highest is None else sensitivity.largest_lift(highest, level=level),
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
    test = f"With {count(power.n_items, f'test {item}')}, a one-sided {level} test of one run"
    lines = [f"{test} would not detect even the greatest possible lift over {over}."]
    if power.lift_alone is not None:
        in_family = "none" if power.lift_in_family is None else number(power.lift_in_family)
        family = f"; {in_family} after correction for {n:,} configurations" if n > 1 else ""
        lines = [f"{test} detects a lift over {over} of {number(power.lift_alone)} with {share} power{family}."]
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
