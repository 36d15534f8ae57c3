"""Overlaps: what is drawn twice, what is an outline of others, and what lies on its neighbour."""

import numpy as np
import shapely

from redistrict.geo.overlaps import check_overlaps
from redistrict.messages import Message
from tests.geo.drawing import box


def _told(shapes: dict[str, shapely.Geometry]) -> tuple[list[str], list[str]]:
    """Give problems and notes, without what to do."""
    problems: list[Message] = []
    notes = check_overlaps(np.array([*shapes.values()]), np.array([*shapes], dtype=object), problems)
    return [one.en.split(";")[0] for one in problems], [one.en.split(";")[0] for one in notes]


def test_each_overlap_is_told_as_one_thing() -> None:
    """A twin, an outline with what it covers, and an overlap of neighbours are told once each, the largest first."""
    twins = {"a": box(0, 0), "b": box(1, 0)}
    held = {"city": box(1000, 0, 300, 100), **{name: box(1005 + 95 * n, 5, 90, 90) for n, name in enumerate("cde")}}
    beside = {"f": box(2000, 0), "g": box(2090, 0, 90), "h": box(2175, 0, 80)}
    assert _told(twins | held | beside) == (
        [
            "data.blocks: 1 pairs of blocks are drawn on the same ground: a = b",
            "data.blocks: city covers 3 other blocks: c, d, e",
        ],
        ["data.blocks: 2 pairs of blocks lie on each other: g on f (1,000 m²), h on g (500 m²)"],
    )


def test_blocks_that_overlap_by_a_hair_touch() -> None:
    """Up to half a metre is how neighbours are drawn; more is told."""
    assert _told({"a": box(0, 0), "b": box(99.6, 0)}) == ([], [])
    assert _told({"a": box(0, 0), "b": box(99.4, 0)})[1] != []
