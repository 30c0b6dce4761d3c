"""The parts of the next event, ranked by a trained model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from c5snn.errors import ConfigError
from c5snn.training.opening import open_run, owning_run
from c5snn.training.result import load

__all__ = ["Prediction", "RankedPart", "predict_next"]


@dataclass(frozen=True)
class RankedPart:
    """One part and what the model says of it.

    Args:
        part: Its number, 1 … n_parts.
        score: The model's score, higher is better.
        probability: Its probability of being active; None where the model was not trained with a likelihood.
    """

    part: int
    score: float
    probability: float | None


@dataclass(frozen=True)
class Prediction:
    """The next event's parts, best first.

    Args:
        model: The model's short name.
        after: Date of the last event that the model saw, ISO.
        parts: The parts.
        worth: What the run's test says of such predictions.
    """

    model: str
    after: str
    parts: list[RankedPart]
    worth: str


def predict_next(words: Sequence[str], *, as_of: str | None = None, top_k: int = 20) -> Prediction:
    """Rank the parts of the event that follows the history, or that follows a date.

    Args:
        words: A run's folder and flags.
        as_of: ISO date or time, or a number where events have no dates; later events are not seen. None: all are seen.
        top_k: How many parts to return.

    Raises:
        ConfigError: The date, ``top_k`` or the run is wrong, or the history up to the date is shorter than the window.
        CheckpointError: The model is untrained, or its checkpoint is damaged or unsafe.
    """
    opened = open_run(words, "c5snn predict")
    data, model = opened.cli.datamodule, opened.cli.model
    run = owning_run(opened)
    if not 1 <= top_k <= data.n_parts:
        raise ConfigError(f"`1 <= top_k <= n_parts` must hold, but got top_k={top_k}, n_parts={data.n_parts}.")
    n_seen = len(data.history) if as_of is None else data.history.n_until(as_of)
    if n_seen < data.window:
        raise ConfigError(
            f"`window <= n_events` must hold, but the history up to {as_of or 'its end'} has {n_seen} events and the "
            f"window is {data.window}."
        )
    window = torch.from_numpy(data.history.multi_hot()[n_seen - data.window : n_seen])
    with torch.inference_mode():
        logits = model.eval()(window[None])[0].double()
    chances = logits.sigmoid() if model.is_trainable else None
    order = torch.argsort(logits, descending=True, stable=True)[:top_k].tolist()
    return Prediction(
        model=type(model).__name__,
        after=str(data.history.dates[n_seen - 1]),
        parts=[RankedPart(i + 1, float(logits[i]), None if chances is None else float(chances[i])) for i in order],
        worth=_worth(load(run).test if run else None),
    )


def _worth(test: dict[str, Any] | None) -> str:
    if not test:
        return "This run has not been tested on these events: nothing is known of what the ranking is worth."
    level, sentence = test["verdict"]["level"], test["verdict"]["sentence"]
    if level != "better than chance":
        return f"The run's test did not beat chance: this ranking is worth no more than any other. {sentence}"
    return f"The run's test: {sentence}"
