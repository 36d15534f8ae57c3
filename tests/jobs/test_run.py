"""The whole road: a scenario over a small town in, a verified result directory out."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from redistrict.errors import InfeasibleScenarioError, OutputError, SolverError, VerificationError
from redistrict.jobs.check import check
from redistrict.jobs.run import run
from redistrict.jobs.verify import verify
from redistrict.report.summary import MEASURED
from redistrict.scenario import Scenario, load_scenario
from redistrict.solver.tasks.progress import Progress

pytestmark = pytest.mark.first

SCENARIO = """
name: town
data:
  label: {zh: 虚构小镇, en: Made-up town}
  blocks:
    path: town.gpkg
    layer: blocks
    columns: {id: 编号, households: 户数, people: 人口, district: 区, name: 名称}
  roads:
    - {path: town.gpkg, layer: roads, class_column: class, name_column: name}
communities:
  target: {households: 600, people: 1800}
  tolerance: {households: 0.2, people: 0.2}
objective:
  crossing: {trunk: 10, residential: 0}
solve: {effort: 0.2}
"""


def make_town(folder: Path, *, side: int = 8) -> Path:
    """Draw 8 x 8 blocks of 100 m with streets of 20 m, a trunk road down the middle of each district.

    ::

        district 东区 is rows 0-3, 西区 rows 4-7;  the trunk runs between columns 3 and 4
        [ ][ ][ ][ ] | [ ][ ][ ][ ]
        [ ][ ][ ][ ] | [ ][ ][ ][ ]   ...
    """
    rng = np.random.default_rng(5)
    row, column = np.divmod(np.arange(side * side), side)
    west, south = 500_000 + column * 120.0, 3_340_000 + row * 120.0
    households = rng.integers(40, 110, size=side * side)
    blocks = gpd.GeoDataFrame(
        {
            "编号": [f"0{r}{c}" for r, c in zip(row, column, strict=True)],
            "户数": households,
            "人口": households * 3,
            "区": np.where(row < side // 2, "东区", "西区"),
            "名称": [f"小区{i}" for i in range(side * side)],
        },
        geometry=shapely.box(west, south, west + 100, south + 100),
        crs="EPSG:4547",
    )
    x, top = 500_000 + (side // 2) * 120.0 - 10, 3_340_000 + side * 120.0
    roads = gpd.GeoDataFrame(
        {"class": ["trunk"], "name": ["迎江大道"]},
        geometry=[shapely.LineString([(x, 3_339_900), (x, top)])],
        crs="EPSG:4547",
    )
    blocks.to_file(folder / "town.gpkg", layer="blocks")
    roads.to_file(folder / "town.gpkg", layer="roads")
    (folder / "town.yaml").write_text(SCENARIO, encoding="utf-8")
    return folder / "town.yaml"


@pytest.fixture(scope="module")
def town_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_town(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def town(town_file: Path) -> Scenario:
    return load_scenario(town_file, overrides=["solve.workers=2"])


@pytest.fixture(scope="module")
def told() -> list[Progress]:
    """Give what the run of `result_dir` tells on its way."""
    return []


@pytest.fixture(scope="module")
def result_dir(town: Scenario, told: list[Progress], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results") / "town"
    run(town, out=out, on_progress=told.append)
    return out


def test_a_run_delivers_every_file(result_dir: Path) -> None:
    """A run leaves the plan, layers, shapefile, map, staffing, report and the scenario itself, and no temporary."""
    names = {path.name for path in result_dir.iterdir()}
    assert names == {
        "plan.csv", "communities.gpkg", "shapefile", "map.html", "staffing.csv", "crossings.csv", "bounds.csv",
        "rules.csv", "report.json", "scenario.yaml", "report.xlsx", "pictures", "communities.geojson",
        "boundaries.geojson", "boundary_points.geojson", "boundaries.csv", "boundary_points.csv", "manifest.json",
        "certificate",
    }  # fmt: skip
    assert {path.suffix for path in (result_dir / "shapefile").iterdir()} >= {
        ".shp", ".dbf", ".prj", ".cpg", ".csv", ".qmd",
    }  # fmt: skip
    assert sorted(path.name for path in result_dir.parent.iterdir()) == ["runs.jsonl", "town"]


def test_the_report_adds_up(result_dir: Path, town: Scenario) -> None:
    """Totals are the sums over communities and over the blocks, and the cost is the sum of its parts."""
    report = json.loads((result_dir / "report.json").read_text(encoding="utf-8"))
    blocks = gpd.read_file(town.data.blocks.path, layer="blocks")
    rows = report["communities"]
    assert report["n_communities"] == len(rows) == sum(report["totals"]["communities_by_district"].values())
    assert report["totals"]["households"] == sum(row["households"] for row in rows) == blocks["户数"].sum()
    assert report["totals"]["population"] == sum(row["population"] for row in rows) == blocks["人口"].sum()
    assert report["totals"]["workers"] == sum(row["workers"] for row in rows)
    assert report["cost"] == pytest.approx(sum(report["totals"]["cost_parts"].values()))
    assert report["bound"] <= report["cost"]
    assert report["gap"] == pytest.approx((report["cost"] - report["bound"]) / report["cost"])
    verification = report["verification"]
    assert (verification["ok"], verification["exceptions"], verification["violations"]) == (True, [], [])
    assert verification["notes"][0]["en"].startswith("Not in one piece: 0 of ")
    assert report["provenance"]["inputs"][0]["sha256"]


def test_the_report_says_what_every_part_has_cost(result_dir: Path) -> None:
    """CPU seconds of each part, and the most memory so far."""
    report = json.loads((result_dir / "report.json").read_text(encoding="utf-8"))
    spent = report["provenance"]["spent"]
    assert set(spent) >= {"read", "graph", "search", "bound", "drawing", "counting", "writing", "judging"}
    assert all(0 <= one["cpu_s"] < 3600 and one["peak_mib"] > 20 for one in spent.values())
    assert spent["search"]["cpu_s"] > 0 < spent["writing"]["cpu_s"]


def test_no_community_crosses_the_trunk_road(result_dir: Path) -> None:
    """Where the trunk can be kept as a border at no harm to balance, no metre of it lies inside a community."""
    report = json.loads((result_dir / "report.json").read_text(encoding="utf-8"))
    assert report["totals"]["crossing_m"].get("trunk", 0) == 0


def test_outlines_hold_their_blocks_and_do_not_overlap(result_dir: Path) -> None:
    """The communities' outlines meet in the middle of the streets: no overlap, no block outside its own."""
    areas = gpd.read_file(result_dir / "communities.gpkg", layer="communities").set_index("community_id")
    blocks = gpd.read_file(result_dir / "communities.gpkg", layer="blocks")
    assert areas.area.sum() - areas.union_all().area < 1.0
    own = areas.loc[blocks["community_id"], "geometry"].reset_index(drop=True)
    assert blocks.difference(own).area.max() < 0.01
    assert areas.area.sum() > blocks.area.sum() * 1.1


def test_the_shapefile_says_what_the_plan_says(result_dir: Path) -> None:
    """The shapefile read back holds the report's communities, with Chinese names and ASCII field names."""
    report = json.loads((result_dir / "report.json").read_text(encoding="utf-8"))
    shapes = gpd.read_file(result_dir / "shapefile" / "communities.shp")
    assert all(name.isascii() and len(name) <= 10 for name in shapes.columns)
    assert shapes["NAME"].tolist() == [row["name"] for row in report["communities"]]
    assert shapes["HH"].tolist() == [row["households"] for row in report["communities"]]
    assert shapes.crs.to_epsg() == 4547


@pytest.mark.parametrize("encoding", ["gb18030", "gbk"])
def test_the_shapefile_is_written_in_the_encoding_asked_for(town_file: Path, tmp_path: Path, encoding: str) -> None:
    """GB18030 and GBK shapefiles carry their code page and read back with the same Chinese names."""
    scenario = load_scenario(town_file, overrides=[f"output.shapefile_encoding={encoding}", "solve.effort=0.05"])
    run(scenario, out=tmp_path / "out")
    shapes = gpd.read_file(tmp_path / "out" / "shapefile" / "communities.shp")
    assert (tmp_path / "out" / "shapefile" / "communities.cpg").read_text().strip().lower() == encoding
    assert set(shapes["DISTRICT"]) == {"东区", "西区"}


def test_verify_says_ok_and_names_what_was_changed_by_hand(result_dir: Path, town: Scenario, tmp_path: Path) -> None:
    """A delivered result passes; after one block is moved by hand the judge names rule, community and blocks."""
    assert verify(result_dir).ok
    copy = tmp_path / "copy"
    shutil.copytree(result_dir, copy)
    plan = pd.read_csv(copy / "plan.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    far = plan["block_id"] == "077"
    moved_to = plan.loc[plan["block_id"] == "040", "community_id"].iloc[0]
    assert plan.loc[far, "community_id"].iloc[0] != moved_to
    plan.loc[far, "community_id"] = moved_to
    plan.to_csv(copy / "plan.csv", index=False, encoding="utf-8-sig")
    verdict = verify(copy)
    torn = [v for v in verdict.violations if v.rule == "contiguity"]
    assert torn
    assert torn[0].community == moved_to
    assert "077" in torn[0].blocks


def test_an_existing_result_is_left_alone_unless_told(result_dir: Path, town: Scenario) -> None:
    """Without overwrite a run refuses a folder that exists, before it does anything."""
    before = {path: path.stat().st_mtime_ns for path in result_dir.rglob("*")}
    with pytest.raises(OutputError, match="exists already"):
        run(town, out=result_dir)
    assert {path: path.stat().st_mtime_ns for path in result_dir.rglob("*")} == before


def test_overwrite_replaces_results_but_never_another_folder(town_file: Path, result_dir: Path, tmp_path: Path) -> None:
    """Overwrite replaces an earlier result, leaves other files in it alone, and refuses a folder that is none."""
    scenario = load_scenario(town_file, overrides=["solve.effort=0.05"])
    out = shutil.copytree(result_dir, tmp_path / "out")
    (out / "letter.txt").write_text("dear", encoding="utf-8")
    before = {path.relative_to(out) for path in out.rglob("*")}
    run(scenario, out=out, overwrite=True)
    assert {path.relative_to(out) for path in out.rglob("*")} == before
    assert (tmp_path / ".out.previous" / "report.json").is_file()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(OutputError, match="not a result directory"):
        run(scenario, out=tmp_path / "home", overwrite=True)
    assert (tmp_path / "home" / "letter.txt").exists()


def test_nothing_is_delivered_that_the_judge_refuses(
    town: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the judge refuses the plan the run ends in an error and leaves no folder behind."""
    from redistrict.jobs import run as run_job
    from redistrict.judge.verification import Verification, Violation
    from redistrict.messages import Message

    fault = Violation("contiguity", "c", ("b",), "2 pieces", "1", Message("in two pieces", "分成两块"))
    monkeypatch.setattr(run_job, "verify_files", lambda *_: Verification((fault,)))
    with pytest.raises(VerificationError, match="in two pieces"):
        run(town, out=tmp_path / "out")
    (log,) = tmp_path.iterdir()
    assert [json.loads(line)["state"] for line in log.read_text(encoding="utf-8").splitlines()] == ["began", "refused"]


def test_the_check_shows_what_can_be_reached(town_file: Path) -> None:
    """The check lists every district with its totals and the numbers of communities that fit both bounds."""
    report = check(load_scenario(town_file))
    assert report.ok
    assert [row.area for row in report.rows] == ["东区", "西区"]
    for row in report.rows:
        assert row.n_communities[0] in row.reachable
        assert row.totals["people"] == 3 * row.totals["households"]


def test_bounds_the_totals_cannot_meet_are_refused_with_the_sums(town_file: Path, tmp_path: Path) -> None:
    """Impossible bounds end before solving, and the message names the district and its sums."""
    scenario = load_scenario(town_file, overrides=["communities.target.people=600"])
    with pytest.raises(InfeasibleScenarioError, match=r"District 东区 .*people"):
        run(scenario, out=tmp_path / "out")
    assert not check(scenario).ok
    assert list(tmp_path.iterdir()) == []


def test_what_is_proved_hopeless_is_refused_before_any_search(tmp_path: Path) -> None:
    """A block that only a nearly full one joins to the rest proves that there is no plan: that is said at once."""
    town_file = make_town(tmp_path)
    blocks = gpd.read_file(tmp_path / "town.gpkg", layer="blocks")
    blocks.loc[blocks["编号"] == "001", ["户数", "人口"]] = [700, 2100]  # with 000 behind it, above 720
    blocks.to_file(tmp_path / "town.gpkg", layer="blocks")
    scenario = load_scenario(town_file, overrides=["contiguity.bans=[{blocks: ['000', '010'], reason: a wall}]"])
    report = check(scenario)
    assert not report.ok
    assert any("proved that no" in problem.en and "东区" in problem.zh for problem in report.problems)
    phases: list[str] = []
    with pytest.raises(InfeasibleScenarioError, match=r"proved that no") as caught:
        run(scenario, out=tmp_path / "out", on_progress=lambda progress: phases.append(progress.phase.en))
    assert caught.value.exit_code == 4
    assert phases == ["Reading the data"]
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".out*"))


def test_a_refused_check_tells_each_problem_once(town_file: Path) -> None:
    """What cannot be met is told once, and the table shows no bounds that the scenario does not have."""
    report = check(load_scenario(town_file, overrides=["communities.count=20"]))
    assert len(report.messages()) == len(set(report.messages())) == 3
    assert [row.bounds for row in report.rows] == [{}, {}]
    assert all("-" in cells for cells in report.table()[1])


def test_the_check_shows_no_bounds_for_what_has_none(town_file: Path) -> None:
    """A quantity without a target is unbounded: no number stands in its column."""
    report = check(load_scenario(town_file, overrides=["communities.target.people=null"]))
    assert all(set(row.bounds) == {"households"} for row in report.rows)
    assert "1,000,000,000,000" not in str(report.table())


def test_around_the_means_the_numbers_asked_for_fit(town_file: Path) -> None:
    """Bounds around the means move with the number, so the check names the numbers asked for."""
    overrides = ["communities.around=means", "communities.count={min: 6, max: 10}"]
    for row in check(load_scenario(town_file, overrides=overrides)).rows:
        assert row.reachable == tuple(range(row.n_communities[0], row.n_communities[1] + 1))


def test_an_input_inside_the_result_folder_is_not_overwritten(town_file: Path, tmp_path: Path) -> None:
    """A run over its own result folder never deletes the blocks it reads."""
    out = tmp_path / "out"
    shutil.copytree(town_file.parent, out)
    (out / "report.json").write_text("{}", encoding="utf-8")
    with pytest.raises(OutputError, match=r"holds the input file town\.gpkg"):
        run(load_scenario(out / "town.yaml"), out=out, overwrite=True)
    assert (out / "town.gpkg").exists()


def test_verify_says_what_is_no_result_folder(tmp_path: Path) -> None:
    """A folder without a scenario is refused by its name, with what to do."""
    with pytest.raises(OutputError, match=r"(?s)is not a result folder: it holds no scenario\.yaml.*--scenario"):
        verify(tmp_path)


def test_a_run_that_finds_no_plan_says_where_in_both_languages(town_file: Path, tmp_path: Path) -> None:
    """With far too little effort, the message names the blocks and sizes that miss the bounds, in each language."""
    overrides = [
        "communities.around=means", "communities.tolerance={households: 0.004, people: 0.9}",
        "solve.effort=0.001", "solve.method=search",
    ]  # fmt: skip
    with pytest.raises(SolverError, match=r"the nearest misses the bounds at blocks .*solve\.effort") as refusal:
        run(load_scenario(town_file, overrides=overrides), out=tmp_path / "out")
    words = [re.sub(r"communities\.[a-z._]+", "", problem.zh) for problem in refusal.value.problems]  # keys are English
    assert not any(word in text for text in words for word in ("households", " more"))
    assert any("the nearest plan found needs communities.tolerance" in problem.en for problem in refusal.value.problems)


@pytest.mark.slow(covers=["redistrict/solver/", "redistrict/jobs/run.py"])
def test_a_range_of_numbers_is_searched(town_file: Path, tmp_path: Path) -> None:
    """With a range the run chooses a number of communities inside it."""
    scenario = load_scenario(town_file, overrides=["communities.count={min: 6, max: 9}", "solve.effort=0.05"])
    report = run(scenario, out=tmp_path / "out")
    assert 6 <= len(report.communities) <= 9


@pytest.mark.usefixtures("result_dir")
def test_progress_goes_forward(told: list[Progress]) -> None:
    """Progress runs from 0 to 1 and never goes back."""
    fractions = [progress.fraction for progress in told]
    assert fractions[0] == 0.0
    assert fractions[-1] == 1.0
    assert fractions == sorted(fractions)


def test_same_scenario_and_seed_give_the_same_bytes(town_file: Path, result_dir: Path, tmp_path: Path) -> None:
    """Neither the hash seed nor the number of workers changes a byte of plan.csv or the map.

    The other run is that of this process, with another hash seed and two workers.
    """
    subprocess.run(
        [sys.executable, "-m", "redistrict", "run", str(town_file), "--out", str(tmp_path / "out"),
         "--set", "solve.workers=1"],
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "0" if os.environ.get("PYTHONHASHSEED") != "0" else "123"},
        capture_output=True,
    )  # fmt: skip
    for name in ("plan.csv", "staffing.csv", "map.html"):
        assert (tmp_path / "out" / name).read_bytes() == (result_dir / name).read_bytes(), name
    one, other = (json.loads((folder / "report.json").read_bytes()) for folder in (tmp_path / "out", result_dir))
    for report in (one, other):
        for key in (*MEASURED, "scenario_sha256"):  # its `solve.workers` is another
            del report["provenance"][key]
    assert one == other
