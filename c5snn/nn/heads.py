"""Heads: what turns an embedding into one logit per category."""

from dataclasses import dataclass
from typing import Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from c5snn.errors import require, require_positive

__all__ = ["HeadName", "HeadOptions", "PrototypeHead", "category_head", "reduced_centroids"]

HeadName = Literal["prototype", "linear", "centroid"]


@dataclass(frozen=True)
class HeadOptions:
    """The options of a head.

    Args:
        name: ``prototype``: one learned vector a category; ``centroid``: given vectors, projected by a learned matrix;
            ``linear``: a matrix and a bias.
        use_cosine: Whether vectors are compared by cosine × temperature, or by dot product; not with ``linear``.
        temperature: Factor of the cosine, above 0.

    Raises:
        ConfigError: The temperature is out of its range.
    """

    name: HeadName = "prototype"
    use_cosine: bool = False
    temperature: float = 10.0

    def __post_init__(self) -> None:
        require("temperature > 0", holds=self.temperature > 0, temperature=self.temperature)

    def effective_arguments(self) -> dict[str, object]:
        """Return the arguments in canonical form: what cannot act counts as not there."""
        use_cosine = self.use_cosine and self.name != "linear"
        return {"head": self.name, "use_cosine": use_cosine, "temperature": self.temperature if use_cosine else None}


def reduced_centroids(centroids: Float[Tensor, "categories features"]) -> Float[Tensor, "categories coordinates"]:
    """Return the centroids in the coordinates of their own span: all dot products stay as they were.

    With ``C = U·S·Vᵀ`` they are the columns of ``U·S``, at most as many as there are centroids; the largest entry of
    each is positive, so that the same centroids have the same coordinates.

    Args:
        centroids: One row a category.

    >>> reduced_centroids(torch.tensor([[3.0, 0.0, 0.0, 4.0]]))
    tensor([[5.]])
    """
    left, lengths, _ = torch.linalg.svd(centroids.double(), full_matrices=False)
    coordinates = left * lengths
    largest: Tensor = coordinates.gather(0, coordinates.abs().argmax(0, keepdim=True))
    signed: Tensor = coordinates * torch.where(largest < 0, -1.0, 1.0)
    return signed.to(centroids.dtype)


@final
class LearnedVectors(nn.Module):
    """One learned vector a category.

    Args:
        n_categories: How many.
        embed_dim: Their features.
    """

    def __init__(self, n_categories: int, embed_dim: int) -> None:
        super().__init__()
        self.vectors = nn.Parameter(nn.init.normal_(torch.empty(n_categories, embed_dim), std=embed_dim**-0.5))

    def forward(self) -> Float[Tensor, "categories embed_dim"]:
        """Return the vectors."""
        return self.vectors


@final
class ProjectedCentroids(nn.Module):
    """``P·c_k`` with a learned matrix P and a given centroid c_k for each category.

    Args:
        centroids: The centroids, such as :func:`reduced_centroids` returns; a checkpoint holds them.
        embed_dim: Features of what they are projected to.
    """

    centroids: Tensor

    def __init__(self, centroids: Float[Tensor, "categories coordinates"], embed_dim: int) -> None:
        super().__init__()
        self.register_buffer("centroids", centroids)
        self.projection = nn.Linear(centroids.shape[1], embed_dim, bias=False)

    def forward(self) -> Float[Tensor, "categories embed_dim"]:
        """Return the projected centroids."""
        return self.projection(self.centroids)  # type: ignore[no-any-return]  # torch types a module's call as Any


@final
class PrototypeHead(nn.Module):
    """Compares an embedding z with a vector p for each category: ``p_k·z``, or ``temperature · cos(p_k, z)``.

    Args:
        prototypes: Returns the vectors.
        temperature: Factor of the cosine; None: the dot product.

    Source: Snell, Swersky & Zemel (2017), Prototypical Networks for Few-shot Learning, arXiv:1703.05175; here the
    prototypes are learned or given, not means.
    """

    def __init__(self, prototypes: LearnedVectors | ProjectedCentroids, temperature: float | None) -> None:
        super().__init__()
        self.prototypes = prototypes
        self.temperature = temperature

    def forward(self, embedding: Float[Tensor, "batch embed_dim"]) -> Float[Tensor, "batch categories"]:
        """Return the logits."""
        vectors: Tensor = self.prototypes()
        if self.temperature is None:
            return embedding @ vectors.mT
        return F.normalize(embedding, dim=1) @ F.normalize(vectors, dim=1).mT * self.temperature


def category_head(
    embed_dim: int, n_categories: int, options: HeadOptions, centroids: Float[Tensor, "categories features"] | None
) -> nn.Linear | PrototypeHead:
    """Return what turns an embedding into one logit per category.

    Args:
        embed_dim: Features of the embedding, at least 1.
        n_categories: Categories, at least 1.
        options: Which head.
        centroids: A vector for each category; of ``centroid`` alone.

    Raises:
        ConfigError: A count is below 1, or centroids are missing, superfluous or of another number.
    """
    require_positive(embed_dim=embed_dim, n_categories=n_categories)
    given = centroids is not None
    rule = "(head == 'centroid') == (centroids is not None)"
    require(rule, holds=(options.name == "centroid") == given, head=options.name, centroids_are_given=given)
    if options.name == "linear":
        return nn.Linear(embed_dim, n_categories)
    temperature = options.temperature if options.use_cosine else None
    if centroids is None:
        return PrototypeHead(LearnedVectors(n_categories, embed_dim), temperature)
    found = len(centroids)
    require("one centroid a category", holds=found == n_categories, n_centroids=found, n_categories=n_categories)
    return PrototypeHead(ProjectedCentroids(reduced_centroids(centroids), embed_dim), temperature)
