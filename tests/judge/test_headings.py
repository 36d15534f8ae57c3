"""The judge's own search for the headings of a table below the titles of an office file."""

import csv
from pathlib import Path

import pytest

from redistrict.judge.headings import below_titles
from redistrict.scenario.sources import CountColumns, CountSource


def below(folder: Path, text: str, *, header_row: int | None = None, name: str = "t.csv") -> list[list[str]] | None:
    """Give the rows of the table as it is written once more; none where it is not."""
    path = folder / name
    path.write_text(text, encoding="utf-8-sig")
    source = CountSource(path=path, columns=CountColumns(id="id", households="hh"), header_row=header_row)
    copy = below_titles(path, source, folder)
    return None if copy is None else [*csv.reader(copy.read_text(encoding="utf-8").splitlines())]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("id,hh\n1,5\n", None),
        ("户数表,\nid,hh\n1,5\n", [["id", "hh"], ["1", "5"]]),
        ("户数表,,\n,,\nid,name,hh\n1,甲,5\n", [["id", "name", "hh"], ["1", "甲", "5"]]),
        ("id,说明\nid,hh\n1,5\n", [["id", "hh"], ["1", "5"]]),
        ("a;b\nid;hh\n1;5\n", [["id", "hh"], ["1", "5"]]),
        ("户数表\nid\thh\n1\t5\n", [["id", "hh"], ["1", "5"]]),
        ("户数表\nid|hh\n1|5\n", [["id", "hh"], ["1", "5"]]),
        ("户数表,\nkey,hh\n1,5\n", None),
    ],
)
def test_the_first_row_with_every_column_is_that_of_the_headings(
    tmp_path: Path, text: str, rows: list[list[str]] | None
) -> None:
    """Whatever the separator and whatever columns there are besides; a table that begins with it is left alone."""
    assert below(tmp_path, text) == rows


def test_the_row_may_be_said(tmp_path: Path) -> None:
    """Row 1 is the first; headings that look like it further down count for nothing."""
    text = "id,hh\nid,hh\n1,5\n"
    assert below(tmp_path, text, header_row=1) is None
    assert below(tmp_path, text, header_row=2) == [["id", "hh"], ["1", "5"]]


def test_other_files_have_no_titles(tmp_path: Path) -> None:
    """Only tables of offices do."""
    assert below(tmp_path, "{}", name="t.geojson") is None
