"""A sweep, whole: a town is planned for many values of its keys, cut off and gone on with, and judged."""

import json
import re
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from redistrict.errors import OutputError
from redistrict.jobs.inputs import list_read
from redistrict.jobs.run import run
from redistrict.jobs.sweep import make_sweep
from redistrict.jobs.sweep_points import lay_out
from redistrict.jobs.verify_sweep import verify_sweep
from redistrict.judge import judge_sweep
from redistrict.judge.verification import Verification
from redistrict.scenario import load_scenario
from redistrict.scenario.points import Point, load_points
from redistrict.solver.tasks.progress import Progress

from .small_town import make_blocks, tell, write_scenario

pytestmark = pytest.mark.first
SWEEP = """\
sweep:
  grid: {communities.count: [4, 6], solve.seed: [1, 2]}
  list: [{communities.count: 4, data.blocks.path: b.gpkg}, {data.blocks.columns.people: nobody}]
solve: {method: search, effort"""


class _PowerCutError(Exception):
    """What stops a sweep at some place."""


def cut_off_at(point: int, phase: str) -> Callable[[Progress], None]:
    """Give a callback that stops all where a point comes to a phase."""

    def cut_off(progress: Progress) -> None:
        if progress.phase.en.startswith(f"Point {point} ") and phase in progress.phase.en:
            raise _PowerCutError

    return cut_off


def make_points(folder: Path) -> tuple[Point, ...]:
    """Draw the town and ask: two communities a district are possible, three are not, and the last point has no data."""
    make_blocks().to_file(folder / "b.gpkg")
    return load_points(write_scenario(folder, {"solve: {effort": SWEEP}))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sweep the town, be cut off when the second point is all but written, and sweep it again."""
    folder = tmp_path_factory.mktemp("town")
    points = make_points(folder)
    with pytest.raises(_PowerCutError):
        make_sweep(points, out=folder / "out", on_progress=cut_off_at(2, "Writing"))
    other = folder / "out" / "points" / ".count-4_seed-2.unfinished-of-another-question"
    n_kept = sum(1 for _ in other.parent.glob(".count-4_seed-2.unfinished-*/**/*.npz"))
    other.mkdir()
    (other / "0.npz").write_bytes(b"")
    half = json.loads((folder / "out" / "sweep.json").read_bytes())
    assert [one["state"] for one in half["points"]] == ["done", *["open"] * 3, "done", "open"]
    assert pd.read_csv(folder / "out" / "sweep.csv")["status"].tolist().count("OPEN") == 4
    said: list[str] = []
    found = make_sweep(points, out=folder / "out", on_progress=lambda one: said.append(one.phase.en))
    assert "Point 2 (1 of 5 done): Going on from what an unfinished run has found" in said
    assert any("min left" in one for one in said)
    assert found.exit_code == 3
    assert found.record.sessions[-1].search_tasks_reused == n_kept > 0
    return folder


def test_every_point_is_a_result_or_a_row_with_its_reason(town: Path) -> None:
    """Two plans, each in a folder named for its values; what cannot be and what has no data stop nobody."""
    out = town / "out"
    assert sorted(path.name for path in out.iterdir()) == ["points", "sweep.csv", "sweep.html", "sweep.json"]
    names = [f"count-4_seed-{seed}" for seed in (1, 2)]
    assert sorted(path.name for path in (out / "points").iterdir()) == [*names, "runs.jsonl"]
    rows = pd.read_csv(out / "sweep.csv", encoding="utf-8-sig")
    folders = [f"points/{name}" for name in names]
    assert rows["folder"].fillna("").tolist() == [*folders, "", "", folders[0], ""]
    assert rows["status"].tolist() == ["OPTIMAL"] * 2 + ["INFEASIBLE"] * 2 + ["OPTIMAL", "REFUSED"]
    assert rows["communities.count"].tolist() == ["4"] * 2 + ["6"] * 2 + ["4", "auto"]
    assert rows["data.blocks.columns.people"].tolist() == ["ppl"] * 5 + ["nobody"]
    for folder, cost, gap in zip(rows["folder"][:2], rows["cost"], rows["gap"], strict=False):
        report = json.loads((out / folder / "report.json").read_bytes())
        assert (report["cost"], report["gap"], report["verification"]["ok"]) == (cost, gap, True)
    assert "cannot meet the bounds" in rows["reasons"][2]
    assert "nobody" in rows["reasons"][5]


def test_nothing_is_computed_twice(town: Path) -> None:
    """Over both sessions each question is solved once, data are read once a session, tasks are taken up."""
    record = json.loads((town / "out" / "sweep.json").read_bytes())
    first, second = record["sessions"]
    assert record["questions"] == 5
    assert (first["solved"], second["solved"], second["solved_reused"]) == (1, 4, 1)
    assert (first["read"], second["read"], second["read_reused"]) == (1, 1, 2)
    assert first["search_tasks_reused"] == 0
    log = [json.loads(line) for line in (town / "out" / "points" / "runs.jsonl").read_bytes().splitlines()]
    assert Counter(one["result"] for one in log if one["state"] == "done") == {
        f"count-4_seed-{seed}": 1 for seed in (1, 2)
    }


def test_a_third_call_solves_only_what_may_have_changed(town: Path, tmp_path: Path) -> None:
    """Proofs and results are taken over, and table and page are the same, byte by byte; data are read anew."""
    out = shutil.copytree(town / "out", tmp_path / "out")
    found = make_sweep(load_points(town / "s.yaml"), out=out)
    assert (found.record.sessions[-1].solved, found.record.sessions[-1].solved_reused) == (1, 4)
    for name in ("sweep.csv", "sweep.html"):
        assert (out / name).read_bytes() == (town / "out" / name).read_bytes()


@pytest.mark.slow(covers=["redistrict/jobs/sweep.py", "redistrict/jobs/inputs.py", "redistrict/jobs/run.py"])
def test_a_point_is_what_a_run_of_its_scenario_gives(town: Path, tmp_path: Path) -> None:
    """The point that took the data another had read has the same files but for times."""
    point = load_points(town / "s.yaml")[1]
    run(point.scenario, out=tmp_path / "alone")
    there = town / "out" / "points" / "count-4_seed-2"
    names = sorted(path.relative_to(there).as_posix() for path in there.rglob("*") if path.is_file())
    differ = [name for name in names if (there / name).read_bytes() != (tmp_path / "alone" / name).read_bytes()]
    assert set(differ) <= {"report.json", "manifest.json", "communities.gpkg", "report.xlsx", "map.html"}
    assert not {"plan.csv", "scenario.yaml", "staffing.csv", "communities.geojson"} & set(differ)


def test_all_that_reading_looks_at_parts_two_readings(town: Path) -> None:
    """Points share what was read unless sections that are read, or what is never crossed, differ."""
    base = load_scenario(town / "s.yaml")
    same = ["solve.seed=9", "communities.count=12", "objective.boundary=3", "objective.crossing.trunk=3"]
    other = ["contiguity.max_gap_m=30", "data.repair=mend", "objective.crossing.trunk=never"]
    other += ["objective.crossing.lane=1", "standards.staffing.minimum=3"]
    read = {change: list_read(load_scenario(town / "s.yaml", overrides=[change])) for change in (*same, *other)}
    assert {change for change, text in read.items() if text == list_read(base)} == set(same)


def test_a_dry_run_lists_what_is_there(town: Path) -> None:
    """Each point with its folder: a result, a proof, a twin of another; nothing is written."""
    before = (town / "out" / "sweep.json").read_bytes()
    code, said = tell("sweep", town / "s.yaml", "--out", town / "out", "--dry-run")
    assert code == 0
    for words in ("count-4_seed-2 result", "proved: no plan can", "asks what point 1 asks", "people-nobody nothing"):
        assert words in said
    code, said = tell("sweep", town / "s.yaml", "--out", town / "new", "--dry-run")
    assert (code, (town / "new").exists()) == (0, False)
    assert (town / "out" / "sweep.json").read_bytes() == before


def test_answers_to_other_questions_are_not_replaced_without_leave(town: Path, tmp_path: Path) -> None:
    """Another scenario, other data or an edited file make a result another one; what is no sweep is left alone."""
    out = shutil.copytree(town / "out", tmp_path / "out")
    code, said = tell("sweep", town / "s.yaml", "--out", out, "--set", "solve.effort=0.04")
    assert code == 3
    assert "count-4_seed-1, count-4_seed-2; give another --out, or --overwrite" in said
    (out / "points" / "count-4_seed-2" / "staffing.csv").write_text("edited", encoding="utf-8")
    assert lay_out(load_points(town / "s.yaml"), out).blocked == ("count-4_seed-2",)
    with pytest.raises(OutputError, match="is not the folder of a sweep"):
        make_sweep(load_points(town / "s.yaml"), out=out / "points")
    (out / "sweep.json").write_text("{}", encoding="utf-8")
    with pytest.raises(OutputError, match="is not the record of a sweep"):
        make_sweep(load_points(town / "s.yaml"), out=out)
    code, said = tell("run", town / "s.yaml", "--out", out, "--overwrite")
    assert (code, "is not a result directory" in said) == (3, True)


def test_changed_data_ask_anew(town: Path, tmp_path: Path) -> None:
    """One resident more, and no point is answered any more."""
    make_points(tmp_path)
    shutil.copytree(town / "out", tmp_path / "out")
    scenario = load_scenario(town / "s.yaml")
    points = load_points(town / "s.yaml")
    blocks = scenario.data.blocks.model_copy(update={"path": tmp_path / "b.gpkg"})
    blocks_frame = make_blocks()
    blocks_frame.loc[0, "ppl"] += 1
    blocks_frame.to_file(tmp_path / "b.gpkg")
    data = scenario.data.model_copy(update={"blocks": blocks})
    moved = [replace(point, scenario=point.scenario.model_copy(update={"data": data})) for point in points[:2]]
    assert len(lay_out(moved, tmp_path / "out").blocked) == 2


@pytest.mark.slow(covers=["redistrict/jobs/sweep"])
@pytest.mark.skipif(sys.platform == "win32", reason="signals to a process itself are of Unix")
def test_ctrl_c_leaves_what_is_finished(tmp_path: Path) -> None:
    """While a point is searched, its best plan so far is kept, the rest stays open, and the next call goes on."""
    points = make_points(tmp_path)[:2]
    struck: list[str] = []

    def strike(progress: Progress) -> None:
        if progress.phase.en.endswith("Searching from the best plans") and not struck:
            struck.append(progress.phase.en)
            signal.raise_signal(signal.SIGINT)

    found = make_sweep(points, out=tmp_path / "out", on_progress=strike)
    assert struck
    assert found.exit_code == 130
    assert {entry.state.value for entry in found.record.entries} == {"open"}
    report = json.loads((tmp_path / "out" / "points" / "count-4_seed-1" / "report.json").read_bytes())
    assert report["stopped_by"] == "interrupt"
    found = make_sweep(points, out=tmp_path / "out")
    assert (found.exit_code, found.record.sessions[-1].solved) == (0, 2)
    assert found.record.sessions[-1].search_tasks_reused > 0


def test_folders_are_named_for_what_their_points_change(town: Path, tmp_path: Path) -> None:
    """Short ends of keys and plain values; odd, long or equal names end with a digest, and a result keeps its name."""
    base = load_points(town / "s.yaml")[0]

    def name(*changes: dict[str, Any], out: Path = tmp_path) -> list[str]:
        points = [
            Point(n, values, base.scenario.model_copy(update={"name": f"s{n}"})) for n, values in enumerate(changes)
        ]
        return list(lay_out(points, out).folder_of.values())

    assert name({"a.people": 1, "b.people": 0.5, "b.x": None}, {}) == [
        "a.people-1_b.people-0.5_x-none",
        "as_written",
    ]
    first, second = name({"a": "x"}, {"a": "X"})
    assert first[:4] == "a-x-"
    assert second[:4] == "a-X-"
    for odd in ("../../etc", "社区", "a" * 99, "=1+1", "CON.", "a/b"):
        (one,) = name({"a.b": odd})
        assert re.fullmatch(r"[\w-]{1,80}", one, re.ASCII), one
    assert name({"nul.x": 1, "b.x": 2})[0].startswith("nul-x-1_b-x-2-")  # a device where only the first dot counts
    other = replace(base, values={"solve.seed": 1, "communities.count": 4})
    later = replace(base, scenario=base.scenario.model_copy(update={"name": "later"}))
    assert list(lay_out([other], town / "out").folder_of.values()) == ["count-4_seed-1"]
    found = list(lay_out([base, later], town / "out").folder_of.values())
    assert found[0] == "count-4_seed-1"
    assert re.fullmatch("count-4_seed-1-[0-9a-f]{8}", found[1])


# --- the judge ------------------------------------------------------------------------------------------


@pytest.mark.slow(covers=["redistrict/jobs/verify", "redistrict/judge/sweep", "redistrict/report/sweep/"])
def test_verify_judges_every_point_and_the_table(town: Path) -> None:
    """The sweep as it was delivered is accepted, with what nobody checks; it has no scenario of its own."""
    code, said = tell("verify", town / "out")
    assert code == 0, said
    assert "points/count-4_seed-1, points/count-4_seed-2: Judged by the scenario in" in said
    assert "note: 3 of 6 points have no plan: INFEASIBLE 2, REFUSED 1." in said
    assert "not checked: sweep.json: of points without a plan outcome, reasons" in said
    code, said = tell("verify", town / "out", "--scenario", town / "s.yaml")
    assert (code, "give --scenario and --key for the result of one point" in said) == (3, True)


def _change(table: Path, row: int, column: str, value: Any) -> None:
    rows = pd.read_csv(table, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    rows.loc[row, column] = value
    rows.to_csv(table, index=False, encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        (0, "cost", "1"),
        (0, "cost_boundary", "1"),
        (1, "bound", "7"),
        (1, "solve.seed", "5"),
        (0, "communities", "5"),
        (1, "status", "FEASIBLE"),
        (0, "households_worst", "0.25"),
        (0, "exceptions", ""),
        (0, "boundary_m", "nan"),
        (1, "crossing_trunk", "3"),
        (4, "workers", "9"),
        (0, "within", "0.5"),
        (0, "beauty", "1"),
    ],
)
def test_a_change_in_the_table_is_named(town: Path, tmp_path: Path, row: int, column: str, value: str) -> None:
    """The judge names the column and the point, with what the point itself says."""
    out = shutil.copytree(town / "out", tmp_path / "out")
    assert judge_sweep(out).ok
    _change(out / "sweep.csv", row, column, value)
    said = [one.message.en for one in judge_sweep(out).violations]
    assert any(f"{column} of point {row + 1} is {value or '-'}; scenario and report in points/" in one for one in said)


def test_a_point_taken_from_elsewhere_is_told(town: Path, tmp_path: Path) -> None:
    """Where scenarios differ in more than the keys that the table shows, the judge says in what."""
    out = shutil.copytree(town / "out", tmp_path / "out")
    assert not any("besides" in one.en for one in judge_sweep(out).notes)
    path = out / "points" / "count-4_seed-2" / "scenario.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("effort: 0.05", "effort: 5").replace("seed: 2", "seed: 3"), encoding="utf-8")
    found = judge_sweep(out)
    assert "besides the keys of the sweep its points differ in solve.effort" in [one.en for one in found.notes]
    assert [one.found for one in found.violations] == ["solve.seed = 2"]


def test_rows_put_in_taken_out_or_moved_are_named(town: Path, tmp_path: Path) -> None:
    """The table has the points of the record, in their order, with their folders."""
    out = shutil.copytree(town / "out", tmp_path / "out")
    text = (town / "out" / "sweep.csv").read_text(encoding="utf-8-sig").splitlines()
    for lines in (text[:2] + text[3:], [text[0], text[2], text[1], *text[3:]], [*text, text[-1]]):
        (out / "sweep.csv").write_text("\n".join(lines), encoding="utf-8-sig")
        assert [one.rule for one in judge_sweep(out).violations] == ["sweep"]
    (out / "sweep.csv").unlink()
    assert "cannot be read" in judge_sweep(out).violations[0].message.en


def test_a_page_made_by_another_version_is_no_fault(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the points were made with other programs, a page that is not the same proves nothing, and that is said."""
    out = shutil.copytree(town / "out", tmp_path / "out")
    page = (out / "sweep.html").read_text(encoding="utf-8")
    (out / "sweep.html").write_text(page.replace("<td>360</td>", "<td>350</td>", 1), encoding="utf-8")
    monkeypatch.setattr("redistrict.jobs.verify_sweep.judge_result", lambda *_, **__: Verification(()))
    assert [one.rule for one in verify_sweep(out).violations] == ["remade"]
    for place in (out / "points").glob("count*"):
        report = json.loads((place / "report.json").read_bytes())
        report["provenance"]["packages"]["folium"] = "0.0"
        (place / "report.json").write_text(json.dumps(report), encoding="utf-8")
    found = verify_sweep(out)
    assert (found.ok, found.not_compared) == (True, ("sweep.html",))


@pytest.mark.slow(covers=["redistrict/jobs/verify", "redistrict/judge/sweep", "redistrict/report/sweep/"])
def test_faults_of_points_and_of_the_page_are_named(town: Path, tmp_path: Path) -> None:
    """A changed page is told by the page made again; a changed or missing point by its name; others are listed."""
    out = shutil.copytree(town / "out", tmp_path / "out")
    page = (out / "sweep.html").read_text(encoding="utf-8")
    (out / "sweep.html").write_text(page.replace("<td>360</td>", "<td>350</td>", 1), encoding="utf-8")
    shutil.copytree(out / "points" / "count-4_seed-2", out / "points" / "mine")
    found = verify_sweep(out)
    assert [one.rule for one in found.violations] == ["remade"]
    assert "sweep.html" in found.violations[0].message.en
    assert any("folders of no point of the sweep: mine" in one.en for one in found.not_checked)
    plan = out / "points" / "count-4_seed-2" / "plan.csv"
    plan.write_text(plan.read_text(encoding="utf-8-sig").replace("B00", "B99", 1), encoding="utf-8-sig")
    shutil.rmtree(out / "points" / "count-4_seed-1")
    said = [one.message.en for one in verify_sweep(out).violations]
    assert any(one.startswith("points/count-4_seed-1: There is no result folder") for one in said)
    assert any(one.startswith("points/count-4_seed-2: ") and "B99" in one for one in said)
