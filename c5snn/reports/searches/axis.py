"""Axes of a search's figures: where a value of an option stands, what its ticks are called, which metrics fit."""

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from c5snn.records.searched import SearchedOption, SearchedTrial, SearchRecord
from c5snn.reports.figures.canvas import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "ValueLimits",
    "option_labels",
    "place",
    "sampled",
    "scattered",
    "set_ticks",
    "short_option",
    "text_of",
    "ticks_of",
    "value_limits",
]

FAR = 10  # quartile distances: an axis shows what lies nearer
KEPT = 3
SCATTER = 0.5  # of the room of a choice
GOLDEN = 0.618  # multiples of it fall evenly between 0 and 1


class ValueLimits(NamedTuple):
    """The part of an axis of the metric that is shown.

    Attributes:
        low: Its lower end.
        high: Its upper end.
        n_outside: Trials that lie beyond it.
    """

    low: float
    high: float
    n_outside: int


def sampled(search: SearchRecord, option: SearchedOption) -> list[SearchedTrial]:
    """Return the complete trials that sampled an option."""
    return [trial for trial in search.complete if option.name in trial.params]


def place(option: SearchedOption, value: Any) -> float:  # noqa: ANN401  # whatever the option takes
    """Return where a value stands on its option's axis, from 0 to 1."""
    if not option.is_range:
        names = [text_of(choice) for choice in option.choices]
        index = names.index(text_of(value)) if text_of(value) in names else len(names)
        return (index + 0.5) / max(1, len(names))
    low, high = float(option.low or 0.0), float(option.high or 0.0)
    if low == high:
        return 0.5
    if option.is_log and value > 0:
        return math.log(value / low) / math.log(high / low)
    return (float(value) - low) / (high - low)


def scattered(option: SearchedOption, trial: SearchedTrial) -> float:
    """Return where a trial stands on an option's axis; those of one choice stand beside each other, always alike."""
    at = place(option, trial.params[option.name])
    if option.is_range:
        return at
    return at + SCATTER / len(option.choices) * (trial.number * GOLDEN % 1 - 0.5)


def ticks_of(option: SearchedOption) -> list[tuple[float, str]]:
    """Return the places of an axis that have a name: all choices, or ends and middle of a range."""
    if not option.is_range:
        return [(place(option, choice), text_of(choice)) for choice in option.choices]
    low, high = float(option.low or 0.0), float(option.high or 0.0)
    middle = math.sqrt(low * high) if option.is_log else (low + high) / 2
    return [(place(option, end), f"{end:.3g}") for end in (low, middle, high)]


def set_ticks(axes: "Axes", option: SearchedOption, width: int) -> None:
    """Give the x-axis the names of an option's values.

    Args:
        axes: The axes.
        option: The option.
        width: Their width in pixels.
    """
    ticks = ticks_of(option)
    room = int(width / max(1, len(ticks))) - 6
    axes.set_xticks([x for x, _ in ticks], [shorten(name, max(room, 30)) for _, name in ticks])
    axes.set_xlim(-0.04, 1.04)


def short_option(name: str) -> str:
    """Return the last word of an option.

    >>> short_option("model.hidden_size")
    'hidden_size'
    """
    return name.rpartition(".")[2]


def option_labels(search: SearchRecord) -> dict[str, str]:
    """Return what each option is called in a narrow table: its last word, or all of it where that is ambiguous."""
    last = [short_option(option.name) for option in search.options]
    return {
        option.name: word if last.count(word) == 1 else option.name
        for option, word in zip(search.options, last, strict=True)
    }


def text_of(value: object) -> str:
    """Return a value as a reader writes it.

    >>> text_of(True), text_of("mean"), text_of([0.0, 0.9]), text_of(1e-05)
    ('true', 'mean', '[0.0, 0.9]', '1e-05')
    """
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def value_limits(search: SearchRecord, values: Sequence[float]) -> ValueLimits:
    """Return limits that leave out what lies absurdly far, such as a diverged loss; the good side is never cut.

    Args:
        search: Says which side is good.
        values: Those that are drawn, at least one.
    """
    ordered = sorted(values)
    low, high = ordered[0], ordered[-1]
    first, third = ordered[len(ordered) // 4], ordered[(3 * len(ordered)) // 4]
    spread = third - first
    if spread > 0 and high - low > FAR * spread:
        low = max(low, first - KEPT * spread) if search.sign > 0 else low
        high = min(high, third + KEPT * spread) if search.sign < 0 else high
    margin = 0.06 * (high - low) or 0.01
    n_outside = sum(not low <= value <= high for value in values)
    return ValueLimits(low - margin, high + margin, n_outside)
