"""What a trained network does on chosen items: its spikes and membranes, what moves its output, its energy."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from c5snn.errors import require_positive
from c5snn.files import sha256_of
from c5snn.records import Inspection
from c5snn.tasks import Task
from c5snn.tasks.prediction import ItemInputs
from c5snn.training.energy import energy_estimates
from c5snn.training.occlusion import occlude
from c5snn.training.opening import open_run, owning_run
from c5snn.training.spike_traces import layer_traces, recording

__all__ = ["Inspected", "inspect_model", "inspect_run"]

SEED = 0  # of encodings that are drawn; equal inputs are then equal draws


class Inspected(NamedTuple):
    """What was inspected, and the run's folder where the weights are those of a run on its own data."""

    inspection: Inspection
    folder: Path | None


def inspect_run(words: Sequence[str], *, as_of: str | None = None, item: int = -1, n_items: int = 64) -> Inspected:
    """Inspect a run's best checkpoint on items up to a chosen one.

    Args:
        words: A run's folder and flags.
        as_of: A point in time that the last item ends at, such as an ISO date. None: ``item`` says it.
        item: The place of the last item in test; from -1 on backwards, from the end.
        n_items: How many items to inspect.

    Raises:
        ConfigError: An argument or the run is wrong.
        CheckpointError: The model is untrained, or its checkpoint is damaged or unsafe.
    """
    require_positive(windows=n_items)
    opened = open_run(words, "c5snn inspect")
    model, data = opened.cli.model.eval(), opened.cli.datamodule
    chosen = model.inputs_until(data, as_of=as_of, item=item, n_items=n_items)
    checkpoint = sha256_of(opened.path) if opened.path else None
    return Inspected(inspect_model(model, chosen, data.describe().item, checkpoint), owning_run(opened))


def inspect_model(model: Task, chosen: ItemInputs, item: str, checkpoint_sha256: str | None = None) -> Inspection:
    """Inspect a model on chosen items; the last of them is the one that is drawn.

    Args:
        model: The model.
        chosen: The inputs.
        item: What one item is called.
        checkpoint_sha256: The file of its weights.
    """
    n_items = len(chosen.names)
    forward = _repeatable(model)
    with recording(model, n_items) as histories:
        forward(chosen.inputs)
    has_rows = isinstance(chosen.inputs, Tensor) and bool(chosen.features)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        energy = energy_estimates(model, chosen.inputs, n_items)
    return Inspection(
        model=type(model).__name__,
        drawn=chosen.names[-1],
        item=item,
        n_items=n_items,
        layers=layer_traces(model, histories),
        occlusion=occlude(forward, chosen.inputs, chosen.features) if has_rows else None,
        energy=energy,
        checkpoint_sha256=checkpoint_sha256,
    )


def _repeatable(model: Task) -> Callable[[Any], Tensor]:
    """Return the model's forward with the same draws in every call."""

    def forward(inputs: Any) -> Tensor:  # noqa: ANN401  # as the model takes them
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(SEED)
            outputs: Tensor = model(inputs)
        return outputs

    return forward
