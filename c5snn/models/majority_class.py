"""What ignoring the input achieves: the commonest category of train."""

from typing import ClassVar, final

import torch
from jaxtyping import Float
from torch import Tensor

from c5snn.data import ArcDataModule, GridPairs
from c5snn.errors import require_positive
from c5snn.tasks.category import CategoryModule

__all__ = ["MajorityClass"]


@final
class MajorityClass(CategoryModule):
    """Gives every task the log-frequencies of the categories in train; nothing is trained.

    ``logit_k = log((n_k + 1) / (n + K))``: the commonest category is predicted, and the cross-entropy is that of the
    frequencies. The counts are a buffer, so that a checkpoint carries them.

    Args:
        n_categories: Number of categories K, at least 1.

    Raises:
        ConfigError: An argument is out of its range.

    Source: counts smoothed as in Laplace (1774), Mémoire sur la probabilité des causes.
    """

    is_baseline: ClassVar[bool] = True

    counts: Float[Tensor, " categories"]

    def __init__(self, n_categories: int = 9) -> None:
        super().__init__()
        require_positive(n_categories=n_categories)
        self.save_hyperparameters()
        self.register_buffer("counts", torch.zeros(n_categories))

    def fit_directly(self, data: ArcDataModule) -> None:
        """Count the categories of train."""
        labels = torch.from_numpy(data.targets("train"))
        self.counts.copy_(torch.bincount(labels, minlength=len(self.counts)))

    def forward(self, pairs: GridPairs) -> Float[Tensor, "batch categories"]:
        """Return the same logits for every task."""
        shares = (self.counts + 1) / (self.counts + 1).sum()
        return shares.log().expand(len(pairs.inputs), -1)
