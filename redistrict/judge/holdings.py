"""Holdings: each polygon holds the blocks of its community, and none of another's."""

from collections.abc import Iterator

import numpy as np
import shapely

from redistrict.judge.case import Case
from redistrict.judge.faults import Drawn, Fault, Ints, say_m2, thick
from redistrict.judge.reading import Geometries
from redistrict.messages import Message, name_some

AREA_SLACK_M2 = 1.0
AREA_SLACK_SHARE = 0.001  # of a community
BLOCK_SLACK_SHARE = 0.01  # of a block: crumbs that an overlap in the data cuts off may go to the neighbour


def check_holdings(drawn: Drawn, tree: shapely.STRtree) -> Iterator[Fault]:
    """Check the polygons of a layer against the blocks.

    Parameters
    ----------
    tree : STRtree of (n,) polygons
        The blocks of the data.
    """
    case = drawn.case
    shapes = shapely.make_valid(drawn.shapes)
    shapely.prepare(shapes)
    for c, shape in enumerate(shapes):
        near = tree.query(shape, predicate="dwithin", distance=1.0)
        own, foreign = case.blocks_of(c), near[case.plan.community[near] != c]
        blocks, strangers = case.ground.polygons[own], case.ground.polygons[foreign]
        lost = _lost(shape, blocks, strangers)
        if lost.area > AREA_SLACK_M2:
            lost_m2, block_m2 = shapely.area(shapely.intersection(blocks, lost)), shapely.area(blocks)
            much = lost_m2 > AREA_SLACK_M2 + BLOCK_SLACK_SHARE * block_m2
            if much.any() or lost.area > AREA_SLACK_M2 + AREA_SLACK_SHARE * block_m2.sum():
                left_out = own[lost_m2 > AREA_SLACK_M2 / 2]
                yield Fault(drawn, c, "misses", lost, say_m2(lost) + _say_where(case, shapes, lost), left_out)
        taken = _taken(shape, blocks, strangers, drawn.rounding_m)
        if taken:
            area = shapely.union_all(list(taken.values()))
            yield Fault(drawn, c, "covers", area, say_m2(area), foreign[list(taken)])


def _lost(shape: shapely.Geometry, own: Geometries, foreign: Geometries) -> shapely.Geometry:
    """Give what lies outside its polygon of a community's blocks, less what other blocks claim in the data as well."""
    outside = own[~shapely.covers(shape, own)]
    if outside.size == 0:
        return shapely.Polygon()
    lost = shapely.difference(shapely.union_all(outside), shape)
    return shapely.difference(lost, shapely.union_all(foreign))


def _say_where(case: Case, shapes: Geometries, lost: shapely.Geometry) -> Message:
    """Say in whose polygons most of the ground lies that a polygon should hold."""
    held_m2 = shapely.area(shapely.intersection(shapes, lost))
    holders = [case.plan.names[c] for c in np.flatnonzero(held_m2 > AREA_SLACK_M2)]
    if not holders or held_m2.sum() < lost.area / 2:
        return Message(", in no polygon", "，不在任何图形内")
    some = name_some(holders)
    return Message(f", in the polygon of {some.en}", f"，位于 {some.zh} 的图形内")


def _taken(
    shape: shapely.Geometry, own: Geometries, foreign: Geometries, rounding_m: float
) -> dict[int, shapely.Geometry]:
    """Give what a polygon covers of foreign blocks, by row.

    Left out are what its own blocks claim as well, crumbs that these cut off, and strips of rounding.
    """
    taken, cut = foreign.copy(), ~shapely.covers(shape, foreign)
    taken[cut] = shapely.intersection(foreign[cut], shape)
    rows: Ints = np.flatnonzero(shapely.area(taken) > AREA_SLACK_M2)
    if not rows.size:
        return {}
    ground = shapely.union_all(own)
    cores = [thick(area, rounding_m) for area in shapely.difference(taken[rows], ground)]
    is_crossed = shapely.area(shapely.intersection(foreign[rows], ground)) > AREA_SLACK_M2
    most_m2 = AREA_SLACK_M2 + np.where(is_crossed, BLOCK_SLACK_SHARE * shapely.area(foreign[rows]), 0.0)
    found = zip(rows, cores, most_m2, strict=True)
    return {int(row): core for row, core, most in found if core is not None and core.area > most}
