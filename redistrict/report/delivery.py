"""Delivery: results are made aside and moved in whole."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redistrict.errors import OutputError
from redistrict.messages import Message

_MARK = "report.json"


def check_free(out: Path, *, overwrite: bool) -> None:
    """Refuse a place that holds something else.

    Raises
    ------
    OutputError
        If `out` exists and `overwrite` is off, or it is not a result directory, or its parent cannot be written.
    """
    if out.exists() and not overwrite:
        raise OutputError(
            Message(
                f"{out} exists already; give another --out, or --overwrite to replace it.",
                f"{out} 已存在；请用 --out 指定其他目录，或用 --overwrite 覆盖。",
            )
        )
    if out.exists() and not (out.is_dir() and (not any(out.iterdir()) or (out / _MARK).exists())):
        raise OutputError(
            Message(
                f"{out} is not a result directory of redistrict, so it is not replaced; give another --out.",
                f"{out} 不是本工具的结果目录，不会被覆盖；请用 --out 指定其他目录。",
            )
        )
    parent = out.absolute().parent
    while not parent.exists():
        parent = parent.parent
    if not os.access(parent, os.W_OK):
        raise OutputError(
            Message(
                f"{parent} cannot be written to; give another --out.",
                f"{parent} 没有写入权限；请更换 --out。",
            )
        )


@contextmanager
def delivered_whole(out: Path) -> Iterator[Path]:
    """Give a folder to write to; when all went well it takes the place of `out`, else it is thrown away."""
    out = out.absolute()
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.parent / f".{out.name}.new-{os.getpid()}"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        yield aside
        _swap_in(aside, out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _swap_in(aside: Path, out: Path) -> None:
    if not out.exists():
        aside.rename(out)
        return
    old = out.parent / f".{out.name}.old-{os.getpid()}"
    out.rename(old)
    try:
        aside.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old)
