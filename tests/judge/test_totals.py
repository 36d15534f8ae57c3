"""Rows of a table that only sum up others: which the judge leaves out, and which it keeps."""

import pandas as pd
import pytest

from redistrict.judge.totals import leave_out_totals

Row = tuple[object, object]


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([("a", 5), ("b", 7), ("合计", 12)], ["a", "b"]),
        ([("Total:", 12), ("a", 5), ("b", 7)], ["a", "b"]),
        ([("a", 5), ("小计", 5), ("b", 7), ("小计", 7), ("总计", 12)], ["a", "b"]),
        ([("a", 5), ("b", 7), ("合计", 13)], ["a", "b", "合计"]),
        ([("a", 5), ("b", 7), (None, 12)], ["a", "b"]),
        ([("a", 5), ("b", 7), (None, 13)], ["a", "b", None]),
        ([("a", 5), ("b", 7)], ["a", "b"]),
    ],
)
def test_rows_that_sum_up_others_are_left_out(rows: list[Row], kept: list[object]) -> None:
    """Called so, or without a key, and only where the sum is right; what is left is numbered anew, and is no wider."""
    table = pd.DataFrame(rows, columns=["id", "households"])
    found = leave_out_totals(table, "id", ["households", None])
    assert found["id"].astype(object).where(found["id"].notna(), None).tolist() == kept
    assert (found.index.tolist(), [*found.columns]) == ([*range(len(kept))], ["id", "households"])
