"""Linework: what is said of roads and barriers that are no lines, or have no class."""

import geopandas as gpd
import numpy as np
import shapely

from redistrict.errors import DataError
from redistrict.geo.tables import as_text
from redistrict.messages import Message
from redistrict.scenario.sources import BarrierSource, RoadSource, Source


def note_lines(frame: gpd.GeoDataFrame, source: RoadSource | BarrierSource, key: str) -> list[Message]:
    """Say how many features divide nothing, being points or of no length, and which roads are drawn as areas.

    Raises
    ------
    DataError
        If none of them is a line or an area: then the layer says nothing.
    """
    shapes, file, notes = np.asarray(frame.geometry.to_numpy(), dtype=object), source.path.name, []
    if not len(shapes):
        return []
    bare, n_areas = int((shapely.length(shapes) == 0).sum()), int((shapely.get_dimensions(shapes) == 2).sum())
    if bare:
        said = Message(
            f"{key}: {bare} of {len(shapes)} features of {file} are points or have no length and count for nothing; "
            "give lines.",
            f"{key}：{file} 的 {len(shapes)} 个要素中有 {bare} 个是点或长度为 0，不起作用；请给出线。",
        )
        if bare == len(shapes):
            raise DataError(said)
        notes.append(said)
    if n_areas and isinstance(source, RoadSource):
        notes.append(
            Message(
                f"{key}: {n_areas} of {len(shapes)} roads of {file} are areas; their outlines count, which are about "
                "twice as long as the roads, and boundaries cannot follow them. Give centrelines.",
                f"{key}：{file} 的 {len(shapes)} 条道路中有 {n_areas} 条是面；按其轮廓计算，长度约为道路的两倍，"
                "且界线无法沿其划定。请给出中心线。",
            )
        )
    return notes


def note_empty(raw: gpd.GeoDataFrame, source: Source, key: str) -> list[Message]:
    """Say that a layer has no features, or how many have no shape."""
    file = source.path.name
    bare = int((raw.geometry.isna() | raw.geometry.is_empty).sum())
    if bare:
        return [
            Message(
                f"{key}: {bare} of {len(raw)} features of {file} have no shape and count for nothing; draw them, or "
                "delete the rows.",
                f"{key}：{file} 的 {len(raw)} 个要素中有 {bare} 个没有图形，不起作用；请补绘或删除这些记录。",
            )
        ]
    if len(raw):
        return []
    return [
        Message(
            f"{key}: {file} holds no features; check the layer and 'where:'.",
            f"{key}：{file} 中没有要素；请检查图层和 where:。",
        )
    ]


def note_unclassed(raw: gpd.GeoDataFrame, source: RoadSource, key: str) -> list[Message]:
    """Say how many roads have no class and are left out for that."""
    if source.class_column is None or "" in (source.classes or {}):
        return []
    column, lost = source.class_column, int((as_text(raw[source.class_column]) == "").sum())
    if not lost:
        return []
    return [
        Message(
            f"{key}: {lost} of {len(raw)} roads of {source.path.name} have nothing in '{column}' and are left out.",
            f"{key}：{source.path.name} 的 {len(raw)} 条道路中有 {lost} 条的“{column}”为空，未采用。",
        )
    ]
