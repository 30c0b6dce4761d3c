"""A history from a file, whether all events have one size or each its own."""

from pathlib import Path
from typing import Literal

from c5snn.data.events.history import EventHistory, read_events
from c5snn.data.events.ragged import RaggedHistory, holds_sets, ragged_history_of, read_ragged
from c5snn.errors import ConfigError

__all__ = ["read_history"]


def read_history(path: Path, n_parts: int, n_active: int | Literal["varies"]) -> EventHistory | RaggedHistory:
    """Read a history from a CSV file, plain or ``.gz``.

    Args:
        path: The file.
        n_parts: How many parts there are.
        n_active: How many are active in every event; ``varies`` for the layout ``sets``.

    Raises:
        ConfigError: The file holds events of the other kind.
        DataError: The file cannot be read, or it breaks rules.
    """
    is_of_sets = holds_sets(path)
    if is_of_sets and n_active != "varies":
        raise ConfigError(
            f"`{path}` holds events of any size, but n_active={n_active}. Say `--data.n_active varies`, and"
            " `--data.n_parts` as `c5snn data validate` shows it."
        )
    if n_active != "varies":
        return read_events(path, n_parts, n_active)
    if not is_of_sets:
        raise ConfigError(
            f"`n_active: varies` needs the layout `sets` (date,parts), but `{path}` has another. Say how many parts are"
            " active in every event, or make a file of sets with `c5snn data import --layout long`."
        )
    return ragged_history_of(read_ragged(path, n_parts), path)
