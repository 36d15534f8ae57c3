"""Holes: communities that lie wholly inside another, and open ground that one community surrounds."""

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.judge.case import Case
from redistrict.judge.faults import LEAST_NECK_M, Drawn, say_m2, thick
from redistrict.judge.reading import Geometries
from redistrict.judge.verification import Violation
from redistrict.messages import Message, list_of, name_some


def tell_enclaves(drawn: Drawn) -> list[Message]:
    """Name the communities that lie wholly inside another one, as a fact and no fault."""
    names = drawn.case.plan.names
    pairs = [(names[c], names[around]) for c, around in sorted(find_enclaves(drawn).items())]
    if not pairs:
        return []
    some = name_some([Message(f"{c} in {around}", f"{c}（在 {around} 内）") for c, around in pairs])
    return [
        Message(
            f"{len(pairs)} communities lie wholly inside another: {some.en}.",
            f"{len(pairs)} 个社区完全被另一社区包围：{some.zh}。",
        )
    ]


def check_enclaves(case: Case, plan: list[Drawn]) -> Iterator[Violation]:
    """Check, where that is refused, that no community lies wholly inside another one of its area in any file."""
    if case.scenario.communities.enclaves == "note":
        return
    found: dict[tuple[int, int], list[str]] = {}
    for drawn in plan:
        for pair in find_enclaves(drawn).items():
            found.setdefault(pair, []).append(drawn.file)
    for (c, around), names in sorted(found.items()):
        if case.area_of_community[c] != case.area_of_community[around]:
            continue
        files, inner, outer = list_of(names), case.plan.names[c], case.plan.names[around]
        message = Message(
            f"{files.en}: community {inner} lies wholly inside {outer}; enclaves are refused.",
            f"{files.zh}：社区 {inner} 完全被社区 {outer} 包围，不允许包围。",
        )
        blocks = case.keys(case.blocks_of(c))
        yield Violation("enclave", inner, blocks, f"inside {outer}", "no enclave", message)


def find_enclaves(drawn: Drawn) -> dict[int, int]:
    """Give each community that lies within a hole of another one's polygon, and that one; the innermost of several."""
    holes, around = _find_holes(drawn.shapes)
    grown = shapely.buffer(holes, 2 * drawn.rounding_m, join_style="mitre")
    c, hole = shapely.STRtree(grown).query(drawn.shapes, predicate="within")
    order = np.argsort(-shapely.area(holes[hole]), kind="stable")
    return {int(inner): int(around[h]) for inner, h in zip(c[order], hole[order], strict=True)}


def tell_open_ground(drawn: Drawn, between: shapely.Geometry) -> list[Message]:
    """Name the holes of polygons that hold neither communities nor barriers, but ground too wide to be a street.

    Parameters
    ----------
    between : polygon or multipolygon
        Ground that must be somebody's: where it lies in a hole, that is a fault.
    """
    holes, around = _find_holes(drawn.shapes)
    barriers = drawn.case.ground.barriers
    covered = shapely.STRtree(np.concatenate([drawn.shapes, barriers[shapely.get_dimensions(barriers) == 2]]))
    found = []
    for c, hole in zip(around, holes, strict=True):
        near = covered.geometries[covered.query(hole, predicate="intersects")]
        rest = shapely.difference(hole, shapely.union_all([*near, shapely.intersection(between, hole)]))
        open_ground = thick(rest, LEAST_NECK_M)
        if open_ground is not None:
            x, y = shapely.get_coordinates(shapely.point_on_surface(open_ground))[0]
            name, size = drawn.case.plan.names[c], say_m2(open_ground)
            found.append(Message(f"{name} ({x:.1f}, {y:.1f}; {size.en})", f"{name}（{x:.1f}, {y:.1f}；{size.zh}）"))
    if not found:
        return []
    some = name_some(found)
    return [
        Message(
            f"{len(found)} holes in outlines are open ground wider than the widest gap: {some.en}.",
            f"图形内有 {len(found)} 处空洞为宽于最大间距的空地：{some.zh}。",
        )
    ]


def _find_holes(shapes: Geometries) -> tuple[Geometries, NDArray[np.intp]]:
    """Give the holes of polygons, and the number of the polygon each lies in."""
    parts, of_part = shapely.get_parts(shapes, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    is_hole = np.diff(of_ring, prepend=-1) == 0  # the first ring of a polygon is its outer one
    return shapely.polygons(rings[is_hole]), of_part[of_ring[is_hole]]
