"""Workbooks: cells that would be read as something else than is seen in them are refused."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
import xlsxwriter

from redistrict.errors import DataError
from redistrict.geo.source import read_table
from redistrict.geo.workbook import refuse_odd_cells, refuse_odd_texts
from redistrict.scenario.sources import TableSource


def _said(folder: Path, cells: str = "", strings: str = "", texts: Sequence[str] = ()) -> str:
    """Give what is said of a workbook with these cells and shared strings, of which these texts were read."""
    with ZipFile(folder / "c.xlsx", "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", f"<sheetData>{cells}</sheetData>")
        book.writestr("xl/sharedStrings.xml", f"<sst>{strings}</sst>")
    try:
        refuse_odd_cells(folder / "c.xlsx", "c.xlsx", "key")
        refuse_odd_texts(folder / "c.xlsx", texts, "c.xlsx", "key")
    except DataError as refusal:
        return str(refusal)
    return ""


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_text_in_several_styles_inside_a_cell(tmp_path: Path, prefix: str) -> None:
    """Of "1000" in two styles GDAL reads "10"; in one style, or in the table of strings, it is as it should be."""
    cell = f'<{prefix}c r="B5" s="1" t="inlineStr"><{prefix}is>{{}}</{prefix}is></{prefix}c>'
    run = f"<{prefix}r><{prefix}rPr/><{prefix}t>10</{prefix}t></{prefix}r>"
    plain = f'<{prefix}t xml:space="preserve">a</{prefix}t>'
    title = cell.replace("B5", "A1").format(run)
    assert "c.xlsx: 1 cells hold text in several styles" in _said(tmp_path, title + cell.format(run * 2))
    assert _said(tmp_path, title + cell.format(run * 2)).count("B5; open and save") == 1
    assert _said(tmp_path, title + cell.format(plain), f"<si>{run * 2}</si>") == ""


def test_phonetic_guides(tmp_path: Path) -> None:
    """A guide to how a text is spoken is read as part of it; where a text is not used it does no harm."""
    guide = '<si><t>花湖 &amp; 桥</t><rPh sb="0" eb="1"><t>huā</t></rPh><phoneticPr fontId="1"/></si><si><t>a</t></si>'
    said = _said(tmp_path, "", guide, ["a", "花湖 & 桥huā"])
    assert "1 cells hold text with a phonetic guide, which is read as part of it: 花湖 & 桥huā; take" in said
    assert _said(tmp_path, "", guide, ["a"]) == ""
    assert _said(tmp_path, "", '<si><t>花湖</t><phoneticPr fontId="1"/></si>', ["花湖"]) == ""


def test_characters_written_as_codes(tmp_path: Path) -> None:
    """A line end that another system wrote stands as its code in a name."""
    said = _said(tmp_path, texts=["a_x12_b", "花湖_x000D_社区"])
    assert "1 cells hold characters that are written as codes: 花湖_x000D_社区; take them out" in said
    assert _said(tmp_path, texts=["a_x12_b", "_x000G_"]) == ""


def test_only_columns_in_use_are_looked_at(tmp_path: Path) -> None:
    """Remarks with codes and guides harm nobody; a name with them is refused by every way into a workbook."""
    with xlsxwriter.Workbook(tmp_path / "c.xlsx") as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate([("表", ""), ("id", "note"), ("a", "x_x000D_\ny")]):
            sheet.write_row(row, 0, cells)
    source = TableSource(path=tmp_path / "c.xlsx")
    assert read_table(source, ["id"], key="key", notes=[])["id"].tolist() == ["a"]
    with pytest.raises(DataError, match="written as codes"):
        read_table(source, ["id", "note"], key="key", notes=[])


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ('<c r="B2"><v>5</v></c>', "B3, B4"),
        ('<c r="B2" t="n"><v>5</v></c>', "B3, B4"),
        ('<c r="B2" s="3"/><c r="C2"><v>5</v></c>', ""),
        ('<c r="B2" t="s"><v>5</v></c>', ""),
    ],
)
def test_true_and_false_among_numbers(tmp_path: Path, other: str, named: str) -> None:
    """They would count as 1 and 0; a column of nothing else may lock communities."""
    truths = '<c r="B3" t="b"><v>1</v></c><c t="b" r="B4"><v>0</v></c>'
    found = re.search(r"true or false among numbers: (.*); write numbers there", _said(tmp_path, other + truths))
    assert (found[1] if found else "") == named


@pytest.mark.parametrize("at", [3, 60, -5])
def test_a_workbook_damaged_inside_is_refused(tmp_path: Path, at: int) -> None:
    """Bytes written over what is packed end in the message for files that cannot be read."""
    with xlsxwriter.Workbook(tmp_path / "c.xlsx") as book:
        book.add_worksheet().write_column(0, 0, ["id", *map(str, range(200))])
    with ZipFile(tmp_path / "c.xlsx") as book:
        sheet = book.getinfo("xl/worksheets/sheet1.xml")
    content = bytearray((tmp_path / "c.xlsx").read_bytes())
    begin = sheet.header_offset + 30 + len(sheet.filename)
    place = begin + at if at > 0 else begin + sheet.compress_size + at
    content[place : place + 4] = b"\xff\xff\xff\xff"
    (tmp_path / "c.xlsx").write_bytes(content)
    with pytest.raises(DataError, match=r"key: c.xlsx cannot be read"):
        read_table(TableSource(path=tmp_path / "c.xlsx"), ["id"], key="key", notes=[])


@pytest.mark.parametrize("title", ["", "在建小区表"])
@pytest.mark.parametrize("is_from_1904", [False, True])
def test_dates_of_a_workbook_that_counts_from_1904(tmp_path: Path, title: str, *, is_from_1904: bool) -> None:
    """They would be read four years early; columns that are no dates are read."""
    with xlsxwriter.Workbook(tmp_path / "p.xlsx", {"date_1904": is_from_1904}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(1, 0, ["id", "day"])
        sheet.write(0, 0, title)
        sheet.write(2, 0, "a")
        sheet.write_datetime(2, 1, date(2028, 6, 30), book.add_format({"num_format": "yyyy-mm-dd"}))
    source = TableSource(path=tmp_path / "p.xlsx")
    assert read_table(source, ["id"], key="key", notes=[])["id"].tolist() == ["a"]
    if is_from_1904:
        with pytest.raises(
            DataError, match=r"key: p.xlsx counts days from 1904 .*dates \(day\) would be read four years"
        ):
            read_table(source, ["id", "day"], key="key", notes=[])
    else:
        assert read_table(source, ["id", "day"], key="key", notes=[])["day"].astype(str).str[:4].tolist() == ["2028"]
