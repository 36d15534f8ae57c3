"""Enclosure as a limit: what lies beside what on the ground, and which communities would surround others.

A community surrounds a block if nobody gets from the block to the outside without crossing it. That depends on the
community alone, so whatever keeps or rejects single communities keeps this limit.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.components import components

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Enclosure:
    """Ground as a graph: the blocks, then pieces of other ground, the outside before all others.

    Attributes
    ----------
    n_blocks : int
    pairs : (m, 2) int32
        Nodes i < j that lie beside each other.
    is_held : (n_others,) bool
        Other ground that holds blocks no community may surround.
    """

    n_blocks: int
    pairs: NDArray[np.int32]
    is_held: NDArray[np.bool_]

    @property
    def n_nodes(self) -> int:
        """Number of blocks and pieces of other ground."""
        return self.n_blocks + len(self.is_held)

    @cached_property
    def must_get_out(self) -> NDArray[np.bool_]:
        """Nodes that no community may surround, (n_nodes,)."""
        return np.concatenate([np.ones(self.n_blocks, dtype=bool), self.is_held])

    @cached_property
    def rows(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Nodes beside each: those of node i stand in the second array from ``first[i]`` to ``first[i + 1]``."""
        both = np.vstack([self.pairs, self.pairs[:, ::-1]])
        start = np.zeros(self.n_nodes + 1, dtype=np.int32)
        np.cumsum(np.bincount(both[:, 0], minlength=self.n_nodes), out=start[1:])
        return start, both[np.argsort(both[:, 0], kind="stable"), 1].astype(np.int32)

    def surrounds(self, wall: Collection[int]) -> bool:
        """Tell whether some blocks surround others, or ground that holds any."""
        start, beside = self.rows
        seen = {self.n_blocks, *wall}
        queue = [self.n_blocks]
        for node in queue:
            fresh = set(beside[start[node] : start[node + 1]].tolist()) - seen
            seen |= fresh
            queue += sorted(fresh)
        return len(seen) < self.n_nodes and bool(np.delete(self.must_get_out, list(seen)).any())

    def take(self, blocks: IntArray, *, holds: bool) -> "Enclosure":
        """Give the same for some of the blocks; the rest is other ground, each connected piece one.

        Parameters
        ----------
        holds : bool
            The rest may not be surrounded either.
        """
        node = np.full(self.n_nodes, -1, dtype=np.int64)
        node[blocks] = np.arange(len(blocks))
        rest = np.flatnonzero(node < 0)
        place = np.full(self.n_nodes, -1, dtype=np.int64)
        place[rest] = np.arange(len(rest))
        ends = place[self.pairs]
        pieces = components(len(rest), ends[(ends >= 0).all(axis=1)])
        pieces.sort(key=lambda piece: self.n_blocks not in rest[piece])
        must = self.must_get_out if holds else np.concatenate([np.zeros(self.n_blocks, dtype=bool), self.is_held])
        for number, piece in enumerate(pieces):
            node[rest[piece]] = len(blocks) + number
        return Enclosure(len(blocks), _renamed(self.pairs, node), np.array([must[rest[p]].any() for p in pieces]))

    def join(self, cluster: IntArray) -> "Enclosure":
        """Give the same for clusters of blocks, (n_blocks,) their numbers."""
        n = int(cluster.max()) + 1
        node = np.concatenate([cluster, n + np.arange(len(self.is_held))])
        return Enclosure(n, _renamed(self.pairs, node), self.is_held)


def _renamed(pairs: NDArray[np.int32], node: IntArray) -> NDArray[np.int32]:
    """Give the pairs of nodes by their new numbers, each once."""
    ends = np.sort(node[pairs], axis=1)
    return np.unique(ends[ends[:, 0] < ends[:, 1]], axis=0).astype(np.int32)
