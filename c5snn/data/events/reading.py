"""A history from a file, whether all events have one size or each its own, and the oracle that may lie beside it."""

from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float64

from c5snn.data.events.history import EventHistory, read_events
from c5snn.data.events.ragged import RaggedHistory, holds_sets, ragged_history_of, read_ragged
from c5snn.data.events.recording import oracle_path, read_oracle
from c5snn.errors import ConfigError

__all__ = ["SourcedHistory", "read_history", "read_sourced"]


class SourcedHistory(NamedTuple):
    """A history and where it is from.

    Attributes:
        history: The events.
        oracle: The scores that drew each event: log-weights of a planted signal, log-odds of a recording; None where
            nobody knows them.
        source: One line that says what it is.
    """

    history: EventHistory | RaggedHistory
    oracle: Float64[np.ndarray, "events parts"] | None
    source: str


def read_sourced(path: Path, n_parts: int, n_active: int | Literal["varies"]) -> SourcedHistory:
    """Read a history, and its oracle where one lies beside it; arguments and errors as in :func:`read_history`."""
    history = read_history(path, n_parts, n_active)
    oracle = read_oracle(history, path) if isinstance(history, RaggedHistory) else None
    return SourcedHistory(history, oracle, f"{path}{'' if oracle is None else f' (oracle: {oracle_path(path).name})'}")


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
