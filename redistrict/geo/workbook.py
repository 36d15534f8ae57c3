"""Workbooks: what stands in the cells of an XLSX file that GDAL reads in part, or as something else, without a word.

References
----------
ECMA-376, Office Open XML, part 1: 18.3.1.4 (cells and their types), 18.4.6 (phonetic runs), 22.9.2.19 (characters
written as ``_x000D_``), 18.2.28 (``date1904``).
"""

import html
import re
import zlib
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from redistrict.errors import DataError
from redistrict.messages import Message, name_some

_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(/?)>")
_PLACE = re.compile(rb'\br="([A-Z]+)(\d+)"')
_TYPE = re.compile(rb'\bt="(\w+)"')
_INLINE = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+\d+)"[^>]*>\s*<(?:\w+:)?is\b[^>]*>(.*?)</(?:\w+:)?is>', re.DOTALL
)
_SHARED = re.compile(rb"<(?:\w+:)?si\b[^>]*>(.*?)</(?:\w+:)?si>", re.DOTALL)
_PHONETIC = re.compile(rb"<(?:\w+:)?rPh\b.*?</(?:\w+:)?rPh>", re.DOTALL)
_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>(.*?)</(?:\w+:)?t>", re.DOTALL)
_CODE = re.compile(r"_x[0-9A-Fa-f]{4}_")
_FROM_1904 = re.compile(rb'\bdate1904="(?:1|true)"')
_CUT = (
    Message("text in several styles in a form that is read in part only", "以多种字体保存文字，只能读出一部分"),
    Message("open and save the file in a spreadsheet program", "请用电子表格软件打开并重新保存"),
)
_TRUTHS = (
    Message("true or false among numbers", "在数字列中为 TRUE 或 FALSE"),
    Message("write numbers there", "请改为数字"),
)
_GUIDED = (
    Message("text with a phonetic guide, which is read as part of it", "文字带有拼音指南，会被一并读入"),
    Message("take the guides out, or save the table as CSV in UTF-8", "请清除拼音指南，或另存为 UTF-8 编码的 CSV"),
)
_CODED = (
    Message("characters that are written as codes", "含有以代码表示的字符"),
    Message("take them out (line ends and others that are not seen)", "请删去这些看不见的字符（换行等）"),
)
"""What is odd about cells, and what to do."""


def refuse_odd_cells(path: Path, name: str, key: str) -> None:
    """Refuse a workbook with cells that would be read as something else than is seen in them.

    These are texts in several styles inside the cells (the first is read alone), and true or false among numbers (read
    as 1 and 0).

    Raises
    ------
    DataError
        Naming the cells.
    """
    sheets = _read_members(path, "xl/worksheets/sheet")
    inline = [cell for sheet in sheets if b"inlineStr" in sheet for cell in _INLINE.findall(sheet)]
    cut = [place.decode() for place, inside in inline if len(_TEXT.findall(inside)) > 1]
    truths = [place for sheet in sheets if b't="b"' in sheet for place in _find_truths(sheet)]
    _refuse({_CUT: cut, _TRUTHS: truths}, name, key)


def refuse_odd_texts(path: Path, texts: Collection[str], name: str, key: str) -> None:
    """Refuse texts that were read with more in them than is seen in the cell: phonetic guides, and codes of characters.

    Raises
    ------
    DataError
        Naming the texts as they were read.
    """
    strings = b"".join(_read_members(path, "xl/sharedStrings.xml"))
    shared = _SHARED.findall(strings) if b"rPh" in strings else []
    guided = {_read_whole(one) for one in shared if _PHONETIC.search(one)}
    coded = [text for text in texts if _CODE.search(text)]
    _refuse({_GUIDED: [text for text in texts if text in guided], _CODED: coded}, name, key)


def _read_members(path: Path, start: str) -> list[bytes]:
    """Give the members whose names begin so; what cannot be unpacked is no archive."""
    try:
        with ZipFile(path) as book:
            return [book.read(part) for part in book.namelist() if part.startswith(start)]
    except (EOFError, RuntimeError, zlib.error) as error:  # cut off, encrypted or damaged behind its beginning
        raise BadZipFile(str(error)) from error


def _refuse(odd: dict[tuple[Message, Message], list[str]], name: str, key: str) -> None:
    problems = [
        Message(
            f"{key}: {name}: {len(found)} cells hold {what.en}: {name_some(found).en}; {advice.en}.",
            f"{key}：{name} 有 {len(found)} 个单元格{what.zh}：{name_some(found).zh}；{advice.zh}。",
        )
        for (what, advice), found in odd.items()
        if found
    ]
    if problems:
        raise DataError(problems)


def _read_whole(string: bytes) -> str:
    """Give a text as GDAL reads it, with its guides."""
    return html.unescape(b"".join(_TEXT.findall(string)).decode(errors="replace")).strip()


def _find_truths(sheet: bytes) -> list[str]:
    """Give the cells with true or false in columns that hold numbers as well."""
    columns: defaultdict[bytes, list[str]] = defaultdict(list)
    numeric = set()
    for attributes, is_empty in _CELL.findall(sheet):
        place, kind = _PLACE.search(attributes), _TYPE.search(attributes)
        if place is None or is_empty:
            continue
        if kind is None or kind[1] == b"n":
            numeric.add(place[1])
        elif kind[1] == b"b":
            columns[place[1]].append((place[1] + place[2]).decode())
    return [cell for column, cells in columns.items() if column in numeric for cell in cells]


def refuse_days_since_1904(path: Path, columns: Collection[str], name: str, key: str) -> None:
    """Refuse dates of a workbook that counts days from 1904, as those of a Mac did; GDAL counts from 1900."""
    if columns and any(map(_FROM_1904.search, _read_members(path, "xl/workbook.xml"))):
        listed = ", ".join(columns)
        raise DataError(
            Message(
                f"{key}: {name} counts days from 1904 (a workbook of a Mac), and its dates ({listed}) would be read "
                "four years early; switch that off in its options and enter the dates again, or write years.",
                f"{key}：{name} 采用 1904 日期系统（Mac 工作簿），其日期（{listed}）会早读四年；"
                "请在选项中关闭该设置并重新填写日期，或改填年份。",
            )
        )


def refuse_comments(path: Path, name: str, key: str) -> None:
    """Refuse an ODS table with comments: they are read as part of the text of their cells."""
    if n := b"".join(_read_members(path, "content.xml")).count(b"</office:annotation>"):
        raise DataError(
            Message(
                f"{key}: {name}: {n} cells have comments, which are read as part of their text; delete the comments.",
                f"{key}：{name} 有 {n} 个单元格带批注，会被当作单元格文字读入；请删除批注。",
            )
        )


def say_far_cells(name: str, key: str) -> Message:
    """Say that a workbook has a cell so far from the others that GDAL gives up."""
    return Message(
        f"{key}: {name} cannot be read, since a cell far below the table or to its right is filled or was formatted; "
        "delete the empty rows and columns there, and save it.",
        f"{key}：无法读取 {name}：表格下方或右侧远处有内容或格式；请删除那里的空行和空列后保存。",
    )
