"""What ignoring the input achieves: the share of rises in train."""

from typing import ClassVar, Literal, final

import torch
from jaxtyping import Float
from torch import Tensor

from c5snn.data import SeriesDataModule
from c5snn.errors import require
from c5snn.tasks.series import SeriesModule

__all__ = ["BaseRate"]


@final
class BaseRate(SeriesModule):
    """Gives every window the log-odds of the share of rises in train; nothing is trained.

    The share is a buffer, so that a checkpoint carries it.

    Args:
        targets: What the data asks for; this model only knows a direction.

    Raises:
        ConfigError: An argument is out of its range.

    Source: a forecast by climatology, as in Murphy (1973), J. Appl. Meteor. 12:595.
    """

    is_baseline: ClassVar[bool] = True

    rate: Float[Tensor, ""]

    def __init__(self, targets: Literal["forecast", "direction"] = "direction") -> None:
        super().__init__()
        fix = "Take `--model SeasonalNaive` for a forecast, or `--data.targets direction`."
        require("targets == 'direction'", holds=targets == "direction", targets=targets, fix=fix)
        self.save_hyperparameters()
        self.register_buffer("rate", torch.tensor(0.5))

    def fit_directly(self, data: SeriesDataModule) -> None:
        """Take the share of rises in train."""
        self.rate.fill_(data.train_base_rate())

    def forward(self, inputs: Float[Tensor, "batch context channels"]) -> Float[Tensor, "batch 1"]:
        """Return the same log-odds for every window."""
        return self.rate.logit().expand(len(inputs), 1)
