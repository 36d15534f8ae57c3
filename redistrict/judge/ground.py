"""Ground: what the judge reads from the original files, by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from redistrict.errors import DataError
from redistrict.judge.dates import year_of
from redistrict.judge.levels import read_levels
from redistrict.judge.locks import are_locked
from redistrict.judge.looks import cut_straight
from redistrict.judge.mend import mend
from redistrict.judge.reading import (
    Geometries,
    as_counts,
    as_text,
    column,
    drawn,
    geometries,
    joined,
    metric_crs,
    read_layer,
    read_table,
    text_column,
)
from redistrict.judge.spread import spread_again
from redistrict.judge.totals import leave_out_totals
from redistrict.messages import Message, name_some
from redistrict.scenario.models import BlockPair, Scenario
from redistrict.scenario.section import Quantity
from redistrict.scenario.sources import (
    GROUND,
    BlockSource,
    CountSource,
    CurrentSource,
    Data,
    ProjectSource,
    RoadSource,
    SiteSource,
    Source,
    StructureSource,
    column_of,
    list_columns,
)


@dataclass(frozen=True, eq=False)
class Ground:
    """The blocks as the file has them, and what separates and joins them; all in one metric CRS.

    Attributes
    ----------
    ids : (n,) text
        Block keys, in the order of the file; unique.
    district, today, names : (n,) text
        District, today's community and name of each block, empty text where the data have none.
    names_today : text -> text
        Name of each community of today that the data name.
    counts : quantity -> (n,) int64
        Households and people, as far as the scenario names a column.
    others : key -> (n,) int64
        Further quantities of the scenario.
    dwellings : (n,) int64, or None
        Dwellings, where the scenario names a column.
    polygons : (n,) valid Polygon or MultiPolygon
        In `crs`.
    barriers, walls : arrays of geometries
        What separates blocks unless a structure opens it, and whatever structure there is.
    openings, bridges : arrays of geometries
        Bridges and underpasses that open a barrier; those bridges that are lines.
    dividers : array of lines
        Centrelines of roads and lines of barriers: they divide the ground between blocks.
    never : array of lines
        Roads no community may hold, one line for every straight piece.
    locked : set of text
        Today's communities that stay as they are.
    n_sites : (n,) int64
        Premises in each block, or nearer to it than to any other.
    deliveries : DataFrame
        Estates under delivery: `block` (its position), `year`, and the quantities moving in.
    levels : key -> (n,) text
        Unit of each block at each level above the community, outermost first.
    """

    ids: NDArray[np.object_]
    district: NDArray[np.object_]
    today: NDArray[np.object_]
    names: NDArray[np.object_]
    names_today: Mapping[str, str]
    counts: Mapping[Quantity, NDArray[np.int64]]
    others: Mapping[str, NDArray[np.int64]]
    dwellings: NDArray[np.int64] | None
    polygons: Geometries
    crs: CRS
    barriers: Geometries
    walls: Geometries
    openings: Geometries
    bridges: Geometries
    dividers: Geometries
    never: Geometries
    locked: frozenset[str]
    n_sites: NDArray[np.int64]
    deliveries: pd.DataFrame
    levels: Mapping[str, NDArray[np.object_]]

    @property
    def n_blocks(self) -> int:
        """Number of blocks in the file."""
        return len(self.ids)

    @property
    def held(self) -> dict[str, NDArray[np.int64]]:
        """Everything that is counted in a block and has a target or a mean."""
        return {str(quantity): counts for quantity, counts in self.counts.items()} | dict(self.others)

    @property
    def is_empty(self) -> NDArray[np.bool_]:
        """Blocks without a single household or person."""
        inhabited = np.zeros(self.n_blocks, dtype=bool)
        for counts in self.counts.values():
            inhabited |= counts > 0
        return ~inhabited

    def counts_in(self, quantity: Quantity, year: int) -> NDArray[np.int64]:
        """Give what each block holds when all that is delivered by the end of a year has moved in."""
        due = self.deliveries[self.deliveries["year"] <= year]
        counts = self.counts[quantity].copy()
        np.add.at(counts, due["block"].to_numpy(), due[quantity].to_numpy())
        return counts

    def find_pairs(self, pairs: Sequence[BlockPair]) -> list[tuple[int, int]]:
        """Give the positions of blocks paired by hand, passing over keys the file does not have."""
        position = {key: at for at, key in enumerate(self.ids)}
        found = [(position.get(a), position.get(b)) for a, b in (pair.blocks for pair in pairs)]
        return [(a, b) for a, b in found if a is not None and b is not None]


def read_ground(scenario: Scenario) -> Ground:
    """Read blocks, barriers and structures, and what else the scenario's rules ask for.

    Raises
    ------
    DataError
        If a file, a column or a value cannot be used.
    """
    data, standards = scenario.data, scenario.standards
    columns = data.blocks.columns
    join = data.blocks.counts.block_column if data.blocks.counts else None
    weight = data.blocks.spread.by if data.blocks.spread and data.blocks.spread.by != GROUND else None
    by_level = (level.column for level in scenario.levels)
    blocks = read_layer(data.blocks, (*list_columns(columns), join, weight, *by_level))
    ids = as_text(column(blocks, columns.id, data.blocks))
    _check_ids(ids, may_repeat=data.repair == "mend")
    by_block = (columns.district, columns.community, columns.name)
    district, today, names = (text_column(blocks, name, data.blocks) for name in by_block)
    crs = metric_crs(blocks, data.crs)
    polygons = _polygonal(geometries(blocks, crs), ids)
    counts = _read_counts(data.blocks, blocks, ids, spread_again(data.blocks, blocks, ids, polygons, crs))
    dwellings = _read_dwellings(data.blocks, blocks, ids)
    rows = np.arange(len(ids))
    if data.repair == "mend":
        rows, counts, polygons, dwellings = mend(ids, counts, polygons, dwellings)
        ids, district, today, names = ids[rows], district[rows], today[rows], names[rows]
    never = [name for name, weight in scenario.objective.crossing.items() if weight == "never"]
    barriers, walls = ([s for s in data.barriers if (s.class_name in never) == shut] for shut in (False, True))
    openings, bridges = _read_openings(data.structures, crs)
    merges = scenario.communities.change == "merge_only"
    needs_site, grows = standards.premises.site == "required", standards.growth.hold == "required"
    return Ground(
        ids=ids,
        district=district,
        today=today,
        names=names,
        names_today=_read_names_today(data.current) if scenario.pins else {},
        counts={quantity: counts[quantity] for quantity in data.blocks.quantities},
        others={key: counts[key] for key in data.blocks.others},
        dwellings=dwellings,
        polygons=polygons,
        crs=crs,
        barriers=_read_shapes(barriers, crs),
        walls=_read_shapes(walls, crs),
        openings=openings,
        bridges=bridges,
        dividers=_read_dividers(data, crs),
        never=_read_never(data.roads, never, crs),
        locked=_read_locked(data.current if merges else None, today),
        n_sites=np.bincount(
            find_site_blocks(data.premises if needs_site else None, polygons, crs)[:, 1], minlength=len(polygons)
        ),
        deliveries=read_deliveries(data.projects if grows else None, ids, data.blocks.quantities),
        levels=read_levels(scenario.levels, data.blocks, blocks, rows.tolist(), polygons, crs),
    )


def _check_ids(ids: NDArray[np.object_], *, may_repeat: bool) -> None:
    seen, times = np.unique(ids.astype(str), return_counts=True)
    repeated = [] if may_repeat else list(seen[times > 1])
    if ids.size == 0 or "" in seen or repeated:
        some = name_some(repeated)
        raise DataError(
            Message(
                f"Every block needs its own key; {ids.size} blocks, repeated or missing: {some.en or '-'}.",
                f"每个地块必须有唯一的编号；共 {ids.size} 个地块，重复或缺失：{some.zh or '—'}。",
            )
        )


def _polygonal(shapes: Geometries, ids: NDArray[np.object_]) -> Geometries:
    """Mend invalid rings and keep the areas."""
    mended = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    lost = ~(np.isin(shapely.get_dimensions(mended), [2]) & (shapely.area(mended) > 0))
    if lost.any():
        some = name_some(list(ids[lost]))
        raise DataError(Message(f"Blocks without an area: {some.en}.", f"以下地块没有面状图形：{some.zh}。"))
    result: Geometries = mended
    return result


def _read_counts(
    source: BlockSource,
    blocks: pd.DataFrame,
    ids: NDArray[np.object_],
    spread: Mapping[str, NDArray[np.int64]],
) -> dict[str, NDArray[np.int64]]:
    """Give the counts of each block: of the layer, of the row with its key in the table of counts, or of its areas."""
    joined = blocks if source.counts is None else _join(source, source.counts, blocks, ids)
    counts: dict[str, NDArray[np.int64]] = {}
    for quantity in (*source.quantities, *source.others):
        if quantity in spread:
            counts[quantity] = spread[quantity]
            continue
        own = column_of(source.columns, quantity)
        values = joined[quantity] if own is None else column(blocks, own, source)
        counts[quantity] = _whole(source, values, ids)
    return counts


def _read_dwellings(source: BlockSource, blocks: pd.DataFrame, ids: NDArray[np.object_]) -> NDArray[np.int64] | None:
    name = source.columns.dwellings
    return None if name is None else _whole(source, column(blocks, name, source), ids)


def _whole(source: BlockSource, values: "pd.Series[Any]", ids: NDArray[np.object_]) -> NDArray[np.int64]:
    return as_counts(values.where(as_text(values) != "", 0) if source.blanks == "zero" else values, ids)


def _join(source: BlockSource, table: CountSource, blocks: pd.DataFrame, ids: NDArray[np.object_]) -> pd.DataFrame:
    """Give the quantities of the table, a row a block; nothing in a row that is not there."""
    names = {quantity: column_of(table.columns, quantity) for quantity in (*source.quantities, *source.others)}
    rows = leave_out_totals(read_table(table, list_columns(table.columns)), table.columns.id, names.values())
    keys = text_column(rows, table.columns.id, table)
    wanted = ids if table.block_column is None else text_column(blocks, table.block_column, source)
    by_column = [] if table.block_column is None else [(wanted, source.path.name)]
    for given, file in ((keys, table.path.name), *by_column):
        once, times = np.unique(given.astype(str), return_counts=True)
        if "" in once or (times > 1).any():
            some = name_some(list(once[times > 1]))
            raise DataError(
                Message(
                    f"{file}: keys of counts that are missing or repeated: {some.en or '-'}.",
                    f"{file}：用于连接户数、人口的编号缺失或重复：{some.zh or '—'}。",
                )
            )
    found = {quantity: column(rows, name, table).to_numpy() for quantity, name in names.items() if name}
    return pd.DataFrame(found, index=keys).reindex(wanted).reset_index(drop=True)


def _read_shapes(sources: Sequence[Source], crs: CRS) -> Geometries:
    return joined([drawn(geometries(read_layer(source, ()), crs)) for source in sources])


def kinds_of(
    layer: gpd.GeoDataFrame,
    source: Source,
    name: str | None,
    mapping: Mapping[str, str] | None,
    constant: str | None,
) -> NDArray[np.object_]:
    """Give each feature's kind by its column and the scenario's table of values, or the one kind of the layer."""
    if name is None:
        return np.full(len(layer), constant, dtype=object)
    given = text_column(layer, name, source)
    return given if mapping is None else np.array([mapping.get(kind, "") for kind in given], dtype=object)


def _read_openings(sources: Sequence[StructureSource], crs: CRS) -> tuple[Geometries, Geometries]:
    """Give the bridges and underpasses, and again those bridges that are drawn as lines."""
    openings, bridges = [], []
    for source in sources:
        layer = read_layer(source, (source.kind_column,))
        kinds = kinds_of(layer, source, source.kind_column, source.kinds, source.kind)
        shapes = geometries(layer, crs)
        openings.append(drawn(shapes[np.isin(kinds, ["bridge", "underpass"])]))
        spans = shapes[(kinds == "bridge") & (shapely.get_dimensions(shapes) == 1)]
        bridges.append(drawn(shapely.line_merge(spans)))
    return joined(openings), joined(bridges)


def _read_dividers(data: Data, crs: CRS) -> Geometries:
    """Give the roads of named classes and the barriers that are drawn as lines."""
    found = [_read_shapes(data.barriers, crs)]
    for source in data.roads:
        layer = read_layer(source, (source.class_column,))
        kinds = kinds_of(layer, source, source.class_column, source.classes, source.class_name)
        found.append(drawn(geometries(layer, crs)[kinds != ""]))
    shapes = joined(found)
    lines: Geometries = shapes[shapely.get_dimensions(shapes) == 1]
    return lines


def _read_never(sources: Sequence[RoadSource], never: list[str], crs: CRS) -> Geometries:
    """Give the roads of classes never to be crossed as straight lines; road areas by their outlines."""
    found = []
    for source in sources:
        if not never or source.class_name not in (None, *never):
            continue
        layer = read_layer(source, (source.class_column,))
        kinds = kinds_of(layer, source, source.class_column, source.classes, source.class_name)
        shapes = drawn(geometries(layer, crs)[np.isin(kinds, never)])
        ends, _ = cut_straight(np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes))
        found.append(shapely.linestrings(ends))
    return joined(found)


def _read_locked(source: CurrentSource | None, today: NDArray[np.object_]) -> frozenset[str]:
    if source is None or source.columns.locked is None:
        return frozenset()
    columns = source.columns
    table = read_table(source, (columns.id, columns.locked, columns.staff))
    table = leave_out_totals(table, columns.id, (columns.staff,))
    table = table.loc[np.isin(text_column(table, columns.id, source), today)]
    ids, locks = (text_column(table, name, source) for name in (columns.id, columns.locked))
    return frozenset(key for key, yes in zip(ids, are_locked(locks, columns.locked or ""), strict=True) if yes)


def _read_names_today(source: CurrentSource | None) -> dict[str, str]:
    if source is None or source.columns.name is None:
        return {}
    table = read_table(source, (source.columns.id, source.columns.name))
    ids, names = (text_column(table, name, source) for name in (source.columns.id, source.columns.name))
    return dict(zip(ids, names, strict=True))


def find_site_blocks(source: SiteSource | None, polygons: Geometries, crs: CRS) -> NDArray[np.int64]:
    """Give the block each site stands in, or the nearest; several if they are as near: rows of site and block."""
    if source is None:
        return np.zeros((0, 2), dtype=np.int64)
    return np.asarray(shapely.STRtree(polygons).query_nearest(read_rooms(source, crs)).T, dtype=np.int64)


def read_rooms(source: SiteSource, crs: CRS) -> Geometries:
    """Give the place of every site, a point inside what is drawn."""
    layer = read_layer(source, ())
    return drawn(geometries(layer.set_geometry(layer.geometry.representative_point()), crs))


def read_estates(source: ProjectSource, ids: NDArray[np.object_]) -> pd.DataFrame:
    """Give the rows of estates under delivery, without totals and rows with neither a block nor a count."""
    columns = source.columns
    counted = (columns.households, columns.people, columns.homes)
    table = leave_out_totals(read_table(source, columns.model_dump().values()), columns.id, counted)
    says = [np.isin(text_column(table, columns.block, source), ids)]
    says += [text_column(table, name, source) != "" for name in counted]
    return table[np.logical_or.reduce(says)].reset_index(drop=True)


def read_deliveries(
    source: ProjectSource | None, ids: NDArray[np.object_], quantities: Sequence[Quantity]
) -> pd.DataFrame:
    """Give what is delivered: `block` (its row), `year` and each quantity; empty without a source.

    Raises
    ------
    DataError
        If a row names no block or no year.
    """
    if source is None:
        return pd.DataFrame(columns=["block", "year", *quantities], dtype=np.int64)
    columns, table = source.columns, read_estates(source, ids)
    blocks, dates = (text_column(table, name, source) for name in (columns.block, columns.date))
    position = {key: at for at, key in enumerate(ids)}
    years = [year_of(date) for date in dates]
    lost = [block or "-" for block, year in zip(blocks, years, strict=True) if block not in position or not year]
    if lost:
        some = name_some(lost)
        raise DataError(
            Message(
                f"{source.path.name} has rows of unknown blocks, or without a year: {some.en}.",
                f"{source.path.name} 中有地块不存在或缺少年份的行：{some.zh}。",
            )
        )
    found = {"block": [position[block] for block in blocks], "year": years}
    for quantity in quantities:
        name: str | None = getattr(columns, quantity)
        values = pd.Series(0, index=table.index) if name is None else column(table, name, source)
        found[quantity] = as_counts(values.where(as_text(values) != "", 0), blocks).tolist()
    return pd.DataFrame(found, dtype=np.int64)
