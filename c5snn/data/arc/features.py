"""Twenty-four numbers that describe a demonstration, made by hand: sizes, colours, objects, symmetries, changes."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float64, Int64

from c5snn.data.arc.grids import N_COLORS, PADDING, GridPairs

__all__ = ["FEATURES", "item_features"]

Tokens = Int64[np.ndarray, "_height _width"]

# of a demonstration; an item has their means over its demonstrations
FEATURES: Final = (
    "log_cells_in",
    "log_cells_out",
    "same_shape",
    "log_growth",
    "grows_by_whole_factor",
    "shrinks_by_whole_factor",
    "is_square_out",
    "n_colors_in",
    "n_colors_out",
    "n_new_colors",
    "n_lost_colors",
    "background_in",
    "background_out",
    "changed_share",
    "changed_from_background",
    "changed_to_background",
    "same_counts_of_colors",
    "log_objects_in",
    "log_objects_out",
    "has_dividing_line",
    "is_part_of_input",
    "repeats_input",
    "is_turned_input",
    "symmetry_gained",
)


def item_features(pairs: GridPairs) -> Float64[np.ndarray, "batch features"]:
    """Return the features of each item, means over its demonstrations.

    Args:
        pairs: Padded demonstrations; the padding changes nothing.
    """
    inputs, outputs = pairs.inputs.cpu().numpy(), pairs.outputs.cpu().numpy()
    rows = [
        np.mean([_features(_cropped(a), _cropped(b)) for a, b in zip(demos_in, demos_out, strict=True)], axis=0)
        for demos_in, demos_out in zip(inputs, outputs, strict=True)
    ]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(FEATURES))


def _features(a: Tokens, b: Tokens) -> list[float]:
    parts = (_of_sizes(a, b), _of_colors(a, b), _of_changes(a, b), _of_objects(a, b), _of_copies(a, b))
    return [float(value) for part in parts for value in part]


def _of_sizes(a: Tokens, b: Tokens) -> list[Any]:  # numbers and truths, as those below
    grows = b.size > a.size and all(n % m == 0 for n, m in zip(b.shape, a.shape, strict=True))
    shrinks = b.size < a.size and all(m % n == 0 for n, m in zip(b.shape, a.shape, strict=True))
    return [
        np.log(a.size), np.log(b.size), a.shape == b.shape, np.log(b.size / a.size), grows, shrinks,
        b.shape[0] == b.shape[1],
    ]  # fmt: skip


def _of_colors(a: Tokens, b: Tokens) -> list[Any]:
    before, after = (np.bincount(grid.ravel(), minlength=N_COLORS) > 0 for grid in (a, b))
    return [
        before.sum(), after.sum(), (after & ~before).sum(), (before & ~after).sum(), (a == 0).mean(), (b == 0).mean()
    ]  # fmt: skip


def _of_changes(a: Tokens, b: Tokens) -> list[Any]:
    """Return how many cells change, and from and to what; of grids of different shapes all do."""
    before, after = (np.sort(np.bincount(grid.ravel(), minlength=N_COLORS)) for grid in (a, b))
    same_counts = float(np.array_equal(before, after))
    if a.shape != b.shape:
        return [1.0, 0.0, 0.0, same_counts]
    changed = a != b
    n = max(1, int(changed.sum()))
    return [changed.mean(), (changed & (a == 0)).sum() / n, (changed & (b == 0)).sum() / n, same_counts]


def _of_objects(a: Tokens, b: Tokens) -> list[Any]:
    lines = [line for line in _inner_lines(a) if line[0] != 0 and (line == line[0]).all()]
    return [np.log1p(_n_objects(a != 0)), np.log1p(_n_objects(b != 0)), bool(lines)]


def _of_copies(a: Tokens, b: Tokens) -> list[Any]:
    turned = [np.rot90(grid, turns) for grid in (a, a.T) for turns in range(4)]
    is_turned = any(np.array_equal(b, other) for other in turned)
    gained = sum(map(float, _symmetries(b))) - sum(map(float, _symmetries(a)))
    return [_holds(a, b), _holds(b, a) if b.size > a.size else False, is_turned, gained]


def _holds(large: Tokens, small: Tokens) -> bool:
    """Say whether a grid is a part of another one, in its place or not."""
    if large.shape[0] < small.shape[0] or large.shape[1] < small.shape[1]:
        return False
    windows = np.lib.stride_tricks.sliding_window_view(large, small.shape)
    return bool((windows == small).all(axis=(2, 3)).any())


def _symmetries(grid: Tokens) -> tuple[bool, bool]:
    return np.array_equal(grid, np.flipud(grid)), np.array_equal(grid, np.fliplr(grid))


def _inner_lines(grid: Tokens) -> Iterator[Int64[np.ndarray, " _cells"]]:
    yield from grid[1:-1]
    yield from grid[:, 1:-1].T


def _n_objects(is_in: Bool[np.ndarray, "_height _width"]) -> int:
    from scipy.ndimage import label

    return int(label(is_in, structure=np.ones((3, 3)))[1])


def _cropped(tokens: Int64[np.ndarray, "_rows _columns"]) -> Tokens:
    """Return a grid without its padding."""
    is_cell = tokens != PADDING
    return tokens[: int(is_cell[:, 0].sum()), : int(is_cell[0].sum())]
