"""Clusters of blocks: connected, faithful to all that is asked of the blocks, and of use to the search."""

from dataclasses import replace

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from redistrict.model.problem import AreaProblem
from redistrict.solver.costs import is_feasible, overflow, plan_cost
from redistrict.solver.search.coarsen import Coarse, coarsen
from redistrict.solver.search.search_area import anneal_run, n_coarse
from redistrict.solver.tasks.stop import Stop
from tests.solver.maps import (
    as_communities,
    as_networkx,
    assert_is_plan,
    examples,
    grid,
    grown_assignment,
    make_area,
    tiny_cities,
    true_cost,
)


def join(area: AreaProblem, n_clusters: int, seed: int = 0) -> Coarse:
    return coarsen(area, np.random.default_rng(seed), n_clusters=n_clusters)


def as_roomy(area: AreaProblem) -> AreaProblem:
    """Let clusters be large, and nobody be tied in where most of a community come from."""
    stay = area.stay and replace(area.stay, residents=2 ** np.arange(area.n_blocks))
    return replace(area, target=area.target + 8 * area.size.sum(axis=0) + 8, stay=stay)


@examples(200)
@given(tiny_cities(max_blocks=12).map(as_roomy), st.integers(1, 8), st.integers(0, 99))
def test_plans_of_clusters_are_plans_of_blocks_at_the_same_cost(area: AreaProblem, n: int, seed: int) -> None:
    """Signed weights, pairs kept apart, residents who stay and idle staff all come out the same."""
    coarse = join(area, n, seed)
    graph = as_networkx(area)
    for members in as_communities(coarse.cluster.astype(np.int32)):
        assert nx.is_connected(graph.subgraph(members))
        assert not any({i, j} <= members for i, j in area.apart.tolist())
        if area.stay is not None:
            assert len({(int(area.stay.current[i]), bool(area.stay.is_home[i])) for i in members}) == 1
    k = min(area.n_communities, coarse.problem.n_blocks)
    rough = grown_assignment(replace(coarse.problem, n_communities=k), seed)
    before, after = (replace(problem, n_communities=k) for problem in (coarse.problem, area))
    plan = rough[coarse.cluster]
    assert plan_cost(after, plan) == plan_cost(before, rough)
    assert is_feasible(after, plan) == is_feasible(before, rough)
    assert overflow(after, plan) == overflow(before, rough)


@examples(50)
@given(tiny_cities(max_blocks=12).map(as_roomy), st.integers(1, 8), st.integers(0, 99))
def test_clusters_inside_a_plan_lose_nothing_of_it(area: AreaProblem, n: int, seed: int) -> None:
    """Joined inside its communities, the clusters have the same plan."""
    plan = grown_assignment(area, seed)
    coarse = coarsen(area, np.random.default_rng(seed), n_clusters=n, plan=plan)
    assert np.array_equal(coarse.lift(plan)[coarse.cluster], plan)


def test_clusters_are_as_many_as_asked_for_and_alike_where_the_map_allows_it() -> None:
    """On an even grid of 900 blocks, 225 clusters of at most sixteen."""
    area = make_area(grid(30, 30), k=5, target=[180])
    coarse = join(area, 225)
    assert coarse.problem.n_blocks == 225
    assert np.bincount(coarse.cluster).max() <= 16


def test_clusters_do_not_reach_across_roads_that_had_better_be_borders() -> None:
    """Edges that cost more inside than cut are never joined along."""
    edges = grid(10, 10)
    weight = [5 if (i % 10, j % 10) == (4, 5) else -1 for i, j in edges]
    cluster = join(make_area(edges, k=2, weight=weight, target=[400]), 2).cluster.reshape(10, 10)
    assert not np.intersect1d(cluster[:, :5], cluster[:, 5:]).size


def test_clusters_leave_room_for_balance() -> None:
    """No cluster of several blocks holds more than an eighth of a community."""
    size = [[1 + 7 * (i % 9 == 0)] for i in range(400)]
    area = make_area(grid(20, 20), k=8, size=size, target=[88])
    cluster = join(area, 10).cluster
    held, n_blocks = np.bincount(cluster, area.size[:, 0]), np.bincount(cluster)
    assert held[n_blocks > 1].max() <= 11


def test_clusters_depend_on_their_generator_alone() -> None:
    """The same seed joins alike; another seed, otherwise."""
    area = make_area(grid(20, 20), k=4, target=[100])
    first, again, other = (join(area, 100, seed).cluster.tolist() for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_search_finds_a_plan_where_communities_have_many_blocks() -> None:
    """Two hundred blocks a community, every third of them empty: searched in clusters, valid in blocks."""
    size = [[int(i % 3 > 0)] for i in range(1600)]
    area = make_area(grid(40, 40), k=8, size=size, lower=[120], upper=[146], target=[133])
    assert n_coarse(area) < area.n_blocks
    seed = np.random.SeedSequence(1)
    found = anneal_run(area, Stop(120.0), start=None, seed=seed, effort=0.1)
    assert_is_plan(area, found.best)
    assert true_cost(area, found.best) == found.cost
