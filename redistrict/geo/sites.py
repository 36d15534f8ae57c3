"""Sites: the office and service premises there are today, and the block each stands in."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.errors import DataError
from redistrict.geo.blocks import Blocks
from redistrict.geo.metric import to_metric
from redistrict.geo.source import read_source
from redistrict.geo.tables import read_keys, read_numbers, read_text
from redistrict.messages import Message, name_some
from redistrict.scenario.sources import Data

_KEY = "data.premises"


@dataclass(frozen=True, eq=False)
class Sites:
    """Premises, sorted by key.

    Attributes
    ----------
    ids, names : tuple of str
        Key and name (the key where none is given).
    area_m2 : (n_sites,) float64
        Usable floor area.
    community : tuple of str
        Key of today's community that uses the site, "" where it is not known.
    block : (n_sites,) int64
        Position of the block the site stands in, or of the nearest; of several, the first.
    xy : (n_sites, 2) float64
        Place in the blocks' CRS, metres.
    notes : tuple of Message
        What was chosen, lost or left out while reading.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    area_m2: NDArray[np.float64]
    community: tuple[str, ...]
    block: NDArray[np.int64]
    xy: NDArray[np.float64]
    notes: tuple[Message, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)


def read_sites(data: Data, blocks: Blocks) -> Sites | None:
    """Read the premises, or give none when the scenario names no such layer.

    A site whose community the layer does not say belongs to today's community of its block.

    Raises
    ------
    DataError
        If keys repeat, areas are no numbers >= 0, or a site has no place.
    """
    source = data.premises
    if source is None:
        return None
    columns = source.columns
    notes: list[Message] = []
    raw = read_source(source, columns.model_dump().values(), key=_KEY, notes=notes)
    problems: list[Message] = []
    keys = read_keys(raw[columns.id], f"{_KEY}.columns.id", problems)
    area_m2 = read_numbers(raw[columns.area_m2], keys.tolist(), f"{_KEY}.columns.area_m2", problems, notes, whole=False)
    nowhere = np.asarray(raw.geometry.isna() | raw.geometry.is_empty)
    if nowhere.any():
        named = name_some(keys[nowhere].tolist())
        problems.append(
            Message(
                f"{_KEY}: {int(nowhere.sum())} sites have no place: {named.en}; draw them or delete the rows.",
                f"{_KEY}：{int(nowhere.sum())} 处用房没有位置：{named.zh}；请补绘或删除这些记录。",
            )
        )
    if problems:
        raise DataError(problems)
    raw = raw.set_geometry(raw.geometry.representative_point())
    points = np.asarray(to_metric(raw, blocks.crs, key=_KEY).geometry.to_numpy(), dtype=object)
    site, near = shapely.STRtree(blocks.shapes).query_nearest(points)
    block = np.full(len(points), len(blocks), dtype=np.int64)
    np.minimum.at(block, site, near)
    names = read_text(raw, columns.name)
    own = blocks.frame["community"].to_numpy(dtype=object)[block]
    stated = read_text(raw, columns.community)
    order = np.argsort(keys.astype(str), kind="stable")
    community = np.where(stated != "", stated, own)
    notes += note_stray_sites(keys, community, set(blocks.frame["community"]) - {""})
    return Sites(
        ids=tuple(str(keys[n]) for n in order),
        names=tuple(str(names[n] or keys[n]) for n in order),
        area_m2=area_m2[order],
        community=tuple(str(community[n]) for n in order),
        block=block[order],
        xy=shapely.get_coordinates(points)[order],
        notes=tuple(notes),
    )


def note_stray_sites(keys: Iterable[object], community: Iterable[object], known: Collection[str]) -> list[Message]:
    """Name the sites that belong to none of the communities known today, if any are."""
    stray = [str(key) for key, one in zip(keys, community, strict=True) if one not in known]
    if not stray or not known:
        return []
    named = name_some(stray)
    return [
        Message(
            f"{_KEY}: {len(stray)} sites belong to no community of today and are left out: {named.en}.",
            f"{_KEY}：{len(stray)} 处用房不属于任何现有社区，未计入：{named.zh}。",
        )
    ]
