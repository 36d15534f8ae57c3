"""Raw tables: rows of a layer with the bytes of their text, and the encoding these are read in.

GDAL and its drivers decode each in their own way, and drop or refuse what they cannot decode, mostly without saying in
which row. So text is read byte by byte (in ISO-8859-1, which has a character for each) and decoded here.
"""

import codecs
import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray

from redistrict.errors import DataError
from redistrict.geo.declared import BYTES, settle_beside_utf8, settle_encoding
from redistrict.geo.encoding import declared_encoding
from redistrict.geo.headings import Headed, find_headings
from redistrict.geo.limits import check_rows
from redistrict.geo.sheet_rows import number_rows
from redistrict.geo.tables import ROW
from redistrict.geo.workbook import refuse_comments, refuse_odd_cells
from redistrict.messages import Message
from redistrict.scenario.admission import check_driver
from redistrict.scenario.sources import Source, TableSource

_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
UTF8_ONLY = {"FlatGeobuf", "GPKG", "ODS", "OSM", "OpenFileGDB", "Parquet", "SQLite", "XLSX"}
"""Drivers of files that hold UTF-8 and nothing else; in others text may be in any encoding, whatever they say."""
_HEADED = {".csv": "YES", ".xlsx": "FORCE", ".xlsm": "FORCE", ".ods": "FORCE"}
"""What makes GDAL take the first row for headings, also where all is text, or a year is one of them."""
_SHEETS = {"ODS", "XLSX"}
_LINES = {".csv", ".tsv", ".psv"}
"""Tables of a line a row."""
_COUNTS_FROM_1 = {"CSV", "GPKG", "SQLite", *_SHEETS}


class RawLayer(NamedTuple):
    """A layer, ready to be read: where GDAL finds it, what columns it has, and the encoding of its text."""

    path: Path
    options: dict[str, Any]
    driver: str
    fields: tuple[str, ...]
    raw_fields: tuple[str, ...]
    dtypes: tuple[str, ...]
    encoding: str
    has_shapes: bool
    rows: tuple[int, ...] | None = None
    """Of a CSV table, the number of each row in a spreadsheet."""
    heading_row: int | None = None
    """Of an office table, the row its headings are taken from."""
    is_part: bool = False
    """Whether only some rows of the layer are read."""

    def at(self, rows: NDArray[np.int64]) -> "RawLayer":
        """Give the rows of certain numbers, as `read_rows` gives them, as a layer; they are read without a filter."""
        first = 0 if self.driver in _COUNTS_FROM_1 else 1
        return self._replace(options=self.options | {"fids": rows - first}, is_part=True)

    def near(self, bounds: tuple[float, float, float, float]) -> "RawLayer":
        """Give the rows whose boxes meet one, in the layer's coordinates, as a layer."""
        return self._replace(options=self.options | {"bbox": bounds}, is_part=True)

    def choose(self, columns: Sequence[str], where: str | None) -> dict[str, Any]:
        """Give the options that read these columns, and those a filter speaks of: on others it matches nothing."""
        wanted = [raw for name, raw in zip(self.fields, self.raw_fields, strict=True) if name in columns]
        if where is not None:
            spoken = where.lower()
            wanted += [raw for name, raw in zip(self.fields, self.raw_fields, strict=True) if name.lower() in spoken]
            if self.driver == "ESRI Shapefile":
                where = where.encode(self.encoding).decode(BYTES)
        return {**self.options, "columns": list(dict.fromkeys(wanted)), "where": where}


def open_raw(
    path: Path, source: Source, wanted: Sequence[str], folder: Path, key: str, notes: list[Message]
) -> RawLayer:
    """Look at columns and text of a layer, and settle the encoding.

    Parameters
    ----------
    path : Path
        The file of the source, as `find_layer` gives it.
    wanted : sequence of str
        Columns that tell the headings of a table.
    folder : Path
        Place for a copy of a CSV file in another encoding than UTF-8.
    key : str
        Where the source stands in the scenario, for messages.
    notes : list of Message
        An encoding nobody declared, or another than was declared, and titles above a table are added to it.

    Raises
    ------
    DataError
        If the text does not fit the encoding the scenario names, or any known here.
    """
    suffix = path.suffix.lower()
    if suffix in _LINES:
        path = _plain_csv(path, source, folder, key, notes)
    elif suffix in {".xlsx", ".xlsm"}:
        refuse_odd_cells(path, source.path.name, key)
    elif suffix == ".ods":
        refuse_comments(path, source.path.name, key)
    layer = source.layer
    headed = find_headings(path, source, wanted, folder, key) if isinstance(source, TableSource) else Headed(path)
    if headed.note is not None:
        path, layer = headed.path, None
        notes.append(headed.note)
    is_headed = path.suffix.lower() in _HEADED
    heading_row = headed.n_above + 1 if is_headed and isinstance(source, TableSource) else None
    in_lines = path.suffix.lower() in _LINES
    rows = number_rows(path, source.path.name, key, above=headed.n_above) if in_lines else None
    options: dict[str, Any] = {"layer": layer, "encoding": BYTES}
    if is_headed:
        options["HEADERS"] = _HEADED[path.suffix.lower()]
    info = pyogrio.read_info(path, **options)
    check_driver(info["driver"], source, key)
    check_rows(info["features"], source.path.name, key)
    raw_fields, driver, encoding = tuple(info["fields"]), str(info["driver"]), "utf-8"
    if driver in UTF8_ONLY and source.encoding is not None:
        used = [name.encode().decode(BYTES) for name in wanted]
        encoding = settle_beside_utf8(source, _list_texts(path, options, raw_fields, info["dtypes"], used), key)
    elif driver not in UTF8_ONLY and driver != "CSV":
        texts = _list_texts(path, options, raw_fields, info["dtypes"], raw_fields)
        declared = declared_encoding(path, layer) if driver == "ESRI Shapefile" else "utf-8"
        encoding = settle_encoding(source, texts, declared, key, notes)
    of_names = "utf-8" if driver in UTF8_ONLY else encoding
    names = tuple(name.encode(BYTES).decode(of_names, errors="ignore") for name in raw_fields)
    has_shapes, dtypes = info["geometry_type"] is not None, tuple(str(dtype) for dtype in info["dtypes"])
    return RawLayer(path, options, driver, names, raw_fields, dtypes, encoding, has_shapes, rows, heading_row)


def read_rows(raw: RawLayer, columns: Sequence[str], where: str | None, *, shapes: bool) -> pd.DataFrame:
    """Read rows, with text as it stands in the file (see `decode_column`); the index is the row's number, from 1.

    In a sheet it is the number that a spreadsheet shows, in which the headings have one as well.

    Every shape that cannot be read becomes none.
    """
    of_name = dict(zip(raw.fields, raw.raw_fields, strict=True))
    chosen = raw.choose(columns, where)
    by_number = where is not None or raw.is_part or raw.driver in _SHEETS
    frame = pyogrio.read_dataframe(
        raw.path, read_geometry=shapes, fid_as_index=by_number, on_invalid="ignore", **chosen
    )
    frame.index = frame.index + (0 if by_number and raw.driver in _COUNTS_FROM_1 else 1)
    if raw.rows is not None and frame.index.max() <= len(raw.rows):  # a .tsv may have been taken to have no headings
        frame.index = pd.Index([raw.rows[at - 1] for at in frame.index])
    frame.index.name = ROW
    own = [frame.geometry.name] if isinstance(frame, gpd.GeoDataFrame) else []
    rows: pd.DataFrame = frame[[of_name[name] for name in columns] + own]
    return rows.rename(columns={of_name[name]: name for name in columns})


def find_unreadable(
    raw: RawLayer, columns: Sequence[str], where: str | None, shapes: NDArray[np.object_]
) -> NDArray[np.int64]:
    """Give the rows, from 0, whose shape is there but cannot be read, or has a coordinate that is no number."""
    drawn = ~shapely.is_missing(shapes)
    points, row = shapely.get_coordinates(shapes, return_index=True)
    broken = np.zeros(len(shapes), dtype=bool)
    broken[row[np.isnan(points).any(axis=1)]] = True
    if not drawn.all():
        _, _, stored, _ = pyogrio.raw.read(raw.path, **raw.choose(columns, where))
        broken |= ~drawn & np.array([shape is not None for shape in stored], dtype=bool)
    return np.flatnonzero(broken)


def decode_column(values: pd.Series, encoding: str) -> pd.Series:
    """Decode a column that was read byte by byte; numbers, dates and nothing stay, lists and objects are JSON.

    Every undecodable character becomes U+FFFD.
    """
    if values.dtype != object and not isinstance(values.dtype, pd.StringDtype):
        return values
    values = values.map(_flat)
    decoded = {
        text: text.encode(BYTES).decode(encoding, errors="replace")
        for text in set(values.dropna().tolist())
        if isinstance(text, str) and not text.isascii()
    }
    return values.map(lambda value: decoded.get(value, value) if isinstance(value, str) else value)


def _flat(value: Any) -> Any:
    return value if pd.api.types.is_scalar(value) else json.dumps(value, ensure_ascii=False, default=np.ndarray.tolist)


def _list_texts(
    path: Path, options: dict[str, Any], fields: Sequence[str], dtypes: Sequence[str], used: Collection[str]
) -> dict[bytes, int]:
    """Give the names of these columns and the distinct values of those of text, with the first row of each."""
    columns = [name for name, dtype in zip(fields, dtypes, strict=True) if dtype == "object" and name in used]
    found = dict.fromkeys([name for name in fields if name in used], 0)
    if columns:
        _, _, _, data = pyogrio.raw.read(path, columns=columns, read_geometry=False, **options)
        for values in data:
            for row, value in enumerate(values.tolist(), start=1):
                if isinstance(value, str):
                    found.setdefault(value, row)
    return {text.encode(BYTES): row for text, row in found.items()}


def _plain_csv(path: Path, source: Source, folder: Path, key: str, notes: list[Message]) -> Path:
    """Give the CSV file, or a copy in UTF-8 where it is in another encoding, or has a list of types of its own."""
    content = path.read_bytes()
    marked = next((encoding for mark, encoding in _BOMS.items() if content.startswith(mark)), _wide(content))
    if marked is None or marked == "utf-8":
        lines = content.splitlines()
        texts = {line: row for row, line in reversed(list(enumerate(lines)))}
        encoding = settle_encoding(source, texts, marked, key, notes)
    else:
        encoding = marked
    if b"\0" in content and encoding not in {"utf-16-le", "utf-16-be"}:
        raise DataError(_say_damaged(content, source.path.name, key))
    if encoding == "utf-8" and not path.with_suffix(".csvt").exists():
        return path
    copy = folder / "utf8" / path.name
    copy.parent.mkdir()
    copy.write_text(content.decode(encoding, errors="replace").lstrip("\ufeff"), encoding="utf-8", newline="")
    return copy


def _say_damaged(content: bytes, name: str, key: str) -> Message:
    row = content.count(b"\n", 0, content.index(b"\0")) + 1
    return Message(
        f"{key}: row {row} of {name} holds a byte that no text has (NUL): the file is damaged; export it again.",
        f"{key}：{name} 第 {row} 行含有文本中不会出现的字节（NUL），文件已损坏；请重新导出。",
    )


def _wide(content: bytes) -> str | None:
    """Tell UTF-16 without a mark by its zeros: digits, commas and ends of lines have one each."""
    zero = np.frombuffer(content[:4096], dtype=np.uint8) == 0
    even, odd = int(zero[::2].sum()), int(zero[1::2].sum())
    if even + odd < 0.05 * len(zero):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"
