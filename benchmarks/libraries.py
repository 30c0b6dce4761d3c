"""The same work in other libraries: norse, spikingjelly and torch itself beside snnTorch."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import NamedTuple, final

from torch import Tensor, nn

from benchmarks.products import bare_products
from benchmarks.snntorch_loops import (
    BETA,
    ConvolutionLoop,
    Encode,
    PerceptronLoop,
    RecurrentLoop,
    copy_parameters,
    rates,
)
from benchmarks.table import Row, Table
from benchmarks.timing import Effort, measure
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
from c5snn.models import SpikeGRU, SpikingCNN1D, SpikingMLP
from c5snn.tasks import NextEventModule

__all__ = ["measure_libraries"]

TIMESTEPS = 10
RATE_MAX = 0.9
RECURRENT_NOTE = """One recurrent layer over W 21 events, B 64, direct; weights of c5snn and snnTorch after one epoch on
the default history, all others new. Everybody steps with the fused Adam. `× c5snn`: how many steps of c5snn fit into
one."""
FEEDFORWARD_NOTE = f"""T {TIMESTEPS} encoding steps drawn at `rate_max` {RATE_MAX}, so that nobody may project one input
for all of them; B 64, W 21; the same weights, after one epoch. Everybody steps with the fused Adam. `× c5snn`: how many
steps of c5snn fit into one."""


class _Work(NamedTuple):
    """Who computes what."""

    name: str
    computes: str
    step: Callable[[], object]


def measure_libraries(effort: Effort, *, quick: bool) -> list[Table]:
    """Return one table of recurrent and one of feed-forward networks."""
    data = EventDataModule(batch_size=2 if quick else 64)
    n_steps = 1 if quick else 128
    recurrent = [
        row
        for hidden_size in ([8] if quick else [64, 128, 256])
        for row in _rows(f"recurrent, H {hidden_size}", _recurrent(data, hidden_size, n_steps), effort)
    ]
    feedforward = [
        row for kinds in FEEDFORWARD for row in _rows(kinds.own.__name__, _feedforward(data, kinds, n_steps), effort)
    ]
    return [
        Table("Recurrent networks of other libraries", recurrent, _note(RECURRENT_NOTE, "norse")),
        Table("Feed-forward networks of other libraries", feedforward, _note(FEEDFORWARD_NOTE, "spikingjelly")),
    ]


def _note(note: str, library: str) -> str:
    if _is_installed(library):
        return note
    return f"{note}\n{library} is not installed, so its rows are left out; `pip install 'c5snn[bench]'` installs it."


def _is_installed(library: str) -> bool:
    return find_spec(library) is not None


def _rows(work: str, entries: list[_Work], effort: Effort) -> list[Row]:
    timings = measure({entry.name: entry.step for entry in entries}, effort)
    own = timings[entries[0].name].median_s
    return [
        {
            "work": work,
            "network": entry.name,
            "computes": entry.computes,
            "ms": timings[entry.name].median_s * 1e3,
            "× c5snn": timings[entry.name].median_s / own,
            "dispersion": timings[entry.name].dispersion,
        }
        for entry in entries
    ]


def _recurrent(data: EventDataModule, hidden_size: int, n_steps: int) -> list[_Work]:
    model = SpikeGRU(hidden_size=hidden_size)
    train(model, data, n_steps)
    fused, loop = SpikeGRU(hidden_size=hidden_size), RecurrentLoop(hidden_size, 1, rates(1, 1.0))
    fused.load_state_dict(model.state_dict())
    copy_parameters(model, loop)
    batch = first_batch(data)

    def step(network: nn.Module) -> Callable[[], None]:
        return training_step(network, adam(network, fused=True), batch)

    rlif = "RLIF: β·U + I + V·S + b − θ·S"
    entries = [
        _Work("c5snn", rlif, training_step(model, own_optimizer(model), batch)),
        _Work(
            "c5snn, fused", f"{rlif}, bit-equal", with_fused_scans(training_step(fused, own_optimizer(fused), batch))
        ),
        _Work("snnTorch RLeaky", f"{rlif}, bit-equal", step(loop)),
        _Work("nn.GRU", "three gates, no spikes", step(Recurrent(nn.GRU, hidden_size, 1, 1))),
        _Work("nn.RNN", "tanh(A·x + V·h), no spikes", step(Recurrent(nn.RNN, hidden_size, 1, 1))),
        _Work("matrix products", "those of RLIF alone", bare_products(hidden_size, 1, n_windows=len(batch[0]))),
    ]
    if _is_installed("norse"):
        computes = "LIF with a second state, the synaptic current; V without b or diagonal; reset to 0"
        entries.insert(3, _Work("norse LIFRecurrent", computes, step(_NorseRecurrent(hidden_size))))
    return entries


def _feedforward(data: EventDataModule, kinds: "_Kinds", n_steps: int) -> list[_Work]:
    model, fused = (kinds.own(encoding="rate_coded", timesteps=TIMESTEPS, rate_max=RATE_MAX) for _ in range(2))
    train(model, data, n_steps)
    fused.load_state_dict(model.state_dict())
    encode = rates(TIMESTEPS, RATE_MAX)
    loop = kinds.loop(encode)
    copy_parameters(model, loop)
    batch = first_batch(data)

    def step(network: nn.Module) -> Callable[[], None]:
        return training_step(network, adam(network, fused=True), batch)

    lif = "LIF: β·U + I − θ·S, reset one step late"
    entries = [
        _Work("c5snn", lif, training_step(model, own_optimizer(model), batch)),
        _Work("c5snn, fused", f"{lif}, bit-equal", with_fused_scans(training_step(fused, own_optimizer(fused), batch))),
        _Work("snnTorch Leaky", f"{lif}, bit-equal", step(loop)),
    ]
    if _is_installed("spikingjelly"):
        network = kinds.jelly(encode)
        copy_parameters(model, network)
        computes = "LIF, reset by subtraction in the step of the spike; all t of a layer at once"
        entries.append(_Work("spikingjelly LIFNode, multi-step", computes, step(network)))
    return entries


@final
class _NorseRecurrent(nn.Module):
    def __init__(self, hidden_size: int, n_parts: int = 39) -> None:
        from norse.torch.module.lif import LIFRecurrent

        super().__init__()
        self.recurrent = LIFRecurrent(n_parts, hidden_size)
        self.output = nn.Linear(hidden_size, n_parts)

    def forward(self, windows: Tensor) -> Tensor:
        """Return one logit per part from ``(batch, window, parts)``."""
        spikes, _ = self.recurrent(windows.transpose(0, 1))
        return self.output(spikes[-1])  # type: ignore[no-any-return]  # torch types a call as Any


def _jelly_neuron() -> nn.Module:
    """Return spikingjelly's LIF with our decay, reset and surrogate family, detached as ours is."""
    from spikingjelly.activation_based import neuron, surrogate

    node: nn.Module = neuron.LIFNode(
        tau=1 / (1 - BETA),
        decay_input=False,
        v_reset=None,
        surrogate_function=surrogate.ATan(),
        detach_reset=True,
        step_mode="m",
    )
    return node


@final
class _JellyPerceptron(nn.Module):
    def __init__(self, encode: Encode, n_parts: int = 39, window: int = 21) -> None:
        super().__init__()
        self.encode = encode
        self.weights = nn.ModuleList([nn.Linear(window * n_parts, 256), nn.Linear(256, 128)])
        self.neurons = nn.ModuleList(_jelly_neuron() for _ in self.weights)
        self.output = nn.Linear(128, n_parts)

    def forward(self, windows: Tensor) -> Tensor:
        """Return one logit per part from ``(batch, window, parts)``."""
        x = _scan(self, self.encode(windows).flatten(2))
        return self.output(x.mean(0))  # type: ignore[no-any-return]  # torch types a call as Any


@final
class _JellyConvolution(nn.Module):
    def __init__(self, encode: Encode, n_parts: int = 39, n_channels: int = 64) -> None:
        super().__init__()
        self.encode = encode
        sizes = [(n_parts, n_channels), (n_channels, n_channels)]
        self.weights = nn.ModuleList(nn.Conv1d(*size, 3, padding="same") for size in sizes)
        self.neurons = nn.ModuleList(_jelly_neuron() for _ in sizes)
        self.output = nn.Linear(n_channels, n_parts)

    def forward(self, windows: Tensor) -> Tensor:
        """Return one logit per part from ``(batch, window, parts)``."""
        x = _scan(self, self.encode(windows).transpose(2, 3))
        return self.output(x.mean((0, 3)))  # type: ignore[no-any-return]  # torch types a call as Any


def _scan(network: "_JellyPerceptron | _JellyConvolution", x: Tensor) -> Tensor:
    from spikingjelly.activation_based import functional

    functional.reset_net(network)
    for weights, neuron in zip(network.weights, network.neurons, strict=True):
        x = neuron(weights(x.flatten(0, 1)).unflatten(0, x.shape[:2]))
    return x


class _Kinds(NamedTuple):
    """One network, three times."""

    own: type[NextEventModule]
    loop: type[nn.Module]
    jelly: type[nn.Module]


FEEDFORWARD = [
    _Kinds(SpikingMLP, PerceptronLoop, _JellyPerceptron),
    _Kinds(SpikingCNN1D, ConvolutionLoop, _JellyConvolution),
]
