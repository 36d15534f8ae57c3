"""Levels: the unit (street, ...) of each block at each level above the community, read again block by block."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from redistrict.errors import DataError
from redistrict.judge.reading import Geometries, geometries, read_layer, text_column
from redistrict.messages import Message, name_some
from redistrict.scenario.levels import Level, LevelSource
from redistrict.scenario.sources import BlockSource

EQUAL_SHARE = 0.001  # of a block's ground

Texts = NDArray[np.object_]


def read_levels(
    levels: Sequence[Level],
    source: BlockSource,
    blocks: pd.DataFrame,
    rows: Sequence[int],
    polygons: Geometries,
    crs: CRS,
) -> dict[str, Texts]:
    """Give the name of the unit of each block by the key of the level.

    Parameters
    ----------
    blocks : DataFrame
        The block layer.
    rows : (n,)
        Its row for each block.
    polygons : (n,)
        The ground of each block in `crs`.

    Raises
    ------
    DataError
        If a column is not there, or a block has no unit.
    """
    found = {}
    for level in levels:
        if level.layer is None:
            found[level.key] = text_column(blocks, level.column, source)[list(rows)]
        else:
            found[level.key] = _lie_in(level.layer, polygons, crs)
        if lost := int((found[level.key] == "").sum()):
            title = level.title
            raise DataError(Message(f"{lost} blocks lie in no {title.en}.", f"{lost} 个地块没有所属的{title.zh}。"))
    return found


def _lie_in(source: LevelSource, polygons: Geometries, crs: CRS) -> Texts:
    """Give the unit that holds most of each block's ground, of equals the first by name."""
    layer = read_layer(source, (source.columns.name,))
    names = text_column(layer, source.columns.name, source)
    if unnamed := [row + 1 for row, name in enumerate(names) if not name]:
        some = name_some(unnamed)
        raise DataError(
            Message(
                f"{source.path.name} has units without a name: features {some.en}.",
                f"{source.path.name} 中有单位没有名称：第 {some.zh} 个要素。",
            )
        )
    parts: dict[str, list[shapely.Geometry]] = {}
    for name, shape in zip(names, shapely.make_valid(geometries(layer, crs), method="structure"), strict=True):
        parts.setdefault(name, []).append(shape)
    units = {name: shapely.union_all(shapes) for name, shapes in sorted(parts.items())}
    return np.array([_largest(block, units) for block in polygons], dtype=object)


def _largest(block: shapely.Geometry, units: dict[str, shapely.Geometry]) -> str:
    shares = {
        name: block.intersection(unit).area / block.area for name, unit in units.items() if unit.intersects(block)
    }
    most = max(shares.values(), default=0.0)
    if most <= EQUAL_SHARE:
        return ""
    return next(name for name, share in shares.items() if share > most - EQUAL_SHARE)
