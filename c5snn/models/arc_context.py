"""The attending encoder of ARC tasks: cells attend within their grids, and output grids ask the input grids."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from c5snn.data import GridPairs
from c5snn.data.arc.arc_task import CATEGORIES
from c5snn.data.arc.centroids import read_centroids
from c5snn.data.arc.grids import N_COLORS, PADDING
from c5snn.errors import require, require_positive
from c5snn.files import located, sha256_of
from c5snn.nn import (
    AttentionPooling,
    AttentionSizes,
    CrossAttention,
    GridEncoder,
    HeadName,
    HeadOptions,
    category_head,
)
from c5snn.tasks.category import CategoryModule

__all__ = ["ArcContext"]

INPUT, OUTPUT = 0, 1


@final
class ArcContext(CategoryModule):
    """Encodes each grid by attention over its cells, lets outputs ask inputs, and compares the item with categories.

    Cells are embedded with 2-D sinusoidal positions; after ``pixel_layers`` the mean over its cells, its place among
    the demonstrations and its role are a grid's vector; in ``grid_layers`` the outputs attend to the inputs of their
    item; attention pools the pairs. ``z = Linear(pool)``, then the head. Only cells that are there are attended to.

    Args:
        embed_dim: Features of the embedding z of an item, at least 1.
        n_demos: Demonstration pairs of an item, at least 1; follows the data.
        d_model: Features of a cell and of a grid, a multiple of 4 and of ``num_heads``.
        num_heads: Attention heads, at least 1.
        pixel_layers: Layers of attention within each grid, at least 1.
        grid_layers: Layers in which outputs ask inputs, at least 1.
        dropout: Share dropped in training of what each layer adds, in [0, 1).
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
        d_model: int = 256,
        num_heads: int = 8,
        pixel_layers: int = 3,
        grid_layers: int = 2,
        dropout: float = 0.1,
        *,
        head: HeadName = "prototype",
        use_cosine: bool = False,
        temperature: float = 10.0,
        label_smoothing: float = 0.0,
        centroids: str | None = None,
        random: bool = False,
    ) -> None:
        super().__init__()
        require_positive(embed_dim=embed_dim, n_demos=n_demos, pixel_layers=pixel_layers, grid_layers=grid_layers)
        require("0 <= label_smoothing < 1", holds=0 <= label_smoothing < 1, label_smoothing=label_smoothing)
        self.save_hyperparameters()
        self.label_smoothing = label_smoothing
        sizes = AttentionSizes(d_model, num_heads, dropout)
        self.encoder = GridEncoder(N_COLORS + 1, pixel_layers, sizes)
        self.demos = nn.Embedding(n_demos, d_model)
        self.roles = nn.Embedding(2, d_model)
        self.layers = nn.ModuleList(CrossAttention(sizes) for _ in range(grid_layers))
        self.pooling = AttentionPooling(d_model)
        self.project = nn.Linear(d_model, embed_dim)
        self.options = HeadOptions(head, use_cosine, temperature)
        given = torch.from_numpy(read_centroids(centroids, random=random)) if head == "centroid" else None
        self.head = category_head(embed_dim, len(CATEGORIES), self.options, given)

    def forward(self, pairs: GridPairs) -> Float[Tensor, "batch categories"]:
        """Return one logit per category."""
        found, n_demos = pairs.inputs.shape[1], self.hparams["n_demos"]
        require("pairs.inputs.shape[1] == n_demos", holds=found == n_demos, n_found=found, n_demos=n_demos)
        grids = torch.stack(list(pairs), dim=2)  # (B, D, 2, H, W)
        tokens = grids.flatten(0, 2)
        vectors = self.encoder(tokens, tokens != PADDING).unflatten(0, grids.shape[:3])  # (B, D, 2, d)
        vectors = vectors + self.demos.weight.unsqueeze(1) + self.roles.weight
        inputs, outputs = vectors[:, :, INPUT], vectors[:, :, OUTPUT]  # (B, D, d)
        for layer in self.layers:
            outputs = layer(outputs, inputs)
        return self.head(self.project(self.pooling(outputs)))  # type: ignore[no-any-return]  # torch types a call as Any

    def effective_hparams(self) -> dict[str, object]:
        """Return the arguments in canonical form: equal where the computations are identical."""
        file = self.hparams["centroids"] if self.options.name == "centroid" else None
        given = {"centroids": file and sha256_of(located(file)), "random": bool(file) and self.hparams["random"]}
        return {**self.hparams, **self.options.effective_arguments(), **given}
