"""Projects: estates under delivery, as dated rows of households and people in a block."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from redistrict.errors import DataError
from redistrict.geo.blocks import Blocks
from redistrict.geo.dates import find_year, say_undated
from redistrict.geo.source import read_table
from redistrict.geo.tables import as_text, note_unlikely_sizes, read_keys, read_numbers, read_text
from redistrict.geo.totals import without_totals
from redistrict.messages import Message, name_some
from redistrict.scenario.sources import Data, ProjectColumns

_KEY = "data.projects"


@dataclass(frozen=True, eq=False)
class Projects:
    """Deliveries, sorted by key.

    Attributes
    ----------
    ids, names : tuple of str
        Key and name of the estate (the key where none is given).
    block : (n_projects,) int64
        Position of the block.
    year : (n_projects,) int64
        Year in which residents move in.
    size : (n_projects, n_quantities) int64
        Households and people moving in, in the order of the blocks' quantities.
    homes : (n_projects,) int64
        Homes built.
    notes : tuple of Message
        What was chosen, lost or left out while reading.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    block: NDArray[np.int64]
    year: NDArray[np.int64]
    size: NDArray[np.int64]
    homes: NDArray[np.int64]
    notes: tuple[Message, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def added_by(self, year: int, n_blocks: int) -> NDArray[np.int64]:
        """Give what has moved into each block by the end of a year, (n_blocks, n_quantities)."""
        added = np.zeros((n_blocks, self.size.shape[1]), dtype=np.int64)
        due = self.year <= year
        np.add.at(added, self.block[due], self.size[due])
        return added


def read_projects(data: Data, blocks: Blocks) -> Projects | None:
    """Read the estates under delivery, or give none when the scenario names no such list.

    Raises
    ------
    DataError
        Listing repeated keys, unknown blocks, dates without a year and counts that are no whole numbers.
    """
    source = data.projects
    if source is None:
        return None
    columns = source.columns
    notes: list[Message] = []
    raw = read_table(source, columns.model_dump().values(), key=_KEY, notes=notes)
    problems: list[Message] = []
    counted = (columns.households, columns.people, columns.homes)
    raw = without_totals(raw, columns.id, counted, _KEY, problems, notes)
    raw = _without_remarks(raw, columns, blocks.ids, notes)
    keys = read_keys(raw[columns.id], f"{_KEY}.columns.id", problems)
    position = {block: i for i, block in enumerate(blocks.ids)}
    named_blocks = as_text(raw[columns.block])
    _refuse_unknown([str(b) or "''" for b in named_blocks if b not in position], problems)
    dates = as_text(raw[columns.date]).tolist()
    years = [find_year(text) for text in dates]
    if undated := [n for n, year in enumerate(years) if year is None]:
        some, found = [str(keys[n]) for n in undated], [dates[n] for n in undated]
        problems += say_undated(some, found, f"{_KEY}.columns.date", columns.date)

    def counts(column: str | None, key: str) -> NDArray[np.int64]:
        if column is None:
            return np.zeros(len(raw), dtype=np.int64)
        return read_numbers(raw[column], keys.tolist(), f"{_KEY}.columns.{key}", problems, notes, whole=True).astype(
            np.int64
        )

    added = {name: counts(getattr(columns, name), name) for name in ("households", "people")}
    homes = counts(columns.homes, "homes") if columns.homes is not None else added["households"]
    if problems:
        raise DataError(problems)
    notes += _note_sizes(keys, added["households"], added["people"], homes if columns.homes else None, columns)
    order = np.argsort(keys.astype(str), kind="stable")
    names = read_text(raw, columns.name)
    return Projects(
        ids=tuple(str(keys[n]) for n in order),
        names=tuple(str(names[n] or keys[n]) for n in order),
        block=np.array([position[named_blocks[n]] for n in order], dtype=np.int64),
        year=np.array([years[n] for n in order], dtype=np.int64),
        size=np.column_stack([added[q] for q in blocks.quantities])[order],
        homes=homes[order],
        notes=tuple(notes),
    )


def _without_remarks(
    raw: pd.DataFrame, columns: ProjectColumns, blocks: Sequence[str], notes: list[Message]
) -> pd.DataFrame:
    """Leave out, with a note, the rows with neither a block nor a count, such as remarks below the list; never all."""
    counted = (columns.households, columns.people, columns.homes)
    is_remark = ~np.isin(as_text(raw[columns.block]), blocks)
    for name in counted:
        is_remark &= read_text(raw, name) == ""
    if is_remark.all():
        return raw
    if is_remark.any():
        named = name_some([str(key)[:40] or "-" for key in as_text(raw[columns.id])[is_remark]])
        notes.append(
            Message(
                f"{_KEY}: {int(is_remark.sum())} rows name no block there is and hold no counts, and are left "
                f"out: {named.en}.",
                f"{_KEY}：{int(is_remark.sum())} 行的地块不存在，也没有数量，未计入：{named.zh}。",
            )
        )
    kept: pd.DataFrame = raw[~is_remark]
    return kept


def _note_sizes(
    keys: NDArray[np.object_],
    households: NDArray[np.int64],
    people: NDArray[np.int64],
    homes: NDArray[np.int64] | None,
    columns: ProjectColumns,
) -> list[Message]:
    """Name the rows where more move in than the homes, or the residents, can be."""
    notes = []
    if columns.households and columns.people:
        notes += note_unlikely_sizes(keys, households, people, _KEY)
    if homes is not None and (over := np.flatnonzero(households > homes)).size:
        named = name_some([f"{keys[n]} ({households[n]:,} > {homes[n]:,})" for n in over])
        notes.append(
            Message(
                f"{_KEY}: in {over.size} rows more households move in than homes are built: {named.en}.",
                f"{_KEY}：{over.size} 行的入住户数多于建成套数：{named.zh}。",
            )
        )
    return notes


def _refuse_unknown(unknown: list[str], problems: list[Message]) -> None:
    if unknown:
        named = name_some(sorted(set(unknown)))
        problems.append(
            Message(
                f"{_KEY}.columns.block: there is no block {named.en}; check the keys "
                "(spreadsheets drop leading zeros).",
                f"{_KEY}.columns.block：没有编号为 {named.zh} 的地块；请检查编号（电子表格会丢掉开头的 0）。",
            )
        )
