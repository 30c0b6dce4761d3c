"""Multiply-accumulates: what a forward pass costs, counted on the operations that run and not by a formula."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from c5snn.ops import use

__all__ = ["count_multiply_accumulates", "first_item"]

FLOPS_EACH = 2  # a product and a sum


def count_multiply_accumulates(model: nn.Module, inputs: Any) -> int:  # noqa: ANN401  # a task's own
    """Return the products of matrix products and convolutions in one forward pass; each comes with its sum.

    Not counted: biases, normalisation, activations, the softmax and every other operation of one value each. Layers run
    as their definition says: torch's fused kernels and compiled scans hide what they multiply from the counter.

    Args:
        model: The model; what it computes and keeps stays as it is.
        inputs: What it is called with, on its device.

    >>> count_multiply_accumulates(nn.Linear(3, 4), torch.zeros(2, 3))
    24
    """
    was_training, has_fast_path = model.training, torch.backends.mha.get_fastpath_enabled()
    counter = FlopCounterMode(display=False)
    model.eval()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        plain = sdpa_kernel(SDPBackend.MATH)
        with torch.random.fork_rng(devices=[]), torch.no_grad(), use("reference"), plain, counter:
            model(inputs)
    finally:
        torch.backends.mha.set_fastpath_enabled(has_fast_path)
        model.train(was_training)
    return int(counter.get_total_flops()) // FLOPS_EACH


def first_item(inputs: Any, device: torch.device, dtype: torch.dtype) -> Any:  # noqa: ANN401
    """Return a batch's first item as a batch of its own, as a model takes it.

    Args:
        inputs: A tensor, or a named tuple of tensors.
        device: The model's device.
        dtype: The model's type; what is no fraction, such as an index, keeps its own.
    """
    if isinstance(inputs, Tensor):
        return inputs[:1].to(device, dtype if inputs.is_floating_point() else inputs.dtype)
    return type(inputs)(*(first_item(field, device, dtype) for field in inputs))
