"""Ground: what the judge reads from the original files, by itself."""

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from pyproj.exceptions import CRSError

from redistrict.errors import DataError
from redistrict.messages import Message, name_some
from redistrict.scenario.models import BlockPair
from redistrict.scenario.section import Quantity
from redistrict.scenario.sources import Data, Source, StructureSource

Geometries = NDArray[np.object_]
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
WEB_MERCATOR = 3857
"""Its metres are stretched by 15 % and more at China's latitudes."""


@dataclass(frozen=True, eq=False)
class Ground:
    """The blocks as the file has them, and what separates and joins them; all in one metric CRS.

    Attributes
    ----------
    ids : (n,) text
        Block keys, in the order of the file; unique.
    district : (n,) text
        District of each block, empty text where the data have no such column.
    counts : quantity -> (n,) int64
        Households and people, as far as the scenario names a column.
    polygons : (n,) valid Polygon or MultiPolygon
        In `crs`.
    barriers, openings, bridges : arrays of geometries
        What separates blocks; bridges and underpasses that open a barrier; those bridges that are lines.
    """

    ids: NDArray[np.object_]
    district: NDArray[np.object_]
    counts: Mapping[Quantity, NDArray[np.int64]]
    polygons: Geometries
    crs: CRS
    barriers: Geometries
    openings: Geometries
    bridges: Geometries

    @property
    def n_blocks(self) -> int:
        """Number of blocks in the file."""
        return len(self.ids)

    @property
    def is_empty(self) -> NDArray[np.bool_]:
        """Blocks without a single household or person."""
        inhabited = np.zeros(self.n_blocks, dtype=bool)
        for counts in self.counts.values():
            inhabited |= counts > 0
        return ~inhabited

    def find_pairs(self, pairs: Sequence[BlockPair]) -> list[tuple[int, int]]:
        """Give the positions of blocks paired by hand, passing over keys the file does not have."""
        position = {key: at for at, key in enumerate(self.ids)}
        found = [(position.get(a), position.get(b)) for a, b in (pair.blocks for pair in pairs)]
        return [(a, b) for a, b in found if a is not None and b is not None]


def read_ground(data: Data) -> Ground:
    """Read blocks, barriers and structures as the scenario names them.

    Raises
    ------
    DataError
        If a file, a column or a value cannot be used.
    """
    blocks = _read_layer(data.blocks)
    columns = data.blocks.columns
    ids = _as_text(_column(blocks, columns.id, data.blocks))
    _check_ids(ids)
    crs = _metric_crs(blocks, data.crs)
    named: dict[Quantity, str | None] = {"households": columns.households, "people": columns.people}
    district = np.full(len(blocks), "", dtype=object)
    if columns.district is not None:
        district = _as_text(_column(blocks, columns.district, data.blocks))
    openings, bridges = _read_openings(data.structures, crs)
    return Ground(
        ids=ids,
        district=district,
        counts={q: _as_counts(_column(blocks, c, data.blocks), ids) for q, c in named.items() if c},
        polygons=_polygonal(_geometries(blocks, crs), ids),
        crs=crs,
        barriers=_joined([_drawn(_geometries(_read_layer(source), crs)) for source in data.barriers]),
        openings=openings,
        bridges=bridges,
    )


def _read_layer(source: Source) -> gpd.GeoDataFrame:
    encoding = source.encoding or _sniffed_encoding(source.path)
    try:
        layer = gpd.read_file(source.path, layer=source.layer, encoding=encoding, where=source.where)
    except (OSError, ValueError, DataSourceError, DataLayerError) as error:
        raise DataError(
            Message(
                f"The judge cannot read {source.path.name}: {error}",
                f"复核程序无法读取 {source.path.name}：{error}",
            )
        ) from error
    if not isinstance(layer, gpd.GeoDataFrame):
        raise DataError(Message(f"{source.path.name} has no geometry.", f"{source.path.name} 中没有几何图形。"))
    if source.crs == "gcj02":
        shifted = shapely.transform(layer.geometry.to_numpy(), _gcj02_to_wgs84)
        return layer.set_geometry(gpd.GeoSeries(shifted, index=layer.index, crs="EPSG:4326"))
    if source.crs is not None:
        return layer.set_crs(_crs(source.crs), allow_override=True)
    if layer.crs is None:
        raise DataError(
            Message(
                f"{source.path.name} does not say its coordinate system: give 'crs'.",
                f"{source.path.name} 未注明坐标系：请填写 crs。",
            )
        )
    return layer


def _sniffed_encoding(path: Path) -> str | None:
    """Tell UTF-8 from GBK in a shapefile that does not name its encoding; leave everything else to GDAL."""
    table = path.with_suffix(".dbf")
    if path.suffix.lower() != ".shp" or path.with_suffix(".cpg").exists() or not table.exists():
        return None
    raw = table.read_bytes()
    body = int.from_bytes(raw[8:10], "little")
    names = [raw[at : at + 11].rstrip(b"\0") for at in range(32, body - 32, 32)]
    try:
        for text in (*names, raw[body:]):  # a name may be cut in the middle of a character
            codecs.getincrementaldecoder("utf-8")().decode(text)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


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


def _crs(text: str) -> CRS:
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        raise DataError(Message(f"Unknown coordinate system {text!r}.", f"无法识别的坐标系 {text!r}。")) from error


def _metric_crs(blocks: gpd.GeoDataFrame, wanted: str | None) -> CRS:
    if wanted is not None:
        return _crs(wanted)
    crs: CRS = blocks.crs
    in_metres = crs.is_projected and all(axis.unit_conversion_factor == 1 for axis in crs.axis_info[:2])
    if in_metres and crs.to_epsg() != WEB_MERCATOR:
        return crs
    return CRS(blocks.estimate_utm_crs())


def _column(layer: gpd.GeoDataFrame, name: str, source: Source) -> "pd.Series[Any]":
    if name not in layer.columns:
        there = name_some([str(column) for column in layer.columns], limit=20)
        raise DataError(
            Message(
                f"{source.path.name} has no column {name!r}; it has {there.en}.",
                f"{source.path.name} 中没有字段 {name!r}；现有字段：{there.zh}。",
            )
        )
    column: pd.Series[Any] = layer[name]
    return column


def _as_text(values: "pd.Series[Any]") -> NDArray[np.object_]:
    """Give stripped text: whole numbers without a decimal point, nothing as empty text."""
    if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    missing = values.isna().to_numpy()
    text = values.astype("object").map(str).str.strip().to_numpy(dtype=object)
    return np.where(missing, "", text).astype(object)


def _check_ids(ids: NDArray[np.object_]) -> None:
    seen, times = np.unique(ids.astype(str), return_counts=True)
    repeated = list(seen[times > 1])
    if ids.size == 0 or "" in seen or repeated:
        some = name_some(repeated)
        raise DataError(
            Message(
                f"Every block needs its own key; {ids.size} blocks, repeated or missing: {some.en or '-'}.",
                f"每个街块必须有唯一的编号；共 {ids.size} 个街块，重复或缺失：{some.zh or '—'}。",
            )
        )


def _as_counts(values: "pd.Series[Any]", ids: NDArray[np.object_]) -> NDArray[np.int64]:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = ~(np.isfinite(numbers) & (numbers >= 0) & (numbers == np.round(numbers)))
    if wrong.any():
        some = name_some(list(ids[wrong]))
        raise DataError(
            Message(
                f"Column {values.name!r} must hold whole numbers from 0 up; it does not in blocks {some.en}.",
                f"字段 {values.name!r} 必须为非负整数；以下街块不符：{some.zh}。",
            )
        )
    return numbers.astype(np.int64)


def _geometries(layer: gpd.GeoDataFrame, crs: CRS) -> Geometries:
    flat = layer.geometry.force_2d().to_crs(crs)
    geometries: Geometries = flat.to_numpy()
    return geometries


def _polygonal(shapes: Geometries, ids: NDArray[np.object_]) -> Geometries:
    """Mend invalid rings and keep the areas."""
    mended = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    lost = ~(np.isin(shapely.get_dimensions(mended), [2]) & (shapely.area(mended) > 0))
    if lost.any():
        some = name_some(list(ids[lost]))
        raise DataError(Message(f"Blocks without an area: {some.en}.", f"以下街块没有面状图形：{some.zh}。"))
    result: Geometries = mended
    return result


def _drawn(shapes: Geometries) -> Geometries:
    """Mend what is there and drop what is not; single parts, so that the index stays sharp."""
    there = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    parts: Geometries = shapely.get_parts(shapely.make_valid(there))
    return parts


def _joined(arrays: list[Geometries]) -> Geometries:
    return np.concatenate([np.empty(0, dtype=object), *arrays])


def _read_openings(sources: tuple[StructureSource, ...], crs: CRS) -> tuple[Geometries, Geometries]:
    """Give the bridges and underpasses, and again those bridges that are drawn as lines."""
    openings, bridges = [], []
    for source in sources:
        layer = _read_layer(source)
        kinds = np.full(len(layer), source.kind, dtype=object)
        if source.kind_column is not None:
            names = _as_text(_column(layer, source.kind_column, source))
            kinds = np.array([source.kinds.get(k) if source.kinds else k for k in names], dtype=object)
        shapes = _geometries(layer, crs)
        openings.append(_drawn(shapes[np.isin(kinds, ["bridge", "underpass"])]))
        spans = shapes[(kinds == "bridge") & (shapely.get_dimensions(shapes) == 1)]
        bridges.append(_drawn(shapely.line_merge(spans)))
    return _joined(openings), _joined(bridges)
