"""How 0/1 events enter a spiking network: as they are, or as spikes drawn at a rate."""

from typing import Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from c5snn.errors import require, require_positive

__all__ = ["Encoder", "EncodingName"]

EncodingName = Literal["direct", "rate_coded"]


@final
class Encoder(nn.Module):
    """Turns 0/1 events ``x`` into ``T`` inputs ``z[t]`` of 0/1, time first.

    ``direct``: ``T = 1``, ``z = x``. ``rate_coded``: ``T = timesteps``, ``z[t] ~ Bernoulli(p)`` afresh at each call,
    with ``p = rate_max`` where x = 1 and ``rate_min`` where x = 0.

    Args:
        encoding: Which of the two.
        timesteps: T of ``rate_coded``, at least 1.
        rate_min: Probability of a spike where x = 0, in [0, 1].
        rate_max: Probability of a spike where x = 1, in [0, 1].

    Raises:
        ConfigError: An argument is out of its range.
    """

    def __init__(
        self, encoding: EncodingName, *, timesteps: int = 10, rate_min: float = 0.0, rate_max: float = 1.0
    ) -> None:
        super().__init__()
        require_positive(timesteps=timesteps)
        require("0 <= rate_min <= 1", holds=0 <= rate_min <= 1, rate_min=rate_min)
        require("0 <= rate_max <= 1", holds=0 <= rate_max <= 1, rate_max=rate_max)
        self.encoding = encoding
        self.timesteps = timesteps
        self.rate_min = rate_min
        self.rate_max = rate_max

    @property
    def n_steps(self) -> int:
        """T, the encoding steps that the definition asks for."""
        return 1 if self.encoding == "direct" else self.timesteps

    @property
    def is_deterministic(self) -> bool:
        """Whether the ``T`` inputs are equal: rates of 0 and 1 leave nothing to chance."""
        return self.encoding == "direct" or {self.rate_min, self.rate_max} <= {0.0, 1.0}

    @property
    def is_identity(self) -> bool:
        """Whether every one of the ``T`` inputs is ``x`` itself."""
        return self.encoding == "direct" or (self.rate_min, self.rate_max) == (0.0, 1.0)

    def forward(
        self, events: Float[Tensor, "batch window parts"], *, merge_copies: bool
    ) -> Float[Tensor, "time batch window parts"]:
        """Return the inputs.

        Args:
            events: rows of 0/1, oldest first.
            merge_copies: whether one input may stand for ``T`` equal ones; right where state restarts at each t, and
                where the caller repeats it.
        """
        timesteps = self._count(merge_copies=merge_copies)
        if self.is_identity:
            return events.expand(timesteps, *events.shape)
        rates = self.rate_min + (self.rate_max - self.rate_min) * events
        return torch.bernoulli(rates.expand(timesteps, *events.shape))

    def effective_arguments(self, *, merge_copies: bool) -> dict[str, object]:
        """Return the arguments, those without effect at a fixed value: equal where the computations are identical."""
        timesteps = self._count(merge_copies=merge_copies)
        if self.is_identity and timesteps == 1:
            return {"encoding": "direct", "timesteps": 1, "rate_min": 0.0, "rate_max": 1.0}
        return {
            "encoding": self.encoding,
            "timesteps": timesteps,
            "rate_min": float(self.rate_min),
            "rate_max": float(self.rate_max),
        }

    def _count(self, *, merge_copies: bool) -> int:
        return 1 if merge_copies and self.is_deterministic else self.n_steps
