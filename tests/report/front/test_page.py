"""The page and the table of a front, from plans made by hand; the page in a real browser without a network."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
from playwright.sync_api import Browser

from redistrict.messages import Message
from redistrict.model.result import StoppedBy
from redistrict.report.compare.lines import Line
from redistrict.report.front.content import MEASURES, Front
from redistrict.report.front.page import write_front_page
from redistrict.report.front.table import write_front_table
from redistrict.report.sweep.content import Planned
from redistrict.scenario.section import Text
from redistrict.solver.measuring import Measure
from tests.report.compare.test_page import HOSTILE
from tests.report.opened import open_offline
from tests.report.sweep.test_page import FACTS, make_scenario

CROSSING, MOVED, SHAPE = (30_000.0, 18_000.0, 17_500.0), (0.12, 0.2, 0.61), (0.31, 0.25, 0.22)


def make_front(folder: Path, evil: str = "") -> Front:
    """Give three plans, the second the knee."""
    titled = {"title": Text.model_construct(zh=f"小镇{evil}", en=f"Town{evil}")}
    scenario = make_scenario(folder).model_copy(update=titled)
    measures = (Measure.CROSSING, Measure.MOVED, Measure.COMPACTNESS)
    values = (CROSSING, MOVED, SHAPE)
    axes = tuple(Line(m.value, *MEASURES[m], own) for m, own in zip(measures, values, strict=True))
    others = (Line("communities", Message("Communities", "社区数"), "count", (4.0, 4.0, 4.0)),)
    plan = Planned(scenario, FACTS, "FEASIBLE", "effort")
    return Front(scenario, measures, (plan,) * 3, (*axes, *others), 1, StoppedBy.EFFORT)


def test_each_point_leads_to_a_map_and_stands_where_its_measures_are(tmp_path: Path, browser: Browser) -> None:
    """A picture for each further measure, better to the left and below; who is pointed at is shown in the table."""
    write_front_page(tmp_path / "front.html", make_front(tmp_path))
    page, heard = open_offline(browser, tmp_path / "front.html")
    assert page.locator("svg").count() == 2
    points = page.locator("svg").first.locator("a")
    assert [point.get_attribute("href") for point in points.all()] == [f"0{n}/map.html" for n in (1, 2, 3)]
    for picture, worse in ((0, [0, 1, 2]), (1, [0, 1, 2])):
        boxes = [one.bounding_box() for one in page.locator("svg").nth(picture).locator("circle").all()]
        places = [(box["x"], box["y"]) for box in boxes if box]
        assert [n for n, _ in sorted(enumerate(places), key=lambda one: one[1][0])] == worse
        assert [n for n, _ in sorted(enumerate(places), key=lambda one: one[1][1])] == worse
    points.nth(1).locator("circle").hover()
    assert page.locator("tr.chosen th").inner_text().startswith("02 拐点")
    assert page.locator("a.knee").count() == 2
    page.get_by_text("English").click()
    assert page.locator("h1").inner_text() == "Trade-off front: Town"
    points.nth(2).focus()
    assert page.locator("tr.chosen th").inner_text().startswith("03")
    for svg in page.locator("svg").all():
        around = svg.bounding_box()
        for text in svg.locator("text").all():
            box = text.bounding_box()
            assert box is not None
            assert around is not None
            assert around["x"] <= box["x"]
            assert box["x"] + box["width"] <= around["x"] + around["width"] + 1
    assert not heard


def test_names_are_text_and_same_plans_make_the_same_page(tmp_path: Path, browser: Browser) -> None:
    """No script of a heading runs, and the page does not vary."""
    evil = " ".join(HOSTILE)
    found = make_front(tmp_path, evil)
    write_front_page(tmp_path / "front.html", found)
    write_front_page(tmp_path / "again.html", make_front(tmp_path, evil))
    assert (tmp_path / "front.html").read_bytes() == (tmp_path / "again.html").read_bytes()
    page, heard = open_offline(browser, tmp_path / "front.html")
    assert evil in (page.locator("h1").text_content() or "")
    assert not heard


def test_table_and_sentences(tmp_path: Path) -> None:
    """The table has a row a plan; that time was up, or that there is nothing to trade off, is said."""
    found = make_front(tmp_path)
    write_front_table(tmp_path / "front.csv", found)
    rows = pd.read_csv(tmp_path / "front.csv", encoding="utf-8-sig", dtype={"plan": str})
    assert rows["plan"].tolist() == ["01", "02", "03"]
    assert rows["is_knee"].tolist() == [False, True, False]
    assert rows["moved"].tolist() == [*MOVED]
    assert "The time was up" in replace(found, stopped=StoppedBy.TIME_LIMIT).messages()[-1].en
    assert found.table("en")[1][1] == ("02 (knee)", "18,000", "20.0%", "0.25")
    alone = replace(found, plans=found.plans[:1])
    assert "nothing to trade off" in alone.messages()[0].en
