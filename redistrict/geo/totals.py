"""Totals: rows of an office table that sum up those above or below, left out where their numbers are that sum."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from redistrict.geo.alike import fold
from redistrict.geo.tables import as_numbers, as_text
from redistrict.messages import Message, list_of, name_some

_TOTAL = re.compile(r".{0,6}(?:合计|总计|小计|共计|累计|总和):?|(?:sub|grand)?totals?:?|sum:?")


def is_called_total(name: str) -> bool:
    """Tell if a name is a word for totals, such as 合计 or Subtotal."""
    return _TOTAL.fullmatch(fold(name)) is not None


def without_totals(
    rows: pd.DataFrame,
    key_column: str,
    counted: Sequence[str | None],
    where: str,
    problems: list[Message],
    notes: list[Message],
) -> pd.DataFrame:
    """Give the rows that are no totals.

    A row is one where its key is a word for that and each of its numbers is the sum of the rows that end just above it,
    from the top or any total before, or of those that begin just below it, up to any total after or the end. A row
    with an empty key is one as well where its numbers are the sum of all rows above or of those since the total before.

    Parameters
    ----------
    counted : sequence of str or None
        Columns of numbers; none entries are skipped.
    where : str
        The scenario's key of the table, for messages.
    problems, notes : list of Message
        Rows that are called totals and are not are added to `problems`, what is left out to `notes`.
    """
    names = [name for name in counted if name is not None]
    keys = as_text(rows[key_column])
    called = np.array([is_called_total(key) for key in keys], dtype=bool)
    maybe = called | np.array([fold(key) == "" for key in keys], dtype=bool)
    if not maybe.any() or maybe.all() or not names:
        return rows
    numbers = np.column_stack([as_numbers(rows[name]) for name in names])
    is_total = _find_sums(numbers, maybe, called)
    number_of = rows.index.tolist()
    wrong = np.flatnonzero(called & ~is_total & (np.nan_to_num(numbers) > 0).any(axis=1)).tolist()
    if wrong:
        named = name_some([f"{number_of[n]} ({keys[n]})" for n in wrong])
        problems.append(
            Message(
                f"{where}: rows {named.en} are called totals, but are not the sum of the rows above or below; "
                "mend or delete them.",
                f"{where}：第 {named.zh} 行名为合计，但与其上或其下各行之和不符；请更正或删除。",
            )
        )
    if is_total.any():
        left = [f"{number_of[n]} ({keys[n] or '-'})" for n in np.flatnonzero(is_total).tolist()]
        named, columns = name_some(left), list_of(f"'{name}'" for name in names)
        notes.append(
            Message(
                f"{where}: rows {named.en} are the sum of the rows above or below ({columns.en}) and are left out "
                "as totals.",
                f"{where}：第 {named.zh} 行是其上或其下各行之和（{columns.zh}），视为合计行，未计入。",
            )
        )
    return rows[~is_total]


def _find_sums(numbers: NDArray[np.float64], maybe: NDArray[np.bool_], called: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which of the rows that may be totals hold the sum of rows beside them."""
    n_above = np.concatenate([[0], np.cumsum(~maybe)])
    own = np.where(maybe[:, None], 0.0, np.nan_to_num(numbers))
    above = np.vstack([np.zeros(numbers.shape[1]), np.cumsum(own, axis=0)])
    ends = np.array([0, *np.flatnonzero(maybe), len(numbers)])
    is_sum = np.zeros(len(numbers), dtype=bool)
    for n, row in enumerate(ends[1:-1].tolist()):
        given = np.isfinite(numbers[row])
        others = ends if called[row] else ends[[0, n]]
        same = (np.abs(above[others] - above[row])[:, given] == numbers[row][given]).all(axis=1)
        has_rows = n_above[others] != n_above[row]
        is_sum[row] = bool((numbers[row][given] > 0).any()) and bool((same & has_rows).any())
    return is_sum
