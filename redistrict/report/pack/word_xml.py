"""Tables and lines of contents of a DOCX as XML, as an editor keeps them."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from docx.oxml.ns import nsdecls

from redistrict.report.pack.document import Table, tidy
from redistrict.report.pack.pdf import PAD

CELL_STYLE, TOC_STYLES = "Table Text", ("toc 1", "toc 2")
"""Names of styles; editors know those of contents by their names."""
_ALIGN = {"r": "right", "l": "left"}
_TWIPS_PER_MM = 1440 / 25.4


def to_twips(mm: float) -> int:
    """Give a length in the unit of the format, a twentieth of a point."""
    return round(mm * _TWIPS_PER_MM)


def tidy_lines(text: str) -> str:
    """Put spaces for characters that cannot be printed, but keep line ends."""
    return "\n".join(map(tidy, text.split("\n")))


def table_xml(part: Table, width_mm: float) -> str:
    """Give a table as wide as the page, in XML: the library adds thousands of cells one by one too slowly."""
    widths, pad = [to_twips(share * width_mm) for share in part.widths], to_twips(PAD)
    margins = "".join(f'<w:{side} w:w="{pad}" w:type="dxa"/>' for side in ("top", "left", "bottom", "right"))
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    titles, cells = ([*map(_begin_cell, widths, letters)] for letters in ("H" * len(widths), part.align))
    rows = [_row_xml(part.headers, titles, is_header=True)] if part.headers else []
    rows += [_row_xml(row, cells) for row in part.rows]
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _row_xml(row: Sequence[str], cells: Sequence[str], *, is_header: bool = False) -> str:
    texts = "".join(
        f"{cell}{_text_xml(tidy_lines(text))}</w:r></w:p></w:tc>" for text, cell in zip(row, cells, strict=True)
    )
    return f"<w:tr>{'<w:trPr><w:tblHeader/></w:trPr>' if is_header else ''}{texts}</w:tr>"


def _begin_cell(width: int, letter: str) -> str:
    """Give all of a cell before its text; ``H`` is for headers."""
    shade = '<w:shd w:val="clear" w:fill="EFEEEA"/>' if letter in "hH" else ""
    side = _ALIGN.get(letter, "center")
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{_id_of(CELL_STYLE)}"/><w:jc w:val="{side}"/></w:pPr><w:r>'
    )


def _text_xml(text: str) -> str:
    return "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n"))


def heading_xml(n: int, text: str, level: int, *, breaks: bool) -> str:
    """Give a heading with its bookmark, at the top of a new page where it breaks."""
    top = '<w:pageBreakBefore/><w:spacing w:before="0"/>' if breaks else ""
    return (
        f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="Heading{level}"/>{top}</w:pPr>'
        f'<w:bookmarkStart w:id="{n}" w:name="{anchor(n)}"/><w:r>{_text_xml(text)}</w:r>'
        f'<w:bookmarkEnd w:id="{n}"/></w:p>'
    )


def entry_xml(n: int, text: str, level: int, page: int, *, is_first: bool, is_last: bool) -> str:
    """Give a line of the contents: a link to its heading, and the page, which is a field of its own."""
    char = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    ask = '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-2" \\h </w:instrText></w:r>'
    begin = char.format("begin") + ask + char.format("separate") if is_first else ""
    return (
        f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="{_id_of(TOC_STYLES[level - 1])}"/></w:pPr>{begin}'
        f'<w:hyperlink w:anchor="{anchor(n)}"><w:r>{_text_xml(text)}<w:tab/></w:r>'
        f'<w:fldSimple w:instr=" PAGEREF {anchor(n)} \\h "><w:r><w:t>{page}</w:t></w:r></w:fldSimple></w:hyperlink>'
        f"{char.format('end') if is_last else ''}</w:p>"
    )


def anchor(n: int) -> str:
    """Give the name of the bookmark of a heading, counted from 0."""
    return f"_Toc{n + 1:06}"


def _id_of(style: str) -> str:
    return style.replace(" ", "")
