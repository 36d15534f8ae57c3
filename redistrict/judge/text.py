"""Text: the columns of a file as the judge reads them, byte by byte, in the encoding that makes words of them."""

import codecs
import json
import shutil
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pyogrio

from redistrict.errors import DataError
from redistrict.judge.headings import below_titles
from redistrict.messages import Message, name_some
from redistrict.scenario.sources import Source, TableSource

HEADS = (".shp", ".dbf", ".geojson", ".geojsonl", ".json", ".topojson", ".fgb", ".tab", ".mif", ".dxf", ".kml", ".gpx",
         ".gml", ".osm", ".pbf", ".csv", ".tsv")  # fmt: skip
UTF8_ONLY = ("FlatGeobuf", "GPKG", "ODS", "OSM", "OpenFileGDB", "Parquet", "SQLite", "XLSX")
ONE_TO_ONE = "ISO-8859-1"  # a character for every byte
CHINESE, TAIWAN, WESTERN = "gb18030", "cp950", "cp1252"
CANDIDATES = ("utf-8", CHINESE, TAIWAN, WESTERN)
CLEARLY = 0.2  # by this much another encoding must read better than the declared one
SIMPLIFIED = ("936", "gbk", "gb2312", "gb18030", "euccn")
TRADITIONAL = ("950", "big5")
DBASE_LANGUAGES = {0x4D: "936", 0x7A: "936", 0x4F: "950", 0x78: "950", 0x4E: "949", 0x79: "949", 0x13: "932",
                   0x7B: "932", 0x26: "866", 0x65: "866", 0xC9: "1251"}  # fmt: skip


@contextmanager
def open_for_gdal(source: Source) -> Iterator[tuple[Path, str | None]]:
    """Give the file where GDAL can read it, and the encoding of its text, none where that is for the columns to say.

    A table with titles above its headings comes as a copy without them, in UTF-8.
    """
    with _open_whole(source) as (path, encoding), TemporaryDirectory() as folder:
        copy = below_titles(path, source, Path(folder)) if isinstance(source, TableSource) else None
        yield (path, encoding) if copy is None else (copy, "utf-8")


@contextmanager
def _open_whole(source: Source) -> Iterator[tuple[Path, str | None]]:
    """Give the file with all that stands in it.

    A CSV table comes as a copy in UTF-8, a shapefile with a suffix like `.Shp` as one in small letters, and the layer
    of a zip archive unpacked.
    """
    path, suffix = source.path, source.path.suffix.lower()
    with TemporaryDirectory() as folder:
        if suffix == ".zip" and zipfile.is_zipfile(path):
            path = _unpacked(path, source.layer, Path(folder, "unpacked"))
            suffix = path.suffix
        copy = Path(folder) / path.with_suffix(suffix).name
        is_text = suffix == ".txt" and path.read_bytes().strip()[:1] not in (b"<", b"{", b"[")
        if suffix == ".csv" or is_text:
            copy = copy.with_suffix(".csv")
            copy.write_bytes(_csv_text(path.read_bytes(), source.encoding).encode("utf-8", errors="replace"))
            yield copy, "utf-8"
            return
        if suffix in (".shp", ".dbf"):
            parts = [part for part in path.parent.glob("*") if part.stem == path.stem and part.is_file()]
            system = _system_in_utf8(parts)
            if system or any(part.suffix not in (part.suffix.lower(), part.suffix.upper()) for part in parts):
                for part in parts:
                    shutil.copyfile(part, Path(folder) / part.with_suffix(part.suffix.lower()).name)
                path = copy
            if system:
                path.with_suffix(".prj").write_text(system, encoding="utf-8")
        yield path, None


def _system_in_utf8(parts: Iterable[Path]) -> str:
    """Give the coordinate system of a shapefile that says it in GB2312 or UTF-16; no text where it needs no turning."""
    content = next((part.read_bytes() for part in parts if part.suffix.lower() == ".prj"), b"")
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_wide else "gb2312")
    except UnicodeDecodeError:
        return ""
    return text if is_wide or content != content.decode("utf-8", errors="ignore").encode() else ""


def _unpacked(path: Path, layer: str | None, folder: Path) -> Path:
    """Unpack the one layer of an archive, or that of this name, with suffixes in small letters.

    Raises
    ------
    ValueError
        If that is none, or more than one.
    """
    folder.mkdir()
    with zipfile.ZipFile(path) as archive:
        names = [PurePosixPath(name) for name in archive.namelist() if not name.endswith("/")]
        names = [name for name in names if not name.name.startswith(".") and "__MACOSX" not in name.parts]
        heads = [name for name in names if name.suffix.lower() in HEADS] or names
        shapes = [str(name).lower()[:-4] for name in heads if name.suffix.lower() == ".shp"]
        heads = [name for name in heads if name.suffix.lower() != ".dbf" or str(name).lower()[:-4] not in shapes]
        heads = [name for name in heads if name.stem == layer] if len(heads) > 1 else heads
        if len(heads) != 1:
            raise ValueError(f"{len(heads)} layers in the archive")
        head = heads[0]
        stem = head.stem.replace("\\", "_").replace(":", "_")
        for name in names:
            if (name.parent, name.stem) == (head.parent, head.stem):
                (folder / f"{stem}{name.suffix.lower()}").write_bytes(_member(archive, str(name)))
    return folder / f"{stem}{head.suffix.lower()}"


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except (EOFError, RuntimeError, zlib.error) as error:  # cut off, encrypted, damaged
        raise zipfile.BadZipFile(f"{name}: {error}") from error


def read_columns(source: Source, names: Collection[str], read: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """Read these columns; with `read` come shapes, or none.

    Raises
    ------
    DataError
        If one of them is not there.
    ValueError
        If one of them is there twice.
    """
    with open_for_gdal(source) as (path, encoding):
        options = _options(path, source)
        layer = options["layer"]
        info = pyogrio.read_info(path, encoding=ONE_TO_ONE, **options)
        raw, driver = list(info["fields"]), str(info["driver"])
        encoding = encoding or _encoding_of(path, source, layer, raw, driver)
        of_names = "utf-8" if driver in UTF8_ONLY else encoding
        fields = [field.encode(ONE_TO_ONE).decode(of_names, errors="ignore") for field in raw]
        if missing := [name for name in names if name not in fields]:
            raise DataError(no_column(source, missing[0], fields))
        if twice := [name for name in names if fields.count(name) > 1]:
            raise ValueError(f"column {twice[0]!r} is there {fields.count(twice[0])} times")
        where = source.where
        spoken = [name for name in fields if where and name.casefold() in where.casefold()]
        wanted = [own for own, name in zip(raw, fields, strict=True) if name in {*names, *spoken}]
        if where and driver == "ESRI Shapefile":
            where = where.encode(encoding).decode(ONE_TO_ONE)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Could not parse column")  # text among lists and objects of GeoJSON
            table = read(path, encoding=ONE_TO_ONE, where=where, columns=wanted, **options)
    for name in [name for name in table.columns if name in raw and _is_text(table[name])]:
        table[name] = pd.Series([_decoded(value, encoding) for value in table[name]], table.index, dtype=object)
    return table.rename(columns=dict(zip(raw, fields, strict=True)))


def list_fields(source: Source) -> list[str]:
    """Name the columns of a table that holds UTF-8, or is read as that."""
    with open_for_gdal(source) as (path, _):
        return [str(name) for name in pyogrio.read_info(path, **_options(path, source))["fields"]]


def _options(path: Path, source: Source) -> dict[str, Any]:
    """Give what else GDAL must know: the layer, but of CSV, and that the first row of a table holds the headings."""
    headed = {".csv": "YES", ".xlsx": "FORCE", ".xlsm": "FORCE", ".ods": "FORCE"}.get(path.suffix.lower())
    return {"layer": _layer_of(path, source)} | ({"HEADERS": headed} if headed else {})


def _layer_of(path: Path, source: Source) -> str | None:
    """Give the layer that the scenario names; else the only one, but for styles, and tables where shapes are wanted."""
    if path.suffix.lower() == ".csv":
        return None
    layers = pyogrio.list_layers(path)
    if source.layer is not None or len(layers) == 1:
        return source.layer
    kinds = {str(name): kind for name, kind in layers if name != "layer_styles"}
    names = [name for name, kind in kinds.items() if kind is not None or isinstance(source, TableSource)]
    if len(names) != 1:
        raise ValueError(f"{len(names)} layers, and none is named")
    return names[0]


def no_column(source: Source, name: str, fields: Iterable[str]) -> Message:
    """Say that a file has no such column, and which it has."""
    there = name_some(list(fields), limit=20)
    return Message(
        f"{source.path.name} has no column {name!r}; it has {there.en}.",
        f"{source.path.name} 中没有字段 {name!r}；现有字段：{there.zh}。",
    )


def _encoding_of(path: Path, source: Source, layer: str | None, fields: list[str], driver: str) -> str:
    """Give the encoding the scenario names; else, of files that may be in any, that of the text; else UTF-8."""
    if source.encoding and (named := find_named(source.encoding)):
        return named
    if driver == "ESRI Shapefile":
        return find_encoding(_texts(path, layer, fields), _declared(path, layer))
    return find_encoding([] if driver in UTF8_ONLY else _texts(path, layer, fields), "utf-8")


def _is_text(values: "pd.Series[Any]") -> bool:
    return bool(pd.api.types.is_object_dtype(values) or pd.api.types.is_string_dtype(values))


def _decoded(value: object, encoding: str) -> object:
    if isinstance(value, dict | list | np.ndarray):  # as GeoJSON may have them
        value = json.dumps(value, ensure_ascii=False, default=np.ndarray.tolist)
    return value.encode(ONE_TO_ONE).decode(encoding, errors="replace") if isinstance(value, str) else value


def _texts(path: Path, layer: str | None, fields: list[str]) -> list[bytes]:
    """Give all names and texts beyond ASCII."""
    _, _, _, columns = pyogrio.raw.read(path, layer=layer, encoding=ONE_TO_ONE, read_geometry=False)
    values = {value for column in columns for value in column if isinstance(value, str)}
    return [text.encode(ONE_TO_ONE) for text in values | set(fields) if not text.isascii()]


def _csv_text(content: bytes, named: str | None) -> str:
    lines = [line for line in content.splitlines() if not line.isascii()]
    encoding = (find_named(named) if named else None) or find_encoding(lines, None)
    if content.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    elif content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif content.count(b"\0") > len(content) / 20:
        encoding = "utf-16-le" if b"\0" in (content[1:2], content[3:4]) else "utf-16-be"
    return content.decode(encoding, errors="replace")


def find_named(name: str) -> str | None:
    """Give the codec of an encoding by one of its many names; none if there is none."""
    plain = name.strip().lower().replace("ansi", "").replace(" ", "").replace("-", "").replace("_", "")
    if any(plain.endswith(word) for word in SIMPLIFIED):
        return CHINESE
    if any(plain.endswith(word) for word in TRADITIONAL):
        return TAIWAN
    if "8859" in plain:
        return f"iso8859-{plain.partition('8859')[2] or 1}"
    for guess in (name.strip(), plain, f"cp{plain.removeprefix('cp').removeprefix('windows').removeprefix('oem')}"):
        try:
            return codecs.lookup({"65001": "utf-8", "cp65001": "utf-8"}.get(guess, guess)).name
        except (LookupError, ValueError):
            continue
    return None


def _declared(path: Path, layer: str | None) -> str | None:
    """Give what the .cpg file, else the language byte of the table, says."""
    named = find_named(_part(path, layer, ".cpg").decode(ONE_TO_ONE) or "-")
    table = _part(path, layer, ".dbf")
    number = DBASE_LANGUAGES.get(table[29]) if len(table) > 29 else None
    return named or (find_named(number) if number else None)


def _part(path: Path, layer: str | None, suffix: str) -> bytes:
    """Give the first bytes of a part of a shapefile, alone or in a folder; nothing if there is none."""
    for file in (path if path.is_dir() else path.parent).glob("*"):
        stem = layer if path.is_dir() else path.stem
        if file.suffix.lower() == suffix and stem in (None, file.stem):
            with file.open("rb") as part:
                return part.read(64)
    return b""


def find_encoding(texts: list[bytes], declared: str | None) -> str:
    """Give the encoding in which text reads best, or the declared one unless another reads clearly better.

    Parameters
    ----------
    texts : list of bytes
        Texts beyond ASCII.
    """
    if not texts:
        return declared or "utf-8"
    best = max(CANDIDATES, key=lambda encoding: (readable_share(texts, encoding), _all_fit(texts, encoding)))
    if declared is None or readable_share(texts, "utf-8") == 1:
        return best
    is_better = readable_share(texts, best) > readable_share(texts, declared) + CLEARLY
    if {best, declared} == {CHINESE, TAIWAN}:
        is_better |= _all_fit(texts, best) and not _all_fit(texts, declared)
    return best if is_better else declared


def _all_fit(texts: list[bytes], encoding: str) -> bool:
    return not any("\ufffd" in _read_as(raw, encoding) for raw in texts)


def _read_as(raw: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)(errors="replace").decode(raw)  # half a character waits for more


def readable_share(texts: list[bytes], encoding: str) -> float:
    """Give the share of characters beyond ASCII that make sense in text of this encoding."""
    good = total = 0
    for raw in texts:
        text = _read_as(raw, encoding)
        for at, one in enumerate(text):
            if not one.isascii():
                total += 1
                good += _makes_sense(one, text[max(0, at - 1) : at] + text[at + 1 : at + 2], encoding)
    return good / max(1, total)


def _makes_sense(character: str, beside: str, encoding: str) -> bool:
    """Tell whether a character is a common one of Chinese, or a letter that stands by itself in Western text."""
    if encoding == CHINESE:
        return len(character.encode("gb2312", errors="ignore")) == 2 or _is_common_in_taiwan(character)
    if encoding == TAIWAN:
        return _is_common_in_taiwan(character)
    if encoding in (WESTERN, "latin-1") or encoding.startswith(("iso8859-1", "cp85", "cp437")):
        return beside.isascii() and unicodedata.category(character)[0] == "L"
    return character != "\ufffd" and (character == "\ufeff" or unicodedata.category(character)[0] != "C")


def _is_common_in_taiwan(character: str) -> bool:
    """Tell whether a character is a sign, or one of the 5,401 in common use, of Big5."""
    return b"\xa1" <= character.encode("big5", errors="ignore")[:1] <= b"\xc6"
