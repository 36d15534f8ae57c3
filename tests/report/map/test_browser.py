"""The map page in a real browser without a network."""

import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from geopandas import GeoSeries, points_from_xy
from playwright.sync_api import Browser, Page

from redistrict.messages import Message, plain
from redistrict.report.map.html import MapPage, write_map
from redistrict.report.title_block import Line
from tests.sample_city import SampleCity

pytestmark = pytest.mark.browser

NAMED = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
"""Done when the first picture is on the screen and the names, which come after it, are placed."""

NOT_STATED = tuple(Line(Message(en, zh), plain("")) for en, zh in (("Date", "日期"), ("Coordinates", "坐标系")))


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


def open_map(browser: Browser, content: MapPage, directory: Path) -> OpenMap:
    """Write `content` and open it offline."""
    path = directory / "map.html"
    write_map(path, content)
    return open_file(browser, path)


def open_file(browser: Browser, path: Path) -> OpenMap:
    """Open a map offline with its names, listening before it loads."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 800})
    opened = OpenMap(context.new_page())
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.page.on("console", lambda message: opened.complaints.append(message.text))
    opened.page.on("dialog", lambda dialog: (opened.complaints.append(dialog.message), dialog.dismiss()))
    opened.page.on("request", lambda request: opened.requests.append(request.url))
    opened.page.goto(path.as_uri())
    opened.page.evaluate(NAMED)
    return opened


def place_of_block(content: MapPage, i: int) -> tuple[float, float]:
    """Give longitude and latitude of a point inside block `i`."""
    spot = content.blocks.geometry.iloc[[i]].representative_point().to_crs(4326).iloc[0]
    return spot.x, spot.y


def picture(opened: OpenMap) -> bytes:
    """Give what the map shows, once it has drawn it."""
    opened.page.wait_for_timeout(150)
    return opened.page.locator(".folium-map").screenshot()


def shown(opened: OpenMap, key: str) -> str:
    """Give the figure of the card that stands under a key."""
    return opened.page.locator(f'#detail .community [data-key="{key}"] td').inner_text()


def test_page_opens_without_errors_or_requests(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """The page draws the plan, asks for nothing but itself and has nothing to complain about."""
    opened = open_map(browser, city_page, tmp_path)
    assert opened.page.locator("#panel h1").inner_text() == "黄石港区社区规模调整方案一"
    assert opened.page.locator(".warning").inner_text() == "合成数据"
    assert opened.page.locator(".community-name").count() == len(city_page.new.communities)
    assert opened.requests == [(tmp_path / "map.html").as_uri()]
    assert opened.complaints == []


def test_reader_chooses_the_language(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """A bilingual page shows one language at a time, everywhere; a page of one language has no switch."""
    opened = open_map(browser, city_page, tmp_path)
    assert "图例" in opened.page.locator("#panel").inner_text()
    opened.page.click(".en-choice")
    assert "Legend" in opened.page.locator("#panel").inner_text()
    assert "图例" not in opened.page.locator("#panel").inner_text()
    assert opened.page.get_attribute(".search", "placeholder") == "Name, pinyin, initials or number"
    assert opened.page.get_attribute("html", "lang") == "en"
    english = open_map(browser, replace(city_page, language="en"), tmp_path)
    assert english.page.locator(".languages").count() == 0
    assert opened.complaints == english.complaints == []


@pytest.mark.slow(covers=["redistrict/report/map/"])
def test_each_view_recolours_the_map(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """Each way of colouring has its picture, its legend and its figures below the names, before and after."""
    opened = open_map(browser, city_page, tmp_path)
    pictures = set()
    for time in ("new", "old"):
        opened.page.check(f"input[value={time}]")
        for view, mark in (("communities", "颜色"), ("households", "2,500"), ("people", "8,000"), ("crossing", "加权")):
            opened.page.check(f"input[value={view}]")
            assert mark in opened.page.locator(".legend").inner_text()
            if view != "communities":
                assert any(c in opened.page.locator(".community-name small").first.inner_text() for c in "%0123456789")
            pictures.add(picture(opened))
    assert len(pictures) == 8
    assert opened.complaints == []


def test_panel_sets_today_beside_the_plan(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """Both stand side by side in every view; those of the time shown are set off, and an em dash is no figure."""
    opened = open_map(browser, city_page, tmp_path)
    page = opened.page
    rows = [row.inner_text().split("\t") for row in page.locator(".figures tbody tr").all()]
    assert rows == [[one.words.zh, one.today or "—", one.plan] for one in city_page.figures]
    for time, heavy in (("new", "of-new"), ("old", "of-old"), ("swipe", "")):
        page.check(f"input[value={time}]")
        for view in ("people", "crossing", "communities"):
            page.check(f"input[value={view}]")
            weights = {
                of: page.locator(f".figures td.{of}").first.evaluate("cell => getComputedStyle(cell).fontWeight")
                for of in ("of-old", "of-new")
            }
            assert weights == {of: "700" if of == heavy else "400" for of in weights}
    page.click(".en-choice")
    assert page.locator(".figures th").all_inner_texts()[:3] == ["Before", "After", "Communities"]
    english = open_map(browser, replace(city_page, old=None), tmp_path)
    assert english.page.locator(".figures .of-old").count() == 0
    assert opened.complaints == english.complaints == []


@pytest.mark.slow(covers=["redistrict/report/map/"])
def test_layers_can_be_switched_off_and_on(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """Every layer disappears and comes back by its own switch."""
    opened = open_map(browser, city_page, tmp_path)
    boxes = opened.page.locator("#panel input[type=checkbox]")
    for box in boxes.all():
        if not box.is_checked():
            box.check()
    everything = picture(opened)
    assert boxes.count() == 8
    for box in boxes.all():
        box.uncheck()
        assert picture(opened) != everything
        box.check()
        assert picture(opened) == everything
    assert opened.complaints == []


def test_roads_inside_are_told_apart_by_class_and_local_ones_come_last(
    browser: Browser, city_page: MapPage, tmp_path: Path
) -> None:
    """The legend gives price and metres of each class of the time shown; local roads have a switch, off at first."""
    opened = open_map(browser, city_page, tmp_path)
    page = opened.page
    main, local = "主干道，单价 6：{} 米", "支路，单价 0.5：120 米"
    page.check("input[value=crossing]")
    assert page.is_checked("input[value=crossings]")
    assert not page.is_checked("input[value=local_crossings]")
    legend = page.locator(".legend")
    assert main.format("360") in legend.inner_text()
    assert local not in legend.inner_text()
    assert "按 50% 计价" in legend.inner_text()
    without = picture(opened)
    page.check("input[value=local_crossings]")
    assert picture(opened) != without
    assert local in legend.inner_text()
    looks = page.locator(".legend .swatch.line:not(.barred)").evaluate_all(
        "all => all.map((one) => one.style.getPropertyValue('--colour') + one.style.getPropertyValue('--width'))"
    )
    assert len({*looks}) == len(looks)
    page.check("input[value=old]")
    assert main.format("480") in legend.inner_text()
    page.check("input[value=swipe]")
    assert main.format("480 → 360") in legend.inner_text()
    page.uncheck("input[value=crossings]")
    assert "主干道，" not in legend.inner_text()
    assert opened.complaints == []


def test_hover_names_the_community_and_click_tells_about_the_block(
    browser: Browser, city_page: MapPage, tmp_path: Path
) -> None:
    """The tooltip holds the community's figures, the panel the block, why it lies there, and its community."""
    opened = open_map(browser, city_page, tmp_path)
    block = city_page.blocks.iloc[126]
    community = city_page.new.communities.iloc[block["new"]]
    x, y = opened.screen_point(*place_of_block(city_page, 126))
    opened.page.mouse.move(x - 3, y)
    opened.page.mouse.move(x, y)
    tooltip = opened.page.locator(".leaflet-tooltip").inner_text()
    assert community["community_name"] in tooltip
    assert f"{community['people']:,}" in tooltip
    opened.page.mouse.click(x, y)
    card = opened.page.locator("#detail .block").inner_text()
    for text in (block["block_id"], str(block["households"]), community["community_name"], "次优社区"):
        assert text in card
    assert shown(opened, "people").startswith(f"{community['people']:,}")
    opened.page.click("#detail .close")
    assert not opened.page.locator("#detail").is_visible()
    assert opened.complaints == []


def test_why_here_says_cost_and_rule(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """Each block says what the move would cost, and every rule against it with its number, in both languages."""
    opened = open_map(browser, city_page, tmp_path)
    said = []
    for i in (0, 7, 14, 21, 28, 1):
        opened.page.fill(".search", f"B{i:05d}")
        opened.page.press(".search", "Enter")
        said.append(opened.page.locator("#detail .block").inner_text())
    expected = (
        ("总代价增加 123 加权米", "不违反任何规则"),
        ("总代价减少 45 加权米", "不再连片", "人口将增至 8,900，上限 8,800"),
        ("不在同一区",),
        ("总代价不变", "2031年户数将降至 2,240，下限 2,250", "居民将达 500 人，上限 400 人"),
        ("单独划分", "保持现状", "整体合并", "不得穿越", "不再有地块"),
        ("相邻地块均属同一社区",),
    )
    for text, parts in zip(said, expected, strict=True):
        assert all(part in text for part in parts)
    opened.page.fill(".search", "B00007")
    opened.page.press(".search", "Enter")
    opened.page.click(".en-choice")
    assert "would hold 8,900 people, at most 8,800 are allowed" in opened.page.locator("#detail .block").inner_text()
    assert opened.complaints == []


def test_search_finds_communities_estates_blocks_and_premises(
    browser: Browser, city_page: MapPage, tmp_path: Path
) -> None:
    """What is found is named with its kind, and a click goes there; old communities switch the plan shown."""
    opened = open_map(browser, city_page, tmp_path)
    page, zoom = opened.page, "window[document.querySelector('.folium-map').id].getZoom()"
    whole = page.evaluate(zoom)
    for text, kind in (
        ("湖景新城", "楼盘"),
        ("阳光花园7期", "地块"),
        ("桂林旧社区", "调整前社区"),
        ("团城山社区", "调整后社区"),
    ):
        page.fill(".search", text)
        assert kind in page.locator(".hit").first.inner_text()
        page.locator(".hit").first.click()
        assert page.evaluate(zoom) > whole
        assert page.locator(".hit").count() == 0
    assert page.locator("#detail h3").first.inner_text() == "团城山社区"
    page.fill(".search", "桂林旧社区")
    page.press(".search", "Enter")
    assert page.is_checked("input[value=old]")
    page.fill(".search", "办公用房乙")
    page.press(".search", "Enter")
    assert page.is_checked("input[value=sites]")
    page.fill(".search", "没有这个名字")
    assert "没有找到" in page.locator(".found").inner_text()
    page.fill(".search", "阳光")
    assert page.locator(".hit").count() == 12
    assert "另有" in page.locator(".found").inner_text()
    assert opened.complaints == []


def test_fault_can_be_visited(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """A click on a fault zooms to its community and opens its card, and one button leads back."""
    opened = open_map(browser, city_page, tmp_path)
    zoom = "window[document.querySelector('.folium-map').id].getZoom()"
    whole = opened.page.evaluate(zoom)
    opened.page.click("summary")
    opened.page.click(".fault")
    assert opened.page.evaluate(zoom) > whole
    assert opened.page.locator("#detail h3").inner_text() == city_page.new.communities["community_name"].iloc[2]
    opened.page.click(".tool.whole")
    assert opened.page.evaluate(zoom) == whole


def test_communities_are_listed_by_street(browser: Browser, street_page: MapPage, tmp_path: Path) -> None:
    """Each street that has communities gives its sums, opens by key and leads to each of them, in both languages."""
    opened = open_map(browser, street_page, tmp_path)
    page, streets = opened.page, opened.page.locator("section", has_text="分街道社区名单").locator("details")
    assert streets.locator("summary").all_inner_texts() == [
        "花湖街道 黄石港区\n户数 12,345 · 岗位 40\n6",
        "沈家营街道 黄石港区\n户数 12,345 · 岗位 41\n6",
    ]
    streets.nth(1).locator("summary").press("Enter")
    community = street_page.new.communities.iloc[3]
    row = streets.nth(1).locator("button").nth(1)
    assert row.inner_text() == (
        f"{community['community_name']}\n户数 {community['households']:,} · 人口 {community['people']:,}"
    )
    page.check("input[value=old]")
    row.press("Enter")
    assert page.is_checked("input[value=new]")
    assert page.locator("#detail h3").inner_text() == community["community_name"]
    page.click(".en-choice")
    text = page.locator("#panel").inner_text()
    assert "Communities by street" in text
    assert "Households 12,345 · Posts 41" in text
    assert opened.complaints == []


def test_swipe_shows_before_on_the_left_and_after_on_the_right(
    browser: Browser, city_page: MapPage, tmp_path: Path
) -> None:
    """Left of the line stand the names of today, right of it the new ones; the line moves by hand and by keys."""
    opened = open_map(browser, city_page, tmp_path)
    page = opened.page
    page.check("input[value=swipe]")
    frame = page.locator(".folium-map").bounding_box()
    middle = frame["x"] + frame["width"] / 2
    for name in page.locator(".community-name").all():
        box = name.bounding_box()
        assert (box["x"] + box["width"] < middle) if "旧" in name.inner_text() else (box["x"] > middle)
    half = picture(opened)
    page.mouse.move(middle, frame["y"] + frame["height"] / 2)
    page.mouse.down()
    page.mouse.move(frame["x"] + 30, frame["y"] + frame["height"] / 2, steps=4)
    page.mouse.up()
    assert picture(opened) != half
    assert not any("旧" in text for text in page.locator(".community-name").all_inner_texts())
    page.locator(".swipe-range").press("End")
    assert all("旧" in text for text in page.locator(".community-name").all_inner_texts())
    page.check("input[value=new]")
    assert not page.locator(".divider").is_visible()
    assert opened.complaints == []


def test_measuring_gives_metres_and_square_metres(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """A square of blocks measures as it is drawn, and clicks select nothing meanwhile."""
    opened = open_map(browser, city_page, tmp_path)
    page = opened.page
    page.click(".tool.measure")
    for i in (42, 46, 126, 122):  # 4 blocks of 200 m to the east, 4 of 150 m to the north
        page.mouse.click(*opened.screen_point(*place_of_block(city_page, i)))
    length = page.locator('.measured [data-key="length"] td').inner_text()
    surface = page.locator('.measured [data-key="surface"] td').inner_text()
    assert float(length.removesuffix(" m")) == pytest.approx(800 + 600 + 800, rel=0.03)
    assert float(surface.removesuffix(" km²")) == pytest.approx(0.48, rel=0.05)
    assert not page.locator("#detail").is_visible()
    page.click(".tool.measure")
    assert page.locator(".measured").inner_text() == ""
    assert opened.complaints == []


@pytest.mark.slow(covers=["redistrict/report/map/"])
@pytest.mark.parametrize(("size", "width_mm", "height_mm"), [("A3", 420, 297), ("A1", 841, 594)])
def test_print_is_one_sheet(
    browser: Browser, city_page: MapPage, tmp_path: Path, size: str, width_mm: float, height_mm: float
) -> None:
    """Printed from the middle of a visit the page is one landscape sheet, and the screen is as before."""
    opened = open_map(browser, city_page, tmp_path)
    opened.page.click(".tool.zoom_in")
    opened.page.select_option(".sheet-size", size)
    opened.page.wait_for_timeout(400)
    before = picture(opened)
    sheet = opened.page.pdf(prefer_css_page_size=True, print_background=True)
    assert sheet.count(b"/Type /Page\n") == 1
    width, height = (float(n) for n in re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", sheet).groups())
    assert (width, height) == pytest.approx((width_mm / 25.4 * 72, height_mm / 25.4 * 72), abs=1)
    assert b"/Subtype /Image" not in sheet  # lines, not pixels
    assert picture(opened) == before
    assert opened.complaints == []


def test_printed_scale_is_a_usual_number_and_holds(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """A kilometre of ground is as long on the sheet as the ratio and the bar say, and the whole city is on it."""
    lines = (Line(Message("Office", "编制单位"), Message("<b>Bureau</b>", "<b>民政局</b>")), *NOT_STATED)
    opened = open_map(browser, replace(city_page, sheet=lines), tmp_path)
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    block = dict(row.split("\n") for row in opened.page.locator(".title-block div").all_inner_texts() if "\n" in row)
    assert block == {"编制单位": "<b>民政局</b>", "比例尺": "1 : 15,000"}
    shapes = city_page.new.communities.to_crs(4326)
    west, south, east, north = shapes.total_bounds
    middle = (south + north) / 2
    metres = GeoSeries(points_from_xy([west, east], [middle, middle]), crs=4326).to_crs(city_page.blocks.crs)
    left, right = (opened.screen_point(lon, middle)[0] for lon in (west, east))
    assert (right - left) / 96 * 0.0254 * 15_000 == pytest.approx(metres.iloc[0].distance(metres.iloc[1]), rel=0.004)
    frame = opened.page.locator(".folium-map").bounding_box()
    assert frame["x"] < left < right < frame["x"] + frame["width"]
    bar = opened.page.locator(".bar i").all()
    assert sum(piece.bounding_box()["width"] for piece in bar) == pytest.approx(800 / 15_000 / 0.0254 * 96, rel=0.01)
    assert opened.page.locator(".bar").inner_text().split() == ["0", "400", "800", "m"]
    opened.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.page.locator(".title-block, .north, svg.sheet").count() == 0
    assert opened.complaints == []


def test_a_sheet_of_a_part_shows_where_it_lies(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """Beside its scale the city in small, with the frame of the sheet on it; a sheet of the whole city needs none."""
    page = open_map(browser, city_page, tmp_path).page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".key-map").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.evaluate("() => { window[document.querySelector('.folium-map').id].setZoom(17, { animate: false }); }")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    city, sheet = (page.locator(f".key-map {part}").bounding_box() for part in ("path", "rect"))
    assert city["x"] < sheet["x"] < sheet["x"] + sheet["width"] < city["x"] + city["width"]
    assert city["y"] < sheet["y"] < sheet["y"] + sheet["height"] < city["y"] + city["height"]


def test_legend_names_everything_drawn(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """Borders of districts, water and railway stand in the legend where they are there, and only there."""
    halves = ["东区" if n % 2 else "西区" for n in range(len(city_page.new.communities))]
    districts = replace(city_page.new, communities=city_page.new.communities.assign(district=halves))
    legend = open_map(browser, replace(city_page, new=districts), tmp_path).page.locator("#panel .legend").inner_text()
    assert {"区界", "水域", "铁路等线状阻隔"} <= {*legend.split("\n")}
    assert "山体" not in legend
    legend = open_map(browser, city_page, tmp_path).page.locator("#panel .legend").inner_text()
    assert "区界" not in legend


def test_page_without_blocks_roads_people_or_past_works(
    browser: Browser, city_page: MapPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is absent is not offered, and the rest works."""
    monkeypatch.setattr("redistrict.report.map.content.MAX_OUTLINED_BLOCKS", 1)
    communities = city_page.new.communities.drop(columns=["people", "people_deviation"])
    sparse = replace(
        city_page,
        label=None,
        language="en",
        new=replace(city_page.new, communities=communities),
        old=None,
        faults=(),
        roads=city_page.roads.iloc[:0],
        crossings=city_page.crossings.iloc[:0],
        sites=city_page.sites.iloc[:0],
        targets={},
    )
    opened = open_map(browser, sparse, tmp_path)
    opened.page.check("input[value=households]")
    values = [choice.get_attribute("value") for choice in opened.page.locator("#panel label input").all()]
    assert values == ["communities", "households", "crossing", "labels"]
    assert "too many to outline" in opened.page.locator(".notes").inner_text()
    opened.page.mouse.click(*opened.screen_point(*place_of_block(city_page, 126)))
    assert opened.page.locator("#detail .community").count() == 1
    assert opened.complaints == []


def test_hostile_texts_show_as_text(browser: Browser, hostile_page: MapPage, tmp_path: Path) -> None:
    """Names that try to be markup, script, template or formula appear letter by letter and do nothing."""
    opened = open_map(browser, hostile_page, tmp_path)
    page = opened.page
    evil = hostile_page.facts[0][1]
    for box in page.locator("#panel input[type=checkbox]").all():
        box.check()
    for choice in ("households", "people", "crossing", "communities", "swipe", "old", "new"):
        page.check(f"input[value={choice}]")
    page.click("summary")
    assert page.title() == hostile_page.title.in_language("both")
    assert page.locator("#panel").text_content().count(evil) >= 9
    page.fill(".search", "<img")
    assert page.locator(".found").text_content().count(evil) >= 12
    x, y = opened.screen_point(*place_of_block(hostile_page, 5))
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    assert evil in page.locator(".leaflet-tooltip").text_content()
    page.mouse.click(x, y)
    assert page.locator("#detail").text_content().count(evil) >= 8
    for name in (".community-name", ".road-name"):
        assert page.locator(name).first.text_content() == evil
    page.click(".en-choice")
    page.pdf(prefer_css_page_size=True)
    assert page.locator("img").count() == 0
    assert opened.requests == [(tmp_path / "map.html").as_uri()]
    assert opened.complaints == []


def test_tiles_are_asked_of_their_server_only(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """With an address of tiles the page asks that server for pictures, and works all the same without an answer."""
    opened = open_map(browser, replace(city_page, tiles="http://tiles.invalid/{z}/{x}/{y}.png"), tmp_path)
    opened.page.wait_for_timeout(200)
    assert {url.split("/")[2] for url in opened.requests if not url.startswith("file:")} == {"tiles.invalid"}
    assert all("ERR_INTERNET_DISCONNECTED" in complaint for complaint in opened.complaints)
    opened.page.uncheck("input[value=tiles]")
    assert opened.page.locator(".community-name").count() == len(city_page.new.communities)


@pytest.fixture
def city(sample_city: SampleCity) -> Path:
    """Give the redraw of the sample city."""
    return sample_city["huangshi_redraw"]


@pytest.mark.slow(covers=["redistrict/report/map/"])
def test_panel_of_the_sample_city_says_what_the_report_says(browser: Browser, city: Path) -> None:
    """Households, people, blocks, workers, area and deviations of communities on the page are those of the report."""
    report = json.loads((city / "report.json").read_text(encoding="utf-8"))
    opened = open_file(browser, city / "map.html")
    for row in report["communities"][::9]:
        opened.page.fill(".search", row["id"])
        opened.page.press(".search", "Enter")
        for key, count, deviation in (
            ("households", row["households"], row["households_deviation"]),
            ("people", row["population"], row["population_deviation"]),
        ):
            found, share = shown(opened, key).replace("−", "-").split("\u00a0")
            assert found == f"{count:,}"
            assert float(share.strip("(%)")) == pytest.approx(100 * deviation, abs=0.051)
        assert shown(opened, "n_blocks") == str(row["n_blocks"])
        assert shown(opened, "workers") == str(row["workers"])
        assert shown(opened, "area_km2") == f"{row['area_km2']:.2f} km²"
        assert shown(opened, "district") == row["district"]
        for head in ("社区工作者", "办公服务用房", "四至", "穿越道路", "沿革"):
            assert head in opened.page.locator("#detail").inner_text()
    facts = opened.page.locator("#panel").inner_text()
    assert f"{report['totals']['population']:,}" in facts
    listed = opened.page.locator("section", has_text="分区社区名单").locator("summary")
    assert listed.count() == len({row["district"] for row in report["communities"]})
    assert opened.requests == [(city / "map.html").as_uri()]
    assert opened.complaints == []


@pytest.mark.slow(covers=["redistrict/report/map/"])
def test_figures_of_the_sample_city_are_those_of_the_report(browser: Browser, city: Path) -> None:
    """Today and the plan side by side agree with report.json, railway and local roads among them."""
    report = json.loads((city / "report.json").read_text(encoding="utf-8"))
    opened = open_file(browser, city / "map.html")
    figures = {
        row.get_attribute("data-key"): row.locator("td").all_inner_texts()
        for row in opened.page.locator(".figures tbody tr").all()
    }
    totals, office = report["totals"], report["standards"]
    lineage, premises = office["lineage"], office["premises"]
    expected = {
        "communities": [f"{len(lineage['old_communities'])}", f"{report['n_communities']}"],
        "people": [f"{totals['population']:,}"] * 2,
        "workers": [f"{office['transition']['staff']:,}", f"{totals['workers']:,}"],
        "moved": ["—", f"{lineage['moved']:,} ({lineage['moved_share']:.1%})"],
    }
    assert {key: figures[key] for key in expected} == expected
    plan = {key.removeprefix("crossing_"): cells[1] for key, cells in figures.items() if key.startswith("crossing_")}
    assert plan == {name: f"{metres:,.0f}" for name, metres in totals["crossing_m"].items()}
    assert "rail" in plan
    assert figures["premises_short"][1] == f"{premises['short_of_norm']:,}"
    assert figures["premises_short_m2"][1] == f"{premises['shortfall_m2']:,.0f}"
    for key, column in (("households_deviation",) * 2, ("people_deviation", "population_deviation")):
        shares = [row[column] for row in report["communities"]]
        assert [float(n.strip("%\u00a0").replace("−", "-")) for n in figures[key][1].split("…")] == pytest.approx(
            [100 * min(shares), 100 * max(shares)], abs=0.051
        )
    assert opened.complaints == []


@pytest.mark.slow(covers=["redistrict/report/map/"])
def test_every_control_of_the_sample_city_works(browser: Browser, city: Path) -> None:
    """One by one every radio button, switch, tool and list of the page is used: no request, no complaint, < 3 MB."""
    opened = open_file(browser, city / "map.html")
    page = opened.page
    for control in page.locator("#panel label input").all():
        control.click()
    for group in page.locator("#panel summary").all():
        group.click()
    for button in page.locator(".languages button, .faults li:first-child button, .tools button").all():
        if "print" not in (button.get_attribute("class") or ""):
            button.click()
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    assert (city / "map.html").stat().st_size < 3_000_000
    assert opened.requests == [(city / "map.html").as_uri()]
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
