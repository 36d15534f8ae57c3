"""Border lines: every border once, by the road it follows; and crossings as lines, with the numbers of the list."""

import numpy as np
import pytest
import shapely
from shapely import affinity

from redistrict.report.gis.border_lines import draw_borders, draw_crossings, find_stretches
from redistrict.standards.bounds import trace_borders
from tests.geo.drawing import surroundings
from tests.report.drawn_town import make_town


def test_each_border_is_told_once_with_its_road() -> None:
    """甲 and the new community meet along 湖滨大道; what has no name keeps its class; the outside has no name."""
    report, _, around = make_town(language="zh")
    borders = draw_borders(report.office, around)
    keys = ["community_name", "beyond_name", "road_class", "road_name"]
    assert borders.groupby(keys)["length_m"].sum().to_dict() == {
        ("甲社区", "", "", ""): 480,
        ("甲社区", "", "river", "长江"): 240,
        ("甲社区", "东区新设第1社区", "trunk", "湖滨大道"): 240,
        ("东区新设第1社区", "", "", ""): 120,
        ("东区新设第1社区", "", "river", "长江"): 120,
        ("东区新设第1社区", "丙社区", "tertiary", ""): 240,
        ("丙社区", "", "", ""): 360,
        ("丙社区", "", "river", "长江"): 120,
    }
    assert borders["length_m"].tolist() == pytest.approx(borders.length.tolist(), abs=0.01)


def test_borders_are_whole_lines_on_the_outlines() -> None:
    """The pieces of a border are joined, and all borders together are the outlines of the communities."""
    report, layers, around = make_town()
    borders = draw_borders(report.office, around)
    shared = borders[borders["beyond_id"] != ""].geometry
    assert [len(shape.geoms) for shape in shared] == [1, 1]
    outlines = shapely.union_all(shapely.boundary(layers.communities.geometry.to_numpy()))
    assert shapely.hausdorff_distance(shapely.union_all(borders.geometry.to_numpy()), outlines) < 1e-6
    assert borders.length.sum() == pytest.approx(outlines.length)


def test_a_line_names_its_nodes_and_where_it_follows_none() -> None:
    """A line along a river and nothing has a row for each, between the same nodes, that add up to its metres."""
    report, _, around = make_town(language="zh")
    borders = draw_borders(report.office, around)
    outer = borders[(borders["community_name"] == "甲社区") & (borders["beyond_name"] == "")]
    assert len(set(outer["line"])) == len(set(outer["from_point"])) == len(set(outer["to_point"])) == 1
    assert sorted(outer["road_name"]) == ["", "长江"]
    sums = borders.groupby("line").agg({"length_m": "sum", "line_m": "first"})
    assert sums["length_m"].tolist() == pytest.approx(sums["line_m"].tolist(), abs=0.02)
    (shared,) = borders[borders["road_name"] == "湖滨大道"].itertuples()
    assert (shared.line_m, shared.on_line_m) == (240, 240)
    assert shared.bearing == 0
    assert borders[borders["road_name"] == ""].query("road_class == ''")["on_line_m"].sum() == 0


@pytest.mark.parametrize(("vertex_m", "cut_m"), [(50, 50), (50.4, 50.4), (49.6, 49.6), (51, 50)])
@pytest.mark.parametrize("turn", [0, 0.3, 1.1])
def test_a_line_is_cut_at_its_own_vertex_where_one_is_near(vertex_m: float, cut_m: float, turn: float) -> None:
    """A road follows the first half of the border; no segment of less than half a metre comes of the cut."""
    west = shapely.Polygon([(0, 0), (100, 0), (100, vertex_m), (100, 100), (0, 100)])
    east = shapely.Polygon([(100, 0), (200, 0), (200, 100), (100, 100), (100, vertex_m)])
    road = shapely.LineString([(100, -10), (100, 50)])
    west, east, road = (affinity.rotate(shape, turn, (0, 0), use_radians=True) for shape in (west, east, road))
    around = surroundings(roads=[("tertiary", "杭州路", road)])
    stretches = find_stretches(trace_borders(np.array([west, east]), around, max_gap_m=20), around)
    along, beyond = stretches[stretches["line"] == 1]["geometry"]
    assert stretches["road_name"].tolist() == ["", "杭州路", "", ""]
    assert (along.length, beyond.length) == pytest.approx((cut_m, 100 - cut_m))
    assert [len(shapely.get_coordinates(part)) for part in (along, beyond)] == [2, 2 + (vertex_m != cut_m)]


def test_a_line_beside_what_it_follows_is_not_on_it() -> None:
    """The river is 6 m beyond the outlines: 四至 names it, and the table says that no metre lies on it."""
    report, _, around = make_town(language="zh")
    borders = draw_borders(report.office, around)
    assert borders[borders["road_name"] == "长江"]["on_line_m"].tolist() == [0, 0, 0]


def test_the_four_bounds_name_what_the_lines_do() -> None:
    """What each community's sides run along, by name, are roads that its lines follow."""
    report, _, around = make_town(language="zh")
    borders = draw_borders(report.office, around)
    for name, four in zip(report.office.names, report.office.bounds, strict=True):
        mine = borders[(borders["community_name"] == name) | (borders["beyond_name"] == name)]
        told = {
            line.name
            for side in (four.east, four.south, four.west, four.north)
            for line in side.lines
            if line.kind in ("road", "water")
        }
        assert told == set(mine["road_name"]) - {""}
        named_m = mine[mine["road_name"] != ""]["length_m"].sum()
        assert four.named_border_share == pytest.approx(named_m / mine["length_m"].sum())


def test_crossings_are_the_list_with_lines() -> None:
    """Every row of the list is there, with the road clipped to the inside of its community."""
    report, layers, around = make_town(language="zh")
    areas = layers.communities.geometry.to_numpy()
    crossings = draw_crossings(report.office, around, areas, rim_m=12)
    assert crossings["length_m"].tolist() == [row.length_m for row in report.office.crossings]
    assert set(crossings["road_name"]) == {"杭州路"}
    assert crossings.length.tolist() == pytest.approx([240 - 24, 120 - 24, 120 - 24])
    for area, line in zip(areas, crossings.geometry, strict=True):
        assert area.buffer(-11.9).contains(line)


def test_a_road_along_the_edge_is_listed_without_a_line() -> None:
    """Where all of a road lies within the rim, the row stands without a line, so that the sums stay whole."""
    report, layers, around = make_town()
    crossings = draw_crossings(report.office, around, layers.communities.geometry.to_numpy(), rim_m=60)
    assert len(crossings) == len(report.office.crossings)
    assert crossings.geometry.isna().sum() > 0
