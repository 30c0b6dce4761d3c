"""A choice by validation at each origin of several: what the procedure of choosing got on test.

Validation of one origin is test of the origin before, so a choice by mean validation over the origins has seen most
test items. A choice at each origin on its own validation has not, and what it got has an exact p; unless what it
chooses from had been chosen so before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import NamedTuple

import numpy as np

from c5snn.evidence import choose_at_each_origin, family_p
from c5snn.records.p_values import NO_P, PValues
from c5snn.records.pooled import PooledTest, pool_origins, test_of
from c5snn.records.run import RunRecord
from c5snn.records.scored import ScoredConfiguration, score_one

__all__ = ["OriginChoice", "choice_at_each_origin"]

LABEL = "choice at each origin"


class OriginChoice(NamedTuple):
    """What choosing by validation at each origin got.

    Attributes:
        chosen: The label of the configuration that each origin chose.
        scored: What the choices got, pooled over the origins, as one configuration with a p of its own; without one
            where validation of all origins had chosen the configurations from more.
    """

    chosen: list[str]
    scored: ScoredConfiguration


def choice_at_each_origin(entries: Sequence[ScoredConfiguration], *, n_draws: int = 10_000) -> OriginChoice | None:
    """Choose at each origin the best mean on its own validation, and pool what the choices got on test.

    Where configurations differ in the number of seeds, the first ones of each count.

    Args:
        entries: The configurations of one comparison.
        n_draws: Draws of luck for the p of several seeds; that of one seed is exact.

    Returns:
        The choice; None for one configuration, for one origin, and where a run has no validation.
    """
    runs = [run for entry in entries for run in entry.runs]
    if len(entries) < 2 or runs[0].data.n_origins < 2 or any(run.monitored is None for run in runs):  # noqa: PLR2004
        return None
    tests = {entry.label: pool_origins(entry.runs) for entry in entries}
    n_seeds = min(len(test.runs) for test in tests.values())
    test, chosen = _pool_choices(tests, n_seeds)
    null, p, n_chosen_from = test_of(runs[0]).null, NO_P, entries[0].n_chosen_from
    if not test.is_decidable or n_chosen_from > len(entries):
        pass
    elif n_seeds == 1:
        p = PValues.of_one(null, test.predictions[0], test.outcomes)
    else:
        [simulated] = family_p(null, [test.predictions], test.outcomes, n_draws=n_draws)
        p = PValues.of_draws(simulated, n_draws)
    return OriginChoice(chosen, replace(score_one(LABEL, test, p), n_chosen_from=n_chosen_from))


def _pool_choices(tests: Mapping[str, PooledTest], n_seeds: int) -> tuple[PooledTest, list[str]]:
    """Return the test of the choices, and the label that each origin chose.

    Of equal ones the smallest model is chosen: an order by validation of all origins would have seen test items.
    """
    labels = sorted(tests, key=lambda label: (tests[label].runs[0][0].n_parameters, label))
    of_labels = [tests[label] for label in labels]
    first = of_labels[0]
    ends = np.cumsum([block.n_items for block in first.blocks])
    parts = [slice(end - block.n_items, end) for end, block in zip(ends.tolist(), first.blocks, strict=True)]
    val = [[fmean(_val(test.runs[s][i]) for s in range(n_seeds)) for test in of_labels] for i in range(len(parts))]
    # items come first in what a choice pools; the seeds go with them
    predictions = [
        np.stack([np.moveaxis(test.predictions[:n_seeds, part], 0, 1) for test in of_labels]) for part in parts
    ]
    mode = first.runs[0][0].headline.mode
    choice = choose_at_each_origin(np.array(val), predictions, [first.outcomes[part] for part in parts], mode=mode)
    chosen = [of_labels[index] for index in choice.chosen.tolist()]
    pooled = PooledTest(
        runs=[[test.runs[seed][origin] for origin, test in enumerate(chosen)] for seed in range(n_seeds)],
        blocks=first.blocks,
        scores=np.concatenate([test.scores[:n_seeds, part] for test, part in zip(chosen, parts, strict=True)], axis=1),
        references=first.references,
        predictions=np.moveaxis(choice.predictions, 1, 0),
        outcomes=choice.outcomes,
    )
    return pooled, [labels[index] for index in choice.chosen.tolist()]


def _val(run: RunRecord) -> float:
    return run.val[run.headline.monitor]
