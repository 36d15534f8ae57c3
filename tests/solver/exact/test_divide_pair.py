"""The sweep that divides two communities: the cheapest division of all, counted out, and nothing claimed too early."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.costs import community_totals
from redistrict.solver.exact.divide_pair import divide_pair, plan_frontier
from redistrict.solver.tasks.stop import Stop
from tests.solver.maps import (
    Truth,
    assert_is_plan,
    clique,
    examples,
    grid,
    grown_assignment,
    make_area,
    tiny_cities,
    true_cost,
)

Assignment = NDArray[np.int32]


@st.composite
def divided(draw: st.DrawFn) -> tuple[AreaProblem, Assignment]:
    """Draw a tiny area with two communities and a division of it that the bounds just admit, or admit easily."""
    plain = dict.fromkeys(("stay", "compactness", "enclosure", "necks", "dear"))
    area = replace(draw(tiny_cities()), n_communities=2, **plain)
    present = grown_assignment(area, draw(st.integers(0, 999)))
    totals = community_totals(area, present)
    together = present[area.apart[:, 0]] == present[area.apart[:, 1]]
    area = replace(
        area,
        lower=np.maximum(totals.min(axis=0) - draw(st.integers(0, 6)), 0),
        upper=totals.max(axis=0) + draw(st.integers(0, 6)),
        apart=area.apart[~together],
    )
    return area, present


@examples(150)
@given(divided())
def test_finds_and_proves_the_cheapest_division(example: tuple[AreaProblem, Assignment]) -> None:
    """From any division the cheapest one of all is reached: connected, inside the bounds, pairs kept apart."""
    area, present = example
    division = divide_pair(area, present, plan_frontier(area), Stop(60), effort=10.0)
    assert division.is_proved
    assert_is_plan(area, division.assignment)
    assert true_cost(area, division.assignment) == Truth(area).optimum


def test_ring_within_a_community_is_seen() -> None:
    """A side that the other encloses is connected all the same: the middle of a square may be a community.

    0 1 2
    3 4 5
    6 7 8
    """
    weight = [9 if 4 in edge else -9 for edge in grid(3, 3)]
    area = make_area(grid(3, 3), k=2, weight=weight, lower=[1])
    present = np.array([0] * 3 + [1] * 6, dtype=np.int32)
    division = divide_pair(area, present, plan_frontier(area), Stop(60), effort=10.0)
    assert division.assignment.tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0]


def test_too_little_effort_proves_nothing() -> None:
    """When the effort runs out, or the user strikes, the present division comes back unproved."""
    area = make_area(grid(6, 6), k=2, lower=[17], upper=[19], target=[18])
    present = np.repeat([0, 1], 18).astype(np.int32)
    struck = Stop(60)
    struck.interrupt()
    for stop, effort in ((Stop(60), 0.01), (struck, 10.0)):
        division = divide_pair(area, present, plan_frontier(area), stop, effort=effort)
        assert not division.is_proved
        assert np.array_equal(division.assignment, present)


def test_where_all_touch_all_the_frontier_is_not_narrow() -> None:
    """A street map has a narrow frontier, however long it is; thirty blocks that all touch each other have not."""
    assert plan_frontier(make_area(grid(5, 60), k=2)).is_narrow
    assert not plan_frontier(make_area(clique(30), k=2)).is_narrow
