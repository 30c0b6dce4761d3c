"""How long the rest of a stage may take, from the first epochs of the trials that have ended."""

import datetime as dt
import math
from typing import final

from c5snn.sweeps.job import Outcome
from c5snn.sweeps.names import counted
from c5snn.sweeps.points import Point
from c5snn.training.callbacks.time_projection import LONG_RUN_S, time_bound_s

__all__ = ["Projection"]

SAID_AGAIN_ABOVE = 1.5


@final
class Projection:
    """Projects the time of the trials that are left, as if each were the slowest so far and none stopped early.

    The first trial of a grid is often its smallest. The projection is therefore printed again when a trial takes
    1.5 times as long as the slowest that it was made from.

    Args:
        n_trials: How many trials are to run.
        n_workers: Most trials at once.
    """

    def __init__(self, n_trials: int, n_workers: int) -> None:
        self.n_left, self.n_workers = n_trials, n_workers
        self.said_s = 0.0

    def after(self, outcome: Outcome, point: Point) -> str | None:
        """Take in how a trial ended; return the projection in words where it is new.

        Args:
            outcome: How the trial ended.
            point: What it was.
        """
        self.n_left -= 1
        rows = outcome.result.learning_curve if outcome.result else []
        bound_s = time_bound_s(rows, point.config["trainer"]["max_epochs"])
        if not self.n_left or bound_s is None or bound_s <= SAID_AGAIN_ABOVE * self.said_s:
            return None
        self.said_s = bound_s
        trial = dt.timedelta(seconds=math.ceil(bound_s))
        all_left = dt.timedelta(seconds=math.ceil(bound_s * math.ceil(self.n_left / self.n_workers)))
        return (
            f"{'warning: ' if bound_s > LONG_RUN_S else ''}time left at most {all_left} (h:mm:ss): "
            f"{counted(self.n_left, 'trial')} of at most {trial}, unless one is slower; early stopping may shorten them"
        )
