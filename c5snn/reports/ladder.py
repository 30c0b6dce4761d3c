"""The signal ladder: how much of each planted signal every model captures, where the report holds several."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from c5snn.reports.comparison import Comparison

__all__ = ["Ladder", "Rung", "ladder_of"]

# as c5snn.data describes a history that it has drawn
SYNTHETIC, SEED = "synthetic history ", ", data seed "


@dataclass(frozen=True)
class Rung:
    """A configuration on the histories of one signal.

    Args:
        label: The configuration.
        signal: The signal, its strength and its number of events.
        n_histories: How many histories were drawn from it, each with a data seed of its own.
        captured: Share of the oracle's lift, mean over histories; None where it is undefined on one of them.
        low: The lowest over histories; None likewise.
        high: The highest; None likewise.
    """

    label: str
    signal: str
    n_histories: int
    captured: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Ladder:
    """All rungs.

    Args:
        signals: The signals, in the order in which they first appear.
        labels: The configurations, likewise.
        rungs: One for each pair that was tested.
    """

    signals: list[str]
    labels: list[str]
    rungs: list[Rung]


def ladder_of(comparisons: Sequence[Comparison]) -> Ladder | None:
    """Return the ladder; None with fewer than two signals that are strong enough for a share of the oracle's lift."""
    found: dict[tuple[str, str], list[float | None]] = {}
    for comparison in comparisons:
        source = comparison.data.source
        if source.startswith(SYNTHETIC):
            signal = source.removeprefix(SYNTHETIC).rpartition(SEED)[0]
            for entry in comparison.contenders:
                found.setdefault((entry.label, signal), []).append(entry.captured)
    rungs = [_rung(label, signal, captured) for (label, signal), captured in found.items()]
    shown = {rung.signal for rung in rungs if rung.captured is not None}  # the fair lottery is no signal
    rungs = [rung for rung in rungs if rung.signal in shown]
    if len(shown) < 2:  # noqa: PLR2004  # a ladder of one rung is the leaderboard
        return None
    signals, labels = ([*dict.fromkeys(getattr(rung, name) for rung in rungs)] for name in ("signal", "label"))
    return Ladder(signals, labels, rungs)


def _rung(label: str, signal: str, captured: Sequence[float | None]) -> Rung:
    known = [value for value in captured if value is not None]
    if len(known) < len(captured):
        return Rung(label, signal, len(captured), None, None, None)
    return Rung(label, signal, len(captured), fmean(known), min(known), max(known))
