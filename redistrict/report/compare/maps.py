"""The maps of the comparison as SVG: each plan coloured by size, and each two plans with what moves between them."""

from html import escape

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.messages import Message
from redistrict.report.compare.lines import Comparison, Pair
from redistrict.report.map.geometry import simplify
from redistrict.report.style import DEVIATION_SCALE, deviation_class
from redistrict.report.svg import trace_areas, trace_lines

Frame = tuple[float, float, float, float]
"""West and north end, width and height of all maps, in metres of the first result's CRS."""

_MARGIN_M = 200.0
THIN = 'vector-effect="non-scaling-stroke"'
"""As an attribute, for no rule of a style sheet reaches what `use` repeats."""
_UNKNOWN = "#eceae4"


def find_frame(shapes: NDArray[np.object_]) -> Frame:
    """Give the frame around all blocks, or their ground."""
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return west - _MARGIN_M, north + _MARGIN_M, east - west + 2 * _MARGIN_M, north - south + 2 * _MARGIN_M


def draw_side(comparison: Comparison, n: int, frame: Frame) -> str:
    """Draw the communities of one side, each with its name and deviation, and its outlines for `draw_difference`.

    Parameters
    ----------
    n : int
        Position of the side.
    frame : Frame
        The same for all maps of a page.
    """
    side = comparison.sides[n]
    shapes = simplify(side.areas.geometry.to_crs(comparison.blocks.crs))
    paths = trace_areas(shapes.to_numpy(), frame[:2])
    deviations = [np.nan if value is None else float(value) for value in side.areas["deviation"]]
    areas = "".join(
        f'<path d="{path}" fill="{_fill(share)}"><title>{escape(name)}{_percent(share)}</title></path>'
        for path, share, name in zip(paths, deviations, side.names, strict=True)
    )
    borders = trace_borders(shapes.to_numpy(), frame)
    outline = f'<g class="outline"><path id="outline-{n}" d="{borders}" {THIN}/></g>'
    return wrap_svg(frame, areas + outline + name_all(shapes, side.names, frame))


def draw_difference(comparison: Comparison, pair: Pair, frame: Frame) -> str:
    """Draw what moves between two plans, and above it the outlines of both."""
    first, second = (comparison.sides[n] for n in (pair.first, pair.second))
    moved = np.flatnonzero(pair.agreement.is_moved)
    a, b = (comparison.communities[n][moved] for n in (pair.first, pair.second))
    paths = np.array(trace_areas(simplify(comparison.blocks.geometry).to_numpy()[moved], frame[:2]), dtype=object)
    drawn = []
    for cell in sorted(set(zip(a.tolist(), b.tolist(), strict=True))):
        of_cell = (a == cell[0]) & (b == cell[1])
        n = int(of_cell.sum())
        text = Message(
            f"{first.names[cell[0]]} → {second.names[cell[1]]}: {n} blocks",
            f"{first.names[cell[0]]} → {second.names[cell[1]]}：{n} 个地块",
        )
        title = escape(text.in_language(comparison.language))
        drawn.append(f'<path class="moved" d="{"".join(paths[of_cell])}"><title>{title}</title></path>')
    outlines = "".join(
        f'<g class="outline {place}"><use href="#outline-{n}"/></g>'
        for place, n in (("first", pair.first), ("second", pair.second))
    )
    return wrap_svg(frame, "".join(drawn) + outlines)


def trace_borders(shapes: NDArray[np.object_], frame: Frame) -> str:
    """Give the borders of all shapes as path data; one that two shapes share is there once, so dashes stay dashes."""
    borders = shapely.line_merge(shapely.union_all(shapely.boundary(shapes)))
    return "".join(trace_lines(shapely.get_parts(borders), frame[:2]))


def wrap_svg(frame: Frame, content: str) -> str:
    """Give a map of the frame with this content."""
    return f'<svg class="map" viewBox="0 0 {frame[2]:.0f} {frame[3]:.0f}">{content}</svg>'


def name_all(shapes: gpd.GeoSeries, names: tuple[str, ...], frame: Frame) -> str:
    """Write each name inside its community, so small that it fits: the reader zooms in."""
    spots = shapely.get_coordinates(shapely.point_on_surface(shapes.to_numpy()))
    sizes_m = np.sqrt(shapely.area(shapes.to_numpy())) / np.maximum(6, [len(name) for name in names])
    return "".join(
        f'<text x="{x - frame[0]:.0f}" y="{frame[1] - y:.0f}" font-size="{size:.0f}">{escape(name)}</text>'
        for (x, y), size, name in zip(spots.tolist(), sizes_m.tolist(), names, strict=True)
    )


def _fill(share: float) -> str:
    found = deviation_class(share)
    return _UNKNOWN if found < 0 else DEVIATION_SCALE[found][1]


def _percent(share: float) -> str:
    return "" if np.isnan(share) else f" {share:+.1%}"
