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

from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.built_up import BuiltUp, Looks, add_strips, find_built_up
from redistrict.geo.clipping import clip_pieces, join_chains
from redistrict.geo.diagram import equal_distance
from redistrict.geo.loose_ends import close_ends
from redistrict.geo.noding import node_lines
from redistrict.geo.overlaps import count_pieces, settle_overlaps
from redistrict.geo.rays import GRID_M, FloatArray, IntArray, find_shared, line_segments
from redistrict.geo.thin import number_places
from redistrict.geo.threads import do_halves

Shapes = NDArray[np.object_]

_STRAIGHT_M = 0.02
"""Borders are straightened by so much before lines of equal distance are drawn: dense vertices do not count."""
_DUST_M2, _DUST_M = 100.0, 100.0
"""A face of no more ground and border is not divided: a gap of some millimetres between many blocks is no such face."""
_NEAR_M = 0.01
_ROUNDS = (0.0, 0.25)
"""Ground is given away in so many rounds, to all whose front is at least this share of the longest one beside a face.

In the second round fronts are those of cells: the end of a median, at the road it ends on, takes no part of it.
"""
NOBODY = -1


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
    blocks : (n_blocks,) polygons or multipolygons
        The blocks themselves, none of them on the ground of another.
    """

    shapes: Shapes
    pairs: IntArray
    border_m: FloatArray
    blocks: Shapes


@dataclass(frozen=True, eq=False)
class Partition:
    """Faces of a planar partition: whose each is, and where two of them meet.

    Attributes
    ----------
    faces : (n_faces,) polygons
    owner : (n_faces,) int64
        Block, or `NOBODY`.
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


@dataclass(frozen=True, eq=False)
class Ground:
    """What there is to give away.

    Attributes
    ----------
    origin : (2,) float64
        Taken off all places: far from it, offsets of some centimetres go wrong.
    own : (n_blocks,) polygons or multipolygons
        The blocks, none of them on the ground of another.
    built_up : BuiltUp
        The ground within half of the widest gap of them.
    """

    origin: FloatArray
    own: Shapes
    built_up: BuiltUp


def find_ground(shapes: Shapes, *, max_gap_m: float) -> Ground:
    """Find the ground within half of `max_gap_m` of the blocks.

    Parameters
    ----------
    shapes : (n_blocks,) valid polygons or multipolygons, in metres
    max_gap_m : float
        Widest gap between blocks that is given to them.
    """
    origin = np.floor(shapely.total_bounds(shapes)[:2])
    own = settle_overlaps(shapely.transform(shapes, lambda xy: xy - origin))
    return Ground(origin, own, find_built_up(own, max_gap_m / 2))


def build_cells(ground: Ground, lines: Shapes, looks: Looks) -> Cells:
    """Give the ground to the blocks.

    Parameters
    ----------
    lines : (n_lines,) lines
        Centrelines of roads and lines of barriers, along which the ground is cut first.
    looks : Looks
        The ground along them is given away even where fronts are so narrow that it lies open on both sides.
    """
    origin, own = ground.origin, ground.own
    lines = shapely.transform(lines, lambda xy: xy - origin)
    built_up = add_strips(ground.built_up, replace(looks, ends=looks.ends - origin))
    lines = np.concatenate([lines, close_ends(lines)])
    lines = lines[shapely.intersects(built_up.grown, lines)]
    noded = node_lines(np.concatenate([shapely.boundary(own), built_up.edge, lines]))
    part = _divide(noded, own, built_up)
    owner = part.owner
    for share in _ROUNDS:
        part, owner = _cut_faces(part, owner, *_draw_dividers(part, owner, share))
        owner = _give_away(part, owner)
    return _gather(part, settle(part, owner), own, origin)


def _divide(noded: Shapes, own: Shapes, built_up: BuiltUp) -> Partition:
    """Give the faces between the lines, without those beyond the built-up ground."""
    faces = shapely.get_parts(shapely.polygonize(noded))
    middle = shapely.point_on_surface(faces)
    owner = np.full(len(faces), NOBODY)
    face, block = _find_whole(middle, own)
    owner[face] = block
    inside = owner != NOBODY
    inside[~inside] = built_up.holds(faces[~inside])
    one, two, a, b = meet_faces(faces)
    inside |= _closed_in(faces, inside, built_up, (one, two, np.hypot(*(b - a).T)))
    kept, number = inside[one] & inside[two], np.cumsum(inside) - 1
    return Partition(faces[inside], owner[inside], number[one[kept]], number[two[kept]], a[kept], b[kept])


def _closed_in(
    faces: Shapes, inside: NDArray[np.bool_], built_up: BuiltUp, contacts: tuple[IntArray, IntArray, FloatArray]
) -> NDArray[np.bool_]:
    """Tell which open faces others close in, where they lie nowhere far from blocks: a look may cut them off."""
    one, two, length_m = contacts
    shared_m = np.bincount(np.append(one, two), np.append(length_m, length_m), minlength=len(faces))
    leaks = ~inside & (shapely.length(faces) - shared_m > GRID_M)
    maybe = np.flatnonzero(~inside & ~leaks)
    leaks[maybe] = ~shapely.covers(built_up.grown, faces[maybe])
    among = ~inside[one] & ~inside[two]
    return np.asarray(~inside & ~_spread(leaks, one[among], two[among]))


def _spread(has: NDArray[np.bool_], one: IntArray, two: IntArray) -> NDArray[np.bool_]:
    """Tell which faces hang together with one that has something, by contacts between two."""
    has = has.copy()
    while (late := has[one] != has[two]).any():
        has[one[late]] = has[two[late]] = True
    return has


def _find_whole(points: Shapes, shapes: Shapes) -> tuple[IntArray, IntArray]:
    """Give the points that lie in a shape, and the first shape each lies in.

    The index holds the points: so each shape is prepared once, though it be as large as a city.
    """
    shape, point = shapely.STRtree(points).query(shapes, predicate="intersects")
    point, first = np.unique(point, return_index=True)
    return point, shape[first]


def meet_faces(faces: Shapes) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Find where two faces have a straight piece of border in common."""
    rings, ring_face = shapely.get_rings(faces, return_index=True)
    ring, a, b = line_segments(rings)
    face = ring_face[ring]
    one, two = find_shared(a, b)
    return face[one], face[two], a[one], b[one]


def _draw_dividers(part: Partition, owner: IntArray, least_share: float) -> tuple[Shapes, IntArray]:
    """Draw the lines of equal distance from borders in every face that several blocks lie beside, and tell which.

    Blocks with less border beside a face than a share of the most do not count.
    """
    face, block, contact = _beside(part, owner)
    keys, key = _number_pairs(face, block)
    border_m, most_m = np.bincount(key, part.length_m[contact], minlength=len(keys)), np.zeros(len(part.faces))
    np.maximum.at(most_m, keys[:, 0], border_m)
    counts = border_m >= least_share * most_m[keys[:, 0]]
    is_shared = np.bincount(keys[counts, 0], minlength=len(part.faces)) > 1
    is_dust = (shapely.area(part.faces) <= _DUST_M2) & (shapely.length(part.faces) <= _DUST_M)
    shared = counts[key] & (is_shared & ~is_dust)[face]
    fronts = _fronts(part, face[shared], block[shared], contact[shared])
    return clip_pieces(part.faces, equal_distance(*fronts))


def _fronts(
    part: Partition, face: IntArray, block: IntArray, contact: IntArray
) -> tuple[FloatArray, FloatArray, IntArray, IntArray]:
    """Join the contacts of each face with each block, and straighten them: ends, face and block, by face."""
    n = int(block.max(initial=0)) + 1
    key, chains = join_chains(face * n + block, part.a[contact], part.b[contact])
    chain, a, b = line_segments(shapely.simplify(chains, _STRAIGHT_M, preserve_topology=False))
    return a, b, *np.divmod(key[chain], n)


def _beside(part: Partition, owner: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Give every contact of nobody's face with somebody's: the face, whose the other is, and the contact."""
    face, other = np.append(part.one, part.two), owner[np.append(part.two, part.one)]
    counts = np.flatnonzero((owner[face] == NOBODY) & (other != NOBODY))
    return face[counts], other[counts], counts % max(1, part.one.size)


def _number_pairs(face: IntArray, block: IntArray) -> tuple[IntArray, IntArray]:
    """Give all pairs of a face and a block, (n_pairs, 2), sorted, and the number of each one's pair."""
    n = int(block.max(initial=0)) + 1
    keys, key = np.unique(face * n + block, return_inverse=True)
    return np.column_stack(np.divmod(keys, n)), key


def _cut_faces(part: Partition, owner: IntArray, dividers: Shapes, of: IntArray) -> tuple[Partition, IntArray]:
    """Cut faces along dividers; only borders they come near are noded anew, and those of hairs, which may close.

    Noding moves lines by up to a millimetre: the faces beside what it moves are made anew, too, so that all share it.
    """
    if not len(dividers):
        return part, owner
    is_hair = shapely.area(part.faces) < GRID_M * shapely.length(part.faces)
    some = _find_around(part, dividers, is_hair)
    sides, borders = _borders(part.faces[some])
    sides = some[sides]
    border, a, b = line_segments(borders)
    is_near = is_hair[sides].any(axis=1)
    is_near[border[_find_near(a, b, dividers)]] = True
    noded = node_lines(np.append(borders[is_near], dividers))
    is_new = np.zeros(len(part.faces), dtype=bool)
    is_new[of] = True
    is_new[sides[_find_changed(borders, np.flatnonzero(is_near), noded)]] = True
    others = np.flatnonzero(~is_near & is_new[sides].any(axis=1))
    once = np.unique(_find_changed(borders, others, noded))  # what noding laid on another border is there already
    pieces = shapely.get_parts(shapely.polygonize(np.append(noded, borders[once])))
    new = np.flatnonzero(is_new)
    piece, whole = _find_whole(shapely.point_on_surface(pieces), part.faces[new])
    cut = _replace(part, is_new, pieces[piece], new[whole])
    return cut, np.append(owner[~is_new], owner[new[whole]])


def _find_around(part: Partition, dividers: Shapes, is_hair: NDArray[np.bool_]) -> IntArray:
    """Give the faces dividers may come near, hairs, and all faces beside any of these."""
    boxes = shapely.box(*(shapely.bounds(shapely.get_parts(dividers)) + _NEAR_M * np.array([-1, -1, 1, 1])).T)
    near = is_hair.copy()
    near[shapely.STRtree(part.faces).query(boxes)[1]] = True
    around = near.copy()
    around[part.two[near[part.one]]] = around[part.one[near[part.two]]] = True
    return np.flatnonzero(around)


def _replace(part: Partition, is_new: NDArray[np.bool_], pieces: Shapes, whole: IntArray) -> Partition:
    """Put pieces in the place of some faces, the whole of each given; all other faces come first, and stay."""
    number = np.cumsum(~is_new) - 1
    touched = is_new[part.one] | is_new[part.two]
    beside = np.append(part.one[touched], part.two[touched])
    rim = np.unique(beside[~is_new[beside]])
    faces = np.append(number[rim], (~is_new).sum() + np.arange(len(pieces)))
    one, two, a, b = meet_faces(np.append(part.faces[rim], pieces))
    fresh = np.maximum(one, two) >= len(rim)
    return Partition(
        np.append(part.faces[~is_new], pieces),
        np.append(part.owner[~is_new], part.owner[whole]),
        np.append(number[part.one[~touched]], faces[one[fresh]]),
        np.append(number[part.two[~touched]], faces[two[fresh]]),
        np.vstack([part.a[~touched], a[fresh]]),
        np.vstack([part.b[~touched], b[fresh]]),
    )


def _borders(faces: Shapes) -> tuple[IntArray, Shapes]:
    """Give the borders of faces, none beyond a fork: the faces on both sides (one twice at the rim), and the line."""
    rings, ring_face = shapely.get_rings(faces, return_index=True)
    ring, a, b = line_segments(rings)
    face, once = ring_face[ring], np.ones(len(a), dtype=bool)
    first, second = find_shared(a, b)
    beyond = face.copy()
    beyond[first], once[second] = face[second], False
    piece = np.flatnonzero(once)
    ring, a, b = ring[piece], a[piece], b[piece]
    place = number_places(np.vstack([a, b]))
    begins = (np.bincount(place) != 2)[place[: len(a)]]
    begins |= np.append(True, (np.diff(piece) > 1) | (np.diff(ring) > 0))
    start, end = np.flatnonzero(begins), np.append(np.flatnonzero(begins)[1:], len(a))
    xy, starts = np.insert(a, end, b[end - 1], axis=0), np.append(start, len(a)) + np.arange(len(start) + 1)
    sides = np.column_stack([face, beyond])[piece[start]]
    return sides, shapely.from_ragged_array(shapely.GeometryType.LINESTRING, xy, (starts,))


def _find_near(a: FloatArray, b: FloatArray, dividers: Shapes) -> IntArray:
    """Give the straight pieces of border, by their ends, that dividers cut or come near."""
    _, *ends = line_segments(shapely.get_parts(dividers))
    border, piece = (shapely.linestrings(np.stack(some, axis=1)) for some in ((a, b), ends))
    tree = shapely.STRtree(border)
    found = do_halves(lambda some: tree.query(some, predicate="dwithin", distance=_NEAR_M)[1], piece)
    return np.concatenate(found)


def _find_changed(borders: Shapes, some: IntArray, noded: Shapes) -> IntArray:
    """Tell which of some borders have a straight piece that is not among those of noded lines."""
    border, a, b = line_segments(borders[some])
    _, c, d = line_segments(noded)
    kept, _ = find_shared(np.vstack([a, c]), np.vstack([b, d]))
    return some[np.delete(border, kept[kept < len(a)])]


def _give_away(part: Partition, owner: IntArray) -> IntArray:
    """Give every face of nobody's that lies beside somebody's to whom it shares most border with."""
    face, block, contact = _beside(part, owner)
    keys, key = _number_pairs(face, block)
    border_m = np.bincount(key, part.length_m[contact], minlength=len(keys))
    order = np.lexsort((keys[:, 1], -np.round(border_m, 3), keys[:, 0]))
    first = order[np.unique(keys[order, 0], return_index=True)[1]]
    owner = owner.copy()
    owner[keys[first, 0]] = keys[first, 1]
    return owner


def join_cells(cells: Shapes, group: NDArray[np.integer], n_groups: int) -> Shapes:
    """Give the union of the cells of each group, (n_groups,): an empty polygon where it has none; negative: in none."""
    order = np.argsort(group, kind="stable")
    groups = np.split(cells[order], np.searchsorted(group[order], np.arange(n_groups)))[1:]

    def join(some: IntArray) -> list[shapely.Geometry]:
        parts = (groups[n][~shapely.is_empty(groups[n])] for n in some.tolist())
        return [shapely.coverage_union_all(part) if len(part) else shapely.Polygon() for part in parts]

    return np.array([*chain(*do_halves(join, np.arange(n_groups)))], dtype=object)


def settle(part: Partition, owner: IntArray) -> IntArray:
    """Give what nobody has, and what is cut off from its block, to the cell it shares most border with."""
    is_core = part.owner != NOBODY
    thick = is_core.copy()
    thick[is_core] = count_pieces(part.faces[is_core]) > 0
    is_core &= thick | ~np.isin(part.owner, part.owner[thick])  # hairs of a block are not the block
    owner = owner.copy()
    for _ in range(len(part.faces)):
        owner[_cut_off(part, owner, is_core)] = NOBODY
        given = _give_away(part, owner)
        if np.array_equal(given, owner):
            break
        owner = given
    return owner


def _cut_off(part: Partition, owner: IntArray, is_core: NDArray[np.bool_]) -> IntArray:
    """Give the faces that do not hang together with any face inside their block."""
    same = owner[part.one] == owner[part.two]
    return np.flatnonzero(~_spread(is_core, part.one[same], part.two[same]))


def _gather(part: Partition, owner: IntArray, own: Shapes, origin: FloatArray) -> Cells:
    n_blocks = len(own)
    shapes = join_cells(part.faces, owner, n_blocks)
    i, j = np.sort(np.stack([owner[part.one], owner[part.two]]), axis=0)
    apart = (i != j) & (i != NOBODY)
    key, row = np.unique(i[apart] * n_blocks + j[apart], return_inverse=True)
    pairs = np.column_stack(np.divmod(key, n_blocks))
    border_m = np.bincount(row, part.length_m[apart], minlength=len(key)).astype(np.float64)
    shapes, own = (shapely.transform(some, lambda xy: xy + origin) for some in (shapes, own))
    return Cells(shapes, pairs, border_m, own)
