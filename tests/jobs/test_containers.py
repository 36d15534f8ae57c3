"""Archives and shapefiles of several parts: the layer there is gets read, what is missing or of elsewhere is named.

See issue 16.
"""

import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
import xlsxwriter

from redistrict.errors import DataError
from redistrict.judge.reading import read_layer
from redistrict.scenario.sources import Source

from .small_town import CRS, make_blocks, tell, write_scenario

Parts = Mapping[str, bytes]
JUNK = {"readme.pdf": b"%PDF-1.7", "map.jpg": b"\xff\xd8\xff", "notes.txt": "说明".encode("gbk"), "b.shp.xml": b"<x/>"}


def _gbk(name: str) -> str:
    """Give a name as an archive holds it that a Chinese Windows packed, as it comes out of one."""
    return name.encode("gbk").decode("cp437")


def _renamed(turn: Callable[[str], str]) -> Callable[[Parts], Parts]:
    return lambda parts: {turn(name): content for name, content in parts.items()}


def _beside(more: Parts) -> Callable[[Parts], Parts]:
    return lambda parts: {**more, **parts}


GOOD: dict[str, Callable[[Parts], Parts]] = {
    "in one folder": _renamed(lambda name: f"x/{name}"),
    "in a folder of a folder, a readme above": lambda parts: {
        "说明.txt": b"-", **{f"x/y/{name}": content for name, content in parts.items()}},
    "in a Chinese folder": _renamed(lambda name: f"黄石/{name.replace('b.', '地块.')}"),
    "in a folder in GBK": _renamed(lambda name: _gbk(f"黄石/{name.replace('b.', '地块.')}")),
    "beside a picture and a readme": _beside(JUNK),
    "with suffixes like .Shp": _renamed(str.title),
    "with folders as Windows parts them": _renamed(lambda name: f"x\\..\\..\\{name}"),
}  # fmt: skip
BAD: dict[str, tuple[Callable[[Parts], Parts], str]] = {
    "two layers": (_beside({"c.geojson": b"{}"}), "b.zip has several layers; name one of: c, b."),
    "one name in two folders": (
        lambda parts: {f"{year}/{name}": content for year in (2024, 2025) for name, content in parts.items()},
        "several layers of one name (2024/b.shp, 2025/b.shp); unpack it",
    ),
    "no layer": (lambda _: JUNK, "b.zip holds no layer that is read out of an archive, only readme.pdf, map.jpg"),
}


def _parts(folder: Path) -> Parts:
    (folder / "layer").mkdir()
    make_blocks().to_file(folder / "layer" / "b.shp", encoding="utf-8")
    return {part.name: part.read_bytes() for part in sorted((folder / "layer").iterdir())}


def _pack(folder: Path, parts: Parts, name: str = "b.zip") -> Path:
    with ZipFile(folder / name, "w") as archive:
        for member, content in parts.items():
            one = ZipInfo(member)
            one.filename = member
            archive.writestr(one, content)
    return write_scenario(folder, {"b.gpkg": name})


@pytest.mark.parametrize("packed", GOOD)
def test_the_one_layer_of_an_archive_is_read(tmp_path: Path, packed: str) -> None:
    """Engine and judge find the layer, wherever it lies and whatever lies beside it."""
    code, said = tell("check", _pack(tmp_path, GOOD[packed](_parts(tmp_path)), "B.ZIP"))
    assert (code, "16 blocks" in said) == (0, True), said


@pytest.mark.parametrize("packed", BAD)
def test_an_archive_without_one_layer_is_refused_with_those_there_are(tmp_path: Path, packed: str) -> None:
    """Several layers, or none, are named."""
    turn, words = BAD[packed]
    code, said = tell("check", _pack(tmp_path, turn(_parts(tmp_path))))
    assert (code, words in said) == (3, True), said


@pytest.mark.parametrize("part", ["b.shp", "b.dbf"])
@pytest.mark.parametrize("damage", [slice(20, 60), slice(-60, -20)])
def test_a_damaged_archive_is_refused(tmp_path: Path, part: str, damage: slice) -> None:
    """Where a part cannot be unpacked, engine and judge say so, whatever it is that gives way."""
    scenario = _pack(tmp_path, _parts(tmp_path))
    with ZipFile(tmp_path / "whole.zip", "w", ZIP_DEFLATED) as packed, ZipFile(tmp_path / "b.zip") as plain:
        for name in plain.namelist():
            packed.writestr(name, plain.read(name))
    with ZipFile(tmp_path / "whole.zip") as packed:
        member = packed.getinfo(part)
        start = member.header_offset + 30 + len(part)
    content = bytearray((tmp_path / "whole.zip").read_bytes())
    stream = content[start : start + member.compress_size]
    stream[damage] = bytes(len(stream[damage]))
    content[start : start + member.compress_size] = stream
    (tmp_path / "b.zip").write_bytes(content)
    code, said = tell("check", scenario)
    assert (code, "b.zip cannot be" in said) == (3, True), said
    with pytest.raises(DataError, match=r"b\.zip"):
        read_layer(Source(path=tmp_path / "b.zip"), ("id",))


def test_one_of_several_layers_is_read_by_its_name(tmp_path: Path) -> None:
    """With `layer:` engine and judge read that one of an archive."""
    parts = _parts(tmp_path)
    _pack(tmp_path, {**parts, **{name.replace("b.", "c."): content for name, content in parts.items()}})
    scenario = write_scenario(tmp_path, {"path: b.gpkg": "path: b.zip, layer: c"})
    code, said = tell("check", scenario)
    assert (code, "16 blocks" in said) == (0, True), said
    assert len(read_layer(Source(path=tmp_path / "b.zip", layer="c"), ("id",))) == 16


def _of_others(suffix: str, n: int) -> Callable[[Parts, Parts], Parts]:
    """Take a part from a shapefile of as many other blocks."""
    return lambda parts, others: {**parts, f"b{suffix}": others[f"{n}{suffix}"]}


APART: dict[str, tuple[Callable[[Parts, Parts], Parts], str]] = {
    "a table of fewer rows": (_of_others(".dbf", 8), "16 shapes (.shp), 16 entries of the index (.shx), 16 of"),
    "a table of more rows": (_of_others(".dbf", 32), "lead to a shape, 32 rows (.dbf); export it anew"),
    "an index of fewer shapes": (_of_others(".shx", 8), "16 shapes (.shp), 8 entries of the index (.shx), 8 of which"),
    "index and table of fewer": (
        lambda parts, others: {**parts, "b.shx": others["8.shx"], "b.dbf": others["8.dbf"]},
        "16 shapes (.shp), 8 entries of the index (.shx), 8 of which lead to a shape, 8 rows (.dbf)",
    ),
    "an index of other shapes": (_of_others(".shx", 16), "16 entries of the index (.shx), 0 of which lead to a shape"),
    "shapes cut off": (
        lambda parts, _: {**parts, "b.shp": parts["b.shp"][:-100]}, "15 shapes (.shp), 16 entries of the index"),
    "a table cut off": (lambda parts, _: {**parts, "b.dbf": parts["b.dbf"][:-400]}, "lead to a shape, 14 rows (.dbf)"),
    "no table": (lambda parts, _: _without(parts, ".dbf"), "its part b.dbf is missing; put it beside the .shp"),
    "no index": (lambda parts, _: _without(parts, ".shx"), "its part b.shx is missing"),
    "a table named otherwise": (
        lambda parts, _: {**_without(parts, ".dbf"), "B.dbf": parts["b.dbf"]},
        "its part b.dbf is called B.dbf; give all parts one name, in the same letters",
    ),
}  # fmt: skip


def _without(parts: Parts, suffix: str) -> Parts:
    return {name: content for name, content in parts.items() if not name.endswith(suffix)}


def _others(folder: Path) -> Parts:
    """Give the parts of shapefiles of 8, 16 and 32 blocks, drawn with more corners."""
    blocks = make_blocks()
    for n in (8, 16, 32):
        some = gpd.GeoDataFrame(pd.concat([blocks, blocks]).iloc[:n], crs=CRS)
        some.geometry = some.segmentize(30) if n == 16 else some.geometry
        some.to_file(folder / f"{n}.shp")
    return {part.name: part.read_bytes() for n in (8, 16, 32) for part in sorted(folder.glob(f"{n}.*"))}


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("fault", APART)
def test_parts_that_do_not_belong_together_are_refused(tmp_path: Path, fault: str, zipped: bool) -> None:
    """Shapes, index and table of different lengths, or one of them missing: nothing is dropped without a word."""
    turn, words = APART[fault]
    parts = turn(_parts(tmp_path), _others(tmp_path))
    for name, content in parts.items():
        (tmp_path / name).write_bytes(content)
    scenario = _pack(tmp_path, parts) if zipped else write_scenario(tmp_path, {"b.gpkg": "b.shp"})
    code, said = tell("check", scenario)
    assert (code, words in said) == (3, True), said


def test_a_shape_drawn_anew_may_leave_its_old_record(tmp_path: Path) -> None:
    """Programs that edit a shapefile write a longer shape at its end, under its number, and lead the index there."""
    parts = dict(_parts(tmp_path))
    shapes, index = bytearray(parts["b.shp"]), bytearray(parts["b.shx"])
    at, length = struct.unpack_from(">II", index, 100)
    struct.pack_into(">I", index, 100, len(shapes) // 2)
    shapes += shapes[2 * at : 2 * at + 8 + 2 * length]
    struct.pack_into(">I", shapes, 24, len(shapes) // 2)
    for name, content in {**parts, "b.shp": bytes(shapes), "b.shx": bytes(index)}.items():
        (tmp_path / name).write_bytes(content)
    code, said = tell("check", write_scenario(tmp_path, {"b.gpkg": "b.shp"}))
    assert (code, "16 blocks" in said) == (0, True), said


@pytest.mark.parametrize("beyond", ["a shape that shrank", "the end of the index"])
def test_bytes_of_nothing_are_passed_over(tmp_path: Path, beyond: str) -> None:
    """A shape that shrank in its place leaves bytes behind it, and an index may end before its file."""
    parts = dict(_parts(tmp_path))
    shapes, index = bytearray(parts["b.shp"]), bytearray(parts["b.shx"])
    if beyond == "the end of the index":
        index += b"\x5a" * 16
    else:
        at, length = struct.unpack_from(">II", index, 100 + 8 * 2)
        end = 2 * at + 8 + 2 * length
        shapes[end:end] = b"\x5a" * 32
        struct.pack_into(">I", shapes, 24, len(shapes) // 2)
        for n in range(3, 16):
            (later,) = struct.unpack_from(">I", index, 100 + 8 * n)
            struct.pack_into(">I", index, 100 + 8 * n, later + 16)
    for name, content in {**parts, "b.shp": bytes(shapes), "b.shx": bytes(index)}.items():
        (tmp_path / name).write_bytes(content)
    code, said = tell("check", write_scenario(tmp_path, {"b.gpkg": "b.shp"}))
    assert (code, "16 blocks" in said) == (0, True), said


COUNTS = "counts: {path: %s, columns: {id: 编号, households: 户数, people: 人数}}"


def _with_counts(folder: Path, name: str) -> Path:
    make_blocks()[["id", "dist", "name", "geometry"]].to_file(folder / "b.gpkg")
    return write_scenario(
        folder, {"households: hh, people: ppl, ": "", "name: name}": f"name: name}}, {COUNTS % name}"}
    )


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16"])
def test_a_table_parted_by_tabs_is_read(tmp_path: Path, encoding: str) -> None:
    """What a spreadsheet program saves as text is a table for engine and judge, titles above it or not."""
    rows = "".join(f"{key}\t100\t300\n" for key in make_blocks()["id"])
    for title in ("", "人口表\t\t\n"):
        (tmp_path / "c.txt").write_text(f"{title}编号\t户数\t人数\n{rows}", encoding=encoding)
        code, said = tell("check", _with_counts(tmp_path, "c.txt"))
        assert (code, "16 blocks" in said) == (0, True), said


def test_a_workbook_with_macros_is_a_workbook(tmp_path: Path) -> None:
    """An .xlsm file is read like an .xlsx file; what it could run is not looked at."""
    with xlsxwriter.Workbook(tmp_path / "c.xlsx") as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate([["编号", "户数", "人数"], *([key, 100, 300] for key in make_blocks()["id"])]):
            sheet.write_row(row, 0, cells)
    (tmp_path / "c.xlsx").rename(tmp_path / "c.xlsm")
    code, said = tell("check", _with_counts(tmp_path, "c.xlsm"))
    assert (code, "16 blocks" in said) == (0, True), said


@pytest.mark.parametrize("beside", ["layer_styles", "notes"])
def test_styles_and_tables_beside_the_blocks_are_no_layers(tmp_path: Path, beside: str) -> None:
    """Of a GeoPackage with one layer of shapes that is read; with two, only they are named."""
    pyogrio.write_dataframe(pd.DataFrame({"text": ["x"]}), tmp_path / "b.gpkg", layer=beside)
    make_blocks().to_file(tmp_path / "b.gpkg", layer="blocks")
    code, said = tell("check", write_scenario(tmp_path))
    assert (code, "16 blocks" in said) == (0, True), said
    make_blocks().to_file(tmp_path / "b.gpkg", layer="more")
    code, said = tell("check", write_scenario(tmp_path))
    assert (code, "b.gpkg has several layers; name one of: blocks, more." in said) == (3, True), said


def test_what_databases_keep_besides_columns_is_explained(tmp_path: Path) -> None:
    """The number of a row is no key, a column of WKT is to be called so, and a collection is no polygon."""
    make_blocks().to_file(tmp_path / "b.gpkg")
    code, said = tell("check", write_scenario(tmp_path, {"id: id": "id: fid"}))
    assert (code, "no column 'fid' (that is the number the file gives a row" in said) == (3, True), said
    blocks = make_blocks()
    pd.DataFrame(blocks).assign(geometry=blocks.geometry.to_wkt()).to_csv(tmp_path / "b.csv", index=False)
    code, said = tell("check", write_scenario(tmp_path, {"b.gpkg": "b.csv"}))
    assert (code, "if 'geometry' holds it as text (WKT), call that column WKT" in said) == (3, True), said
    blocks.loc[3, "geometry"] = shapely.GeometryCollection([blocks.geometry[3]])
    blocks.to_file(tmp_path / "c.gpkg")
    code, said = tell("check", write_scenario(tmp_path, {"b.gpkg": "c.gpkg"}))
    assert (code, "not polygons: B03; blocks must be areas (a polygon inside a collection" in said) == (3, True), said
