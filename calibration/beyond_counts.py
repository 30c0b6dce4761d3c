"""Machines whose next event does not depend on the past: how often is something said to use the past beyond counts?

Their parts are unequal: for ever, wearing slowly into other inequalities, or changed at once. A list that was good in
train grows stale on the last two, and whatever counts beats it. So a model is also held against the counting baseline.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy import stats

from benchmarks.table import Row, Table
from c5snn.data import Repeat, synthesize
from c5snn.evidence import (
    BETTER_BELOW,
    ReferenceP,
    Sensitivity,
    Words,
    compare_paired,
    decayed_counts,
    fit_counting_baseline,
    judge_headline,
    list_recall,
    list_weights,
    p_beyond_counts,
    popularity_weights,
    wilson,
)
from c5snn.models import FrequencyBaseline
from calibration.effort import Effort
from calibration.judging import NULL, K
from calibration.words import SURPRISE, percent, percent_interval, yes_or_no

__all__ = ["FOLLOWS", "MACHINES", "TOLERATED", "USES", "Events", "calibrate_beyond_counts", "machine_events"]

FIRST_SEED = 40_000
MACHINES = ("static", "worn", "changed")
SPREAD = 0.4
WINDOW = 21
LAST = 500
STRENGTH = 1.0
TOLERATED = 0.05
WORDS = Words("Recall@20", "window", "ranking", "fair history")
FOLLOWS, USES = "follows which parts have been frequent lately", "uses the past beyond counts"

NOTE = """The parts of each machine have log-weights of standard deviation 0.4, which never change (`static`), go over
linearly into independent ones during the history (`worn`), or become independent ones at a random event (`changed`).
`frequency.yaml` counts the last 21 events, recent ones more. The claims are those of `c5snn test`: `follows` needs
p < 0.01 against chance and the popularity baseline, `beyond counts` against decayed counts of every half-life, too.
`popularity alone`: how often p < 0.01 against the popularity baseline, which once was called learning from the history;
`one half-life`: how often it would be said to go beyond counts if only the half-life that validation prefers had to be
beaten. `holds`: on machines, `beyond counts` is no surprise at 5 % (one-sided binomial p above 0.01); for the last row,
which repeats the last event and is ranked by it, it is said more often than not."""

Events = Float[np.ndarray, "events parts"]
Ranker = Callable[[Events], Float[np.ndarray, "events parts"]]


class _Claims(NamedTuple):
    """What is said of one ranker on one history."""

    beats_popularity: bool
    beats_one_half_life: bool
    claim: str


def calibrate_beyond_counts(effort: Effort) -> list[Table]:
    """Return the table of machines × rankers, with a planted signal as the last row."""
    rows = []
    for machine in (*MACHINES, REPEATS):
        histories = effort.for_each(partial(_judge_history, effort, machine), effort.n_machines)
        rows += [_row(machine, ranker, [history[ranker] for history in histories]) for ranker in histories[0]]
    title = f"“Uses the past beyond counts”, on {effort.n_machines} histories of {effort.n_events:,} events each"
    return [Table(title, rows, NOTE)]


def _judge_history(effort: Effort, machine: str, number: int) -> dict[str, _Claims]:
    seed = FIRST_SEED + number
    events = _planted(effort.n_events, seed) if machine == REPEATS else machine_events(machine, effort.n_events, seed)
    n_windows = effort.n_events - WINDOW
    first_val, first_test = (WINDOW + int(n_windows * share) for share in (0.7, 0.85))
    test = slice(first_test, effort.n_events)
    parts = np.nonzero(events[test])[1].reshape(len(events) - first_test, -1) + 1
    popularity = np.repeat(popularity_weights(events, first_val, K)[None], len(parts), axis=0)
    counting = fit_counting_baseline(events, slice(first_val, first_test), K).weights[test]
    references = [list_recall(weights, parts) for weights in (popularity, counting)]
    judge = partial(_judge, references=references, parts=parts, events=events, test=test)
    rankers = {"last event": lambda past: decayed_counts(past, 0.01)} if machine == REPEATS else RANKERS
    return {name: judge(list_weights(rank(events)[test], K)) for name, rank in rankers.items()}


def _judge(
    weights: Float[np.ndarray, "windows parts"],
    *,
    references: list[Float[np.ndarray, " windows"]],
    parts: Int[np.ndarray, "windows active"],
    events: Events,
    test: slice,
) -> _Claims:
    recall = list_recall(weights, parts)
    p_chance = NULL.p_value(weights, parts).p
    p_popularity, p_chosen = (compare_paired(recall, reference).p_greater for reference in references)
    is_ahead = max(p_chance, p_popularity) < BETTER_BELOW
    p_beyond = p_beyond_counts(recall, events, test, K) if is_ahead else 1.0
    verdict = judge_headline(
        p_chance,
        WORDS,
        [ReferenceP("popularity", FOLLOWS, p_popularity), ReferenceP("counting", USES, p_beyond)],
        lift=float(recall.mean()) - NULL.mean,
        same_share=float(np.unique(weights, axis=0, return_counts=True)[1].max()) / len(weights),
        sensitivity=Sensitivity(len(weights), NULL.variance),
    )
    return _Claims(p_popularity < BETTER_BELOW, is_ahead and p_chosen < BETTER_BELOW, verdict.claim)


def _row(machine: str, ranker: str, said: list[_Claims]) -> Row:
    n_beyond = sum(entry.claim == USES for entry in said)
    n_follows = sum(entry.claim == FOLLOWS for entry in said)
    alternative, bound = ("less", 0.5) if machine == REPEATS else ("greater", TOLERATED)
    surprise = stats.binomtest(n_beyond, len(said), bound, alternative).pvalue
    return {
        "machine": machine,
        "ranker": ranker,
        "popularity alone": percent(sum(entry.beats_popularity for entry in said) / len(said)),
        "one half-life": percent(sum(entry.beats_one_half_life for entry in said) / len(said)),
        "follows": percent(n_follows / len(said)),
        "beyond counts": percent(n_beyond / len(said)),
        "95 % interval": percent_interval(wilson(n_beyond, len(said))),
        "holds": yes_or_no(holds=bool(surprise > SURPRISE)),
    }


def machine_events(machine: str, n_events: int, seed: int) -> Events:
    """Return the 0/1 rows of one history of a machine.

    Args:
        machine: One of ``MACHINES``.
        n_events: How many events.
        seed: What they follow from.
    """
    random = np.random.default_rng([seed, *machine.encode()])
    before, after = random.normal(0, SPREAD, (2, NULL.n_parts))
    share = np.arange(n_events)[:, None] / n_events
    moved = {"static": 0.0 * share, "worn": share, "changed": (share > random.uniform(0.2, 1.0)).astype(float)}[machine]
    scores = (1 - moved) * before + moved * after + random.gumbel(size=(n_events, NULL.n_parts))
    events: Events = np.zeros(scores.shape)
    np.put_along_axis(events, np.argpartition(-scores, NULL.n_active, axis=1)[:, : NULL.n_active], 1.0, axis=1)
    return events


def _planted(n_events: int, seed: int) -> Events:
    drawn = synthesize(Repeat(lag=1), strength=STRENGTH, n_events=n_events, data_seed=seed)
    return drawn.history.multi_hot().astype(np.float64)


def _frequency_yaml(events: Events) -> Float[np.ndarray, "events parts"]:
    windows = np.lib.stride_tricks.sliding_window_view(events, WINDOW, axis=0)[:-1].swapaxes(1, 2)
    with torch.inference_mode():
        scores = FrequencyBaseline()(torch.from_numpy(np.ascontiguousarray(windows)).float()).double().numpy()
    return np.asarray(np.concatenate([np.zeros((WINDOW, events.shape[1])), scores]))


def _counts_of_the_last(events: Events) -> Float[np.ndarray, "events parts"]:
    total: Float[np.ndarray, "events parts"] = decayed_counts(events, np.inf)
    return np.asarray(total - np.concatenate([np.zeros((LAST, events.shape[1])), total])[: len(total)])


RANKERS: dict[str, Ranker] = {
    "`frequency.yaml`": _frequency_yaml,
    f"counts of the last {LAST}": _counts_of_the_last,
    "counts so far": lambda events: decayed_counts(events, np.inf),
}
REPEATS = f"Repeat(1) × {STRENGTH}"
