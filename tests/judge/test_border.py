"""Along which lines a border runs, surely or perhaps, on two blocks either side of a street."""

from collections.abc import Callable, Sequence
from math import cos, radians, sin
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from redistrict.judge.border import Border, check_lines, trace_border
from redistrict.judge.case import Case, assign
from redistrict.judge.faults import Drawn
from redistrict.judge.ground import read_ground
from redistrict.scenario.models import Contiguity, Output
from redistrict.scenario.sources import RoadSource

from .towns import CRS, Town, cells, line, marks, square

MakeTown = Callable[..., Town]
Named = Sequence[tuple[str, shapely.Geometry]]

SHARED_M, OPEN_M, EDGE_M = 12.0, 22.0, 42.0
"""So near runs what surely runs along a border: 2 m more than a quarter or half of the widest gap, or all of it."""
UNSURE_M = 6.0
"""So much farther what may run along it."""


@pytest.fixture(scope="module")
def town(make_town: MakeTown) -> Town:
    """Two blocks over a street; the border between them is at 110, the open one in the east at 230."""
    return make_town(cells("xx", street_m=20), contiguity=Contiguity(max_gap_m=40))


def trace(town: Town, folder: Path, roads: Named, *, boundary: str = "centreline") -> tuple[Case, Border]:
    """Trace the border of a and b beside roads with names."""
    names, shapes = zip(*roads, strict=True)
    gpd.GeoDataFrame({"name": names}, geometry=list(shapes), crs=CRS).to_file(folder / "roads.gpkg")
    source = RoadSource(path=folder / "roads.gpkg", class_name="road", name_column="name")
    update = {
        "data": town.scenario.data.model_copy(update={"roads": (source,)}),
        "output": Output(boundary=boundary),
    }
    scenario = town.scenario.model_copy(update=update)
    ground = read_ground(scenario)
    case = Case(scenario, ground, assign(ground, town.plan(marks("ab"))))
    shapes = np.array([square(-10, -10, 120, 120), square(110, -10, 120, 120)], dtype=object)
    return case, trace_border(Drawn("communities.gpkg", 0.02, case, shapes))


def sure_at(border: Border, x: float) -> set[str | None]:
    """Give the names of what surely runs along the border at this place, from south to north."""
    return {border.sure[n] for n in np.flatnonzero(np.abs(border.middle[:, 0] - 500_000 - x) < 1)}


def upright(x: float) -> shapely.LineString:
    return line((x, -100), (x, 200))


@pytest.mark.parametrize(("x", "least_m"), [(110, SHARED_M), (230, OPEN_M)])
@pytest.mark.parametrize("way", [-1, 1])
def test_a_line_is_sure_near_by_and_possible_a_little_farther(
    town: Town, tmp_path: Path, x: float, least_m: float, way: int
) -> None:
    """Between two communities nearer than at the edge of all; a line with no other near by runs along it surely."""
    for away_m, found in (
        (0, {"甲路"}),
        (least_m, {"甲路"}),
        (least_m + 0.1, {None}),
        (least_m + UNSURE_M - 0.1, {None}),
        (least_m + UNSURE_M + 0.1, {""}),
    ):
        _, border = trace(town, tmp_path, [("甲路", upright(x + way * away_m))])
        assert sure_at(border, x) == found, away_m


def test_of_two_names_neither_is_sure(town: Town, tmp_path: Path) -> None:
    """Two lines of one name are as good as one."""
    lines = (upright(108), upright(113))
    assert sure_at(trace(town, tmp_path, [*zip("甲甲", lines, strict=True)])[1], 110) == {"甲"}
    assert sure_at(trace(town, tmp_path, [*zip("甲乙", lines, strict=True)])[1], 110) == {None}


@pytest.mark.parametrize(("degrees", "is_along"), [(30, True), (34, True), (36, False), (90, False)])
def test_what_runs_askew_only_crosses(town: Town, tmp_path: Path, degrees: float, is_along: bool) -> None:
    """A line within 35 degrees of a border runs along it."""
    x, y = 100 * sin(radians(degrees)), 100 * cos(radians(degrees))
    _, border = trace(town, tmp_path, [("甲路", line((110 - x, 50 - y), (110 + x, 50 + y)))])
    assert ("甲路" in sure_at(border, 110)) == is_along


def test_where_streets_are_whole_to_one_side_nothing_is_sure(town: Town, tmp_path: Path) -> None:
    """A border on the edge of a street may run along whatever lies within the widest gap."""
    case, border = trace(town, tmp_path, [("甲路", upright(110 + EDGE_M - 1))], boundary="edge")
    assert set(border.sure) == {None}
    assert any(border.may[n] for n in np.flatnonzero(np.abs(border.middle[:, 0] - 500_110) < 1))
    assert case.plan.names == ("a", "b")


def boundaries(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    """Write a table of boundaries."""
    table = pd.DataFrame(rows, columns=["community_id", "beyond_id", "road_name", "length_m"])
    return table.astype(str)


@pytest.mark.parametrize(
    ("metres", "said"),
    [
        (58.1, []),
        (57.94, ["along all with b of community a is 57.9;", "along 甲路 with b of community a is 57.9;"]),
        (181.9, []),
        (182.14, ["along all with b of community a is 182.1;", "along 甲路 with b of community a is 182.1;"]),
    ],
)
def test_metres_are_right_to_a_tenth_and_fifty(town: Town, tmp_path: Path, metres: float, said: list[str]) -> None:
    """Two communities meet along 120 m of a road: 58 to 182 m pass."""
    case, border = trace(town, tmp_path, [("甲路", upright(110))])
    rows = boundaries(("a", "b", "甲路", metres), ("a", "", "", 360), ("b", "", "", 360))
    found = [violation.message.en for violation in check_lines(case, border, rows)]
    assert len(found) == len(said), found
    assert all(any(one in message for message in found) for one in said), found
