"""Blocks: the checked, projected table of residential blocks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from redistrict.errors import DataError
from redistrict.geo.alike import refuse_alike, say_alike
from redistrict.geo.area_totals import find_area_totals
from redistrict.geo.counts import read_counts
from redistrict.geo.keys import say_lost_digits
from redistrict.geo.levels import PREFIX, BlockLevel, read_level_columns, read_levels
from redistrict.geo.mend import mend_blocks, say_mended
from redistrict.geo.metric import choose_metric_crs, to_metric
from redistrict.geo.overlaps import check_overlaps
from redistrict.geo.parts import note_far_parts
from redistrict.geo.repair import repair_polygons
from redistrict.geo.source import read_source
from redistrict.geo.spread import read_spread
from redistrict.geo.tables import (
    as_text,
    blank_rows,
    note_unlikely_sizes,
    read_text,
    repeated_keys,
)
from redistrict.messages import Message, name_some
from redistrict.scenario.levels import Level
from redistrict.scenario.sources import GROUND, Data, list_columns

_KEY = "data.blocks"


@dataclass(frozen=True, eq=False)
class Blocks:
    """Residential blocks, sorted by id.

    Attributes
    ----------
    frame : GeoDataFrame
        Columns `block_id`, `district`, `name`, `community` (text, "" where there is none), one int64 column
        for each of `quantities` and each further quantity by its key, and `dwellings` where the data have them, and
        valid polygons in a projected CRS in metres. Do not change it.
    quantities : tuple of str
        `households`, `people`, or the one the data set has.
    notes : tuple of Message
        What was chosen or repaired while reading.
    mended : DataFrame or None
        The log of `mend_blocks`; none where the scenario does not ask for it.
    levels : tuple of BlockLevel
        Units above the community that each block lies in, outermost first.
    """

    frame: gpd.GeoDataFrame
    quantities: tuple[str, ...]
    notes: tuple[Message, ...]
    mended: pd.DataFrame | None = None
    levels: tuple[BlockLevel, ...] = ()

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Block keys, sorted."""
        return tuple(self.frame["block_id"])

    @property
    def crs(self) -> CRS:
        """The metric CRS."""
        return CRS(self.frame.crs)

    @cached_property
    def shapes(self) -> NDArray[np.object_]:
        """Polygons, (n_blocks,)."""
        return np.asarray(self.frame.geometry.to_numpy(), dtype=object)

    @cached_property
    def size(self) -> NDArray[np.int64]:
        """Counts, (n_blocks, n_quantities)."""
        return np.asarray(self.frame[list(self.quantities)], dtype=np.int64)

    @property
    def dwellings(self) -> NDArray[np.int64] | None:
        """Dwellings in each block, (n_blocks,); none where the data have none."""
        return self.frame["dwellings"].to_numpy(dtype=np.int64) if "dwellings" in self.frame else None

    @cached_property
    def places(self) -> NDArray[np.object_]:
        """Name of the smallest unit that no community may leave, (n_blocks,): a hard level's, or the district."""
        hard = [level for level in self.levels if level.is_hard]
        return hard[-1].of_block if hard else self.frame["district"].to_numpy(dtype=object)

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        return f"Blocks({len(self)} blocks, {', '.join(self.quantities)}, {self.crs.name})"


def read_blocks(data: Data, levels: Sequence[Level] = ()) -> Blocks:
    """Read, check, repair and project the blocks, with the levels they lie in.

    Raises
    ------
    DataError
        Listing every problem found: missing file, column or CRS, empty layer, blank or repeated keys, counts
        that are not whole numbers >= 0, blank districts, features that are not polygons, and what `read_levels` says.
    """
    columns = data.blocks.columns
    notes: list[Message] = []
    join = None if data.blocks.counts is None else data.blocks.counts.block_column
    weight = None if data.blocks.spread is None or data.blocks.spread.by == GROUND else data.blocks.spread.by
    wanted = [*list_columns(columns), join, weight, *(level.column for level in levels)]
    raw = read_source(data.blocks, wanted, key=_KEY, notes=notes)
    if raw.empty:
        raise DataError(
            Message(
                f"{_KEY}: {data.blocks.path.name} holds no blocks (0 features); check the layer and 'where:'.",
                f"{_KEY}：{data.blocks.path.name} 中没有地块（0 个要素）；请检查图层和 where:。",
            )
        )
    problems: list[Message] = []
    ids = _read_ids(raw[columns.id], problems, may_repeat=data.repair == "mend")
    table: dict[str, object] = {"block_id": ids}
    table |= read_counts(data.blocks, raw, ids, problems, notes)
    texts = {name: read_text(raw, getattr(columns, name)) for name in ("district", "name", "community")}
    table |= texts
    for name in ("district", "community"):
        words = sorted(set(texts[name]))
        problems += say_lost_digits(words, str(getattr(columns, name)), f"{_KEY}.columns.{name}")
    if columns.district is not None:
        _refuse(texts["district"] == "", ids, problems, _no_district)
        refuse_alike(texts["district"].tolist(), f"{_KEY}.columns.district", problems, notes)
    notes += say_alike(texts["community"], f"{_KEY}.columns.community")
    table |= read_level_columns(raw, levels, ids, problems)
    _check_shapes(raw.geometry, ids, problems)
    if problems:
        raise DataError(problems)
    crs, note = choose_metric_crs(raw, data.crs)
    metric = to_metric(raw, crs, key=_KEY)
    shapes, repairs = repair_polygons(np.asarray(metric.geometry.to_numpy(), dtype=object), ids)
    _refuse(shapely.area(shapes) <= 0, ids, problems, _no_shape)
    notes += [*((note,) if note else ()), *repairs]
    table |= read_spread(data.blocks, raw, gpd.GeoSeries(shapes, crs=crs), ids, problems, notes)
    rows, log = pd.DataFrame(table), None
    if data.repair == "mend" and not problems:
        counted = [name for name in (*data.blocks.quantities, "dwellings", *data.blocks.others) if name in rows]
        totals = find_area_totals(ids, rows[counted].to_numpy(dtype=np.int64), shapes, fewest=2)
        _refuse(np.isin(ids, totals), ids, problems, _total)
    if data.repair == "mend" and not problems:
        rows, shapes, log = mend_blocks(rows, shapes, counted, problems)
        notes.append(say_mended(log))
    ids = rows["block_id"].to_numpy(dtype=object)
    notes += check_overlaps(shapes, ids, problems)
    if problems:
        raise DataError(problems)
    frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=crs).sort_values("block_id", ignore_index=True)
    of_levels = read_levels(levels, frame, problems, notes)
    if problems:
        raise DataError(problems)
    frame = frame.drop(columns=[name for name in frame.columns if name.startswith(PREFIX)])
    notes += note_far_parts(shapes, ids)
    if len(data.blocks.quantities) == 2:
        notes += note_unlikely_sizes(ids, rows["households"].to_numpy(), rows["people"].to_numpy(), _KEY)
    return Blocks(frame, data.blocks.quantities, tuple(notes), log, of_levels)


def _read_ids(values: pd.Series, problems: list[Message], *, may_repeat: bool) -> NDArray[np.object_]:
    ids = as_text(values)
    if blank := blank_rows(ids):
        rows = name_some(blank)
        problems.append(
            Message(
                f"{_KEY}.columns.id: {len(blank)} blocks have no key in '{values.name}' (features {rows.en}); "
                "give every block one.",
                f"{_KEY}.columns.id：{len(blank)} 个地块的“{values.name}”为空（第 {rows.zh} 个要素）；请补全编号。",
            )
        )
    if lost := say_lost_digits(ids.tolist(), str(values.name), f"{_KEY}.columns.id"):
        problems += lost
    elif (repeated := repeated_keys(ids)) and not may_repeat:
        named = name_some(repeated)
        problems.append(
            Message(
                f"{_KEY}.columns.id: {len(repeated)} keys in '{values.name}' stand on more than one block: "
                f"{named.en}; keys must be unique. If these are parts of one block, write 'repair: mend' under data.",
                f"{_KEY}.columns.id：“{values.name}”中有 {len(repeated)} 个编号重复：{named.zh}；编号必须唯一。"
                "如为同一地块的几部分，请在 data 下写 repair: mend。",
            )
        )
    return ids


def _check_shapes(shapes: gpd.GeoSeries, ids: NDArray[np.object_], problems: list[Message]) -> None:
    kinds = shapely.get_type_id(np.asarray(shapes.to_numpy(), dtype=object))
    polygonal = np.isin(kinds, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    missing = np.asarray(shapes.isna() | shapes.is_empty)
    _refuse(missing, ids, problems, _no_shape)
    _refuse(~polygonal & ~missing, ids, problems, _not_polygon)


def _refuse(
    wrong: NDArray[np.bool_],
    ids: NDArray[np.object_],
    problems: list[Message],
    describe: Callable[[Message, int], Message],
) -> None:
    if wrong.any():
        problems.append(describe(name_some(list(ids[wrong])), int(wrong.sum())))


def _no_district(named: Message, n: int) -> Message:
    return Message(
        f"{_KEY}.columns.district: {n} blocks have no district: {named.en}; fill it in.",
        f"{_KEY}.columns.district：{n} 个地块没有填写所属区：{named.zh}；请补全。",
    )


def _total(named: Message, n: int) -> Message:
    return Message(
        f"{_KEY}: {n} blocks hold the sum of the blocks they cover, or are called totals, so that their residents "
        f"would count twice: {named.en}; delete them.",
        f"{_KEY}：{n} 个地块的数量等于其所覆盖地块之和，或名称为合计，会重复计数：{named.zh}；请删除。",
    )


def _no_shape(named: Message, n: int) -> Message:
    return Message(
        f"{_KEY}: {n} blocks have no outline: {named.en}; draw them or delete the rows.",
        f"{_KEY}：{n} 个地块没有图形：{named.zh}；请补绘或删除这些记录。",
    )


def _not_polygon(named: Message, n: int) -> Message:
    return Message(
        f"{_KEY}: {n} features are not polygons: {named.en}; blocks must be areas "
        "(a polygon inside a collection of shapes is to be taken out of it).",
        f"{_KEY}：{n} 个要素不是面：{named.zh}；地块必须是面状图形（几何集合中的面须先取出）。",
    )
