"""Counts of larger areas spread over blocks: sums hold, what is lost is said, and the judge shares out the same."""

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from redistrict.errors import DataError, ScenarioError
from redistrict.geo.blocks import Blocks, read_blocks
from redistrict.judge.ground import read_ground
from redistrict.scenario import Scenario, load_scenario

CRS = "EPSG:4547"
WEST, SOUTH = 500_000.0, 3_340_000.0
SCENARIO = """
name: tracts
data:
  blocks:
    path: blocks.gpkg
    columns: {id: id}
    spread: {path: tracts.gpkg, columns: {id: tract, households: hh, people: pop}}
"""


def make_town(
    folder: Path, tracts: list[tuple[float, float, int, int]], more: str = "", floor: list[float] | None = None
) -> Scenario:
    """Draw ten blocks of 100 m in a row, 20 m apart, and tracts from x to x (metres) with households and people."""
    folder.mkdir(exist_ok=True)
    lefts = WEST + 120.0 * np.arange(10)
    shapes = [box(x, SOUTH, x + 100, SOUTH + 100) for x in lefts]
    blocks = gpd.GeoDataFrame(
        {"id": [f"b{n}" for n in range(10)], "floor": floor or [1.0] * 10}, geometry=shapes, crs=CRS
    )
    blocks.to_file(folder / "blocks.gpkg")
    drawn = [box(WEST + west, SOUTH - 10, WEST + east, SOUTH + 110) for west, east, _, _ in tracts]
    counts = {
        "tract": [f"t{n}" for n in range(len(tracts))],
        "hh": [t[2] for t in tracts],
        "pop": [t[3] for t in tracts],
    }
    gpd.GeoDataFrame(counts, geometry=drawn, crs=CRS).to_file(folder / "tracts.gpkg")
    (folder / "s.yaml").write_text(SCENARIO + more, encoding="utf-8")
    return load_scenario(folder / "s.yaml")


def said(blocks: Blocks) -> str:
    return " ".join(note.en for note in blocks.notes)


def test_an_area_is_shared_by_ground(tmp_path: Path) -> None:
    """Four and a half blocks share 100 households; the largest fractions get what is left; streets are reported."""
    blocks = read_blocks(make_town(tmp_path, [(0, 530, 100, 301), (530, 1200, 55, 0)]).data)
    assert blocks.frame["households"].tolist() == [23, 22, 22, 22, 11 + 5, 10, 10, 10, 10, 10]
    assert blocks.frame["people"].tolist() == [67, 67, 67, 67, 33, 0, 0, 0, 0, 0]
    assert "counts of 2 areas are spread over the blocks; 30.6% of their ground lies in no block" in said(blocks)


def test_an_area_is_shared_by_a_column(tmp_path: Path) -> None:
    """By floor area, twice as much in one block; blocks with none get nobody, which has to be said."""
    floor = [1.0, 0.5, 0.5, 0.0, *[1.0] * 6]
    path = tmp_path / "town"
    by = make_town(path, [(0, 460, 100, 400), (460, 1200, 60, 60)], floor=floor)
    text = (path / "s.yaml").read_text("utf-8").replace("spread: {", "blanks: zero\n    spread: {by: floor, ")
    (path / "s.yaml").write_text(text, encoding="utf-8")
    blocks = read_blocks(load_scenario(path / "s.yaml").data)
    assert blocks.frame["households"].tolist() == [50, 25, 25, 0, *[10] * 6]
    assert "1 blocks get no count from any area: b3; they count as empty." in said(blocks)
    with pytest.raises(DataError, match="blanks: zero"):
        read_blocks(
            by.model_copy(
                update={"data": load_scenario(path / "s.yaml", overrides=["data.blocks.blanks=refuse"]).data}
            ).data
        )


@pytest.mark.parametrize("n", [60, 0])
def test_areas_over_blocks_without_weight_are_refused(tmp_path: Path, n: int) -> None:
    """Where all blocks of an area have 0 in the column, its residents would be lost; with none, nothing is said."""
    make_town(tmp_path, [(0, 590, 100, 400), (590, 1200, n, 0)], floor=[1.0] * 5 + [0.0] * 5)
    data = load_scenario(tmp_path / "s.yaml", overrides=["data.blocks.blanks=zero", "data.blocks.spread.by=floor"]).data
    if n:
        told = (
            r"all blocks in t1 have 0 in 'floor', so that their counts \(60 households, 0 people\) would go to nobody"
        )
        with pytest.raises(DataError, match=told):
            read_blocks(data)
    else:
        assert "reach no block" not in said(read_blocks(data))


def test_what_reaches_no_block_is_said(tmp_path: Path) -> None:
    """Areas off the blocks are named with what is lost; where none reaches any block, nothing is solved."""
    blocks = read_blocks(make_town(tmp_path / "a", [(0, 1200, 100, 300), (2000, 2100, 7, 20), (2200, 2300, 1, 2)]).data)
    assert blocks.frame["people"].sum() == 300
    assert "2 areas of tracts.gpkg reach no block and are left out (8 households, 22 people): t1, t2" in said(blocks)
    assert "their counts go to the blocks in the rest" not in said(blocks)
    with pytest.raises(DataError, match="Does the layer lie where the blocks lie"):
        read_blocks(make_town(tmp_path / "b", [(2000, 2100, 7, 21)]).data)


def test_areas_hardly_covered_are_named_with_what_lies_open(tmp_path: Path) -> None:
    """Of t1 a block covers 4,000 of 24,000 m²: 83 % lie open; of t0 more than half is covered."""
    blocks = read_blocks(make_town(tmp_path, [(0, 1120, 100, 300), (1140, 1340, 6, 18)]).data)
    (open_share,) = re.findall(r"blocks; (.*%) of their ground", said(blocks))
    assert any(f"其面积的 {open_share} 不在" in note.zh for note in blocks.notes)
    assert said(blocks).endswith("lies in no block (streets, water); most in t1 83%.")
    told = "their counts go to the blocks in the rest: t1 83% (6 households, 18 people); check whether"
    assert f"1 areas lie with more than 75% of their ground in no block, and all {told}" in said(blocks)
    half = read_blocks(make_town(tmp_path, [(0, 1120, 100, 300), (1120, 1220, 6, 18)]).data)
    assert said(half).endswith("lies in no block (streets, water).")
    assert "75%" not in said(half)
    tiny = read_blocks(make_town(tmp_path, [(0, 1120, 100, 300), (10, 10.004, 6, 18)]).data)
    assert said(tiny).endswith("lies in no block (streets, water).")


def test_blocks_that_lie_mostly_in_no_area_are_named(tmp_path: Path) -> None:
    """A block with less than three quarters of its ground in areas gets no count for the rest, which is said."""
    whole = (600.0, 1200.0, 50, 0)
    for edge, is_named in ((25.0, False), (30.0, True)):
        found = said(read_blocks(make_town(tmp_path, [(edge, 590, 90, 0), whole]).data))
        assert ("blocks lie with less than 75% of their ground in areas" in found) is is_named
    assert "1 blocks lie with less than 75% of their ground in areas, and get no count for the rest: b0 70%;" in found


@pytest.mark.parametrize(("n", "rows"), [(60, ""), (None, "1 of 2 areas: t1; fill it in. If that means that nobody")])
def test_an_area_without_a_count_is_refused_unless_blanks_are_zero(tmp_path: Path, n: int | None, rows: str) -> None:
    """What holds for the counts of blocks holds for those of areas."""
    scenario = make_town(tmp_path, [(0, 460, 100, 400), (460, 1200, 60, 60)])
    layer = gpd.read_file(tmp_path / "tracts.gpkg").assign(hh=[100, n])
    layer.to_file(tmp_path / "tracts.gpkg")
    if rows:
        with pytest.raises(DataError, match=rf"data.blocks.spread: 'hh' is empty for {rows}"):
            read_blocks(scenario.data)
    data = scenario.data.model_copy(update={"blocks": scenario.data.blocks.model_copy(update={"blanks": "zero"})})
    assert read_blocks(data).size.sum(axis=0).tolist() == [100 + (n or 0), 460]


def test_outlines_of_areas_are_not_repaired_in_silence(tmp_path: Path) -> None:
    """An area that crosses itself loses ground by the repair, and is named."""
    scenario = make_town(tmp_path, [(0, 580, 100, 400), (580, 1200, 60, 60)])
    layer = gpd.read_file(tmp_path / "tracts.gpkg")
    west, south, east, north = layer.geometry[0].bounds
    layer.loc[0, "geometry"] = Polygon([(west, south), (east, north), (east, south), (west, north)])
    layer.to_file(tmp_path / "tracts.gpkg")
    found = said(read_blocks(scenario.data))
    assert "data.blocks.spread: 1 areas had invalid outlines and were repaired" in found
    assert "largest change of area" in found


def test_overlapping_areas_are_said(tmp_path: Path) -> None:
    """Blocks in two areas get a share of each, and are named."""
    blocks = read_blocks(make_town(tmp_path, [(0, 1200, 100, 300), (0, 100, 10, 10)]).data)
    assert blocks.frame["households"].tolist() == [20, *[10] * 9]
    assert "1 blocks lie in areas that overlap, and get a share of each: b0" in said(blocks)


@pytest.mark.parametrize(
    ("tracts", "name", "totals"),
    [
        ([(0, 590, 60, 200), (590, 1200, 40, 100), (0, 1200, 100, 300)], "t2", "t2"),
        ([(0, 590, 60, 200), (590, 1200, 40, 100), (0, 1200, 99, 300)], "总计", "总计"),
        ([(0, 350, 6, 9), (350, 590, 4, 1), (0, 590, 10, 10), (590, 1200, 4, 1), (0, 1200, 14, 11)], "t4", "t2, t4"),
        ([(0, 590, 60, 200), (0, 590, 60, 200)], "t1", "t0"),
        ([(0, 590, 60, 200), (0, 1200, 90, 300)], "t1", ""),
        ([(0, 1200, 60, 200)], "合计", ""),
    ],
)
def test_areas_of_totals_are_refused(
    tmp_path: Path, tracts: list[tuple[float, float, int, int]], name: str, totals: str
) -> None:
    """An area called a total beside others, or with the sum of those it covers, is named; a lone one is spread."""
    make_town(tmp_path, tracts)
    layer = gpd.read_file(tmp_path / "tracts.gpkg")
    layer.loc[len(layer) - 1, "tract"] = name
    layer.to_file(tmp_path / "tracts.gpkg")
    data = load_scenario(tmp_path / "s.yaml", overrides=["data.blocks.blanks=zero"]).data
    if totals:
        with pytest.raises(DataError, match=f"areas {totals} are totals"):
            read_blocks(data)
    else:
        assert read_blocks(data).frame["households"].sum() == sum(households for _, _, households, _ in tracts)


def test_a_quantity_has_one_source(tmp_path: Path) -> None:
    """The same count in the layer and in the areas is refused, and so is mending."""
    make_town(tmp_path, [(0, 1200, 1, 1)])
    for change, words in (
        ("data.blocks.columns.people=floor", "stands in 'columns' and in 'spread.columns'"),
        ("data.repair=mend", "counts are spread"),
    ):
        with pytest.raises(ScenarioError, match=words):
            load_scenario(tmp_path / "s.yaml", overrides=[change])


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(st.integers(1, 1199), max_size=5, unique=True),
    sizes=st.lists(st.integers(0, 10**6), min_size=6, max_size=6),
    floor=st.lists(st.integers(1, 9), min_size=10, max_size=10),
)
def test_sums_hold_and_the_judge_agrees(tmp_path: Path, cuts: list[int], sizes: list[int], floor: list[int]) -> None:
    """Whatever the areas: each that reaches a block gives away its count to the last resident, twice alike."""
    ends = sorted([0, *cuts, 1200])
    tracts = [(west, east, n, 3 * n) for west, east, n in zip(ends, ends[1:], sizes, strict=False)]
    make_town(tmp_path, tracts, floor=[float(f) for f in floor])
    text = (tmp_path / "s.yaml").read_text("utf-8").replace("spread: {", "blanks: zero\n    spread: {by: floor, ")
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    scenario = load_scenario(tmp_path / "s.yaml")
    blocks = read_blocks(scenario.data)
    reaches = [any(120 * n < east and 120 * n + 100 > west for n in range(10)) for west, east, _, _ in tracts]
    assert blocks.frame["households"].sum() == sum(t[2] for t, inside in zip(tracts, reaches, strict=True) if inside)
    ground = read_ground(scenario)
    for name in ("households", "people"):
        assert ground.counts[name].tolist() == blocks.frame[name].tolist()  # type: ignore[index]
