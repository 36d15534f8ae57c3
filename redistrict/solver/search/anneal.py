"""Annealing over cut edges, compiled: the workhorse of the search.

A move takes a cut edge and moves the block at one end into the community at the other. It is refused when the
block's old community would fall apart, the new one close a ring where it may surround none, or either get a neck
narrower than it may have (where necks have a price, whether it is paid for one is drawn by itself). Being outside the
bounds costs a penalty that grows while the temperature falls, so the search may pass through unbalanced plans early and
ends in balanced ones.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.adjacency import Adjacency
from redistrict.solver.compiled import compiled
from redistrict.solver.costs import community_totals, loose_parts
from redistrict.solver.necks import joins_widely, loose_then
from redistrict.solver.search.anneal_levels import keep_counts
from redistrict.solver.search.anneal_terms import add_rules, build_terms, count_moved, moved_then, share_with, size_cost
from redistrict.solver.surround import closes_ring

FloatArray = NDArray[np.float64]

_WHOLE = -1
_FIXED = -2
_MOST_CARRIED = 8
"""Blocks of a part that goes along with the block that alone ties it to its community; of more, hardly any is."""


class State(NamedTuple):
    """Where a search stands. The arrays belong to it and change with every move.

    Attributes
    ----------
    assignment : (n_blocks,) int32
    totals : (k, n_quantities) int64
        Size of every community.
    n_members : (k,) int32
    outline : (k, 2) int64
        Area and perimeter of every community; no rows where it does not matter how compact they are.
    loose : (k,) int64
        Parts of every community behind necks narrower than they may be.
    belongs : (k, n_units) int64
        What the residents of each unit in every community would cost, as `DearLevels.count`; no rows where nothing.
    cut, place : (n_edges,) int32
        The cut edges between open blocks stand first in `cut`; `place` says where each edge stands, `_WHOLE` when it
        is not cut, `_FIXED` when it is not between open blocks.
    """

    assignment: NDArray[np.int32]
    totals: NDArray[np.int64]
    n_members: NDArray[np.int32]
    outline: NDArray[np.int64]
    loose: NDArray[np.int64]
    belongs: NDArray[np.int64]
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
    outline = np.zeros((0, 2), dtype=np.int64)
    if problem.compactness is not None:
        outline = problem.compactness.outlines(assignment, problem.n_communities)
    loose = loose_parts(problem, assignment)
    dear = problem.dear
    belongs = np.zeros((0, 0), dtype=np.int64) if dear is None else dear.count(assignment, problem.n_communities)
    return State(assignment.astype(np.int32).copy(), totals, members, outline, loose, belongs, cut, place)


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
    place: FloatArray | None = None,
    best: NDArray[np.int32] | None = None,
    carries: bool = False,
) -> bool:
    """Try `n_moves` moves at one temperature, changing `state`; tell whether a plan was put into `best`.

    Parameters
    ----------
    temperature : float
        In units of cost.
    penalty : (n_quantities,) float64
        Cost of one household or person outside the bounds.
    rule_penalty : float
        A tenth of the cost of a pair not kept apart, or of a part behind a neck; cost of moving one per cent of a
        community's mean residents above the most that may be moved, and of a perimeter one per cent longer than it may
        be.
    strictness : (k,) float64, optional
        What the penalty is multiplied with in each community; by default 1 in all.
    place : (n_blocks, k) float64, optional
        Cost of each block in each community; by default nothing.
    best : (n_blocks,) int32, optional
        Where the cheapest plan is put that the moves led through with all sizes inside the bounds.
    carries : bool
        Where nothing but sizes is counted, a block takes along what it alone ties to its community.
    """
    weight = problem.edge_weight[adjacency.edge].astype(np.float64)
    terms = build_terms(
        problem, state.assignment, penalty=penalty, rule_penalty=rule_penalty, strictness=strictness, place=place
    )
    ground = _Ground(adjacency.start, adjacency.neighbour, adjacency.edge, problem.edges, weight)
    kept = np.empty(0, dtype=np.int32) if best is None else best
    carries = carries and terms.are_plain and problem.enclosure is None and problem.necks is None
    return bool(_try_moves(ground, terms, state, rng, n_moves, temperature, terms.are_plain, kept, carries))


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
        Cost of having the edge to each neighbour inside a community, not cut.
    """

    start: NDArray[np.int32]
    neighbour: NDArray[np.int32]
    edge: NDArray[np.int32]
    ends: NDArray[np.int32]
    weight: FloatArray


@compiled()
def _splits(block, start, neighbour, assignment, n_in_community, queue, stamp, mark):  # type: ignore[no-untyped-def]
    """Give 0 if the block's community holds without it, else how many blocks one of its parts would have.

    Breadth-first, inside the community.
    """
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
        return int(n_in_community > 1)
    if n_wanted == 1:
        return 0
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
                        return 0
                stamp[other] = mark + 1
                queue[tail] = other
                tail += 1
    return tail


@compiled()
def _count_out(limits, totals, community):  # type: ignore[no-untyped-def]
    """Count the quantities of a community that are outside the bounds."""
    n_out = 0
    for q in range(limits.size):
        limit = limits[q]
        n_out += not limit["lower"] <= totals[community, q] <= limit["upper"]
    return n_out


@compiled()
def _list_hanging(block, start, neighbour, assignment, queue, stamp, mark):  # type: ignore[no-untyped-def]
    """Put what a block alone ties to its community into `queue`: all parts but the largest; gives how many blocks."""
    home = assignment[block]
    stamp[block] = mark
    tail = low = high = 0
    for p in range(start[block], start[block + 1]):
        if assignment[neighbour[p]] != home or stamp[neighbour[p]] == mark:
            continue
        head = first = tail
        stamp[neighbour[p]] = mark
        queue[tail] = neighbour[p]
        tail += 1
        while head < tail:
            here = queue[head]
            head += 1
            for r in range(start[here], start[here + 1]):
                other = neighbour[r]
                if assignment[other] == home and stamp[other] != mark:
                    stamp[other] = mark
                    queue[tail] = other
                    tail += 1
        if tail - first > high - low:
            low, high = first, tail
    for i in range(high, tail):
        queue[low + i - high] = queue[i]
    return tail - (high - low)


@compiled()
def _weigh_group(group, ground, terms, state, goal, stamp, mark):  # type: ignore[no-untyped-def]
    """Tell by how much the cost changes if blocks of one community all go to another; only where terms are plain."""
    start, neighbour, weight, assignment = ground.start, ground.neighbour, ground.weight, state.assignment
    source = assignment[group[0]]
    for block in group:
        stamp[block] = mark
    delta = 0.0
    for block in group:
        for p in range(start[block], start[block + 1]):
            other = neighbour[p]
            delta += weight[p] * (
                int(assignment[other] == goal) - int(assignment[other] == source and stamp[other] != mark)
            )
    for q in range(terms.limits.size):
        s, limit = 0, terms.limits[q]
        for block in group:
            s += terms.size[block, q]
        for community, change in ((source, -s), (goal, s)):
            total, strictness = state.totals[community, q], terms.strictness[community]
            delta += size_cost(limit, total + change, strictness) - size_cost(limit, total, strictness)
    return delta


@compiled()
def _try_moves(ground, terms, state, rng, n_moves, temperature, is_plain, best, carries):  # type: ignore[no-untyped-def]
    """Draw cut edges and move the block at one end into the community at the other, where that is accepted.

    Members of tuples that are used for every move are taken out first: inside the loop numba would count references.

    Parameters
    ----------
    ground : _Ground
    terms : Terms
    state : State
        Changed in place.
    rng : numpy.random.Generator
        A number for every move tried, and one more where it costs something.
    n_moves : int
    temperature : float
        Weighted centimetres.
    is_plain : bool
        As `Terms.are_plain`.
    best : (n_blocks,) int32
        As in `try_moves`; no entries where it is not asked for.
    carries : bool
        As in `try_moves`; only where nothing but sizes is counted.
    """
    start, neighbour, _, ends, weight = ground
    assignment, totals, n_members, _, loose, _, cut, _ = state
    size, limits, strictness = terms.size, terms.limits, terms.strictness
    around, necks = terms.around, terms.necks
    n_nodes = assignment.size + around.is_held.size
    queue, stamp = np.empty(n_nodes, dtype=np.int32), np.zeros(n_nodes, dtype=np.int64)
    mark, moved, n_cut = 1, count_moved(terms.stay, assignment), 0
    n_out = 0
    for community in range(n_members.size):
        n_out += _count_out(limits, totals, community)
    risen, lowest = 0.0, math.inf
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
                delta += size_cost(limit, a - s, at_a) - size_cost(limit, a, at_a)
                delta += size_cost(limit, b + s, at_b) - size_cost(limit, b, at_b)
        now_moved = moved
        if not is_plain:
            now_moved = moved_then(terms.stay, block, source, goal, moved)
            delta = add_rules(delta, terms, state, block, source, goal, moved, now_moved)
        left = got = 0
        if loose[source] + loose[goal] > 0:
            left, got = loose_then(necks, assignment, block, source, goal)
            delta += necks.penalty * (left + got - loose[source] - loose[goal])
        if delta > 0.0 and rng.random() >= math.exp(-delta / temperature):
            continue
        mark, n_hanging = mark + 2, 0
        n_part = _splits(block, start, neighbour, assignment, n_members[source], queue, stamp, mark)
        if n_part > 0:
            if not carries or min(n_part, n_members[source] - 1 - n_part) > _MOST_CARRIED:
                continue
            mark += 2
            n_hanging = _list_hanging(block, start, neighbour, assignment, queue, stamp, mark)
            queue[n_hanging] = block
            mark += 2
            delta = _weigh_group(queue[: n_hanging + 1], ground, terms, state, goal, stamp, mark)
            if delta > 0.0 and rng.random() >= math.exp(-delta / temperature):
                continue
        if around.start.size > 0:
            mark += 2
            if closes_ring(around, assignment, block, goal, queue, stamp, mark):
                continue
        if necks.counts.size > 0:
            if loose[source] + loose[goal] == 0:
                mark += 2  # the 1: a block without wide neighbours in its community is nobody's way to the others
                if not joins_widely(necks, assignment, block, goal) or _splits(
                    block, necks.start, necks.beside, assignment, 1, queue, stamp, mark
                ):
                    left, got = loose_then(necks, assignment, block, source, goal)
            more = left + got - loose[source] - loose[goal]
            if more > 0:
                if necks.is_limit:
                    continue
                is_new = loose[source] + loose[goal] == 0  # else it is part of what was accepted
                if is_new and rng.random() >= math.exp(-necks.penalty * more / temperature):
                    continue
            loose[source], loose[goal] = left, got
        moved = now_moved
        if terms.cells.area.size > 0:
            _redraw(terms.cells, state, block, source, goal)
        if terms.dear.unit.size > 0:
            keep_counts(terms.dear, state.belongs, block, source, goal)
        n_out -= _count_out(limits, totals, source) + _count_out(limits, totals, goal)
        n_cut = _move(ground, size, state, block, source, goal, n_cut)
        for i in range(n_hanging):
            n_cut = _move(ground, size, state, queue[i], source, goal, n_cut)
        n_out += _count_out(limits, totals, source) + _count_out(limits, totals, goal)
        risen += delta
        if n_out == 0 and risen < lowest and best.size > 0:
            lowest = risen
            best[:] = assignment
    return lowest < math.inf


@compiled()
def _redraw(cells, state, block, source, goal):  # type: ignore[no-untyped-def]
    """Keep the outlines of two communities while a block, not yet moved, goes from the one to the other."""
    for community, sign in ((source, -1), (goal, 1)):
        shared = share_with(cells, state.assignment, block, community)
        state.outline[community, 0] += sign * cells.area[block]
        state.outline[community, 1] += sign * (cells.around[block] - 2 * shared)


@compiled()
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
