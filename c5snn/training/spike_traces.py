"""Records every spike and membrane of a forward through hooks that change nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from c5snn.nn import LIF, MultiStepLIF, RecurrentLIF
from c5snn.ops import Scan
from c5snn.records import LayerTrace, UnitTrace
from c5snn.training.activity_meter import spiking_layers

__all__ = ["LayerHistory", "layer_traces", "recording"]

N_TRACES = 2  # the busiest and as many of the quietest
MOST_UNITS = 128  # rows of a raster


class LayerHistory(NamedTuple):
    """All that a spiking layer did in a forward.

    Of inputs that are drawn anew at each encoding step, a recurrent layer has the first draw; where units lie at
    positions of the window, spikes and membranes are means over the encoding steps.

    Attributes:
        axis: What a step is.
        spikes: Its spikes.
        membranes: Its membranes, before the reset that a spike causes.
    """

    axis: Literal["event", "encoding step"]
    spikes: Float[Tensor, "steps items units"]
    membranes: Float[Tensor, "steps items units"]


@contextmanager
def recording(model: nn.Module, n_items: int) -> Iterator[dict[str, LayerHistory]]:
    """Yield the histories of the spiking layers by their paths; a forward within the block fills them.

    Args:
        model: The model.
        n_items: Items of that forward.
    """
    paths = {id(layer): name for name, layer in spiking_layers(model).items()}
    histories: dict[str, LayerHistory] = {}
    scans: dict[str, Scan] = {}
    hooks = []
    for module in model.modules():
        if isinstance(module, RecurrentLIF | LIF):
            hooks.append(module.register_forward_hook(partial(_keep, scans, histories, paths[id(module)], n_items)))
        elif isinstance(module, MultiStepLIF):
            name = paths[id(module.lif)]
            hooks.append(module.register_forward_hook(partial(_arrange, scans, histories, name)))
    try:
        yield histories
    finally:
        for hook in hooks:
            hook.remove()


def layer_traces(model: nn.Module, histories: dict[str, LayerHistory], drawn: int = -1) -> tuple[LayerTrace, ...]:
    """Return what is shown of each layer, in the order of the model's definition.

    Args:
        model: The model.
        histories: What :func:`recording` has filled.
        drawn: The item of raster and membranes.
    """
    return tuple(
        _trace(name, histories[name], float(layer.neuron.threshold), drawn)
        for name, layer in spiking_layers(model).items()
        if name in histories and isinstance(layer, RecurrentLIF | LIF)
    )


def _keep(
    scans: dict[str, Scan],
    histories: dict[str, LayerHistory],
    name: str,
    n_items: int,
    layer: nn.Module,
    inputs: tuple[Any, ...],
    scan: Scan,
) -> None:
    del inputs
    scans[name] = scan
    if isinstance(layer, RecurrentLIF):  # (W, T·B, H), the first draw of T
        histories[name] = LayerHistory("event", scan.spikes[:, :n_items], scan.membranes[:, :n_items])
    else:
        histories[name] = LayerHistory("encoding step", scan.spikes, scan.membranes)


def _arrange(
    scans: dict[str, Scan],
    histories: dict[str, LayerHistory],
    name: str,
    layer: MultiStepLIF,
    inputs: tuple[Any, ...],
    spikes: Float[Tensor, "time batch *units"],
) -> None:
    """Put the units of a layer where they lie in the window."""
    del inputs
    if spikes.ndim != 4:  # noqa: PLR2004  # (T, B, W, d) or (T, B, C, W)
        return
    order = (2, 0, 1) if layer.channels_first else (1, 0, 2)
    membranes = scans[name].membranes.view(spikes.shape)
    histories[name] = LayerHistory("event", *(value.mean(0).permute(order) for value in (spikes, membranes)))


def _trace(name: str, history: LayerHistory, threshold: float, drawn: int) -> LayerTrace:
    rates = history.spikes.double().mean((0, 1))
    order = torch.argsort(rates, descending=True, stable=True).tolist()
    units = sorted(order[:MOST_UNITS])
    n = min(N_TRACES, len(order) // 2) or 1
    chosen: list[tuple[int, Literal["busiest", "quietest"]]] = [(unit, "busiest") for unit in order[:n]]
    chosen += [(unit, "quietest") for unit in order[n:][-n:]]
    spikes, membranes = history.spikes[:, drawn], history.membranes[:, drawn]
    return LayerTrace(
        layer=name,
        axis=history.axis,
        threshold=threshold,
        firing_rates=tuple(rates.tolist()),
        units=tuple(units),
        raster=tuple(_row(spikes[:, unit]) for unit in units),
        traces=tuple(
            UnitTrace(unit, role, float(rates[unit]), _row(membranes[:, unit]), _row(spikes[:, unit]))
            for unit, role in chosen
        ),
    )


def _row(values: Float[Tensor, " steps"]) -> tuple[float, ...]:
    plain: Sequence[float] = values.double().cpu().tolist()
    return tuple(round(value, 6) for value in plain)
