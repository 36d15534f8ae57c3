"""Waves over a map: where two of them meet, the map may be cut in two connected sides, nearly straight."""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.solver.adjacency import Adjacency
from redistrict.solver.compiled import compiled
from redistrict.solver.sweep.reach import reach

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Cuts:
    """All the cuts along the lines on which a block is as much nearer to one end of the map than to the other.

    Attributes
    ----------
    order : (n_blocks,) int64
        The blocks, those nearest to the first end first.
    behind : (n_blocks, n_columns) float64
        For each place in the order: sums over what hangs together with this block behind it, itself included. Those
        blocks are connected, and so are all others.
    seam : (n_blocks,) float64
        Sum over the edges between the two sides.
    """

    order: IntArray
    behind: FloatArray
    seam: FloatArray


def find_cuts(
    adjacency: Adjacency, ends: tuple[int, int], *, length: IntArray, values: FloatArray, price: FloatArray
) -> Cuts:
    """Let a wave run from each of two blocks of a connected map, and find the cuts between them.

    Parameters
    ----------
    length : (n_edges,) int64
        How long the wave takes over each edge, above 0.
    values : (n_blocks, n_columns) float64
        What to sum up of each block.
    price : (n_edges,) float64
        What to sum up of each edge of a seam.

    Notes
    -----
    Along a shortest way to the first end the distance to it, less that to the other, never grows (triangle
    inequality), and ties go to the nearer. So the blocks before any place in the order are connected, and each piece of
    the rest touches them.
    """
    rows = adjacency.start, adjacency.neighbour, adjacency.edge
    near, far = (_distances(*rows, length, end) for end in ends)
    order = np.lexsort((near, near - far))
    behind, seam = values[order], np.zeros(order.size)
    _sum_behind(*rows, order, price, behind, seam)
    return Cuts(order, behind, seam)


def blocks_behind(adjacency: Adjacency, cuts: Cuts, place: int) -> IntArray:
    """Give the blocks cut off at a place in the order, ascending."""
    is_behind = np.zeros(adjacency.start.size - 1, dtype=np.bool_)
    is_behind[cuts.order[place:]] = True
    return np.sort(reach(adjacency.start, adjacency.neighbour, is_behind, cuts.order[place]))


@compiled()
def _distances(start, neighbour, edge, length, source):  # type: ignore[no-untyped-def]
    """Distance of every block from `source` (Dijkstra)."""
    distance = np.full(start.size - 1, np.iinfo(np.int64).max)
    distance[source] = 0
    ahead = [(np.int64(0), np.int64(source))]
    while ahead:
        so_far, here = heapq.heappop(ahead)
        if so_far > distance[here]:
            continue
        for p in range(start[here], start[here + 1]):
            other = np.int64(neighbour[p])
            further = so_far + length[edge[p]]
            if further < distance[other]:
                distance[other] = further
                heapq.heappush(ahead, (further, other))
    return distance


@compiled()
def _sum_behind(start, neighbour, edge, order, price, behind, seam):  # type: ignore[no-untyped-def]
    """Turn the values of single blocks into sums over the pieces behind them, the last block first (union-find)."""
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    root = np.arange(order.size)
    for i in range(order.size - 1, -1, -1):
        for p in range(start[order[i]], start[order[i] + 1]):
            j = place[neighbour[p]]
            if j < i:
                seam[i] += price[edge[p]]
                continue
            seam[i] -= price[edge[p]]
            while root[j] != j:
                root[j] = root[root[j]]
                j = root[j]
            if j != i:
                root[j] = i
                seam[i] += seam[j]
                behind[i] += behind[j]
