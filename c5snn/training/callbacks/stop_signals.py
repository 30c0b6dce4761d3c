"""The first Ctrl-C or SIGTERM stops a run after the current batch, the second one at once."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from c5snn.training.launched import launched

__all__ = ["StopOnSignal", "StoppedBySignal", "keeping_handlers"]

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StoppedBySignal(BaseException):  # like KeyboardInterrupt, a request and not an error
    """A run was stopped by a signal.

    Args:
        number: The signal's number; a shell expects 128 + number as the exit code.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


@contextmanager
def keeping_handlers() -> Iterator[None]:
    """Restore the handlers of both signals at the end: where a run fails, Lightning leaves ours behind."""
    is_main = threading.current_thread() is threading.main_thread()
    earlier = {number: signal.getsignal(number) for number in SIGNALS} if is_main else {}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


class StopOnSignal(Callback):
    """Ends a run at the next batch after the first signal; a second signal ends the process.

    What was saved after the last complete epoch stays: a resumed run repeats an undisturbed one exactly. On several
    devices the first process decides, and ends the others; those ignore what reaches all of them, such as Ctrl-C.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self.replaced: dict[int, Any] = {}

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Install the handlers, in the main thread only, as Python requires."""
        del trainer, pl_module, stage
        self.replaced = self._install()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Replace the handler of SIGTERM that Lightning has installed: it waits for all processes inside a batch."""
        del trainer, pl_module
        self._install()

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Restore the earlier handlers."""
        del trainer, pl_module, stage
        for number, handler in self.replaced.items():
            signal.signal(number, handler)
        self.replaced = {}

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: object, batch: object, batch_idx: int
    ) -> None:
        """Stop if a signal was received."""
        del trainer, pl_module, outputs, batch, batch_idx
        self._stop_if_asked()

    def on_validation_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: object,
        batch: object,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Stop if a signal was received."""
        del trainer, pl_module, outputs, batch, batch_idx, dataloader_idx
        self._stop_if_asked()

    def _install(self) -> dict[int, Any]:
        """Install the handlers; return the earlier ones."""
        if threading.current_thread() is not threading.main_thread():
            return {}
        handler = self._receive if launched() is None else signal.SIG_IGN
        return {number: signal.signal(number, handler) for number in SIGNALS}

    def _receive(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self.received is not None:
            os._exit(128 + number)  # every file on disk is whole at any moment
        self.received = number

    def _stop_if_asked(self) -> None:
        if self.received is not None:
            raise StoppedBySignal(self.received)
