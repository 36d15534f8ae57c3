"""Overlaps: blocks drawn over each other are told, and parted before anybody's neighbours are looked for."""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.rays import GRID_M
from redistrict.messages import Message, name_some

Shapes = NDArray[np.object_]
IntArray = NDArray[np.int64]

_KEY = "data.blocks"
_TWIN_SHARE = 0.1
"""Two blocks are one drawn twice where they have all but this share of the larger in common."""
_COVERED_SHARE = 0.9
"""A block lies on another where that covers more than this share of it."""
_OUTLINE_OF = 3
"""A block that covers so many others is the outline of an estate, a street or the city, left in the layer."""
_DEEP_M = 0.5
"""Blocks drawn over each other by up to this much touch."""
HAIR_M = 0.02
"""A neck of a block thinner than this holds nothing together."""
_CRUMB_SHARE = 0.01
"""A piece cut off from a block by another one that claims the ground between, if it is less of it, is nobody's."""


class Overlaps(NamedTuple):
    """Pairs of blocks that share ground, (n_pairs,) each: positions, the ground, and what the pair is."""

    small: IntArray
    large: IntArray
    ground: Shapes
    is_twin: NDArray[np.bool_]
    is_covered: NDArray[np.bool_]
    """The large one covers the small one, but is not the same."""
    outlines: IntArray
    """Positions of blocks that are drawn around several others."""

    @property
    def is_plain(self) -> NDArray[np.bool_]:
        """Neither one block drawn twice, nor one with an outline around it."""
        return ~self.is_twin & ~np.isin(self.large, self.outlines) & ~np.isin(self.small, self.outlines)


def find_overlaps(shapes: Shapes, *, wider_than_m: float = _DEEP_M) -> Overlaps:
    """Give the pairs of blocks that lie on each other by more than a hair.

    Parameters
    ----------
    shapes : (n_blocks,) valid polygons, in metres
    wider_than_m : float
        Blocks that overlap by up to this much touch.
    """
    pairs, ground = _find_deep(shapes, wider_than_m)
    area_m2, shared_m2 = shapely.area(shapes), shapely.area(ground)
    small, large = np.where(area_m2[pairs[:, :1]] <= area_m2[pairs[:, 1:]], pairs, pairs[:, ::-1]).T
    is_twin = shared_m2 > (1 - _TWIN_SHARE) * area_m2[large]
    covered = (shared_m2 > _COVERED_SHARE * area_m2[small]) & ~is_twin
    holders, n_held = np.unique(large[covered], return_counts=True)
    return Overlaps(small, large, ground, is_twin, covered, holders[n_held >= _OUTLINE_OF])


def check_overlaps(shapes: Shapes, ids: NDArray[np.object_], problems: list[Message]) -> list[Message]:
    """Name blocks that lie on others.

    One drawn twice would count twice, and an outline of several blocks would join all that lie in it: these are
    problems. Other overlaps are noted, with their ground: it goes to the smaller block.

    Parameters
    ----------
    shapes : (n_blocks,) valid polygons, in metres
    ids : (n_blocks,) str
    problems : list of Message
        What must be mended is added to it.
    """
    found = find_overlaps(shapes)
    small, large, shared_m2 = found.small, found.large, shapely.area(found.ground)
    if found.is_twin.any():
        pairs = np.sort(np.column_stack([small, large])[found.is_twin], axis=1)
        problems.append(_twins([f"{ids[i]} = {ids[j]}" for i, j in pairs]))
    problems += [
        _outline(str(ids[i]), [str(ids[j]) for j in small[found.is_covered & (large == i)]]) for i in found.outlines
    ]
    order = np.flatnonzero(found.is_plain)[np.argsort(-shared_m2[found.is_plain], kind="stable")]
    told = [_lies_on(str(ids[small[n]]), str(ids[large[n]]), shared_m2[n]) for n in order]
    return [_overlap(told)] if told else []


def part_overlaps(shapes: Shapes) -> Shapes:
    """Give the shapes without what smaller ones lie on; blocks that overlap by a hair stay as they are drawn."""
    pairs, _ = _find_deep(shapes, _DEEP_M)
    some = np.unique(pairs)
    parted = shapes.copy()
    parted[some] = settle_overlaps(shapes[some])
    return parted


def settle_overlaps(shapes: Shapes) -> Shapes:
    """Give ground that two blocks claim to the smaller one, unless that would cut the larger in more pieces.

    Shapes come back on the grid all lines are noded on, so that no neck is thinner than it.
    """
    own = shapely.set_precision(shapely.set_precision(shapes, GRID_M), 0)  # rounded, but not bound to the grid
    own = np.where(shapely.is_empty(own), shapes, own)
    area_m2 = shapely.area(own)
    for i, j in _find_common(own).tolist():
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


def _find_common(shapes: Shapes) -> IntArray:
    """Give the pairs i < j, sorted, that have ground in common, (n_pairs, 2)."""
    i, j = shapely.STRtree(shapes).query(shapes)
    pairs = np.column_stack([i, j])[i < j]
    pairs = pairs[shapely.relate_pattern(*shapes[pairs.T], "T********")]
    return np.asarray(pairs[np.lexsort(pairs.T[::-1])])


def _find_deep(shapes: Shapes, wider_than_m: float) -> tuple[IntArray, Shapes]:
    """Give the pairs i < j that overlap by more than so much, (n_pairs, 2), and the ground they share."""
    pairs = _find_common(shapes)
    shared = shapely.intersection(*shapes[pairs.T])
    deep = ~shapely.is_empty(shapely.buffer(shared, -wider_than_m / 2, join_style="mitre"))
    return pairs[deep], shared[deep]


def _twins(pairs: list[str]) -> Message:
    named = name_some(pairs)
    return Message(
        f"{_KEY}: {len(pairs)} pairs of blocks are drawn on the same ground: {named.en}; put each pair "
        "together into one block, with the sum of its counts, or write 'repair: mend' under data.",
        f"{_KEY}：{len(pairs)} 对地块的图形重合：{named.zh}；请将每对合并为一个地块，"
        "户数、人口相加；或在 data 下写 repair: mend。",
    )


def _outline(outline: str, blocks: list[str]) -> Message:
    named = name_some(blocks)
    return Message(
        f"{_KEY}: {outline} covers {len(blocks)} other blocks: {named.en}; is it the outline of all these, or of the "
        "city? Delete it, or cut the blocks out of it ('repair: mend' under data does).",
        f"{_KEY}：{outline} 覆盖了另外 {len(blocks)} 个地块：{named.zh}；是否为其共同的或全市的外轮廓？"
        "请删除，或从中扣除这些地块（在 data 下写 repair: mend 可自动扣除）。",
    )


def _lies_on(small: str, large: str, shared_m2: float) -> Message:
    return Message(f"{small} on {large} ({shared_m2:,.0f} m²)", f"{small} 与 {large}（{shared_m2:,.0f} 平方米）")


def _overlap(pairs: list[Message]) -> Message:
    named = name_some(pairs)
    return Message(
        f"{_KEY}: {len(pairs)} pairs of blocks lie on each other: {named.en}; the ground goes to the smaller block. "
        "Check that nobody is counted twice.",
        f"{_KEY}：{len(pairs)} 对地块相互重叠：{named.zh}；重叠部分归较小的地块。请确认没有重复计数。",
    )
