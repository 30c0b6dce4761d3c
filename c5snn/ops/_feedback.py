"""What the spikes of a layer return to it, rounded as torch's ``linear`` rounds it in the reference."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from c5snn.ops.scan import Recurrence

__all__ = ["Feedback"]

Moment = Float[Tensor, "batch units"]
Bias = Float[Tensor, " units"]
ALIGNMENT = 64  # bytes, torch's own on the processor


@final
class Feedback:
    """``V·S + b`` in one buffer, which starts as b.

    A product is rounded by how its operands lie in memory, too. So Vᵀ stays a view, as in ``linear``: laid out anew,
    products of few rows or units are rounded otherwise on some processors. And spikes are copied where a history has
    them at another alignment than a tensor of their own would have.

    Args:
        recurrence: V and b.
        like: Any moment of the layer.
    """

    def __init__(self, recurrence: Recurrence, like: Moment) -> None:
        self._weight = recurrence.weight.t()
        self.bias: Bias = recurrence.bias
        # a product starts from b at no cost where b has a row for each of S
        self.buffer: Moment = torch.empty_like(like, memory_format=torch.contiguous_format).copy_(recurrence.bias)
        is_aligned = like.numel() * like.element_size() % ALIGNMENT == 0
        self._spikes = None if is_aligned else torch.empty_like(self.buffer)

    def add(self, spikes: Moment) -> Moment:
        """Add ``V·S`` to the buffer, where b has to be, and return it."""
        return self.buffer.addmm_(spikes if self._spikes is None else self._spikes.copy_(spikes), self._weight)
