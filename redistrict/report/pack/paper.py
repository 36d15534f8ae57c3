"""Paper: the pages of a PDF with its fonts, onto which thousands of lines of text and of maps are put by few calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from fpdf import FPDF
from numpy.typing import NDArray

from redistrict.report.pack.fonts import Fonts

Points = NDArray[np.float64]

_SHARES = {"L": 0.0, "C": 0.5, "R": 1.0}
"""How much of the room that a text leaves in its frame is before it."""
_BASELINE = 0.3
"""How far the line that letters stand on lies below the middle of a line, in sizes of the font."""
_MEASURED_PT = 10.0


@dataclass(frozen=True)
class Frame:
    """A rectangle on a page: left, top, width and height in millimetres."""

    x: float
    y: float
    width: float
    height: float


class Paper(FPDF):
    """A PDF with the fonts ``text`` and ``heading``, which prints a stand-in for every character no font has.

    Attributes
    ----------
    heading_font : str
        Name of the font of headings; that of the text if there is but one.
    """

    def __init__(self, fonts: Fonts) -> None:
        super().__init__(format="A4")
        self._stand_ins = dict.fromkeys(fonts.lacking, fonts.stand_in)
        self.set_auto_page_break(False)
        self.set_margin(0)
        self.c_margin = 0
        self.alias_nb_pages(None)  # type: ignore[arg-type]  # documented: switches it off
        self.heading_font = "text" if fonts.heading == fonts.text else "heading"
        faces = {"text": fonts.text, self.heading_font: fonts.heading}
        spare = {f"spare{n}": face for n, face in enumerate(fonts.spare)}
        for name, face in (faces | spare).items():
            self.add_font(name, fname=face.path, collection_font_number=face.number)
        self.set_fallback_fonts([*faces, *spare], exact_match=False)
        self._characters = {name: face.characters for name, face in faces.items()}
        self._widths: dict[str, dict[str, float]] = {name: {} for name in faces}
        self._borrowed: dict[str, set[str]] = {name: set() for name in faces}

    def normalize_text(self, text: str) -> str:
        """Give the text that is measured and printed."""
        return super().normalize_text(text.translate(self._stand_ins))

    def measure(self, text: str, size_pt: float, font: str = "text") -> float:
        """Give the width of a line in millimetres; the widths of characters are looked up once."""
        widths = self._widths[font]
        for char in set(text).difference(widths):
            self.set_font(font, size=_MEASURED_PT)
            widths[char] = self.get_string_width(char) / _MEASURED_PT
            if not self._characters[font].issuperset(map(ord, self.normalize_text(char))):
                self._borrowed[font].add(char)
        return size_pt * sum(map(widths.__getitem__, text))

    def put(
        self, text: str, frame: Frame, size_pt: float, colour: str, *, font: str = "text", align: str = "L"
    ) -> None:
        """Write one line into a frame, at the left (L), in the middle (C) or at the right (R)."""
        spare = frame.width - self.measure(text, size_pt, font)
        self.set_font(font, size=size_pt)
        self.set_text_color(colour)
        if not self._borrowed[font].isdisjoint(text):  # some characters are of other fonts
            self.set_xy(frame.x, frame.y)
            self.cell(frame.width, frame.height, text, align=align)
        elif text:
            baseline = frame.y + frame.height / 2 + _BASELINE * self.font_size
            self.text(frame.x + _SHARES[align] * spare, baseline, text)

    def draw_lines(self, lines: Sequence[Points]) -> None:
        """Draw lines in the colour and width set, each through its points, (n, 2) in millimetres."""
        self._write([f"{self._way(line)} S" for line in lines])

    def fill_areas(self, areas: Sequence[Sequence[Points]]) -> None:
        """Fill areas with the colour set, each by its rings: the outer one, and holes, which turn the other way."""
        self._write([" h\n".join(map(self._way, rings)) + " f" for rings in areas])

    def _write(self, operators: Sequence[str]) -> None:
        if operators:
            self._out("\n".join(operators))

    def _way(self, points: Points) -> str:
        """Give the operators that lead through points."""
        flipped = points * (self.k, -self.k) + (0.0, self.h * self.k)
        return _pattern(len(points)) % tuple(flipped.ravel().tolist())


@cache
def _pattern(n: int) -> str:
    """Give the pattern of a way through so many points."""
    return "%.2f %.2f m" + "\n%.2f %.2f l" * (n - 1)
