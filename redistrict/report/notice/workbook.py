"""The table for the opinions that come in, as a workbook to fill in."""

from datetime import datetime
from pathlib import Path

import xlsxwriter

from redistrict.messages import Message
from redistrict.report.notice.content import Told
from redistrict.report.tables.paper import PAGE_NUMBER

_WRITTEN = datetime(2000, 1, 1)
"""The date the file says it was written on, so that the same notice gives the same bytes."""
_A4 = 9
_ROWS = 1000
_VIEWS = (Message("agrees", "赞成"), Message("objects", "反对"), Message("suggests", "建议"))
_STATES = (Message("open", "待处理"), Message("settled", "已处理"))
SHEET = Message("opinions", "意见")
COLUMNS = {
    "number": (Message("No.", "序号"), 6),
    "date": (Message("date", "日期"), 12),
    "name": (Message("name", "姓名"), 14),
    "contact": (Message("contact", "联系方式"), 18),
    "place": (Message("estate or block", "小区或地块"), 22),
    "community": (Message("community from now on", "拟属社区"), 24),
    "opinion": (Message("opinion", "意见类型"), 10),
    "text": (Message("what is said", "意见内容"), 60),
    "answer": (Message("answer", "答复"), 40),
    "state": (Message("state", "状态"), 10),
}
"""Columns of the table: heading and width. `review` reads it back."""
_COMMUNITY, _OPINION, _STATE = (list(COLUMNS).index(key) for key in ("community", "opinion", "state"))


def write_opinions(path: Path, told: Told) -> None:
    """Write an empty table of opinions: community, kind and state are chosen from lists."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": told.title, "created": _WRITTEN})
        sheet = book.add_worksheet(told.tell(SHEET))
        names = book.add_worksheet(told.tell(Message("communities", "社区")))
        head = book.add_format({"bold": True, "bg_color": "#e6e0ef", "border": 1, "text_wrap": True})
        cell = book.add_format({"text_wrap": True, "valign": "top"})
        for n, (word, width) in enumerate(COLUMNS.values()):
            sheet.set_column(n, n, width, cell)
            sheet.write_string(0, n, told.tell(word), head)
        names.set_column(0, 0, 30)
        for row, place in enumerate(told.places):
            names.write_string(row, 0, place.name)
        listed = f"='{names.name}'!$A$1:$A${max(1, len(told.places))}"
        lists = {_OPINION: [told.tell(word) for word in _VIEWS], _STATE: [told.tell(word) for word in _STATES]}
        for column, source in ({_COMMUNITY: listed} | lists).items():
            sheet.data_validation(1, column, _ROWS, column, {"validate": "list", "source": source})
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer(f"&R{told.tell(PAGE_NUMBER)}")
