"""Dates: the year in which residents move in, from the ways in which people write it."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta

from redistrict.messages import NOTHING, Message, name_some

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Years in which an estate of a list is delivered; others come from a number that was formatted as a date."""
_MONTH, _DAY = r"(?:0?[1-9]|1[0-2])(?!\d)", r"(?:0?[1-9]|[12]\d|3[01])"
_NAMED = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)(?![a-z])"
)
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
_ORDINAL = rf"{_DAY}(?:st|nd|rd|th)?(?!\d)"
_TOKEN = re.compile(
    "|".join(
        (
            rf"(?<!\d)(?P<year>\d{{4}})(?:\s*[-/.]\s*{_MONTH}(?:\s*[-/.]\s*{_DAY})?)?(?!\d)",
            r"(?<!\d)(?P<run>\d{4})(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?(?!\d)",
            r"[\s()\[\]【】〔〕,、;:~—–-]+",
            rf"年|{_MONTH}月份?|{_DAY}[日号]|第?[一二三四1-4]季度?|[上下]半年|[上中下]旬|[初中底末前内春夏秋冬]",
            r"大?约|预[计期]|[计规]划|拟|暂定|估计|力争|争取|不[晚迟]于|最[晚迟]|至迟|左右|前后|之前|以前|以内|[至到于在]",
            r"[交入竣完][付房楼住工]|建成|[qh][1-4]|[1-4][qh](?![a-z])",
            rf"(?:{_ORDINAL}[-\s/.]*)?{_NAMED}\.?(?:\s*{_ORDINAL})?",
            r"(?:about|around|approx(?:imately)?|circa|ca|expected|planned|by|before|end|early|mid|late|of|in|from|to|"
            r"until|quarter|half|first|second|third|fourth|spring|summer|autumn|winter)(?![a-z])\.?",
        )
    )
)
"""A year with month and day, marks between words, or a word of time."""
_TO_ANOTHER = re.compile(r"[-~至到]\s*\d{2}\s*年")
"""A second year of two digits, as in 2028年6月至29年3月."""
_YEAR = re.compile(r"(?<!\d)(20\d{2}|2100)(?:\d{2}){0,2}(?!\d)")
_NUMERALS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_SERIAL = re.compile(r"([345]\d{4})(?:\.\d+)?")
"""Days since the end of 1899, as a spreadsheet keeps a date: 30000 is in 1982, 59999 in 2064."""


def find_year(text: str) -> int | None:
    """Give the year of a date, none where there is no year, or more than one, or one that cannot be meant."""
    plain = unicodedata.normalize("NFKC", text).casefold().strip().lstrip("'’‘")
    if re.match(r"[〇零○一二三四五六七八九]{4}\s*年", plain):
        plain = plain[:4].translate(_NUMERALS) + plain[4:]
    found = next((found for way in _WAYS if (found := way.fullmatch(plain))), None)
    years = _find_years(plain[found.end(1) :]) | {int(found[1])} if found is not None else _read_tokens(plain)
    if len(years) != 1 or _TO_ANOTHER.search(plain):
        return None
    year = years.pop()
    return year if FIRST_YEAR <= year <= LAST_YEAR else None


def _find_years(plain: str) -> set[int]:
    return {int(year) for year in _YEAR.findall(plain)}


def _read_tokens(plain: str) -> set[int]:
    """Give the years of a text that holds nothing but years and words of time; of any other, none."""
    years, at = set(), 0
    while at < len(plain):
        if (token := _TOKEN.match(plain, at)) is None:
            return set()
        if year := token["year"] or token["run"]:
            years.add(int(year))
        at = token.end()
    return years


def say_undated(keys: Sequence[str], texts: Sequence[str], where: str, column: str) -> list[Message]:
    """Name the rows without a year, with what stands there and what to write, by what is wrong with them."""
    kinds = (
        Message(f"no year from {FIRST_YEAR} to {LAST_YEAR}", f"没有 {FIRST_YEAR} 至 {LAST_YEAR} 的年份"),
        Message("more beside the year than words of time", "除年份外还有其他内容，无法确定"),
        Message("more than one year", "有多个年份"),
    )
    n_years = [len(_find_years(unicodedata.normalize("NFKC", text))) for text in texts]
    problems = []
    for n, what in enumerate(kinds):
        rows = [(key, text) for key, text, years in zip(keys, texts, n_years, strict=True) if min(years, 2) == n]
        if not rows:
            continue
        named = name_some([f"{key} ({text[:40] or '-'})" for key, text in rows])
        problems.append(
            Message(
                f"{where}: {what.en} in '{column}' of {named.en}; write 2028 or 2028-06-30.",
                f"{where}：{named.zh} 的“{column}”{what.zh}；请写成 2028 或 2028-06-30。",
            )
            + (_say_serials(texts) if n == 0 else NOTHING)
        )
    return problems


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
