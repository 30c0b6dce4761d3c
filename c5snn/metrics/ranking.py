"""What every ranking metric shares: sum states, ties, faults and the exact law under pure chance; one hook each."""

from abc import abstractmethod
from collections import Counter
from fractions import Fraction
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torchmetrics import Metric

from c5snn.errors import require
from c5snn.metrics.ties import TieGroups, locate_ties, probability_dtype

__all__ = ["RankingMetric"]

# A window's value lies in [0, 1] and is added as a whole number of these units. Sums of integers do not depend on their
# order, so any batch size, device or number of processes gives the same bits, and mps, which has no float64, too. The
# unit is 1 / (lcm(1, ..., 16) * 2^20), about 2^-39: shares of up to 16 active parts are whole, and 10^7 windows fit.
UNITS_PER_ONE = 720_720 * 2**20


class RankingMetric(Metric):
    """The mean over windows of how well the scores rank the active parts.

    Abstract. A subclass is final and defines ``short_name``, ``null`` and ``_value``; one that looks at the whole
    ranking also sets ``has_depth = False``.

    Args:
        k: How many of the best-ranked parts count, 1 ≤ k < ``n_parts``; None for a metric of the whole ranking.
        n_parts: Number of parts.
        n_active: Number of active parts of an event; ``varies`` for events of any size, of which empty ones are left
            out: there is nothing to rank.

    Raises:
        ConfigError: k, ``n_parts`` and ``n_active`` do not fit, or k is given to a metric of the whole ranking.
    """

    is_differentiable = False
    higher_is_better = True
    full_state_update = False

    short_name: ClassVar[str]
    has_depth: ClassVar[bool] = True

    total: Tensor
    count: Tensor
    n_not_finite: Tensor
    n_not_events: Tensor

    def __init__(self, k: int | None = None, n_parts: int = 39, n_active: int | Literal["varies"] = 5) -> None:
        super().__init__()
        fits = n_active == "varies" or 1 <= n_active < n_parts
        require("1 <= n_active < n_parts", holds=fits, n_active=n_active, n_parts=n_parts)
        if self.has_depth:
            fits = k is not None and 1 <= k < n_parts
            require("1 <= k < n_parts", holds=fits, k=k, n_parts=n_parts, fix="A list must leave a part out.")
        else:
            require("k is None", holds=k is None, k=k, fix=f"{type(self).__name__} looks at the whole ranking.")
        self.k = n_parts if k is None else k
        self.n_parts = n_parts
        # the laws are of events of one size; of varying ones each size has its own
        self.n_active = 0 if n_active == "varies" else n_active
        self.event_size = n_active
        for name in ("total", "count", "n_not_finite", "n_not_events"):
            self.add_state(name, default=torch.zeros((), dtype=torch.int64), dist_reduce_fx="sum")

    @property
    def logged_name(self) -> str:
        """The name under which it is logged, without the split: ``recall_at_20``, ``mrr``."""
        return f"{self.short_name}_at_{self.k}" if self.has_depth else self.short_name

    @property
    @abstractmethod
    def null(self) -> dict[Fraction, Fraction]:
        """The exact probability of each value of one window when the event is a uniform subset of ``n_active`` parts.

        It holds for any ranking that uses only the past, and windows are independent under it.
        """

    @abstractmethod
    def _value(self, groups: TieGroups) -> Float[Tensor, " batch"]:
        """Return each window's value, in expectation over the orders of the tied parts."""

    @property
    def chance(self) -> float:
        """The exact mean under ``null``, rounded once; of varying sizes there is none, only ``chance_of`` them."""
        require("n_active is a number", holds=self.n_active > 0, n_active=self.event_size)
        return float(sum(value * probability for value, probability in self.null.items()))

    def of_size(self, n_active: int) -> "RankingMetric":
        """Return this metric for events of one size, which may be all parts."""
        sized = type(self)(self.k if self.has_depth else None, self.n_parts, min(n_active, self.n_parts - 1))
        sized.n_active = sized.event_size = n_active
        return sized

    def chance_of(self, sizes: Counter[int]) -> float:
        """Return the exact mean over events of these sizes, the number of events of each."""
        return sum(count * self.of_size(size).chance for size, count in sizes.items()) / sizes.total()

    def update(self, scores: Float[Tensor, "..."], targets: Tensor, groups: TieGroups | None = None) -> None:
        """Add the windows of one batch.

        Args:
            scores: Logits of any scale, higher is better, shape (batch, parts).
            targets: 1 for an active part and 0 otherwise, same shape.
            groups: What ``locate_ties`` returned for this batch, when the caller has it already.

        Raises:
            ConfigError: The shapes do not fit, or a target does not hold exactly ``n_active`` ones.
            FloatingPointError: A score is NaN or infinite. On an accelerator both are raised by ``compute``, because
                asking earlier would make every step wait for the device.
        """
        if groups is None:
            groups = locate_ties(scores, targets, n_parts=self.n_parts, n_active=self.event_size)
        self.n_not_finite += (~groups.is_finite).sum()
        self.n_not_events += (~groups.is_event).sum()
        if scores.device.type == "cpu":
            self._refuse_faults(int(self.n_not_finite), int(self.n_not_events))
        self.total += (self._scored(groups) * UNITS_PER_ONE).round().to(torch.int64).sum()
        self.count += len(scores) if groups.sizes is None else (groups.sizes > 0).sum()

    def compute(self) -> Float[Tensor, ""]:
        """Return the mean over all windows since the last reset.

        Raises:
            ConfigError: As ``update``, or there was no window.
            FloatingPointError: As ``update``.
        """
        self._refuse_faults(int(self.n_not_finite), int(self.n_not_events))
        require("1 <= n_windows", holds=int(self.count) >= 1, n_windows=0, fix="Give the split more events.")
        dtype = probability_dtype(self.total.device)
        return self.total.to(dtype) / (self.count * UNITS_PER_ONE).to(dtype)

    def per_window(self, scores: Float[Tensor, "..."], targets: Tensor) -> Float[Tensor, " batch"]:
        """Return one value per window, 0 where the event is empty; the state stays as it is.

        Raises:
            ConfigError: The shapes do not fit, or a target does not hold exactly ``n_active`` ones.
            FloatingPointError: A score is NaN or infinite.
        """
        groups = locate_ties(scores, targets, n_parts=self.n_parts, n_active=self.event_size)
        self._refuse_faults(int((~groups.is_finite).sum()), int((~groups.is_event).sum()))
        return self._scored(groups)

    def _scored(self, groups: TieGroups) -> Float[Tensor, " batch"]:
        if groups.sizes is None:
            return self._value(groups)
        if groups.above.shape[1] == 0:
            return torch.zeros(len(groups.sizes), dtype=probability_dtype(groups.above.device))
        return torch.where(groups.sizes > 0, self._value(groups), 0)

    def _refuse_faults(self, n_not_finite: int, n_not_events: int) -> None:
        if n_not_finite:
            raise FloatingPointError(
                f"`scores.isfinite()` must hold, but {n_not_finite} windows have NaN or infinite scores. "
                "The model has diverged: lower the learning rate or clip the gradient."
            )
        require(
            "targets are 0 or 1" + (" and targets.sum(dim=1) == n_active" if self.n_active else ""),
            holds=n_not_events == 0,
            n_faulty_windows=n_not_events,
            n_active=self.event_size,
            fix="Give the metric and the data the same `n_active`.",
        )
