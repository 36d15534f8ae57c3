"""Numbers as they are stored: what is none is refused, where GDAL would cut it off (issue 16)."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from redistrict.errors import DataError
from redistrict.geo.source import read_table
from redistrict.messages import Message
from redistrict.scenario.sources import Source

TABLE = {
    "id": ["甲", "乙", "丙", "丁"],
    "hh": [100, 120, 130, 140],
    "share": [0.5, 1.5, 2.5, 3.5],
    "更多": [1, 2, 3, 4],
}


def _write(path: Path) -> Path:
    shapes = [shapely.box(n, 0, n + 1, 1) for n in range(4)]
    layer = gpd.GeoDataFrame(TABLE, geometry=shapes, crs="EPSG:4547")
    layer.to_file(path, **({"encoding": "utf-8"} if path.suffix == ".shp" else {}))
    return path


def _in_dbase(folder: Path, column: str, row: int, value: str) -> Path:
    """Write a value over a field of a shapefile, as programs do that do not look at what a column is for."""
    path = _write(folder / "a.shp")
    content = bytearray(path.with_suffix(".dbf").read_bytes())
    start, length = int.from_bytes(content[8:10], "little"), int.from_bytes(content[10:12], "little")
    at = start + row * length + 1
    for field in range(32, start - 1, 32):
        if content[field : field + 11].rstrip(b"\0").decode() == column:
            width = content[field + 16]
            content[at : at + width] = value.encode().rjust(width)
        at += content[field + 16]
    path.with_suffix(".dbf").write_bytes(content)
    return path


def _in_database(folder: Path, column: str, row: int, value: object) -> Path:
    path = _write(folder / "a.gpkg")
    with closing(sqlite3.connect(path)) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE a SET fid = fid + 10")
        database.execute(f'UPDATE a SET "{column}" = ? WHERE fid = ?', (value, row + 11))
        database.commit()
    return path


def _read(path: Path, *columns: str, where: str | None = None) -> object:
    notes: list[Message] = []
    return read_table(Source(path=path, where=where), columns, key="data.blocks", notes=notes)


NO_NUMBERS = ("1,200", "12,5", "12a", "abc", "1 200", "12户", "12.7")
CASES = [(_in_dbase, "1.2e3"), *((write, value) for write in (_in_dbase, _in_database) for value in NO_NUMBERS)]


@pytest.mark.parametrize(("write", "value"), CASES)
def test_what_is_no_whole_number_is_named(tmp_path: Path, write: Callable[..., Path], value: str) -> None:
    """A shapefile and a GeoPackage are refused with row, key and value, in both languages."""
    path = write(tmp_path, "hh", 2, value)
    with pytest.raises(DataError) as refused:
        _read(path, "id", "hh")
    row = 3 if write is _in_dbase else 13
    assert f"'hh' is a column of whole numbers, but 1 rows hold something else: '{value}' (row {row}, 丙)" in str(
        refused.value
    )
    assert f"“{value}”（第 {row} 行，丙）" in refused.value.problems[0].zh


@pytest.mark.parametrize("suffix", [".geojson", ".geojsonl"])
@pytest.mark.parametrize("value", ["true", "false"])
def test_true_among_numbers_of_json_is_named(tmp_path: Path, suffix: str, value: str) -> None:
    """GDAL makes 1 and 0 of them, if the others are numbers; texts are texts."""
    path = _write(tmp_path / f"a{suffix}")
    path.write_text(path.read_text(encoding="utf-8").replace('"hh": 120', f'"hh": {value}'), encoding="utf-8")
    with pytest.raises(DataError, match=rf"'hh' is a column of whole numbers, but 1 rows .*: '{value}' \(row 2\)"):
        _read(path, "id", "hh")
    _read(path, "id", "share")


@pytest.mark.parametrize(
    ("where", "refused"),
    [
        ("id > 5", "id"),
        ('"id" <= -5', "id"),
        ("hh > 5 AND id < 7", "id"),
        ("id <> 5", ""),
        ("id = '甲'", ""),
        ("id > '5'", ""),
        ("hh >= 5", ""),
        ('cast("id" as float) < 5', ""),
    ],
)
def test_text_is_not_compared_with_numbers_by_order(tmp_path: Path, where: str, refused: str) -> None:
    """'10' comes before '9' in text; where equality is asked for, and where text is, nothing is misread."""
    path = _write(tmp_path / "a.gpkg")
    if refused:
        with pytest.raises(DataError, match=rf"data.blocks.where: {refused} of a.gpkg holds text"):
            _read(path, "id", "hh", where=where)
    else:
        _read(path, "id", "hh", where=where)


@pytest.mark.parametrize("write", [_in_dbase, _in_database])
def test_only_what_is_read_is_looked_at(tmp_path: Path, write: Callable[..., Path]) -> None:
    """Other columns and rows may hold anything; fractions, blanks and many digits are numbers."""
    path = write(tmp_path, "更多", 2, "none")
    _read(path, "id", "hh", "share")
    _read(path, "id", "更多", where="hh < 130")
    with pytest.raises(DataError, match=r"'更多' is a column .*'none' \(row 1?3, 丙\)"):
        _read(path, "id", "更多", where="hh < 140")


@pytest.mark.parametrize("value", ["", "1.5e2", "+7", "-.5", "12.", "****"])
def test_numbers_of_a_column_with_fractions(tmp_path: Path, value: str) -> None:
    """Exponents, signs, blanks and the asterisks that stand for nothing are read; a comma is refused."""
    _read(_in_dbase(tmp_path, "share", 1, value), "id", "share")
    with pytest.raises(DataError, match=r"'share' is a column of numbers, .*'1,5' \(row 2, 乙\)"):
        _read(_in_dbase(tmp_path, "share", 1, "1,5"), "id", "share")


def test_a_field_of_text_is_as_wide_as_gdal_takes_it(tmp_path: Path) -> None:
    """Some programs leave a number of decimals with a field of text, which makes it no wider."""
    path = _in_dbase(tmp_path, "hh", 2, "abc")
    content = bytearray(path.with_suffix(".dbf").read_bytes())
    assert content[32 + 11 : 32 + 12] == b"C"
    content[32 + 17] = 2
    path.with_suffix(".dbf").write_bytes(content)
    with pytest.raises(DataError, match=r"'abc' \(row 3, 丙\)"):
        _read(path, "id", "hh")


def test_deleted_rows_are_not_looked_at(tmp_path: Path) -> None:
    """A row marked as deleted is no row; those below keep their keys."""
    path = _in_dbase(tmp_path, "hh", 3, "x")
    content = bytearray(path.with_suffix(".dbf").read_bytes())
    start, length = int.from_bytes(content[8:10], "little"), int.from_bytes(content[10:12], "little")
    content[start + length] = ord("*")
    path.with_suffix(".dbf").write_bytes(content)
    with pytest.raises(DataError, match=r"'x' \(row 3, 丁\)"):
        _read(path, "id", "hh")
    content[start + 3 * length] = ord("*")
    path.with_suffix(".dbf").write_bytes(content)
    _read(path, "id", "hh")
    assert len(pyogrio.read_dataframe(path)) == 2


def test_names_with_quotation_marks_are_looked_at(tmp_path: Path) -> None:
    """A column may be called anything, the layer as well; neither is taken for a statement."""
    path, name = tmp_path / "a.gpkg", 'h"h" FROM x --'
    layer = gpd.GeoDataFrame(
        {"i'd": ["甲", "乙"], name: [1, 2]}, geometry=[shapely.Point(n, n) for n in (0, 1)], crs=4547
    )
    layer.to_file(path, layer='a"b')
    with closing(sqlite3.connect(path)) as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{trigger.replace(chr(34), chr(34) * 2)}"')
        database.execute('UPDATE "a""b" SET "h""h"" FROM x --" = ? WHERE fid = 2', ("2 or 3",))
        database.commit()
    with pytest.raises(DataError, match=r"but 1 rows hold something else: '2 or 3' \(row 2, 乙\)"):
        _read(path, "i'd", name)
