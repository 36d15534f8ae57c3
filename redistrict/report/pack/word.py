"""The document as a DOCX an office can edit: the same parts, with the maps of the PDF as pictures."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
import pypdfium2
from docx.document import Document as Docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from PIL.Image import Dither, Quantize

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
)
from redistrict.report.pack.pdf import Place

_SIDE_MM, _A4_MM, _A3_MM = 22.0, (210.0, 297.0), (420.0, 297.0)
_SHEET_MAP_MM = 355.0
"""Narrower than in print, so that heading and map fit on one sheet in any editor."""
_DPI, _COLOURS = 150, 128
_MM_PER_INCH = 25.4
_SONG, _HEI, _LATIN = "宋体", "黑体", "Times New Roman"
_ALIGN = {"r": WD_ALIGN_PARAGRAPH.RIGHT, "l": WD_ALIGN_PARAGRAPH.LEFT}
_CENTRE = WD_ALIGN_PARAGRAPH.CENTER
_DATE = (1980, 1, 1, 0, 0, 0)


def write_docx(document: Document, pdf: bytes, places: list[Place], *, head: tuple[str, str]) -> bytes:
    """Write a document; `places` say where its maps stand in `pdf`, its printed twin. Same document, same bytes."""
    writer = _Writer(tuple(map(tidy, head)), _cut_maps(pdf, places))
    for part in document:
        writer.put(part)
    stream = io.BytesIO()
    writer.docx.save(stream)
    return _without_dates(stream.getvalue())


class _Writer:
    """Appends the parts of a document to a DOCX."""

    def __init__(self, head: tuple[str, ...], maps: Iterator[bytes]) -> None:
        self.docx, self._maps = docx.Document(), maps
        self._on_sheet = False
        _set_styles(self.docx)
        self.docx.core_properties.title = head[0][:255]
        self.docx.core_properties.author = ""
        section = self.docx.sections[0]
        _set_page(section, _A4_MM)
        section.header.paragraphs[0].add_run("    ".join(filter(None, head))).font.size = Pt(8)
        foot = section.footer.paragraphs[0]
        foot.alignment = _CENTRE
        foot.add_run("— ")
        _add_field(foot, "PAGE", "1")
        foot.add_run(" —")

    def put(self, part: Element) -> None:
        """Append one part."""
        if self._on_sheet and not (isinstance(part, Map) and part.height_mm == 0.0):
            _set_page(self.docx.add_section(WD_SECTION.NEW_PAGE), _A4_MM)
            self._on_sheet = False
        match part:
            case Cover():
                self._put_cover(part)
            case Contents():
                self._break_page()
                self._add(part.title, 16, font=_HEI, centred=True)
                _add_field(self.docx.add_paragraph(), 'TOC \\o "1-2" \\h', part.hint)
            case Heading():
                heading = self.docx.add_heading(tidy(part.text), part.level)
                heading.paragraph_format.page_break_before = part.level == 1 or part.breaks
            case Text():
                self.docx.add_paragraph(_tidy_lines(part.text))
            case Table():
                self._put_table(part)
            case Picture():
                self.docx.add_picture(str(part.path), width=Mm(_A4_MM[0] - 2 * _SIDE_MM))
            case Map():
                self._put_map(part)

    def _put_cover(self, cover: Cover) -> None:
        self._add(cover.mark, 14, font=_HEI)
        for _ in range(6):
            self.docx.add_paragraph()
        self._add(cover.title, 26, font=_HEI, centred=True)
        self._add(cover.subtitle, 15, centred=True)
        self._add(cover.warning, 10.5, centred=True).runs[0].font.color.rgb = RGBColor(0xA8, 0x32, 0x1F)
        for _ in range(5):
            self.docx.add_paragraph()
        self._put_table(Table((), cover.facts, (0.32, 0.68), "hl"))

    def _put_table(self, part: Table) -> None:
        rows = [*([part.headers] if part.headers else []), *part.rows]
        table = self.docx.add_table(0, 0, style="Table Grid")
        table.autofit = False
        for share in part.widths:
            table.add_column(Mm(share * (_A4_MM[0] - 2 * _SIDE_MM)))
        for number, row in enumerate(rows):
            line = table.add_row()
            is_header = number == 0 and bool(part.headers)
            if is_header:
                line._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
            for cell, text, letter in zip(line.cells, row, part.align, strict=True):
                paragraph = cell.paragraphs[0]
                paragraph.paragraph_format.space_after = Pt(0)
                paragraph.alignment = _CENTRE if is_header else _ALIGN.get(letter, _CENTRE)
                run = paragraph.add_run(_tidy_lines(text))
                run.font.size = Pt(9)
                if is_header or letter == "h":
                    _shade(cell._tc)
        self.docx.add_paragraph().paragraph_format.space_after = Pt(0)

    def _put_map(self, part: Map) -> None:
        sheet = part.height_mm == 0.0
        if sheet:
            _set_page(self.docx.add_section(WD_SECTION.NEW_PAGE), _A3_MM)
            self._on_sheet = True
            self._add(part.title, 16, font=_HEI, centred=True)
        width = _SHEET_MAP_MM if sheet else _A4_MM[0] - 2 * _SIDE_MM
        self.docx.add_picture(io.BytesIO(next(self._maps)), width=Mm(width))

    def _add(self, text: str, size: float, *, font: str = _SONG, centred: bool = False) -> Paragraph:
        paragraph = self.docx.add_paragraph()
        run = paragraph.add_run(tidy(text))
        run.font.size = Pt(size)
        _set_font(run._r.get_or_add_rPr(), font)
        if centred:
            paragraph.alignment = _CENTRE
        return paragraph

    def _break_page(self) -> None:
        self.docx.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _cut_maps(pdf: bytes, places: list[Place]) -> Iterator[bytes]:
    """Give the maps of the PDF as PNG files, in order."""
    document = pypdfium2.PdfDocument(pdf)
    for place in places:
        page, frame = document[place.page], place.frame
        points = 72 / _MM_PER_INCH
        crop = (
            frame.x * points,
            (place.page_height - frame.y - frame.height) * points,
            page.get_width() - (frame.x + frame.width) * points,
            frame.y * points,
        )
        image = page.render(scale=_DPI / 72, crop=crop).to_pil().convert("RGB")
        stream = io.BytesIO()
        image.quantize(_COLOURS, Quantize.FASTOCTREE, dither=Dither.NONE).save(stream, "PNG")
        page.close()
        yield stream.getvalue()
    document.close()


def _set_styles(document: Docx) -> None:
    """Song for text and Hei for headings, in black, as official documents are set."""
    for name, font, size in (("Normal", _SONG, 10.5), ("Heading 1", _HEI, 16), ("Heading 2", _HEI, 13)):
        style = document.styles[name]
        style.font.size, style.font.bold = Pt(size), False
        style.font.color.rgb = RGBColor(0, 0, 0)
        _set_font(style.element.get_or_add_rPr(), font)
    document.styles["Heading 1"].paragraph_format.alignment = _CENTRE


def _set_font(properties: Any, chinese: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{kind}"), None)
    for kind, name in (("ascii", _LATIN), ("hAnsi", _LATIN), ("eastAsia", chinese)):
        fonts.set(qn(f"w:{kind}"), name)


def _set_page(section: Section, size_mm: tuple[float, float]) -> None:
    width, height = size_mm
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.orientation = WD_ORIENT.LANDSCAPE if width > height else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = Mm(_SIDE_MM)
    section.top_margin, section.bottom_margin = Mm(24), Mm(20)


def _add_field(paragraph: Paragraph, instruction: str, shown: str) -> None:
    """Add something the editor fills in, such as a page number; `shown` stands there until it does."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    paragraph._p.append(field)
    run = paragraph.add_run(shown)
    field.append(run._r)


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), "EFEEEA")
    cell.get_or_add_tcPr().append(shade)


def _tidy_lines(text: str) -> str:
    return "\n".join(map(tidy, text.split("\n")))


def _without_dates(packed: bytes) -> bytes:
    """Pack the parts of a DOCX again, all of one date."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _DATE), old.read(name), zipfile.ZIP_DEFLATED)
    return stream.getvalue()
