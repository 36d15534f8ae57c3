"""The public notice of a finished result: what residents find, what is printed, and what is kept back."""

import json
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pypdfium2
import pytest
from playwright.sync_api import Browser

from redistrict.errors import OutputError, ScenarioError, VerificationError
from redistrict.jobs.notice import make_notice
from redistrict.jobs.run import run
from redistrict.jobs.verify import verify
from redistrict.scenario import load_scenario
from tests.jobs.whole_town import draw_whole_town

HOSTILE = {3: "<img src=x onerror=alert(1)>花园", 4: "{{7*7}}</script>花园", 5: '=HYPERLINK("x")'}
SET = [
    "notice.period_from=2026-12-01",
    "notice.contact={zh: 三楼, en: Third floor}",
    "procedure.risk_assessment=2026-11-20",
    "procedure.opinions_from=2026-11-02",
    "procedure.approval_number=<b>1</b>号",
]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a result of the whole town, in which some names would be markup or formulas and one block is tiny."""
    folder = tmp_path_factory.mktemp("noticed")
    path = draw_whole_town(folder)
    blocks = gpd.read_file(folder / "town.gpkg", layer="blocks")
    blocks["name"] = [HOSTILE.get(n, name) for n, name in enumerate(blocks["name"])]
    blocks.loc[7, ["hh", "pop"]] = (9, 23)
    blocks.to_file(folder / "town.gpkg", layer="blocks")
    run(load_scenario(path), out=folder / "out")
    make_notice(folder / "out", out=folder / "out" / "notice", overrides=SET)
    return folder / "out"


def read_homes(page: Path) -> dict[str, list[object]]:
    """Give what a page knows of each block, by key."""
    text = re.search(r'<script type="application/json" id="notice">(.*?)</script>', page.read_text("utf-8"))
    assert text is not None
    return {home[1]: home for home in json.loads(text[1])["homes"]}


def test_every_home_is_told_its_community_before_and_after(result: Path) -> None:
    """As plan and data have them, in each language; figures of few people are kept back."""
    blocks = pd.DataFrame(gpd.read_file(result / "communities.gpkg", layer="blocks"))
    names = pd.read_csv(result / "staffing.csv", dtype=str)["community_name"].tolist()
    todays = pd.read_csv(result.parent / "current.csv", dtype=str).set_index("id")["name"]
    for language in ("zh", "en"):
        homes = read_homes(result / "notice" / f"notice_{language}.html")
        assert len(homes) == len(blocks) == 24
        for row in blocks.itertuples():
            _, _, community, before, size = homes[row.block_id]
            assert names[community] == row.community_name  # type: ignore[call-overload]
            assert before == todays[row.current]
            assert bool(size) == (row.people >= 50)
        assert "23" not in str(homes["11"][4])


def test_sheets_say_what_the_tables_say(result: Path) -> None:
    """One sheet for each district and each community, with bounds, workers and where residents come from."""
    text = (result / "notice" / "sheets_zh.html").read_text("utf-8")
    staffing = pd.read_csv(result / "staffing.csv", dtype=str)
    assert text.count('<section class="sheet">') == len(staffing) + 2
    for bounds in pd.read_csv(result / "bounds.csv", dtype=str)["bounds_zh"]:
        assert bounds in text
    assert "2026年12月1日至____年__月__日" in text
    assert "三楼" in text
    assert "<dt>数据日期</dt><dd>2026年3月31日</dd></div><div><dt>数据许可</dt><dd>内部使用</dd>" in text
    assert "<img" not in text


def test_the_procedure_is_printed_where_one_is_spoken_of(result: Path, tmp_path: Path) -> None:
    """Days as given, a line to fill in for the others; nothing where neither scenario nor rule packs ask for a step."""
    for name in ("notice", "sheets"):
        text = (result / "notice" / f"{name}_zh.html").read_text("utf-8")
        for term, said in (
            ("征求居民意见", "2026年11月2日至____年__月__日"),
            ("社会稳定风险评估", "2026年11月20日"),
            ("街道办事处提出", "____年__月__日"),
            ("批复文号", "&lt;b&gt;1&lt;/b&gt;号"),
        ):
            assert f"<dt>{term}</dt><dd>{said}</dd>" in text
        english = (result / "notice" / f"{name}_en.html").read_text("utf-8")
        assert "<dt>Residents&#x27; opinions</dt><dd>2026-11-02 to ____-__-__</dd>" in english
    make_notice(result, out=tmp_path / "plain")
    assert "批复文号" not in (tmp_path / "plain" / "notice_zh.html").read_text("utf-8")


def test_the_notice_is_ours_and_no_fault_of_the_result(result: Path, tmp_path: Path) -> None:
    """The judge still passes the result, a second notice has the same bytes, and only asked for replaces the first."""
    assert verify(result).ok
    with pytest.raises(OutputError, match="exists"):
        make_notice(result, out=result / "notice")
    make_notice(result, out=tmp_path / "again", overrides=SET)
    for path in sorted((result / "notice").iterdir()):
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


def test_what_cannot_be_noticed_is_refused(result: Path, tmp_path: Path) -> None:
    """Other keys than those of the notice, a period that ends before it begins, and a plan that the judge refuses."""
    with pytest.raises(ScenarioError, match="only keys of `notice`"):
        make_notice(result, out=tmp_path / "x", overrides=["solve.seed=2"])
    with pytest.raises(ScenarioError, match="before period_from"):
        make_notice(result, out=tmp_path / "x", overrides=[*SET, "notice.period_to=2026-11-01"])
    plan = (result / "plan.csv").read_bytes()
    try:
        (result / "plan.csv").write_bytes(plan[:-40])
        with pytest.raises(VerificationError):
            make_notice(result, out=tmp_path / "x")
    finally:
        (result / "plan.csv").write_bytes(plan)
    assert not (tmp_path / "x").exists()


@pytest.mark.browser
def test_a_resident_finds_home_by_part_of_its_name(browser: Browser, result: Path, tmp_path: Path) -> None:
    """Offline, from the file system: search, keyboard, click on the map; names are text; A4 and A3 print."""
    page = browser.new_context(offline=True, viewport={"width": 1366, "height": 768}).new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: complaints.append(request.url) if request.url[:4] == "http" else None)
    page.goto((result / "notice" / "notice_zh.html").as_uri())
    page.fill("#find", "小 区2")
    assert page.locator("#found button").count() == 5  # 小区2, 小区20 to 小区23
    page.press("#find", "Enter")
    assert page.locator("#answer").inner_text().startswith("小区2 ·")
    assert page.locator("article:visible").count() == 1
    page.fill("#find", "xq 23")
    assert page.locator("#found button").count() == 1
    page.fill("#find", "huayuan")
    found = " ".join(page.locator("#found button").all_inner_texts())
    assert HOSTILE[3] in found
    assert HOSTILE[4] in found
    page.fill("#find", "没有这个名字")
    assert page.locator("#found").inner_text() == "没有找到，请减少字数再试。"
    page.click('[data-zoom="0"]')
    box = page.locator('[data-b="20"]').bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.locator("#answer").inner_text().startswith("小区20 ·")
    page.goto((result / "notice" / "sheets_zh.html").as_uri())
    for paper, width in (("A4", 595), ("A3", 842)):
        page.pdf(path=tmp_path / f"{paper}.pdf", format=paper)
        printed = pypdfium2.PdfDocument(tmp_path / f"{paper}.pdf")
        assert abs(printed[0].get_width() - width) < 2
        assert len(printed) >= len(pd.read_csv(result / "staffing.csv")) + 2
    assert complaints == []


@pytest.mark.browser
def test_a_telephone_shows_all_of_it(browser: Browser, result: Path) -> None:
    """On a narrow screen nothing lies beside it, and what is touched is large enough."""
    page = browser.new_context(offline=True, viewport={"width": 390, "height": 844}, is_mobile=True).new_page()
    page.goto((result / "notice" / "notice_zh.html").as_uri())
    page.fill("#find", "小区2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for button in page.locator("#found button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
