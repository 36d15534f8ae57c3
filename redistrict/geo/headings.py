"""Headings: the row of an office table that names its columns, below the titles that people put above it."""

import csv
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

import pyogrio

from redistrict.errors import DataError
from redistrict.geo.tables import as_text
from redistrict.messages import Message
from redistrict.scenario.sources import TableSource

SHEETS = {".xlsx", ".xlsm", ".ods"}
"""What files of spreadsheets end in."""
_LOOKED_AT = 50
"""Headings stand in one of so many rows."""
SEPARATORS = ",;\t|"
"""The marks that may part the cells of a CSV file."""
_LONGEST_CELL = 1 << 30
"""Characters; outlines written as text are longer than the usual limit."""

Row = tuple[str, ...]


class Headed(NamedTuple):
    """A table that begins with its headings, how many rows stood above them, and a note where any did."""

    path: Path
    n_above: int = 0
    note: Message | None = None


def find_headings(path: Path, source: TableSource, wanted: Collection[str], folder: Path, key: str) -> Headed:
    """Give a table that begins with its headings, and a note where something stood above them.

    A workbook with titles comes back as a CSV file in UTF-8, which has no layers.

    Parameters
    ----------
    path : Path
        CSV file in UTF-8, or a workbook.
    wanted : collection of str
        The columns that are to be read.
    folder : Path
        Place for a copy.
    key : str
        Where the source stands in the scenario, for messages.

    Raises
    ------
    DataError
        If the table ends above the row that is said to hold the headings.
    """
    suffix = path.suffix.lower()
    if suffix not in {*SHEETS, ".csv"}:
        return Headed(path)
    rows = _read_sheet(path, source.layer) if suffix in SHEETS else _read_lines(path, wanted)
    with long_cells():
        found = (source.header_row or _guess(islice(rows, _LOOKED_AT), wanted)) - 1
    if found == 0:
        return Headed(path)
    copy = folder / f"below_titles_{path.stem}.csv"
    with copy.open("w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
        if suffix == ".csv":
            with _open_text(path) as lines:
                stream.writelines(islice(lines, found, None))
        else:
            csv.writer(stream).writerows(islice(_read_sheet(path, source.layer), found, None))
    if copy.stat().st_size == 0:
        raise DataError(
            Message(
                f"{key}.header_row: {source.path.name} has no row {found + 1}.",
                f"{key}.header_row：{source.path.name} 没有第 {found + 1} 行。",
            )
        )
    note = Message(
        f"{key}: the headings of {source.path.name} are taken from row {found + 1}; what stands above is left out.",
        f"{key}：{source.path.name} 的表头取自第 {found + 1} 行，其上各行不读。",
    )
    return Headed(copy, found, note)


@contextmanager
def long_cells() -> Iterator[None]:
    """Let cells of CSV files be as long as the outlines that are written as text in them."""
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _guess(rows: Iterable[Row], wanted: Collection[str]) -> int:
    """Give the number, from 1, of the first row that names most of the columns.

    Where no row names any, it is the first that is filled as far as any, if less than half of the first row is.
    """
    looked_at = list(rows)
    named = [sum(name in row for name in wanted) for row in looked_at]
    if any(named):
        return named.index(max(named)) + 1
    filled = [sum(map(bool, row)) for row in looked_at] or [0]
    return filled.index(max(filled)) + 1 if 2 * filled[0] < max(filled) else 1


def _read_lines(path: Path, wanted: Collection[str]) -> Iterator[Row]:
    """Give the cells of each line, parted by whichever separator names most columns, or else makes most cells."""
    with _open_text(path) as stream:
        for line in stream:
            ways = [tuple(next(csv.reader([line], delimiter=mark), ())) for mark in SEPARATORS]
            yield max(ways, key=lambda row: (sum(name in row for name in wanted), len(row)))


def _open_text(path: Path) -> TextIO:
    """Open a file so that half characters come out as they went in."""
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _read_sheet(path: Path, layer: str | None) -> Iterator[Row]:
    """Give the rows of a sheet as text."""
    table = pyogrio.read_dataframe(path, layer=layer, read_geometry=False, HEADERS="DISABLE")
    return zip(*(as_text(table[name]) for name in table), strict=True)
