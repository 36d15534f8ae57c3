"""Where names may stand on the map."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.affinity import rotate

from redistrict.report.map.lettering import find_spots, main_pieces, pack_grounds, pack_short, pack_spots, spread_spots
from tests.report.map.conftest import CENTRE, CRS, by_street, make_page

X, Y = CENTRE


def test_places_lie_in_the_largest_piece() -> None:
    """All places of a community in two pieces lie in its largest, away from its hole."""
    large = shapely.box(X, Y, X + 900, Y + 600).difference(shapely.box(X + 300, Y + 200, X + 600, Y + 400))
    shape = shapely.union_all([large, shapely.box(X + 2000, Y, X + 2100, Y + 100)])
    spots, _ = find_spots(main_pieces(gpd.GeoSeries([shape], crs=CRS))[0])
    assert shapely.contains_xy(large, spots).all()


def test_first_place_has_most_room_for_a_level_name() -> None:
    """In a T of a high stem and a wide bar the name stands in the bar, though the stem is no narrower."""
    bar, stem = shapely.box(X, Y + 500, X + 900, Y + 700), shapely.box(X + 350, Y, X + 560, Y + 500)
    spots, _ = find_spots(shapely.union_all([bar, stem]))
    assert abs(spots[0][1] - (Y + 600)) < 20
    assert abs(spots[0][0] - (X + 455)) < 120


@pytest.mark.parametrize("angle", [0, 40, 80, -60])
def test_narrow_community_is_named_along_itself(angle: int) -> None:
    """The direction is that in which a narrow community lies, upright to read."""
    strip = rotate(shapely.box(X, Y, X + 900, Y + 120), angle, origin=CENTRE)
    assert find_spots(strip)[1] == angle


def test_names_stand_at_the_pole_of_inaccessibility_too() -> None:
    """The middle of the largest circle is among the places: in an L that is its corner."""
    shape = shapely.union_all([shapely.box(X, Y, X + 300, Y + 800), shapely.box(X, Y, X + 800, Y + 300)])
    circle = shapely.maximum_inscribed_circle(shape)
    away = np.hypot(*(find_spots(shape)[0] - shapely.get_coordinates(circle)[0]).T)
    assert away.min() < 10


def test_packed_places_are_degrees_inside_the_communities() -> None:
    """Packed places are latitude and longitude of points inside, several a community."""
    shapes = make_page().new.communities.geometry
    packed = pack_spots(shapes)
    assert len(packed["spots"]) == len(packed["angle"]) == len(shapes)
    for spots, shape in zip(packed["spots"], shapes.to_crs(4326), strict=True):
        assert len(spots) >= 3
        assert all(shape.contains(shapely.Point(lon, lat)) for lat, lon in spots)


def test_places_are_spread_over_ground_from_its_pole() -> None:
    """The first place is the pole; all lie inside, and even a creek has one."""
    lake = shapely.Point(X, Y).buffer(400)
    spots = spread_spots(lake)
    assert 25 <= len(spots) <= 60
    assert np.hypot(*(spots[0] - [X, Y])) < 15
    assert shapely.contains_xy(lake, spots).all()
    creek = shapely.LineString([(X, Y), (X + 3000, Y + 200)]).buffer(8)
    assert shapely.contains_xy(creek, spread_spots(creek)).all()


def test_districts_streets_and_waters_are_lettered_once() -> None:
    """Each district, each street with communities and each water with a name is packed once; railways are lines."""
    page = by_street(make_page(), ("花湖街道", "沈家营街道", "空街道"))
    communities = page.new.communities.assign(district=["下陆区", "黄石港区"] * 6)
    barriers = page.roads[page.roads["road_class"] == "barrier"]
    packed = pack_grounds(communities, page.level, barriers)
    assert [(one["kind"], one["name"]) for one in packed] == [
        ("district", "下陆区"),
        ("district", "黄石港区"),
        ("unit", "花湖街道"),
        ("unit", "沈家营街道"),
        ("water", "磁湖"),
    ]
    n_spots = [len(one["spots"]) for one in packed]
    assert min(n_spots[:2]) > 1.5 * max(n_spots[2:])  # letters of districts stand between names
    unnamed = pack_grounds(page.new.communities, None, barriers.assign(name=""))
    assert unnamed == []


def test_only_names_of_new_communities_are_short() -> None:
    """Names made for new communities of their district are shortened, in both languages; others stand as they are."""
    names = ["黄石港区新设第12社区", "第3社区", "Iron Hill New Community 2", "新设第2社区", "桂林社区"]
    rows = gpd.GeoDataFrame(
        {"community_name": names, "district": ["黄石港区", "", "Iron Hill", "黄石港区", "黄石港区"]},
        geometry=[shapely.box(0, 0, 1, 1)] * 5,
    )
    assert pack_short(rows) == {
        "黄石港区新设第12社区": "新设第12",
        "第3社区": "第3",
        "Iron Hill New Community 2": "New 2",
    }
    assert pack_short(rows.drop(columns="district")) == {"第3社区": "第3", "新设第2社区": "新设第2"}
