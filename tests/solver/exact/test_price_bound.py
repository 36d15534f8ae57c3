"""The bound by prices: never above the optimum of tiny maps counted out, and well above the edge bound on a grid."""

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.exact.edge_bound import edge_bound
from redistrict.solver.exact.price_bound import price_bound
from redistrict.solver.search.search_area import Found, anneal_run
from redistrict.solver.sweep.cheapest_community import half_costs, price_communities
from redistrict.solver.sweep.frontier import plan_route
from redistrict.solver.tasks.stop import Stop
from tests.solver.maps import Communities, Truth, examples, grid, make_area, tiny_areas, tiny_cities

_UNLIMITED = 10**9


def columns_of(truth: Truth) -> list[tuple[NDArray[np.int32], int]]:
    """Give every feasible community as a column."""
    return [(np.array(sorted(c), dtype=np.int32), cost) for c, cost in truth.communities.items()]


def beyond(truth: Truth, plan: Communities, reward: NDArray[np.int64]) -> list[int]:
    """Give what each community costs beyond its rewards, half units, counted out."""
    half = half_costs(truth.problem)
    costs = []
    for community in plan:
        ends = [(i in community) + (j in community) for i, j in truth.problem.edges.tolist()]
        cost = sum(int(half.cut[e]) for e, n in enumerate(ends) if n == 1)
        cost += sum(int(half.inside[e]) for e, n in enumerate(ends) if n == 2)
        off = np.abs(np.array(truth.total_of(community)) - truth.problem.target)
        costs.append(cost + int(off @ half.rate) - sum(int(reward[i]) for i in community))
    return costs


def town() -> AreaProblem:
    """10 x 10 blocks of uneven size and frontage, a main road every fifth row, 4 communities within a tenth."""
    rng = np.random.default_rng(5)
    edges = grid(10, 10)
    size = rng.integers(40, 160, (100, 1))
    weight = [20 if j - i == 10 and i // 10 == 4 else -int(rng.integers(60, 140)) for i, j in edges]
    mean = int(size.sum()) // 4
    return make_area(
        edges,
        k=4,
        weight=weight,
        size=size.tolist(),
        lower=[mean * 9 // 10],
        upper=[mean * 11 // 10],
        target=[mean],
        rate=[1],
    )


def search(problem: AreaProblem, *, effort: float) -> Found:
    """Anneal once."""
    return anneal_run(problem, Stop(100), start=None, seed=np.random.SeedSequence(1), effort=effort)


@examples(40)
@given(tiny_areas())
def test_half_costs_add_up_to_the_cost_of_a_plan(area: AreaProblem) -> None:
    """Half of the fixed part and of what the communities cost is what the plan costs."""
    truth = Truth(area)
    for plan in list(truth.plans())[:5]:
        halves = half_costs(area).fixed + sum(beyond(truth, plan, np.zeros(area.n_blocks, dtype=np.int64)))
        assert halves == 2 * truth.cost_of_plan(plan)


@examples(60)
@given(st.one_of(tiny_areas(), tiny_cities()), st.booleans())
def test_no_plan_costs_less_than_the_bound(area: AreaProblem, best_known: bool) -> None:
    """The bound is at least the edge bound and never above the optimum, whatever terms the cost has."""
    truth = Truth(area)
    best = truth.optimum if best_known else None
    bound = price_bound(area, columns_of(truth), Stop(60), best_cost=best, effort=0.02)
    assert bound >= edge_bound(area)
    assert truth.optimum is None or bound <= truth.optimum


@examples(80)
@given(tiny_areas(), st.data())
def test_any_prices_and_any_haste_give_a_bound(area: AreaProblem, data: st.DataObject) -> None:
    """However bad the rewards, low the ceiling and few the states kept, no plan costs less than what is proved."""
    numbers = st.integers(-20, 60)
    reward = np.array(data.draw(st.lists(numbers, min_size=area.n_blocks, max_size=area.n_blocks)), dtype=np.int64)
    ceiling, width = data.draw(st.integers(-60, 200)), data.draw(st.sampled_from([1, 2, 5, 50]))
    truth = Truth(area)
    priced = price_communities(
        area, plan_route(area), reward, Stop(60), ceiling=ceiling, width=width, most_states=_UNLIMITED
    )
    assert priced.least is not None
    least = int(np.sort(priced.least)[: area.n_communities].sum())
    for plan in truth.plans():
        assert sum(beyond(truth, plan, reward)) >= least
    for community in truth.communities:
        assert beyond(truth, (community,), reward)[0] >= priced.least.min()
    assert all(nx.is_connected(truth.graph.subgraph(found.tolist())) for found in priced.communities)


@examples(60)
@given(tiny_areas(), st.integers(0, 2**16))
def test_the_cheapest_community_is_found_when_sizes_are_even(area: AreaProblem, seed: int) -> None:
    """Where rounding loses nothing the proof is exact: the least is what the cheapest community costs."""
    even = make_area(
        area.edges.tolist(),
        k=2,
        weight=area.edge_weight.tolist(),
        n=area.n_blocks,
        lower=[2],
        upper=[4],
        target=[3],
        rate=[2],
    )
    reward = np.random.default_rng(seed).integers(-10, 40, area.n_blocks)
    truth = Truth(even)
    priced = price_communities(
        even, plan_route(even), reward, Stop(60), ceiling=10**6, width=_UNLIMITED, most_states=_UNLIMITED
    )
    costs = [beyond(truth, (community,), reward)[0] for community in truth.communities]
    assert priced.least is not None
    assert priced.least.min() == min(costs, default=10**6)


def test_on_a_grid_the_bound_closes_most_of_the_gap() -> None:
    """On 100 blocks and 4 communities less than half of the edge bound's gap is left, and every run gives the same."""
    area = town()
    found = search(area, effort=0.5)
    assert found.cost is not None
    bounds = [price_bound(area, found.pool.columns(), Stop(600), best_cost=found.cost, effort=2.0) for _ in range(2)]
    assert bounds[0] == bounds[1]
    assert found.cost >= bounds[0] > found.cost - (found.cost - edge_bound(area)) / 2


def test_without_effort_or_time_there_is_the_edge_bound() -> None:
    """No effort, no time or no community met: the edge bound is given."""
    area = town()
    columns = list(search(area, effort=0.1).pool.columns())
    assert price_bound(area, columns, Stop(600), best_cost=None, effort=0.0) == edge_bound(area)
    assert price_bound(area, columns, Stop(0), best_cost=None, effort=5.0) == edge_bound(area)
    assert price_bound(area, [], Stop(600), best_cost=None, effort=5.0) == edge_bound(area)


def test_work_is_given_up_beyond_its_limit() -> None:
    """A proof that would need more states than allowed proves nothing."""
    area = town()
    reward = np.zeros(area.n_blocks, dtype=np.int64)
    priced = price_communities(area, plan_route(area), reward, Stop(600), ceiling=10**9, width=1000, most_states=5000)
    assert priced.least is None


def test_the_route_meets_every_block_once_both_ways() -> None:
    """Every block joins once and leaves once, there and back, and neighbours meet on the frontier."""
    area = town()
    route = plan_route(area)
    for steps in (route.there, route.back):
        assert sorted(step.block for step in steps) == list(range(area.n_blocks))
        assert sorted(b for step in steps for b in step.leaving_blocks.tolist()) == list(range(area.n_blocks))
        assert sorted(e for step in steps for e in step.edges.tolist()) == list(range(len(area.edges)))
