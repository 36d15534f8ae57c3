"""The comparison page in a real browser without a network."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from playwright.sync_api import Browser, Page

from redistrict.messages import Language, Message
from redistrict.report.compare.lines import Comparison, build_comparison
from redistrict.report.compare.page import write_compare_page
from redistrict.report.compare.sides import Side
from redistrict.scenario.models import Scenario
from tests.report.opened import open_offline

pytestmark = pytest.mark.browser

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "{{7*7}}",
    '{{ cycler.__init__.__globals__.os.mkdir("pwned") }}',
    "${1}",
    "</script><script>alert(1)</script>",
    "</title></svg><script>alert(1)</script>",
    '" onload="alert(1)',
    '=HYPERLINK("x")',
)
N = 8


def make_comparison(language: Language = "both", *, prefix: str = "") -> Comparison:
    """Compare a row of eight blocks, two by two, with the same in four and four.

    ::

        [0 0][1 1][2 2][3 3]      [0 0 0 0][1 1 1 1]
    """
    shapes = shapely.box(np.arange(N) * 100.0, 0, np.arange(N) * 100.0 + 100, 100)
    ids = [f"b{i}{prefix}" for i in range(N)]
    blocks = gpd.GeoDataFrame({"block_id": ids, "people": 10}, geometry=shapes, crs="EPSG:4547")
    return build_comparison([_side(blocks, n, language, prefix) for n in (2, 4)], blocks)


def _side(blocks: gpd.GeoDataFrame, size: int, language: Language, prefix: str) -> Side:
    community = np.arange(N) // size
    k = N // size
    label = {"zh": f"标注{prefix}"[:200], "en": f"label{prefix}"[:200]}
    scenario = Scenario.model_validate(
        {
            "name": "row",
            "data": {"label": label, "blocks": {"path": "row.gpkg", "columns": {"id": "id", "people": "people"}}},
            "communities": {"target": {"people": 20}},
            "output": {"language": language},
        }
    )
    areas = [shapely.MultiPolygon([shapely.union_all(blocks.geometry.to_numpy()[community == c])]) for c in range(k)]
    return Side(
        name=Message(f"by {size}{prefix}", f"每{size}{prefix}"),
        folder=f"folder{size}",
        scenario=scenario,
        facts={"communities": k, "boundary_m": 100.0 * (k - 1), "first_year": Message(f"none{prefix}", f"无{prefix}")}
        | {f"crossing_{prefix or 'trunk'}": 3.0},
        ids=tuple(f"{size}-{c}{prefix}" for c in range(k)),
        names=tuple(f"{size}社区{c}{prefix}" for c in range(k)),
        areas=gpd.GeoDataFrame({"deviation": np.linspace(-0.2, 0.2, k)}, geometry=areas, crs=blocks.crs),
        households=(1500,) * k,
        community_of=dict(zip(blocks["block_id"], community.tolist(), strict=True)),
        yardstick=(),
        sha256="",
        inputs={},
    )


def open_page(browser: Browser, comparison: Comparison, folder: Path) -> tuple[Page, list[str]]:
    """Write the page and open it offline; give what the browser complained about or asked for."""
    path = folder / "compare.html"
    write_compare_page(path, comparison)
    return open_offline(browser, path, width=1280, height=800)


def test_page_shows_table_maps_and_differences(browser: Browser, tmp_path: Path) -> None:
    """The best value is marked, each plan has its map, and the moved blocks stand between both outlines."""
    page, heard = open_page(browser, make_comparison("en"), tmp_path)
    assert page.locator('tr[data-key="boundary_m"] .best').inner_text() == "★ 100"
    assert page.locator('tr[data-key="communities"] .best').count() == 0
    assert page.locator("svg").count() == 3
    assert page.locator("figure").first.locator("path").count() == 4 + 1
    assert page.locator("path.moved").count() == 2
    assert page.locator("use").count() == 2
    page.click("summary")
    assert page.locator(".changes tbody tr").count() == 4
    assert page.locator("button[data-language]").count() == 0
    assert heard == []


def test_polygons_and_outlines_have_ink(browser: Browser, tmp_path: Path) -> None:
    """Communities of several parts are drawn, and so are the outlines that a map borrows from another."""
    page, _ = open_page(browser, make_comparison("en"), tmp_path)
    widths = page.evaluate("[...document.querySelectorAll('figure path')].map((path) => path.getBBox().width)")
    assert min(widths) >= 200
    assert page.evaluate("[...document.querySelectorAll('use')].every((use) => use.getBBox().width >= 800)")


def test_reader_chooses_language_and_view(browser: Browser, tmp_path: Path) -> None:
    """A bilingual page shows one language at a time, and all maps zoom and move together."""
    page, heard = open_page(browser, make_comparison(), tmp_path)
    assert "方案比选" in page.locator("body").inner_text()
    page.click("button[data-language=en]")
    body = page.locator("body").inner_text()
    assert "Plans compared" in body
    assert "方案比选" not in body
    assert page.get_attribute("html", "lang") == "en"
    views = "[...document.querySelectorAll('svg')].map((map) => map.getAttribute('viewBox'))"
    whole = page.evaluate(views)
    page.click('[data-zoom="0.5"] >> nth=0')
    closer = page.evaluate(views)
    box = page.locator("svg").first.bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] + 30)
    page.mouse.up()
    moved = page.evaluate(views)
    page.click('[data-zoom="0"] >> nth=0')
    assert len(set(whole)) == len(set(closer)) == len(set(moved)) == 1
    assert len({whole[0], closer[0], moved[0]}) == 3
    assert page.evaluate(views) == whole
    assert heard == []


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_hostile_texts_show_as_text(browser: Browser, tmp_path: Path, language: Language) -> None:
    """Names that try to be markup, script, template or formula appear letter by letter and do nothing."""
    evil = " ".join(HOSTILE)
    page, heard = open_page(browser, make_comparison(language, prefix=evil), tmp_path)
    page.click("summary")
    body = page.locator("body").inner_text()
    assert body.count(evil) > 10
    assert page.locator("svg title").first.text_content().count(evil) == 1
    assert page.locator("svg text").first.text_content().endswith(evil)
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 1
    assert not Path("pwned").exists()
    assert heard == []
