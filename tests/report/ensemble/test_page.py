"""The page and the tables of an ensemble, from plans made by hand; the page in a real browser without a network."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from playwright.sync_api import Browser

from redistrict.geo.cells import Cells
from redistrict.model.plan import Plan
from redistrict.report.ensemble.content import Ensemble, stand
from redistrict.report.ensemble.page import write_ensemble_page
from redistrict.report.ensemble.tables import write_ensemble_tables
from redistrict.scenario.section import Text
from redistrict.solver.ensemble.sample import Sample
from redistrict.solver.measuring import Measure
from tests.report.compare.test_page import HOSTILE
from tests.report.opened import open_offline
from tests.report.sweep.test_page import make_scenario
from tests.solver.maps import grid, make_problem

MEASURES = (Measure.COST, Measure.BALANCE, Measure.COMPACTNESS)


def make_ensemble(folder: Path, evil: str = "", n_draws: int = 500) -> Ensemble:
    """Give plans of six blocks: the plan costs less than all, balances better than half, and is the least compact."""
    titled = {"title": Text.model_construct(zh=f"小镇{evil}", en=f"Town{evil}")}
    scenario = make_scenario(folder).model_copy(update=titled)
    problem = make_problem([(grid(2, 3), 6, (2,))], tolerance=0.5)
    plan = Plan(np.array([0, 0, 1, 0, 1, 1], dtype=np.int32))
    rng = np.random.default_rng(3)
    cost = rng.integers(200, 300, (4, n_draws)) * problem.per_metre
    balance = rng.permuted(np.tile(np.arange(n_draws) * 100, (4, 1)), axis=1)
    lack = rng.integers(500_000, 700_000, (4, n_draws))
    together = np.full((4, len(problem.edges)), 0.9)
    together[:, 0] = [0.1, 0.2, 0.3, 0.5]
    sample = Sample(
        MEASURES,
        np.stack([cost, balance, lack], axis=2),
        np.array([150 * problem.per_metre, n_draws * 50, 800_000]),
        together,
        np.ones(len(problem.edges), dtype=bool),
        (plan,) * 4,
    )
    shapes = np.array([shapely.box(100 * c, 100 * r, 100 * c + 100, 100 * r + 100) for r in range(2) for c in range(3)])
    cells = Cells(shapes, problem.edges.astype(np.int64), np.full(len(problem.edges), 100.0), shapes)
    return stand(scenario, [f"=B{i}" for i in range(6)], problem, plan, sample, cells)


def test_sentences_and_tables_say_where_the_plan_stands(tmp_path: Path) -> None:
    """None is cheaper, half balance better, all are more compact; a pair of which chains disagree is left out."""
    found = make_ensemble(tmp_path)
    assert [one.share_better for one in found.standings] == [0, 0.5, 1]
    assert [one.own for one in found.standings] == [150, 0.025, 0.2]
    said = [message.en for message in found.messages()]
    assert said[0].startswith("2,000 plans drawn at random by 4 chains")
    assert said[1].startswith("Cost, weighted m: 150 in the plan; ")
    assert said[1].endswith("None is better.")
    assert "50.0% are better" in said[2]
    assert said[-1] == "Left out: 1 pairs of which the chains tell shares more than 20% apart."
    write_ensemble_tables(tmp_path, found)
    tables = {name: pd.read_csv(tmp_path / f"{name}.csv", encoding="utf-8-sig") for name in ("ensemble", "neighbours")}
    assert tables["ensemble"]["share_better"].tolist() == [0, 0.5, 1]
    near = tables["neighbours"]
    assert near["share_together"].isna().tolist() == [True, *[False] * 6]
    assert near["block"].str.startswith("'=").all(), "no cell is taken for a formula"


def test_a_sample_too_small_does_not_speak(tmp_path: Path) -> None:
    """No share and no percentile is told of forty plans, in words, tables or page."""
    found = make_ensemble(tmp_path, n_draws=10)
    assert all(one.share_better is None for one in found.standings)
    assert all("too small" in one.say().en for one in found.standings)
    assert found.table("en")[1][0][2:6] == ("–",) * 4
    write_ensemble_tables(tmp_path, found)
    rows = pd.read_csv(tmp_path / "ensemble.csv", encoding="utf-8-sig")
    assert rows[["share_better", "percentile_5", "median", "percentile_95"]].isna().all(axis=None)
    near = pd.read_csv(tmp_path / "neighbours.csv", encoding="utf-8-sig")
    assert near["share_together"].isna().all()
    assert "too small" in found.messages()[-1].en
    write_ensemble_page(tmp_path / "ensemble.html", found)
    page = (tmp_path / "ensemble.html").read_text(encoding="utf-8")
    assert "polyline" not in page.split("</style>")[-1], "no picture speaks either"


def test_the_page_shows_each_measure_and_the_borders(tmp_path: Path, browser: Browser) -> None:
    """A picture for each measure, the better to the left, with the plan in it; borders in bands; nothing is fetched."""
    write_ensemble_page(tmp_path / "ensemble.html", make_ensemble(tmp_path))
    page, heard = open_offline(browser, tmp_path / "ensemble.html")
    assert page.locator(".plots svg").count() == 3
    for n, is_left in enumerate((True, None, False)):
        picture = page.locator(".plots svg").nth(n)
        own, chain = (picture.locator(kind).first.bounding_box() for kind in (".plan", ".chain"))
        assert own is not None
        assert chain is not None
        assert picture.locator(".chain").count() == 4
        if is_left is not None:
            assert (own["x"] < chain["x"] + chain["width"] / 2) == is_left
    assert page.locator("svg.map path").count() == 7
    assert page.locator("svg.map path.own").get_attribute("d")
    before = page.locator("svg.map").get_attribute("viewBox")
    page.locator("[data-zoom='0.5']").click()
    assert page.locator("svg.map").get_attribute("viewBox") != before
    page.get_by_text("English").click()
    assert page.locator("h1").inner_text() == "Where the plan stands among plans drawn at random: Town"
    assert page.locator("a[href='chain-4/map.html']").count() == 1
    assert not heard


def test_names_are_text_and_same_plans_make_the_same_page(tmp_path: Path, browser: Browser) -> None:
    """No script of a heading runs, and the page does not vary."""
    evil = " ".join(HOSTILE)
    write_ensemble_page(tmp_path / "ensemble.html", make_ensemble(tmp_path, evil))
    write_ensemble_page(tmp_path / "again.html", replace(make_ensemble(tmp_path, evil)))
    assert (tmp_path / "ensemble.html").read_bytes() == (tmp_path / "again.html").read_bytes()
    page, heard = open_offline(browser, tmp_path / "ensemble.html")
    assert evil in (page.locator("h1").text_content() or "")
    assert not heard
