"""Read one layer of one vector file, with its encoding and its coordinate system made certain."""

import logging
import time
import warnings
from codecs import getincrementaldecoder, lookup
from collections.abc import Iterable
from glob import escape
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import CRSError, DataLayerError, DataSourceError

from redistrict.errors import DataError
from redistrict.geo.georeference import say_unreadable_crs, with_crs
from redistrict.geo.limits import check_contents, check_rows
from redistrict.messages import Message, find_nearest
from redistrict.scenario.admission import admit, check_driver
from redistrict.scenario.sources import Source

_log = logging.getLogger(__name__)


def read_source(source: Source, columns: Iterable[str | None], *, key: str) -> gpd.GeoDataFrame:
    """Read the named columns and the geometry of one layer.

    Parameters
    ----------
    source : Source
        File, layer, encoding, CRS and filter as the scenario gives them.
    columns : iterable of str or None
        Columns needed; none entries are skipped.
    key : str
        Where the source stands in the scenario (``data.blocks``), for messages.

    Returns
    -------
    GeoDataFrame
        Features with a geometry, in the layer's own CRS (WGS 84 when it was GCJ-02); never without a CRS.

    Raises
    ------
    DataError
        File, layer, column or CRS missing, or the file cannot be read as the scenario says.
    """
    frame = _read_frame(source, columns, key, shapes=True)
    if not isinstance(frame, gpd.GeoDataFrame):
        where = f"{key}: {source.path.name}"
        raise DataError(
            Message(f"{where} has no geometry; give a layer of shapes.", f"{where} 没有图形；请给出空间图层。")
        )
    return with_crs(frame, source, key)


def read_table(source: Source, columns: Iterable[str | None], *, key: str) -> pd.DataFrame:
    """Read the named columns of one layer or table (CSV, XLSX, ...) without its shapes.

    Raises
    ------
    DataError
        File, layer or column missing, or the file cannot be read as the scenario says.
    """
    return _read_frame(source, columns, key, shapes=False)


def _read_frame(source: Source, columns: Iterable[str | None], key: str, *, shapes: bool) -> pd.DataFrame:
    began = time.monotonic()
    layer = _check_layer(source, key)
    wanted = [name for name in dict.fromkeys(columns) if name is not None]
    encoding = source.encoding or sniff_encoding(source.path)
    is_sheet = source.path.suffix.lower() in {".xlsx", ".ods"}
    options = {"HEADERS": "FORCE"} if is_sheet else {}  # else a sheet of text alone loses its first row
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            info = pyogrio.read_info(source.path, layer=layer, encoding=encoding, **options)
            check_driver(info["driver"], source, key)
            check_rows(info["features"], source.path.name, key)
            fields = list(info["fields"])
            _check_columns(fields, wanted, source, key)
            needed = None if source.where else wanted  # a filter on a column that is left out matches nothing
            frame = pyogrio.read_dataframe(
                source.path,
                layer=layer,
                columns=needed,
                encoding=encoding,
                where=source.where,
                read_geometry=shapes,
                **options,
            )
        except (CRSError, UnboundLocalError) as error:  # pyogrio stumbles so over a system that is no text
            raise DataError(say_unreadable_crs(source, key)) from error
        except (DataSourceError, DataLayerError, ValueError, UnicodeDecodeError, LookupError) as error:
            raise DataError(_cannot_read(source, key, error)) from error
    for warning in caught:
        _log.warning("%s: %s", source.path.name, warning.message)
    seconds, named = time.monotonic() - began, encoding or "as the file says"
    _log.info("%s: %d rows of %s, encoding %s, in %.2f s", key, len(frame), source.path.name, named, seconds)
    kept: pd.DataFrame = frame[[*wanted, frame.geometry.name] if isinstance(frame, gpd.GeoDataFrame) else wanted]
    check_contents(kept, source.path.name, key)
    return kept


def sniff_encoding(path: Path) -> str | None:
    """Tell the encoding of a CSV table or a shapefile without usable `.cpg`: UTF-8 if all text fits, else GB18030.

    GDAL would take such text for Western European and show mojibake. Other formats say their encoding
    themselves: none.
    """
    if path.suffix.lower() == ".csv":
        return _utf8_or_gb18030(path, [path.read_bytes()])
    if path.suffix.lower() != ".shp":
        return None
    beside = {file.suffix.lower(): file for file in path.parent.glob(f"{escape(path.stem)}.*")}
    if ".dbf" not in beside or (".cpg" in beside and _is_encoding(beside[".cpg"])):
        return None
    return _utf8_or_gb18030(path, _table_text(beside[".dbf"].read_bytes()))


def _utf8_or_gb18030(path: Path, texts: Iterable[bytes]) -> str:
    try:
        for text in texts:
            getincrementaldecoder("utf-8")().decode(text)  # a name may be cut in the middle of a character
    except UnicodeDecodeError:
        _log.warning("%s does not name its text encoding; it is read as GB18030", path.name)
        return "gb18030"
    return "utf-8"


def _is_encoding(cpg: Path) -> bool:
    """Tell whether a `.cpg` file names an encoding that exists."""
    try:
        lookup(cpg.read_text(encoding="ascii", errors="replace").strip())
    except LookupError:
        return False
    return True


def _table_text(table: bytes) -> set[bytes]:
    """Give the column names and the distinct values of the text columns of a dBASE table."""
    header, width = int.from_bytes(table[8:10], "little"), int.from_bytes(table[10:12], "little")
    fields = [table[at : at + 32] for at in range(32, header - 32, 32)]
    texts = {field[:11].partition(b"\0")[0] for field in fields}
    start = 1
    for field in fields:
        stop = start + field[16]
        if field[11:12] == b"C":
            texts.update(table[row + start : row + stop].rstrip() for row in range(header, len(table) - 1, width))
        start = stop
    return texts


def _check_layer(source: Source, key: str) -> str | None:
    path = source.path
    if not path.exists():
        raise DataError(_missing_file(path, key))
    admit(source, key)
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
    except (DataSourceError, DataLayerError) as error:
        raise DataError(_cannot_read(source, key, error)) from error
    if source.layer is None and len(names) > 1:
        listed = ", ".join(names)
        raise DataError(
            Message(
                f"{key}.layer: {path.name} has several layers; name one of: {listed}.",
                f"{key}.layer：{path.name} 有多个图层，请指定其中之一：{listed}。",
            )
        )
    if source.layer is not None and source.layer not in names:
        listed, hint = ", ".join(names), _did_you_mean(source.layer, names)
        raise DataError(
            Message(
                f"{key}.layer: {path.name} has no layer '{source.layer}'{hint.en}; it has: {listed}.",
                f"{key}.layer：{path.name} 没有图层“{source.layer}”{hint.zh}；现有图层：{listed}。",
            )
        )
    return source.layer


def _check_columns(fields: list[str], wanted: list[str], source: Source, key: str) -> None:
    problems = []
    for name in wanted:
        if name not in fields:
            hint, listed = _did_you_mean(name, fields), ", ".join(fields)
            problems.append(
                Message(
                    f"{key}: {source.path.name} has no column '{name}'{hint.en}; its columns are: {listed}.",
                    f"{key}：{source.path.name} 没有字段“{name}”{hint.zh}；现有字段：{listed}。",
                )
            )
    if problems:
        raise DataError(problems)


def _did_you_mean(name: str, known: list[str]) -> Message:
    near = find_nearest(name, known)
    return Message("", "") if near is None else Message(f" (did you mean '{near}'?)", f"（是否为“{near}”？）")


def _missing_file(path: Path, key: str) -> Message:
    return Message(
        f"{key}.path: there is no file {path}; check the name and the folder.",
        f"{key}.path：找不到文件 {path}；请检查文件名和所在文件夹。",
    )


def _cannot_read(source: Source, key: str, error: Exception) -> Message:
    return Message(
        f"{key}: {source.path.name} cannot be read: {error}. Check the file, 'encoding:' and 'where:' "
        '(column names that are not ASCII stand in double quotes: "户数" > 0).',
        f"{key}：无法读取 {source.path.name}：{error}。请检查文件、encoding: 和 where:"
        '（中文字段名须加双引号，如 "户数" > 0）。',
    )
