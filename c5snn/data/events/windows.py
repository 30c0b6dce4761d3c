"""Windows of past events and the event that follows each: views on one resident tensor, batches by one gather.

Window i ends just before event ``first_target + i``, its target. The splits are ranges of i, in the order of time.
"""

from fractions import Fraction
from math import floor, isfinite
from typing import NamedTuple, final

from jaxtyping import Float, Int64
from torch import Tensor

from c5snn.errors import ConfigError

__all__ = ["Splits", "Windows", "check_ratios", "split_windows"]


@final
class Windows:
    """Every window of a history that has a target; its length is their number.

    Args:
        events: The history's rows of 0 and 1.
        window: How many past events a window holds.
        first_target: The index of the first event that is a target; default: ``window``, the earliest possible. Runs
            with different windows share their targets when they share this.

    Raises:
        ConfigError: Unless ``1 <= window <= first_target < n_events``.
    """

    def __init__(self, events: Float[Tensor, "events parts"], window: int, first_target: int | None = None) -> None:
        self.window = window
        self.first_target = window if first_target is None else first_target
        if not 1 <= window <= self.first_target < len(events):
            raise ConfigError(
                "`1 <= window <= first_target < n_events` must hold, but got"
                f" window={window}, first_target={self.first_target}, n_events={len(events)}."
            )
        every_window = events.unfold(0, window, 1).transpose(1, 2)
        # the last window of all has no event after it
        self._windows = every_window[self.first_target - window : -1]
        self._targets = events[self.first_target :]

    def __len__(self) -> int:
        return len(self._targets)

    def gather(
        self, indices: Int64[Tensor, " batch"]
    ) -> tuple[Float[Tensor, "batch window parts"], Float[Tensor, "batch parts"]]:
        """Return the windows with these indices, oldest event first, and their targets."""
        return self._windows.index_select(0, indices), self._targets.index_select(0, indices)


class Splits(NamedTuple):
    """The window indices of each split, in the order of time."""

    train: range
    val: range
    test: range


def split_windows(n_windows: int, ratios: tuple[float, float, float]) -> Splits:
    """Cut the windows in the order of time, the remainder to test.

    A ratio is the fraction that its decimal notation says: 0.7 is 7/10, not the nearest binary number.

    >>> split_windows(11_671, (0.7, 0.15, 0.15))
    Splits(train=range(0, 8169), val=range(8169, 9919), test=range(9919, 11671))

    Args:
        n_windows: How many windows there are.
        ratios: The shares of train, val and test.

    Raises:
        ConfigError: The ratios are not positive, do not sum to 1, or leave a split empty.
    """
    train, val, _ = check_ratios(ratios)
    n_train, n_val = floor(n_windows * train), floor(n_windows * val)
    splits = Splits(range(n_train), range(n_train, n_train + n_val), range(n_train + n_val, n_windows))
    if not all(splits):
        raise ConfigError(
            "Every split must hold at least 1 window, but got"
            f" train {len(splits.train)}, val {len(splits.val)}, test {len(splits.test)}"
            f" from {n_windows} windows and split={ratios}. Give more events, a shorter window or other ratios."
        )
    return splits


def check_ratios(ratios: tuple[float, float, float]) -> tuple[Fraction, ...]:
    """Return the ratios as the fractions that their decimal notation says.

    Raises:
        ConfigError: A ratio is not positive, or they do not sum to 1.
    """
    if not all(isfinite(ratio) and ratio > 0 for ratio in ratios):
        raise ConfigError(f"`0 < ratio` must hold for all of `split`, but got split={ratios}.")
    exact = tuple(Fraction(repr(float(ratio))) for ratio in ratios)
    if sum(exact) != 1:
        raise ConfigError(f"`sum(split) == 1` must hold exactly, but got split={ratios}, which sums to {sum(exact)}.")
    return exact
