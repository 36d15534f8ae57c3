"""The parts of a CP-SAT model in which every block lies in one of a handful of communities, and each is in one piece.

``x[i][c]`` says that block i lies in community c. Connectedness and shape are added lazily: an answer with a community
in pieces, or not of the shape it must have, is cut off, and the model is solved again. A community with a block that
may lie nowhere else has a root: all of it is reached from there, and that is said with stronger cuts.

References
----------
Validi, Buchanan and Lykhovyd (2022), "Imposing contiguity constraints in political districting models", Operations
Research 70 (a,b-separators, and length-bounded ones: around a piece smaller than a community may be, no b is needed).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.model.problem import AreaProblem
from redistrict.model.terms import IdleStaff
from redistrict.solver.adjacency import Adjacency, build_adjacency
from redistrict.solver.exact.roots import Roots
from redistrict.solver.exact.separators import minimal_separator, pieces_of
from redistrict.solver.exact.shape_cuts import ShapeCuts
from redistrict.solver.exact.terms import charge_idle, level_costs

Assignment = NDArray[np.int32]
Costs = list[cp_model.LinearExpr]


@dataclass(frozen=True, eq=False)
class LabelledModel:
    """The CP-SAT model with its variables.

    Attributes
    ----------
    problem : AreaProblem
        `stay` is not looked at.
    lower, upper : (n_communities, n_quantities) int64
        Bounds of each community.
    x : list of list
        By block and community; a constant where a block may not lie, or may lie nowhere else.
    allowed : (n_blocks, n_communities) bool
        Where each block may lie.
    roots : Roots
        From which blocks communities are reached.
    """

    problem: AreaProblem
    adjacency: Adjacency
    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    model: cp_model.CpModel
    x: list[list[cp_model.IntVar]]
    allowed: NDArray[np.bool_]
    roots: Roots
    shape: ShapeCuts

    @property
    def variables(self) -> list[cp_model.IntVar]:
        """Every variable of `x`, block by block."""
        return [var for row in self.x for var in row]

    def read(self, chosen: Sequence[bool]) -> Assignment:
        """Give the community of each block, from the values of `variables`."""
        return np.asarray(np.reshape(chosen, (self.problem.n_blocks, -1)).argmax(axis=1), dtype=np.int32)

    def open_places(self) -> list[tuple[int, int]]:
        """Give the block and community of each variable that is none of the constants."""
        return [(i, c) for i, c in np.argwhere(self.allowed & (self.allowed.sum(axis=1) > 1)[:, None]).tolist()]

    def column(self, c: int) -> list[cp_model.IntVar]:
        """Give the variables of one community."""
        return [row[c] for row in self.x]


def build_labelled(
    problem: AreaProblem,
    lower: NDArray[np.int64],
    upper: NDArray[np.int64],
    allowed: NDArray[np.bool_] | None = None,
) -> LabelledModel:
    """Put every block into one community, keep pairs apart and sizes inside the bounds.

    Parameters
    ----------
    allowed : (n_blocks, n_communities) bool, optional
        Where each block may lie; everywhere if left out.
    """
    model = cp_model.CpModel()
    if allowed is None:
        allowed = np.ones((problem.n_blocks, problem.n_communities), dtype=np.bool_)
    x = [_places(model, i, row) for i, row in enumerate(allowed.tolist())]
    adjacency = build_adjacency(problem.n_blocks, problem.edges)
    shape = ShapeCuts(model, problem, adjacency)
    roots = Roots(model, problem, adjacency, lower, x, allowed)
    built = LabelledModel(problem, adjacency, lower, upper, model, x, allowed, roots, shape)
    for row, may in zip(x, allowed, strict=True):
        if may.sum() != 1:
            model.add_exactly_one(row[c] for c in np.flatnonzero(may))
    for c in range(problem.n_communities):
        model.add_bool_or(built.column(c))
    for i, j in problem.apart.tolist():
        for c in range(problem.n_communities):
            model.add_at_most_one(x[i][c], x[j][c])
    everything = problem.size.sum(axis=0)
    for c in range(problem.n_communities):
        for q, total in enumerate(_totals(built, c)):
            model.add_linear_constraint(total, int(lower[c, q]), min(int(upper[c, q]), int(everything[q])))
    for i in range(problem.n_blocks):
        rooted = [c for c in range(problem.n_communities) if c in roots and not roots.is_root(i, c)]
        _reach_beyond(built, [i], {*too_small_for(built, [i]), *rooted})
    return built


def _places(model: cp_model.CpModel, i: int, may: list[bool]) -> list[cp_model.IntVar]:
    """Give the variables of a block: free where it may lie in several communities, constants elsewhere."""
    is_free = sum(may) > 1
    return [model.new_bool_var(f"x_{i}_{c}") if is_free and m else model.new_constant(m) for c, m in enumerate(may)]


def hint_at(built: LabelledModel, plan: Assignment) -> None:
    """Let the search begin at a division, in place of any that was hinted at before; it need not be feasible."""
    built.model.clear_hints()  # type: ignore[no-untyped-call]
    for i, c in built.open_places():
        built.model.add_hint(built.x[i][c], bool(plan[i] == c))


def minimize_cost(built: LabelledModel, hinted: Assignment) -> None:
    """Ask for the cheapest division, beginning at one that there is."""
    hint_at(built, hinted)
    costs = _edge_costs(built, hinted)
    for c in range(built.problem.n_communities):
        costs += _size_costs(built, c, hinted)
        if built.problem.idle is not None:
            costs.append(_idle_cost(built, built.problem.idle, c))
        members = np.flatnonzero(hinted == c).tolist()
        costs += built.shape.charge_necks(c, members)
        costs += level_costs(built.model, built.problem.dear, dict(enumerate(built.column(c))), members)
    built.model.minimize(sum(costs) + built.problem.base_cost)


def _edge_costs(built: LabelledModel, hinted: Assignment) -> Costs:
    """Give the cost of every edge: one variable each, inside a community or cut."""
    model, terms = built.model, []
    for (i, j), weight in zip(built.problem.edges.tolist(), built.problem.edge_weight.tolist(), strict=True):
        inside = model.new_bool_var(f"inside_{i}_{j}")
        for at_i, at_j in zip(built.x[i], built.x[j], strict=True):
            if weight > 0:
                model.add(inside >= at_i + at_j - 1)
            else:
                model.add(inside + at_i - at_j <= 1)
        model.add_hint(inside, bool(hinted[i] == hinted[j]))
        terms.append(weight * inside)
    return terms


def _size_costs(built: LabelledModel, c: int, hinted: Assignment) -> Costs:
    """Give the cost of what a community is off its targets."""
    problem, model, terms = built.problem, built.model, []
    for q, (total, all_together) in enumerate(zip(_totals(built, c), problem.size.sum(axis=0).tolist(), strict=True)):
        rate, target = int(problem.deviation_rate[q]), int(problem.target[q])
        if rate:
            off = model.new_int_var(0, max(target, all_together), f"off_{c}_{q}")
            model.add(off >= total - target)
            model.add(off >= target - total)
            model.add_hint(off, abs(int(problem.size[hinted == c, q].sum()) - target))
            terms.append(rate * off)
    return terms


def _idle_cost(built: LabelledModel, idle: IdleStaff, c: int) -> cp_model.LinearExpr:
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


def cut_off(built: LabelledModel, found: Assignment) -> bool:
    """Forbid what tears communities of an answer apart or spoils their shape; tell whether there was any."""
    is_torn = False
    for c in range(built.problem.n_communities):
        pieces = pieces_of(np.flatnonzero(found == c).tolist(), built.adjacency)
        if len(pieces) == 1 and built.shape.cut_off(c, dict(enumerate(built.column(c))), pieces[0]):
            is_torn = True
        if len(pieces) > 1:
            is_torn = True
            if c in built.roots:
                built.roots.lead(c, pieces)
            else:
                _separate(built, c, pieces)
    return is_torn


def _separate(built: LabelledModel, c: int, pieces: list[list[int]]) -> None:
    """Cut off an answer with a community in pieces of which none must be there."""
    for n, piece in enumerate(pieces):
        small = too_small_for(built, piece)
        _reach_beyond(built, piece, small)
        if n > 0 and c not in small:
            for a in piece:
                fence = minimal_separator(a, pieces[0][0], piece, built.adjacency)
                _need_one_of(built, [a], fence, range(built.problem.n_communities), pieces[0][0])


def _totals(built: LabelledModel, c: int) -> Costs:
    return [cp_model.LinearExpr.weighted_sum(built.column(c), sizes) for sizes in built.problem.size.T.tolist()]


def too_small_for(built: LabelledModel, piece: list[int]) -> list[int]:
    """Give the communities that a piece is too small to be."""
    return np.flatnonzero((built.problem.size[piece].sum(axis=0) < built.lower).any(axis=1)).tolist()


def _reach_beyond(built: LabelledModel, piece: list[int], communities: Iterable[int]) -> None:
    """A block of a connected piece too small to be a community has one of the blocks around the piece with it."""
    around = sorted(built.adjacency.around(piece) - set(piece))
    _need_one_of(built, piece, around, communities)


def _need_one_of(
    built: LabelledModel, blocks: list[int], others: list[int], communities: Iterable[int], *partners: int
) -> None:
    """If a block, with its partners, lies in one of these communities, one of the others does."""
    for c in sorted(communities):
        column = built.column(c)
        ways = [column[j] for j in others if built.allowed[j, c]]
        for i in blocks:
            if built.allowed[[i, *partners], c].all():
                built.model.add_bool_or([*ways, *(column[j].negated() for j in (i, *partners))])
