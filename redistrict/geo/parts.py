"""Parts: blocks drawn in several parts so far apart that they join what does not touch."""

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.components import components
from redistrict.messages import Message, name_some

FAR_M = 50.0
"""Parts of a block farther apart than this, and not joined by others of it, are told."""


def find_far_parts(shapes: NDArray[np.object_]) -> Iterator[tuple[int, int, float]]:
    """Give the blocks whose parts lie far apart: position, number of places, and metres of the widest gap.

    Parameters
    ----------
    shapes : (n_blocks,) polygons or multipolygons, in metres
    """
    for at in np.flatnonzero(shapely.get_num_geometries(shapes) > 1):
        parts = shapely.get_parts(shapes[at])
        i, j = shapely.STRtree(parts).query(parts, predicate="dwithin", distance=FAR_M)
        places = [shapely.multipolygons(parts[place]) for place in components(len(parts), np.column_stack([i, j]))]
        if len(places) > 1:
            others = (shapely.union_all([one for one in places if one is not place]) for place in places)
            gap_m = max(shapely.distance(place, other) for place, other in zip(places, others, strict=True))
            yield int(at), len(places), float(gap_m)


def note_far_parts(shapes: NDArray[np.object_], ids: NDArray[np.object_]) -> list[Message]:
    """Name the blocks whose parts lie far apart, with the number of places and the widest gap between them.

    Parameters
    ----------
    shapes : (n_blocks,) polygons or multipolygons, in metres
    ids : (n_blocks,) str
    """
    far = [_apart(str(ids[at]), n_places, gap_m) for at, n_places, gap_m in find_far_parts(shapes)]
    if not far:
        return []
    named = name_some(far)
    return [
        Message(
            f"data.blocks: {len(far)} blocks lie in several places and join what does not touch: {named.en}; give each "
            "place a key of its own, unless that is meant.",
            f"data.blocks：{len(far)} 个地块分处多地，会把互不相邻之处连在一起：{named.zh}；如非有意，请分别编号。",
        )
    ]


def _apart(block: str, n_places: int, gap_m: float) -> Message:
    metres = f"{gap_m / 1000:,.1f} km" if gap_m >= 1000 else f"{gap_m:,.0f} m"
    return Message(f"{block} ({n_places} parts, {metres} apart)", f"{block}（{n_places} 处，相距 {metres}）")
