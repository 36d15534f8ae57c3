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
    source, overlap, n_blocks = find_sources(assignment, current, residents)
    k, n_current = source.size, int(current.max(initial=-1)) + 1
    may_continue = source >= 0
    if is_home is not None:
        from_source = current == source[assignment]
        may_continue[assignment[from_source & ~is_home]] = False
    heirs = np.flatnonzero(may_continue)
    heirs = heirs[np.lexsort((heirs, -n_blocks[heirs], -overlap[heirs], source[heirs]))]
    heirs = heirs[np.unique(source[heirs], return_index=True)[1]]
    predecessor, kept = np.full(k, -1, dtype=np.int64), np.zeros(k, dtype=np.int64)
    successor = np.full(n_current, -1, dtype=np.int64)
    predecessor[heirs], kept[heirs], successor[source[heirs]] = source[heirs], overlap[heirs], heirs
    return Succession(source, predecessor, successor, kept)


def find_sources(
    community: NDArray[np.int32], current: NDArray[np.int32], residents: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Give, for each community, today's that most of its residents come from, those residents, and their blocks.

    Parameters
    ----------
    community, current : (n,) int32
        Numbers as in `trace_succession`; a block may stand several times, in several communities.

    Returns
    -------
    source, residents, n_blocks : (k,) int64
        -1, 0 and 0 where no block has a community today.
    """
    k, n_current = int(community.max(initial=-1)) + 1, int(current.max(initial=-1)) + 1
    known = np.flatnonzero(current >= 0)
    pair, row = np.unique(community[known] * np.int64(n_current) + current[known], return_inverse=True)
    new, old = np.divmod(pair, max(1, n_current))
    overlap = np.zeros(pair.size, dtype=np.int64)
    np.add.at(overlap, row, residents[known])
    n_blocks = np.bincount(row, minlength=pair.size)
    order = np.lexsort((old, -n_blocks, -overlap, new))
    first = order[np.unique(new[order], return_index=True)[1]]
    found = np.full(k, -1, dtype=np.int64), np.zeros(k, dtype=np.int64), np.zeros(k, dtype=np.int64)
    for values, column in zip(found, (old, overlap, n_blocks), strict=True):
        values[new[first]] = column[first]
    return found


def is_home(current: NDArray[np.int32], residents: IntArray, area_of: IntArray) -> NDArray[np.bool_]:
    """Tell which blocks lie in the area where most residents of their community of today live, (n_blocks,)."""
    known = np.flatnonzero(current >= 0)
    there = np.zeros((int(current.max(initial=-1)) + 1, int(area_of.max(initial=0)) + 1), dtype=np.int64)
    n_blocks = there.copy()
    np.add.at(there, (current[known], area_of[known]), residents[known])
    np.add.at(n_blocks, (current[known], area_of[known]), 1)
    home = np.lexsort((n_blocks, there), axis=1)[:, -1] if len(there) else np.zeros(0, dtype=np.int64)
    found = np.zeros(current.size, dtype=bool)
    found[known] = home[current[known]] == area_of[known]
    return found
