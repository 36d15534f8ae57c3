"""Dates: the year in which residents move in, from the ways in which people write it."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta

from redistrict.messages import NOTHING, Message, name_some

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Years in which an estate of a list is delivered; others come from a number that was formatted as a date."""
_MONTH, _DAY = r"(?:0?[1-9]|1[0-2])(?!\d)", r"(?:0?[1-9]|[12]\d|3[01])"
_WAYS = [
    re.compile(way)
    for way in (
        r"(\d{4})(?:\.0)?",
        r"(\d{4})(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?",
        rf"(\d{{4}})\s*[-/.]\s*{_MONTH}.*",
        r"(\d{4})\s*年.*",
        r"(\d{4})\s*-?[Qq][1-4]",
        r"(\d{4})\s*(?:[上下]半年|[初中底末前内]+)",
        rf"(?:{_DAY}[-/.])?{_DAY}[-/.](\d{{4}})(?!\d).*",
    )
]
_YEAR = re.compile(r"(?<!\d)(?:20\d{2}|2100)(?!\d)")
_NUMERALS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_SERIAL = re.compile(r"([345]\d{4})(?:\.\d+)?")
"""Days since the end of 1899, as a spreadsheet keeps a date: 30000 is in 1982, 59999 in 2064."""


def find_year(text: str) -> int | None:
    """Give the year of a date, none where there is no year, or more than one, or one that cannot be meant."""
    plain = unicodedata.normalize("NFKC", text).strip().lstrip("'’‘")
    if re.match(r"[〇零○一二三四五六七八九]{4}\s*年", plain):
        plain = plain[:4].translate(_NUMERALS) + plain[4:]
    for way in _WAYS:
        if (found := way.fullmatch(plain)) and not _YEAR.search(plain, found.end(1)):
            year = int(found[1])
            return year if FIRST_YEAR <= year <= LAST_YEAR else None
    return None


def say_undated(keys: Sequence[str], texts: Sequence[str], where: str, column: str) -> Message:
    """Name the rows without a year, with what stands there and what to write."""
    named = name_some([f"{key} ({text[:40] or '-'})" for key, text in zip(keys, texts, strict=True)])
    return Message(
        f"{where}: no year from {FIRST_YEAR} to {LAST_YEAR}, or more than one, in '{column}' of {named.en}; write 2028 "
        "or 2028-06-30.",
        f"{where}：{named.zh} 的“{column}”没有 {FIRST_YEAR} 至 {LAST_YEAR} 的年份，或有多个年份；"
        "请写成 2028 或 2028-06-30。",
    ) + _say_serials(texts)


def _say_serials(texts: Sequence[str]) -> Message:
    """Explain numbers that are days of a spreadsheet, and years that were formatted as days."""
    for text in texts:
        if serial := _SERIAL.fullmatch(text):
            day = (date(1899, 12, 30) + timedelta(int(serial[1]))).isoformat()
            return Message(
                f" {text} looks like a spreadsheet's number for {day}: format the column as a date, or as text.",
                f"{text} 像是电子表格中 {day} 的序列值：请将该列设为日期或文本格式。",
            )
        if re.match(r"190[0-9]\b", text):
            return Message(
                f" {text[:10]} looks like a year that was formatted as a date: format the column as a number.",
                f"{text[:10]} 像是把年份设成了日期格式：请将该列设为数字格式。",
            )
    return NOTHING
