"""Train step of the feed-forward spiking networks against their snnTorch loops."""

from torch import nn

from benchmarks.snntorch_loops import ConvolutionLoop, PerceptronLoop, TransformerLoop, copy_parameters, rates
from benchmarks.table import Row, Table
from benchmarks.timing import Effort, measure
from benchmarks.training_steps import adam, first_batch, own_optimizer, train, training_step, with_fused_scans
from c5snn.data import EventDataModule
from c5snn.models import SpikingCNN1D, SpikingMLP, SpikingTransformer
from c5snn.tasks import NextEventModule

__all__ = ["PEERS", "measure_peers"]

NOTE = """Original definitions, rate coding with T = 10, weights after one epoch, B 64, W 21. With `rate_max` 1 the
input is the same at every t and c5snn projects it once; the rest is computed at every t, as in the loop.
`× fused`: against c5snn without compiled scans."""

PEERS: list[tuple[type[NextEventModule], type[nn.Module]]] = [
    (SpikingMLP, PerceptronLoop),
    (SpikingCNN1D, ConvolutionLoop),
    (SpikingTransformer, TransformerLoop),
]


def measure_peers(effort: Effort, *, quick: bool) -> list[Table]:
    """Return the table of all peers, with equal and with drawn inputs."""
    data = EventDataModule(batch_size=2 if quick else 64)
    rows = [
        _measure_peer(data, kinds, rate_max, effort, n_steps=1 if quick else 128)
        for kinds in PEERS
        for rate_max in (1.0, 0.9)
    ]
    return [Table("Feed-forward spiking networks, one training step", rows, NOTE)]


def _measure_peer(
    data: EventDataModule,
    kinds: tuple[type[NextEventModule], type[nn.Module]],
    rate_max: float,
    effort: Effort,
    n_steps: int,
) -> Row:
    timesteps = 10
    model, fused = (kinds[0](encoding="rate_coded", timesteps=timesteps, rate_max=rate_max) for _ in range(2))
    train(model, data, n_steps)
    fused.load_state_dict(model.state_dict())
    loop = kinds[1](rates(timesteps, rate_max))
    copy_parameters(model, loop)
    batch = first_batch(data)
    timings = measure(
        {
            "c5snn": training_step(model, own_optimizer(model), batch),
            "fused": with_fused_scans(training_step(fused, own_optimizer(fused), batch)),
            "loop": training_step(loop, adam(loop, fused=False), batch),
        },
        effort,
    )
    return {
        "model": kinds[0].__name__,
        "rate_max": rate_max,
        "ms": timings["c5snn"].median_s * 1e3,
        "× loop": timings["loop"].median_s / timings["c5snn"].median_s,
        "× fused": timings["fused"].median_s / timings["c5snn"].median_s,
        "dispersion": max(timing.dispersion for timing in timings.values()),
    }
