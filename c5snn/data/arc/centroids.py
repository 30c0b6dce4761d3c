"""Reads the vector that is given for each category, such as the mean embedding of its description."""

import numpy as np
from jaxtyping import Float32

from c5snn.errors import DataError, require
from c5snn.files import located

__all__ = ["read_centroids"]


def read_centroids(path: str | None, *, random: bool = False) -> Float32[np.ndarray, "categories features"]:
    """Return the matrix of a file, or random vectors of the same lengths.

    Args:
        path: A NumPy file (``.npy``) with a matrix, one row a category.
        random: Whether each row is replaced by a random direction of its length, the same in every run.

    Raises:
        ConfigError: No file is given.
        DataError: The file cannot be read, or holds no matrix of finite numbers.
    """
    fix = "Give a .npy file of one row a category, or another head."
    require("centroids is not None where head == 'centroid'", holds=path is not None, centroids=path, fix=fix)
    try:
        matrix = np.load(located(path or ""), allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"`{path}` must be a matrix in a NumPy file, but cannot be read: {error}.") from error
    is_matrix = isinstance(matrix, np.ndarray) and matrix.ndim == 2 and matrix.dtype.kind in "fiu" and matrix.size > 0  # noqa: PLR2004  # rows and columns
    if not is_matrix or not np.isfinite(matrix).all():
        kind = f"{matrix.dtype} of shape {matrix.shape}" if isinstance(matrix, np.ndarray) else "several arrays"
        raise DataError(f"`{path}` must hold a matrix of finite numbers, one row a category, but holds {kind}.")
    rows = np.asarray(matrix, dtype=np.float32)
    if not random:
        return rows
    drawn = np.random.default_rng(0).normal(size=rows.shape)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True) / np.linalg.norm(drawn, axis=1, keepdims=True)
    return np.asarray(drawn * lengths, dtype=np.float32)
