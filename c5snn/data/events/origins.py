"""Rolling origin: the same comparison from several chronological cut points, so that none hangs on one slice of time.

The last of n origins is the ordinary split. Each earlier one lies one test block further back: it tests on the block
before, validates on what stands before that, and trains on everything before its validation. The test blocks follow one
another without gap or overlap and are of equal size; train grows from origin to origin.

Source: Tashman (2000), Out-of-sample tests of forecasting accuracy, International Journal of Forecasting 16, 437-450,
doi:10.1016/S0169-2070(00)00065-0.
"""

from c5snn.data.events.windows import Splits
from c5snn.errors import ConfigError

__all__ = ["check_origin", "splits_at"]


def check_origin(n_origins: int, origin: int) -> None:
    """Refuse an origin that is none of them.

    Raises:
        ConfigError: Unless ``0 <= origin < n_origins``.
    """
    if not 0 <= origin < n_origins:
        raise ConfigError(
            f"`0 <= origin < n_origins` must hold, but got origin={origin}, n_origins={n_origins}. Origins are numbered"
            " from 0, the earliest."
        )


def splits_at(last: Splits, n_origins: int, origin: int) -> Splits:
    """Return the splits of one origin.

    >>> last = Splits(train=range(0, 70), val=range(70, 85), test=range(85, 100))
    >>> splits_at(last, n_origins=3, origin=2) == last
    True
    >>> splits_at(last, n_origins=3, origin=0)
    Splits(train=range(0, 40), val=range(40, 55), test=range(55, 70))

    Args:
        last: The splits of the last origin, which end with the history.
        n_origins: How many origins there are.
        origin: Which of them, from 0, the earliest.

    Raises:
        ConfigError: There is no such origin, or the earliest one, which has the fewest windows, has none to train on.
    """
    check_origin(n_origins, origin)
    n_test = len(last.test)
    n_first_train = len(last.train) - (n_origins - 1) * n_test
    if n_first_train < 1:
        most = 1 + (len(last.train) - 1) // n_test
        raise ConfigError(
            f"`(n_origins - 1) * n_test < n_train` must hold, but got n_origins={n_origins}, n_test={n_test},"
            f" n_train={len(last.train)}. Take at most {most} origins, or a smaller share for test in `split`."
        )
    back = (n_origins - 1 - origin) * n_test
    val, test = (range(split.start - back, split.stop - back) for split in (last.val, last.test))
    return Splits(range(val.start), val, test)
