"""Latin words in Chinese texts: which may stand there, and which of a text may not."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path

import docx
import openpyxl
import pypdfium2

UNITS = frozenset({"m", "km"})
"""Units after figures, also m² and km²."""
NAMES = frozenset({"redistrict", "Python", "GEOS", "GDAL", "SHA", "XX"})
"""Programs, the digest SHA-256, and XX, by which a cited document leaves a name open."""
CODES = (
    re.compile(r"A[134](?![0-9A-Za-z])"),
    re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{64}(?![0-9A-Za-z])"),
    re.compile(r"https?://[!-~]+"),
    re.compile(r"CGCS2000|EPSG:\d+|GB ?\d[\d-]*|CJ/T ?\d[\d-]*|(?<![0-9A-Za-z])[LJ]\d+(?![0-9A-Za-z])"),
    re.compile(r"[\w()-]+\.(?:csv|json|geojson|gpkg|shp|xlsx|yaml|html|pdf|docx|py|pub|svg|png)\b"),
    re.compile(
        r"(?<![0-9A-Za-z_.])(?:data|communities|objective|solve|standards|output|levels|grids|contiguity)(?:\.\w+(?:\[\d+\])?)+"
    ),
)
"""Sizes of paper, digests, addresses, numbers of standards, boundary lines and points, files, keys of the scenario."""
_WORD = re.compile(r"[A-Za-z]+")


def find_latin(text: str, given: Collection[str] = ()) -> list[str]:
    """Give every Latin word of a text that is on no list, once, with what stands around it.

    Parameters
    ----------
    given : collection of str
        Names and codes that the data give so.
    """
    for code in CODES:
        text = code.sub("＊", text)
    for name in sorted(given, key=len, reverse=True):
        text = text.replace(name, "＊")
    found: dict[str, str] = {}
    for word in _WORD.finditer(text):
        if word[0] not in UNITS | NAMES:
            found.setdefault(word[0], text[max(0, word.start() - 20) : word.end() + 20])
    return [f"{word}: {around}" for word, around in found.items()]


def read_pdf(path: Path) -> str:
    """Give the text of a PDF, page by page, line by line."""
    with pypdfium2.PdfDocument(path) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def read_docx(path: Path) -> str:
    """Give every paragraph of a DOCX, also in tables, contents, header and footer."""
    document = docx.Document(str(path))
    section = document.sections[0]
    roots = (document.element.body, section.header._element, section.footer._element)
    return "\n".join("".join(p.xpath(".//w:t/text()")) for root in roots for p in root.xpath(".//w:p"))


def read_xlsx(path: Path) -> str:
    """Give every text of a workbook, also the names of its sheets."""
    return "\n".join(_texts(openpyxl.load_workbook(path)))


def _texts(book: openpyxl.Workbook) -> Iterator[str]:
    for sheet in book.worksheets:
        yield sheet.title
        for row in sheet.iter_rows(values_only=True):
            yield from (cell for cell in row if isinstance(cell, str) and not cell.startswith("="))
