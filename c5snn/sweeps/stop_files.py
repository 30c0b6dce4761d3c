"""The files by which a running sweep is asked to end: ``STOP`` after the running trials, ``STOP_NOW`` at once."""

from pathlib import Path
from typing import final

__all__ = ["StopFiles"]


@final
class StopFiles:
    """The stop files of a sweep's output.

    Args:
        roots: The output folder; for one study of several also the folder of them all.
    """

    def __init__(self, *roots: Path) -> None:
        self.after_trials, self.now = [root / "STOP" for root in roots], [root / "STOP_NOW" for root in roots]
        self.were_honoured = False

    def ask_to_stop(self) -> bool:
        """Say whether no further trial is to start."""
        self.were_honoured |= any(path.exists() for path in (*self.after_trials, *self.now))
        return self.were_honoured

    def ask_to_stop_now(self) -> bool:
        """Say whether the running trials are to stop, too; they run again when the sweep goes on."""
        is_wanted = any(path.exists() for path in self.now)
        self.were_honoured |= is_wanted
        return is_wanted

    def remove(self) -> None:
        """Remove the files that were honoured."""
        if self.were_honoured:
            for path in (*self.after_trials, *self.now):
                path.unlink(missing_ok=True)
