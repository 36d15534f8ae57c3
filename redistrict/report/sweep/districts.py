"""Districts: a sweep over the districts of a province, each a point; its map, from which each district is one click."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from redistrict.errors import DataError, OutputError
from redistrict.messages import Language, Message, join
from redistrict.model.result import NOT_PROVED, PROVED
from redistrict.paths import is_file
from redistrict.report.compare.maps import THIN, find_frame, wrap_svg
from redistrict.report.gis.vectors import write_layer
from redistrict.report.svg import trace_areas
from redistrict.scenario.admission import admit
from redistrict.scenario.sources import Source

FILE, QUESTION, DATA = "districts.gpkg", "province.yaml", "data"
"""The file of the districts, the scenario they share, and the folder that holds the data of each."""
MARK = ".province"
"""The hidden file that tells that these are ours, and may be replaced."""
DISTRICT = Message("district", "区县")
KINDS = {
    "proved": (PROVED, "#3d7a5f"),
    "found": (NOT_PROVED, "#a3c9a8"),
    "outside": (Message("with communities outside the bounds", "有社区超出规模限制"), "#e8b04a"),
    "without": (Message("without a plan", "没有方案"), "#b5473c"),
    "open": (Message("not solved yet", "尚未求解"), "#d5d2ca"),
}
"""What has become of a district, and its colour on the map."""
_DEGREE_M = 111_320.0
_UNREADABLE = (OSError, ValueError, KeyError, AttributeError, DataError)


@dataclass(frozen=True, eq=False)
class Districts:
    """The districts of a province, in the order of the points.

    Attributes
    ----------
    names : tuple of str
    n_blocks : tuple of int
    outlines : (n,) geometries
        Coarse, in degrees (WGS 84); empty where nothing can be drawn.
    """

    names: tuple[str, ...]
    n_blocks: tuple[int, ...]
    outlines: NDArray[np.object_]


def write_districts(path: Path, districts: Districts) -> None:
    """Write them as a GeoPackage; same districts, same bytes.

    Raises
    ------
    OutputError
        If what is read back differs.
    """
    table = {"district": districts.names, "blocks": districts.n_blocks}
    shapes = [None if one.is_empty else one for one in districts.outlines]
    write_layer(path, gpd.GeoDataFrame(table, geometry=shapes, crs=4326))


def read_districts(folder: Path, n_points: int) -> Districts | None:
    """Read those of a folder, one a point; none where it is a sweep over something else.

    Raises
    ------
    OutputError
        If the file cannot be read.
    """
    if not is_file(folder / FILE):
        return None
    try:
        admit(Source(path=folder / FILE, layer=Path(FILE).stem), FILE)
        frame = gpd.read_file(folder / FILE, layer=Path(FILE).stem)
        shapes = frame.geometry.to_numpy()
        if len(frame) != n_points:
            raise ValueError(f"{len(frame)} districts, {n_points} points")
        outlines = np.where(shapely.is_missing(shapes), shapely.Polygon(), shapes)
        return Districts(tuple(map(str, frame["district"])), tuple(map(int, frame["blocks"])), outlines)
    except (*_UNREADABLE, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise OutputError(
            Message(
                f"{folder / FILE} is not the file of districts ({error!r}); run the command again.",
                f"{folder / FILE} 不是区县文件（{error!r}）；请重新运行该命令。",
            )
        ) from error


def count_kinds(kinds: Iterable[str]) -> Message:
    """Count what has become of the districts."""
    found = Counter(kinds)
    told = [
        Message(f"{found[kind]} {words.en}", f"{words.zh} {found[kind]} 个")
        for kind, (words, _) in KINDS.items()
        if found[kind]
    ]
    return join(told)


def draw_districts(districts: Districts, kinds: list[str], links: list[str], language: Language) -> str:
    """Draw the map: every district in the colour of what has become of it, and a link to its own map.

    Parameters
    ----------
    kinds : list of str
        Keys of `KINDS`.
    links : list of str
        Addresses of the maps, "" where there is none.
    """
    south = np.nanmin(shapely.bounds(districts.outlines)[:, 1], initial=85.0)
    scale = (_DEGREE_M * np.cos(np.radians(south)), _DEGREE_M)
    shapes = shapely.transform(districts.outlines, lambda xy: xy * scale)
    if shapely.is_empty(shapes).all():
        return ""
    frame = find_frame(shapes)
    drawn = []
    for path, kind, link, name, n in zip(
        trace_areas(shapes, frame[:2]), kinds, links, districts.names, districts.n_blocks, strict=True
    ):
        words, colour = KINDS[kind]
        blocks = Message(f" ({n} blocks): ", f"（{n} 个地块）：") + words
        title = f"<title>{escape(name)}{escape(blocks.in_language(language))}</title>"
        area = f'<path d="{path}" fill="{colour}" {THIN}>{title}</path>'
        drawn.append(f'<a href="{escape(link)}">{area}</a>' if link else area)
    return wrap_svg(frame, "".join(drawn))
