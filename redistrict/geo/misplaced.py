"""Misplaced layers: those that lie elsewhere than the blocks, as far as can be told, with distance and likely cause."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from redistrict.errors import DataError
from redistrict.geo.blocks import Blocks
from redistrict.geo.georeference import bulk_bounds, declared_crs, flat_crs
from redistrict.geo.metric import is_known_change
from redistrict.geo.readings import (
    Bounds,
    Reading,
    lies_in_use,
    locate,
    measure_apart,
    other_readings,
    say_system,
    zone_codes,
)
from redistrict.geo.roads import Surroundings
from redistrict.geo.shifted import suspect_shift
from redistrict.geo.sites import Sites
from redistrict.geo.source import read_about
from redistrict.messages import Message, name_some
from redistrict.scenario.sources import GCJ02, BlockSource, Data, Source

FAR_M = 1_000.0
"""A layer without anything so near to the blocks has nothing to do with them."""
_FAR_SITE_M = 300.0
_FAR_BLOCK_M = 200_000.0
_LEAST_M2 = 2.0
"""So little ground for each resident is not found in the densest towers."""
_SOME = 2_000
_MOST_COVERED = 0.5
"""Barriers lie between blocks, not over them; banks and islands may be covered."""
_NEAR_M = 500.0
"""A reading that puts a layer so near explains where it lies; most shifts of datum and of web maps are smaller."""
_BEYOND_DEG = 1.0
"""A town so far beyond the area its system was made for is told; its metres are true to one in 300 even at three."""
_UTM_NORTH = range(32601, 32661)
_WEB_MERCATOR = 3857


@dataclass(frozen=True, eq=False)
class _Layer:
    """One layer of the scenario, in the blocks' CRS, and the system it was read in."""

    key: str
    source: Source
    shapes: NDArray[np.object_]


def find_misplaced(
    data: Data, blocks: Blocks, surroundings: Surroundings, sites: Sites | None, *, tables: Sequence[str] = ()
) -> tuple[Message, ...]:
    """Say which layers lie elsewhere than the blocks, or where scenario and file contradict each other.

    `tables` are those that were read before (current, projects, start): of their files only these are opened.

    Raises
    ------
    DataError
        If the premises, or some of them, lie elsewhere: each would count for a block it does not stand in.
    """
    some_blocks = _sample(blocks.shapes, blocks.crs)
    notes = [
        _say_unknown_shift(blocks),
        _say_outside(data.blocks, some_blocks),
        _say_strays(blocks),
        _say_crowded(blocks),
        _say_contradiction("data.blocks", data.blocks, some_blocks),
    ]
    for layer in _list_layers(data, surroundings):
        note = _say_elsewhere(layer, data, blocks)
        if note is None:
            notes.append(_say_contradiction(layer.key, layer.source, _sample(layer.shapes, blocks.crs)))
            if layer.source in data.barriers:
                note = _say_covering(layer, blocks)
            if note is None and layer.source not in data.structures:  # bridges may lie anywhere
                note = suspect_shift(layer.key, layer.shapes, blocks)
        notes.append(note)
    if sites is not None and data.premises is not None and len(sites):
        notes += _judge_sites(_Layer("data.premises", data.premises, shapely.points(sites.xy)), sites, data, blocks)
    sources = {name: getattr(data, name) for name in tables}
    notes += [_say_table_elsewhere(f"data.{name}", source, blocks) for name, source in sources.items() if source]
    return tuple(note for note in notes if note is not None)


def _list_layers(data: Data, surroundings: Surroundings) -> Iterator[_Layer]:
    for name in ("roads", "barriers", "structures"):
        frame = getattr(surroundings, name)
        for number, source in enumerate(getattr(data, name)):
            shapes = frame.geometry.to_numpy()[frame["layer"].to_numpy() == number] if len(frame) else ()
            if len(shapes):
                yield _Layer(f"data.{name}[{number}]", source, np.asarray(shapes, dtype=object))


def _sample(shapes: NDArray[np.object_], crs: CRS) -> gpd.GeoDataFrame:
    """Give some of the shapes, enough to tell where they lie."""
    return gpd.GeoDataFrame(geometry=shapes[:: -(-len(shapes) // _SOME)], crs=crs)


def _say_elsewhere(layer: _Layer, data: Data, blocks: Blocks) -> Message | None:
    """Say that nothing of a layer is near the blocks, and what would put it there."""
    far_m = float(shapely.distance(shapely.box(*_find_home(blocks)), layer.shapes).min())
    if far_m <= FAR_M:
        return None
    name, cause = layer.source.path.name, _find_cause(layer, data, blocks)
    return Message(
        f"{layer.key}: {name} lies {far_m / 1000:,.1f} km from the blocks, so that nothing of it counts; {cause.en}.",
        f"{layer.key}：{name} 距地块 {far_m / 1000:,.1f} 公里，完全不起作用；{cause.zh}。",
    )


def _say_covering(layer: _Layer, blocks: Blocks) -> Message | None:
    """Say that areas of a layer of barriers cover most blocks: nothing can be reached across them."""
    tree = shapely.STRtree(layer.shapes[shapely.get_dimensions(layer.shapes) == 2])
    n_covered = len(np.unique(tree.query(shapely.point_on_surface(blocks.shapes), predicate="within")[0]))
    if n_covered <= len(blocks.ids) * _MOST_COVERED:
        return None
    name = layer.source.path.name
    return Message(
        f"{layer.key}: areas of {name} cover {n_covered} of {len(blocks.ids)} blocks, which are cut off by that; is it "
        "a layer of barriers (water, hills), or of districts and land use?",
        f"{layer.key}：{name} 的面覆盖了 {len(blocks.ids)} 个地块中的 {n_covered} 个，这些地块因此被隔断；"
        "它是阻隔（水面、山体）图层，还是行政区划、用地图层？",
    )


def _find_cause(layer: _Layer, data: Data, blocks: Blocks) -> Message:
    """Try other ways to read a layer's coordinates until one puts it on the blocks."""
    frame = _sample(layer.shapes, blocks.crs)
    home, own = locate(_find_home(blocks), blocks.crs), _own_crs(layer.source, layer.key)
    declared = _declared(layer.source, own)
    bounds = None if declared is None else bulk_bounds(frame.to_crs(declared))
    if home is not None and bounds is not None and declared is not None:
        theirs = _declared(data.blocks, _own_crs(data.blocks, "data.blocks"))
        for reading in _all_readings(declared, own, theirs, bounds, home):
            found = reading.locate(bounds)
            if found is not None and measure_apart(found, home) <= _NEAR_M:
                return reading.cause
    return Message(
        "is it the file of another place, or has it the wrong coordinate system?",
        "是否为其他地区的文件，或坐标系有误？",
    )


def _all_readings(
    declared: CRS, own: CRS | None, theirs: CRS | None, bounds: Bounds, home: Bounds
) -> Iterator[Reading]:
    """Give every way to read a layer's coordinates that is worth a try, the likeliest first."""
    if own is not None and own != declared:
        cause = Message(
            f"read as the file says ({own.name}) it would lie on them: leave 'crs:' out",
            f"若按文件自带的坐标系（{own.name}）读取则与地块重合：请删去 crs:",
        )
        yield Reading(own, cause)
    if theirs is not None:
        yield Reading(theirs, say_system(theirs))
    yield from other_readings(declared, bounds)
    middle = (home[0] + home[2]) / 2
    zones = zone_codes(declared)
    chinese = [*zones["without"].values(), *zones["with number"].values()]
    codes = [*_UTM_NORTH, *chinese] if declared.utm_zone else [*chinese, *_UTM_NORTH]
    for code in (*codes, _WEB_MERCATOR, 4326):
        crs = CRS.from_epsg(code)
        area = crs.area_of_use
        if area is None or area.west - 6 <= middle <= area.east + 6:
            yield Reading(crs, say_system(crs))


def _own_crs(source: Source, key: str) -> CRS | None:
    """Give the system the file itself names, without heights."""
    found = read_about(source, key)["crs"]
    return None if found is None else flat_crs(CRS.from_user_input(found))


def _declared(source: Source, own: CRS | None) -> CRS | None:
    try:
        return declared_crs(source, own, "")
    except DataError:
        return None


def _say_contradiction(key: str, source: Source, frame: gpd.GeoDataFrame) -> Message | None:
    """Say that `crs:` is used although the file says another system, and how far the two lie apart."""
    if source.crs is None or source.crs == GCJ02 or frame.empty:
        return None
    own = _own_crs(source, key)
    declared = _declared(source, own)
    if own is None or declared is None or own == declared:
        return None
    bounds = bulk_bounds(frame.to_crs(declared))
    here, there = (None if bounds is None else locate(bounds, crs) for crs in (declared, own))
    if here is None or there is None or not lies_in_use(there, own):
        return None
    apart_m = measure_apart(here, there)
    same = apart_m < 1 and is_known_change(frame.set_crs(declared, allow_override=True), own)
    if same:
        return None
    name = source.path.name
    return Message(
        f"{key}.crs: {declared.name} is used, but {name} itself says {own.name}; the two lie "
        f"{_say_metres(apart_m).en} apart. Leave 'crs:' out unless the file is wrong.",
        f"{key}.crs：采用 {declared.name}，但 {name} 自带的坐标系是 {own.name}；两者相距{_say_metres(apart_m).zh}。"
        "除非文件有误，否则请删去 crs:。",
    )


def _say_metres(apart_m: float) -> Message:
    """Say a distance; one of no metres is that of two datums whose shift is not known."""
    if apart_m < 1:
        return Message("an unknown shift of datum", "未知的基准偏移")
    return Message(f"{apart_m / 1000:,.1f} km", f" {apart_m / 1000:,.1f} 公里")


def _say_strays(blocks: Blocks) -> Message | None:
    """Name blocks that lie far from all the others."""
    far_m = _measure_from_bulk(blocks)
    strays = np.flatnonzero(far_m > _FAR_BLOCK_M)
    if not len(strays):
        return None
    named = name_some([f"{blocks.ids[i]} ({far_m[i] / 1000:,.0f} km)" for i in strays])
    return Message(
        f"data.blocks: {len(strays)} blocks lie more than {_FAR_BLOCK_M / 1000:.0f} km from the others: {named.en}; "
        "have they the same coordinate system?",
        f"data.blocks：{len(strays)} 个地块距其他地块超过 {_FAR_BLOCK_M / 1000:.0f} 公里：{named.zh}；坐标系是否相同？",
    )


def _say_crowded(blocks: Blocks) -> Message | None:
    """Say that more people live on the blocks than could stand there: the coordinates are in another unit."""
    if "people" not in blocks.quantities:
        return None
    ground_m2, people = float(shapely.area(blocks.shapes).sum()), int(blocks.frame["people"].sum())
    if ground_m2 >= people * _LEAST_M2:
        return None
    return Message(
        f"data.blocks: {people:,} people live on blocks of {ground_m2:,.0f} m² in all; are the coordinates in another "
        "unit than metres, or are the counts those of larger areas?",
        f"data.blocks：地块总面积仅 {ground_m2:,.0f} 平方米，却有 {people:,} 人；坐标单位是否不是米，"
        "或数量属于更大的区域？",
    )


def _measure_from_bulk(blocks: Blocks) -> NDArray[np.float64]:
    """Measure how far each block lies from the rectangle that most of them lie in."""
    bulk = bulk_bounds(blocks.frame)
    return np.asarray(shapely.distance(None if bulk is None else shapely.box(*bulk), blocks.shapes))


def _find_home(blocks: Blocks) -> Bounds:
    """Give the rectangle of all blocks but those far from the others, which may be read wrongly themselves."""
    west, south, east, north = shapely.total_bounds(blocks.shapes[_measure_from_bulk(blocks) <= _FAR_BLOCK_M]).tolist()
    return west, south, east, north


def _say_outside(source: BlockSource, frame: gpd.GeoDataFrame) -> Message | None:
    """Say that the blocks lie outside the area their coordinate system was made for."""
    own = _declared(source, _own_crs(source, "data.blocks"))
    bounds = None if own is None else bulk_bounds(frame.to_crs(own))
    found = None if own is None or bounds is None else locate(bounds, own)
    if own is None or found is None or lies_in_use(found, own, margin_deg=_BEYOND_DEG):
        return None
    lon, lat = found[:2]
    return Message(
        f"data.blocks: {source.path.name} lies at {lon:.2f}, {lat:.2f} degrees, outside the area that {own.name} "
        "was made for; is that its coordinate system?",
        f"data.blocks：{source.path.name} 位于经度 {lon:.2f}、纬度 {lat:.2f}，超出 {own.name} 的适用区域；"
        "坐标系是否有误？",
    )


def _judge_sites(layer: _Layer, sites: Sites, data: Data, blocks: Blocks) -> list[Message | None]:
    """Refuse premises that all lie elsewhere, or some very far; name the few that stand in no block."""
    if note := _say_elsewhere(layer, data, blocks):
        raise DataError(note)
    off_m = shapely.distance(layer.shapes, blocks.shapes[sites.block])
    if len(lost := np.flatnonzero(off_m > _FAR_BLOCK_M)):
        raise DataError(_say_lost_sites(layer.key, [f"{sites.names[n]} ({off_m[n] / 1000:,.0f} km)" for n in lost]))
    far = np.flatnonzero(off_m > _FAR_SITE_M)
    notes = [suspect_shift(layer.key, layer.shapes, blocks)]
    if len(far):
        named = name_some([f"{sites.names[n]} ({off_m[n]:,.0f} m)" for n in far])
        notes.append(
            Message(
                f"{layer.key}: {len(far)} sites lie more than {_FAR_SITE_M:.0f} m from every block and count for the "
                f"nearest: {named.en}.",
                f"{layer.key}：{len(far)} 处用房距最近地块超过 {_FAR_SITE_M:.0f} 米，计入最近的地块：{named.zh}。",
            )
        )
    return notes


def _say_lost_sites(key: str, lost: list[str]) -> Message:
    named, far_km = name_some(lost), f"{_FAR_BLOCK_M / 1000:.0f}"
    return Message(
        f"{key}: {len(lost)} sites lie more than {far_km} km from every block: {named.en}; mend their coordinates "
        "(0, 0 is no place), or delete the rows.",
        f"{key}：{len(lost)} 处用房距所有地块超过 {far_km} 公里：{named.zh}；请更正坐标（0、0 不是位置），"
        "或删除这些记录。",
    )


def _say_table_elsewhere(key: str, source: Source, blocks: Blocks) -> Message | None:
    """Say that the shapes of a table, which are not used, lie elsewhere: it may be the table of another place."""
    info = read_about(source, key, bounds=True)
    own, bounds = info["crs"], info["total_bounds"]
    crs = _declared(source, None if own is None else CRS.from_user_input(own))
    if info["geometry_type"] is None or crs is None or bounds is None:
        return None
    found, home = locate(tuple(bounds), crs), locate(_find_home(blocks), blocks.crs)
    apart_m = 0.0 if found is None or home is None else measure_apart(found, home)
    if apart_m <= FAR_M:
        return None
    name = source.path.name
    return Message(
        f"{key}: the shapes of {name} lie {apart_m / 1000:,.0f} km from the blocks; is it the table of another place?",
        f"{key}：{name} 的图形距地块 {apart_m / 1000:,.0f} 公里；是否为其他地区的表？",
    )


def _say_unknown_shift(blocks: Blocks) -> Message | None:
    """Say that what is written in WGS 84 may lie off, where the shift to it is not known."""
    if is_known_change(blocks.frame, CRS.from_epsg(4326)):
        return None
    datum = blocks.crs.geodetic_crs.name if blocks.crs.geodetic_crs else blocks.crs.name
    return Message(
        f"The shift from {datum} to WGS 84 is not known here: communities.geojson, boundaries.geojson, "
        "boundary_points.geojson and map tiles may lie 100 m and more off; use the GeoPackage, or convert the blocks "
        "with official parameters first.",
        f"缺少 {datum} 到 WGS 84 的转换参数：communities.geojson、boundaries.geojson、boundary_points.geojson "
        "及地图底图可能偏移 100 米以上；请使用 GeoPackage，或先用官方参数转换地块。",
    )
