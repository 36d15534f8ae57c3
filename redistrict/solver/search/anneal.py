"""Annealing over cut edges, compiled: the workhorse of the search.

A move takes a cut edge and moves the block at one end into the community at the other. It is refused when the
block's old community would fall apart. Being outside the bounds costs a penalty that grows while the temperature
falls, so the search may pass through unbalanced plans early and ends in balanced ones.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.model.succession import trace_succession
from redistrict.solver.adjacency import Adjacency, build_adjacency
from redistrict.solver.costs import community_totals

FloatArray = NDArray[np.float64]

_WHOLE = -1
_FIXED = -2
_LIMIT = np.dtype(
    [("lower", np.int64), ("upper", np.int64), ("target", np.int64), ("rate", np.float64), ("penalty", np.float64)]
)
"""What one quantity of a community costs: bounds and target in households or people, and the weighted centimetres
for each off the target (rate) and outside the bounds (penalty)."""


class State(NamedTuple):
    """Where a search stands. The arrays belong to it and change with every move.

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
    m, totals = len(problem.edges), community_totals(problem, assignment)
    may_move = np.ones(m, dtype=bool) if is_open is None else is_open[problem.edges].all(axis=1)
    is_cut = assignment[problem.edges[:, 0]] != assignment[problem.edges[:, 1]]
    cut = np.full(m, -1, dtype=np.int32)
    place = np.where(may_move, _WHOLE, _FIXED).astype(np.int32)
    listed = np.flatnonzero(is_cut & may_move).astype(np.int32)
    cut[: listed.size] = listed
    place[listed] = np.arange(listed.size, dtype=np.int32)
    members = np.bincount(assignment, minlength=problem.n_communities).astype(np.int32)
    return State(assignment.astype(np.int32).copy(), totals, members, cut, place)


def try_moves(
    problem: AreaProblem,
    adjacency: Adjacency,
    state: State,
    rng: np.random.Generator,
    *,
    n_moves: int,
    temperature: float,
    penalty: FloatArray,
    rule_penalty: float = 0.0,
    strictness: FloatArray | None = None,
) -> None:
    """Try `n_moves` moves at one temperature, changing `state`.

    Parameters
    ----------
    temperature : float
        In units of cost.
    penalty : (n_quantities,) float64
        Cost of one household or person outside the bounds.
    rule_penalty : float
        A tenth of the cost of a pair not kept apart; cost of moving one per cent of a community's mean residents
        above the most that may be moved.
    strictness : (k,) float64, optional
        What the penalty is multiplied with in each community; by default 1 in all.
    """
    weight = problem.edge_weight[adjacency.edge].astype(np.float64)
    terms = _Terms(
        problem.size,
        _limits(problem, penalty),
        np.ones(problem.n_communities) if strictness is None else strictness,
        _apart_terms(problem, rule_penalty),
        _stay_terms(problem, state.assignment, rule_penalty),
        _idle_terms(problem),
    )
    ground = _Ground(adjacency.start, adjacency.neighbour, adjacency.edge, problem.edges, weight)
    _try_moves(ground, terms, state, rng, n_moves, temperature, terms.are_plain)


class _Ground(NamedTuple):
    """The contiguity graph: neighbours of block i stand at ``start[i] .. start[i + 1]``.

    Attributes
    ----------
    start : (n_blocks + 1,) int32
    neighbour, edge : (2 * n_edges,) int32
        Neighbouring block, and the number of the edge between.
    ends : (n_edges, 2) int32
        The two blocks of each edge.
    weight : (2 * n_edges,) float64
        Cost of having the edge to each neighbour inside a community, not cut: weighted centimetres.
    """

    start: NDArray[np.int32]
    neighbour: NDArray[np.int32]
    edge: NDArray[np.int32]
    ends: NDArray[np.int32]
    weight: FloatArray


class _Apart(NamedTuple):
    """Blocks that may not share a community: the partners of block i stand at ``start[i] .. start[i + 1]``.

    Attributes
    ----------
    start : (n_blocks + 1,) int32
    partner : (2 * n_pairs,) int32
    penalty : float
        Weighted centimetres for a pair in one community.
    """

    start: NDArray[np.int32]
    partner: NDArray[np.int32]
    penalty: float


class _Stay(NamedTuple):
    """Residents at home today; those of today's community ``heir[c]`` whose block community c holds stay.

    Attributes
    ----------
    current : (n_blocks,) int32
        Today's community of each block; no entries where it does not matter who moves.
    residents : (n_blocks,) int64
        Residents at home.
    heir : (k,) int64
        Today's community that each one continues, -1 where it is new.
    rate : float
        Weighted centimetres for a resident moved.
    most : float
        Most residents that may be moved.
    penalty : float
        Weighted centimetres for each above that.
    """

    current: NDArray[np.int32]
    residents: NDArray[np.int64]
    heir: NDArray[np.int64]
    rate: float
    most: float
    penalty: float


class _Idle(NamedTuple):
    """Ratios of `terms.IdleStaff`; `share` has no entries where idle workers cost nothing, else one a quantity."""

    share: NDArray[np.int64]
    scale: int
    larger: bool
    up: bool
    minimum: int
    rate: float


class _Terms(NamedTuple):
    """All that a plan costs beyond its edges.

    Attributes
    ----------
    size : (n_blocks, n_quantities) int64
        Households and people of each block.
    limits : (n_quantities,) _LIMIT
    strictness : (k,) float64
    apart : _Apart
    stay : _Stay
    idle : _Idle
    """

    size: NDArray[np.int64]
    limits: NDArray[np.void]
    strictness: FloatArray
    apart: _Apart
    stay: _Stay
    idle: _Idle

    @property
    def are_plain(self) -> bool:
        """Nothing but sizes costs anything."""
        return not (self.apart.partner.size or self.stay.current.size or self.idle.share.size)


def _limits(problem: AreaProblem, penalty: FloatArray) -> NDArray[np.void]:
    limits = np.empty(penalty.size, dtype=_LIMIT)
    columns = problem.lower, problem.upper, problem.target, problem.deviation_rate, penalty
    for name, values in zip(_LIMIT.names or (), columns, strict=True):
        limits[name] = values
    return limits


def _apart_terms(problem: AreaProblem, penalty: float) -> _Apart:
    rows = build_adjacency(problem.n_blocks, problem.apart)
    return _Apart(rows.start, rows.neighbour, 10.0 * penalty)


def _stay_terms(problem: AreaProblem, assignment: NDArray[np.int32], penalty: float) -> _Stay:
    """Fix who continues whom as the plan stands: during one sweep residents are weighed by that."""
    stay = problem.stay
    if stay is None or (stay.rate == 0 and stay.max_moved is None):
        nobody = np.zeros(0, dtype=np.int64)
        return _Stay(nobody.astype(np.int32), nobody, nobody, 0.0, 0.0, 0.0)
    heir = trace_succession(assignment, stay.current, stay.residents, is_home=stay.is_home).predecessor
    at_home = np.where(stay.is_home, stay.residents, 0)
    most = math.inf if stay.max_moved is None else float(stay.max_moved - stay.n_residents + at_home.sum())
    per_cent = 100.0 * problem.n_communities / max(1, stay.n_residents)
    return _Stay(stay.current, at_home, heir, float(stay.rate), most, penalty * per_cent)


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
def _size_cost(limit, total, strictness):  # type: ignore[no-untyped-def]
    """Deviation of one quantity of one community, plus the penalty outside its bounds times `strictness`."""
    outside = max(limit["lower"] - total, total - limit["upper"], 0)
    return limit["rate"] * float(abs(total - limit["target"])) + limit["penalty"] * strictness * float(outside)


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
def _try_moves(ground, terms, state, rng, n_moves, temperature, is_plain):  # type: ignore[no-untyped-def]
    """Draw cut edges and move the block at one end into the community at the other, where that is accepted.

    Members of tuples that are used for every move are taken out first: inside the loop numba would count references.

    Parameters
    ----------
    ground : _Ground
    terms : _Terms
    state : State
        Changed in place.
    rng : numpy.random.Generator
        A number for every move tried, and one more where it costs something.
    n_moves : int
    temperature : float
        Weighted centimetres.
    is_plain : bool
        As `_Terms.are_plain`.
    """
    start, neighbour, _, ends, weight = ground
    assignment, totals, n_members, cut, _ = state
    size, limits, strictness = terms.size, terms.limits, terms.strictness
    queue, stamp = np.empty(assignment.size, dtype=np.int32), np.zeros(assignment.size, dtype=np.int64)
    mark, moved, n_cut = 1, _moved(terms.stay, assignment), 0
    while n_cut < cut.size and cut[n_cut] >= 0:
        n_cut += 1
    for _ in range(n_moves):
        if n_cut == 0:
            break
        draw = int(rng.random() * (2 * n_cut))
        e = cut[draw >> 1]
        block, goal = ends[e, draw & 1], assignment[ends[e, 1 - (draw & 1)]]
        source = assignment[block]
        if n_members[source] == 1:
            continue
        delta = 0.0
        for p in range(start[block], start[block + 1]):
            home = assignment[neighbour[p]]
            delta += weight[p] * (int(home == goal) - int(home == source))
        for q in range(limits.size):
            s, limit = size[block, q], limits[q]
            if s != 0:
                a, b = totals[source, q], totals[goal, q]
                at_a, at_b = strictness[source], strictness[goal]
                delta += _size_cost(limit, a - s, at_a) - _size_cost(limit, a, at_a)
                delta += _size_cost(limit, b + s, at_b) - _size_cost(limit, b, at_b)
        now_moved = moved
        if not is_plain:
            now_moved = _moved_then(terms.stay, block, source, goal, moved)
            delta = _add_rules(delta, terms, state, block, source, goal, moved, now_moved)
        if delta > 0.0 and rng.random() >= math.exp(-delta / temperature):
            continue
        mark += 2
        if _splits(block, start, neighbour, assignment, n_members[source], queue, stamp, mark):
            continue
        moved = now_moved
        n_cut = _move(ground, size, state, block, source, goal, n_cut)


@njit(cache=True, nogil=True)
def _moved_then(stay, block, source, goal, moved):  # type: ignore[no-untyped-def]
    """Residents moved once the block has gone from community `source` to `goal`; `moved` are now."""
    if stay.current.size > 0:
        if stay.heir[source] == stay.current[block]:
            return moved + stay.residents[block]
        if stay.heir[goal] == stay.current[block]:
            return moved - stay.residents[block]
    return moved


@njit(cache=True, nogil=True, inline="always")  # a call would count references to every array of the terms
def _add_rules(delta, terms, state, block, source, goal, moved, now_moved):  # type: ignore[no-untyped-def]
    """Add to a change of cost that of pairs apart, residents moved and idle workers, term by term in this order."""
    apart, stay, idle = terms.apart, terms.stay, terms.idle
    for p in range(apart.start[block], apart.start[block + 1]):
        home = state.assignment[apart.partner[p]]
        if home == goal:
            delta += apart.penalty
        elif home == source:
            delta -= apart.penalty
    if stay.current.size > 0:
        delta += stay.rate * float(now_moved - moved)
        delta += stay.penalty * (max(0.0, now_moved - stay.most) - max(0.0, moved - stay.most))
    if idle.share.size > 0:
        a, b, s = state.totals[source], state.totals[goal], terms.size[block]
        delta += _idle_cost(idle, a, s, -1) - _idle_cost(idle, a, s, 0)
        delta += _idle_cost(idle, b, s, 1) - _idle_cost(idle, b, s, 0)
    return delta


@njit(cache=True, nogil=True)
def _move(ground, size, state, block, source, goal, n_cut):  # type: ignore[no-untyped-def]
    """Move the block from community `source` to `goal` and keep the books; gives the number of cut edges then."""
    cut, place = state.cut, state.place
    state.assignment[block] = goal
    state.n_members[source] -= 1
    state.n_members[goal] += 1
    for q in range(size.shape[1]):
        state.totals[source, q] -= size[block, q]
        state.totals[goal, q] += size[block, q]
    for p in range(ground.start[block], ground.start[block + 1]):
        e = ground.edge[p]
        is_cut = state.assignment[ground.neighbour[p]] != goal
        if is_cut and place[e] == _WHOLE:
            cut[n_cut] = e
            place[e] = n_cut
            n_cut += 1
        elif not is_cut and place[e] >= 0:
            n_cut -= 1
            last = cut[n_cut]
            cut[place[e]] = last
            place[last] = place[e]
            cut[n_cut] = -1
            place[e] = _WHOLE
    return n_cut
