"""Pockets: what a single block joins to the rest of an area."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from redistrict.solver.adjacency import Adjacency


def list_pockets(adjacency: Adjacency) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Give every cut block with each piece behind it, seen from the first block, and with all of them together.

    Notes
    -----
    Hopcroft and Tarjan (1973), Algorithm 447, doi:10.1145/362248.362272: a branch of a depth-first tree hangs on the
    block it starts from when no edge of it leads further up.
    """
    order, parent = _depth_first(adjacency)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    low, end = rank.tolist(), (rank + 1).tolist()
    behind: dict[int, list[int]] = {}
    for block in reversed(order):
        near = adjacency.neighbour[adjacency.start[block] : adjacency.start[block + 1]]
        low[block] = int(rank[near].min(initial=low[block]))
        above = parent[block]
        if above >= 0:
            if low[block] >= rank[above]:
                behind.setdefault(above, []).append(block)
            low[above], end[above] = min(low[above], low[block]), max(end[above], end[block])
    blocks = np.array(order, dtype=np.int64)
    for gate, branches in sorted(behind.items()):
        pieces = [blocks[rank[branch] : end[branch]] for branch in branches]
        if parent[gate] >= 0 or len(pieces) > 1:
            yield from ((gate, piece) for piece in pieces)
        if parent[gate] >= 0 and len(pieces) > 1:
            yield gate, np.concatenate(pieces)


def _depth_first(adjacency: Adjacency) -> tuple[list[int], list[int]]:
    """Give the blocks in the order of a depth-first walk, and the block it came from to each; -1 where it starts."""
    place, neighbour = adjacency.start.tolist(), adjacency.neighbour.tolist()
    end = place[1:]
    parent = [-2] * len(end)
    order = []
    for start in range(len(end)):
        here = -1
        if parent[start] == -2:
            here, parent[start] = start, -1
            order.append(start)
        while here >= 0:
            if place[here] == end[here]:
                here = parent[here]
                continue
            other = neighbour[place[here]]
            place[here] += 1
            if parent[other] == -2:
                parent[other] = here
                here = other
                order.append(here)
    return order, parent
