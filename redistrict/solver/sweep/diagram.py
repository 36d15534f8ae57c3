"""A diagram of all communities of an area: each is a way through it, from the first block to an end.

The blocks come one by one along the route of the sweep, and stay out or join. A node stands for sets of blocks that
have the same future: at first those that lie on the frontier alike, in the same pieces. Sizes come in by splitting
nodes by rounded size. A node keeps the smallest and the largest size of its sets, and only ways that cannot end inside
the bounds or below a given limit are dropped: no community is ever lost, and the finer the sizes, the fewer other sets
are left. Contiguity is exact from the start.

References
----------
Kawahara, Horiyama, Hotta and Minato (2017), "Generating all patterns of graph partitions within a disparity bound",
WALCOM (the frontier method for districts). Bergman, Cire, van Hoeve and Hooker (2016), "Decision Diagrams for
Optimization" (relaxed diagrams, refined by splitting nodes).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.compiled import compiled
from redistrict.solver.sweep.cheapest_community import half_costs
from redistrict.solver.sweep.extend_sets import FAR
from redistrict.solver.sweep.key_table import free_places
from redistrict.solver.tasks.stop import Stop

IntArray = NDArray[np.int64]

PART = 1000
"""Costs and prices in a diagram are whole numbers of this part of a half unit."""
NOWHERE = -1


class Ways(NamedTuple):
    """The nodes, block by block in the order of the route, so that every way leads on to higher numbers.

    Attributes
    ----------
    start : (n_blocks + 1,) int64
        The nodes before block t of the route are ``start[t] .. start[t + 1]``.
    child : (n_nodes, 2) int64
        The next node if the block stays out (0) or joins (1); `NOWHERE`; or ``-2 - e``: complete, with end e.
    cost : (n_nodes, 2) int64
        Cost of the edges between the block and those before it.
    end : (n_ends,) int64
        Cost of deviation and idle workers.
    shape : (n_nodes,) int64
        Sets that lie on the frontier alike have the same number. Nodes stand in the order of shape and rounded size.
    """

    start: IntArray
    child: IntArray
    cost: IntArray
    end: IntArray
    shape: IntArray


@dataclass(frozen=True, eq=False)
class Diagram:
    """All communities of an area, and perhaps other connected sets.

    Attributes
    ----------
    problem : AreaProblem
    blocks : (n_blocks,) int64
        The route.
    ways : Ways
    """

    problem: AreaProblem
    blocks: IntArray
    ways: Ways

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.ways.child)


def split_by_size(
    diagram: Diagram, reward: IntArray, stop: Stop, *, limit: int, n_units: int, most_nodes: int
) -> Diagram | None:
    """Split nodes by rounded size and drop the ways that end outside the bounds or above the limit.

    Parameters
    ----------
    reward : (n_blocks,) int64
        What each block takes off the cost.
    limit : int
        Of no interest is what costs more, rewards taken off.
    n_units : int
        Units of the rounded size in the upper bound.

    Returns
    -------
    Diagram or None
        None if it would become too large, or it is time to stop.
    """
    if diagram.n_nodes == 0:
        return diagram
    problem, ways = diagram.problem, diagram.ways
    upper = np.minimum(problem.upper, problem.size.sum(axis=0))
    q = int(np.argmin(upper / np.maximum(problem.size.sum(axis=0), 1)))
    rounded = np.rint(problem.size[:, q] * (n_units / max(1, int(upper[q])))).astype(np.int64)
    go, rules = cheapest_ends(diagram, reward), _Rules(problem.lower, upper, limit)
    nothing = np.zeros((1, len(upper)), dtype=np.int64)
    zero = np.zeros(1, dtype=np.int64)
    sets = _Sets(zero, zero, zero, zero, nothing, nothing)
    start, children, costs, all_ends, shapes, n_ends = [0], [], [], [], [], 0
    for block in diagram.blocks.tolist():
        size = problem.size[block]
        child, ends, after = _split(sets, ways, go, int(reward[block]), int(rounded[block]), size, rules)
        order = np.lexsort((after.rounded, ways.shape[after.first]))
        place = np.empty_like(order)
        place[order] = np.arange(order.size)
        start.append(start[-1] + len(child))
        if start[-1] > most_nodes or stop.reason:
            return None
        child[child >= 0] = start[-1] + place[child[child >= 0]]
        child[child < NOWHERE] -= n_ends
        joined = (ends % 2)[:, None] * size
        all_ends.append(_end_costs(problem, sets.low[ends // 2] + joined, sets.high[ends // 2] + joined))
        n_ends += len(ends)
        children.append(child)
        costs.append(ways.cost[sets.first])
        shapes.append(ways.shape[sets.first])
        sets = _Sets(*(values[order] for values in after))
    found = Ways(np.array(start), *map(np.concatenate, (children, costs, all_ends, shapes)))
    return _without_detours(Diagram(problem, diagram.blocks, found), reward, limit)


class _Sets(NamedTuple):
    """Kinds of sets before a block, one a row.

    Attributes
    ----------
    first, last : (n,) int64
        Their nodes in the old diagram lie between these, which are of one shape.
    rounded, come : (n,) int64
        Rounded size, and cost of the cheapest.
    low, high : (n, n_quantities) int64
        Smallest and largest size.
    """

    first: IntArray
    last: IntArray
    rounded: IntArray
    come: IntArray
    low: IntArray
    high: IntArray


class _Rules(NamedTuple):
    lower: IntArray
    upper: IntArray
    limit: int


@compiled()
def _split(
    sets: _Sets, ways: Ways, go: IntArray, reward: int, rounded: int, size: IntArray, rules: _Rules
) -> tuple[IntArray, IntArray, _Sets]:
    """Let every kind of set go on both ways; merge those that meet in a shape with the same rounded size.

    One loop with a hash table of its own: the keys stand in `new` and the old diagram already, and a `KeyTable`, which
    copies them, or helpers, which count references to all these arrays, take half as long again.
    """
    n, n_sizes = sets.low.shape
    child = np.full((n, 2), NOWHERE, np.int64)
    ends, n_ends = np.empty(2 * n, np.int64), 0
    new = _Sets(
        np.full(2 * n, FAR, np.int64),
        np.zeros(2 * n, np.int64),
        np.empty(2 * n, np.int64),
        np.full(2 * n, FAR, np.int64),
        np.full((2 * n, n_sizes), FAR, np.int64),
        np.zeros((2 * n, n_sizes), np.int64),
    )
    table, count = free_places(2 * n), 0
    for s in range(n):
        for joins in range(2):
            first, last, rest, is_end = FAR, -1, FAR, False
            for old in range(sets.first[s], sets.last[s] + 1):
                c = ways.child[old, joins]
                if c >= 0:
                    first, last, rest = min(first, c), max(last, c), min(rest, go[c])
                elif c != NOWHERE:
                    is_end, rest = True, min(rest, ways.end[-2 - c])
            come = sets.come[s] + ways.cost[sets.first[s], joins] - joins * reward
            allowed = rest < FAR and come + rest <= rules.limit
            for q in range(n_sizes):
                allowed &= sets.low[s, q] + joins * size[q] <= rules.upper[q]
                allowed &= not is_end or sets.high[s, q] + joins * size[q] >= rules.lower[q]
            if not allowed:
                continue
            if is_end:
                child[s, joins] = -2 - n_ends
                ends[n_ends] = 2 * s + joins
                n_ends += 1
                continue
            shape, held = ways.shape[first], sets.rounded[s] + joins * rounded
            code = np.uint64(shape) * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(held) * np.uint64(0xC2B2AE3D27D4EB4F)
            place = np.int64((code ^ (code >> np.uint64(29))) & np.uint64(table.size - 1))
            while table[place] >= 0:
                t = table[place]
                if new.rounded[t] == held and ways.shape[new.first[t]] == shape:
                    break
                place = (place + 1) & (table.size - 1)
            t = table[place]
            if t < 0:
                t = count
                table[place] = t
                new.rounded[t] = held
                count += 1
            new.first[t], new.last[t] = min(new.first[t], first), max(new.last[t], last)
            new.come[t] = min(new.come[t], come)
            for q in range(n_sizes):
                new.low[t, q] = min(new.low[t, q], sets.low[s, q] + joins * size[q])
                new.high[t, q] = max(new.high[t, q], sets.high[s, q] + joins * size[q])
            child[s, joins] = t
    kept = _Sets(
        new.first[:count].copy(),
        new.last[:count].copy(),
        new.rounded[:count].copy(),
        new.come[:count].copy(),
        new.low[:count].copy(),
        new.high[:count].copy(),
    )
    return child, ends[:n_ends].copy(), kept


def _end_costs(problem: AreaProblem, low: IntArray, high: IntArray) -> IntArray:
    """Give the least cost of deviation and idle workers of sets of sizes from low to high, (n,)."""
    off = np.maximum(np.maximum(low - problem.target, problem.target - high), 0)
    cost = np.asarray(PART * (off @ half_costs(problem).rate))
    idle = problem.idle
    if idle is None or not len(low):
        return cost
    least, most = idle.need(low), idle.need(high)
    none_idle = np.maximum(-(-least // idle.scale), idle.minimum) * idle.scale <= most
    return np.asarray(cost + 2 * PART * np.where(none_idle, 0, np.minimum(idle.cost(low), idle.cost(high))))


def _without_detours(diagram: Diagram, reward: IntArray, limit: int) -> Diagram:
    """Drop the nodes through which no way below the limit leads."""
    ways = diagram.ways
    come, _ = cheapest_starts(diagram, reward)
    kept = come + cheapest_ends(diagram, reward) <= limit
    place = np.append(np.where(kept, np.cumsum(kept) - 1, NOWHERE), [NOWHERE])
    child = ways.child[kept]
    child[child >= 0] = place[child[child >= 0]]
    start = np.append(0, np.cumsum(kept))[ways.start]
    return Diagram(diagram.problem, diagram.blocks, Ways(start, child, ways.cost[kept], ways.end, ways.shape[kept]))


def cheapest_ends(diagram: Diagram, reward: IntArray) -> IntArray:
    """Give the cost of the cheapest way from each node to an end, rewards taken off; `FAR` if there is none."""
    return np.asarray(_ends(diagram.ways, reward[diagram.blocks]))


@compiled()
def _ends(ways: Ways, reward: IntArray) -> IntArray:
    go = np.full(len(ways.child), FAR, np.int64)
    for t in range(len(reward) - 1, -1, -1):
        for s in range(ways.start[t], ways.start[t + 1]):
            for joins in range(2):
                c = ways.child[s, joins]
                if c != NOWHERE:
                    rest = go[c] if c >= 0 else ways.end[-2 - c]
                    if rest < FAR:
                        go[s] = min(go[s], ways.cost[s, joins] - joins * reward[t] + rest)
    return go


def cheapest_starts(diagram: Diagram, reward: IntArray) -> tuple[IntArray, IntArray]:
    """Give the cost of the cheapest way to each node, and where it comes from: ``2 * node + joins``."""
    come, origin = _starts(diagram.ways, reward[diagram.blocks])
    return come, origin


@compiled()
def _starts(ways: Ways, reward: IntArray) -> tuple[IntArray, IntArray]:
    come = np.full(len(ways.child), FAR, np.int64)
    origin = np.full(len(ways.child), NOWHERE, np.int64)
    come[:1] = 0
    for t in range(len(reward)):
        for s in range(ways.start[t], ways.start[t + 1]):
            for joins in range(2):
                c = ways.child[s, joins]
                here = come[s] + ways.cost[s, joins] - joins * reward[t]
                if c >= 0 and come[s] < FAR and here < come[c]:
                    come[c] = here
                    origin[c] = 2 * s + joins
    return come, origin
