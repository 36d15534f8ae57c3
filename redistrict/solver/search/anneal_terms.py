"""What a plan costs beyond its edges while it is annealed: sizes, pairs apart, outlines, residents, idle workers.

Plain arrays of one sweep, and the compiled sums over them that tell what one move changes.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.compiled import compiled
from redistrict.solver.search.anneal_levels import Dear, dear_terms, levels_cost

FloatArray = NDArray[np.float64]

_LIMIT = np.dtype(
    [("lower", np.int64), ("upper", np.int64), ("target", np.int64), ("rate", np.float64), ("penalty", np.float64)]
)
"""What one quantity of a community costs: bounds and target in households or people, and the weighted centimetres
for each off the target (rate) and outside the bounds (penalty)."""


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
    start : (n_blocks + 1,) int64
        The rows of block i are those from ``start[i]`` to ``start[i + 1]``, as `terms.Stay` has rows.
    current : (n_rows,) int32
        Today's community of each; no entries where it does not matter who moves.
    residents : (n_rows,) int64
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

    start: NDArray[np.int64]
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
    grain: int
    cost: int
    divisor: int


class _Cells(NamedTuple):
    """The cells of the blocks: those beside block i stand at ``start[i] .. start[i + 1]``.

    Attributes
    ----------
    start : (n_blocks + 1,) int32
    beside : (2 * n_pairs,) int32
    border : (2 * n_pairs,) int64
        Millimetres shared with it.
    area, around : (n_blocks,) int64
        In mm² and mm; no entries where it does not matter how compact communities are.
    times : float
        A community's perimeter may be as long as the root of this times its area.
    penalty : float
        Weighted centimetres for a perimeter twice as long as it may be.
    """

    start: NDArray[np.int32]
    beside: NDArray[np.int32]
    border: NDArray[np.int64]
    area: NDArray[np.int64]
    around: NDArray[np.int64]
    times: float
    penalty: float


class _Around(NamedTuple):
    """The ground around the blocks, as in `Enclosure`; no entries where communities may surround others.

    Attributes
    ----------
    start : (n_nodes + 1,) int32
    beside : (2 * n_pairs,) int32
    is_held : (n_others,) bool
    """

    start: NDArray[np.int32]
    beside: NDArray[np.int32]
    is_held: NDArray[np.bool_]


class _Necks(NamedTuple):
    """Wide neighbours, as in `Necks`; no entries where communities may have necks.

    Attributes
    ----------
    start : (n_blocks + 1,) int32
    beside : (2 * n_pairs,) int32
    counts : (n_blocks,) bool
    penalty : float
        Weighted centimetres for a part behind a neck.
    is_limit : bool
        No move may make more such parts.
    """

    start: NDArray[np.int32]
    beside: NDArray[np.int32]
    counts: NDArray[np.bool_]
    penalty: float
    is_limit: bool


class Terms(NamedTuple):
    """All that a plan costs beyond its edges.

    Attributes
    ----------
    size : (n_blocks, n_quantities) int64
        Households and people of each block.
    limits : (n_quantities,) _LIMIT
    strictness : (k,) float64
    apart : _Apart
    cells : _Cells
    around : _Around
    necks : _Necks
    stay : _Stay
    idle : _Idle
    dear : Dear
    place : (n_blocks, k) float64
        Weighted centimetres for each block in each community; no rows where that costs nothing.
    """

    size: NDArray[np.int64]
    limits: NDArray[np.void]
    strictness: FloatArray
    apart: _Apart
    cells: _Cells
    around: _Around
    necks: _Necks
    stay: _Stay
    idle: _Idle
    dear: Dear
    place: FloatArray

    @property
    def are_plain(self) -> bool:
        """Nothing but sizes costs anything."""
        rules = self.apart.partner, self.cells.area, self.stay.current, self.idle.share, self.dear.unit, self.place
        return not any(rule.size for rule in rules)


def build_terms(
    problem: AreaProblem,
    assignment: NDArray[np.int32],
    *,
    penalty: FloatArray,
    rule_penalty: float,
    strictness: FloatArray | None,
    place: FloatArray | None,
) -> Terms:
    """Gather what one sweep from an assignment weighs; the options as in `anneal.try_moves`."""
    return Terms(
        problem.size,
        _limits(problem, penalty),
        np.ones(problem.n_communities) if strictness is None else strictness,
        _apart_terms(problem, rule_penalty),
        _cell_terms(problem, rule_penalty),
        _around_terms(problem),
        _neck_terms(problem, rule_penalty),
        _stay_terms(problem, assignment, rule_penalty),
        _idle_terms(problem),
        dear_terms(problem),
        np.zeros((0, 0)) if place is None else place,
    )


def _limits(problem: AreaProblem, penalty: FloatArray) -> NDArray[np.void]:
    limits = np.empty(penalty.size, dtype=_LIMIT)
    columns = problem.lower, problem.upper, problem.target, problem.deviation_rate, penalty
    for name, values in zip(_LIMIT.names or (), columns, strict=True):
        limits[name] = values
    return limits


def _apart_terms(problem: AreaProblem, penalty: float) -> _Apart:
    rows = build_adjacency(problem.n_blocks, problem.apart)
    return _Apart(rows.start, rows.neighbour, 10.0 * penalty)


def _cell_terms(problem: AreaProblem, penalty: float) -> _Cells:
    asked = problem.compactness
    if asked is None:
        nothing = np.zeros(0, dtype=np.int64)
        return _Cells(nothing.astype(np.int32), nothing.astype(np.int32), nothing, nothing, nothing, 0.0, 0.0)
    rows = build_adjacency(problem.n_blocks, asked.pairs)
    border, times = asked.border[rows.edge], 4 * math.pi / asked.least
    return _Cells(rows.start, rows.neighbour, border, asked.area, asked.around, times, 100.0 * penalty)


def _around_terms(problem: AreaProblem) -> _Around:
    asked = problem.enclosure
    if asked is None:
        nothing = np.zeros(0, dtype=np.int32)
        return _Around(nothing, nothing, np.zeros(0, dtype=bool))
    return _Around(*asked.rows, asked.is_held)


def _neck_terms(problem: AreaProblem, penalty: float) -> _Necks:
    asked = problem.necks
    if asked is None:
        nothing = np.zeros(0, dtype=np.int32)
        return _Necks(nothing, nothing, np.zeros(0, dtype=bool), 0.0, True)
    each = 10.0 * penalty if asked.price is None else float(asked.price)
    return _Necks(*asked.rows, asked.counts, each, asked.price is None)


def _stay_terms(problem: AreaProblem, assignment: NDArray[np.int32], penalty: float) -> _Stay:
    """Fix who continues whom as the plan stands: during one sweep residents are weighed by that."""
    stay = problem.stay
    if stay is None or (stay.rate == 0 and stay.max_moved is None):
        nobody = np.zeros(0, dtype=np.int64)
        return _Stay(nobody, nobody.astype(np.int32), nobody, nobody, 0.0, 0.0, 0.0)
    heir = stay.trace(assignment).predecessor
    order = np.argsort(stay.place, kind="stable")
    start = np.append(0, np.cumsum(np.bincount(stay.place, minlength=problem.n_blocks)))
    at_home = np.where(stay.is_home, stay.residents, 0)
    most = math.inf if stay.max_moved is None else float(stay.max_moved - stay.n_residents + at_home.sum())
    per_cent = 100.0 * problem.n_communities / max(1, stay.n_residents)
    return _Stay(start, stay.current[order], at_home[order], heir, float(stay.rate), most, penalty * per_cent)


def _idle_terms(problem: AreaProblem) -> _Idle:
    idle = problem.idle
    if idle is None:
        return _Idle(np.zeros(0, dtype=np.int64), 1, False, False, 0, 1, 0, 1)
    share = np.array(idle.share, dtype=np.int64)
    return _Idle(share, idle.scale, idle.larger, idle.up, idle.minimum, idle.grain, *idle.rate.as_integer_ratio())


@compiled()
def _idle_cost(idle, totals, size, sign):  # type: ignore[no-untyped-def]
    """Cost of the workers lost to rounding in a community of `totals`, with `sign` times a block's `size` added."""
    need = np.int64(0)
    for q in range(idle.share.shape[0]):
        part = idle.share[q] * (totals[q] + sign * size[q])
        need = max(need, part) if idle.larger else need + part
    workers = -(-need // idle.scale) if idle.up else (2 * need + idle.scale) // (2 * idle.scale)
    parts = -(-abs(max(workers, idle.minimum) * idle.scale - need) // idle.grain)
    return float(-(-idle.cost * parts // idle.divisor))


@compiled()
def count_moved(stay, assignment):  # type: ignore[no-untyped-def]
    """Residents at home today whose community does not continue theirs."""
    moved = 0
    for i in range(stay.start.shape[0] - 1):
        for row in range(stay.start[i], stay.start[i + 1]):
            if stay.heir[assignment[i]] != stay.current[row]:
                moved += stay.residents[row]
    return moved


@compiled()
def size_cost(limit, total, strictness):  # type: ignore[no-untyped-def]
    """Deviation of one quantity of one community, plus the penalty outside its bounds times `strictness`."""
    outside = max(limit["lower"] - total, total - limit["upper"], 0)
    return limit["rate"] * float(abs(total - limit["target"])) + limit["penalty"] * strictness * float(outside)


@compiled()
def moved_then(stay, block, source, goal, moved):  # type: ignore[no-untyped-def]
    """Residents moved once the block has gone from community `source` to `goal`; `moved` are now."""
    if stay.current.size > 0:
        for row in range(stay.start[block], stay.start[block + 1]):
            if stay.heir[source] == stay.current[row]:
                moved += stay.residents[row]
            elif stay.heir[goal] == stay.current[row]:
                moved -= stay.residents[row]
    return moved


@compiled()
def share_with(cells, assignment, block, community):  # type: ignore[no-untyped-def]
    """Millimetres of border that a block shares with the others of a community."""
    shared = np.int64(0)
    for p in range(cells.start[block], cells.start[block + 1]):
        if assignment[cells.beside[p]] == community:
            shared += cells.border[p]
    return shared


@compiled()
def _excess(cells, area, perimeter):  # type: ignore[no-untyped-def]
    """Share by which a perimeter is longer than the area allows."""
    return max(0.0, perimeter / math.sqrt(cells.times * area) - 1.0)


@compiled()
def _outline_cost(cells, state, block, source, goal):  # type: ignore[no-untyped-def]
    """Change of the penalty for outlines too long, if the block goes from community `source` to `goal`."""
    area, around = cells.area[block], cells.around[block]
    change = 0.0
    for community, sign in ((source, -1), (goal, 1)):
        had, was = state.outline[community]
        gets = sign * (around - 2 * share_with(cells, state.assignment, block, community))
        change += _excess(cells, had + sign * area, was + gets) - _excess(cells, had, was)
    return cells.penalty * change


@compiled(inline="always")  # a call would count references to every array of the terms
def add_rules(delta, terms, state, block, source, goal, moved, now_moved):  # type: ignore[no-untyped-def]
    """Add to a change of cost that of pairs apart, outlines, residents moved, idle workers, levels, places, in turn."""
    apart, cells, stay, idle = terms.apart, terms.cells, terms.stay, terms.idle
    for p in range(apart.start[block], apart.start[block + 1]):
        home = state.assignment[apart.partner[p]]
        if home == goal:
            delta += apart.penalty
        elif home == source:
            delta -= apart.penalty
    if cells.area.size > 0:
        delta += _outline_cost(cells, state, block, source, goal)
    if stay.current.size > 0:
        delta += stay.rate * float(now_moved - moved)
        delta += stay.penalty * (max(0.0, now_moved - stay.most) - max(0.0, moved - stay.most))
    if idle.share.size > 0:
        a, b, s = state.totals[source], state.totals[goal], terms.size[block]
        delta += _idle_cost(idle, a, s, -1) - _idle_cost(idle, a, s, 0)
        delta += _idle_cost(idle, b, s, 1) - _idle_cost(idle, b, s, 0)
    if terms.dear.unit.size > 0:
        delta += levels_cost(terms.dear, state.belongs, block, source, goal)
    if terms.place.size > 0:
        delta += terms.place[block, goal] - terms.place[block, source]
    return delta
