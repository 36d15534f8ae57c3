"""Walks through a diagram: the cheapest community with each block, and all communities below a limit."""

import numpy as np
from numpy.typing import NDArray

from redistrict.solver.compiled import compiled
from redistrict.solver.sweep.diagram import NOWHERE, Diagram, Ways, cheapest_ends, cheapest_starts
from redistrict.solver.sweep.extend_sets import FAR

IntArray = NDArray[np.int64]
Rows = NDArray[np.bool_]


def cheapest_with_each(diagram: Diagram, reward: IntArray) -> tuple[IntArray, Rows]:
    """Give the cheapest set of the diagram with each block.

    Parameters
    ----------
    reward : (n_blocks,) int64

    Returns
    -------
    cost : (n,) int64
        Rewards taken off; blocks that lie in no set are left out.
    rows : (n, n_blocks) bool
        The sets, block by block.
    """
    come, origin = cheapest_starts(diagram, reward)
    along = reward[diagram.blocks]
    cost, walked = _through_each(diagram.ways, along, come, origin, cheapest_ends(diagram, reward))
    rows = np.zeros_like(walked)
    rows[:, diagram.blocks] = walked
    return cost[cost < FAR], rows[cost < FAR]


@compiled()
def _through_each(
    ways: Ways, reward: IntArray, come: IntArray, origin: IntArray, go: IntArray
) -> tuple[IntArray, Rows]:
    n = len(reward)
    cost, rows = np.full(n, FAR, np.int64), np.zeros((n, n), np.bool_)
    for t in range(n):
        best = -1
        for s in range(ways.start[t], ways.start[t + 1]):
            rest = _go_on(ways, go, s, 1, reward[t])
            if rest < FAR and come[s] + rest < cost[t]:
                cost[t], best = come[s] + rest, s
        if best < 0:
            continue
        rows[t, t] = True
        s, u = best, t
        while u > 0:
            u -= 1
            rows[t, u] = origin[s] % 2 == 1
            s = origin[s] // 2
        s, u = ways.child[best, 1], t + 1
        while s >= 0:
            joins = int(_go_on(ways, go, s, 1, reward[u]) < _go_on(ways, go, s, 0, reward[u]))
            rows[t, u] = joins == 1
            s, u = ways.child[s, joins], u + 1
    return cost, rows


@compiled()
def _go_on(ways: Ways, go: IntArray, s: int, joins: int, reward: int) -> int:
    """Give the cost of the cheapest way on from a node if its block joins, or not."""
    c = ways.child[s, joins]
    rest = FAR if c == NOWHERE else go[c] if c >= 0 else ways.end[-2 - c]
    return FAR if rest >= FAR else ways.cost[s, joins] - joins * reward + rest


def communities_below(diagram: Diagram, reward: IntArray, *, limit: int, most: int) -> Rows | None:
    """List the sets inside the bounds that cost no more than the limit, rewards taken off, (n, n_blocks) bool.

    None if there are more than `most` of them, the sets a little outside the bounds counted in.
    """
    problem, blocks = diagram.problem, diagram.blocks
    go = cheapest_ends(diagram, reward)
    walked, n_met = _walk(
        diagram.ways, reward[blocks], go, problem.size[blocks], problem.lower, problem.upper, limit, most
    )
    if n_met > most:
        return None
    rows: Rows = np.zeros_like(walked)
    rows[:, blocks] = walked
    return rows


@compiled()
def _walk(
    ways: Ways,
    reward: IntArray,
    go: IntArray,
    size: IntArray,
    lower: IntArray,
    upper: IntArray,
    limit: int,
    most: int,
) -> tuple[Rows, int]:
    """Go every way in turn: at each block first stay out, then join, then go back."""
    n, n_sizes = size.shape
    rows, count, n_met = np.zeros((most, n), np.bool_), 0, 0
    node, turn, come = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    held = np.zeros((n + 1, n_sizes), np.int64)
    row = np.zeros(n, np.bool_)
    t = 0 if len(ways.child) else -1
    while t >= 0:
        joins = turn[t]
        if joins == 2:
            row[t] = False
            t -= 1
            continue
        turn[t] += 1
        row[t] = joins == 1
        c = ways.child[node[t], joins]
        if c == NOWHERE:
            continue
        here = come[t] + ways.cost[node[t], joins] - joins * reward[t]
        held[t + 1] = held[t] + joins * size[t]
        if here + (go[c] if c >= 0 else ways.end[-2 - c]) > limit or (held[t + 1] > upper).any():
            continue
        if c >= 0:
            t += 1
            node[t], turn[t], come[t] = c, 0, here
            continue
        n_met += 1
        if n_met > most:
            break
        if (held[t + 1] >= lower).all():
            rows[count] = row
            count += 1
    return rows[:count].copy(), n_met
