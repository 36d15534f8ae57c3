import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.model.problem import AreaProblem
from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.search.seeds import adapt_plan, grow_plan
from tests.solver.maps import (
    Edges,
    as_communities,
    as_networkx,
    binary_tree,
    clique,
    connected_edges,
    examples,
    grid,
    grown_assignment,
    make_area,
    path,
    star,
)


def grow(area: AreaProblem, seed: int = 0) -> list[int]:
    adjacency = build_adjacency(area.n_blocks, area.edges)
    return [int(c) for c in grow_plan(area, adjacency, np.random.default_rng(seed))]


def assert_is_partition(area: AreaProblem, assignment: list[int]) -> None:
    plan, graph = as_communities(assignment), as_networkx(area)
    assert min(assignment) == 0
    assert len(plan) == area.n_communities
    assert all(c and nx.is_connected(graph.subgraph(c)) for c in plan)


SHAPES: dict[str, Edges] = {
    "path": path(12),
    "star": star(12),
    "clique": clique(12),
    "tree": binary_tree(12),
    "grid": grid(3, 4),
}


@pytest.mark.parametrize("k", [1, 2, 5, 11, 12])
@pytest.mark.parametrize("shape", SHAPES)
def test_seed_plan_is_connected_on_every_shape(shape: str, k: int) -> None:
    """From one community to one a block, all communities are connected and non-empty."""
    area = make_area(SHAPES[shape], k=k, target=[12 // k])
    assert_is_partition(area, grow(area))


@examples(60)
@given(connected_edges(max_blocks=14), st.data())
def test_seed_plan_is_connected_on_random_maps_with_empty_blocks(
    edges: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Blocks without households and people, down to a wholly empty map, are divided like any other."""
    n = 1 + max(j for _, j in edges)
    size = data.draw(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=n, max_size=n))
    weight = data.draw(st.lists(st.integers(-9, 9), min_size=len(edges), max_size=len(edges)))
    area = make_area(
        edges,
        k=data.draw(st.integers(1, n)),
        weight=weight,
        size=size,
        lower=[0, 0],
        upper=[9, 9],
        target=data.draw(st.tuples(st.integers(0, 3), st.integers(0, 3))),
        rate=[0, 0],
    )
    assert_is_partition(area, grow(area, data.draw(st.integers(0, 99))))


def test_seed_plan_is_roughly_balanced() -> None:
    """On an even grid no community takes more than half as much again as its share, whatever the seed."""
    area = make_area(grid(12, 12), k=4, target=[36])
    for seed in range(5):
        assert max(np.bincount(grow(area, seed))) <= 54


def test_every_community_grows_from_a_block_with_residents() -> None:
    """As long as there are enough blocks with residents, nobody starts in a park."""
    size = [[int(i % 7 == 0)] for i in range(144)]
    area = make_area(grid(12, 12), k=20, size=size, target=[1])
    for seed in range(5):
        assert min(np.bincount(grow(area, seed), weights=area.size[:, 0])) > 0


@examples(100)
@given(connected_edges(max_blocks=14), st.data())
def test_plan_from_any_labels_is_connected(edges: list[tuple[int, int]], data: st.DataObject) -> None:
    """Labels torn, missing, too many or too few become the right number of connected communities."""
    n = 1 + max(j for _, j in edges)
    labels = np.array(data.draw(st.lists(st.integers(-1, 5), min_size=n, max_size=n)), dtype=np.int32)
    size = data.draw(st.lists(st.tuples(st.integers(0, 3)), min_size=n, max_size=n))
    area = make_area(edges, k=data.draw(st.integers(1, n)), size=size, target=[2])
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    assert_is_partition(area, adapt_plan(area, build_adjacency(n, area.edges), labels, rng).tolist())


def test_a_plan_with_the_right_number_of_communities_stays_as_it_is() -> None:
    """Nothing is merged or divided where nothing has to be, whatever the numbers of the communities."""
    area = make_area(grid(8, 8), k=6, target=[11])
    labels = grown_assignment(area, 0)
    adapted = adapt_plan(area, build_adjacency(64, area.edges), 10 * labels + 3, np.random.default_rng(0))
    assert set(as_communities(adapted)) == set(as_communities(labels))


def test_the_largest_community_is_halved_where_there_are_too_few() -> None:
    """One community of an even grid is divided into four that are about as large as each other."""
    area = make_area(grid(12, 12), k=4, target=[36])
    for seed in range(5):
        labels = np.zeros(144, dtype=np.int32)
        adapted = adapt_plan(area, build_adjacency(144, area.edges), labels, np.random.default_rng(seed))
        assert max(np.bincount(adapted)) <= 45


def test_seed_plan_depends_on_its_generator_alone() -> None:
    """The same seed grows the same plan; another seed, another one."""
    area = make_area(grid(8, 8), k=6, target=[11])
    assert grow(area, 3) == grow(area, 3)
    assert grow(area, 3) != grow(area, 4)
