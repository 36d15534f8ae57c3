"""Likeness: two result folders, file by file; where one says something else than the other."""

import lzma
import re
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from math import isclose
from pathlib import Path

from redistrict.judge.inventory import Inventory, show, take_inventory
from redistrict.messages import Message

DECIMAL = re.compile(r"(?<![\w.])(-?(?:0|[1-9][0-9]{0,19})\.[0-9]{1,30}(?:[eE][-+]?[0-9]{1,2})?)(?![\w.])")
"""Numbers as programs write them, that stand alone: no part of a name, a date or a row of numbers and dots."""
LONG = 12
"""Significant digits from which on the last may differ between machines."""
NEAR = 1e-12
SHOWN = 60
_AT_ONCE = 1 << 20
"""Bytes unpacked at a time."""
ROOM = 4096
"""Bytes by which a member of an archive may outgrow twice the one made again, and still be unpacked."""
UNREADABLE = (
    *(OSError, ValueError, EOFError, RuntimeError),  # the last: encrypted, or packed in a way nobody knows
    *(sqlite3.Error, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
)
TEXTS = frozenset({".csv", ".json", ".html", ".svg", ".yaml", ".prj", ".cpg", ".qmd", ".py"})
PACKED = (".xlsx", ".gpkg")
"""Files that have room for bytes that nobody reads: before, between and after what is packed."""
SHAPES = frozenset({".geojson", ".gpkg"})
COORDINATES = re.compile(r' "coordinates": [-+.,eE0-9\s\[\]]*')
SHAPE = "shape of "
"""How the names of parts begin that are the shape of a row or line; no table, view or trigger is listed so."""
NO_FILE = "no such file"
Parts = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Difference:
    """One file that is not as it should be.

    Attributes
    ----------
    file : str
        Its name from the folder.
    found, allowed : str
        What stands there and what should, at the first place where they differ.
    message : Message
    only_shapes : bool
        Whether it agrees in all but the shapes of a layer.
    is_plain : bool
        Of a file that says what it should: whether it holds nothing but what is read, packed in whatever way.
    """

    file: str
    found: str
    allowed: str
    message: Message
    only_shapes: bool = False
    is_plain: bool = False


@dataclass(frozen=True)
class Likeness:
    """What a comparison of two folders has found.

    Attributes
    ----------
    differences : tuple of Difference
        Files that say something else.
    other_bytes : tuple of str
        Texts that say the same but for last digits of long numbers.
    unread : tuple of Difference
        Workbooks and GeoPackages of which all that is read says the same, in other bytes.
    """

    differences: tuple[Difference, ...]
    other_bytes: tuple[str, ...]
    unread: tuple[Difference, ...] = ()


def compare_folders(folder: Path, made: Path, *, passed_over: Collection[str]) -> Likeness:
    """Compare a folder with what should stand there.

    Texts, members of workbooks and tables of GeoPackages are compared piece by piece, decimal numbers of twelve digits
    or more to a relative 1e-12; all other files byte by byte.

    Parameters
    ----------
    passed_over : collection of str
        Files that may stand there as well.
    """
    there, wanted = take_inventory(folder), take_inventory(made).files
    names = sorted(wanted | (there.files - {*passed_over}))
    differ = [name for name in names if there.replaced(name) or not _is_same(folder / name, made / name)]
    found = {name: _compare(name, folder / name, made / name, there) for name in differ}
    alike = [name for name, difference in found.items() if difference is None]
    packed = tuple(_say_unread(name, folder / name, made / name) for name in alike if name.endswith(PACKED))
    texts = tuple(name for name in alike if not name.endswith(PACKED))
    return Likeness(tuple(one for one in found.values() if one is not None), texts, packed)


def _is_same(given: Path, made: Path) -> bool:
    if not (given.is_file() and made.is_file()) or given.stat().st_size != made.stat().st_size:
        return False
    return given.read_bytes() == made.read_bytes()


def _compare(name: str, given: Path, made: Path, there: Inventory) -> Difference | None:
    shown = show(name)
    if name not in there.files:
        return _differs(name, "missing", "a file", Message(f"{shown} is missing.", f"缺少 {shown}。"))
    if not made.is_file():
        message = Message(f"{shown} is not what a run writes.", f"{shown} 不是运行所写的文件。")
        return _differs(name, "a file", NO_FILE, message)
    read = _reader(given.suffix)
    if read is None:
        message = Message(
            f"{name} is not what plan and data give when made again.", f"{name} 与按方案与数据重新生成的不同。"
        )
        return _differs(name, "other bytes", "as made again", message)
    try:
        if given.suffix == ".xlsx" and (grown := _find_grown(name, given, made)) is not None:
            return grown
        difference = _find_difference(name, read(given), read(made))
        if difference is None or given.suffix not in SHAPES:
            return difference
        rest = _find_difference(name, _leave_shapes(read(given)), _leave_shapes(read(made)))
        return replace(difference, only_shapes=rest is None)
    except UNREADABLE as error:
        return _differs(name, str(error), "readable", Message(f"{name}: {error}.", f"{name}：{error}。"))


def _say_unread(name: str, given: Path, made: Path) -> Difference:
    """Tell of a file all of which that is read is alike, and whether it has room for anything else."""
    is_plain = _is_plain_archive(given) if given.suffix == ".xlsx" else _is_plain_database(given)
    found, right = (f"{path.stat().st_size:,}" for path in (given, made))
    message = Message(
        f"{name} ({found} bytes) says what it should, but is packed otherwise than made again ({right} bytes): there "
        "are, or may be, further bytes that nobody reads.",
        f"{name}（{found} 字节）内容相符，但打包方式与重新生成的（{right} 字节）不同：其中有或可能有无人读取的字节。",
    )
    return Difference(name, f"{found} bytes, further ones not read", f"{right} bytes", message, is_plain=is_plain)


def _is_plain_archive(path: Path) -> bool:
    """Tell whether an archive is its members one after the other and their list, without fields, comments or gaps."""
    at = 0
    with zipfile.ZipFile(path) as archive, path.open("rb") as stream:
        listed = 0
        for member in archive.infolist():
            stream.seek(member.header_offset)
            method, said, n_name, n_extra = struct.unpack("<8xH4x12sHH", stream.read(30))
            if member.header_offset != at or n_extra or member.extra or member.comment or member.flag_bits & 8:
                return False
            right = struct.pack("<III", member.CRC, member.compress_size, member.file_size)
            stream.seek(n_name, 1)
            if (method, said) != (member.compress_type, right) or _has_tail(stream.read(member.compress_size), method):
                return False
            at += 30 + n_name + member.compress_size
            listed += 46 + n_name
        return archive.start_dir == at and not archive.comment and path.stat().st_size == at + listed + 22


def _has_tail(packed: bytes, method: int) -> bool:
    """Tell whether bytes follow the end of what is packed."""
    if method != zipfile.ZIP_DEFLATED:
        return method != zipfile.ZIP_STORED
    unpacked = zlib.decompressobj(-zlib.MAX_WBITS)
    while packed and not unpacked.eof:
        unpacked.decompress(packed, _AT_ONCE)
        packed = unpacked.unconsumed_tail
    return not unpacked.eof or bool(unpacked.unused_data)


def _is_plain_database(path: Path) -> bool:
    """Tell whether a database is its pages, all of them in use, without a log beside it, and its indices are right."""
    base = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        names = ("page_count", "page_size", "freelist_count")
        n_pages, size, n_free = (base.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
        is_whole = base.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok"
    finally:
        base.close()
    with path.open("rb") as stream:
        modes = stream.read(20)[18:]
    return bool(is_whole and path.stat().st_size == n_pages * size and n_free == 0 and modes == b"\1\1")


def _find_difference(name: str, given: Parts, made: Parts) -> Difference | None:
    for (part, found), (wanted_part, wanted) in zip_longest(given, made, fillvalue=("", "")):
        if part != wanted_part:
            return _differs(name, part, wanted_part, _say(name, "", part or "nothing", wanted_part or "nothing"))
        if not _is_like(found, wanted):
            return _first_difference(name, part, found, wanted)
    return None


def _leave_shapes(parts: Parts) -> Parts:
    return ((part, text) for part, text in parts if not part.startswith(SHAPE))


def _reader(suffix: str) -> Callable[[Path], Parts] | None:
    """Give the way to take a file apart, if there is one."""
    if suffix in TEXTS:
        return _read_text
    return {".xlsx": _read_archive, ".gpkg": _read_database, ".geojson": _read_geojson}.get(suffix)


def _read_text(path: Path) -> Parts:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as stream:
        for number, line in enumerate(stream, 1):
            yield f"{number}", line


def _read_geojson(path: Path) -> Parts:
    for part, line in _read_text(path):
        yield part, COORDINATES.sub("", line)
        yield SHAPE + part, "".join(COORDINATES.findall(line))


def _read_archive(path: Path) -> Parts:
    with zipfile.ZipFile(path) as archive:
        yield "comment", archive.comment.decode("utf-8", "surrogateescape")
        for member in archive.infolist():
            yield member.filename, archive.read(member).decode("utf-8", "surrogateescape")


def _find_grown(name: str, given: Path, made: Path) -> Difference | None:
    """Find a member that says it is far larger than it should be, unpacking nothing; last digits make none so large."""
    with zipfile.ZipFile(given) as archive, zipfile.ZipFile(made) as right:
        sizes = {member.filename: member.file_size for member in right.infolist()}
        for member in archive.infolist():
            wanted = sizes.get(member.filename, 0)
            if member.file_size > 2 * wanted + ROOM:
                part = show(member.filename)
                return _differs(
                    name,
                    f"{part}: {member.file_size:,} bytes",
                    f"{wanted:,} bytes",
                    Message(
                        f"{name} ({part}) unpacks to {member.file_size:,} bytes; made again it has {wanted:,}.",
                        f"{name}（{part}）解压后有 {member.file_size:,} 字节，重新生成应为 {wanted:,} 字节。",
                    ),
                )
    return None


def _read_database(path: Path) -> Parts:
    """Give what kind of file it is, every table, trigger and view as it was declared, and every row, as text."""
    base = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        for name in ("application_id", "user_version", "encoding"):
            yield name, f"{base.execute(f'PRAGMA {name}').fetchone()[0]}"
        for kind, name, sql in base.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name"):
            yield f"{kind} {name}", f"{sql}"
            if kind == "table" and not f"{sql}".upper().startswith("CREATE VIRTUAL"):
                for number, row in enumerate(base.execute(f'SELECT * FROM "{name}"'), 1):
                    blobs = [value for value in row if isinstance(value, bytes)]
                    yield f"{name}, row {number}", repr([b"" if isinstance(value, bytes) else value for value in row])
                    yield f"{SHAPE}{name}, row {number}", repr(blobs)
    finally:
        base.close()


def _is_like(found: str, wanted: str) -> bool:
    """Whether two texts agree but for the last digits of long decimal numbers."""
    if found == wanted:
        return True
    ours, theirs = DECIMAL.split(found), DECIMAL.split(wanted)
    if len(ours) != len(theirs) or ours[::2] != theirs[::2]:
        return False
    pairs = zip(ours[1::2], theirs[1::2], strict=True)
    return all(a == b or (_is_long(a, b) and isclose(float(a), float(b), rel_tol=NEAR)) for a, b in pairs)


def _is_long(*numbers: str) -> bool:
    """Whether one of them has so many digits that its last ones may differ."""
    digits = (re.sub(r"[eE].*|[-.]", "", number).strip("0") for number in numbers)
    return max(map(len, digits)) >= LONG


def _first_difference(name: str, part: str, found: str, wanted: str) -> Difference:
    at = next((n for n, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b), min(len(found), len(wanted)))
    start = max(0, at - SHOWN // 2)
    shown, right = (text[start : start + SHOWN].strip() for text in (found, wanted))
    return _differs(name, shown, right, _say(name, part, shown, right))


def _differs(name: str, found: str, allowed: str, message: Message) -> Difference:
    return Difference(name, found, allowed, message)


def _say(name: str, part: str, found: str, wanted: str) -> Message:
    at, at_zh = (f" ({'line ' if part.isdigit() else ''}{part})", f"（{part}{' 行' if part.isdigit() else ''}）")
    return Message(
        f"{name}{at if part else ''} says '{found}'; made again from plan and data it says '{wanted}'.",
        f"{name}{at_zh if part else ''} 为“{found}”，按方案与数据重新生成应为“{wanted}”。",
    )
