"""ensemble.html: where the plan stands in each measure, and its borders among those drawn; it needs no network."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from redistrict.messages import Message
from redistrict.report.compare.lines import Line
from redistrict.report.compare.page import Words, write_table, write_tools
from redistrict.report.ensemble.borders import BANDS, draw_borders
from redistrict.report.ensemble.content import PLAN, Ensemble, Standing, place_of
from redistrict.report.front.axes import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Axis, draw_upright
from redistrict.report.offline import read_own, write_plain_page

_TITLE = Message("Where the plan stands among plans drawn at random", "方案在随机方案中的位置")
_CHAINS = Message(
    "Grey lines: the plans drawn, one line a chain; where the lines agree, the chains do. Red: the plan.",
    "灰线为随机方案的分布，每条链一条线；各线重合说明各链一致。红线为本方案。",
)
_LAST = Message(
    "The last plan of each chain, to see what the plans drawn look like:", "各链的最后一个方案，可查看随机方案的样子："
)
_MAP = Message("How many of the plans drawn have a border here", "随机方案中在此处设界的占比")
_OWN_BORDER = Message("border of the plan", "本方案的社区边界")
_NEIGHBOURS = Message(
    "neighbours.csv tells of each pair of neighbours how often they lie in one community; plans.csv holds the measures "
    "of every plan drawn.",
    "neighbours.csv 列出每对相邻地块同属一个社区的占比；plans.csv 列出每个随机方案的各项指标。",
)
_N_BINS = 40


def write_ensemble_page(path: Path, found: Ensemble) -> None:
    """Write the page; same sample, same bytes.

    Raises
    ------
    OutputError
        If the page would load something from outside itself.
    """
    words = Words(found.scenario.output.language)
    rooms = ("redistrict.report.compare", "redistrict.report.sweep", "redistrict.report.front", __package__)
    write_plain_page(
        path,
        title=_TITLE.in_language(words.language),
        style="".join(read_own(room, "page.css") for room in rooms),
        body="".join(_write_body(found, words)),
        script=read_own("redistrict.report.compare", "page.js"),
    )


def _write_body(found: Ensemble, words: Words) -> Iterator[str]:
    label = found.scenario.data.label
    yield f"<header>{words.switch()}<h1>{words.say(_TITLE + Message(': ', '：') + found.scenario.heading)}</h1>"
    yield f'<p class="warning">{words.say(label.message)}</p>' if label else ""
    yield "</header><main>"
    yield from (f"<p>{words.say(message)}</p>" for message in found.messages())
    heads = [words.say(head) for head in found.heads]
    yield f'<div class="wide">{write_table("points", heads, _write_rows(found, words))}</div>'
    yield f'<p class="remark">{words.say(_CHAINS)}</p><div class="plots">'
    for one in found.standings:
        drawn = _draw_standing(one, words) if one.convergence.is_enough else f"<p>{words.say(one.say())}</p>"
        yield f"<figure><figcaption>{words.say(one.words)}</figcaption>{drawn}</figure>"
    links = " ".join(
        f'<a href="{place}/map.html">{place}</a>' for place in [PLAN, *map(place_of, range(found.n_chains))]
    )
    yield f'</div><p class="remark">{words.say(_LAST)} {links}</p>'
    yield f'<h2>{words.say(_MAP)}</h2>{write_tools(words)}<ul class="legend">'
    for number, (low, high) in enumerate(pairwise(BANDS)):
        yield f'<li><i class="band band-{number}"></i>{low:.0%} – {high:.0%}</li>'
    yield f'<li><i class="own"></i>{words.say(_OWN_BORDER)}</li></ul><figure>{draw_borders(found)}</figure>'
    yield f'<p class="remark">{words.say(_NEIGHBOURS)}</p></main>'


def _write_rows(found: Ensemble, words: Words) -> Iterator[str]:
    _, rows = found.table("en")  # figures alone, but for the first
    for one, (_, *cells) in zip(found.standings, rows, strict=True):
        yield f"<tr><th>{words.say(one.words)}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _draw_standing(one: Standing, words: Words) -> str:
    """Draw the distribution of each chain, and where the plan stands; the better to the left."""
    line = Line(one.measure.value, one.words, one.form, (float(one.values.min()), float(one.values.max()), one.own))
    x, base = Axis(line, LEFT, WIDTH - RIGHT), HEIGHT - BOTTOM
    low, high = float(one.values.min()), float(one.values.max())
    counts, edges = [], np.linspace(low, max(high, low + 1e-9), _N_BINS + 1)
    for chain in one.values:
        counts.append(np.histogram(chain, edges)[0])
    most = max(int(count.max()) for count in counts)
    steps = []
    for count in counts:
        places = [f"{x.at(edges[0]):.1f},{base}"]
        for n, (left, right) in enumerate(pairwise(edges.tolist())):
            y = base - (base - TOP) * 0.92 * int(count[n]) / most
            places += [f"{x.at(left):.1f},{y:.1f}", f"{x.at(right):.1f},{y:.1f}"]
        steps.append(f'<polyline class="chain" points="{" ".join([*places, f"{x.at(edges[-1]):.1f},{base}"])}"/>')
    at = x.place(2)
    anchor = "start" if at < WIDTH / 2 else "end"
    own = (
        f'<line class="plan" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{base}"/>'
        f'<text class="{anchor}" x="{at + (6 if anchor == "start" else -6):.1f}" y="{TOP + 8}">'
        f"{words.show(one.own, line)}</text>"
    )
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}">{"".join([*draw_upright(x, words), *steps])}{own}</svg>'
