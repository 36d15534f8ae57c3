"""The page and the table of a sweep, from points made by hand; the page in a real browser without a network."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from redistrict.errors import OutputError
from redistrict.messages import Message
from redistrict.report.sweep.content import Planned, Points, gather_points
from redistrict.report.sweep.page import write_sweep_page
from redistrict.report.sweep.record import Entry, Record, Session, State, read_record, write_record
from redistrict.report.sweep.table import write_sweep_table
from redistrict.scenario import Scenario, load_scenario
from redistrict.scenario.section import Text
from tests.report.compare.test_page import HOSTILE
from tests.report.opened import open_offline
from tests.scenario.refusals import SMALLEST

FACTS = {"communities": 4, "cost": 400.0, "bound": 300.0, "gap": 0.25, "exceptions": 0, "moved": 120, "within": 1.0}


def make_scenario(folder: Path, *changes: str) -> Scenario:
    (folder / "s.yaml").write_text(SMALLEST, encoding="utf-8")
    return load_scenario(folder / "s.yaml", overrides=changes)


def make_points(folder: Path, evil: str = "", *, other: str = "solve.seed=2") -> Points:
    """Give five points: a plan, a dearer and proved one, a twin of the first, one that cannot be, one not solved."""
    titled = {"title": Text.model_construct(zh=f"小镇{evil}", en=f"Town{evil}")}
    plans = {
        "a": Planned(
            make_scenario(folder).model_copy(update=titled), FACTS | {"crossing_trunk": 30.0}, "FEASIBLE", "time_limit"
        ),
        "b": Planned(make_scenario(folder, other), FACTS | {"cost": 500.0, "moved": None}, "OPTIMAL", "proof"),
    }
    why = (Message(f"no room{evil}", f"放不下{evil}"),)
    states = [
        Entry(1, {"key": 1, "word": f"x{evil}"}, "q1", State.DONE, "a"),
        Entry(2, {"key": 2, "word": None}, "q2", State.DONE, "b"),
        Entry(3, {"key": 1, "word": "x"}, "q1", State.DONE, "a"),
        Entry(4, {"key": 0.5, "word": "y"}, "q3", State.INFEASIBLE, "", why),
        Entry(5, {"key": "auto", "word": "y"}, "q4"),
    ]
    heading = Message("Said", "所称")
    record = Record("town", heading, Message("made up", "虚构"), "both", tuple(states), (Session(1, 2, 3, 4, 5),))
    return gather_points(folder, record, lambda path: plans[path.name])


def open_page(browser: Browser, points: Points, folder: Path) -> tuple[Page, list[str]]:
    """Write the page and open it offline; give what the browser complained about or asked for."""
    path = folder / "sweep.html"
    write_sweep_page(path, points)
    return open_offline(browser, path)


def test_every_point_is_a_row_of_the_table(tmp_path: Path) -> None:
    """Whole numbers stay whole beside rows without a plan; what a point has not is empty; the best is marked once."""
    points = make_points(tmp_path)
    write_sweep_table(tmp_path / "sweep.csv", points)
    rows = pd.read_csv(tmp_path / "sweep.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    assert rows["point"].tolist() == ["1", "2", "3", "4", "5"]
    assert rows["folder"].tolist() == ["points/a", "points/b", "points/a", "", ""]
    assert rows["status"].tolist() == ["FEASIBLE", "OPTIMAL", "FEASIBLE", "INFEASIBLE", "OPEN"]
    assert rows["communities"].tolist() == ["4", "4", "4", "", ""]
    assert rows["moved"].tolist() == ["120", "", "120", "", ""]
    assert rows["crossing_trunk"].tolist() == ["30", "0", "30", "", ""]
    assert rows["key"].tolist() == ["1", "2", "1", "0.5", "auto"]
    assert rows["reasons"].tolist() == ["", "", "", "放不下 no room", ""]
    best = {line.key: sorted(line.best) for line in points.lines}
    assert (best["cost"], best["crossing_trunk"], best["gap"]) == ([0, 2], [1], [])


def test_costs_that_are_counted_otherwise_are_shown_and_not_ranked(tmp_path: Path) -> None:
    """Where a price is swept, each cost is the point's own, and that is said; so are sizes where targets are."""
    points = make_points(tmp_path, other="objective.boundary=2")
    cost = next(line for line in points.lines if line.key == "cost")
    assert (cost.values[:2], cost.best) == ((400.0, 500.0), frozenset())
    assert "The points count cost differently" in points.messages()[-1].en
    assert not any("differently" in one.en for one in make_points(tmp_path).messages())
    points = make_points(tmp_path, other="communities.tolerance.people=0.2")
    assert any("different targets or tolerances" in one.en for one in points.messages())


def test_what_plans_say_of_themselves_is_taken_from_them(tmp_path: Path) -> None:
    """Title, language and that data are made up come from plans that the judge reads; else from the record."""
    labelled = make_scenario(tmp_path, "data.label={zh: 虚构, en: made up}", "output.language=en")
    plan = Planned(labelled, FACTS, "OPTIMAL", "proof")
    entries = (Entry(1, {}, "q1"), Entry(2, {}, "q2", State.DONE, "a"))
    record = Record("x", Message("Said", "所称"), None, "zh", entries)
    found = gather_points(tmp_path, record, lambda _: plan).record
    assert (found.heading.en, found.label, found.language) == ("demo", Message("made up", "虚构"), "en")
    assert gather_points(tmp_path, replace(record, entries=entries[:1])).record.heading.en == "Said"


def test_what_is_said_in_the_end(tmp_path: Path) -> None:
    """How many have a plan, who asks the same, and why one has none; the exit code tells that some are open."""
    points = make_points(tmp_path)
    assert [one.en for one in points.messages()] == [
        "3 of 5 points have a plan; 1 asks what another asks.",
        "Point 4: no room",
    ]
    assert points.exit_code == 130
    states = [State.DONE, State.REFUSED, State.UNVERIFIED]
    for n, code in ((1, 0), (2, 3), (3, 1)):
        entries = tuple(
            replace(entry, state=state) for entry, state in zip(points.record.entries, states[:n], strict=False)
        )
        assert replace(points, record=replace(points.record, entries=entries)).exit_code == code
    heads, rows = points.table("en")
    assert heads[1].en == "key"
    assert rows[3][:4] == ("4", "0.5", "y", "proved: no plan can exist")


def test_a_record_is_read_back_equal(tmp_path: Path) -> None:
    """What is written of points and sessions is all that table and page are made from."""
    record = make_points(tmp_path, " ".join(HOSTILE)).record
    write_record(tmp_path / "sweep.json", record)
    assert read_record(tmp_path) == record


@pytest.mark.parametrize(
    "change",
    [
        {"points": []},
        {"points": 7},
        {"language": "<b>"},
        {"heading": {"en": [], "zh": "a"}},
        {"heading": {"de": "a"}},
        {"sessions": [{"more": 1}]},
        *(
            {"point": change}
            for change in (
                {"point": "<script>alert(1)</script>"},
                {"question": 1},
                {"values": {"key": [1], "word": None}},
                {"values": {"key": 1}},
                {"values": None},
                {"state": "fine"},
                {"folder": ""},
                {"reasons": [{"en": 1, "zh": 2}]},
                {"more": 1},
            )
        ),
    ],
    ids=str,
)
def test_what_is_no_record_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    """Whatever has another form than what is written is refused whole, so that nothing odd reaches page and table."""
    write_record(tmp_path / "sweep.json", make_points(tmp_path).record)
    content = json.loads((tmp_path / "sweep.json").read_bytes())
    content["points"][0] |= change.get("point", {})
    (tmp_path / "sweep.json").write_text(json.dumps(content | change), encoding="utf-8")
    with pytest.raises(OutputError, match="is not the record of a sweep"):
        read_record(tmp_path)


def test_a_record_nested_without_end_is_refused(tmp_path: Path) -> None:
    """Text that is no JSON object, or one too deep to be read, is no record."""
    for text in ("", "[]", '{"points": ' + "[" * 100_000):
        (tmp_path / "sweep.json").write_text(text, encoding="utf-8")
        with pytest.raises(OutputError, match="is not the record of a sweep"):
            read_record(tmp_path)


def test_the_same_points_give_the_same_bytes(tmp_path: Path) -> None:
    """Two pages of the same points are equal byte by byte."""
    for name in ("a", "b"):
        write_sweep_page(tmp_path / name, make_points(tmp_path))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.browser
def test_page_shows_a_row_a_point(browser: Browser, tmp_path: Path) -> None:
    """Points with a plan lead to it, the others say why; one language at a time, and nothing is fetched."""
    page, heard = open_page(browser, make_points(tmp_path), tmp_path)
    assert page.locator(".points tbody tr").count() == 5
    links = page.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert links == [
        "points/a/map.html",
        "points/a/",
        "points/b/map.html",
        "points/b/",
        "points/a/map.html",
        "points/a/",
    ]
    assert page.locator("tr").nth(1).locator(".best").first.inner_text() == "★ 400"
    assert "参数遍历：小镇" in page.locator("h1").inner_text()
    page.click("button[data-language=en]")
    row = page.locator(".without").first.inner_text()
    assert "proved: no plan can exist" in row
    assert "no room" in row
    assert "参数遍历" not in page.locator("body").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert heard == []


@pytest.mark.browser
def test_hostile_words_show_as_text(browser: Browser, tmp_path: Path) -> None:
    """Values, headings and reasons that try to be markup or script appear letter by letter and do nothing."""
    evil = " ".join(HOSTILE)
    page, heard = open_page(browser, make_points(tmp_path, evil), tmp_path)
    assert page.locator("body").inner_text().count(evil) == 3
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 1
    assert heard == []
