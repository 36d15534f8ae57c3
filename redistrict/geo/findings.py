"""Findings: what is odd about the shapes of the blocks, each with its place, for a list and a map.

Unlike `read_blocks` this refuses nothing but a layer that cannot be read: whoever mends data wants all of it at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.metric import choose_metric_crs, to_metric
from redistrict.geo.overlaps import find_overlaps
from redistrict.geo.parts import find_far_parts
from redistrict.geo.repair import repair_polygons
from redistrict.geo.source import read_source
from redistrict.geo.tables import as_text, repeated_keys
from redistrict.messages import Message
from redistrict.scenario.sources import Data

Severity = Literal["error", "warning", "note"]
Shapes = NDArray[np.object_]

_KEY = "data.blocks"
_SLIVER_M = 2.0
"""Ground of nobody between blocks, narrower than this throughout, is a slip of the hand."""


@dataclass(frozen=True, eq=False)
class Finding:
    """One thing to look at: how bad it is, which blocks it is about, how wide and large it is, and where.

    `error` is what `run` refuses, `warning` what can be used but is probably wrong, `note` what is harmless or mended.
    """

    severity: Severity
    what: Message
    blocks: tuple[str, ...]
    metres: float | None
    area_m2: float | None
    place: shapely.Geometry


@dataclass(frozen=True, eq=False)
class Examination:
    """The blocks that have a shape, as polygons in metres with their `id`, and what is odd about them, worst first."""

    blocks: gpd.GeoDataFrame
    findings: tuple[Finding, ...]


def examine_blocks(data: Data) -> Examination:
    """Look at the shapes of all blocks.

    Raises
    ------
    DataError
        If the layer, its column of keys or its coordinate system cannot be read.
    """
    column = data.blocks.columns.id
    raw = read_source(data.blocks, [column], key=_KEY, notes=[])
    is_area = shapely.get_dimensions(np.asarray(raw.geometry, dtype=object)) == 2
    raw = raw[is_area & ~raw.geometry.is_empty].reset_index(drop=True)
    if raw.empty:
        return Examination(gpd.GeoDataFrame({"id": []}, geometry=[], crs=raw.crs), ())
    crs, _ = choose_metric_crs(raw, data.crs)
    drawn = np.asarray(to_metric(raw, crs, key=_KEY).geometry, dtype=object)
    ids = as_text(raw[column])
    shapes, _ = repair_polygons(drawn, ids)
    shared = [*_find_repeated(shapes, ids), *_find_shared(shapes, ids)]
    if data.repair == "mend":
        shared = [replace(one, severity="note") for one in shared]
    found = [
        *shared,
        *_find_apart(shapes, ids),
        *_find_slivers(shapes, ids),
        *_find_invalid(drawn, shapes, ids),
    ]
    order: tuple[Severity, ...] = ("error", "warning", "note")
    found.sort(key=lambda one: (order.index(one.severity), -(one.area_m2 or 0)))
    return Examination(gpd.GeoDataFrame({"id": ids}, geometry=shapes, crs=crs), tuple(found))


def _find_repeated(shapes: Shapes, ids: NDArray[np.object_]) -> Iterator[Finding]:
    what = Message("one key on several shapes", "一个编号对应多个图形")
    for key in repeated_keys(ids):
        place = shapely.union_all(shapes[ids == key])
        yield Finding("error", what, (key,), None, float(place.area), place)


def _find_shared(shapes: Shapes, ids: NDArray[np.object_]) -> Iterator[Finding]:
    """Give pairs of blocks on the same ground, and outlines drawn around several, with the ground they share."""
    found = find_overlaps(shapes)
    twins = Message("drawn on the same ground", "图形重合")
    plain = Message("lie on each other", "相互重叠")
    for n in np.flatnonzero(found.is_twin | found.is_plain):
        pair, ground = sorted((str(ids[found.small[n]]), str(ids[found.large[n]]))), found.ground[n]
        severity: Severity = "error" if found.is_twin[n] else "warning"
        what = twins if found.is_twin[n] else plain
        yield Finding(severity, what, tuple(pair), _width_m(ground), float(ground.area), ground)
    for i in found.outlines:
        held = [str(ids[j]) for j in found.small[found.is_covered & (found.large == i)]]
        what = Message(f"the outline of {len(held)} other blocks", f"{len(held)} 个其他地块的外轮廓")
        yield Finding("error", what, (str(ids[i]), *held), None, float(shapes[i].area), shapes[i])


def _find_apart(shapes: Shapes, ids: NDArray[np.object_]) -> Iterator[Finding]:
    for block, n_places, gap_m in find_far_parts(shapes):
        what = Message(f"lies in {n_places} places", f"分处 {n_places} 地")
        yield Finding("warning", what, (str(ids[block]),), gap_m, None, shapes[block])


def _find_slivers(shapes: Shapes, ids: NDArray[np.object_]) -> Iterator[Finding]:
    """Give narrow ground of nobody between blocks; whose it becomes, the cells say."""
    parts = shapely.get_parts(shapely.union_all(shapes))
    rings, part = shapely.get_rings(parts, return_index=True)
    holes = shapely.polygons(rings[np.append(False, np.diff(part) == 0)])
    holes = holes[shapely.is_empty(shapely.buffer(holes, -_SLIVER_M / 2, join_style="mitre"))]
    hole, block = shapely.STRtree(shapes).query(holes, predicate="intersects")
    what = Message("narrow ground of nobody between blocks", "地块之间的窄缝")
    for n, ground in enumerate(holes):
        around = tuple(sorted({str(key) for key in ids[block[hole == n]]}))
        yield Finding("note", what, around, _width_m(ground), float(ground.area), ground)


def _find_invalid(drawn: Shapes, mended: Shapes, ids: NDArray[np.object_]) -> Iterator[Finding]:
    for n in np.flatnonzero(~shapely.is_valid(drawn)):
        change_m2 = float(abs(mended[n].area - drawn[n].area))
        what = Message("an outline that crosses itself, rebuilt", "边界自相交，已重建")
        yield Finding("note", what, (str(ids[n]),), None, change_m2, mended[n])


def _width_m(ground: shapely.Geometry) -> float:
    """Give the width of a rectangle with the area and the outline of the ground."""
    outline_m, area_m2 = ground.length, ground.area
    return float(outline_m - max(0.0, outline_m**2 - 16 * area_m2) ** 0.5) / 4


def to_json(finding: Finding, at: shapely.Point) -> dict[str, object]:
    """Give a finding as plain JSON values.

    Parameters
    ----------
    at : Point
        A point of its place, in degrees.
    """
    return {
        "severity": finding.severity,
        "what": finding.what._asdict(),
        "blocks": list(finding.blocks),
        "metres": None if finding.metres is None else round(finding.metres, 2),
        "area_m2": None if finding.area_m2 is None else round(finding.area_m2, 2),
        "lon": round(at.x, 6),
        "lat": round(at.y, 6),
    }
