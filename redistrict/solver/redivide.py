"""The exact model of a handful of communities: their blocks are divided anew, as cheaply as can be, with proof.

``x[i][c]`` says that block i lies in community c. The communities are numbered by their lowest block, so every
division has exactly one representation; with two communities that means one free Boolean a block. Connectedness is
added lazily, as in `model`: an answer with a community in pieces is cut off, and the model is solved again.

References
----------
Validi, Buchanan and Lykhovyd (2022), "Imposing contiguity constraints in political districting models", Operations
Research 70 (a,b-separators; ours around a piece smaller than a community may be need no b).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.plan import canonical_plan
from redistrict.problem import AreaProblem
from redistrict.result import SolveStatus
from redistrict.solver.costs import plan_cost
from redistrict.solver.cpsat import Answer, run_model
from redistrict.solver.csr import Adjacency, build_adjacency
from redistrict.solver.separators import minimal_separator, neighbours_of, pieces_of
from redistrict.solver.stop import Stop
from redistrict.terms import IdleStaff

Assignment = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Division:
    """The cheapest division found: never dearer than the present one.

    Attributes
    ----------
    assignment : (n_blocks,) int32
        Communities numbered by their lowest block.
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
    model: cp_model.CpModel
    problem: AreaProblem
    adjacency: Adjacency
    x: list[list[cp_model.IntVar]]


def redivide(problem: AreaProblem, present: Assignment, stop: Stop, *, effort: float, seed: int) -> Division:
    """Divide the blocks of a few communities anew.

    Parameters
    ----------
    problem : AreaProblem
        A few blocks and communities; that moving residents costs something (`stay`) is left out.
    present : (n_blocks,) int32
        The feasible division there is: where the search starts, and what is given back if none is cheaper.
    effort : float
        CP-SAT's deterministic time over all rounds.

    Notes
    -----
    What CP-SAT proves of the model without all of the connectedness is a bound on every division, so the present
    one is proved as soon as the bound reaches its cost, even while the answers are still in pieces.
    """
    best, spent = np.array(canonical_plan(present).assignment, dtype=np.int32), 0.0
    cost = plan_cost(problem, best)
    built = _build(problem, best)
    variables = [var for row in built.x for var in row]
    while spent < effort and not stop.reason:
        answer = run_model(built.model, variables, stop, effort=effort - spent, seed=seed)
        spent += answer.effort
        torn = _cut_off_pieces(built, answer)
        if answer.chosen and not torn and answer.objective < cost:
            best, cost = _read_back(built, answer), answer.objective
        if answer.bound is not None and answer.bound >= cost:
            return Division(best, True, spent)
        if not torn:
            break
    return Division(best, False, spent)
