"""Edges: where the scenario asks for it, a street between two communities is whole with the one north or east of it.

Straight looks across the street, from block to block, tell whose it is: a fifth of the way from the blocks south or
west of it the ground must be the other community's already. Streets from south-west to north-east have no clear side,
and where the boundaries delivered say that they stay on the centreline, they may.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from redistrict.judge.case import Case, Ints
from redistrict.judge.faults import Drawn, Fault
from redistrict.judge.looks import Bools, Looks
from redistrict.judge.reading import Geometries
from redistrict.messages import Message

CLEAR = 0.5  # sine of 30 degrees: looks that run nearer to north-west or south-east tell nothing
LEAST_LOOK_M = 2.0
FREE_SHARE = 0.4  # of a look, around its middle: with a block there, it is no look across a street
FAR_SHARE = 0.2  # of a look, from its southern or western end
CENTRED_M = 1.0  # a look that comes so near to a line told to stay on the centreline may find it there
LEAST_M = 20.0  # of two blocks facing each other, and half of what they see: borders may step aside by less


@dataclass(frozen=True, eq=False)
class Streets:
    """Looks across streets, each from the first to the second block of its row of `pairs`, (n, 2)."""

    pairs: Ints
    looks: Looks


def look_across(case: Case, blocks: shapely.STRtree, centred: Geometries) -> Streets:
    """Look across every street with a clear side between two communities of the plan.

    Parameters
    ----------
    blocks : STRtree of (n,) polygons
    centred : (m,) lines
        Boundaries that stay on the centreline, as delivered; in the ground's CRS.
    """
    community, pairs = case.plan.community, case.survey.pairs
    rows = np.flatnonzero((community[pairs[:, 0]] != community[pairs[:, 1]]) & (community[pairs] >= 0).all(axis=1))
    looks = case.survey.look_across(rows)
    return Streets(pairs[rows], looks[_find_clear(looks, blocks, centred)])


def check_edges(drawn: Drawn, streets: Streets) -> Iterator[Fault]:
    """Check that streets lie with the community north or east of them."""
    pairs, looks = streets.pairs, streets.looks
    is_up = (looks.end - looks.start).sum(axis=1) > 0
    taker = np.where(is_up, *drawn.case.plan.community[pairs[looks.pair]].T[::-1])
    share = np.where(is_up, FAR_SHARE, 1 - FAR_SHARE)[:, None]
    shapely.prepare(drawn.shapes)
    x, y = (looks.start + share * (looks.end - looks.start)).T
    is_wrong = ~shapely.contains_xy(drawn.shapes[taker], x, y)
    seen_m, wrong_m = (np.bincount(looks.pair, looks.piece_m * some, len(pairs)) for some in (1, is_wrong))
    for row in np.flatnonzero((wrong_m > LEAST_M) & (wrong_m > seen_m / 2)).tolist():
        at = np.flatnonzero((looks.pair == row) & is_wrong)
        place = shapely.multipoints(np.column_stack([x[at], y[at]]))
        found = Message(f"{wrong_m[row]:.0f} m of street", f"街道 {wrong_m[row]:.0f} 米")
        yield Fault(drawn, int(taker[at[0]]), "edge", shapely.get_geometry(place, 0), found, pairs[row])


def _find_clear(looks: Looks, blocks: shapely.STRtree, centred: Geometries) -> Bools:
    """Tell which looks cross a street with a clear side that is not told to stay on the centreline."""
    way = looks.end - looks.start
    clear: Bools = looks.length >= LEAST_LOOK_M
    clear &= np.abs(way.sum(axis=1)) >= np.sqrt(2) * CLEAR * looks.length
    middle = shapely.points((looks.start + looks.end) / 2)
    clear[blocks.query(middle, predicate="dwithin", distance=FREE_SHARE * looks.length)[0]] = False
    clear[shapely.STRtree(centred).query(looks.lines(), predicate="dwithin", distance=CENTRED_M)[0]] = False
    return clear
