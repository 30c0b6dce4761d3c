"""The checkpoint of the best epoch so far, in the run's own folder, wherever that lies."""

from pathlib import Path
from typing import Any

from lightning.pytorch.callbacks import ModelCheckpoint

from c5snn.records.run_folder import BEST

__all__ = ["BestCheckpoint"]


class BestCheckpoint(ModelCheckpoint):
    """Keeps ``best.ckpt``. Final.

    Lightning forgets the best score of a run whose folder was moved or copied, and a worse epoch would take its place.

    Args:
        folder: The run's folder.
        monitor: The logged metric that decides.
        mode: Which direction of it is better.
    """

    def __init__(self, folder: Path, monitor: str, mode: str) -> None:
        super().__init__(folder, filename=Path(BEST).stem, monitor=monitor, mode=mode, enable_version_counter=False)

    @property
    def state_key(self) -> str:
        """The name of its state in a checkpoint, which a user's ``ModelCheckpoint`` of the same metric cannot have."""
        return type(self).__name__

    @property
    def _legacy_state_key(self) -> str:  # type: ignore[override]  # Lightning's own way to rename a state
        """The name under which the state lies in checkpoints of release 0.1.0."""
        return super().state_key.replace(type(self).__qualname__, ModelCheckpoint.__qualname__)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from the best epoch so far, where its file lies in this folder."""
        best = Path(str(self.dirpath)) / BEST
        if not best.is_file() or state_dict["best_model_score"] is None:
            return
        moved = {"dirpath": self.dirpath, "last_model_path": ""}
        moved |= {"best_model_path": str(best), "kth_best_model_path": str(best)}
        super().load_state_dict({**state_dict, **moved, "best_k_models": {str(best): state_dict["best_model_score"]}})
