"""Overlaps: what is drawn twice, what is an outline of others, and what lies on its neighbour."""

import numpy as np
import pytest
import shapely

from redistrict.geo.overlaps import HAIR_M, check_overlaps, count_pieces, settle_overlaps
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


def test_pairs_are_told_in_the_order_of_their_first_blocks() -> None:
    """A pair stands where its first block does, wherever its second one is."""
    twins = {"a": box(0, 0), "b": box(1000, 0), "c": box(1001, 0), "d": box(1, 0)}
    assert _told(twins)[0] == ["data.blocks: 2 pairs of blocks are drawn on the same ground: a = d, b = c"]


def test_blocks_that_overlap_by_a_hair_touch() -> None:
    """Up to half a metre is how neighbours are drawn; more is told."""
    assert _told({"a": box(0, 0), "b": box(99.6, 0)}) == ([], [])
    assert _told({"a": box(0, 0), "b": box(99.4, 0)})[1] != []


@pytest.mark.parametrize(("beyond_m", "is_outline"), [(10, False), (9, True)])
def test_an_outline_covers_more_than_nine_tenths_of_others(beyond_m: float, *, is_outline: bool) -> None:
    """Around three blocks of 100 m that stick out by a tenth it is a neighbour drawn over them; by less, an outline."""
    held = {name: box(1005 + 95 * n, -beyond_m, 90, 100) for n, name in enumerate("cde")}
    problems, notes = _told({"city": box(1000, 0, 300, 200)} | held)
    assert problems == (["data.blocks: city covers 3 other blocks: c, d, e"] if is_outline else [])
    assert bool(notes) != is_outline


def test_of_two_blocks_that_cross_one_lies_on_both_sides() -> None:
    """No ground is lost where either would cut the other in two: one stays whole, the other keeps both its ends."""
    settled = settle_overlaps(np.array([box(0, 40, 100, 20), box(40, 0, 20, 100)]))
    assert sorted(shapely.area(settled).tolist()) == [1_600, 2_000]
    assert sorted(shapely.get_num_geometries(settled).tolist()) == [1, 2]


def test_where_nothing_would_stay_of_the_larger_the_smaller_gives_way() -> None:
    """Of blocks drawn on the same ground the one with more of it stays, of twins the second; none is cut to crumbs."""
    shapes = np.array([box(0, 0, 100, 99.5), box(0, 0), box(500, 0), box(500, 0)])
    assert shapely.area(settle_overlaps(shapes)).tolist() == [0, 10_000, 0, 10_000]


def test_pieces_hang_together_by_more_than_a_hair() -> None:
    """A block is one piece, two squares joined by a hair are two, and a hair is none."""
    hair = box(100, 50, 10, HAIR_M / 2)
    shapes = np.array([box(0, 0), shapely.union_all([box(0, 0), hair, box(110, 0)]), hair])
    assert count_pieces(shapes).tolist() == [1, 2, 0]
