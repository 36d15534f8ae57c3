"""Mend: blocks put right by rule, and what no rule puts right."""

import numpy as np
import pandas as pd
import pytest

from redistrict.geo.mend import mend_blocks
from redistrict.messages import Message
from tests.geo.drawing import box


@pytest.mark.parametrize(
    ("districts", "refused"),
    [
        (["east", "east", "west"], []),
        (["east", "west", "west"], ["data.repair: shapes of one key differ in data.blocks.columns.district: a;"]),
    ],
)
def test_shapes_of_one_key_lie_in_one_district(districts: list[str], refused: list[str]) -> None:
    """Of a, drawn in two shapes, the counts are added up; two shapes in two districts are no block of either."""
    table = pd.DataFrame({"block_id": ["a", "a", "b"], "district": districts, "name": "", "community": ""})
    table["households"] = [10, 20, 30]
    problems: list[Message] = []
    mended = mend_blocks(table, np.array([box(0, 0), box(100, 0), box(200, 0)]), ["households"], problems)
    assert mended.table["households"].tolist() == [30, 30]
    assert list(mended.table.columns) == list(table.columns)
    assert [problem.en.split(" make")[0] for problem in problems] == refused


@pytest.mark.parametrize(
    ("people", "united"), [([20, 20, 60], [[10, 20], [30, 60]]), ([20, 21, 60], [[20, 41], [30, 60]])]
)
def test_counts_that_all_shapes_state_alike_count_once(people: list[int], united: list[list[int]]) -> None:
    """Both households and people: where either differs each shape has its own, and both are added up."""
    table = pd.DataFrame({"block_id": ["a", "a", "b"], "district": "", "name": "", "community": ""})
    table["households"], table["people"] = [10, 10, 30], people
    mended = mend_blocks(table, np.array([box(0, 0), box(100, 0), box(200, 0)]), ["households", "people"], [])
    assert mended.table[["households", "people"]].to_numpy().tolist() == united
