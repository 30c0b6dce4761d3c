"""What counting pairs achieves: which part follows which, from one event to the next."""

from typing import ClassVar, cast, final

import torch
from jaxtyping import Float
from torch import Tensor

from c5snn.data import EventDataModule
from c5snn.errors import require, require_positive
from c5snn.tasks.next_event import NextEventModule

__all__ = ["PairTable"]


@final
class PairTable(NextEventModule):
    """Counts on train which part follows which; a map between two events needs nothing more, and nothing is trained.

    ``score_p = Σ_q log((c_{q,p} + a) / (c_q + a·F))`` over the parts q of the last event, with ``c_q = Σ_p c_{q,p}``,
    maps ``(batch, window, parts)`` to ``(batch, parts)``. The counts are buffers, so that a checkpoint carries them.

    With ``online`` the counts of a window are those of all events up to its last one, as the counting baseline has
    them: the window is found in the history of the data by its content. To one that the history does not hold, the
    counts of train and its own pairs apply.

    Args:
        n_parts: Number of parts F, at least 1.
        smoothing: What each pair counts before any was seen (a), above 0.
        online: Whether the counts go on after train, up to the last event of each window.

    Raises:
        ConfigError: An argument is out of its range.

    Source: a Markov chain of order one between parts, its rows smoothed as in Lidstone (1920), Trans. Fac. Actuaries
    8:182.
    """

    is_baseline: ClassVar[bool] = True

    counts: Float[Tensor, "parts parts"]

    def __init__(self, n_parts: int = 39, smoothing: float = 1.0, *, online: bool = False) -> None:
        super().__init__()
        require_positive(n_parts=n_parts)
        require("0 < smoothing", holds=smoothing > 0, smoothing=smoothing)
        self.save_hyperparameters()
        self.smoothing = smoothing
        self.online = online
        self._past = torch.zeros(0, n_parts)  # the events of the data; no part of a checkpoint
        self._places: dict[int, dict[bytes, int]] = {}  # by length of the window: how many events end with it
        self.register_buffer("counts", torch.zeros(n_parts, n_parts))

    def fit_directly(self, data: EventDataModule) -> None:
        """Count the pairs of neighbouring events up to the last target of train."""
        seen = torch.from_numpy(data.history.multi_hot()[: data.events("train")[-1] + 1]).to(self.counts)
        self.counts.copy_(_pairs(seen))
        self.take_data(data)

    def setup(self, stage: str) -> None:
        """Take the history of the data that the trainer has."""
        super().setup(stage)
        self.take_data(cast(EventDataModule, self.trainer.datamodule))  # type: ignore[attr-defined]  # Lightning sets it

    def take_data(self, data: EventDataModule) -> None:
        """Take the history, which the counts of an ``online`` table go on with."""
        if self.online:
            self._past, self._places = torch.from_numpy(data.history.multi_hot()), {}

    def forward(self, windows: Float[Tensor, "batch window parts"]) -> Float[Tensor, "batch parts"]:
        """Return one log-likelihood per part."""
        if not self.online:
            return windows[:, -1] @ self._log_shares(self.counts)
        return torch.stack([window[-1] @ self._log_shares(self._counts_up_to(window)) for window in windows])

    def _log_shares(self, counts: Float[Tensor, "parts parts"]) -> Float[Tensor, "parts parts"]:
        total = counts.sum(dim=1, keepdim=True) + self.smoothing * len(counts)
        return ((counts + self.smoothing) / total).log()

    def _counts_up_to(self, window: Float[Tensor, "window parts"]) -> Float[Tensor, "parts parts"]:
        length = len(window)
        if length not in self._places:
            ends = range(length, len(self._past) + 1)
            # of windows with the same content the first one, which knows least
            self._places[length] = {_content(self._past[end - length : end]): end for end in reversed(ends)}
        n_known = self._places[length].get(_content(window))
        if n_known is None:
            return self.counts + _pairs(window)
        return _pairs(self._past[:n_known]).to(self.counts)


def _pairs(events: Float[Tensor, "events parts"]) -> Float[Tensor, "parts parts"]:
    """Return how often each part was followed by each other one, from one event to the next."""
    return events[:-1].T @ events[1:]


def _content(events: Float[Tensor, "events parts"]) -> bytes:
    return events.to("cpu", torch.bool).numpy().tobytes()
