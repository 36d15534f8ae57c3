"""Necks between neighbours: what hangs together widely by twos does so in any company."""

import networkx as nx
import numpy as np
import pytest
import shapely
from shapely import box

from redistrict.geo.necks import NECK_LEVELS_M, _fall_apart, erode, find_wide, measure_necks
from tests.geo.drawing import build_cells

NO_LINES = np.array([], dtype=object)
PAIR = np.array([[0, 1]], dtype=np.int32)
TOGETHER = np.zeros(2, dtype=np.int32)


@pytest.mark.parametrize(("width_m", "is_wide"), [(15, True), (19, True), (21, False), (30, False)])
def test_two_blocks_hang_together_by_the_border_they_share(width_m: float, is_wide: bool) -> None:
    """Of two squares, the one above is shifted, so that they share 20 m; both are wide enough themselves."""
    found = build_cells(np.array([box(0, 0, 100, 100), box(80, 100, 180, 200)]), NO_LINES, max_gap_m=0)
    wide, core = find_wide(found, PAIR, width_m)
    assert (wide.tolist(), core.tolist()) == ([is_wide], [True, True])


def test_a_strip_joins_only_with_the_ground_around_it() -> None:
    """A strip 20 m wide is none 30 m wide, but with half of the streets beside it it hangs together so widely."""
    strips = np.array([box(0, 0, 100, 100), box(120, 0, 140, 100), box(160, 0, 260, 100)])
    found = build_cells(strips, NO_LINES, max_gap_m=40)
    wide, core = find_wide(found, np.array([[0, 1], [1, 2]], dtype=np.int32), 30)
    assert (wide.tolist(), core.tolist()) == ([True, True], [True, False, True])
    assert not find_wide(found, PAIR, 50)[0].any()


@pytest.mark.parametrize("seed", range(12))
def test_blocks_joined_by_twos_stay_in_one_part_in_any_company(seed: int) -> None:
    """Whatever else is in a community: blocks over wide neighbours are in one part when half the width is taken off."""
    rng = np.random.default_rng(seed)
    shapes = np.array(
        [
            box(x, y, x + rng.uniform(20, 95), y + rng.uniform(20, 95))
            for x in range(0, 400, 100)
            for y in range(0, 400, 100)
        ]
    )
    ground, width_m, n_narrow = build_cells(shapes, NO_LINES, max_gap_m=60), 30.0, 0
    edges = ground.pairs.astype(np.int32)
    wide, core = find_wide(ground, edges, width_m)
    cores = erode(ground.blocks, width_m)
    for _ in range(40):
        row = rng.random(16) < rng.uniform(0.3, 0.9)
        parts = shapely.get_parts(erode(np.array([shapely.union_all(ground.shapes[row])]), width_m))
        graph = nx.Graph(edges[wide & row[edges].all(axis=1)].tolist())
        for joined in nx.connected_components(graph):
            held = [shapely.intersects(parts, cores[i]) for i in joined if core[i]]
            assert np.all(held, axis=0).any()
            n_narrow += len(parts) > 1
    assert n_narrow


@pytest.mark.parametrize(("shared_m", "neck_m"), [(1.5, 1.5), (15, 15.0), (40, 40.0), (70, np.nan)])
def test_the_neck_of_two_blocks_is_the_border_they_share(shared_m: float, neck_m: float) -> None:
    """Two squares, one shifted on the other, hang together by what they share; what is wider than 64 m is none."""
    squares = np.array([box(0, 0, 100, 100), box(100 - shared_m, 100, 200 - shared_m, 200)])
    found = measure_necks(np.array([shapely.union_all(squares)]), squares, TOGETHER == 0, TOGETHER, PAIR[:0])
    assert found == pytest.approx([neck_m], abs=0.1, nan_ok=True)


def test_a_neck_holds_blocks_where_people_live_that_are_as_wide() -> None:
    """Nobody's square, what a link joins, and a strip 3 m wide hang by no neck; two pieces hang by nothing."""
    squares = np.array([box(0, 0, 100, 100), box(90, 100, 190, 200)])
    whole, peopled = np.array([shapely.union_all(squares)]), np.array([True, True])
    assert np.isnan(measure_necks(whole, squares, np.array([True, False]), TOGETHER, PAIR[:0]))
    assert np.isnan(measure_necks(whole, squares, peopled, TOGETHER, PAIR))
    strip = np.array([squares[0], box(96, 100, 99, 200)])
    assert np.isnan(measure_necks(np.array([shapely.union_all(strip)]), strip, peopled, TOGETHER, PAIR[:0]))
    apart = np.array([squares[0], box(300, 0, 400, 100)])
    assert measure_necks(np.array([shapely.union_all(apart)]), apart, peopled, TOGETHER, PAIR[:0]) == [0.0]


@pytest.mark.parametrize("seed", range(4))
def test_necks_are_the_first_widths_at_which_outlines_fall_apart(seed: int) -> None:
    """On random ground the widths are those of trying one width after the other, below every level."""
    rng = np.random.default_rng(seed)
    shapes = np.array(
        [
            box(x, y, x + rng.uniform(5, 95), y + rng.uniform(5, 95))
            for x in range(0, 400, 100)
            for y in range(0, 400, 100)
        ]
    )
    ground, peopled = build_cells(shapes, NO_LINES, max_gap_m=60), rng.random(16) < 0.8
    assignment = rng.integers(0, 3, 16).astype(np.int32)
    outlines = np.array([shapely.union_all(ground.shapes[assignment == c]) for c in range(3)])
    found = measure_necks(outlines, ground.blocks, peopled, assignment, PAIR[:0])
    for c, outline in enumerate(outlines):
        own = ground.blocks[peopled & (assignment == c)]
        tried = [
            width_m
            for level_m in NECK_LEVELS_M
            for width_m in np.arange(0.5, level_m + 0.5, 0.5)
            if _count_parts(outline, width_m, erode(own, level_m)) > 1
        ]
        assert found[c] == pytest.approx(min(tried, default=np.nan) - 0.25, abs=0.31, nan_ok=True)


def _count_parts(outline: shapely.Geometry, width_m: float, cores: np.ndarray) -> int:
    parts = shapely.get_parts(erode(outline, width_m))
    return sum(bool(shapely.intersects(part, cores).any()) for part in parts)


@pytest.mark.parametrize("tied", [0, 1])
def test_a_link_to_a_block_that_is_gone_joins_nothing(tied: int) -> None:
    """Two squares and a thin strip between them, where the third block lies, fall apart though one is linked to it."""
    outline = shapely.union_all([box(0, 0, 100, 100), box(100, 45, 150, 55), box(150, 0, 250, 100)])
    points = shapely.points([(50, 50), (200, 50), (125, 50)])
    assert _fall_apart(outline, 20, points, np.array([[tied, 2]]))
    assert not _fall_apart(outline, 20, points, np.array([[0, 1]]))
    assert not _fall_apart(outline, 5, points, np.array([[tied, 2]]))
