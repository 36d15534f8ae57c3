"""Pieces: which blocks hang together, by frontage, by links and bridges, and as islands nobody lives on."""

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.scenario.models import Contiguity
from redistrict.verify.frontage import Survey
from redistrict.verify.ground import Ground

Ints = NDArray[np.intp]
Pairs = list[tuple[int, int]]

CHUNK = 512
NEAREST_SLACK_M = 1.0


def find_pieces(survey: Survey, group: Ints, links: Pairs) -> Ints:
    """Number the pieces that each group of blocks falls into.

    Only pairs of blocks of one group, not yet known to be in one piece, are looked at; all of them
    close by first, because few are left for the long look after that.

    Parameters
    ----------
    group : (n,)
        Group of each block; negative: in none, a piece of its own.
    links : pairs of blocks
        Neighbours whatever the map shows; they count inside a group only.

    Returns
    -------
    piece : (n,)
        Equal numbers for blocks of one piece.
    """
    piece = merge(np.arange(group.size), [(a, b) for a, b in links if group[a] == group[b] >= 0])
    i, j = survey.pairs.T
    rows = np.flatnonzero((group[i] == group[j]) & (group[i] >= 0))
    for close_by in (True, False):
        for at in range(0, rows.size, CHUNK):
            chunk = rows[at : at + CHUNK]
            apart = chunk[piece[i[chunk]] != piece[j[chunk]]]
            found = survey.are_neighbours(apart, close_by=close_by)
            piece = merge(piece, survey.pairs[apart[found]].tolist())
    return piece


def find_links(ground: Ground, contiguity: Contiguity) -> Pairs:
    """Give the pairs joined by the scenario or by a bridge drawn as a line, less those it bans."""
    bans = {frozenset(pair) for pair in ground.find_pairs(contiguity.bans)}
    links = [*ground.find_pairs(contiguity.links), *_bridged(ground, contiguity)]
    return [pair for pair in links if frozenset(pair) not in bans]


def find_island_links(ground: Ground, area: Ints, district: Ints) -> Pairs:
    """Join every area without people to the nearest blocks of its district, until none is left.

    Parameters
    ----------
    area : (n,)
        Piece of the district each block belongs to.
    district : (n,)
        Number of the district.

    Returns
    -------
    links : pairs of blocks
        A block of an empty area and a block at most a metre farther than the nearest outside it.
    """
    links: Pairs = []
    while True:
        peopled = set(area[~ground.is_empty].tolist())
        empty = [number for number in np.unique(area).tolist() if number not in peopled]
        found: Pairs = []
        for number in empty:
            own = np.flatnonzero(area == number)
            others = np.flatnonzero((district == district[own[0]]) & (area != number))
            found += _nearest_links(ground, own, others)
        if not found:
            return links
        area = merge(area, found)
        links += found


def _nearest_links(ground: Ground, own: Ints, others: Ints) -> Pairs:
    if others.size == 0:
        return []
    shape = shapely.union_all(ground.polygons[own])
    tree = shapely.STRtree(ground.polygons[others])
    nearest_m = shapely.distance(shape, ground.polygons[others[tree.nearest(shape)]])
    near = others[tree.query(shape, predicate="dwithin", distance=nearest_m + NEAREST_SLACK_M)]
    closest = [own[np.argmin(shapely.distance(ground.polygons[own], ground.polygons[at]))] for at in near]
    return [(int(a), int(b)) for a, b in zip(closest, near, strict=True)]


def _bridged(ground: Ground, contiguity: Contiguity) -> Pairs:
    """Pair the blocks at the two ends of every bridge too long to be looked across."""
    tree = shapely.STRtree(ground.polygons)
    farthest_m = contiguity.max_gap_m + contiguity.structure_reach_m
    links: Pairs = []
    for bridge in ground.bridges[shapely.length(ground.bridges) > contiguity.max_gap_m]:
        landings = []
        for end in (shapely.get_point(bridge, 0), shapely.get_point(bridge, -1)):
            nearest_m = shapely.distance(end, ground.polygons[tree.nearest(end)])
            reach_m = min(farthest_m, nearest_m + NEAREST_SLACK_M)
            landings.append(tree.query(end, predicate="dwithin", distance=reach_m).tolist())
        links += [(a, b) for a in landings[0] for b in landings[1] if a != b]
    return links


def merge(piece: Ints, pairs: Iterable[tuple[int, int]]) -> Ints:
    """Give both blocks of each pair one number, and all that had either number with them."""
    merged = piece.copy()
    for a, b in pairs:
        if merged[a] != merged[b]:
            merged[merged == merged[b]] = merged[a]
    return merged
