"""compare.html: the comparison as one page that needs no network; data enter it as escaped text only."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from redistrict.messages import Language, Message
from redistrict.report.compare.lines import Comparison, Line, Pair, as_text
from redistrict.report.compare.maps import Frame, draw_difference, draw_side, find_frame
from redistrict.report.compare.partitions import Change
from redistrict.report.compare.sides import Value
from redistrict.report.offline import read_own, write_plain_page
from redistrict.report.style import DEVIATION_SCALE

_TITLE = Message("Plans compared", "方案比选")
BEST = Message("best of its row", "该行最优")
_BANDS = Message("Communities by households", "社区户数规模")
_MAPS = Message("Maps: size against the target", "地图：规模与目标之差")
_MOVED = Message("residents in another community", "所属社区不同的居民")
_HINT = Message("drag to move; all maps move together", "拖动可移动，各图同步")
STAR = "★"
_CHANGE_HEADS = (
    Message("blocks kept", "保留地块"),
    Message("left", "划出"),
    Message("joined", "划入"),
    Message("residents kept", "保留居民"),
    Message("left", "划出"),
    Message("joined", "划入"),
)


def write_compare_page(path: Path, comparison: Comparison) -> None:
    """Write the page; same comparison, same bytes.

    Raises
    ------
    OutputError
        If the page would load something from outside itself.
    """
    write_plain_page(
        path,
        title=_TITLE.in_language(comparison.language),
        style=read_own(__package__, "page.css"),
        body=_write_body(comparison),
        script=read_own(__package__, "page.js"),
    )


def _write_body(comparison: Comparison) -> str:
    words = Words(comparison.language)
    frame = find_frame(comparison.blocks.geometry.to_numpy())
    heads = [words.say(name) for name in comparison.names]
    maps = (draw_side(comparison, n, frame) for n in range(len(heads)))
    figures = (
        f"<figure><figcaption>{head}</figcaption>{drawn}</figure>" for head, drawn in zip(heads, maps, strict=True)
    )
    parts = [
        f"<header>{words.switch()}<h1>{words.say(_TITLE)}</h1>",
        *(f'<p class="warning">{words.say(label)}</p>' for label in comparison.labels),
        "</header><main>",
        write_lines(comparison.lines, heads, words),
        f'<p class="remark">{STAR} {words.say(BEST)}</p>',
        *(f'<p class="note">{words.say(note)}</p>' for note in comparison.notes),
        _write_bands(comparison.bands, heads, words),
        f"<h2>{words.say(_MAPS)}</h2>{write_tools(words)}{_write_scale()}",
        f'<div class="maps">{"".join(figures)}</div>',
        *(_write_pair(comparison, pair, frame, words) for pair in comparison.pairs),
        "</main>",
    ]
    return "".join(parts)


class Words:
    """How the page speaks: in one language, or in both, of which the reader sees one at a time."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def say(self, words: Message) -> str:
        """Give a sentence as markup."""
        if self.language != "both" or words.zh == words.en:
            return escape(words.in_language(self.language))
        return (
            f'<span class="zh" lang="zh">{escape(words.zh)}</span><span class="en" lang="en">{escape(words.en)}</span>'
        )

    def show(self, value: Value, line: Line) -> str:
        """Give a value as markup."""
        return self.say(value) if isinstance(value, Message) else escape(as_text(value, line.form, self.language))

    def switch(self) -> str:
        """Give the buttons that choose the language."""
        if self.language != "both":
            return ""
        return (
            '<p class="languages"><button type="button" data-language="zh">中文</button>'
            '<button type="button" data-language="en">English</button></p>'
        )


def write_lines(lines: Sequence[Line], heads: Sequence[str], words: Words) -> str:
    """Write the table of what the plans add up to."""

    def cell(line: Line, n: int, value: Value) -> str:
        shown = words.show(value, line)
        return f'<td class="best">{STAR} {shown}</td>' if n in line.best else f"<td>{shown}</td>"

    rows = [
        f'<tr data-key="{escape(line.key)}"><th>{words.say(line.words)}</th>'
        f"{''.join(cell(line, n, value) for n, value in enumerate(line.values))}</tr>"
        for line in lines
    ]
    return write_table("lines", ["", *heads], rows)


def _write_bands(bands: Sequence[Line], heads: Sequence[str], words: Words) -> str:
    """Draw how many communities fall into each size band, as bars."""
    if not bands:
        return ""
    most = max(int(as_text(value, "code", "en")) for line in bands for value in line.values)
    rows = [
        f"<tr><th>{words.say(line.words)}</th>"
        + "".join(
            f'<td class="bar"><i style="width:{60 * int(as_text(value, "code", "en")) / max(1, most):.0f}%"></i>'
            f"{words.show(value, line)}</td>"
            for value in line.values
        )
        + "</tr>"
        for line in bands
    ]
    return f"<h2>{words.say(_BANDS)}</h2>{write_table('bands', ['', *heads], rows)}"


def _write_pair(comparison: Comparison, pair: Pair, frame: Frame, words: Words) -> str:
    """Write what differs between two plans: a sentence, the map, and the communities."""
    first, second = (words.say(comparison.names[n]) for n in (pair.first, pair.second))
    changes = pair.agreement.changes
    title = words.say(Message(f"Communities that differ ({len(changes)})", f"有变化的社区（{len(changes)}）"))
    heads = [first, second, *map(words.say, _CHANGE_HEADS)]
    rows = [_write_change(comparison, pair, change) for change in changes]
    legend = (("moved", words.say(_MOVED)), ("first", first), ("second", second))
    entries = "".join(f'<li><i class="{mark}"></i>{text}</li>' for mark, text in legend)
    return (
        f"<section><h2>{first} ↔ {second}</h2><p>{words.say(comparison.say_agreement(pair))}</p>"
        f'{write_tools(words)}<ul class="legend">{entries}</ul>'
        f"<figure>{draw_difference(comparison, pair, frame)}</figure>"
        f"<details><summary>{title}</summary>{write_table('changes', heads, rows)}</details></section>"
    )


def _write_change(comparison: Comparison, pair: Pair, change: Change) -> str:
    sides = (comparison.sides[pair.first], comparison.sides[pair.second])
    names = (
        escape(side.names[c]) if c >= 0 else "–" for side, c in zip(sides, (change.first, change.second), strict=True)
    )
    cells = [*(f"<th>{name}</th>" for name in names), *(f"<td>{count:,}</td>" for count in change.counts)]
    return f"<tr>{''.join(cells)}</tr>"


def write_table(name: str, heads: Iterable[str], rows: Iterable[str]) -> str:
    """Write a table of ready cells."""
    head = "".join(f"<th>{text}</th>" for text in heads)
    return f'<table class="{name}"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def write_tools(words: Words) -> str:
    """Write the buttons that zoom all maps."""
    zooms = (("0.5", "+"), ("2", "−"), ("0", "⤢"))
    buttons = "".join(f'<button type="button" data-zoom="{factor}">{sign}</button>' for factor, sign in zooms)
    return f'<p class="tools">{buttons} {words.say(_HINT)}</p>'


def _write_scale() -> str:
    entries = (f'<li><i style="background:{fill}"></i>{escape(label)}</li>' for label, fill in DEVIATION_SCALE)
    return f'<ul class="legend">{"".join(entries)}</ul>'
