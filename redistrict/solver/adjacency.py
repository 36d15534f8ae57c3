"""Adjacency in compressed rows, the form the compiled search walks on."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Adjacency:
    """Neighbours of every block.

    Attributes
    ----------
    start : (n_blocks + 1,) int32
        The neighbours of block i stand at ``start[i] .. start[i + 1]``.
    neighbour, edge : (2 * n_edges,) int32
        Neighbouring block, and the number of the edge between.
    """

    start: NDArray[np.int32]
    neighbour: NDArray[np.int32]
    edge: NDArray[np.int32]

    @cached_property
    def near(self) -> list[list[int]]:
        """The neighbours of every block, ascending."""
        neighbour = self.neighbour.tolist()
        return [neighbour[a:b] for a, b in pairwise(self.start.tolist())]

    def around(self, blocks: Iterable[int]) -> set[int]:
        """Give the neighbours of some blocks, these among them where they touch each other."""
        return {other for block in blocks for other in self.near[block]}


def build_adjacency(n_blocks: int, edges: NDArray[np.int32]) -> Adjacency:
    """Turn an edge list (m, 2) into rows, neighbours in ascending order."""
    source = np.concatenate([edges[:, 0], edges[:, 1]])
    target = np.concatenate([edges[:, 1], edges[:, 0]])
    number = np.concatenate([np.arange(len(edges)), np.arange(len(edges))])
    order = np.lexsort((target, source))
    start = np.zeros(n_blocks + 1, dtype=np.int32)
    np.cumsum(np.bincount(source, minlength=n_blocks), out=start[1:])
    return Adjacency(start, target[order].astype(np.int32), number[order].astype(np.int32))


def join_edges(
    edges: NDArray[np.int32], values: NDArray[np.int64], group: NDArray[np.integer]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Give the edges between groups of blocks, each once, and the sums of the values of the edges they stand for.

    Parameters
    ----------
    edges : (m, 2) int32
    values : (m,) int64
    group : (n_blocks,) int
        Number of the group of each block.
    """
    ends = np.sort(group[edges], axis=1)
    is_between = ends[:, 0] < ends[:, 1]
    joined, row = np.unique(ends[is_between], axis=0, return_inverse=True)
    total = np.zeros(len(joined), dtype=np.int64)
    np.add.at(total, row, values[is_between])
    return joined.astype(np.int32), total
