"""Limits: how many rows, vertices and characters a layer may have, so that none stalls the work without a word."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from redistrict.errors import DataError
from redistrict.messages import Message, name_some

MOST_ROWS = 5_000_000
MOST_BLOCKS = 250_000
MOST_VERTICES = 50_000_000
MOST_VERTICES_OF_A_BLOCK = 20_000
"""Of real blocks the largest have under a thousand; ten thousand vertices take a second, a hundred thousand the day."""
MOST_CHARACTERS = 1_000
OPINIONS = "--opinions"
"""The table of what residents say, where texts are longer than names: as long as a cell may be."""
_LONGEST_CELL = 32_767
"""Of a text; names stand on maps and in tables."""


def check_rows(n: int, name: str, key: str) -> None:
    """Refuse a layer of too many rows before it is read.

    Parameters
    ----------
    n : int
        As the file says; below 0 where it does not.

    Raises
    ------
    DataError
    """
    most = MOST_BLOCKS if key == "data.blocks" else MOST_ROWS
    if n > most:
        raise DataError(
            Message(
                f"{key}: {name} has {n:,} rows; at most {most:,} are read. Keep only the place in question in "
                "the file.",
                f"{key}：{name} 有 {n:,} 行，最多读取 {most:,} 行。请在文件中只保留所需地区。",
            )
        )


def check_contents(table: pd.DataFrame, name: str, key: str) -> None:
    """Refuse texts that are no names, and shapes of so many vertices that nothing comes of them.

    Raises
    ------
    DataError
        Naming the rows, counted from 1.
    """
    problems, most = [], _LONGEST_CELL if key == OPINIONS else MOST_CHARACTERS
    for at, column in enumerate(table.columns):
        values = table.iloc[:, at]
        if pd.api.types.is_string_dtype(values.dtype) or values.dtype == object:
            length = np.array([len(value) if isinstance(value, str) else 0 for value in values])
            rows, longest = np.flatnonzero(length > most), int(length.max(initial=0))
            problems += _too_long(rows, longest, column, name, key)
    if isinstance(table, gpd.GeoDataFrame):
        n_each = shapely.get_num_coordinates(np.asarray(table.geometry.to_numpy(), dtype=object))
        rows = np.flatnonzero(n_each > MOST_VERTICES_OF_A_BLOCK) if key == "data.blocks" else np.zeros(0, dtype=int)
        problems += _too_fine(rows, int(n_each.max(initial=0)), name, key)
        if int(n_each.sum()) > MOST_VERTICES:
            problems.append(_too_many_vertices(int(n_each.sum()), name, key))
    if problems:
        raise DataError(problems)


def _too_long(rows: np.ndarray, longest: int, column: str, name: str, key: str) -> list[Message]:
    if not len(rows):
        return []
    named = name_some((rows + 1).tolist())
    return [
        Message(
            f"{key}: in {name} {len(rows)} rows of '{column}' hold more than {MOST_CHARACTERS:,} characters (up to "
            f"{longest:,}; rows {named.en}); shorten them.",
            f"{key}：{name} 的“{column}”有 {len(rows)} 行超过 {MOST_CHARACTERS:,} 个字符（最多 {longest:,} 个；"
            f"第 {named.zh} 行）；请缩短。",
        )
    ]


def _too_fine(rows: np.ndarray, most: int, name: str, key: str) -> list[Message]:
    if not len(rows):
        return []
    named = name_some((rows + 1).tolist())
    return [
        Message(
            f"{key}: in {name} {len(rows)} blocks have more than {MOST_VERTICES_OF_A_BLOCK:,} vertices (up to "
            f"{most:,}; features {named.en}); simplify their outlines, for example to 0.5 m.",
            f"{key}：{name} 中有 {len(rows)} 个地块超过 {MOST_VERTICES_OF_A_BLOCK:,} 个顶点（最多 {most:,} 个；"
            f"第 {named.zh} 个要素）；请简化轮廓，例如精确到 0.5 米。",
        )
    ]


def _too_many_vertices(n: int, name: str, key: str) -> Message:
    return Message(
        f"{key}: {name} has {n:,} vertices; at most {MOST_VERTICES:,} are taken. Keep only the place in question, or "
        "simplify the lines.",
        f"{key}：{name} 有 {n:,} 个顶点，最多 {MOST_VERTICES:,} 个。请只保留所需地区，或简化线条。",
    )
