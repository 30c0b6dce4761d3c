"""Pictures of a network for loggers: spikes, membranes and the spectrum of its weights, as PNG files in memory."""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float
from torch import Tensor, nn

from c5snn.records import LayerTrace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["membrane_picture", "raster_picture", "singular_values", "spectrum_picture"]

SIZE = (7.2, 3.2)  # inches
MOST_MATRICES = 8


def raster_picture(layer: LayerTrace) -> bytes:
    """Return the spikes of a layer's units on one item, a row a unit."""
    figure, axes = _new(f"spikes of {layer.layer}", layer.axis, "unit")
    axes.imshow(layer.raster, aspect="auto", cmap="Blues", vmin=0, vmax=1, interpolation="nearest", extent=_box(layer))
    return _png(figure)


def membrane_picture(layer: LayerTrace) -> bytes:
    """Return the membranes of the busiest and the quietest units on one item."""
    figure, axes = _new(f"membranes of {layer.layer}", layer.axis, "membrane")
    steps = range(1, len(layer.raster[0]) + 1)
    for trace in layer.traces:
        label = f"unit {trace.unit}, {trace.role} ({trace.firing_rate:.2f})"
        axes.plot(steps, trace.membranes, marker=".", lw=1.2, label=label)
    axes.axhline(layer.threshold, color="0.5", ls=":", lw=1)
    axes.margins(y=0.2)
    axes.legend(fontsize=8, frameon=False, ncols=2)
    return _png(figure)


def spectrum_picture(values: Mapping[str, Sequence[float]]) -> bytes:
    """Return the singular values of each matrix, from the largest on.

    Args:
        values: What :func:`singular_values` has returned.
    """
    figure, axes = _new("singular values of the weights", "rank", "singular value")
    for name, spectrum in values.items():
        axes.plot(range(1, len(spectrum) + 1), spectrum, marker=".", lw=1.2, label=name)
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8, frameon=False)
    return _png(figure)


def singular_values(model: nn.Module) -> dict[str, list[float]]:
    """Return the singular values of a network's matrices, the largest matrices of a large network.

    >>> model = nn.Sequential(nn.Linear(2, 2))
    >>> _ = model[0].weight.data.copy_(torch.tensor([[3.0, 0.0], [0.0, -4.0]]))
    >>> singular_values(model)
    {'0.weight': [4.0, 3.0]}
    """
    matrices: dict[str, Float[Tensor, "rows columns"]] = {
        name: weight.detach().flatten(1)
        for name, weight in model.named_parameters()
        if weight.ndim > 1 and min(weight.flatten(1).shape) > 1
    }
    largest = sorted(matrices, key=lambda name: -matrices[name].numel())[:MOST_MATRICES]
    return {
        name: torch.linalg.svdvals(matrix.float().cpu()).tolist()
        for name, matrix in matrices.items()
        if name in largest
    }


def _box(layer: LayerTrace) -> tuple[float, float, float, float]:
    return (0.5, len(layer.raster[0]) + 0.5, len(layer.units) - 0.5, -0.5)


def _new(title: str, x: str, y: str) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _png(figure: "Figure") -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=100)
    return file.getvalue()
