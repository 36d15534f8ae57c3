"""Further quantities from end to end on a small town: counted, kept inside their bounds, published and judged."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest

from redistrict.errors import DataError
from redistrict.geo.blocks import read_blocks
from redistrict.jobs.inputs import read_problem
from redistrict.judge import verify_files
from redistrict.judge.ground import read_ground
from redistrict.judge.rules import verify_plan
from redistrict.scenario import load_scenario
from redistrict.solver.strategy import solve

from .small_town import make_blocks, tell, write_scenario

COLUMNS = {"name: name}": "name: name, others: {elderly: lnr, calls: dh}}"}
WIDE = "tolerance: {households: 0.3, people: 0.3}"
ELDERLY = "elderly: {title: {zh: 老年人, en: elderly people}, target: 120, tolerance: 0.25}"
ASKED = COLUMNS | {
    WIDE: f"""tolerance: {{households: 0.5, people: 0.5}}
  others:
    {ELDERLY}
    calls: {{title: {{zh: 来电, en: calls}}, price: 5}}""",
    "effort: 0.05": "effort: 0.01",
}


def _blocks() -> gpd.GeoDataFrame:
    rng = np.random.default_rng(3)
    return make_blocks().assign(lnr=rng.integers(10, 60, 16), dh=rng.integers(0, 9, 16))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the scenario `s.yaml` and its result `out`."""
    folder = tmp_path_factory.mktemp("town")
    _blocks().to_file(folder / "b.gpkg")
    code, said = tell("run", write_scenario(folder, ASKED), "--out", folder / "out")
    assert code == 0, said
    assert "elderly people -" in said
    return folder


def test_further_quantities_are_counted_and_published(town: Path) -> None:
    """Report, layers, shapefile and workbook have the sums of the blocks, by community and in all."""
    plan = pd.read_csv(town / "out" / "plan.csv", dtype=str)
    sums = _blocks().set_index("id")[["lnr", "dh"]].groupby(plan.set_index("block_id")["community_id"]).sum()
    assert sums["lnr"].between(90, 150).all()
    told = json.loads((town / "out" / "report.json").read_text(encoding="utf-8"))
    assert {one["id"]: one["others"] for one in told["communities"]} == {
        key: {"elderly": row["lnr"], "calls": row["dh"]} for key, row in sums.iterrows()
    }
    assert told["totals"]["others"] == {"elderly": sums["lnr"].sum(), "calls": sums["dh"].sum()}
    off = {one["id"]: one["others_deviation"]["elderly"] for one in told["communities"]}
    assert off == {key: round(n / 120 - 1, 6) for key, n in sums["lnr"].items()}
    for layer in (
        gpd.read_file(town / "out" / "communities.gpkg", layer="communities"),
        gpd.read_file(town / "out" / "communities.geojson"),
        gpd.read_file(town / "out" / "shapefile" / "communities.shp").rename(
            columns={"COMM_ID": "community_id", "Q1_ELDERLY": "elderly", "Q3_CALLS": "calls"}
        ),
    ):
        table = layer.set_index("community_id")
        assert table["elderly"].to_dict() == sums["lnr"].to_dict()
        assert table["calls"].to_dict() == sums["dh"].to_dict()
    book = openpyxl.load_workbook(town / "out" / "report.xlsx", read_only=True)
    heads = [str(cell) for row in book["社区 communities"].iter_rows(max_row=2, values_only=True) for cell in row]
    assert "老年人\nelderly people" in heads
    assert "老年人偏差（占目标比例）\nelderly people off target, share" in heads
    summary = [str(row[0]) for row in book["概要 Summary"].iter_rows(values_only=True)]
    assert "总老年人 All elderly people" in summary


def test_the_map_has_a_view_of_each(town: Path) -> None:
    """Its words, sums, deviations and target are on the page, under names that are no other words of it."""
    page = (town / "out" / "map.html").read_text(encoding="utf-8")
    assert '"others":["quantity_elderly","quantity_calls"]' in page
    for words in ("老年人偏差", "Elderly people: deviation", '"quantity_elderly_class":[', '"quantity_elderly":120.0'):
        assert words in page, words


def test_the_result_is_verified(town: Path) -> None:
    """The judge counts them anew, and each file is made again as it was."""
    code, said = tell("verify", town / "out")
    assert code == 0, said


@pytest.mark.parametrize("file", ["communities.geojson", "report.json"])
def test_a_forged_number_is_refused(town: Path, tmp_path: Path, file: str) -> None:
    """One elderly person more in a file is named with the community, the number told and the right one."""
    shutil.copytree(town / "out", tmp_path / "out")
    path = tmp_path / "out" / file
    if file == "report.json":
        told = json.loads(path.read_text(encoding="utf-8"))
        home, right = told["communities"][0]["id"], told["communities"][0]["others"]["elderly"]
        told["communities"][0]["others"]["elderly"] = right + 1
        path.write_text(json.dumps(told), encoding="utf-8")
    else:
        layer = gpd.read_file(path)
        home, right = layer["community_id"][0], int(layer["elderly"][0])
        layer.assign(elderly=[right + 1, *layer["elderly"][1:]]).to_file(path)
    found = verify_files(load_scenario(town / "s.yaml"), tmp_path / "out").violations
    assert [(one.community, one.found, one.allowed) for one in found if "elderly" in one.message.en] == [
        (home, str(right + 1), str(right))
    ]


def test_a_plan_outside_the_bounds_is_refused_by_the_judge(town: Path) -> None:
    """The judge holds each community against target and tolerance, in the words of the scenario."""
    plan = pd.read_csv(town / "out" / "plan.csv", dtype=str)
    scenario = load_scenario(town / "s.yaml", overrides=["communities.others.elderly.tolerance=0.01"])
    found = [one for one in verify_plan(scenario, plan).violations if one.rule == "elderly"]
    assert found
    assert "elderly people; 119 to 121 allowed" in found[0].message.en
    assert "老年人" in found[0].message.zh
    assert not verify_plan(load_scenario(town / "s.yaml"), plan).violations


def test_check_shows_what_is_asked_and_what_cannot_be(town: Path) -> None:
    """A column for each quantity; a target that no number of communities meets is named with the sums."""
    code, said = tell("check", town / "s.yaml")
    assert code == 0
    assert "Total elderly people Mean elderly people Allowed elderly people" in said
    assert "90-150" in said
    code, said = tell("check", town / "s.yaml", "--set", "communities.others.elderly.target=300")
    assert code != 0
    assert "232 elderly people in 2 communities" in said or "232 elderly people" in said


@pytest.mark.parametrize(
    ("value", "found"), [(None, "nothing"), (-3.0, "-3"), (2.5, "2.5")], ids=["blank", "negative", "fraction"]
)
def test_counts_that_are_none_are_refused(tmp_path: Path, value: float | None, found: str) -> None:
    """They are read like households: blocks and values are named, and blanks may count as none."""
    blocks = _blocks().astype({"lnr": float})
    blocks.loc[5, "lnr"] = value
    blocks.to_file(tmp_path / "b.gpkg")
    path = write_scenario(tmp_path, ASKED)
    with pytest.raises(DataError, match=f"'lnr' must hold whole numbers from 0 up.*found {found}.*B11"):
        read_blocks(load_scenario(path).data)
    if value is None:
        scenario = load_scenario(path, overrides=["data.blocks.blanks=zero"])
        assert read_blocks(scenario.data).frame["elderly"][5] == 0
        assert read_ground(scenario).others["elderly"][5] == 0


def test_a_table_of_counts_may_hold_them(tmp_path: Path) -> None:
    """Joined by key like households and people, by engine and judge alike, without the row of the total."""
    blocks = _blocks()
    blocks.drop(columns="lnr").to_file(tmp_path / "b.gpkg")
    table = pd.DataFrame({"编号": blocks["id"], "老年": blocks["lnr"]}).iloc[::-1]
    table = pd.concat([table, pd.DataFrame({"编号": ["合计"], "老年": [blocks["lnr"].sum()]})])
    table.to_csv(tmp_path / "c.csv", index=False)
    counts = "name: name, others: {calls: dh}}, counts: {path: c.csv, columns: {id: 编号, others: {elderly: 老年}}}"
    scenario = load_scenario(write_scenario(tmp_path, ASKED | {"name: name}": counts}))
    assert read_blocks(scenario.data).frame["elderly"].tolist() == blocks["lnr"].tolist()
    assert read_ground(scenario).others["elderly"].tolist() == blocks["lnr"].tolist()


def test_areas_spread_them_over_their_blocks(tmp_path: Path) -> None:
    """A census tract's elderly people go to the blocks in it, by engine and judge alike."""
    blocks = _blocks()
    blocks.drop(columns="lnr").to_file(tmp_path / "b.gpkg")
    tracts = blocks[["dist", "geometry"]].dissolve("dist").reset_index().assign(lnr=[101, 70])
    tracts.geometry = tracts.geometry.convex_hull
    tracts.to_file(tmp_path / "t.gpkg")
    spread = "name: name, others: {calls: dh}}, spread: {path: t.gpkg, columns: {id: dist, others: {elderly: lnr}}}"
    scenario = load_scenario(write_scenario(tmp_path, ASKED | {"name: name}": spread}))
    held = read_blocks(scenario.data).frame["elderly"]
    assert held.groupby(blocks["dist"]).sum().tolist() == [101, 70]
    assert read_ground(scenario).others["elderly"].tolist() == held.tolist()


def test_mended_blocks_add_them_up(tmp_path: Path) -> None:
    """Two shapes of one key are one block, which holds what both hold."""
    blocks = _blocks()
    blocks.loc[1, ["id", "name"]] = blocks.loc[0, ["id", "name"]].tolist()
    blocks.to_file(tmp_path / "b.gpkg")
    scenario = load_scenario(write_scenario(tmp_path, ASKED), overrides=["data.repair=mend"])
    read, ground = read_blocks(scenario.data), read_ground(scenario)
    assert read.frame["elderly"].sum() == blocks["lnr"].sum()
    assert dict(zip(read.ids, read.frame["elderly"], strict=True)) == dict(
        zip(ground.ids, ground.others["elderly"], strict=True)
    )


def test_any_quantity_may_lead(tmp_path: Path) -> None:
    """The number of communities is worked out from the one that leads, and the judge accepts the plan."""
    _blocks().to_file(tmp_path / "b.gpkg")
    asked = ASKED | {
        WIDE: ASKED[WIDE].replace("target: 120", "target: 60").replace("0.25", "0.5") + "\n  lead: elderly"
    }
    scenario = load_scenario(write_scenario(tmp_path, asked), overrides=["communities.target={households: 200}"])
    problem = read_problem(scenario)
    assert sum(area.n_min for area in problem.areas) == round(int(_blocks()["lnr"].sum()) / 60)
    assert solve(problem, scenario.solve).plan is not None
