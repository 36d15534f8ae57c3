import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.problem import AreaProblem
from redistrict.solver.csr import build_adjacency
from redistrict.solver.seeds import grow_plan

from .maps import (
    Edges,
    as_communities,
    as_networkx,
    binary_tree,
    clique,
    connected_edges,
    examples,
    grid,
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


def test_seed_plan_depends_on_its_generator_alone() -> None:
    """The same seed grows the same plan; another seed, another one."""
    area = make_area(grid(8, 8), k=6, target=[11])
    assert grow(area, 3) == grow(area, 3)
    assert grow(area, 3) != grow(area, 4)
