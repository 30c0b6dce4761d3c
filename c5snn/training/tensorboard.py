"""TensorBoard in the run's own folder: the curves, and a row in the HPARAMS tab with hyperparameters and metrics."""

import inspect
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

from lightning.pytorch.loggers import TensorBoardLogger
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from torch import Tensor
from torch.utils.tensorboard.summary import hparams, scalar

__all__ = ["annotations_of", "run_logger", "shown_options", "write_hparams_row", "writer_errors_once"]


class _RunLogger(TensorBoardLogger):
    """Leaves hyperparameters to the HPARAMS row, which is written together with the metrics. Final."""

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # as overridden
        """Write nothing: the row follows after fit."""

    def save(self) -> None:
        """Flush the curves; the run's configuration is in ``config.yaml``."""
        self.experiment.flush()


def run_logger(folder: Path) -> TensorBoardLogger:
    """Return a logger that writes its event files right into ``folder``."""
    return _RunLogger(folder.parent.parent, name=folder.parent.name, version=folder.name, default_hp_metric=False)


@contextmanager
def writer_errors_once() -> Iterator[None]:
    """Suppress the traceback of TensorBoard's writer thread; its error is raised by the next call that writes."""
    previous = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        if not isinstance(args.exc_value, OSError):
            previous(args)

    threading.excepthook = hook
    try:
        yield
    finally:
        threading.excepthook = previous


def write_hparams_row(folder: Path, shown: Mapping[str, object], metrics: Mapping[str, float]) -> None:
    """Write the row, in place of an earlier one of the same run.

    The row has a folder of its own, so its columns are these metrics and not every curve of the run. It declares no
    experiment: TensorBoard would take the columns of one run for those of all.

    Args:
        folder: The run's folder.
        shown: Hyperparameters by their option's name, as :func:`shown_options` types them.
        metrics: Values by name.
    """
    row = folder / "hparams"
    for earlier in row.glob("events.*"):
        earlier.unlink()
    _, start, end = hparams(dict(shown), {})
    writer = EventFileWriter(str(row))
    for summary in (start, end, *(scalar(name, value) for name, value in metrics.items())):
        writer.add_event(Event(wall_time=time.time(), step=0, summary=summary))
    writer.close()


def shown_options(
    options: Mapping[str, object], names: Iterable[str], annotations: Mapping[str, object]
) -> dict[str, bool | float | str]:
    """Return options in the one type that each has in every run: TensorBoard hides runs that differ in a type.

    An option that may be other than a number is text in every run, and so is one whose annotation nobody knows.

    >>> annotations = {"model.beta": float | list[float], "model.hidden_size": int, "model.skip": bool}
    >>> shown_options({"model.beta": 0.5, "model.hidden_size": 8, "model.skip": True}, annotations, annotations)
    {'model.beta': '0.5', 'model.hidden_size': 8.0, 'model.skip': True}

    Args:
        options: All options with their values.
        names: Those that are shown.
        annotations: The types that options take, by name.
    """
    return {name: _in_one_type(options.get(name), annotations.get(name)) for name in names}


def _in_one_type(value: object, annotation: object) -> bool | float | str:
    choices = set(get_args(annotation)) or {annotation}
    if choices <= {int, float, Tensor} and isinstance(value, int | float):
        return float(value)
    return value if choices == {bool} and isinstance(value, bool) else str(value)


def annotations_of(cls: type, prefix: str) -> dict[str, object]:
    """Return the types that a class's arguments take, by option; text where a name in them is for type checkers only.

    Args:
        cls: A class that a configuration names.
        prefix: Where it stands in the configuration, such as ``optimizer``.
    """
    try:
        parameters = inspect.signature(cls, eval_str=True).parameters
    except NameError:
        parameters = inspect.signature(cls).parameters
    return {f"{prefix}.{name}": parameter.annotation for name, parameter in parameters.items()}
