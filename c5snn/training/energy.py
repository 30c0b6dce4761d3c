"""Operations of a network for one item, as spikes and as dense products, and those of a GRU of the same size.

Driven by events, a network does one operation for each nonzero value that meets a weight (see
:mod:`c5snn.training.synaptic_operations`): an accumulate where the value is 1, a spike or an event, otherwise a
multiply-accumulate, such as behind delay lines. Computed densely it does a multiply-accumulate for every weight and
step. Energies: :class:`c5snn.records.EnergyEstimate`.
"""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from c5snn.ops import Scan
from c5snn.records import EnergyEstimate
from c5snn.training.activity_meter import spiking_layers
from c5snn.training.multiply_accumulates import count_multiply_accumulates
from c5snn.training.synaptic_operations import Counter, operation_counters

__all__ = ["energy_estimates", "gru_macs", "gru_size"]


def energy_estimates(model: nn.Module, inputs: Any, n_items: int) -> tuple[EnergyEstimate, ...]:  # noqa: ANN401
    """Return the operations of an item, averaged over the items.

    Args:
        model: The network.
        inputs: As its ``forward`` takes them.
        n_items: How many items they are.

    Returns:
        A spiking network by its events, the same densely, and a GRU with as many weights that reads the same events;
        where the network has ``hidden_size``, a GRU with as many units, too. A network without spikes densely, or
        nothing where it meets no weight.
    """
    dense = count_multiply_accumulates(model, inputs) / n_items
    if not spiking_layers(model):
        return (EnergyEstimate("this network, computed densely", 0.0, dense),) if dense else ()
    return (
        _by_events(model, inputs, n_items),
        EnergyEstimate("the same network, computed densely", 0.0, dense),
        *_grus(model, inputs),
    )


def gru_macs(n_features: int, hidden_size: int, num_layers: int, window: int) -> int:
    """Return the multiply-accumulates of a GRU that reads one window and writes a logit for each feature.

    >>> gru_macs(n_features=2, hidden_size=3, num_layers=1, window=4)
    186
    """
    layers = [n_features, *[hidden_size] * (num_layers - 1)]
    return window * sum(3 * hidden_size * (n + hidden_size) for n in layers) + hidden_size * n_features


def gru_size(n_features: int, n_weights: int) -> int:
    """Return the units of the one-layer GRU whose weights are nearest in number.

    >>> gru_size(n_features=39, n_weights=70_000)
    128
    """
    size = 1
    while _gru_weights(n_features, size + 1) <= n_weights:
        size += 1
    return min((size, size + 1), key=lambda n: abs(_gru_weights(n_features, n) - n_weights))


def _gru_weights(n_features: int, size: int) -> int:
    """Return the weights of ``c5snn.models.GRU``: two biases a gate, as torch has them, and the readout."""
    return 3 * size * (n_features + size + 2) + (size + 1) * n_features


def _grus(model: nn.Module, inputs: Tensor) -> list[EnergyEstimate]:
    _, window, n_features = inputs.shape
    n_weights = sum(weight.numel() for weight in model.parameters())
    size = gru_size(n_features, n_weights)
    shown = [(f"a GRU with as many weights ({size} units)", size, 1)]
    arguments: dict[str, Any] = dict(getattr(model, "hparams", {}))
    if "hidden_size" in arguments:
        units, layers = arguments["hidden_size"], arguments.get("num_layers", 1)
        shown.append((f"a GRU with as many units ({units})", units, layers))
    return [EnergyEstimate(label, 0.0, float(gru_macs(n_features, n, layers, window))) for label, n, layers in shown]


def _by_events(model: nn.Module, inputs: Tensor, n_items: int) -> EnergyEstimate:
    """Return the operations of nonzero values; those of ones need no multiplication."""
    counts = {"all": torch.zeros((), dtype=torch.int64), "ones": torch.zeros((), dtype=torch.int64)}

    def add(count: Counter, module: nn.Module, given: tuple[Any, ...], output: Tensor | Scan) -> None:
        del module
        counts["all"] = counts["all"] + count(given[0], output).cpu()
        counts["ones"] = counts["ones"] + count(given[0].eq(1).to(given[0].dtype), output).cpu()

    hooks = [module.register_forward_hook(partial(add, count)) for module, count in operation_counters(model)]
    try:
        with torch.no_grad():
            model(inputs)
    finally:
        for hook in hooks:
            hook.remove()
    ones, total = int(counts["ones"]), int(counts["all"])
    return EnergyEstimate("this network, driven by events", ones / n_items, (total - ones) / n_items)
