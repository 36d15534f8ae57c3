"""Outlines and lines cut into the straight pieces that the judge looks from."""

import numpy as np
import pytest
import shapely

from redistrict.judge.looks import Looks, cut_edges, cut_straight, find_repeated, trace_edges

from .towns import line, square

SQUARE, RING = square(0, 0, 20, 20), square(100, 0, 20, 20) - square(107, 7, 6, 6)


def test_lines_are_cut_where_they_turn() -> None:
    """Nothing runs from the end of a line, or of a part of it, to the next; a point given twice is one."""
    first = line((0, 0), (3, 4), (3, 4), (3, 10))
    second = shapely.union_all([line((50, 0), (51, 0)), line((60, 0), (62, 0))])
    ends, of_line = cut_straight(np.array([first, second], dtype=object))
    assert np.hypot(*(ends[:, 1] - ends[:, 0]).T).tolist() == [5, 6, 1, 2]
    assert of_line.tolist() == [0, 0, 1, 1]


def test_edges_are_those_of_outlines_and_holes() -> None:
    """Nothing runs from one to the next; each block's begin where the last one's end."""
    edges = trace_edges(np.array([SQUARE, RING, SQUARE], dtype=object))
    assert edges.first.tolist() == [0, 4, 12, 16]
    assert edges.length.tolist() == [20] * 8 + [6] * 4 + [20] * 4


@pytest.mark.parametrize(("step_m", "n"), [(20, 1), (10, 2), (9, 3)])
def test_pieces_make_up_their_edge(step_m: float, n: int) -> None:
    """All are alike, and none is longer than a step."""
    edges = trace_edges(np.array([SQUARE], dtype=object))
    pair, middle, _, piece_m = cut_edges(edges, np.array([7]), np.array([2]), step_m)
    assert pair.tolist() == [7] * n
    assert piece_m == pytest.approx([20 / n] * n)
    assert middle.mean(axis=0) == pytest.approx((edges.start[2] + edges.end[2]) / 2)


def test_a_point_seen_again_is_repeated() -> None:
    """By looks of the same pair, to the decimetre; the first that sees it counts."""
    end = np.array([[0, 0], [0, 0.04], [0, 0.2], [0, 0]])
    looks = Looks(np.array([7, 7, 7, 8]), start=end + 5, end=end, normal=end, piece_m=np.ones(4))
    assert find_repeated(looks).tolist() == [False, True, False, False]
