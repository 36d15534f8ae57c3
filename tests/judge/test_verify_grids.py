"""The judge on grids, written by hand: a folder that is right, then one planted break in each file."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from redistrict.judge.case import Case, assign
from redistrict.judge.clause_kinds import GridHeld
from redistrict.judge.grid_facts import read_grid_facts
from redistrict.judge.grids import judge_grids
from redistrict.judge.ground import Ground, read_ground
from redistrict.scenario.grids import GridColumns, Grids, GridSource

from .towns import CRS, Town, cells, marks, square

MakeTown = Callable[..., Town]
Said = Callable[..., list[str]]

PLAN = marks("aaabb")
OF_BLOCK = {"00": "a-01", "01": "a-01", "02": "a-02", "03": "b-01", "04": "b-01"}
RULES: dict[str, Any] = {"households": 1800, "tolerance": 0.25, "workers": 2, "code": "{community}-{number:02}"}
"""1,350 to 2,250 households; a-02, of 1,000, is an exception."""


@pytest.fixture(scope="module")
def town(make_town: MakeTown) -> Town:
    """Five blocks of 1,000 households in a row with streets of 20 m between them."""
    return make_town(cells("xxxxx", street_m=20), households=1000, people=3000, district="东区")


def with_grids(town: Town, **changes: Any) -> Town:
    """Give the town with its grids asked for, by the rules with some changed; none of no households."""
    rules = Grids.model_validate(RULES | changes) if changes.get("households", 1) else None
    return replace(town, scenario=town.scenario.model_copy(update={"grids": rules}))


def write_grids(
    folder: Path,
    town: Town,
    of_block: Mapping[str, str],
    *,
    freed: str = "a-02",
    continues: Mapping[str, str] | None = None,
) -> None:
    """Write what a result says of grids; exceptions are separated by spaces."""
    shapes = town.blocks.assign(grid=[of_block[key] for key in town.blocks["key"]], home=[*PLAN.values()], n_blocks=1)
    shapes = shapes.set_geometry(shapes.buffer(10, join_style="mitre"))
    sums = {"home": "first", "households": "sum", "people": "sum", "n_blocks": "sum"}
    layer = shapes.dissolve("grid", aggfunc=sums).reset_index()
    layer[["grid", "geometry"]].to_file(folder / "communities.gpkg", layer="grids")
    rows = pd.DataFrame(layer.drop(columns="geometry")).rename(columns={"home": "community_id"})
    rows["grid_workers"] = 2
    rows["continues_id"] = rows["continues_name"] = [(continues or {}).get(code, "") for code in rows["grid"]]
    rows["exception_en"] = ["too few" if code in freed.split() else "" for code in rows["grid"]]
    rows.to_csv(folder / "grid_list.csv", index=False)
    plan = pd.DataFrame({"block_id": [*of_block], "community_id": [*PLAN.values()], "grid": [*of_block.values()]})
    plan.to_csv(folder / "grids.csv", index=False)
    named = [{"grid": code} for code in freed.split()]
    report = {"grids": {"count": len(rows), "workers": 2 * len(rows), "exceptions": named}}
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")


@pytest.fixture(scope="module")
def ground(town: Town) -> Ground:
    return read_ground(town.scenario)


@pytest.fixture
def said(town: Town, ground: Ground) -> Said:
    """Give what the judge says of the grids in a folder, by the rules with some changed."""

    def judge(folder: Path, **rules: Any) -> list[str]:
        case = Case(with_grids(town, **rules).scenario, ground, assign(ground, town.plan(PLAN)), frozenset())
        found = judge_grids(case, folder).violations
        for violation in found:
            if violation.blocks:  # of one grid: its first block says whose it is
                assert violation.community == PLAN[violation.blocks[0]]
        return [violation.message.en for violation in found]

    return judge


def test_a_right_folder_passes(said: Said, town: Town, tmp_path: Path) -> None:
    """An exception that is named, and grids at their size; without grids asked for the files are told."""
    write_grids(tmp_path, town, OF_BLOCK)
    assert said(tmp_path) == []
    assert [text.partition(":")[0] for text in said(tmp_path, households=None)] == ["grids.csv", "grid_list.csv"]


@pytest.mark.parametrize("lines", [0, 1])
def test_a_plan_without_blocks_has_no_grids(town: Town, ground: Ground, tmp_path: Path, lines: int) -> None:
    """A plan of headings only, or of blocks that nobody knows, ended in a traceback where clauses ask for grids."""
    write_grids(tmp_path, town, OF_BLOCK)
    scenario = with_grids(town).scenario
    rules = scenario.standards.model_copy(update={"rules": ("grid",)})
    plan = town.plan(PLAN).iloc[:lines].assign(block_id="nobody's")
    case = Case(scenario.model_copy(update={"standards": rules}), ground, assign(ground, plan), frozenset())
    facts = read_grid_facts(case, tmp_path)
    assert facts is not None
    assert facts.held == []


def test_clauses_look_at_the_grids_of_each_community(town: Town, ground: Ground, tmp_path: Path) -> None:
    """By code, with the households of their blocks, posts as listed, and pieces; a grid may be a single block."""
    write_grids(tmp_path, town, OF_BLOCK)
    scenario = with_grids(town).scenario
    rules = scenario.standards.model_copy(update={"rules": ("grid",)})
    case = Case(scenario.model_copy(update={"standards": rules}), ground, assign(ground, town.plan(PLAN)), frozenset())
    facts = read_grid_facts(case, tmp_path)
    assert facts is not None
    a, b = [GridHeld("a-01", 2000, 2, 1), GridHeld("a-02", 1000, 2, 1)], [GridHeld("b-01", 2000, 2, 1)]
    assert (facts.held, facts.least, facts.most) == ([a, b], 1350, 2250)


@pytest.mark.parametrize(
    ("rules", "freed", "wrong"),
    [
        ({}, "", ["Grid a-02 has 1000 households, not 1350 to 2250."]),
        ({}, "a-01 a-02", ["exception of a-01 is too few"]),
        ({"least": 1000}, "", []),
        ({"least": 1001}, "", ["Grid a-02 has 1000 households, not 1001 to 2250."]),
        ({"most": 2000}, "a-02", []),
        ({"most": 1999}, "a-02", ["Grid a-01 has 2000 households, not 1350 to 1999.", "Grid b-01 has 2000"]),
        ({"households": 1250, "tolerance": 0.2}, "", ["Grid a-01 has 2000", "Grid b-01 has 2000"]),
        ({"households": 2000, "tolerance": 0}, "a-02", []),
        ({"households": 1600}, "a-02", []),
        ({"households": 1599}, "a-02", ["Grid a-01 has 2000 households, not 1200 to 1998.", "Grid b-01 has 2000"]),
    ],
)
def test_sizes_and_their_exceptions_agree(
    said: Said, town: Town, tmp_path: Path, rules: dict[str, Any], freed: str, wrong: list[str]
) -> None:
    """What lies outside the bounds is an exception, and nothing else; the bounds themselves are inside."""
    write_grids(tmp_path, town, OF_BLOCK, freed=freed)
    told = said(tmp_path, **rules)
    assert len(told) == len(wrong), told
    assert all(part in text for part, text in zip(wrong, told, strict=True)), told


@pytest.mark.parametrize(
    ("of_block", "wrong"),
    [
        ({"02": "b-01"}, "Grid b-01 lies in a, b."),
        ({"01": "a-02", "02": "a-01"}, "Grid a-01 is in 2 pieces."),
        ({"02": "a-03"}, "numbers of grids of community a is 1, 3"),
        ({"02": "a-2"}, "Grid a-2 its code is not of {community}-{number:02}."),
        ({"02": "b-02"}, "Grid b-02 its code"),
        ({"02": "x"}, "Grid x its code"),
    ],
)
def test_every_grid_lies_in_one_community_and_is_coded_after_it(
    said: Said, town: Town, tmp_path: Path, of_block: dict[str, str], wrong: str
) -> None:
    """In one piece, with the key of its community, and numbers from 1 without a gap."""
    changed = OF_BLOCK | of_block
    write_grids(tmp_path, town, changed, freed="a-02 a-03 a-2 b-02 x")
    told = [text for text in said(tmp_path) if "exception" not in text]
    assert any(wrong in text for text in told), told


def test_numbers_have_no_zeros_where_none_are_asked_for(said: Said, town: Town, tmp_path: Path) -> None:
    """A code without a width is the bare number."""
    bare = {key: code.replace("-0", "-") for key, code in OF_BLOCK.items()}
    write_grids(tmp_path, town, bare, freed="a-2")
    assert said(tmp_path, code="{community}-{number}") == []
    assert len(said(tmp_path)) == 3


def edit(path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    change(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)


@pytest.mark.parametrize(
    ("file", "change", "wrong"),
    [
        ("grids.csv", lambda t: t.iloc[1:], "list of blocks is 00;"),
        ("grids.csv", lambda t: pd.concat([t, t.iloc[:1]]), "list of blocks is a block twice;"),
        ("grids.csv", lambda t: t.drop(columns="grid"), "no column grid"),
        ("grid_list.csv", lambda t: t.iloc[1:], "list of grids is a-01;"),
        ("grid_list.csv", lambda t: pd.concat([t, t.iloc[:1]]), "list of grids is a grid twice;"),
        ("grid_list.csv", lambda t: t.drop(columns="households"), "no column households"),
        ("grid_list.csv", lambda t: t.assign(community_id=["b", "a", "b"]), "community of a-01 is b;"),
        ("grid_list.csv", lambda t: t.assign(n_blocks=["2", "1", "3"]), "n_blocks of b-01 is 3;"),
        ("grid_list.csv", lambda t: t.assign(grid_workers=["2", "3", "1"]), "grid_workers of b-01 is 1;"),
        ("grid_list.csv", lambda t: t.assign(people=["6001", "3000", "6000"]), "people of a-01 is 6001;"),
        ("grid_list.csv", lambda t: t.assign(continues_id=["s", "", ""]), "continues_id is s;"),
    ],
)
def test_lists_are_counted_again(
    said: Said, town: Town, tmp_path: Path, file: str, change: Callable[[pd.DataFrame], pd.DataFrame], wrong: str
) -> None:
    """Every block and grid once, with its community, sums, posts, and nothing continued where nothing is."""
    write_grids(tmp_path, town, OF_BLOCK)
    edit(tmp_path / file, change)
    told = said(tmp_path)
    assert any(wrong in text for text in told), told


@pytest.mark.parametrize(
    ("key", "value"), [("count", 2), ("workers", 7), ("exceptions", []), ("exceptions", [{"grid": "a-01"}])]
)
def test_the_report_tells_the_same(said: Said, town: Town, tmp_path: Path, key: str, value: object) -> None:
    """Number of grids, posts and exceptions are those of the list."""
    write_grids(tmp_path, town, OF_BLOCK)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    report["grids"][key] = value
    (tmp_path / "report.json").write_text(json.dumps(report), encoding="utf-8")
    (told,) = said(tmp_path)
    assert told.startswith(f"report.json: grids.{key} is")


@pytest.mark.parametrize(
    ("grid", "shape", "wrong"),
    [
        ("a-02", square(230, -10, 120, 120), []),
        ("a-02", square(230, -10, 131, 120), ["a-02 and b-01 share, m² is 1320.0"]),
        ("a-01", square(-10, -10, 179, 120), ["blocks outside their grid is 01;"]),
        ("a-01", square(-10, -10, 181, 120), []),
        ("a-02", square(2300, 0), ["blocks outside their grid is 02;"]),
        ("a-02", shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), ["its polygons is 3"]),
    ],
)
def test_polygons_hold_their_blocks_and_share_nothing(
    said: Said, town: Town, tmp_path: Path, grid: str, shape: shapely.Geometry, wrong: list[str]
) -> None:
    """Each holds half of every block of its grid at least, and no two share more than 1 m²."""
    write_grids(tmp_path, town, OF_BLOCK)
    layer = gpd.read_file(tmp_path / "communities.gpkg", layer="grids")
    moved = [shape if code == grid else old for code, old in zip(layer["grid"], layer.geometry, strict=True)]
    layer.set_geometry(moved, crs=CRS).to_file(tmp_path / "communities.gpkg", layer="grids")
    told = said(tmp_path)
    assert len(told) == len(wrong), told
    assert all(part in text for part, text in zip(wrong, told, strict=True)), told


@pytest.mark.parametrize("wrong", [{}, {"a-01": "t"}, {"b-01": ""}, {"a-02": "u"}])
def test_what_a_grid_continues_is_looked_up(said: Said, town: Town, tmp_path: Path, wrong: dict[str, str]) -> None:
    """Blocks go to the grid of today that covers most of them; a grid continues what most of its households are of.

    Of today's, s covers block 00 and 20 m of 01, t the rest of 01; u covers 03; 02 lies in none.
    Grid a-01 is half of s, half of t: the first by key counts.
    """
    shapes = {"t": square(140, 0, 80, 100), "s": square(0, 0, 140, 100), "u": square(360, 0)}
    path = tmp_path / "today.gpkg"
    gpd.GeoDataFrame({"id": [*shapes]}, geometry=[*shapes.values()], crs=CRS).to_file(path)
    right = {"a-01": "s", "b-01": "u"}
    write_grids(tmp_path, town, OF_BLOCK, continues=right | wrong)
    told = said(tmp_path, today=GridSource(path=path, columns=GridColumns(id="id")))
    assert told == [
        f"grid_list.csv: {what} of {code} is {key or '-'}; the plan and the data give {right.get(code) or '-'}."
        for code, key in wrong.items()
        for what in ("continues_id", "continues_name")
    ]


def test_a_grid_without_households_continues_none(make_town: MakeTown, tmp_path: Path) -> None:
    """Whatever grid of today its blocks lie in."""
    lived_in = dict.fromkeys(("00", "01", "02"), 1000)
    town = make_town(cells("xxxxx", street_m=20), households=lived_in, people=3000)
    path = tmp_path / "today.gpkg"
    gpd.GeoDataFrame({"id": ["u"]}, geometry=[square(360, 0)], crs=CRS).to_file(path)
    write_grids(tmp_path, town, OF_BLOCK, freed="a-02 b-01")
    scenario = with_grids(town, today=GridSource(path=path, columns=GridColumns(id="id"))).scenario
    ground = read_ground(scenario)
    case = Case(scenario, ground, assign(ground, town.plan(PLAN)), frozenset())
    assert judge_grids(case, tmp_path).violations == ()
