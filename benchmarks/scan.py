"""Train step of the original SpikeGRU against the snnTorch loop, nn.GRU, nn.RNN and the bare matrix products."""

from dataclasses import dataclass
from itertools import product

from torch import nn

from benchmarks.products import bare_products
from benchmarks.snntorch_loops import RecurrentLoop, copy_parameters, rates
from benchmarks.table import Row, Table
from benchmarks.timing import Effort, Timing, measure
from benchmarks.training_steps import (
    Recurrent,
    adam,
    first_batch,
    own_optimizer,
    train,
    training_step,
    with_fused_scans,
)
from c5snn.data import EventDataModule
from c5snn.models import SpikeGRU

__all__ = ["Input", "measure_scans"]

NOTE = """Training steps (forward, loss, backward, Adam), weights after one epoch on the default history, B 64, W 21.
`× loop`, `× GRU`, `× RNN`: how many steps of c5snn fit into one of the snnTorch loop, nn.GRU and nn.RNN of the same
size; `× fused`: into one of its own without compiled scans; `/ GRU`: its share of nn.GRU's step; `/ products`: its
multiple of the bare matrix products; `/ direct`: its multiple of the same network's step with `direct` encoding (for
`direct` itself: the noise). Under deterministic rate coding the T copies of the input are equal, state restarts at
each, and one stands for all: what the loop spends on the others is **not computed**, which is not the same as faster.
nn.GRU and nn.RNN have no encoding; beside `stochastic` they read T·B windows."""


@dataclass(frozen=True)
class Input:
    """How events enter the network.

    Args:
        name: What the table calls it.
        encoding: The model's own word for it.
        timesteps: T that the loop runs.
        rate_max: Probability of an input spike where a part was active.
    """

    name: str
    encoding: str
    timesteps: int
    rate_max: float

    @property
    def n_copies(self) -> int:
        """How many windows the network has to read for each one that it is given."""
        return self.timesteps if self.rate_max < 1 else 1


INPUTS = [
    Input("direct", "direct", 1, 1.0),
    Input("deterministic", "rate_coded", 10, 1.0),
    Input("stochastic", "rate_coded", 10, 0.9),
]


def measure_scans(effort: Effort, *, quick: bool) -> list[Table]:
    """Return the table for every width, depth and encoding."""
    data = EventDataModule(batch_size=2 if quick else 64)
    sizes = [(8, 1)] if quick else list(product([64, 128, 256], [1, 2]))
    n_steps = 1 if quick else 128
    rows = [
        _row(size, given, _measure_cell(data, size, given, effort, n_steps)) for size, given in product(sizes, INPUTS)
    ]
    return [Table("SpikeGRU, one training step", rows, NOTE)]


def _measure_cell(
    data: EventDataModule, size: tuple[int, int], given: Input, effort: Effort, n_steps: int
) -> dict[str, Timing]:
    model, fused = (
        SpikeGRU(
            hidden_size=size[0],
            num_layers=size[1],
            encoding=given.encoding,  # type: ignore[arg-type]  # one of its words
            timesteps=given.timesteps,
            rate_max=given.rate_max,
        )
        for _ in range(2)
    )
    train(model, data, n_steps)
    fused.load_state_dict(model.state_dict())
    direct = SpikeGRU(hidden_size=size[0], num_layers=size[1])
    direct.load_state_dict(model.state_dict())
    loop = RecurrentLoop(*size, rates(given.timesteps, given.rate_max))
    copy_parameters(model, loop)
    gru, rnn = (Recurrent(kind, *size, given.n_copies) for kind in (nn.GRU, nn.RNN))
    batch = first_batch(data)
    work = {
        "c5snn": training_step(model, own_optimizer(model), batch),
        "fused": with_fused_scans(training_step(fused, own_optimizer(fused), batch)),
        "direct": training_step(direct, own_optimizer(direct), batch),
        "loop": training_step(loop, adam(loop, fused=False), batch),
        "gru": training_step(gru, adam(gru, fused=True), batch),
        "rnn": training_step(rnn, adam(rnn, fused=True), batch),
        "products": bare_products(*size, n_windows=given.n_copies * len(batch[0])),
    }
    return measure(work, effort)


def _row(size: tuple[int, int], given: Input, timings: dict[str, Timing]) -> Row:
    seconds = {name: timing.median_s for name, timing in timings.items()}
    own = seconds["c5snn"]
    return {
        "H": size[0],
        "L": size[1],
        "encoding": given.name,
        "ms": own * 1e3,
        "× loop": f"not computed ({seconds['loop'] / own:.0f})"
        if given.name == "deterministic"
        else seconds["loop"] / own,
        "× GRU": seconds["gru"] / own,
        "× RNN": seconds["rnn"] / own,
        "× fused": seconds["fused"] / own,
        "/ GRU": own / seconds["gru"],
        "/ products": own / seconds["products"],
        "/ direct": own / seconds["direct"],
        "dispersion": max(timing.dispersion for timing in timings.values()),
    }
