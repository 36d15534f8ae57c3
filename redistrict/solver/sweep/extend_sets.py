"""One step of the sweep over kinds of sets, compiled."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.solver.compiled import compiled
from redistrict.solver.sweep.frontier import Step
from redistrict.solver.sweep.frontier_pieces import join_pieces, number_pieces
from redistrict.solver.sweep.key_table import KeyTable, make_key_table, number_key

IntArray = NDArray[np.int64]

FAR = 2**60


class States(NamedTuple):
    """Kinds of sets of blocks met so far, one a row.

    Attributes
    ----------
    pieces : (n, width) uint8
        For each place on the frontier: 0 outside the set, else the number of its piece.
    rounded : (n,) int64
        Rounded size.
    cost : (n,) int64
        Of the cheapest set of this kind: half units, rewards taken off, edges among the blocks met so far.
    low, high : (n, n_quantities) int64
        Smallest and largest size of the sets of this kind.
    members : (n, n_words) uint64
        The cheapest set, a bit for each block.
    """

    pieces: NDArray[np.uint8]
    rounded: NDArray[np.int64]
    cost: IntArray
    low: IntArray
    high: IntArray
    members: NDArray[np.uint64]


class Rules(NamedTuple):
    """Bounds, target, rate of deviation (half units) and the step in which room below `upper` counts, by quantity."""

    lower: IntArray
    upper: IntArray
    target: IntArray
    rate: IntArray
    room: IntArray


class Best(NamedTuple):
    """The cheapest complete community by its last block, changed in place: (n_blocks,) and (n_blocks, n_words)."""

    cost: IntArray
    members: NDArray[np.uint64]


class Charges(NamedTuple):
    """What the block of a step brings: half units.

    Attributes
    ----------
    cut, inside : (n_near,) int64
        Cost of each edge to a neighbour met before, when cut or inside the set.
    reward : int
        What is taken off the cost of a set that the block joins.
    size : (n_quantities,) int64
    rounded : int
        Rounded size.
    """

    cut: IntArray
    inside: IntArray
    reward: int
    size: IntArray
    rounded: int


@compiled()
def extend(
    states: States, step: Step, charges: Charges, rules: Rules, hope: IntArray, ceiling: int, best: Best
) -> States:
    """Let every set take the block of this step, or leave it; merge those that agree, note those that are complete.

    Parameters
    ----------
    states : States
        Of the blocks before.
    step : Step
    charges : Charges
    rules : Rules
    hope : (n_quantities, n_rooms) int64
        The most that blocks to come can bring the cost down, by the room below `upper`.
    ceiling : int
        Sets that cannot come below it are given up.
    best : Best
        Changed in place.
    """
    n, width = states.pieces.shape
    n_sizes = states.low.shape[1]
    table = make_key_table(2 * n, width, 1)
    new = _make_states(table, n_sizes, states.members.shape[1])
    row, name, at = np.empty(width, np.uint8), np.empty(width + 2, np.uint8), np.empty(1, np.int64)
    low, high = np.empty(n_sizes, np.int64), np.empty(n_sizes, np.int64)
    size, cut, inside, upper, room = charges.size, charges.cut, charges.inside, rules.upper, rules.room
    word, bit = step.block // 64, np.uint64(1) << np.uint64(step.block % 64)
    count = 0
    for s in range(n):
        for joins in range(2):
            row[:] = states.pieces[s]
            fits = True
            for q in range(n_sizes):
                low[q] = states.low[s, q] + joins * size[q]
                high[q] = states.high[s, q] + joins * size[q]
                fits &= low[q] <= upper[q]
            if not fits or (joins and _meets(row, step.rivals)):
                continue
            cost = states.cost[s] - joins * charges.reward + _edge_cost(row, step.near, cut, inside, joins)
            if joins:
                join_pieces(row, step.slot, step.near)
            before = number_pieces(row, name)
            last = _leave(row, step.leaving)
            pieces = number_pieces(row, name)
            if pieces < before:
                if before == 1:
                    block = step.leaving_blocks[last]
                    _complete(states.members[s], cost, low, high, rules, best, block, joins * word, joins * bit)
                continue
            if pieces > 0 and cost - _hoped(hope, upper, room, low) >= ceiling:
                continue
            at[0] = states.rounded[s] + joins * charges.rounded
            t = number_key(table, row, at, count)
            if t == count:
                count += 1
                new.cost[t], new.low[t], new.high[t] = FAR, low, high
            if cost < new.cost[t]:
                new.cost[t] = cost
                new.members[t] = states.members[s]
                if joins:
                    new.members[t, word] |= bit
            for q in range(n_sizes):
                new.low[t, q] = min(new.low[t, q], low[q])
                new.high[t, q] = max(new.high[t, q], high[q])
    first: States = _first_states(new, count)
    return first


@compiled()
def _make_states(table: KeyTable, n_sizes: int, n_words: int) -> States:
    """Make room for as many states as the table has for keys: pieces and rounded size are the keys themselves."""
    most = len(table.row)
    return States(
        table.row,
        table.value[:, 0],
        np.empty(most, np.int64),
        np.empty((most, n_sizes), np.int64),
        np.empty((most, n_sizes), np.int64),
        np.empty((most, n_words), np.uint64),
    )


@compiled()
def _first_states(states: States, count: int) -> States:
    """Copy the first states, so that the room for the others is given back."""
    return States(
        states.pieces[:count].copy(),
        states.rounded[:count].copy(),
        states.cost[:count].copy(),
        states.low[:count].copy(),
        states.high[:count].copy(),
        states.members[:count].copy(),
    )


@compiled()
def _meets(row: NDArray[np.uint8], rivals: IntArray) -> bool:
    """Tell whether a block that joins would share the set with one it must be kept apart from."""
    found = False
    for rival in rivals:
        found |= row[rival] > 0
    return found


@compiled()
def _edge_cost(row: NDArray[np.uint8], near: IntArray, cut: IntArray, inside: IntArray, joins: int) -> int:
    """Cost of the edges to the neighbours met before."""
    cost = 0
    for e in range(near.size):
        is_in = row[near[e]] > 0
        if is_in and joins:
            cost += inside[e]
        elif is_in or joins:
            cost += cut[e]
    return cost


@compiled()
def _hoped(hope: IntArray, upper: IntArray, room: IntArray, low: IntArray) -> int:
    """Give the most that blocks to come can bring the cost of a set down: the least over the quantities."""
    hoped = int(hope[0, (upper[0] - low[0]) // room[0]])
    for q in range(1, low.size):
        hoped = min(hoped, int(hope[q, (upper[q] - low[q]) // room[q]]))
    return hoped


@compiled()
def _leave(row: NDArray[np.uint8], leaving: NDArray[np.int64]) -> int:
    """Take blocks off the frontier; give the place of the first of them that is in the set."""
    first = 0
    for number in range(leaving.size - 1, -1, -1):
        if row[leaving[number]] > 0:
            first = number
        row[leaving[number]] = 0
    return first


@compiled()
def _complete(
    members: NDArray[np.uint64],
    cost: int,
    low: IntArray,
    high: IntArray,
    rules: Rules,
    best: Best,
    last: int,
    word: int,
    bit: np.uint64,
) -> None:
    """Note a complete community under its last block, at the least deviation of the sizes it may have."""
    for q in range(low.size):
        if high[q] < rules.lower[q]:
            return
        cost += rules.rate[q] * max(low[q] - rules.target[q], rules.target[q] - high[q], 0)
    if cost < best.cost[last]:
        best.cost[last] = cost
        best.members[last] = members
        best.members[last, word] |= bit
