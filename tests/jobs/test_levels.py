"""A plan inside streets, delivered: published by street in every file, and what is changed there is named."""

import json
import re
import shutil
from pathlib import Path

import docx
import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from redistrict.jobs.notice import make_notice
from redistrict.jobs.pack import make_pack
from redistrict.jobs.run import run
from redistrict.jobs.verify import verify
from redistrict.judge.files import verify_files
from redistrict.scenario import Scenario, load_scenario

from .small_town import make_blocks, write_scenario

LEVEL = "levels:\n- {key: street, title: {zh: 街道, en: street}, keep: %s, column: street}\ncommunities:"


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Path]:
    """Streets are the north and south halves of both districts."""
    folder = tmp_path_factory.mktemp("streets")
    blocks = make_blocks()
    blocks["street"] = [
        f"{dist[:1]}{'南' if key < 'B2' else '北'}街道" for key, dist in zip(blocks["id"], blocks["dist"], strict=True)
    ]
    blocks.to_file(folder / "b.gpkg")
    write_scenario(folder, {"communities:": LEVEL % "hard"})
    scenario = load_scenario(folder / "s.yaml")
    run(scenario, out=folder / "out")
    return scenario, folder / "out"


def report_of(out: Path) -> dict:
    return json.loads((out / "report.json").read_text(encoding="utf-8"))


def test_every_street_is_published(delivered: tuple[Scenario, Path]) -> None:
    """Report, plan and workbook say which street every community belongs to, and what each street gets."""
    scenario, out = delivered
    (level,) = report_of(out)["levels"]
    assert level["residents_changed"] == 0
    assert [unit["name"] for unit in level["units"]] == ["西北街道", "西南街道", "黄北街道", "黄南街道"]
    assert all(unit["n_communities"] == 1 and unit["households"] == 400 for unit in level["units"])
    plan = pd.read_csv(out / "plan.csv", encoding="utf-8-sig")
    assert (plan.groupby("community_id")["street"].nunique() == 1).all()
    book = openpyxl.load_workbook(out / "report.xlsx")
    assert "按街道 by street" in book.sheetnames
    assert [cell.value for cell in book["按街道 by street"]["A"]][2:] == [
        "西北街道",
        "西南街道",
        "黄北街道",
        "黄南街道",
    ]
    assert verify_files(scenario, out).ok


@pytest.mark.slow(covers=["redistrict/report/pack/", "redistrict/report/notice/"])
def test_papers_go_street_by_street(delivered: tuple[Scenario, Path], tmp_path: Path) -> None:
    """The pack says who proposes and who approves, and lists each street's communities; so do sheets and notice."""
    _, out = delivered
    make_pack(out, out=tmp_path / "pack")
    parts = [part.text for part in docx.Document(tmp_path / "pack" / "pack_zh.docx").paragraphs]
    assert any("由街道办事处提出，报不设区的市、市辖区的人民政府批准" in text for text in parts)
    assert parts.index("西塞山区 西北街道") < parts.index("黄石港区 黄南街道")
    make_notice(out, out=tmp_path / "notice")
    sheets = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "notice").glob("*sheets*zh*.html"))
    assert "<h2>西塞山区 西北街道</h2>" in sheets
    page = (tmp_path / "notice" / "notice_zh.html").read_text(encoding="utf-8")
    listed = re.findall(r"<h3>(.*?)</h3><ul>(.*?)</ul>", page)
    assert sorted(head for head, _ in listed) == [
        "西塞山区 西北街道",
        "西塞山区 西南街道",
        "黄石港区 黄北街道",
        "黄石港区 黄南街道",
    ]
    names = {row["name"]: f"{row['district']} {row['units']['street']}" for row in report_of(out)["communities"]}
    assert {re.sub("<.*?>", "", items): head for head, items in listed} == names


def test_what_is_changed_in_the_report_is_named(delivered: tuple[Scenario, Path], tmp_path: Path) -> None:
    """A wrong street of a community, number of communities or of residents is told with its right value."""
    scenario, out = delivered
    whole = report_of(out)
    report = json.loads(json.dumps(whole))
    report["communities"][0]["units"]["street"] = "东街道"
    report["levels"][0]["units"][1]["n_communities"] = 2
    report["levels"][0]["units"][2]["residents_changed"] = 5
    (out / "report.json").write_text(json.dumps(report), encoding="utf-8")
    try:
        told = " ".join(one.message.en for one in verify_files(scenario, out).violations)
    finally:
        (out / "report.json").write_text(json.dumps(whole), encoding="utf-8")
    assert "units.street of community" in told
    assert "levels.street.西南街道.n_communities is 2; the plan and the data give 1." in told
    assert "levels.street.黄北街道.residents_changed is 5; the plan and the data give 0." in told


def test_a_wrong_street_in_a_layer_is_named(delivered: tuple[Scenario, Path], tmp_path: Path) -> None:
    """In the shapefile, the GeoJSON and the GeoPackage, with file and community; so is a field that is gone."""
    scenario, out = delivered
    changed = shutil.copytree(out, tmp_path / "out")
    shapes = gpd.read_file(changed / "shapefile/communities.shp")
    assert set(shapes["L1_STREET"]) == {"西北街道", "西南街道", "黄北街道", "黄南街道"}
    shapes.assign(L1_STREET="东街道").to_file(changed / "shapefile/communities.shp", encoding="utf-8")
    text = (changed / "communities.geojson").read_text(encoding="utf-8")
    (changed / "communities.geojson").write_text(text.replace('"street"', '"lane"'), encoding="utf-8")
    layer = gpd.read_file(changed / "communities.gpkg", layer="communities")
    layer.assign(street=["", *layer["street"][1:]]).to_file(changed / "communities.gpkg", layer="communities")
    told = [one.message.en for one in verify_files(scenario, changed).violations if one.rule == "files"]
    assert sum(text.startswith("communities.shp: street of community") for text in told) == len(shapes)
    assert sum(text.startswith("communities.gpkg: street of community") for text in told) == 1
    assert any(text.startswith("communities.geojson: missing column is street") for text in told)


def test_a_layer_of_streets_may_lie_elsewhere_when_the_result_is_judged(tmp_path: Path) -> None:
    """Given the approved scenario, data and levels are read from where that says."""
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    blocks = make_blocks()
    blocks.to_file(tmp_path / "old/b.gpkg")
    streets = blocks.dissolve("dist").reset_index().assign(name=["南街道", "北街道"])
    streets.to_file(tmp_path / "old/streets.gpkg")
    words = LEVEL.replace("column: street", "layer: {path: streets.gpkg, columns: {name: name}}") % "free"
    scenario = load_scenario(write_scenario(tmp_path / "old", {"communities:": words}))
    run(scenario, out=tmp_path / "out")
    for name in ("b.gpkg", "streets.gpkg", "s.yaml"):
        (tmp_path / "old" / name).rename(tmp_path / "new" / name)
    verdict = verify(tmp_path / "out", scenario=load_scenario(tmp_path / "new/s.yaml"))
    assert verdict.ok, [violation.message.en for violation in verdict.violations]
