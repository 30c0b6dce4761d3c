"""The checkpoint of the best epoch by validation; a user's own checkpoints stand beside it."""

from pathlib import Path
from typing import Literal, final

from lightning.pytorch.callbacks import ModelCheckpoint

__all__ = ["BestCheckpoint"]


@final
class BestCheckpoint(ModelCheckpoint):
    """Keeps one file, that of the best epoch.

    Args:
        path: The file.
        monitor: The logged metric that decides.
        mode: Which direction of it is better.
    """

    def __init__(self, path: Path, monitor: str, mode: Literal["min", "max"]) -> None:
        super().__init__(path.parent, filename=path.stem, monitor=monitor, mode=mode, enable_version_counter=False)

    @property
    def state_key(self) -> str:
        """The name of its state in a checkpoint, which a user's ``ModelCheckpoint`` of the same metric cannot have."""
        return type(self).__name__

    @property
    def _legacy_state_key(self) -> str:  # type: ignore[override]  # Lightning's own way to rename a state
        """The name under which the state lies in checkpoints of release 0.1.0."""
        return super().state_key.replace(type(self).__qualname__, ModelCheckpoint.__qualname__)
