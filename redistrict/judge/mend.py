"""Mend: what `data.repair: mend` makes of the blocks, worked out by the judge itself from the file as it is.

The rules are those of the reference: shapes of one key, and those on the same ground, are one block under the first
key; counts that agree are counted once, others added up; ground claimed twice goes to the block that lies inside
another, else to the one with more residents, else to the first key.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.errors import DataError
from redistrict.messages import Message, name_some

SAME_SHARE, INSIDE_SHARE, GONE_SHARE = 0.9, 0.9, 0.01
ROUNDING_M = 0.01
"""Blocks that overlap by less share a border."""

Counts = dict[str, int]


class Mended(NamedTuple):
    """Blocks after mending: the row of the file each begins with, what it holds, and its ground."""

    rows: NDArray[np.intp]
    counts: dict[str, NDArray[np.int64]]
    polygons: NDArray[np.object_]
    dwellings: NDArray[np.int64] | None


def mend(
    ids: NDArray[np.object_],
    counts: Mapping[str, NDArray[np.int64]],
    polygons: NDArray[np.object_],
    dwellings: NDArray[np.int64] | None = None,
) -> Mended:
    """Work out the blocks after mending, by key.

    Raises
    ------
    DataError
        If residents are left without ground.
    """
    rows: dict[str, list[int]] = {}
    for row, key in enumerate(ids):
        rows.setdefault(str(key), []).append(row)
    all_counts: dict[str, NDArray[np.int64]] = {**counts} | ({} if dwellings is None else {"dwellings": dwellings})
    ground = {key: shapely.union_all(polygons[own]) for key, own in sorted(rows.items())}
    held = {key: _together([{q: int(n[row]) for q, n in all_counts.items()} for row in rows[key]]) for key in ground}
    for group in _same(ground):
        first, *others = sorted(group)
        ground[first] = shapely.union_all([ground[key] for key in group])
        held[first] = _together([held[key] for key in sorted(group)])
        for key in others:
            del ground[key]
    left = _share_out(ground, {key: held[key].get("people", held[key].get("households", 0)) for key in ground})
    gone = [key for key in ground if left[key].area < GONE_SHARE * ground[key].area]
    if homeless := [key for key in gone if any(held[key].values())]:
        some = name_some(homeless)
        raise DataError(Message(f"Residents without ground: {some.en}.", f"有居民而无范围的地块：{some.zh}。"))
    kept = [key for key in ground if key not in gone]
    return Mended(
        np.array([rows[key][0] for key in kept], dtype=np.intp),
        {q: np.array([held[key][q] for key in kept], dtype=np.int64) for q in counts},
        np.array([left[key] for key in kept], dtype=object),
        None if dwellings is None else np.array([held[key]["dwellings"] for key in kept], dtype=np.int64),
    )


def _together(parts: Sequence[Counts]) -> Counts:
    if all(part == parts[0] for part in parts):
        return parts[0]
    return {quantity: sum(part[quantity] for part in parts) for quantity in parts[0]}


def _claims(ground: Mapping[str, shapely.Geometry]) -> Iterator[tuple[str, str, float]]:
    """Give each two keys that claim the same ground, and how many square metres."""
    keys, shapes = list(ground), np.array(list(ground.values()), dtype=object)
    for a, b in shapely.STRtree(shapes).query(shapes, predicate="intersects").T.tolist():
        if a < b and not shapely.touches(shapes[a], shapes[b]):
            common = shapely.intersection(shapes[a], shapes[b])
            if not shapely.buffer(common, -ROUNDING_M / 2, join_style="mitre").is_empty:
                yield keys[a], keys[b], common.area


def _same(ground: Mapping[str, shapely.Geometry]) -> list[set[str]]:
    """Give the keys that stand on the same ground, all that hang together in one set."""
    group_of: dict[str, set[str]] = {}
    for a, b, shared_m2 in _claims(ground):
        if shared_m2 > SAME_SHARE * max(ground[a].area, ground[b].area):
            joined = group_of.get(a, {a}) | group_of.get(b, {b})
            group_of |= dict.fromkeys(joined, joined)
    return list({id(group): group for group in group_of.values()}.values())


def _share_out(ground: Mapping[str, shapely.Geometry], residents: Mapping[str, int]) -> dict[str, shapely.Geometry]:
    """Give each block the ground that no block before it claims."""
    claims = list(_claims(ground))
    around: dict[str, list[str]] = {key: [] for key in ground}
    for a, b, shared_m2 in claims:
        inner, outer = sorted((a, b), key=lambda key: ground[key].area)
        if shared_m2 > INSIDE_SHARE * ground[inner].area:
            around[inner].append(outer)
    depth: dict[str, int] = {}
    for key in sorted(ground, key=lambda key: -ground[key].area):
        depth[key] = 1 + max((depth[outer] for outer in around[key]), default=-1)
    left = dict(ground)
    for pair in ((a, b) for a, b, _ in claims):
        first, second = sorted(pair, key=lambda key: (-depth[key], -residents[key], key))
        left[second] = shapely.difference(left[second], ground[first])
    return left
