"""Today's grids: polygons, and the one that covers most of each block."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.errors import DataError
from redistrict.geo.blocks import Blocks
from redistrict.geo.metric import to_metric
from redistrict.geo.repair import repair_polygons
from redistrict.geo.source import read_source
from redistrict.geo.tables import read_keys, read_text
from redistrict.messages import Message, name_some, under
from redistrict.scenario.grids import GridSource

_KEY = "grids.today"


@dataclass(frozen=True, eq=False)
class GridsToday:
    """Today's grids, sorted by key.

    Attributes
    ----------
    ids, names : tuple of str
        Key and name (the key where none is given).
    of_block : (n_blocks,) int32
        The grid that covers most of each block, the first by key of several; -1 where none does.
    notes : tuple of Message
        What was chosen, lost or left out while reading.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    of_block: NDArray[np.int32]
    notes: tuple[Message, ...] = ()


def read_grids_today(source: GridSource, blocks: Blocks) -> GridsToday:
    """Read today's grids.

    Raises
    ------
    DataError
        If keys repeat, or a grid is no polygon.
    """
    notes, problems = list[Message](), list[Message]()
    raw = read_source(source, source.columns.model_dump().values(), key=_KEY, notes=notes)
    keys = read_keys(raw[source.columns.id], f"{_KEY}.columns.id", problems)
    wrong = shapely.get_dimensions(np.asarray(raw.geometry.to_numpy(), dtype=object)) != 2
    if wrong.any():
        named = name_some(keys[wrong].tolist())
        problems.append(
            Message(
                f"{_KEY}: {int(wrong.sum())} grids are no polygons: {named.en}; draw them or delete the rows.",
                f"{_KEY}：{int(wrong.sum())} 个网格不是面：{named.zh}；请补绘或删除这些记录。",
            )
        )
    if problems:
        raise DataError(problems)
    order = np.argsort(keys.astype(str), kind="stable")
    metric = np.asarray(to_metric(raw, blocks.crs, key=_KEY).geometry.to_numpy(), dtype=object)
    repaired, repairs = repair_polygons(metric, keys, Message("grids", "个网格"))
    notes += [under(_KEY) + repair for repair in repairs]
    shapes, keys = repaired[order], keys[order]
    names = read_text(raw, source.columns.name)[order]
    of_block = _find_largest(shapes, blocks.shapes)
    if n := int((of_block < 0).sum()):
        named = name_some([key for key, grid in zip(blocks.ids, of_block.tolist(), strict=True) if grid < 0])
        notes.append(
            Message(
                f"{_KEY}: {n} of {len(of_block)} blocks lie in no grid of {source.path.name}: {named.en}."
                + (" Does the layer lie where the blocks lie?" if 2 * n > len(of_block) else ""),
                f"{_KEY}：{len(of_block)} 个地块中有 {n} 个不在 {source.path.name} 的任何网格内：{named.zh}。"
                + ("请核对图层位置。" if 2 * n > len(of_block) else ""),
            )
        )
    return GridsToday(
        ids=tuple(map(str, keys)),
        names=tuple(str(name or key) for name, key in zip(names, keys, strict=True)),
        of_block=of_block,
        notes=tuple(notes),
    )


def _find_largest(shapes: NDArray[np.object_], blocks: NDArray[np.object_]) -> NDArray[np.int32]:
    """Give the shape that covers most of each block, to a square centimetre."""
    block, shape = shapely.STRtree(shapes).query(blocks, predicate="intersects")
    shared_m2 = np.round(shapely.area(shapely.intersection(blocks[block], shapes[shape])), 4)
    rows = np.lexsort((-shape, shared_m2, block))
    rows = rows[shared_m2[rows] > 0]
    largest = np.full(len(blocks), -1, dtype=np.int32)
    largest[block[rows]] = shape[rows]  # the last one stays
    return largest
