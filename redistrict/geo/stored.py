"""Stored numbers: what stands in a column of numbers before GDAL makes a number of it.

dBASE tables hold numbers as text, and SQLite takes text into a column of numbers; of ``1,200`` GDAL reads 1, of
``abc`` 0, without a word.

References
----------
dBASE III file header: https://www.clicketyclick.dk/databases/xbase/format/dbf.html. Types of values and of columns
in SQLite: https://www.sqlite.org/datatype3.html.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyogrio
from numpy.typing import NDArray

from redistrict.errors import DataError
from redistrict.geo.raw import RawLayer
from redistrict.geo.shapefile import find_table, read_header
from redistrict.geo.tables import as_text
from redistrict.messages import Message, name_some
from redistrict.scenario.sources import Source

_WHOLE = re.compile(rb"[+-]?\d+(\.0*)?|")
_NUMBER = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|")
_FIELD_BYTES, _LAST = 32, 0x0D
_NO_NUMBERS = """
SELECT rowid, CAST(t.{column} AS TEXT), CAST(t.{label} AS TEXT) FROM {table} AS t
WHERE typeof(t.{column}) NOT IN ('integer', 'real', 'null')
   OR ({whole} AND typeof(t.{column}) = 'real' AND t.{column} != round(t.{column}))
"""


class Stray(NamedTuple):
    """A value that is no number in a column of numbers, its row (the number of the feature) and what it is called."""

    column: str
    row: int
    called: str
    text: str


def refuse_no_numbers(raw: RawLayer, frame: pd.DataFrame, wanted: Sequence[str], source: Source, key: str) -> None:
    """Refuse columns of numbers that hold something else in the rows that were read.

    Parameters
    ----------
    frame : DataFrame
        What was read, under the numbers of its features.
    wanted : sequence of str
        The columns that are used.
    key : str
        Where the source stands in the scenario, for messages.

    Raises
    ------
    DataError
        For each column, naming rows, keys and values.
    """
    numeric = {
        name: dtype.startswith("int")
        for name, dtype in zip(raw.fields, raw.dtypes, strict=True)
        if name in wanted and dtype.startswith(("int", "float"))
    }
    strays: list[Stray] = []
    reads_all = source.where is None and not raw.is_part
    if numeric and raw.driver == "ESRI Shapefile":
        called = dict(zip(frame.index.tolist(), as_text(frame[wanted[0]]).tolist(), strict=True))
        strays = list(_of_dbase(raw, numeric, None if reads_all else frame.index.to_numpy(), called))
    elif numeric and raw.driver in {"GPKG", "SQLite"}:
        strays = list(_of_database(raw, numeric, wanted[0]))
        strays = [stray for stray in strays if reads_all or stray.row in frame.index]
    elif numeric and raw.driver in {"GeoJSON", "GeoJSONSeq"}:
        strays = [stray for stray in _of_json(raw, numeric) if not raw.is_part or stray.row in frame.index]
    problems = []
    for name in numeric:
        found = [stray for stray in strays if stray.column == name]
        if found:
            en = [f"'{one.text}' (row {one.row}{one.called and f', {one.called}'})" for one in found]
            zh = [f"“{one.text}”（第 {one.row} 行{one.called and f'，{one.called}'}）" for one in found]
            what = Message("whole numbers", "整数") if numeric[name] else Message("numbers", "数字")
            problems.append(
                Message(
                    f"{key}: {source.path.name}: '{name}' is a column of {what.en}, but {len(found)} rows hold "
                    f"something else: {name_some(en).en}; write plain numbers there.",
                    f"{key}：{source.path.name} 的“{name}”是{what.zh}字段，但有 {len(found)} 行不是："
                    f"{name_some(zh).zh}；请改为普通数字。",
                )
            )
    if problems:
        raise DataError(problems)


def _of_dbase(
    raw: RawLayer, numeric: dict[str, bool], rows: NDArray[np.int64] | None, called: Mapping[int, str]
) -> Iterator[Stray]:
    """Look at the bytes of dBASE fields; blank, or filled with asterisks, they hold nothing."""
    table = find_table(raw.path, raw.options["layer"])
    if table is None:
        return
    n_rows, start, length = read_header(table)
    with table.open("rb") as stream:
        head = stream.read(start)
    fields = [head[at : at + _FIELD_BYTES] for at in range(_FIELD_BYTES, start - _FIELD_BYTES + 1, _FIELD_BYTES)]
    fields = fields[: next((n for n, field in enumerate(fields) if field[0] == _LAST), None)]
    widths = [field[16] for field in fields]  # that of a field of text does not go on in the next byte, for GDAL
    if not n_rows:
        return
    records = np.memmap(table, dtype=np.uint8, mode="r", offset=start, shape=(n_rows, length))
    chosen = np.flatnonzero(records[:, 0] != ord("*")) if rows is None else rows - 1
    for name, field, end in zip(raw.fields, fields, np.cumsum([1, *widths])[1:].tolist(), strict=True):
        if name not in numeric or field[11:12] not in b"NF":
            continue
        texts = np.ascontiguousarray(records[chosen, end - field[16] : end]).view(f"S{field[16]}").ravel()
        known = _WHOLE if numeric[name] else _NUMBER
        bad = [text for text in np.unique(texts) if not known.fullmatch(text.strip(b"\0 ")) and text.strip(b" *\0")]
        for at in np.flatnonzero(np.isin(texts, bad)).tolist():
            row = at + 1 if rows is None else int(rows[at])
            yield Stray(name, row, called[row], texts[at].decode(raw.encoding, errors="replace").strip("\0 "))


def _of_json(raw: RawLayer, numeric: dict[str, bool]) -> Iterator[Stray]:
    """Look for true and false, of which GDAL makes 1 and 0 among numbers."""
    text = Path(raw.path).read_text(encoding="utf-8-sig", errors="replace")
    for name in numeric:
        for found in re.finditer(rf"{re.escape(json.dumps(name, ensure_ascii=False))}\s*:\s*(true|false)\b", text):
            yield Stray(name, text.count('"Feature"', 0, found.start()), "", found[1])


def _of_database(raw: RawLayer, numeric: dict[str, bool], label: str) -> Iterator[Stray]:
    """Ask a GeoPackage for the values that are no numbers, or no whole ones where GDAL would cut them."""
    layer = raw.options["layer"] or str(pyogrio.list_layers(raw.path)[0][0])
    with closing(sqlite3.connect(f"{Path(raw.path).resolve().as_uri()}?mode=ro", uri=True)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (layer,)).fetchone():
            return
        database.text_factory = bytes
        for name, is_whole in numeric.items():
            column, own, table = (f'"{word.replace(chr(34), chr(34) * 2)}"' for word in (name, label, layer))
            query = _NO_NUMBERS.format(column=column, label=own, table=table, whole=int(is_whole))
            for row, *texts in database.execute(query):
                text, called = ((one or b"").decode(raw.encoding, errors="replace") for one in texts)
                yield Stray(name, int(row), called, text)
