"""report.xlsx: the whole report as one workbook, every text as text, the same bytes for the same report."""

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from redistrict.messages import Language, Message
from redistrict.report.before_after import PLAN, TODAY, compare_bands
from redistrict.report.layers import Layers
from redistrict.report.summary import Report
from redistrict.report.tables.columns import Form, find_column, put_in_words
from redistrict.report.tables.sheets import YES, list_facts, list_sheets, name_sheets
from redistrict.standards.lineage import Fate

_WRITTEN = datetime(2000, 1, 1)
"""The date the file says it was written on, so that the same report gives the same bytes."""
_MAX_TEXT = 32_767
_A4 = 9
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
_WIDTHS = dict.fromkeys(("east", "south", "west", "north", "exception", "reason"), 36) | {
    "message": 90,
    "item": 34,
    "value": 80,
}
_TEXT_WIDTH, _WIDTH = 22, 13
_SUMMED = {
    "n_blocks", "area_km2", "households", "people", "dwellings", "workers", "filled", "vacant", "required_m2",
    "existing_m2", "used_m2", "shortfall_m2", "fund_yuan", "rooms_owed_m2", "blocks", "length_m", "cost_m",
    "served_m", "empty_m", "n_communities", "premises_m2", "residents_changed",
}  # fmt: skip
_BELOW, _NEAR, _ABOVE, _WIDE = "#8dbbdb", "#ffffff", "#efa9a4", 0.1
_GOOD, _BAD, _OPEN, _CHANGED = "#d9ecd0", "#f6c9c4", "#fbe8b6", "#d6e7f2"
_HEAD, _TODAY, _PLAN, _WARNING = "#e9e7e1", "#b8b2a6", "#3f7fb5", "#a8321f"
_TITLE = Message("Summary", "概要")
_CHART_AT, _BELOW_CHART = "E10", 27
_HEAD_HEIGHT = 46


class _Book:
    """The workbook with the formats of its cells, and the language it speaks."""

    def __init__(self, buffer: BytesIO, language: Language) -> None:
        off = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
        self.file = xlsxwriter.Workbook(buffer, {"in_memory": True, **off})
        self.file.set_properties({"created": _WRITTEN})
        self.language = language
        self.cell = {form: self.file.add_format({"num_format": code}) for form, code in _NUMBERS.items()}
        self.sum = {form: self.file.add_format({"num_format": code, "bold": True}) for form, code in _NUMBERS.items()}
        self.head = self.file.add_format(
            {"bold": True, "bg_color": _HEAD, "text_wrap": True, "valign": "top", "bottom": 1}
        )

    def add_sheet(self, words: Message) -> Worksheet:
        """Add a sheet that prints on A4, as wide as the page."""
        sheet = self.file.add_worksheet(words.in_language(self.language))
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        return sheet

    def write(self, sheet: Worksheet, row: int, column: int, value: Any, form: Form) -> None:
        """Write text as text, numbers as numbers, and nothing where there is nothing."""
        if isinstance(value, str):
            sheet.write_string(row, column, value[:_MAX_TEXT], self.cell["text"])
        elif not pd.isna(value):
            sheet.write_number(row, column, value, self.cell[form])

    def write_head(self, sheet: Worksheet, row: int, column: int, words: Message) -> None:
        """Write a heading; in both languages the Chinese stands above the English."""
        both = self.language == "both" and words.zh != words.en
        sheet.write_string(row, column, f"{words.zh}\n{words.en}" if both else self.say(words), self.head)

    def say(self, words: Message) -> str:
        """Give a sentence in the language of the workbook."""
        return words.in_language(self.language)


def write_workbook(path: Path, report: Report, layers: Layers) -> None:
    """Write the summary with its chart, and a sheet for every list; texts from the data are never formulas."""
    buffer = BytesIO()
    book = _Book(buffer, report.scenario.output.language)
    _write_summary(book, report)
    words, levels = name_sheets(report), {level.key: level.title for level in report.levels}
    for name, table in list_sheets(report, layers).items():
        _write_table(book, book.add_sheet(words[name]), table, levels)
    book.file.close()
    path.write_bytes(buffer.getvalue())


def _write_summary(book: _Book, report: Report) -> None:
    """Write title, totals and sentences, and beside them the size bands with their chart."""
    sheet, scenario = book.add_sheet(_TITLE), report.scenario
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, 3, 13)
    sheet.set_column(4, 4, 24)
    label = scenario.data.label
    big = book.file.add_format({"bold": True, "font_size": 16, "num_format": "@"})
    warning = book.file.add_format({"font_color": _WARNING, "num_format": "@"})
    sheet.write_string(0, 0, book.say(scenario.heading), big)
    sheet.write_string(1, 0, book.say(label.message) if label else "", warning)
    for column, words in enumerate((Message("", ""), TODAY, PLAN)):
        book.write_head(sheet, 2, column, words)
    sheet.set_row(2, _HEAD_HEIGHT)
    sheet.freeze_panes(3, 0)
    row = 3
    for row, fact in enumerate(list_facts(report), start=3):
        book.write(sheet, row, 0, book.say(fact.words), "text")
        book.write(sheet, row, 1, fact.today, fact.form)
        book.write(sheet, row, 2, fact.plan, fact.form)
    for number, message in enumerate((*report.messages(), *report.notes), start=max(row + 2, _BELOW_CHART)):
        book.write(sheet, number, 0, book.say(message), "text")
    _write_bands(book, sheet, report)


def _write_bands(book: _Book, sheet: Worksheet, report: Report) -> None:
    """Write how many communities fall into each size band, before and after, and draw it."""
    today, plan = compare_bands(report)
    if plan is None:
        return
    words = Message("Communities by households", "社区户数规模")
    book.write_head(sheet, 2, 4, words)
    chart = book.file.add_chart({"type": "column"})
    for row, band in enumerate(plan, start=3):
        book.write(sheet, row, 4, book.say(band.label), "text")
    last = 2 + len(plan)
    for column, name, bands, fill in ((5, TODAY, today, _TODAY), (6, PLAN, plan, _PLAN)):
        if bands is None:
            continue
        book.write_head(sheet, 2, column, name)
        for row, band in enumerate(bands, start=3):
            book.write(sheet, row, column, band.count, "count")
        chart.add_series(
            {
                "name": book.say(name),
                "categories": [sheet.get_name(), 3, 4, last, 4],
                "values": [sheet.get_name(), 3, column, last, column],
                "fill": {"color": fill},
                "data_labels": {"value": True},
            }
        )
    chart.set_title({"name": book.say(words), "name_font": {"size": 12}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 560, "height": 320})
    sheet.insert_chart(_CHART_AT, chart)


def _write_table(book: _Book, sheet: Worksheet, table: pd.DataFrame, levels: dict[str, Message]) -> None:
    """Write a table below its sums; sums follow what the reader filters."""
    top = 1 if len(table) and _SUMMED & {*table.columns} else 0
    last = top + len(table)
    for column, name in enumerate(table.columns):
        words, form = find_column(name, levels)
        sheet.set_column(column, column, _WIDTHS.get(name, _TEXT_WIDTH if form == "text" else _WIDTH))
        book.write_head(sheet, top, column, words)
        values = table[name].tolist()
        for row, value in enumerate(values, start=top + 1):
            book.write(sheet, row, column, value, form)
        if top and (name in _SUMMED or name.startswith("crossing_")):
            formula = f"=SUBTOTAL(109,{xl_range(top + 1, column, last, column)})"
            sheet.write_formula(0, column, formula, book.sum[form], sum(v for v in values if not pd.isna(v)))
        if len(table):
            _colour(book, sheet, name, (top + 1, column, last, column))
    if top:
        sheet.write_string(0, 0, book.say(Message("total", "合计")), book.sum["text"])
    sheet.set_row(top, _HEAD_HEIGHT)
    sheet.freeze_panes(top + 1, 2 if table.columns[0].endswith("_id") else 1)
    sheet.autofilter(top, 0, last, len(table.columns) - 1)
    sheet.repeat_rows(0, top)


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
