"""Delivery: results are made aside and moved in whole."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from redistrict.errors import OutputError
from redistrict.messages import Message

_MARKS = ("report.json", "diagnosis.json", "pack.json", "compare.json")


def check_free(out: Path, *, overwrite: bool, inputs: Sequence[Path] = ()) -> None:
    """Refuse a place that holds something else, or the input files themselves.

    Parameters
    ----------
    overwrite : bool
        Whether a result that stands there may be replaced.
    inputs : sequence of Path
        Files that are read, and must not be lost with a folder that is replaced.

    Raises
    ------
    OutputError
        If `out` exists and `overwrite` is off, it is not a result directory, one of `inputs` lies in it, or the
        folder it should stand in cannot be written.
    """
    try:
        problem = _obstacle(out, overwrite=overwrite, inputs=inputs)
    except OSError as error:
        problem = _cannot_write(out, error)
    if problem:
        raise OutputError(problem)


@contextmanager
def delivered_whole(out: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a folder to write to; when all went well it takes the place of `out`, else it is thrown away.

    Raises
    ------
    OutputError
        If something cannot be written, or `out` cannot be replaced; finished results are then kept beside it.
    """
    out = out.resolve()
    aside = out.parent / f".{out.name}.new-{os.getpid()}"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        yield aside
        _swap_in(aside, out, overwrite=overwrite)
    except OSError as error:
        raise OutputError(_cannot_write(out, error)) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _obstacle(out: Path, *, overwrite: bool, inputs: Sequence[Path]) -> Message | None:
    """Say what stands in the way of results in `out`."""
    if out.exists():
        if out.is_file() or (any(out.iterdir()) and not any((out / mark).exists() for mark in _MARKS)):
            return Message(
                f"{out} is not a result directory of redistrict, so it is not replaced; give another --out.",
                f"{out} 不是本工具的结果目录，不会被覆盖；请用 --out 指定其他目录。",
            )
        if not overwrite:
            return Message(
                f"{out} exists already; give another --out, or --overwrite to replace it.",
                f"{out} 已存在；请用 --out 指定其他目录，或用 --overwrite 覆盖。",
            )
        inside = [path for path in inputs if path.resolve().is_relative_to(out.resolve())]
        if inside:
            return Message(
                f"{out} holds the input file {inside[0].name}, so it is not replaced; give another --out.",
                f"{out} 中有输入文件 {inside[0].name}，不会被覆盖；请用 --out 指定其他目录。",
            )
    parent = out.resolve().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        return Message(
            f"{parent} is a file, so no folder can be made in it; give another --out.",
            f"{parent} 是文件，不能在其中新建文件夹；请更换 --out。",
        )
    if not os.access(parent, os.W_OK):
        return Message(
            f"{parent} cannot be written to; give another --out.",
            f"{parent} 没有写入权限；请更换 --out。",
        )
    return None


def _swap_in(aside: Path, out: Path, *, overwrite: bool) -> None:
    """Move `aside` to `out`; where that fails the old results stay, and the new ones are kept beside them."""
    old = out.parent / f".{out.name}.old-{os.getpid()}"
    try:
        if out.exists():
            if not overwrite:
                raise FileExistsError(f"{out.name} was made in the meantime")
            out.rename(old)
        try:
            aside.rename(out)
        finally:
            if old.exists() and not out.exists():
                old.rename(out)
    except OSError as error:
        spare = out.with_name(f"{out.name}-new-{os.getpid()}")
        aside.rename(spare)
        raise OutputError(_kept_beside(out, spare, error)) from error
    shutil.rmtree(old, ignore_errors=True)


def _kept_beside(out: Path, spare: Path, error: OSError) -> Message:
    reason = error.strerror or str(error)
    return Message(
        f"{out} could not be replaced ({reason}), so the new results are in {spare}. Close the programs that have "
        "files of it open (QGIS, ArcGIS, Excel) and rename the folder.",
        f"无法替换 {out}（{reason}），新成果保存在 {spare}。"
        "请关闭正在使用其中文件的程序（QGIS、ArcGIS、Excel），再改文件夹名。",
    )


def _cannot_write(out: Path, error: OSError) -> Message:
    reason = error.strerror or str(error)
    return Message(
        f"Results cannot be written to {out} ({reason}); check the free space and the rights, or give another --out.",
        f"无法把成果写入 {out}（{reason}）；请检查磁盘空间和写入权限，或更换 --out。",
    )
