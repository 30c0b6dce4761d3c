"""Fair histories and untrained rankers: are exact p-values uniform, and does maxT keep its family-wise rate?"""

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy import stats

from benchmarks.table import Row, Table
from c5snn.data import EventDataModule
from c5snn.evidence import SHARE, WEAK_BELOW, family_p, mean_interval, wilson
from calibration.effort import Effort
from calibration.judging import NULL, JudgedP, judge, size_of_test
from calibration.rankers import Lists, untrained_lists
from calibration.words import SURPRISE, percent, percent_interval, yes_or_no

__all__ = ["calibrate_untrained"]

FIRST_SEED = 10_000
ALL = "all, some with three seeds, some twice"
N_SEEDS = 3

UNIFORM_NOTE = """Every ranker has one p per history. `p < 0.05`: share of exact p-values, as `c5snn test` reports them,
with its 95 % interval over histories; `attainable`: the size of the exact test of lists without ties, as it is
discrete. KS: randomised p-values of each ranker (independent histories) against the uniform law; the smallest of the
twelve, Bonferroni for twelve. `holds`: that is above 0.01, and the share is no surprise at 5 % (one-sided t-test over
histories, p above 0.01)."""
FAMILY_NOTE = """In how many of the same histories the best of a family is called better than chance at 0.05: by its own
p, by Bonferroni, by `p_family` (maxT, {n_draws:,} draws for each history; reports take 10,000). The last family has
four networks of three seeds each, the other two kinds, and eight of these a second time. `holds`: the count for maxT is
no surprise at 5 % (one-sided binomial p above 0.01)."""


class _Judged(NamedTuple):
    """One history: the p of each ranker, its distinct lists, and both p-values of each family."""

    own: dict[str, list[JudgedP]]
    n_distinct: dict[str, list[int]]
    uncorrected: dict[str, list[float]]
    family_wise: dict[str, float]
    n_windows: int


def calibrate_untrained(effort: Effort) -> list[Table]:
    """Return the tables of uniformity and of the family-wise rate."""
    histories = effort.for_each(partial(_judge_history, effort), effort.n_fair)
    uniform = [_uniform_row(kind, histories) for kind in histories[0].own]
    family = [_family_row(kind, histories) for kind in histories[0].family_wise]
    facts = f"{effort.n_fair} fair histories of {effort.n_events:,} events"
    return [
        Table(f"Exact p of untrained rankers on {facts}", uniform, UNIFORM_NOTE),
        Table(f"The best of many on {facts}", family, FAMILY_NOTE.format(n_draws=effort.n_draws)),
    ]


def _judge_history(effort: Effort, number: int) -> _Judged:
    data = EventDataModule(strength=0.0, n_events=effort.n_events, data_seed=FIRST_SEED + number)
    data.setup()
    events, random = data.targets("test"), np.random.default_rng([FIRST_SEED, number])
    kinds = untrained_lists(data)
    families = {kind: [ranker[None] for ranker in rankers] for kind, rankers in kinds.items()} | {ALL: _mixed(kinds)}
    tests = {
        kind: family_p(NULL, configurations, events, seed=number, n_draws=effort.n_draws)
        for kind, configurations in families.items()
    }
    return _Judged(
        own={kind: [judge(ranker, events, random.random()) for ranker in rankers] for kind, rankers in kinds.items()},
        n_distinct={kind: [len(np.unique(ranker, axis=0)) for ranker in rankers] for kind, rankers in kinds.items()},
        uncorrected={kind: [test.p_value for test in of_kind] for kind, of_kind in tests.items()},
        family_wise={kind: min(test.p_family for test in of_kind) for kind, of_kind in tests.items()},
        n_windows=len(events),
    )


def _mixed(kinds: dict[str, Lists]) -> list[Lists]:
    """Return 36 configurations: four networks of three seeds, 24 other rankers, and eight of these once more."""
    networks, counts, fixed = kinds.values()
    of_three_seeds = [networks[start : start + N_SEEDS] for start in range(0, len(networks), N_SEEDS)]
    single = [ranker[None] for ranker in (*counts, *fixed)]
    return [*of_three_seeds, *single, *single[::3]]


def _uniform_row(kind: str, histories: list[_Judged]) -> Row:
    exact = np.array([[p.reported for p in history.own[kind]] for history in histories])
    randomised = np.array([[p.randomised for p in history.own[kind]] for history in histories])
    shares = (exact < WEAK_BELOW).mean(axis=1)
    attainable = size_of_test(histories[0].n_windows, WEAK_BELOW)
    smallest = min(stats.kstest(of_ranker, "uniform").pvalue for of_ranker in randomised.T)
    too_many = stats.ttest_1samp(shares, WEAK_BELOW, alternative="greater").pvalue
    corrected = min(1.0, float(smallest) * exact.shape[1])
    return {
        "rankers": kind,
        "p-values": exact.size,
        "distinct lists": int(np.median([history.n_distinct[kind] for history in histories])),
        "p < 0.05": percent(float(shares.mean())),
        "95 % interval": percent_interval(mean_interval(shares, possible=SHARE)),
        "attainable": percent(attainable),
        "smallest KS p": float(smallest),
        "× 12": corrected,
        "holds": yes_or_no(holds=corrected > SURPRISE and bool(too_many > SURPRISE)),
    }


def _family_row(kind: str, histories: list[_Judged]) -> Row:
    n_configurations = len(histories[0].uncorrected[kind])
    own = np.array([min(history.uncorrected[kind]) for history in histories])
    n_false = sum(history.family_wise[kind] < WEAK_BELOW for history in histories)
    surprise = stats.binomtest(n_false, len(histories), WEAK_BELOW, "greater").pvalue
    return {
        "family": kind,
        "configurations": n_configurations,
        "own p": percent(float((own < WEAK_BELOW).mean())),
        "Bonferroni": percent(float((own * n_configurations < WEAK_BELOW).mean())),
        "maxT": percent(n_false / len(histories)),
        "95 % interval": percent_interval(wilson(n_false, len(histories))),
        "holds": yes_or_no(holds=bool(surprise > SURPRISE)),
    }
