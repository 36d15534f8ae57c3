"""The page of the alternatives in a real browser without a network."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from redistrict.model.result import StoppedBy
from redistrict.report.alternatives.content import Alternatives, build_alternatives
from redistrict.report.alternatives.page import write_alternatives_page
from redistrict.report.alternatives.table import write_alternatives_table
from redistrict.report.alternatives.words import list_differences, list_moves
from redistrict.solver.alternatives import Wish
from tests.report.compare.test_page import HOSTILE, make_comparison
from tests.report.opened import open_offline

WISH = Wish(count=3, apart=0.1, dearer=0.5)


def make_alternatives(prefix: str = "") -> Alternatives:
    """Take a row of eight blocks, two by two, and the same in four and four, ten residents each.

    ::

        [0 0][1 1][2 2][3 3]      [0 0 0 0][1 1 1 1]
    """
    row = make_comparison(prefix=prefix)
    extra = ({"cost": 400.0, "moved_share": 0.25}, {"cost": 420.0, "crossing_rail": 12.0})
    sides = [replace(side, facts=side.facts | more) for side, more in zip(row.sides, extra, strict=True)]
    blocks = row.blocks.assign(name=[f"estate {i}{prefix}" if i < 6 else "" for i in range(8)])
    return build_alternatives(sides, blocks, WISH, StoppedBy.TIME_LIMIT)


def open_page(browser: Browser, found: Alternatives, folder: Path) -> tuple[Page, list[str]]:
    """Write the page and open it offline; give what the browser complained about or asked for."""
    path = folder / "alternatives.html"
    write_alternatives_page(path, found)
    return open_offline(browser, path)


def test_differences_are_told_in_plain_words() -> None:
    """Cost, residents, roads, numbers and places stand there as they were put in, with the first plan's beside them."""
    found = make_alternatives()
    said = " ".join(one.en for one in list_differences(found, 1))
    assert "Costs 5.0% more than plan 1: 420 weighted metres." in said
    assert "40 residents (50.0%) live in another community than in plan 1; 0 of 2 communities are the same." in said
    assert "12 m more of railway" in said
    assert "Communities: 2 (plan 1: 4)" in said
    assert "today" not in said
    assert "25.0% of residents change community." in " ".join(one.en for one in list_differences(found, 0))
    assert list(list_moves(found, 0)) == []
    moves = [one.en for one in list_moves(found, 1)]
    assert moves == [
        "estate 2, estate 3 (20 residents): from 2社区1 to 2社区0",
        "b6, b7 (20 residents): from 2社区3 to 2社区2",
    ]


def test_few_plans_are_told_as_few() -> None:
    """Where fewer were found than wished for, that is said, that it proves nothing, and what cut the search short."""
    said = " ".join(one.en for one in make_alternatives().messages())
    assert "2 of 3 plans: no more were found" in said
    assert "no proof" in said
    assert "The time was up" in said
    enough = replace(make_alternatives(), wish=replace(WISH, count=2)).messages()
    assert [one.en[:8] for one in enough] == ["2 plans,"]


def test_the_table_holds_what_the_page_shows(tmp_path: Path) -> None:
    """One row a plan, with cost, residents that change, and the distance to each plan."""
    found = make_alternatives()
    write_alternatives_table(tmp_path / "a.csv", found)
    rows = pd.read_csv(tmp_path / "a.csv", encoding="utf-8-sig")
    assert rows["plan"].tolist() == [1, 2]
    assert rows["dearer_share"].tolist() == [0.0, 0.05]
    assert rows["changed"].tolist() == [0, 40]
    assert rows["apart_from_2"].tolist() == [0.5, 0.0]
    assert rows["communities"].tolist() == [4, 2]
    assert np.array_equal(found.apart, found.apart.T)


def test_the_same_plans_give_the_same_bytes(tmp_path: Path) -> None:
    """Two pages of the same plans are equal byte by byte."""
    for name in ("a", "b"):
        write_alternatives_page(tmp_path / name, make_alternatives())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.browser
def test_page_shows_plans_side_by_side(browser: Browser, tmp_path: Path) -> None:
    """Each plan has its map with what it changes, links lead to the folders beside, and nothing is fetched."""
    page, heard = open_page(browser, make_alternatives(), tmp_path)
    assert page.locator(".plan").count() == page.locator(".plan svg").count() == 2
    assert page.locator(".plan").first.locator(".moved").count() == 0
    assert page.locator(".plan").nth(1).locator(".moved").count() == 2
    links = page.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert set(links) == {"1/map.html", "2/map.html", "1/", "2/"}
    assert "备选方案" in page.locator("body").inner_text()
    page.click("button[data-language=en]")
    body = page.locator("body").inner_text()
    assert "Alternatives" in body
    assert "备选方案" not in body
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert heard == []


@pytest.mark.browser
def test_hostile_names_show_as_text(browser: Browser, tmp_path: Path) -> None:
    """Names that try to be markup, script or template appear letter by letter and do nothing."""
    evil = " ".join(HOSTILE)
    page, heard = open_page(browser, make_alternatives(evil), tmp_path)
    assert page.locator("body").inner_text().count(evil) > 5
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 1
    assert heard == []
