"""Fair histories of events of any size: is the p uniform, both where it is exact and where it is simulated?"""

from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from scipy import stats

from benchmarks.table import Row, Table
from c5snn.data import EventDataModule, PoissonSizes
from c5snn.evidence import WEAK_BELOW, UniformSubset, list_weights, wilson
from c5snn.models import FrequencyBaseline, SpikeGRU
from calibration.effort import Effort
from calibration.judging import K, lists_of
from calibration.words import SURPRISE, percent, percent_interval, yes_or_no

__all__ = ["calibrate_sizes"]

FIRST_SEED = 40_000
MEANS = (3.0, 8.0)
N_EVENTS = 1_000
HIDDEN_SIZE = 32

NOTE = """Sizes are Poisson with this mean, empty events among them; every ranker has one p per history, as
`c5snn test` reports it. `exact`: share of p-values from the convolution; the others are of 100,000 seeded draws, as the
common lattice of their sizes has more than 10^7 points. KS: the p-values of the ranker (independent histories) against
the uniform law, with its distance. `holds`: its p is above 0.01, and the share of p < 0.05 is no surprise at 5 %
(one-sided binomial p above 0.01)."""


class _Judged(NamedTuple):
    """One history: the p of each ranker and whether it is exact."""

    p: dict[str, float]
    is_exact: dict[str, bool]


def calibrate_sizes(effort: Effort) -> list[Table]:
    """Return the table of uniformity for events of Poisson-like sizes."""
    rows: list[Row] = []
    for mean in MEANS:
        histories = effort.for_each(partial(_judge_history, effort, mean), effort.n_fair)
        rows += [_row(mean, kind, histories) for kind in histories[0].p]
    return [Table(f"p on {effort.n_fair} fair histories of {_n_events(effort):,} events of any size", rows, NOTE)]


def _judge_history(effort: Effort, mean: float, number: int) -> _Judged:
    seed = FIRST_SEED + number
    data = EventDataModule(
        strength=0.0, n_events=_n_events(effort), data_seed=seed, n_active="varies", sizes=PoissonSizes(mean)
    )
    data.setup()
    events = data.targets("test")
    null = UniformSubset.of_sizes(data.n_parts, (events > 0).sum(axis=1), K)
    found = {kind: null.p_value(lists, events) for kind, lists in _lists(data).items()}
    return _Judged({kind: p.p for kind, p in found.items()}, {kind: p.is_exact for kind, p in found.items()})


def _n_events(effort: Effort) -> int:
    return min(N_EVENTS, effort.n_events)


def _lists(data: EventDataModule) -> dict[str, Float[np.ndarray, "windows parts"]]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(data.data_seed)
        network = SpikeGRU(hidden_size=HIDDEN_SIZE, readout="membrane", init="fluctuation")
    popularity = list_weights(data.train_part_counts()[None], K)
    return {
        "SpikeGRU, random weights": lists_of(network, data.test_dataloader()),
        "decayed counts": lists_of(FrequencyBaseline(), data.test_dataloader()),
        "popularity": np.repeat(popularity, len(data.events("test")), axis=0),
    }


def _row(mean: float, kind: str, histories: list[_Judged]) -> Row:
    p = np.array([history.p[kind] for history in histories])
    n_low, ks = int((p < WEAK_BELOW).sum()), stats.kstest(p, "uniform")
    surprise = stats.binomtest(n_low, len(p), WEAK_BELOW, "greater").pvalue
    return {
        "mean size": mean,
        "ranker": kind,
        "p-values": p.size,
        "exact": percent(float(np.mean([history.is_exact[kind] for history in histories]))),
        "p < 0.05": percent(n_low / len(p)),
        "95 % interval": percent_interval(wilson(n_low, len(p))),
        "KS distance": float(ks.statistic),
        "KS p": float(ks.pvalue),
        "holds": yes_or_no(holds=bool(ks.pvalue > SURPRISE and surprise > SURPRISE)),
    }
