"""TensorBoard in the run's own folder: curves in groups, the configuration, pictures, and a row of the HPARAMS tab.

A run is one entry: everything lies in its folder, its row, too, in a file of its own. Tags are grouped by what they
are of (``train/``, ``val/``, ``spikes/``, …); monitors, ``metrics.csv`` and records keep the logged names.
"""

import inspect
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent
from typing import Any, get_args

import yaml
from lightning.pytorch.loggers import TensorBoardLogger
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from torch import Tensor
from torch.utils.tensorboard.summary import hparams, scalar

__all__ = [
    "add_picture",
    "annotations_of",
    "run_logger",
    "shown_options",
    "tag_of",
    "write_hparams_row",
    "writer_errors_once",
]

ROW = ".hparams"  # the suffix of the file that holds the row
OF_TRAINING = ("epoch", "lr-")
OF_OUTPUTS = ("distinct_outputs", "same_output_share", "output_std")
OF_SPIKES = ("synaptic_operations",)


class _RunLogger(TensorBoardLogger):
    """Groups the metrics, and leaves hyperparameters to the HPARAMS row, which is written with the results. Final."""

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Write metrics under their groups."""
        super().log_metrics({tag_of(name): value for name, value in metrics.items()}, step)

    def __init__(self, folder: Path, config: Mapping[str, object]) -> None:
        parent = folder.parent
        super().__init__(parent.parent, name=parent.name, version=folder.name, default_hp_metric=False)
        self._config, self._is_shown = config, False

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # as overridden
        """Write the configuration as text; the row of the HPARAMS tab follows after fit."""
        del args, kwargs
        if self._is_shown:  # Lightning asks again
            return
        self._is_shown = True
        text = yaml.safe_dump(dict(self._config), sort_keys=False)
        self.experiment.add_text("configuration", indent(text, "    "))  # code, in Markdown

    def save(self) -> None:
        """Flush the curves; the run's configuration is in ``config.yaml``."""
        self.experiment.flush()


def run_logger(folder: Path, config: Mapping[str, object]) -> TensorBoardLogger:
    """Return a logger that writes its event files right into a folder.

    Args:
        folder: The run's folder.
        config: The configuration, which is shown as text.
    """
    return _RunLogger(folder, config)


def tag_of(name: str) -> str:
    """Return the tag of a metric: its group, then its name.

    >>> [tag_of(name) for name in ("val_mrr", "train_loss", "best_val_mrr", "output_std", "spikes/a/firing_rate")]
    ['val/mrr', 'train/loss', 'best/val_mrr', 'outputs/output_std', 'spikes/a/firing_rate']
    """
    group, _, rest = name.partition("_")
    if group in {"train", "val", "test", "best"} and rest:
        return f"{group}/{rest}"
    for group, names in (("train", OF_TRAINING), ("outputs", OF_OUTPUTS), ("spikes", OF_SPIKES)):
        if name.startswith(names):
            return f"{group}/{name}"
    return name


def add_picture(board: TensorBoardLogger, tag: str, png: bytes, step: int) -> None:
    """Write a picture as it is."""
    summary = Summary(value=[Summary.Value(tag=tag, image=Summary.Image(encoded_image_string=png))])
    board.experiment._get_file_writer().add_summary(summary, step)  # noqa: SLF001  # `add_image` takes tensors only


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

    It declares no experiment: TensorBoard would take the columns of one run for those of all.

    Args:
        folder: The run's folder.
        shown: Hyperparameters by their option's name, as :func:`shown_options` types them.
        metrics: Values by name.
    """
    for earlier in folder.glob(f"events.*{ROW}"):
        earlier.unlink()
    _, start, end = hparams(dict(shown), {})
    writer = EventFileWriter(str(folder), filename_suffix=ROW)
    for summary in (start, end, *(scalar(tag_of(name), value) for name, value in metrics.items())):
        writer.add_event(Event(wall_time=time.time(), step=0, summary=summary))
    writer.close()


def shown_options(
    options: Mapping[str, object], names: Iterable[str], annotations: Mapping[str, object]
) -> dict[str, bool | float | str]:
    """Return options in the one type that each has in every run: TensorBoard hides runs that differ in a type.

    An option that may be other than a number is text in every run, and so is one whose annotation nobody knows. One
    that a run does not have, such as an argument of another model, stays empty.

    >>> annotations = {"model.beta": float | list[float], "model.hidden_size": int, "model.skip": bool}
    >>> shown_options({"model.beta": 0.5, "model.hidden_size": 8, "model.skip": True}, annotations, annotations)
    {'model.beta': '0.5', 'model.hidden_size': 8.0, 'model.skip': True}

    Args:
        options: All options with their values.
        names: Those that are shown.
        annotations: The types that options take, by name.
    """
    return {name: _in_one_type(options[name], annotations.get(name)) for name in names if name in options}


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
