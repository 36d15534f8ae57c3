"""Read one layer of one vector file, with its encoding and its coordinate system made certain."""

import csv
import logging
import re
import sqlite3
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import BadZipFile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import CRSError, DataLayerError, DataSourceError

from redistrict.errors import DataError
from redistrict.geo.containers import choose_layer, find_layer
from redistrict.geo.declared import lost_characters, refuse_unfit
from redistrict.geo.georeference import say_unreadable_crs, with_crs
from redistrict.geo.headings import SHEETS
from redistrict.geo.limits import check_contents
from redistrict.geo.places import find_places, place_rows
from redistrict.geo.raw import RawLayer, decode_column, find_unreadable, open_raw, read_rows
from redistrict.geo.shapefile import check_parts
from redistrict.geo.stored import refuse_no_numbers
from redistrict.geo.tables import as_text
from redistrict.geo.workbook import refuse_days_since_1904, refuse_odd_texts, say_far_cells
from redistrict.messages import Message, did_you_mean, name_some
from redistrict.scenario.admission import admit
from redistrict.scenario.sources import Source

_log = logging.getLogger(__name__)

_OF_SHAPES = {"geom", "geometry", "the_geom", "wkb_geometry", "shape", "图形", "几何"}
"""How databases call the column of shapes when they write it into a table."""
_DAY = re.compile(r"\d{4}[-/]\d\d[-/]\d\d(?:[ T].*)?")
"""How a date of a workbook reads."""
CANNOT_READ = (
    DataSourceError,
    DataLayerError,
    ValueError,
    LookupError,
    OSError,
    BadZipFile,
    csv.Error,
    sqlite3.Error,
)
"""How libraries say that a file cannot be read."""
_OF_ROWS = {"fid", "ogc_fid"}
"""How databases call the number that they give a row, which is none of its columns."""


def read_source(source: Source, columns: Iterable[str | None], *, key: str, notes: list[Message]) -> gpd.GeoDataFrame:
    """Read the named columns and the geometry of one layer.

    Parameters
    ----------
    source : Source
        File, layer, encoding, CRS and filter as the scenario gives them.
    columns : iterable of str or None
        Columns needed; none entries are skipped.
    key : str
        Where the source stands in the scenario (``data.blocks``), for messages.
    notes : list of Message
        What was chosen or lost while reading is added to it.

    Returns
    -------
    GeoDataFrame
        Features with a geometry, in the layer's own CRS (WGS 84 when it was GCJ-02); never without a CRS.

    Raises
    ------
    DataError
        File, layer, column or CRS missing, or a shape or the file cannot be read as the scenario says.
    """
    frame = _read_frame(source, columns, key, notes, shapes=True)
    return with_crs(gpd.GeoDataFrame(frame), source, key)


def read_table(source: Source, columns: Iterable[str | None], *, key: str, notes: list[Message]) -> pd.DataFrame:
    """Read the named columns of one layer or table (CSV, XLSX, ...) without its shapes, and without empty rows.

    The index, `row`, is the number of the row as a spreadsheet shows it, or of the feature, from 1.

    Raises
    ------
    DataError
        File, layer or column missing, or the file cannot be read as the scenario says.
    """
    return _read_frame(source, columns, key, notes, shapes=False)


def _read_frame(
    source: Source, columns: Iterable[str | None], key: str, notes: list[Message], *, shapes: bool
) -> pd.DataFrame:
    began = time.monotonic()
    wanted = [name for name in dict.fromkeys(columns) if name is not None]
    with opened(source, key, notes, wanted) as raw:
        place = find_places(source, raw.fields, key) if shapes and not raw.has_shapes else ()
        wanted += [name for name in place if name not in wanted]
        require_columns(raw, wanted, source, key)
        if shapes and not raw.has_shapes and not place:
            raise DataError(_no_shapes(raw.fields, source, key))
        frame = take_rows(raw, wanted, source, key, shapes=shapes)
    if not isinstance(frame, gpd.GeoDataFrame) and wanted:  # below many a table of an office stand empty rows
        frame = frame[np.any([as_text(frame[name]) != "" for name in wanted], axis=0)]
    check_contents(frame, source.path.name, key)
    notes += lost_characters(frame, wanted, raw.encoding, source, key)
    notes += [_empty(name, len(frame), source, key) for name in wanted if len(frame) and not as_text(frame[name]).any()]
    seconds = time.monotonic() - began
    _log.info("%s: %d rows of %s, encoding %s, in %.2f s", key, len(frame), source.path.name, raw.encoding, seconds)
    if isinstance(frame, gpd.GeoDataFrame):
        frame = frame.reset_index(drop=True)
    return place_rows(frame, place, source, key, notes) if place else frame


def take_rows(raw: RawLayer, wanted: Sequence[str], source: Source, key: str, *, shapes: bool) -> pd.DataFrame:
    """Read the rows that a source chooses of a layer that has the columns wanted, under their numbers.

    Raises
    ------
    DataError
        If a value, a text or a shape cannot be read as it stands in the file.
    """
    if source.where is not None:
        _refuse_text_in_order(raw, source, key)
    frame = read_rows(raw, wanted, source.where, shapes=shapes)
    refuse_unfit(frame, wanted, raw.encoding, source, key)
    for name in wanted:
        frame[name] = decode_column(frame[name], raw.encoding)
    refuse_no_numbers(raw, frame, wanted, source, key)
    if source.path.suffix.lower() in {".xlsx", ".xlsm"}:
        _refuse_misread(frame[list(wanted)], source, key)
    if isinstance(frame, gpd.GeoDataFrame):
        unreadable = find_unreadable(raw, wanted, source.where, np.asarray(frame.geometry, dtype=object))
        _refuse_unreadable(frame.iloc[unreadable], wanted, source, key)
    return frame


@contextmanager
def opened(source: Source, key: str, notes: list[Message], wanted: Sequence[str] = ()) -> Iterator[RawLayer]:
    """Give the layer of a source ready to be read; what goes wrong while it is read is told as `DataError`.

    The headings of a table are looked for by the columns `wanted`.

    Raises
    ------
    DataError
        If there is no such file or layer, or it cannot be read as the scenario says.
    """
    with _found(source, key, wanted) as (path, layer, folder):
        yield open_raw(path, source.model_copy(update={"layer": layer}), wanted, folder, key, notes)


def read_about(source: Source, key: str, *, bounds: bool = False) -> dict[str, Any]:
    """Give what a file says of its layer: `crs`, `geometry_type`, and its `total_bounds` if asked for.

    Raises
    ------
    DataError
        As `opened`.
    """
    with _found(source, key, ()) as (path, layer, _):
        return dict(pyogrio.read_info(path, layer=layer, encoding="ISO-8859-1", force_total_bounds=bounds))


def require_columns(raw: RawLayer, wanted: Sequence[str], source: Source, key: str) -> None:
    """Refuse columns that are not there, or there twice: which of the two is meant, nobody can know.

    Raises
    ------
    DataError
    """
    fields, problems = raw.fields, []
    for name in wanted:
        if fields.count(name) > 1:
            problems.append(
                Message(
                    f"{key}: {source.path.name} has {fields.count(name)} columns '{name}'; rename all but the "
                    "right one.",
                    f"{key}：{source.path.name} 有 {fields.count(name)} 个字段“{name}”；请保留正确的一个，其余改名。",
                )
            )
        if name not in fields:
            hint, listed = did_you_mean(name, fields), ", ".join(fields)
            if name.lower() in _OF_ROWS:
                hint = Message(
                    " (that is the number the file gives a row, which changes when it is saved anew: copy it into a "
                    "column of its own)",
                    "（这是文件内部的行号，另存后会改变：请复制到单独的字段）",
                )
            problems.append(
                Message(
                    f"{key}: {source.path.name} has no column '{name}'{hint.en}; its columns are: {listed}.",
                    f"{key}：{source.path.name} 没有字段“{name}”{hint.zh}；现有字段：{listed}。",
                )
            )
    if problems and raw.heading_row is not None and any(name not in fields for name in wanted):
        problems[-1] += _say_headings(raw.heading_row)
    if problems:
        raise DataError(problems)


@contextmanager
def _found(source: Source, key: str, wanted: Sequence[str]) -> Iterator[tuple[Path, str | None, Path]]:
    """Give the file where GDAL finds it, the layer in it (none: the only one), and a folder that lasts as long."""
    with warnings.catch_warnings(record=True) as caught, TemporaryDirectory(prefix="redistrict-") as folder:
        warnings.simplefilter("always")
        try:
            if not source.path.exists():
                raise DataError(_missing_file(source.path, key))
            admit(source, key)
            path = find_layer(source, Path(folder), key)
            check_parts(path, source, wanted, key)
            yield path, choose_layer(path, source, key), Path(folder)
        except (CRSError, UnboundLocalError) as error:  # pyogrio stumbles so over a system that is no text
            is_sheet = source.path.suffix.lower() in SHEETS  # and over cells far from the others
            raise DataError(
                say_far_cells(source.path.name, key) if is_sheet else say_unreadable_crs(source, key)
            ) from error
        except CANNOT_READ as error:
            raise DataError(cannot_read(source, key, error)) from error
    for warning in caught:
        _log.info("%s: %s", source.path.name, warning.message)


def _refuse_misread(table: pd.DataFrame, source: Source, key: str) -> None:
    """Refuse what GDAL makes something else of in the columns of a workbook that are used."""
    name, texts, dates = source.path.name, set[str](), list[str]()
    for column in table:
        values = set(as_text(table[column]).tolist())
        texts |= values
        if any(_DAY.fullmatch(value) for value in values):
            dates.append(str(column))
    refuse_odd_texts(source.path, sorted(texts), name, key)
    refuse_days_since_1904(source.path, dates, name, key)


def _refuse_text_in_order(raw: RawLayer, source: Source, key: str) -> None:
    """Refuse a filter that compares a column of text with a number: '10' comes before '9' there."""
    texts = {name.lower(): name for name, kind in zip(raw.fields, raw.dtypes, strict=True) if kind == "object"}
    compared = re.findall(r'(?:"([^"]+)"|([^\W\d]\w*))\s*(?:<=|>=|<(?!>)|>)\s*-?\d', source.where or "")
    found = list(dict.fromkeys(texts[name] for pair in compared if (name := (pair[0] or pair[1]).lower()) in texts))
    if found:
        named = name_some(found)
        raise DataError(
            Message(
                f"{key}.where: {named.en} of {source.path.name} holds text, which is compared letter by letter ('10' "
                f"comes before '9'); write for example: cast(\"{found[0]}\" as float) > 5.",
                f"{key}.where：{source.path.name} 的 {named.zh} 为文字，会逐字比较（“10”排在“9”之前）；"
                f'请写成如 cast("{found[0]}" as float) > 5。',
            )
        )


def _empty(column: str, n_rows: int, source: Source, key: str) -> Message:
    return Message(
        f"{key}: '{column}' of {source.path.name} is empty in all {n_rows} rows (a formula without a stored value?).",
        f"{key}：{source.path.name} 的“{column}”在全部 {n_rows} 行中均为空（公式没有保存计算结果？）。",
    )


def _no_shapes(fields: Sequence[str], source: Source, key: str) -> Message:
    name, called = source.path.name, next((field for field in fields if field.lower() in _OF_SHAPES), None)
    if called is not None and source.path.suffix.lower() == ".csv":
        return Message(
            f"{key}: {name} has no geometry that is read; if '{called}' holds it as text (WKT), call that column WKT.",
            f"{key}：{name} 没有可读取的图形；如“{called}”列以文字（WKT）保存图形，请将该列改名为 WKT。",
        )
    where = f"{key}: {name}"
    return Message(f"{where} has no geometry; give a layer of shapes.", f"{where} 没有图形；请给出空间图层。")


def _refuse_unreadable(rows: pd.DataFrame, wanted: Sequence[str], source: Source, key: str) -> None:
    """Refuse rows whose shape cannot be read, named by their first column."""
    if not len(rows):
        return
    called = as_text(rows[wanted[0]]).tolist() if wanted else [""] * len(rows)
    named = name_some([f"{row} ({name})" if name else row for row, name in zip(rows.index, called, strict=True)])
    raise DataError(
        Message(
            f"{key}: {source.path.name}: {len(rows)} features have a shape that cannot be read (a ring that is not "
            f"closed, a coordinate that is no number): features {named.en}; draw them again.",
            f"{key}：{source.path.name} 中有 {len(rows)} 个要素的图形无法读取（环未闭合，或坐标不是数字）："
            f"第 {named.zh} 个要素；请重新绘制。",
        )
    )


def _say_headings(row: int) -> Message:
    return Message(
        f" Row {row} is taken for the headings: write 'header_row:' if another row holds them; where they fill two "
        "rows, write each column's name into one.",
        f"表头取自第 {row} 行：如在其他行，请写明 header_row:；如表头占两行，请合并到一行，每列一个名称。",
    )


def _missing_file(path: Path, key: str) -> Message:
    return Message(
        f"{key}.path: there is no file {path}; check the name and the folder.",
        f"{key}.path：找不到文件 {path}；请检查文件名和所在文件夹。",
    )


def cannot_read(source: Source, key: str, error: Exception) -> Message:
    """Say that a file cannot be read, and what to look at."""
    return Message(
        f"{key}: {source.path.name} cannot be read: {error}. Check the file, 'encoding:' and 'where:' "
        '(column names that are not ASCII stand in double quotes: "户数" > 0).',
        f"{key}：无法读取 {source.path.name}：{error}。请检查文件、encoding: 和 where:"
        '（中文字段名须加双引号，如 "户数" > 0）。',
    )
