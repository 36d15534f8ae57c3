"""The document as a DOCX an office can edit: the same parts, with the maps of the PDF as pictures."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import docx
import pypdfium2
from docx.document import Document as Docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.oxml.shape import CT_Inline
from docx.parts.image import ImagePart
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from PIL import Image
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
from redistrict.report.pack.pdf import (
    CELL_LINE,
    CELL_PT,
    CONTENTS_COLUMNS,
    CONTENTS_GAP,
    CONTENTS_LINE,
    TEXT_LINE,
    TEXT_PT,
    Layout,
    Place,
)
from redistrict.report.pack.word_xml import (
    CELL_STYLE,
    TOC_STYLES,
    entry_xml,
    heading_xml,
    table_xml,
    tidy_lines,
    to_twips,
)

_SIDE_MM, _A4_MM, _A3_MM = 22.0, (210.0, 297.0), (420.0, 297.0)
_SHEET_MAP_MM = 355.0
"""Narrower than in print, so that heading and map fit on one sheet in any editor."""
_DPI, _COLOURS = 150, 128
_MM_PER_INCH = 25.4
_SONG, _HEI, _LATIN = "宋体", "黑体", "Times New Roman"
_STYLES = (
    ("Normal", _SONG, TEXT_PT, TEXT_LINE, 0.0, 1.5),
    ("Heading 1", _HEI, 16.0, 8.5, 0.0, 4.0),
    ("Heading 2", _HEI, 13.0, 7.0, 4.0, 1.5),
    (CELL_STYLE, _SONG, CELL_PT, CELL_LINE, 0.0, 0.0),
    (TOC_STYLES[0], _HEI, 9.0, CONTENTS_LINE, 0.0, 0.0),
    (TOC_STYLES[1], _SONG, 9.0, CONTENTS_LINE, 0.0, 0.0),
)
"""Name, font, size in points, height of a line, and what is left free before and after, in millimetres."""
_CENTRE = WD_ALIGN_PARAGRAPH.CENTER
_DATE = (1980, 1, 1, 0, 0, 0)


def write_docx(document: Document, pdf: bytes, layout: Layout, *, head: tuple[str, str]) -> bytes:
    """Write a document with the pages of `pdf`, its printed twin, set as `layout` says. Same document, same bytes."""
    headings = [part for part in document if isinstance(part, Heading)]
    entries = [(tidy(one.text), one.level, page) for one, page in zip(headings, layout.headings, strict=True)]
    writer = _Writer(tuple(map(tidy, head)), _cut_maps(pdf, layout.maps), entries)
    for part in document:
        writer.put(part)
    stream = io.BytesIO()
    writer.docx.save(stream)
    return _pack_again(stream.getvalue(), writer.pictures)


class _Writer:
    """Appends the parts of a document to a DOCX."""

    def __init__(self, head: tuple[str, ...], maps: Iterator[bytes], entries: Sequence[tuple[str, int, int]]) -> None:
        self.docx, self._maps, self._entries = docx.Document(), maps, entries
        self.pictures: dict[str, bytes] = {}
        self._is_aside = False
        self._n_headings = 0
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
        """Append one part; after the contents and after sheets A4 pages of one column go on."""
        if self._is_aside and not (isinstance(part, Map) and part.height_mm == 0.0):
            self._begin(WD_SECTION.NEW_PAGE, _A4_MM)
            self._is_aside = False
        match part:
            case Cover():
                self._put_cover(part)
            case Contents():
                self._put_contents(part)
            case Heading():
                self._put_heading(part)
            case Text():
                self.docx.add_paragraph(tidy_lines(part.text))
            case Table():
                self._put_table(part)
            case Picture():
                self._put_picture(part.path.read_bytes(), _A4_MM[0] - 2 * _SIDE_MM)
            case Map():
                self._put_map(part)

    def _put_cover(self, cover: Cover) -> None:
        self._add(cover.mark, 14, font=_HEI)
        self._leave(40.0)
        self._add(cover.title, 26, font=_HEI, centred=True)
        self._add(cover.subtitle, 15, centred=True)
        self._add(cover.warning, 10.5, centred=True).runs[0].font.color.rgb = RGBColor(0xA8, 0x32, 0x1F)
        self._leave(45.0)
        self._put_table(Table((), cover.facts, (0.32, 0.68), "hl"))

    def _put_contents(self, contents: Contents) -> None:
        """List the headings with the pages they have in print, as a field that an editor can bring up to date."""
        self._add(contents.title, 16, font=_HEI, centred=True).paragraph_format.page_break_before = True
        self._begin(WD_SECTION.CONTINUOUS, _A4_MM, CONTENTS_COLUMNS)
        last = len(self._entries) - 1
        for n, entry in enumerate(self._entries):
            self._append(entry_xml(n, *entry, is_first=n == 0, is_last=n == last))
        self._is_aside = True

    def _put_heading(self, heading: Heading) -> None:
        breaks = heading.level == 1 or heading.breaks
        self._append(heading_xml(self._n_headings, tidy(heading.text), heading.level, breaks=breaks))
        self._n_headings += 1

    def _put_table(self, part: Table) -> None:
        self._append(table_xml(part, _A4_MM[0] - 2 * _SIDE_MM))
        self._leave(3.0)

    def _put_map(self, part: Map) -> None:
        sheet = part.height_mm == 0.0
        if sheet:
            self._begin(WD_SECTION.NEW_PAGE, _A3_MM)
            self._is_aside = True
            self._add(part.title, 16, font=_HEI, centred=True)
        width = _SHEET_MAP_MM if sheet else _A4_MM[0] - 2 * _SIDE_MM
        self._put_picture(next(self._maps), width)

    def _put_picture(self, png: bytes, width_mm: float) -> None:
        """Append a picture; the library alone would look all pages through for a number that is free, each time."""
        paragraph = self.docx.add_paragraph()
        paragraph.paragraph_format.line_spacing, paragraph.paragraph_format.space_after = 1.0, Mm(1)
        number = len(self.pictures) + 1
        place = PackURI(f"/word/media/image{number}.png")
        self.pictures[place.membername] = png
        relation = self.docx.part.relate_to(ImagePart(place, CONTENT_TYPE.PNG, b""), RELATIONSHIP_TYPE.IMAGE)
        with Image.open(io.BytesIO(png)) as image:
            height_mm = width_mm * image.height / image.width
        inline = CT_Inline.new_pic_inline(number, relation, "", Mm(width_mm), Mm(height_mm))
        paragraph.add_run()._r.add_drawing(inline)

    def _begin(self, start: WD_SECTION, size_mm: tuple[float, float], n_columns: int = 1) -> None:
        """Begin a section; the paragraph that ends the last one takes no room."""
        section = self.docx.add_section(start)
        form = Paragraph(self.docx.element.body[-2], self.docx._body).paragraph_format
        form.line_spacing, form.space_after = Pt(1), Mm(0)
        _set_page(section, size_mm, n_columns)

    def _add(self, text: str, size: float, *, font: str = _SONG, centred: bool = False) -> Paragraph:
        paragraph = self.docx.add_paragraph()
        paragraph.paragraph_format.line_spacing = 1.0
        run = paragraph.add_run(tidy(text))
        run.font.size = Pt(size)
        _set_font(run._r.get_or_add_rPr(), font)
        if centred:
            paragraph.alignment = _CENTRE
        return paragraph

    def _append(self, xml: str) -> None:
        self.docx.element.body.insert_element_before(parse_xml(xml), "w:sectPr")

    def _leave(self, height_mm: float) -> None:
        """Leave so much of the page free; at the foot of a page it takes no room, and so begins no other."""
        form = self.docx.add_paragraph().paragraph_format
        form.line_spacing, form.space_after = Pt(1), Mm(height_mm)


def _cut_maps(pdf: bytes, places: Sequence[Place]) -> Iterator[bytes]:
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
    """Song for text and Hei for headings, in black, as official documents are set; as high as in print."""
    for name in (CELL_STYLE, *TOC_STYLES):
        document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name in TOC_STYLES)
    for name, font, size, line_mm, before_mm, after_mm in _STYLES:
        style = document.styles[name]
        style.font.size, style.font.bold = Pt(size), False
        style.font.color.rgb = RGBColor(0, 0, 0)
        _set_font(style.element.get_or_add_rPr(), font)
        form = style.paragraph_format
        form.line_spacing, form.space_before, form.space_after = Mm(line_mm), Mm(before_mm), Mm(after_mm)
    document.styles["Heading 1"].paragraph_format.alignment = _CENTRE
    width_mm = (_A4_MM[0] - 2 * _SIDE_MM - CONTENTS_GAP) / CONTENTS_COLUMNS
    for level, name in enumerate(TOC_STYLES):
        form = document.styles[name].paragraph_format
        form.left_indent = Mm(4 * level)
        form.tab_stops.add_tab_stop(Mm(width_mm), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def _set_font(properties: Any, chinese: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{kind}"), None)
    for kind, name in (("ascii", _LATIN), ("hAnsi", _LATIN), ("eastAsia", chinese)):
        fonts.set(qn(f"w:{kind}"), name)


def _set_page(section: Section, size_mm: tuple[float, float], n_columns: int = 1) -> None:
    width, height = size_mm
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.orientation = WD_ORIENT.LANDSCAPE if width > height else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = Mm(_SIDE_MM)
    section.top_margin, section.bottom_margin = Mm(24), Mm(20)
    columns = section._sectPr.find(qn("w:cols"))
    columns.set(qn("w:num"), f"{n_columns}")
    columns.set(qn("w:space"), f"{to_twips(CONTENTS_GAP)}")


def _add_field(paragraph: Paragraph, instruction: str, shown: str) -> None:
    """Add something the editor fills in, such as a page number; `shown` stands there until it does."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    paragraph._p.append(field)
    run = paragraph.add_run(shown)
    field.append(run._r)


def _pack_again(packed: bytes, pictures: dict[str, bytes]) -> bytes:
    """Pack the parts of a DOCX again with its pictures, which are packed already, all of one date."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            way = zipfile.ZIP_STORED if name in pictures else zipfile.ZIP_DEFLATED
            new.writestr(zipfile.ZipInfo(name, _DATE), pictures.get(name) or old.read(name), way)
    return stream.getvalue()
