"""What repeating the last value achieves."""

from typing import ClassVar, Literal, final

from jaxtyping import Float
from torch import Tensor

from c5snn.errors import require
from c5snn.tasks.series import SeriesModule

__all__ = ["RepeatLast"]


@final
class RepeatLast(SeriesModule):
    """Forecasts the last row for every step; nothing to train. It is the best forecast of a random walk.

    Args:
        horizon: How many rows it forecasts.
        targets: What the data asks for; this model can only forecast.

    Raises:
        ConfigError: An argument is out of its range.

    Source: Hyndman & Athanasopoulos (2021), Forecasting: principles and practice, 3rd ed., §5.2.
    """

    is_baseline: ClassVar[bool] = True

    def __init__(self, horizon: int = 96, targets: Literal["forecast", "direction"] = "forecast") -> None:
        super().__init__()
        fix = "Take `--model BaseRate` for a direction."
        require("targets == 'forecast'", holds=targets == "forecast", targets=targets, fix=fix)
        self.save_hyperparameters()
        self.horizon = horizon

    def forward(self, inputs: Float[Tensor, "batch context channels"]) -> Float[Tensor, "batch horizon channels"]:
        """Return the last row, repeated."""
        return inputs[:, -1:].expand(-1, self.horizon, -1)
