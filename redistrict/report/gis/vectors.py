"""Vector files: the GeoPackage with its styles, the guarded shapefile, and GeoJSON for the web.

Every file is read again and compared with what it was made from. Dates in the files are always `WRITTEN`, so that
the same plan gives the same bytes.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from redistrict.errors import OutputError
from redistrict.messages import Language, Message
from redistrict.report.gis.dbf import write_dbf
from redistrict.report.gis.qgis import list_styles, tabulate_styles
from redistrict.report.tables.columns import Column, Titles, find_column

WGS84 = CRS(4326)
WRITTEN = datetime(2000, 1, 1, tzinfo=UTC)
"""The date every file says it was written on."""

_FIELDS = {
    "community_id": "COMM_ID",
    "community_name": "NAME",
    "district": "DISTRICT",
    "households": "HH",
    "people": "POP",
    "dwellings": "DWELLINGS",
    "workers": "WORKERS",
    "n_blocks": "BLOCKS",
    "households_deviation": "DEV_HH",
    "people_deviation": "DEV_POP",
}
_FIELD_LENGTH, _MAX_TEXT_BYTES = 10, 254
_VERSION = "1.2"
"""The version of GeoPackage that QGIS has read in full since 3.0."""
_NEAR_M, _NEAR_DEGREES, _DECIMALS = 1e-4, 1e-8, 9


def write_geopackage(
    path: Path,
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    language: Language,
    levels: Titles | None = None,
) -> None:
    """Write all layers and the styles QGIS opens them with.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        As `build_gis` gives them.
    language : {"zh", "en", "both"}
        Of the styles' names and headings.
    levels : mapping, optional
        Titles of levels by key, and columns of further quantities, for the headings of their columns.

    Raises
    ------
    OutputError
        If what is read back differs.
    """
    with _fixed_date():
        for name, layer in layers.items():
            layer.to_file(path, layer=name, driver="GPKG", dataset_options={"VERSION": _VERSION})
        styles = tabulate_styles(list_styles(layers, language, levels), WRITTEN)
        pyogrio.write_dataframe(styles, path, layer="layer_styles", driver="GPKG", layer_options={"FID": "id"})
    for name, layer in layers.items():
        _compare(layer, gpd.read_file(path, layer=name), path, near=_NEAR_M)


def write_layer(path: Path, layer: gpd.GeoDataFrame) -> None:
    """Write one layer, named like the file, as a GeoPackage without styles.

    Raises
    ------
    OutputError
        If what is read back differs.
    """
    with _fixed_date():
        layer.to_file(path, layer=path.stem, driver="GPKG", dataset_options={"VERSION": _VERSION})
    _compare(layer, gpd.read_file(path, layer=path.stem), path, near=_NEAR_M)


def write_shapefile(
    folder: Path,
    communities: gpd.GeoDataFrame,
    *,
    encoding: str,
    levels: Mapping[str, Message] | None = None,
    others: Mapping[str, Column] | None = None,
) -> None:
    """Write `communities.shp` with ASCII field names, fields as wide as their content, and a dictionary of them.

    The field of a level begins with its number, so that no two are alike: `L1_STREET`; those of a further quantity
    and its deviation do as well, `Q1_ELDERLY` and `Q2_ELDERLY`.

    Parameters
    ----------
    folder : Path
        Made here.
    communities : GeoDataFrame
        The layer of that name of `build_gis`.
    encoding : str
        Of the attribute table, as the scenario writes it.
    levels : mapping, optional
        Titles of levels by key, outermost first; each is a column.
    others : mapping, optional
        Columns of further quantities.

    Raises
    ------
    OutputError
        If a text cannot be written in the encoding or is too long for a shapefile, or what is read back differs.
    """
    folder.mkdir()
    fields = {name: field for name, field in _FIELDS.items() if name in communities.columns}
    fields |= {key: f"L{n}_{key}".upper()[:_FIELD_LENGTH] for n, key in enumerate(levels or (), start=1)}
    fields |= {name: f"Q{n}_{name}".upper()[:_FIELD_LENGTH] for n, name in enumerate(others or (), start=1)}
    table = communities[[*fields, "geometry"]]
    _check_texts(table[["community_id", "community_name", "district", *(levels or ())]], encoding)
    short, titles = table.rename(columns=fields), dict[str, Message | Column]({**(levels or {}), **(others or {})})
    path = folder / "communities.shp"
    short[["geometry"]].to_file(path, driver="ESRI Shapefile", encoding=encoding.upper(), index=False)
    write_dbf(path.with_suffix(".dbf"), short, encoding=encoding, written=WRITTEN)
    words = [(field, find_column(name, titles).words) for name, field in fields.items()]
    dictionary = pd.DataFrame(
        [(field, word.zh, word.en) for field, word in words], columns=["field", "字段", "meaning"]
    )
    dictionary.to_csv(folder / "fields.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
    _compare(short, gpd.read_file(path), path, near=_NEAR_M)


def write_geojson(path: Path, layer: gpd.GeoDataFrame, *, description: str = "") -> None:
    """Write a layer in degrees (WGS 84) as RFC 7946 wants it, to a tenth of a millimetre.

    Rounded to the seven decimals usual there, narrow corners would cross themselves.

    Parameters
    ----------
    description : str
        Of the layer, as the member `description` of the collection, which readers may pass over (RFC 7946, 6.1).

    Raises
    ------
    OutputError
        If what is read back differs.
    """
    degrees, told = layer.to_crs(WGS84), {"DESCRIPTION": description} if description else {}
    degrees.to_file(path, driver="GeoJSON", RFC7946="YES", COORDINATE_PRECISION=_DECIMALS, **told)
    _compare(degrees, gpd.read_file(path), path, near=_NEAR_DEGREES)


@contextmanager
def _fixed_date() -> Iterator[None]:
    """Let GDAL take `WRITTEN` for the present."""
    key = "OGR_CURRENT_DATE"
    before = pyogrio.get_gdal_config_option(key)
    pyogrio.set_gdal_config_options({key: f"{WRITTEN:%Y-%m-%dT%H:%M:%S}.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({key: before})


def _check_texts(texts: pd.DataFrame, encoding: str) -> None:
    problems = []
    for column in texts.columns:
        for text in sorted(set(texts[column])):
            try:
                n_bytes = len(text.encode(encoding))
            except UnicodeEncodeError:
                problems.append(
                    Message(
                        f"The shapefile cannot hold '{text}' in {encoding}; set output.shapefile_encoding to "
                        "utf-8 or gb18030.",
                        f"shapefile 的 {encoding} 编码无法保存“{text}”；"
                        "请将 output.shapefile_encoding 设为 utf-8 或 gb18030。",
                    )
                )
                continue
            if n_bytes > _MAX_TEXT_BYTES:
                problems.append(
                    Message(
                        f"'{text}' takes {n_bytes} bytes in {encoding}; a shapefile holds {_MAX_TEXT_BYTES}.",
                        f"“{text}”在 {encoding} 中占 {n_bytes} 字节；shapefile 最多 {_MAX_TEXT_BYTES} 字节。",
                    )
                )
    if problems:
        raise OutputError(problems)


def _compare(written: gpd.GeoDataFrame, read: gpd.GeoDataFrame, path: Path, *, near: float) -> None:
    """Refuse a file that says something else than was written; shapes may be `near` off in the unit of the layer."""
    names = [name for name in written.columns if name != "geometry"]
    same = list(read.columns) == [*names, "geometry"] and len(read) == len(written)
    for name in names if same else ():
        same &= all(_same(a, b) for a, b in zip(written[name].tolist(), read[name].tolist(), strict=True))
    if not same or not _same_shapes(written.geometry.to_numpy(), read.geometry.to_numpy(), near):
        raise OutputError(
            Message(
                f"{path.name} does not read back as it was written; please report this.",
                f"{path.name} 写出后读回的内容不一致；请反馈此问题。",
            )
        )


def _same(before: Any, after: Any) -> bool:
    if pd.isna(before) or pd.isna(after):
        return bool(pd.isna(after) and (pd.isna(before) or before == ""))
    if isinstance(before, float) and isinstance(after, float):
        return abs(before - after) < 1e-9
    return bool(before == after)


def _same_shapes(before: NDArray[np.object_], after: NDArray[np.object_], near: float) -> bool:
    """Compare extents and areas: a border that is off by `near` changes the area by so much times its length."""
    extent = np.abs(shapely.bounds(before) - shapely.bounds(after))
    off = np.abs(shapely.area(before) - shapely.area(after))
    nothing = shapely.is_missing(before) & shapely.is_missing(after)
    return bool(np.all(nothing | ((extent <= near).all(axis=1) & (off <= near * shapely.length(before)))))
