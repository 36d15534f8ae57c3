"""How much ground two blocks share half way between them, on looks drawn by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from redistrict.judge.between import measure_half_way
from redistrict.judge.looks import Looks

Place = tuple[float, float]


def half_way(*pairs: Sequence[tuple[Place, Place]], piece_m: float = 2.0) -> list[float]:
    """Give the metres of each pair of blocks from where its looks start and end."""
    pair = [n for n, looks in enumerate(pairs) for _ in looks]
    ends = np.array([look for looks in pairs for look in looks], dtype=float).reshape(-1, 2, 2)
    size = len(pair)
    looks = Looks(np.array(pair, dtype=np.intp), ends[:, 0], ends[:, 1], np.zeros((size, 2)), np.full(size, piece_m))
    return measure_half_way(looks, len(pairs)).tolist()


@pytest.mark.parametrize(
    ("looks", "metres"),
    [
        ([((0, 0), (0, 10))], 2),  # one piece is as long as it is
        ([((0, 0), (0, 10)), ((2, 0), (2, 10)), ((4, 0), (4, 10))], 6),
        ([((0, 0), (0, 10)), ((3, 4), (3, 14))], 7),
        ([((0, 0), (0, 10)), ((4, 0), (0, 10))], 4),  # a fan from a corner: half of what the other end sees
        ([], 0),
    ],
)
def test_metres_half_way_are_those_of_whole_pieces(looks: list[tuple[Place, Place]], metres: float) -> None:
    """From middle to middle of the outermost pieces, and half a piece beyond either."""
    assert half_way(looks) == [metres]


def test_each_pair_is_measured_by_itself() -> None:
    """Looks of another pair count for nothing."""
    assert half_way([((0, 0), (0, 10))], [((50, 0), (50, 10)), ((58, 0), (58, 10))], []) == [2, 10, 0]
