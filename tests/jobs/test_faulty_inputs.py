"""Faulty inputs, each with what is found, what is said and the exit code: nothing ends in a traceback (issue 16)."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from typer.testing import CliRunner

from redistrict.cli.app import app
from redistrict.geo.gcj02 import to_bd09, to_gcj02
from tests.geo.misplaced_town import Town, write

SCENARIO = """
name: town
data:
  blocks: {path: blocks.gpkg, columns: {id: id, households: hh}}
  roads: [{path: roads.gpkg, class_column: cls}]
communities:
  target: {households: 600}
  tolerance: {households: 0.2}
"""

Spoil = Callable[[Path], object]


def _crs(name: str, true: str, said: str) -> Spoil:
    """Write a layer in one system and say another."""

    def spoil(folder: Path) -> None:
        frame = getattr(Town(), name)(true)
        write(frame.set_crs(said, allow_override=True), folder / f"{name}.gpkg")

    return spoil


def _moved(name: str, turn: Callable[..., object], crs: str = "EPSG:4326") -> Spoil:
    """Write a layer with its coordinates changed."""

    def spoil(folder: Path) -> None:
        frame = getattr(Town(), name)(crs)
        moved = gpd.GeoSeries(shapely.transform(frame.geometry.to_numpy(), turn), crs=crs)
        write(frame.set_geometry(moved), folder / f"{name}.gpkg")

    return spoil


def _scenario(before: str, after: str) -> Spoil:
    def spoil(folder: Path) -> None:
        path = folder / "town.yaml"
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after, 1), encoding="utf-8")

    return spoil


def _content(name: str, content: bytes) -> Spoil:
    return lambda folder: (folder / name).unlink() or (folder / name).write_bytes(content)


def _damaged_prj(folder: Path) -> None:
    Town().blocks("EPSG:4547").to_file(folder / "blocks.shp")
    prj = folder / "blocks.prj"
    prj.write_bytes(prj.read_bytes().replace(b'DATUM["D_', b'DATUM["\xd0_', 1))
    _scenario("blocks.gpkg", "blocks.shp")(folder)


def _count_without_end(folder: Path) -> None:
    write(Town().blocks("EPSG:4547").assign(hh=[99_999_999_999, *[100] * 23]), folder / "blocks.gpkg")


def _pipe(folder: Path) -> None:
    (folder / "roads.gpkg").unlink()
    os.mkfifo(folder / "roads.gpkg")


def _view(folder: Path) -> None:
    import sqlite3
    from contextlib import closing

    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x AS fid, x AS id, 5 AS hh FROM c"
    with closing(sqlite3.connect(folder / "blocks.gpkg")) as database:
        database.execute(f"CREATE VIEW evil AS {endless}")
        database.commit()
    _scenario("path: blocks.gpkg,", "path: blocks.gpkg, layer: evil,")(folder)


VRT = b'<OGRVRTDataSource><OGRVRTLayer name="b"><SrcDataSource>/vsicurl/http://127.0.0.1:9/x</SrcDataSource></OGRVRTLayer>'

TABLE: dict[str, tuple[Spoil, int, str]] = {
    "nothing wrong": (lambda _: None, 0, "24 blocks, 38 pairs of neighbours"),
    "blocks with latitude first": (_moved("blocks", lambda xy: xy[:, ::-1]), 3, "axes seem to be swapped"),
    "blocks in degrees said to be metres": (_crs("blocks", "EPSG:4490", "EPSG:4547"), 3, "look like degrees"),
    "blocks in metres said to be degrees": (_crs("blocks", "EPSG:4547", "EPSG:4490"), 3, "said to be in degrees"),
    "blocks with a zone number": (_crs("blocks", "EPSG:4526", "EPSG:4547"), 3, "write 'crs: EPSG:4526'"),
    "blocks without their zone number": (_crs("blocks", "EPSG:4547", "EPSG:4526"), 3, "write 'crs: EPSG:4547'"),
    "blocks beyond the earth": (_moved("blocks", lambda xy: xy * 1e299, "EPSG:4547"), 3, "beyond the earth"),
    "blocks in a vertical system": (
        _scenario("path: blocks.gpkg,", "path: blocks.gpkg, crs: EPSG:5773,"), 3, "does not say where on a map"),
    "blocks with a damaged .prj": (_damaged_prj, 3, r"names cannot be read \(a damaged \.prj\?\)"),
    "blocks on an old datum": (
        lambda folder: [_crs(name, "EPSG:4547", "EPSG:2383")(folder) for name in ("blocks", "roads")],
        0, "The shift from Xian 1980 to WGS 84 is not known here"),
    "roads on another datum": (_crs("roads", "EPSG:4547", "EPSG:2383"), 3, "cannot be converted exactly"),
    "blocks in GCJ-02": (_moved("blocks", to_gcj02), 0, "data.blocks looks like GCJ-02"),
    "roads in GCJ-02": (_moved("roads", to_gcj02), 0, r"data.roads\[0\] looks like GCJ-02"),
    "roads in BD-09": (_moved("roads", lambda xy: to_bd09(to_gcj02(xy))), 0, r"data.roads\[0\] looks like BD-09"),
    "roads of the next zone": (
        _crs("roads", "EPSG:4547", "EPSG:4548"), 0, "roads.gpkg lies 28.* km from the blocks, so that nothing"),
    "roads in the wrong hemisphere": (
        _moved("roads", lambda xy: xy * (1, -1)), 0, r"y \(latitude, northing\) seems to have the wrong sign"),
    "a crs: against the file": (
        _scenario("path: roads.gpkg,", "path: roads.gpkg, crs: EPSG:4549,"), 0, "leave 'crs:' out"),
    "a crs: nobody knows": (
        _scenario("path: roads.gpkg,", "path: roads.gpkg, crs: EPSG:99999,"), 3, "is not a known coordinate system"),
    "a VRT for blocks": (_content("blocks.gpkg", VRT), 3, "holds 'OGRVRTDataSource'"),
    "a PDF for roads": (_content("roads.gpkg", b"%PDF-1.7"), 3, "is of no kind that is read"),
    "an empty file for roads": (_content("roads.gpkg", b""), 3, r"roads.gpkg is empty \(0 bytes\)"),
    "GeoJSON in UTF-16": (_content("roads.gpkg", '{"type": 1}'.encode("utf-16")), 3, "is text in UTF-16; save it as"),
    "half a GeoPackage": (_content("blocks.gpkg", b"SQLite format 3\x00half"), 3, "the file is damaged"),
    "a pipe for roads": (_pipe, 3, "is a device or a pipe"),
    "a device for blocks": (_scenario("path: blocks.gpkg", "path: /dev/zero"), 3, "is a device or a pipe"),
    "a view that never ends": (_view, 3, "evil is a view"),
    "a filter that never ends": (
        _scenario("path: blocks.gpkg,", "path: blocks.gpkg, where: 'id IN (SELECT 1)',"), 3, "'SELECT' is not allowed"),
    "a count without end": (_count_without_end, 3, r"found 99999999999; at most 10,000,000\): B00"),
    "a million communities": (
        _scenario("communities:", "communities:\n  count: 1000000"), 3,
        "1,000,000 communities are asked for, but there are 24"),
}  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices as on Unix; issue 16")
@pytest.mark.parametrize("fault", TABLE)
def test_faulty_inputs_end_in_a_message_and_an_exit_code(tmp_path: Path, fault: str) -> None:
    """`check` says what is found, in both languages, and ends with 3 where nothing right could come of it."""
    spoil, code, message = TABLE[fault]
    write(Town().blocks("EPSG:4547"), tmp_path / "blocks.gpkg")
    write(Town().roads("EPSG:4547"), tmp_path / "roads.gpkg")
    (tmp_path / "town.yaml").write_text(SCENARIO, encoding="utf-8")
    spoil(tmp_path)
    answer = CliRunner().invoke(app, ["--language", "en", "check", str(tmp_path / "town.yaml")])
    said = " ".join(answer.stderr.split())
    assert answer.exit_code == code, answer.output
    assert re.search(message, said), said
    if fault != "nothing wrong":
        again = CliRunner().invoke(app, ["--language", "zh", "check", str(tmp_path / "town.yaml")])
        assert not re.search(message, again.stderr)
        assert re.search(r"[一-鿿]{4}", again.stderr)


@pytest.mark.skipif(os.name != "posix", reason="devices as on Unix; issue 16")
def test_a_scenario_is_a_file() -> None:
    """A device in place of the scenario is refused, not read for ever."""
    answer = CliRunner().invoke(app, ["--language", "en", "check", "/dev/zero"])
    assert answer.exit_code == 3
    assert "is a device or a pipe, not a file" in answer.stderr
