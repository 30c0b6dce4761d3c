"""How the time of a SpikeGRU training step and its memory grow with batch, window, width and encoding steps."""

from collections.abc import Callable
from typing import TypedDict

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.snntorch_loops import RecurrentLoop, rates
from benchmarks.table import Row, Table
from benchmarks.timing import Effort, measure
from benchmarks.training_steps import Batch, adam, own_optimizer, training_step
from c5snn.models import SpikeGRU

__all__ = ["measure_scaling"]

TIME_NOTE = """One size is doubled at a time, from B 64, W 21, H 128, T 1 (`rate_max` 0.9 where T > 1). `growth` is the
time over that of the size before: 2 is in proportion."""
MEMORY_NOTE = """Most bytes of tensors that one training step holds at once, beyond weights, optimizer and batch, at
B 64, W 21, T 1."""


class _Shape(TypedDict):
    B: int
    W: int
    H: int
    T: int


BASE: _Shape = {"B": 64, "W": 21, "H": 128, "T": 1}


def measure_scaling(effort: Effort, *, quick: bool) -> list[Table]:
    """Return one table of times and one of memory."""
    doublings = 1 if quick else 3
    rows = [row for name in BASE for row in _grow(name, doublings, effort)]
    widths = [64] if quick else [64, 128, 256]
    memory = [_memory_row(width) for width in widths]
    return [Table("Growth of a training step", rows, TIME_NOTE), Table("Peak memory", memory, MEMORY_NOTE)]


def _grow(name: str, doublings: int, effort: Effort) -> list[Row]:
    shapes = [{**BASE, name: BASE[name] * 2**i} for i in range(doublings + 1)]  # type: ignore[literal-required]
    timings = measure({str(shape[name]): _step(shape) for shape in shapes}, effort)
    rows: list[Row] = []
    for shape in shapes:
        timing = timings[str(shape[name])]
        growth = timing.median_s * 1e3 / float(rows[-1]["ms"]) if rows else ""
        rows.append({"doubled": name, **shape, "ms": timing.median_s * 1e3, "growth": growth})
    return rows


def _step(shape: dict[str, int]) -> Callable[[], None]:
    T = shape["T"]
    encoding = {"encoding": "rate_coded", "timesteps": T, "rate_max": 0.9} if T > 1 else {}
    model = SpikeGRU(hidden_size=shape["H"], **encoding)  # type: ignore[arg-type]  # its own arguments
    return training_step(model, own_optimizer(model), _batch(shape["B"], shape["W"]))


def _memory_row(hidden_size: int) -> Row:
    model, loop = SpikeGRU(hidden_size=hidden_size), RecurrentLoop(hidden_size, 1, rates(1, 1.0))
    batch = _batch(BASE["B"], BASE["W"])
    own = _peak_bytes(training_step(model, own_optimizer(model), batch))
    other = _peak_bytes(training_step(loop, adam(loop, fused=False), batch))
    return {"H": hidden_size, "c5snn MB": own / 1e6, "loop MB": other / 1e6, "share": own / other}


def _peak_bytes(step: Callable[[], None]) -> int:
    step()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        step()
    held = peak = 0
    for event in profiler.profiler.kineto_results.events():
        if event.name() == "[memory]":
            held += event.nbytes()
            peak = max(peak, held)
    return peak


def _batch(n_windows: int, window: int) -> Batch:
    generator = torch.Generator().manual_seed(0)
    draw = torch.rand(n_windows, window + 1, 39, generator=generator) < 5 / 39
    return draw[:, :-1].float(), draw[:, -1].float()
