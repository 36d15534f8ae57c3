"""The frontier of a sweep over a map: the blocks met whose neighbours are not all met yet."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.compiled import compiled
from redistrict.solver.sweep.reach import reach

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
    """Give the way of `plan_steps`, and the same way back."""
    there = plan_steps(problem)
    back = _steps(problem, [step.block for step in reversed(there)])
    return Route(there, back, 1 + max(step.slot for step in there + back))


def plan_steps(problem: AreaProblem) -> list[Step]:
    """Order the blocks so that the frontier stays narrow: always the block that closes most."""
    adjacency = build_adjacency(problem.n_blocks, problem.edges)
    rows = adjacency.start, adjacency.neighbour
    firsts = range(0, problem.n_blocks, max(1, problem.n_blocks // 8))
    starts = {int(reach(*rows, np.ones(problem.n_blocks, dtype=np.bool_), block)[-1]) for block in firsts}
    order = min((_greedy_order(*rows, start) for start in sorted(starts)), key=lambda found: found[0])[1]
    return _steps(problem, order.tolist())


@compiled()
def _greedy_order(start, neighbour, first):  # type: ignore[no-untyped-def]
    """Give how heavy an order is (two to the power of the frontier, summed) and the order.

    Of the blocks next to those that have joined the one joins by which the frontiers, there and back, grow least; the
    neighbours of the oldest go first.
    """
    n = start.size - 1
    order = np.empty(n, np.int64)
    joined = np.full(n, -1, np.int64)
    left = np.diff(start).astype(np.int64)
    is_option = np.zeros(n, np.bool_)
    width, weight = 0, 0.0
    for t in range(n):
        if not is_option.any():
            is_option[first if joined[first] < 0 else np.argmin(joined)] = True
        block, least, oldest = -1, n, n
        for b in np.flatnonzero(is_option):
            growth, age = _growth(start, neighbour, left, joined, is_option, b)
            if block < 0 or growth < least or (growth == least and age < oldest):
                block, least, oldest = int(b), growth, age
        order[t] = block
        joined[block] = t
        is_option[block] = False
        width += left[block] > 0
        for p in range(start[block], start[block + 1]):
            other = neighbour[p]
            left[other] -= 1
            if joined[other] < 0:
                is_option[other] = True
            elif left[other] == 0:
                width -= 1
        weight += 2.0 ** min(width, 1000)
    return weight, order


@compiled()
def _growth(start, neighbour, left, joined, is_option, block):  # type: ignore[no-untyped-def]
    """Tell by how much the frontiers grow if a block joins, and when the first of its neighbours did."""
    growth = np.int64(left[block] > 0)
    oldest = np.int64(start.size)
    for p in range(start[block], start[block + 1]):
        other = neighbour[p]
        if joined[other] >= 0:
            oldest = min(oldest, joined[other])
            growth -= left[other] == 1
        else:
            growth += not is_option[other]
    return growth, 0 if oldest == start.size else oldest


def _steps(problem: AreaProblem, order: list[int]) -> list[Step]:
    """Give each block a free slot of the frontier; it leaves once all its neighbours have joined."""
    adjacency = build_adjacency(problem.n_blocks, problem.edges)
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
