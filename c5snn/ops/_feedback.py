"""What the spikes of a layer return to it, rounded as torch's ``linear`` rounds it in the reference."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from c5snn.ops.scan import Recurrence

__all__ = ["Feedback"]

Moment = Float[Tensor, "batch units"]
ALIGNMENT = 64  # bytes, torch's own on the processor


@final
class Feedback:
    """``V·S + b`` into one buffer.

    A product is rounded by how its operands lie in memory, too. So Vᵀ stays a view, as in ``linear``: laid out anew,
    products of few rows or units are rounded otherwise on some processors. And spikes are copied where a history has
    them at another alignment than a tensor of their own would have.

    Args:
        recurrence: V and b.
        like: Any moment of the layer.
    """

    def __init__(self, recurrence: Recurrence, like: Moment) -> None:
        self._weight = recurrence.weight.t()
        # a product starts from b at no cost where b has a row for each of S
        self.at_rest: Moment = recurrence.bias.expand(like.shape).contiguous()
        self.buffer: Moment = torch.empty_like(self.at_rest)
        is_aligned = like.numel() * like.element_size() % ALIGNMENT == 0
        self._spikes = None if is_aligned else torch.empty_like(self.at_rest)

    def of(self, spikes: Moment) -> Moment:
        """Return ``V·S + b``, valid until the next call."""
        operand = spikes if self._spikes is None else self._spikes.copy_(spikes)
        return torch.addmm(self.at_rest, operand, self._weight, out=self.buffer)
