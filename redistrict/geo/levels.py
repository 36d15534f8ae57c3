"""Levels: which unit (street, ...) each block lies in, by a column of the blocks or by polygons of another layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from redistrict.geo.alike import refuse_alike
from redistrict.geo.metric import to_metric
from redistrict.geo.repair import repair_polygons
from redistrict.geo.source import read_source
from redistrict.geo.tables import as_text, blank_rows, read_text
from redistrict.messages import Message, name_some, under
from redistrict.scenario.levels import Level, LevelSource

PREFIX = "levels."
"""Before the key of a level, the column of a table of blocks that holds its names."""
_TIE_SHARE = 0.001
"""Overlaps that differ by less of a block's ground are equal; smaller ones are roundings of a shared border."""
_SPLIT_SHARE = 0.01
"""A block is named that has more than this share of its ground in another unit."""

Texts = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class BlockLevel:
    """One level above the community.

    Attributes
    ----------
    key : str
        Its key in the scenario.
    names : tuple of str
        Names of its units, sorted; each lies in one unit of the level above, and in one district.
    unit : (n_blocks,) int32, read-only
        Unit of each block, as a position in `names`.
    asked : Level, optional
        Its section of the scenario.
    """

    key: str
    names: tuple[str, ...]
    unit: NDArray[np.int32]
    asked: Level | None = None

    @property
    def is_hard(self) -> bool:
        """Whether no community crosses its borders."""
        return self.asked is not None and self.asked.keep == "hard"

    @property
    def of_block(self) -> Texts:
        """Name of the unit of each block, (n_blocks,)."""
        return np.array(self.names, dtype=object)[self.unit]


def read_level_columns(
    raw: pd.DataFrame, levels: Sequence[Level], ids: Texts, problems: list[Message]
) -> dict[str, Texts]:
    """Give the names that stand in columns of the blocks, by `PREFIX` and key; blocks without one are problems."""
    found = {}
    for n, level in enumerate(levels):
        if level.column is None:
            continue
        found[PREFIX + level.key] = names = read_text(raw, level.column)
        if lost := ids[names == ""].tolist():
            named = name_some(lost)
            problems.append(
                Message(
                    f"levels[{n}].column: {len(lost)} blocks have nothing in '{level.column}': {named.en}; fill it in.",
                    f"levels[{n}].column：{len(lost)} 个地块的“{level.column}”为空：{named.zh}；请补全。",
                )
            )
    return found


def read_levels(
    levels: Sequence[Level], frame: gpd.GeoDataFrame, problems: list[Message], notes: list[Message]
) -> tuple[BlockLevel, ...]:
    """Give every level, outermost first.

    Parameters
    ----------
    frame : GeoDataFrame
        Checked blocks with `block_id`, `district`, and the columns of `read_level_columns`.
    problems, notes : list of Message
        What is wrong is added: blocks outside all polygons, polygons without a name, units in two units of the level
        above or in two districts. So is what was chosen: blocks that lie in several units.
    """
    found: list[BlockLevel] = []
    above, kind = frame["district"].to_numpy(dtype=object), Message("districts", "区")
    for n, level in enumerate(levels):
        key, n_problems = f"levels[{n}]", len(problems)
        if level.layer is None:
            names = frame[PREFIX + level.key].to_numpy(dtype=object)
        else:
            names = _by_polygons(level.layer, frame, f"{key}.layer", problems, notes)
        if len(problems) > n_problems:
            continue
        refuse_alike(names.tolist(), key, problems if level.keep == "hard" else notes, notes)
        distinct, at = np.unique(names.astype(str), return_inverse=True)
        unit = np.asarray(at, dtype=np.int32)
        unit.setflags(write=False)
        found.append(BlockLevel(level.key, tuple(distinct.tolist()), unit, level))
        problems += _check_nesting(key, found[-1], above, kind, frame["block_id"].to_numpy(dtype=object))
        above, kind = names, Message(f"units of {levels[n].title.en}", levels[n].title.zh)
    return tuple(found)


def _check_nesting(key: str, level: BlockLevel, above: Texts, kind: Message, ids: Texts) -> list[Message]:
    """Name every unit that lies in several units of the level above, with the blocks of all but the largest part."""
    problems = []
    for number, name in enumerate(level.names):
        own = np.flatnonzero(level.unit == number)
        places, at, n_blocks = np.unique(above[own].astype(str), return_inverse=True, return_counts=True)
        if len(places) == 1:
            continue
        held = name_some([f"{place} ({n})" for place, n in zip(places.tolist(), n_blocks.tolist(), strict=True)])
        fewer = name_some(ids[own[at != n_blocks.argmax()]].tolist())
        problems.append(
            Message(
                f"{key}: {name} lies in {len(places)} {kind.en}: {held.en} blocks; it must lie in one. Mend the blocks "
                f"{fewer.en}; if these are several units of one name, tell them apart by name.",
                f"{key}：{name} 位于 {len(places)} 个{kind.zh}：{held.zh}（地块数）；只能位于一个。"
                f"请更正地块 {fewer.zh}；如为同名的不同单位，请用名称区分。",
            )
        )
    return problems


def _by_polygons(
    source: LevelSource, frame: gpd.GeoDataFrame, key: str, problems: list[Message], notes: list[Message]
) -> Texts:
    """Give the unit that holds most of each block's ground, the first by name where several hold as much."""
    ids, blocks = frame["block_id"].to_numpy(dtype=object), np.asarray(frame.geometry.to_numpy(), dtype=object)
    names, units = _read_units(source, CRS(frame.crs), key, problems, notes)
    found = np.full(len(ids), "", dtype=object)
    if not len(units):
        return found
    block, unit = shapely.STRtree(units).query(blocks, predicate="intersects")
    share = shapely.area(shapely.intersection(blocks[block], units[unit])) / shapely.area(blocks)[block]
    block, unit, share = (column[share > _TIE_SHARE] for column in (block, unit, share))
    most = np.zeros(len(ids))
    np.maximum.at(most, block, share)
    equal = share > most[block] - _TIE_SHARE
    order = np.lexsort((-unit[equal], block[equal]))
    found[block[equal][order]] = names[unit[equal][order]]
    if (found == "").any():
        named = name_some(ids[found == ""].tolist())
        problems.append(
            Message(
                f"{key}: {int((found == '').sum())} blocks lie in no unit of {source.path.name}: {named.en}; draw the "
                "units so that they hold every block.",
                f"{key}：{int((found == '').sum())} 个地块不在 {source.path.name} 的任何单位内：{named.zh}；"
                "请补绘，使每个地块都有所属。",
            )
        )
    several = np.bincount(block[equal], minlength=len(ids)) > 1
    split = np.bincount(block[share > _SPLIT_SHARE], minlength=len(ids)) > 1
    notes += _say_several(
        key, ids, found, several, Message("equal parts; the first by name", "面积相等，按名称取第一个")
    )
    notes += _say_several(
        key, ids, found, split & ~several, Message("the one with most of their ground", "取占地最多者")
    )
    return found


def _read_units(
    source: LevelSource, crs: CRS, key: str, problems: list[Message], notes: list[Message]
) -> tuple[Texts, Texts]:
    """Give the names of the units, sorted, and the ground of each in the blocks' CRS; none where any is wrong."""
    layer = read_source(source, [source.columns.name], key=key, notes=notes)
    names = as_text(layer[source.columns.name])
    none = np.array([], dtype=object)
    n_problems = len(problems)
    if rows := blank_rows(names):
        named = name_some(rows)
        problems.append(
            Message(
                f"{key}.columns.name: {len(rows)} polygons have no name in '{source.columns.name}' (features "
                f"{named.en}); fill it in.",
                f"{key}.columns.name：{len(rows)} 个面的“{source.columns.name}”为空（第 {named.zh} 个要素）；请补全。",
            )
        )
    wrong = shapely.get_dimensions(np.asarray(layer.geometry.to_numpy(), dtype=object)) != 2
    if wrong.any():
        named = name_some(names[wrong].tolist())
        problems.append(
            Message(
                f"{key}: {int(wrong.sum())} features are no polygons: {named.en}; draw them or delete the rows.",
                f"{key}：{int(wrong.sum())} 个要素不是面：{named.zh}；请补绘或删除这些记录。",
            )
        )
    if len(problems) > n_problems:
        return none, none
    metric = np.asarray(to_metric(layer, crs, key=key).geometry.to_numpy(), dtype=object)
    shapes, repairs = repair_polygons(metric, names, Message("units", "个单位"))
    notes += [under(key) + repair for repair in repairs]
    distinct = np.array(sorted(set(names.tolist())), dtype=object)
    return distinct, np.array([shapely.union_all(shapes[names == name]) for name in distinct], dtype=object)


def _say_several(key: str, ids: Texts, found: Texts, which: NDArray[np.bool_], choice: Message) -> list[Message]:
    if not which.any():
        return []
    named = name_some([f"{i} ({name})" for i, name in zip(ids[which], found[which], strict=True)])
    n = int(which.sum())
    return [
        Message(
            f"{key}: {n} blocks lie in several units and belong to one of them ({choice.en}): {named.en}.",
            f"{key}：{n} 个地块位于多个单位，只归其一（{choice.zh}）：{named.zh}。",
        )
    ]
