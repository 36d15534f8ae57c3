"""Limits on the shape of communities, made ready for the search: pairs too far apart, and the ground of the blocks."""

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from redistrict.errors import ScenarioError
from redistrict.geo.blocks import Blocks
from redistrict.geo.extent import find_far_pairs, find_middles, measure_ground
from redistrict.geo.graph import ContiguityGraph
from redistrict.geo.necks import find_wide
from redistrict.geo.open_ground import find_contacts
from redistrict.messages import Message, name_some
from redistrict.model.areas import Area
from redistrict.model.compactness import Compactness
from redistrict.model.enclosure import Enclosure
from redistrict.model.necks import Necks
from redistrict.scenario.models import Communities, Objective

IntArray = NDArray[np.int64]

_MARGIN = 1.001
"""Plans are made rounder than asked by this share: outlines are delivered with fewer vertices, and rounded."""
_MM = 1000
_SLACK_M = 1.0
"""Blocks must hang together by so much more than asked: outlines leave out pieces of up to half a metre."""


def find_far(
    blocks: Blocks, edges: NDArray[np.int32], area_of: IntArray, communities: Communities
) -> NDArray[np.int32]:
    """Give the pairs of one area that lie too far apart to share a community.

    Raises
    ------
    ScenarioError
        If neighbours do.
    """
    limit_m = communities.max_extent_m
    if limit_m is None:
        return np.zeros((0, 2), dtype=np.int32)
    middles = find_middles(blocks.shapes)
    edge_m = np.hypot(*(middles[edges[:, 0]] - middles[edges[:, 1]]).T)
    if edge_m.max(initial=0.0) > limit_m:
        i, j = (blocks.ids[end] for end in edges[edge_m.argmax()].tolist())
        least_m = ceil(edge_m.max())
        raise ScenarioError(
            Message(
                f"communities.max_extent_m: the middles of the neighbouring blocks {i} and {j} lie {least_m:,} m "
                f"apart; give at least {least_m}.",
                f"communities.max_extent_m：相邻地块 {i} 与 {j} 的中心相距 {least_m:,} 米；请至少填 {least_m}。",
            )
        )
    far = find_far_pairs(middles, edges, limit_m)
    return np.asarray(far[area_of[far[:, 0]] == area_of[far[:, 1]]])


def build_compactness(graph: ContiguityGraph, communities: Communities) -> Compactness | None:
    """Measure the ground of all blocks to the millimetre, if the scenario limits how compact communities are."""
    if communities.min_compactness is None:
        return None
    area_m2, around_m = measure_ground(graph.cells.shapes)
    return Compactness(
        area=np.rint(area_m2 * _MM**2).astype(np.int64),
        around=np.rint(around_m * _MM).astype(np.int64),
        pairs=graph.cells.pairs.astype(np.int32),
        border=np.rint(graph.cells.border_m * _MM).astype(np.int64),
        least=communities.min_compactness * _MARGIN,
    )


def build_enclosure(graph: ContiguityGraph, communities: Communities) -> Enclosure | None:
    """Find out what lies beside what, if no community may surround another."""
    if communities.enclaves == "note":
        return None
    pairs, n_open = find_contacts(graph.cells)
    return Enclosure(len(graph.cells.shapes), pairs, np.zeros(n_open, dtype=bool))


def build_necks(
    graph: ContiguityGraph, edges: NDArray[np.int32], communities: Communities, objective: Objective, price: int
) -> Necks | None:
    """Find out which neighbours, of those in one area, hang together widely, if communities must, or pay if not.

    Links join as if they were wide: who asks for one wants it. Blocks are told of that count, see `Necks`.
    """
    if (width_m := communities.min_neck_m) is None:
        if objective.neck is None or price == 0:
            return None
        width_m = objective.neck.width_m
    is_wide, is_core = find_wide(graph.cells, edges, width_m + _SLACK_M)
    codes = edges @ np.array([graph.n_blocks, 1])
    is_link = np.isin(codes, graph.edges[graph.is_link] @ np.array([graph.n_blocks, 1]))
    pairs = edges[is_wide | (is_link & is_core[edges].all(axis=1))]
    has_wide = np.bincount(pairs.ravel(), minlength=graph.n_blocks) > 0
    counts = graph.is_peopled & is_core & has_wide
    return Necks(pairs, counts, None if communities.min_neck_m else price)


def say_cut_off(blocks: Blocks, necks: Necks | None, areas: Sequence[Area]) -> tuple[Message, ...]:
    """Name the inhabited blocks that may lie behind a neck, since they are narrow or cut off by themselves."""
    if necks is None:
        return ()
    divided = [i for area in areas if area.n_max > 1 for i in area.blocks]
    exempt = np.intersect1d(divided, np.flatnonzero(~necks.counts & (blocks.size.sum(axis=1) > 0)))
    if not exempt.size:
        return ()
    named = name_some([blocks.ids[i] for i in exempt.tolist()])
    key = "communities.min_neck_m" if necks.price is None else "objective.neck.width_m"
    return (
        Message(
            f"{exempt.size} inhabited blocks are narrower than {key} themselves, or hang together "
            f"with every neighbour by less; they may lie behind a neck: {named.en}.",
            f"{exempt.size} 个有居民的地块自身宽度、或与各相邻地块的连接宽度均小于 {key}，"
            f"不受连接宽度限制：{named.zh}。",
        ),
    )


def say_too_thin(blocks: Blocks, compactness: Compactness | None, areas: Sequence[Area]) -> tuple[Message, ...]:
    """Name what is less compact by itself than a community may be: areas of one community, and blocks of the others."""
    if compactness is None:
        return ()
    whole = [area for area in areas if area.n_max == 1]
    rows = np.array([np.isin(np.arange(len(blocks)), area.blocks) for area in whole]).reshape(-1, len(blocks))
    parts = np.column_stack([compactness.area, compactness.around])
    parts[rows.any(axis=0)] = 1
    alone = _name_thin(compactness, compactness.outlines_of(rows), [area.name for area in whole])
    single = _name_thin(compactness, parts, blocks.ids)
    messages = (
        Message(
            f"One community as it stands, so communities.min_compactness does not hold there: {alone.en}.",
            f"整个区域就是一个社区，communities.min_compactness 对其不适用：{alone.zh}。",
        ),
        Message(
            "Blocks less compact by themselves than communities.min_compactness, whose communities must make up for "
            f"them (compactness): {single.en}.",
            "地块自身的紧凑度低于 communities.min_compactness，须由所在社区的其他地块弥补（括号内为紧凑度）："
            f"{single.zh}。",
        ),
    )
    return tuple(message for message, named in zip(messages, (alone, single), strict=True) if named.en)


def _name_thin(compactness: Compactness, outlines: IntArray, names: Sequence[str]) -> Message:
    """Name the outlines that are not compact enough, the least compact first; empty if there are none."""
    found = compactness.of(outlines)
    thin = np.flatnonzero(compactness.excess(outlines) > 0)
    thin = thin[np.argsort(found[thin], kind="stable")]
    return name_some([f"{names[i]} ({found[i]:.3f})" for i in thin.tolist()])
