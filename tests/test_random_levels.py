"""Random towns with nested hard levels: every plan passes the judge, or a sentence names what forbids it."""

from collections import Counter
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from redistrict.errors import InfeasibleScenarioError, ScenarioError
from redistrict.jobs.inputs import read_inputs
from redistrict.judge import verify_plan
from redistrict.model.result import Result
from redistrict.scenario import Scenario
from redistrict.solver.strategy import solve

CRS = "EPSG:4547"
WIDE, HIGH = 6, 4


def draw_scenario(number: int, folder: Path) -> Scenario:
    """Draw blocks of two districts, each in a few streets by the nearest of some blocks, some of another by lot.

    Streets come from a column, or from polygons that overlap; in every third town villages lie inside them.
    """
    rng = np.random.default_rng(number)
    at = np.array([(x, y) for y in range(HIGH) for x in range(WIDE)])
    district = np.where(at[:, 0] < rng.integers(2, 5), "西区", "东区")
    street = np.empty(len(at), dtype=object)
    for name in ("西区", "东区"):
        own = np.flatnonzero(district == name)
        seeds = rng.choice(own, size=int(rng.integers(1, 4)), replace=False)
        nearest = np.abs(at[own, None] - at[seeds]).sum(axis=2).argmin(axis=1)
        stray = rng.random(len(own)) < 0.08
        nearest[stray] = rng.integers(0, len(seeds), stray.sum())
        street[own] = [f"{name}街{n}" for n in nearest]
    shapes = [shapely.box(100 * x, 100 * y, 100 * x + 100, 100 * y + 100) for x, y in at + 5_000]
    homes = np.where(rng.random(len(at)) < 0.15, 0, rng.integers(40, 160, len(at)))
    village = [f"{name}村{x % 2}" for name, (x, _) in zip(street, at, strict=True)]
    table = {"id": [f"b{n:02}" for n in range(len(at))], "n": homes, "d": district, "s": street, "v": village}
    gpd.GeoDataFrame(table, geometry=shapes, crs=CRS).to_file(folder / "blocks.gpkg")
    grown = gpd.GeoDataFrame({"s": street}, geometry=shapely.buffer(shapes, 20.0), crs=CRS)
    grown.to_file(folder / "streets.gpkg")
    pieces = str(rng.choice(["own", "join", "refuse"], p=[0.4, 0.4, 0.2]))
    levels: list[dict[str, Any]] = [_level("street", pieces, by_polygons=bool(rng.random() < 0.5), folder=folder)]
    if number % 3 == 0:
        levels.append(_level("village", pieces, by_polygons=False, folder=folder))
    if number % 4 == 1:
        levels[0]["count_by"] = {str(street[0]): int(rng.integers(1, 4))}
    columns = {"id": "id", "households": "n", "district": "d"}
    return Scenario.model_validate(
        {
            "name": "town",
            "data": {"blocks": {"path": folder / "blocks.gpkg", "columns": columns}},
            "levels": levels,
            "communities": {
                "target": {"households": int(rng.choice([200, 300]))},
                "tolerance": {"households": 0.5},
                "around": str(rng.choice(["targets", "means"])),
                "count": "auto" if rng.random() < 0.8 else int(rng.integers(4, 12)),
                "exceptions": str(rng.choice(["refuse", "widen"])),
            },
            "solve": {"effort": 0.02, "workers": 1, "seed": number},
        }
    )


def _level(key: str, pieces: str, *, by_polygons: bool, folder: Path) -> dict[str, Any]:
    level = {"key": key, "title": {"zh": "街道", "en": key}, "keep": "hard", "pieces": pieces}
    layer = {"path": folder / "streets.gpkg", "columns": {"name": "s"}}
    return level | ({"layer": layer} if by_polygons else {"column": key[0]})


def _solve(scenario: Scenario) -> tuple[Result, pd.DataFrame, pd.Series]:
    inputs = read_inputs(scenario)
    result = solve(inputs.problem(scenario), scenario.solve)
    rows = {"block_id": inputs.blocks.ids, "district": inputs.blocks.frame["district"]}
    if result.plan is not None:
        rows["community_id"] = [f"c{c:02}" for c in result.plan.assignment]
    return result, pd.DataFrame(rows), pd.Series(inputs.blocks.places)


@cache
def happened(number: int) -> Counter[str]:
    """Solve the town of this number and let the judge look at its plan, and at a block put across a street."""
    with TemporaryDirectory() as folder:
        scenario = draw_scenario(number, Path(folder))
        try:
            result, plan, place = _solve(scenario)
        except (InfeasibleScenarioError, ScenarioError) as error:
            refusal = error
        else:
            return _judge(scenario, number, result, plan, place)
    assert all(one.en and one.zh for one in refusal.problems)
    return Counter([type(refusal).__name__])


def _judge(scenario: Scenario, number: int, result: Result, plan: pd.DataFrame, place: pd.Series) -> Counter[str]:
    if result.plan is None:
        assert result.summary()
        return Counter(["no plan"])
    plan = plan.assign(community_name=plan["community_id"])
    verdict = verify_plan(scenario, plan)
    assert verdict.ok, (number, verdict)
    home = place.groupby(plan["community_id"]).agg(lambda names: names.mode()[0])
    large = plan.index[(place == plan["community_id"].map(home)) & (place.map(place.value_counts()) > 5)]
    for block in large[:1]:
        other = next((c for c in home.index if home[c] != place[block] and home[c][:2] == place[block][:2]), None)
        if other is not None:
            plan.loc[block, "community_id"] = other
            named = {(one.rule, one.community) for one in verify_plan(scenario, plan).violations}
            assert ("levels", other) in named, (number, named)
            return Counter(["delivered", "planted"])
    return Counter(["delivered"])


@pytest.mark.parametrize("number", range(2))
def test_plans_inside_streets_pass_the_judge(number: int) -> None:
    """Streets in pieces, of one block, with villages in them or numbers of their own: judged, or refused in words."""
    assert happened(number)


@pytest.mark.slow(covers=["redistrict/model/joining.py", "redistrict/model/counts.py", "redistrict/judge/case.py"])
def test_many_towns_are_delivered_and_planted_breaks_are_named() -> None:
    """Of 40 towns most are delivered, some are refused, and breaks were planted in many."""
    total = sum((happened(number) for number in range(40)), Counter[str]())
    assert total["delivered"] > 25
    assert total["planted"] > 10
