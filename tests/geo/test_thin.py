"""Thin borders: fewer vertices, the same ground, and neighbours that still share their border vertex for vertex."""

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.graph import ContiguityGraph, build_graph
from redistrict.geo.outlines import draw_plan
from redistrict.geo.roads import Surroundings
from redistrict.geo.thin import thin_borders
from redistrict.scenario.models import Contiguity

Shapes = NDArray[np.object_]


def _graph(shapes: Shapes, max_gap_m: float) -> ContiguityGraph:
    text = dict.fromkeys(("district", "name", "community"), "")
    ids = [f"{at:03}" for at in range(len(shapes))]
    frame = gpd.GeoDataFrame({"block_id": ids, **text, "households": 1}, geometry=shapes, crs="EPSG:32650")
    none = gpd.GeoDataFrame({"road_class": [], "name": [], "kind": []}, geometry=[], crs=frame.crs)
    return build_graph(
        Blocks(frame, ("households",), ()), Surroundings(none, none, none), Contiguity(max_gap_m=max_gap_m)
    )


def _tiling(seed: int) -> Shapes:
    """Draw plots that tile their ground, with a wobble in every two metres of border, alike on both sides."""
    rng = np.random.default_rng(seed)
    points, frame = shapely.multipoints(rng.uniform(0, 400, (20, 2))), shapely.box(0, 0, 400, 400)
    plots = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(points, extend_to=frame)), frame)
    edges = shapely.line_merge(shapely.union_all(shapely.boundary(plots), grid_size=0.001))
    size_m = rng.choice([0.0, 0.004, 0.1])
    wobbly = shapely.transform(shapely.segmentize(edges, 2.0), lambda xy: xy + size_m * np.sin(xy[:, ::-1] * 7))
    return np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(wobbly))))


@given(seed=st.integers(0, 10_000))
def test_thin_borders_lie_within_a_centimetre_and_are_shared_as_before(seed: int) -> None:
    """No vertex lies farther than a centimetre beside the thin border, and a tiling stays one."""
    shapes = _tiling(seed)
    assert shapely.coverage_is_valid(shapes)
    thin = thin_borders(shapes)
    assert shapely.is_valid(thin).all()
    assert shapely.coverage_is_valid(thin)
    points, at = shapely.get_coordinates(shapes, return_index=True)
    assert shapely.distance(shapely.points(points), shapely.boundary(thin)[at]).max() < 0.0101
    assert set(map(tuple, shapely.get_coordinates(thin).tolist())) <= set(map(tuple, points.tolist()))


def test_straight_borders_keep_only_their_corners() -> None:
    """A dense block keeps its corners, and where others meet beside it; holes, parts and tiny rings stay."""
    left, top, bottom = shapely.box(0, 0, 50, 100), shapely.box(50, 50, 90, 100), shapely.box(50, 0, 90, 50)
    court = shapely.box(10, 10, 20, 20)
    crumb = shapely.box(200, 0, 200.005, 0.005)
    shapes = np.array(
        [left - court, top, bottom, court, shapely.multipolygons([crumb, shapely.box(300, 0, 310, 9)])], dtype=object
    )
    thin = thin_borders(np.asarray(shapely.segmentize(shapes, 0.75)))
    assert shapely.get_num_coordinates(thin).tolist() == [6 + 5, 5, 5, 5, 5 + 5]
    assert shapely.equals(thin, shapes).all()


def test_a_block_that_would_cross_itself_stays_as_it_is() -> None:
    """Where a thin border would cut a spike off its own block, it keeps every vertex, its neighbour the corners."""
    ring = [(0, 0), (50, -0.009), (100, 0), (100, 50), (50.001, 50), (50, -0.004), (49.999, 50), (0, 50)]
    beside = shapely.Polygon([(100, 0), (150, 0), (160, 25), (150, 50), (100, 50)])
    dense = shapely.segmentize(shapely.box(200, 0, 250, 50), 1.0)
    shapes = np.array([shapely.Polygon(ring), beside, dense], dtype=object)
    assert shapely.is_valid(shapes).all()
    thin = thin_borders(shapes)
    assert shapely.get_num_coordinates(thin).tolist() == [9, 6, 5]
    assert shapely.is_valid(thin).all()


def test_dense_borders_change_no_neighbours_and_no_outlines() -> None:
    """A vertex in every half metre of straight border changes neither edges nor frontage nor outlines."""
    boxes = [shapely.box(x, y, x + 80, y + 50) for x in (0, 80, 190) for y in (0, 65, 130)]
    shapes = np.array(boxes, dtype=object)
    plain, dense = _graph(shapes, 40.0), _graph(np.asarray(shapely.segmentize(shapes, 0.5)), 40.0)
    assert np.array_equal(plain.edges, dense.edges)
    assert np.allclose(plain.frontage_m, dense.frontage_m, atol=0.01)
    assignment = np.repeat(np.arange(3, dtype=np.int32), 3)
    one, two = (draw_plan(graph.cells, assignment) for graph in (plain, dense))
    assert shapely.area(shapely.symmetric_difference(one, two)).max() < 0.1
