"""Totals: rows of a table that only sum up others, and empty rows, which the judge leaves out by itself."""

import math
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CHINESE = ("合计", "总计", "小计", "共计", "累计", "总和")
ENGLISH = ("total", "totals", "grandtotal", "grandtotals", "subtotal", "subtotals", "sum")
MOST_BEFORE = 6  # characters, as in 全市合计


def leave_out_totals(table: pd.DataFrame, key: str, names: Iterable[str | None]) -> pd.DataFrame:
    """Leave out rows without a key, or called totals, whose numbers sum up the rows before, or those since the last."""
    called = [_is_total(_plain(value)) for value in table[key]]
    columns = [_numbers(table[name]) for name in names if name]
    if not any(called) or not columns:
        return table
    everything, since = [0.0] * len(columns), [0.0] * len(columns)
    n_before, n_since, kept = 0, 0, []
    for at, row in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        if called[at]:
            fits = (n_before and _is_sum(row, everything)) or (n_since and _is_sum(row, since))
            kept += [] if fits else [at]
            since, n_since = [0.0] * len(columns), 0
            continue
        kept.append(at)
        n_before, n_since = n_before + 1, n_since + 1
        for place, value in enumerate(row):
            if not math.isnan(value):
                everything[place] += value
                since[place] += value
    return table.iloc[kept].reset_index(drop=True)


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
