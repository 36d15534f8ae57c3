"""The map of the city in the pack: every community named, a usual scale, a title block, and an index of sheets."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pypdfium2
import pytest
import shapely
from shapely.affinity import scale

from redistrict.messages import Message, plain
from redistrict.report.pack import fonts
from redistrict.report.pack.city_map import SMALLEST_SCALE, CityMap, Sign, lay_out
from redistrict.report.pack.drawings import Areas, Ground, Window
from redistrict.report.pack.names import LEAST_PT, write_names
from redistrict.report.pack.paper import Frame, Paper
from redistrict.report.pack.pdf import characters_of, write_pdf
from redistrict.report.title_block import Line

pytestmark = pytest.mark.usefixtures("chinese_font")


@pytest.fixture
def strips() -> Areas:
    """Give squares of 1 km, and between them strips too narrow for a name, the middle ones far from open ground.

    ::

        [   0   ][1][   2   ]
        [   3   ][4][   5   ]   all of one district but the last row
        [   6   ][7][   8   ]
    """
    west, east = np.array([0.0, 1000.0, 1040.0]), np.array([1000.0, 1040.0, 2040.0])
    shapes = [shapely.box(west[c], -r * 1000.0, east[c], 1000.0 - r * 1000.0) for r in range(3) for c in range(3)]
    names = tuple(f"第{n}社区" for n in "零一二三四五六七八")
    return Areas(np.array(shapes, dtype=object), names, ("东区",) * 6 + ("西区",) * 3)


@pytest.fixture
def city(strips: Areas) -> CityMap:
    lines = gpd.GeoDataFrame({"road_class": [], "name": []}, geometry=[], crs="EPSG:4547")
    lake = gpd.GeoDataFrame({"road_class": ["river"], "name": ["磁湖"]}, geometry=[shapely.box(2100, 0, 3000, 900)])
    ground = Ground(strips, None, strips.shapes, np.arange(len(strips.names)), lines, lake)
    return CityMap(
        ground=ground,
        areas=strips,
        fills=("#ffffff",) * len(strips.names),
        marked=(),
        legend=(Sign("社区界线", "#000000", width_mm=0.2),),
        block=(
            Line(Message("Office", "编制单位"), plain("某市民政局")),
            *[Line(plain(f"栏{n}"), plain("")) for n in "一二三四"],
        ),
        language="zh",
    )


class _Recorder(Window):
    """A window that remembers the names in it, with their boxes and sizes."""

    def label(self, text: str, spot: shapely.Point, size_pt: float, colour: str) -> bool:
        width, height = self.size_of(text, size_pt)
        if not super().label(text, spot, size_pt, colour):
            return False
        box = shapely.box(spot.x - width / 2, spot.y - height / 2, spot.x + width / 2, spot.y + height / 2)
        self.drawn: dict[str, tuple[shapely.Geometry, float]] = {**getattr(self, "drawn", {}), text: (box, size_pt)}
        return True


def test_every_community_has_a_name_or_a_number_and_none_lies_over_another(strips: Areas) -> None:
    """A name lies in its area; beside a strip it lies outside the city, at least 6 pt; else a number is listed."""
    chosen = fonts.choose_fonts("".join(strips.names) + "0123456789")
    pdf = Paper(chosen)
    pdf.add_page(format="A3")
    window = _Recorder(pdf, Frame(10, 10, 250, 250), (1020.0, -500.0), 0.05)
    listed = write_names(window, strips, range(9))
    pdf.output()  # closes the font
    assert {strips.names[n] for n in range(9) if n not in listed} | {f"{n + 1}" for n in listed} == {*window.drawn}
    assert 4 in listed
    assert not {0, 2, 3, 5, 6, 8} & {*listed}
    boxes = [box for box, _ in window.drawn.values()]
    assert all(not one.intersects(other) for n, one in enumerate(boxes) for other in boxes[:n])
    assert min(size for _, size in window.drawn.values()) >= LEAST_PT
    city = shapely.union_all(strips.shapes)
    for n in set(range(9)) - {*listed}:
        box, _ = window.drawn[strips.names[n]]
        assert strips.shapes[n].contains(box) or not city.intersects(box)


def test_a_sheet_says_its_scale_and_who_made_it(city: CityMap) -> None:
    """Scale as a ratio that fills the sheet, number of the sheet, office, legend, and the names all stand on it."""
    document = tuple(lay_out(city, "图1"))
    chosen = fonts.choose_fonts(characters_of(document))
    pdf, _ = write_pdf(document, chosen, head=("石", ""), language="zh")
    with pypdfium2.PdfDocument(pdf) as printed:
        (text,) = ["".join(page.get_textpage().get_text_range().split()) for page in printed]
    for words in ("比例尺1:15,000", "图号1/1", "编制单位某市民政局", "社区界线", "磁湖", "北", "第零社区", "第八社区"):
        assert words in text


def test_a_city_too_large_for_a_sheet_gets_an_index_and_sheets(city: CityMap) -> None:
    """The first sheet shows where the others lie; none of these is smaller than the smallest scale, none is empty."""
    large = replace(city.areas, shapes=np.array([scale(shape, 20, 20, origin=(0, 0)) for shape in city.areas.shapes]))
    drawn = [part.drawing for part in lay_out(replace(city, areas=large), "图1")]
    index, *sheets = [drawing for drawing in drawn if isinstance(drawing, CityMap)]
    assert len(index.index) == len(sheets) > 1
    assert "分幅范围及图号" in {sign.text for sign in index.legend} - {sign.text for sign in sheets[0].legend}
    assert [sheet.number for sheet in sheets] == [f"{n + 2} / {len(sheets) + 1}" for n in range(len(sheets))]
    parts = [sheet.part for sheet in sheets if sheet.part is not None]
    together = shapely.union_all([shapely.box(*part) for part in parts])
    assert len(parts) == len(sheets)
    assert together.buffer(1).contains(shapely.union_all(large.shapes))
    for west, south, east, north in parts:
        assert max((east - west) / 376, (north - south) / 210) * 1000 <= SMALLEST_SCALE
        assert shapely.intersects(large.shapes, shapely.box(west, south, east, north)).any()
