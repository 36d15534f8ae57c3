"""Paper: lines, widths and heights of cells, and the page that needs the fewest sheets."""

from io import BytesIO

import openpyxl
import pytest
import xlsxwriter

from redistrict.messages import Message
from redistrict.report.tables.paper import (
    LINE_PT,
    ShownColumn,
    count_lines,
    fit_table,
    measure,
    set_up_page,
    write_across,
)

A4, A3 = 9, 8


@pytest.mark.parametrize(("text", "width"), [("", 0), ("abc", 3), ("社区", 4), ("A社区1", 6), ("100 m²", 7)])
def test_a_wide_letter_counts_two(text: str, width: int) -> None:
    """Chinese letters count two, and so does what Chinese fonts draw as wide as them."""
    assert measure(text) == width


@pytest.mark.parametrize(
    ("text", "width", "n_lines"),
    [
        ("", 10, 1),
        ("a b c", 10, 1),
        ("four words of an office", 10, 3),
        ("东至望江岭路", 8, 2),
        ("东至望江岭，路", 10, 2),  # the comma stays with its letter, which moves to the next line
        ("one\ntwo", 10, 2),
        ("x" * 25, 10, 3),
    ],
)
def test_lines_end_at_spaces_and_wide_letters(text: str, width: int, n_lines: int) -> None:
    """Words stay whole where they can, marks stay with the letter before them, and long words are broken."""
    assert count_lines(text, width) == n_lines


def test_numbers_are_never_wrapped_and_rows_hold_their_lines() -> None:
    """A number has all its width, however long; a row is as high as its longest cell, and the heading as its own."""
    text, number = "一" * 60, "1" * 70
    layout = fit_table([ShownColumn("名称\nname", [text, ""], True), ShownColumn("n", [number, "1"], False)])
    assert layout.widths[1] > len(number)
    assert layout.heights_pt[0] == LINE_PT * count_lines(text, layout.widths[0]) > LINE_PT
    assert layout.heights_pt[1] == LINE_PT
    assert layout.head_pt == 2 * LINE_PT


def test_headings_break_no_word() -> None:
    """A column of short numbers is as wide as the longest word of its heading, which has three lines at most."""
    layout = fit_table([ShownColumn("households off the communities' target, share", ["1"], False)])
    assert len("communities'") < layout.widths[0] < 20
    assert layout.head_pt == 3 * LINE_PT


@pytest.mark.parametrize(
    ("n_columns", "paper", "is_landscape"), [(4, A4, False), (11, A4, True), (19, A3, True), (60, A3, True)]
)
def test_the_paper_is_no_larger_than_needed(n_columns: int, paper: int, is_landscape: bool) -> None:
    """Few columns stand on A4 upright, more on A4 lying, many on A3, and too many on A3 however small."""
    layout = fit_table([ShownColumn("n", ["1" * 12] * 100, False)] * n_columns)
    assert (layout.page.paper, layout.page.is_landscape) == (paper, is_landscape)
    assert (layout.scale >= 0.75) == (n_columns < 60)


def test_texts_grow_wide_where_that_saves_sheets() -> None:
    """Long texts in many rows get wide columns, and short ones what they need."""
    long = fit_table([ShownColumn("a", ["word " * 30] * 500, True), ShownColumn("b", ["x"] * 500, True)])
    assert long.widths[0] > 36 > 10 > long.widths[1]
    narrow = [long._replace(widths=(21.0, long.widths[1]), heights_pt=(8.0 * LINE_PT,) * 500)]
    assert long.n_a4 < narrow[0].n_a4


def test_what_a_title_holds_is_no_code_of_a_header() -> None:
    """A title with ampersands, control letters and any length comes out as text, in a header that files may hold."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("one")
        layout = fit_table([ShownColumn("a", ["1"], True)] * 2)
        write_across(sheet, 0, layout, "=1+1", book.add_format({"font_size": 10}))
        title = Message("R&G &P\x01\n" + "x" * 300, "甲&乙")
        set_up_page(sheet, layout, last_row=0, title=title, label=Message("made up", "虚构"), language="en")
    sheet = openpyxl.load_workbook(buffer)["one"]
    assert sheet["A1"].value == "=1+1"
    assert sheet["A1"].data_type == "s"
    assert sheet.oddHeader.left.text.startswith("R＆G ＆Pxxx")
    assert sheet.oddHeader.right.text.strip() == "&A"
    assert (sheet.oddFooter.left.text.strip(), sheet.oddFooter.right.text.strip()) == ("made up", "Page &P of &N")
