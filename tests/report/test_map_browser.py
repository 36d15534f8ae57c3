"""The map page in a real browser without a network."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from redistrict.report.maps import MapPage, write_map

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class OpenMap:
    """A map in the browser, and everything the browser complained about or asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def screen_point(self, lon: float, lat: float) -> tuple[float, float]:
        """Give the pixel of the window where a place lies."""
        x, y = self.page.evaluate(
            """([lat, lon]) => {
                const box = document.querySelector(".folium-map");
                const point = window[box.id].latLngToContainerPoint([lat, lon]);
                const frame = box.getBoundingClientRect();
                return [frame.left + point.x, frame.top + point.y];
            }""",
            [lat, lon],
        )
        return x, y


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser on this machine: none of {', '.join(BROWSERS)} is installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield chromium
        chromium.close()


def open_map(browser: Browser, content: MapPage, directory: Path) -> OpenMap:
    """Write `content` and open it offline, listening before it loads."""
    path = directory / "map.html"
    write_map(path, content)
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 800})
    opened = OpenMap(context.new_page())
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.page.on("console", lambda message: opened.complaints.append(message.text))
    opened.page.on("dialog", lambda dialog: (opened.complaints.append(dialog.message), dialog.dismiss()))
    opened.page.on("request", lambda request: opened.requests.append(request.url))
    opened.page.goto(path.as_uri())
    return opened


def place_of_block(content: MapPage, i: int) -> tuple[float, float]:
    """Give longitude and latitude of a point inside block `i`."""
    spot = content.blocks.geometry.iloc[[i]].representative_point().to_crs(4326).iloc[0]
    return spot.x, spot.y


def shown_at(opened: OpenMap, place: tuple[float, float]) -> bytes:
    """Give a picture of the one pixel the window shows at a place."""
    x, y = opened.screen_point(*place)
    return opened.page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})


def test_page_opens_without_errors_or_requests(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """The page draws the plan, asks for nothing but itself and has nothing to complain about."""
    opened = open_map(browser, city_page, tmp_path)
    assert opened.page.locator("#panel h1").inner_text().startswith("黄石港区社区规模调整方案一")
    assert opened.page.locator(".warning").inner_text() == "合成数据 Synthetic data"
    assert opened.page.locator(".community-name").count() == len(city_page.communities)
    assert opened.page.locator(".exceptions li").count() == 1
    assert opened.requests == [(tmp_path / "map.html").as_uri()]
    assert opened.complaints == []


def test_each_view_recolours_the_map(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """Each radio button shows its colours and its legend."""
    opened = open_map(browser, city_page, tmp_path)
    place = place_of_block(city_page, 0)
    plain = shown_at(opened, place)
    for quantity, target in (("households", "2,500"), ("people", "8,000")):
        opened.page.check(f"input[value={quantity}]")
        assert target in opened.page.locator(".legend").inner_text()
        assert opened.page.locator(".legend .swatch.area").count() == 7
        assert "%" in opened.page.locator(".community-name").first.inner_text()
        assert shown_at(opened, place) != plain
    opened.page.check("input[value=communities]")
    assert shown_at(opened, place) == plain
    assert opened.complaints == []


def test_layers_can_be_switched_off_and_on(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """Roads, block outlines, barriers and names disappear and come back, each by its own switch."""
    opened = open_map(browser, city_page, tmp_path)
    before = opened.page.locator(".folium-map").screenshot()
    for layer in ("roads", "outlines", "barrier", "labels"):
        opened.page.uncheck(f"input[value={layer}]")
        opened.page.wait_for_timeout(100)
        assert opened.page.locator(".folium-map").screenshot() != before
        opened.page.check(f"input[value={layer}]")
        opened.page.wait_for_timeout(100)
        assert opened.page.locator(".folium-map").screenshot() == before
    assert opened.complaints == []


def test_hover_tells_about_the_community_and_click_about_the_block(
    browser: Browser, city_page: MapPage, tmp_path: Path
) -> None:
    """The tooltip holds the community's figures, the popup those of the block."""
    opened = open_map(browser, city_page, tmp_path)
    block = city_page.blocks.iloc[124]
    community = city_page.communities.set_index("community_id").loc[block["community_id"]]
    x, y = opened.screen_point(*place_of_block(city_page, 124))
    opened.page.mouse.move(x - 3, y)
    opened.page.mouse.move(x, y)
    tooltip = opened.page.locator(".leaflet-tooltip").inner_text()
    for text in (community["community_name"], community["district"], f"{community['people']:,}"):
        assert text in tooltip
    opened.page.mouse.click(x, y)
    popup = opened.page.locator(".leaflet-popup-content").inner_text()
    for text in (block["block_id"], block["name"], str(block["households"]), community["community_name"]):
        assert text in popup
    assert opened.complaints == []


def test_exception_can_be_visited(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """A click on an exception in the panel zooms to its community, and one button leads back."""
    opened = open_map(browser, city_page, tmp_path)
    zoom = "window[document.querySelector('.folium-map').id].getZoom()"
    whole = opened.page.evaluate(zoom)
    opened.page.click(".exceptions button")
    opened.page.wait_for_timeout(600)
    assert opened.page.evaluate(zoom) > whole
    opened.page.click("button.whole")
    assert opened.page.evaluate(zoom) == whole


def test_page_without_blocks_roads_or_people_works(
    browser: Browser, city_page: MapPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is absent is not offered, and the rest works."""
    monkeypatch.setattr("redistrict.report.maps.MAX_OUTLINED_BLOCKS", 1)
    sparse = replace(
        city_page,
        label=None,
        language="en",
        communities=city_page.communities.drop(columns=["people", "people_deviation"]),
        roads=city_page.roads.iloc[:0],
        targets={},
    )
    opened = open_map(browser, sparse, tmp_path)
    opened.page.check("input[value=households]")
    values = [choice.get_attribute("value") for choice in opened.page.locator("#panel input").all()]
    assert values == ["communities", "households", "labels"]
    assert "too many to outline" in opened.page.locator(".notes").inner_text()
    assert opened.complaints == []


def test_hostile_texts_show_as_text(browser: Browser, hostile_page: MapPage, tmp_path: Path) -> None:
    """Names that try to be markup, script or template appear letter by letter and do nothing."""
    opened = open_map(browser, hostile_page, tmp_path)
    page = opened.page
    for view in ("households", "people", "communities"):
        page.check(f"input[value={view}]")
    evil = hostile_page.facts[0][1]
    assert page.title() == hostile_page.title.in_language("both")
    assert page.locator("#panel").text_content().count(evil) >= 9
    x, y = opened.screen_point(*place_of_block(hostile_page, 5))
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    assert page.locator(".leaflet-tooltip").text_content().count(evil) == 4
    page.mouse.click(x, y)
    assert page.locator(".leaflet-popup-content").text_content().count(evil) == 3
    assert page.locator(".road-name").first.text_content() == evil
    assert page.locator("img").count() == 0
    assert opened.requests == [(tmp_path / "map.html").as_uri()]
    assert opened.complaints == []


def test_policy_stops_what_gets_in_all_the_same(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """Markup put into the open page can neither run script nor load anything."""
    opened = open_map(browser, city_page, tmp_path)
    markup = "<img src='https://example.org/x.png' onerror='window.ran = true'><svg onload='window.ran = true'>"
    opened.page.evaluate("markup => document.body.insertAdjacentHTML('beforeend', markup)", markup)
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("window.ran === undefined")
    assert opened.complaints
    assert all("Content Security Policy" in complaint for complaint in opened.complaints)
