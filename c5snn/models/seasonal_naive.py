"""What repeating the last season achieves."""

from typing import ClassVar, Literal, final

import torch
from jaxtyping import Float
from torch import Tensor

from c5snn.errors import require
from c5snn.tasks.series import SeriesModule

__all__ = ["SeasonalNaive"]


@final
class SeasonalNaive(SeriesModule):
    """Forecasts the rows of the last season, over and over; nothing to train.

    ``ŷ[t + k] = y[t + k − lag·⌈k / lag⌉]`` maps ``(batch, context, channels)`` to ``(batch, horizon, channels)``.

    Args:
        lag: Rows of a season, 1 ≤ lag ≤ context: 24 for a day of hours.
        context: How many rows it sees.
        horizon: How many rows it forecasts.
        targets: What the data asks for; this model can only forecast.

    Raises:
        ConfigError: An argument is out of its range.

    Source: Hyndman & Athanasopoulos (2021), Forecasting: principles and practice, 3rd ed., §5.2.
    """

    is_baseline: ClassVar[bool] = True

    def __init__(
        self,
        lag: int = 24,
        context: int = 336,
        horizon: int = 96,
        targets: Literal["forecast", "direction"] = "forecast",
    ) -> None:
        super().__init__()
        require("1 <= lag <= context", holds=1 <= lag <= context, lag=lag, context=context)
        fix = "Take `--model BaseRate` for a direction."
        require("targets == 'forecast'", holds=targets == "forecast", targets=targets, fix=fix)
        self.save_hyperparameters()
        self.lag, self.horizon = lag, horizon

    def forward(self, inputs: Float[Tensor, "batch context channels"]) -> Float[Tensor, "batch horizon channels"]:
        """Return the last season, repeated."""
        steps = torch.arange(self.horizon, device=inputs.device) % self.lag
        return inputs[:, inputs.shape[1] - self.lag + steps]
