"""Outlines: the polygons as handed over, judged on the ground and not by the graph they were made from.

Every community polygon is one piece, or its pieces are joined by a link or bridge the judge finds in the data; it has
no neck thinner than a community may have, overlaps no other, leaves no gap to its neighbours across a street, and takes
no land farther from every block than half the widest gap. All of it is measured on the polygons in the files.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.judge.case import Case
from redistrict.judge.reading import Geometries
from redistrict.judge.verification import Violation
from redistrict.messages import Message, name_some, plain

Ints = NDArray[np.intp]

LEAST_NECK_M = 1.0  # a community that hangs together by less is in pieces to whoever walks it
CRUMB_M2 = 1.0  # pieces and strips smaller than this come from rounding coordinates
SLACK_M = 1.0  # two ways to round off the mouth of a street differ by less
BEYOND_M = 2.5  # outlines may be rounded off at the mouths of streets by this much
ROUNDING_M = {"communities.gpkg": 0.02, "communities.shp": 0.02, "communities.geojson": 0.06}
"""How far a vertex may be off in each file: half a grid step in metres, or in degrees of seven places."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """The polygons of one file, in the ground's CRS and the order of the communities.

    Attributes
    ----------
    file : str
        Name of the file.
    shapes : (k,) polygons or multipolygons
    """

    file: str
    shapes: Geometries


@dataclass(frozen=True, eq=False)
class Footing:
    """What the outlines of every file are measured against.

    Attributes
    ----------
    blocks : STRtree of (n,) polygons
    between : polygon or multipolygon
        The blocks and the ground between those that stand close together: what a disc as wide as the widest gap (less a
        metre or two) cannot reach when it is rolled around the blocks from outside.
    near : STRtree of (n,) polygons
        What lies no farther from each block than half the widest gap, and some metres.
    """

    blocks: shapely.STRtree
    between: shapely.Geometry
    near: shapely.STRtree


def find_footing(case: Case) -> Footing:
    """Work out what outlines may cover, and must."""
    polygons, half_gap_m = case.ground.polygons, case.scenario.contiguity.max_gap_m / 2
    reach_m = _reach_m(case)
    grown = shapely.union_all(shapely.buffer(polygons, reach_m, quad_segs=16))
    return Footing(
        blocks=shapely.STRtree(polygons),
        between=shapely.buffer(grown, -reach_m, quad_segs=16),
        near=shapely.STRtree(shapely.buffer(polygons, half_gap_m + BEYOND_M, quad_segs=8)),
    )


def _reach_m(case: Case) -> float:
    """Half the widest gap, less what two ways to round off the mouth of a street differ by."""
    return max(0.1, case.scenario.contiguity.max_gap_m / 2 - SLACK_M)


def check_outlines(case: Case, footing: Footing, drawn: Drawn) -> Iterator[Violation]:
    """Check all outlines of a file, each by itself and against its neighbours."""
    valid = shapely.is_valid(drawn.shapes)
    for c in np.flatnonzero(~valid):
        yield _fault(case, drawn, int(c), "invalid", drawn.shapes[c], plain(shapely.is_valid_reason(drawn.shapes[c])))
    if not valid.all():
        return
    if case.scenario.communities.change == "redraw":
        yield from _check_pieces(case, drawn)
    yield from _check_overlaps(case, drawn)
    yield from _check_gaps(case, footing, drawn)
    yield from _check_foreign_land(case, footing, drawn)


def _check_pieces(case: Case, drawn: Drawn) -> Iterator[Violation]:
    """Check that no polygon falls apart when half the least neck is taken off all around."""
    thin = shapely.buffer(drawn.shapes, -LEAST_NECK_M / 2, join_style="mitre")
    for c in np.flatnonzero(shapely.get_num_geometries(thin) != 1).tolist():
        parts = shapely.get_parts(thin[c])
        parts = parts[shapely.area(parts) > CRUMB_M2]
        if len(parts) < 2:
            continue
        blocks = case.blocks_of(c)
        part_of = _part_of_each(parts, case.ground.polygons[blocks])
        loose = _not_joined(case, blocks, parts, part_of)
        if not loose.size:
            continue
        whole = shapely.get_num_geometries(drawn.shapes[c]) == 1
        apart_m = shapely.distance(parts[loose[0]], shapely.union_all(np.delete(parts, loose[0])))
        found = Message(
            f"{len(parts)} pieces, {max(0.0, apart_m - LEAST_NECK_M):.1f} m apart",
            f"{len(parts)} 片，相距 {max(0.0, apart_m - LEAST_NECK_M):.1f} 米",
        )
        cut = blocks[np.isin(part_of, loose)]
        yield _fault(case, drawn, c, "neck" if whole else "pieces", parts[loose[0]], found, blocks=cut)


def _part_of_each(parts: Geometries, polygons: Geometries) -> Ints:
    """Give the part each block lies in, or is nearest to."""
    core = shapely.buffer(polygons, -LEAST_NECK_M / 2)
    middle = shapely.point_on_surface(np.where(shapely.is_empty(core), polygons, core))
    _, part = shapely.STRtree(parts).query_nearest(middle, all_matches=False)
    return np.asarray(part, dtype=np.intp)


def _not_joined(case: Case, blocks: Ints, parts: Geometries, part_of: Ints) -> Ints:
    """Give the parts with residents that nothing joins to the part with most blocks.

    Links and bridges join, and so does a block that reaches into several parts by itself. Where nobody lives a part may
    lie by itself: it belongs to the nearest.
    """
    group = np.arange(len(parts))
    position = {int(block): at for at, block in enumerate(blocks)}
    known = [(position[a], position[b]) for a, b in case.all_links if a in position and b in position]
    pairs = [(part_of[a], part_of[b]) for a, b in known]
    block, part = shapely.STRtree(parts).query(case.ground.polygons[blocks], predicate="intersects")
    pairs += [(part[n], part[n + 1]) for n in range(len(part) - 1) if block[n] == block[n + 1]]
    for one, two in pairs:
        group[group == group[one]] = group[two]
    main = np.bincount(group[part_of], minlength=len(parts)).argmax()
    return np.intersect1d(np.flatnonzero(group != main), part_of[~case.ground.is_empty[blocks]])


def _check_overlaps(case: Case, drawn: Drawn) -> Iterator[Violation]:
    """Check that no two polygons cover the same ground."""
    one, two = shapely.STRtree(drawn.shapes).query(drawn.shapes, predicate="intersects")
    one, two = one[one < two], two[one < two]
    shared = shapely.intersection(drawn.shapes[one], drawn.shapes[two])
    for row in np.flatnonzero(shapely.area(shared) > 0):
        core = thick(shared[row], ROUNDING_M[drawn.file])
        if core is not None:
            other = case.plan.names[two[row]]
            found = Message(f"{core.area:.1f} m² with {other}", f"与 {other} 重叠 {core.area:.1f} 平方米")
            yield _fault(case, drawn, int(one[row]), "overlap", core, found)


def _check_gaps(case: Case, footing: Footing, drawn: Drawn) -> Iterator[Violation]:
    """Check that the ground between blocks that stand close together is somebody's."""
    rounding_m = ROUNDING_M[drawn.file]
    covered = shapely.union_all(drawn.shapes, grid_size=rounding_m / 20)
    left = shapely.get_parts(shapely.difference(footing.between, covered))
    for gap in left[shapely.area(left) > CRUMB_M2]:
        core = thick(gap, 2 * rounding_m)
        if core is not None and core.area > CRUMB_M2:
            near = footing.blocks.query(core, predicate="dwithin", distance=_reach_m(case) + BEYOND_M)
            beside = near if len(near) else footing.blocks.query_nearest(core)
            c = int(case.plan.community[beside[0]])
            yield _fault(case, drawn, c, "gap", core, _say_m2(core), blocks=beside)


def _check_foreign_land(case: Case, footing: Footing, drawn: Drawn) -> Iterator[Violation]:
    """Check that no polygon reaches farther from every block than half the widest gap."""
    for c, shape in enumerate(drawn.shapes):
        around = footing.near.geometries[footing.near.query(shape, predicate="intersects")]
        far = thick(shapely.difference(shape, shapely.union_all(around)), 0.5)
        if far is not None:
            yield _fault(case, drawn, c, "land", far, _say_m2(far))


def thick(area: shapely.Geometry, width_m: float) -> shapely.Geometry | None:
    """Give what is wider than `width_m` and larger than a crumb of an area, if there is any."""
    core = shapely.buffer(shapely.set_precision(area, 0), -width_m / 2, join_style="mitre")
    if core.is_empty or area.area < CRUMB_M2 / 2:
        return None
    return shapely.buffer(core, width_m / 2, join_style="mitre")


def _say_m2(area: shapely.Geometry) -> Message:
    return Message(f"{area.area:.1f} m²", f"{area.area:.1f} 平方米")


_KINDS = {
    "invalid": (Message("is no valid polygon", "图形无效"), Message("a valid polygon", "有效图形")),
    "pieces": (Message("lies in pieces on the ground", "在地面上分成几片"), Message("one piece", "一片")),
    "neck": (
        Message("hangs together by a neck too thin", "连接处过窄"),
        Message(f"one piece, {LEAST_NECK_M:g} m wide at least", f"一片，最窄处不小于 {LEAST_NECK_M:g} 米"),
    ),
    "overlap": (Message("covers ground of another community", "与其他社区重叠"), Message("none", "无")),
    "gap": (Message("leaves a gap to its neighbour", "与相邻社区之间留有空隙"), Message("none", "无")),
    "land": (Message("takes land that belongs to no block", "占用不属于任何地块的土地"), Message("none", "无")),
}


def _fault(
    case: Case, drawn: Drawn, c: int, kind: str, place: shapely.Geometry, found: Message, *, blocks: Ints | None = None
) -> Violation:
    """Say what is wrong with an outline, and where, in the coordinates of the data."""
    name, (what, allowed) = case.plan.names[c], _KINDS[kind]
    keys = case.keys(blocks) if blocks is not None and len(blocks) else ()
    x, y = shapely.get_coordinates(shapely.point_on_surface(place))[0]
    some = name_some(keys)
    en, zh = (f" Blocks: {some.en}.", f"地块：{some.zh}。") if keys else ("", "")
    message = Message(
        f"{drawn.file}: community {name} {what.en} at {x:.1f}, {y:.1f} ({case.ground.crs.name}): {found.en}; "
        f"allowed: {allowed.en}.{en}",
        f"{drawn.file}：社区 {name} {what.zh}，位置 {x:.1f}, {y:.1f}（{case.ground.crs.name}）：{found.zh}；"
        f"允许：{allowed.zh}。{zh}",
    )
    return Violation("outline", name, keys, found.en, allowed.en, message)
