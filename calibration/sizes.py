"""Fair histories of events of any size: is the p uniform, both where it is exact and where it is simulated?"""

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy import stats

from benchmarks.table import Row, Table
from c5snn.data import EventDataModule, PoissonSizes
from c5snn.evidence import SHARE, WEAK_BELOW, UniformSubset, mean_interval
from calibration.effort import Effort
from calibration.judging import K
from calibration.rankers import untrained_lists
from calibration.words import SURPRISE, percent, percent_interval, yes_or_no

__all__ = ["calibrate_sizes"]

FIRST_SEED = 40_000
MEANS = (3.0, 8.0)
# every fourth ranker of each kind
STEP = 4

NOTE = """Sizes are Poisson with this mean, empty events among them; every ranker has one p per history, as
`c5snn test` reports it. `exact`: share of p-values from the convolution; the others are of 100,000 seeded draws, as
the common lattice of their sizes has more than 10^7 points. KS: the p-values of each ranker (independent histories)
against the uniform law; the smallest of the three, Bonferroni for three. `holds`: that is above 0.01, and the share of
p < 0.05 is no surprise at 5 % (one-sided t-test over histories, p above 0.01)."""


class _Judged(NamedTuple):
    """One history: the p of each ranker and whether it is exact."""

    p: dict[str, list[float]]
    is_exact: dict[str, list[bool]]


def calibrate_sizes(effort: Effort) -> list[Table]:
    """Return the table of uniformity for events of Poisson-like sizes."""
    rows: list[Row] = []
    for mean in MEANS:
        histories = effort.for_each(partial(_judge_history, effort, mean), effort.n_fair)
        rows += [_row(mean, kind, histories) for kind in histories[0].p]
    return [Table(f"p on {effort.n_fair} fair histories of {effort.n_events:,} events of any size", rows, NOTE)]


def _judge_history(effort: Effort, mean: float, number: int) -> _Judged:
    seed = FIRST_SEED + number
    data = EventDataModule(
        strength=0.0, n_events=effort.n_events, data_seed=seed, n_active="varies", sizes=PoissonSizes(mean)
    )
    data.setup()
    events = data.targets("test")
    null = UniformSubset.of_sizes(data.n_parts, (events > 0).sum(axis=1), K)
    found = {
        kind: [null.p_value(lists, events) for lists in rankers[::STEP]]
        for kind, rankers in untrained_lists(data).items()
    }
    return _Judged(
        {kind: [p.p for p in of_kind] for kind, of_kind in found.items()},
        {kind: [p.is_exact for p in of_kind] for kind, of_kind in found.items()},
    )


def _row(mean: float, kind: str, histories: list[_Judged]) -> Row:
    p = np.array([history.p[kind] for history in histories])
    shares = (p < WEAK_BELOW).mean(axis=1)
    smallest = min(stats.kstest(of_ranker, "uniform").pvalue for of_ranker in p.T)
    corrected = min(1.0, float(smallest) * p.shape[1])
    too_many = stats.ttest_1samp(shares, WEAK_BELOW, alternative="greater").pvalue
    return {
        "mean size": mean,
        "rankers": kind,
        "p-values": p.size,
        "exact": percent(float(np.mean([history.is_exact[kind] for history in histories]))),
        "p < 0.05": percent(float(shares.mean())),
        "95 % interval": percent_interval(mean_interval(shares, possible=SHARE)),
        "smallest KS p": float(smallest),
        "× 3": corrected,
        "holds": yes_or_no(holds=corrected > SURPRISE and not bool(too_many <= SURPRISE)),
    }
