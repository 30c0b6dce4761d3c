"""What moves a network's outputs: each lag and each feature of its inputs set to zero in turn.

Zero is "no event" of a history and the mean of train of a scaled series.

Source: Zeiler & Fergus (2014), Visualizing and Understanding Convolutional Networks, sec. 4.2, arXiv:1311.2901.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from c5snn.records import Effect, Occlusion

__all__ = ["occlude"]

MOST_LAGS = 48
MOST_FEATURES = 100


def occlude(
    forward: Callable[[Tensor], Tensor], inputs: Float[Tensor, "items window features"], names: Sequence[str]
) -> Occlusion:
    """Return how far the outputs move without each lag and without each feature.

    A long window is cut into neighbouring lags that are taken away together. Features that occur in no input change
    nothing and are not tried, nor are the least frequent of very many.

    >>> weights = torch.tensor([[[0.0, 0.0], [1.0, 3.0]]])
    >>> found = occlude(lambda x: (x * weights).sum((1, 2))[:, None], torch.ones(1, 2, 2), ["a", "b"])
    >>> found.lags
    (Effect(label='1', change=4.0), Effect(label='2', change=0.0))
    >>> found.features
    (Effect(label='b', change=3.0), Effect(label='a', change=1.0))

    Args:
        forward: The network; it must return the same for the same inputs.
        inputs: Rows over time, the oldest first.
        names: The names of the features.
    """
    outputs = forward(inputs)
    window = inputs.shape[1]
    block = -(-window // MOST_LAGS)
    lags = []
    for first in range(1, window + 1, block):
        last = min(first + block - 1, window)
        without = inputs.clone()
        without[:, window - last : window - first + 1] = 0
        label = str(first) if first == last else f"{first}–{last}"  # a range
        lags.append(Effect(label, _change(forward(without), outputs)))
    active = inputs.ne(0).sum((0, 1))
    order = torch.argsort(active, descending=True, stable=True)
    tried = [i for i in order.tolist()[:MOST_FEATURES] if active[i]]
    features = []
    for i in tried:
        without = inputs.clone()
        without[:, :, i] = 0
        features.append(Effect(names[i], _change(forward(without), outputs)))
    return Occlusion(
        lags=tuple(lags),
        features=tuple(sorted(features, key=lambda effect: -effect.change)),
        n_left_out=int((active > 0).sum()) - len(tried),
        output_std=float(outputs.double().std(0, correction=0).mean()),
    )


def _change(outputs: Tensor, before: Tensor) -> float:
    return float((outputs.double() - before.double()).abs().mean())
