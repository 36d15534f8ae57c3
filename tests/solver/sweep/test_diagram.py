"""The diagram of all communities: every community has a way, and nothing else once sizes are fine."""

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.sweep.build_diagram import draw_diagram
from redistrict.solver.sweep.cheapest_community import half_costs
from redistrict.solver.sweep.diagram import PART, Diagram, split_by_size
from redistrict.solver.sweep.diagram_paths import Rows, cheapest_with_each, communities_below
from redistrict.solver.sweep.dual_prices import set_costs
from redistrict.solver.sweep.frontier import plan_route
from redistrict.solver.tasks.stop import Stop
from tests.solver.maps import Truth, clique, examples, grid, make_area, star, tiny_cities

UNLIMITED = 10**15
Example = tuple[AreaProblem, NDArray[np.int64]]


def draw(area: AreaProblem) -> Diagram:
    diagram = draw_diagram(area, plan_route(area), Stop(60), most_nodes=UNLIMITED)
    assert diagram is not None
    return diagram


def split(diagram: Diagram, reward: NDArray[np.int64], *, n_units: int, limit: int = UNLIMITED) -> Diagram:
    finer = split_by_size(diagram, reward, Stop(60), limit=limit, n_units=n_units, most_nodes=UNLIMITED)
    assert finer is not None
    return finer


def as_sets(rows: Rows) -> list[frozenset[int]]:
    return [frozenset(np.flatnonzero(row).tolist()) for row in rows]


def all_communities(area: AreaProblem, reward: NDArray[np.int64]) -> tuple[Rows, NDArray[np.int64]]:
    """Give every community and what it costs beyond its rewards, counted out."""
    blocks = range(area.n_blocks)
    rows = np.array([[i in c for i in blocks] for c in Truth(area).communities], dtype=bool).reshape(-1, area.n_blocks)
    return rows, PART * set_costs(area, rows) - rows @ reward


@st.composite
def rewarded(data: st.DrawFn) -> Example:
    """Draw a tiny area and what each of its blocks takes off."""
    area = data(tiny_cities())
    numbers = st.lists(st.integers(-20, 60), min_size=area.n_blocks, max_size=area.n_blocks)
    return area, PART * np.array(data(numbers), dtype=np.int64)


@examples(80)
@given(rewarded(), st.sampled_from([1, 3, 8]), st.integers(-60, 200))
def test_all_communities_below_a_limit_are_listed(example: Example, n_units: int, limit: int) -> None:
    """However coarse the sizes, no community at or below the limit is lost, and each is listed once."""
    area, reward = example
    rows, cost = all_communities(area, reward)
    graph = Truth(area).graph
    coarse = split(draw(area), 0 * reward, n_units=n_units)
    for diagram in (coarse, split(coarse, reward, n_units=4 * n_units, limit=PART * limit)):
        listed = communities_below(diagram, reward, limit=PART * limit, most=10_000)
        assert listed is not None
        sets = as_sets(listed)
        assert len(set(sets)) == len(sets)
        assert all(nx.is_connected(graph.subgraph(blocks)) for blocks in sets)
        assert {*as_sets(rows[cost <= PART * limit])} <= {*sets}


@examples(100)
@given(rewarded())
def test_the_cheapest_set_with_a_block_is_a_way_and_no_dearer_than_any_community(example: Example) -> None:
    """What is found is connected, and no community with the block costs less; blocks in no set are left out."""
    area, reward = example
    rows, beyond = all_communities(area, reward)
    cost, found = cheapest_with_each(split(draw(area), reward, n_units=1000), reward)
    graph = Truth(area).graph
    assert all(nx.is_connected(graph.subgraph(blocks)) for blocks in as_sets(found))
    assert (abs(cost) < UNLIMITED).all()
    for i in np.flatnonzero(rows.any(axis=0)).tolist():
        assert cost[found[:, i]].min() <= beyond[rows[:, i]].min()


def test_blocks_too_large_for_any_community_are_in_no_set() -> None:
    """With rewards that make every cost negative a way that ends nowhere is still no way.

    A block of five households in the middle of a row, where communities hold four at most.
    """
    area = make_area([(0, 1), (1, 2)], k=3, size=[[1], [5], [1]], upper=[4])
    cost, found = cheapest_with_each(split(draw(area), np.full(3, PART), n_units=8), np.full(3, PART))
    assert as_sets(found) == [frozenset({0}), frozenset({2})]
    assert len(cost) == 2


@examples(60)
@given(tiny_cities())
def test_costs_of_sets_add_up_to_the_cost_of_a_plan(area: AreaProblem) -> None:
    """Half of the fixed part and of what its communities cost is what a plan costs, residents who move aside."""
    truth = Truth(area)
    for plan in list(truth.plans())[:5]:
        rows = np.array([[i in community for i in range(area.n_blocks)] for community in plan])
        rate = area.stay.rate if area.stay else 0
        halves = half_costs(area).fixed + int(set_costs(area, rows).sum())
        assert halves == 2 * (truth.cost_of_plan(plan) - rate * truth.moved_in(plan))


def test_a_star_has_a_diagram_of_a_few_nodes() -> None:
    """Leaves leave the frontier at once, so that a star of 40 blocks is no trouble: its middle is in, or it is not."""
    assert draw(make_area(star(40), k=2)).n_nodes < 200


def test_too_many_communities_are_neither_drawn_nor_split_nor_listed() -> None:
    """Each step says so instead of filling the memory."""
    area, stop = make_area(clique(30), k=3), Stop(60)
    assert draw_diagram(area, plan_route(area), stop, most_nodes=10_000) is None
    drawn, nothing = draw(make_area(grid(4, 5), k=3)), np.zeros(20, dtype=np.int64)
    assert split_by_size(drawn, nothing, stop, limit=UNLIMITED, n_units=100, most_nodes=drawn.n_nodes) is None
    assert communities_below(drawn, nothing, limit=UNLIMITED, most=50) is None


def test_a_limit_below_everything_leaves_nothing() -> None:
    """Nothing is left of the diagram, and nothing is all that is found in it from then on."""
    nothing = np.zeros(9, dtype=np.int64)
    diagram = split(draw(make_area(grid(3, 3), k=3)), nothing, n_units=8, limit=-1)
    assert diagram.n_nodes == 0
    again = split(diagram, nothing, n_units=32)
    assert len(cheapest_with_each(again, nothing)[0]) == 0
    listed = communities_below(again, nothing, limit=UNLIMITED, most=5)
    assert listed is not None
    assert len(listed) == 0
