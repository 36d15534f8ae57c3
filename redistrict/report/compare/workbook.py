"""compare.xlsx: the comparison as a workbook, to print, every text as text, the same bytes for it."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from redistrict.messages import NOTHING, Language, Message, list_of
from redistrict.report.compare.lines import Comparison, Line, Pair, as_text
from redistrict.report.tables.columns import Form, in_lines
from redistrict.report.tables.paper import (
    LOOK,
    MOST_TEXT,
    Layout,
    ShownColumn,
    count_lines,
    fit_table,
    height_of,
    set_up_page,
    write_across,
)

_WRITTEN = datetime(2000, 1, 1)
"""The date the file says it was written on, so that the same comparison gives the same bytes."""
_NUMBERS: dict[Form, str] = {"share": "0.0%", "code": "0"}
_COUNT = "#,##0"
_HEAD: dict[str, Any] = {"bold": True, "bg_color": "#e9e7e1"}
_BEST = "#d9ecd0"
_TITLE, _BANDS = Message("Comparison", "比选"), Message("Communities by households", "社区户数规模")
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
    _write_lines(book, book.add_worksheet(_TITLE.in_language(comparison.language)), comparison)
    for pair in comparison.pairs:
        title = Message(f"Differences {pair.first + 1}-{pair.second + 1}", f"差异{pair.first + 1}-{pair.second + 1}")
        _write_changes(book, book.add_worksheet(title.in_language(comparison.language)), comparison, pair)
    book.close()
    path.write_bytes(buffer.getvalue())


def _write_lines(book: xlsxwriter.Workbook, sheet: Worksheet, comparison: Comparison) -> None:
    """Write the table, below it the communities by households, and below that the remarks over all columns."""
    say, lines, bands = comparison.language, comparison.lines, comparison.bands
    heads = [in_lines(head, say) for head in (NOTHING, *comparison.names)]
    layout = fit_table(_show_lines(heads, (*lines, *bands), say))
    _write_row(sheet, 0, heads, [_look(book, **_HEAD)] * len(heads))
    for row, line in enumerate(lines, start=1):
        _write_line(book, sheet, row, line, say)
    row = len(lines) + 2
    if bands:
        write_across(sheet, row, layout, in_lines(_BANDS, say), _look(book, **_HEAD))
    for number, line in enumerate(bands, start=row + 1):
        _write_line(book, sheet, number, line, say)
    row += len(bands) + 2
    for number, message in enumerate((*comparison.labels, *comparison.messages()), start=row):
        write_across(sheet, number, layout, in_lines(message, say), _look(book, border=0))
    _set_heights(sheet, (layout.head_pt, *layout.heights_pt[: len(lines)]))
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    last_row = row + len(comparison.labels) + len(comparison.messages()) - 1
    _set_up(sheet, layout, comparison, last_row=last_row)


def _show_lines(heads: Sequence[str], lines: Sequence[Line], say: Language) -> list[ShownColumn]:
    shown = [[line.words.in_language(say) for line in lines]]
    shown += [[as_text(line.values[n], line.form, say) for line in lines] for n in range(len(heads) - 1)]
    return [ShownColumn(head, cells, True) for head, cells in zip(heads, shown, strict=True)]


def _write_line(book: xlsxwriter.Workbook, sheet: Worksheet, row: int, line: Line, say: Language) -> None:
    number = {"num_format": _NUMBERS.get(line.form, _COUNT)}
    plain, best = _look(book, **number), _look(book, **number, bold=True, bg_color=_BEST)
    formats = [plain, *(best if n in line.best else plain for n in range(len(line.values)))]
    _write_row(sheet, row, [line.words.in_language(say), *line.column(say)], formats)


def _write_changes(book: xlsxwriter.Workbook, sheet: Worksheet, comparison: Comparison, pair: Pair) -> None:
    say, head = comparison.language, _look(book, **_HEAD)
    rows = _list_changes(comparison, pair)
    heads = [in_lines(words, say) for words in _CHANGE_HEADS]
    shown = [[_show(value) for value in column] for column in zip(*rows, strict=True)]
    layout = fit_table([ShownColumn(*one, True) for one in zip(heads, shown or [[]] * len(heads), strict=True)])
    names = [in_lines(comparison.names[n], say) for n in (pair.first, pair.second)]
    for column, name in zip((0, 2), names, strict=True):
        sheet.merge_range(0, column, 0, column + 1, "", head)
        sheet.write_string(0, column, name[:MOST_TEXT], head)
    _write_row(sheet, 1, heads, [head] * len(heads))
    for row, values in enumerate(rows, start=2):
        _write_row(sheet, row, values, [_look(book, num_format=_COUNT)] * len(heads))
    n_lines = [count_lines(name, sum(layout.widths[n : n + 2])) for n, name in zip((0, 2), names, strict=True)]
    _set_heights(sheet, (height_of(max(n_lines)), layout.head_pt, *layout.heights_pt))
    sheet.freeze_panes(2, 0)
    sheet.autofilter(1, 0, 1 + len(rows), len(heads) - 1)
    sheet.repeat_rows(0, 1)
    _set_up(sheet, layout, comparison, last_row=1 + len(rows))


def _list_changes(comparison: Comparison, pair: Pair) -> list[list[Any]]:
    """Give a row for each two communities that share blocks: their keys and names, and what is kept, left, joined."""
    first, second = comparison.sides[pair.first], comparison.sides[pair.second]
    rows = []
    for change in pair.agreement.changes:
        known = [
            (side.ids[c], side.names[c]) if c >= 0 else (None, None)
            for side, c in ((first, change.first), (second, change.second))
        ]
        rows.append([*known[0], *known[1], *change.counts])
    return rows


def _show(value: str | int | None) -> str:
    return f"{value:,}" if isinstance(value, int) else value or ""


def _set_up(sheet: Worksheet, layout: Layout, comparison: Comparison, *, last_row: int) -> None:
    label = list_of(comparison.labels) if comparison.labels else NOTHING
    set_up_page(sheet, layout, last_row=last_row, title=_TITLE, label=label, language=comparison.language)


def _set_heights(sheet: Worksheet, heights_pt: Sequence[float]) -> None:
    for row, height_pt in enumerate(heights_pt):
        sheet.set_row(row, height_pt)


def _write_row(sheet: Worksheet, row: int, values: Sequence[Any], formats: Sequence[Any]) -> None:
    """Write text as text, numbers as numbers, and nothing where there is nothing."""
    for column, (value, form) in enumerate(zip(values, formats, strict=True)):
        if isinstance(value, str):
            sheet.write_string(row, column, value[:MOST_TEXT], form)
        elif value is None:
            sheet.write_blank(row, column, None, form)
        else:
            sheet.write_number(row, column, value, form)


def _look(book: xlsxwriter.Workbook, **more: Any) -> Format:
    return book.add_format(LOOK | {"text_wrap": True} | more)
