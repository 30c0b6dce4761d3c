"""What every ranking metric shares: sum states, ties, faults and the exact law under pure chance; one hook each."""

from abc import abstractmethod
from fractions import Fraction

import torch
from jaxtyping import Float
from torch import Tensor
from torchmetrics import Metric

from c5snn.errors import ConfigError
from c5snn.metrics.ties import TieGroups, probability_dtype, tie_groups

__all__ = ["RankingMetric"]

# A window's value lies in [0, 1] and is added as a whole number of these units. Sums of integers do not depend on their
# order, so any batch size, device or number of processes gives the same bits, and mps, which has no float64, too. The
# unit is 1 / (lcm(1, ..., 16) * 2^20), about 2^-39: shares of up to 16 active parts are whole, and 10^7 windows fit.
UNITS_PER_ONE = 720_720 * 2**20


class RankingMetric(Metric):
    """The mean over windows of how well the scores rank the active parts.

    Abstract. A subclass is final and defines ``__init__`` (which calls ``_declare``), ``null`` and ``_value``.
    """

    is_differentiable = False
    higher_is_better = True
    full_state_update = False

    total: Tensor
    count: Tensor
    n_not_finite: Tensor
    n_not_events: Tensor

    @property
    @abstractmethod
    def null(self) -> dict[Fraction, Fraction]:
        """The exact probability of each value of one window when the event is a uniform subset of the parts.

        It holds for any ranking that uses only the past, and windows are independent under it.
        """

    @abstractmethod
    def _value(self, groups: TieGroups) -> Float[Tensor, " batch"]:
        """Return each window's value, in expectation over the orders of the tied parts."""

    @property
    def chance(self) -> float:
        """The exact mean under ``null``, rounded once."""
        return float(sum(value * probability for value, probability in self.null.items()))

    def update(self, scores: Float[Tensor, "..."], targets: Tensor, groups: TieGroups | None = None) -> None:
        """Add the windows of one batch.

        Args:
            scores: logits of any scale, higher is better, shape (batch, parts).
            targets: 1 for an active part and 0 otherwise, same shape.
            groups: what ``tie_groups`` returned for this batch, when the caller has it already.

        Raises:
            ConfigError: if the shapes do not fit, or a target does not hold exactly ``n_active`` ones.
            FloatingPointError: if a score is NaN or infinite. On an accelerator both are raised by ``compute``, because
                asking earlier would make every step wait for the device.
        """
        if groups is None:
            groups = tie_groups(scores, targets, n_parts=self.n_parts, n_active=self.n_active)
        self.n_not_finite += (~groups.is_finite).sum()
        self.n_not_events += (~groups.is_event).sum()
        if scores.device.type == "cpu":
            self._refuse_faults(int(self.n_not_finite), int(self.n_not_events))
        self.total += (self._value(groups) * UNITS_PER_ONE).round().to(torch.int64).sum()
        self.count += len(scores)

    def compute(self) -> Float[Tensor, ""]:
        """Return the mean over all windows since the last reset.

        Raises:
            ConfigError: as ``update``, or if there was no window.
            FloatingPointError: as ``update``.
        """
        self._refuse_faults(int(self.n_not_finite), int(self.n_not_events))
        if self.count == 0:
            raise ConfigError("`n_windows >= 1` must hold, but no window was scored. Give the split more events.")
        dtype = probability_dtype(self.total.device)
        return self.total.to(dtype) / (self.count * UNITS_PER_ONE).to(dtype)

    def per_window(self, scores: Float[Tensor, "..."], targets: Tensor) -> Float[Tensor, " batch"]:
        """Return one value per window; the state stays as it is.

        Raises:
            ConfigError: if the shapes do not fit, or a target does not hold exactly ``n_active`` ones.
            FloatingPointError: if a score is NaN or infinite.
        """
        groups = tie_groups(scores, targets, n_parts=self.n_parts, n_active=self.n_active)
        self._refuse_faults(int((~groups.is_finite).sum()), int((~groups.is_event).sum()))
        return self._value(groups)

    def _declare(self, n_parts: int, n_active: int) -> None:
        """Keep the shape of an event and declare the sums."""
        if not 1 <= n_active < n_parts:
            raise ConfigError(f"`1 <= n_active < n_parts` must hold, but got n_active={n_active}, n_parts={n_parts}.")
        self.n_parts = n_parts
        self.n_active = n_active
        for name in ("total", "count", "n_not_finite", "n_not_events"):
            self.add_state(name, default=torch.zeros((), dtype=torch.int64), dist_reduce_fx="sum")

    def _checked_k(self, k: int) -> int:
        """Return k when a list of k parts leaves some out; one that leaves none out ranks nothing."""
        if not 1 <= k < self.n_parts:
            raise ConfigError(f"`1 <= k < n_parts` must hold, but got k={k}, n_parts={self.n_parts}. Choose another k.")
        return k

    def _refuse_faults(self, n_not_finite: int, n_not_events: int) -> None:
        if n_not_finite:
            raise FloatingPointError(
                f"`scores.isfinite()` must hold, but {n_not_finite} windows have NaN or infinite scores. "
                "The model has diverged: lower the learning rate or clip the gradient."
            )
        if n_not_events:
            raise ConfigError(
                f"`targets.sum(dim=1) == n_active` must hold with zeros and ones only, but {n_not_events} windows "
                f"differ from n_active={self.n_active}. Give the metric and the data the same `n_active`."
            )
