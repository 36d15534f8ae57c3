"""The search of the map as people type: pinyin, initials, parts, spaces, streets, roads and keys, by keys alone."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page

from redistrict.report.map.page import _list_districts
from redistrict.report.map.spelling import spell_names
from tests.report.map.conftest import by_street, make_page
from tests.report.map.test_browser import OpenMap, open_map

ESTATES = ("重庆新村", "长乐小区", "银行宿舍", "绿洲花苑", "Ｂ－１２栋", "单家湾", "Vanke 城市花园", "西安里")
"""Names with characters of several readings, wide letters and marks: those of the second block and the next ones."""

TYPED = {
    # communities: characters, pinyin, initials, mixtures, parts, spaces, keys
    "花湖社区": "花湖社区",
    "花湖": "花湖社区",
    "huahu": "花湖社区",
    "HuaHuSheQu": "花湖社区",
    "hhsq": "花湖社区",
    "花h": "花湖社区",
    "tuan cheng shan": "团城山社区",
    "tuánchéngshān": "团城山社区",
    "tcs": "团城山社区",
    "TCS": "团城山社区",
    "tchengs": "团城山社区",
    "xialu": "新下陆社区",
    "下 陆": "新下陆社区",
    "hsg": "黄石港社区",
    "huang shi g": "黄石港社区",
    "syg": "胜阳港社区",
    "C005": "黄石港社区",
    "c-005": "黄石港社区",
    "ｃ００５": "黄石港社区",
    "桂林旧": "桂林旧社区",
    "gljsq": "桂林旧社区",
    # streets and roads
    "沈家营街道": "沈家营街道",
    "huahujiedao": "花湖街道",
    "sjyjd": "沈家营街道",
    "湖滨 大道": "湖滨大道",
    "hubindadao": "湖滨大道",
    "hbdd": "湖滨大道",
    "桂林北路": "桂林北路",
    "glbl": "桂林北路",
    "suzhou": "苏州路",
    "wuji": "武九铁路",
    # estates, blocks, premises
    "湖景新城": "湖景新城",
    "hjxc": "湖景新城",
    "hujing": "湖景新城",
    "阳光花园22期": "阳光花园22期",
    "阳光花园２２ 期": "阳光花园22期",
    "yghy22q": "阳光花园22期",
    "阳光 22期": "阳光花园22期",
    "B00022": "阳光花园22期",
    "chongqing": "重庆新村",
    "zhongqing": "重庆新村",
    "cqxc": "重庆新村",
    "changle": "长乐小区",
    "yinhang": "银行宿舍",
    "lvzhou": "绿洲花苑",
    "lüzhou": "绿洲花苑",
    "b12": "Ｂ－１２栋",
    "B-12栋": "Ｂ－１２栋",
    "shanjia": "单家湾",
    "vanke城市": "Vanke 城市花园",
    "xi'an": "西安里",
    "xal": "西安里",
    "bgyfy": "办公用房乙",
}
"""What is typed, and what it means."""


@pytest.fixture(scope="module")
def city(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> OpenMap:
    """Give a city with streets, roads that are named once, and the estates above."""
    page = by_street(make_page(), ("花湖街道", "沈家营街道", "空街道"))
    names = list(page.blocks["name"])
    names[1 : 1 + len(ESTATES)] = ESTATES
    roads = page.roads.assign(name=page.roads["name"].str.rstrip("0123456789"))
    content = replace(page, blocks=page.blocks.assign(name=names), roads=roads)
    return open_map(browser, content, tmp_path_factory.mktemp("typed"))


@pytest.fixture
def opened(city: OpenMap) -> Iterator[OpenMap]:
    """Give that city as it opens; it has nothing to complain about."""
    city.page.goto(city.requests[0])
    yield city
    assert city.complaints == []


def zoom(page: Page) -> float:
    return float(page.evaluate("window[document.querySelector('.folium-map').id].getZoom()"))


def active(page: Page) -> str:
    """Give the text of the option that a screen reader is told of."""
    return str(
        page.evaluate("""() => {
        const input = document.querySelector("[role=combobox]");
        return document.getElementById(input.getAttribute("aria-activedescendant"))?.textContent ?? "";
    }""")
    )


def marked_pixels(page: Page) -> int:
    """Count the pixels that the marks cover."""
    page.wait_for_timeout(100)
    return int(
        page.evaluate("""() => {
        const canvas = document.querySelector(".leaflet-marked-pane canvas");
        if (!canvas) return 0;
        const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
        const context = copy.getContext("2d", { willReadFrequently: true });
        context.drawImage(canvas, 0, 0);
        const { data } = context.getImageData(0, 0, copy.width, copy.height);
        return data.filter((value, i) => i % 4 === 3 && value > 0).length;
    }""")
    )


@pytest.mark.browser
def test_people_find_what_they_mean(opened: OpenMap) -> None:
    """Each of more than forty queries has what it means at the head of the list."""
    found = opened.page.evaluate(
        """texts => texts.map((text) => {
            const input = document.querySelector(".search");
            input.value = text;
            input.dispatchEvent(new Event("input"));
            return document.querySelector(".hit b")?.textContent;
        })""",
        list(TYPED),
    )
    assert dict(zip(TYPED, found, strict=True)) == TYPED
    assert len(TYPED) >= 40


@pytest.mark.browser
def test_the_best_comes_first(opened: OpenMap) -> None:
    """The whole name before those that begin with it, these before initials, inside, and unusual readings."""
    typed = [
        ("花湖", "花湖"),
        ("花湖", "huahu"),
        ("花湖路", "花湖"),
        ("花湖路", "huahu"),
        ("花湖路", "huah"),
        ("花湖", "hh"),
        ("西花湖", "花湖"),
        ("西花湖", "hh"),
        ("重庆", "zhongqing"),
        ("重庆", "zq"),
    ]
    ranks = opened.page.evaluate(
        """([typed, spelling]) => typed.map(([name, text]) => rankIn(makeSpeller(spelling)(name), text))""",
        [typed, spell_names(["花湖", "花湖路", "西花湖", "重庆"])],
    )
    assert ranks == sorted(set(ranks))
    assert ranks[-2] < ranks[-1] == float("inf")


@pytest.mark.browser
def test_the_list_is_used_by_keys_alone(opened: OpenMap) -> None:
    """Arrows, Home and End go through it, Escape closes it, Enter goes there; text and focus stay."""
    page = opened.page
    page.focus(".search")
    page.keyboard.type("huahu")
    names = page.locator(".hit b").all_inner_texts()
    assert names[:2] == ["花湖社区", "花湖旧社区"]
    assert page.get_attribute(".search", "aria-expanded") == "true"
    for key, n in (("ArrowDown", 1), ("ArrowUp", 0), ("ArrowUp", -1), ("ArrowDown", 0), ("End", -1), ("Home", 0)):
        page.keyboard.press(key)
        assert active(page).startswith(names[n]), key
        assert page.locator("[aria-selected=true]").count() == 1
    page.keyboard.press("Escape")
    assert not page.locator("#found").is_visible()
    assert page.get_attribute(".search", "aria-expanded") == "false"
    assert page.input_value(".search") == "huahu"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator("#detail h3").inner_text() == "花湖旧社区"
    assert page.is_checked("input[value=old]")
    assert page.evaluate("document.activeElement.className") == "search"


@pytest.mark.browser
def test_a_list_grows(opened: OpenMap) -> None:
    """Its last row shows more, until there is no more, and the keys go on where they were."""
    page = opened.page
    page.fill(".search", "阳光花园")
    assert page.locator(".hit").count() == 12
    left = int("".join(filter(str.isdigit, page.locator(".more").inner_text())))
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    assert page.locator(".hit").count() == 48
    assert active(page).startswith(page.locator(".hit b").nth(12).inner_text())
    while page.locator(".more").count():
        page.locator(".more").click()
    assert page.locator(".hit").count() == 12 + left
    assert page.locator(".found").bounding_box()["height"] < 500


@pytest.mark.browser
def test_roads_and_streets_are_marked(opened: OpenMap) -> None:
    """A road or a street fills the map and is marked; a card closes, and what is chosen next takes the marks away."""
    page, whole = opened.page, zoom(opened.page)
    page.fill(".search", "tcs")
    page.press(".search", "Enter")
    outline = marked_pixels(page)
    page.fill(".search", "hbdd")
    page.press(".search", "Enter")
    assert not page.locator("#detail").is_visible()
    road = marked_pixels(page)
    assert road > 0
    page.check("input[value=old]")
    page.fill(".search", "sjyjd")
    page.press(".search", "Enter")
    assert page.is_checked("input[value=new]")
    assert zoom(page) >= whole
    assert marked_pixels(page) not in {0, road, outline}
    page.fill(".search", "tcs")
    page.press(".search", "Enter")
    assert marked_pixels(page) == outline


@pytest.mark.browser
def test_communities_are_reached_by_tab(opened: OpenMap) -> None:
    """From the search the tab key alone reaches a community of the list by street."""
    page = opened.page
    page.focus(".search")
    for _ in range(40):
        page.keyboard.press("Tab")
        if "花湖街道" in str(page.evaluate("document.activeElement.textContent")):
            break
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("#detail h3").inner_text() == "花湖社区"


def test_names_are_spelled_as_their_phrases_are_read() -> None:
    """Usual readings come once for every character; a name says where it is read otherwise; letters need none."""
    spelling = spell_names(["重庆路", "长乐 7期", "花湖", "花湖", "B座"])
    assert spelling["names"] == {"重庆路": {"重": "chong"}, "长乐 7期": {"长": "chang"}}
    readings = spelling["readings"]
    assert isinstance(readings, dict)
    assert set(readings) == set("重庆路长乐期花湖座")
    assert [readings[char].split()[0] for char in "重长花湖"] == ["zhong", "zhang", "hua", "hu"]
    assert "chong" in readings["重"]
    assert spell_names(["花湖", "长乐 7期", "B座", "重庆路"]) == spelling


def test_districts_list_the_communities_where_there_is_no_level() -> None:
    """Each district has the sums and keys of its communities, by name; a level of the plan goes before them."""
    sizes = (("C0", "西区", 30, 2), ("C1", "东区", 10, 1), ("C2", "西区", 20, 1))
    rows = [SimpleNamespace(id=k, district=d, households=h, people=None, workers=w) for k, d, h, w in sizes]
    listed = _list_districts(SimpleNamespace(communities=rows))  # type: ignore[arg-type]
    assert [(unit.name, unit.communities, unit.households, unit.population, unit.workers) for unit in listed.units] == [
        ("东区", ("C1",), 10, None, 1),
        ("西区", ("C0", "C2"), 50, None, 3),
    ]
    page = make_page()
    streets = by_street(page, ("花湖街道", "沈家营街道", "空街道")).level
    assert replace(page, by_district=listed).listed is listed
    assert replace(page, by_district=listed, level=streets).listed is streets
