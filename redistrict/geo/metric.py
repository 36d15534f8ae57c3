"""The metric coordinate system to work in, and safe ways into it."""

import warnings

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Proj
from pyproj.transformer import AreaOfInterest, TransformerGroup

from redistrict.errors import DataError
from redistrict.geo.georeference import bulk_bounds, parse_crs
from redistrict.geo.readings import datum_of, locate
from redistrict.messages import Message, name_some

_CGCS2000 = 4490
_WEB_MERCATOR = 3857
_STRETCH = 0.02
"""A system whose metres are longer or shorter by more is not used; three degrees off a zone they are by 0.003."""


def choose_metric_crs(frame: gpd.GeoDataFrame, wanted: str | None) -> tuple[CRS, Message | None]:
    """Choose the CRS in metres to measure in, and a note when it is not the data's own.

    Data in degrees on CGCS2000 go to the 3-degree Gauss-Krueger zone of their middle (EPSG:4534 - 4554), all
    others to their UTM zone.

    Raises
    ------
    DataError
        If the wanted CRS is unknown or not in metres.
    """
    if wanted is not None:
        crs = parse_crs(wanted, "data.crs")
        if not _is_metric(crs, frame):
            raise DataError(
                Message(
                    f"data.crs: {wanted} does not measure in true metres where the blocks lie; leave it out, or give a "
                    "projected one that was made for there, for example EPSG:4547.",
                    f"data.crs：{wanted} 在地块所在处不以真实的米为单位；请删去，"
                    "或给出适用于当地的投影坐标系，例如 EPSG:4547。",
                )
            )
        return crs, None
    if _is_metric(frame.crs, frame):
        return _plain(frame.crs), None
    crs = _local_crs(frame)
    return crs, Message(
        f"The blocks are in {frame.crs.name}, not in true metres; distances are measured in {crs.name}.",
        f"地块坐标系为 {frame.crs.name}，不以真实的米为单位；距离按 {crs.name} 计算。",
    )


def to_metric(frame: gpd.GeoDataFrame, crs: CRS, *, key: str) -> gpd.GeoDataFrame:
    """Project `frame` into `crs`.

    Raises
    ------
    DataError
        For a change of datum that PROJ can only guess, named by the scenario's `key`.
    """
    if frame.crs == crs or _plain(frame.crs) == crs:
        return frame.set_crs(crs, allow_override=True)
    if not frame.empty and not is_known_change(frame, crs):
        raise DataError(
            Message(
                f"{key}: {frame.crs.name} cannot be converted exactly to {crs.name} (the shift between the two "
                f"is not known here); convert the file with official parameters first.",
                f"{key}：无法将 {frame.crs.name} 精确转换为 {crs.name}（缺少转换参数）；请先用官方参数转换该文件。",
            )
        )
    metric = frame.to_crs(crs)
    lost = np.isinf(shapely.bounds(np.asarray(metric.geometry.to_numpy(), dtype=object))).any(axis=1)
    if lost.any():
        rows = name_some((np.flatnonzero(lost) + 1).tolist())
        raise DataError(
            Message(
                f"{key}: {int(lost.sum())} features have no place in {crs.name} (features {rows.en}): they lie too far "
                "away; mend their coordinates, 'crs:' or 'data.crs'.",
                f"{key}：{int(lost.sum())} 个要素距离过远，无法转换到 {crs.name}（第 {rows.zh} 个要素）；"
                "请更正坐标、crs: 或 data.crs。",
            )
        )
    return metric


def is_known_change(frame: gpd.GeoDataFrame, crs: CRS) -> bool:
    """Tell whether the datum stays, or PROJ knows the shift where the data lie; a frame without features knows none."""
    here, there = datum_of(CRS(frame.crs)), datum_of(crs)
    if here == there and here and not here.startswith("unknown"):
        return True
    west, south, east, north = frame.to_crs(frame.crs.geodetic_crs).total_bounds
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a finer grid is not installed: the next best will do
        group = TransformerGroup(frame.crs, crs, area_of_interest=AreaOfInterest(west, south, east, north))
    return bool(group.transformers) and "ballpark" not in group.transformers[0].description.lower()


def _is_metric(crs: CRS, frame: gpd.GeoDataFrame) -> bool:
    """Tell whether distances come out in metres where the data lie; those of web maps are too long off the equator."""
    if not crs.is_projected or any(axis.unit_conversion_factor != 1.0 for axis in crs.axis_info[:2]):
        return False
    bounds = bulk_bounds(frame)
    found = None if bounds is None else locate(bounds, CRS(frame.crs))
    if found is None:
        return crs.to_epsg() != _WEB_MERCATOR
    scale = Proj(crs).get_factors((found[0] + found[2]) / 2, (found[1] + found[3]) / 2)
    return max(abs(scale.meridional_scale - 1), abs(scale.parallel_scale - 1)) < _STRETCH


def _plain(crs: CRS) -> CRS:
    """Give the registered twin of a CRS spelt in another dialect (ArcGIS), else the CRS itself."""
    code = crs.to_epsg()
    return CRS.from_epsg(code) if code is not None else crs


def _local_crs(frame: gpd.GeoDataFrame) -> CRS:
    if frame.crs.to_epsg() == _CGCS2000:
        west, _, east, _ = frame.total_bounds
        zone = round((west + east) / 2 / 3) - 25
        if 0 <= zone <= 20:
            return CRS.from_epsg(4534 + zone)
    return CRS(frame.estimate_utm_crs())
