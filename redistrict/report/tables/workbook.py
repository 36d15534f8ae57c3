"""report.xlsx: the whole report as one workbook to print, every text as text, the same bytes for the same report."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from redistrict.messages import NOTHING, Language, Message
from redistrict.report.before_after import PLAN, TODAY, compare_bands
from redistrict.report.layers import Layers
from redistrict.report.summary import Report
from redistrict.report.tables.columns import Column, Form, Titles, find_column, in_lines, put_in_words, title_others
from redistrict.report.tables.paper import (
    LINE_PT,
    LOOK,
    MOST_TEXT,
    POINTS_A_PIXEL,
    Layout,
    ShownColumn,
    count_lines,
    fewest_sheets,
    fit_table,
    height_of,
    lay_out,
    set_up_page,
    width_in_points,
    write_across,
)
from redistrict.report.tables.sheets import YES, Fact, list_facts, list_sheets, name_sheets
from redistrict.standards.diagnosis import Band
from redistrict.standards.lineage import Fate

_WRITTEN = datetime(2000, 1, 1)
"""The date the file says it was written on, so that the same report gives the same bytes."""
_NUMBERS: dict[Form, str] = {
    "text": "@",
    "code": "@",
    "count": "#,##0",
    "deviation": "+0.0%;-0.0%;0.0%",
    "share": "0.0%",
    "metres": "#,##0.0",
    "amount": "#,##0.0",
    "km2": "0.0000",
}
_SHOWN: dict[Form, str] = {
    "count": ",.0f",
    "deviation": "+.1%",
    "share": ".1%",
    "metres": ",.1f",
    "amount": ",.1f",
    "km2": ".4f",
}
"""The same for Python, to know how wide a number is."""
_SUMMED = {
    "n_blocks", "area_km2", "households", "people", "dwellings", "workers", "filled", "vacant", "required_m2",
    "existing_m2", "used_m2", "shortfall_m2", "fund_yuan", "rooms_owed_m2", "blocks", "length_m", "cost_m",
    "served_m", "empty_m", "n_communities", "premises_m2", "residents_changed",
}  # fmt: skip
_BELOW, _NEAR, _ABOVE, _WIDE = "#8dbbdb", "#ffffff", "#efa9a4", 0.1
_GOOD, _BAD, _OPEN, _CHANGED = "#d9ecd0", "#f6c9c4", "#fbe8b6", "#d6e7f2"
_HEAD, _WARNING = "#e9e7e1", "#a8321f"
_TODAY: dict[str, Any] = {
    "pattern": {"pattern": "wide_upward_diagonal", "fg_color": "#6f6a60", "bg_color": "#ffffff"},
    "border": {"color": "#4a463f"},
}
_PLAN: dict[str, Any] = {"fill": {"color": "#2b5f8c"}, "border": {"color": "#2b5f8c"}}
"""Columns that differ in black and white too: stripes, and dark."""
_TITLE, _TOTAL, _REMARKS = Message("Summary", "概要"), Message("total", "合计"), Message("Remarks", "说明")
_BANDS = Message("Communities by households", "社区户数规模")
_FIRST_OF_BANDS = 4
_CHART_ROWS, _CHART_WIDTH, _CHART_EDGE_PT = 18, 52, 3
"""Rows the chart stands over, the width of the three columns above it, at least, and what its frame needs of it."""
_LIMIT, _TITLE_SIZE = 48, 16
_WRAPPED = ("text", "code")
_Bands = tuple[tuple[Band, ...] | None, tuple[Band, ...] | None]


class _Book:
    """The workbook with the formats of its cells, and the language it speaks."""

    def __init__(self, buffer: BytesIO, report: Report) -> None:
        off = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
        self.file = xlsxwriter.Workbook(buffer, {"in_memory": True, **off})
        self.file.set_properties({"created": _WRITTEN})
        self.language: Language = report.scenario.output.language
        label = report.scenario.data.label
        self.title, self.label = report.scenario.heading, label.message if label else NOTHING
        self.cell = {form: self._add_format(form) for form in _NUMBERS}
        self.sum = {form: self._add_format(form, bold=True) for form in _NUMBERS}
        self.head = self._add_format("text", bold=True, bg_color=_HEAD)
        self.number_head = self._add_format("text", bold=True, bg_color=_HEAD, align="right")
        self.big = self._add_format("text", bold=True, font_size=_TITLE_SIZE, border=0)
        self.remark = self._add_format("text", border=0)
        self.section = self._add_format("text", bold=True, border=0)
        self.warning = self._add_format("text", font_color=_WARNING, border=0)

    def _add_format(self, form: Form, **more: Any) -> Format:
        return self.file.add_format(LOOK | {"num_format": _NUMBERS[form], "text_wrap": form in _WRAPPED} | more)

    def add_sheet(self, words: Message) -> Worksheet:
        """Add a sheet."""
        return self.file.add_worksheet(words.in_language(self.language))

    def set_up(self, sheet: Worksheet, layout: Layout, *, last_row: int) -> None:
        """Give a sheet its widths and its page, with the title of the report above."""
        set_up_page(sheet, layout, last_row=last_row, title=self.title, label=self.label, language=self.language)

    def write(self, sheet: Worksheet, row: int, column: int, value: Any, form: Form) -> None:
        """Write text as text, numbers as numbers, and nothing where there is nothing."""
        if isinstance(value, str):
            sheet.write_string(row, column, value[:MOST_TEXT], self.cell["text"])
        elif pd.isna(value):
            sheet.write_blank(row, column, None, self.cell[form])
        else:
            sheet.write_number(row, column, value, self.cell[form])

    def write_head(self, sheet: Worksheet, row: int, column: int, words: Message, form: Form) -> None:
        """Write the heading of a column, at the right over numbers; in both languages the Chinese stands above."""
        look = self.head if form in _WRAPPED else self.number_head
        sheet.write_string(row, column, in_lines(words, self.language), look)

    def write_across(self, sheet: Worksheet, row: int, layout: Layout, words: Message, look: Format) -> None:
        """Write a sentence over all columns."""
        write_across(sheet, row, layout, in_lines(words, self.language), look)

    def say(self, words: Message) -> str:
        """Give a sentence in the language of the workbook."""
        return words.in_language(self.language)


def write_workbook(path: Path, report: Report, layers: Layers) -> None:
    """Write the summary with its chart, and a sheet for every list; texts from the data are never formulas."""
    buffer = BytesIO()
    book = _Book(buffer, report)
    _write_summary(book, report)
    words = name_sheets(report)
    levels: Titles = {**{level.key: level.title for level in report.levels}, **title_others(report.others)}
    for name, table in list_sheets(report, layers).items():
        _write_table(book, book.add_sheet(words[name]), table, levels)
    book.file.close()
    path.write_bytes(buffer.getvalue())


def _write_summary(book: _Book, report: Report) -> None:
    """Write title, totals and sentences, and beside them the size bands with their chart."""
    sheet, facts, bands = book.add_sheet(_TITLE), list_facts(report), compare_bands(report)
    remarks = (*report.messages(), *report.notes)
    layout = _lay_out_summary(book, facts, bands, remarks)
    book.write_across(sheet, 0, layout, book.title, book.big)
    book.write_across(sheet, 1, layout, book.label, book.warning)
    for column, words in enumerate((NOTHING, TODAY, PLAN)):
        book.write_head(sheet, 2, column, words, "count" if column else "text")
    sheet.set_row(2, layout.head_pt)
    sheet.freeze_panes(3, 0)
    for row, fact in enumerate(facts, start=3):
        book.write(sheet, row, 0, book.say(fact.words), "text")
        book.write(sheet, row, 1, fact.today, fact.form)
        book.write(sheet, row, 2, fact.plan, fact.form)
    below = _write_bands(book, sheet, bands, layout)
    top = max(3 + len(facts), below) + 1
    for row, message in enumerate((_REMARKS, *remarks), start=top):
        book.write_across(sheet, row, layout, message, book.section if row == top else book.remark)
    book.set_up(sheet, layout, last_row=top + len(remarks))


def _lay_out_summary(book: _Book, facts: Sequence[Fact], bands: _Bands, remarks: Sequence[Message]) -> Layout:
    """Give the widths of facts and bands, wide enough for the chart, and the page for all that stands there."""
    columns = [*_show_facts(book, facts), *_show_bands(book, bands, len(facts))]
    layout = lay_out(columns, _LIMIT)
    widths = layout.widths
    if len(widths) > _FIRST_OF_BANDS:
        *left, labels, today, plan = widths
        widths = (*left, max(labels, _CHART_WIDTH - today - plan), today, plan)
    lines = [count_lines(in_lines(message, book.language), sum(widths)) for message in remarks]
    above = (2 * height_of(2), *layout.heights_pt, height_of(3))
    head = max(count_lines(column.head, width) for column, width in zip(columns, widths, strict=True))
    heights_pt = (*above, *map(height_of, lines))
    return fewest_sheets([Layout(widths, height_of(head), heights_pt)])


def _show_facts(book: _Book, facts: Sequence[Fact]) -> list[ShownColumn]:
    today, plan = ([_show(getattr(fact, name), fact.form) for fact in facts] for name in ("today", "plan"))
    return [
        ShownColumn("", [book.say(fact.words) for fact in facts], True),
        ShownColumn(in_lines(TODAY, book.language), today, False),
        ShownColumn(in_lines(PLAN, book.language), plan, False),
    ]


def _show_bands(book: _Book, bands: _Bands, n_rows: int) -> list[ShownColumn]:
    """Give an empty column, and those of the bands, as long as the facts."""
    if bands[1] is None:
        return []
    labels = [book.say(band.label) for band in bands[1]]
    cells = [[""] * n_rows, [*labels, *[""] * (n_rows - len(labels))], [""] * n_rows, [""] * n_rows]
    words = (NOTHING, _BANDS, TODAY, PLAN)
    return [ShownColumn(in_lines(head, book.language), shown, True) for head, shown in zip(words, cells, strict=True)]


def _write_bands(book: _Book, sheet: Worksheet, bands: _Bands, layout: Layout) -> int:
    """Write how many communities fall into each size band, before and after, and draw it; give the row below."""
    today, plan = bands
    if plan is None:
        return 0
    book.write_head(sheet, 2, _FIRST_OF_BANDS, _BANDS, "text")
    chart = book.file.add_chart({"type": "column"})
    for row, band in enumerate(plan, start=3):
        book.write(sheet, row, _FIRST_OF_BANDS, book.say(band.label), "text")
    last = 2 + len(plan)
    for column, name, counted, look in ((5, TODAY, today, _TODAY), (6, PLAN, plan, _PLAN)):
        if counted is None:
            continue
        book.write_head(sheet, 2, column, name, "count")
        for row, band in enumerate(counted, start=3):
            book.write(sheet, row, column, band.count, "count")
        chart.add_series(
            {
                "name": book.say(name),
                "categories": [sheet.get_name(), 3, _FIRST_OF_BANDS, last, _FIRST_OF_BANDS],
                "values": [sheet.get_name(), 3, column, last, column],
                "data_labels": {"value": True},
                "gap": 60,
            }
            | look
        )
    chart.set_title({"name": in_lines(_BANDS, book.language), "name_font": {"size": 11}})
    chart.set_legend({"position": "bottom"})
    width_pt = sum(map(width_in_points, layout.widths[_FIRST_OF_BANDS:])) - _CHART_EDGE_PT
    chart.set_size({"width": int(width_pt / POINTS_A_PIXEL), "height": int(_CHART_ROWS * LINE_PT / POINTS_A_PIXEL)})
    sheet.insert_chart(last + 2, _FIRST_OF_BANDS, chart)
    return last + 2 + _CHART_ROWS


def _write_table(book: _Book, sheet: Worksheet, table: pd.DataFrame, levels: Titles) -> None:
    """Write a table below its sums; sums follow what the reader filters."""
    top = 1 if len(table) and _SUMMED & {*table.columns} else 0
    last = top + len(table)
    columns = [_show_column(book, name, table[name].tolist(), levels) for name in table.columns]
    if top:
        columns[0] = columns[0]._replace(cells=[book.say(_TOTAL), *columns[0].cells[1:]])
    layout = fit_table(columns)
    for column, name in enumerate(table.columns):
        words, form = find_column(name, levels)
        book.write_head(sheet, top, column, words, form)
        values = table[name].tolist()
        for row, value in enumerate(values, start=top + 1):
            book.write(sheet, row, column, value, form)
        if top and _is_summed(name, levels):
            formula = f"=SUBTOTAL(109,{xl_range(top + 1, column, last, column)})"
            sheet.write_formula(0, column, formula, book.sum[form], _add_up(values))
        if len(table):
            _colour(book, sheet, name, (top + 1, column, last, column))
    if top:
        sheet.write_string(0, 0, book.say(_TOTAL), book.sum["text"])
    for row, height_pt in enumerate((layout.head_pt, *layout.heights_pt[1:]), start=top):
        if height_pt > LINE_PT:
            sheet.set_row(row, height_pt)
    sheet.freeze_panes(top + 1, 2 if table.columns[0].endswith("_id") else 1)
    sheet.autofilter(top, 0, last, len(table.columns) - 1)
    sheet.repeat_rows(top)
    book.set_up(sheet, layout, last_row=last)


def _show_column(book: _Book, name: str, values: list[Any], levels: Titles) -> ShownColumn:
    """Give a column as it is seen, its sum (or nothing) before its cells."""
    words, form = find_column(name, levels)
    total = _show(_add_up(values), form) if _is_summed(name, levels) else ""
    cells = [total, *(_show(value, form) for value in values)]
    return ShownColumn(in_lines(words, book.language), cells, form in _WRAPPED)


def _show(value: Any, form: Form) -> str:
    if isinstance(value, str):
        return value
    return "" if pd.isna(value) else format(value, _SHOWN.get(form, ""))


def _is_summed(name: str, levels: Titles) -> bool:
    is_other = isinstance(levels.get(name), Column) and not name.endswith("_deviation")
    return name in _SUMMED or name.startswith("crossing_") or is_other


def _add_up(values: list[Any]) -> float:
    return float(sum(value for value in values if not pd.isna(value)))


def _colour(book: _Book, sheet: Worksheet, name: str, cells: tuple[int, int, int, int]) -> None:
    """Colour deviations by their size, and what a planner must look at."""
    if name.endswith("_deviation"):
        scale: dict[str, Any] = {"type": "3_color_scale"}
        for end, limit, fill in (("min", -_WIDE, _BELOW), ("mid", 0, _NEAR), ("max", _WIDE, _ABOVE)):
            scale |= {f"{end}_type": "num", f"{end}_value": limit, f"{end}_color": fill}
        sheet.conditional_format(*cells, scale)
    marks = [("==", f'"{text}"', fill) for text, fill in _marked(name, book.language).items()]
    if name in ("shortfall_m2", "vacant", "residents_beyond"):
        marks.append((">", "0", _BAD))
    for criteria, value, fill in marks:
        form = book.file.add_format({"bg_color": fill})
        sheet.conditional_format(*cells, {"type": "cell", "criteria": criteria, "value": value, "format": form})


def _marked(name: str, language: Language) -> dict[str, str]:
    """Give the fill of each word of a column that has a colour."""
    if name == "outcome":
        fills = {"pass": _GOOD, "fail": _BAD, "waived": _OPEN}
        return {put_in_words(name, word, language): fill for word, fill in fills.items()}
    if name == "divides":
        return {YES.in_language(language): _BAD}
    if name in ("old_fate", "new_fate"):
        of_fate = {
            Fate.UNCHANGED: _GOOD, Fate.SPLIT: _OPEN, Fate.MERGED: _OPEN, Fate.ABOLISHED: _BAD, Fate.NEW: _CHANGED
        }  # fmt: skip
        return {fate.value.in_language(language): fill for fate, fill in of_fate.items()}
    return {}
