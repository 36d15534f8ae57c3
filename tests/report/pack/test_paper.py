"""Paper: lines of text and of maps put on pages by few calls look as the library's own calls make them look."""

import logging
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pypdfium2
import pytest
import shapely
from numpy.typing import NDArray

from redistrict.report.pack.drawings import Window
from redistrict.report.pack.fonts import Face, Fonts
from redistrict.report.pack.paper import Frame, Paper

LATIN = Face(Path(mpl.get_data_path()) / "fonts/ttf/DejaVuSans.ttf", 0)
SERIF = Face(LATIN.path.with_name("DejaVuSerif.ttf"), 0)
MONO = Face(LATIN.path.with_name("DejaVuSansMono.ttf"), 0)
INK = "#26262b"


def _page(fonts: Fonts) -> Paper:
    paper = Paper(fonts)
    paper.add_page()
    return paper


def _look(paper: Paper) -> NDArray[np.uint8]:
    with pypdfium2.PdfDocument(bytes(paper.output())) as document:
        return np.asarray(document[0].render(scale=2).to_pil().convert("RGB"))


@pytest.mark.parametrize("align", ["L", "C", "R"])
def test_a_line_stands_where_a_cell_of_the_library_would(align: str) -> None:
    """At the left, in the middle and at the right, in text and heading, small and large."""
    ours, theirs = _page(Fonts(LATIN, SERIF, ())), _page(Fonts(LATIN, SERIF, ()))
    for n, (font, size) in enumerate((("text", 6.0), ("heading", 26.0), ("text", 9.3))):
        frame = Frame(20.0, 20.0 + 20 * n, 100.0, 4.4 + n)
        ours.put("Line (1) of 3 – 12.5 m", frame, size, INK, font=font, align=align)
        theirs.set_font(font, size=size)
        theirs.set_text_color(INK)
        theirs.set_xy(frame.x, frame.y)
        theirs.cell(frame.width, frame.height, "Line (1) of 3 – 12.5 m", align=align)
    assert (_look(ours) == _look(theirs)).all()


def test_a_character_the_font_lacks_is_lent_by_another(caplog: pytest.LogCaptureFixture) -> None:
    """The line is printed whole, its width is that of what is printed, and no glyph is missing."""
    lent = chr(min(LATIN.characters - MONO.characters - set(range(0x300))))
    paper = _page(Fonts(MONO, MONO, (LATIN,)))
    paper.put(f"a{lent}b", Frame(20.0, 20.0, 60.0, 6.0), 12.0, INK)
    plain = _page(Fonts(LATIN, LATIN, ()))
    assert paper.measure(lent, 12.0) == pytest.approx(plain.measure(lent, 12.0))
    with caplog.at_level(logging.WARNING), pypdfium2.PdfDocument(bytes(paper.output())) as document:
        assert document[0].get_textpage().get_text_range().strip() == f"a{lent}b"
    assert not [record for record in caplog.records if record.name.startswith("fpdf")]
    plain.output()  # closes the font


def test_nothing_is_written_for_an_empty_line() -> None:
    """A line to be filled in by hand leaves the page blank."""
    paper = _page(Fonts(LATIN, LATIN, ()))
    paper.put("", Frame(20.0, 20.0, 60.0, 6.0), 12.0, INK, align="R")
    assert (_look(paper) == 255).all()


def test_areas_are_filled_but_for_their_holes_and_lines_drawn_through_their_points() -> None:
    """A frame of ground with a hole and an island in it, in a window of 100 m a side, and a line across.

    ::

        [ A A A ]
        [ A . A ]   the hole with the island in its middle
        [ A A A ]
    """
    paper = _page(Fonts(LATIN, LATIN, ()))
    window = Window(paper, Frame(0.0, 0.0, 100.0, 100.0), (50.0, 50.0), 1.0)
    ring = shapely.difference(shapely.box(10, 10, 90, 90), shapely.box(30, 30, 70, 70))
    island = shapely.box(45, 45, 55, 55)
    window.fill(np.array([shapely.MultiPolygon([ring, island])], dtype=object), "#00ff00")
    window.lines(np.array([shapely.LineString([(-50, 95), (150, 95)])], dtype=object), "#ff0000", 1.0)
    seen = _look(paper)

    def colour_at(x: float, y: float) -> tuple[int, ...]:
        mm = 2 * 72 / 25.4
        return tuple(seen[int((100 - y) * mm), int(x * mm)].tolist())

    assert [colour_at(*spot) for spot in ((20, 20), (50, 50), (80, 50))] == [(0, 255, 0)] * 3
    assert [colour_at(*spot) for spot in ((35, 50), (50, 65), (5, 5))] == [(255, 255, 255)] * 3
    assert colour_at(50, 95) == (255, 0, 0)
    assert colour_at(110, 95) == (255, 255, 255)


def test_a_window_finds_by_place_what_plain_search_finds() -> None:
    """Squares on a grid: those that meet the window or touch it, in order."""
    west, south = (grid.ravel() * 10.0 for grid in np.meshgrid(np.arange(20), np.arange(20)))
    shapes = shapely.box(west, south, west + 9.0, south + 10.0)
    paper = _page(Fonts(LATIN, LATIN, ()))
    window = Window(paper, Frame(0.0, 0.0, 43.0, 61.0), (95.0, 90.5), 1.0)
    plain = np.flatnonzero(shapely.intersects(shapes, shapely.box(*window.window)))
    assert window.find(shapely.STRtree(shapes)).tolist() == plain.tolist()
    paper.output()  # closes the font
