"""Paper: how wide columns and how high rows must be, and which sheets a table prints on.

1. A wide letter (Chinese, full-width) counts two, any other one; a column of width 1 holds one of them.
2. A column is as wide as its longest line up to a limit, beyond which text is wrapped; numbers are never wrapped.
3. A row is as high as its cell of most lines, which are counted, since not every program finds out by itself.
4. A page is no smaller than needed for letters that can be read; of all limits and pages, the fewest sheets win.
"""

import re
from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import east_asian_width

from redistrict.messages import Language, Message
from redistrict.report.tables.columns import in_lines

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

FONT_SIZE = 10
"""Points of the letters; a column's width is counted in digits of 11 points, so that there is room to spare."""
LOOK = {"font_size": FONT_SIZE, "valign": "top", "border": 7, "border_color": "#a6a29a"}
"""Of a cell: it has a hairline, so that rows can be followed on paper."""
LINE_PT = 15
MOST_TEXT = 32_767
"""Letters that a cell takes."""
_HIGHEST_PT = 405
"""What a spreadsheet takes as the height of a row."""
POINTS_A_PIXEL = 0.75
_POINTS_A_LETTER, _POINTS_A_COLUMN = 7 * POINTS_A_PIXEL, 5 * POINTS_A_PIXEL
"""Width of a column in points: so much for each letter, and so much for its edges."""
_PADDING = 1
_LIMITS = (20, 28, 36, 48, 64)
"""Widest columns to try."""
_HEAD_LINES = 3
"""Lines of a heading at most, in each of its languages."""
_LEAST_SCALE = 0.75
"""Letters of 10 points shrunk to this are 7.5 points, the Chinese size six (六号)."""
_SIDES, _TOP, _BOTTOM, _EDGE = 0.4, 0.75, 0.7, 0.3
"""Margins in inches, and how far header and footer stand from the edge."""
_MOST_LETTERS = 90
"""Letters of a title in the header, in each language: all of a header must not have more than 255."""
PAGE_NUMBER = Message("Page &P of &N", "第 &P 页，共 &N 页")
"""As headers and footers write it."""
_PIECES = re.compile(r"[\u2e80-\uffef][，。、；：！？）」』”’》%]*\s*|[^\s\u2e80-\uffef]+\s*|\s+")
"""What a line is not broken within: a wide letter with the marks after it, or a word."""


class Page(NamedTuple):
    """A page: the number workbooks know its paper by, how it lies, what is inside its margins, and its size in A4."""

    paper: int
    is_landscape: bool
    width_pt: float
    height_pt: float
    n_a4: int


def _inside(paper: int, width_in: float, height_in: float, n_a4: int) -> Page:
    width_pt, height_pt = 72 * (width_in - 2 * _SIDES), 72 * (height_in - _TOP - _BOTTOM)
    return Page(paper, width_in > height_in, width_pt, height_pt, n_a4)


PAGES = (_inside(9, 8.27, 11.69, 1), _inside(9, 11.69, 8.27, 1), _inside(8, 16.54, 11.69, 2))
"""A4 upright, A4 lying, A3 lying."""


class ShownColumn(NamedTuple):
    """A column as it is seen: its heading, its cells, and whether they may be wrapped."""

    head: str
    cells: Sequence[str]
    is_text: bool


class Layout(NamedTuple):
    """Widths of columns in letters, heights of the heading and of the rows in points, and the page."""

    widths: tuple[float, ...]
    head_pt: float
    heights_pt: tuple[float, ...]
    page: Page = PAGES[0]

    @property
    def scale(self) -> float:
        """How far the columns must shrink to stand side by side on the page."""
        return min(1.0, self.page.width_pt / sum(map(width_in_points, self.widths)))

    @property
    def n_a4(self) -> int:
        """Sheets needed with the heading on each, counted in A4."""
        room_pt = max(LINE_PT, self.page.height_pt / self.scale - self.head_pt)
        return self.page.n_a4 * max(1, ceil(sum(self.heights_pt) / room_pt))


def fit_table(columns: Sequence[ShownColumn]) -> Layout:
    """Give a table the widths and the page that need the fewest sheets."""
    return fewest_sheets([lay_out(columns, limit) for limit in _LIMITS])


def fewest_sheets(layouts: Sequence[Layout]) -> Layout:
    """Give the layout and the page that need the fewest sheets of letters that can be read.

    Of several, those with the largest letters win, then those with the fewest lines.
    """
    choices = [layout._replace(page=page) for layout in layouts for page in PAGES]
    legible = [choice for choice in choices if choice.scale >= _LEAST_SCALE]
    return min(
        legible or [max(choices, key=lambda choice: choice.scale)],
        key=lambda choice: (choice.n_a4, -choice.scale, sum(choice.heights_pt)),
    )


def lay_out(columns: Sequence[ShownColumn], limit: float) -> Layout:
    """Give widths and heights where no text is wider than the limit."""
    wide = [(column, _fit_column(column, limit)) for column in columns]
    head = max((count_lines(column.head, width) for column, width in wide), default=1)
    lines = [[count_lines(cell, width) if column.is_text else 1 for cell in column.cells] for column, width in wide]
    heights = tuple(height_of(max(row)) for row in zip(*lines, strict=True))
    return Layout(tuple(width for _, width in wide), height_of(head), heights)


def _fit_column(column: ShownColumn, limit: float) -> float:
    """Give the width that cells and heading need: no word of the heading is broken, nor has it too many lines."""
    longest = max((measure(line) for cell in column.cells for line in cell.split("\n")), default=0)
    word = max((measure(piece.rstrip()) for piece in _PIECES.findall(column.head)), default=0)
    width = _PADDING + max(min(longest, limit) if column.is_text else longest, word, 4)
    while count_lines(column.head, width) > _HEAD_LINES * (column.head.count("\n") + 1):
        width += 1
    return width


def measure(text: str) -> int:
    """Give the width of a line in letters; what may be wide (“ ” ²) is."""
    return len(text) if text.isascii() else sum(2 if east_asian_width(letter) in "WFA" else 1 for letter in text)


def count_lines(text: str, width: float) -> int:
    """Count the lines that a text has in a column: a line ends at a space or before a wide letter."""
    return sum(_count_wrapped(line, width) for line in text.split("\n"))


def _count_wrapped(line: str, width: float) -> int:
    if measure(line) <= width:
        return 1
    n_lines, used = 1, 0
    for piece in _PIECES.findall(line):
        size = measure(piece.rstrip())
        if used and used + size > width:
            n_lines, used = n_lines + 1, 0
        if size > width:
            n_lines += int((size - 1) // width)
            size = int(size % width)
        used += size + measure(piece) - measure(piece.rstrip())
    return n_lines


def height_of(n_lines: int) -> float:
    """Give the height of a row of so many lines, in points."""
    return float(min(LINE_PT * n_lines, _HIGHEST_PT))


def width_in_points(width: float) -> float:
    """Give the width of a column on paper."""
    return _POINTS_A_LETTER * width + _POINTS_A_COLUMN


def write_across(sheet: "Worksheet", row: int, layout: Layout, text: str, look: "Format") -> None:
    """Write a sentence over all columns, in a row high enough for it."""
    size = look.font_size / FONT_SIZE
    sheet.merge_range(row, 0, row, len(layout.widths) - 1, "", look)
    sheet.write_string(row, 0, text[:MOST_TEXT], look)
    sheet.set_row(row, size * height_of(count_lines(text, sum(layout.widths) / size)))


def set_up_page(
    sheet: "Worksheet", layout: Layout, *, last_row: int, title: Message, label: Message, language: Language
) -> None:
    """Give a sheet its widths, and have it printed: title and name above, label and page number below."""
    page, say = layout.page, language
    for column, width in enumerate(layout.widths):
        sheet.set_column(column, column, width)
    sheet.print_area(0, 0, last_row, len(layout.widths) - 1)
    sheet.set_paper(page.paper)
    if page.is_landscape:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_margins(_SIDES, _SIDES, _TOP, _BOTTOM)
    above, below = (in_lines(Message(*map(_in_margin, words)), say) for words in (title, label))
    sheet.set_header(f"&L&9 {above}&R&9 &A", {"margin": _EDGE})
    sheet.set_footer(f"&L&8 {below}&R&9 {in_lines(PAGE_NUMBER, say)}", {"margin": _EDGE})


def _in_margin(text: str) -> str:
    """Keep from a text what a header would take for a code, and what no file holds."""
    return "".join(letter for letter in text.replace("&", "＆") if letter.isprintable())[:_MOST_LETTERS]
