"""Where the paths of a configuration lead: ``~`` is the home folder, and data is found from any folder."""

from enum import Enum
from pathlib import Path
from typing import Any

__all__ = ["placed"]


def placed(option: str, value: Any) -> Any:  # noqa: ANN401  # whatever the option takes
    """Return the value of an option as it is recorded: paths below the home folder in full, those of data absolute.

    >>> placed("trainer.callbacks.interval", "step")
    'step'
    """
    if isinstance(value, str) and isinstance(value, Enum):  # a default of Lightning's own; a file holds its value
        return str(value.value)
    if not isinstance(value, str):
        return value
    path = str(Path(value).expanduser()) if value == "~" or value.startswith("~/") else value
    is_data = option.startswith("data.") and option.rpartition(".")[2] in {"path", "folder", "labels"}
    return str(Path(path).absolute()) if is_data else path
