"""A document as values: headings, paragraphs, tables, pictures and maps in one language, for every writer alike."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from redistrict.report.pack.paper import Frame, Paper


class Drawing(Protocol):
    """Something that draws itself with vectors into a frame of a page."""

    def draw(self, pdf: Paper, frame: Frame) -> None:
        """Draw into the frame."""

    def words(self) -> Iterable[str]:
        """Give every text it may write."""


@dataclass(frozen=True)
class Cover:
    """The first page: what is submitted, what every reader must know of the data, and a few facts."""

    mark: str
    title: str
    subtitle: str
    warning: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Contents:
    """The list of all headings with their pages."""

    title: str


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 (a chapter, on a new page) or 2; `breaks` puts a section on a new page too."""

    text: str
    level: Literal[1, 2]
    breaks: bool = False


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table with thin rules; its header, if any, stands again on every page.

    Attributes
    ----------
    headers : tuple of str
        May be empty.
    rows : tuple of tuple of str
    widths : tuple of float
        Shares of the width of the page, one a column; they add up to 1.
    align : str
        One letter a column: ``l`` left, ``r`` right, ``c`` in the middle, ``h`` a label on grey.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    align: str


@dataclass(frozen=True)
class Picture:
    """A picture file as wide as the page."""

    path: Path


@dataclass(frozen=True)
class Map:
    """A map of the given height that fills the width of the page, or (height 0) a whole A3 sheet, landscape."""

    drawing: Drawing
    height_mm: float = 0.0
    title: str = ""


Element = Cover | Contents | Heading | Text | Table | Picture | Map
Document = tuple[Element, ...]


def tidy(text: str) -> str:
    """Put a space for every character that cannot be printed, such as a control character from a data file."""
    return text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)


def number(value: Any) -> str:
    """Write a number as an office does: thousands apart, no digits that say nothing; a dash where there is none."""
    if value is None or value == "":
        return "—"
    value = float(value)
    return f"{value:,.0f}" if value.is_integer() else f"{value:,.1f}"


def words_of(document: Document) -> Iterator[str]:
    """Give every text of a document."""
    for part in document:
        match part:
            case Heading(text=text) | Text(text=text):
                yield text
            case Cover():
                yield from (part.mark, part.title, part.subtitle, part.warning)
                yield from (text for fact in part.facts for text in fact)
            case Contents():
                yield part.title
            case Table():
                yield from part.headers
                yield from (cell for row in part.rows for cell in row)
            case Map():
                yield part.title
                yield from part.drawing.words()
