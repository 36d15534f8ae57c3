"""Attribute tables of shapefiles (dBASE III), every column as wide as its content, with no decimal too many.

GDAL gives every text 80 bytes and every fraction 24 digits, 15 of them decimals; the widths it can be asked for are
not reached from pyogrio, and the option that fits columns leaves fractions as they are. The format is a header of 32
bytes, as many for each field, and rows of fixed width (dBASE III, as the ESRI Shapefile Technical Description of July
1998 has it).
"""

import struct
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

_MAX_DECIMALS = 9
"""A fraction without an end is cut here: a share of a billionth, a thousandth of a millimetre."""
_DBASE_III, _HEADER_END, _FILE_END = 3, b"\r", b"\x1a"


@dataclass(frozen=True)
class _Field:
    """A column as it stands in the file: `C` is text, flush left; `N` a number, flush right; blank is no value."""

    name: str
    kind: bytes
    decimals: int
    cells: tuple[bytes, ...]

    @property
    def width(self) -> int:
        """Bytes of the longest value."""
        return max(1, *map(len, self.cells))

    def describe(self) -> bytes:
        """Give its entry in the header."""
        return struct.pack("<11sc4xBB14x", self.name.encode("ascii"), self.kind, self.width, self.decimals)

    def fill(self) -> list[bytes]:
        """Give the values, each as wide as the column."""
        return [cell.ljust(self.width) if self.kind == b"C" else cell.rjust(self.width) for cell in self.cells]


def write_dbf(path: Path, table: pd.DataFrame, *, encoding: str, written: date) -> None:
    """Write a table of texts and numbers, without its geometry.

    Parameters
    ----------
    table : DataFrame
        Columns have names of up to ten ASCII letters; texts are at most 254 bytes long in the encoding.
    encoding : str
        Of the texts; readers learn it from the `.cpg` beside.
    written : date
        What the header says of its last change.
    """
    fields = [_lay_out(name, table[name], encoding) for name in table.columns if name != "geometry"]
    size = 1 + sum(field.width for field in fields)
    head = struct.pack(
        "<4BIHH20x",
        _DBASE_III,
        written.year - 1900,
        written.month,
        written.day,
        len(table),
        33 + 32 * len(fields),
        size,
    )
    rows = [b" " + b"".join(cells) for cells in zip(*(field.fill() for field in fields), strict=True)]
    path.write_bytes(head + b"".join(field.describe() for field in fields) + _HEADER_END + b"".join(rows) + _FILE_END)


def _lay_out(name: str, values: "pd.Series[Any]", encoding: str) -> _Field:
    """Give a column as it is written: whole numbers without decimals, fractions with as many as they need."""
    if not pd.api.types.is_numeric_dtype(values):
        texts = ["" if pd.isna(value) else str(value) for value in values]
        return _Field(name, b"C", 0, tuple(text.encode(encoding) for text in texts))
    numbers = [None if pd.isna(value) else value for value in values.tolist()]
    decimals = max((_count_decimals(value) for value in numbers if isinstance(value, float)), default=0)
    return _Field(name, b"N", decimals, tuple(b"" if v is None else f"{v:.{decimals}f}".encode() for v in numbers))


def _count_decimals(value: float) -> int:
    """Count the decimals from which a number is read as it was, or that it is cut at."""
    return next((n for n in range(_MAX_DECIMALS) if float(f"{value:.{n}f}") == value), _MAX_DECIMALS)
