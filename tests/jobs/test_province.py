"""A province, whole: every district by itself, whatever becomes of the others; cut off, gone on with, and judged."""

import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from html import unescape
from multiprocessing import active_children
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from redistrict.errors import OutputError, ScenarioError
from redistrict.jobs import apart
from redistrict.jobs.province import make_province
from redistrict.jobs.verify_sweep import verify_sweep
from redistrict.judge.districts import judge_districts
from redistrict.report.sweep.content import Points
from redistrict.report.sweep.record import State
from redistrict.scenario import Scenario, load_scenario

from .small_town import make_blocks, tell, write_scenario

WEST, HOSTILE, TWICE, EMPTY, HOLE = "西塞山区", "=<b>'黄石港'</b>", "第2区", "第10区", "缺图区"
NAMES = (HOSTILE, TWICE, EMPTY, HOLE, WEST)
"""In the order of the folders."""
RECORD = (
    b'{"scenario": "s", "heading": {"en": "s", "zh": "s"}, "data_label": null, "language": "en", "sessions": [],'
    b'"points": [{"point": 1, "values": {"solve.seed": 1}, "question": "q", "state": "open", "folder": "",'
    b'"reasons": []}]}'
)
"""Of a sweep over something else."""


def _draw(folder: Path, names: Sequence[str] = NAMES) -> Scenario:
    """Draw a town for each name, kilometres apart; one has a key twice, one an empty shape, in one nobody lives."""
    towns = []
    for n, name in enumerate(names):
        town = make_blocks().assign(dist=name)
        town["id"] = [f"{n}-{one}" for one in town["id"]]
        if name == TWICE:
            town.loc[1, "id"] = town.loc[0, "id"]
        if name == EMPTY:
            town[["hh", "ppl"]] = 0
        shapes = shapely.transform(town.geometry.to_numpy(), lambda xy, n=n: xy + np.array([4000.0 * n, 0]))
        if name == HOLE:
            shapes[0] = shapely.Polygon()
        towns.append(town.set_geometry(gpd.GeoSeries(shapes, crs=town.crs)))
    gpd.GeoDataFrame(pd.concat(towns, ignore_index=True), crs=towns[0].crs).to_file(folder / "b.gpkg")
    road = shapely.LineString([(600_100, 3_339_000), (600_100, 3_342_000)])
    gpd.GeoDataFrame({"c": ["trunk"]}, geometry=[road], crs=towns[0].crs).to_file(folder / "r.gpkg")
    return load_scenario(
        write_scenario(
            folder,
            {
                "name: name}}": "name: name}}\n  roads: [{path: r.gpkg, class_column: c}]",
                "solve: {effort: 0.05": "solve: {method: search, effort: 0.005",
            },
        )
    )


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Plan the province in one process."""
    folder = tmp_path_factory.mktemp("province")
    said: list[str] = []
    found = make_province(
        _draw(folder), out=folder / "out", workers=1, on_progress=lambda one: said.append(one.phase.en)
    )
    assert found.exit_code == 3
    assert "Splitting the data: 5 of 5" in said
    assert "5 of 5 districts done" in said
    return folder


def _states(found: Points) -> dict[str, State]:
    assert found.districts is not None
    return dict(zip(found.districts.names, (one.state for one in found.record.entries), strict=True))


def test_every_district_has_a_result_or_its_reason(province: Path) -> None:
    """What cannot be read or has no plan stops nobody, and says why; the road goes with the district it is in."""
    out = province / "out"
    there = {".province", "data", "districts.gpkg", "points", "province.yaml", "sweep.csv", "sweep.html", "sweep.json"}
    assert {path.name for path in out.iterdir()} == there
    rows = pd.read_csv(out / "sweep.csv", encoding="utf-8-sig")
    assert rows["data.blocks.layer"].tolist() == ["1-b_黄石港_b", "2-第2区", "3-第10区", "4-缺图区", "5-西塞山区"]
    assert rows["status"].tolist() == ["FEASIBLE", "REFUSED", "INFEASIBLE", "REFUSED", "FEASIBLE"]
    assert "1-B00" in rows["reasons"][1]
    for n in (0, 4):
        folder = out / "points" / rows["data.blocks.layer"][n]
        report = json.loads((folder / "report.json").read_bytes())
        assert report["verification"]["ok"]
        assert load_scenario(folder / "scenario.yaml").heading.en == f"town: {NAMES[n]}"
    roads = [gpd.read_file(out / "data" / rows["data.blocks.layer"][n] / "roads_0.gpkg") for n in (0, 4)]
    assert [len(one) for one in roads] == [1, 0]


def test_the_page_shows_every_district_and_leads_to_its_map(province: Path) -> None:
    """A map with a link for each plan, and a row each; names are text."""
    page = (province / "out" / "sweep.html").read_text(encoding="utf-8")
    assert page.count('<a href="points/1-b_黄石港_b/map.html"><path') == 1
    assert page.count("<svg") == 1
    assert "<b>'" not in page
    assert HOSTILE in unescape(page)
    assert (
        "2 of 5 districts have a plan: 2 not proved the best, 3 without a plan; 8 communities, 16 workers in all."
        in page
    )
    assert "★" not in page


def test_the_judge_passes_it_and_holds_the_blocks_against_the_province(province: Path) -> None:
    """All of it, and says what it did not check."""
    verdict = verify_sweep(province / "out")
    assert verdict.ok, verdict.violations
    told = " ".join(one.en for one in verdict.not_checked)
    assert "roads, barriers and structures near each district" in told


def test_forged_districts_are_found(province: Path, tmp_path: Path) -> None:
    """Counts, shapes, rows, names on the map, questions and files that are others than the province's."""
    out = tmp_path / "out"

    def forge(change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame], name: str = "data/5-西塞山区/5-西塞山区") -> str:
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(province / "out", out)
        for folder in ("1-b_黄石港_b", "5-西塞山区"):  # as if it had been planned here
            said = out / "points" / folder / "scenario.yaml"
            text = said.read_text(encoding="utf-8")
            said.write_text(text.replace(f"{province}/out/", f"{tmp_path}/out/"), encoding="utf-8")
        path = out / f"{name}.gpkg"
        frame = gpd.read_file(path)
        path.unlink()
        change(frame).to_file(path, layer=path.stem)
        return " ".join(one.message.en for one in judge_districts(out).violations)

    assert forge(lambda same: same) == ""
    other = "西塞山区 holds other blocks than the province"
    assert other in forge(lambda one: one.assign(households=[101, 99, *one["households"][2:]]))
    assert other in forge(lambda one: one.set_geometry([one.geometry[0].buffer(-1), *one.geometry[1:]], crs=one.crs))
    assert other in forge(lambda one: one.set_geometry(one.geometry.translate(1.0)))
    assert other in forge(lambda one: one.iloc[1:])
    assert other in forge(lambda one: pd.concat([one, one.iloc[:1].assign(block_id="x")]))
    swapped = forge(lambda one: one.assign(district=one["district"].to_numpy()[::-1]), "districts")
    assert f"西塞山区 is shown as {HOSTILE} of 16 blocks" in swapped
    assert "other districts than the record" in forge(lambda one: one.iloc[1:], "districts")
    said = out / "points" / "5-西塞山区" / "scenario.yaml"
    forge(lambda same: same)
    text = said.read_text(encoding="utf-8")
    said.write_text(text.replace("households: 400", "households: 500"), encoding="utf-8")
    assert "asked otherwise than the province: communities" in judge_districts(out).violations[0].message.en
    said.write_text(text.replace(f"{tmp_path}/out/data", f"{tmp_path}/elsewhere"), encoding="utf-8")
    assert "planned from other files" in judge_districts(out).violations[0].message.en
    (out / "province.yaml").unlink()
    assert "province.yaml is not there" in judge_districts(out).not_checked[0].en


def test_called_again_it_goes_on_where_it_was(province: Path) -> None:
    """What is planned or proved to have no plan is not solved again; what was refused is tried again."""
    scenario = load_scenario(province / "s.yaml")
    found = make_province(scenario, out=province / "out", workers=1)
    assert found.record.sessions[-1].solved_reused == 3
    assert found.record.sessions[-1].solved == 2
    assert [one.state.name for one in found.record.entries] == ["DONE", "REFUSED", "INFEASIBLE", "REFUSED", "DONE"]


def test_other_data_never_take_the_place_of_those_of_results(province: Path) -> None:
    """Nor does another question; nothing is touched then."""

    def stand() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((province / "out").rglob("*")) if path.is_file()}

    before = stand()
    scenario = load_scenario(province / "s.yaml")
    with pytest.raises(OutputError, match="results of another scenario"):
        make_province(scenario.model_copy(update={"name": "other"}), out=province / "out")
    frame = gpd.read_file(province / "b.gpkg")
    kept = (province / "b.gpkg").read_bytes()
    try:
        frame.assign(hh=99).to_file(province / "b.gpkg")
        with pytest.raises(OutputError, match=r"results of other data for 1-b_黄石港_b, 5-西塞山区"):
            make_province(scenario, out=province / "out")
    finally:
        (province / "b.gpkg").write_bytes(kept)
    assert stand() == before


@pytest.mark.parametrize("name", ["data", "province.yaml", "districts.gpkg"])
def test_what_is_somebody_elses_is_never_replaced(tmp_path: Path, name: str) -> None:
    """Though it is called as what is ours; nor is a folder that holds the sources."""
    scenario = _draw(tmp_path, (WEST,))
    mine = tmp_path / "mine"
    mine.mkdir()
    if name == "data":
        (mine / name).mkdir()
    else:
        (mine / name).write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError):
        make_province(scenario, out=mine)
    (mine / "points").mkdir()
    (mine / "sweep.json").write_bytes(RECORD)
    with pytest.raises(OutputError, match="which this command would replace"):
        make_province(scenario, out=mine, overwrite=True)
    assert (mine / name).exists()
    with pytest.raises(OutputError):
        make_province(scenario, out=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.gpkg", "mine", "r.gpkg", "s.yaml"]


def test_what_cannot_be_asked_district_by_district_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    """With every such key, in one error."""
    scenario = _draw(tmp_path, (WEST,))
    communities = scenario.communities.model_copy(update={"count": 7})
    with pytest.raises(ScenarioError, match=r"communities\.count: not for a province"):
        make_province(scenario.model_copy(update={"communities": communities}), out=tmp_path / "out")
    communities = scenario.communities.model_copy(update={"count_by_district": {"西区": 7}})
    with pytest.raises(ScenarioError, match="no such district"):
        make_province(scenario.model_copy(update={"communities": communities}), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_dry_run_lists_the_districts_and_writes_nothing(tmp_path: Path) -> None:
    """With their blocks."""
    _draw(tmp_path)
    code, said = tell("province", tmp_path / "s.yaml", "--out", tmp_path / "out", "--dry-run")
    assert code == 0
    assert f"5 {WEST} 16" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.slow(covers=["redistrict/jobs/apart.py", "redistrict/jobs/province.py"])
def test_a_process_that_is_killed_costs_nobody_a_plan(tmp_path: Path) -> None:
    """All that ran beside it are solved again, with the same plans as without it."""
    scenario = _draw(tmp_path, ("A", "B", "C"))
    killed: list[int] = []

    def kill_one() -> None:
        while not killed:
            for child in active_children():
                if list((tmp_path / "out" / "points").glob(".*")):
                    os.kill(child.pid or 0, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
                    killed.append(child.pid or 0)
                    return
            time.sleep(0.01)

    killer = threading.Thread(target=kill_one)
    killer.start()
    found = make_province(scenario, out=tmp_path / "out", workers=2)
    killer.join()
    assert set(_states(found).values()) == {State.DONE}
    again = make_province(scenario, out=tmp_path / "undisturbed", workers=1)
    assert set(_states(again).values()) == {State.DONE}
    for name in ("1-A", "2-B", "3-C"):
        one, other = (tmp_path / out / "points" / name / "plan.csv" for out in ("out", "undisturbed"))
        assert one.read_bytes() == other.read_bytes()


def _die(_point: object, _out: object) -> apart.Outcome:
    os._exit(9)


def _fail(_point: object, _out: object) -> apart.Outcome:
    raise RuntimeError("odd")


@pytest.mark.slow(covers=["redistrict/jobs/apart.py"])
def test_a_district_that_ends_its_process_is_refused_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried once more by itself, so that it is known which one it was."""
    monkeypatch.setattr(apart, "_solve_one", _die)
    found = make_province(_draw(tmp_path, ("A", "B")), out=tmp_path / "out", workers=2)
    assert set(_states(found).values()) == {State.REFUSED}
    assert "ended by the system" in found.record.entries[0].reasons[0].en


def test_an_error_that_nobody_foresaw_is_the_trouble_of_one_district(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named with the place where it came up, to be reported."""
    monkeypatch.setattr(apart, "solve_point", lambda *_: _fail(None, None))
    state, reasons = apart._solve_one(None, tmp_path)  # type: ignore[arg-type]
    assert state is State.REFUSED
    assert "RuntimeError: odd (test_province.py:" in reasons[0].en
