"""front.html: the plans of a front as points and as a table, on one page that needs no network."""

from html import escape
from pathlib import Path

from redistrict.messages import Language, Message
from redistrict.report.compare.lines import Line, as_text
from redistrict.report.compare.page import Words, write_table
from redistrict.report.front.axes import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Axis, draw_level, draw_upright
from redistrict.report.front.content import KNEE, PLAN, Front, place_of
from redistrict.report.offline import read_own, write_plain_page

_TITLE = Message("Trade-off front", "权衡前沿")
_MAP, _FOLDER = Message("map", "地图"), Message("all files", "全部文件")
_HINT = Message(
    "Each point is a plan: click on it for its map. Left and low is better in both.",
    "每个点是一个方案，点击可打开其地图。越靠左下越好。",
)
_KNEE_SAYS = Message(
    "Red: the knee. Beyond it, a little less of one measure costs much more of the other.",
    "红色为拐点：越过此处，一项指标略有改善，另一项就要付出大得多的代价。",
)
_TABLE = "redistrict.report.sweep"
"""Whose look the table has."""


def write_front_page(path: Path, found: Front) -> None:
    """Write the page; same plans, same bytes.

    Raises
    ------
    OutputError
        If the page would load something from outside itself.
    """
    words = Words(found.scenario.output.language)
    write_plain_page(
        path,
        title=_TITLE.in_language(words.language),
        style="".join(read_own(room, "page.css") for room in ("redistrict.report.compare", _TABLE, __package__)),
        body=_write_body(found, words),
        script="".join(read_own(room, "page.js") for room in (_TABLE, __package__)),
    )


def _write_body(found: Front, words: Words) -> str:
    label = found.scenario.data.label
    price, *others = found.axes
    heads = [words.say(PLAN), *(words.say(line.words) for line in found.lines)]
    rows = [_write_row(found, n, words) for n in range(found.n_plans)]
    figures = (
        f"<figure><figcaption>↑ {words.say(price.words)}<br>→ {words.say(line.words)}</figcaption>"
        f"{_draw(found, line, price, words)}</figure>"
        for line in others
    )
    return "".join(
        [
            f"<header>{words.switch()}<h1>{words.say(_TITLE + Message(': ', '：') + found.scenario.heading)}</h1>",
            f'<p class="warning">{words.say(label.message)}</p>' if label else "",
            "</header><main>",
            *(f"<p>{words.say(message)}</p>" for message in found.messages()),
            f'<p class="remark">{words.say(_HINT)} {words.say(_KNEE_SAYS) if found.knee is not None else ""}</p>',
            f'<div class="plots">{"".join(figures)}</div>',
            f'<div class="wide">{write_table("points", heads, rows)}</div>',
            "</main>",
        ]
    )


def _write_row(found: Front, n: int, words: Words) -> str:
    place, is_knee = place_of(n), n == found.knee
    links = f'<a href="{place}/map.html">{words.say(_MAP)}</a> <a href="{place}/">{words.say(_FOLDER)}</a>'
    mark = f" {words.say(KNEE)}" if is_knee else ""
    cells = "".join(f"<td>{words.show(line.values[n], line)}</td>" for line in found.lines)
    kind = ' class="knee"' if is_knee else ""
    return f'<tr data-plan="{place}"{kind}><th>{place}{mark} <small>{links}</small></th>{cells}</tr>'


def _draw(found: Front, across: Line, up: Line, words: Words) -> str:
    """Draw the plans by two measures; a least compactness is drawn from the right, for more of it is better."""
    x, y = Axis(across, LEFT, WIDTH - RIGHT), Axis(up, HEIGHT - BOTTOM, TOP)
    places = [(x.place(n), y.place(n)) for n in range(found.n_plans)]
    order = sorted(range(found.n_plans), key=lambda n: places[n])
    line = " ".join(f"{places[n][0]:.1f},{places[n][1]:.1f}" for n in order)
    joined = f'<polyline points="{line}"/>' if len(found.axes) == 2 else ""
    axes = "".join([*draw_upright(x, words), *draw_level(y, words)])
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="group">{axes}{joined}'
        + "".join(_draw_point(found, n, *places[n], words) for n in range(found.n_plans))
        + "</svg>"
    )


def _draw_point(found: Front, n: int, x: float, y: float, words: Words) -> str:
    place = place_of(n)
    kind = ' class="knee"' if n == found.knee else ""
    return (
        f'<a href="{place}/map.html" data-plan="{place}"{kind}><title>{escape(_say_point(found, n, words))}</title>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7"/>'
        f'<text class="start" x="{x + 10:.1f}" y="{y - 10:.1f}">{place}</text></a>'
    )


def _say_point(found: Front, n: int, words: Words) -> str:
    language: Language = "zh" if words.language == "both" else words.language
    said = (f"{line.words.in_language(language)} {as_text(line.values[n], line.form, language)}" for line in found.axes)
    return f"{place_of(n)}: {', '.join(said)}"
