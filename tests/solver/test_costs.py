import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from redistrict.model.problem import AreaProblem
from redistrict.solver.costs import is_allowed, overflow, plan_cost
from redistrict.solver.exact.edge_bound import edge_bound
from redistrict.solver.search.candidates import CandidatePool

from .maps import Truth, as_communities, examples, grown_assignment, make_area, path, tiny_areas

seeds = st.integers(0, 2**16)


@examples(60)
@given(tiny_areas(), seeds)
def test_plan_cost_adds_up_what_is_cut_crossed_and_off_target(area: AreaProblem, seed: int) -> None:
    """The cost of any assignment is the plain sum over its communities, on top of cutting every edge."""
    assignment = grown_assignment(area, seed)
    assert plan_cost(area, assignment) == Truth(area).cost_of_plan(as_communities(assignment))


@examples(60)
@given(tiny_areas(), seeds)
def test_overflow_is_zero_exactly_inside_the_bounds(area: AreaProblem, seed: int) -> None:
    """A plan has no overflow when every community is inside the bounds, and some otherwise."""
    assignment, truth = grown_assignment(area, seed), Truth(area)
    inside = [truth.is_inside(c) for c in as_communities(assignment)]
    assert is_allowed(area, assignment).tolist() == inside
    assert (overflow(area, assignment) == 0) == all(inside)


@examples(40)
@given(tiny_areas())
def test_edge_bound_never_exceeds_the_optimum(area: AreaProblem) -> None:
    """No plan of any tiny map costs less than the bound."""
    optimum = Truth(area).optimum
    assert optimum is None or edge_bound(area) <= optimum


def test_edge_bound_is_reached_where_the_cheaper_choice_can_be_made_everywhere() -> None:
    """On a path cut exactly where cutting is cheaper, all sizes alike, the bound is the optimum."""
    area = make_area(path(4), k=2, weight=[-5, 3, -5], target=[1], rate=[7])
    assert edge_bound(area) == Truth(area).optimum == plan_cost(area, np.array([0, 0, 1, 1], dtype=np.int32))


@examples(40)
@given(tiny_areas(), st.lists(seeds, min_size=1, max_size=6))
def test_pool_holds_each_feasible_community_met_once_with_its_cost(area: AreaProblem, several: list[int]) -> None:
    """The candidates are exactly the communities of the plans shown to it that lie inside the bounds."""
    pool, truth = CandidatePool(), Truth(area)
    plans = [grown_assignment(area, seed) for seed in several]
    for assignment in plans:
        pool.add(area, assignment)
    met = {c for assignment in plans for c in as_communities(assignment)}
    columns = [(tuple(members.tolist()), cost) for members, cost in pool.columns()]
    assert len(columns) == len(pool) == len(set(columns))
    assert all(list(members) == sorted(members) for members, _ in columns)
    assert {frozenset(m): cost for m, cost in columns} == {c: truth.cost_of(c) for c in met if truth.is_inside(c)}


@examples(20)
@given(tiny_areas(), seeds, seeds)
def test_merged_pools_hold_what_either_held_in_the_order_met(area: AreaProblem, first: int, second: int) -> None:
    """Merging keeps the order of the first pool, appends what is new, and doubles nothing."""
    pools = [CandidatePool(), CandidatePool(), CandidatePool()]
    a, b = grown_assignment(area, first), grown_assignment(area, second)
    pools[0].add(area, a)
    pools[1].add(area, b)
    pools[0].merge(pools[1])
    pools[2].add(area, a)
    pools[2].add(area, b)
    assert list(pools[0].costs.items()) == list(pools[2].costs.items())
