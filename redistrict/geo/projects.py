"""Projects: estates under delivery, as dated rows of households and people in a block."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.errors import DataError
from redistrict.geo.blocks import Blocks
from redistrict.geo.source import read_table
from redistrict.geo.tables import as_text, read_keys, read_numbers, read_text
from redistrict.messages import Message, name_some
from redistrict.scenario.sources import Data

_KEY = "data.projects"
_DATE = re.compile(r"((?:19|20|21)\d{2})(?:\s*[-/.年](?!.*\d{4}).*)?")
"""A year, alone or before month and day; a second year (2028-2029) would be a guess."""


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
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    block: NDArray[np.int64]
    year: NDArray[np.int64]
    size: NDArray[np.int64]
    homes: NDArray[np.int64]

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
    raw = read_table(source, columns.model_dump().values(), key=_KEY)
    problems: list[Message] = []
    keys = read_keys(raw[columns.id], f"{_KEY}.columns.id", problems)
    position = {block: i for i, block in enumerate(blocks.ids)}
    named_blocks = as_text(raw[columns.block])
    _refuse_unknown([str(b) or "''" for b in named_blocks if b not in position], problems)
    years = [_year(text) for text in as_text(raw[columns.date]).tolist()]
    undated = [str(key) for key, year in zip(keys, years, strict=True) if year is None]
    _refuse_undated(undated, columns.date, problems)

    def counts(column: str | None, key: str) -> NDArray[np.int64]:
        if column is None:
            return np.zeros(len(raw), dtype=np.int64)
        return read_numbers(raw[column], keys.tolist(), f"{_KEY}.columns.{key}", problems, whole=True).astype(np.int64)

    added = {name: counts(getattr(columns, name), name) for name in ("households", "people")}
    homes = counts(columns.homes, "homes") if columns.homes is not None else added["households"]
    if problems:
        raise DataError(problems)
    order = np.argsort(keys.astype(str), kind="stable")
    names = read_text(raw, columns.name)
    return Projects(
        ids=tuple(str(keys[n]) for n in order),
        names=tuple(str(names[n] or keys[n]) for n in order),
        block=np.array([position[named_blocks[n]] for n in order], dtype=np.int64),
        year=np.array([years[n] for n in order], dtype=np.int64),
        size=np.column_stack([added[q] for q in blocks.quantities])[order],
        homes=homes[order],
    )


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


def _refuse_undated(undated: list[str], column: str, problems: list[Message]) -> None:
    if undated:
        named = name_some(undated)
        problems.append(
            Message(
                f"{_KEY}.columns.date: no year in '{column}' of {named.en}; write 2028 or 2028-06-30.",
                f"{_KEY}.columns.date：{named.zh} 的“{column}”没有年份；请写成 2028 或 2028-06-30。",
            )
        )


def _year(text: str) -> int | None:
    match = _DATE.fullmatch(text)
    return int(match.group(1)) if match else None
