"""One definition against another, rung by rung: differences in captured lift, paired over histories."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final, Literal

from c5snn.errors import ConfigError
from c5snn.evidence import Interval, holm
from c5snn.reports.ladder.cells import Cell, t_interval, t_p_value
from c5snn.reports.ladder.definitions import FLOORS, Definition
from c5snn.reports.ladder.history import Rung

__all__ = ["Contrast", "Difference", "Standing", "contrasts_of", "every_pair", "pairs_with", "standings_of"]

Place = Literal["above", "below", "not told apart"]

LEVEL: Final = 0.05


@dataclass(frozen=True)
class Difference:
    """How much more of a signal one definition captures than another.

    Args:
        rung: The rung.
        n_histories: Histories that both were tested on.
        mean: Captured lift of the first minus that of the second, mean over these histories.
        interval: Its 95 % interval over histories; None for one history.
        place: Where the interval leaves the first; None without an interval.
        p: Two-sided p of Student's t over histories, below 0.05 where the interval leaves 0 out; None without one.
    """

    rung: Rung
    n_histories: int
    mean: float
    interval: Interval | None
    place: Place | None
    p: float | None


@dataclass(frozen=True)
class Contrast:
    """One definition against another.

    Args:
        first: The label of the one.
        second: The label of the other definition.
        differences: One for each rung that both were tested on.
    """

    first: str
    second: str
    differences: list[Difference]

    def at(self, place: Place) -> list[Rung]:
        """Return the rungs where the first stands there."""
        return [difference.rung for difference in self.differences if difference.place == place]

    def at_corrected(self, place: Place) -> list[Rung]:
        """Return those of the rungs where the first still stands there when p is corrected for all rungs (Holm)."""
        judged = [(difference, difference.p) for difference in self.differences if difference.p is not None]
        corrected = holm([p for _, p in judged])
        pairs = zip(judged, corrected, strict=True)
        return [entry.rung for (entry, _), p in pairs if p < LEVEL and entry.place == place]


@dataclass(frozen=True)
class Standing:
    """Where a network stands to the floors, on the rungs that it and every kind of floor were tested on.

    Args:
        network: The label of the network.
        above: Rungs where it is above each floor.
        below: Rungs where it is below one of them.
        untold: All others.
    """

    network: str
    above: list[Rung]
    below: list[Rung]
    untold: list[Rung]


def every_pair(definitions: Sequence[Definition]) -> list[tuple[str, str]]:
    """Return the labels of each network with each floor and with each network before it."""
    return [
        (first.label, second.label)
        for i, first in enumerate(definitions)
        for second in definitions[:i]
        if not first.is_floor
    ]


def pairs_with(reference: str, definitions: Sequence[Definition]) -> list[tuple[str, str]]:
    """Return the reference's label with that of each other definition.

    Raises:
        ConfigError: No definition has this label.
    """
    labels = [entry.label for entry in definitions]
    if reference not in labels:
        raise ConfigError(f"The reference must be one of {', '.join(labels)}, but is {reference}.")
    return [(reference, label) for label in labels if label != reference]


def contrasts_of(cells: Sequence[Cell], pairs: Sequence[tuple[str, str]]) -> list[Contrast]:
    """Return the first of each pair of labels against the second, where both were tested on one history at least."""
    of_label: dict[str, dict[Rung, Cell]] = defaultdict(dict)
    for cell in cells:
        of_label[cell.definition][cell.rung] = cell
    found = [Contrast(*pair, _differences(*(of_label[label] for label in pair))) for pair in pairs]
    return [contrast for contrast in found if contrast.differences]


def standings_of(contrasts: Sequence[Contrast], definitions: Sequence[Definition]) -> list[Standing]:
    """Return where each network stands that was tested beside every kind of floor on several histories."""
    floors = {entry.label: entry.model for entry in definitions if entry.is_floor}
    found = []
    for network in dict.fromkeys(contrast.first for contrast in contrasts):
        places: dict[Rung, list[tuple[str, Place]]] = {}
        for contrast in contrasts:
            if contrast.first == network and contrast.second in floors:
                for entry in contrast.differences:
                    if entry.place is not None:
                        places.setdefault(entry.rung, []).append((floors[contrast.second], entry.place))
        whole = {
            rung: [at for _, at in seen] for rung, seen in places.items() if {model for model, _ in seen} == {*FLOORS}
        }
        above = [rung for rung, seen in whole.items() if set(seen) == {"above"}]
        below = [rung for rung, seen in whole.items() if "below" in seen]
        if whole:
            found.append(Standing(network, above, below, [rung for rung in whole if rung not in [*above, *below]]))
    return found


def _differences(first: Mapping[Rung, Cell], second: Mapping[Rung, Cell]) -> list[Difference]:
    found = []
    for rung in sorted(first.keys() & second.keys(), key=lambda rung: rung.order):
        ours, theirs = first[rung].by_seed, second[rung].by_seed
        values = [ours[seed] - theirs[seed] for seed in sorted(ours.keys() & theirs.keys())]
        if values:
            interval = t_interval(values)
            found.append(Difference(rung, len(values), fmean(values), interval, _place(interval), t_p_value(values)))
    return found


def _place(interval: Interval | None) -> Place | None:
    if interval is None:
        return None
    return "above" if interval.low > 0 else "below" if interval.high < 0 else "not told apart"
