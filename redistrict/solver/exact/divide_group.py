"""The exact model of a handful of communities: their blocks are divided anew, as cheaply as can be, with proof.

Communities are numbered by their lowest block, so every division has exactly one representation: for two communities
that is one free Boolean a block. The rest is `labelled`, which also says how connectedness and shape are kept.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.model.plan import canonical_plan
from redistrict.model.problem import AreaProblem
from redistrict.solver.costs import plan_cost
from redistrict.solver.exact.labelled import LabelledModel, build_labelled, cut_off, minimize_cost
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
    best = np.array(canonical_plan(present).assignment)
    return find_cheapest(_build(problem), best, stop, effort=effort, seed=seed)


def find_cheapest(built: LabelledModel, best: Assignment, stop: Stop, *, effort: float, seed: int) -> Division:
    """Find the cheapest division that a model allows, from one that it does."""
    problem, cost, spent = built.problem, plan_cost(built.problem, best), 0.0
    minimize_cost(built, best)
    while spent < effort and not stop.reason:
        answer = run_model(built.model, built.variables, stop, effort=effort - spent, seed=seed)
        spent += answer.effort
        if answer.bound is None:
            break
        found = built.read(answer.chosen)
        is_cut_off = cut_off(built, found)
        if not is_cut_off and plan_cost(problem, found) < cost:
            best, cost = found, plan_cost(problem, found)
        if answer.bound >= cost:
            return Division(best, True, spent)
        if not is_cut_off:
            break
    return Division(best, False, spent)


def _build(problem: AreaProblem) -> LabelledModel:
    lower, upper = (np.tile(bound, (problem.n_communities, 1)) for bound in (problem.lower, problem.upper))
    built = build_labelled(problem, lower, upper)
    _number_by_lowest_block(built)
    return built


def _number_by_lowest_block(built: LabelledModel) -> None:
    """A block lies in community c only if one before it lies in c - 1, so the first lies in 0."""
    built.model.add_bool_and(built.x[0][0])
    for c in range(2, built.problem.n_communities):
        previous = built.column(c - 1)
        for i, var in enumerate(built.column(c)):
            built.model.add_bool_or([*previous[:i], var.negated()])
