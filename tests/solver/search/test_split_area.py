from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.model.plan import canonical_plan
from redistrict.model.problem import AreaProblem, cut_out
from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.costs import plan_cost
from redistrict.solver.search.split_area import Part, divide_area, regroup, stitch
from redistrict.solver.search.straight_cuts import blocks_behind, find_cuts
from tests.solver.maps import (
    Edges,
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
    tiny_cities,
)

SHAPES: dict[str, Edges] = {
    "path": path(120),
    "star": star(120),
    "clique": clique(40),
    "tree": binary_tree(120),
    "grid": grid(10, 12),
    "comb": [*path(40), *((i, i + 40) for i in range(40)), *((i + 40, i + 80) for i in range(40))],
}


def divide(area: AreaProblem, most: int, seed: int = 0) -> list[Part]:
    return divide_area(area, np.random.default_rng(seed), most_blocks=most)


def assert_are_parts(area: AreaProblem, parts: list[Part]) -> None:
    graph = as_networkx(area)
    assert sorted(np.concatenate([part.blocks for part in parts]).tolist()) == list(range(area.n_blocks))
    assert sum(part.problem.n_communities for part in parts) == area.n_communities
    for part in parts:
        assert part.blocks.tolist() == sorted(part.blocks.tolist())
        assert nx.is_connected(graph.subgraph(part.blocks.tolist()))
        assert 1 <= part.problem.n_communities <= part.problem.n_blocks == part.blocks.size


@st.composite
def maps_to_divide(draw: st.DrawFn) -> AreaProblem:
    """Draw a map with empty blocks, and bounds from none at all to impossible."""
    edges = draw(connected_edges(max_blocks=40))
    n = 1 + max(j for _, j in edges)
    size = draw(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=n, max_size=n))
    weight = draw(st.lists(st.integers(-9, 9), min_size=len(edges), max_size=len(edges)))
    lower, upper = draw(st.sampled_from([(0, 10**9), (3, 8), (5, 5), (9, 1)]))
    area = make_area(edges, k=draw(st.integers(1, n)), weight=weight, size=size, target=[2, 4], rate=[0, 0])
    return replace(area, lower=np.array([lower, 0]), upper=np.array([upper, 10**9]))


@pytest.mark.parametrize("k", [1, 2, 7, 40])
@pytest.mark.parametrize("shape", SHAPES)
def test_parts_are_connected_and_cover_every_block_once_on_every_shape(shape: str, k: int) -> None:
    """Whatever the shape, division ends with connected parts and all communities given out."""
    area = make_area(SHAPES[shape], k=k)
    assert_are_parts(area, divide(area, 20))


@examples(150)
@given(maps_to_divide(), st.integers(1, 20), st.integers(0, 99))
def test_parts_are_connected_and_cover_every_block_once_on_random_maps(area: AreaProblem, most: int, seed: int) -> None:
    """Empty blocks, tight or impossible bounds: the parts are still parts."""
    assert_are_parts(area, divide(area, most, seed))


@examples(80)
@given(maps_to_divide(), st.integers(1, 20), st.integers(0, 99))
def test_the_mean_of_every_part_is_inside_the_bounds_where_that_of_the_area_is(
    area: AreaProblem, most: int, seed: int
) -> None:
    """No cut leaves a side whose totals cannot be shared out inside the bounds."""
    parts = divide(area, most, seed)
    inside = [
        (part.size.sum(axis=0) >= part.n_communities * area.lower).all()
        and (part.size.sum(axis=0) <= part.n_communities * area.upper).all()
        for part in (area, *(part.problem for part in parts))
    ]
    assert not inside[0] or all(inside)


def test_parts_are_small_and_fit_closely_where_the_map_allows_it() -> None:
    """On an even grid no part is too large, and each has its share of communities within a tenth of one."""
    area = make_area(grid(40, 40), k=64, lower=[20], upper=[30], target=[25])
    for seed in range(5):
        parts = divide(area, 300, seed)
        assert max(part.blocks.size for part in parts) <= 300
        assert all(abs(part.blocks.size / part.problem.n_communities - 25) < 2.5 for part in parts)


def test_seams_run_along_main_roads() -> None:
    """A road of high cost that halves the map is where it is cut.

    0 1 2 ... 9 | 10 ... 19, five rows alike.
    """
    edges = grid(5, 20)
    weight = [9 if (i % 20, j % 20) == (9, 10) else -1 for i, j in edges]
    parts = divide(make_area(edges, k=10, weight=weight, target=[10]), 50)
    assert sorted(sorted(set((part.blocks % 20 // 10).tolist())) for part in parts) == [[0], [1]]


def test_division_depends_on_its_generator_alone() -> None:
    """The same seed divides alike; another seed, otherwise."""
    area = make_area(grid(20, 20), k=16, target=[25])
    first, again, other = ([part.blocks.tolist() for part in divide(area, 100, seed)] for seed in (3, 3, 4))
    assert first == again
    assert first != other


@examples(80)
@given(maps_to_divide(), st.integers(1, 20), st.integers(0, 99))
def test_groups_hold_whole_communities(area: AreaProblem, most: int, seed: int) -> None:
    """Every community of a plan lies in one connected group that has room for as many as it holds."""
    plan = grown_assignment(area, seed)
    groups = regroup(area, plan, np.random.default_rng(seed), most_blocks=most)
    assert_are_parts(area, groups)
    for group in groups:
        held = np.unique(plan[group.blocks])
        assert held.size == group.problem.n_communities
        assert np.isin(plan, held).sum() == group.blocks.size


def test_borders_of_early_rounds_lie_inside_groups_of_later_ones() -> None:
    """Hardly an edge lies between groups in each of four rounds."""
    area = make_area(grid(40, 40), k=64, target=[25])
    plan = ((np.arange(1600) // 40) // 5 * 8 + np.arange(1600) % 40 // 5).astype(np.int32)
    rng = np.random.default_rng(0)
    group, is_border = np.zeros((4, 1600), dtype=np.int64), np.zeros((4, len(area.edges)), dtype=bool)
    for round_ in range(4):
        for number, part in enumerate(regroup(area, plan, rng, most_blocks=400)):
            group[round_, part.blocks] = number
        is_border[round_] = group[round_, area.edges[:, 0]] != group[round_, area.edges[:, 1]]
    assert is_border.all(axis=0).sum() < is_border[0].sum() / 4


@examples(60)
@given(tiny_cities(), st.integers(0, 99))
def test_costs_of_parts_add_up_to_the_cost_of_the_plan(area: AreaProblem, seed: int) -> None:
    """Regrouping and stitching changes no plan, and without a price on moving the parts' costs are all there is."""
    area = replace(area, stay=None)
    plan = grown_assignment(area, seed)
    parts = regroup(area, plan, np.random.default_rng(seed), most_blocks=3)
    plans = [canonical_plan(plan[part.blocks]).assignment for part in parts]
    stitched = stitch(parts, plans)
    assert canonical_plan(stitched).assignment.tolist() == canonical_plan(plan).assignment.tolist()
    costs = sum(plan_cost(part.problem, local) for part, local in zip(parts, plans, strict=True))
    assert plan_cost(area, plan) == area.base_cost + costs


@examples(60)
@given(tiny_cities(), st.data())
def test_cutting_out_keeps_what_belongs_to_the_blocks(area: AreaProblem, data: st.DataObject) -> None:
    """Sizes, edges, pairs kept apart and today's communities of the blocks, and the limits of the whole."""
    chosen = sorted(data.draw(st.sets(st.integers(0, area.n_blocks - 1), min_size=1)))
    part = cut_out(area, np.array(chosen), 1)
    edges = {(i, j) for i, j in area.edges.tolist() if {i, j} <= set(chosen)}
    apart = {(i, j) for i, j in area.apart.tolist() if {i, j} <= set(chosen)}
    assert {(chosen[i], chosen[j]) for i, j in part.edges.tolist()} == edges
    assert {(chosen[i], chosen[j]) for i, j in part.apart.tolist()} == apart
    assert part.size.tolist() == area.size[chosen].tolist()
    assert (part.lower is area.lower, part.base_cost, part.n_communities) == (True, 0, 1)
    if area.stay is not None:
        assert part.stay is not None
        assert part.stay.current.tolist() == area.stay.current[chosen].tolist()
        assert (part.stay.rate, part.stay.max_share) == (area.stay.rate, area.stay.max_share)


@examples(100)
@given(connected_edges(max_blocks=14), st.data())
def test_every_cut_has_two_connected_sides_and_true_sums(edges: list[tuple[int, int]], data: st.DataObject) -> None:
    """Plain counting with networkx finds the order, and the sides, sums and seam of each cut."""
    area = make_area(edges, k=1)
    n, graph = area.n_blocks, as_networkx(area)
    numbers = st.lists(st.integers(1, 9), min_size=max(n, len(edges)), max_size=max(n, len(edges)))
    length, value, price = (np.array(data.draw(numbers)) for _ in range(3))
    a, b = data.draw(st.lists(st.integers(0, n - 1), min_size=2, max_size=2, unique=True))
    adjacency = build_adjacency(n, area.edges)
    cuts = find_cuts(adjacency, (a, b), length=length, values=value[:n, None].astype(float), price=price.astype(float))
    nx.set_edge_attributes(graph, {edge: int(length[e]) for e, edge in enumerate(edges)}, "length")
    near, far = (nx.single_source_dijkstra_path_length(graph, end, weight="length") for end in (a, b))
    assert cuts.order.tolist() == sorted(range(n), key=lambda i: (near[i] - far[i], near[i], i))
    for place in range(1, n):
        later = graph.subgraph(cuts.order[place:].tolist())
        behind = nx.node_connected_component(later, int(cuts.order[place]))
        assert blocks_behind(adjacency, cuts, place).tolist() == sorted(behind)
        assert nx.is_connected(graph.subgraph(set(range(n)) - behind))
        assert cuts.behind[place, 0] == sum(value[i] for i in behind)
        assert cuts.seam[place] == sum(price[e] for e, (i, j) in enumerate(edges) if (i in behind) != (j in behind))
