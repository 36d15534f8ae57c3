"""The page of findings: sentences, a map of the blocks and what is odd, and a table whose rows zoom to their place.

Names are text: everything that comes from the data is escaped, and nothing of it enters a script.
"""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import numpy as np
import shapely
from branca.element import Figure

from redistrict.errors import OutputError
from redistrict.geo.findings import Examination, Finding
from redistrict.messages import Language, Message, name_some
from redistrict.report.offline import Raw, read_own, render_offline, write_page
from redistrict.report.svg import trace_areas

_TITLE = Message("What was found in the data", "数据检查结果")
_HINT = Message(
    "drag to move, turn the wheel to zoom; click on a row to go to its place",
    "拖动可移动，滚轮可缩放；点击表中的行可定位",
)
_NONE = Message("Nothing odd in the shapes of the blocks.", "地块图形未发现异常。")
_SEVERITY = {
    "error": Message("error", "错误"),
    "warning": Message("warning", "警告"),
    "note": Message("note", "提示"),
}
_HEADS = (
    Message("severity", "程度"),
    Message("blocks", "地块"),
    Message("what", "问题"),
    Message("width or distance (m)", "宽度或距离（米）"),
    Message("area (m²)", "面积（平方米）"),
)
_AROUND_M = 20.0
"""What is seen around a place at least."""


def write_findings(
    path: Path,
    title: Message,
    examination: Examination,
    problems: Sequence[Message],
    notes: Sequence[Message],
    *,
    language: Language,
) -> None:
    """Write the page as one HTML file that loads nothing; same findings, same bytes.

    Parameters
    ----------
    problems, notes : sequence of Message
        What is said besides: why there can be no plan, and what was chosen or lost.

    Raises
    ------
    OutputError
        If the file cannot be written, or is not called like a page: it may be one of the user's.
    """
    if path.suffix.lower() not in {".html", ".htm"}:
        raise OutputError(
            Message(f"{path}: a page of findings must end in .html.", f"{path}：检查结果的文件名须以 .html 结尾。")
        )
    figure = Figure()
    figure.title = escape(_TITLE.in_language(language))
    figure.header.add_child(Raw(f"<style>\n{read_own(__package__, 'page.css')}</style>"), name="style")
    said = [("error", message) for message in problems] + [("note", message) for message in notes]
    items = "".join(f'<li class="{kind}">{escape(message.in_language(language))}</li>' for kind, message in said)
    head = f"<header><h1>{escape((title + Message(': ', '：') + _TITLE).in_language(language))}</h1></header>"
    content = "".join(_write_content(examination, language))
    figure.html.add_child(Raw(f"{head}<main><ul>{items}</ul>{content}</main>"), name="body")
    if len(examination.blocks):
        scripts = read_own("redistrict.report", "viewer.js") + read_own(__package__, "page.js")
        figure.script.add_child(Raw(scripts), name="script")
    try:
        write_page(path, render_offline(figure))
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(Message(f"{path} cannot be written: {reason}.", f"无法写入 {path}：{reason}。")) from error


def _write_content(examination: Examination, language: Language) -> Iterator[str]:
    """Give the map and the table."""
    shapes, findings = np.asarray(examination.blocks.geometry, dtype=object), examination.findings
    if not len(shapes):
        return
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    corner = (west - _AROUND_M, north + _AROUND_M)
    size = f"{east - west + 2 * _AROUND_M:.0f} {north - south + 2 * _AROUND_M:.0f}"
    zooms = (("0.5", "+"), ("2", "−"), ("0", "⤢"))
    buttons = "".join(f'<button type="button" data-zoom="{factor}">{sign}</button>' for factor, sign in zooms)
    yield f'<p class="tools">{buttons} {escape(_HINT.in_language(language))}</p><figure><svg viewBox="0 0 {size}">'
    paths = trace_areas(shapely.simplify(shapes, 0.3), corner, digits=1)
    for block, path in zip(examination.blocks["id"], paths, strict=True):
        yield f'<path class="block" d="{path}"><title>{escape(str(block))}</title></path>'
    places = np.array([one.place for one in findings], dtype=object)
    for finding, path, spot in zip(
        findings, trace_areas(places, corner, digits=2), shapely.point_on_surface(places), strict=True
    ):
        title = escape(f"{name_some(finding.blocks).in_language(language)}: {finding.what.in_language(language)}")
        dot = f"M{spot.x - corner[0]:.2f} {corner[1] - spot.y:.2f}h0"
        yield f'<g class="{finding.severity}"><path class="place" d="{path}"><title>{title}</title></path>'
        yield f'<path class="spot" d="{dot}"/></g>'
    yield "</svg></figure>"
    if not findings:
        yield f"<p>{escape(_NONE.in_language(language))}</p>"
        return
    heads = "".join(f"<th>{escape(head.in_language(language))}</th>" for head in _HEADS)
    rows = "".join(_write_row(finding, corner, language) for finding in findings)
    yield f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _write_row(finding: Finding, corner: tuple[float, float], language: Language) -> str:
    west, south, east, north = finding.place.bounds
    room = max(_AROUND_M, east - west, north - south)
    view = (west - room - corner[0], corner[1] - north - room, east - west + 2 * room, north - south + 2 * room)
    box = " ".join(f"{value:.2f}" for value in view)
    numbers = ("" if value is None else f"{value:,.1f}" for value in (finding.metres, finding.area_m2))
    cells = (
        f'<td class="{finding.severity}">{escape(_SEVERITY[finding.severity].in_language(language))}</td>',
        f"<td>{escape(name_some(finding.blocks).in_language(language))}</td>",
        f"<td>{escape(finding.what.in_language(language))}</td>",
        *(f'<td class="number">{number}</td>' for number in numbers),
    )
    return f'<tr tabindex="0" data-view="{box}">{"".join(cells)}</tr>'
