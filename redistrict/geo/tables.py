"""Attribute tables: columns as checked text, numbers and keys, with every problem named by the scenario's key."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from redistrict.geo.keys import say_lost_digits
from redistrict.messages import NOTHING, Message, name_some

MAX_COUNT = 10_000_000
ROW = "row"
"""Name of an index that holds the number of each row in its file, from 1."""
_MAX_WHOLE = 2**53
"""Up to here a float holds every whole number exactly."""
_SECOND_HEADINGS = Message(
    " If the first is a second row of headings, write all names into one row, and say which as 'header_row:'.",
    "如其中第一行是第二行表头，请将表头合并为一行，并用 header_row: 写明行号。",
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[,，' \u00a0\u202f]\d{3})+(?:\.\d*)?")


def as_text(values: pd.Series) -> NDArray[np.object_]:
    """Give the values as stripped text: whole numbers without a decimal point, nothing as ""."""
    if pd.api.types.is_float_dtype(values):
        whole = values.dropna()
        if ((whole == whole.round()) & (whole.abs() < _MAX_WHOLE)).all():
            values = values.astype("Int64")
    text = values.astype("string").fillna("").str.strip()
    return text.to_numpy(dtype=object)


def as_numbers(values: pd.Series) -> NDArray[np.float64]:
    """Give the values as numbers, whatever blanks are around; what is none, and true and false, is not a number."""
    bare = values.map(lambda value: value.strip() if isinstance(value, str) else value)
    numbers = pd.to_numeric(bare, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    is_yes_or_no = values.map(pd.api.types.is_bool).to_numpy(dtype=bool)
    return np.where(is_yes_or_no, np.nan, numbers)


def read_text(table: pd.DataFrame, column: str | None) -> NDArray[np.object_]:
    """Give a column as text, "" throughout where the scenario names none."""
    return np.full(len(table), "", dtype=object) if column is None else as_text(table[column])


def blank_rows(keys: NDArray[np.object_]) -> list[int]:
    """Give the rows without a key, counted from 1."""
    return [int(i) + 1 for i in np.flatnonzero(keys == "")]


def repeated_keys(keys: NDArray[np.object_]) -> list[str]:
    """Give the keys that stand in several rows, sorted."""
    distinct, counts = np.unique(keys[keys != ""].astype(str), return_counts=True)
    return [str(key) for key in distinct[counts > 1]]


def read_keys(values: pd.Series, key: str, problems: list[Message]) -> NDArray[np.object_]:
    """Give a key column as text; blank and repeated keys are added to `problems`, named by the scenario's `key`."""
    keys = as_text(values)
    if blank := blank_rows(keys):
        rows = name_some([values.index[n - 1] for n in blank] if values.index.name == ROW else blank)
        problems.append(
            Message(
                f"{key}: {len(blank)} rows have nothing in '{values.name}' (rows {rows.en}); fill it in.",
                f"{key}：{len(blank)} 行的“{values.name}”为空（第 {rows.zh} 行）；请补全。",
            )
            + (_SECOND_HEADINGS if blank[0] == 1 else NOTHING)
        )
    if lost := say_lost_digits(keys.tolist(), str(values.name), key):
        problems += lost
    elif repeated := repeated_keys(keys):
        named = name_some(repeated)
        problems.append(
            Message(
                f"{key}: in '{values.name}' these stand more than once: {named.en}; each row needs its own.",
                f"{key}：“{values.name}”中有重复：{named.zh}；每行必须唯一。",
            )
        )
    return keys


def read_numbers(
    values: pd.Series, names: Sequence[object], key: str, problems: list[Message], notes: list[Message], *, whole: bool
) -> NDArray[np.float64]:
    """Give a column of numbers >= 0 (whole ones if asked); a blank cell counts as 0, anything else is a problem.

    A column that is blank throughout is one as well: a spreadsheet program that did not calculate leaves such.

    Parameters
    ----------
    names : sequence
        What the rows are called, such as their keys.
    key : str
        The scenario's key that names the column.
    problems : list of Message
        What is wrong is added to it.
    notes : list of Message
        Blank cells are added to it.
    """
    blank = as_text(values) == ""
    number = np.where(blank, 0.0, as_numbers(values))
    if blank.all() and len(values):
        problems.append(
            Message(
                f"{key}: '{values.name}' is empty in all {len(values)} rows (formulas without a stored value? open and "
                "save the file in a spreadsheet program); fill it in, or take the key out.",
                f"{key}：“{values.name}”在全部 {len(values)} 行中均为空（公式没有保存计算结果？"
                "请用电子表格软件打开并保存）；请补全，或删去此键。",
            )
        )
    elif blank.any():
        empty = name_some([names[i] for i in np.flatnonzero(blank).tolist()])
        notes.append(
            Message(
                f"{key}: '{values.name}' is empty in {int(blank.sum())} of {len(values)} rows, which count as 0: "
                f"{empty.en}.",
                f"{key}：“{values.name}”在 {len(values)} 行中有 {int(blank.sum())} 行为空，按 0 计：{empty.zh}。",
            )
        )
    wrong = ~np.isfinite(number) | (number < 0) | (number > MAX_COUNT)
    if whole:
        wrong |= number != np.round(number)
    if wrong.any():
        named = name_some([names[i] for i in np.flatnonzero(wrong).tolist()])
        found = name_some([str(v) for v in values[wrong].tolist()], limit=3)
        most = say_most(number)
        en, zh = ("whole numbers", "整数") if whole else ("numbers", "数")
        problems.append(
            Message(
                f"{key}: '{values.name}' must hold {en} from 0 up; found {found.en}{most.en} at {named.en}.",
                f"{key}：“{values.name}”必须是不小于 0 的{zh}；{named.zh} 的现值为 {found.zh}{most.zh}。",
            )
            + say_separators(values[wrong])
        )
    return np.where(wrong, 0.0, number)


def note_unlikely_sizes(
    keys: NDArray[np.object_], households: NDArray[np.int64], people: NDArray[np.int64], key: str
) -> list[Message]:
    """Name the rows with more households than people, and those with people but no household."""
    kinds = {
        Message("hold more households than people", "户数多于人口"): households > people,
        Message("hold people but no household", "有人口而无住户"): (people > 0) & (households == 0),
    }
    notes = []
    for what, found in kinds.items():
        rows = np.flatnonzero(found).tolist()
        if rows:
            named = name_some([f"{keys[n]} ({households[n]:,} / {people[n]:,})" for n in rows])
            notes.append(
                Message(
                    f"{key}: {len(rows)} rows {what.en} (households / people): {named.en}; check them.",
                    f"{key}：{len(rows)} 行{what.zh}（户数 / 人口）：{named.zh}；请核对。",
                )
            )
    return notes


def say_most(numbers: NDArray[np.float64]) -> Message:
    """Say how large a count may be, where one of the numbers is larger."""
    if not (np.isfinite(numbers) & (numbers > MAX_COUNT)).any():
        return NOTHING
    return Message(f"; at most {MAX_COUNT:,}", f"；不得超过 {MAX_COUNT:,}")


def say_separators(values: pd.Series) -> Message:
    """Advise to take the separators out of thousands, where one of the values has such (1,000)."""
    if not any(_THOUSANDS.fullmatch(text) for text in as_text(values)):
        return NOTHING
    return Message(
        " Write numbers without thousands separators (1000).",
        "请去掉数字中的千位分隔符（写 1000）。",
    )
