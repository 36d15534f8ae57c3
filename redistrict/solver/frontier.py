"""The frontier of a sweep over a map: the blocks met whose neighbours are not all met yet."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.problem import AreaProblem
from redistrict.solver.csr import Adjacency, build_adjacency

WIDEST_FRONTIER = 200
"""Places up to which their pieces are numbered in a byte."""


class Step(NamedTuple):
    """One block joins the frontier, and some leave it.

    Attributes
    ----------
    block, slot : int
        The block that joins, and its place on the frontier.
    near, edges : (n_near,) int64
        Places of its neighbours that are there already, and the numbers of the edges to them.
    leaving, leaving_blocks : (n_leaving,) int64
        Places that become free after it, and the blocks that stood there.
    rivals : (n_rivals,) int64
        Places of blocks that may not share a community with it.
    """

    block: int
    slot: int
    near: NDArray[np.int64]
    edges: NDArray[np.int64]
    leaving: NDArray[np.int64]
    leaving_blocks: NDArray[np.int64]
    rivals: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Route:
    """The order of the sweep, there and back, and how wide its frontier becomes."""

    there: list[Step]
    back: list[Step]
    width: int


def plan_route(problem: AreaProblem) -> Route:
    """Order the blocks so that the frontier stays narrow: always the block that closes most."""
    adjacency = build_adjacency(problem.n_blocks, problem.edges)
    near = [adjacency.neighbour[a:b].tolist() for a, b in zip(adjacency.start, adjacency.start[1:], strict=False)]
    starts = {_spread(near, start)[-1] for start in range(0, problem.n_blocks, max(1, problem.n_blocks // 8))}
    order = min((_greedy_order(near, start) for start in sorted(starts)), key=lambda found: found[0])[1]
    there, back = (_steps(problem, adjacency, blocks) for blocks in (order, order[::-1]))
    return Route(there, back, 1 + max(step.slot for step in there + back))


def _spread(near: list[list[int]], start: int) -> list[int]:
    """Give the blocks within reach, the nearest first."""
    found = [start]
    seen = {start}
    for block in found:
        for other in near[block]:
            if other not in seen:
                seen.add(other)
                found.append(other)
    return found


def _greedy_order(near: list[list[int]], start: int) -> tuple[float, list[int]]:
    """Give how heavy an order is (two to the power of the frontier, summed) and the order."""
    n = len(near)
    left = [len(others) for others in near]
    joined: dict[int, int] = {}
    frontier: set[int] = set()
    weight = 0.0
    while len(joined) < n:
        options = {other for block in frontier for other in near[block] if other not in joined}
        if not options:
            options = {start} if start not in joined else {next(b for b in range(n) if b not in joined)}
        block = min(options, key=lambda b: _growth(near[b], left, joined, options, b))
        joined[block] = len(joined)
        for other in near[block]:
            left[other] -= 1
        frontier = {other for other in frontier | {block} if left[other] > 0}
        weight += 2.0 ** min(len(frontier), 1000)
    return weight, list(joined)


def _growth(
    others: list[int], left: list[int], joined: dict[int, int], options: set[int], block: int
) -> tuple[int, int, int]:
    """Tell by how much the frontiers, there and back, grow if a block joins; the neighbours of the oldest go first."""
    there = [other for other in others if other in joined]
    closed = sum(left[other] == 1 for other in there)
    opened = sum(other not in joined and other not in options for other in others)
    return int(left[block] > 0) - closed + opened, min((joined[other] for other in there), default=0), block


def _steps(problem: AreaProblem, adjacency: Adjacency, order: list[int]) -> list[Step]:
    """Give each block a free slot of the frontier; it leaves once all its neighbours have joined."""
    left = np.diff(adjacency.start).tolist()
    pairs = {(i, j) for i, j in problem.apart.tolist()} | {(j, i) for i, j in problem.apart.tolist()}
    slot_of: dict[int, int] = {}
    steps = []
    for block in order:
        span = slice(adjacency.start[block], adjacency.start[block + 1])
        found = zip(adjacency.neighbour[span].tolist(), adjacency.edge[span].tolist(), strict=True)
        near = [(other, slot_of[other], e) for other, e in found if other in slot_of]
        rivals = [slot for other, slot in slot_of.items() if (block, other) in pairs]
        slot = min(set(range(len(slot_of) + 1)) - set(slot_of.values()))
        slot_of[block] = slot
        left[block] -= len(near)
        for other, _, _ in near:
            left[other] -= 1
        leaving = [(b, s) for b, s in slot_of.items() if left[b] == 0]
        for b, _ in leaving:
            del slot_of[b]
        parts = (
            [s for _, s, _ in near],
            [e for *_, e in near],
            [s for _, s in leaving],
            [b for b, _ in leaving],
            rivals,
        )
        steps.append(Step(block, slot, *(np.array(part, dtype=np.int64) for part in parts)))
    return steps
