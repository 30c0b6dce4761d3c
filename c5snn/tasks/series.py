"""The task of a series: forecast the rows that follow, or say whether a channel will rise."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F
from torchmetrics import MetricCollection

from c5snn.data import SeriesDataModule
from c5snn.errors import require
from c5snn.metrics.series import direction_metrics, forecast_metrics
from c5snn.records import Headline
from c5snn.tasks.judged_series import judge_directions, judge_forecasts
from c5snn.tasks.judging import Judgement
from c5snn.tasks.prediction import ItemInputs, Prediction, places_until
from c5snn.tasks.task import Task

__all__ = ["SeriesModule"]

# outputs that differ by less are one answer: a network that has become a constant still rounds
_DECIMALS = 6


class SeriesModule(Task):
    """Says what follows a window of a series.

    Abstract, without an ``__init__``. A subclass is final, calls ``save_hyperparameters()`` with plain values only, and
    defines ``forward``. Its outputs have the shape of the targets: forecasts ``(batch, horizon, channels)``, whose loss
    is the mean squared error, or logits of a rise ``(batch, 1)``, whose loss is the mean binary cross-entropy.
    """

    data_class: ClassVar[type[SeriesDataModule]] = SeriesDataModule

    @abstractmethod
    def forward(self, inputs: Float[Tensor, "batch context channels"]) -> Float[Tensor, "batch ..."]:
        """Return forecasts or logits from the rows before, oldest first."""

    def headline(self, data: SeriesDataModule) -> Headline:
        """Return MSE or BCE, by the targets of the data."""
        return Headline("mse", "MSE", "min") if data.targets == "forecast" else Headline("bce", "BCE", "min")

    def loss(self, outputs: Float[Tensor, "batch ..."], targets: Float[Tensor, "batch ..."]) -> Float[Tensor, ""]:
        """Return the mean squared error of forecasts, the mean binary cross-entropy of logits."""
        if outputs.ndim == 3:  # noqa: PLR2004  # (batch, horizon, channels)
            return F.mse_loss(outputs, targets)
        return F.binary_cross_entropy_with_logits(outputs, targets)

    def build_metrics(self, data: SeriesDataModule) -> MetricCollection:
        """Return MSE and MAE, or BCE with what describes probabilities beside it."""
        return forecast_metrics() if data.targets == "forecast" else direction_metrics()

    def answers(self, outputs: Float[Tensor, "items ..."]) -> Float[np.ndarray, "items ..."]:
        """Return forecasts or logits, rounded."""
        return np.round(outputs.detach().cpu().double().numpy(), _DECIMALS)

    def judge(self, outputs: Float[Tensor, "windows ..."], data: SeriesDataModule) -> Judgement:
        """Compare the model with the seasonal naive or the base rate, and where it is known with the oracle."""
        given, headline = outputs.detach().cpu().double(), self.headline(data)
        if data.targets == "forecast":
            return judge_forecasts(given.numpy(), data, headline, self.answers(outputs))
        return judge_directions(given, data, headline, self.answers(outputs))

    def predict_next(self, data: SeriesDataModule, *, as_of: str | None, top_k: int | None) -> Prediction:
        """Predict what follows the series, or what follows a time in it.

        Raises:
            ConfigError: The time or ``top_k`` is wrong, or the series up to the time is shorter than the context.
        """
        most = data.horizon if data.targets == "forecast" else 1
        shown = most if top_k is None else top_k
        require("1 <= top_k <= horizon", holds=1 <= shown <= most, top_k=shown, horizon=most)
        n_seen = len(data.series) if as_of is None else data.series.n_until(as_of)
        with torch.inference_mode():
            output = self.eval()(data.inputs_before(n_seen).to(self.device))[0].double().cpu()
        after = data.series.time_after(n_seen, 0)
        split, identity = data.identity_of(n_seen) if n_seen < len(data.series) else (None, None)
        columns, rows = _rows(output, data, n_seen)
        return Prediction(
            title=f"the {data.horizon} rows after {after}",
            facts={"after": after},
            columns=columns,
            rows=rows[:shown],
            split=split,
            identity=identity,
            is_ranked=False,
        )

    def inputs_until(self, data: SeriesDataModule, *, as_of: str | None, item: int, n_items: int) -> ItemInputs:
        """Return the windows of test items, or those that end at a time and at the rows before it.

        Raises:
            ConfigError: There is no such item, or the series up to the time is shorter than the context.
        """
        channels = list(data.series.channels)
        if as_of is None:
            places = places_until(item, data.describe().n_items["test"], n_items)
            return ItemInputs.of_test(data, places, features=channels)
        n_seen = data.series.n_until(as_of)
        ends = range(max(min(data.context, n_seen), n_seen + 1 - n_items), n_seen + 1)
        names = [f"the {data.horizon} rows after {data.series.time_after(end, 0)}" for end in ends]
        return ItemInputs(torch.cat([data.inputs_before(end) for end in ends]), names, channels)


def _rows(
    output: Float[Tensor, "..."], data: SeriesDataModule, n_seen: int
) -> tuple[tuple[str, ...], list[tuple[int | float | str | None, ...]]]:
    """Return a row a step in the units of the series, or the probability of a rise."""
    if data.targets == "forecast":
        values = data.scaling.unscaled(output.numpy()).tolist()
        rows = [(data.series.time_after(n_seen, step), *row) for step, row in enumerate(values, start=1)]
        return ("time", *data.series.channels), rows
    name = data.series.channels[data.target_channel]
    rise = f"{name} rises by {data.threshold:g} sd"
    return ("direction", "probability"), [(rise, float(output.sigmoid()[0]))]
