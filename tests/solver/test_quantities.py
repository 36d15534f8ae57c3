"""Any number of quantities: search, proof and bound against every plan of a tiny map, counted out (issue 21)."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from redistrict.model.areas import Area, Limits
from redistrict.model.problem import AreaProblem, Problem
from redistrict.model.result import SolveStatus
from redistrict.scenario.models import Solve
from redistrict.solver.strategy import solve

from .maps import Truth, grid, make_area, true_cost

NAMES = ("households", "people", "elderly", "voters", "calls")


def draw_area(n_quantities: int, seed: int, *, priced: bool) -> AreaProblem:
    """Draw 2 x 5 blocks in 3 communities; the last quantity has narrow bounds, or none where it is only priced."""
    rng, edges = np.random.default_rng((seed, n_quantities)), grid(2, 5)
    size = rng.integers(2, 9, (10, n_quantities))
    mean, slack = size.sum(axis=0) // 3, np.full(n_quantities, 6)
    slack[-1] = 10**6 if priced else 2
    return make_area(
        edges,
        k=3,
        weight=rng.integers(-9, 9, len(edges)).tolist(),
        size=size.tolist(),
        lower=np.maximum(0, mean - slack).tolist(),
        upper=(mean + slack).tolist(),
        target=mean.tolist(),
        rate=rng.integers(1, 4, n_quantities).tolist(),
    )


def as_problem(area: AreaProblem) -> Problem:
    """Give the area as a whole problem: a positive weight is a road inside, a negative one a border."""
    limits = Limits(area.n_communities, *(tuple(one.tolist()) for one in (area.target, area.lower, area.upper)))
    total = tuple(area.size.sum(axis=0).tolist())
    return Problem(
        quantities=NAMES[: len(total)],
        size=area.size,
        edges=area.edges,
        crossing_cost=np.maximum(area.edge_weight, 0),
        boundary_cost=np.maximum(-area.edge_weight, 0),
        deviation_rate=area.deviation_rate,
        areas=(Area("", "", tuple(range(area.n_blocks)), total, (limits,)),),
    )


@pytest.mark.parametrize(
    ("method", "n_quantities", "priced"),
    [*product(["auto"], [1, 2, 3, 5], [False, True]), ("search", 3, False), ("search", 5, True)],
)
def test_the_plan_is_the_cheapest_of_all(n_quantities: int, method: str, priced: bool) -> None:
    """Of all plans inside the bounds of every quantity the cheapest is found, whatever their number, or none is."""
    n_found = 0
    for seed in range(3):
        area = draw_area(n_quantities, seed, priced=priced)
        optimum = Truth(area).optimum
        result = solve(as_problem(area), Solve.model_validate({"method": method, "effort": 0.02, "workers": 1}))
        if optimum is None:
            assert result.plan is None
            continue
        n_found += 1
        assert result.plan is not None
        assert result.cost == true_cost(area, result.plan.assignment) == optimum
        assert result.bound is not None
        assert result.bound <= optimum
        assert method == "search" or result.status is SolveStatus.OPTIMAL
    assert n_found


@pytest.mark.parametrize(("n_quantities", "seed"), [(2, 1), (3, 6), (5, 8)])
def test_a_further_bound_forbids_the_plan_that_was_best(n_quantities: int, seed: int) -> None:
    """Without the bounds of the last quantity there is a cheaper plan: they are kept to, not only priced."""
    area = draw_area(n_quantities, seed, priced=False)
    free = replace(area, upper=np.array([*area.upper[:-1], 10**6]), lower=np.array([*area.lower[:-1], 0]))
    kept, loose = Truth(area).optimum, Truth(free).optimum
    assert kept is not None
    assert loose is not None
    assert loose < kept
    assert solve(as_problem(area), Solve(effort=0.05, workers=1)).cost == kept
