"""The doctor for data: `check` lists what it finds as text, JSON and a page with a map (issue 16)."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from playwright.sync_api import Browser
from typer.testing import CliRunner

from redistrict.cli.app import app
from tests.report.conftest import browser  # noqa: F401

from .small_town import CRS, make_blocks, place, tell, with_block, write_scenario

EVIL = "<img src=x onerror=alert(1)>"


def _town(folder: Path, *, twin: bool) -> Path:
    """Write the town with a block over two others and, if asked for, one under a second key."""
    blocks = with_block(make_blocks(), place(1.05, 1.1, 200, 30)).replace({"id": {"B22": EVIL}})
    if twin:
        again = blocks.iloc[[3]].assign(id="B99")
        blocks = gpd.GeoDataFrame(pd.concat([blocks, again], ignore_index=True), crs=CRS)
    blocks.to_file(folder / "b.gpkg")
    return write_scenario(folder)


@pytest.mark.parametrize("twin", [False, True])
def test_json_lists_findings_also_where_the_data_are_refused(tmp_path: Path, *, twin: bool) -> None:
    """Severity, keys, metres, area and place of each finding stand in the JSON; the exit code stays."""
    answer = CliRunner().invoke(app, ["--language", "en", "check", str(_town(tmp_path, twin=twin)), "--json"])
    told = json.loads(answer.stdout)
    assert (answer.exit_code, told["ok"]) == ((3, False) if twin else (0, True))
    errors = [{"what": "drawn on the same ground", "blocks": ["B03", "B99"], "metres": 90, "area_m2": 8100}]
    warnings = [{"what": "lie on each other", "blocks": [one, "Z1"], "area_m2": m2} for one, m2 in
                (("B12", 2700), ("B11", 2535))]  # fmt: skip
    found = [one | {"what": one["what"]["en"]} for one in told["findings"]]
    wanted = [*(errors if twin else []), *warnings]
    assert [{key: one[key] for key in want} for one, want in zip(found, wanted, strict=True)] == wanted
    assert [one["severity"] for one in found] == [*(["error"] if twin else []), "warning", "warning"]
    assert all(115.03 < one["lon"] < 115.05 and 30.17 < one["lat"] < 30.19 for one in found)
    assert ("are drawn on the same ground: B03 = B99" in answer.stderr) is twin


def test_a_page_shows_them_on_a_map(tmp_path: Path, browser: Browser) -> None:  # noqa: F811
    """The page opens without a network; a row brings its place into view, and names are text."""
    file = tmp_path / "findings.html"
    code, said = tell("check", _town(tmp_path, twin=True), "--html", file)
    assert (code, "are drawn on the same ground" in said) == (3, True)
    page, wrong = browser.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith("file:") else None)
    page.goto(file.as_uri())
    assert page.locator("svg .block").count() == 18
    assert page.locator(f'svg title:text-is("{EVIL}")').count() == 1
    assert page.locator("img").count() == 0
    assert page.locator("tbody tr").count() == 3
    before = page.locator("svg").get_attribute("viewBox")
    page.locator("tbody tr").nth(1).click()
    _, _, width, height = map(float, str(page.locator("svg").get_attribute("viewBox")).split())
    assert (width, height) == (270, 210)
    page.locator('[data-zoom="0"]').click()
    assert page.locator("svg").get_attribute("viewBox") == before
    assert wrong == []
    page.close()


def test_the_page_of_sound_data_says_so(tmp_path: Path) -> None:
    """Without findings there is a map, a sentence and no table; where it cannot be written, a message."""
    make_blocks().to_file(tmp_path / "b.gpkg")
    scenario = write_scenario(tmp_path)
    assert tell("check", scenario, "--html", tmp_path / "f.html")[0] == 0
    text = (tmp_path / "f.html").read_text(encoding="utf-8")
    assert ("Nothing odd in the shapes of the blocks." in text, "<table" in text) == (True, False)
    code, said = tell("check", scenario, "--html", tmp_path / "none" / "f.html")
    assert (code, "f.html cannot be written: No such file or directory" in said) == (3, True)
    code, said = tell("check", scenario, "--html", scenario)
    assert (code, "a page of findings must end in .html" in said) == (3, True)
    assert "name: town" in scenario.read_text(encoding="utf-8")
