"""Reading: layers, tables and columns of the original files, by means of the judge's own."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Proj
from pyproj.exceptions import CRSError
from shapely.errors import GEOSException

from redistrict.errors import DataError
from redistrict.judge.text import list_fields, no_column, read_columns
from redistrict.messages import Message, name_some
from redistrict.scenario.admission import admit
from redistrict.scenario.sources import PLACES, SiteSource, Source

Geometries = NDArray[np.object_]
STRETCH = 0.02
"""Metres of web maps are longer by 15 % and more at China's latitudes; those of a zone by less than one in 200."""


def read_layer(source: Source, names: Iterable[str | None]) -> gpd.GeoDataFrame:
    """Read these columns of a layer with its shapes, in the coordinate system the scenario or the file gives it.

    Raises
    ------
    DataError
        If the file cannot be read, has no shapes, or nothing says their coordinate system.
    """
    layer = _read(source, names, gpd.read_file)
    if isinstance(source, SiteSource) and not isinstance(layer, gpd.GeoDataFrame):
        layer = _placed(source, names)
    if not isinstance(layer, gpd.GeoDataFrame):
        raise DataError(Message(f"{source.path.name} has no geometry.", f"{source.path.name} 中没有几何图形。"))
    if source.crs == "gcj02":
        shifted = shapely.transform(layer.geometry.to_numpy(), _gcj02_to_wgs84)
        return layer.set_geometry(gpd.GeoSeries(shifted, index=layer.index, crs="EPSG:4326"))
    if source.crs is not None:
        return layer.set_crs(_flat(_named_crs(source.crs), source), allow_override=True)
    if layer.crs is None:
        raise DataError(
            Message(
                f"{source.path.name} does not say its coordinate system: give 'crs'.",
                f"{source.path.name} 未注明坐标系：请填写 crs。",
            )
        )
    return layer.set_crs(_flat(layer.crs, source), allow_override=True)


def _placed(source: SiteSource, names: Iterable[str | None]) -> pd.DataFrame:
    """Put the rows of a table without shapes where its columns of places say, if it has such; degrees are WGS 84."""
    pairs = [(source.columns.x, source.columns.y)]
    if source.columns.x is None:
        fields = {name.strip().lower(): name for name in list_fields(source)}
        pairs = [(fields[x], fields[y]) for x, y in PLACES if x in fields and y in fields]
    if not pairs:
        return pd.DataFrame()
    table = _read(source, {*names, *pairs[0]}, partial(pyogrio.read_dataframe, read_geometry=False))
    east, north = (pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=float) for name in pairs[0])
    in_degrees = not np.any(np.abs([east, north]) > 180)
    shapes = [None if np.isnan(x + y) else shapely.Point(x, y) for x, y in zip(east, north, strict=True)]
    placed: pd.DataFrame = gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326" if in_degrees else None)
    return placed


def _flat(crs: CRS, source: Source) -> CRS:
    """Leave heights out of a coordinate system, and refuse one that places nothing on a map."""
    flat = crs.sub_crs_list[0] if crs.is_compound else crs
    if not (flat.is_projected or flat.is_geographic):
        name = source.path.name
        raise DataError(
            Message(
                f"{name}: {crs.name} does not say where on a map things lie: give 'crs'.",
                f"{name}：{crs.name} 不能确定平面位置：请填写 crs。",
            )
        )
    return flat


def read_table(source: Source, names: Iterable[str | None]) -> pd.DataFrame:
    """Read these columns of a layer or table (CSV, XLSX) without its shapes.

    Raises
    ------
    DataError
        If the file cannot be read.
    """
    return _read(source, names, partial(pyogrio.read_dataframe, read_geometry=False))


def read_result_layer(path: Path, *, layer: str | None = None) -> gpd.GeoDataFrame:
    """Read a layer of a result as one reads a stranger's file: nothing in it runs, or leads elsewhere."""
    admit(Source(path=path, layer=layer), path.name)
    return gpd.read_file(path, layer=layer)


def list_result_layers(path: Path, *, layer: str) -> list[str]:
    """Name the layers of a file of a result, of which one is to be read."""
    admit(Source(path=path, layer=layer), path.name)
    return [str(name) for name, _ in pyogrio.list_layers(path)]


def _read(source: Source, names: Iterable[str | None], read: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    wanted = {name for name in names if name is not None}
    try:
        admit(source, source.path.name)
        table = read_columns(source, wanted, read)
        if isinstance(table, gpd.GeoDataFrame) or not wanted:
            return table
        is_empty = np.logical_and.reduce([as_text(table[name]) == "" for name in sorted(wanted)])
        filled: pd.DataFrame = table.loc[~is_empty].reset_index(drop=True)
        return filled
    except (OSError, ValueError, LookupError, GEOSException, BadZipFile, DataSourceError, DataLayerError) as error:
        raise DataError(
            Message(
                f"The judge cannot read {source.path.name}: {error}",
                f"复核程序无法读取 {source.path.name}：{error}",
            )
        ) from error
    except UnboundLocalError as error:  # pyogrio's answer to a .prj that is no text
        name = source.path.name
        raise DataError(
            Message(f"The coordinate system of {name} cannot be read.", f"无法读取 {name} 的坐标系。")
        ) from error


def _gcj02_to_wgs84(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Undo the GCJ-02 offset by fixed-point iteration; the fifth step changes less than a millimetre."""
    wgs = lonlat.copy()
    for _ in range(5):
        wgs = lonlat - _gcj02_offset(wgs)
    return wgs


def _gcj02_offset(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Offset of GCJ-02 against WGS84 in degrees, by the published formula (Krasovsky 1940 ellipsoid)."""
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    pi, root, sin = np.pi, np.sqrt(np.abs(x)), np.sin
    ripple = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    d_lat += (ripple + 20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    d_lat += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    d_lon += (ripple + 20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    d_lon += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    axis_m, flattening = 6378245.0, 0.00669342162296594323
    lat = np.radians(lonlat[:, 1])
    w = 1 - flattening * sin(lat) ** 2
    metres_per_degree = np.column_stack([axis_m / np.sqrt(w) * np.cos(lat), axis_m * (1 - flattening) / w**1.5]) * (
        pi / 180
    )
    offset: NDArray[np.float64] = np.column_stack([d_lon, d_lat]) / metres_per_degree
    return offset


def _named_crs(text: str) -> CRS:
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        raise DataError(Message(f"Unknown coordinate system {text!r}.", f"无法识别的坐标系 {text!r}。")) from error


def metric_crs(blocks: gpd.GeoDataFrame, wanted: str | None) -> CRS:
    """Give the coordinate system in metres: that of the scenario, of the blocks, or the UTM zone of degrees."""
    if wanted is not None:
        return _named_crs(wanted)
    crs: CRS = blocks.crs
    in_metres = crs.is_projected and all(axis.unit_conversion_factor == 1 for axis in crs.axis_info[:2])
    return crs if in_metres and _is_true(crs, blocks) else CRS(blocks.estimate_utm_crs())


def _is_true(crs: CRS, blocks: gpd.GeoDataFrame) -> bool:
    """Tell whether a kilometre on the ground is one in this system: where the first block lies, to one in fifty."""
    corner = blocks.geometry.iloc[[0]].to_crs(crs.geodetic_crs).representative_point().iloc[0]
    there = Proj(crs).get_factors(corner.x, corner.y, errcheck=False)
    scales = (there.meridional_scale, there.parallel_scale)
    return not any(np.isfinite(scale) and abs(scale - 1) >= STRETCH for scale in scales)


def column(layer: pd.DataFrame, name: str, source: Source) -> "pd.Series[Any]":
    """Give a column of a layer or table.

    Raises
    ------
    DataError
        If there is no such column.
    """
    if name not in layer.columns:
        raise DataError(no_column(source, name, map(str, layer.columns)))
    values: pd.Series[Any] = layer[name]
    return values


def text_column(layer: pd.DataFrame, name: str | None, source: Source) -> NDArray[np.object_]:
    """Give a column as text, empty text where the scenario names none."""
    return np.full(len(layer), "", dtype=object) if name is None else as_text(column(layer, name, source))


def as_text(values: "pd.Series[Any]") -> NDArray[np.object_]:
    """Give stripped text: whole numbers without a decimal point, nothing as empty text."""
    if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    missing = values.isna().to_numpy()
    text = values.astype("object").map(str).str.strip().to_numpy(dtype=object)
    return np.where(missing, "", text).astype(object)


def as_counts(values: "pd.Series[Any]", ids: NDArray[np.object_]) -> NDArray[np.int64]:
    """Give whole numbers from 0 up, refused by the blocks' `ids` where they are not.

    Raises
    ------
    DataError
        Naming the first blocks whose count is none.
    """
    bare = [value.strip() if isinstance(value, str) else value for value in values]
    numbers = pd.to_numeric(pd.Series(bare), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = ~(np.isfinite(numbers) & (numbers >= 0) & (numbers == np.round(numbers)))
    wrong |= np.array([isinstance(value, (bool, np.bool_)) for value in values], dtype=bool)
    if wrong.any():
        some = name_some(list(ids[wrong]))
        raise DataError(
            Message(
                f"Column {values.name!r} must hold whole numbers from 0 up; it does not in blocks {some.en}.",
                f"字段 {values.name!r} 必须为非负整数；以下地块不符：{some.zh}。",
            )
        )
    return numbers.astype(np.int64)


def geometries(layer: gpd.GeoDataFrame, crs: CRS) -> Geometries:
    """Give the shapes in this coordinate system, without heights."""
    flat: Geometries = layer.geometry.force_2d().to_crs(crs).to_numpy()
    return flat


def drawn(shapes: Geometries) -> Geometries:
    """Mend what is there and drop what is not; single parts, so that the index stays sharp."""
    there = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    parts: Geometries = shapely.get_parts(shapely.make_valid(there))
    return parts


def joined(arrays: list[Geometries]) -> Geometries:
    """Put arrays of shapes one after the other; none gives none."""
    return np.concatenate([np.empty(0, dtype=object), *arrays])


GUARD = r"\A'(?='*[=+\-@＝＋－＠\t\r])"


def read_result_table(path: Path) -> pd.DataFrame:
    """Read a table as text, less the apostrophe that keeps a spreadsheet from taking a text for a formula."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    return rows.replace(GUARD, "", regex=True)
