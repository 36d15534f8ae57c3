"""Some blocks of a map with the edges between them, renumbered."""

import numpy as np
from numpy.typing import NDArray


def edges_among(
    edges: NDArray[np.int32], blocks: NDArray[np.int64], n_blocks: int
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Give the edges between some blocks, numbered by the place of their ends among these, and which they are.

    Parameters
    ----------
    edges : (m, 2) int32
        Edges of a map, or other pairs of its blocks.
    blocks : (n,) int64
        Each once.
    n_blocks : int
        Of the map.

    Returns
    -------
    edges : (m_among, 2) int32
        In the order given.
    is_among : (m,) bool
    """
    position = np.full(n_blocks, -1, dtype=np.int32)
    position[blocks] = np.arange(len(blocks), dtype=np.int32)
    ends = position[edges]
    is_among = np.asarray((ends >= 0).all(axis=1))
    return ends[is_among], is_among
