"""A trained model's prediction of an unknown outcome, with what the run's test says about such predictions."""

from collections.abc import Sequence
from typing import NamedTuple

from c5snn.data import SeenItems
from c5snn.records import RunRecord, TestRecord, load_run
from c5snn.tasks import Prediction
from c5snn.training.opening import OpenRun, open_run, owning_run

__all__ = ["JudgedPrediction", "predict_next"]


class JudgedPrediction(NamedTuple):
    """A prediction with what is known of such predictions.

    Attributes:
        model: The model's name.
        prediction: The prediction.
        worth: What the run's test shows about such predictions.
        memory: That the model was trained or validated on what it predicts here; empty where it was not.
    """

    model: str
    prediction: Prediction
    worth: str
    memory: str


def predict_next(words: Sequence[str], *, as_of: str | None = None, top_k: int | None = None) -> JudgedPrediction:
    """Predict what follows the data, or what follows a point in it.

    Args:
        words: A run's folder and flags.
        as_of: What comes after it is not seen, such as an ISO date. None: all is seen.
        top_k: How many rows to return; None: the task's default.

    Raises:
        ConfigError: An argument or the run is wrong, or the task predicts nothing beyond its test items.
        CheckpointError: The model is untrained, or its checkpoint is damaged or unsafe.
    """
    opened = open_run(words, "c5snn predict")
    run = owning_run(opened)
    prediction = opened.cli.model.eval().predict_next(opened.cli.datamodule, as_of=as_of, top_k=top_k)
    worth = _worth(load_run(run) if run else None)
    return JudgedPrediction(type(opened.cli.model).__name__, prediction, worth, _memory(prediction, opened))


def _memory(prediction: Prediction, opened: OpenRun) -> str:
    """Say that a model has seen the outcome of the item that it predicts; empty where it has not."""
    if prediction.split is None or opened.checkpoint is None or not opened.cli.model.is_trainable:
        return ""
    seen = SeenItems.from_checkpoint(opened.checkpoint) or SeenItems()
    if seen.splits <= {opened.cli.datamodule.describe().test_identity}:
        how = {"train": "trained", "val": "validated", "test": ""}[prediction.split]
    else:
        how = "trained or validated" if prediction.identity in seen.hashes else ""
    return how and f"The model was {how} on {prediction.title}: what follows is no prediction of something unknown."


def _worth(run: RunRecord | None) -> str:
    test: TestRecord | None = run.test if run else None
    if test is None:
        return "This run has not been tested on this data, so nothing is known about the quality of its predictions."
    if test.verdict.level != "better than chance":
        return f"The run's test did not beat {test.words.rival}. {test.verdict.sentence}"
    return f"The run's test: {test.verdict.sentence}"
