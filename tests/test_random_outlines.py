"""Random towns with chamfered corners: what the builder draws of an honest plan, the judge lets pass."""

from pathlib import Path
from tempfile import TemporaryDirectory

import networkx as nx
import numpy as np
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from redistrict.geo.blocks import read_blocks
from redistrict.geo.graph import ContiguityGraph, build_graph
from redistrict.geo.outlines import draw_edges, draw_plan
from redistrict.geo.roads import read_surroundings
from redistrict.judge.case import Case, assign
from redistrict.judge.faults import Drawn
from redistrict.judge.ground import read_ground
from redistrict.judge.outlines import NO_LINES, judge_outlines
from redistrict.judge.rules import check_contiguity
from redistrict.judge.verification import Violation
from redistrict.report.gis.border_lines import find_stretches
from redistrict.scenario.models import Contiguity, Output
from redistrict.standards.bounds import trace_borders

from .judge.towns import Town, make_town

Shapes = NDArray[np.object_]
ORIGIN = (500_000, 3_000_000)
WIDEST_STREET_M = 20


def draw_town(folder: Path, rng: np.random.Generator, *, dense: bool) -> Town:
    """Draw plots around points strewn or in rows, streets between them, cut corners, and some of the centrelines.

    A fifth of the blocks hold nobody. Streets wider than the widest gap part the blocks beside them. Dense blocks have
    a vertex in every metre, rounded to the centimetre.
    """
    side = int(rng.integers(2, 6))
    lattice = np.array([(x * 100 + y % 2 * rng.choice([0, 50]), y * 87) for x in range(side) for y in range(side)])
    points = lattice + rng.normal(0, rng.choice([0.5, 20.0]), lattice.shape)
    points = points if rng.random() < 0.6 else rng.uniform(0, 130 * side, lattice.shape)
    frame = shapely.box(*(points.min(axis=0) - 60), *(points.max(axis=0) + 60))
    plots = shapely.intersection(
        shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=frame)), frame
    )
    blocks = shapely.buffer(plots, -rng.choice([0.0, 3.0, WIDEST_STREET_M / 2], len(plots)), join_style="mitre")
    cut_m = rng.choice([0.0, 8.0, 15.0], len(blocks))
    blocks = np.array([_cut_corners(block, m) for block, m in zip(blocks, cut_m, strict=True)], dtype=object)
    blocks = shapely.segmentize(blocks, 1.0) if dense else blocks
    blocks = blocks[(shapely.area(blocks) > 50) & (rng.random(len(blocks)) > 0.1)]
    edges = shapely.get_parts(shapely.union_all(shapely.boundary(plots)))
    roads = edges[rng.random(len(edges)) < rng.choice([0.0, 0.4, 1.0])]
    polygons = {f"b{at}": shapely.transform(block, _place) for at, block in enumerate(blocks)}
    counts = {key: int(100 * (rng.random() > 0.2)) for key in polygons}
    return make_town(
        folder,
        polygons,
        households=counts,
        people=counts,
        district="东区",
        roads=[("residential", shapely.transform(road, _place)) for road in roads],
        contiguity=Contiguity(max_gap_m=float(rng.choice([5, WIDEST_STREET_M, 40, 60]))),
    )


def _place(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.round(xy + ORIGIN, 2)


def _cut_corners(block: shapely.Polygon, cut_m: float) -> shapely.Geometry:
    """Cut the corners of a block off, and keep its largest piece."""
    inner = shapely.buffer(block, -cut_m, join_style="mitre")
    cut = shapely.intersection(block, shapely.buffer(inner, cut_m, join_style="bevel")) if cut_m else block
    return max(shapely.get_parts(cut), key=shapely.area, default=shapely.Polygon())


def divide(graph: ContiguityGraph, rng: np.random.Generator) -> NDArray[np.int32]:
    """Cut a random spanning forest of the town into connected communities."""
    forest = nx.Graph()
    forest.add_nodes_from(range(graph.n_blocks))
    for a, b in rng.permutation(graph.edges).tolist():
        if rng.random() < 0.7 and not nx.has_path(forest, a, b):
            forest.add_edge(a, b)
    community = np.empty(graph.n_blocks, dtype=np.int32)
    for c, blocks in enumerate(nx.connected_components(forest)):
        community[sorted(blocks)] = c
    return community


def judge_town(seed: int, *, dense: bool, edge: bool = False) -> list[Violation]:
    """Draw a town and an honest plan of it, on centrelines or edges, and give what the judge finds."""
    rng = np.random.default_rng(seed)
    with TemporaryDirectory() as folder:
        town = draw_town(Path(folder), rng, dense=dense)
        data, ground = town.scenario.data, read_ground(town.scenario)
        blocks = read_blocks(data)
        around = read_surroundings(data, blocks.crs)
        graph = build_graph(blocks, around, town.scenario.contiguity)
    community = divide(graph, rng)
    plan = town.plan({key: f"{c:03d}" for key, c in zip(blocks.ids, community, strict=True)})
    scenario = town.scenario.model_copy(update={"output": Output(boundary="edge" if edge else "centreline")})
    case, outlines = Case(scenario, ground, assign(ground, plan)), draw_plan(graph.cells, community)
    centred = NO_LINES
    if edge:
        before, (outlines, moved) = outlines, draw_edges(graph.cells, community)
        assert shapely.coverage_is_valid(outlines)
        assert abs(shapely.area(outlines).sum() - shapely.area(before).sum()) < 1e-3 * shapely.area(before).sum()
        borders = trace_borders(outlines, around, max_gap_m=scenario.contiguity.max_gap_m, moved=moved)
        centred = find_stretches(borders, around).query("side == 'centreline'")["geometry"].to_numpy()
    drawn = Drawn("communities.gpkg", 0.02, case, outlines)
    return [*judge_outlines(case, [drawn], [], centred).violations, *check_contiguity(case)]


@settings(max_examples=12)
@example(seed=451, dense=False)  # a sharp corner at the mouth of a street 51 m wide
@example(
    seed=90898, dense=False
)  # a corner of a block that went for a vertex 8 cm beside it, at the end of a long side
@given(seed=st.integers(0, 2**32 - 1), dense=st.booleans())
def test_an_honest_plan_passes(seed: int, dense: bool) -> None:
    """Communities of neighbours, drawn as they are delivered, are in one piece, without gap or overlap."""
    assert [violation.message.en for violation in judge_town(seed, dense=dense)] == []


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1), dense=st.booleans())
def test_an_honest_plan_with_streets_on_edges_passes(seed: int, dense: bool) -> None:
    """Streets that go to one side leave all communities in one piece, with their blocks, and are where they belong."""
    assert [violation.message.en for violation in judge_town(seed, dense=dense, edge=True)] == []
