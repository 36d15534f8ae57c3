"""Cuts towards a root: they forbid what they were made for, and nothing that is whole."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.model.problem import area_problem
from redistrict.solver.exact import roots as solver_roots
from redistrict.solver.exact.labelled import LabelledModel, build_labelled
from redistrict.solver.exact.separators import pieces_of
from tests.solver.maps import grid, make_problem

ROWS, COLUMNS = 3, 4
N = ROWS * COLUMNS
ORDERS = ([*range(N)], [*reversed(range(N))])


def make_model(kind: str) -> LabelledModel:
    """Give two communities of a small town; each has a corner for sure, or its first block in some order, as its root.

    Where the order is `alike`, the first community has a corner and the other one its root far from there.
    """
    area = area_problem(make_problem([(grid(ROWS, COLUMNS), N, [2])], tolerance=0.9), 0, 2)
    bounds = np.tile(area.lower, (2, 1)), np.tile(area.upper, (2, 1))
    allowed = np.ones((N, 2), dtype=np.bool_)
    if kind == "sure":
        allowed[0, 1] = allowed[N - 1, 0] = False
    built = build_labelled(area, *bounds, allowed)
    if kind == "alike":
        built.roots.fix(0, 0)
        built.roots.choose(1, ORDERS[1])
    if kind == "chosen":
        for c, order in enumerate(ORDERS):
            built.roots.choose(c, order)
    return built


def is_possible(built: LabelledModel, plan: NDArray[np.int32]) -> bool:
    """Whether a model allows a plan."""
    model = built.model.clone()
    for row, c in zip(built.x, plan.tolist(), strict=True):
        model.add_bool_and(row[c])
    return bool(cp_model.CpSolver().solve(model) != cp_model.INFEASIBLE)


def pieces(built: LabelledModel, plan: NDArray[np.int32], c: int) -> list[list[int]]:
    return pieces_of(np.flatnonzero(plan == c).tolist(), built.adjacency)


@pytest.mark.parametrize("times", [1, 99])
@pytest.mark.parametrize("kind", ["sure", "alike", "chosen"])
def test_what_is_torn_is_cut_off_and_nothing_that_is_whole(
    kind: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After cuts against many torn plans, with flows or without, none of these is left, and every whole one is."""
    monkeypatch.setattr(solver_roots, "_TIMES", times)
    built, chance = make_model(kind), np.random.default_rng(4)
    plans = [np.array(plan, dtype=np.int32) for plan in product(range(2), repeat=N)]
    chosen = [plans[i] for i in chance.permutation(len(plans))[:1200]]
    may_be = [plan for plan in chosen if built.allowed[np.arange(N), plan].all() and 0 < plan.sum() < N]
    torn = [plan for plan in may_be if any(len(pieces(built, plan, c)) > 1 for c in range(2))][:40]
    whole = [plan for plan in may_be if all(len(pieces(built, plan, c)) == 1 for c in range(2))][:60]
    before = [is_possible(built, plan) for plan in whole]
    for plan in [plan for plan in torn if is_possible(built, plan)]:
        for c in range(2):
            if len(found := pieces(built, plan, c)) > 1:
                built.roots.lead(c, found)
    assert sum(before) > 10
    assert [is_possible(built, plan) for plan in whole] == before
    assert not any(is_possible(built, plan) for plan in torn)
