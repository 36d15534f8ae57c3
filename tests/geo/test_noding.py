"""Noding half by half gives what noding all at once does."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from redistrict.geo import noding
from redistrict.geo.rays import GRID_M, line_segments

Shapes = NDArray[np.object_]


def _draw_lines(seed: int) -> Shapes:
    """Draw blocks whose borders touch, miss each other by a hair or cross, and roads from end to end."""
    rng = np.random.default_rng(seed)
    x, y = np.divmod(np.arange(48), 4)
    off_m = rng.choice([0, 0.0004, -0.0007, 3, 17.3], (4, len(x)))
    blocks = shapely.box(x * 90 + off_m[0], y * 70 + off_m[1], x * 90 + 90 - off_m[2], y * 70 + 70 - off_m[3])
    ends = rng.uniform([0, 0], [1080, 280], (6, 2, 2))
    return np.append(shapely.boundary(shapely.set_precision(blocks, GRID_M)), shapely.linestrings(ends))


def _list_pieces(lines: Shapes) -> list[tuple[float, ...]]:
    """Give all straight pieces, western ends first."""
    _, a, b = line_segments(lines)
    return sorted((*min(one, two), *max(one, two)) for one, two in zip(a.tolist(), b.tolist(), strict=True))


@settings(max_examples=60)
@given(seed=st.integers(0, 100_000))
def test_halves_are_noded_as_the_whole(seed: int) -> None:
    """Both ways the same straight pieces come out, none twice, or the halves say that they do not agree."""
    lines = _draw_lines(seed)
    halves = noding._node_halves(shapely.get_parts(lines))
    if halves is not None:
        assert _list_pieces(halves) == _list_pieces(noding._node(lines))


def test_most_halves_agree() -> None:
    """Long roads that cross far from the middle are no reason to node all at once."""
    assert sum(noding._node_halves(shapely.get_parts(_draw_lines(seed))) is not None for seed in range(20)) >= 15


def test_where_halves_disagree_all_is_noded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A road cut far out on both sides is known whole to neither half."""
    monkeypatch.setattr(noding, "_AT_ONCE", 1)
    monkeypatch.setattr(noding, "_MARGIN_M", 1.0)
    sides = [[(x, y), (x, y + 100)] for x, y in ((100, -50), (400, 50), (500, 50), (900, -50))]
    lines = shapely.linestrings([[(0, 0), (1000, 30)], *sides])
    assert noding._node_halves(lines) is None
    assert _list_pieces(noding.node_lines(lines)) == _list_pieces(noding._node(lines))


def test_roads_that_one_half_knows_in_part_come_in_one_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two roads across the middle one is cut in the west, where only that half knows it: the halves agree."""
    monkeypatch.setattr(noding, "_MARGIN_M", 1.0)
    roads = [[(0, 0), (1000, 100)], [(0, 20), (1000, 30)], [(450, 40), (450, 50)]]
    far_off = [[(x, 500), (x, 600)] for x in (500, 510, 520, 530)]
    halves = noding._node_halves(shapely.linestrings([*roads, *far_off]))
    assert halves is not None
    assert _list_pieces(halves) == _list_pieces(noding._node(shapely.linestrings([*roads, *far_off])))
