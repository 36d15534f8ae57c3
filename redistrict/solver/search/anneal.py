"""Annealing over cut edges, compiled: the workhorse of the search.

A move takes a cut edge and moves the block at one end into the community at the other. It is refused when the
block's old community would fall apart. Being outside the bounds costs a penalty that grows while the temperature
falls, so the search may pass through unbalanced plans early and ends in balanced ones.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.model.succession import trace_succession
from redistrict.solver.adjacency import Adjacency, build_adjacency

FloatArray = NDArray[np.float64]

_WHOLE = -1
_FIXED = -2


@dataclass(frozen=True, eq=False)
class State:
    """Where a search stands. The arrays belong to it and change with every sweep.

    Attributes
    ----------
    assignment : (n_blocks,) int32
    totals : (k, n_quantities) int64
        Size of every community.
    n_members : (k,) int32
    cut, place : (n_edges,) int32
        The cut edges between open blocks stand first in `cut`; `place` says where each edge stands, `_WHOLE` when it
        is not cut, `_FIXED` when it is not between open blocks.
    """

    assignment: NDArray[np.int32]
    totals: NDArray[np.int64]
    n_members: NDArray[np.int32]
    cut: NDArray[np.int32]
    place: NDArray[np.int32]


def start_state(
    problem: AreaProblem, assignment: NDArray[np.int32], *, is_open: NDArray[np.bool_] | None = None
) -> State:
    """Set up the books for an assignment.

    Parameters
    ----------
    is_open : (n_blocks,) bool, optional
        Blocks of the communities that may change, among each other only; by default all.
    """
    k, m = problem.n_communities, len(problem.edges)
    totals = np.zeros((k, problem.size.shape[1]), dtype=np.int64)
    np.add.at(totals, assignment, problem.size)
    may_move = np.ones(m, dtype=bool) if is_open is None else is_open[problem.edges].all(axis=1)
    is_cut = assignment[problem.edges[:, 0]] != assignment[problem.edges[:, 1]]
    cut = np.full(m, -1, dtype=np.int32)
    place = np.where(may_move, _WHOLE, _FIXED).astype(np.int32)
    listed = np.flatnonzero(is_cut & may_move).astype(np.int32)
    cut[: listed.size] = listed
    place[listed] = np.arange(listed.size, dtype=np.int32)
    members = np.bincount(assignment, minlength=k).astype(np.int32)
    return State(assignment.astype(np.int32).copy(), totals, members, cut, place)


def sweep(
    problem: AreaProblem,
    adjacency: Adjacency,
    state: State,
    rng: np.random.Generator,
    *,
    n_moves: int,
    temperature: float,
    penalty: FloatArray,
    hard: float = 0.0,
) -> None:
    """Try `n_moves` moves at one temperature, changing `state`.

    Parameters
    ----------
    temperature : float
        In units of cost.
    penalty : (n_quantities,) float64
        Cost of one household or person outside the bounds.
    hard : float
        A tenth of the cost of a pair not kept apart; cost of moving one per cent of a community's mean residents
        above the most that may be moved.
    """
    _sweep(
        adjacency.start,
        adjacency.neighbour,
        adjacency.edge,
        problem.edges,
        problem.edge_weight[adjacency.edge].astype(np.float64),
        problem.size,
        problem.lower,
        problem.upper,
        problem.target,
        problem.deviation_rate,
        state.assignment,
        state.totals,
        state.n_members,
        state.cut,
        state.place,
        rng,
        n_moves,
        temperature,
        penalty,
        _apart_terms(problem, hard),
        _stay_terms(problem, state.assignment, hard),
        _idle_terms(problem),
    )


class _Apart(NamedTuple):
    """Blocks that may not share a community: the partners of block i stand at ``start[i] .. start[i + 1]``."""

    start: NDArray[np.int32]
    partner: NDArray[np.int32]
    penalty: float


class _Stay(NamedTuple):
    """Residents who stay where community c of today's number ``heir[c]`` holds their block."""

    current: NDArray[np.int32]
    residents: NDArray[np.int64]
    heir: NDArray[np.int64]
    rate: float
    most: float
    penalty: float


class _Idle(NamedTuple):
    """Ratios of `terms.IdleStaff`."""

    share: NDArray[np.int64]
    scale: int
    larger: bool
    up: bool
    minimum: int
    rate: float


def _apart_terms(problem: AreaProblem, hard: float) -> _Apart:
    rows = build_adjacency(problem.n_blocks, problem.apart)
    return _Apart(rows.start, rows.neighbour, 10.0 * hard)


def _stay_terms(problem: AreaProblem, assignment: NDArray[np.int32], hard: float) -> _Stay:
    """Fix who continues whom as the plan stands: during one sweep residents are weighed by that."""
    stay = problem.stay
    if stay is None or (stay.rate == 0 and stay.max_moved is None):
        nobody = np.zeros(0, dtype=np.int64)
        return _Stay(nobody.astype(np.int32), nobody, nobody, 0.0, 0.0, 0.0)
    heir = trace_succession(assignment, stay.current, stay.residents, is_home=stay.is_home).predecessor
    at_home = np.where(stay.is_home, stay.residents, 0)
    most = math.inf if stay.max_moved is None else float(stay.max_moved - stay.n_residents + at_home.sum())
    per_cent = 100.0 * problem.n_communities / max(1, stay.n_residents)
    return _Stay(stay.current, at_home, heir, float(stay.rate), most, hard * per_cent)


def _idle_terms(problem: AreaProblem) -> _Idle:
    idle = problem.idle
    if idle is None:
        return _Idle(np.zeros(0, dtype=np.int64), 1, False, False, 0, 0.0)
    share = np.array(idle.share, dtype=np.int64)
    return _Idle(share, idle.scale, idle.larger, idle.up, idle.minimum, float(idle.rate))


@njit(cache=True, nogil=True)
def _idle_cost(idle, totals, size, sign):  # type: ignore[no-untyped-def]
    """Cost of the workers lost to rounding in a community of `totals`, with `sign` times a block's `size` added."""
    need = np.int64(0)
    for q in range(idle.share.shape[0]):
        part = idle.share[q] * (totals[q] + sign * size[q])
        need = max(need, part) if idle.larger else need + part
    workers = -(-need // idle.scale) if idle.up else (2 * need + idle.scale) // (2 * idle.scale)
    return idle.rate * float(abs(max(workers, idle.minimum) * idle.scale - need))


@njit(cache=True, nogil=True)
def _moved(stay, assignment):  # type: ignore[no-untyped-def]
    """Residents at home today whose community does not continue theirs."""
    moved = 0
    for i in range(stay.current.shape[0]):
        if stay.heir[assignment[i]] != stay.current[i]:
            moved += stay.residents[i]
    return moved


@njit(cache=True, nogil=True)
def _size_cost(total, lower, upper, target, rate, penalty):  # type: ignore[no-untyped-def]
    """Deviation of one quantity of one community, plus the penalty outside its bounds."""
    return rate * float(abs(total - target)) + penalty * float(max(lower - total, total - upper, 0))


@njit(cache=True, nogil=True)
def _splits(block, start, neighbour, assignment, n_in_community, queue, stamp, mark):  # type: ignore[no-untyped-def]
    """Tell whether the block's community would fall apart without it (breadth-first, inside the community)."""
    home = assignment[block]
    n_wanted = 0
    first = -1
    for p in range(start[block], start[block + 1]):
        other = neighbour[p]
        if assignment[other] == home:
            stamp[other] = mark
            n_wanted += 1
            first = other
    if n_wanted == 0:
        return n_in_community > 1
    if n_wanted == 1:
        return False
    stamp[block] = mark + 1
    stamp[first] = mark + 1
    n_wanted -= 1
    queue[0] = first
    head, tail = 0, 1
    while head < tail:
        here = queue[head]
        head += 1
        for p in range(start[here], start[here + 1]):
            other = neighbour[p]
            if assignment[other] == home and stamp[other] != mark + 1:
                if stamp[other] == mark:
                    n_wanted -= 1
                    if n_wanted == 0:
                        return False
                stamp[other] = mark + 1
                queue[tail] = other
                tail += 1
    return True


@njit(cache=True, nogil=True)
def _sweep(  # type: ignore[no-untyped-def]
    start, neighbour, edge_of, edges, weight, size, lower, upper, target, rate,
    assignment, totals, n_members, cut, place, rng, n_moves, temperature, penalty, apart, stay, idle,
):  # fmt: skip
    n_blocks = assignment.shape[0]
    n_quantities = size.shape[1]
    queue = np.empty(n_blocks, dtype=np.int32)
    stamp = np.zeros(n_blocks, dtype=np.int64)
    mark = 1
    moved = _moved(stay, assignment)
    n_cut = 0
    while n_cut < cut.shape[0] and cut[n_cut] >= 0:
        n_cut += 1
    for _ in range(n_moves):
        if n_cut == 0:
            break
        draw = int(rng.random() * (2 * n_cut))
        e = cut[draw >> 1]
        block = edges[e, draw & 1]
        source = assignment[block]
        goal = assignment[edges[e, 1 - (draw & 1)]]
        if n_members[source] == 1:
            continue
        delta = 0.0
        for p in range(start[block], start[block + 1]):
            home = assignment[neighbour[p]]
            delta += weight[p] * (int(home == goal) - int(home == source))
        for q in range(n_quantities):
            s = size[block, q]
            if s != 0:
                a, b = totals[source, q], totals[goal, q]
                low, up, t, r, f = lower[q], upper[q], target[q], rate[q], penalty[q]
                delta += _size_cost(a - s, low, up, t, r, f) - _size_cost(a, low, up, t, r, f)
                delta += _size_cost(b + s, low, up, t, r, f) - _size_cost(b, low, up, t, r, f)
        for p in range(apart.start[block], apart.start[block + 1]):
            home = assignment[apart.partner[p]]
            if home == goal:
                delta += apart.penalty
            elif home == source:
                delta -= apart.penalty
        now_moved = moved
        if stay.current.shape[0] > 0:
            if stay.heir[source] == stay.current[block]:
                now_moved += stay.residents[block]
            elif stay.heir[goal] == stay.current[block]:
                now_moved -= stay.residents[block]
            delta += stay.rate * float(now_moved - moved)
            delta += stay.penalty * (max(0.0, now_moved - stay.most) - max(0.0, moved - stay.most))
        if idle.share.shape[0] > 0:
            delta += _idle_cost(idle, totals[source], size[block], -1) - _idle_cost(
                idle, totals[source], size[block], 0
            )
            delta += _idle_cost(idle, totals[goal], size[block], 1) - _idle_cost(idle, totals[goal], size[block], 0)
        if delta > 0.0 and rng.random() >= math.exp(-delta / temperature):
            continue
        mark += 2
        if _splits(block, start, neighbour, assignment, n_members[source], queue, stamp, mark):
            continue
        assignment[block] = goal
        moved = now_moved
        n_members[source] -= 1
        n_members[goal] += 1
        for q in range(n_quantities):
            totals[source, q] -= size[block, q]
            totals[goal, q] += size[block, q]
        for p in range(start[block], start[block + 1]):
            other = edge_of[p]
            is_cut = assignment[neighbour[p]] != goal
            if is_cut and place[other] == _WHOLE:
                cut[n_cut] = other
                place[other] = n_cut
                n_cut += 1
            elif not is_cut and place[other] >= 0:
                n_cut -= 1
                last = cut[n_cut]
                cut[place[other]] = last
                place[last] = place[other]
                cut[n_cut] = -1
                place[other] = _WHOLE
