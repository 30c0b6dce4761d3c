"""The spiking models as snnTorch's users write them: one neuron call per step, nothing computed ahead.

Their parameters come in the order of those of ``c5snn.models``, so that ``copy_parameters`` can make both the same
network; a test compares their logits.
"""

from collections.abc import Callable

import snntorch
import torch
from snntorch import spikegen
from torch import Tensor, nn

__all__ = [
    "BETA",
    "ConvolutionLoop",
    "Encode",
    "PerceptronLoop",
    "RecurrentLoop",
    "TransformerLoop",
    "copy_parameters",
    "rates",
]

Encode = Callable[[Tensor], Tensor]
BETA = 0.95


def rates(timesteps: int, rate_max: float) -> Encode:
    """Return snnTorch's rate coding: events as spikes drawn with probability ``rate_max`` in each step, time first."""
    return lambda events: spikegen.rate(events * rate_max, num_steps=timesteps)


def copy_parameters(source: nn.Module, target: nn.Module) -> None:
    """Give ``target`` the parameters of ``source``, in order."""
    with torch.no_grad():
        for parameter, other in zip(target.parameters(), source.parameters(), strict=True):
            parameter.copy_(other.view(parameter.shape))


class RecurrentLoop(nn.Module):
    """``SpikeGRU``: every encoding step starts at rest and reads the window event by event."""

    def __init__(self, hidden_size: int, num_layers: int, encode: Encode, n_parts: int = 39) -> None:
        super().__init__()
        self.encode = encode
        self.input = nn.Linear(n_parts, hidden_size)
        self.neurons = nn.ModuleList(
            snntorch.RLeaky(
                beta=BETA,
                all_to_all=True,
                linear_features=hidden_size,
                init_hidden=False,
                spike_grad=snntorch.surrogate.fast_sigmoid(slope=25),
            )
            for _ in range(num_layers)
        )
        self.output = nn.Linear(hidden_size, n_parts)

    def forward(self, windows: Tensor) -> Tensor:
        """Return one logit per part from ``(batch, window, parts)``."""
        last = [self._read(self.input(events)) for events in self.encode(windows)]
        return self.output(torch.stack(last).mean(0))  # type: ignore[no-any-return]  # torch types a call as Any

    def _read(self, current: Tensor) -> Tensor:
        rest = torch.zeros_like(current[:, 0])
        states = [(rest, rest) for _ in self.neurons]
        for step in current.unbind(1):
            spikes = step
            for i, neuron in enumerate(self.neurons):
                states[i] = neuron(spikes, *states[i])
                spikes = states[i][0]
        return spikes


class PerceptronLoop(nn.Module):
    """``SpikingMLP``."""

    def __init__(self, encode: Encode, n_parts: int = 39, window: int = 21) -> None:
        super().__init__()
        self.encode = encode
        self.layers = nn.ModuleList([_Spiking(nn.Linear(window * n_parts, 256)), _Spiking(nn.Linear(256, 128))])
        self.output = nn.Linear(128, n_parts)

    def forward(self, windows: Tensor) -> Tensor:
        """Return one logit per part from ``(batch, window, parts)``."""
        _reset(self)
        spikes = []
        for events in self.encode(windows):
            x = events.flatten(1)
            for layer in self.layers:
                x = layer(x)
            spikes.append(x)
        return self.output(torch.stack(spikes).mean(0))  # type: ignore[no-any-return]  # torch types a call as Any


class ConvolutionLoop(nn.Module):
    """``SpikingCNN1D``."""

    def __init__(self, encode: Encode, n_parts: int = 39, n_channels: int = 64) -> None:
        super().__init__()
        self.encode = encode
        sizes = [(n_parts, n_channels), (n_channels, n_channels)]
        self.layers = nn.ModuleList(_Spiking(nn.Conv1d(*size, 3, padding="same")) for size in sizes)
        self.output = nn.Linear(n_channels, n_parts)

    def forward(self, windows: Tensor) -> Tensor:
        """Return one logit per part from ``(batch, window, parts)``."""
        _reset(self)
        spikes = []
        for events in self.encode(windows):
            x = events.transpose(1, 2)
            for layer in self.layers:
                x = layer(x)
            spikes.append(x.mean(2))
        return self.output(torch.stack(spikes).mean(0))  # type: ignore[no-any-return]  # torch types a call as Any


class TransformerLoop(nn.Module):
    """``SpikingTransformer``, its blocks joined by the AND of spikes."""

    def __init__(self, encode: Encode, n_parts: int = 39, window: int = 21, d_model: int = 128) -> None:
        super().__init__()
        self.encode = encode
        self.positions = nn.Parameter(torch.zeros(window, d_model))
        self.embedding = nn.Linear(n_parts, d_model)
        self.blocks = nn.ModuleList(_Block(d_model) for _ in range(2))
        self.output = nn.Linear(d_model, n_parts)

    def forward(self, windows: Tensor) -> Tensor:
        """Return one logit per part from ``(batch, window, parts)``."""
        _reset(self)
        spikes = []
        for events in self.encode(windows):
            x = self.embedding(events) + self.positions
            for block in self.blocks:
                x = block(x)
            spikes.append(x.mean(1))
        return self.output(torch.stack(spikes).mean(0))  # type: ignore[no-any-return]  # torch types a call as Any


class _Spiking(nn.Module):
    def __init__(self, weights: nn.Module) -> None:
        super().__init__()
        self.weights = weights
        self.neuron = snntorch.Leaky(beta=BETA, spike_grad=snntorch.surrogate.fast_sigmoid(slope=25))
        self.membrane: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        spikes: Tensor
        spikes, self.membrane = self.neuron(self.weights(x), self.membrane)
        return spikes


class _Block(nn.Module):
    def __init__(self, d_model: int, num_heads: int = 4, dropout: float = 0.1) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query, self.key, self.value = (_Spiking(nn.Linear(d_model, d_model)) for _ in range(3))
        self.mix = _Spiking(nn.Linear(d_model, d_model))
        self.attended = _Spiking(nn.Identity())
        self.expand = _Spiking(nn.Linear(d_model, 2 * d_model))
        self.contract = _Spiking(nn.Linear(2 * d_model, d_model))
        self.joined = _Spiking(nn.Identity())
        self.dropout = nn.Dropout(dropout)

    def forward(self, a: Tensor) -> Tensor:
        q, k, v = (
            layer(a).unflatten(-1, (self.num_heads, -1)).transpose(1, 2) for layer in (self.query, self.key, self.value)
        )
        attention = self.dropout(q @ k.mT / q.shape[-1] ** 0.5)
        r: Tensor = self.attended(a + self.mix((attention @ v).transpose(1, 2).flatten(2)))
        spikes: Tensor = self.joined(r + self.contract(self.dropout(self.expand(r))))
        return spikes


def _reset(network: nn.Module) -> None:
    for module in network.modules():
        if isinstance(module, _Spiking):
            module.membrane = module.neuron.reset_mem()
