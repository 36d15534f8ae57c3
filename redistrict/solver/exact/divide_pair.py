"""The exact division of the blocks of two communities: a sweep over them that remembers only its frontier.

The blocks join one by one, each on one of two sides, the first block on the first. What the rest of the sweep must know
about the past is how the sides lie on the frontier (the blocks that still have neighbours to come), in which pieces,
and how large they are; of all divisions that agree in this only the cheapest is kept. A piece that leaves the frontier
is its whole side, or it is cut off and the division dropped. So is a division whose cheapest ending costs too much.

What endings cost is bounded beforehand, backwards: there pieces are not looked at, and sizes are rounded and summed up
to one load, each quantity at its rate of deviation. Deviations in a sum can only cancel out, never add up to more.

References
----------
Kawahara, Horiyama, Hotta and Minato (2017), "Generating all patterns of graph partitions within a disparity bound",
WALCOM (the frontier method for districts).
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.model.plan import canonical_plan
from redistrict.model.problem import AreaProblem
from redistrict.solver.compiled import compiled
from redistrict.solver.costs import plan_cost
from redistrict.solver.exact.divide_group import Division
from redistrict.solver.sweep.extend_sets import FAR
from redistrict.solver.sweep.frontier import plan_steps
from redistrict.solver.sweep.frontier_pieces import number_pieces, rename_piece
from redistrict.solver.sweep.key_table import make_key_table, number_key
from redistrict.solver.tasks.stop import Stop

Assignment = NDArray[np.int32]
IntArray = NDArray[np.int64]

_N_CELLS = 2**23
"""Numbers in the table of what endings cost."""
_MOST_ROWS = _N_CELLS // 128
_STATES_PER_EFFORT = 1_000_000
_EFFORT_BEFORE = 0.02
"""Effort of planning and bounding; the rest is counted in states."""
_APART = 2**54
"""What it costs to have blocks on one side that must be kept apart: more than anything else."""
_CLOSED = 50
"""The bits of `sides` from here on say that a side is complete."""


class Frontier(NamedTuple):
    """The way of the sweep. What is listed for step t stands from the start at t to that at t + 1.

    Attributes
    ----------
    order, slot : (n_blocks,) int64
        The block that joins, and its place on the frontier.
    near_start, near, edge : int64
        Places of its neighbours there already, and the numbers of the edges; those from `n_edges` on are pairs apart.
    leaving_start, leaving : int64
        Places that become free after it.
    row_start : (n_blocks + 2,) int64
        Where the rows of the endings before each step begin: two to the power of the places in use.
    """

    order: IntArray
    slot: IntArray
    near_start: IntArray
    near: IntArray
    edge: IntArray
    leaving_start: IntArray
    leaving: IntArray
    row_start: IntArray

    @property
    def is_narrow(self) -> bool:
        """The endings fit into the table, sizes rounded finely enough."""
        return bool(self.row_start[-1] <= _MOST_ROWS)


class _States(NamedTuple):
    """Kinds of divisions met so far, one a row.

    Attributes
    ----------
    sides : (n,) int64
        A bit for each place on the frontier that is on the second side, and one for each side that is complete.
    pieces : (n, n_places) uint8
        Number of the piece at each place; 0 where the place is free.
    size : (n, n_quantities) int64
        Of the second side.
    cost : (n,) int64
        Of the edges met so far.
    members : (n, n_words) uint64
        The second side, a bit for each step.
    """

    sides: IntArray
    pieces: NDArray[np.uint8]
    size: IntArray
    cost: IntArray
    members: NDArray[np.uint64]


class _Endings(NamedTuple):
    """The least that blocks to come cost: rows by step and side of each place, columns by rounded load so far."""

    cost: IntArray
    rate: IntArray
    unit: int


def plan_frontier(problem: AreaProblem) -> Frontier:
    """Order the blocks so that the frontier stays narrow; blocks to be kept apart meet on it, too."""
    steps = plan_steps(replace(problem, edges=np.vstack([problem.edges, problem.apart])))
    near_start, near = _in_rows([step.near for step in steps])
    _, edge = _in_rows([step.edges for step in steps])
    leaving_start, leaving = _in_rows([step.leaving for step in steps])
    used, places = [0], set[int]()
    for step in steps:
        places = (places | {step.slot}) - set(step.leaving.tolist())
        used.append(1 + max(places, default=-1))
    order, slot = (np.array(column, dtype=np.int64) for column in zip(*((s.block, s.slot) for s in steps), strict=True))
    row_start = np.concatenate([[0], np.cumsum(2.0 ** np.minimum(used, 40)).astype(np.int64)])
    return Frontier(order, slot, near_start, near, edge, leaving_start, leaving, row_start)


def _in_rows(lists: list[IntArray]) -> tuple[IntArray, IntArray]:
    start = np.cumsum([0, *(len(found) for found in lists)])
    return start.astype(np.int64), np.concatenate(lists).astype(np.int64)


def divide_pair(
    problem: AreaProblem, present: Assignment, frontier: Frontier, stop: Stop, *, effort: float
) -> Division:
    """Divide the blocks of two communities anew.

    Parameters
    ----------
    problem : AreaProblem
        Two communities. Neither `stay` nor `dear` is looked at.
    present : (n_blocks,) int32
        The feasible division there is, to be beaten and to fall back on.
    frontier : Frontier
        A narrow one.
    effort : float
        Roughly seconds.
    """
    size, total = problem.size[frontier.order], problem.size.sum(axis=0)
    low = np.maximum(problem.lower, total - problem.upper)
    high, met = total - low, size.cumsum(axis=0)
    least, most = np.maximum(met - high, low - (total - met)), np.minimum(high, met)
    endings = _bound_endings(problem, frontier, low, high)
    ceiling, n_states = plan_cost(problem, present) - problem.base_cost, 0
    states = _nothing(size, 1 + int(frontier.slot.max()))
    for t in range(problem.n_blocks):
        states = _extend(states, t, frontier, problem.edge_weight, size[t], least[t], most[t], endings, ceiling)
        n_states += len(states.cost)
        spent = _EFFORT_BEFORE + n_states / _STATES_PER_EFFORT
        if spent > effort or stop.reason:
            return Division(present, False, spent)
    best = _cheapest(problem, states, frontier.order, present, ceiling)
    return Division(canonical_plan(best).assignment, True, spent)


def _nothing(size: IntArray, n_places: int) -> _States:
    zero, n_words = np.zeros(1, dtype=np.int64), -(-len(size) // 64)
    pieces, words = np.zeros((1, n_places), dtype=np.uint8), np.zeros((1, n_words), dtype=np.uint64)
    return _States(zero, pieces, np.zeros((1, size.shape[1]), dtype=np.int64), zero, words)


def _cheapest(problem: AreaProblem, states: _States, order: IntArray, present: Assignment, ceiling: int) -> Assignment:
    """Give the cheapest division, the cost of sizes added; the present one if none is cheaper."""
    costs = states.cost.copy()
    for size in (states.size, problem.size.sum(axis=0) - states.size):
        costs += np.abs(size - problem.target) @ problem.deviation_rate
        costs += 0 if problem.idle is None else problem.idle.cost(size)
    costs[states.sides != 3 << _CLOSED] = FAR
    if costs.min(initial=FAR) >= ceiling:
        return present
    words = states.members[np.argmin(costs)].astype("<u8").view(np.uint8)
    assignment = np.empty(problem.n_blocks, dtype=np.int32)
    assignment[order] = np.unpackbits(words, bitorder="little")[: problem.n_blocks]
    return assignment


def _bound_endings(problem: AreaProblem, frontier: Frontier, low: IntArray, high: IntArray) -> _Endings:
    """Bound what blocks to come cost, deviation included, whatever the pieces.

    Loads are rounded to a unit block by block, so a load is wrong by the sum of these errors at most. The deviation of
    two communities is ``|total - 2 target|`` at least, and ``|2 size - total|``.
    """
    total, rate = problem.size.sum(axis=0), problem.deviation_rate
    if not rate.any():
        rate = (np.arange(total.size) == np.argmin((high - low) / np.maximum(total, 1))).astype(np.int64)
    load = problem.size[frontier.order] @ rate
    unit = 1 + int(load.sum()) * int(frontier.row_start[-1]) // _N_CELLS
    rounded = (2 * load + unit) // (2 * unit)
    error = load - rounded * unit
    below, above = -int(error[error < 0].sum()), int(error[error > 0].sum()) + unit - 1
    loads = np.arange(2 + (int(high @ rate) + below) // unit) * unit
    first, last = np.maximum(loads - below, low @ rate), np.minimum(loads + above, high @ rate)
    end = np.full(loads.size, int(problem.deviation_rate @ np.abs(total - 2 * problem.target)))
    if problem.deviation_rate.any():
        end = np.maximum(end, np.maximum(2 * first - load.sum(), load.sum() - 2 * last))
    cost = np.full((int(frontier.row_start[-1]), loads.size), FAR)
    cost[-1] = np.where(first <= last, end, FAR)
    _fill_endings(cost, frontier, problem.edge_weight, rounded)
    return _Endings(cost, rate, unit)


@compiled()
def _fill_endings(cost, frontier, weight, rounded):  # type: ignore[no-untyped-def]
    """Let the block of each step, the last first, take the side on which it and the rest cost less."""
    n_columns = cost.shape[1]
    for t in range(rounded.size - 1, -1, -1):
        row, after = frontier.row_start[t], frontier.row_start[t + 1]
        kept = frontier.row_start[t + 2] - after - 1
        for p in range(frontier.leaving_start[t], frontier.leaving_start[t + 1]):
            kept &= ~(1 << frontier.leaving[p])
        own, shift = 1 << frontier.slot[t], min(rounded[t], n_columns)
        for sides in range(after - row):
            extra_first = extra_second = 0
            for p in range(frontier.near_start[t], frontier.near_start[t + 1]):
                extra = weight[frontier.edge[p]] if frontier.edge[p] < weight.size else _APART
                if sides >> frontier.near[p] & 1:
                    extra_second += extra
                else:
                    extra_first += extra
            first, second = cost[after + (sides & kept)], cost[after + ((sides | own) & kept)]
            for u in range(n_columns):
                cost[row + sides, u] = min(first[u] + extra_first, FAR)
            for u in range(n_columns - shift):
                cost[row + sides, u] = min(cost[row + sides, u], second[u + shift] + extra_second)


@compiled()
def _extend(states, t, frontier, weight, size, least, most, endings, ceiling):  # type: ignore[no-untyped-def]
    """Put the block of step t on either side of every division; merge those that agree."""
    limit, width = 2 * states.cost.size, states.pieces.shape[1]
    table = make_key_table(limit, width, 1 + size.size)
    new = _States(
        table.value[:, 0],
        table.row,
        table.value[:, 1:],
        np.empty(limit, np.int64),
        np.empty((limit, states.members.shape[1]), np.uint64),
    )
    row, name = np.empty(width, np.uint8), np.empty(width + 2, np.uint8)
    key, count = np.empty(1 + size.size, np.int64), 0
    total = key[1:]
    for s in range(states.cost.size):
        for side in range(2 if t > 0 else 1):
            load, allowed = 0, states.sides[s] >> (_CLOSED + side) & 1 == 0
            for q in range(size.size):
                total[q] = states.size[s, q] + side * size[q]
                load += endings.rate[q] * total[q]
                allowed &= least[q] <= total[q] <= most[q]
            if not allowed:
                continue
            row[:] = states.pieces[s]
            cost = states.cost[s] + _join(row, states.sides[s], side, t, frontier, weight)
            sides = _leave(row, states.sides[s] | side << frontier.slot[t], t, frontier)
            at = frontier.row_start[t + 1] + (sides & ((1 << _CLOSED) - 1))
            if sides < 0 or cost + endings.cost[at, load // endings.unit] >= ceiling:
                continue
            number_pieces(row, name)
            key[0] = sides
            x = number_key(table, row, key, count)
            if x == count:
                count += 1
                new.cost[x] = FAR
            if cost < new.cost[x]:
                new.cost[x] = cost
                new.members[x] = states.members[s]
                new.members[x, t // 64] |= np.uint64(side) << np.uint64(t % 64)
    return _States(
        new.sides[:count].copy(),
        new.pieces[:count].copy(),
        new.size[:count].copy(),
        new.cost[:count].copy(),
        new.members[:count].copy(),
    )


@compiled()
def _join(row, sides, side, t, frontier, weight):  # type: ignore[no-untyped-def]
    """Put the block of step t on a side; pieces it touches there become one. Gives the cost of the edges to them."""
    cost, own = 0, row.size + 1
    row[frontier.slot[t]] = own
    for p in range(frontier.near_start[t], frontier.near_start[t + 1]):
        place, e = frontier.near[p], frontier.edge[p]
        if sides >> place & 1 != side:
            continue
        if e >= weight.size:
            return _APART
        cost += weight[e]
        rename_piece(row, row[place], own)
    return cost


@compiled()
def _leave(row, sides, t, frontier):  # type: ignore[no-untyped-def]
    """Take blocks off the frontier; give the sides then, or -1 if a piece is cut off by that."""
    for p in range(frontier.leaving_start[t], frontier.leaving_start[t + 1]):
        place = frontier.leaving[p]
        side, piece = sides >> place & 1, row[place]
        row[place] = 0
        sides &= ~(1 << place)
        goes_on = has_others = False
        for j in range(row.size):
            goes_on |= row[j] == piece
            has_others |= row[j] > 0 and sides >> j & 1 == side
        if has_others and not goes_on:
            return -1
        if not goes_on:
            sides |= 1 << (_CLOSED + side)
    return sides
