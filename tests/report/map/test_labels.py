"""Names on the map, measured in a real browser: how many are drawn, none over another, none on a border."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from redistrict.report.map.content import Era
from redistrict.report.map.html import MapPage
from redistrict.standards.naming import new_name
from tests.report.map.test_browser import OpenMap, open_file, open_map
from tests.sample_city import SampleCity

pytestmark = pytest.mark.browser

MEASURE = Path(__file__).with_name("labels.js").read_text(encoding="utf-8")
ZOOM = """by => {
    const map = window[document.querySelector('.folium-map').id];
    map.setZoom(map.getZoom() + by, { animate: false });
}"""

WATCH = """
const frames = window.framesSeen = [];
let shapes = 0;
const { fill } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.fill = function (...all) { shapes += 1; return fill.apply(this, all); };
requestAnimationFrame(function look() {
    setTimeout(() => frames.push({ shapes, names: document.querySelectorAll(".label").length }));
    requestAnimationFrame(look);
});
"""
"""Counts, right after each frame, the shapes drawn so far and the names there are."""

PRINT_EARLY = """
document.addEventListener("DOMContentLoaded", () => {
    dispatchEvent(new Event("beforeprint"));
    window.printed = document.querySelectorAll(".community-name").length;
    dispatchEvent(new Event("afterprint"));
});
"""


def measure(opened: OpenMap) -> dict[str, Any]:
    """Tell how the names are drawn, having seen that they are clear of each other, of borders, and whole."""
    found: dict[str, Any] = opened.page.evaluate(MEASURE)
    assert found["overlaps"] == []
    assert found["onBorders"] == []
    assert found["cut"] == []
    return found


def in_districts(page: MapPage) -> MapPage:
    """Put the communities into two districts, west and east, and give one the name of a new one."""
    rows = page.new.communities
    x = rows.geometry.centroid.x
    district = ["下陆区" if here < x.median() else "黄石港区" for here in x]
    names = rows["community_name"].tolist()
    names[3] = new_name(district[3], 1, "zh", is_new=True)[1]
    return replace(page, new=Era(rows.assign(district=district, community_name=names), page.new.cards))


def test_every_community_is_named_at_three_zooms(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """At any zoom and in any view names are clear of each other and of borders; the whole plan names everybody."""
    opened = open_map(browser, in_districts(city_page), tmp_path)
    whole = measure(opened)
    assert whole["share"] == 1
    assert {kind for kind, _ in whole["grounds"]} == {"district", "water"}
    assert [text for kind, text in whole["grounds"] if kind == "water"] == ["磁湖"]
    for view in ("households", "crossing"):
        opened.page.check(f"input[value={view}]")
        measure(opened)
    for _ in range(2):
        opened.page.evaluate(ZOOM, 1.25)
        assert measure(opened)["share"] > 0
    assert opened.complaints == []


def test_first_frame_shows_the_plan_and_the_next_its_names(
    browser: Browser, city_page: MapPage, tmp_path: Path
) -> None:
    """Nobody waits for names to see plan and panel; they come by themselves, and paper has them at once."""
    opened = open_map(browser, city_page, tmp_path)
    opened.page.add_init_script(WATCH)
    opened.page.reload()
    opened.page.wait_for_selector(".community-name")
    first = next(frame for frame in opened.page.evaluate("framesSeen") if frame["shapes"])
    assert first["shapes"] >= len(city_page.blocks)
    assert first["names"] == 0
    opened.page.add_init_script(PRINT_EARLY)
    opened.page.reload()
    assert opened.page.evaluate("printed") == len(city_page.new.communities)
    opened.page.wait_for_selector(".community-name")
    assert opened.complaints == []


def test_new_community_has_a_short_name_and_an_explanation(
    browser: Browser, city_page: MapPage, tmp_path: Path
) -> None:
    """The map writes 新设第1, and the legend gives the whole name, in both languages."""
    opened = open_map(browser, in_districts(city_page), tmp_path)
    name = in_districts(city_page).new.communities["community_name"].iloc[3]
    assert "新设第1" in opened.page.locator(".community-name").all_inner_texts()
    assert f"“新设第1”即“{name}”" in opened.page.locator(".legend").inner_text()
    opened.page.click(".en-choice")
    assert f"“新设第1” stands for {name}" in opened.page.locator(".legend").inner_text()
    opened.page.uncheck("input[value=labels]")
    assert "新设第1" not in opened.page.locator(".legend").inner_text()


def test_streets_are_lettered(browser: Browser, street_page: MapPage, tmp_path: Path) -> None:
    """Streets with communities are lettered over them, in letters that stand apart."""
    found = measure(open_map(browser, street_page, tmp_path))
    assert {text for kind, text in found["grounds"] if kind == "unit"} <= {"花湖街道", "沈家营街道"}
    assert [kind for kind, _ in found["grounds"]].count("unit") >= 1


def test_names_leave_out_the_word_community_where_room_is_short(
    browser: Browser, city_page: MapPage, tmp_path: Path
) -> None:
    """Zoomed out all are still named, some without 社区, which the legend explains; zoomed in they are whole."""
    opened = open_map(browser, city_page, tmp_path)
    words = {True: "名称省去“社区”二字", False: "leave out their last word"}
    names = {*city_page.new.communities["community_name"]}
    assert {*opened.page.locator(".community-name").all_inner_texts()} == names
    assert words[True] in opened.page.locator(".legend").inner_text()
    opened.page.evaluate(ZOOM, -1.25)
    assert measure(opened)["share"] == 1
    written = {*opened.page.locator(".community-name").all_inner_texts()}
    assert written - names
    assert {name.removesuffix("社区") for name in names} == {name.removesuffix("社区") for name in written}
    opened.page.click(".en-choice")
    assert words[False] in opened.page.locator(".legend").inner_text()
    opened.page.uncheck("input[value=labels]")
    assert words[False] not in opened.page.locator(".legend").inner_text()


def test_district_without_room_is_named_beside(browser: Browser, city_page: MapPage, tmp_path: Path) -> None:
    """Seen from afar its letters find no place between the names: it goes outside the city, with a line to it."""
    opened = open_map(browser, in_districts(city_page), tmp_path)
    assert opened.page.locator(".label[data-kind=district] .leader").count() == 0
    opened.page.evaluate(ZOOM, -1.75)
    found = measure(opened)
    assert {text for kind, text in found["grounds"] if kind == "district"} == {"下陆区", "黄石港区"}
    assert opened.page.locator(".label[data-kind=district] .leader").count() >= 1
    opened.page.check("input[value=swipe]")
    assert measure(opened)["share"] > 0.5
    assert opened.complaints == []


@pytest.mark.slow(covers=["redistrict/report/map/"])
def test_all_communities_and_districts_of_the_sample_city_are_named_on_a3(
    browser: Browser, sample_city: SampleCity
) -> None:
    """Before and after, all are named on a sheet of A3 in type of at least 6 points; on screen most are."""
    opened = open_file(browser, sample_city["huangshi_redraw"] / "map.html")
    for time, least, on_paper in (("new", 0.9, 1), ("old", 0.55, 1), ("swipe", 0.65, 0.95)):
        opened.page.check(f"input[value={time}]")
        screen = measure(opened)
        assert screen["share"] > least
        opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        sheet = measure(opened)
        opened.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert sheet["share"] >= on_paper
        assert sheet["leastType"] * 0.75 >= 6
        assert {"磁湖", "长江"} <= {text for _, text in sheet["grounds"]}
        for found in (screen, sheet):
            assert len({text for kind, text in found["grounds"] if kind == "district"}) == 5
    opened.page.check("input[value=new]")
    for _ in range(2):
        opened.page.evaluate(ZOOM, 1)
        measure(opened)
    assert opened.complaints == []
