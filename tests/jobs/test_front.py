"""The trade-off front, whole: each of its plans is a result of its own, and one page leads to all of them."""

import json
from pathlib import Path

import pandas as pd
import pytest

from redistrict.errors import ScenarioError
from redistrict.jobs.front import make_front, read_measures
from redistrict.jobs.verify import verify
from redistrict.scenario import load_scenario
from redistrict.solver.measuring import Measure
from tests.sample_city import SCENARIOS

from .small_town import make_blocks, tell, write_scenario

_ROOMY = {
    "name: name": "name: name, community: dist",
    "target: {households: 400, people: 1200}": "target: {households: 270, people: 810}\n  count: {min: 4, max: 6}",
    "tolerance: {households: 0.3, people: 0.3}": "tolerance: {households: 0.6, people: 0.6}",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Plan the small town for fewer communities against less deviation."""
    folder = tmp_path_factory.mktemp("town")
    make_blocks().to_file(folder / "b.gpkg")
    path = write_scenario(folder, _ROOMY)
    words = ("--of", "count,cost", "--count", 4, "--out", folder / "out", "--set", "objective.deviation=20")
    code, said = tell("front", path, *words)
    assert code == 0, said
    assert "none of which is better than another in every measure" in said
    assert not list(folder.glob(".*"))
    return folder


def test_every_plan_is_a_result_and_none_is_better_than_another(town: Path) -> None:
    """The judge accepts each; the table holds what the reports publish; less of one measure is more of the other."""
    rows = pd.read_csv(town / "out" / "front.csv", encoding="utf-8-sig", dtype={"plan": str})
    assert len(rows) > 1
    assert sorted(path.name for path in (town / "out").iterdir()) == [
        *rows["plan"],
        "front.csv",
        "front.html",
        "manifest.json",
    ]
    reports = [json.loads((town / "out" / plan / "report.json").read_bytes()) for plan in rows["plan"]]
    assert rows["cost"].tolist() == [report["cost"] for report in reports]
    assert rows["count"].tolist() == [report["n_communities"] for report in reports]
    assert rows["count"].is_monotonic_increasing
    assert rows["cost"].is_monotonic_decreasing
    assert rows["cost"].is_unique
    assert all(verify(town / "out" / plan).ok for plan in rows["plan"])


def test_measures_are_read_and_refused_in_words() -> None:
    """The one that is made least comes first; what is unknown, alone or twice a price is named."""
    assert read_measures("moved, CROSSING,moved") == (Measure.CROSSING, Measure.MOVED)
    for wrong, said in (
        ("crossing,beauty", "unknown measure beauty"),
        ("moved,balance", "cost or crossing"),
        ("cost,crossing", "not both"),
        ("cost", "two measures or more"),
        ("", "two measures or more"),
    ):
        with pytest.raises(ScenarioError) as refused:
            read_measures(wrong)
        assert said in str(refused.value)


def test_measures_without_meaning_are_refused_before_anything_is_searched(town: Path, tmp_path: Path) -> None:
    """Nobody can move where no communities of today are known; the number must leave a choice; dry runs write none."""
    make_blocks().to_file(tmp_path / "b.gpkg")
    path = write_scenario(tmp_path)
    words = ("--of", "cost,moved,count,compactness", "--out", tmp_path / "out")
    code, said = tell("front", path, *words, "--set", "output.boundary=edge")
    assert code != 0
    assert "boundaries on centrelines" in said
    assert "names no communities of today" in said
    assert "leaves no choice of the number" in said
    assert not (tmp_path / "out").exists()
    code, said = tell("front", path, "--out", tmp_path / "out", "--of", "cost,balance", "--dry-run")
    assert (code, (tmp_path / "out").exists()) == (0, False)
    code, said = tell("front", town / "s.yaml", "--out", town / "out", "--of", "cost,count")
    assert code == 3
    assert "--overwrite" in said


@pytest.mark.slow(covers=["redistrict/solver/front.py", "redistrict/jobs/front.py", "redistrict/report/front/"])
def test_shape_and_size_are_traded_off(town: Path, tmp_path: Path) -> None:
    """Three measures more: each plan is accepted, and a less compact one is paid for by something."""
    scenario = load_scenario(town / "s.yaml", overrides=["objective.boundary=1"])
    asked = read_measures("cost,balance,compactness,moved")
    found = make_front(scenario, asked, 6, out=tmp_path / "out")
    assert found.n_plans > 2
    values = [[float(str(value)) for value in line.values] for line in found.axes]
    values[asked.index(Measure.COMPACTNESS)] = [-value for value in values[asked.index(Measure.COMPACTNESS)]]
    plans = list(zip(*values, strict=True))
    for one in plans:
        assert not any(other != one and all(a <= b for a, b in zip(other, one, strict=True)) for other in plans)
    assert all(verify(tmp_path / "out" / f"{n:02}").ok for n in range(1, found.n_plans + 1))


@pytest.mark.slow(covers=["redistrict/solver/front.py", "redistrict/jobs/front.py"])
@pytest.mark.long
def test_the_sample_city_has_twelve(tmp_path: Path) -> None:
    """Twelve plans of crossings against residents moved, none better than another, all accepted."""
    overrides = ["solve.effort=0.1", "solve.time_limit_s=1800"]
    scenario = load_scenario(SCENARIOS / "huangshi_redraw.yaml", overrides=overrides)
    found = make_front(scenario, read_measures("crossing,moved"), 12, out=tmp_path / "out")
    assert found.n_plans == 12
    crossing, moved = ([float(str(value)) for value in line.values] for line in found.axes)
    assert moved == sorted(moved)
    assert crossing == sorted(crossing, reverse=True)
    assert len({*crossing}) == 12
    for n in (1, 12):
        assert verify(tmp_path / "out" / f"{n:02}").ok
