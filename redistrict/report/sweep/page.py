"""sweep.html: all points on one page that needs no network; data enter it as escaped text only."""

from html import escape
from pathlib import Path

from redistrict.messages import Message
from redistrict.report.compare.page import STAR, Words, write_table
from redistrict.report.offline import read_own, write_plain_page
from redistrict.report.sweep.content import STATUS, Points
from redistrict.report.sweep.districts import KINDS, draw_districts
from redistrict.report.sweep.record import POINTS, State

_TITLE, _DISTRICTS = Message("Sweep", "参数遍历"), Message("All districts", "全域各区县")
_HINT = Message("a click on a district opens its map", "点击区县打开该区县的地图")
_BEST = Message("best of its column", "该列最优")
_MAP, _FOLDER = Message("map", "地图"), Message("all files", "全部文件")


def write_sweep_page(path: Path, points: Points) -> None:
    """Write the page; same points, same bytes.

    Raises
    ------
    OutputError
        If the page would load something from outside itself.
    """
    words = Words(points.record.language)
    styles = read_own("redistrict.report.compare", "page.css") + read_own(__package__, "page.css")
    write_plain_page(
        path,
        title=(_TITLE if points.districts is None else _DISTRICTS).in_language(words.language),
        style=styles,
        body=_write_body(points, words),
        script=read_own(__package__, "page.js"),
    )


def _write_body(points: Points, words: Words) -> str:
    record = points.record
    heads = [
        "",
        *(_write_key(points, key, words) for key in points.keys),
        words.say(STATUS),
        *(words.say(line.words) for line in points.lines),
    ]
    rows = [_write_row(points, n, words) for n in range(len(record.entries))]
    title = _TITLE if points.districts is None else _DISTRICTS
    parts = [
        f"<header>{words.switch()}<h1>{words.say(title + Message(': ', '：') + record.heading)}</h1>",
        f'<p class="warning">{words.say(record.label)}</p>' if record.label else "",
        f"</header><main><p>{words.say(points.messages()[0])}</p>",
        _write_map(points, words),
        f'<div class="wide">{write_table("points", heads, rows)}</div>',
        f'<p class="remark">{STAR} {words.say(_BEST)}</p>' if any(line.best for line in points.lines) else "",
        *(f'<p class="note">{words.say(note)}</p>' for note in points.notes),
        "</main>",
    ]
    return "".join(parts)


def _write_key(points: Points, key: Message, words: Words) -> str:
    """Write what a column of values is called: a key as code that may be broken at its dots, else a word."""
    if points.districts is not None:
        return words.say(key)
    return f"<code>{escape(key.en).replace('.', '.<wbr>')}</code>"


def _write_map(points: Points, words: Words) -> str:
    """Draw the districts of a province, each a link to its own map."""
    if points.districts is None:
        return ""
    kinds = [points.find_kind(n) for n in range(len(points.plans))]
    links = [f"{POINTS}/{entry.folder}/map.html" if entry.folder else "" for entry in points.record.entries]
    legend = "".join(
        f'<li><i style="background:{colour}"></i>{words.say(name)}</li>'
        for kind, (name, colour) in KINDS.items()
        if kind in kinds
    )
    drawn = draw_districts(points.districts, kinds, links, words.language)
    return f'<figure>{drawn}</figure><ul class="legend">{legend}</ul><p class="remark">{words.say(_HINT)}</p>'


def _write_row(points: Points, n: int, words: Words) -> str:
    entry = points.record.entries[n]
    cells = [f"<td>{words.say(value)}</td>" for value in points.list_values(n)]
    cells.append(f'<td class="outcome">{words.say(points.say_status(n))}</td>')
    if entry.state is not State.DONE:
        reasons = "".join(f"<p>{words.say(reason)}</p>" for reason in entry.reasons)
        cells.append(f'<td class="reasons" colspan="{len(points.lines)}">{reasons}</td>')
        return f'<tr class="without"><th>{entry.point}</th>{"".join(cells)}</tr>'
    place = f"{POINTS}/{escape(entry.folder)}"
    links = f'<a href="{place}/map.html">{words.say(_MAP)}</a> <a href="{place}/">{words.say(_FOLDER)}</a>'
    for line in points.lines:
        shown = words.show(line.values[n], line)
        cells.append(f'<td class="best">{STAR} {shown}</td>' if n in line.best else f"<td>{shown}</td>")
    return f"<tr><th>{entry.point} <small>{links}</small></th>{''.join(cells)}</tr>"
