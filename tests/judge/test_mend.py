"""The judge's own mending of blocks: whose ground is claimed twice, and what is counted once, by hand."""

import numpy as np
import pytest
import shapely

from redistrict.errors import DataError
from redistrict.judge.mend import mend

from .towns import square

Block = tuple[str, int, shapely.Geometry]


def mended(*blocks: Block) -> dict[str, tuple[int, int, float]]:
    """Give row, people and hectares of each block after mending."""
    ids, people, shapes = zip(*blocks, strict=True)
    found = mend(np.array(ids, dtype=object), {"people": np.array(people)}, np.array(shapes, dtype=object))
    hectares = (shapely.area(found.polygons) / 10_000).round(4).tolist()
    columns = (found.rows.tolist(), found.counts["people"].tolist(), hectares)
    return {ids[row]: (row, n, area) for row, n, area in zip(*columns, strict=True)}


@pytest.mark.parametrize(
    ("blocks", "after"),
    [
        ([("b", 1, square(0, 0)), ("a", 2, square(100, 0))], {"a": (1, 2, 1.0), "b": (0, 1, 1.0)}),
        ([("a", 5, square(0, 0)), ("a", 7, square(200, 0))], {"a": (0, 12, 2.0)}),  # parts of one key
        ([("a", 5, square(0, 0)), ("a", 5, square(200, 0))], {"a": (0, 5, 2.0)}),
        ([("b", 5, square(0, 0)), ("a", 5, square(0, 0))], {"a": (1, 5, 1.0)}),  # one ground under two keys
        ([("b", 5, square(0, 0)), ("a", 7, square(9, 0))], {"a": (1, 12, 1.09)}),
        ([("b", 5, square(0, 0)), ("a", 7, square(10, 0))], {"a": (1, 7, 1.0), "b": (0, 5, 0.1)}),
        ([("b", 5, square(0, 0)), ("a", 7, square(11, 0))], {"a": (1, 7, 1.0), "b": (0, 5, 0.11)}),
        (
            [("a", 1, square(0, 0)), ("b", 2, square(6, 0)), ("c", 4, square(12, 0)), ("d", 8, square(18, 0))],
            {"a": (0, 15, 1.18)},  # each on the ground of the next
        ),
    ],
)
def test_what_stands_on_one_ground_is_one_block(blocks: list[Block], after: dict[str, tuple[int, int, float]]) -> None:
    """More than nine tenths of the larger are one ground; counts that agree count once, others are added up."""
    assert mended(*blocks) == after


@pytest.mark.parametrize(
    ("blocks", "after"),
    [
        ([("a", 5, square(0, 0)), ("b", 7, square(80, 0))], {"a": (0, 5, 0.8), "b": (1, 7, 1.0)}),
        ([("a", 7, square(0, 0)), ("b", 7, square(80, 0))], {"a": (0, 7, 1.0), "b": (1, 7, 0.8)}),
        ([("a", 9, square(0, 0)), ("b", 1, square(20, 20, 50, 50))], {"a": (0, 9, 0.75), "b": (1, 1, 0.25)}),
        (
            [("a", 9, square(0, 0)), ("b", 5, square(20, 20, 50, 50)), ("c", 1, square(30, 30, 20, 20))],
            {"a": (0, 9, 0.75), "b": (1, 5, 0.21), "c": (2, 1, 0.04)},
        ),
        ([("a", 9, square(0, 0)), ("b", 1, square(55, 0, 50, 50))], {"a": (0, 9, 1.0), "b": (1, 1, 0.025)}),
        ([("a", 9, square(0, 0)), ("b", 1, square(54, 0, 50, 50))], {"a": (0, 9, 0.77), "b": (1, 1, 0.25)}),
        ([("a", 9, square(0, 0)), ("b", 1, square(99.991, 0))], {"a": (0, 9, 1.0), "b": (1, 1, 1.0)}),
        ([("a", 9, square(0, 0)), ("b", 1, square(99, 0))], {"a": (0, 9, 1.0), "b": (1, 1, 0.99)}),
    ],
)
def test_ground_claimed_twice_goes_to_one(blocks: list[Block], after: dict[str, tuple[int, int, float]]) -> None:
    """To the block of which nine tenths lie inside the other, else to more residents, else to the first key.

    What overlaps by less than a centimetre shares a border.
    """
    assert mended(*blocks) == after


def test_blocks_left_without_ground_go_unless_somebody_lives_there() -> None:
    """A block between two that claim all of it is gone with nobody, and refused with residents."""
    west, east, between = ("a", 9, square(0, 0)), ("b", 9, square(100, 0)), square(50, 0)
    assert mended(west, east, ("c", 0, between)) == {"a": (0, 9, 1.0), "b": (1, 9, 1.0)}
    with pytest.raises(DataError, match="Residents without ground: c"):
        mended(west, east, ("c", 1, between))
