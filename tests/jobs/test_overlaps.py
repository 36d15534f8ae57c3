"""Blocks drawn over each other by any width: check and run agree, and a plan that comes out is accepted."""

from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.geo.blocks import read_blocks
from redistrict.geo.graph import build_graph
from redistrict.geo.overlaps import part_overlaps
from redistrict.geo.roads import read_surroundings
from redistrict.jobs.check import check
from redistrict.judge.frontage import Survey
from redistrict.judge.ground import read_ground
from redistrict.scenario import Scenario, load_scenario

from .small_town import CRS, STEP_M, make_blocks, place, tell, with_block, write_scenario

KINDS = ("wider", "nested", "across", "turned", "all")


def _overlapping(kind: str, width_m: float, block: int) -> gpd.GeoDataFrame:
    """Give the town with blocks that overlap by this many metres.

    ::

        wider: one reaches into the next    nested: a small one in a large one    across: one over two or four
        turned: one is turned and grown     all: each reaches into the next
    """
    blocks, row, column = make_blocks(), *divmod(block, 4)
    shapes = blocks.geometry.to_numpy().copy()
    bounds = shapely.bounds(shapes)
    if kind == "nested":
        return with_block(blocks, place(column + 0.2, row + 0.2, min(60, 2 + width_m), 40))
    if kind == "across":
        shift = max(width_m, 12) / STEP_M  # with less they would be one block, drawn twice
        return with_block(blocks, place(min(column, 2) + shift, row + shift / 2))
    if kind == "turned":
        shapes[block] = shapely.affinity.rotate(shapely.affinity.scale(shapes[block], 1.5, 1.2), width_m)
    else:
        some = slice(None) if kind == "all" else block
        bounds[some, 2] += 20 + width_m
        shapes[some] = shapely.box(*bounds[some].T)
    return blocks.set_geometry(shapes, crs=CRS)


def _write(folder: Path, blocks: gpd.GeoDataFrame) -> Path:
    blocks.to_file(folder / "b.gpkg")
    return write_scenario(folder)


def _neighbours(scenario: Scenario) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Give the pairs of neighbours as the engine sees them, and as the judge does."""
    blocks, ground = read_blocks(scenario.data), read_ground(scenario)
    graph = build_graph(blocks, read_surroundings(scenario.data, blocks.crs), scenario.contiguity)
    survey = Survey(ground, scenario.contiguity)
    facing = survey.pairs[survey.are_neighbours(np.arange(len(survey.pairs)), close_by=False)]
    ours = {(blocks.ids[i], blocks.ids[j]) for i, j in graph.edges}
    return ours, {(min(pair), max(pair)) for pair in ground.ids[facing].tolist()}


@settings(max_examples=10)
@given(
    kind=st.sampled_from(KINDS),
    width_m=st.one_of(st.floats(0.01, 3), st.floats(3, 85)),
    block=st.integers(0, 14).filter(lambda n: n % 4 < 3),
)
def test_engine_and_judge_see_the_same_neighbours(kind: str, width_m: float, block: int) -> None:
    """At any width of overlap the judge accepts every pair the engine joins, and no block is left alone."""
    with TemporaryDirectory() as folder:
        scenario = load_scenario(_write(Path(folder), _overlapping(kind, width_m, block)))
        report = check(scenario)
        ours, theirs = _neighbours(scenario)
    assert ours <= theirs
    assert {block for pair in ours for block in pair} == {block for pair in theirs for block in pair}
    assert report.ok


@pytest.mark.parametrize(("kind", "width_m"), [("wider", 1.2), ("nested", 30), ("across", 55)])
def test_a_town_with_overlaps_is_delivered(tmp_path: Path, kind: str, width_m: float) -> None:
    """Whatever lies over what: check says it, run says it, and the judge accepts the plan."""
    scenario = _write(tmp_path, _overlapping(kind, width_m, 5))
    for words in (("check", scenario), ("run", scenario, "--out", tmp_path / "out")):
        code, told = tell(*words)
        assert code == 0, told
        assert "pairs of blocks lie on each other" in told
    assert tell("verify", tmp_path / "out")[0] == 0


def test_blocks_that_hardly_overlap_stay_as_they_are_drawn() -> None:
    """Up to half a metre nothing is moved, beyond it the larger block gives way."""
    for width_m, moved in ((0.4, False), (0.6, True)):
        shapes = np.array([shapely.box(0, 0, 100, 100), shapely.box(100 - width_m, 0, 150, 100)])
        parted = part_overlaps(shapes)
        assert shapely.equals(parted, shapes).all() != moved
        assert shapely.area(parted[0]) == pytest.approx(10_000 - 100 * width_m * moved)
