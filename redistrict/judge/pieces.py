"""Pieces: which blocks hang together, by frontage, by links and bridges, and as islands nobody lives on."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.judge.frontage import CHUNK, Survey
from redistrict.judge.ground import Ground
from redistrict.scenario.models import Contiguity

Ints = NDArray[np.intp]
Pairs = list[tuple[int, int]]

NEAREST_SLACK_M = 1.0
_FEWER = 16


def find_pieces(survey: Survey, group: Ints, links: Pairs, *, community: Ints | None = None) -> Ints:
    """Number the pieces that each group of blocks falls into.

    Only pairs of blocks of one group, not yet known to be in one piece, are looked at; all of them
    close by first, because few are left for the long look after that.

    Parameters
    ----------
    group : (n,)
        Group of each block; negative: in none, a piece of its own.
    links : pairs of blocks
        Neighbours whatever the map shows; they count inside a group only.
    community : (n,), optional
        Community of each block in the plan: blocks of two communities are given hardly any slack as neighbours.

    Returns
    -------
    piece : (n,)
        Equal numbers for blocks of one piece.
    """
    piece = merge(np.arange(group.size), [(a, b) for a, b in links if group[a] == group[b] >= 0])
    i, j = survey.pairs.T
    rows = np.flatnonzero((group[i] == group[j]) & (group[i] >= 0))
    strict = np.zeros(i.size, dtype=bool) if community is None else community[i] != community[j]
    # The strict ones last, a few at a time: they take long, and each that is found leaves fewer.
    for some, at_once in ((rows[~strict[rows]], CHUNK), (rows[strict[rows]], CHUNK // _FEWER)):
        for close_by in (True, False):
            for at in range(0, some.size, at_once):
                chunk = some[at : at + at_once]
                apart = chunk[piece[i[chunk]] != piece[j[chunk]]]
                found = survey.are_neighbours(apart, close_by=close_by, strict=strict[apart])
                piece = merge(piece, survey.pairs[apart[found]].tolist())
    return piece


def find_links(ground: Ground, contiguity: Contiguity, community: Ints) -> Pairs:
    """Give the pairs joined by the scenario or by a bridge drawn as a line over a barrier, less those it bans.

    Where several blocks are as near to the end of a bridge, give or take a metre, the pair counts that the plan
    puts into one community, else the nearest.
    """
    bans = {frozenset(pair) for pair in ground.find_pairs(contiguity.bans)}
    links = [*ground.find_pairs(contiguity.links), *_bridged(ground, contiguity, community)]
    return [pair for pair in links if frozenset(pair) not in bans]


def find_settled(ground: Ground, piece: Ints) -> NDArray[np.bool_]:
    """Tell which blocks lie in a piece with people."""
    return np.isin(piece, piece[~ground.is_empty])


def find_lonely(ground: Ground, survey: Survey, group: Ints, links: Pairs, blocks: Ints) -> NDArray[np.bool_]:
    """Tell which of these blocks hang together with nobody in their group, when no pair is given slack as neighbours.

    Only empty blocks that they hang together with are looked at, and what lies beside these. People who are met are
    taken to be of one piece, for which does not matter.
    """
    ends = np.concatenate([survey.pairs, np.array(links, dtype=np.intp).reshape(-1, 2)])
    ends = ends[group[ends[:, 0]] == group[ends[:, 1]]]
    asked = blocks[ground.is_empty[blocks]]
    seen = np.isin(np.arange(group.size), asked)
    while True:
        settled = np.flatnonzero(seen & ~ground.is_empty)
        met = pairwise(settled[np.argsort(group[settled], kind="stable")].tolist())
        piece = find_pieces(survey, np.where(seen, group, -1), [*links, *met], community=np.arange(group.size))
        lonely: NDArray[np.bool_] = np.isin(piece, piece[asked]) & ~find_settled(ground, piece)
        beside = np.setdiff1d(ends[lonely[ends].any(axis=1)], np.flatnonzero(seen))
        if beside.size == 0:
            return lonely[blocks]
        seen[beside] = True


def find_island_links(ground: Ground, piece: Ints, district: Ints, community: Ints) -> Pairs:
    """Join every piece without people to the nearest block of its district that hangs together with people.

    Where several are as near, give or take a metre, the one counts that the plan puts into one community with it.

    Parameters
    ----------
    piece : (n,)
        Piece of the district each block belongs to.
    district, community : (n,)
        Number of the district, and of the community in the plan.

    Returns
    -------
    links : pairs of blocks
        One for each piece without people, unless its whole district is empty.
    """
    is_settled = find_settled(ground, piece)
    links: Pairs = []
    for number in np.unique(piece[~is_settled]).tolist():
        own = np.flatnonzero(piece == number)
        near = _nearest_links(ground, own, np.flatnonzero(is_settled & (district == district[own[0]])))
        links += _used_or_first(near, community)
    return links


def _nearest_links(ground: Ground, own: Ints, others: Ints) -> Pairs:
    if others.size == 0:
        return []
    shape = shapely.union_all(ground.polygons[own])
    near = others[_nearest(shapely.STRtree(ground.polygons[others]), shape, np.inf)]
    closest = [own[np.argmin(shapely.distance(ground.polygons[own], ground.polygons[at]))] for at in near]
    return [(int(a), int(b)) for a, b in zip(closest, near, strict=True)]


def _bridged(ground: Ground, contiguity: Contiguity, community: Ints) -> Pairs:
    """Pair the blocks at the two ends of every bridge over a barrier too long to be looked across."""
    tree = shapely.STRtree(ground.polygons)
    long = ground.bridges[shapely.length(ground.bridges) > contiguity.max_gap_m]
    over, walled = (
        shapely.STRtree(shapes).query(long, predicate="intersects")[0] for shapes in (ground.barriers, ground.walls)
    )
    links: Pairs = []
    for bridge in long[np.setdiff1d(over, walled)]:
        ends = (shapely.get_point(bridge, 0), shapely.get_point(bridge, -1))
        first, last = (_nearest(tree, end, contiguity.max_gap_m) for end in ends)
        pairs = [(int(a), int(b)) for a in first for b in last if a != b]
        links += _used_or_first(pairs, community)
    return links


def _nearest(tree: shapely.STRtree, shape: shapely.Geometry, farthest_m: float) -> Ints:
    """Give the nearest block, and those at most a metre farther, nearest first; none beyond `farthest_m`."""
    nearest_m = shapely.distance(shape, tree.geometries[tree.nearest(shape)])
    if nearest_m > farthest_m + NEAREST_SLACK_M:
        return np.empty(0, dtype=np.intp)
    near = np.sort(tree.query(shape, predicate="dwithin", distance=nearest_m + NEAREST_SLACK_M))
    return near[np.argsort(shapely.distance(shape, tree.geometries[near]), kind="stable")]


def _used_or_first(pairs: Pairs, community: Ints) -> Pairs:
    return sorted(pairs, key=lambda pair: bool(community[pair[0]] != community[pair[1]]))[:1]


def merge(piece: Ints, pairs: Iterable[tuple[int, int]]) -> Ints:
    """Give both blocks of each pair one number, and all that had either number with them."""
    merged = piece.copy()
    for a, b in pairs:
        if merged[a] != merged[b]:
            merged[merged == merged[b]] = merged[a]
    return merged
