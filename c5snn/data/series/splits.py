"""The split of a series: its regions in time, the rows at which targets start in each, and earlier origins.

The targets define the split: a target belongs to a region whole, and the rows before it that a model sees may lie in the
region before. So val and test have the same targets whatever the context.
"""

from fractions import Fraction
from math import floor
from typing import Literal, NamedTuple

import numpy as np

from c5snn.data.events.windows import check_ratios
from c5snn.errors import ConfigError, require

__all__ = ["Regions", "Starts", "cut_regions", "target_starts"]

# of 30 days; the cut of the ETT benchmarks. Source: Zhou et al. (2021), Informer, AAAI 35:11106, arXiv:2012.07436.
MONTHS = (12, 4, 4)
MONTH = np.timedelta64(30, "D")

Split = tuple[float, float, float] | Literal["months"]


class Regions(NamedTuple):
    """The rows of each region."""

    train: range
    val: range
    test: range


class Starts(NamedTuple):
    """The first target row of each window of a split, ascending."""

    train: range
    val: range
    test: range


def cut_regions(n_rows: int, step: np.timedelta64, split: Split, n_origins: int = 1, origin: int = 0) -> Regions:
    """Cut the rows in the order of time.

    The last of several origins is the split itself; each earlier one lies one test region further back.

    >>> cut_regions(17_420, np.timedelta64(1, "h"), "months")
    Regions(train=range(0, 8640), val=range(8640, 11520), test=range(11520, 14400))

    Args:
        n_rows: How many rows there are.
        step: The time from one to the next.
        split: Shares of train, val and test; or ``months``: the first 12, the next 4 and the next 4 months of 30 days.
        n_origins: How many origins there are.
        origin: Which of them, from 0, the earliest.

    Raises:
        ConfigError: A region would be empty.
    """
    if split == "months":
        counts = [floor(Fraction(n * int(MONTH / np.timedelta64(1, "us")), _us(step))) for n in MONTHS]
    else:
        train, val, _ = check_ratios(split)
        counts = [floor(n_rows * train), floor(n_rows * val)]
        counts.append(n_rows - sum(counts))
    ends = np.cumsum(counts).tolist()
    fits = all(counts) and ends[-1] <= n_rows
    fix = "Give more rows, or shares such as `--data.split [0.6,0.2,0.2]`."
    require("sum(rows of the regions) <= n_rows", holds=fits, regions=counts, n_rows=n_rows, fix=fix)
    back = (n_origins - 1 - origin) * counts[-1]
    fits = (n_origins - 1) * counts[-1] < counts[0]
    fix = "Take fewer origins, or a smaller share for test."
    require("(n_origins - 1) * n_test < n_train", holds=fits, n_origins=n_origins, regions=counts, fix=fix)
    first, second, last = (end - back for end in ends)
    return Regions(range(first), range(first, second), range(second, last))


def target_starts(regions: Regions, context: int, horizon: int) -> Starts:
    """Return where the targets of each region start.

    >>> regions = Regions(range(8640), range(8640, 11520), range(11520, 14400))
    >>> [len(split) for split in target_starts(regions, context=336, horizon=96)]
    [8209, 2785, 2785]

    Args:
        regions: The regions.
        context: Rows that a model sees before them.
        horizon: Rows of a target.

    Raises:
        ConfigError: A region has no target.
    """
    found = Starts(*(range(max(region.start, context), region.stop - horizon + 1) for region in regions))
    if not all(found) or len(regions.train) < context:
        counted = ", ".join(f"{name} {len(region)}" for name, region in regions._asdict().items())
        raise ConfigError(
            f"`context + horizon <= n_rows` must hold in train and `horizon <= n_rows` in val and test, but got "
            f"context={context}, horizon={horizon}, rows: {counted}. Give more rows, a shorter context or horizon."
        )
    return found


def _us(step: np.timedelta64) -> int:
    return int(step / np.timedelta64(1, "us"))
