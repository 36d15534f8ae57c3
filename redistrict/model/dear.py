"""Dear levels: what it costs to put residents into a community of another unit (street, say) than theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


class DearLevel(NamedTuple):
    """One level whose units are dear.

    Attributes
    ----------
    unit : (n_blocks,) int
        The unit each block lies in, from 0.
    rate : int
        Cost of one resident whose unit changes, in units of cost.
    """

    unit: NDArray[np.integer]
    rate: int


@dataclass(frozen=True, eq=False)
class DearLevels:
    """A community belongs to the unit of most of its residents, level by level; the others have a price.

    What a community costs is, summed over levels, what all its residents would cost, less what those of one unit
    would, the unit for which that is most. So the units of two levels are told apart, and counts are in units of cost.

    Attributes
    ----------
    level : (n_units,) int32
        Level of each unit, ascending; two units at least of each level.
    unit : (n_rows,) int32
    block : (n_rows,) int64
        A row for each block and unit with residents of a price.
    price : (n_rows,) int64
        What they would cost if their unit changed: at least 1.
    lowest : (n_blocks,) int64
        Unit of every block at the last level, whether anybody lives there or not; numbered by themselves.
    """

    level: NDArray[np.int32]
    unit: NDArray[np.int32]
    block: IntArray
    price: IntArray
    lowest: IntArray

    @property
    def n_units(self) -> int:
        """Number of units, over all levels."""
        return len(self.level)

    @property
    def first(self) -> IntArray:
        """First unit of each level, and the number of units, (n_levels + 1,)."""
        return np.append(np.unique(self.level, return_index=True)[1], self.n_units)

    def count(self, assignment: NDArray[np.integer], k: int) -> IntArray:
        """Give what the residents of each unit in each community would cost, (k, n_units)."""
        counts = np.zeros((k, self.n_units), dtype=np.int64)
        np.add.at(counts, (assignment[self.block], self.unit), self.price)
        return counts

    def cost_of(self, counts: IntArray) -> IntArray:
        """Give the cost of communities with these counts, (k,)."""
        return np.asarray(counts.sum(axis=1) - np.maximum.reduceat(counts, self.first[:-1], axis=1).sum(axis=1))

    def cost(self, assignment: NDArray[np.integer], k: int) -> IntArray:
        """Give the cost of each community of a plan, (k,)."""
        return self.cost_of(self.count(assignment, k))

    def take(self, members: IntArray) -> "DearLevels | None":
        """Give the same for some of the blocks; none where nothing can cost anything among them."""
        at = np.full(max(int(members.max(initial=0)), int(self.block.max())) + 1, -1, dtype=np.int64)
        at[members] = np.arange(len(members))
        block = at[self.block]
        kept = block >= 0
        return _gather(self.level, self.unit[kept], block[kept], self.price[kept], self.lowest[members])

    def join(self, cluster: IntArray) -> "DearLevels":
        """Give the same for clusters of blocks, (n_blocks,) their numbers; each lies where its first block does."""
        pairs, row = np.unique(cluster[self.block] * self.n_units + self.unit, return_inverse=True)
        price = np.zeros(pairs.size, dtype=np.int64)
        np.add.at(price, row, self.price)
        block, unit = np.divmod(pairs, self.n_units)
        lowest = self.lowest[np.unique(cluster, return_index=True)[1]]
        return DearLevels(self.level, unit.astype(np.int32), block, price, lowest)


def build_dear_levels(levels: Sequence[DearLevel], residents: IntArray) -> DearLevels | None:
    """Gather the levels that have a price; none where no community can cost anything.

    Parameters
    ----------
    residents : (n_blocks,) int64
        People, or households where the data have no people.
    """
    if not levels:
        return None
    n_units = [int(one.unit.max(initial=-1)) + 1 for one in levels]
    before = np.cumsum([0, *n_units])
    return _gather(
        np.repeat(np.arange(len(levels)), n_units),
        np.concatenate([one.unit + n for one, n in zip(levels, before, strict=False)]),
        np.tile(np.arange(len(residents)), len(levels)),
        np.concatenate([one.rate * residents for one in levels]),
        levels[-1].unit.astype(np.int64),
    )


def _gather(
    level: NDArray[np.integer], unit: NDArray[np.integer], block: IntArray, price: IntArray, lowest: IntArray
) -> DearLevels | None:
    """Leave out rows that cost nothing, and levels of one unit; the others are numbered anew."""
    is_met = np.zeros(len(level), dtype=bool)
    is_met[unit[price > 0]] = True
    is_met &= np.bincount(level[is_met], minlength=int(level.max(initial=0)) + 1)[level] > 1
    if not is_met.any():
        return None
    kept = (price > 0) & is_met[unit]
    number = np.cumsum(is_met) - 1
    return DearLevels(
        level[is_met].astype(np.int32), number[unit[kept]].astype(np.int32), block[kept], price[kept], lowest
    )
