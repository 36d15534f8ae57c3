"""Unexpected errors: one line for the planner, and a log file for those who can mend them."""

import platform
import sys
import tempfile
import traceback

from redistrict.messages import Message
from redistrict.version import __version__


def tell_unexpected(error: Exception) -> Message:
    """Write a log file on an error that nobody has thought of, and say where it is."""
    if isinstance(error, MemoryError):
        return Message(
            "There is not enough memory; close other programs, or split the city by districts (`where:`).",
            "内存不足；请关闭其他程序，或用 `where:` 按区分开处理。",
        )
    what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    log = _write_log(error)
    en = f"This should not have happened ({what}); nothing was delivered."
    zh = f"程序出现意外错误（{what}），没有输出成果。"
    if log is None:
        return Message(en, zh)
    return Message(f"{en} Please report it with the file {log}.", f"{zh}请把文件 {log} 发给开发人员。")


def _write_log(error: Exception) -> str | None:
    lines = [
        f"redistrict {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"command: {sys.argv}",
        "".join(traceback.format_exception(error)),
    ]
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="redistrict-error-", suffix=".log", delete=False, encoding="utf-8"
        ) as file:
            file.write("\n".join(lines))
    except OSError:  # the disk is full, say; then there is the line alone
        return None
    return file.name
