"""The judge on streets that belong whole to the community north or east of them, in every file."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.affinity import rotate

from redistrict.judge import verify_files
from redistrict.judge.case import Case, assign
from redistrict.judge.edges import check_edges, look_across
from redistrict.judge.faults import Drawn
from redistrict.judge.ground import read_ground
from redistrict.judge.outlines import NO_LINES
from redistrict.judge.verification import Violation
from redistrict.scenario.models import Output

from .delivery import FILES, read_shapes, write_layer, write_result
from .towns import CRS, Town, cells, line, marks, square

PLAN = marks("aabb aabb")
STREET = square(220, -130, 20, 240)
"""Between a and b, which is the one in the east; to its middle, 230, when drawn on the centreline."""


@pytest.fixture(scope="module")
def town(make_town: Callable[..., Town]) -> Town:
    """Two rows of four blocks with streets of 20 m between them."""
    town = make_town(cells("xxxx xxxx", street_m=20), households=1, people=3, district="东区")
    return Town(town.blocks, town.scenario.model_copy(update={"output": Output(boundary="edge")}))


@pytest.fixture
def result(town: Town, tmp_path: Path) -> Path:
    """Give a folder drawn on centrelines."""
    write_result(town, tmp_path, PLAN, workers=1)
    return tmp_path


def move(folder: Path, *files: str, street: shapely.Geometry = STREET, to_east: bool = True) -> None:
    """Draw the street in some files as that of b, or of a."""
    shapes = read_shapes(folder)
    a, b = shapes.geometry
    moved = [a - street, b | street] if to_east else [a | street, b - street]
    for file in files:
        write_layer(folder, file, shapes.assign(geometry=moved))


def judge(town: Town, folder: Path) -> list[Violation]:
    return list(verify_files(town.scenario, folder).violations)


def test_streets_on_edges_pass(town: Town, result: Path) -> None:
    """The street between a and b is that of b, in the east, in all files."""
    move(result, *FILES)
    assert judge(town, result) == []


@pytest.mark.parametrize("to_north", [True, False])
def test_a_street_between_rows_is_that_of_the_north(town: Town, tmp_path: Path, *, to_north: bool) -> None:
    """Of two rows the northern one has the street between them; the other way round it is named."""
    write_result(town, tmp_path, marks("aaaa bbbb"), workers=1)
    move(tmp_path, *FILES, street=square(-10, -20, 480, 20), to_east=not to_north)
    told = judge(town, tmp_path)
    assert {(violation.rule, violation.community) for violation in told} == (set() if to_north else {("outline", "a")})
    assert {block for violation in told for block in violation.blocks} == (set() if to_north else {*town.blocks["key"]})


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("planted", ["centreline", "other side", "one block short"])
def test_a_street_that_stays_or_goes_astray_is_named(town: Town, result: Path, file: str, planted: str) -> None:
    """A street on its centreline, with the community in the west, or with that in the east only in part."""
    honest = [one for one in FILES if one != file]
    centred = read_shapes(result)
    move(result, *honest)
    write_layer(result, file, centred)
    if planted != "centreline":
        shapes, street = read_shapes(result) if file != FILES[0] else centred, STREET
        a, b = centred.geometry
        part = square(220, -10, 20, 120)
        moved = [a | street, b - street] if planted == "other side" else [a - part, b | part]
        write_layer(result, file, shapes.assign(geometry=moved))
    (violation, *more) = judge(town, result)
    assert violation.rule == "outline"
    assert violation.community == "b"
    assert f"{file}: community b does not have the street" in violation.message.en
    assert "位置" in violation.message.zh
    named = {block for one in (violation, *more) for block in one.blocks}
    assert named == ({"11", "12"} if planted == "one block short" else {"01", "02", "11", "12"})


@pytest.mark.parametrize(
    ("x", "side", "ok"), [(230, "centreline", True), (230, "west", False), (300, "centreline", False)]
)
def test_a_line_stays_on_the_centreline_only_where_it_is_told_so(
    town: Town, result: Path, x: float, side: str, *, ok: bool
) -> None:
    """The layer of boundaries tells which lines stay, by place."""
    told = gpd.GeoDataFrame({"side": [side]}, geometry=[line((x, -130), (x, 110))], crs=CRS)
    told.to_file(result / "communities.gpkg", layer="boundaries")
    assert (judge(town, result) == []) == ok


def test_on_centrelines_nothing_of_this_is_asked(town: Town, result: Path) -> None:
    """The same folder passes a scenario that leaves boundaries on centrelines."""
    centred = town.scenario.model_copy(update={"output": Output()})
    assert verify_files(centred, result).violations == ()


def test_reaching_across_a_street_is_no_licence_for_other_land(town: Town, result: Path) -> None:
    """Land farther than half the widest gap from every block stays a fault."""
    move(result, *FILES)
    shapes = read_shapes(result)
    a, b = shapes.geometry
    for file in FILES:
        write_layer(result, file, shapes.assign(geometry=[a, b | square(460, 40, 80, 20)]))
    (violation,) = judge(town, result)
    assert "takes land that belongs to no block" in violation.message.en


@pytest.mark.parametrize(("degrees", "is_clear"), [(104, True), (106, False), (135, False), (-14, True), (-16, False)])
def test_streets_towards_the_north_east_have_no_clear_side(
    make_town: Callable[..., Town], degrees: float, *, is_clear: bool
) -> None:
    """Whoever looks within 30 degrees of north-west or south-east across a street tells nothing of it."""
    blocks = cells("xx", street_m=20)
    town = make_town({key: rotate(shape, degrees, origin=(500_000, 3_000_000)) for key, shape in blocks.items()})
    ground = read_ground(town.scenario)
    case = Case(town.scenario, ground, assign(ground, town.plan(marks("ab"))))
    assert (look_across(case, shapely.STRtree(ground.polygons), NO_LINES).looks.pair.size > 0) == is_clear


def test_a_street_gone_astray_is_told_where_that_begins(make_town: Callable[..., Town]) -> None:
    """A fifth of the way across, and within two metres of the corner of the block in the west."""
    town = make_town(cells("xx", street_m=20))
    ground = read_ground(town.scenario)
    case = Case(town.scenario, ground, assign(ground, town.plan(marks("ab"))))
    drawn = Drawn("plan", 0.01, case, np.array([square(0, 0, 110, 100), square(110, 0, 110, 100)], dtype=object))
    streets = look_across(case, shapely.STRtree(ground.polygons), NO_LINES)
    (fault,) = check_edges(drawn, streets)
    assert (fault.community, fault.kind, fault.blocks.tolist()) == (1, "edge", [0, 1])
    assert shapely.distance(fault.place, shapely.get_point(line((104, 0), (104, 2)), 0)) < 2
