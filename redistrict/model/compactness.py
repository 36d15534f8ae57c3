"""Compactness as a limit: the ground of every block in integers, and how round that makes any set of blocks.

Area and perimeter of a community are sums over the cells of its blocks, less what two of them share, so a search keeps
them up to date move by move. The outline that is delivered is the same line with fewer vertices, hardly shorter.
"""

from dataclasses import dataclass, replace
from math import pi

import numpy as np
from numpy.typing import NDArray

from redistrict.model.subgraph import edges_among

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Compactness:
    """The ground of blocks, and the least compactness of a community's outline.

    Attributes
    ----------
    area : (n,) int64
        Of the cell of each block, mm².
    around : (n,) int64
        Perimeter of the cell of each block, mm.
    pairs : (m, 2) int32
        Blocks i < j whose cells share a border, neighbours or not.
    border : (m,) int64
        How much they share, mm.
    least : float
        Polsby and Popper's ``4 pi area / perimeter^2`` that is asked for.
    """

    area: IntArray
    around: IntArray
    pairs: NDArray[np.int32]
    border: IntArray
    least: float

    def take(self, blocks: IntArray) -> "Compactness":
        """Give the same for some of the blocks; what these share with others is perimeter."""
        pairs, is_among = edges_among(self.pairs, blocks, len(self.area))
        return replace(
            self, area=self.area[blocks], around=self.around[blocks], pairs=pairs, border=self.border[is_among]
        )

    def outlines(self, assignment: NDArray[np.int32], n_communities: int) -> IntArray:
        """Give area and perimeter of every community, (k, 2)."""
        found = np.zeros((n_communities, 2), dtype=np.int64)
        np.add.at(found, assignment, np.column_stack([self.area, self.around]))
        ends = assignment[self.pairs]
        inside = ends[:, 0] == ends[:, 1]
        np.subtract.at(found[:, 1], ends[inside, 0], 2 * self.border[inside])
        return found

    def outlines_of(self, rows: NDArray[np.bool_]) -> IntArray:
        """Give area and perimeter of sets of blocks, (n_sets, n_blocks), as (n_sets, 2)."""
        shared = rows[:, self.pairs].all(axis=2) @ self.border
        return np.column_stack([rows @ self.area, rows @ self.around - 2 * shared])

    def of(self, outlines: IntArray) -> FloatArray:
        """Give the compactness of each outline, (k, 2), as (k,)."""
        area, perimeter = outlines.T.astype(np.float64)
        return np.asarray(4 * pi * area / perimeter**2)

    def excess(self, outlines: IntArray) -> FloatArray:
        """Give the share by which the perimeter of each outline, (k, 2), is longer than it may be, (k,), or 0."""
        area, perimeter = outlines.T.astype(np.float64)
        most = np.sqrt(4 * pi * area / self.least)
        return np.asarray(np.maximum(perimeter / np.maximum(most, 1.0) - 1, 0.0))
