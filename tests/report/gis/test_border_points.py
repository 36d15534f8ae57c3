"""Boundary points: each place once with coordinates, and rounds from point to point."""

import numpy as np
import pytest
import shapely
from pyproj import Geod

from redistrict.report.gis.border_lines import draw_borders
from redistrict.report.gis.border_points import draw_points, list_rounds
from tests.report.drawn_town import make_town


def test_points_have_coordinates_and_say_what_stands_there() -> None:
    """Where 甲 and its neighbour meet at the river, 湖滨大道 runs; degrees and metres are the same place."""
    report, _, around = make_town(language="zh")
    points = draw_points(report.office, around)
    assert points["point"].tolist() == [f"J{n + 1}" for n in range(len(points))]
    nodes = points[points["point_type"] == "node"]
    assert dict(zip(nodes["communities"], [*nodes["stands_there"]], strict=False)).keys() == {
        "甲社区; 东区新设第1社区",
        "东区新设第1社区; 丙社区",
    }
    west = nodes[nodes["communities"].str.startswith("甲社区")].sort_values("north_m")
    assert west["stands_there"].tolist() == ["湖滨大道", "湖滨大道; 长江"]
    east, north = (points[name].to_numpy() for name in ("east_m", "north_m"))
    assert np.column_stack([east, north]) == pytest.approx(
        shapely.get_coordinates(points.geometry.to_numpy()), abs=0.001
    )
    lon, lat = (points[name].to_numpy() for name in ("longitude", "latitude"))
    _, _, apart_m = Geod(ellps="GRS80").inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    assert apart_m == pytest.approx(np.hypot(np.diff(east), np.diff(north)), rel=0.001)


def test_rounds_close_and_agree_with_lines() -> None:
    """Distance and bearing lead from each point to the next and back to the first; lines and roads are the layer's."""
    report, layers, around = make_town(language="zh")
    points, borders = draw_points(report.office, around), draw_borders(report.office, around)
    rounds = list_rounds(report.office, around, points)
    assert rounds.groupby(["community_id", "ring"])["step"].apply(list).map(lambda steps: steps[0]).eq(1).all()
    for community, mine in rounds.groupby("community_id"):
        assert mine["next_point"].tolist() == [*mine["point"].tolist()[1:], mine["point"].tolist()[0]]
        angle = np.radians(mine["bearing"])
        step = mine["distance_m"].to_numpy()[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
        place = mine[["east_m", "north_m"]].to_numpy()
        assert place + step == pytest.approx(np.roll(place, -1, axis=0), abs=0.1)
        ring = shapely.Polygon(place)
        (area,) = layers.communities.geometry[layers.communities["community_id"] == community]
        assert shapely.area(shapely.symmetric_difference(ring, area)) < 0.01
        assert not shapely.is_ccw(ring.exterior)
    known = set(zip(borders["line"], borders["road_name"], strict=True))
    assert set(zip(rounds["line"], rounds["road_name"], strict=True)) <= known
    assert set(rounds["line"]) == set(borders["line"])
    along = rounds[rounds["road_name"] == "湖滨大道"]
    assert sorted(along["beyond_name"]) == ["东区新设第1社区", "甲社区"]


def test_hostile_names_stay_text() -> None:
    """Names come out letter by letter; the writer of CSV files guards them."""
    report, _, around = make_town(rename=lambda name: f"=1+{name}")
    points = draw_points(report.office, around)
    assert any(text.startswith("=1+") for text in points["stands_there"])
