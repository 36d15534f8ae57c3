"""Misnamed files: what a file is that no program of ours reads, told by its first bytes, and what to do with it."""

import codecs
from pathlib import Path

from redistrict.messages import Message

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Workbooks of before 2007 begin so, and workbooks with a password, whatever their suffix."""
_WORKBOOKS = {".xls", ".et", ".xlsx", ".xlsm", ".ods"}
_WIDE = {
    codecs.BOM_UTF32_LE: "UTF-32", codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16",
}  # fmt: skip


def say_misnamed(head: bytes, name: str, key: str) -> Message | None:
    """Say what a file is that is empty, an old or locked workbook, a text called one, or text in a rare encoding.

    Parameters
    ----------
    head : bytes
        The first bytes; none of an empty file.
    name, key : str
        The file and its place in the scenario, for messages.
    """
    suffix = Path(name).suffix.lower()
    what = _name_fault(head, suffix)
    return None if what is None else Message(f"{key}: {name} {what.en}.", f"{key}：{name} {what.zh}。")


def _name_fault(head: bytes, suffix: str) -> Message | None:
    if not head:
        return Message("is empty (0 bytes); save the data again", "是空文件（0 字节）；请重新保存数据")
    if head.startswith(_OLD_OFFICE):
        what = Message("is a workbook of before 2007", "是 2007 年以前格式的工作簿")
        if suffix == ".xlsx":
            what = Message("is a workbook with a password, or of before 2007", "是加密的或 2007 年以前格式的工作簿")
        return what + Message("; save it as .xlsx without a password", "；请另存为不加密的 .xlsx")
    wide = next((wide for mark, wide in _WIDE.items() if head.startswith(mark)), None)
    if wide == "UTF-32" or (suffix not in {".csv", ".txt"} and (wide is not None or _has_wide_start(head))):
        return Message(
            f"is text in {wide or 'UTF-16'}; save it as UTF-8", f"是 {wide or 'UTF-16'} 文本；请另存为 UTF-8"
        )
    if suffix in _WORKBOOKS and b"\0" not in head:
        return Message(
            "is text and no workbook, in spite of its name; call it .csv if commas part its cells, or save it as .xlsx",
            "虽以工作簿命名，实为文本；如为逗号分隔的表，请改名为 .csv，否则请另存为 .xlsx",
        )
    return None


def _has_wide_start(head: bytes) -> bool:
    """Tell UTF-16 without a mark: the first sign of JSON or XML, beside a zero."""
    return head[:2] in {b"{\0", b"[\0", b"<\0", b"\0{", b"\0[", b"\0<"}
