"""Outlines: the ground of every community of a plan, made of the cells of its blocks.

Neighbours share their border vertex for vertex: a road's centreline where a road is given, else the line of equal
distance. Places where three outlines meet stay where they are; between them vertices that say nothing are left out.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.cells import Cells, join_cells
from redistrict.geo.edges import are_whole, move_to_edges
from redistrict.geo.thin import take_vertices

_STRAIGHT_M = 0.02
"""Vertices are left out whose triangle with their neighbours is smaller than the square of this."""
_PASSES = 20
SHORTEST_M = 0.5
"""Straight pieces of an outline are at least this long, but where the border of a block has shorter ones."""
_BOUND_M = 0.01
"""A vertex of a block may go where that moves the line by no more than this."""
_LAND_M2 = 0.5
"""A vertex stays where leaving it out takes more ground of blocks from their community."""
_OFF_M = 0.1
"""A piece whose middle is farther from borders in the middle of streets than this is no part of them."""

Shapes = NDArray[np.object_]
Places = NDArray[np.complex128]
"""Points, as x + iy."""


def draw_plan(cells: Cells, assignment: NDArray[np.int32]) -> Shapes:
    """Give the area of every community of a plan: the cells of its blocks, joined.

    Parameters
    ----------
    assignment : (n_blocks,) int32
        Community of each block, -1 where it has none.

    Returns
    -------
    (n_communities,) polygons or multipolygons
        A valid coverage.
    """
    return _straighten(join_cells(cells.shapes, assignment, int(assignment.max()) + 1), cells)


def draw_edges(cells: Cells, assignment: NDArray[np.int32]) -> tuple[Shapes, Shapes]:
    """Give the areas as `draw_plan` does, but for streets between two: each is of the one north or east of it.

    Returns
    -------
    outlines : (n_communities,) polygons or multipolygons
        A valid coverage.
    moved : (n_communities,) polygons or multipolygons
        What of each lies beyond the middle of a street; may be empty.
    """
    joined = join_cells(cells.shapes, assignment, int(assignment.max()) + 1)
    shapes, moved = move_to_edges(joined, cells.blocks, assignment)
    return _cut_corners(_straighten(shapes, cells), joined, cells.blocks), moved


def _straighten(joined: Shapes, cells: Cells) -> Shapes:
    straight = np.asarray(shapely.coverage_simplify(joined, _STRAIGHT_M))
    longer = _without_short_pieces(straight, cells.blocks)
    return longer if shapely.is_valid(longer).all() and _is_coverage(longer) else straight


def _is_coverage(shapes: Shapes) -> bool:
    """Tell whether shapes are a coverage: any two that meet are among those west of the middle, or among those east."""
    west, _, east, _ = shapely.bounds(shapes).T
    middle = shapely.total_bounds(shapes)[::2].mean()
    with ThreadPoolExecutor(2) as pool:
        return all(pool.map(shapely.coverage_is_valid, (shapes[west <= middle], shapes[east >= middle])))


def _without_short_pieces(shapes: Shapes, blocks: Shapes) -> Shapes:
    """Leave out vertices between two pieces, alike in all outlines, until no piece that may go is too short."""
    land = shapely.STRtree(blocks)
    corners = np.unique(_as_places(shapely.get_coordinates(blocks)))
    for _ in range(_PASSES):
        gone = _find_spare(shapes, corners, land)
        if not gone.size:
            break
        shapes = take_vertices(shapes, ~_are_among(_as_places(shapely.get_coordinates(shapes)), gone))
    return shapes


def _find_spare(shapes: Shapes, corners: Places, land: shapely.STRtree) -> Places:
    """Give one end of each short piece, no two of one piece or of pieces that touch.

    Ends where three meet stay, and so do vertices of a block that the line would miss, and those that hold ground of
    blocks. Of two ends that may go, it is the one whose triangle with its neighbours is smaller.
    """
    pieces = _list_pieces(shapes)
    is_short = np.abs(pieces[:, 1] - pieces[:, 0]) < SHORTEST_M
    pieces = pieces[_are_among(pieces, pieces[is_short]).any(axis=1)]
    beside = _find_beside(pieces)
    spare: list[complex] = []
    touched: set[complex] = set()
    short = pieces[np.abs(pieces[:, 1] - pieces[:, 0]) < SHORTEST_M]
    bound = set(short[np.isin(short, corners)].tolist())
    ends = [end for end in np.unique(short).tolist() if len(beside[end]) == 2]
    ends = [end for end in ends if end not in bound or _passes(end, *beside[end])]
    may_go = set(ends) - _find_holding([(end, *beside[end]) for end in ends], land)
    for piece in short.tolist():
        free = may_go.intersection(piece)
        if free and not touched & set(piece):
            spare.append(min(free, key=lambda end: (_triangle_m2(end, *beside[end]), end.real, end.imag)))
            touched |= set(piece)
    return np.array(spare, dtype=np.complex128)


def _cut_corners(shapes: Shapes, before: Shapes, blocks: Shapes) -> Shapes:
    """Let borders that go from one edge of a street to the other cross it straight, not by way of its middle."""
    pieces, tree = _list_pieces(shapes), shapely.STRtree(_draw(_list_pieces(before)))
    middle = pieces.mean(axis=1)
    off = pieces[~_is_near(middle, tree, _OFF_M)]
    beside, all_beside = _find_beside(off), _find_beside(pieces)
    ends = np.array([end for end, found in beside.items() if len(found) == len(all_beside[end]) == 2])
    ends = ends[_is_near(ends, tree, _BOUND_M)]
    held = _find_holding([(end, *beside[end]) for end in ends.tolist()], shapely.STRtree(blocks))
    ends = np.setdiff1d(ends, [*held])
    while ends.size:
        cut = take_vertices(shapes, ~np.isin(_as_places(shapely.get_coordinates(shapes)), ends))
        spoilt = ~shapely.is_valid(cut) | ~shapely.is_empty(shapely.coverage_invalid_edges(cut))
        spoilt |= ~are_whole(shapes, cut)
        fewer = np.setdiff1d(ends, _as_places(shapely.get_coordinates(shapes[spoilt])))
        if fewer.size == ends.size:
            return cut
        ends = fewer
    return shapes


def _list_pieces(shapes: Shapes) -> Places:
    """Give every straight piece of outlines once, as its two ends, (n_pieces, 2)."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(shapes)), return_index=True)
    places, place = np.unique(_as_places(xy), return_inverse=True)
    ends = np.sort(np.column_stack([place[:-1], place[1:]])[ring[1:] == ring[:-1]], axis=1)
    key, _ = np.unique(ends @ [len(places), 1], return_index=True)  # asked for no index it takes far longer
    return np.asarray(places[np.column_stack(np.divmod(key, len(places)))])


def _find_beside(pieces: Places) -> dict[complex, list[complex]]:
    """Give the other ends of the pieces that end at each place."""
    beside: dict[complex, list[complex]] = {}
    for a, b in [*pieces.tolist(), *pieces[:, ::-1].tolist()]:
        beside.setdefault(a, []).append(b)
    return beside


def _draw(pieces: Places) -> Shapes:
    return np.asarray(shapely.linestrings(np.stack([pieces.real, pieces.imag], axis=2)))


def _is_near(places: Places, lines: shapely.STRtree, near_m: float) -> NDArray[np.bool_]:
    near = np.zeros(len(places), dtype=bool)
    near[lines.query(shapely.points(places.real, places.imag), predicate="dwithin", distance=near_m)[0]] = True
    return near


def _find_holding(triangles: list[tuple[complex, complex, complex]], land: shapely.STRtree) -> set[complex]:
    """Give the first corners of those triangles that hold more than `_LAND_M2` of the ground of blocks."""
    large = np.array([triangle for triangle in triangles if _triangle_m2(*triangle) > _LAND_M2]).reshape(-1, 3)
    ground = shapely.polygons(np.stack([large.real, large.imag], axis=2))
    at, block = land.query(ground, predicate="intersects")
    held_m2 = np.bincount(at, shapely.area(shapely.intersection(ground[at], land.geometries[block])), len(large))
    return set(large[held_m2 > _LAND_M2, 0].tolist())


def _as_places(xy: NDArray[np.float64]) -> Places:
    return np.asarray(xy @ np.array([1, 1j]))


def _are_among(places: Places, some: Places) -> NDArray[np.bool_]:
    """Tell which places are among some others; not all are put in order for it, as `isin` does."""
    some = np.append(np.sort(some, axis=None), np.inf)
    return np.asarray(some[np.searchsorted(some[:-1], places)] == places)


def _passes(a: complex, b: complex, c: complex) -> bool:
    """Tell whether the line from b to c passes a within `_BOUND_M`."""
    return 2 * _triangle_m2(a, b, c) <= _BOUND_M * abs(c - b)


def _triangle_m2(a: complex, b: complex, c: complex) -> float:
    return abs(((b - a).conjugate() * (c - a)).imag) / 2
