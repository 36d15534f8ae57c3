"""Shapefiles: whether their parts belong together — as many shapes as the index and the table have rows.

GDAL reads what index and table agree on, and drops the rest without a word.

References
----------
ESRI Shapefile Technical Description, Environmental Systems Research Institute, July 1998.
"""

import mmap
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from redistrict.errors import DataError
from redistrict.messages import Message
from redistrict.scenario.sources import Source

_HEADER = 100
"""Bytes before the first record of a .shp or .shx; a record of the former has a header of 8 bytes itself."""
_ENTRY = np.dtype([("at", ">u4"), ("length", ">u4")])
"""A record in the index: where it is and how long, both in words of two bytes."""


def check_parts(path: Path, source: Source, wanted: Sequence[str], key: str) -> None:
    """Refuse a shapefile that lacks a part, or whose parts are of different files; others are not looked at.

    Parameters
    ----------
    path : Path
        The file, or a folder of shapefiles.
    wanted : sequence of str
        Columns to be read: without any, no table is needed.
    key : str
        Where the source stands in the scenario, for messages.

    Raises
    ------
    DataError
        Naming the part, or the numbers of records.
    """
    shapes = _find(path, source.layer)
    if shapes is None:
        return
    index, table = _part(shapes, ".shx"), _part(shapes, ".dbf")
    missing = [suffix for suffix, part in ((".shx", index), (".dbf", table if wanted else shapes)) if part is None]
    if missing:
        raise DataError([_say_missing(shapes, suffix, source, key) for suffix in missing])
    entries = np.zeros(0, dtype=_ENTRY) if index is None else _read_index(index)
    n_rows = len(entries) if table is None else read_header(table)[0]
    n_shapes, n_found = _count_shapes(shapes, entries)
    if not n_shapes == len(entries) == n_found == n_rows:
        raise DataError(_say_counts(source, key, n_shapes, len(entries), n_found, n_rows))


def _find(path: Path, layer: str | None) -> Path | None:
    """Give the .shp file of a layer."""
    if path.suffix.lower() in {".shp", ".shx", ".dbf"}:
        return _part(path, ".shp")
    inside = sorted(path.glob("*.[sS][hH][pP]")) if path.is_dir() else []
    found = [one for one in inside if layer in (None, one.stem)]
    return found[0] if len(found) == 1 else None


def _part(shapes: Path, suffix: str) -> Path | None:
    """Give a part as GDAL finds it: with a small or a capital suffix."""
    parts = (shapes.with_suffix(suffix), shapes.with_suffix(suffix.upper()))
    return next((part for part in parts if part.is_file()), None)


def read_header(table: Path) -> tuple[int, int, int]:
    """Give the rows that a dBASE table says it has, and has; the bytes before them, and those of a row."""
    with table.open("rb") as stream:
        head = stream.read(12)
    if len(head) < 12:
        return 0, 0, 0
    n_rows, start, length = (int(number) for number in struct.unpack("<4xIHH", head))
    return min(n_rows, max(0, table.stat().st_size - start) // max(1, length)), start, length


def find_table(path: Path, layer: str | None) -> Path | None:
    """Give the dBASE table of a layer, be it of a shapefile or by itself.

    Parameters
    ----------
    path : Path
        The file, or a folder of shapefiles.
    """
    shapes = path if path.suffix.lower() == ".dbf" else _find(path, layer)
    return None if shapes is None else _part(shapes, ".dbf")


def _read_index(index: Path) -> NDArray[np.void]:
    """Read the entries of a .shx, as many as its header says, or all where it says none."""
    with index.open("rb") as stream:
        head = stream.read(_HEADER)
        rest = stream.read()
    told = 2 * struct.unpack_from(">I", head, 24)[0] - _HEADER if len(head) == _HEADER else 0
    size = min(told if told >= 0 else len(rest), len(rest)) // _ENTRY.itemsize * _ENTRY.itemsize
    return np.frombuffer(rest[:size], dtype=_ENTRY)


def _count_shapes(shapes: Path, entries: NDArray[np.void]) -> tuple[int, int]:
    """Count the shapes, and the entries of the index that lead to one, or say that there is none.

    A shape that was drawn anew may stand twice, under one number.
    """
    starts, lengths = (entries[name].astype(np.int64) * 2 for name in ("at", "length"))
    ends = starts + 8 + lengths
    if len(entries) and starts[0] == _HEADER and (starts[1:] == ends[:-1]).all() and ends[-1] == shapes.stat().st_size:
        return len(entries), len(entries)
    records, is_found = _walk(shapes), _lead_to_records(shapes, starts, lengths)
    n_found = int((is_found | (starts == 0)).sum())
    is_redrawn = n_found == len(entries) == len(set(records.values()))
    n_shapes = max(len(records), len(np.unique(starts[is_found])))  # a shape that has shrunk leaves a gap behind
    return len(entries) if is_redrawn else n_shapes + int((starts == 0).sum()), n_found


def _lead_to_records(shapes: Path, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which entries of the index lead to a record as long as they say."""
    content = np.memmap(shapes, dtype=np.uint8, mode="r")
    inside = (starts >= _HEADER) & (starts + 8 + lengths <= len(content))
    told = content[np.where(inside, starts + 4, 0)[:, None] + np.arange(4)].view(">u4")[:, 0].astype(np.int64)
    return np.asarray(inside & (2 * told == lengths))


def _walk(shapes: Path) -> dict[int, int]:
    """Give where each record begins, in bytes, and its number."""
    records: dict[int, int] = {}
    with shapes.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        at = _HEADER
        while at + 12 <= len(content):
            number, length = struct.unpack_from(">II", content, at)
            end = at + 8 + 2 * length
            if length < 2 or end > len(content):
                break
            records[at], at = number, end
    return records


def _say_missing(shapes: Path, suffix: str, source: Source, key: str) -> Message:
    """Say that a part is not there, and which file has its name in other letters."""
    name, wanted = source.path.name, f"{shapes.stem}{suffix}"
    near = [one.name for one in sorted(shapes.parent.iterdir()) if one.name.lower() == wanted.lower()]
    if near:
        return Message(
            f"{key}: {name}: its part {wanted} is called {near[0]}; give all parts one name, in the same letters.",
            f"{key}：{name} 的组成文件 {wanted} 名为 {near[0]}；请将各组成文件改为同名（大小写一致）。",
        )
    return Message(
        f"{key}: {name}: its part {wanted} is missing; put it beside the .shp (a shapefile is .shp, .shx and .dbf).",
        f"{key}：{name} 缺少组成文件 {wanted}；请将其放在 .shp 旁（shapefile 由 .shp、.shx、.dbf 组成）。",
    )


def _say_counts(source: Source, key: str, n_shapes: int, n_entries: int, n_found: int, n_rows: int) -> Message:
    name = source.path.name
    return Message(
        f"{key}: {name}: the parts of the shapefile do not belong together: {n_shapes:,} shapes (.shp), {n_entries:,} "
        f"entries of the index (.shx), {n_found:,} of which lead to a shape, {n_rows:,} rows (.dbf); export it anew, "
        "or take all parts from one copy.",
        f"{key}：{name} 的各组成文件不属于同一数据：图形 {n_shapes:,} 个（.shp），索引 {n_entries:,} 条（.shx），"
        f"其中 {n_found:,} 条指向图形，记录 {n_rows:,} 行（.dbf）；请重新导出，或从同一份数据复制全部文件。",
    )
