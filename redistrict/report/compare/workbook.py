"""compare.xlsx: the comparison as a workbook, every text as text, the same bytes for the same comparison."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from redistrict.messages import Message
from redistrict.report.compare.lines import Comparison, Line, Pair
from redistrict.report.tables.columns import Form

_WRITTEN = datetime(2000, 1, 1)
"""The date the file says it was written on, so that the same comparison gives the same bytes."""
_MAX_TEXT = 32_767
_NUMBERS: dict[Form, str] = {"share": "0.0%", "code": "0"}
_COUNT = "#,##0"
_HEAD, _BEST = "#e9e7e1", "#d9ecd0"
_CHANGE_HEADS = (
    Message("id", "编号"),
    Message("community", "社区"),
    Message("id", "编号"),
    Message("community", "社区"),
    Message("blocks kept", "保留地块"),
    Message("blocks left", "划出地块"),
    Message("blocks joined", "划入地块"),
    Message("residents kept", "保留居民"),
    Message("residents left", "划出居民"),
    Message("residents joined", "划入居民"),
)


def write_compare_workbook(path: Path, comparison: Comparison) -> None:
    """Write the table with the best of each row marked, and a sheet of changed communities for each two plans."""
    buffer = BytesIO()
    off = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **off})
    book.set_properties({"created": _WRITTEN})
    sheet = book.add_worksheet(Message("Comparison", "比选").in_language(comparison.language))
    _write_lines(book, sheet, comparison)
    for pair in comparison.pairs:
        title = Message(f"Differences {pair.first + 1}-{pair.second + 1}", f"差异{pair.first + 1}-{pair.second + 1}")
        _write_changes(book, book.add_worksheet(title.in_language(comparison.language)), comparison, pair)
    book.close()
    path.write_bytes(buffer.getvalue())


def _write_lines(book: xlsxwriter.Workbook, sheet: Worksheet, comparison: Comparison) -> None:
    say = comparison.language
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, len(comparison.sides), 24)
    heads = [Message("", ""), *comparison.names]
    _write_row(sheet, 0, [head.in_language(say) for head in heads], [_head(book)] * len(heads))
    row = 0
    for row, line in enumerate(comparison.lines, start=1):
        _write_line(book, sheet, row, line, comparison)
    row += 2
    bands = Message("Communities by households", "社区户数规模")
    for number, line in enumerate(comparison.bands):
        _write_row(sheet, row, [bands.in_language(say)], [_head(book)])
        _write_line(book, sheet, row + 1 + number, line, comparison)
    row += len(comparison.bands) + 2
    for number, message in enumerate((*comparison.labels, *comparison.messages())):
        sheet.write_string(row + number, 0, message.in_language(say))
    sheet.freeze_panes(1, 1)


def _write_line(book: xlsxwriter.Workbook, sheet: Worksheet, row: int, line: Line, comparison: Comparison) -> None:
    say = comparison.language
    number = {"num_format": _NUMBERS.get(line.form, _COUNT)}
    plain, best = book.add_format(number), book.add_format(number | {"bold": True, "bg_color": _BEST})
    values = [value.in_language(say) if isinstance(value, Message) else value for value in line.values]
    formats = [plain, *(best if n in line.best else plain for n in range(len(values)))]
    _write_row(sheet, row, [line.words.in_language(say), *values], formats)


def _write_changes(book: xlsxwriter.Workbook, sheet: Worksheet, comparison: Comparison, pair: Pair) -> None:
    first, second = comparison.sides[pair.first], comparison.sides[pair.second]
    say, count = comparison.language, book.add_format({"num_format": _COUNT})
    sheet.set_column(0, 3, 18)
    sheet.set_column(4, 9, 12)
    names = [comparison.names[n].in_language(say) for n in (pair.first, pair.second)]
    _write_row(sheet, 0, [names[0], None, names[1]], [_head(book)] * 3)
    _write_row(sheet, 1, [head.in_language(say) for head in _CHANGE_HEADS], [_head(book)] * len(_CHANGE_HEADS))
    for row, change in enumerate(pair.agreement.changes, start=2):
        a, b = change.first, change.second
        known = [
            *((first.ids[a], first.names[a]) if a >= 0 else (None, None)),
            *((second.ids[b], second.names[b]) if b >= 0 else (None, None)),
        ]
        _write_row(sheet, row, [*known, *change.counts], [count] * len(_CHANGE_HEADS))
    sheet.freeze_panes(2, 0)
    sheet.autofilter(1, 0, 1 + len(pair.agreement.changes), len(_CHANGE_HEADS) - 1)


def _write_row(sheet: Worksheet, row: int, values: Sequence[Any], formats: Sequence[Any]) -> None:
    """Write text as text, numbers as numbers, and nothing where there is nothing."""
    for column, (value, form) in enumerate(zip(values, formats, strict=True)):
        if isinstance(value, str):
            sheet.write_string(row, column, value[:_MAX_TEXT], form)
        elif value is not None:
            sheet.write_number(row, column, value, form)


def _head(book: xlsxwriter.Workbook) -> Any:
    return book.add_format({"bold": True, "bg_color": _HEAD, "text_wrap": True, "valign": "top"})
