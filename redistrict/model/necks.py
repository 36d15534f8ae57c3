"""Necks, forbidden or with a price: blocks that hang together over wide ground, and parts held by narrow ground only.

The solver sees no outlines. It asks for more than is needed: blocks where people live must hang together over
neighbours that do so widely by their own cells, whatever lies around them.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from redistrict.model.subgraph import edges_among

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Necks:
    """Which neighbours hang together widely.

    Attributes
    ----------
    pairs : (m, 2) int32
        Neighbours i < j that hang together over ground at least as wide as asked.
    counts : (n_blocks,) bool
        Blocks that no community may hold behind a neck only: people live there, and the block is wide enough itself and
        has a wide neighbour. What else is narrow or cut off is so by itself.
    price : int or None
        Cost of each part behind a neck, in units of cost; none where no community may have any.
    """

    pairs: NDArray[np.int32]
    counts: NDArray[np.bool_]
    price: int | None = None

    @cached_property
    def rows(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Wide neighbours: those of block i stand in the second array from ``first[i]`` to ``first[i + 1]``."""
        both = np.vstack([self.pairs, self.pairs[:, ::-1]])
        start = np.zeros(self.counts.size + 1, dtype=np.int32)
        np.cumsum(np.bincount(both[:, 0], minlength=self.counts.size), out=start[1:])
        return start, both[np.argsort(both[:, 0], kind="stable"), 1].astype(np.int32)

    @property
    def matters(self) -> NDArray[np.bool_]:
        """Blocks that count, or that others may hang together over, (n_blocks,)."""
        return self.counts | (np.diff(self.rows[0]) > 0)

    def parts_of(self, members: Collection[int]) -> list[list[int]]:
        """Give the parts of a community that narrow ground alone holds together, and that hold blocks that count."""
        start, beside = self.rows
        left, parts = set(members), []
        for first in sorted(members):
            if first in left and self.counts[first]:
                part = [first]
                left.remove(first)
                for here in part:
                    fresh = left.intersection(beside[start[here] : start[here + 1]].tolist())
                    left -= fresh
                    part += sorted(fresh)
                parts.append(part)
        return parts

    def take(self, blocks: IntArray) -> "Necks":
        """Give the same for some of the blocks."""
        return replace(self, pairs=edges_among(self.pairs, blocks, self.counts.size)[0], counts=self.counts[blocks])

    def join(self, cluster: IntArray) -> "Necks":
        """Give the same for clusters of blocks, (n_blocks,) their numbers."""
        counts = np.zeros(int(cluster.max()) + 1, dtype=bool)
        counts[cluster[self.counts]] = True
        ends = np.sort(cluster[self.pairs], axis=1)
        return replace(self, pairs=np.unique(ends[ends[:, 0] < ends[:, 1]], axis=0).astype(np.int32), counts=counts)
