"""What hand-made features achieve: logistic regression on twenty-four numbers an item."""

from typing import ClassVar, final

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from c5snn.data import ArcDataModule, GridPairs
from c5snn.data.arc.features import FEATURES, item_features
from c5snn.errors import require, require_positive
from c5snn.tasks.category import CategoryModule

__all__ = ["GridFeatures"]

MAX_ITERATIONS = 500


@final
class GridFeatures(CategoryModule):
    """Multinomial logistic regression on hand-made features, fitted in one go; no gradient trains it.

    ``logits = C·((x − m) / s) + c`` with x the 24 features, m and s their mean and spread in train, and C and c from
    L-BFGS on the mean cross-entropy of train ``+ l2 / 2 · |C|²``. Weights and statistics are buffers, so that a
    checkpoint carries them.

    Args:
        n_categories: Number of categories, at least 1.
        l2: Penalty on the weights, above 0.

    Raises:
        ConfigError: An argument is out of its range.

    Source: Liu & Nocedal (1989), On the limited memory BFGS method for large scale optimization,
    doi:10.1007/BF01589116.
    """

    is_baseline: ClassVar[bool] = True

    mean: Float[Tensor, " features"]
    spread: Float[Tensor, " features"]
    weights: Float[Tensor, "categories features"]
    bias: Float[Tensor, " categories"]

    def __init__(self, n_categories: int = 9, l2: float = 0.03) -> None:
        super().__init__()
        require_positive(n_categories=n_categories)
        require("0 < l2", holds=l2 > 0, l2=l2)
        self.save_hyperparameters()
        self.l2 = l2
        self.register_buffer("mean", torch.zeros(len(FEATURES)))
        self.register_buffer("spread", torch.ones(len(FEATURES)))
        self.register_buffer("weights", torch.zeros(n_categories, len(FEATURES)))
        self.register_buffer("bias", torch.zeros(n_categories))

    def fit_directly(self, data: ArcDataModule) -> None:
        """Fit the regression on train, in double precision."""
        rows = np.concatenate([item_features(pairs) for pairs in data.pairs_of(data.items("train"))])
        features, labels = torch.from_numpy(rows), torch.from_numpy(data.targets("train"))
        mean, spread = features.mean(dim=0), features.std(dim=0, correction=0)
        spread[spread == 0] = 1.0  # a feature that never changes says nothing
        weights, bias = _fit((features - mean) / spread, labels, len(self.bias), self.l2)
        for name, value in (("mean", mean), ("spread", spread), ("weights", weights), ("bias", bias)):
            getattr(self, name).copy_(value)

    def forward(self, pairs: GridPairs) -> Float[Tensor, "batch categories"]:
        """Return one logit per category."""
        features = torch.from_numpy(item_features(pairs)).to(self.mean)
        return F.linear((features - self.mean) / self.spread, self.weights, self.bias)


def _fit(
    features: Float[Tensor, "items features"], labels: Tensor, n_categories: int, l2: float
) -> tuple[Float[Tensor, "categories features"], Float[Tensor, " categories"]]:
    """Return the weights and biases that minimise the penalised cross-entropy; it is convex, so they are unique."""
    with torch.enable_grad():
        weights = torch.zeros(n_categories, features.shape[1], dtype=torch.float64, requires_grad=True)
        bias = torch.zeros(n_categories, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.LBFGS([weights, bias], max_iter=MAX_ITERATIONS, line_search_fn="strong_wolfe")

        def closure() -> Tensor:
            optimizer.zero_grad()
            loss = F.cross_entropy(F.linear(features, weights, bias), labels) + l2 / 2 * weights.square().sum()
            loss.backward()
            return loss

        optimizer.step(closure)
    return weights.detach(), bias.detach()
