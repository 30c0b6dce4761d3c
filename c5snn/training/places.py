"""Where the paths of a configuration lead: ``~`` is the home folder, and what a run reads is found from any folder."""

from enum import Enum
from pathlib import Path
from typing import Any

from c5snn.data.task_data import READ_ARGUMENTS

__all__ = ["READ", "placed"]

# arguments of data and models that name a file or a folder that a run reads
READ = {"data": READ_ARGUMENTS, "model": ("centroids",)}


def placed(option: str, value: Any) -> Any:  # noqa: ANN401  # whatever the option takes
    """Return the value of an option as it is recorded: paths below the home folder in full, what a run reads absolute.

    >>> placed("trainer.callbacks.interval", "step")
    'step'
    """
    if isinstance(value, str) and isinstance(value, Enum):  # a default of Lightning's own; a file holds its value
        return str(value.value)
    if not isinstance(value, str):
        return value
    path = str(Path(value).expanduser()) if value == "~" or value.startswith("~/") else value
    section, _, _ = option.partition(".")
    is_read = option.rpartition(".")[2] in READ.get(section, ())
    return str(Path(path).absolute()) if is_read else path
