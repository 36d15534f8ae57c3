"""`communities.min_compactness`, `enclaves` and `min_neck_m` from check to verify."""

import json
import math
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from redistrict.errors import InfeasibleScenarioError
from redistrict.jobs.check import check
from redistrict.jobs.run import run
from redistrict.jobs.verify import verify
from redistrict.model.result import SolveStatus
from redistrict.scenario.models import Communities, NeckPrice, Objective, Sizes, Solve, Tolerance
from tests.judge.towns import cells, make_town, square

QUICK = {"solve": Solve(effort=0.05, workers=1)}
ROWS = cells("xxxxxx xxxxxx", street_m=20)


def test_a_plan_is_as_compact_as_asked_and_verified_from_its_files(tmp_path: Path) -> None:
    """Two rows of six: what meets the target best is not compact; with the limit it is the halves, 6 off target."""
    sizes = {key: 10 if key[1] < "3" else 12 for key in ROWS}
    rules = Communities(target=Sizes(households=66), count=2)
    town = make_town(tmp_path, ROWS, households=sizes, district="东", communities=rules).scenario.model_copy(
        update=QUICK
    )
    free = town.model_copy(update={"objective": town.objective.model_copy(update={"boundary": 0.0})})
    assert min(row.compactness for row in run(free, out=tmp_path / "rows").communities) < 0.6
    limited = free.model_copy(update={"communities": rules.model_copy(update={"min_compactness": 0.7})})
    report = run(limited, out=tmp_path / "halves")
    assert sorted(row.households for row in report.communities) == [60, 72]
    assert min(row.compactness for row in report.communities) >= 0.7
    assert verify(tmp_path / "halves").ok
    strict = limited.model_copy(update={"communities": rules.model_copy(update={"min_compactness": 0.78})})
    refused = verify(tmp_path / "halves", scenario=strict)
    assert {v.rule for v in refused.violations} == {"compactness", "scenario"}
    assert check(limited).ok


def test_a_limit_no_plan_can_reach_is_named_alone(tmp_path: Path) -> None:
    """A row of six in two halves of 0.55 each: the message says which limit, and not to widen the bounds."""
    rules = Communities(target=Sizes(households=30), count=2, min_compactness=0.6)
    town = make_town(
        tmp_path, cells("xxxxxx", street_m=20), households=10, district="东", communities=rules
    ).scenario.model_copy(update=QUICK)
    with pytest.raises(InfeasibleScenarioError, match="no 2 connected communities can reach") as error:
        run(town, out=tmp_path / "out")
    assert "lower communities.min_compactness" in str(error.value)
    assert "tolerance" not in str(error.value)


@pytest.mark.slow(covers=["redistrict/solver/"])
def test_no_community_lies_inside_another_where_that_is_refused(tmp_path: Path) -> None:
    """Five rows of five, the middle one as populous as all others: by itself it fits best, but then in a ring."""
    picture = cells("xxxxx xxxxx xxxxx xxxxx xxxxx", street_m=20)
    sizes = dict.fromkeys(picture, 5) | {"22": 100}
    rules = Communities(target=Sizes(households=110), tolerance=Tolerance(households=0.1), count=2, enclaves="refuse")
    town = make_town(tmp_path, picture, households=sizes, district="东", communities=rules).scenario.model_copy(
        update=QUICK
    )
    free = town.model_copy(update={"communities": rules.model_copy(update={"enclaves": "note"})})
    run(free, out=tmp_path / "ring")
    assert {v.rule for v in verify(tmp_path / "ring", scenario=town).violations} == {"enclave", "scenario"}
    run(town, out=tmp_path / "open")
    assert verify(tmp_path / "open").ok


SHIFTED = {f"s{n}": square(100 * n, 0) for n in range(2)} | {f"t{n}": square(85 + 100 * n, 100) for n in range(2)}
"""Two rows of two, the upper shifted by 85 m: s0 and t0 share 15 m, s1 and t1 too, s1 and t0 share 85 m."""


def test_no_part_hangs_on_its_community_by_less_than_asked(tmp_path: Path) -> None:
    """What meets the target is s0 with t0 and s1 with t1, both by a neck; with the limit it is the rows, 2 off."""
    rules = Communities(target=Sizes(households=20), tolerance=Tolerance(households=0.3), count=2)
    sizes = {"s0": 10, "s1": 12, "t0": 10, "t1": 8}
    town = make_town(tmp_path, SHIFTED, households=sizes, district="东", communities=rules).scenario
    objective = town.objective.model_copy(update={"boundary": 0.0, "deviation": 20.0})
    free = town.model_copy(update=QUICK | {"objective": objective})
    run(free, out=tmp_path / "free")
    limited = free.model_copy(update={"communities": rules.model_copy(update={"min_neck_m": 30.0})})
    assert {v.rule for v in verify(tmp_path / "free", scenario=limited).violations} == {"neck", "scenario"}
    report = run(limited, out=tmp_path / "wide")
    assert sorted(row.households for row in report.communities) == [18, 22]
    assert verify(tmp_path / "wide").ok
    assert _published(tmp_path / "wide", "64 m or wider") == [None, None]
    free_layer = gpd.read_file(tmp_path / "free" / "communities.gpkg", layer="communities")
    necks_m = _published(tmp_path / "free", f"{free_layer['neck_m'][0]:.1f} m")
    for shape, neck_m in zip(free_layer.geometry, necks_m, strict=True):
        assert neck_m is not None
        pieces = [shape.buffer(-(neck_m + off_m) / 2).geom_type for off_m in (-0.2, 0.2)]
        assert pieces == ["Polygon", "MultiPolygon"]


@pytest.mark.slow(covers=["redistrict/solver/", "redistrict/geo/necks.py"])
def test_necks_are_paid_for_where_that_is_cheaper(tmp_path: Path) -> None:
    """The same blocks: the rows cost 400 more by their sizes: more than two necks at 150 each, less than at 300."""
    rules = Communities(target=Sizes(households=20), tolerance=Tolerance(households=0.3), count=2)
    sizes = {"s0": 10, "s1": 12, "t0": 10, "t1": 8}
    town = make_town(tmp_path, SHIFTED, households=sizes, district="东", communities=rules).scenario
    for each, households, neck in ((150, [20, 20], 300), (300, [18, 22], 0)):
        objective = Objective(crossing={}, boundary=0, deviation=20, neck=NeckPrice(width_m=30, each=each))
        out = tmp_path / f"{each}"
        report = run(town.model_copy(update=QUICK | {"objective": objective}), out=out)
        assert sorted(row.households for row in report.communities) == households
        assert report.to_json()["totals"]["cost_parts"]["neck"] == neck
        assert report.result.status is SolveStatus.OPTIMAL
        assert report.result.cost == report.result.bound
        assert verify(out).ok


def _published(folder: Path, text: str) -> list[float | None]:
    """Give the least necks of a report, the same in layers and workbook, and on the map in words."""
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    necks_m: list[float | None] = [row["neck_m"] for row in report["communities"]]
    for file in ("communities.gpkg", "communities.geojson"):
        layer = gpd.read_file(folder / file, layer="communities")
        assert [None if math.isnan(m) else m for m in layer["neck_m"].astype(float)] == necks_m
    sheet = pd.read_excel(folder / "report.xlsx", sheet_name="社区 communities", header=None).astype(object)
    columns = [sheet[n].tolist() for n in sheet if "最窄" in str(sheet[n].tolist())]
    assert all(column[-len(necks_m) :] == necks_m for column in columns)
    assert len(columns) == (necks_m[0] is not None)
    assert text in (folder / "map.html").read_text(encoding="utf-8")
    return necks_m


def test_a_neck_no_plan_can_do_without_is_named_alone(tmp_path: Path) -> None:
    """Two communities of 20 to 20: s0 and t0 must be one, and hang together by 15 m."""
    shapes = {name: SHIFTED[name] for name in ("s0", "t0", "s1")}
    rules = Communities(target=Sizes(households=20), tolerance=Tolerance(households=0.1), count=2, min_neck_m=30)
    town = make_town(
        tmp_path, shapes, households={"s0": 10, "t0": 10, "s1": 20}, district="东", communities=rules
    ).scenario.model_copy(update=QUICK)
    with pytest.raises(InfeasibleScenarioError, match="no 2 connected communities can") as error:
        run(town, out=tmp_path / "out")
    assert "lower communities.min_neck_m" in str(error.value)
