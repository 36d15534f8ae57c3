"""The judge on stretches of a road that are to be boundaries: which neighbours may not share a community."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from pyproj import Transformer

from redistrict.scenario.pin import Pin
from redistrict.scenario.sources import RoadSource

from .towns import CRS, Town, cells, line, marks, square

MakeTown = Callable[..., Town]
Place = tuple[float, float]

AROUND = [("甲路", line((-50, -10), (230, -10))), ("甲路", line((230, -10), (230, 150), (600, 150), (600, -10)))]
"""Around the north of 02 and 03; 甲路 between the rows goes on straight only in `STRAIGHT`."""
STRAIGHT = ("甲路", line((230, -10), (600, -10)))
LONE = ("乙路", line((110, -300), (110, 300)))
POND = square(-20, -12, 500, 4)


def read_at(town: Town, folder: Path, roads: Sequence[tuple[str, shapely.Geometry]]) -> Town:
    """Give a town with lines that have names, and a layer of roads without any."""
    names, shapes = zip(*roads, strict=True)
    path = folder / "named.gpkg"
    gpd.GeoDataFrame({"name": names}, geometry=list(shapes), crs=CRS).to_file(path)
    named = RoadSource(path=path, class_name="road", name_column="name")
    nameless = RoadSource(path=path, class_name="road")
    data = town.scenario.data.model_copy(update={"roads": (nameless, named)})
    return replace(town, scenario=town.scenario.model_copy(update={"data": data}))


def told(town: Town, name: str, start: Place, end: Place, plan: str = "xxxx xxxx") -> list[str]:
    """Give what the judge says of a plan one of whose boundaries is to be a stretch."""
    places = {"from": (500_000 + start[0], 3_000_000 + start[1]), "to": (500_000 + end[0], 3_000_000 + end[1])}
    return judge(town, {"name": name, **places}, plan)


def judge(town: Town, stretch: dict[str, object], plan: str = "xxxx xxxx") -> list[str]:
    pin = Pin.model_validate({"reason": "gate", "along": stretch})
    asked = replace(town, scenario=town.scenario.model_copy(update={"pins": (pin,)}))
    return [v.message.en.partition(": ")[2] for v in asked.judge(marks(plan)).violations]


@pytest.fixture(scope="module")
def plain(make_town: MakeTown) -> Town:
    """Two rows of four blocks of 100 m, with streets of 20 m between them; the street between the rows is at -10."""
    return make_town(cells("xxxx xxxx", street_m=20))


@pytest.mark.parametrize(
    ("roads", "start", "end", "blocks"),
    [
        ([*AROUND, STRAIGHT], (0, -10), (470, -10), "00, 01, 02, 03, 10 and 3 more"),
        ([*AROUND, STRAIGHT], (470, -10), (0, -10), "00, 01, 02, 03, 10 and 3 more"),
        ([*AROUND, STRAIGHT], (0, 20), (220, -25), "00, 01, 10, 11"),  # the nearest points of the road
        ([*AROUND, STRAIGHT], (60, -10), (310, -10), "01, 02, 11, 12"),  # half of what they see, and less than half
        (AROUND, (0, -10), (600, 100), "00, 01, 02, 10, 11"),  # the way there is, between 01 and 02 as well
    ],
)
def test_neighbours_over_the_shortest_way_are_told(
    plain: Town, tmp_path: Path, roads: list[tuple[str, shapely.Geometry]], start: Place, end: Place, blocks: str
) -> None:
    """From either end, by the nearest points of the lines of that name, and only over half of what two see."""
    town = read_at(plain, tmp_path, [*roads, LONE])
    (said,) = told(town, "甲路", start, end)
    assert said == f"blocks {blocks} share one across it."


def test_the_outline_of_a_pond_may_be_a_boundary(plain: Town, tmp_path: Path) -> None:
    """Of an area the outline counts: here on both sides of the middle of the street."""
    town = read_at(plain, tmp_path, [("湖", POND)])
    assert told(town, "湖", (0, 0), (220, 0)) == ["blocks 00, 01, 10, 11 share one across it."]


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [("丙路", (0, -10), (220, -10)), ("甲路", (0, -10), (0, -10)), ("断路", (0, -10), (470, -10))],
)
def test_a_stretch_that_is_not_there_is_told(plain: Town, tmp_path: Path, name: str, start: Place, end: Place) -> None:
    """No line of that name, no length, or a gap between the ends."""
    broken = [("断路", line((-50, -10), (100, -10))), ("断路", line((300, -10), (600, -10)))]
    town = read_at(plain, tmp_path, [*AROUND, *broken])
    assert told(town, name, start, end) == ["there is nothing it names."]


def test_small_numbers_are_degrees(plain: Town, tmp_path: Path) -> None:
    """Longitude and latitude name the same places as metres."""
    town = read_at(plain, tmp_path, [*AROUND, STRAIGHT])
    to_degrees = Transformer.from_crs(CRS, gpd.GeoSeries(crs=CRS).crs.geodetic_crs, always_xy=True)
    start, end = (to_degrees.transform(500_000 + x, 3_000_000 - 10) for x in (0, 220))
    assert judge(town, {"name": "甲路", "from": start, "to": end}) == ["blocks 00, 01, 10, 11 share one across it."]


def test_a_plan_that_ends_at_the_stretch_keeps_to_it(plain: Town, tmp_path: Path) -> None:
    """Two communities, one on either side of the road."""
    town = read_at(plain, tmp_path, [*AROUND, STRAIGHT])
    assert told(town, "甲路", (0, -10), (470, -10), "xxxx yyyy") == []
