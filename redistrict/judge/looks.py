"""Looks: shortest lines from the outline of one block to another, and the straight edges they start from."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.judge.reading import Geometries

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

TOUCH_M = 0.05  # nearer than this, the direction of the shortest line says nothing
LONGEST_EDGE_M = 25.0  # longer edges are split, so that few pieces need a shortest line


@dataclass(frozen=True, eq=False)
class Edges:
    """Straight edges of all outlines; those of block i are ``first[i] : first[i + 1]``."""

    start: Floats
    end: Floats
    first: Ints

    @cached_property
    def length(self) -> Floats:
        """Length of each edge in metres."""
        length: Floats = np.hypot(*(self.end - self.start).T)
        return length

    @cached_property
    def lines(self) -> Geometries:
        """The edges as lines."""
        lines: Geometries = shapely.linestrings(np.stack([self.start, self.end], axis=1))
        return lines

    @cached_property
    def normal(self) -> Floats:
        """Unit vector pointing out of the block."""
        along = self.end - self.start
        return np.column_stack([along[:, 1], -along[:, 0]]) / self.length[:, None]


@dataclass(frozen=True, eq=False)
class Looks:
    """Shortest lines from pieces of outline to the other block of their pair (row of `pair`)."""

    pair: Ints
    start: Floats
    end: Floats
    normal: Floats
    piece_m: Floats

    def __getitem__(self, keep: Bools | Ints) -> "Looks":
        return Looks(self.pair[keep], self.start[keep], self.end[keep], self.normal[keep], self.piece_m[keep])

    @cached_property
    def length(self) -> Floats:
        """Length of each line in metres."""
        distance: Floats = np.hypot(*(self.end - self.start).T)
        return distance

    def lines(self, *, beyond_m: float = 0.0) -> Geometries:
        """Draw the lines, longer by `beyond_m` at both ends."""
        way = np.where(
            (self.length > TOUCH_M)[:, None],
            (self.end - self.start) / np.maximum(self.length, TOUCH_M)[:, None],
            self.normal,
        )
        ends = np.stack([self.start - beyond_m * way, self.end + beyond_m * way], axis=1)
        drawn: Geometries = shapely.linestrings(ends)
        return drawn


def cut_straight(lines: Geometries) -> tuple[Floats, Ints]:
    """Cut lines into their straight runs: the ends of each, (n_runs, 2, 2), and the line it is cut from."""
    parts, of_part = shapely.get_parts(lines, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    is_run = (part[:-1] == part[1:]) & (xy[:-1] != xy[1:]).any(axis=1)
    return np.stack([xy[:-1], xy[1:]], axis=1)[is_run], of_part[part[:-1][is_run]]


def trace_edges(polygons: Geometries) -> Edges:
    """Cut the outlines into straight edges of at most `LONGEST_EDGE_M`."""
    parts, block_of_part = shapely.get_parts(
        shapely.segmentize(shapely.orient_polygons(polygons), LONGEST_EDGE_M), return_index=True
    )
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    keep = (np.diff(ring) == 0) & (xy[1:] != xy[:-1]).any(axis=1)
    block = block_of_part[part_of_ring[ring[:-1][keep]]]
    return Edges(xy[:-1][keep], xy[1:][keep], np.searchsorted(block, np.arange(len(polygons) + 1)))


def cut_edges(edges: Edges, pair: Ints, edge: Ints, step_m: float) -> tuple[Ints, Floats, Floats, Floats]:
    """Cut edges into pieces of at most `step_m`.

    Returns
    -------
    pair, start, normal, piece_m
        Of each piece: its pair, its middle, the unit vector out of the block, its length.
    """
    n_pieces = np.ceil(edges.length[edge] / step_m).astype(np.intp)
    row, number = count_up(n_pieces)
    pair, edge, n_pieces = pair[row], edge[row], n_pieces[row]
    along = ((number + 0.5) / n_pieces)[:, None]
    middle = (1 - along) * edges.start[edge] + along * edges.end[edge]
    return pair, middle, edges.normal[edge], edges.length[edge] / n_pieces


def count_up(counts: Ints) -> tuple[Ints, Ints]:
    """Give ``0 0 0 1 2 2`` and ``0 1 2 0 0 1`` for counts ``3 1 2``."""
    owner = np.repeat(np.arange(counts.size), counts)
    return owner, np.arange(owner.size) - np.repeat(np.cumsum(counts) - counts, counts)


def find_repeated(looks: Looks) -> Bools:
    """Whether an earlier look of the same pair ends at the same point, to the decimetre."""
    key = np.column_stack([looks.pair, np.round(looks.end * 10)])
    _, first = np.unique(key, axis=0, return_index=True)
    repeated = np.ones(looks.pair.size, dtype=bool)
    repeated[first] = False
    return repeated
