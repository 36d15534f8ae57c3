"""Walking distances from end to end: along the streets of a small town, and a planted break (issue 18)."""

import re
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from redistrict.geo.walks import build_network
from redistrict.jobs.run import run
from redistrict.judge import verify_files
from redistrict.judge.walks import join_points, walk_from
from redistrict.scenario import load_scenario

from .whole_town import CRS, draw_whole_town

PACK = """
key: own
title: {zh: 步行, en: walks}
source: {document: {zh: 某文件, en: A paper}, place: 第1页, quote: 某句}
clauses:
  - {key: near, text: {zh: 近, en: near}, cited: 某句, check: walk, most_m: 250, min_share: 0.5}
  - {key: circle, text: {zh: 圈, en: circle}, cited: 某句, check: circle, most_m: 400, people: {min: 1}}
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a town whose third row of blocks has a road of its own, and the result `out`."""
    folder = tmp_path_factory.mktemp("town")
    path = draw_whole_town(folder)
    (folder / "own.yaml").write_text(PACK, encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace("[huangshi_report]", "[own.yaml]"), encoding="utf-8")
    roads = gpd.read_file(folder / "town.gpkg", layer="roads")
    upright = shapely.LineString([(500_110, 3_339_800), (500_110, 3_340_100)])
    lines = [*roads.geometry, upright, shapely.LineString([(499_900, 3_339_650), (500_800, 3_339_650)])]
    kinds = [*roads["class"], "residential", "residential"]
    table = {"class": kinds, "name": [f"路{n}" for n in range(len(lines))]}
    gpd.GeoDataFrame(table, geometry=lines, crs=CRS).to_file(folder / "town.gpkg", layer="roads")
    run(load_scenario(path), out=folder / "out")
    return folder


def test_walks_go_along_the_streets_and_fall_back_to_the_straight_line(town: Path) -> None:
    """Every finding says how it was measured, and how many blocks no road leads to."""
    rows = pd.read_csv(town / "out" / "rules.csv", dtype=str)
    said = rows.loc[rows["clause"] == "near", "found"].tolist()
    assert all("along the streets" in one or one.startswith("0.0%") for one in said), said
    assert any(re.search(r"\d+ blocks in a straight line, as no road leads there", one) for one in rows["found"])
    assert rows["message_zh"].str.contains("沿道路").all()
    assert verify_files(load_scenario(town / "town.yaml"), town / "out").ok


@pytest.mark.parametrize("clause", ["near", "circle"])
def test_a_wrong_walk_is_named(town: Path, tmp_path: Path, clause: str) -> None:
    """The judge measures anew: pack, clause, community and number are told."""
    shutil.copytree(town / "out", tmp_path / "out")
    rows = pd.read_csv(tmp_path / "out" / "rules.csv", dtype=str, keep_default_na=False)
    row = rows.index[rows["clause"] == clause][0]
    rows.loc[row, "found"] = re.sub(r"^[\d.,]+", "77", rows["found"][row])
    rows.to_csv(tmp_path / "out" / "rules.csv", index=False, encoding="utf-8-sig")
    found = verify_files(load_scenario(town / "town.yaml"), tmp_path / "out").violations
    assert [one.community for one in found] == [rows["community_id"][row]]
    assert re.search(rf"found of own, {clause}.* 77", found[0].message.en), found[0].message


@pytest.mark.parametrize("seed", range(6))
def test_engine_and_judge_measure_alike_on_random_streets(seed: int) -> None:
    """Streets strewn at random, some of them apart, ends and houses often on a street or as near to two."""
    rng = np.random.default_rng(seed)
    ends = rng.uniform(0, 1000, (int(rng.integers(1, 14)), 2, 2)).round(-1)
    lines = [shapely.LineString(line) for line in ends if (line[0] != line[1]).any()]
    points = rng.uniform(0, 1000, (40, 2)).round(-1)
    network = build_network(lines, points)
    joins = join_points(np.array(lines, dtype=object), shapely.points(points))
    assert network is not None
    assert joins is not None
    for limit_m in (300.0, 1e6):
        metres, leads = walk_from(joins, 39, 39, limit_m)
        assert np.allclose(network.measure([39], limit_m)[:39], metres, atol=0.02)
        assert network.are_joined(np.array([39]))[:39].tolist() == leads.tolist()
