"""One step of the sweep over kinds of sets, compiled."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from redistrict.solver.sweep.frontier import Step
from redistrict.solver.sweep.frontier_pieces import join_pieces, number_pieces

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


@njit(cache=True, nogil=True)
def extend(
    states: States,
    step: Step,
    cut: IntArray,
    inside: IntArray,
    reward: int,
    size: IntArray,
    rounded: int,
    rules: Rules,
    hope: IntArray,
    ceiling: int,
    best: Best,
) -> States:
    """Let every set take the block of this step, or leave it; merge those that agree, note those that are complete."""
    n, width = states.pieces.shape
    n_sizes, n_words = states.low.shape[1], states.members.shape[1]
    most = 2 * n
    new = States(
        np.empty((most, width), np.uint8),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty((most, n_sizes), np.int64),
        np.empty((most, n_sizes), np.int64),
        np.empty((most, n_words), np.uint64),
    )
    n_places = 16
    while n_places < 2 * most:
        n_places *= 2
    table = np.full(n_places, -1, np.int64)
    row = np.empty(width, np.uint8)
    name = np.empty(width + 2, np.uint8)
    low = np.empty(n_sizes, np.int64)
    high = np.empty(n_sizes, np.int64)
    word, bit = step.block // 64, np.uint64(1) << np.uint64(step.block % 64)
    count = 0
    for s in range(n):
        for joins in range(2):
            row[:] = states.pieces[s]
            cost = states.cost[s] - joins * reward
            allowed = True
            for q in range(n_sizes):
                low[q] = states.low[s, q] + joins * size[q]
                high[q] = states.high[s, q] + joins * size[q]
                allowed &= low[q] <= rules.upper[q]
            for rival in step.rivals:
                allowed &= joins == 0 or row[rival] == 0
            if not allowed:
                continue
            for e in range(step.near.size):
                is_in = row[step.near[e]] > 0
                if is_in and joins:
                    cost += inside[e]
                elif is_in or joins:
                    cost += cut[e]
            if joins:
                join_pieces(row, step.slot, step.near)
            before = number_pieces(row, name)
            last = _leave(row, step.leaving)
            pieces = number_pieces(row, name)
            if pieces < before:
                if before == 1:
                    _complete(
                        states.members[s],
                        cost,
                        low,
                        high,
                        rules,
                        best,
                        step.leaving_blocks[last],
                        joins * word,
                        joins * bit,
                    )
                continue
            if pieces > 0:
                hoped = hope[0, (rules.upper[0] - low[0]) // rules.room[0]]
                for q in range(1, n_sizes):
                    hoped = min(hoped, hope[q, (rules.upper[q] - low[q]) // rules.room[q]])
                if cost - hoped >= ceiling:
                    continue
            at = states.rounded[s] + joins * rounded
            place = _place(table, new, row, at)
            t = table[place]
            if t < 0:
                t = count
                table[place] = t
                count += 1
                new.pieces[t] = row
                new.rounded[t] = at
                new.cost[t] = FAR
                new.low[t] = low
                new.high[t] = high
            if cost < new.cost[t]:
                new.cost[t] = cost
                new.members[t] = states.members[s]
                if joins:
                    new.members[t, word] |= bit
            for q in range(n_sizes):
                new.low[t, q] = min(new.low[t, q], low[q])
                new.high[t, q] = max(new.high[t, q], high[q])
    return States(
        new.pieces[:count].copy(),
        new.rounded[:count].copy(),
        new.cost[:count].copy(),
        new.low[:count].copy(),
        new.high[:count].copy(),
        new.members[:count].copy(),
    )


@njit(cache=True, nogil=True)
def _leave(row: NDArray[np.uint8], leaving: NDArray[np.int64]) -> int:
    """Take blocks off the frontier; give the place of the first of them that is in the set."""
    first = 0
    for number in range(leaving.size - 1, -1, -1):
        if row[leaving[number]] > 0:
            first = number
        row[leaving[number]] = 0
    return first


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _place(table: NDArray[np.int64], new: States, row: NDArray[np.uint8], rounded: int) -> np.int64:
    """Find the place of a state in the hash table, or the free place for it."""
    code = np.uint64(rounded) * np.uint64(0x9E3779B97F4A7C15)
    for j in range(row.size):
        code = (code ^ np.uint64(row[j])) * np.uint64(0x100000001B3)
    code ^= code >> np.uint64(29)
    place = np.int64(code & np.uint64(table.size - 1))
    while table[place] >= 0:
        t = table[place]
        if new.rounded[t] == rounded:
            same = True
            for j in range(row.size):
                same &= new.pieces[t, j] == row[j]
            if same:
                break
        place = (place + 1) & (table.size - 1)
    return place
