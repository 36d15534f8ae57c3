"""Headings: tables as they stand below the titles of an office file, found by the judge's own means."""

import csv
import io
from collections.abc import Collection
from itertools import chain
from pathlib import Path

import pyogrio

from redistrict.scenario.sources import TableSource

MARKS = (",", ";", "\t", "|")

Rows = list[list[str]]


def below_titles(path: Path, source: TableSource, folder: Path) -> Path | None:
    """Write a table once more, as CSV from its headings on; none where it begins with them, or is of another kind.

    Parameters
    ----------
    path : Path
        The table; CSV in UTF-8.
    source : TableSource
        Its first row with every column it names is that of the headings, unless it says which is.
    """
    names, suffix = set(source.named), path.suffix.lower()
    if suffix == ".csv":
        rows = _parse(path.read_text(encoding="utf-8-sig"), names)
    elif suffix in (".xlsx", ".xlsm", ".ods"):
        rows = _sheet(path, source.layer)
    else:
        return None
    found = _find(rows, names) or 0 if source.header_row is None else source.header_row - 1
    if found == 0:
        return None
    copy = folder / "table.csv"
    with copy.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows[found:])
    return copy


def _find(rows: Rows, names: Collection[str]) -> int | None:
    return next((at for at, row in enumerate(rows) if set(names) <= set(row)), None)


def _parse(text: str, names: Collection[str]) -> Rows:
    """Give the cells of all rows, by the first separator that leaves a row with all names.

    A cell may be as long as the text where it holds an outline. A lone quotation mark takes all that follows into one
    cell; then each line is taken by itself.
    """
    usual = csv.field_size_limit(len(text) + 1)
    whole = (list(csv.reader(io.StringIO(text, newline=""), delimiter=mark)) for mark in MARKS)
    lines = ([next(csv.reader([line], delimiter=mark), []) for line in text.splitlines()] for mark in MARKS)
    found = next((rows for rows in chain(whole, lines) if _find(rows, names) is not None), [])
    csv.field_size_limit(usual)
    return found


def _sheet(path: Path, layer: str | None) -> Rows:
    _, _, _, columns = pyogrio.raw.read(path, layer=layer, HEADERS="DISABLE", read_geometry=False)
    return [["" if cell is None else str(cell).strip() for cell in row] for row in zip(*columns, strict=True)]
