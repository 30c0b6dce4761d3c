"""Where the active parts stand in a ranking with ties: the one thing that every ranking metric needs.

Parts with equal scores form a *tie group*, and within a group every order is equally likely. A metric is then the mean
over these orders, in closed form: one well-defined value on every device, whatever the sorting algorithm. No sort is
needed either, because comparing each active part with all parts gives the place and the size of its group.

Source: McSherry & Najork (2008), Computing information retrieval performance measures efficiently in the presence of
tied scores, ECIR, doi:10.1007/978-3-540-78646-7_38. There a ranking is sorted first; here it is compared, in batches.
"""

from typing import Literal, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from c5snn.errors import require

__all__ = ["TieGroups", "locate_ties", "miss_probability", "probability_dtype"]


class TieGroups(NamedTuple):
    """The tie groups of the active parts, one row per window.

    Attributes:
        above: number of parts scored strictly better than each active part; of padding, the number of parts.
        tied: number of parts scored equal to each active part, itself included; of padding, 1.
        is_finite: whether all scores of the window are finite; otherwise its row means nothing.
        is_event: whether the window's target holds ``n_active`` ones and otherwise zeros; likewise.
        sizes: number of active parts of each window where it varies; None where all have ``n_active``.
    """

    above: Int[Tensor, "batch active"]
    tied: Int[Tensor, "batch active"]
    is_finite: Bool[Tensor, " batch"]
    is_event: Bool[Tensor, " batch"]
    sizes: Int[Tensor, " batch"] | None = None


def locate_ties(
    scores: Float[Tensor, "..."], targets: Tensor, *, n_parts: int, n_active: int | Literal["varies"]
) -> TieGroups:
    """Return the tie groups of the active parts, without waiting for the device unless sizes vary.

    Args:
        scores: one score per part of any scale, higher is better, shape (batch, ``n_parts``).
        targets: 1 for an active part and 0 otherwise, same shape.
        n_parts: number of parts.
        n_active: number of active parts of an event; ``varies`` for events of any size, empty ones too.

    Raises:
        ConfigError: if the shapes differ or are not (batch, ``n_parts``).

    >>> groups = locate_ties(torch.tensor([[3.0, 1.0, 1.0, 0.0]]), torch.tensor([[0, 1, 0, 1]]), n_parts=4, n_active=2)
    >>> groups.above.sort().values.tolist(), groups.tied.sort().values.tolist()
    ([[1, 3]], [[1, 2]])
    """
    require(
        "scores.shape == targets.shape == (batch, n_parts)",
        holds=scores.ndim == 2 and scores.shape == targets.shape and scores.shape[1] == n_parts,  # noqa: PLR2004
        scores=tuple(scores.shape),
        targets=tuple(targets.shape),
        n_parts=n_parts,
        fix="Give the metric and the data the same `n_parts`.",
    )
    is_active = targets != 0
    if n_active == "varies":
        return _locate_in_sets(scores, is_active, (targets == is_active).all(dim=1))
    is_event = (is_active.sum(dim=1) == n_active) & (targets == is_active).all(dim=1)
    wide = scores if scores.dtype == torch.float64 else scores.float()
    active = wide.gather(1, is_active.to(torch.uint8).topk(n_active, dim=1).indices)
    above = (wide[:, None, :] > active[:, :, None]).sum(dim=2)
    tied = (wide[:, None, :] == active[:, :, None]).sum(dim=2)
    return TieGroups(above, tied, wide.isfinite().all(dim=1), is_event)


def _locate_in_sets(
    scores: Float[Tensor, "batch parts"], is_active: Bool[Tensor, "batch parts"], is_event: Bool[Tensor, " batch"]
) -> TieGroups:
    # sorted, because a large event compared with all parts would need a number for each pair of them
    wide = scores if scores.dtype == torch.float64 else scores.float()
    sizes = is_active.sum(dim=1)
    found = is_active.to(torch.uint8).topk(int(sizes.max()) if len(sizes) else 0, dim=1)
    active, rising = wide.gather(1, found.indices).contiguous(), wide.sort(dim=1).values
    not_above = torch.searchsorted(rising, active, right=True)
    tied = not_above - torch.searchsorted(rising, active)
    is_part, n_parts = found.values.bool(), wide.shape[1]
    return TieGroups(
        torch.where(is_part, n_parts - not_above, n_parts),
        torch.where(is_part, tied, 1),
        wide.isfinite().all(dim=1),
        is_event,
        sizes,
    )


def probability_dtype(device: torch.device) -> torch.dtype:
    """Return float64 where the device has it; Apple's mps has float32 only."""
    return torch.float32 if device.type == "mps" else torch.float64


def miss_probability(groups: TieGroups, depths: Int[Tensor, " depths"]) -> Float[Tensor, "batch depths"]:
    """Return the probability that no active part is among the best-ranked ``depth`` parts, for each depth.

    Only the best tie group that holds an active part matters. It starts below ``b`` better parts and has ``g`` members,
    ``a`` of them active; the first ``depth`` parts reach ``s = clamp(depth - b, 0, g)`` of its members, and

        P(miss) = C(g - a, s) / C(g, s) = Π_{i < a} max(g - s - i, 0) / (g - i).

    Source: the hypergeometric law within a tie group, as in McSherry & Najork (2008), doi:10.1007/978-3-540-78646-7_38.

    >>> all_tied = locate_ties(torch.zeros(1, 4), torch.tensor([[1, 0, 0, 0]]), n_parts=4, n_active=1)
    >>> miss_probability(all_tied, torch.tensor([0, 1, 3, 4])).tolist()
    [[1.0, 0.75, 0.25, 0.0]]
    """
    dtype = probability_dtype(groups.above.device)
    start, first = groups.above.min(dim=1, keepdim=True)
    size = groups.tied.gather(1, first)
    n_active_inside = (groups.above == start).sum(dim=1, keepdim=True)
    reached = (depths - start).clamp(min=0).minimum(size)
    n_factors = groups.above.shape[1] if groups.sizes is None else int(n_active_inside.max())
    i = torch.arange(n_factors, device=depths.device)
    numerators = (size - reached)[:, :, None] - i
    factors = numerators.clamp(min=0).to(dtype) / (size - i).clamp(min=1).to(dtype)[:, None, :]
    return torch.where(i < n_active_inside[:, None, :], factors, torch.ones_like(factors)).prod(dim=2)
