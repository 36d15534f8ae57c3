"""The workbook: the totals of the report, texts as texts, the same bytes for the same report."""

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from redistrict.messages import Language
from redistrict.report.tables.workbook import write_workbook
from tests.report.drawn_town import HOSTILE, make_town

SHEETS = [
    "summary", "communities", "four bounds", "blocks", "staffing", "transition", "premises", "lineage", "crossings",
    "rules", "provenance",
]  # fmt: skip

ALWAYS_CALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""
"""Settings by which LibreOffice does not trust the sums that stand in the file."""


def write(path: Path, *, language: Language = "en", name: str = "", with_today: bool = True) -> Path:
    report, layers, _ = make_town(language=language, rename=lambda text: name + text, with_today=with_today)
    write_workbook(path, report, layers)
    return path


def column(sheet: Worksheet, heading: str, *, head_row: int = 2) -> list[object]:
    """Give the cells below a heading."""
    number = [cell.value for cell in sheet[head_row]].index(heading)
    return [row[number].value for row in sheet.iter_rows(min_row=head_row + 1)]


def sums(book: Workbook) -> dict[str, float]:
    """Give every sum above a heading, by sheet and heading."""
    return {
        f"{sheet.title}/{head.value}": total.value
        for sheet in book
        if sheet["A1"].value == "total"
        for total, head in zip(sheet[1][1:], sheet[2][1:], strict=True)
        if total.value is not None
    }


def test_every_sheet_is_there_with_a_frozen_heading(tmp_path: Path) -> None:
    """All sheets stand in their order, those with a table frozen below the heading and ready to be filtered."""
    book = openpyxl.load_workbook(write(tmp_path / "report.xlsx"))
    assert [name.lower() for name in book.sheetnames] == SHEETS
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes
        assert sheet.auto_filter.ref
    assert len(book["Summary"]._charts) == 1


def test_the_totals_are_those_of_the_report(tmp_path: Path) -> None:
    """Households, people, posts and metres of road add up to the report's totals, in the cells and in the sums."""
    report, layers, _ = make_town(language="en")
    write_workbook(tmp_path / "report.xlsx", report, layers)
    book = openpyxl.load_workbook(tmp_path / "report.xlsx", data_only=True)
    totals, found = report.totals(), sums(book)
    assert found["communities/households"] == found["blocks/households"] == totals["households"] == 1080
    assert found["communities/people"] == sum(column(book["communities"], "people")) == totals["population"]
    assert found["staffing/community workers"] == totals["workers"]
    assert found["communities/primary road inside, m"] == totals["crossing_m"]["primary"]
    assert column(book["blocks"], "block id") == list("abcdefgh")


@pytest.mark.parametrize("name", HOSTILE)
def test_texts_from_the_data_are_texts(tmp_path: Path, name: str) -> None:
    """Names that begin with = + - @ come back letter by letter, as text even when edited; sums alone are formulas."""
    book = openpyxl.load_workbook(write(tmp_path / "report.xlsx", name=name))
    cells = [row[1] for row in book["blocks"].iter_rows(min_row=3)]
    assert [unescape(cell.value) for cell in cells] == [f"{name}{i}小区" for i in "abcdefgh"]
    assert {cell.number_format for cell in cells} == {"@"}
    for sheet in book:
        assert not sheet._hyperlinks
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            assert re.fullmatch(r"=SUBTOTAL\(109,[A-Z]+\d+:[A-Z]+\d+\)", cell.value), cell.value


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_same_report_same_bytes(tmp_path: Path, language: Language) -> None:
    """Two workbooks of one report do not differ in a byte, and no cell holds a time."""
    first, second = (write(tmp_path / name, language=language) for name in ("a.xlsx", "b.xlsx"))
    assert first.read_bytes() == second.read_bytes()
    text = zipfile.ZipFile(first).read("xl/sharedStrings.xml").decode()
    assert "timings" not in text


def test_the_language_is_that_of_the_scenario(tmp_path: Path) -> None:
    """Sheets, headings and words are Chinese, English, or the Chinese before the English."""
    chinese = openpyxl.load_workbook(write(tmp_path / "zh.xlsx", language="zh"))
    both = openpyxl.load_workbook(write(tmp_path / "both.xlsx", language="both"))
    assert chinese.sheetnames[:2] == ["概要", "社区"]
    assert both.sheetnames[:2] == ["概要 Summary", "社区 communities"]
    assert column(chinese["沿革"], "原社区去向")[0] == "调整"
    assert column(both["沿革 lineage"], "原社区去向\nwhat becomes of it")[0] == "调整 adjusted"
    assert column(chinese["穿越道路"], "类别")[0] == "主干道"
    assert column(chinese["规则核对"], "结论", head_row=1)[0] in ("符合", "不符合", "无法核对")


def test_without_todays_communities_there_is_less_to_tell(tmp_path: Path) -> None:
    """No transition, premises or lineage where the data know nothing of today; the chart shows the plan alone."""
    book = openpyxl.load_workbook(write(tmp_path / "report.xlsx", with_today=False))
    assert {"transition", "premises", "lineage"}.isdisjoint(book.sheetnames)
    assert len(book["Summary"]._charts[0].series) == 1


def test_libreoffice_finds_the_same_totals(tmp_path: Path) -> None:
    """LibreOffice opens the workbook, works every sum out again, and finds what was written."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    settings = tmp_path / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(ALWAYS_CALCULATE, encoding="utf-8")
    written = write(tmp_path / "report.xlsx", name="=1+")
    subprocess.run(
        [office, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
         "--convert-to", "xlsx", "--outdir", str(tmp_path / "again"), str(written)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    again = openpyxl.load_workbook(tmp_path / "again" / "report.xlsx", data_only=True)
    assert sums(again) == pytest.approx(sums(openpyxl.load_workbook(written, data_only=True)))
    assert column(again["blocks"], "name")[0] == "=1+a小区"
