"""A transformer over patches of a series: PatchTST, as published and with mixed channels."""

from typing import Literal, final

from jaxtyping import Float
from torch import Tensor, nn

from c5snn.errors import require, require_positive
from c5snn.nn import PatchSizes, PatchVariant, RevIN, patch_encoder
from c5snn.tasks.series import SeriesModule

__all__ = ["PatchTST"]


@final
class PatchTST(SeriesModule):
    """Forecasts all channels, or predicts a direction, from patches of the past as tokens.

    Each window is normalised by its own mean and deviation (RevIN). ``published``: every channel by itself, with the
    same weights; post-norm layers with batch normalisation, attention scores that add up over layers. ``mixing``: a
    token holds a patch of all channels; pre-norm layers. A forecast is taken back to the window's scale; a logit is
    not. ``(batch, context, channels)`` to ``(batch, horizon, channels)``, or to one logit an item.

    Args:
        n_channels: Number of channels, at least 1.
        context: Steps of a window, at least ``patch``.
        horizon: Steps of the forecast, at least 1.
        targets: Whether the output is a forecast or the logit of a direction.
        variant: How channels are treated.
        patch: Steps of a token.
        stride: Steps from one token to the next.
        d_model: Features of a token.
        num_layers: Encoder layers.
        num_heads: Attention heads, a divisor of ``d_model``.
        ffn_size: Hidden units of the feed-forward part.
        dropout: Share dropped in training, in [0, 1).
        head_dropout: Share of the outputs dropped in training, in [0, 1).

    Raises:
        ConfigError: An argument is out of its range.

    Source: Nie et al. (2023), A Time Series is Worth 64 Words, arXiv:2211.14730; Kim et al. (2022), Reversible Instance
    Normalization.
    """

    def __init__(  # noqa: PLR0913  # a model's arguments are its options
        self,
        n_channels: int = 7,
        context: int = 336,
        horizon: int = 96,
        targets: Literal["forecast", "direction"] = "forecast",
        *,
        variant: PatchVariant = "published",
        patch: int = 16,
        stride: int = 8,
        d_model: int = 16,
        num_layers: int = 3,
        num_heads: int = 4,
        ffn_size: int = 128,
        dropout: float = 0.3,
        head_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        require_positive(n_channels=n_channels, horizon=horizon)
        require("0 <= head_dropout < 1", holds=0 <= head_dropout < 1, head_dropout=head_dropout)
        self.save_hyperparameters()
        self.forecasts, self.by_channel = targets == "forecast", variant == "published"
        self.normalise = RevIN(n_channels, affine=variant == "mixing")
        sizes = PatchSizes(patch, stride, d_model, num_layers, num_heads, ffn_size, dropout)
        self.encoder = patch_encoder(variant, n_channels, context, sizes)
        n_features, n_outputs = self.encoder.n_patches * d_model, horizon if self.forecasts else 1
        if self.by_channel and not self.forecasts:
            n_features *= n_channels
        elif not self.by_channel and self.forecasts:
            n_outputs *= n_channels
        self.readout = nn.Linear(n_features, n_outputs)
        self.dropout = nn.Dropout(head_dropout)

    def forward(
        self, windows: Float[Tensor, "batch context channels"]
    ) -> Float[Tensor, "batch horizon channels"] | Float[Tensor, "batch 1"]:
        """Return the forecast, or the logits of the direction."""
        normalised, back = self.normalise(windows)
        tokens = self.encoder(normalised)  # (B, N, d), or (B, F, N, d) by channel
        features = tokens.flatten(-2) if self.by_channel and self.forecasts else tokens.flatten(1)
        outputs: Tensor = self.dropout(self.readout(features))  # (B, F, T), (B, T·F) or (B, 1)
        if not self.forecasts:
            return outputs
        forecast = outputs.mT if self.by_channel else outputs.unflatten(1, (-1, windows.shape[-1]))
        restored: Tensor = back(forecast)  # (B, T, F)
        return restored
