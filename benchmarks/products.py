"""The matrix products of one SpikeGRU training step and nothing else: what no implementation of it can leave out."""

from collections.abc import Callable

import torch

__all__ = ["bare_products"]


def bare_products(
    hidden_size: int, num_layers: int, *, n_windows: int, window: int = 21, n_parts: int = 39
) -> Callable[[], None]:
    """Return a call that computes them, into buffers that exist already.

    Each of the W − 1 steps that follow another has one product forward and one backward in each layer; each layer one
    product for the gradient of its weights; input and readout have theirs, once for all steps. The input needs no
    gradient.
    """
    H, B, W = hidden_size, n_windows, window
    events, current, weight_in = torch.rand(W * B, n_parts), torch.empty(W * B, H), torch.rand(n_parts, H)
    spikes, gradients = torch.bernoulli(torch.full((W, B, H), 0.4)), torch.rand(W, B, H)
    weight, weight_gradient, moment = torch.rand(H, H), torch.empty(H, H), torch.empty(B, H)
    weight_out = torch.rand(H, n_parts)

    def compute() -> None:
        torch.mm(events, weight_in, out=current)
        for _ in range(num_layers):
            for step in spikes[:-1].unbind():
                torch.mm(step, weight, out=moment)
        logits = spikes[-1] @ weight_out
        torch.mm(logits, weight_out.t(), out=moment)
        torch.mm(logits.t(), spikes[-1])
        for _ in range(num_layers):
            for step in gradients[1:].unbind():
                torch.mm(step, weight, out=moment)
            torch.mm(gradients[1:].flatten(0, 1).t(), spikes[:-1].flatten(0, 1), out=weight_gradient)
        torch.mm(gradients.flatten(0, 1).t(), events)

    return compute
