"""Raw tables: rows of a layer with the bytes of their text, and the encoding these are read in.

GDAL and its drivers decode each in their own way, and drop or refuse what they cannot decode, mostly without saying in
which row. So text is read byte by byte (in ISO-8859-1, which has a character for each) and decoded here.
"""

import codecs
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray

from redistrict.errors import DataError
from redistrict.geo.encoding import choose_encoding, declared_encoding, find_codec, fits, fits_most
from redistrict.geo.headings import Headed, find_headings
from redistrict.geo.limits import check_rows
from redistrict.geo.sheet_rows import number_rows
from redistrict.geo.tables import ROW, as_text
from redistrict.messages import Message, name_some
from redistrict.scenario.admission import check_driver
from redistrict.scenario.sources import Source, TableSource

_BYTES = "ISO-8859-1"
_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_LOST = "\ufffd"
_UTF8 = {"FlatGeobuf", "GPKG", "ODS", "OSM", "OpenFileGDB", "Parquet", "SQLite", "XLSX"}
"""Drivers of files that hold UTF-8 and nothing else; in others text may be in any encoding, whatever they say."""
_HEADED = {".csv": "YES", ".xlsx": "FORCE", ".ods": "FORCE"}
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

    def choose(self, columns: Sequence[str], where: str | None) -> dict[str, Any]:
        """Give the options that read these columns, and those a filter speaks of: on others it matches nothing."""
        wanted = [raw for name, raw in zip(self.fields, self.raw_fields, strict=True) if name in columns]
        if where is not None:
            spoken = where.lower()
            wanted += [raw for name, raw in zip(self.fields, self.raw_fields, strict=True) if name.lower() in spoken]
            if self.driver == "ESRI Shapefile":
                where = where.encode(self.encoding).decode(_BYTES)
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
    if path.suffix.lower() == ".csv":
        path = _plain_csv(path, source, folder, key, notes)
    layer = source.layer
    headed = find_headings(path, source, wanted, folder, key) if isinstance(source, TableSource) else Headed(path)
    if headed.note is not None:
        path, layer = headed.path, None
        notes.append(headed.note)
    is_headed = path.suffix.lower() in _HEADED
    heading_row = headed.n_above + 1 if is_headed and isinstance(source, TableSource) else None
    in_lines = path.suffix.lower() in _LINES
    rows = number_rows(path, source.path.name, key, above=headed.n_above) if in_lines else None
    options: dict[str, Any] = {"layer": layer, "encoding": _BYTES}
    if is_headed:
        options["HEADERS"] = _HEADED[path.suffix.lower()]
    info = pyogrio.read_info(path, **options)
    check_driver(info["driver"], source, key)
    check_rows(info["features"], source.path.name, key)
    raw_fields, driver, encoding = tuple(info["fields"]), str(info["driver"]), "utf-8"
    if driver not in _UTF8 and driver != "CSV":
        texts = _list_texts(path, options, raw_fields, info["dtypes"])
        declared = declared_encoding(path, layer) if driver == "ESRI Shapefile" else "utf-8"
        encoding = settle_encoding(source, texts, declared, key, notes)
    names = tuple(name.encode(_BYTES).decode(encoding, errors="ignore") for name in raw_fields)
    has_shapes, dtypes = info["geometry_type"] is not None, tuple(str(dtype) for dtype in info["dtypes"])
    return RawLayer(path, options, driver, names, raw_fields, dtypes, encoding, has_shapes, rows, heading_row)


def read_rows(raw: RawLayer, columns: Sequence[str], where: str | None, *, shapes: bool) -> pd.DataFrame:
    """Read rows, with the text of the named columns decoded; the index is the number of the row, from 1.

    In a sheet it is the number that a spreadsheet shows, in which the headings have one as well.

    Every undecodable character becomes U+FFFD, every shape that cannot be read none.
    """
    of_name = dict(zip(raw.fields, raw.raw_fields, strict=True))
    chosen = raw.choose(columns, where)
    by_number = where is not None or raw.driver in _SHEETS
    frame = pyogrio.read_dataframe(
        raw.path, read_geometry=shapes, fid_as_index=by_number, on_invalid="ignore", **chosen
    )
    frame.index = frame.index + (0 if by_number and raw.driver in _COUNTS_FROM_1 else 1)
    if raw.rows is not None and frame.index.max() <= len(raw.rows):  # a .tsv may have been taken to have no headings
        frame.index = pd.Index([raw.rows[at - 1] for at in frame.index])
    frame.index.name = ROW
    own = [frame.geometry.name] if isinstance(frame, gpd.GeoDataFrame) else []
    frame = frame[[of_name[name] for name in columns] + own].rename(columns={of_name[name]: name for name in columns})
    for name in columns:
        frame[name] = decode_column(frame[name], raw.encoding)
    rows: pd.DataFrame = frame
    return rows


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
    """Decode a column that was read byte by byte; numbers, dates and nothing stay, lists and objects are JSON."""
    if values.dtype != object and not isinstance(values.dtype, pd.StringDtype):
        return values
    values = values.map(_flat)
    decoded = {
        text: text.encode(_BYTES).decode(encoding, errors="replace")
        for text in set(values.dropna().tolist())
        if isinstance(text, str) and not text.isascii()
    }
    return values.map(lambda value: decoded.get(value, value) if isinstance(value, str) else value)


def _flat(value: Any) -> Any:
    return value if pd.api.types.is_scalar(value) else json.dumps(value, ensure_ascii=False, default=np.ndarray.tolist)


def lost_characters(
    frame: pd.DataFrame, columns: Sequence[str], encoding: str, source: Source, key: str
) -> list[Message]:
    """Say in which rows a character could not be decoded, one note for each column."""
    notes = []
    for name in columns:
        text, called = as_text(frame[name]), as_text(frame[columns[0]])
        rows = [at for at, value in enumerate(text) if _LOST in value]
        if rows:
            named = name_some([f"{frame.index[at]} ({called[at]})" for at in rows])
            example = text[rows[0]]
            notes.append(
                Message(
                    f"{key}: {source.path.name}: {len(rows)} texts in '{name}' hold half a character, or one "
                    f"that is not {encoding} (rows {named.en}; '{example}'); write them out, or make the column wider.",
                    f"{key}：{source.path.name} 的“{name}”中有 {len(rows)} 处文字含半个字或非 {encoding} "
                    f"字符（第 {named.zh} 行，“{example}”）；请补全文字或加宽字段。",
                )
            )
    return notes


def settle_encoding(
    source: Source, texts: Mapping[bytes, int], in_file: str | None, key: str, notes: list[Message]
) -> str:
    """Give the encoding of a table, with a note where it is another than declared, or where nothing is.

    Parameters
    ----------
    texts : mapping of bytes to int
        Column names and values, and the first row of each (0: the names).
    in_file : str or None
        What the file declares.

    Raises
    ------
    DataError
        As `open_raw`.
    """
    where, where_zh = f"{key}: {source.path.name}", f"{key}：{source.path.name}"
    by_hand = None if source.encoding is None else find_codec(source.encoding)
    if source.encoding is not None and by_hand is None:
        raise DataError(
            Message(
                f"{key}.encoding: '{source.encoding}' is no encoding known here; write utf-8, gb18030 or big5.",
                f"{key}.encoding：无法识别编码“{source.encoding}”；请写 utf-8、gb18030 或 big5。",
            )
        )
    declared = by_hand or in_file
    high = [text for text in texts if not text.isascii()]
    found = choose_encoding(texts, declared)
    if found is None or (by_hand is not None and found != by_hand and not fits_most(high, by_hand)):
        raise DataError(_no_fit(where, where_zh, texts, by_hand or "utf-8", found))
    if by_hand is not None:
        if found != by_hand:
            notes.append(_looks_otherwise(where, where_zh, texts, by_hand, found))
        return by_hand
    if declared is not None and found != declared:
        notes.append(_read_otherwise(where, where_zh, texts, declared, found))
    elif declared is None and high and found != "utf-8":
        shown = "GB18030" if found == "gb18030" else found
        notes.append(
            Message(
                f"{where} does not name its text encoding; it is read as {shown}. If the names are wrong, "
                "write 'encoding:' there.",
                f"{where} 没有注明文字编码，按 {shown} 读取；如名称有误，请在此处写明 encoding:。",
            )
        )
    return found


def _first_unfit(texts: Mapping[bytes, int], encoding: str, likely: str | None) -> Message:
    """Name the first row whose text does not fit, and the text as it would be read in the likely encoding."""
    high = [text for text in texts if not text.isascii()]
    unfit = [text for text in high if not fits(text, encoding)] or high
    first = min(unfit, key=lambda text: (texts[text] == 0, texts[text]))
    shown, row = first.decode(likely or "latin-1", errors="replace").strip()[:40], texts[first]
    place = Message(f"row {row}", f"第 {row} 行") if row else Message("a column's name", "字段名")
    return Message(f"{place.en}: '{shown}'", f"{place.zh}：“{shown}”")


def _no_fit(where: str, where_zh: str, texts: Mapping[bytes, int], encoding: str, likely: str | None) -> Message:
    en, zh = _first_unfit(texts, encoding, likely)
    hint = f"it looks like {likely}: write encoding: {likely}" if likely else "write its 'encoding:'"
    hint_zh = f"疑似 {likely}，请写 encoding: {likely}" if likely else "请写明 encoding:"
    return Message(
        f"{where}: text is not {encoding} ({en}); {hint}.", f"{where_zh}：文字不是 {encoding}（{zh}）；{hint_zh}。"
    )


def _looks_otherwise(where: str, where_zh: str, texts: Mapping[bytes, int], encoding: str, likely: str) -> Message:
    en, zh = _first_unfit(texts, encoding, likely)
    return Message(
        f"{where}: 'encoding: {encoding}' is kept to, but the text looks like {likely} ({en}); write "
        f"encoding: {likely} if names come out wrong.",
        f"{where_zh}：按 encoding: {encoding} 读取，但文字疑似 {likely}（{zh}）；"
        f"如名称有误，请改为 encoding: {likely}。",
    )


def _read_otherwise(where: str, where_zh: str, texts: Mapping[bytes, int], declared: str, found: str) -> Message:
    en, zh = _first_unfit(texts, declared, found)
    return Message(
        f"{where} declares its text as {declared}, but it is {found} ({en}) and is read as that; write "
        f"'encoding: {found}' there.",
        f"{where_zh} 注明的编码为 {declared}，但文字实为 {found}（{zh}），按后者读取；请写明 encoding: {found}。",
    )


def _list_texts(path: Path, options: dict[str, Any], fields: Sequence[str], dtypes: Sequence[str]) -> dict[bytes, int]:
    """Give column names and the distinct values of all text columns, with the first row of each."""
    columns = [name for name, dtype in zip(fields, dtypes, strict=True) if dtype == "object"]
    found = dict.fromkeys(fields, 0)
    if columns:
        _, _, _, data = pyogrio.raw.read(path, columns=columns, read_geometry=False, **options)
        for values in data:
            for row, value in enumerate(values.tolist(), start=1):
                if isinstance(value, str):
                    found.setdefault(value, row)
    return {text.encode(_BYTES): row for text, row in found.items()}


def _plain_csv(path: Path, source: Source, folder: Path, key: str, notes: list[Message]) -> Path:
    """Give the CSV file, or a copy in UTF-8 where it is in another encoding."""
    content = path.read_bytes()
    marked = next((encoding for mark, encoding in _BOMS.items() if content.startswith(mark)), _wide(content))
    if marked is None or marked == "utf-8":
        lines = content.splitlines()
        texts = {line: row for row, line in reversed(list(enumerate(lines)))}
        encoding = settle_encoding(source, texts, marked, key, notes)
    else:
        encoding = marked
    if encoding == "utf-8":
        return path
    copy = folder / "utf8" / path.name
    copy.parent.mkdir()
    copy.write_text(content.decode(encoding, errors="replace").lstrip("\ufeff"), encoding="utf-8", newline="")
    return copy


def _wide(content: bytes) -> str | None:
    """Tell UTF-16 without a mark by its zeros: digits, commas and ends of lines have one each."""
    zero = np.frombuffer(content[:4096], dtype=np.uint8) == 0
    even, odd = int(zero[::2].sum()), int(zero[1::2].sum())
    if even + odd < 0.05 * len(zero):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"
