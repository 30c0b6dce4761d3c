"""Train step of the recurrent networks of the ladder, each as its configuration has it."""

from typing import cast

from benchmarks.table import Row, Table
from benchmarks.timing import Effort, measure
from benchmarks.training_steps import first_batch, own_optimizer, train, training_step
from c5snn.data import EventDataModule
from c5snn.tasks import NextEventModule
from c5snn.training.lightning_cli import C5CLI

__all__ = ["measure_ladder"]

FIRST = "original/spike_gru.yaml"
CONFIGS = [FIRST, "spike_gru.yaml", "gru.yaml"]

NOTE = f"""Shipped configurations with their optimizers, H 128, L 1, weights after one epoch on the default history,
B 64, W 21. `× original`: the multiple of a step of `{FIRST}`."""


def measure_ladder(effort: Effort, *, quick: bool) -> list[Table]:
    """Return the table of the recurrent networks."""
    data = EventDataModule(batch_size=2 if quick else 64)
    models = {config: _trained(config, data, n_steps=1 if quick else 128) for config in CONFIGS}
    batch = first_batch(data)
    timings = measure(
        {config: training_step(model, own_optimizer(model), batch) for config, model in models.items()}, effort
    )
    rows: list[Row] = [
        {
            "configuration": config,
            "parameters": sum(weight.numel() for weight in models[config].parameters()),
            "ms": timing.median_s * 1e3,
            "× original": timing.median_s / timings[FIRST].median_s,
            "dispersion": timing.dispersion,
        }
        for config, timing in timings.items()
    ]
    return [Table("Recurrent networks of the ladder, one training step", rows, NOTE)]


def _trained(config: str, data: EventDataModule, n_steps: int) -> NextEventModule:
    model = cast(NextEventModule, C5CLI(["--config", config]).model)
    train(model, data, n_steps)
    return model
