"""The page for residents: find your home, see its community before and after, and the map; one file, no network.

Names are text: everything that comes from the data is escaped, or travels as a JSON block (see `offline`).
"""

from html import escape
from pathlib import Path

from branca.element import Figure

from redistrict.messages import Message
from redistrict.report.map.content import MAX_OUTLINED_BLOCKS
from redistrict.report.map.spelling import spell_names
from redistrict.report.notice.content import Told
from redistrict.report.notice.drawing import Drawing
from redistrict.report.notice.words import INTRODUCTION, PAGE, PROCEDURE, TITLE, list_facts, list_steps, list_terms
from redistrict.report.offline import Raw, json_block, read_own, render_offline, write_page


def write_notice_page(path: Path, told: Told, drawing: Drawing) -> None:
    """Write the page; same notice, same bytes.

    Raises
    ------
    OutputError
        If it would load something from outside itself.
    """
    figure = Figure()
    figure.title = escape(f"{told.title} – {told.tell(TITLE)}")
    figure.header.add_child(Raw('<meta name="viewport" content="width=device-width, initial-scale=1">'), name="width")
    figure.header.add_child(Raw(f"<style>\n{read_own(__package__, 'page.css')}</style>"), name="style")
    figure.html.add_child(Raw(_write_body(told, drawing)), name="body")
    figure.html.add_child(json_block("notice", _pack(told, drawing)), name="data")
    shared = read_own("redistrict.report", "viewer.js") + read_own("redistrict.report.map", "match.js")
    figure.script.add_child(Raw(shared + read_own(__package__, "page.js")), name="script")
    write_page(path, render_offline(figure))


def write_head(told: Told) -> str:
    """Write title, warning, and the terms of the notice."""
    warning = f'<p class="warning">{escape(told.warning)}</p>' if told.warning else ""
    return (
        f"<header><h1>{escape(told.title)}</h1><p>{escape(told.tell(TITLE))}</p>{warning}</header>"
        f"{_write_terms(told, INTRODUCTION, list_terms(told))}"
    )


def write_procedure(told: Told) -> str:
    """Write the steps of the procedure; "" where none is spoken of."""
    steps = list_steps(told)
    return _write_terms(told, PROCEDURE, steps) if steps else ""


def _write_terms(told: Told, title: Message, terms: list[tuple[str, str]]) -> str:
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in terms)
    return f'<section class="terms"><p>{escape(told.tell(title))}</p><dl>{rows}</dl></section>'


def write_facts(told: Told, community: int) -> str:
    """Write what is said of a community."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in list_facts(told, community))
    return f"<dl>{rows}</dl>"


def _write_body(told: Told, drawing: Drawing) -> str:
    words = {key: escape(told.tell(word)) for key, word in PAGE.items()}
    cards = "".join(
        f'<article id="c{c}" hidden><h2>{escape(place.name)}</h2>{write_facts(told, c)}</article>'
        for c, place in enumerate(told.places)
    )
    zooms = (("0.5", "+"), ("2", "−"), ("0", words["whole"]))
    tools = "".join(f'<button type="button" data-zoom="{factor}">{sign}</button>' for factor, sign in zooms)
    return (
        f"{write_head(told)}{write_procedure(told)}"
        f'<main><section class="search"><label for="find">{words["find"]}</label>'
        f'<input id="find" type="search" autocomplete="off" aria-describedby="hint"><p id="hint">{words["hint"]}</p>'
        f'<ul id="found" aria-live="polite"></ul><p id="answer" role="status"></p>{cards}'
        f"<details><summary>{words['communities']}</summary>{_list_communities(told)}</details></section>"
        f'<section class="map"><p class="tools">{tools}<button type="button" id="print">{words["print"]}</button></p>'
        f"<figure>{drawing.draw_city(blocks=len(told.homes) <= MAX_OUTLINED_BLOCKS)}</figure></section></main>"
    )


def _list_communities(told: Told) -> str:
    """List all communities, under the names of their units such as streets where there are levels."""
    groups: dict[str, list[str]] = {}
    for c, place in enumerate(told.places):
        item = f'<li><button type="button" data-c="{c}">{escape(place.name)}</button></li>'
        groups.setdefault(place.group if place.unit else "", []).append(item)
    return "".join(
        f"{f'<h3>{escape(name)}</h3>' if name else ''}<ul>{''.join(items)}</ul>" for name, items in groups.items()
    )


def _pack(told: Told, drawing: Drawing) -> dict[str, object]:
    return {
        "words": {key: told.tell(word) for key, word in PAGE.items()},
        "language": told.language,
        "communities": [
            [place.name, [round(value) for value in drawing.view_of([c])]] for c, place in enumerate(told.places)
        ],
        "homes": [
            [home.name, home.key, home.community, home.before, told.tell(home.size) if home.size else ""]
            for home in told.homes
        ],
        "spelling": spell_names([place.name for place in told.places] + [home.name for home in told.homes]),
        "boxes": [drawing.box_of(b) for b in range(len(told.homes))],
    }
