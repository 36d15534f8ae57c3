"""Totals: rows of a table that only sum up others, and empty rows, which the judge leaves out by itself."""

import math
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CHINESE = ("合计", "总计", "小计", "共计", "累计", "总和")
ENGLISH = ("total", "totals", "grandtotal", "grandtotals", "subtotal", "subtotals", "sum")
MOST_BEFORE = 6  # characters, as in 全市合计

Sums = tuple[int, list[float]]


def leave_out_totals(table: pd.DataFrame, key: str, names: Iterable[str | None]) -> pd.DataFrame:
    """Leave out rows called totals whose numbers sum up the rows up to them, or from them on; and rows without a key.

    These only where they sum up all rows before, or those since the last row of either kind.
    """
    words = [_plain(value) for value in table[key]]
    called = [_is_total(word) for word in words]
    columns = [_numbers(table[name]) for name in names if name]
    if not any(called) or not columns:
        return table
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    runs: list[list[Sequence[float]]] = [[]]
    for row, is_called in zip(rows, called, strict=True):
        if is_called:
            runs.append([])
        else:
            runs[-1].append(row)
    sums = [_add(run, len(columns)) for run in runs]
    before = list(accumulate(sums, _join))
    kept, n_runs = [], 0
    for at, row in enumerate(rows):
        if not called[at]:
            kept.append(at)
            continue
        up, down = (sums[n_runs::-1], sums[n_runs + 1 :]) if words[at] else (sums[n_runs : n_runs + 1], [])
        found = chain(before[n_runs : n_runs + 1], accumulate(up, _join), accumulate(down, _join))
        kept += [] if any(n and _is_sum(row, held) for n, held in found) else [at]
        n_runs += 1
    return table.iloc[kept].reset_index(drop=True)


def _add(run: Sequence[Sequence[float]], n_columns: int) -> Sums:
    """Give how many rows there are, and the sum of each column, where what is no number counts nothing."""
    return len(run), [sum(row[c] for row in run if not math.isnan(row[c])) for c in range(n_columns)]


def _join(one: Sums, other: Sums) -> Sums:
    return one[0] + other[0], [a + b for a, b in zip(one[1], other[1], strict=True)]


def _is_total(word: str) -> bool:
    bare = word.removesuffix(":")
    return word == "" or bare in ENGLISH or (bare.endswith(CHINESE) and len(bare) <= MOST_BEFORE + 2)


def _is_sum(row: Sequence[float], sums: Sequence[float]) -> bool:
    pairs = [(value, held) for value, held in zip(row, sums, strict=True) if not math.isnan(value)]
    return any(value > 0 for value, _ in pairs) and all(value == held for value, held in pairs)


def _numbers(values: "pd.Series[Any]") -> NDArray[np.float64]:
    found: NDArray[np.float64] = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return found


def _plain(value: object) -> str:
    if value is None or value is pd.NA or value != value:
        return ""
    small = unicodedata.normalize("NFKC", str(value)).casefold()
    return "".join(one for one in small if unicodedata.category(one)[0] not in ("C", "Z"))
