"""Rows of a CSV table as a spreadsheet numbers them; cells beyond the headings and open quotation marks are refused."""

import csv
from collections.abc import Collection
from itertools import islice
from pathlib import Path

from redistrict.errors import DataError
from redistrict.geo.headings import SEPARATORS, long_cells
from redistrict.messages import Message, name_some


def number_rows(path: Path, name: str, key: str, *, above: int) -> tuple[int, ...]:
    """Give the number of each row below the headings, from 1, passing over empty lines as GDAL does.

    Parameters
    ----------
    path : Path
        CSV file in UTF-8 that begins with its headings.
    name, key : str
        The file and its place in the scenario, for messages.
    above : int
        Lines that stood above the headings and are left out in `path`.

    Raises
    ------
    DataError
        If cells stand beyond the last heading: a comma in a number or a name has moved all that follows it. If a
        quotation mark is never closed, and takes all that follows into one cell.
    """
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream, long_cells():
        headings = list(islice(stream, 1))
        marks = {mark: len(next(csv.reader(headings, delimiter=mark), ())) for mark in SEPARATORS}
        stream.seek(0)
        mark = max(marks, key=lambda mark: marks[mark])
        reader = csv.reader(stream, delimiter=mark)
        rows, ends = [], [0]
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num)
        stream.seek(0)
        last = list(islice(stream, ends[-2], None)) if rows else []
        if _is_open(last, mark):
            raise DataError(_say_open(len(rows) + above, last[0], name, key))
    width = len(rows[0]) if rows else 0
    _refuse_surplus(
        {at: row for at, row in enumerate(rows, above + 1) if "".join(row[width:]).strip()}, width, name, key
    )
    return tuple(at for at, row in enumerate(rows, above + 1) if row)[1:]


def _is_open(lines: list[str], mark: str) -> bool:
    """Whether the row that these lines make ends inside a cell that a quotation mark began."""
    try:
        list(csv.reader(lines, delimiter=mark, strict=True))
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def _say_open(row: int, line: str, name: str, key: str) -> Message:
    shown = line.strip()[:60]
    return Message(
        f"{key}: a quotation mark in row {row} of {name} is never closed, so that all that follows is one cell: "
        f"{shown}; close it, or take it out.",
        f"{key}：{name} 第 {row} 行的引号没有闭合，其后内容全部成为一个单元格：{shown}；请补上或删去引号。",
    )


def _refuse_surplus(wide: dict[int, list[str]], width: int, name: str, key: str) -> None:
    if not wide:
        return
    named: Collection[object] = [f"{at} ({', '.join(row)[:60]})" for at, row in wide.items()]
    some = name_some(list(named), limit=3)
    raise DataError(
        Message(
            f"{key}: {len(wide)} rows of {name} have more cells than the {width} headings, so that values stand in the "
            f"wrong columns: rows {some.en}. Write numbers without separators (1200), and texts with commas in double "
            "quotes.",
            f"{key}：{name} 有 {len(wide)} 行的单元格多于 {width} 个表头，数值会错列：第 {some.zh} 行。"
            "请去掉千位分隔符（写 1200），含逗号的文字请加双引号。",
        )
    )
