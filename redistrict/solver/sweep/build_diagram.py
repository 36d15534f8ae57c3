"""Drawing the diagram of all connected sets of blocks, by their pieces on the frontier."""

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.compiled import compiled
from redistrict.solver.sweep.cheapest_community import half_costs
from redistrict.solver.sweep.diagram import NOWHERE, PART, Diagram, Ways
from redistrict.solver.sweep.extend_sets import FAR
from redistrict.solver.sweep.frontier import WIDEST_FRONTIER, Route, Step
from redistrict.solver.sweep.frontier_pieces import Pieces, join_pieces, number_pieces
from redistrict.solver.sweep.key_table import make_key_table, number_key
from redistrict.solver.tasks.stop import Stop

IntArray = NDArray[np.int64]

_TORN, _COMPLETE = -1, 0


def draw_diagram(problem: AreaProblem, route: Route, stop: Stop, *, most_nodes: int) -> Diagram | None:
    """Give the connected sets of blocks that are not too large, as far as pieces and frontier tell.

    Ends cost nothing yet: sizes come in with `split_by_size`. None if there are too many nodes, or it is time to stop.
    """
    if route.width > WIDEST_FRONTIER:
        return None
    half, steps = half_costs(problem), route.there
    sets, low = np.zeros((1, route.width), dtype=np.uint8), np.zeros((1, problem.size.shape[1]), dtype=np.int64)
    start, children, costs, n_ends = [0], [], [], 0
    for step in steps:
        prices = PART * half.cut[step.edges], PART * half.inside[step.edges]
        child, cost, sets, low = _extend(sets, low, step, *prices, problem.size[step.block], problem.upper)
        start.append(start[-1] + len(child))
        if start[-1] > most_nodes or stop.reason:
            return None
        child[child >= 0] += start[-1]
        complete = child < NOWHERE
        child[complete] = -2 - n_ends - np.arange(complete.sum())
        n_ends += int(complete.sum())
        children.append(child)
        costs.append(cost)
    child = np.concatenate(children)
    child[child >= start[-1]] = NOWHERE  # the empty set after the last block
    end, shape = np.zeros(n_ends, dtype=np.int64), np.arange(len(child))
    blocks = np.array([step.block for step in steps], dtype=np.int64)
    return Diagram(problem, blocks, Ways(np.array(start), child, np.concatenate(costs), end, shape))


@compiled()
def _extend(
    sets: Pieces, low: IntArray, step: Step, cut: IntArray, inside: IntArray, size: IntArray, upper: IntArray
) -> tuple[IntArray, IntArray, Pieces, IntArray]:
    """Let the block of a step stay out of every set and join it; merge sets that lie on the frontier alike."""
    n, width = sets.shape
    child, cost = np.full((n, 2), NOWHERE, np.int64), np.zeros((n, 2), np.int64)
    table, new_low = make_key_table(2 * n, width, 0), np.full((2 * n, size.size), FAR, np.int64)
    row, no_value, count = np.empty(width, np.uint8), np.empty(0, np.int64), 0
    for s in range(n):
        for joins in range(2):
            allowed = (low[s] + joins * size <= upper).all()
            for rival in step.rivals:
                allowed &= joins == 0 or sets[s, rival] == 0
            if not allowed:
                continue
            for e in range(step.near.size):
                is_in = sets[s, step.near[e]] > 0
                cost[s, joins] += (inside[e] if is_in else cut[e]) if joins else (cut[e] if is_in else 0)
            row[:] = sets[s]
            n_pieces = _advance(row, step, joins == 1)
            if n_pieces == _TORN:
                continue
            if n_pieces == _COMPLETE:
                child[s, joins] = NOWHERE - 1
                continue
            t = number_key(table, row, no_value, count)
            count = max(count, t + 1)
            new_low[t] = np.minimum(new_low[t], low[s] + joins * size)
            child[s, joins] = t
    return child, cost, table.row[:count].copy(), new_low[:count].copy()


@compiled()
def _advance(row: Pieces, step: Step, joins: bool) -> int:
    """Take a block into the set or not, take others off the frontier, and number the pieces in their order.

    Gives their number plus one, or `_COMPLETE` or `_TORN` if the last or another piece has left.
    """
    if joins:
        join_pieces(row, step.slot, step.near)
    name = np.empty(row.size + 2, np.uint8)
    n_before = number_pieces(row, name)
    for j in step.leaving:
        row[j] = 0
    count: int = number_pieces(row, name)
    if count < n_before:
        return _COMPLETE if n_before == 1 else _TORN
    return count + 1
