"""The document as DOCX: pictures as they were packed once, headings and tables as an editor keeps them."""

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

import docx
import matplotlib as mpl
import pytest
from docx.document import Document as Docx
from PIL import Image

from redistrict.report.pack.document import Heading, Map, Picture, Table
from redistrict.report.pack.fonts import Face, Fonts
from redistrict.report.pack.paper import Frame, Paper
from redistrict.report.pack.pdf import write_pdf
from redistrict.report.pack.word import write_docx

LATIN = Face(Path(mpl.get_data_path()) / "fonts/ttf/DejaVuSans.ttf", 0)


class Cross:
    """A drawing: a line from corner to corner."""

    def draw(self, pdf: Paper, frame: Frame) -> None:
        """Draw it in red."""
        pdf.set_draw_color("#ff0000")
        pdf.line(frame.x, frame.y, frame.x + frame.width, frame.y + frame.height)

    def words(self) -> Iterable[str]:
        """Give no text."""
        return ()


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    picture = tmp_path_factory.mktemp("pictures") / "blue.png"
    Image.new("RGB", (200, 100), "#0000ff").save(picture)
    document = (
        Heading("Chapter", 1),
        Map(Cross(), 83.0),
        Heading("Section & <more>", 2),
        Picture(picture),
        Heading("Page", 2, breaks=True),
        Map(Cross(), 83.0),
        Table(("A", "B"), (("1", "one\ntwo"), ("2", "<three>")), (0.5, 0.5), "hr"),
    )
    pdf, layout = write_pdf(document, Fonts(LATIN, LATIN, ()), head=("Head", ""), language="en")
    return write_docx(document, pdf, layout, head=("Head", ""))


@pytest.fixture(scope="module")
def opened(packed: bytes) -> Docx:
    return docx.Document(io.BytesIO(packed))


def test_pictures_have_numbers_of_their_own_and_stand_there_once_packed(packed: bytes, opened: Docx) -> None:
    """Two maps and a picture, in their order and as wide as the page; PNG is packed, so it is not packed again."""
    shapes = list(opened.inline_shapes)
    assert [round(shape.width.mm) for shape in shapes] == [166] * 3
    assert [round(shape.height.mm) for shape in shapes] == [83] * 3
    assert len({shape._inline.docPr.id for shape in shapes}) == 3
    names = [f"word/media/image{n}.png" for n in (1, 2, 3)]
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert all(archive.getinfo(name).compress_type == zipfile.ZIP_STORED for name in names)
        images = [Image.open(io.BytesIO(archive.read(name))).convert("RGB") for name in names]
    assert [image.size for image in images][1] == (200, 100)
    assert images[1].getpixel((100, 50)) == (0, 0, 255)
    red = images[0].getpixel((images[0].width // 2, images[0].height // 2))
    assert isinstance(red, tuple)
    assert red[0] > 200 > red[1]


def test_headings_are_those_of_the_editor_and_break_where_they_should(opened: Docx) -> None:
    """Their styles make the contents; a chapter, and a section that asks for it, begins a page without room above."""
    found = [one for one in opened.paragraphs if one.style is not None and str(one.style.name).startswith("Heading")]
    assert [(one.text, one.style.name) for one in found if one.style is not None] == [
        ("Chapter", "Heading 1"),
        ("Section & <more>", "Heading 2"),
        ("Page", "Heading 2"),
    ]
    assert [bool(one.paragraph_format.page_break_before) for one in found] == [True, False, True]
    assert [one.paragraph_format.space_before == 0 for one in found] == [True, False, True]


def test_tables_keep_lines_and_sides(opened: Docx) -> None:
    """Labels are grey, numbers at the right, headers grey and in the middle; a line end is a line end."""
    (table,) = opened.tables
    texts = [[cell.text for cell in row.cells] for row in table.rows]
    assert texts == [["A", "B"], ["1", "one\ntwo"], ["2", "<three>"]]
    sides = [[cell._tc.xpath("string(.//w:jc/@w:val)") for cell in row.cells] for row in table.rows]
    assert sides == [["center", "center"], ["center", "right"], ["center", "right"]]
    shades = [[len(cell._tc.xpath(".//w:shd")) for cell in row.cells] for row in table.rows]
    assert shades == [[1, 1], [1, 0], [1, 0]]
