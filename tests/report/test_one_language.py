"""Papers in one language: what is Chinese has no Latin word but codes, units and what the data name so."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from redistrict.jobs.notice import make_notice
from redistrict.jobs.pack import make_pack
from redistrict.jobs.run import run
from redistrict.report.result_folder import read_result
from redistrict.scenario import load_scenario
from tests.jobs.whole_town import draw_whole_town
from tests.latin import find_latin, read_docx, read_pdf, read_xlsx
from tests.sample_city import SCENARIOS

pytestmark = pytest.mark.usefixtures("chinese_font")

_RULES = "[huangshi_report, yuhang_2020, henan_2022, hubei_2025, national_2026, procedure_practice, gb50180, grid]"
_READ = """() => {
    const names = ["title", "aria-label", "placeholder", "alt"];
    const called = [...document.querySelectorAll(names.map(name => `[${name}]`).join())];
    const words = called.flatMap(one => names.map(name => one.getAttribute(name) || ""));
    return [document.title, document.body.innerText, ...words];
}"""
"""All that a page shows, and what its parts are called for those who cannot see them."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder with the result of the whole town in Chinese, its pack and its notice."""
    folder = tmp_path_factory.mktemp("chinese")
    path = draw_whole_town(folder)
    text = path.read_text(encoding="utf-8").replace("[huangshi_report]", _RULES)
    grids = 'grids: {households: 200, tolerance: 0.6, workers: 1, code: "{community}-{number:02}"}\n'
    path.write_text(f"{text}{grids}output: {{language: zh}}\n", encoding="utf-8")
    run(load_scenario(path), out=folder / "out")
    make_pack(folder / "out", out=folder / "pack")
    make_notice(folder / "out", out=folder / "notice")
    return folder


def _given(result: Path) -> set[str]:
    """Give what data and machine name in Latin letters: keys, names, sites, layers, scenario, libraries, the font."""
    read = read_result(result, ["report.json"])
    texts = read.blocks.drop(columns="geometry").select_dtypes(include=["object", "string"]).to_numpy().ravel()
    words = {word for text in texts if isinstance(text, str) for word in re.findall(r"[!-~]*[A-Za-z][!-~]*", text)}
    premises = pd.read_csv(result / "premises.csv", dtype=str, keep_default_na=False)
    used, idle = (" ".join(premises[column]) for column in ("sites_used", "sites_idle"))
    sites = re.findall(r"[\w-]*[A-Za-z][\w-]*", f"{used} {idle}")
    made = read.report["provenance"]
    layers = {one["layer"] for one in made["inputs"] if one["layer"]}
    return {*words, *sites, *layers, *made["packages"], made["machine"], made["font"], made["scenario"]}


def test_the_papers_of_a_town_are_chinese_throughout(town: Path) -> None:
    """Issue 20: findings said 'trunk 0 m', rules stood there by key; every Latin word that is left is on a list."""
    given = _given(town / "out") | {"s1", "s2", "s3"}
    papers = {
        "pdf": read_pdf(town / "pack" / "pack_zh.pdf"),
        "docx": read_docx(town / "pack" / "pack_zh.docx"),
        "report": read_xlsx(town / "out" / "report.xlsx"),
        "opinions": read_xlsx(town / "notice" / "opinions_zh.xlsx"),
    }
    assert [(name, word) for name, text in papers.items() for word in find_latin(text, given)] == []
    assert "快速路" in papers["report"]


@pytest.mark.browser
def test_the_pages_of_a_town_are_chinese_throughout(town: Path, browser: Browser) -> None:
    """What the map and the notice show in every view, and what their buttons are called, has no Latin word either."""
    given = _given(town / "out") | {"Leaflet", "p1", "p2"}
    found = []
    for path in (town / "out" / "map.html", *sorted((town / "notice").glob("*.html"))):
        page = browser.new_context(offline=True).new_page()
        page.goto(path.as_uri())
        found += [(path.name, word) for word in find_latin("\n".join(_shown(page)), given)]
    assert found == []


def _shown(page: Page) -> Iterator[str]:
    """Give what a page shows at first, in each view, and of a block that is looked for."""
    yield from page.evaluate(_READ)
    for button in page.locator("input[type=radio]:visible").all():
        button.check()
        yield from page.evaluate(_READ)
    for field in page.locator("input[type=search]:visible").all():
        field.fill("小区7")
        yield from page.evaluate(_READ)
        field.press("Enter")
        yield from page.evaluate(_READ)


@pytest.mark.slow(covers=["redistrict/report/pack/", "redistrict/report/tables/", "redistrict/standards/"])
def test_the_papers_of_the_sample_city_are_chinese_throughout(tmp_path: Path) -> None:
    overrides = ["solve.effort=0.002", "solve.time_limit_s=900", "output.language=zh"]
    run(load_scenario(SCENARIOS / "huangshi_redraw.yaml", overrides=overrides), out=tmp_path / "out")
    make_pack(tmp_path / "out", out=tmp_path / "pack")
    given = _given(tmp_path / "out") | {"is_village_conversion"}
    papers = {
        "pdf": read_pdf(tmp_path / "pack" / "pack_zh.pdf"),
        "docx": read_docx(tmp_path / "pack" / "pack_zh.docx"),
        "report": read_xlsx(tmp_path / "out" / "report.xlsx"),
    }
    assert [(name, word) for name, text in papers.items() for word in find_latin(text, given)] == []
