"""TensorBoard in the run's own folder."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import TensorBoardLogger

__all__ = ["tensorboard", "writer_errors_once"]


class _RunLogger(TensorBoardLogger):
    """Leaves hyperparameters to the HPARAMS row, which is written when there is something beside them. Final."""

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # as overridden
        """Write nothing: the row follows after fit."""

    def save(self) -> None:
        """Flush the curves; the run's configuration is in ``config.yaml``."""
        self.experiment.flush()


def tensorboard(folder: Path) -> TensorBoardLogger:
    """Return a logger that writes its event files right into ``folder``."""
    return _RunLogger(folder.parent.parent, name=folder.parent.name, version=folder.name, default_hp_metric=False)


@contextmanager
def writer_errors_once() -> Iterator[None]:
    """Leave an error of TensorBoard's writer to the call that meets it next, without the thread's own traceback."""
    previous = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        if not isinstance(args.exc_value, OSError):
            previous(args)

    threading.excepthook = hook
    try:
        yield
    finally:
        threading.excepthook = previous
