"""Spread: counts of larger areas shared out over blocks, worked out again block by block."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from redistrict.judge.reading import Geometries, as_counts, as_text, column, geometries, read_layer, text_column
from redistrict.scenario.sources import GROUND, BlockSource, SpreadSource, column_of, list_columns

_MILLION = 10**6
"""Shares are compared by whole millionths of a resident."""


def spread_again(
    source: BlockSource, blocks: pd.DataFrame, ids: NDArray[np.object_], polygons: Geometries, crs: CRS
) -> dict[str, NDArray[np.int64]]:
    """Give the counts that blocks get from areas: each area's by largest remainder, the block first in order on a tie.

    Raises
    ------
    DataError
        If a column is not there or holds no counts.
    """
    spread = source.spread
    if spread is None:
        return {}
    layer = read_layer(spread, list_columns(spread.columns))
    keys = text_column(layer, spread.columns.id, spread)
    areas = shapely.make_valid(geometries(layer, crs), method="structure", keep_collapsed=False)
    parts = list(_share(source, spread, blocks, ids, polygons, areas))
    found: dict[str, NDArray[np.int64]] = {}
    for quantity in (*source.quantities, *source.others):
        name = column_of(spread.columns, quantity)
        if name is None:
            continue
        values = column(layer, name, spread)
        counts = as_counts(values.where(as_text(values) != "", 0), keys)
        got = np.zeros(len(ids), dtype=np.int64)
        for count, shares in zip(counts.tolist(), parts, strict=True):
            for block, n in _divide(count, shares).items():
                got[block] += n
        found[quantity] = got
    return found


def _share(
    source: BlockSource,
    spread: SpreadSource,
    blocks: pd.DataFrame,
    ids: NDArray[np.object_],
    polygons: Geometries,
    areas: Geometries,
) -> Iterator[list[tuple[int, float]]]:
    """Give for each area the blocks with a share in it, in the order of their keys."""
    tree, size_m2 = shapely.STRtree(polygons), shapely.area(polygons)
    weight = None
    if spread.by != GROUND:
        values = column(blocks, spread.by, source)
        weight = pd.to_numeric(values.where(as_text(values) != "", 0)).to_numpy(dtype=float)
    for area in areas:
        inside = sorted(tree.query(area, predicate="intersects").tolist(), key=lambda block: str(ids[block]))
        ground = [float(shapely.intersection(area, polygons[block]).area) for block in inside]
        shares = (
            m2 if weight is None else float(weight[block]) * (m2 / float(size_m2[block]))
            for block, m2 in zip(inside, ground, strict=True)
        )
        yield [(block, share) for block, share in zip(inside, shares, strict=True) if share > 0]


def _divide(count: int, shares: list[tuple[int, float]]) -> dict[int, int]:
    """Divide a count in proportion to shares; what is left over goes to the largest fractions."""
    total = sum(share for _, share in shares)
    quota = {block: round(count * share / total * _MILLION) for block, share in shares}
    found = {block: millionths // _MILLION for block, millionths in quota.items()}
    left = count - sum(found.values()) if shares else 0
    by_fraction = sorted(quota, key=lambda block: -(quota[block] % _MILLION))
    for block in by_fraction[:left]:
        found[block] += 1
    return found
