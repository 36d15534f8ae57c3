"""Polishing: never worse, always a plan, and a certificate that agrees with all divisions counted out."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.model.result import LocalOptimality
from redistrict.solver.costs import is_feasible, plan_cost
from redistrict.solver.exact.divide_group import divide_group
from redistrict.solver.search.polish import Polisher
from redistrict.solver.tasks.stop import Stop
from tests.solver.maps import (
    Truth,
    as_communities,
    assert_is_plan,
    clique,
    examples,
    grid,
    make_area,
    path,
    tiny_areas,
    tiny_cities,
    true_cost,
)

Assignment = NDArray[np.int32]
seeds = st.integers(0, 2**16)


def any_plan(area: AreaProblem, number: int) -> Assignment:
    """Give some feasible plan; maps that have none are not looked at."""
    plans = list(Truth(area).plans())
    assume(plans)
    plan = plans[number % len(plans)]
    return np.array([next(c for c, m in enumerate(plan) if i in m) for i in range(area.n_blocks)], dtype=np.int32)


def polish(
    area: AreaProblem, before: Assignment, stop: Stop, *, effort: float, seed: int, deep: bool = False
) -> Polisher:
    """Redraw groups until there is nothing left to redraw."""
    polisher = Polisher(area, before, effort=effort, seed=seed, deep=deep)
    while tasks := polisher.tasks(stop):
        polisher.take_in([task() for task in tasks])
    return polisher


def redrawn(area: AreaProblem, assignment: Assignment, n_together: int) -> Iterator[int | None]:
    """Give, for every group of communities that touch each other, the cheapest plan that redraws only them."""
    truth = Truth(area)
    plan = as_communities(assignment)
    touching = {tuple(sorted(assignment[[i, j]].tolist())) for i, j in area.edges.tolist()}
    for group in combinations(range(len(plan)), n_together):
        if all(pair in touching for pair in combinations(group, 2)):
            rest = {m for c, m in enumerate(plan) if c not in group}
            yield min(truth.cost_of_plan(p) for p in truth.plans() if rest <= set(p))


@examples(80)
@given(tiny_cities(), seeds)
def test_never_worse_and_always_a_plan(area: AreaProblem, number: int) -> None:
    """A polished plan keeps every rule, costs what it says, and no more than before; what came in is not changed."""
    before = any_plan(area, number)
    kept = before.copy()
    polished = polish(area, before, Stop(60), effort=100.0, seed=1, deep=True)
    assert_is_plan(area, polished.assignment)
    assert true_cost(area, polished.assignment) == polished.cost == plan_cost(area, polished.assignment)
    assert polished.cost <= plan_cost(area, before)
    assert is_feasible(area, polished.assignment)
    assert np.array_equal(before, kept)
    if area.stay is not None and area.stay.rate > 0:
        assert polished.certificate().pairs_proved == 0


@examples(80)
@given(tiny_cities(), seeds, st.booleans())
def test_what_is_certified_cannot_be_redrawn_better(area: AreaProblem, number: int, deep: bool) -> None:
    """No certified pair or triple makes a cheaper plan when all its divisions are counted out.

    Ample effort certifies all of them where moving residents is no matter.
    """
    polished = polish(area, any_plan(area, number), Stop(60), effort=1000.0, seed=1, deep=deep)
    certificate = polished.certificate()
    pairs = list(redrawn(area, polished.assignment, 2))
    triples = list(redrawn(area, polished.assignment, 3)) if deep else []
    assert (certificate.pairs, certificate.triples) == (len(pairs), len(triples))
    assert certificate.pairs_proved <= pairs.count(polished.cost)
    assert certificate.triples_proved <= triples.count(polished.cost)
    if area.stay is None:
        assert certificate.pairs_proved == certificate.pairs
        assert certificate.triples_proved == certificate.triples


@examples(60)
@given(tiny_areas(max_blocks=8), seeds)
def test_dividing_all_blocks_anew_is_the_optimum(area: AreaProblem, number: int) -> None:
    """The exact model under it proves the cheapest plan there is, whatever it starts from."""
    division = divide_group(area, any_plan(area, number), Stop(60), effort=100.0, seed=1)
    assert division.is_proved
    assert_is_plan(area, division.assignment)
    assert true_cost(area, division.assignment) == Truth(area).optimum


@pytest.fixture
def two_rows() -> AreaProblem:
    """Draw a street map whose long sides are dear to cut.

    0 = 1 = 2 = 3
    |   |   |   |
    4 = 5 = 6 = 7
    """
    edges = grid(2, 4)
    weight = [-9 if j - i == 1 else -1 for i, j in edges]
    return make_area(edges, k=2, weight=weight, lower=[4], upper=[4], target=[4])


def test_a_trap_of_single_moves_is_left(two_rows: AreaProblem) -> None:
    """With sizes fixed no single block can move, but the pair redrawn as a whole is the best plan."""
    halves = np.array([0, 0, 1, 1] * 2, dtype=np.int32)
    polished = polish(two_rows, halves, Stop(60), effort=10.0, seed=1)
    assert (plan_cost(two_rows, halves), polished.cost) == (18, 4)
    assert polished.assignment.tolist() == [0] * 4 + [1] * 4
    assert polished.certificate() == LocalOptimality(1, 1)


def test_triples_improve_what_pairs_cannot() -> None:
    """Three communities change partners in a ring where any change between two of them would be dearer.

    Everyone touches everyone. 0-1, 2-3 and 4-5 like each other, but 0-3, 2-5 and 1-4 do so more.
    """
    liking = {(0, 1): 3, (2, 3): 3, (4, 5): 3, (0, 3): 4, (2, 5): 4, (1, 4): 4}
    weight = [-liking.get(pair, 0) for pair in clique(6)]
    area = make_area(clique(6), k=3, weight=weight, lower=[2], upper=[2], target=[2])
    plan = np.array([0, 0, 1, 1, 2, 2], dtype=np.int32)
    shallow, deep = (polish(area, plan, Stop(60), effort=10.0, seed=1, deep=deep) for deep in (False, True))
    assert (shallow.cost, deep.cost) == (12, 9)
    assert shallow.certificate() == LocalOptimality(3, 3)
    assert deep.certificate() == LocalOptimality(3, 3, 1, 1)


def test_pieces_are_joined_without_a_lower_bound() -> None:
    """Where a community may be of any size and cutting pays, answers in pieces are still cut off: one cut, not five."""
    area = make_area(path(6), k=2, weight=[5, 5, 5, 5, 6])
    polished = polish(area, np.array([0, 0, 0, 1, 1, 1], dtype=np.int32), Stop(60), effort=10.0, seed=1)
    assert polished.cost == plan_cost(area, np.array([0, 0, 0, 0, 0, 1], dtype=np.int32))
    assert polished.certificate() == LocalOptimality(1, 1)


def test_no_effort_returns_the_plan_without_a_certificate(two_rows: AreaProblem) -> None:
    """Without effort, or after the user struck, the plan comes back as it was and nothing is proved."""
    halves = np.array([0, 0, 1, 1] * 2, dtype=np.int32)
    struck = Stop(60)
    struck.interrupt()
    for stop, effort in ((Stop(60), 0.0), (struck, 10.0)):
        polished = polish(two_rows, halves, stop, effort=effort, seed=1, deep=True)
        assert np.array_equal(polished.assignment, halves)
        assert (polished.certificate(), polished.spent) == (LocalOptimality(pairs=1), 0.0)


def test_one_community_has_no_pair(two_rows: AreaProblem) -> None:
    """A plan of one community is locally optimal: there is no pair to improve."""
    area = replace(two_rows, n_communities=1, upper=np.array([8]))
    polished = polish(area, np.zeros(8, dtype=np.int32), Stop(60), effort=10.0, seed=1)
    assert polished.certificate() == LocalOptimality()


@examples(15)
@given(tiny_cities(), seeds, st.sampled_from([0.0005, 0.002, 10.0]))
def test_same_input_same_answer(area: AreaProblem, number: int, effort: float) -> None:
    """The same plan, effort and seed give the same answer, also where the effort runs out on the way."""
    before = any_plan(area, number)
    answers = [polish(area, before, Stop(60), effort=effort, seed=3, deep=True) for _ in range(2)]
    one, two = ((p.assignment.tolist(), p.cost, p.spent, p.certificate()) for p in answers)
    assert one == two


def test_a_batch_has_no_community_twice() -> None:
    """A row of six communities has five pairs of neighbours; three of them can be redrawn side by side."""
    area = make_area(path(12), k=6, lower=[1], upper=[3])
    polisher = Polisher(area, np.arange(12, dtype=np.int32) // 2, effort=10.0, seed=1)
    assert len(polisher.tasks(Stop(60))) == 3
