"""A transformer over patches of events: PatchTST as a model of the next event."""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from c5snn.errors import require, require_positive
from c5snn.nn import PatchSizes, PatchVariant, patch_encoder
from c5snn.tasks.next_event import NextEventModule

__all__ = ["PatchTSTEvents"]

MIN_TOKENS = 3


@final
class PatchTSTEvents(NextEventModule):
    """Attends over patches of events; a part is a channel.

    ``published``: each part's 0/1 series is encoded by itself, and one readout gives its logit: which parts are active
    together is not seen. ``mixing``: a token holds a patch of all parts. ``(batch, window, parts)`` to
    ``(batch, parts)``. Windows are not normalised: an event is 0/1 already.

    Args:
        n_parts: Number of parts, at least 1.
        window: Number of past events, at least ``patch``.
        variant: How channels are treated.
        patch: Events of a token; the window must have three tokens or more.
        stride: Events from one token to the next.
        d_model: Features of a token.
        num_layers: Encoder layers.
        num_heads: Attention heads, a divisor of ``d_model``.
        ffn_size: Hidden units of the feed-forward part.
        dropout: Share dropped in training, in [0, 1).

    Raises:
        ConfigError: An argument is out of its range.

    Source: Nie et al. (2023), A Time Series is Worth 64 Words, arXiv:2211.14730, without its normalisation of windows.
    """

    def __init__(
        self,
        n_parts: int = 39,
        window: int = 21,
        variant: PatchVariant = "mixing",
        patch: int = 3,
        stride: int = 3,
        d_model: int = 64,
        num_layers: int = 2,
        num_heads: int = 4,
        ffn_size: int = 128,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        require_positive(n_parts=n_parts, window=window)
        sizes = PatchSizes(patch, stride, d_model, num_layers, num_heads, ffn_size, dropout)
        n_tokens = sizes.n_whole(window)
        rule = "(window - patch) // stride + 1 >= 3"
        require(rule, holds=n_tokens >= MIN_TOKENS, window=window, patch=patch, stride=stride)
        self.save_hyperparameters()
        self.encoder = patch_encoder(variant, n_parts, window, sizes)
        n_features = self.encoder.n_patches * d_model
        self.readout = nn.Linear(n_features, n_parts if variant == "mixing" else 1)

    def forward(self, windows: Float[Tensor, "batch window parts"]) -> Float[Tensor, "batch parts"]:
        """Return one logit per part."""
        tokens = self.encoder(windows)  # (B, N, d), or (B, F, N, d) by channel
        logits: Tensor = self.readout(tokens.flatten(-2))  # (B, F), or (B, F, 1)
        return logits if logits.dim() == 2 else logits.squeeze(-1)  # noqa: PLR2004  # a row for each item, or for each of its channels
