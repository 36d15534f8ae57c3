"""The exact model of a handful of communities: their blocks are divided anew, as cheaply as can be, with proof.

``x[i][c]`` says that block i lies in community c. Communities are numbered by their lowest block, so every division
has exactly one representation. Connectedness and shape are added lazily, as in `representatives`: an answer with
a community in pieces, or not of the shape it must have, is cut off, and the model is solved again. For two communities
that is one free Boolean a block.

References
----------
Validi, Buchanan and Lykhovyd (2022), "Imposing contiguity constraints in political districting models", Operations
Research 70 (a,b-separators, and length-bounded ones: around a piece smaller than a community may be, no b is needed).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.model.plan import canonical_plan
from redistrict.model.problem import AreaProblem
from redistrict.model.terms import IdleStaff
from redistrict.solver.adjacency import Adjacency, build_adjacency
from redistrict.solver.costs import plan_cost
from redistrict.solver.exact.separators import minimal_separator, pieces_of
from redistrict.solver.exact.shape_cuts import ShapeCuts
from redistrict.solver.exact.terms import charge_idle
from redistrict.solver.tasks.cpsat import run_model
from redistrict.solver.tasks.stop import Stop

Assignment = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Division:
    """The cheapest division found.

    Attributes
    ----------
    assignment : (n_blocks,) int32
        Communities numbered by their lowest block; the present division if none cheaper was found.
    is_proved : bool
        No division is cheaper.
    effort : float
        CP-SAT's deterministic time spent.
    """

    assignment: Assignment
    is_proved: bool
    effort: float


@dataclass(frozen=True, eq=False)
class _Model:
    """The CP-SAT model with its variables: x by block and community."""

    problem: AreaProblem
    adjacency: Adjacency
    present: Assignment
    model: cp_model.CpModel
    x: list[list[cp_model.IntVar]]
    shape: ShapeCuts

    def column(self, c: int) -> list[cp_model.IntVar]:
        """Give the variables of one community."""
        return [row[c] for row in self.x]


def divide_group(problem: AreaProblem, present: Assignment, stop: Stop, *, effort: float, seed: int) -> Division:
    """Divide the blocks of a few communities anew.

    Parameters
    ----------
    problem : AreaProblem
        A few blocks and communities. `stay` is not looked at.
    present : (n_blocks,) int32
        The feasible division there is, to start from and to fall back on.
    effort : float
        CP-SAT's deterministic time over all rounds.

    Notes
    -----
    A bound that CP-SAT proves while these are not yet complete holds for every division, so a division is
    proved as soon as the bound reaches its cost, even if the last answer is in pieces.
    """
    best, spent = np.array(canonical_plan(present).assignment), 0.0
    cost = plan_cost(problem, best)
    built = _build(problem, best)
    variables = [var for row in built.x for var in row]
    while spent < effort and not stop.reason:
        answer = run_model(built.model, variables, stop, effort=effort - spent, seed=seed)
        spent += answer.effort
        if answer.bound is None:
            break
        found = np.reshape(answer.chosen, (problem.n_blocks, -1)).argmax(axis=1).astype(np.int32)
        is_cut_off = _cut_off_pieces(built, found)
        if not is_cut_off and plan_cost(problem, found) < cost:
            best, cost = found, plan_cost(problem, found)
        if answer.bound >= cost:
            return Division(best, True, spent)
        if not is_cut_off:
            break
    return Division(best, False, spent)


def _build(problem: AreaProblem, present: Assignment) -> _Model:
    model = cp_model.CpModel()
    communities = range(problem.n_communities)
    x = [[model.new_bool_var(f"x_{i}_{c}") for c in communities] for i in range(problem.n_blocks)]
    adjacency = build_adjacency(problem.n_blocks, problem.edges)
    built = _Model(problem, adjacency, present, model, x, ShapeCuts(model, problem, adjacency))
    _every_block_in_one_community(built)
    _numbered_by_lowest_block(built)
    for i, j in problem.apart.tolist():
        for c in communities:
            model.add_at_most_one(x[i][c], x[j][c])
    for i in range(problem.n_blocks):
        if _is_too_small(built, [i]):
            _reach_beyond(built, [i])
    costs = _edge_costs(built)
    for c in communities:
        costs += _size_costs(built, c)
        if problem.idle is not None:
            costs.append(_idle_cost(built, problem.idle, c))
    model.minimize(sum(costs) + problem.base_cost)
    return built


def _every_block_in_one_community(built: _Model) -> None:
    for row, community in zip(built.x, built.present.tolist(), strict=True):
        built.model.add_exactly_one(row)
        for c, var in enumerate(row):
            built.model.add_hint(var, c == community)


def _numbered_by_lowest_block(built: _Model) -> None:
    """A block lies in community c only if one before it lies in c - 1, so the first lies in 0; none is empty."""
    built.model.add_bool_and(built.x[0][0])
    for c in range(1, built.problem.n_communities):
        column, previous = built.column(c), built.column(c - 1)
        built.model.add_bool_or(column)
        for i, var in enumerate(column if c > 1 else []):
            built.model.add_bool_or([*previous[:i], var.negated()])


def _edge_costs(built: _Model) -> list[cp_model.LinearExpr]:
    """One variable an edge: inside a community or cut."""
    model, terms = built.model, []
    for (i, j), weight in zip(built.problem.edges.tolist(), built.problem.edge_weight.tolist(), strict=True):
        inside = model.new_bool_var(f"inside_{i}_{j}")
        for at_i, at_j in zip(built.x[i], built.x[j], strict=True):
            if weight > 0:
                model.add(inside >= at_i + at_j - 1)
            else:
                model.add(inside + at_i - at_j <= 1)
        model.add_hint(inside, bool(built.present[i] == built.present[j]))
        terms.append(weight * inside)
    return terms


def _size_costs(built: _Model, c: int) -> list[cp_model.LinearExpr]:
    """Keep the size of a community inside the bounds; give the cost of its deviation."""
    problem, model, terms = built.problem, built.model, []
    for q, all_together in enumerate(problem.size.sum(axis=0).tolist()):
        total = cp_model.LinearExpr.weighted_sum(built.column(c), problem.size[:, q].tolist())
        model.add_linear_constraint(total, int(problem.lower[q]), min(int(problem.upper[q]), all_together))
        rate, target = int(problem.deviation_rate[q]), int(problem.target[q])
        if rate:
            off = model.new_int_var(0, max(target, all_together), f"off_{c}_{q}")
            model.add(off >= total - target)
            model.add(off >= target - total)
            model.add_hint(off, abs(int(problem.size[built.present == c, q].sum()) - target))
            terms.append(rate * off)
    return terms


def _idle_cost(built: _Model, idle: IdleStaff, c: int) -> cp_model.LinearExpr:
    """Give the cost of the difference between whole workers and the exact need, as `IdleStaff.cost` has it."""
    model, products = built.model, built.problem.size * np.array(idle.share, dtype=np.int64)
    most_need = int(products.sum())
    most = max(most_need // idle.scale + 1, idle.minimum)
    needs = [cp_model.LinearExpr.weighted_sum(built.column(c), column) for column in products.T.tolist()]
    need = model.new_int_var(0, most_need, f"need_{c}")
    if idle.larger:
        model.add_max_equality(need, needs)
    else:
        model.add(need == sum(needs))
    workers = model.new_int_var(idle.minimum, most, f"workers_{c}")
    off = model.new_int_var(0, idle.scale * max(1, idle.minimum), f"idle_{c}")
    model.add(off >= workers * idle.scale - need)
    model.add(off >= need - workers * idle.scale)
    if idle.up:
        model.add(workers * idle.scale >= need)
    return charge_idle(model, idle, off)


def _cut_off_pieces(built: _Model, found: Assignment) -> bool:
    """Forbid what tears communities of an answer apart, or or not of the shape they must have; tell whether any was."""
    is_cut_off = False
    for c in range(built.problem.n_communities):
        pieces = pieces_of(np.flatnonzero(found == c).tolist(), built.adjacency)
        if len(pieces) == 1:
            is_cut_off |= built.shape.cut_off(c, dict(enumerate(built.column(c))), pieces[0])
        for n, piece in enumerate(pieces if len(pieces) > 1 else []):
            is_cut_off = True
            if _is_too_small(built, piece):
                _reach_beyond(built, piece)
            elif n > 0:
                _separate(built, piece, pieces[0][0])
    return is_cut_off


def _is_too_small(built: _Model, piece: list[int]) -> bool:
    return bool((built.problem.size[piece].sum(axis=0) < built.problem.lower).any())


def _reach_beyond(built: _Model, piece: list[int]) -> None:
    """A block of a connected piece too small to be a community has one of the blocks around the piece with it."""
    start, neighbour = built.adjacency.start, built.adjacency.neighbour
    around = sorted({j for i in piece for j in neighbour[start[i] : start[i + 1]].tolist()} - set(piece))
    _need_one_of(built, piece, around)


def _separate(built: _Model, piece: list[int], b: int) -> None:
    """A block of the piece is in b's community only if part of a separator between them is, too."""
    for a in piece:
        _need_one_of(built, [a], minimal_separator(a, b, piece, built.adjacency), b)


def _need_one_of(built: _Model, blocks: list[int], others: list[int], *partners: int) -> None:
    """If a block, with its partners, lies in a community, one of the others does."""
    for c in range(built.problem.n_communities):
        column = built.column(c)
        for i in blocks:
            unless = [column[j].negated() for j in (i, *partners)]
            built.model.add_bool_or([*(column[j] for j in others), *unless])
