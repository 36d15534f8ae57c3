"""The judge against the truth on random towns."""

from collections.abc import Callable

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from .towns import Town, square

MakeTown = Callable[..., Town]


@st.composite
def towns(draw: st.DrawFn) -> tuple[dict, nx.Graph]:
    """Draw rows and columns of blocks, some missing, with or without streets, and their true neighbours."""
    widths = draw(st.lists(st.integers(45, 300), min_size=2, max_size=6))
    heights = draw(st.lists(st.integers(45, 300), min_size=2, max_size=6))
    street = draw(st.sampled_from([0, 12, 40]))
    grid = nx.grid_2d_graph(len(widths), len(heights))
    missing = draw(st.sets(st.sampled_from(sorted(grid)), max_size=len(grid) // 4))
    grid.remove_nodes_from(missing)
    left, low = np.cumsum([0, *widths]), np.cumsum([0, *heights])
    blocks = {(i, j): square(left[i] + i * street, low[j] + j * street, widths[i], heights[j]) for i, j in sorted(grid)}
    return blocks, grid


def _grow(graph: nx.Graph, seed: int) -> dict:
    """Cut the town into connected communities by taking a random spanning forest apart."""
    rng = np.random.default_rng(seed)
    forest = nx.Graph()
    forest.add_nodes_from(sorted(graph))
    edges = sorted(graph.edges)
    for at in rng.permutation(len(edges)):
        a, b = edges[at]
        if not nx.has_path(forest, a, b) and rng.random() < 0.8:
            forest.add_edge(a, b)
    parts = sorted(map(sorted, nx.connected_components(forest)))
    return {block: f"c{number}" for number, part in enumerate(parts) for block in part}


def _broken(graph: nx.Graph, plan: dict) -> set[str]:
    """Give the communities that are not connected."""
    names = set(plan.values())
    parts = {name: graph.subgraph([block for block, to in plan.items() if to == name]) for name in names}
    return {name for name, part in parts.items() if not nx.is_connected(part)}


@settings(max_examples=40, deadline=None)
@given(town=towns(), seed=st.integers(0, 2**32 - 1), moves=st.integers(0, 3))
def test_exactly_the_broken_communities_are_named(
    make_town: MakeTown, town: tuple[dict, nx.Graph], seed: int, moves: int
) -> None:
    """Connected communities pass; after moving blocks at random, exactly those that broke are refused."""
    blocks, graph = town
    plan = _grow(graph, seed)
    rng = np.random.default_rng(seed)
    for _ in range(moves):
        taker, moved = rng.integers(len(plan), size=2)
        plan[sorted(plan)[moved]] = plan[sorted(plan)[taker]]
    written = make_town({f"{i}-{j}": shape for (i, j), shape in blocks.items()})
    verdict = written.judge({f"{i}-{j}": to for (i, j), to in plan.items()})
    assert {violation.rule for violation in verdict.violations} <= {"contiguity"}
    assert {violation.community for violation in verdict.violations} == _broken(graph, plan)
