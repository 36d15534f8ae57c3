"""Cells: the ground between blocks given to blocks once, for neighbours, outlines and boundary lines alike.

All lines there are (borders of blocks, centrelines of roads, lines of barriers, the edge of the built-up ground) are
noded together, to the millimetre, into one planar partition. Every face of it belongs to one block:

1. a face inside a block belongs to that block;
2. a face between blocks belongs to the block beside it, if there is just one: so where a road lies between two blocks
   their cells meet on its centreline, and at a junction in the junction's node;
3. a face with several blocks beside it is cut first, along the lines of equal distance from their borders;
4. a face without a block beside it (the strip between two carriageways) is given away in a second round, in the same
   way, to the cells beside it; what is left, or cut off from its block, goes to the cell it shares most border with.

So cells are polygons with exactly shared borders, each in one piece if its block is. The union of the cells of blocks
that hang together by shared cell borders is in one piece, and no two such contacts cross each other.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.components import components
from redistrict.geo.loose_ends import close_ends
from redistrict.geo.rays import GRID_M, FloatArray, IntArray, cut_pieces, find_shared, line_segments

Shapes = NDArray[np.object_]

HAIR_M = 0.02
"""A neck of a block thinner than this holds nothing together."""
_CRUMB_SHARE = 0.01
"""A piece cut off from a block by another one that claims the ground between, if it is less of it, is nobody's."""
_STEP_M = 5.0
"""Lines of equal distance are drawn from points on the borders at most this far apart."""
_INSET_M = 0.05
_ZIGZAG_M = 1.5
"""Cells of points along two sides of an alley meet in a zigzag about this fine."""
_NUDGE_M = 0.001
_MOST_POINTS = 5_000
"""A face with more points is divided in bands: a diagram takes the time of n^1.5."""
_SQUARE_M = 100.0
_BAND, _MARGIN = 20, 6
"""Height of a band, and of what it must know beyond, in squares."""
_ROUNDS = 2
_NOBODY = -1


@dataclass(frozen=True, eq=False)
class Cells:
    """The ground each block was given.

    Attributes
    ----------
    shapes : (n_blocks,) polygons or multipolygons
        Neighbours share their border vertex for vertex, and nothing overlaps.
    pairs : (n_pairs, 2) int64
        Blocks i < j whose cells share a border, sorted.
    border_m : (n_pairs,) float64
        Metres of border they share.
    corners : (n_corners,) complex128
        Vertices of the blocks themselves, as x + iy: an outline that goes through them is bound to them.
    """

    shapes: Shapes
    pairs: IntArray
    border_m: FloatArray
    corners: NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class _Partition:
    """Faces of a planar partition: whose each is, and where two of them meet.

    Attributes
    ----------
    faces : (n_faces,) polygons
    owner : (n_faces,) int64
        Block, or `_NOBODY`.
    one, two : (n_contacts,) int64
        Faces on the two sides of a straight piece of border.
    a, b : (n_contacts, 2) float64
        Its ends.
    """

    faces: Shapes
    owner: IntArray
    one: IntArray
    two: IntArray
    a: FloatArray
    b: FloatArray

    @property
    def length_m(self) -> FloatArray:
        """Length of each contact."""
        return np.asarray(np.hypot(*(self.b - self.a).T))


def build_cells(shapes: Shapes, lines: Shapes, *, max_gap_m: float, looks: Shapes | None = None) -> Cells:
    """Give the ground within half of `max_gap_m` of the blocks to the blocks.

    Parameters
    ----------
    shapes : (n_blocks,) valid polygons or multipolygons, in metres
    lines : (n_lines,) lines
        Centrelines of roads and lines of barriers, along which the ground is cut first.
    max_gap_m : float
        Widest gap between blocks that is given to them.
    looks : (n_looks,) lines, optional
        Straight lines from block to block, no longer than the widest gap: the ground along them is given away even
        where fronts are so narrow that it lies open on both sides.
    """
    # Near the origin: far from it, offsets of some centimetres go wrong.
    origin = np.floor(shapely.total_bounds(shapes)[:2])
    looks = np.array([], dtype=object) if looks is None else looks
    shapes, lines, looks = (shapely.transform(some, lambda xy: xy - origin) for some in (shapes, lines, looks))
    own = settle_overlaps(shapes)
    space = _built_up(own, looks, max_gap_m / 2)
    lines = np.concatenate([lines, close_ends(lines)])
    lines = lines[shapely.intersects(space, lines)]
    noded = _node(np.concatenate([shapely.boundary(own), [shapely.boundary(space)], lines]))
    part = _divide_ground(noded, own, space)
    owner = part.owner
    for _ in range(_ROUNDS):
        regions, dividers = _share_faces(part, owner)
        finer = part
        if len(dividers):
            noded = _node(np.concatenate([noded, dividers]))
            finer = _divide_ground(noded, own, space)
        owner, part = _locate(finer, part, owner, regions), finer
    corners = np.unique(shapely.get_coordinates(own) + origin, axis=0) @ np.array([1, 1j])
    return _gather(part, _settle(part, owner), len(shapes), origin, corners)


def settle_overlaps(shapes: Shapes) -> Shapes:
    """Give ground that two blocks claim to the smaller one, unless that would cut the larger in more pieces.

    Shapes come back on the grid all lines are noded on, so that no neck is thinner than it.
    """
    own = shapely.set_precision(shapely.set_precision(shapes, GRID_M), 0)  # rounded, but not bound to the grid
    own = np.where(shapely.is_empty(own), shapes, own)
    tree, area_m2 = shapely.STRtree(own), shapely.area(own)
    found = np.hstack([tree.query(own, predicate=name) for name in ("overlaps", "contains_properly", "covers")])
    for i, j in sorted({(int(min(pair)), int(max(pair))) for pair in found.T if pair[0] != pair[1]}):
        small, large = (i, j) if (area_m2[i], i) < (area_m2[j], j) else (j, i)
        rest = _less(own[large], own[small])
        if rest.is_empty or count_pieces(rest) > count_pieces(own[large]):
            small, large = large, small
            rest = _less(own[large], own[small])
        own[large] = rest
    return own


def _less(shape: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry:
    """Take a shape out of another, and with it the crumbs it would cut off."""
    parts = shapely.get_parts(shapely.difference(shape, other, grid_size=GRID_M))
    parts = parts[(shapely.get_dimensions(parts) == 2) & (count_pieces(parts) > 0)]
    kept = parts[shapely.area(parts) >= _CRUMB_SHARE * shapely.area(shape)]
    return shapely.set_precision(kept[0] if len(kept) == 1 else shapely.multipolygons(kept), 0)


def count_pieces(shapes: Shapes | shapely.Geometry) -> IntArray:
    """Count the pieces of each shape; what hangs together by less than `HAIR_M` does not."""
    core = shapely.buffer(shapely.set_precision(shapes, 0), -HAIR_M / 2, join_style="mitre")
    return np.where(shapely.is_empty(core), 0, shapely.get_num_geometries(core))


def _built_up(own: Shapes, looks: Shapes, reach_m: float) -> shapely.Geometry:
    """Give the blocks with the ground between them, at most twice `reach_m` wide, and that along all looks."""
    grown = shapely.union_all(shapely.buffer(own, reach_m + 1.0, quad_segs=16))
    space = shapely.union_all([shapely.buffer(grown, -reach_m - 1.0, quad_segs=16), *own])
    shapely.prepare(space)
    middle = shapely.line_interpolate_point(looks, 0.5, normalized=True)
    narrow = looks[~shapely.intersects(space, middle)]
    return shapely.union_all([space, *shapely.buffer(narrow, _STEP_M / 2, cap_style="flat")]) if len(narrow) else space


def _node(lines: Shapes) -> Shapes:
    return np.asarray(shapely.set_precision(shapely.get_parts(shapely.union_all(lines, grid_size=GRID_M)), 0))


def _divide_ground(noded: Shapes, own: Shapes, space: shapely.Geometry) -> _Partition:
    """Give the faces between the lines, without those beyond the built-up ground."""
    faces = shapely.get_parts(shapely.polygonize(noded))
    middle = shapely.point_on_surface(faces)
    owner = np.full(len(faces), _NOBODY)
    face, block = shapely.STRtree(own).query(middle, predicate="intersects")
    owner[face[::-1]] = block[::-1]
    shapely.prepare(space)
    inside = (owner != _NOBODY) | shapely.intersects(space, middle)
    faces, owner = faces[inside], owner[inside]
    one, two, a, b = _contacts(faces)
    return _Partition(faces, owner, one, two, a, b)


def _contacts(faces: Shapes) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Find where two faces have a straight piece of border in common."""
    rings, ring_face = shapely.get_rings(faces, return_index=True)
    ring, a, b = line_segments(rings)
    face = ring_face[ring]
    one, two = find_shared(a, b)
    return face[one], face[two], a[one], b[one]


@dataclass(frozen=True, eq=False)
class _Regions:
    """Pieces of faces that have been given to somebody: the face each lies in, its shape, and whose it is."""

    face: IntArray
    shapes: Shapes
    whose: IntArray


def _share_faces(part: _Partition, owner: IntArray) -> tuple[_Regions, Shapes]:
    """Give every face that lies beside somebody's to whom it lies beside, cut where that is several.

    A region may reach beyond its face; only what lies in both is meant.

    Returns
    -------
    regions : _Regions
    dividers : (n_dividers,) lines
        Where faces are cut.
    """
    face, block = np.append(part.one, part.two), owner[np.append(part.two, part.one)]
    counts = (owner[face] == _NOBODY) & (block != _NOBODY)
    contact = np.tile(np.arange(part.one.size), 2)[counts]
    face, block = face[counts], block[counts]
    beside = np.unique(np.column_stack([face, block]), axis=0)
    n_beside = np.bincount(beside[:, 0], minlength=len(part.faces))
    alone = beside[n_beside[beside[:, 0]] == 1]
    faces, shapes, whose = [alone[:, 0]], [part.faces[alone[:, 0]]], [alone[:, 1]]
    dividers = [np.array([], dtype=object)]
    shared = n_beside[face] > 1
    for number, points, of in _border_points(part, face[shared], block[shared], contact[shared]):
        cells, blocks = _nearest(points, of)
        lines = shapely.boundary(cells)
        if len(points) <= _MOST_POINTS:  # to cut all by a face of a whole city would take longest of all
            lines = shapely.intersection(lines, part.faces[number])
        faces.append(np.full(len(blocks), number))
        shapes.append(cells)
        whose.append(blocks)
        dividers.append(lines)
    return _Regions(*map(np.concatenate, (faces, shapes, whose))), np.concatenate(dividers)


def _border_points(
    part: _Partition, face: IntArray, block: IntArray, contact: IntArray
) -> list[tuple[int, FloatArray, IntArray]]:
    """Give, for each face, points on the borders beside it and the block of each."""
    piece, points, _ = cut_pieces(part.a[contact], part.b[contact], longest_m=_STEP_M)
    order = np.argsort(face[piece], kind="stable")
    points, owner, of_face = points[order], block[piece][order], face[piece][order]
    faces, first, n_points = np.unique(of_face, return_index=True, return_counts=True)
    rows = zip(faces.tolist(), first.tolist(), (first + n_points).tolist(), strict=True)
    return [(face, points[i:j], owner[i:j]) for face, i, j in rows]


def _nearest(points: FloatArray, owner: IntArray) -> tuple[Shapes, IntArray]:
    """Give what is nearer to one block than to any other: a polygon for each block, and the block."""
    nudge = np.random.default_rng(0).uniform(-_NUDGE_M, _NUDGE_M, size=points.shape)
    cells = _diagram(points + nudge)
    blocks, group = np.unique(owner, return_inverse=True)
    return np.asarray(shapely.coverage_simplify(join_cells(cells, group, blocks.size), _ZIGZAG_M)), blocks


def join_cells(cells: Shapes, group: NDArray[np.integer], n_groups: int) -> Shapes:
    """Give the union of the cells of each group, (n_groups,): an empty polygon where it has none; negative: in none."""
    order = np.argsort(group, kind="stable")
    groups = np.split(cells[order], np.searchsorted(group[order], np.arange(n_groups)))[1:]
    joined = (some[~shapely.is_empty(some)] for some in groups)
    return np.array(
        [shapely.coverage_union_all(some) if len(some) else shapely.Polygon() for some in joined], dtype=object
    )


def _diagram(points: FloatArray) -> Shapes:
    """Give the Voronoi cell of each point, right as far from it as the point is from the nearest guard, halved.

    The diagram of a whole city takes the time of n^1.5, so it is made in bands from west to east. Guards, points set
    out around the squares that hold points, keep all cells small; so a margin on either side is enough for each band
    to have the very cells of the whole.
    """
    if len(points) <= _MOST_POINTS:
        return _voronoi(points)
    sites = np.vstack([points, _guards(points)])
    band = np.floor(points[:, 1] / (_BAND * _SQUARE_M)).astype(np.int64)
    cells = np.empty(len(points), dtype=object)
    for b in np.unique(band).tolist():
        low, high = (np.array([b, b + 1]) * _BAND + [-_MARGIN, _MARGIN]) * _SQUARE_M
        near = np.flatnonzero((sites[:, 1] >= low) & (sites[:, 1] <= high))
        own = np.flatnonzero(band[near[near < len(points)]] == b)
        cells[near[own]] = _voronoi(sites[near])[own]
    return cells


def _voronoi(points: FloatArray) -> Shapes:
    return np.asarray(shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), ordered=True)))


def _guards(points: FloatArray) -> FloatArray:
    """Give the middles of the empty squares two steps from one that holds a point, but not next to any such."""
    taken = np.unique(np.floor(points / _SQUARE_M).astype(np.int64), axis=0)
    around = np.array([(x, y) for x in range(-2, 3) for y in range(-2, 3)])
    is_ring = np.abs(around).max(axis=1) == 2
    near, ring = (
        np.unique((taken[:, None] + step).reshape(-1, 2), axis=0) for step in (around[~is_ring], around[is_ring])
    )
    low, width = ring.min(axis=0), int(np.ptp(ring[:, 1])) + 1
    key_near, key_ring = ((squares - low) @ np.array([width, 1]) for squares in (near, ring))
    empty = ring[~np.isin(key_ring, key_near)]
    nudge = np.random.default_rng(1).uniform(-1.0, 1.0, size=empty.shape)
    return np.asarray((empty + 0.5) * _SQUARE_M + nudge)


def _locate(finer: _Partition, part: _Partition, owner: IntArray, regions: _Regions) -> IntArray:
    """Give the owner of every face of the finer partition: its block, or whoever was given its place before."""
    found = finer.owner.copy()
    free = np.flatnonzero(found == _NOBODY)
    middle = shapely.point_on_surface(finer.faces[free])
    at, face = shapely.STRtree(part.faces).query(middle, predicate="intersects")
    parent = np.full(free.size, _NOBODY)
    parent[at] = face
    found[free] = np.where(parent == _NOBODY, _NOBODY, owner[parent])
    at, region = shapely.STRtree(regions.shapes).query(middle, predicate="intersects")
    own = regions.face[region] == parent[at]
    found[free[at[own]]] = regions.whose[region[own]]
    return found


def _settle(part: _Partition, owner: IntArray) -> IntArray:
    """Give what nobody has, and what is cut off from its block, to the cell it shares most border with."""
    is_core = part.owner != _NOBODY
    thick = is_core.copy()
    thick[is_core] = count_pieces(part.faces[is_core]) > 0
    is_core &= thick | ~np.isin(part.owner, part.owner[thick])  # hairs of a block are not the block
    owner = owner.copy()
    for _ in range(len(part.faces)):
        owner[_cut_off(part, owner, is_core)] = _NOBODY
        loose = owner == _NOBODY
        if not loose.any():
            break
        face, other = np.append(part.one, part.two), owner[np.append(part.two, part.one)]
        counts = loose[face] & (other != _NOBODY)
        if not counts.any():
            break
        keys, key = np.unique(np.column_stack([face[counts], other[counts]]), axis=0, return_inverse=True)
        border_m = np.bincount(key.ravel(), np.tile(part.length_m, 2)[counts])
        order = np.lexsort((keys[:, 1], -np.round(border_m, 3), keys[:, 0]))
        first = order[np.unique(keys[order, 0], return_index=True)[1]]
        owner[keys[first, 0]] = keys[first, 1]
    return owner


def _cut_off(part: _Partition, owner: IntArray, is_core: NDArray[np.bool_]) -> IntArray:
    """Give the faces that do not hang together with any face inside their block."""
    same = (owner[part.one] == owner[part.two]) & (owner[part.one] != _NOBODY)
    pieces = components(owner.size, np.column_stack([part.one, part.two])[same])
    return np.array([face for piece in pieces if not is_core[piece].any() for face in piece], dtype=np.int64)


def _gather(
    part: _Partition, owner: IntArray, n_blocks: int, origin: FloatArray, corners: NDArray[np.complex128]
) -> Cells:
    shapes = join_cells(part.faces, owner, n_blocks)
    i, j = np.sort(np.stack([owner[part.one], owner[part.two]]), axis=0)
    apart = (i != j) & (i != _NOBODY)
    key, row = np.unique(i[apart] * n_blocks + j[apart], return_inverse=True)
    pairs = np.column_stack(np.divmod(key, n_blocks))
    border_m = np.bincount(row, part.length_m[apart], minlength=len(key)).astype(np.float64)
    return Cells(shapely.transform(shapes, lambda xy: xy + origin), pairs, border_m, corners)
