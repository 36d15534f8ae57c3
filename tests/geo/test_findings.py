"""Findings: every kind of oddity of block shapes with its severity, blocks, width, area and place."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from redistrict.geo.findings import Examination, Finding, examine_blocks, to_json
from redistrict.messages import Message
from redistrict.scenario.sources import Data

from .drawing import CRS, box

Row = tuple[str, str, tuple[str, ...], float | None, float | None]


def _examine(
    folder: Path, shapes: dict[str, shapely.Geometry] | list[tuple[str, shapely.Geometry]], **data: str
) -> Examination:
    rows = list(shapes.items()) if isinstance(shapes, dict) else shapes
    keys, drawn = zip(*rows, strict=True)
    gpd.GeoDataFrame({"id": keys, "hh": 1}, geometry=list(drawn), crs=CRS).to_file(folder / "b.gpkg")
    source = {"path": folder / "b.gpkg", "columns": {"id": "id", "households": "hh"}}
    return examine_blocks(Data.model_validate({"blocks": source, **data}))


def _rows(examined: Examination) -> list[Row]:
    def near(value: float | None) -> float | None:
        return None if value is None else round(value, 2)

    found = examined.findings
    return [(one.severity, one.what.en, one.blocks, near(one.metres), near(one.area_m2)) for one in found]


def test_a_sound_town_has_no_findings(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Blocks with streets between them are all there, and nothing is odd."""
    examined = _examine(tmp_path, dict(zip(four_blocks["编号"], four_blocks.geometry, strict=True)))
    assert (len(examined.blocks), examined.findings) == (4, ())


@pytest.mark.parametrize("width", [0.8, 3.0, 40.0])
def test_overlaps_have_their_width_and_ground(tmp_path: Path, width: float) -> None:
    """Two blocks drawn over each other by a strip are a warning, with the strip."""
    examined = _examine(tmp_path, {"b": box(0, 0, 100, 100), "a": box(100 - width, 0, 90, 100)})
    assert _rows(examined) == [("warning", "lie on each other", ("a", "b"), width, round(100 * width, 2))]
    strip = box(100 - width, 0, width, 100)
    assert examined.findings[0].place.symmetric_difference(strip).area == pytest.approx(0, abs=1e-6)


def test_what_is_refused_comes_first(tmp_path: Path) -> None:
    """One block under two keys, an outline around several and a key that repeats are errors."""
    inside = {f"i{n}": box(20 * n, 0, 18, 18) for n in range(3)}
    shapes = [
        *inside.items(), ("out", box(-5, -5, 80, 40)), ("x", box(200, 0, 50, 50)), ("y", box(200, 0, 50, 50)),
        ("k", box(300, 0, 10, 10)), ("k", box(320, 0, 10, 20)), ("z", box(400, 0, 10, 10)), ("w", box(405, 0, 9, 10)),
    ]  # fmt: skip
    assert _rows(_examine(tmp_path, shapes)) == [
        ("error", "the outline of 3 other blocks", ("out", "i0", "i1", "i2"), None, 3200),
        ("error", "drawn on the same ground", ("x", "y"), 50, 2500),
        ("error", "one key on several shapes", ("k",), None, 300),
        ("warning", "lie on each other", ("w", "z"), 5, 50),
    ]
    two = [*inside.items(), *((f"j{n}", box(500 + 20 * n, 0, 18, 18)) for n in range(3))]
    outlines = [("in", box(-5, -5, 80, 40)), ("jn", box(495, -5, 80, 41))]
    assert [blocks for _, _, blocks, _, _ in _rows(_examine(tmp_path, [*two, *outlines]))] == [
        ("jn", "j0", "j1", "j2"),
        ("in", "i0", "i1", "i2"),
    ]
    assert {one.severity for one in _examine(tmp_path, shapes, repair="mend").findings} == {"note"}


def test_parts_far_apart_and_broken_outlines(tmp_path: Path) -> None:
    """A block in two places has the gap between them; one that crosses itself what the rebuilding changed."""
    apart = shapely.union(box(0, 0, 50, 50), box(130, 0, 50, 50))
    x, y = shapely.get_coordinates(box(400, 0, 100, 100)).min(axis=0)
    bow = shapely.Polygon([(x, y), (x + 100, y + 100), (x + 100, y), (x, y + 100)])
    assert _rows(_examine(tmp_path, {"p": apart, "bow": bow})) == [
        ("warning", "lies in 2 places", ("p",), 80, None),
        ("note", "an outline that crosses itself, rebuilt", ("bow",), None, 5000),
    ]


def test_narrow_gaps_are_notes_and_ponds_are_none(tmp_path: Path) -> None:
    """Ground of nobody under two metres wide, closed in by blocks, is noted; a courtyard is not."""
    whole = box(0, 0, 100, 100) - box(40, 40, 20, 20) - box(10, 10, 60, 0.5)
    halves = {"w": whole & box(0, 0, 50, 100), "e": whole & box(50, 0, 50, 100)}
    assert _rows(_examine(tmp_path, halves)) == [
        ("note", "narrow ground of nobody between blocks", ("e", "w"), 0.5, 30)
    ]


def test_what_has_no_area_is_passed_over(tmp_path: Path) -> None:
    """Shapes that are missing, empty or no areas are no reason to stop."""
    shapes = {"a": box(0, 0, 10, 10), "b": None, "c": shapely.Polygon()}
    examined = _examine(tmp_path, shapes)
    assert (list(examined.blocks["id"]), examined.findings) == (["a"], ())
    assert _examine(tmp_path, {"b": None}).findings == ()


@pytest.mark.parametrize("name", ["id", "row", "index"])
def test_the_column_of_keys_may_have_any_name(tmp_path: Path, name: str) -> None:
    """Also one that tables use for the numbers of their rows."""
    frame = gpd.GeoDataFrame({name: ["a"], "hh": 1}, geometry=[box(0, 0, 10, 10)], crs=CRS)
    frame.to_file(tmp_path / "b.gpkg")
    blocks = {"path": tmp_path / "b.gpkg", "columns": {"id": name, "households": "hh"}}
    assert list(examine_blocks(Data.model_validate({"blocks": blocks})).blocks["id"]) == ["a"]


def test_metres_are_written_to_the_centimetre() -> None:
    """So are square metres, to the hundredth; what has no width has none."""
    at = shapely.Point(115.1234567, 30)
    found = Finding("note", Message("narrow", "窄"), ("a",), 0.1256, 3.14159, at)
    plain = to_json(found, at)
    assert (plain["metres"], plain["area_m2"], plain["lon"]) == (0.13, 3.14, 115.123457)
    assert to_json(replace(found, metres=None), at)["metres"] is None
