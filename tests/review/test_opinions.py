"""The table of opinions that the public notice made, filled in and read back."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest

from redistrict.errors import DataError
from redistrict.report.notice.workbook import COLUMNS, write_opinions
from redistrict.review.desk import Desk
from redistrict.review.opinions import read_opinions
from tests.jobs.small_town import W1

from .browser import Browser

ROW = {
    "number": 1,
    "date": "2026-12-01",
    "name": "李某",
    "contact": "13800000000",
    "place": "花湖1-0",
    "community": "西塞山区第1社区",
    "opinion": "反对",
    "text": "=1+1 <b>太远</b>",
    "answer": "",
    "state": "待处理",
}


@pytest.fixture(scope="module")
def tables(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the empty table in both languages, as the notice writes it."""
    folder = tmp_path_factory.mktemp("notice")
    places = [SimpleNamespace(name=name) for name in desk.basis.before.names]
    for language in ("zh", "en"):
        told = SimpleNamespace(title="t", places=places, tell=lambda words, to=language: words.in_language(to))
        write_opinions(folder / f"opinions_{language}.xlsx", told)
    return folder


def fill_in(table: Path, filled: Path, *rows: dict[str, object]) -> Path:
    book = openpyxl.load_workbook(table)
    for n, row in enumerate(rows, start=2):
        for column, key in enumerate(COLUMNS, start=1):
            book.worksheets[0].cell(n, column, row[key]).data_type = "s" if isinstance(row[key], str) else "n"
    book.save(filled)
    return filled


@pytest.mark.parametrize("language", ["zh", "en"])
def test_opinions_stand_beside_their_community(desk: Desk, tables: Path, tmp_path: Path, language: str) -> None:
    """In either language; names and contacts of residents are left out, formulas stay text."""
    filled = fill_in(tables / f"opinions_{language}.xlsx", tmp_path / "filled.xlsx", ROW, ROW | {"community": W1})
    kept = {key: ROW[key] for key in ("date", "place", "opinion", "text", "answer", "state")}
    assert read_opinions(filled, desk) == {W1: [kept, kept]}


def test_what_is_no_table_of_opinions_is_refused(desk: Desk, tables: Path, tmp_path: Path) -> None:
    """Communities that the result does not have, and another file; each row is told."""
    rows = [ROW, ROW | {"community": "无此社区"}, ROW | {"community": None}]
    odd = fill_in(tables / "opinions_zh.xlsx", tmp_path / "odd.xlsx", *rows)
    with pytest.raises(DataError, match=r"(?s)row 3: the result has no community “无此社区”.*row 4 names no community"):
        read_opinions(odd, desk)
    (tmp_path / "plan.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"plan\.csv"):
        read_opinions(tmp_path / "plan.csv", desk)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_table_holds_no_opinions(desk: Desk, tables: Path, language: str) -> None:
    """The table as the notice made it, before anybody said anything."""
    assert read_opinions(tables / f"opinions_{language}.xlsx", desk) == {}


def test_nothing_that_was_said_is_lost(desk: Desk, tables: Path, tmp_path: Path) -> None:
    """A row without text, one as long as a cell may be, and a name with blanks around it; a number alone is no row."""
    rows = [
        ROW | {"text": None, "community": f" {W1}\u3000"},
        ROW | {"text": "长" * 30_000, "community": W1},
        dict.fromkeys(ROW) | {"number": 3},
    ]
    filled = fill_in(tables / "opinions_zh.xlsx", tmp_path / "filled.xlsx", *rows)
    (kept,) = read_opinions(filled, desk).values()
    assert [len(one["text"]) for one in kept] == [0, 30_000]


def test_opinions_are_served_where_they_are_given(serve: Callable[..., Browser], tables: Path, tmp_path: Path) -> None:
    """A review without opinions serves none."""
    assert serve(tmp_path / "one").ask("GET", "opinions").json == {}
    filled = fill_in(tables / "opinions_zh.xlsx", tmp_path / "filled.xlsx", ROW)
    assert serve(tmp_path / "two", opinions=filled).ask("GET", "opinions").json[W1][0]["text"] == ROW["text"]
