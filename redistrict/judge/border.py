"""Border: the outlines as handed over, cut into pieces, what each runs along, and what `boundaries.csv` says of it.

A piece may run along every road or barrier that a ray square to it meets within reach; it surely runs along one that is
the only one by its name, well within, and hardly askew to it. Of two communities that meet, and of every line between
them, the metres of what is sure are the least that may be published and those of what may be the most, give or take
50 m and a tenth. Who lies beyond is not sure near a third community, nor where two outlines run side by side without
sharing their border.
How the boundary is cut into lines and points, and how many metres lie exactly on a road, is not judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from redistrict.judge.case import Case
from redistrict.judge.faults import Drawn
from redistrict.judge.looks import Floats, Ints, cut_edges, cut_straight, trace_edges
from redistrict.judge.verification import Violation, disagree

COLUMNS = ("community_id", "beyond_id", "road_name", "length_m")
SMOOTH_M, STEP_M = 2.0, 10.0
BESIDE_M = 3.0  # a smoothed outline lies so near to everyone beyond it
SLACK_M = 3.0
ASKEW = 0.57  # sine of 35 degrees: what runs more askew to a piece may only cross it
LINE_M = 5.0  # a line may be off the middle of the widest street by this much more than a quarter of it
METRES_SLACK_M, METRES_SLACK_SHARE = 50.0, 0.1
_Key = tuple[str, str, str]


@dataclass(frozen=True, eq=False)
class Border:
    """Pieces of all outlines, and what each runs along.

    Attributes
    ----------
    community : (n,)
        Its number.
    beyond : tuple of frozensets of int
        Who may lie on the other side of each, -1 for nobody; one, if that is sure.
    middle, normal : (n, 2)
        The middle of a piece, and the unit vector out of its community.
    length_m : (n,)
    outlines : (k,) polygons
        What the pieces are cut from.
    may : tuple of frozensets of int
        The lines each piece may run along, by position in the lines of the case.
    sure : tuple of (str or None)
        Name of the line each surely runs along, "" where it surely runs along none with a name; None: not sure.
    """

    community: Ints
    beyond: tuple[frozenset[int], ...]
    middle: Floats
    normal: Floats
    length_m: Floats
    outlines: NDArray[np.object_]
    may: tuple[frozenset[int], ...]
    sure: tuple[str | None, ...]


def trace_border(drawn: Drawn) -> Border:
    """Cut the outlines into pieces, and find who lies beyond and which lines may run along each."""
    case, outlines = drawn.case, shapely.simplify(drawn.shapes, SMOOTH_M)
    edges = trace_edges(outlines)
    owner = np.repeat(np.arange(len(outlines)), np.diff(edges.first))
    community, middle, normal, length_m = cut_edges(edges, owner, np.arange(owner.size), STEP_M)
    beyond = _find_beyond(drawn.shapes, community, middle)
    is_shared = np.array([len(some) == 1 and -1 not in some for some in beyond])
    gap_m = case.scenario.contiguity.max_gap_m
    reach_m = np.where(is_shared, gap_m / 4, gap_m / 2) + LINE_M
    is_edge = case.scenario.output.boundary == "edge"  # then the line lies across the street, and none is sure
    if is_edge:
        reach_m = np.full(community.size, gap_m + LINE_M)
    across = (reach_m + SLACK_M)[:, None] * normal
    rays = shapely.linestrings(np.stack([middle - across, middle + across], axis=1))
    ends, of_run = cut_straight(case.lines.drawn)
    runs, along = shapely.linestrings(ends), ends[:, 1] - ends[:, 0]
    run_way = along / np.hypot(*along.T)[:, None]
    piece, run = shapely.STRtree(runs).query(rays, predicate="intersects")
    is_near = shapely.distance(shapely.points(middle[piece]), runs[run]) <= reach_m[piece] - SLACK_M
    is_beside = is_near & (np.abs((run_way[run] * normal[piece]).sum(axis=1)) <= ASKEW)
    lines, near = [set[int]() for _ in range(community.size)], [False] * community.size
    for n, line, by in zip(piece.tolist(), of_run[run].tolist(), is_beside.tolist(), strict=True):
        lines[n].add(line)
        near[n] |= by
    sure = tuple(
        _only_name(case, some) if not is_edge and len(others) == 1 and (by or not some) else None
        for some, by, others in zip(lines, near, beyond, strict=True)
    )
    return Border(community, beyond, middle, normal, length_m, outlines, tuple(map(frozenset, lines)), sure)


def _find_beyond(shapes: NDArray[np.object_], community: Ints, middle: Floats) -> tuple[frozenset[int], ...]:
    """Tell who may lie beyond each piece: whoever is that near; nobody, if none of them shares the border."""
    points = shapely.points(middle)
    piece, other = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=BESIDE_M)
    foreign = other != community[piece]
    piece, other = piece[foreign], other[foreign]
    pairs, pair = np.unique(np.column_stack([community[piece], other]), axis=0, return_inverse=True)
    rings = shapely.boundary(shapes)
    shared = shapely.intersection(rings[pairs[:, 0]], rings[pairs[:, 1]])
    shapely.prepare(shared)
    meets = shapely.dwithin(points[piece], shared[pair.ravel()], BESIDE_M)
    found, is_met = [set[int]() for _ in range(community.size)], np.zeros(community.size, dtype=bool)
    for n, one in zip(piece.tolist(), other.tolist(), strict=True):
        found[n].add(one)
    is_met[piece[meets]] = True
    return tuple(frozenset(some if met else some | {-1}) for some, met in zip(found, is_met.tolist(), strict=True))


def _only_name(case: Case, lines: set[int]) -> str | None:
    """Give the name that all of these lines have, "" where there are none, and None if they have several."""
    names = {str(case.lines.name[line]) for line in lines} or {""}
    return names.pop() if len(names) == 1 else None


def check_lines(case: Case, border: Border, rows: pd.DataFrame) -> Iterator[Violation]:
    """Check for how many metres two communities meet, in all and along every line with a name.

    Parameters
    ----------
    rows : DataFrame
        `boundaries.csv` as text, with `COLUMNS`.
    """
    measured, said = _measure(case, border), dict[_Key, float]()
    metres = pd.to_numeric(rows["length_m"], errors="coerce").fillna(np.inf).tolist()
    for one, two, name, length_m in zip(*(rows[column] for column in COLUMNS[:3]), metres, strict=True):
        pair = (one, two) if two == "" or one < two else (two, one)
        for called in {"", name}:
            said[*pair, called] = said.get((*pair, called), 0.0) + length_m
    for key in sorted(said.keys() | measured.keys()):
        low, high = measured.get(key, (0.0, 0.0))
        least = max(0.0, low - METRES_SLACK_M - METRES_SLACK_SHARE * low)
        most = high + METRES_SLACK_M + METRES_SLACK_SHARE * high
        if not least <= said.get(key, 0.0) <= most:
            what = f"metres along {key[2] or 'all'} with {key[1] or '-'}"
            yield disagree(
                "files", "boundaries.csv", what, key[0], round(said.get(key, 0.0), 1), f"{least:.0f} - {most:.0f}"
            )


def _measure(case: Case, border: Border) -> dict[_Key, tuple[float, float]]:
    """Give the least and the most metres two communities meet, in all (no name) and along every line with a name."""
    keys, found = (*case.plan.names, ""), dict[_Key, tuple[float, float]]()
    for n, length_m in enumerate(border.length_m.tolist()):
        one, others = keys[border.community[n]], border.beyond[n]
        for two in (keys[other] for other in others):
            if two and two < one:
                continue
            for name in {"", *(str(case.lines.name[line]) for line in border.may[n])}:
                low, high = found.get((one, two, name), (0.0, 0.0))
                is_sure = len(others) == 1 and name in ("", border.sure[n])
                found[one, two, name] = (low + length_m * is_sure, high + length_m)
    return found
