"""Clipping: straight pieces drawn face by face become lines within their faces, in several threads."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.rays import FloatArray, IntArray, line_segments
from redistrict.geo.threads import THREADS

Shapes = NDArray[np.object_]

_WOBBLE_M = 0.1
"""Lines of equal distance may lie this far beside where they were computed."""
_LARGE = 5_000
"""Lines are not cut to a face of more vertices: that would take longest of all."""


def clip_pieces(faces: Shapes, heaps: Iterable[tuple[IntArray, FloatArray, FloatArray]]) -> tuple[Shapes, IntArray]:
    """Join the straight pieces of each heap to lines, and give what of each lies within its face, and the face.

    In a face as large as a city pieces that cross its border are not cut there: that would take longest of all.

    Parameters
    ----------
    faces : (n_faces,) polygons
    heaps : for each the face of every piece, and its ends, (n_pieces, 2) float64

    Returns
    -------
    lines : (n_lines,) lines or multilines
    face : (n_lines,) int64
    """
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda heap: _clip(faces, *heap), heaps))
    none: tuple[Shapes, IntArray] = (np.array([], dtype=object), np.array([], dtype=np.int64))
    lines, of = (np.concatenate(some) for some in zip(none, *found, strict=True))
    meets = _meets(faces, lines, of)
    return lines[meets], of[meets]


def join_chains(key: IntArray, a: FloatArray, b: FloatArray) -> tuple[IntArray, Shapes]:
    """Join straight pieces with one key to lines: the key of each, ascending, and the line."""
    order = np.argsort(key, kind="stable")
    keys, first = np.unique(key[order], return_index=True)
    ends = np.stack([a, b], axis=1)[order].reshape(-1, 2)
    starts = np.arange(0, len(ends) + 1, 2), np.append(first, len(key))
    pieces = shapely.from_ragged_array(shapely.GeometryType.MULTILINESTRING, ends, starts)
    chains, of = shapely.get_parts(shapely.line_merge(pieces), return_index=True)
    return keys[of], chains


def _clip(faces: Shapes, face: IntArray, a: FloatArray, b: FloatArray) -> tuple[Shapes, IntArray]:
    """Join straight pieces to lines, and give what of each lies within its face, and the face.

    In a face as large as a city they stay single pieces, and are not cut: that would take longest of all.
    """
    of, chains = join_chains(face, a, b)
    chains = shapely.simplify(chains, _WOBBLE_M)
    whose, chain = np.unique(of, return_inverse=True)
    inside = faces[whose]
    small = ~_is_large(inside)
    cut = shapely.intersection(shapely.multilinestrings(chains, indices=chain)[small], inside[small])
    large = np.flatnonzero(~small[chain])
    piece, start, end = line_segments(chains[large])
    left, there = shapely.linestrings(np.stack([start, end], axis=1)), ~shapely.is_empty(cut)
    return np.append(cut[there], left), np.append(whose[small][there], of[large[piece]])


def _is_large(faces: Shapes) -> NDArray[np.bool_]:
    return np.asarray(shapely.get_num_coordinates(faces) > _LARGE)


def _meets(faces: Shapes, lines: Shapes, of: IntArray) -> NDArray[np.bool_]:
    """Tell which lines are cut to their face, or meet it where it is large; no two threads may ask a prepared face."""
    whose, line = np.unique(of, return_inverse=True)
    is_large = _is_large(faces[whose])
    shapely.prepare(faces[whose[is_large]])
    meets, among = np.ones(len(lines), dtype=bool), is_large[line]
    meets[among] = shapely.intersects(faces[of[among]], lines[among])
    return meets
