"""The map under a finger and for everybody: targets, sheets, contrast and names of controls."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from redistrict.report.map.html import MapPage, write_map
from tests.report.map.test_browser import OpenMap, place_of_block

pytestmark = pytest.mark.browser
TABLET, PHONE = {"width": 1024, "height": 768}, {"width": 390, "height": 844}
_SMALL = """() => [...document.querySelectorAll("button, summary, label:has(input), input[type=search]")]
    .filter((node) => node.checkVisibility())
    .map((node) => [`${node.className} ${node.textContent}`, node.getBoundingClientRect()])
    .filter(([, { width, height }]) => width < 44 || height < 44)
    .map(([name, { width, height }]) => `${name}: ${width} x ${height}`)"""


@pytest.fixture
def path(city_page: MapPage, tmp_path: Path) -> Path:
    """Give the page of the small city."""
    write_map(tmp_path / "map.html", city_page)
    return tmp_path / "map.html"


def touch(browser: Browser, path: Path, viewport: dict[str, int]) -> Page:
    """Open the page on a screen that knows fingers only."""
    context = browser.new_context(offline=True, viewport=viewport, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("viewport", [TABLET, PHONE])
def test_a_tap_is_told_from_below_and_the_place_stays_in_view(
    browser: Browser, city_page: MapPage, path: Path, viewport: dict[str, int]
) -> None:
    """Every target takes a finger; a tap opens no tooltip, and the sheet hides neither block nor map."""
    page = touch(browser, path, viewport)
    i = min(range(len(city_page.blocks)), key=lambda i: place_of_block(city_page, i)[1])
    page.touchscreen.tap(*OpenMap(page).screen_point(*place_of_block(city_page, i)))
    assert page.locator("#detail .block .code").inner_text() == city_page.blocks["block_id"][i]
    assert page.locator(".leaflet-tooltip").count() == 0
    x, y = OpenMap(page).screen_point(*place_of_block(city_page, i))
    sheet, frame = (page.locator(name).bounding_box() for name in ("#detail", ".folium-map"))
    assert sheet is not None
    assert frame is not None
    assert sheet["y"] + sheet["height"] == pytest.approx(viewport["height"], abs=1)
    assert frame["x"] < x < frame["x"] + frame["width"]
    assert frame["y"] < y < min(sheet["y"], frame["y"] + frame["height"])
    assert page.evaluate(_SMALL) == []


def test_whoever_sees_little_or_uses_keys_only_is_served(browser: Browser, path: Path) -> None:
    """Contrast, names of controls, roles, regions: nothing is found amiss, with a list and a card open."""
    page = browser.new_context(offline=True, viewport={"width": 1366, "height": 768}).new_page()
    page.goto(path.as_uri())
    for press in (".zh-choice", "summary", ".fault", ".en-choice"):
        page.locator(press).first.click()
    found = Axe().run(page).response["violations"]
    assert [(one["impact"], one["id"], one["nodes"][0]["html"]) for one in found] == []
