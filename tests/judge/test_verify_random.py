"""The judge against the truth on random towns."""

from collections.abc import Callable
from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from redistrict.judge import frontage
from redistrict.judge.frontage import Survey
from redistrict.judge.ground import Ground
from redistrict.judge.pieces import find_lonely, find_pieces
from redistrict.scenario.models import Contiguity

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


@settings(max_examples=40)
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


def _scatter(rng: np.random.Generator, n_blocks: int) -> Ground:
    """Strew turned rectangles, some overlapping, with rails, lakes and a few bridges among them."""

    def strew(n: int, low: float, high: float) -> list[shapely.Geometry]:
        x, y, width, height = rng.uniform(0, 500, n), rng.uniform(0, 500, n), *rng.uniform(low, high, (2, n))
        turn = rng.choice([0, 0, 90, 33], n)
        boxes = [square(*numbers) for numbers in zip(x, y, width, height, strict=True)]
        return [shapely.affinity.rotate(box, angle) for box, angle in zip(boxes, turn, strict=True)]

    rails = [shapely.linestrings(square(*rng.uniform(-50, 500, 4)).exterior.coords[:3]) for _ in range(2)]
    return Ground(
        ids=np.arange(n_blocks).astype(str).astype(object),
        district=np.full(n_blocks, "", dtype=object),
        today=np.full(n_blocks, "", dtype=object),
        names=np.full(n_blocks, "", dtype=object),
        names_today={},
        counts={},
        others={},
        dwellings=None,
        polygons=np.array(strew(n_blocks, 20, 90)),
        crs=CRS("EPSG:4547"),
        barriers=np.array([*strew(1, 10, 200), *rails[:1]]),
        walls=np.array([*strew(1, 10, 200), *rails[1:]]),
        openings=shapely.centroid(np.array(strew(2, 1, 2))),
        bridges=np.empty(0, dtype=object),
        dividers=np.empty(0, dtype=object),
        never=np.array([shapely.linestrings(square(*rng.uniform(-50, 500, 4)).exterior.coords[:3])]),
        locked=frozenset(),
        n_sites=np.zeros(n_blocks, dtype=np.int64),
        deliveries=pd.DataFrame(),
        levels={},
    )


def _plain_crossings(barriers: shapely.STRtree, lines: np.ndarray, is_area: bool) -> tuple[np.ndarray, np.ndarray]:
    line, barrier = np.nonzero(shapely.intersects(lines[:, None], barriers.geometries[None, :]))
    shapes = barriers.geometries[barrier]
    meets = (shapely.get_dimensions(shapes) == 2) == is_area
    return line[meets], shapes[meets]


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1))
def test_shortcuts_change_no_answer(seed: int) -> None:
    """Passing over edges turned away, and over barriers out of reach, leaves every answer as it was."""
    ground = _scatter(np.random.default_rng(seed), 24)
    quick = Survey(ground, Contiguity())
    rows = np.arange(len(quick.pairs))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Survey, "_is_ahead", lambda _, edge, __: np.ones(edge.size, dtype=bool))
        patch.setattr(frontage, "_crossings", _plain_crossings)
        patch.setattr(frontage, "_find_beside", lambda _, bounds, __: np.ones(len(bounds), dtype=bool))
        plain = Survey(ground, Contiguity()).are_neighbours(rows, close_by=False)
    for order in (rows[::2], rows):
        assert np.array_equal(quick.are_neighbours(order, close_by=False), plain[order])


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1))
def test_who_hangs_together_with_nobody_needs_no_look_at_the_whole_city(seed: int) -> None:
    rng = np.random.default_rng(seed)
    households = np.where(rng.random(40) < 0.15, 100, 0)
    ground = replace(_scatter(rng, 40), counts={"households": households})
    district, links = rng.integers(0, 2, 40), [(0, 1), (2, 3)]
    blocks = rng.choice(40, 5, replace=False)

    piece = find_pieces(Survey(ground, Contiguity()), district, links, community=np.arange(40))
    expected = [not households[piece == piece[block]].any() for block in blocks]

    assert find_lonely(ground, Survey(ground, Contiguity()), district, links, blocks).tolist() == expected
