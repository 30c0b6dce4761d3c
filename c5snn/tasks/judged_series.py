"""The judgement of forecasts and of probabilities of a rise, from outputs, targets and block sign flips alone."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from jaxtyping import Float, Float64, Int64, Shaped
from torch import Tensor
from torchmetrics import MetricCollection

from c5snn.data import SeriesDataModule
from c5snn.errors import ConfigError
from c5snn.evidence import BlockSignFlips, Words, diebold_mariano
from c5snn.metrics.series import BinaryCrossEntropy, WindowMean, direction_metrics, forecast_metrics
from c5snn.records import Headline, MetricScore, TestItems
from c5snn.tasks.judging import ItemTable, Judgement, Oracle, ReferenceWords, judge_items, score_items

__all__ = ["judge_directions", "judge_forecasts", "repeat_last", "rows_of_season", "seasonal_naive"]

# of the reference, where the steps of a series make up no day
ROWS_WITHOUT_DAY: Final = 24
# the loop of many publications drops the last partial batch of test. Source: Zeng et al. (2023), arXiv:2205.13504.
PUBLISHED_BATCH: Final = 128
# a probability of exactly 0 or 1 has no finite expected loss
TINY: Final = 1e-12
# how many forecasts a report draws beside the truth
N_DRAWN: Final = 4

Values = Float64[np.ndarray, "windows horizon channels"]


def judge_forecasts(
    outputs: Values, data: SeriesDataModule, headline: Headline, answers: Shaped[np.ndarray, "windows ..."]
) -> Judgement:
    """Judge a model's forecasts of the test split.

    Args:
        outputs: The forecasts, in the order of time.
        data: The data, set up.
        headline: The metric of the verdict, an error of each window.
        answers: The forecasts in the form in which they are compared.

    Raises:
        ConfigError: A forecast is NaN or infinite.
    """
    _require_finite(outputs)
    starts, horizon = data.first_rows("test"), data.horizon
    truth = data.rows_from(starts, horizon)
    lag = rows_of_season(data, starts)
    others = {"seasonal_naive": seasonal_naive(data, starts, lag), "repeat_last": repeat_last(data, starts)}
    oracle = None if data.oracle is None else data.scaling.scaled(data.oracle.forecasts(starts, horizon))
    losses = {name: _squared(values, truth) for name, values in others.items()}
    ours, metrics = torch.from_numpy(outputs), forecast_metrics()
    metrics.update(ours, torch.from_numpy(truth))
    every = [outputs, *others.values(), *([] if oracle is None else [oracle])]
    items = TestItems(
        scores=_squared(outputs, truth),
        references=losses,
        predictions=_squared(outputs, truth),
        outcomes=losses["seasonal_naive"],
        details={
            "error_by_step": np.stack([((values - truth) ** 2).mean(axis=(0, 2)) for values in every]),
            **_drawn(outputs, data, starts),
            "item_dates": _dates(data, starts),
        },
    )
    null = BlockSignFlips.of(items.predictions, items.outcomes, 2 * horizon)
    naive = f"the value {lag} rows before; p flips the signs of the differences in stretches of {null.block} windows"
    season = "day" if lag == data.series.rows_per_day else f"{lag} rows"
    references = (
        ReferenceWords(
            "seasonal_naive", "seasonal naive", naive, f"forecasts better than the {season} before repeated"
        ),
        ReferenceWords(
            "repeat_last", "last value", "the last value repeated", "forecasts better than either naive repetition"
        ),
    )
    windows = _per_window(metrics, ours, torch.from_numpy(truth))
    scores = {name: score_items(values, null) for name, values in windows.items()}
    return judge_items(
        items,
        null,
        headline=headline,
        words=Words(headline.label, "window", "forecast", "flip of the signs", rival="the seasonal naive"),
        references=references,
        answers=answers,
        metrics={**scores, **_of_full_batches(windows), **_beside(items, null, horizon)},
        oracle=None if oracle is None else _oracle(outputs, others["seasonal_naive"], oracle, truth),
        table=_table(data, starts, {**windows, **losses}),
    )


def judge_directions(
    logits: Float[Tensor, "windows 1"],
    data: SeriesDataModule,
    headline: Headline,
    answers: Shaped[np.ndarray, "windows ..."],
) -> Judgement:
    """Judge a model's logits of a rise on the test split; arguments and errors as in :func:`judge_forecasts`."""
    _require_finite(logits.numpy())
    starts, rate = data.first_rows("test"), data.train_base_rate()
    labels = data.labels("test")
    targets = torch.from_numpy(labels)[:, None].double()
    metrics = direction_metrics()
    metrics.update(logits, targets)
    windows = _per_window(metrics, logits, targets)
    logit = torch.tensor(rate).logit().double()  # with the rounding of a model's logit
    base = BinaryCrossEntropy.per_window(logit.expand_as(targets), targets).numpy()
    values, details = windows[headline.name], {"item_dates": _dates(data, starts)}
    items = TestItems(values, {"base_rate": base}, values, base, details)
    null = BlockSignFlips.of(items.predictions, items.outcomes, 2 * data.horizon)
    says = f"the share of rises in train, {rate:.3f}; p flips the signs in stretches of {null.block} windows"
    scores = {
        name: score_items(windows[name], null) if name in windows else MetricScore(float(value))
        for name, value in metrics.compute().items()
    }
    return judge_items(
        items,
        null,
        headline=headline,
        words=Words(headline.label, "window", "probability", "flip of the signs", rival="the base rate"),
        references=[ReferenceWords("base_rate", "base rate", says, "learns from its input")],
        answers=answers,
        metrics={**scores, **_beside(items, null, data.horizon)},
        oracle=_rising_oracle(_shares(logits), float(logit.sigmoid()), labels, data),
        table=_table(data, starts, {"rises": labels.astype(int), "probability": _shares(logits), **windows}),
    )


def rows_of_season(data: SeriesDataModule, starts: Int64[np.ndarray, " windows"]) -> int:
    """Return the lag of the seasonal naive: a day, or 24 rows where no whole day lies before the first start."""
    day = data.series.rows_per_day
    return day if day is not None and day <= starts[0] else ROWS_WITHOUT_DAY


def seasonal_naive(data: SeriesDataModule, starts: Int64[np.ndarray, " windows"], lag: int) -> Values:
    """Return the last season before each start, repeated over the horizon.

    Args:
        data: The data, set up.
        starts: The first row of each forecast, ascending.
        lag: How many rows a season has.

    Raises:
        ConfigError: A start has less than a season before it.
    """
    if starts[0] < lag:
        raise ConfigError(f"`{lag} <= rows before test` must hold for the seasonal naive, but there are {starts[0]}.")
    steps = np.arange(data.horizon) % lag
    return data.rows_from(starts - lag, min(lag, data.horizon))[:, steps]


def repeat_last(data: SeriesDataModule, starts: Int64[np.ndarray, " windows"]) -> Values:
    """Return the last row before each start, repeated over the horizon."""
    return np.repeat(data.rows_from(starts - 1, 1), data.horizon, axis=1)


def _require_finite(outputs: Float64[np.ndarray, "windows ..."]) -> None:
    n_faulty = int((~np.isfinite(outputs)).reshape(len(outputs), -1).any(axis=1).sum())
    if n_faulty:
        raise ConfigError(
            f"`outputs.isfinite()` must hold, but {n_faulty:,} of {len(outputs):,} windows have NaN or infinite "
            "outputs. The model has diverged: lower the learning rate or clip the gradient."
        )


def _squared(values: Values, truth: Values) -> Float64[np.ndarray, " windows"]:
    return np.asarray(((values - truth) ** 2).mean(axis=(1, 2)))


def _shares(logits: Float[Tensor, "windows 1"]) -> Float64[np.ndarray, " windows"]:
    return np.asarray(logits.sigmoid()[:, 0].numpy())


def _per_window(
    metrics: MetricCollection, outputs: Float[Tensor, "windows ..."], targets: Float[Tensor, "windows ..."]
) -> dict[str, Float64[np.ndarray, " windows"]]:
    means = {name: metric for name, metric in metrics.items(keep_base=True) if isinstance(metric, WindowMean)}
    return {name: metric.per_window(outputs, targets).numpy() for name, metric in means.items()}


def _of_full_batches(windows: Mapping[str, Float64[np.ndarray, " windows"]]) -> dict[str, MetricScore]:
    """Return the metrics without the windows after the last full batch, as published numbers have them."""
    n = len(next(iter(windows.values()))) // PUBLISHED_BATCH * PUBLISHED_BATCH
    return {f"{name}_of_full_batches": MetricScore(float(values[:n].mean())) for name, values in windows.items() if n}


def _beside(items: TestItems, null: BlockSignFlips, horizon: int) -> dict[str, MetricScore]:
    """Return the Diebold–Mariano test against the same reference, whose p is that of many items."""
    if not null.is_decidable(len(items.scores)):
        return {}
    found = diebold_mariano(items.predictions, items.outcomes, horizon)
    return {"diebold_mariano": MetricScore(found.statistic, p=found.p, is_exact=False)}


def _oracle(outputs: Values, reference: Values, oracle: Values, truth: Values) -> Oracle:
    """Return the error of the oracle, and the skill in expectation over what might have come.

    With the conditional mean m, ``E[(ŷ − y)²] = E[(m − y)²] + (ŷ − m)²``: the noise falls out of

        (reference − model) / (reference − oracle) = 1 − mean (ŷ − m)² / mean (ŷ_reference − m)².
    """
    ours, theirs = (float(((values - oracle) ** 2).mean()) for values in (outputs, reference))
    return Oracle(float(((oracle - truth) ** 2).mean()), 1 - ours / theirs if theirs else None)


def _rising_oracle(
    ours: Float64[np.ndarray, " windows"], rate: float, labels: Shaped[np.ndarray, " windows"], data: SeriesDataModule
) -> Oracle | None:
    """Return the cross-entropy of the true probabilities, and the skill in expectation over them; None for a file."""
    if data.oracle is None:
        return None
    true = data.oracle.rises(data.first_rows("test"), data.horizon, data.target_channel, data.rise)

    def expected(said: Float64[np.ndarray, " windows"]) -> float:
        return float(-(true * np.log(said) + (1 - true) * np.log1p(-said)).mean())

    model, reference, best = map(expected, (np.clip(ours, TINY, 1 - TINY), np.full_like(true, rate), true))
    value = float(-np.log(np.where(labels, true, 1 - true)).mean())
    return Oracle(value, (reference - model) / (reference - best) if reference > best else None)


def _drawn(
    outputs: Values, data: SeriesDataModule, starts: Int64[np.ndarray, " windows"]
) -> dict[str, Shaped[np.ndarray, "..."]]:
    """Return a few forecasts of the last channel with what came before and after, for drawing."""
    chosen = np.unique(np.linspace(0, len(starts) - 1, N_DRAWN).round().astype(np.int64))
    before = min(data.context, data.horizon)
    rows = data.rows_from(starts[chosen] - before, before + data.horizon)[:, :, -1]
    return {
        "drawn_rows": rows,
        "drawn_forecasts": outputs[chosen, :, -1],
        "drawn_times": np.array([str(data.series.times[row]) for row in starts[chosen]]),
        "drawn_channel": np.array(data.series.channels[-1]),
    }


def _dates(data: SeriesDataModule, starts: Int64[np.ndarray, " windows"]) -> Shaped[np.ndarray, " windows"]:
    """Return when the first target of each window was."""
    return np.array([str(data.series.time_after(int(row), 1)) for row in starts])


def _table(
    data: SeriesDataModule,
    starts: Int64[np.ndarray, " windows"],
    columns: Mapping[str, Shaped[np.ndarray, " windows"]],
) -> ItemTable:
    rows = zip(_dates(data, starts), *columns.values(), strict=True)
    return ItemTable(
        ["first_target", *columns], [[time, *(f"{value:.6g}" for value in values)] for time, *values in rows]
    )
