"""The p of configurations on the same test items: each one's own, that of the best of all, that of doing as badly."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped

from c5snn.evidence import N_DRAWS, ConfigurationP, Null, PValue, family_p
from c5snn.records.pooled import PooledTest, test_of

__all__ = ["NO_P", "Draws", "PValues", "p_values_of"]


class Draws(NamedTuple):
    """From how many draws of luck each p of a configuration is simulated; 0 for an exact one and where there is none.

    Attributes:
        p_value: Its own p, and that of doing as badly.
        p_family: The family-wise p.
    """

    p_value: int = 0
    p_family: int = 0


class PValues(NamedTuple):
    """A configuration's p-values, as :class:`ScoredConfiguration` has them."""

    p_value: float | None
    p_family: float | None
    p_worse: float | None
    p_worse_family: float | None
    draws: Draws = Draws()

    @classmethod
    def of_one(
        cls, null: Null, predictions: Shaped[np.ndarray, "items ..."], outcomes: Shaped[np.ndarray, "items ..."]
    ) -> "PValues":
        """Return those of a single training, which is the only one that is looked at."""
        return cls.of_own(null.p_value(predictions, outcomes), null.p_worse(predictions, outcomes))

    @classmethod
    def of_own(cls, own: PValue, p_worse: float) -> "PValues":
        """Return those of a single training of this p."""
        n_draws = 0 if own.is_exact else N_DRAWS
        return cls(own.p, own.p, p_worse, p_worse, Draws(n_draws, n_draws))

    @classmethod
    def of_draws(cls, simulated: ConfigurationP, n_draws: int) -> "PValues":
        """Return those that were simulated from the same draws."""
        return cls(*simulated, Draws(n_draws, n_draws))

    def among(self, simulated: ConfigurationP, n_draws: int) -> "PValues":
        """Return the p of a single training among others; a family-wise p is no smaller than its own."""
        if self.p_value is None or self.p_worse is None:
            return self.of_draws(simulated, n_draws)
        return self._replace(
            p_family=max(self.p_value, simulated.p_family),
            p_worse_family=max(self.p_worse, simulated.p_worse_family),
            draws=self.draws._replace(p_family=n_draws),
        )


NO_P = PValues(None, None, None, None)


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
    return [(own or NO_P).among(p, n_draws) for own, p in zip(owns, simulated, strict=True)]


def _own(test: PooledTest) -> PValues | None:
    """Return the p of a single seed, as its test has it; None for several seeds, whose mean is simulated."""
    if len(test.runs) > 1:
        return None
    record = test_of(test.runs[0][0])
    if len(test.blocks) > 1:
        return PValues.of_one(record.null, test.predictions[0], test.outcomes)
    if record.score.p is None:
        return NO_P
    own = PValue(record.score.p, record.score.is_exact)
    return PValues.of_own(own, record.null.p_worse(test.predictions[0], test.outcomes))
