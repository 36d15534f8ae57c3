"""Totals rows of office tables: left out where they are the sum, by engine and judge alike."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.geo.totals import without_totals
from redistrict.judge.totals import leave_out_totals
from redistrict.messages import Message

KEYS = st.sampled_from(
    ["a", "b", "c", "", None, "合计", "小计", "Total:", "总 计", "全市合计：", "一二三四五六七总计", ":"]
)
ROWS = st.lists(st.tuples(KEYS, st.integers(0, 2), st.one_of(st.none(), st.integers(0, 2))), max_size=8)


def _both(rows: list[tuple[str | None, int, int | None]]) -> tuple[list[int], list[Message], list[Message]]:
    """Give the rows that stay, and what the engine says; the judge keeps the same."""
    table = pd.DataFrame(rows, columns=["key", "h", "p"]).assign(at=range(len(rows)))
    problems, notes = list[Message](), list[Message]()
    kept = without_totals(table, "key", ("h", "p"), "data.x", problems, notes)
    assert kept["at"].tolist() == leave_out_totals(table, "key", ("h", "p"))["at"].tolist()
    return kept["at"].tolist(), problems, notes


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([("a", 1, 2), ("b", 3, 4), ("合计", 4, 6)], [0, 1]),
        ([("a", 1, 2), ("b", 3, 4), (None, 4, None)], [0, 1]),
        ([("a", 1, 2), ("小计", 1, 2), ("b", 3, 4), ("小计", 3, 4), ("总计", 4, 6)], [0, 2]),
        ([("a", 1, 2), ("b", 3, 4), ("", 5, 6)], [0, 1, 2]),
        ([("合计", 4, 8), ("a", 1, 2), ("b", 3, 6)], [1, 2]),
        ([("2028年小计", 1, 2), ("a", 1, 2), ("小计", 3, 6), ("b", 3, 6)], [1, 3]),
        (
            [(word, n, n) for word, n in [("a", 1), *[("小计", 1)] * 2, ("b", 2), ("小计", 2), ("合计", 3), ("c", 4)]]
            + [("小计", 4, 4), ("总计", 7, 7)],
            [0, 3, 6],
        ),
        ([("a", 1, 2), ("小计", 3, 6), ("b", 1, 2), ("c", 2, 4)], [0, 2, 3]),
        ([("", 4, 6), ("a", 4, 6)], [0, 1]),
        ([("a", 0, 0), ("", 0, 0)], [0, 1]),
        ([("a", 1, 2), ("b", 3, 4), ("c", 5, 6), ("", 8, 10)], [0, 1, 2, 3]),
    ],
)
def test_a_row_of_sums_is_left_out(rows: list[tuple[str | None, int, int | None]], kept: list[int]) -> None:
    """A row without a key, or called a total, goes where its numbers are a sum above or below; others stay."""
    found, _, notes = _both(rows)
    assert found == kept
    assert len(notes) == (len(kept) < len(rows))


def test_a_wrong_total_is_a_problem() -> None:
    """A row that is called a total and is none is named."""
    _, problems, _ = _both([("a", 1, 2), ("合计", 2, 2)])
    assert [problem.en for problem in problems] == [
        "data.x: rows 1 (合计) are called totals, but are not the sum of the rows above or below; mend or delete them."
    ]


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_engine_and_judge_leave_out_the_same(rows: list[tuple[str | None, int, int | None]]) -> None:
    """Of any small table both keep the same rows, and every row with a key of its own."""
    kept, _, _ = _both(rows)
    assert {at for at, (key, _, _) in enumerate(rows) if key in ("a", "b", "c")} <= set(kept)
