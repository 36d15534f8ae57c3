"""First plans: connected communities grown together, the smallest always next."""

import heapq

import numpy as np
from numpy.typing import NDArray

from redistrict.problem import AreaProblem
from redistrict.solver.csr import Adjacency


def grow_plan(problem: AreaProblem, adjacency: Adjacency, rng: np.random.Generator) -> NDArray[np.int32]:
    """Give a connected assignment into `n_communities`, roughly balanced, bounds not respected.

    Communities start at blocks far apart. Again and again the community with the least of its target takes the
    free neighbour that costs least to have inside.

    Returns
    -------
    (n_blocks,) int32
        Every community non-empty and connected, given that the area is connected and has enough blocks.
    """
    n = problem.n_blocks
    share = (problem.size / np.maximum(problem.target, 1)).mean(axis=1) + 1e-6
    assignment = np.full(n, -1, dtype=np.int32)
    fronts: list[list[tuple[float, int]]] = []
    filled: list[tuple[float, int]] = []
    for community, block in enumerate(_spread(problem.n_communities, adjacency, n, rng)):
        assignment[block] = community
        fronts.append([])
        filled.append((float(share[block]), community))
    for block in np.flatnonzero(assignment >= 0).tolist():
        _push_front(fronts[assignment[block]], block, assignment, adjacency, problem, rng)
    heapq.heapify(filled)
    while filled:
        amount, community = heapq.heappop(filled)
        block = _pop_free(fronts[community], assignment)
        if block < 0:
            continue
        assignment[block] = community
        _push_front(fronts[community], block, assignment, adjacency, problem, rng)
        heapq.heappush(filled, (amount + float(share[block]), community))
    return assignment


def _spread(n_starts: int, adjacency: Adjacency, n_blocks: int, rng: np.random.Generator) -> list[int]:
    """Choose starts far apart: each next one among the farthest of a random handful from those chosen."""
    starts = [int(rng.integers(n_blocks))]
    hops = _hops(starts[0], adjacency, np.full(n_blocks, n_blocks, dtype=np.int64))
    while len(starts) < n_starts:
        free = np.flatnonzero(hops > 0)
        handful = rng.choice(free, size=min(free.size, 1 + free.size // 8), replace=False)
        best = int(handful[np.argmax(hops[handful])])
        starts.append(best)
        hops = _hops(best, adjacency, hops)
    return starts


def _hops(source: int, adjacency: Adjacency, known: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lower the known hop distances by what is nearer to `source`."""
    known[source] = 0
    ring = [source]
    while ring:
        further = []
        for block in ring:
            for other in adjacency.neighbour[adjacency.start[block] : adjacency.start[block + 1]].tolist():
                if known[other] > known[block] + 1:
                    known[other] = known[block] + 1
                    further.append(other)
        ring = further
    return known


def _push_front(
    front: list[tuple[float, int]],
    block: int,
    assignment: NDArray[np.int32],
    adjacency: Adjacency,
    problem: AreaProblem,
    rng: np.random.Generator,
) -> None:
    for place in range(adjacency.start[block], adjacency.start[block + 1]):
        other = int(adjacency.neighbour[place])
        if assignment[other] < 0:
            weight = float(problem.edge_weight[adjacency.edge[place]])
            heapq.heappush(front, (weight * (0.5 + rng.random()), other))


def _pop_free(front: list[tuple[float, int]], assignment: NDArray[np.int32]) -> int:
    while front:
        _, block = heapq.heappop(front)
        if assignment[block] < 0:
            return block
    return -1
