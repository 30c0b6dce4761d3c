"""Measures spikes, operations and input dependence of a network through hooks that change nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, final

import numpy as np
import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor, nn

from c5snn.evidence import items_per_answer
from c5snn.nn import LIF, RecurrentLIF
from c5snn.ops import Scan
from c5snn.records.activity import LayerActivity, NetworkActivity
from c5snn.training.synaptic_operations import Counter, operation_counters

__all__ = ["ActivityMeter", "spiking_layers"]


def spiking_layers(model: nn.Module) -> dict[str, nn.Module]:
    """Return a model's spiking layers by their paths, in the order of its definition."""
    return {name: module for name, module in model.named_modules() if isinstance(module, LIF | RecurrentLIF)}


@final
class ActivityMeter:
    """Counts spikes and operations and keeps the logits of every forward until it is detached.

    The counts stay on the model's device and nothing waits for them until :meth:`activity` is asked for.

    Args:
        model: Whose validation is measured.
        answers: Maps outputs to the form in which they are compared, as :meth:`c5snn.tasks.Task.answers`.
    """

    def __init__(self, model: nn.Module, answers: Callable[[Tensor], np.ndarray]) -> None:
        self._answers = answers
        self._layers = spiking_layers(model)
        self._units: dict[str, _UnitCounts] = {}
        self._operations: Int64[Tensor, ""] | int = 0
        self._logits: list[Float[Tensor, "batch ..."]] = []
        self._hooks = [model.register_forward_hook(self._keep_logits)]
        self._hooks += [
            layer.register_forward_hook(partial(self._count_spikes, name)) for name, layer in self._layers.items()
        ]
        if self._layers:
            self._hooks += [
                module.register_forward_hook(partial(self._count_operations, count))
                for module, count in operation_counters(model)
            ]

    def detach(self) -> None:
        """Remove every hook; what was measured stays."""
        for hook in self._hooks:
            hook.remove()
        self._hooks.clear()

    @property
    def n_windows(self) -> int:
        """Windows seen."""
        return sum(map(len, self._logits))

    def unit_rates(self) -> dict[str, Float64[Tensor, " units"]]:
        """Return each unit's spikes per step, by layer."""
        return {name: self._units[name].rates() for name in self._layers if name in self._units}

    def activity(self) -> NetworkActivity | None:
        """Return what was measured; None where a logit is NaN or infinite, or there were fewer than two windows."""
        if self.n_windows < 2:  # noqa: PLR2004  # as said
            return None
        logits = torch.cat(self._logits).cpu().double()
        if not logits.isfinite().all():
            return None
        shared_by = items_per_answer(self._answers(logits))
        return NetworkActivity(
            layers=tuple(_layer_activity(name, rates) for name, rates in self.unit_rates().items()),
            synaptic_operations=int(self._operations) / len(logits) if self._layers else None,
            n_distinct=len(shared_by),
            same_share=int(shared_by.max()) / len(logits),
            output_std=float(logits.std(0, correction=0).mean()),
        )

    def _keep_logits(
        self, model: nn.Module, inputs: tuple[Any, ...], logits: Float[Tensor, "batch ..."] | None
    ) -> None:
        del model, inputs
        if logits is not None:  # on several devices Lightning calls the step, which returns nothing, by the same hook
            self._logits.append(logits.detach())

    def _count_spikes(self, name: str, layer: nn.Module, inputs: tuple[Any, ...], scan: Scan) -> None:
        del layer, inputs
        counts = _UnitCounts.of(scan)
        self._units[name] = self._units[name].plus(counts) if name in self._units else counts

    def _count_operations(
        self, count: Counter, module: nn.Module, inputs: tuple[Any, ...], output: Tensor | Scan
    ) -> None:
        del module
        self._operations = self._operations + count(inputs[0], output)


@dataclass(frozen=True)
class _UnitCounts:
    """How often each unit of a layer fired and in how many steps."""

    spikes: Int64[Tensor, " units"]
    steps: int

    @classmethod
    def of(cls, scan: Scan) -> "_UnitCounts":
        n_steps, n_scans, _ = scan.spikes.shape
        # float32 counts exactly up to 2^24 steps, whatever the precision of the spikes
        spikes = scan.spikes.sum((0, 1), dtype=torch.float32).long()
        return cls(spikes, n_steps * n_scans)

    def plus(self, later: "_UnitCounts") -> "_UnitCounts":
        return _UnitCounts(self.spikes + later.spikes, self.steps + later.steps)

    def rates(self) -> Float64[Tensor, " units"]:
        return self.spikes.cpu().double() / self.steps


def _layer_activity(name: str, rates: Float64[Tensor, " units"]) -> LayerActivity:
    return LayerActivity(
        layer=name,
        firing_rate=float(rates.mean()),
        silent_share=float((rates == 0).double().mean()),
        saturated_share=float((rates == 1).double().mean()),
    )
