"""Repair of polygons, with a log: nothing is mended silently."""

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.messages import Message, name_some

BLOCKS = Message("blocks", "个地块")


def repair_polygons(
    shapes: NDArray[np.object_], ids: NDArray[np.object_], what: Message = BLOCKS
) -> tuple[NDArray[np.object_], tuple[Message, ...]]:
    """Give valid polygons, and a note that names every one whose shape had to change.

    Invalid rings are rebuilt (GEOS ``make_valid``, structure method); lines and points that fall out are dropped.

    Parameters
    ----------
    shapes : (n,) polygons or multipolygons
    ids : (n,) str
        Keys or names, for the notes.
    what : Message
        What they are called.
    """
    bad = ~shapely.is_valid(shapes)
    if not bad.any():
        return shapes, ()
    mended = shapes.copy()
    mended[bad] = _polygons_only(shapely.make_valid(shapes[bad], method="structure"))
    change_m2 = np.abs(shapely.area(mended[bad]) - shapely.area(shapes[bad])).max()
    named = name_some(list(ids[bad]))
    note = Message(
        f"{int(bad.sum())} {what.en} had invalid outlines and were repaired (largest change of area "
        f"{change_m2:,.1f} m²): {named.en}.",
        f"{int(bad.sum())} {what.zh}边界无效，已修复（面积最大变化 {change_m2:,.1f} 平方米）：{named.zh}。",
    )
    return mended, (note,)


def _polygons_only(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    parts, owner = shapely.get_parts(shapes, return_index=True)
    keep = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    nested = shapely.get_type_id(parts) == shapely.GeometryType.MULTIPOLYGON
    inner, inner_owner = shapely.get_parts(parts[nested], return_index=True)
    parts = np.concatenate([parts[keep], inner])
    owner = np.concatenate([owner[keep], owner[nested][inner_owner]])
    return np.array([shapely.multipolygons(parts[owner == i]) for i in range(len(shapes))], dtype=object)
