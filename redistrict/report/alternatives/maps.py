"""The small maps: the communities of each plan, and the blocks that are elsewhere in the first plan."""

from html import escape

import numpy as np

from redistrict.messages import Message
from redistrict.report.alternatives.content import Alternatives
from redistrict.report.compare.maps import THIN, Frame, name_all, trace_borders, wrap_svg
from redistrict.report.map.geometry import simplify
from redistrict.report.svg import trace_areas


def draw_alternative(found: Alternatives, n: int, frame: Frame) -> str:
    """Draw the communities of the plan of a position, what it changes, and those of the first that it changes.

    Parameters
    ----------
    frame : Frame
        The same for all maps of a page.
    """
    side = found.comparison.sides[n]
    shapes = simplify(side.areas.geometry.to_crs(found.comparison.blocks.crs))
    areas = "".join(
        f'<path class="area" d="{path}"><title>{escape(name)}</title></path>'
        for path, name in zip(trace_areas(shapes.to_numpy(), frame[:2]), side.names, strict=True)
    )
    own = f'<path class="outline" d="{trace_borders(shapes.to_numpy(), frame)}" {THIN}/>'
    return wrap_svg(frame, areas + _mark_changed(found, n, frame) + own + name_all(shapes, side.names, frame))


def _mark_changed(found: Alternatives, n: int, frame: Frame) -> str:
    comparison, changed = found.comparison, np.flatnonzero(found.matchings[n].is_changed)
    first, own = (comparison.sides[i].names for i in (0, n))
    paths = np.array(trace_areas(simplify(comparison.blocks.geometry).to_numpy()[changed], frame[:2]), dtype=object)
    pairs = comparison.communities[[0, n]][:, changed].T
    drawn = []
    for a, b in np.unique(pairs, axis=0).tolist():
        of_pair = (pairs == (a, b)).all(axis=1)
        text = Message(
            f"{own[b]}; in plan 1: {first[a]}; {int(of_pair.sum())} blocks",
            f"{own[b]}；方案 1：{first[a]}；{int(of_pair.sum())} 个地块",
        )
        title = escape(text.in_language(comparison.language))
        drawn.append(f'<path class="moved" d="{"".join(paths[of_pair])}"><title>{title}</title></path>')
    before = simplify(comparison.sides[0].areas.geometry.to_crs(comparison.blocks.crs)).to_numpy()[
        np.unique(pairs[:, 0])
    ]
    borders = trace_borders(before, frame) if before.size else ""
    return "".join([*drawn, f'<path class="outline first" d="{borders}" {THIN}/>'])
