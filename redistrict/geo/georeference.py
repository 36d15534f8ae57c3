"""Georeference: the coordinate system of a layer as scenario and file say it, refused where it cannot be true."""

import re

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from redistrict.errors import DataError
from redistrict.geo.gcj02 import from_gcj02
from redistrict.geo.readings import Bounds, is_in_china, lies_in_use, locate, looks_like_degrees, other_readings
from redistrict.messages import Message, name_some
from redistrict.scenario.sources import GCJ02, Source

_BD09 = re.compile(r"\s*(bd|baidu)[\s_-]*0?9?", re.I)
_EARTH = 1e11
"""No coordinate of any place on earth is so large, whatever the unit."""
_BULK = 0.1
"""A tenth of the features may lie anywhere at either end: the rest says where a layer lies."""
_SMALLEST_TOWN_M = 5.0
_POLE = 84.0
"""No metric system is near beyond it."""


def with_crs(frame: gpd.GeoDataFrame, source: Source, key: str) -> gpd.GeoDataFrame:
    """Give a layer the system it is to be read in: the scenario's word, else the file's own, without heights.

    Raises
    ------
    DataError
        If there is none, or the coordinates cannot be what it says; with the likely cause.
    """
    crs = declared_crs(source, frame.crs, key)
    placed = frame.set_crs(crs, allow_override=True)
    _check_place(placed, source, key)
    if source.crs == GCJ02:
        _refuse_outside_china(placed, source, key)
        shifted = shapely.transform(placed.geometry.to_numpy(), from_gcj02)
        return placed.set_geometry(gpd.GeoSeries(shifted, index=frame.index, crs=crs))
    return placed


def _refuse_outside_china(frame: gpd.GeoDataFrame, source: Source, key: str) -> None:
    bounds = bulk_bounds(frame)
    if bounds is not None and not is_in_china(bounds):
        x, y = bounds[:2]
        raise DataError(
            Message(
                f"{key}.crs: {source.path.name} lies at {x:.2f}, {y:.2f} degrees; GCJ-02 is used in China only: "
                "write the true system.",
                f"{key}.crs：{source.path.name} 位于经度 {x:.2f}、纬度 {y:.2f}；GCJ-02 只用于中国：请写真实坐标系。",
            )
        )


def declared_crs(source: Source, own: CRS | None, key: str) -> CRS:
    """Give the system a layer is to be read in.

    Raises
    ------
    DataError
        If neither scenario nor file names one with a place on earth.
    """
    name = source.path.name
    if source.crs is not None:
        return CRS.from_epsg(4326) if source.crs == GCJ02 else parse_crs(source.crs, f"{key}.crs")
    flat = None if own is None else flat_crs(own)
    if flat is not None:
        return flat
    if own is not None:
        raise DataError(
            Message(
                f"{key}: {name} says a coordinate system without a place on earth ('{own.name}', {own.type_name}); "
                "add 'crs:' there, for example EPSG:4547 or EPSG:4490.",
                f"{key}：{name} 的坐标系（“{own.name}”，{own.type_name}）没有地理位置；"
                "请在此处加上 crs:，例如 EPSG:4547 或 EPSG:4490。",
            )
        )
    raise DataError(
        Message(
            f"{key}: {name} does not say its coordinate system (a shapefile needs its .prj); "
            f"add 'crs:' there, for example EPSG:4547 or EPSG:4490.",
            f"{key}：{name} 没有坐标系信息（shapefile 需要 .prj 文件）；"
            f"请在此处加上 crs:，例如 EPSG:4547 或 EPSG:4490。",
        )
    )


def say_unreadable_crs(source: Source, key: str) -> Message:
    """Say that the coordinate system written in a file is no readable text."""
    name = source.path.name
    return Message(
        f"{key}: the coordinate system that {name} names cannot be read (a damaged .prj?); replace the .prj file, or "
        "delete it and add 'crs:' there, for example EPSG:4547 or EPSG:4490.",
        f"{key}：无法读取 {name} 的坐标系（.prj 文件损坏？）；请替换 .prj 文件，或将其删除并在此处加上 crs:，"
        "例如 EPSG:4547 或 EPSG:4490。",
    )


def parse_crs(text: str, key: str) -> CRS:
    """Read a CRS written by hand.

    Raises
    ------
    DataError
        If there is no such CRS, or it is none of places on a map, named by the scenario's `key`.
    """
    try:
        crs = CRS.from_user_input(text)
    except CRSError as error:
        if _BD09.match(text):
            raise DataError(
                Message(
                    f"{key}: BD-09 ('{text}') is not read; convert the file to WGS 84, or to GCJ-02 and write gcj02.",
                    f"{key}：不支持 BD-09（“{text}”）；请先转换为 WGS 84，或转换为 GCJ-02 后写 gcj02。",
                )
            ) from error
        raise DataError(
            Message(
                f"{key}: '{text}' is not a known coordinate system; write it like EPSG:4547.",
                f"{key}：无法识别坐标系“{text}”；请写成 EPSG:4547 的形式。",
            )
        ) from error
    flat = flat_crs(crs)
    if flat is None:
        raise DataError(
            Message(
                f"{key}: '{text}' ({crs.name}, {crs.type_name}) does not say where on a map things lie; "
                "give a projected or geographic one, for example EPSG:4547 or EPSG:4490.",
                f"{key}：“{text}”（{crs.name}，{crs.type_name}）不能确定平面位置；"
                "请给出投影或地理坐标系，例如 EPSG:4547 或 EPSG:4490。",
            )
        )
    return flat


def flat_crs(crs: CRS) -> CRS | None:
    """Give the part of a system that says where on a map things lie, without heights; none where it has none."""
    if crs.name.lower().startswith("undefined"):  # what GeoPackages write for none
        return None
    if crs.is_compound:
        return next((flat for part in crs.sub_crs_list if (flat := flat_crs(part)) is not None), None)
    if not (crs.is_projected or crs.is_geographic) or crs.geodetic_crs is None:
        return None
    return crs.to_2d() if len(crs.axis_info) > 2 else crs


def bulk_bounds(frame: gpd.GeoDataFrame) -> Bounds | None:
    """Give the rectangle that most features lie in, in the frame's own system; none where there are no shapes."""
    each = shapely.bounds(np.asarray(frame.geometry.to_numpy(), dtype=object))
    each = each[np.isfinite(each).all(axis=1)]
    if not len(each):
        return None
    west, south = np.quantile(each[:, :2], _BULK, axis=0, method="lower").tolist()
    east, north = np.quantile(each[:, 2:], 1 - _BULK, axis=0, method="higher").tolist()
    return (min(west, east), min(south, north), max(west, east), max(south, north))


def _check_place(frame: gpd.GeoDataFrame, source: Source, key: str) -> None:
    _refuse_beyond_earth(frame, source, key)
    bounds = bulk_bounds(frame)
    if bounds is not None:
        check_bounds(bounds, CRS(frame.crs), source, key)


def check_bounds(bounds: Bounds, crs: CRS, source: Source, key: str) -> None:
    """Refuse coordinates that cannot be what they are said to be.

    Raises
    ------
    DataError
        Saying where they would lie, and what they may be instead.
    """
    name, found = source.path.name, locate(bounds, crs)
    is_metric = crs.is_projected and not looks_like_degrees(bounds) and not _is_tiny(bounds, key)
    if found is not None and lies_in_use(found, crs) and (is_metric or crs.is_geographic):
        return
    likely = next((reading.cause for reading in other_readings(crs, bounds) if reading.is_usual(bounds)), None)
    if found is not None and likely is None and found[1] <= _POLE and found[3] >= -_POLE:
        return
    x, y = bounds[:2]
    cause = likely or Message("give its true coordinate system as 'crs:'", "请用 crs: 写明真实坐标系")
    if crs.is_geographic and found is None:
        raise DataError(
            Message(
                f"{key}: {name} is said to be in degrees ({crs.name}), but holds {x:,.0f}, {y:,.0f}; {cause.en}.",
                f"{key}：{name} 标注为经纬度（{crs.name}），但坐标值为 {x:,.0f}, {y:,.0f}；{cause.zh}。",
            )
        )
    where = _say_place(found)
    raise DataError(
        Message(
            f"{key}: {name} cannot be in {crs.name}: {x:,.10g}, {y:,.10g} {where.en}; {cause.en}.",
            f"{key}：{name} 不可能是 {crs.name}：坐标 {x:,.10g}, {y:,.10g} {where.zh}；{cause.zh}。",
        )
    )


def _is_tiny(bounds: Bounds, key: str) -> bool:
    """Tell whether the blocks lie within a few metres, as in kilometres they would."""
    return key == "data.blocks" and max(bounds[2] - bounds[0], bounds[3] - bounds[1]) < _SMALLEST_TOWN_M


def _say_place(found: Bounds | None) -> Message:
    if found is None:
        return Message("is no place on earth there", "在该坐标系中不是地球上的位置")
    lon, lat = found[:2]
    east, north = f"{abs(lon):.1f}° {'E' if lon >= 0 else 'W'}", f"{abs(lat):.1f}° {'N' if lat >= 0 else 'S'}"
    zh = f"{'东经' if lon >= 0 else '西经'} {abs(lon):.1f}°、{'北纬' if lat >= 0 else '南纬'} {abs(lat):.1f}°"
    return Message(f"would lie at {east}, {north}", f"将位于{zh}")


def _refuse_beyond_earth(frame: gpd.GeoDataFrame, source: Source, key: str) -> None:
    each = shapely.bounds(np.asarray(frame.geometry.to_numpy(), dtype=object))
    beyond = np.isinf(each).any(axis=1) | (np.abs(each) > _EARTH).any(axis=1)
    if beyond.any():
        rows = name_some((np.flatnonzero(beyond) + 1).tolist())
        value, name, n = f"{np.abs(each[beyond]).max():.3g}", source.path.name, int(beyond.sum())
        raise DataError(
            Message(
                f"{key}: {n} features of {name} have coordinates beyond the earth (up to {value}; features {rows.en}); "
                "mend or delete them.",
                f"{key}：{name} 中有 {n} 个要素的坐标超出地球范围（最大 {value}；第 {rows.zh} 个要素）；请更正或删除。",
            )
        )
