"""The spiking convolutional network: finds patterns of neighbouring events anywhere in the window."""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from c5snn.errors import require, require_positive
from c5snn.nn import (
    Encoder,
    EncodingName,
    InitName,
    LayerOptions,
    NormName,
    mean_over_time,
    spiking_convolution,
)
from c5snn.ops import SurrogateName
from c5snn.tasks.next_event import NextEventModule

__all__ = ["SpikingCNN1D"]


@final
class SpikingCNN1D(NextEventModule):
    """Convolves over the events of the window, ``timesteps`` times.

    ``x = z`` → per layer ``U_t = β·U_{t−1} + (K∗x_t) + a − S_{t−1}``, ``x_t ← S_t = H(U_t − 1)``, from rest, ∗ along
    the window with zeros beyond its ends → ``logits = C·mean_{t,w}(x_{t,w}) + c``; ``(batch, window, parts)`` to
    ``(batch, parts)``. Membranes persist over t.

    Args:
        n_parts: Number of parts, at least 1.
        n_channels: Channels of each layer, at least 1.
        num_layers: Layers, at least 1.
        kernel_size: Events that one convolution sees, odd.
        beta: Decay β of the membrane per encoding step, in [0, 1]; in a single step nothing decays.
        encoding: Events as they are, in one step, or as spikes drawn at a rate in each of ``timesteps``.
        timesteps: Encoding steps of ``rate_coded``, at least 1.
        surrogate: Slope that stands for the derivative of the step.
        rate_min: Probability of an input spike where a part was not active, in [0, 1]; ``rate_coded`` only.
        rate_max: Probability of an input spike where a part was active, in [0, 1]; ``rate_coded`` only.
        norm: Threshold-dependent batch normalisation of each layer's current, or none.
        init: Torch's own weights, or weights that make membranes fluctuate around rest.

    Raises:
        ConfigError: An argument is out of its range.

    Source: Eshraghian et al. (2023), doi:10.1109/JPROC.2023.3308088 (the neuron, snnTorch's ``Leaky``).
    """

    def __init__(
        self,
        n_parts: int = 39,
        n_channels: int = 64,
        num_layers: int = 2,
        kernel_size: int = 3,
        *,
        beta: float = 0.95,
        encoding: EncodingName = "direct",
        timesteps: int = 10,
        surrogate: SurrogateName = "fast_sigmoid",
        rate_min: float = 0.0,
        rate_max: float = 1.0,
        norm: NormName = "none",
        init: InitName = "default",
    ) -> None:
        super().__init__()
        require_positive(n_parts=n_parts, n_channels=n_channels, num_layers=num_layers, kernel_size=kernel_size)
        require("kernel_size % 2 == 1", holds=kernel_size % 2 == 1, kernel_size=kernel_size)
        self.save_hyperparameters()
        self.encoder = Encoder(encoding, timesteps=timesteps, rate_min=rate_min, rate_max=rate_max)
        options = LayerOptions(self.encoder.n_steps, beta, surrogate, norm, init)
        inputs = [n_parts, *[n_channels] * (num_layers - 1)]
        self.layers = nn.Sequential(*(spiking_convolution(n, n_channels, kernel_size, options) for n in inputs))
        self.output = nn.Linear(n_channels, n_parts)

    def forward(self, windows: Float[Tensor, "batch window parts"]) -> Float[Tensor, "batch parts"]:
        """Return one logit per part."""
        spikes = self.layers(self.encoder(windows, merge_copies=True).mT)
        return self.output(mean_over_time(spikes).mean(-1))  # type: ignore[no-any-return]  # torch types a module's call as Any

    def effective_hparams(self) -> dict[str, object]:
        """Return the arguments in canonical form: equal where the computations are identical."""
        beta = self.hparams["beta"] if self.encoder.n_steps > 1 else 0.0
        return {**self.hparams, **self.encoder.effective_arguments(merge_copies=False), "beta": beta}
