"""The address of the map: it says what is shown, opens it again, and whatever is wrong in it is left aside."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.report.map.conftest import make_page
from tests.report.map.test_browser import OpenMap, open_map

pytestmark = pytest.mark.browser

STATE = """() => {
    const map = window[document.querySelector(".folium-map").id];
    const { lat, lng } = map.getCenter();
    return {
        ticked: [...document.querySelectorAll("#panel .choices input:checked")].map(({ value }) => value),
        card: [...document.querySelectorAll("#detail:not([hidden]) .code")].map((node) => node.textContent),
        language: document.documentElement.lang,
        place: [lat.toFixed(4), lng.toFixed(4), map.getZoom()],
        swipe: [document.querySelector(".swipe-range").value, document.querySelector(".divider").style.left],
        legend: document.querySelector(".legend").innerText,
    };
}"""


def parts(page: Page) -> dict[str, str]:
    """Give what the address says."""
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).fragment, keep_blank_values=True).items()}


def look_closer(page: Page) -> None:
    """Change everything that an address tells."""
    page.click(".en-choice")
    page.check("input[value=swipe]")
    page.locator(".swipe-range").fill("250")
    page.check("input[value=people]")
    page.uncheck("input[value=roads]")
    page.check("input[value=sites]")
    page.fill(".search", "B00022")
    page.press(".search", "Enter")
    page.evaluate("() => { window[document.querySelector('.folium-map').id].setZoom(15.25, { animate: false }); }")
    page.wait_for_url(lambda url: url.endswith(",15.25"))


@pytest.fixture(scope="module")
def link_map(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> OpenMap:
    """Give the small city, opened once."""
    return open_map(browser, make_page(), tmp_path_factory.mktemp("linked"))


@pytest.fixture
def opened(link_map: OpenMap) -> Iterator[OpenMap]:
    """Give it as it opens; it has nothing to complain about."""
    link_map.page.goto(link_map.requests[0])
    yield link_map
    assert link_map.complaints == []


def test_a_link_shows_the_same_elsewhere(opened: OpenMap) -> None:
    """View, time, layers, language, place and choice are those of the page it comes from; no hash, as it opens."""
    page = opened.page
    page.wait_for_timeout(600)
    assert page.url == opened.requests[0]
    start = page.evaluate(STATE)
    look_closer(page)
    said = parts(page)
    assert set(said) == {"view", "time", "swipe", "show", "lang", "chosen", "at"}
    assert said["chosen"] == "new,block,B00022"
    other = page.context.new_page()
    other.goto(page.url)
    shown = other.evaluate(STATE)
    assert shown == page.evaluate(STATE)
    assert shown["card"][0] == "B00022"
    other.wait_for_timeout(600)
    assert other.url == page.url
    other.evaluate("location.hash = ''")
    other.wait_for_timeout(100)
    assert other.evaluate(STATE) == start
    other.close()


def test_the_card_has_a_link_to_copy(opened: OpenMap) -> None:
    """One click puts the address of what is shown into the clipboard, at once."""
    page = opened.page
    page.context.grant_permissions(["clipboard-read"])
    page.fill(".search", "桂林旧")
    page.press(".search", "Enter")
    page.click(".copy")
    assert page.locator(".copy").inner_text() == "链接已复制"
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.url
    assert "chosen=old,community,C002" in copied
    page.click("#detail .close")
    page.wait_for_url(lambda url: "chosen" not in url)


@pytest.mark.parametrize(
    ("address", "card", "ticked"),
    [
        ("chosen=new,community,C003", ["C003"], {"new", "communities"}),
        ("chosen=old,community,C001&time=old", ["C001"], {"old", "communities"}),
        ("view=people&time=never&at=a,b,c&chosen=new,community,C999", [], {"new", "people"}),
        ("view=<img src=x onerror=alert(1)>&chosen=new,block,B00007&show=labels,none", ["B00007"], {"labels", "new"}),
        ("show=__proto__&chosen=__proto__,block,B00007&lang=fr&view=__proto__&constructor=1", [], {"new", "roads"}),
        ("at=0,0,5&time=old", [], {"old"}),
        ("time=swipe&swipe=1001", [], {"swipe"}),
        ("time=swipe&swipe=-1e2", [], {"swipe"}),
        ("at=30.2,115.04,1e9&%E0%A4%A=1&&&==&%", [], {"new"}),
        ("at=NaN,Infinity,12&show=&chosen=", [], {"new"}),
    ],
)
def test_what_is_wrong_in_an_address_is_left_aside(
    address: str, card: list[str], ticked: set[str], opened: OpenMap
) -> None:
    """The right parts are shown, the map stays near the plan, and nothing runs."""
    page = opened.page
    page.evaluate("hash => { location.hash = hash; }", address)
    page.wait_for_timeout(100)
    state = page.evaluate(STATE)
    assert state["card"][:1] == card
    assert ticked <= set(state["ticked"])
    assert state["language"] == "zh-CN"
    assert (float(state["place"][0]), float(state["place"][1])) == pytest.approx((30.2, 115.03), abs=0.1)
    assert page.locator("img").count() == 0
    assert state["swipe"][0] == "500"
