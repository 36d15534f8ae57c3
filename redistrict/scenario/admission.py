"""Admission: what may be opened at all — local files of known kinds, told by their content, of bearable size.

GDAL picks its driver by content too, and some of its drivers lead elsewhere: a VRT, WFS or pipeline file, whatever it
is called, can make it read other files and other machines. So nothing is given to GDAL that was not looked at here;
its network is off, and only `DRIVERS` may answer.
"""

import logging
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from glob import escape
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

import pyogrio

from redistrict.errors import DataError
from redistrict.messages import Message, name_some
from redistrict.scenario.misnamed import say_misnamed
from redistrict.scenario.sources import Source

_log = logging.getLogger(__name__)

DRIVERS = frozenset(
    {
        "CSV", "DXF", "ESRI Shapefile", "ESRIJSON", "FlatGeobuf", "GeoJSON", "GeoJSONSeq", "GML", "GPKG", "GPX",
        "JSONFG", "KML", "LIBKML", "MapInfo File", "ODS", "OpenFileGDB", "OSM", "SQLite", "TopoJSON", "XLSX",
    }
)  # fmt: skip
"""The GDAL drivers whose answers are read."""

_KINDS = (
    "shapefile, GeoPackage, GeoJSON, FlatGeobuf, File Geodatabase, MapInfo, DXF, KML, GPX, GML, OSM, CSV, XLSX, ODS"
)
_SHAPEFILE, _DATABASE, _ARCHIVE = b"\x00\x00\x27\x0a", b"SQLite format 3\x00", b"PK\x03\x04"
_MAGIC = (_SHAPEFILE, _DATABASE, b"fgb\x03fgb", _ARCHIVE)
"""How shapefiles, GeoPackages, FlatGeobufs, and archives and workbooks begin."""
_TEXT = {".csv", ".tsv", ".txt", ".psv", ".dxf", ".mif", ".mid", ".tab"}
"""Suffixes of files of plain text, or of a table beside others, that do not say by their first bytes what they are."""
_LAYERS = {
    ".shp", ".dbf", ".gpkg", ".geojson", ".geojsonl", ".json", ".topojson", ".fgb", ".tab", ".mif", ".dxf", ".kml",
    ".gpx", ".gml", ".osm", ".pbf", ".csv", ".tsv",
}  # fmt: skip
"""Suffixes of the members of an archive that are layers; what else lies there is neither looked at nor read."""
_XML_ROOT = re.compile(
    rb"\A(?:\s|<\?.*?\?>|<!--.*?-->)*<(?:\w+:)?(osm|kml|gpx|FeatureCollection|Dataset|CityModel)\b", re.S
)
_LEADS_ELSEWHERE = re.compile(rb"<\s*ogr\w*(datasource|layer)|<\s*vrtdataset|<\s*gdal_wms|gdal_streamed_alg", re.I)
_ENTITIES = re.compile(rb"<!doctype|<!entity", re.I)
_HEAD = 1 << 16
_LARGE = 1 << 28
"""Bytes from which on the memory for a file is looked at before it is read."""
_MEMORY_PER_BYTE = 6
"""Bytes of memory that reading and projecting take for a byte of a shapefile (measured: 5.4 and 5.8)."""
_MOST_UNPACKED = 1 << 33
_OFF = {
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "GML_DOWNLOAD_SCHEMA": "NO",
}
"""What keeps GDAL off the network: no remote file has such an extension, and every request goes to a dead end."""


def admit(source: Source, key: str) -> None:
    """Look at a file before GDAL does, and switch off GDAL's network in this process.

    A file that is not there is admitted: whoever opens it says so.

    Parameters
    ----------
    key : str
        Where the source stands in the scenario (``data.blocks``), for messages.

    Raises
    ------
    DataError
        If it is a device or pipe, leads elsewhere, is of no kind that is read, holds a view in place of the layer, or
        needs more memory than there is.
    """
    pyogrio.set_gdal_config_options(_OFF)
    path = source.path
    if not path.exists():
        return
    if path.is_dir():
        if any(part.exists() and not part.is_file() and not part.is_dir() for part in path.rglob("*")):
            raise DataError(_no_file(path, key))
        if path.suffix.lower() != ".gdb" and not any(path.glob("*.[sS][hH][pP]")):
            raise DataError(_unknown_kind(source, key))
        return
    for beside in (path, *path.parent.glob(f"{escape(path.stem)}.*")):
        if beside.exists() and not beside.is_file() and not beside.is_dir():
            raise DataError(_no_file(beside, key))
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    _check_head(head, path.name, source, key)
    size = path.stat().st_size
    if path.suffix == ".zip" or head.startswith(_ARCHIVE):
        size = _check_archive(source, key)
    elif head.startswith(_DATABASE):
        _check_database(source, key)
    elif head.startswith(_SHAPEFILE):
        size += path.with_suffix(".dbf").stat().st_size if path.with_suffix(".dbf").is_file() else 0
    _check_memory(size, source, key)


def check_driver(name: str, source: Source, key: str) -> None:
    """Refuse what a driver that is not one of `DRIVERS` has read.

    Raises
    ------
    DataError
        Naming the kinds that are read.
    """
    if name not in DRIVERS:
        raise DataError(_unknown_kind(source, key))


def _check_head(head: bytes, name: str, source: Source, key: str) -> None:
    """Refuse a file, or a member of an archive, by its first bytes."""
    if head.startswith(_MAGIC):  # GDAL looks no further than their first zero byte
        return
    is_xml = _text_of(head).startswith(b"<")
    if found := _LEADS_ELSEWHERE.search(head) or (_ENTITIES.search(head) if is_xml else None):
        word = found[0].decode("ascii").strip("<! ")
        raise DataError(
            Message(
                f"{key}: {name} is not read: it holds '{word}', which can lead to other files or over the network; "
                "save the layer itself as GeoPackage or shapefile.",
                f"{key}：不读取 {name}：其中含有“{word}”，可能指向其他文件或网络；"
                "请将图层本身另存为 GeoPackage 或 shapefile。",
            )
        )
    if misnamed := say_misnamed(head, name, key):
        raise DataError(misnamed)
    if not _is_known(head, Path(name).suffix.lower()):
        raise DataError(_unknown_kind(source, key))


def _is_known(head: bytes, suffix: str) -> bool:
    if b"OSMHeader" in head[:64]:
        return True
    text = _text_of(head)
    if text.startswith(b"<"):
        return _XML_ROOT.match(text) is not None
    if text.startswith((b"{", b"[")):
        return True
    return suffix in _TEXT or (suffix == ".dbf" and not head[:1].isspace())


def _text_of(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x1e")


def _check_archive(source: Source, key: str) -> int:
    """Look at every member of a zip archive (a spreadsheet is one, too), and give the bytes it unpacks to."""
    path = source.path
    try:
        with ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            size = sum(member.file_size for member in members)
            if size > _MOST_UNPACKED:
                raise DataError(_too_large(size, source, key))
            if path.suffix.lower() in {".xlsx", ".xlsm", ".ods", ".kmz"}:
                return size
            layers = list_layer_files(archive)
            if not layers:
                raise DataError(_no_layer([member.filename for member in members], source, key))
            for member in layers:
                with archive.open(member) as stream:
                    head = stream.read(_HEAD)
                if head.startswith(_DATABASE):
                    raise DataError(_packed(member.filename, Message("a GeoPackage", " GeoPackage"), source, key))
                if head.startswith(_ARCHIVE):  # nobody has looked at what lies in it
                    raise DataError(_packed(member.filename, Message("an archive", "压缩文件"), source, key))
                _check_head(head, member.filename, source, key)
            return size
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, zlib.error) as error:
        raise DataError(
            Message(
                f"{key}: {path.name} cannot be unpacked: {error}; pack it again without a password.",
                f"{key}：无法解压 {path.name}：{error}；请不加密码重新打包。",
            )
        ) from error


def list_layer_files(archive: ZipFile) -> list[ZipInfo]:
    """Give the members of an archive that are layers by their suffix; else the only one that there is.

    The table of a shapefile is part of it, and what systems leave behind (`__MACOSX`, `._b.shp`) is no member.
    """
    members = [one for one in archive.infolist() if not one.is_dir() and not _is_left_behind(one.filename)]
    layers = [one for one in members if PurePosixPath(one.filename).suffix.lower() in _LAYERS]
    shapes = {one.filename[:-4].lower() for one in layers if one.filename.lower().endswith(".shp")}
    layers = [
        one for one in layers if not (one.filename.lower().endswith(".dbf") and one.filename[:-4].lower() in shapes)
    ]
    return layers or (members if len(members) == 1 else [])


def _is_left_behind(member: str) -> bool:
    path = PurePosixPath(member)
    return "__MACOSX" in path.parts or path.name.startswith(".")


def _check_database(source: Source, key: str) -> None:
    """Refuse a GeoPackage whose layer, or whose own tables, are views: programs that would run on reading."""
    try:
        names = list(_list_programs(source.path))
    except sqlite3.Error as error:
        name = source.path.name
        raise DataError(
            Message(
                f"{key}: {name} cannot be read: {error}; the file is damaged.",
                f"{key}：无法读取 {name}：{error}；文件已损坏。",
            )
        ) from error
    wanted = source.layer.lower() if source.layer else None
    own = re.compile(r"gpkg_|rtree_|idx_|sqlite_|(geometry_columns|spatial_ref_sys)\Z")
    bad = [name for name in names if name.lower() == wanted or own.match(name.lower()) or wanted is None]
    if bad:
        named = name_some(bad)
        raise DataError(
            Message(
                f"{key}: in {source.path.name} {named.en} is a view or computes columns, a program that would run on "
                "reading; save it as a table of its own, or name a table as 'layer:'.",
                f"{key}：{source.path.name} 中的 {named.zh} 是视图或含计算列（读取时会运行的程序）；"
                "请另存为表，或用 layer: 指定一个表。",
            )
        )


def _list_programs(path: Path) -> Iterator[str]:
    """Give the views of a database, and its tables that a program stands behind; nothing of them is run."""
    query = "SELECT name, type, coalesce(sql, '') FROM sqlite_master WHERE type IN ('table', 'view')"
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        for name, kind, sql in database.execute(query).fetchall():
            is_index = re.search(r"\bUSING\s+\"?rtree", sql, re.I) is not None
            is_virtual = re.match(r"\s*CREATE\s+VIRTUAL\b", sql, re.I) is not None and not is_index
            if kind == "view" or is_virtual or (not is_index and _computes(database, str(name))):
                yield str(name)


def _computes(database: sqlite3.Connection, table: str) -> bool:
    """Tell whether columns of a table are computed when they are read."""
    hidden = database.execute("SELECT hidden FROM pragma_table_xinfo(?)", (table,))
    return any(kind in (2, 3) for (kind,) in hidden)


def _check_memory(size: int, source: Source, key: str) -> None:
    """Say what memory a large file takes, and refuse one for which there is not enough."""
    free = _free_memory()
    if size >= _LARGE:
        _log.warning("%s: reading takes about %.1f GiB of memory", source.path.name, size * _MEMORY_PER_BYTE / 2**30)
    if size >= _LARGE and free is not None and size * _MEMORY_PER_BYTE > free:
        raise DataError(_too_large(size, source, key))


def _free_memory() -> int | None:
    """Give the bytes of memory that can be used, where the system tells (Linux)."""
    told = Path("/proc/meminfo")
    if not told.is_file():
        return None
    found = re.search(r"MemAvailable:\s*(\d+) kB", told.read_text(encoding="ascii"))
    return int(found[1]) * 1024 if found else None


def _too_large(size: int, source: Source, key: str) -> Message:
    name, need, free = source.path.name, size * _MEMORY_PER_BYTE / 2**30, (_free_memory() or 0) / 2**30
    return Message(
        f"{key}: {name} holds {size / 2**30:.1f} GiB and takes about {need:.1f} GiB of memory to read; {free:.1f} GiB "
        "are free. Keep only the place in question in the file.",
        f"{key}：{name} 有 {size / 2**30:.1f} GiB，读取约需 {need:.1f} GiB 内存；可用 {free:.1f} GiB。"
        "请只保留所需地区的数据。",
    )


def _packed(member: str, kind: Message, source: Source, key: str) -> Message:
    name = source.path.name
    return Message(
        f"{key}: {name} packs {kind.en} ({member}); unpack it and name it as 'path:'.",
        f"{key}：{name} 中打包的是{kind.zh}（{member}）；请解压后在 path: 中写明。",
    )


def _no_layer(members: list[str], source: Source, key: str) -> Message:
    name, named = source.path.name, name_some(members)
    return Message(
        f"{key}: {name} holds no layer that is read out of an archive, only {named.en or 'nothing'}; unpack it and "
        "name the file itself as 'path:'.",
        f"{key}：{name} 中没有可直接读取的图层，只有：{named.zh or '无'}；请解压后在 path: 中写明文件本身。",
    )


def _no_file(path: Path, key: str) -> Message:
    return Message(
        f"{key}.path: {path} is a device or a pipe, not a file, or holds one; give a file.",
        f"{key}.path：{path} 是设备或管道（或含有设备、管道），不是文件；请给出文件。",
    )


def _unknown_kind(source: Source, key: str) -> Message:
    name = source.path.name
    return Message(
        f"{key}: {name} is of no kind that is read ({_KINDS}); save it as GeoPackage or shapefile.",
        f"{key}：{name} 不是可读取的格式（{_KINDS}）；请另存为 GeoPackage 或 shapefile。",
    )
