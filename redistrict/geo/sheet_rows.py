"""Rows of a CSV table as a spreadsheet numbers them; one with more cells than headings is refused."""

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
        If cells stand beyond the last heading: a comma in a number or a name has moved all that follows it.
    """
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream, long_cells():
        headings = list(islice(stream, 1))
        marks = {mark: len(next(csv.reader(headings, delimiter=mark), ())) for mark in SEPARATORS}
        stream.seek(0)
        rows = list(csv.reader(stream, delimiter=max(marks, key=lambda mark: marks[mark])))
    width = len(rows[0]) if rows else 0
    _refuse_surplus(
        {at: row for at, row in enumerate(rows, above + 1) if "".join(row[width:]).strip()}, width, name, key
    )
    return tuple(at for at, row in enumerate(rows, above + 1) if row)[1:]


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
