"""Mend: blocks put right where the scenario asks for it, with a log of every one that changed.

1. Shapes of one key become one block, and so do blocks drawn on the same ground, under the first of their keys.
   Counts that all of them state alike are counted once; others are added up.
2. Ground that several blocks claim goes to the one that lies wholly within another; else to the one with more
   residents (people, else households); else to the first key.
3. A block of which nothing is left is taken out if nobody lives there, and refused if anybody does.

Gaps stay as drawn: the cells give them away.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from redistrict.geo.components import components
from redistrict.geo.overlaps import find_overlaps
from redistrict.messages import QUANTITY_UNITS, Message, join, list_of, name_some

Shapes = NDArray[np.object_]

_KEY = "data.repair"
_WIDTH_M = 0.01
"""Overlaps narrower than this are roundings of a shared border."""
_WHEN = ("before", "after")
_NOTHING_SHARE = 0.01
"""A block is gone where less than this share of its ground is left."""


class Mended(NamedTuple):
    """Blocks after mending: their table with one row a key, their shapes, and the log of what changed.

    The log has `block_id`, `change_zh`, `change_en`, and before and after of `area_m2` and of each quantity.
    """

    table: pd.DataFrame
    shapes: Shapes
    log: pd.DataFrame


def mend_blocks(table: pd.DataFrame, shapes: Shapes, quantities: Sequence[str], problems: list[Message]) -> Mended:
    """Put blocks right by the rules of this module.

    Parameters
    ----------
    table : DataFrame
        `block_id`, `district`, `name`, `community`, names of levels and each quantity, a row a shape.
    shapes : (n_rows,) valid polygons, in metres
    problems : list of Message
        Shapes of one key in different districts, communities or levels, and residents without ground, are added to it.
    """
    drawn = table[["block_id", *quantities]].assign(area_m2=shapely.area(shapes))
    said: dict[str, list[Message]] = {str(key): [] for key in table["block_id"]}
    _refuse_contradictions(table, problems)
    order = np.argsort(table["block_id"].to_numpy(dtype=str), kind="stable")
    table, shapes = table.iloc[order].reset_index(drop=True), shapes[order]
    _, first, times = np.unique(table["block_id"].to_numpy(dtype=str), return_index=True, return_counts=True)
    groups = [list(range(at, at + n)) for at, n in zip(first.tolist(), times.tolist(), strict=True) if n > 1]
    for group in groups:
        said[table["block_id"][group[0]]].append(Message(f"{len(group)} shapes united", f"合并 {len(group)} 个图形"))
    table, shapes = _unite(table, shapes, groups, quantities)
    table, shapes = _join_twins(table, shapes, quantities, said)
    left = _cut(table, shapes, quantities, said)
    is_gone = shapely.area(left) < _NOTHING_SHARE * shapely.area(shapes)
    _refuse_homeless(table[is_gone], quantities, problems)
    for key in table["block_id"][is_gone]:
        said[key].append(Message("nothing left and nobody there: taken out", "无剩余范围且无人居住，删除"))
    table, left = table[~is_gone].reset_index(drop=True), left[~is_gone]
    return Mended(table, left, _write_log(drawn, table.assign(area_m2=shapely.area(left)), quantities, said))


def say_mended(log: pd.DataFrame) -> Message:
    """Say how many blocks were mended, and where it is written down."""
    if log.empty:
        return Message(f"{_KEY}: there was nothing to mend.", f"{_KEY}：没有需要修复的地块。")
    named, changes = name_some(log["block_id"].tolist()), Message("", "")
    for name, unit in QUANTITY_UNITS.items():
        before, after = (int(log[f"{name}_{when}"].sum()) if f"{name}_{when}" in log else 0 for when in _WHEN)
        if before != after:
            changes += Message(
                f" What was counted twice is counted once: {before:,} {unit.en} became {after:,}.",
                f"重复计数的只计一次：{before:,} {unit.zh}变为 {after:,} {unit.zh}。",
            )
    return (
        Message(
            f"{_KEY}: {len(log)} blocks were mended: {named.en}; a run lists each in repaired_blocks.csv, with area "
            "and residents before and after.",
            f"{_KEY}：修复了 {len(log)} 个地块：{named.zh}；运行后 repaired_blocks.csv 逐一列出修复前后的面积和人数。",
        )
        + changes
    )


def _unite(
    table: pd.DataFrame, shapes: Shapes, groups: Sequence[Sequence[int]], quantities: Sequence[str]
) -> tuple[pd.DataFrame, Shapes]:
    """Make one row of each group of rows: the first, with all the ground, and counts by rule 1."""
    shapes, counts = shapes.copy(), table[list(quantities)].to_numpy(copy=True)
    keeps = np.ones(len(table), dtype=bool)
    for group in groups:
        own, (first, *others) = counts[list(group)], group
        shapes[first] = shapely.union_all(shapes[list(group)])
        counts[first] = own[0] if (own == own[0]).all() else own.sum(axis=0)
        keeps[others] = False
    united = table.assign(**dict(zip(quantities, counts.T, strict=True)))
    return united[keeps].reset_index(drop=True), shapes[keeps]


def _join_twins(
    table: pd.DataFrame, shapes: Shapes, quantities: Sequence[str], said: dict[str, list[Message]]
) -> tuple[pd.DataFrame, Shapes]:
    """Make one block of those drawn on the same ground."""
    found, keys = find_overlaps(shapes, wider_than_m=_WIDTH_M), table["block_id"].tolist()
    pairs = np.column_stack([found.small, found.large])[found.is_twin]
    groups = [group for group in components(len(keys), pairs) if len(group) > 1]
    for group in groups:
        first, *others = [keys[i] for i in group]
        named = list_of(others)
        said[first].append(Message(f"same ground as {named.en}: joined", f"与 {named.zh} 重合，合并"))
        for other in others:
            said[other].append(Message(f"same ground as {first}: joined to it", f"与 {first} 重合，并入其中"))
    return _unite(table, shapes, groups, quantities)


def _cut(table: pd.DataFrame, shapes: Shapes, quantities: Sequence[str], said: dict[str, list[Message]]) -> Shapes:
    """Give ground that several claim to one of them, by rule 2; none of it is lost."""
    found, keys = find_overlaps(shapes, wider_than_m=_WIDTH_M), table["block_id"].tolist()
    area_m2 = shapely.area(shapes)
    depth = np.zeros(len(shapes), dtype=np.int64)
    covered = np.flatnonzero(found.is_covered)
    for n in covered[np.argsort(-area_m2[found.large[covered]], kind="stable")]:
        depth[found.small[n]] = max(depth[found.small[n]], depth[found.large[n]] + 1)
    residents = table["people" if "people" in quantities else "households"].to_numpy()
    rank = np.empty(len(shapes), dtype=np.int64)
    rank[np.lexsort((np.arange(len(shapes)), -residents, -depth))] = np.arange(len(shapes))
    loses = np.where(rank[found.small] < rank[found.large], found.large, found.small)
    takes = found.small + found.large - loses
    left = shapes.copy()
    for block in np.unique(loses):
        others = np.sort(takes[loses == block])
        left[block] = shapely.difference(shapes[block], shapely.union_all(shapes[others]))
        named = list_of(keys[i] for i in others)
        said[keys[block]].append(Message(f"ground given to {named.en}", f"部分范围归 {named.zh}"))
    return left


def _refuse_contradictions(table: pd.DataFrame, problems: list[Message]) -> None:
    """Refuse shapes of one key that lie in different districts, communities or levels."""
    for column in ("district", "community", *(name for name in table.columns if name.startswith("levels."))):
        key = column if column.startswith("levels.") else f"data.blocks.columns.{column}"
        n_values = table.groupby("block_id")[column].nunique()
        if wrong := sorted(n_values.index[n_values > 1].tolist()):
            named = name_some(wrong)
            problems.append(
                Message(
                    f"{_KEY}: shapes of one key differ in {key}: {named.en}; make them agree.",
                    f"{_KEY}：同一编号的图形在 {key} 中取值不同：{named.zh}；请改为一致。",
                )
            )


def _refuse_homeless(gone: pd.DataFrame, quantities: Sequence[str], problems: list[Message]) -> None:
    """Refuse to take out blocks with residents."""
    if homeless := gone["block_id"][gone[list(quantities)].any(axis=1)].tolist():
        named = name_some(homeless)
        problems.append(
            Message(
                f"{_KEY}: other blocks take all the ground of {named.en}, which hold residents; delete them, or draw "
                "them where the residents live.",
                f"{_KEY}：{named.zh} 有居民，但其范围全部归其他地块；请删除这些地块，或按居民所在处重绘。",
            )
        )


def _write_log(
    drawn: pd.DataFrame, mended: pd.DataFrame, quantities: Sequence[str], said: dict[str, list[Message]]
) -> pd.DataFrame:
    """Give the blocks of which something was said, by key, before and after."""
    columns = ["area_m2", *quantities]
    keys = sorted(key for key, changes in said.items() if changes)
    before = drawn.groupby("block_id")[columns].sum().reindex(keys)
    after = mended.set_index("block_id")[columns].reindex(keys, fill_value=0)
    changes = [join(said[key], mark=";") for key in keys]
    log: dict[str, object] = {"block_id": keys, "change_en": [one.en for one in changes]}
    log["change_zh"] = [one.zh for one in changes]
    for column in columns:
        for name, values in zip(_WHEN, (before, after), strict=True):
            log[f"{column}_{name}"] = values[column].to_numpy().round(2 if column == "area_m2" else 0)
    return pd.DataFrame(log)
