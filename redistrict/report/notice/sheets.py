"""The notice to print and to hang out: a sheet for each district, or street, and one for each community.

Sheets hold lines and text only, so they print as sharp on A3 as on A4.
"""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from redistrict.report.notice.content import Told
from redistrict.report.notice.drawing import Drawing
from redistrict.report.notice.page import write_facts, write_head, write_procedure
from redistrict.report.notice.words import SHEETS, TITLE
from redistrict.report.offline import read_own, write_plain_page

_COLUMNS = ("community", "size", "workers", "rooms", "bounds")


def write_sheets(path: Path, told: Told, drawing: Drawing) -> None:
    """Write all sheets as one page, each on a paper of its own.

    Raises
    ------
    OutputError
        If the page would load something from outside itself.
    """
    write_plain_page(
        path,
        title=f"{told.title} – {told.tell(TITLE)}",
        style="".join(read_own(__package__, name) for name in ("page.css", "sheets.css")),
        body="".join(_write_sheets(told, drawing)),
    )


def _write_sheets(told: Told, drawing: Drawing) -> Iterator[str]:
    head, procedure = write_head(told), write_procedure(told)
    for group in told.groups:
        members = [c for c, place in enumerate(told.places) if place.group == group]
        heads = "".join(f"<th>{escape(told.tell(SHEETS[column]))}</th>" for column in _COLUMNS)
        rows = "".join(_write_row(told, c) for c in members)
        title = f"<h2>{escape(group)}</h2>" if group else ""
        figure = f"<figure>{drawing.draw_around(members)}</figure>"
        yield f'<section class="sheet">{head}{procedure}{title}{figure}</section>'
        yield f'<section class="sheet list">{title}<table><thead><tr>{heads}</tr></thead>{rows}</table></section>'
        for c in members:
            name = escape(told.places[c].name)
            yield f'<section class="sheet">{head}<h2>{name}</h2><figure>{drawing.draw_around([c])}</figure>'
            yield f"{write_facts(told, c)}</section>"


def _write_row(told: Told, community: int) -> str:
    place = told.places[community]
    cells = (place.name, told.tell(place.size), f"{place.workers}", place.rooms, told.tell(place.bounds))
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
