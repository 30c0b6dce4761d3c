"""A linear forecast of trend and rest: the linear baseline of series."""

from typing import ClassVar, Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from c5snn.errors import require, require_positive
from c5snn.tasks.series import SeriesModule

__all__ = ["DLinear"]


@final
class DLinear(SeriesModule):
    """Forecasts each channel by two linear maps, one of its moving average and one of what remains.

    ``trend = mean of kernel steps around each (the ends repeated)``, ``forecast = A·trend + a + B·(x − trend) + b``,
    A and B shared by all channels. ``(batch, context, channels)`` to ``(batch, horizon, channels)``.

    Args:
        n_channels: Number of channels, at least 1.
        context: Steps of a window, at least 1.
        horizon: Steps of the forecast, at least 1.
        kernel: Steps of the moving average, odd and at least 1.
        targets: What the data asks for; this model can only forecast.

    Raises:
        ConfigError: An argument is out of its range.

    Source: Zeng et al. (2023), Are Transformers Effective for Time Series Forecasting?, sec. 4, arXiv:2205.13504.
    """

    is_baseline: ClassVar[bool] = True

    def __init__(
        self,
        n_channels: int = 7,
        context: int = 336,
        horizon: int = 96,
        kernel: int = 25,
        targets: Literal["forecast", "direction"] = "forecast",
    ) -> None:
        super().__init__()
        require_positive(n_channels=n_channels, context=context, horizon=horizon, kernel=kernel)
        require("kernel % 2 == 1", holds=kernel % 2 == 1, kernel=kernel)
        fix = "Take `--model PatchTST` or `--model BaseRate` for a direction."
        require("targets == 'forecast'", holds=targets == "forecast", targets=targets, fix=fix)
        self.save_hyperparameters()
        self.kernel = kernel
        self.trend, self.rest = nn.Linear(context, horizon), nn.Linear(context, horizon)

    def forward(self, windows: Float[Tensor, "batch context channels"]) -> Float[Tensor, "batch horizon channels"]:
        """Return the forecast."""
        series = windows.mT  # (B, F, context)
        ends = self.kernel // 2
        padded = torch.cat([series[..., :1].expand(-1, -1, ends), series, series[..., -1:].expand(-1, -1, ends)], -1)
        trend = F.avg_pool1d(padded, self.kernel, stride=1)  # (B, F, context)
        forecast: Tensor = self.trend(trend) + self.rest(series - trend)  # (B, F, horizon)
        return forecast.mT
