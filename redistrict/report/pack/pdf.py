"""The document as a PDF: A4 pages and A3 sheets, fonts embedded in part, maps as vectors; same document, same bytes."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import ceil

from fpdf import FPDF
from fpdf.outline import OutlineSection
from PIL import Image

from redistrict.report.pack.document import (
    Contents,
    Cover,
    Document,
    Element,
    Heading,
    Map,
    Picture,
    Table,
    Text,
    tidy,
    words_of,
)
from redistrict.report.pack.fonts import Fonts
from redistrict.report.pack.lines import break_lines
from redistrict.report.pack.paper import Frame, Paper

_INK, _GREY, _RULE, _SHADE, _WARNING = "#1e1e22", "#6c6c74", "#8b8b92", "#efeeea", "#a8321f"
_SIDE, _TOP, _BOTTOM = 22.0, 24.0, 22.0
CELL_PT, CELL_LINE, PAD = 9.0, 4.4, 0.9
TEXT_PT, TEXT_LINE = 11.0, 6.4
CONTENTS_LINE, CONTENTS_COLUMNS, CONTENTS_GAP = 4.9, 2, 10.0
"""Letters in points; lines, and room in cells and between columns, in millimetres. The DOCX has the same."""
_LEAST_LINES = 3


@dataclass(frozen=True)
class Place:
    """Where a map stands: number of its page (from 0), that page's height, and the frame, in millimetres."""

    page: int
    page_height: float
    frame: Frame


@dataclass(frozen=True)
class Layout:
    """Where each `Map` of a document stands, and the page (from 1) of each `Heading`, in order."""

    maps: tuple[Place, ...]
    headings: tuple[int, ...]


def write_pdf(document: Document, fonts: Fonts, *, head: tuple[str, str], language: str) -> tuple[bytes, Layout]:
    """Print a document.

    Parameters
    ----------
    head : tuple of str
        What stands at the top of every page: the title on the left, a warning ("" for none) on the right.
    language : {"zh", "en"}

    Returns
    -------
    pdf : bytes
    layout : Layout
    """
    printer = _Printer(fonts, head, language)
    for number, part in enumerate(document):
        printer.put(part, document[number + 1 :])
    return bytes(printer.pdf.output()), Layout(tuple(printer.maps), tuple(printer.headings))


def characters_of(document: Document) -> str:
    """Give every character the printed document may hold."""
    return "".join(sorted({*" 0123456789—.·", *tidy("".join(set(words_of(document))))}))


class _Printer:
    """Puts the parts of a document on pages, one below the other."""

    def __init__(self, fonts: Fonts, head: tuple[str, str], language: str) -> None:
        self.pdf, self._title, self._warning = Paper(fonts), *head
        self.maps: list[Place] = []
        self.headings: list[int] = []
        self._heading_font = self.pdf.heading_font
        pdf = self.pdf
        pdf.set_creation_date(datetime(1980, 1, 1, tzinfo=UTC))
        pdf.set_title(tidy(self._title))
        pdf.set_lang(language)
        self.y = pdf.h

    def put(self, part: Element, rest: Document) -> None:
        """Put one part below the last; the list of contents needs to know how many headings follow."""
        match part:
            case Cover():
                self._put_cover(part)
            case Contents():
                self._put_contents(part, sum(isinstance(one, Heading) for one in rest))
            case Heading():
                self._put_heading(part)
            case Text():
                self._put_text(part)
            case Table():
                self._put_table(part)
            case Picture():
                self._put_picture(part)
            case Map():
                self._put_map(part)

    # --- pages ------------------------------------------------------------------------------------------

    @property
    def _width(self) -> float:
        return self.pdf.w - 2 * _SIDE

    @property
    def _bottom(self) -> float:
        return self.pdf.h - _BOTTOM

    def _new_page(self, *, sheet: bool = False) -> None:
        """Begin an A4 page, or an A3 sheet."""
        self.pdf.add_page(orientation="L" if sheet else "P", format="A3" if sheet else "A4")
        self._put_head()

    def _put_head(self) -> None:
        """Write title, warning and number of a new page."""
        pdf, half = self.pdf, self._width / 2 - 2.0
        pdf.set_draw_color(_RULE)
        pdf.set_line_width(0.15)
        pdf.line(_SIDE, 17.0, pdf.w - _SIDE, 17.0)
        self._line(self._title, Frame(_SIDE, 11.5, half, 5.0), 8.0, colour=_GREY)
        right = Frame(pdf.w - _SIDE - half, 11.5, half, 5.0)
        self._line(self._warning, right, 8.0, colour=_WARNING, align="R")
        self._line(f"— {pdf.page_no()} —", Frame(_SIDE, pdf.h - 15.0, self._width, 5.0), 9.0, align="C")
        self.y = _TOP

    def _ensure(self, height: float) -> None:
        """Begin a page if what follows does not fit on this one."""
        if self.y + height > self._bottom:
            self._new_page()

    def _line(
        self, text: str, frame: Frame, size: float, *, font: str = "text", colour: str = _INK, align: str = "L"
    ) -> None:
        """Write one line into a frame, smaller if it is too long."""
        text = tidy(text)
        fitting = size / max(1.0, self.pdf.measure(text, size, font) / frame.width)
        self.pdf.put(text, frame, fitting, colour, font=font, align=align)

    def _break(self, text: str, width: float, size: float, font: str = "text") -> list[str]:
        lines = "\n".join(map(tidy, text.split("\n")))
        return break_lines(lines, width, lambda piece: self.pdf.measure(piece, size, font))

    # --- parts ------------------------------------------------------------------------------------------

    def _put_cover(self, cover: Cover) -> None:
        pdf = self.pdf
        pdf.add_page(format="A4")
        self._line(cover.mark, Frame(_SIDE, 28.0, self._width, 8.0), 14.0, font=self._heading_font)
        y = 78.0
        for line in self._break(cover.title, self._width, 26.0, self._heading_font):
            self._line(line, Frame(_SIDE, y, self._width, 14.0), 26.0, font=self._heading_font, align="C")
            y += 14.0
        self._line(cover.subtitle, Frame(_SIDE, y + 4.0, self._width, 8.0), 15.0, align="C")
        self._line(cover.warning, Frame(_SIDE, y + 18.0, self._width, 6.0), 10.5, colour=_WARNING, align="C")
        self.y = 165.0
        self._put_table(Table((), cover.facts, (0.32, 0.68), "hl"))

    def _put_contents(self, contents: Contents, n: int) -> None:
        per_column = int((self._bottom - _TOP - 14.0) / CONTENTS_LINE)
        self._new_page()

        def render(pdf: FPDF, outline: list[OutlineSection]) -> None:
            self._line(contents.title, Frame(_SIDE, _TOP, self._width, 9.0), 16.0, font=self._heading_font, align="C")
            width = (self._width - CONTENTS_GAP) / CONTENTS_COLUMNS
            for number, section in enumerate(outline):
                column, row = divmod(number, per_column)
                if column and column % CONTENTS_COLUMNS == 0 and row == 0:
                    pdf.add_page()
                    self._put_head()
                x = _SIDE + (column % CONTENTS_COLUMNS) * (width + CONTENTS_GAP) + 4.0 * section.level
                frame = Frame(x, _TOP + 14.0 + row * CONTENTS_LINE, width - 4.0 * section.level, CONTENTS_LINE)
                font = "text" if section.level else self._heading_font
                self._line(section.name, replace(frame, width=frame.width - 10.0), 9.0, font=font)
                self._line(f"{section.page_number}", frame, 9.0, align="R")

        self.pdf.insert_toc_placeholder(render, pages=ceil(n / (per_column * CONTENTS_COLUMNS)))
        self._put_head()

    def _put_heading(self, heading: Heading) -> None:
        chapter = heading.level == 1
        size, line = (16.0, 8.5) if chapter else (13.0, 7.0)
        if (chapter or heading.breaks) and self.y > _TOP:
            self._new_page()
        self._ensure(40.0)
        self.pdf.start_section(tidy(heading.text), heading.level - 1)
        self.headings.append(self.pdf.page)
        self.y += 0.0 if self.y == _TOP else 4.0
        for text in self._break(heading.text, self._width, size, self._heading_font):
            frame = Frame(_SIDE, self.y, self._width, line)
            self._line(text, frame, size, font=self._heading_font, align="C" if chapter else "L")
            self.y += line
        self.y += 4.0 if chapter else 1.5

    def _put_text(self, part: Text) -> None:
        for line in self._break(part.text, self._width, TEXT_PT):
            self._ensure(TEXT_LINE)
            self._line(line, Frame(_SIDE, self.y, self._width, TEXT_LINE), TEXT_PT)
            self.y += TEXT_LINE
        self.y += 1.5

    def _put_picture(self, picture: Picture) -> None:
        with Image.open(picture.path) as image:
            height = self._width * image.height / image.width
        self._ensure(height)
        self.pdf.image(picture.path, _SIDE, self.y, self._width, height)
        self.y += height + 2.0

    def _put_map(self, part: Map) -> None:
        whole_sheet = part.height_mm == 0.0
        if whole_sheet:
            self._new_page(sheet=True)
            self._line(part.title, Frame(_SIDE, 19.0, self._width, 8.0), 16.0, font=self._heading_font, align="C")
            frame = Frame(_SIDE, 28.0, self._width, self._bottom - 28.0)
        else:
            self._ensure(part.height_mm)
            frame = Frame(_SIDE, self.y, self._width, part.height_mm)
        part.drawing.draw(self.pdf, frame)
        self.maps.append(Place(self.pdf.page - 1, self.pdf.h, frame))
        self.y = self.pdf.h if whole_sheet else self.y + part.height_mm + 2.0

    # --- tables -----------------------------------------------------------------------------------------

    def _put_table(self, table: Table) -> None:
        """Draw the rows; one that does not fit goes to the next page, or goes on there if it is long."""
        widths = [share * self._width for share in table.widths]
        self._ensure(4 * CELL_LINE)
        self._put_headers(table, widths)
        for row in table.rows:
            lines = [self._break(cell, width - 2 * PAD, CELL_PT) for cell, width in zip(row, widths, strict=True)]
            done, n = 0, max(map(len, lines))
            while done < n:
                room = int((self._bottom - self.y - 2 * PAD) / CELL_LINE)
                if room < min(n - done, _LEAST_LINES):
                    self._new_page()
                    self._put_headers(table, widths)
                    continue
                taken = min(room, n - done)
                self._put_cells([cell[done : done + taken] for cell in lines], widths, table.align)
                done += taken
        self.y += 3.0

    def _put_headers(self, table: Table, widths: list[float]) -> None:
        if table.headers:
            cells = [
                self._break(text, width - 2 * PAD, CELL_PT, self._heading_font)
                for text, width in zip(table.headers, widths, strict=True)
            ]
            self._put_cells(cells, widths, "H" * len(widths))

    def _put_cells(self, cells: list[list[str]], widths: list[float], align: str) -> None:
        """Draw one row: boxes with thin rules, lines of text in the middle of their height."""
        pdf, x = self.pdf, _SIDE
        height = max(map(len, cells)) * CELL_LINE + 2 * PAD
        pdf.set_draw_color(_RULE)
        pdf.set_line_width(0.15)
        pdf.set_fill_color(_SHADE)
        for lines, width, letter in zip(cells, widths, align, strict=True):
            pdf.rect(x, self.y, width, height, style="DF" if letter in "hH" else "D")
            y = self.y + (height - len(lines) * CELL_LINE) / 2
            for number, line in enumerate(lines):
                frame = Frame(x + PAD, y + number * CELL_LINE, width - 2 * PAD, CELL_LINE)
                font = self._heading_font if letter == "H" else "text"
                self._line(line, frame, CELL_PT, font=font, align={"l": "L", "r": "R"}.get(letter, "C"))
            x += width
        self.y += height
