"""Planted histories: is a lift found as often as the power formula says?"""

from functools import partial

import numpy as np
from scipy import stats

from benchmarks.table import Row, Table
from c5snn.data import EventDataModule, Repeat
from c5snn.evidence import BETTER_BELOW, detectable_lift, list_weights, wilson
from calibration.effort import Effort
from calibration.judging import NULL, K, judge
from calibration.repeats import exact_power, strength_of
from calibration.words import SURPRISE, percent, percent_interval, yes_or_no

__all__ = ["calibrate_planted"]

FIRST_SEED = 20_000
POWERS = (0.5, 0.8, 0.95)

NOTE = """The last event comes again with a strength whose lift is, exactly, what `detectable_lift` calls detectable at
this power; the ranker lists its parts first and the others in one order, without ties. (Ties lower the variance: listed
fractionally, the same ranker is found every time, so for lists with ties the formula promises too little.) `exact`: the
power by convolution of the ranker's own law, without the formula's normal approximation. `found`: how often p < 0.01 on
test, the level of "better than chance", with its 95 % interval. `holds`: the count is no surprise at the formula's
power (two-sided binomial p above 0.01)."""


def calibrate_planted(effort: Effort) -> list[Table]:
    """Return the table of promised and of found lifts."""
    n_windows = len(_planted(effort, 0.0, 0).splits.test)
    rows = [_row(effort, power, n_windows) for power in POWERS]
    title = (
        f"Detection on {effort.n_planted:,} planted histories of {effort.n_events:,} events, {n_windows} test windows"
    )
    return [Table(title, rows, NOTE)]


def _row(effort: Effort, power: float, n_windows: int) -> Row:
    lift = detectable_lift(n_windows, NULL.variance, alpha=BETTER_BELOW, power=power)
    strength = strength_of(lift)
    is_found = effort.for_each(partial(_is_found, effort, strength), effort.n_planted)
    n_found = sum(is_found)
    surprise = stats.binomtest(n_found, len(is_found), power).pvalue
    return {
        "power": percent(power),
        "lift": lift,
        "strength": strength,
        "exact": percent(exact_power(strength, n_windows, BETTER_BELOW)),
        "found": percent(n_found / len(is_found)),
        "95 % interval": percent_interval(wilson(n_found, len(is_found))),
        "holds": yes_or_no(holds=bool(surprise > SURPRISE)),
    }


def _is_found(effort: Effort, strength: float, number: int) -> bool:
    data = _planted(effort, strength, number)
    # the other parts in one order, because the formula has the variance of lists without ties
    before = data.window + np.array(data.splits.test) - 1
    scores = data.history.multi_hot()[before].astype(np.float64) - np.linspace(0, 0.5, data.n_parts)
    return judge(list_weights(scores, K), data.targets("test"), 0.0).reported < BETTER_BELOW


def _planted(effort: Effort, strength: float, number: int) -> EventDataModule:
    data = EventDataModule(
        signal=Repeat(lag=1), strength=strength, n_events=effort.n_events, data_seed=FIRST_SEED + number
    )
    data.setup()
    return data
