"""The p of configurations on the same test items: each one's own, that of the best of all, that of doing as badly."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped

from c5snn.evidence import Null, family_p
from c5snn.records.pooled import PooledTest, test_of

__all__ = ["NO_P", "PValues", "p_values_of"]


class PValues(NamedTuple):
    """A configuration's p-values, as :class:`ScoredConfiguration` has them."""

    p_value: float | None
    p_family: float | None
    p_worse: float | None

    @classmethod
    def of_one(
        cls, null: Null, predictions: Shaped[np.ndarray, "items ..."], outcomes: Shaped[np.ndarray, "items ..."]
    ) -> "PValues":
        """Return those of a single training, which is the only one that is looked at."""
        own = null.p_value(predictions, outcomes).p
        return cls(own, own, null.p_worse(predictions, outcomes))


NO_P = PValues(None, None, None)


def p_values_of(tests: Sequence[PooledTest], n_draws: int) -> list[PValues]:
    """Return the p-values of each test; none for too few independent items.

    Args:
        tests: The configurations of one comparison.
        n_draws: Draws of luck.
    """
    if not tests[0].is_decidable:
        return [NO_P] * len(tests)
    owns = list(map(_own, tests))
    if len(tests) == 1 and owns[0] is not None:
        return [owns[0]]
    null, outcomes = tests[0].null, tests[0].outcomes
    simulated = family_p(null, [test.predictions for test in tests], outcomes, n_draws=n_draws)
    return [
        PValues(*p) if own is None or own.p_value is None else own._replace(p_family=max(own.p_value, p.p_family))
        for own, p in zip(owns, simulated, strict=True)
    ]


def _own(test: PooledTest) -> PValues | None:
    """Return the exact p of a single seed, as its test has it; None for several seeds, whose mean is simulated."""
    if len(test.runs) > 1:
        return None
    record = test_of(test.runs[0][0])
    if len(test.blocks) > 1:
        return PValues.of_one(record.null, test.predictions[0], test.outcomes)
    return PValues(record.score.p, record.score.p, record.null.p_worse(test.predictions[0], test.outcomes))
