"""The files by which a running sweep is asked to end: ``STOP`` after the running trials, ``STOP_NOW`` at once."""

from pathlib import Path
from typing import final

__all__ = ["StopFiles"]


@final
class StopFiles:
    """The stop files of a sweep's output.

    Args:
        root: The output folder.
    """

    def __init__(self, root: Path) -> None:
        self.after_trials, self.now = root / "STOP", root / "STOP_NOW"
        self.were_honoured = False

    def ask_to_stop(self) -> bool:
        """Say whether no further trial is to start."""
        self.were_honoured |= self.after_trials.exists() or self.now.exists()
        return self.were_honoured

    def ask_to_stop_now(self) -> bool:
        """Say whether the running trials are to stop, too; they run again when the sweep goes on."""
        is_wanted = self.now.exists()
        self.were_honoured |= is_wanted
        return is_wanted

    def remove(self) -> None:
        """Remove the files that were honoured."""
        if self.were_honoured:
            self.after_trials.unlink(missing_ok=True)
            self.now.unlink(missing_ok=True)
