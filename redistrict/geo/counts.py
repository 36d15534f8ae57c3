"""Counts: households and people of blocks, from the layer itself or joined by key from a table of their own."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from redistrict.geo.keys import say_alike_keys, say_lost_digits
from redistrict.geo.source import read_table
from redistrict.geo.tables import MAX_COUNT, as_numbers, as_text, read_keys, say_most, say_separators
from redistrict.geo.totals import without_totals
from redistrict.messages import NOTHING, Message, name_some
from redistrict.scenario.sources import BlockSource, CountSource, column_of, list_columns

_KEY = "data.blocks"
_TABLE = "data.blocks.counts"

AS_ZERO = Message(
    "If that means that nobody lives there, write 'blanks: zero' under data.blocks.",
    "如这表示无人居住，请在 data.blocks 下写 blanks: zero。",
)
_SPACE = Message(" ", "")

Texts = NDArray[np.object_]


def read_counts(
    source: BlockSource, raw: pd.DataFrame, ids: Texts, problems: list[Message], notes: list[Message]
) -> dict[str, NDArray[np.int64]]:
    """Give the counts of every block, in the order of its rows, but those that are spread (see `spread`).

    `dwellings` are among them where the layer has them, and further quantities by their keys.

    Parameters
    ----------
    raw : DataFrame
        Rows of the block layer, with the columns the scenario names.
    ids : (n_blocks,) str
    problems : list of Message
        Counts that are no whole numbers >= 0, and keys that do not fit, are added to it.
    notes : list of Message
        Rows no block names, and what counts as nobody, are added to it.
    """
    joined = {} if source.counts is None else _join(source, source.counts, raw, ids, problems, notes)
    counts: dict[str, NDArray[np.int64]] = {}
    for name in (*source.quantities, *source.others):
        if source.spread is not None and column_of(source.spread.columns, name) is not None:
            continue
        column = column_of(source.columns, name)
        values, key = (raw[column], _KEY) if column is not None else (joined[name], _TABLE)
        counts[name] = _read_counted(source, values, ids, key, problems, notes)
    if source.columns.dwellings is not None:
        counts["dwellings"] = _read_counted(source, raw[source.columns.dwellings], ids, _KEY, problems, notes)
    return counts


def _read_counted(
    source: BlockSource, values: pd.Series, ids: Texts, key: str, problems: list[Message], notes: list[Message]
) -> NDArray[np.int64]:
    """Give a column of counts; an empty cell is 0 where the scenario says so."""
    return _read_whole(_fill_blanks(values, ids, key, notes) if source.blanks == "zero" else values, ids, key, problems)


def _join(
    source: BlockSource,
    table: CountSource,
    raw: pd.DataFrame,
    ids: Texts,
    problems: list[Message],
    notes: list[Message],
) -> dict[str, pd.Series]:
    """Give each column of counts in the order of the blocks; a block without a row has 0."""
    columns = table.columns
    rows = read_table(table, list_columns(columns), key=_TABLE, notes=notes)
    counted = {name: column_of(columns, name) for name in (*source.quantities, *source.others)}
    rows = without_totals(rows, columns.id, list(counted.values()), _TABLE, problems, notes)
    keys, wanted, own = read_keys(rows[columns.id], f"{_TABLE}.columns.id", problems), ids, table.block_column
    if own is not None:
        wanted = read_keys(raw[own], f"{_TABLE}.block_column", problems)
    row = {key: n for n, key in enumerate(keys.tolist()) if key}
    lost = sorted({key for key in wanted.tolist() if key} - row.keys())
    unused = sorted(row.keys() - set(wanted.tolist()))
    has_row = np.isin(wanted, list(row))
    if lost and not say_lost_digits(keys.tolist(), columns.id, _TABLE):
        alike = say_alike_keys(lost, unused, wanted.tolist())
        is_wrong = source.blanks == "refuse" or not has_row.any() or alike is not None
        (problems if is_wrong else notes).append(_say_lost(lost, unused, alike, table, is_zero=not is_wrong))
    at = np.array([row[key] for key in wanted[has_row]], dtype=np.int64)
    found = {}
    for name, column in counted.items():
        if column is not None:
            values = pd.Series(0, index=range(len(ids)), dtype=object, name=column)
            values[has_row] = rows[column].to_numpy(dtype=object)[at]
            found[name] = values
    if unused:
        left_out = rows.iloc[[row[key] for key in unused]][[values.name for values in found.values()]]
        notes.append(_say_unused(unused, left_out, table))
    return found


def _say_lost(
    lost: list[str], unused: list[str], alike: Message | None, table: CountSource, *, is_zero: bool
) -> Message:
    """Say which blocks have no row, and what to do."""
    named, file, column = name_some(lost), table.path.name, table.columns.id
    if is_zero:
        advice = Message(" They count as empty.", "按无人居住计。")
    elif alike is not None:
        advice = alike
    else:
        rows = name_some(unused, limit=3)
        there = Message(f" Rows without a block: {rows.en}.", f"没有对应地块的行：{rows.zh}。") if unused else NOTHING
        advice = there + _SPACE + AS_ZERO
    return (
        Message(
            f"{_TABLE}: {len(lost)} blocks have no row in {file} (by '{column}'): {named.en}.",
            f"{_TABLE}：{len(lost)} 个地块在 {file} 中没有对应的行（按“{column}”）：{named.zh}。",
        )
        + advice
    )


def _say_unused(unused: list[str], rows: pd.DataFrame, table: CountSource) -> Message:
    """Name the rows that no block names, and how many are lost with them."""
    lost = ", ".join(f"{name} {pd.to_numeric(rows[name], errors='coerce').sum():,.0f}" for name in rows)
    named = name_some(unused)
    return Message(
        f"{_TABLE}: {len(unused)} rows of {table.path.name} name no block and are left out ({lost}): {named.en}.",
        f"{_TABLE}：{table.path.name} 中有 {len(unused)} 行没有对应的地块，未计入（{lost}）：{named.zh}。",
    )


def _fill_blanks(values: pd.Series, ids: Texts, key: str, notes: list[Message]) -> pd.Series:
    """Put 0 into empty cells, with a note, unless all are empty."""
    blank = as_text(values) == ""
    if not blank.any() or blank.all():
        return values
    named = name_some(ids[blank].tolist())
    notes.append(
        Message(
            f"{key}: '{values.name}' is empty in {int(blank.sum())} of {len(values)} blocks, which count as 0 "
            f"(blanks: zero): {named.en}.",
            f"{key}：“{values.name}”在 {len(values)} 个地块中有 {int(blank.sum())} 个为空，按 0 计"
            f"（blanks: zero）：{named.zh}。",
        )
    )
    return values.where(~blank, 0)


def _read_whole(values: pd.Series, ids: Texts, key: str, problems: list[Message]) -> NDArray[np.int64]:
    """Give a column of whole numbers from 0 up; what is none becomes 0 and a problem."""
    number = as_numbers(values)
    wrong = ~np.isfinite(number) | (number < 0) | (number > MAX_COUNT) | (number != np.round(number))
    if wrong.any():
        shown = values[wrong].astype("object")
        named, n = name_some(list(ids[wrong])), int(wrong.sum())
        found_en = name_some(list(shown.where(shown.notna(), "nothing")), limit=3).en
        found_zh = name_some(list(shown.where(shown.notna(), "空")), limit=3).zh
        most = say_most(number)
        is_blank = as_text(values) == ""
        advice = NOTHING if not is_blank.any() or is_blank.all() else _SPACE + AS_ZERO
        problems.append(
            Message(
                f"{key}: '{values.name}' must hold whole numbers from 0 up; {n} blocks do not (found {found_en}"
                f"{most.en}): {named.en}.",
                f"{key}：“{values.name}”必须是不小于 0 的整数；{n} 个地块不符（现值 {found_zh}"
                f"{most.zh}）：{named.zh}。",
            )
            + say_separators(values[wrong])
            + advice
        )
    return np.where(wrong, 0, number).astype(np.int64)
