"""Procedures around a test: seeds that are compared, a choice at several origins, and scores that say nothing."""

from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from scipy import stats

from benchmarks.table import Row, Table
from c5snn.data import EventDataModule, Repeat, Skew
from c5snn.evidence import (
    BETTER_BELOW,
    WEAK_BELOW,
    choose_at_each_origin,
    compare_configurations,
    compare_paired,
    list_recall,
    list_weights,
    wilson,
)
from c5snn.models import FrequencyBaseline, SpikeGRU
from calibration.effort import Effort
from calibration.judging import NULL, K, lists_of
from calibration.words import SURPRISE, percent, percent_interval, yes_or_no

__all__ = ["N_SEEDS", "Pair", "calibrate_procedures", "pair_row"]

FIRST_SEED = 50_000
N_SEEDS = 2
N_ORIGINS = 4
HIDDEN_SIZE = 32
DECAYS = (0.0, 0.6, 0.7, 0.8, 0.9, 0.95)

PAIRS_NOTE = """Two configurations are the same SpikeGRU with random weights, two seeds each, so whatever stands ahead
does so by its seeds. On the fair history seeds differ by luck; on the planted one, which repeats the last event, they
are truly better and worse. `windows alone`: how often the sign-flip test over windows of the mean over seeds, which
takes a configuration for its trainings, finds p < 0.01; `with seeds`: how often `compare_configurations` does. `holds`:
that is no surprise at 1 % (one-sided binomial p above 0.01)."""
ROLLING_NOTE = """Twelve rankers by decayed counts on fair histories with four origins. `at each origin`: each
chooses by its own validation, and the p is that of all test blocks with what was chosen. `by the mean`: the best by
mean validation over origins, which has seen three of the four test blocks. `holds`: the share of p < 0.05 is no
surprise at 5 % (one-sided binomial p above 0.01) for the first; the second should be a surprise."""
EQUAL_NOTE = """Equal scores for all parts on histories with unequal parts (`Skew`). `holds`: the value is chance to
nine digits and p is 1 on each of them."""


class Pair(NamedTuple):
    """The p-values of one pair of configurations that differ in their seeds alone."""

    of_windows: float
    with_seeds: float


class _Choice(NamedTuple):
    """The p-values of one history's choices."""

    at_each_origin: float
    by_the_mean: float


def calibrate_procedures(effort: Effort) -> list[Table]:
    """Return the tables of pairs, of choices over origins, and of equal scores."""
    facts = f"{effort.n_events:,} events"
    strengths = {"fair": 0.0, "Repeat(1) × 1": 1.0}
    pairs = [
        pair_row(name, effort.for_each(partial(_compare_seeds, effort, strength), effort.n_pairs))
        for name, strength in strengths.items()
    ]
    choices = effort.for_each(partial(_choose, effort), effort.n_rolling)
    equal = effort.for_each(partial(_score_equally, effort), effort.n_fair)
    return [
        Table(f"{effort.n_pairs} pairs that differ in nothing but seeds, {facts}", pairs, PAIRS_NOTE),
        Table(f"A choice over {N_ORIGINS} origins on {effort.n_rolling} fair histories of {facts}",
              _choice_rows(choices), ROLLING_NOTE),
        Table(f"Equal scores on {effort.n_fair} histories of {facts}", [_equal_row(equal)], EQUAL_NOTE),
    ]  # fmt: skip


def _compare_seeds(effort: Effort, strength: float, number: int) -> Pair:
    data = EventDataModule(
        signal=Repeat(lag=1), strength=strength, n_events=effort.n_events, data_seed=FIRST_SEED + number
    )
    data.setup()
    events = data.targets("test")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(number)
        models = [SpikeGRU(hidden_size=HIDDEN_SIZE, readout="membrane", init="fluctuation") for _ in range(2 * N_SEEDS)]
        recall = np.stack([list_recall(lists_of(model, data.test_dataloader()), events) for model in models])
    first, second = recall[:N_SEEDS], recall[N_SEEDS:]
    paired = compare_paired(first.mean(axis=0), second.mean(axis=0))
    return Pair(paired.p_two_sided, compare_configurations(first, second).p)


def _choose(effort: Effort, number: int) -> _Choice:
    val, lists, outcomes = [], [], []
    for origin in range(N_ORIGINS):
        data = EventDataModule(
            strength=0.0, n_events=effort.n_events, data_seed=FIRST_SEED + number, n_origins=N_ORIGINS, origin=origin
        )
        data.setup()
        models = [FrequencyBaseline(weight, decay=decay) for weight in (0.0, 1.0) for decay in DECAYS]
        of_val = [list_recall(lists_of(model, data.val_dataloader()), data.targets("val")) for model in models]
        val.append([float(recall.mean()) for recall in of_val])
        lists.append(np.stack([lists_of(model, data.test_dataloader()) for model in models]))
        outcomes.append(data.targets("test"))
    of_origins = np.array(val)
    pooled = choose_at_each_origin(of_origins, lists, outcomes)
    best = int(of_origins.mean(axis=0).argmax())
    by_the_mean: Float[np.ndarray, "windows parts"] = np.concatenate([of_origin[best] for of_origin in lists])
    return _Choice(NULL.p_value(pooled.predictions, pooled.outcomes).p, NULL.p_value(by_the_mean, pooled.outcomes).p)


def _score_equally(effort: Effort, number: int) -> bool:
    data = EventDataModule(signal=Skew(), n_events=effort.n_events, data_seed=FIRST_SEED + number)
    data.setup()
    events = data.targets("test")
    weights = list_weights(np.zeros((len(events), NULL.n_parts)), K)
    is_chance = abs(float(list_recall(weights, events).mean()) - NULL.mean) < 1e-9  # noqa: PLR2004  # nine digits
    return is_chance and NULL.p_value(weights, events) == (1.0, True)


def pair_row(name: str, pairs: list[Pair]) -> Row:
    """Return the row of pairs that differ in nothing but seeds.

    Args:
        name: What their histories are called.
        pairs: Their p-values.
    """
    n_ahead = sum(pair.with_seeds < BETTER_BELOW for pair in pairs)
    surprise = stats.binomtest(n_ahead, len(pairs), BETTER_BELOW, "greater").pvalue
    return {
        "history": name,
        "windows alone": percent(sum(pair.of_windows < BETTER_BELOW for pair in pairs) / len(pairs)),
        "with seeds": percent(n_ahead / len(pairs)),
        "95 % interval": percent_interval(wilson(n_ahead, len(pairs))),
        "holds": yes_or_no(holds=bool(surprise > SURPRISE)),
    }


def _choice_rows(choices: list[_Choice]) -> list[Row]:
    rows: list[Row] = []
    for name, should_hold in (("at_each_origin", True), ("by_the_mean", False)):
        n_below = sum(getattr(choice, name) < WEAK_BELOW for choice in choices)
        surprise = stats.binomtest(n_below, len(choices), WEAK_BELOW, "greater").pvalue
        rows.append(
            {
                "choice": name.replace("_", " "),
                "p < 0.05": percent(n_below / len(choices)),
                "95 % interval": percent_interval(wilson(n_below, len(choices))),
                "holds": yes_or_no(holds=bool(surprise > SURPRISE) == should_hold),
            }
        )
    return rows


def _equal_row(are_chance: list[bool]) -> Row:
    n = sum(are_chance)
    return {
        "scores": "equal",
        "chance and p = 1": f"{n} of {len(are_chance)}",
        "holds": yes_or_no(holds=all(are_chance)),
    }
