"""Succession: which new community continues which community of today, and whose residents stay where they are.

The rule, in one sentence: a new community takes over the name of today's community that most of its residents come
from; where several would take the same name, the one with the most of its residents has it, and the others are new.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Succession:
    """Who continues whom.

    Attributes
    ----------
    source : (k,) int64
        Today's community that most residents of each new one come from, -1 where none has a community today.
    predecessor : (k,) int64
        Today's community each new one continues, -1 where it is new.
    successor : (n_current,) int64
        New community that continues each of today's, -1 where none does.
    kept : (k,) int64
        Residents of each new community who stay: those of its predecessor.
    """

    source: IntArray
    predecessor: IntArray
    successor: IntArray
    kept: IntArray


def trace_succession(
    assignment: NDArray[np.int32],
    current: NDArray[np.int32],
    residents: IntArray,
    *,
    is_home: NDArray[np.bool_] | None = None,
) -> Succession:
    """Apply the rule of this module to a plan.

    Ties go to more blocks, then to the lower number; so does a community in which nobody lives.

    Parameters
    ----------
    assignment : (n,) int32
        New community of each block, 0 .. k-1, each with a block.
    current : (n,) int32
        Today's community of each block, -1 where it has none.
    residents : (n,) int64
        People (or households) of each block.
    is_home : (n,) bool, optional
        Blocks in the part of the map from which today's community may be continued; default: everywhere. All
        blocks of one new community and one of today's are alike in this.
    """
    k, n_current = int(assignment.max(initial=-1)) + 1, int(current.max(initial=-1)) + 1
    known = np.flatnonzero(current >= 0)
    pair, row = np.unique(assignment[known] * np.int64(n_current) + current[known], return_inverse=True)
    new, old = np.divmod(pair, max(1, n_current))
    overlap = np.zeros(pair.size, dtype=np.int64)
    np.add.at(overlap, row, residents[known])
    n_blocks = np.bincount(row, minlength=pair.size)
    order = np.lexsort((old, -n_blocks, -overlap, new))
    first = order[np.unique(new[order], return_index=True)[1]]
    source = np.full(k, -1, dtype=np.int64)
    source[new[first]] = old[first]
    if is_home is not None:
        at_home = np.zeros(pair.size, dtype=bool)
        at_home[row] = is_home[known]
        first = first[at_home[first]]
    best = first[np.lexsort((new[first], -n_blocks[first], -overlap[first], old[first]))]
    best = best[np.unique(old[best], return_index=True)[1]]
    predecessor, kept = np.full(k, -1, dtype=np.int64), np.zeros(k, dtype=np.int64)
    successor = np.full(n_current, -1, dtype=np.int64)
    predecessor[new[best]], kept[new[best]], successor[old[best]] = old[best], overlap[best], new[best]
    return Succession(source, predecessor, successor, kept)
