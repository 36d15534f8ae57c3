"""Merging whole communities of today: every feasible merger is listed, and CP-SAT picks the cheapest exact cover.

All mergers are there, so the best choice among them is the best plan there is, and its cost is its own lower bound.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.errors import SolverError
from redistrict.messages import Message, name_some
from redistrict.model.mergers import Mergers
from redistrict.model.plan import Plan, canonical_plan
from redistrict.model.problem import AreaProblem, Problem, area_problem
from redistrict.model.quantities import SITES
from redistrict.model.result import AreaResult, Result, SolveStatus, StoppedBy
from redistrict.scenario.models import Solve
from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.costs import plan_cost
from redistrict.solver.exact.merge_demands import keep_demands
from redistrict.solver.exact.separators import pieces_of
from redistrict.solver.exact.set_partition import cover_once
from redistrict.solver.tasks.cpsat import run_model
from redistrict.solver.tasks.stop import Stop

MOST_MERGERS = 300_000
"""More candidates than this are not listed: limits that leave so many leave nearly everything free."""
_EFFORT = 600.0


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A set of today's communities that may become one: the area, the parts, its cost and who would change."""

    area: int
    parts: tuple[int, ...]
    cost: int
    moved: int


def solve_mergers(problem: Problem, mergers: Mergers, rules: Solve, stop: Stop) -> Result:
    """Find the cheapest way to merge today's communities, and prove it.

    Returns
    -------
    Result
        OPTIMAL with bound = cost; INFEASIBLE when no choice gives the numbers asked for.

    Raises
    ------
    SolverError
        If there are more than `MOST_MERGERS` candidates.
    """
    began = time.monotonic()
    candidates = [c for number in range(len(problem.areas)) for c in _list_candidates(problem, mergers, number)]
    if len(candidates) > MOST_MERGERS:
        raise SolverError(_too_many())
    base = sum(area_problem(problem, n, 1).base_cost for n in range(len(problem.areas)))
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in candidates]
    cover_once(model, (c.parts for c in candidates), chosen, len(mergers.is_locked))
    _counts_in_range(model, candidates, chosen, mergers)
    keep_demands(model, [c.parts for c in candidates], chosen, mergers.part, problem.demands)
    rate, most = (problem.stay.rate, problem.stay.max_moved) if problem.stay else (0, None)
    if most is not None:
        model.add(sum(c.moved * var for c, var in zip(candidates, chosen, strict=True)) <= most)
    model.minimize(base + sum((c.cost + rate * c.moved) * var for c, var in zip(candidates, chosen, strict=True)))
    answer = run_model(model, chosen, stop, effort=_EFFORT * rules.effort, seed=rules.seed)
    runtime_s = time.monotonic() - began
    if not answer.chosen:
        reasons = _why_not(candidates, mergers, most, rules, stop) if answer.status is SolveStatus.INFEASIBLE else ()
        return _without_plan(problem, answer.status, stop, runtime_s, reasons)
    community = np.full(len(mergers.is_locked), -1, dtype=np.int32)
    picked = [c for c, used in zip(candidates, answer.chosen, strict=True) if used]
    for number, candidate in enumerate(picked):
        community[list(candidate.parts)] = number
    plan = canonical_plan(community[mergers.part])
    proved = answer.status is SolveStatus.OPTIMAL
    return Result(
        plan=plan,
        status=answer.status,
        stopped_by=StoppedBy.PROOF if proved else stop.reason or StoppedBy.EFFORT,
        cost=answer.objective,
        bound=answer.objective if proved else answer.bound,
        areas=tuple(_area_result(problem, n, plan, answer.status) for n in range(len(problem.areas))),
        runtime_s=runtime_s,
        per_metre=problem.per_metre,
    )


@dataclass(frozen=True, eq=False)
class _Parts:
    """Today's communities of one area, added up.

    Attributes
    ----------
    names : (n_parts,) int32
        Their numbers in the whole plan.
    size : (n_parts, n_quantities) int64
    weight : (n_parts, n_parts) int64
        Weights of the edges within a part and, symmetric, between two.
    near, apart : tuple of set of int
        Parts that touch, and parts that a road which must not be crossed keeps apart.
    pieces : tuple of int
        Part of each connected piece.
    piece_edges : (m, 2) int32
        Pieces that touch.
    residents : (n_parts,) int64
    dear : (n_parts, n_units) int64
        Counts of dear levels; no columns where there are none.
    """

    names: NDArray[np.int32]
    size: NDArray[np.int64]
    weight: NDArray[np.int64]
    near: tuple[frozenset[int], ...]
    apart: tuple[frozenset[int], ...]
    pieces: tuple[int, ...]
    piece_edges: NDArray[np.int32]
    residents: NDArray[np.int64]
    dear: NDArray[np.int64]


def _add_up_parts(whole: AreaProblem, part_of_block: NDArray[np.int32]) -> _Parts:
    names, part = np.unique(part_of_block, return_inverse=True)
    n = names.size
    size, weight, residents = (np.zeros(s, dtype=np.int64) for s in ((n, whole.size.shape[1]), (n, n), n))
    np.add.at(size, part, whole.size)
    ends = part[whole.edges]
    np.add.at(weight, (ends[:, 0], ends[:, 1]), whole.edge_weight)
    if whole.stay is not None:
        np.add.at(residents, part, whole.stay.residents)
    adjacency = build_adjacency(whole.n_blocks, whole.edges)
    pieces = [piece for p in range(n) for piece in pieces_of(np.flatnonzero(part == p).tolist(), adjacency)]
    piece_of = np.empty(whole.n_blocks, dtype=np.int32)
    for number, piece in enumerate(pieces):
        piece_of[piece] = number
    touching = np.unique(np.sort(piece_of[whole.edges], axis=1), axis=0)
    return _Parts(
        names=names,
        size=size,
        weight=np.triu(weight + weight.T - np.diag(np.diag(weight))),
        near=_others(n, ends),
        apart=_others(n, part[whole.apart]),
        pieces=tuple(int(part[piece[0]]) for piece in pieces),
        piece_edges=touching[touching[:, 0] != touching[:, 1]],
        residents=residents,
        dear=whole.dear.count(part, n) if whole.dear else np.zeros((n, 0), dtype=np.int64),
    )


def _others(n: int, ends: NDArray[np.int64]) -> tuple[frozenset[int], ...]:
    found: list[set[int]] = [set() for _ in range(n)]
    for i, j in ends.tolist():
        if i != j:
            found[i].add(j)
            found[j].add(i)
    return tuple(map(frozenset, found))


def _list_candidates(problem: Problem, mergers: Mergers, number: int) -> list[_Candidate]:
    """Give every set of communities of one area that may become one community.

    A merger hangs together (its parts touch), is in no more pieces than the part with most pieces is today, keeps
    to the upper bounds, and has no locked member. Where every community needs premises, each set has some.
    """
    whole = area_problem(problem, number, 1)
    parts = _add_up_parts(whole, mergers.part[list(problem.areas[number].blocks)])
    sets = _connected_sets(parts, whole.upper, mergers.is_locked[parts.names])
    has_site = [True] * len(parts.names)
    if SITES in problem.quantities:
        has_site = (parts.size[:, problem.quantities.index(SITES)] > 0).tolist()
    return [
        _candidate(whole, number, parts, s)
        for s in sets
        if any(has_site[p] for p in s) and (len(s) == 1 or _hangs_together(parts, s))
    ]


def _connected_sets(parts: _Parts, upper: NDArray[np.int64], is_locked: NDArray[np.bool_]) -> list[tuple[int, ...]]:
    """Give every connected set of parts inside the upper bounds, grown part by part from its lowest number."""
    found: list[tuple[int, ...]] = []
    for root in range(len(parts.names)):
        first: tuple[int, ...] = (root,)
        queue = [(first, sorted(p for p in parts.near[root] if p > root), parts.near[root] | {root})]
        while queue:
            members, open_, seen = queue.pop()
            found.append(tuple(sorted(members)))
            if len(found) > MOST_MERGERS:
                raise SolverError(_too_many())
            for at, p in enumerate(open_):
                grown = (*members, p)
                if not is_locked[list(grown)].any() and (parts.size[list(grown)].sum(axis=0) <= upper).all():
                    fresh = sorted(q for q in parts.near[p] if q > root and q not in seen)
                    queue.append((grown, open_[at + 1 :] + fresh, seen | parts.near[p]))
    return found


def _hangs_together(parts: _Parts, members: tuple[int, ...]) -> bool:
    """Tell whether a merger is in no more pieces than its parts are today, and no road keeps two of them apart."""
    if any(other in parts.apart[p] for p in members for other in members):
        return False
    own = [n for n, p in enumerate(parts.pieces) if p in members]
    adjacency = build_adjacency(len(parts.pieces), parts.piece_edges)
    return len(pieces_of(own, adjacency)) <= max(parts.pieces.count(p) for p in members)


def _candidate(whole: AreaProblem, number: int, parts: _Parts, members: tuple[int, ...]) -> _Candidate:
    own = list(members)
    total = parts.size[own].sum(axis=0)
    cost = int(parts.weight[np.ix_(own, own)].sum() + np.abs(total - whole.target) @ whole.deviation_rate)
    if whole.idle is not None:
        cost += int(whole.idle.cost(total[None, :])[0])
    if whole.dear is not None:
        cost += int(whole.dear.cost_of(parts.dear[own].sum(axis=0)[None, :])[0])
    moved = int(parts.residents[own].sum() - parts.residents[own].max())
    return _Candidate(number, tuple(parts.names[own].tolist()), cost, moved)


def _counts_in_range(
    model: cp_model.CpModel, candidates: list[_Candidate], chosen: list[cp_model.IntVar], mergers: Mergers
) -> None:
    model.add_linear_constraint(sum(chosen), *mergers.count)
    for area, (fewest, most) in enumerate(mergers.count_by_area):
        own = [var for candidate, var in zip(candidates, chosen, strict=True) if candidate.area == area]
        model.add_linear_constraint(sum(own), fewest, most)


def _area_result(problem: Problem, number: int, plan: Plan, status: SolveStatus) -> AreaResult:
    _, own = np.unique(plan.assignment[list(problem.areas[number].blocks)], return_inverse=True)
    k = int(own.max()) + 1
    cost = plan_cost(area_problem(problem, number, k), own.astype(np.int32))
    proved = status is SolveStatus.OPTIMAL
    stopped = StoppedBy.PROOF if proved else StoppedBy.EFFORT
    return AreaResult(k, status, stopped, tuple(own.tolist()), cost, cost if proved else None)


def _why_not(
    candidates: list[_Candidate], mergers: Mergers, most_moved: int | None, rules: Solve, stop: Stop
) -> tuple[Message, ...]:
    """Say what merging can reach: communities that fit nowhere, the fewest there can be, the fewest residents moved."""
    placed = {part for candidate in candidates for part in candidate.parts}
    lost = [name for part, name in enumerate(mergers.names) if part not in placed]
    if lost:
        named = name_some(lost)
        return (
            Message(
                f"These communities have no premises and cannot be merged with one that has: {named.en}; unlock them, "
                "or set standards.premises.site to optional.",
                f"以下社区没有用房，也不能与有用房的社区合并：{named.zh}；"
                "请解除锁定，或将 standards.premises.site 设为 optional。",
            ),
        )
    fewest = _least(candidates, mergers, rules, stop, lambda _candidate: 1)
    low, high = mergers.count
    asked = f"{low}" if low == high else f"{low}-{high}"
    found = [
        Message(
            f"Merging whole communities, under the upper bounds and locks, can leave {fewest} to {len(mergers.names)}; "
            f"communities.count asks for {asked}. See communities.count_by_district too, if it is set.",
            f"只合并现有社区时，在规模上限和锁定条件下可剩 {fewest} 至 {len(mergers.names)} 个；"
            f"communities.count 要求 {asked} 个。若设置了 communities.count_by_district，也请检查。",
        )
    ]
    if most_moved is not None and fewest <= high:
        moved = _least(candidates, mergers, rules, stop, lambda candidate: candidate.moved, most=high)
        found.append(
            Message(
                f"With at most {high} communities at least {moved:,} residents change community; "
                f"communities.max_moved_share allows {most_moved:,}.",
                f"社区数不超过 {high} 个时，至少有 {moved:,} 名居民所属社区改变；"
                f"communities.max_moved_share 只允许 {most_moved:,} 名。",
            )
        )
    return tuple(found)


def _least(
    candidates: list[_Candidate],
    mergers: Mergers,
    rules: Solve,
    stop: Stop,
    measure: Callable[[_Candidate], int],
    *,
    most: int | None = None,
) -> int:
    """Give the least sum of a measure over all ways to merge, with at most so many communities."""
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in candidates]
    cover_once(model, (c.parts for c in candidates), chosen, len(mergers.names))
    if most is not None:
        model.add(sum(chosen) <= most)
    model.minimize(sum(measure(c) * var for c, var in zip(candidates, chosen, strict=True)))
    answer = run_model(model, chosen, stop, effort=_EFFORT * rules.effort, seed=rules.seed)
    return answer.bound or 0


def _without_plan(
    problem: Problem, status: SolveStatus, stop: Stop, runtime_s: float, reasons: tuple[Message, ...]
) -> Result:
    proved = status is SolveStatus.INFEASIBLE
    stopped = StoppedBy.PROOF if proved else stop.reason or StoppedBy.EFFORT
    areas = tuple(AreaResult(area.n_max, status, stopped, None, None, None) for area in problem.areas)
    return Result(None, status, stopped, None, None, areas, runtime_s, reasons)


def _too_many() -> Message:
    return Message(
        f"communities.change: more than {MOST_MERGERS:,} mergers keep to the upper bounds; lower the target or "
        "communities.tolerance, or redraw freely.",
        f"communities.change：满足上限的合并方式超过 {MOST_MERGERS:,} 种；"
        "请减小目标值或 communities.tolerance，或改用 redraw。",
    )
