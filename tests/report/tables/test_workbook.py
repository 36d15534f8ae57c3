"""The workbook: the totals of the report, texts as texts, the same bytes for the same report."""

import re
import shutil
import subprocess
import zipfile
from math import ceil
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
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


def test_headings_stand_over_their_figures(tmp_path: Path) -> None:
    """At the right over numbers, at the left over texts and keys."""
    for sheet in openpyxl.load_workbook(write(tmp_path / "report.xlsx")).worksheets[1:]:
        top = sheet.auto_filter.ref.split(":")[0].strip("A")
        for head, cell in zip(sheet[int(top)], sheet[sheet.max_row], strict=True):
            if cell.value is not None:
                is_number = not isinstance(cell.value, str)
                assert (head.alignment.horizontal == "right") == is_number, f"{sheet.title}/{head.value}"


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


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_every_sheet_prints_on_whole_pages(tmp_path: Path, language: Language) -> None:
    """All of each sheet prints as wide as A4 or A3, with title, sheet, page, and, of a table, its heading on each."""
    book = openpyxl.load_workbook(write(tmp_path / "report.xlsx", language=language))
    for sheet in book:
        page = sheet.page_setup
        assert (page.paperSize, page.orientation) in {(9, "portrait"), (9, "landscape"), (8, "landscape")}
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (int(page.fitToWidth or 1), int(page.fitToHeight)) == (1, 0)
        assert sheet.print_area.split("!")[1].replace("$", "") == sheet.dimensions
        assert "town" in sheet.oddHeader.left.text
        assert sheet.oddHeader.right.text.strip() == "&A"
        assert "&P" in sheet.oddFooter.right.text
        assert "&N" in sheet.oddFooter.right.text
    for sheet in book.worksheets[1:]:
        heading = 2 if str(sheet["A1"].value) in ("total", "合计", "合计 total") else 1
        assert sheet.print_title_rows == f"${heading}:${heading}"


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_no_cell_is_cut(tmp_path: Path, language: Language) -> None:
    """Whatever a cell shows has room in its column, or in the lines that its row is high."""
    book = openpyxl.load_workbook(write(tmp_path / "report.xlsx", language=language), data_only=True)
    for sheet in book:
        merged = {cells.min_row for cells in sheet.merged_cells.ranges}
        spans = sheet.column_dimensions.values()
        widths = {get_column_letter(n): span.width for span in spans for n in range(span.min, span.max + 1)}
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
            width = sum(widths.values()) if cell.row in merged else widths[cell.column_letter]
            shown = cell.value if isinstance(cell.value, str) else f"{cell.value:,.4g}"
            height_pt = sheet.row_dimensions[cell.row].height or 15
            n_lines = sum(max(1, ceil(width_of(line) * cell.font.size / 11 / width)) for line in shown.split("\n"))
            assert n_lines * 15 <= height_pt or cell.data_type == "n", (sheet.title, cell.coordinate, cell.value)
            assert cell.data_type != "n" or len(shown) < width


def width_of(line: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in line)


def test_a_workbook_speaks_one_language(tmp_path: Path) -> None:
    """But for names and keys, a Chinese workbook has no English, and an English one no Chinese."""
    report, layers, _ = make_town(language="en", rename=lambda text: f"{ord(text[0]):x}")
    write_workbook(tmp_path / "en.xlsx", report, layers)
    latin, chinese = re.compile(r"[A-Za-z]{2,}"), re.compile(r"[\u4e00-\u9fff]")
    assert {text for text in texts_of(tmp_path / "en.xlsx") if chinese.search(text)} <= {f"{NEW}1社区"}
    said = [text for text in texts_of(write(tmp_path / "zh.xlsx", language="zh"), but=KEYS) if latin.search(text)]
    assert set(said) <= {"town"}


KEYS = ("规则集", "规则包", "条款", "现值", "项目", "内容")
"""Headings of columns that hold keys of the scenario and of the rule packs."""
NEW = "4e1c新设第"


def texts_of(path: Path, *, but: tuple[str, ...] = ()) -> list[str]:
    """Give every text of a workbook, of its sheets' names and of its chart, leaving out some columns."""
    book = openpyxl.load_workbook(path)
    columns = [column for sheet in book for column in sheet.iter_cols(values_only=True)]
    kept = [column for column in columns if not {*column[:2]} & {*but}]
    cells = [cell for column in kept for cell in column if isinstance(cell, str) and not cell.startswith("=SUBTOTAL")]
    chart = zipfile.ZipFile(path).read("xl/charts/chart1.xml").decode()
    return [*cells, *book.sheetnames, *re.findall(r"<(?:a:t|c:v)>([^<]*[^<0-9.][^<]*)</", chart)]


def test_the_chart_is_read_without_colours(tmp_path: Path) -> None:
    """Today's columns are striped and the plan's dark, each with its number."""
    chart = openpyxl.load_workbook(write(tmp_path / "report.xlsx"))["Summary"]._charts[0]
    today, plan = (series.graphicalProperties for series in chart.series)
    assert today.pattFill is not None
    assert plan.pattFill is None
    red, green, blue = (int(plan.solidFill.srgbClr[n : n + 2], 16) for n in (0, 2, 4))
    assert 0.299 * red + 0.587 * green + 0.114 * blue < 100
    assert all(series.dLbls.showVal for series in chart.series)


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
