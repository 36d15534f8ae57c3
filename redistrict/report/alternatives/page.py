"""alternatives.html: all plans on one page that needs no network; data enter it as escaped text only."""

from collections.abc import Iterable
from pathlib import Path

from redistrict.messages import Message
from redistrict.report.alternatives.content import Alternatives
from redistrict.report.alternatives.maps import draw_alternative
from redistrict.report.alternatives.words import list_differences, list_moves
from redistrict.report.compare.maps import Frame, find_frame
from redistrict.report.compare.page import BEST, STAR, Words, write_lines, write_table, write_tools
from redistrict.report.offline import read_own, write_plain_page

_TITLE = Message("Alternatives", "备选方案")
_MAP, _FOLDER = Message("map", "地图"), Message("all files", "全部文件")
_MOVES = Message("The largest changes against plan 1", "与方案 1 相比的主要调整")
_LEGEND = (
    ("moved", Message("in another community than in plan 1", "所属社区与方案 1 不同")),
    ("own", Message("borders of the plan", "本方案边界")),
    ("first", Message("borders of plan 1 that change", "有调整的方案 1 社区边界")),
)
_APART = Message("Residents who change community from one plan to another", "各方案之间所属社区不同的居民占比")
_COUNTED = Message(
    "Counted so that as few change as can be: communities are matched by the residents they have in common, whatever "
    "their names. redistrict compare goes by who continues whom, and may count a few more.",
    "计数方法：不论名称，按共同居民最多的方式将两方案的社区一一对应，其余居民计为不同。"
    "redistrict compare 按社区沿革计数，结果可能略多。",
)


def write_alternatives_page(path: Path, found: Alternatives) -> None:
    """Write the page; same plans, same bytes.

    Raises
    ------
    OutputError
        If the page would load something from outside itself.
    """
    words = Words(found.comparison.language)
    styles = read_own("redistrict.report.compare", "page.css") + read_own(__package__, "page.css")
    write_plain_page(
        path,
        title=_TITLE.in_language(words.language),
        style=styles,
        body=_write_body(found, words),
        script=read_own("redistrict.report.compare", "page.js"),
    )


def _write_body(found: Alternatives, words: Words) -> str:
    comparison, frame = found.comparison, find_frame(found.comparison.blocks.geometry.to_numpy())
    heading = _TITLE + Message(": ", "：") + comparison.sides[0].scenario.heading
    heads = [f'<a href="{n}/map.html">{words.say(name)}</a>' for n, name in enumerate(comparison.names, start=1)]
    legend = "".join(f'<li><i class="{mark}"></i>{words.say(text)}</li>' for mark, text in _LEGEND)
    return "".join(
        [
            f"<header>{words.switch()}<h1>{words.say(heading)}</h1>",
            *(f'<p class="warning">{words.say(label)}</p>' for label in comparison.labels),
            "</header><main>",
            *(f"<p>{words.say(message)}</p>" for message in found.messages()),
            write_lines(comparison.lines, heads, words),
            f'<p class="remark">{STAR} {words.say(BEST)}</p>{write_tools(words)}<ul class="legend">{legend}</ul>',
            f'<div class="plans">{"".join(_write_plans(found, frame, words))}</div>',
            *_write_distances(found, words),
            f'<p class="remark">{words.say(_COUNTED)}</p></main>',
        ]
    )


def _write_plans(found: Alternatives, frame: Frame, words: Words) -> Iterable[str]:
    """Write for each plan its map, what it does otherwise, and where its files are."""
    for n, name in enumerate(found.comparison.names):
        said = "".join(f"<li>{words.say(message)}</li>" for message in list_differences(found, n))
        moves = "".join(f"<li>{words.say(message)}</li>" for message in list_moves(found, n))
        yield (
            f'<section class="plan"><h2>{words.say(name)} <small><a href="{n + 1}/map.html">{words.say(_MAP)}</a> '
            f'<a href="{n + 1}/">{words.say(_FOLDER)}</a></small></h2>'
            f"<figure>{draw_alternative(found, n, frame)}</figure><ul>{said}</ul>"
            + (f"<h3>{words.say(_MOVES)}</h3><ul>{moves}</ul></section>" if moves else "</section>")
        )


def _write_distances(found: Alternatives, words: Words) -> Iterable[str]:
    names = [words.say(name) for name in found.comparison.names]
    rows = []
    for a, (name, shares) in enumerate(zip(names, found.apart.tolist(), strict=True)):
        cells = ("–" if a == b else f"{share:.1%}" for b, share in enumerate(shares))
        rows.append(f"<tr><th>{name}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    if found.n_plans > 1:
        yield f"<h2>{words.say(_APART)}</h2>{write_table('lines', ['', *names], rows)}"
