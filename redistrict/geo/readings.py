"""Readings: where on earth coordinates lie, and the usual ways in which a file says the wrong system for them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pyproj import CRS, Geod, Transformer

from redistrict.messages import Message

Bounds = tuple[float, float, float, float]
"""West, south, east, north."""

_MARGIN_DEG = 3.0
"""A coordinate system is trusted so far beyond the area it was made for."""
_TOWN_DEG = 5.0
_POLAR_DEG = 84.0
"""Beyond it no metric system is near; nobody lives there."""
_COLD_DEG, _SVALBARD = 73.0, (10.0, 18.0)
"""North of it people live on Svalbard only; Xinjiang and India, read latitude first, lie there, too."""
_SOUTH_DEG = -56.0
_SIX, _THREE = range(13, 24), range(25, 46)
"""Numbers of the Gauss-Krueger zones of 6 and of 3 degrees in China."""
_GAUSS_KRUGER = {
    "global": (4491, 4502, 4513, 4534),
    "xian": (2327, 2338, 2349, 2370),
    "beijing": (21413, 21453, 2401, 2422),
}
"""EPSG code of the first zone of 6 degrees with and without the zone number in the easting, and the same of 3."""
_CHINA = (73.0, 18.0, 136.0, 54.0)
_GLOBAL = re.compile(
    r"(worldgeodeticsystem|wgs)(19)?84|china2000|cgcs2000|chinageodeticcoordinatesystem2000|"
    r"itrf|internationalterrestrial"
)
_OLD = {"xian": re.compile(r"xian(19)?80"), "beijing": re.compile(r"beijing(19)?54")}


@dataclass(frozen=True)
class Reading:
    """One way to take two numbers for a place: in which system, what is done to them first, and what that means."""

    crs: CRS
    cause: Message
    swapped: bool = False
    factors: tuple[float, float] = (1.0, 1.0)

    def locate(self, bounds: Bounds) -> Bounds | None:
        """Give the place in degrees, as `locate` does."""
        west, south, east, north = (np.reshape(bounds, (2, 2)) * self.factors)[:, :: -1 if self.swapped else 1].ravel()
        return locate((min(west, east), min(south, north), max(west, east), max(south, north)), self.crs)

    def is_usual(self, bounds: Bounds) -> bool:
        """Tell whether people live there, and the system is meant for it."""
        found = self.locate(bounds)
        return found is not None and lies_in_use(found, self.crs)


def locate(bounds: Bounds, crs: CRS) -> Bounds | None:
    """Give the place of a rectangle in degrees on the system's own datum; none where the numbers are no place in it."""
    if not np.isfinite(bounds).all():
        return None
    found = bounds if crs.is_geographic else to_degrees(crs).transform_bounds(*bounds)
    west, south, east, north = (float(value) for value in found)
    inside = np.isfinite(found).all() and max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90
    return (west, south, east, north) if inside else None


@lru_cache(maxsize=64)
def to_degrees(crs: CRS) -> Transformer:
    """Give the way into degrees on the system's own datum; much quicker to find than one to another datum."""
    return Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


def lies_in_use(found: Bounds, crs: CRS, *, margin_deg: float = _MARGIN_DEG) -> bool:
    """Tell whether a place is one where people live, and not far from the area a system was made for."""
    west, south, east, north = found
    if south > _POLAR_DEG or north < _SOUTH_DEG:
        return False
    if south > _COLD_DEG and not _SVALBARD[0] <= west <= _SVALBARD[1]:
        return False
    area = crs.area_of_use
    if area is None:
        return True
    around = area.west > area.east or (area.west - margin_deg <= west and east <= area.east + margin_deg)
    return around and area.south - margin_deg <= south and north <= area.north + margin_deg


def is_in_china(found: Bounds) -> bool:
    """Tell whether a place lies in or around China, where web maps are shifted."""
    return _CHINA[0] < found[0] and found[2] < _CHINA[2] and _CHINA[1] < found[1] and found[3] < _CHINA[3]


def measure_apart(one: Bounds, two: Bounds) -> float:
    """Give how far two rectangles in degrees lie apart, in metres; 0 where they meet."""
    lon = np.clip(one[0], two[0], two[2]), np.clip(two[0], one[0], one[2])
    lat = np.clip(one[1], two[1], two[3]), np.clip(two[1], one[1], one[3])
    return float(Geod(ellps="GRS80").inv(lon[0], lat[0], lon[1], lat[1])[2])


def looks_like_degrees(bounds: Bounds) -> bool:
    """Tell whether numbers said to be metres can only be degrees: no town is under 5 m wide."""
    west, south, east, north = bounds
    small = east - west < _TOWN_DEG and north - south < _TOWN_DEG
    return (
        small and max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 180 and max(map(abs, bounds)) > 1
    )


def other_readings(crs: CRS, bounds: Bounds) -> Iterator[Reading]:
    """Give what the numbers may be instead, the likeliest first; each is to be tried for where it puts them."""
    for swapped in (False, True):
        if looks_like_degrees(bounds) and crs.is_projected:
            yield Reading(CRS.from_epsg(4326), _also_swapped(_DEGREES, swapped), swapped)
        yield from _by_zone_number(crs, bounds, swapped)
    units = [unit for unit in _UNITS if crs.is_projected and unit.least <= max(map(abs, bounds)) < unit.most]
    yield from (Reading(crs, _say_unit(unit.words), factors=(unit.metres, unit.metres)) for unit in units)
    yield Reading(crs, _SWAPPED, swapped=True)
    if crs.utm_zone:
        other = CRS.from_epsg((32700 if crs.utm_zone.endswith("N") else 32600) + int(crs.utm_zone[:-1]))
        yield Reading(other, say_system(other))
    yield Reading(crs, _MIRRORED_X, factors=(-1, 1))
    yield Reading(crs, _MIRRORED_Y, factors=(1, -1))


_DEGREES = Message(
    "they look like degrees: write 'crs: EPSG:4490' (CGCS2000) or 'crs: EPSG:4326' (WGS 84)",
    "看来是经纬度：请写 crs: EPSG:4490（CGCS2000）或 crs: EPSG:4326（WGS 84）",
)
_SWAPPED = Message(
    "the axes seem to be swapped: save the file with x (longitude, easting) first",
    "横纵坐标似乎颠倒：请将文件另存为 x（经度、横坐标）在前",
)
_MIRRORED_X = Message(
    "x (longitude, easting) seems to have the wrong sign: mend the file",
    "x（经度、横坐标）的正负号似乎相反：请更正文件",
)
_MIRRORED_Y = Message(
    "y (latitude, northing) seems to have the wrong sign: mend the file",
    "y（纬度、纵坐标）的正负号似乎相反：请更正文件",
)


@dataclass(frozen=True)
class _Unit:
    """A unit taken for metres, and how large the largest coordinate of a town in it may be."""

    words: Message
    metres: float
    least: float = 0.0
    most: float = np.inf


_UNITS = (
    _Unit(Message("millimetres", "毫米"), 0.001, least=5e8),
    _Unit(Message("centimetres", "厘米"), 0.01, least=5e7, most=2e9),
    _Unit(Message("kilometres", "公里"), 1000.0, most=2e4),
    _Unit(Message("feet", "英尺"), 0.3048, least=5e5, most=5e7),
)


def _say_unit(unit: Message) -> Message:
    return Message(
        f"the coordinates seem to be in {unit.en}: write as 'crs:' a system in that unit, or convert the file",
        f"坐标单位似乎是{unit.zh}：请在 crs: 中写该单位的坐标系，或转换文件",
    )


def say_system(crs: CRS) -> Message:
    """Say in which system a layer would lie where it belongs."""
    code = crs.to_epsg()
    known = f"EPSG:{code}" if code else crs.name
    return Message(
        f"in {crs.name} it would lie where it belongs: write 'crs: {known}' if that is its system",
        f"若坐标系为 {crs.name} 则位置吻合：如确实如此，请写 crs: {known}",
    )


def _also_swapped(cause: Message, swapped: bool) -> Message:
    return cause + Message("; and latitude or northing stands first", "；且纬度（纵坐标）在前") if swapped else cause


def _by_zone_number(crs: CRS, bounds: Bounds, swapped: bool) -> Iterator[Reading]:
    """Give the Gauss-Krueger zone whose number stands before the eastings, or is missing there."""
    first = bounds[1] if swapped else bounds[0]
    number, asked = int(first // 1e6), int(_false_easting(crs) // 1e6)
    codes = zone_codes(crs)
    if number != asked and (number in _SIX or number in _THREE):
        real = codes["with number"][number]
        cause = Message(
            f"the eastings begin with zone number {number}: write 'crs: EPSG:{real}'",
            f"横坐标带有带号 {number}：请写 crs: EPSG:{real}",
        )
        yield Reading(CRS.from_epsg(real), _also_swapped(cause, swapped), swapped)
    if number == 0 and (asked in _SIX or asked in _THREE):
        real = codes["without"][asked]
        cause = Message(
            f"the eastings lack the zone number {asked} that this system asks for: write 'crs: EPSG:{real}'",
            f"横坐标缺少该坐标系要求的带号 {asked}：请写 crs: EPSG:{real}",
        )
        yield Reading(CRS.from_epsg(real), _also_swapped(cause, swapped), swapped)


def zone_codes(crs: CRS) -> dict[str, dict[int, int]]:
    """Give the EPSG codes of China's zones on the datum of a system, by zone number."""
    six, six_plain, three, three_plain = _GAUSS_KRUGER.get(datum_of(crs), _GAUSS_KRUGER["global"])
    numbered = {n: three + n - _THREE[0] for n in _THREE} | {n: six + n - _SIX[0] for n in _SIX}
    plain = {n: three_plain + n - _THREE[0] for n in _THREE} | {n: six_plain + n - _SIX[0] for n in _SIX}
    return {"with number": numbered, "without": plain}


def _false_easting(crs: CRS) -> float:
    operation = crs.coordinate_operation
    found = [param.value for param in operation.params if param.name == "False easting"] if operation else []
    return float(found[0]) if found else 0.0


def datum_of(crs: CRS) -> str:
    """Give the datum by name, however spelt: ``global`` for WGS 84, CGCS2000 and ITRF, which agree within a metre."""
    geodetic = crs.geodetic_crs
    if geodetic is None or geodetic.datum is None:
        return ""
    name = re.sub(r"[^a-z0-9]", "", geodetic.datum.name.lower())
    if _GLOBAL.search(name) and not name.startswith("unknown"):
        return "global"
    return next((old for old, spelt in _OLD.items() if spelt.search(name)), name)
