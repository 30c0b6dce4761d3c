"""Where each network stands to the baselines together: above all of them, below one, or undecided, row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from c5snn.evidence import holm_adjusted
from c5snn.reports.ladder.cells import LadderModel
from c5snn.reports.ladder.contrasts import LEVEL, Contrast, Difference
from c5snn.reports.ladder.rungs import Rung

__all__ = ["Standing", "standings_of"]


@dataclass(frozen=True)
class Standing:
    """Where a network stands to the baselines, on the rows that it and each class of baseline were tested on.

    Args:
        network: The label of the network.
        above: Rows where it is above all baselines, by the largest of their p.
        below: Rows where it is below one of them, by the smallest of their p times their number.
        undecided: All others.
        n_corrected: Number of rows of all networks that each p is corrected for (Holm).
        beside: The labels of the baselines beside it on a row, each set of them once.
    """

    network: str
    above: list[Rung]
    below: list[Rung]
    undecided: list[Rung]
    n_corrected: int
    beside: list[tuple[str, ...]]


def standings_of(contrasts: Sequence[Contrast], models: Sequence[LadderModel]) -> list[Standing]:
    """Return where each network stands that was tested beside each class of baseline on several histories.

    p of "above" and of "below" are corrected for the rows of all networks together.
    """
    baselines = {entry.label: entry.class_path for entry in models if entry.is_baseline}
    judged: dict[tuple[str, Rung], dict[str, Difference]] = {}
    for contrast in contrasts:
        for entry in contrast.differences if contrast.second in baselines else ():
            if entry.p is not None:
                judged.setdefault((contrast.first, entry.rung), {})[contrast.second] = entry
    whole = {
        place: list(seen.values())
        for place, seen in judged.items()
        if {baselines[label] for label in seen} == set(baselines.values())
    }
    above = _below_level({place: max(_directed(entry, 1) for entry in seen) for place, seen in whole.items()})
    below = _below_level(
        {place: min(1.0, len(seen) * min(_directed(entry, -1) for entry in seen)) for place, seen in whole.items()}
    )
    undecided = [place for place in whole if place not in [*above, *below]]
    return [
        Standing(
            network,
            above=[rung for of, rung in above if of == network],
            below=[rung for of, rung in below if of == network],
            undecided=[rung for of, rung in undecided if of == network],
            n_corrected=len(whole),
            beside=sorted({tuple(sorted(judged[place])) for place in whole if place[0] == network}),
        )
        for network in dict.fromkeys(network for network, _ in whole)
    ]


def _directed(entry: Difference, sign: int) -> float:
    """Return the p of a difference with this sign; 1 where it has the other one."""
    return entry.p if entry.p is not None and sign * entry.mean > 0 else 1.0


def _below_level(p_values: Mapping[tuple[str, Rung], float]) -> list[tuple[str, Rung]]:
    corrected = holm_adjusted(list(p_values.values()))
    return [place for place, p in zip(p_values, corrected, strict=True) if p < LEVEL]
