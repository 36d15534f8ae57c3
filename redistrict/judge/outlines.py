"""Outlines: the polygons as handed over, judged on the ground and not by the graph they were made from.

Every community polygon is one piece, or its pieces are joined by a link or bridge the judge finds in the data; it has
no neck thinner than a community may have, overlaps no other, leaves no gap to its neighbours across a street and no
hole, and takes no land farther from every block than half the widest gap; where that is asked for it is compact enough,
surrounds no other, has no neck narrower than asked, and has the streets south and west of it.
All of it is measured on the polygons in the files.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from redistrict.judge.case import Case
from redistrict.judge.compactness import check_compactness
from redistrict.judge.edges import check_edges, look_across
from redistrict.judge.faults import CRUMB_M2, LEAST_NECK_M, Drawn, Fault, Ints, say_m2, tell_once, thick
from redistrict.judge.holdings import check_holdings
from redistrict.judge.holes import check_enclaves, tell_enclaves, tell_open_ground
from redistrict.judge.necks import check_necks
from redistrict.judge.reading import Geometries
from redistrict.judge.splits import Split, find_splits, tell_pieces
from redistrict.judge.verification import Verification
from redistrict.messages import Message, plain

NOBODY = np.empty(0, dtype=np.intp)
NO_LINES = np.empty(0, dtype=object)
HAIR_M = 0.02  # what of a block is thinner is no ground
SLACK_M = 1.0  # two ways to round off the mouth of a street differ by less
BEYOND_M = 2.5  # outlines may be rounded off at the mouths of streets by this much


@dataclass(frozen=True, eq=False)
class Footing:
    """What the outlines of every file are measured against.

    Attributes
    ----------
    blocks : STRtree of (n,) polygons
    between : polygon or multipolygon
        The blocks and the ground between those that stand close together: what a disc as wide as the widest gap (less a
        metre or two) cannot reach when it is rolled around the blocks from outside.
    inner : polygon or multipolygon
        The same but for a rim: at a sharp corner two ways to round off the mouth of a street part from it differently.
    near : STRtree of (n,) polygons
        What lies no farther from each block than half the widest gap, and some metres.
    reach_m : float
        Half the widest gap, less what two ways to round off the mouth of a street differ by.
    """

    blocks: shapely.STRtree
    between: shapely.Geometry
    inner: shapely.Geometry
    near: shapely.STRtree
    reach_m: float

    def find_beside(self, place: shapely.Geometry) -> Ints:
        """Give the blocks around a place between blocks, or else the nearest."""
        near: Ints = self.blocks.query(place, predicate="dwithin", distance=self.reach_m + BEYOND_M)
        return near if near.size else self.blocks.query_nearest(place)


def find_footing(case: Case) -> Footing:
    """Work out what outlines may cover, and must."""
    polygons, half_gap_m = case.ground.polygons, case.scenario.contiguity.max_gap_m / 2
    reach_m = max(0.1, half_gap_m - SLACK_M)
    firm = shapely.buffer(polygons, -HAIR_M / 2, join_style="mitre")  # ground beside a spike is nobody's
    firm = np.where(shapely.is_empty(firm), polygons, firm)
    grown = shapely.union_all(shapely.buffer(firm, reach_m + HAIR_M / 2, quad_segs=16))
    between = shapely.buffer(grown, -reach_m, quad_segs=16)
    return Footing(
        blocks=shapely.STRtree(polygons),
        between=between,
        inner=shapely.buffer(between, -SLACK_M, quad_segs=4),
        near=shapely.STRtree(shapely.buffer(polygons, half_gap_m + BEYOND_M, quad_segs=8)),
        reach_m=reach_m,
    )


def judge_outlines(case: Case, plan: list[Drawn], today: list[Drawn], centred: Geometries = NO_LINES) -> Verification:
    """Judge the polygons of every file; what stands alike in several is told once.

    Parameters
    ----------
    plan, today : lists of Drawn
        The plan's communities in each file that could be read; today's in theirs.
    centred : (n,) lines
        Boundaries told to stay on the centreline, where the scenario wants them on edges.
    """
    footing = find_footing(case)
    faults: list[Fault] = []
    notes: list[Message] = []
    on_edge = case.scenario.output.boundary == "edge"
    streets = look_across(case, footing.blocks, centred) if on_edge else None
    for drawn in plan:
        splits = list(find_splits(drawn, case))
        faults += check_outlines(footing, drawn, splits)
        if streets is not None:
            faults += check_edges(drawn, streets)
        notes += [split.tell_ties(case.plan.names[split.community]) for split in splits if not split.loose.size]
        notes += tell_enclaves(drawn)
    for drawn in today:
        faults += check_outlines_today(footing, drawn)
    for drawn in plan[:1]:
        notes = [tell_pieces(case, drawn, today), *notes, *tell_open_ground(drawn, footing.between)]
    shape = (*check_compactness(case, plan), *check_enclaves(case, plan), *check_necks(case, plan, footing.blocks))
    return Verification((*tell_once(faults), *shape), tuple(dict.fromkeys(notes)))


def check_outlines(footing: Footing, drawn: Drawn, splits: list[Split]) -> Iterator[Fault]:
    """Check all outlines of the plan in a file, each by itself and against its neighbours."""
    invalid = list(_check_valid(drawn))
    yield from invalid
    if not invalid:
        if drawn.case.scenario.communities.change == "redraw":
            yield from _check_pieces(drawn, splits)
            yield from _check_scraps(drawn)
        yield from _check_overlaps(drawn)
        yield from _check_gaps(footing, drawn)
        yield from _check_foreign_land(footing, drawn)
    yield from check_holdings(drawn, footing.blocks)


def check_outlines_today(footing: Footing, drawn: Drawn) -> Iterator[Fault]:
    """Check that the outlines of today's communities hold their blocks, and no ground twice.

    Pieces, gaps and holes are facts of today, and no faults.
    """
    invalid = list(_check_valid(drawn))
    yield from invalid or _check_overlaps(drawn)
    yield from check_holdings(drawn, footing.blocks)


def _check_valid(drawn: Drawn) -> Iterator[Fault]:
    for c in np.flatnonzero(~shapely.is_valid(drawn.shapes)).tolist():
        shape = drawn.shapes[c]
        yield Fault(drawn, c, "invalid", shape, plain(shapely.is_valid_reason(shape)), NOBODY)


def _check_pieces(drawn: Drawn, splits: list[Split]) -> Iterator[Fault]:
    """Check that no polygon falls apart when half the least neck is taken off all around."""
    for split in splits:
        if split.loose.size:
            parts, first = split.parts, split.loose[0]
            whole = shapely.get_num_geometries(drawn.shapes[split.community]) == 1
            apart_m = max(
                0.0, shapely.distance(parts[first], shapely.union_all(np.delete(parts, first))) - LEAST_NECK_M
            )
            found = Message(f"{len(parts)} pieces, {apart_m:.1f} m apart", f"{len(parts)} 片，相距 {apart_m:.1f} 米")
            yield Fault(drawn, split.community, "neck" if whole else "pieces", parts[first], found, split.cut_off)


def _check_scraps(drawn: Drawn) -> Iterator[Fault]:
    """Check that every piece of a polygon holds ground of its community's blocks."""
    for c in np.flatnonzero(shapely.get_num_geometries(drawn.shapes) > 1).tolist():
        own = shapely.union_all(drawn.case.ground.polygons[drawn.case.blocks_of(c)])
        for part in shapely.get_parts(drawn.shapes[c]):
            core = thick(part, 2 * drawn.rounding_m)
            if core is not None and core.area > CRUMB_M2 and shapely.intersection(part, own).area < CRUMB_M2 / 2:
                found = say_m2(core) + Message(" without a block", "，不含地块")
                yield Fault(drawn, c, "pieces", core, found, NOBODY)


def _check_overlaps(drawn: Drawn) -> Iterator[Fault]:
    """Check that no two polygons cover the same ground."""
    one, two = shapely.STRtree(drawn.shapes).query(drawn.shapes, predicate="intersects")
    one, two = one[one < two], two[one < two]
    shared = shapely.intersection(drawn.shapes[one], drawn.shapes[two])
    for row in np.flatnonzero(shapely.area(shared) > 0):
        core = thick(shared[row], drawn.rounding_m)
        if core is not None:
            size, other = say_m2(core), drawn.case.plan.names[two[row]]
            found = Message(f"{size.en} with {other}", f"与 {other} 重叠 {size.zh}")
            yield Fault(drawn, int(one[row]), "overlap", core, found, NOBODY)


def _check_gaps(footing: Footing, drawn: Drawn) -> Iterator[Fault]:
    """Check that the ground between blocks that stand close together is somebody's."""
    covered = shapely.union_all(drawn.shapes, grid_size=drawn.rounding_m / 20)
    left = shapely.get_parts(shapely.difference(footing.inner, covered))
    for gap in left[shapely.area(left) > CRUMB_M2]:
        core = thick(gap, 2 * drawn.rounding_m)
        if core is not None and core.area > CRUMB_M2:
            beside = footing.find_beside(core)
            c = int(drawn.case.plan.community[beside[0]])
            yield Fault(drawn, c, "hole" if _is_hole(drawn, c, gap) else "gap", core, say_m2(core), beside)


def _is_hole(drawn: Drawn, c: int, gap: shapely.Geometry) -> bool:
    """Whether a gap lies within one community's polygon."""
    rings = shapely.get_exterior_ring(shapely.get_parts(drawn.shapes[c]))
    inside = shapely.covers(shapely.buffer(shapely.polygons(rings), 2 * drawn.rounding_m), gap).any()
    others = np.delete(drawn.shapes, c)
    return bool(inside and not shapely.dwithin(others, gap, 2 * drawn.rounding_m).any())


def _check_foreign_land(footing: Footing, drawn: Drawn) -> Iterator[Fault]:
    """Check that no polygon reaches farther from every block than half the widest gap."""
    for c, shape in enumerate(drawn.shapes):
        around = footing.near.geometries[footing.near.query(shape, predicate="intersects")]
        far = thick(shapely.difference(shape, shapely.union_all(around)), 0.5)
        if far is not None:
            yield Fault(drawn, c, "land", far, say_m2(far), NOBODY)
