"""Dwellings (住宅套数) from end to end on a small town: counted where the blocks have them (issue 18)."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from redistrict.errors import DataError, ScenarioError
from redistrict.geo.blocks import read_blocks
from redistrict.jobs.run import run
from redistrict.judge import verify_files
from redistrict.judge.ground import read_ground
from redistrict.scenario import load_scenario

from .whole_town import draw_whole_town

PACK = """
key: own
title: {zh: 套, en: homes}
source: {document: {zh: 某文件, en: A paper}, place: 第1页, quote: 某句}
clauses:
  - {key: size, text: {zh: 套数, en: homes}, cited: 某句, check: dwelling_limits, dwellings: {max: 500}}
  - {key: near, text: {zh: 步行, en: walk}, cited: 某句, check: circle, most_m: 200, dwellings: {min: 1}}
"""


def _draw(folder: Path) -> Path:
    """Give the scenario of a town with twice as many dwellings as households."""
    path = draw_whole_town(folder)
    blocks = gpd.read_file(folder / "town.gpkg", layer="blocks")
    blocks.assign(ts=blocks["hh"] * 2).to_file(folder / "town.gpkg", layer="blocks")
    (folder / "own.yaml").write_text(PACK, encoding="utf-8")
    text = path.read_text(encoding="utf-8").replace("people: pop, district", "people: pop, dwellings: ts, district")
    path.write_text(text.replace("[huangshi_report]", "[own.yaml]"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the scenario `town.yaml` and its result `out`."""
    folder = tmp_path_factory.mktemp("town")
    run(load_scenario(_draw(folder)), out=folder / "out")
    return folder


def test_dwellings_are_counted_published_and_used_by_clauses(town: Path) -> None:
    """Twice the households stand in layer, report and finding, and nothing is said of households standing in."""
    layer = gpd.read_file(town / "out" / "communities.gpkg", layer="communities").set_index("community_id")
    assert (layer["dwellings"] == 2 * layer["households"]).all()
    told = json.loads((town / "out" / "report.json").read_text(encoding="utf-8"))["communities"]
    assert {one["id"]: one["dwellings"] for one in told} == layer["dwellings"].to_dict()
    rows = pd.read_csv(town / "out" / "rules.csv", dtype=str)
    size = rows[rows["clause"] == "size"].set_index("community_id")
    assert size["found"].to_dict() == {key: f"{n:,} dwellings" for key, n in layer["dwellings"].items()}
    assert set(size["outcome"]) == {"fail"}
    assert rows.loc[rows["clause"] == "near", "found"].str.contains("dwellings").any()
    assert not rows["found"].str.contains("households").any()


def test_a_wrong_number_of_dwellings_is_named(town: Path, tmp_path: Path) -> None:
    """The judge reads the column itself: the layer, and the clause, are named with community and number."""
    shutil.copytree(town / "out", tmp_path / "out")
    layer = gpd.read_file(tmp_path / "out" / "communities.geojson")
    home, right = layer["community_id"][0], int(layer["dwellings"][0])
    layer["dwellings"] = [right + 1, *layer["dwellings"][1:]]
    layer.to_file(tmp_path / "out" / "communities.geojson")
    rows = pd.read_csv(tmp_path / "out" / "rules.csv", dtype=str, keep_default_na=False)
    row = rows.index[(rows["clause"] == "size") & (rows["community_id"] == home)][0]
    rows.loc[row, "found"] = f"{right + 1:,} dwellings"
    rows.to_csv(tmp_path / "out" / "rules.csv", index=False, encoding="utf-8-sig")
    found = verify_files(load_scenario(town / "town.yaml"), tmp_path / "out").violations
    assert {one.community for one in found} == {home}
    said = [one.message.en for one in found]
    assert any("communities.geojson" in one and "dwellings" in one and str(right + 1) in one for one in said), said
    assert any("found of own, size" in one for one in said), said


def test_dwellings_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    """They are read like households; a clause on them is no bound on households, so it cannot be kept."""
    path = _draw(tmp_path)
    blocks = gpd.read_file(tmp_path / "town.gpkg", layer="blocks")
    blocks.assign(ts=-1).to_file(tmp_path / "town.gpkg", layer="blocks")
    with pytest.raises(DataError, match="'ts' must hold whole numbers from 0 up"):
        read_blocks(load_scenario(path).data)
    with pytest.raises(ScenarioError, match=r"'own\.size' cannot be kept by the search"):
        load_scenario(path, overrides=["standards.enforce=[own.size]"])


def test_mended_blocks_add_up_their_dwellings(tmp_path: Path) -> None:
    """Two shapes of one key are one block; engine and judge add up alike."""
    path = _draw(tmp_path)
    blocks = gpd.read_file(tmp_path / "town.gpkg", layer="blocks")
    blocks["key"] = ["01" if key == "00" else key for key in blocks["key"]]
    blocks["today"] = ["t1" if key == "01" else home for key, home in zip(blocks["key"], blocks["today"], strict=True)]
    blocks.to_file(tmp_path / "town.gpkg", layer="blocks")
    scenario = load_scenario(path, overrides=["data.repair=mend"])
    read, ground = read_blocks(scenario.data), read_ground(scenario)
    assert read.dwellings is not None
    assert ground.dwellings is not None
    assert dict(zip(read.ids, read.dwellings.tolist(), strict=True)) == dict(
        zip(ground.ids, ground.dwellings.tolist(), strict=True)
    )
    assert read.dwellings.sum() == blocks["ts"].sum()
