"""Shapefiles: parts that belong together pass, however they were edited; others are refused with their numbers."""

import re
import struct
from pathlib import Path

import pytest

from redistrict.errors import DataError
from redistrict.geo import shapefile
from redistrict.geo.shapefile import check_parts, find_table, read_header
from redistrict.scenario.sources import Source

POINT, NONE = struct.pack("<idd", 1, 0.0, 0.0), struct.pack("<i", 0)

Records = list[tuple[int, bytes]]


def _write(folder: Path, records: Records, index: list[int | None], n_rows: int) -> Path:
    """Write records by number, an index that names them by place (none: no shape), and a table of so many rows."""
    shapes, entries = bytes(100), []
    for number, content in records:
        entries.append((len(shapes) // 2, len(content) // 2))
        shapes += struct.pack(">II", number, len(content) // 2) + content
    (folder / "a.shp").write_bytes(shapes)
    named = [(0, 0) if at is None else entries[at] for at in index]
    (folder / "a.shx").write_bytes(bytes(100) + b"".join(struct.pack(">II", *entry) for entry in named))
    (folder / "a.dbf").write_bytes(struct.pack("<4xIHH", n_rows, 33, 2).ljust(33, b"\0") + b" x" * n_rows)
    return folder / "a.shp"


@pytest.mark.parametrize(
    ("records", "index"),
    [
        ([(1, POINT), (2, NONE)], [0, 1]),
        ([(2, POINT), (1, NONE)], [1, 0]),
        ([(1, POINT), (2, POINT), (1, POINT)], [2, 1]),
        ([(1, POINT)], [0, None]),
        ([], []),
    ],
    ids=["in order", "in another order", "one drawn anew", "a row without a shape", "no rows"],
)
def test_parts_that_belong_together_pass(tmp_path: Path, records: Records, index: list[int | None]) -> None:
    """Programs put what was drawn anew at the end; a record without a shape is the shortest there is."""
    path = _write(tmp_path, records, index, len(index))
    check_parts(path, Source(path=path), ["id"], "data.blocks")


@pytest.mark.parametrize(("index", "is_walked"), [([0, 1, 2], False), ([0, 2, 1], True), ([0, 1, None], True)])
def test_a_file_is_walked_only_where_its_index_leaves_a_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: list[int | None], *, is_walked: bool
) -> None:
    """Entries that lie end to end from the header to the end of the file leave none, however large it is."""
    path, walks = _write(tmp_path, [(1, POINT), (2, NONE), (3, POINT)], index, 3), []
    walk = shapefile._walk
    monkeypatch.setattr(shapefile, "_walk", lambda shapes: walks.append(shapes) or walk(shapes))
    check_parts(path, Source(path=path), ["id"], "data.blocks")
    assert walks == [path] * is_walked


@pytest.mark.parametrize(
    ("index", "n_rows", "found"), [([0], 2, (2, 1, 1, 2)), ([0, 1], 1, (2, 2, 2, 1)), ([0, 1], 3, (2, 2, 2, 3))]
)
def test_parts_of_different_files_are_refused(
    tmp_path: Path, index: list[int | None], n_rows: int, found: tuple[int, ...]
) -> None:
    """An index, or a table, of more or fewer rows is named with all the numbers; without columns no table is needed."""
    path = _write(tmp_path, [(1, POINT), (2, POINT)], index, n_rows)
    with pytest.raises(DataError) as refused:
        check_parts(path, Source(path=path), ["id"], "data.blocks")
    assert tuple(map(int, re.findall(r"(\d+) (?:shapes|entries|of which|rows)", str(refused.value)))) == found
    (tmp_path / "a.dbf").unlink()
    if len(index) == 2:
        check_parts(path, Source(path=path), [], "data.blocks")


def test_of_several_in_a_folder_one_has_to_be_named(tmp_path: Path) -> None:
    """The only one needs no name; other kinds of files are none."""
    _write(tmp_path, [], [], 0)
    (tmp_path / "readme.txt").touch()
    assert find_table(tmp_path, None) == tmp_path / "a.dbf"
    (tmp_path / "b.SHP").touch()
    (tmp_path / "b.DBF").touch()
    assert find_table(tmp_path, None) is None
    assert find_table(tmp_path, "b") == tmp_path / "b.DBF"
    assert find_table(tmp_path, "c") is None


@pytest.mark.parametrize("n_bytes", [0, 11])
def test_a_table_cut_in_its_header_has_no_rows(tmp_path: Path, n_bytes: int) -> None:
    """What is shorter than the numbers it begins with holds nothing."""
    (tmp_path / "a.dbf").write_bytes(b"\x03" * n_bytes)
    assert read_header(tmp_path / "a.dbf") == (0, 0, 0)
