"""What a scan over time takes and returns. The state is explicit: a sequence may be cut anywhere and continued."""

from dataclasses import dataclass
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from c5snn.ops.surrogates import Surrogate

__all__ = ["Beta", "Dynamics", "Recurrence", "Scan", "State"]

Beta = Float[Tensor, ""] | Float[Tensor, " units"]


class State(NamedTuple):
    """One moment of a layer: all that the next step has to know."""

    membrane: Float[Tensor, "batch units"]
    spikes: Float[Tensor, "batch units"]


class Scan(NamedTuple):
    """A layer's history and the state it ends in; ``state`` is cheaper to differentiate than ``spikes[-1]``."""

    spikes: Float[Tensor, "time batch units"]
    membranes: Float[Tensor, "time batch units"]
    state: State


@dataclass(frozen=True)
class Dynamics:
    """What one unit does with its current: decay ``beta`` in [0, 1], ``threshold``, and the step with its slope."""

    beta: Beta
    threshold: float
    surrogate: Surrogate


class Recurrence(NamedTuple):
    """What the spikes of one step add to the currents of the next: ``S·weightᵀ + bias``."""

    weight: Float[Tensor, "units units"]
    bias: Float[Tensor, " units"]
