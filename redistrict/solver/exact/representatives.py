"""The model of representatives: every block is assigned to a community named after its first block.

``x[i, r]`` says that block i lies in the community whose lowest-numbered block is r (r <= i), so every partition
has exactly one representation (asymmetric representatives). Connectedness and shape are added lazily: whenever
CP-SAT's answer has a community in pieces, the piece is cut off by a minimal separator, one not compact enough by a
tangent, and the model is solved again.

References
----------
Campelo, Campos and Correa (2008), "On the asymmetric representatives formulation for the vertex coloring
problem", Discrete Applied Mathematics 156. Validi, Buchanan and Lykhovyd (2022), "Imposing contiguity constraints
in political districting models", Operations Research 70 (a,b-separators).
"""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.model.plan import canonical_plan
from redistrict.model.problem import AreaProblem
from redistrict.model.result import SolveStatus
from redistrict.solver.adjacency import Adjacency, build_adjacency
from redistrict.solver.exact.proof import Proof
from redistrict.solver.exact.separators import minimal_separator, pieces_of
from redistrict.solver.exact.shape_cuts import ShapeCuts
from redistrict.solver.exact.terms import first_blocks, idle_costs, level_costs, stay_costs
from redistrict.solver.tasks.cpsat import Answer, run_model
from redistrict.solver.tasks.stop import Stop

Assignment = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class _Model:
    """The CP-SAT model with its variables: x by (block, representative)."""

    model: cp_model.CpModel
    x: dict[tuple[int, int], cp_model.IntVar]
    shape: ShapeCuts


def prove_by_representatives(known: Proof, stop: Stop, *, effort: float, seed: int) -> Proof:
    """Learn more of an area until it is proved, the effort (CP-SAT's deterministic time) is spent, or it is time."""
    problem = known.problem
    adjacency = build_adjacency(problem.n_blocks, problem.edges)
    built = _build(problem, adjacency, known.best)
    variables, spent = list(built.x.values()), 0.0
    while spent < effort and not stop.reason:
        answer = run_model(built.model, variables, stop, effort=effort - spent, seed=seed)
        spent += answer.effort
        if answer.status is SolveStatus.INFEASIBLE:
            known = known.learn(bound=known.worst + 1)
            break
        known = known.learn(bound=answer.bound)
        torn = _torn_pieces(answer, built, adjacency, problem.n_blocks)
        is_cut_off = bool(answer.chosen) and _cut_off_shapes(answer, built, torn, problem.n_blocks)
        if answer.chosen and not torn and not is_cut_off:
            plan = canonical_plan(_read_back(answer, built, problem.n_blocks))
            known = known.learn(plan=np.array(plan.assignment, dtype=np.int32))
        if known.is_proved or not (torn or is_cut_off):
            break
        _separate(built, torn, adjacency)
    return known.spend(spent)


def _build(problem: AreaProblem, adjacency: Adjacency, hint: Assignment | None) -> _Model:
    model = cp_model.CpModel()
    n = problem.n_blocks
    x = {(i, r): model.new_bool_var(f"x_{i}_{r}") for r in range(n) for i in _within_reach(problem, adjacency, r)}
    built = _Model(model, x, ShapeCuts(model, problem, adjacency))
    _every_block_in_one_community(built, n)
    _every_block_beside_another(built, adjacency)
    _sizes_inside_bounds(built, problem)
    model.add(sum(x[r, r] for r in range(n)) == problem.n_communities)
    for i, j in problem.apart.tolist():
        for r in range(min(i, j) + 1):
            if (i, r) in x and (j, r) in x:
                model.add_at_most_one(x[i, r], x[j, r])
    cost = _edge_costs(built, problem, hint) + _deviation_costs(built, problem, hint)
    cost += idle_costs(model, x, problem, hint) + stay_costs(model, x, problem, hint)
    for r in range(n):
        hinted = [] if hint is None else np.flatnonzero(first_blocks(hint) == r).tolist()
        cost += built.shape.charge_necks(r, hinted)
        cost += level_costs(model, problem.dear, {i: x[i, r] for i in range(r, n) if (i, r) in x}, hinted)
    model.minimize(sum(cost) + problem.base_cost)
    if hint is not None:
        first = first_blocks(hint)
        for (i, r), var in x.items():
            model.add_hint(var, bool(first[i] == r))
    return built


def _within_reach(problem: AreaProblem, adjacency: Adjacency, r: int) -> list[int]:
    """Give the blocks that can share a community with r as its first block.

    The way to them leads through blocks numbered above r and does not hold more than one community may (the
    length-bounded separators of Validi et al., with the empty separator).
    """
    reach = set(range(r, problem.n_blocks))
    for q, most in enumerate(_most(problem)):
        sizes = problem.size[:, q].tolist()
        held = {r: sizes[r]}
        heap = [(sizes[r], r)]
        while heap:
            total, block = heapq.heappop(heap)
            if total > held[block]:
                continue
            for other in adjacency.neighbour[adjacency.start[block] : adjacency.start[block + 1]].tolist():
                longer = total + sizes[other]
                if other > r and longer <= most and longer < held.get(other, most + 1):
                    held[other] = longer
                    heapq.heappush(heap, (longer, other))
        reach &= set(held)
    return sorted(reach)


def _every_block_in_one_community(built: _Model, n: int) -> None:
    options: list[list[cp_model.IntVar]] = [[] for _ in range(n)]
    for (i, r), var in built.x.items():
        options[i].append(var)
        if i != r:
            built.model.add_implication(var, built.x[r, r])
    for variables in options:
        built.model.add_exactly_one(variables)


def _every_block_beside_another(built: _Model, adjacency: Adjacency) -> None:
    """A block that is not the first of its community has a neighbour in it: the separator nearest to it."""
    for (i, r), var in built.x.items():
        if i != r:
            near = adjacency.neighbour[adjacency.start[i] : adjacency.start[i + 1]].tolist()
            built.model.add_bool_or([*(built.x[j, r] for j in near if (j, r) in built.x), var.negated()])


def _sizes_inside_bounds(built: _Model, problem: AreaProblem) -> None:
    upper = _most(problem)
    for r in range(problem.n_blocks):
        for q in range(problem.size.shape[1]):
            total = _total(built, problem, r, q)
            built.model.add(total >= int(problem.lower[q]) * built.x[r, r])
            built.model.add(total <= upper[q] * built.x[r, r])


def _most(problem: AreaProblem) -> list[int]:
    """Give the most one community can hold: an upper bound that bounds nothing would only hurt the numerics."""
    return [int(most) for most in np.minimum(problem.upper, problem.size.sum(axis=0))]


def _total(built: _Model, problem: AreaProblem, r: int, q: int) -> cp_model.LinearExpr:
    members = [i for i in range(r, problem.n_blocks) if (i, r) in built.x]
    sizes = [int(problem.size[i, q]) for i in members]
    return cp_model.LinearExpr.weighted_sum([built.x[i, r] for i in members], sizes)


def _edge_costs(built: _Model, problem: AreaProblem, hint: Assignment | None) -> list[cp_model.LinearExpr]:
    """One variable an edge: inside a community or cut."""
    terms = []
    for (i, j), weight in zip(problem.edges.tolist(), problem.edge_weight.tolist(), strict=True):
        if weight == 0:
            continue
        inside = built.model.new_bool_var(f"inside_{i}_{j}")
        for r in range(j + 1):
            if (i, r) not in built.x and (j, r) not in built.x:
                continue
            at_i, at_j = built.x.get((i, r), 0), built.x.get((j, r), 0)
            if weight > 0:
                built.model.add(inside >= at_i + at_j - 1)
            else:
                built.model.add(inside + at_j - at_i <= 1)
                built.model.add(inside + at_i - at_j <= 1)
        if hint is not None:
            built.model.add_hint(inside, bool(hint[i] == hint[j]))
        terms.append(weight * inside)
    return terms


def _deviation_costs(built: _Model, problem: AreaProblem, hint: Assignment | None) -> list[cp_model.LinearExpr]:
    terms = []
    first = first_blocks(hint) if hint is not None else None
    for q in range(problem.size.shape[1]):
        rate, target = int(problem.deviation_rate[q]), int(problem.target[q])
        if rate == 0:
            continue
        worst = max(target - int(problem.lower[q]), _most(problem)[q] - target, 0)
        for r in range(problem.n_blocks):
            off = built.model.new_int_var(0, worst, f"off_{r}_{q}")
            gap = _total(built, problem, r, q) - target * built.x[r, r]
            built.model.add(off >= gap)
            built.model.add(off >= -gap)
            if first is not None:
                size = int(problem.size[first == r, q].sum())
                built.model.add_hint(off, abs(size - target) if first[r] == r else 0)
            terms.append(rate * off)
    return terms


def _torn_pieces(answer: Answer, built: _Model, adjacency: Adjacency, n: int) -> list[tuple[int, list[int]]]:
    """Give (representative, piece) for every piece not connected to its representative."""
    if not answer.chosen:
        return []
    community = _read_back(answer, built, n)
    torn = []
    for r in np.unique(community).tolist():
        members = np.flatnonzero(community == r).tolist()
        torn += [(r, piece) for piece in pieces_of(members, adjacency) if r not in piece]
    return torn


def _separate(built: _Model, torn: list[tuple[int, list[int]]], adjacency: Adjacency) -> None:
    """Block a of a torn piece may be in r's community only if part of a separator between them is, too."""
    for r, piece in torn:
        for a in piece:
            separator = [s for s in minimal_separator(a, r, piece, adjacency) if (s, r) in built.x]
            built.model.add_bool_or([*(built.x[s, r] for s in separator), built.x[a, r].negated()])


def _cut_off_shapes(answer: Answer, built: _Model, torn: list[tuple[int, list[int]]], n: int) -> bool:
    """Forbid the communities in one piece that have not the shape they must have; tell whether there were any."""
    community, is_cut_off = _read_back(answer, built, n), False
    for r in sorted(set(community.tolist()) - {r for r, _ in torn}):
        variables = {i: built.x[i, r] for i in range(r, n) if (i, r) in built.x}
        is_cut_off |= built.shape.cut_off(r, variables, np.flatnonzero(community == r).tolist())
    return is_cut_off


def _read_back(answer: Answer, built: _Model, n: int) -> Assignment:
    community = np.full(n, -1, dtype=np.int32)
    for (i, r), used in zip(built.x, answer.chosen, strict=True):
        if used:
            community[i] = r
    return community
