"""The convolutional encoder of ARC tasks: reads each demonstration pair as one picture of two layers."""

from typing import Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from c5snn.data import GridPairs
from c5snn.data.arc.arc_task import CATEGORIES
from c5snn.data.arc.centroids import read_centroids
from c5snn.data.arc.grids import N_COLORS, PADDING
from c5snn.errors import require, require_positive
from c5snn.files import located, sha256_of
from c5snn.nn import HeadName, HeadOptions, PairEncoder, category_head
from c5snn.tasks.category import CategoryModule

__all__ = ["ArcCNN"]

CELL_FEATURES = 16
CHANNELS = (64, 128, 256)


@final
class ArcCNN(CategoryModule):
    """Encodes each pair by convolutions over both grids, one above the other, and compares the item with categories.

    Cells are embedded with 16 features in each grid; blocks of Conv3×3 and ReLU have 64, 128 and from then on 256
    channels, times ``width_mult``; the mean over the cells of a pair is its vector. ``z = MLP(pairs)``, then the head.
    What lies outside a pair is zero before every convolution: its vector does not depend on the padding.

    Args:
        embed_dim: Features of the embedding z of an item, at least 1.
        n_demos: Demonstration pairs of an item, at least 1; follows the data.
        width_mult: Factor of the channels, above 0.
        depth: Blocks, at least 1.
        mlp_hidden: Hidden units between the pairs and z, at least 1.
        demo_agg: Whether the vectors of the pairs are concatenated in their order, or averaged.
        use_coords: Whether each cell also has its y and x, from 0 to 1 over its pair.
        dropout: Share of hidden units dropped in training, in [0, 1).
        head: How z becomes logits: by one learned vector a category, by a linear layer, or by given vectors.
        use_cosine: Whether z and vectors are compared by cosine × temperature, or by dot product; not with ``linear``.
        temperature: Factor of the cosine, above 0.
        label_smoothing: Share of each target that the loss spreads over all categories, in [0, 1).
        centroids: NumPy file of one vector a category, of the head ``centroid``.
        random: Whether random vectors of the same lengths stand in for the centroids, as a control.

    Raises:
        ConfigError: An argument is out of its range.
    """

    def __init__(  # noqa: PLR0913  # a model's arguments are its options
        self,
        embed_dim: int = 256,
        n_demos: int = 3,
        width_mult: float = 1.0,
        depth: int = 3,
        mlp_hidden: int = 512,
        demo_agg: Literal["flatten", "mean"] = "flatten",
        use_coords: bool = False,
        dropout: float = 0.2,
        *,
        head: HeadName = "prototype",
        use_cosine: bool = False,
        temperature: float = 10.0,
        label_smoothing: float = 0.0,
        centroids: str | None = None,
        random: bool = False,
    ) -> None:
        super().__init__()
        require_positive(embed_dim=embed_dim, n_demos=n_demos, depth=depth, mlp_hidden=mlp_hidden)
        require("width_mult > 0", holds=width_mult > 0, width_mult=width_mult)
        require("0 <= dropout < 1", holds=0 <= dropout < 1, dropout=dropout)
        require("0 <= label_smoothing < 1", holds=0 <= label_smoothing < 1, label_smoothing=label_smoothing)
        self.save_hyperparameters()
        self.label_smoothing = label_smoothing
        self.n_channels = [max(1, round(width_mult * CHANNELS[min(block, 2)])) for block in range(depth)]
        self.encoder = PairEncoder(N_COLORS + 1, CELL_FEATURES, self.n_channels, use_coords=use_coords)
        n_features = self.n_channels[-1] * (n_demos if demo_agg == "flatten" else 1)
        self.project = nn.Sequential(
            nn.Linear(n_features, mlp_hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(mlp_hidden, embed_dim)
        )
        self.options = HeadOptions(head, use_cosine, temperature)
        given = torch.from_numpy(read_centroids(centroids, random=random)) if head == "centroid" else None
        self.head = category_head(embed_dim, len(CATEGORIES), self.options, given)

    def forward(self, pairs: GridPairs) -> Float[Tensor, "batch categories"]:
        """Return one logit per category."""
        found, n_demos = pairs.inputs.shape[1], self.hparams["n_demos"]
        require("pairs.inputs.shape[1] == n_demos", holds=found == n_demos, n_found=found, n_demos=n_demos)
        inputs, outputs = (grids.flatten(0, 1) for grids in pairs)  # (B·D, H, W)
        vectors = self.encoder(inputs, outputs, (inputs != PADDING) | (outputs != PADDING))
        vectors = vectors.unflatten(0, (-1, n_demos))  # (B, D, features)
        item = vectors.flatten(1) if self.hparams["demo_agg"] == "flatten" else vectors.mean(1)
        return self.head(self.project(item))  # type: ignore[no-any-return]  # torch types a module's call as Any

    def effective_hparams(self) -> dict[str, object]:
        """Return the arguments in canonical form: equal where the computations are identical."""
        file = self.hparams["centroids"] if self.options.name == "centroid" else None
        given = {"centroids": file and sha256_of(located(file)), "random": bool(file) and self.hparams["random"]}
        return {**self.hparams, **self.options.effective_arguments(), **given, "width_mult": self.n_channels}
