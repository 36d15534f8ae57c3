"""Split: the blocks, roads, barriers and structures of many districts, district by district.

Everything that is used is read as it stands in the files, and nothing is mended: what is wrong with a district is found
out when its own files are read. Only one district is in memory at a time.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from redistrict.errors import DataError
from redistrict.geo.alike import refuse_alike
from redistrict.geo.georeference import declared_crs
from redistrict.geo.raw import RawLayer
from redistrict.geo.roads import find_kinds, map_values
from redistrict.geo.source import CANNOT_READ, cannot_read, opened, require_columns, take_rows
from redistrict.geo.tables import as_text
from redistrict.messages import Message
from redistrict.scenario.levels import Level
from redistrict.scenario.sources import BlockColumns, Data, Source

_REACH = 0.02
"""Roads within this many degrees of latitude, about 2 km, go with a district: farther than any frontage looks."""
_WGS84 = CRS.from_epsg(4326)
_DEGREE_M = 111_320.0
_STREET_M = 40.0
"""Half the width of the streets that the outline of a district closes."""
_COARSE_M = 60.0
"""Outlines are that coarse: a map of all districts shows no more."""
_POLE = 85.0
_BY_ROW = {"ESRI Shapefile", "GPKG", "OpenFileGDB"}
"""Drivers that find a row by its number."""
_NAMES = {"id": "block_id"}
"""Columns that are called otherwise than what they hold."""
_S = TypeVar("_S", bound=Source)


@dataclass(frozen=True, eq=False)
class District:
    """One district of a data set.

    Attributes
    ----------
    name : str
        As its blocks give it, without blanks around it; "" where they give none.
    rows : (n_blocks,) int64
        Its blocks, by the numbers that GDAL gives the rows of the file.
    """

    name: str
    rows: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Part:
    """What belongs to one district.

    Attributes
    ----------
    layers : dict of str to GeoDataFrame
        By what they are (`blocks`, `roads_0`, ...), with columns named by what they hold; none of a district whose rows
        cannot be read as they stand.
    outline : Geometry
        Its ground with its streets, coarse, in degrees (WGS 84); empty where nothing can be drawn.
    problems : tuple of Message
        Why its rows cannot be read.
    """

    layers: dict[str, gpd.GeoDataFrame]
    outline: shapely.Geometry
    problems: tuple[Message, ...] = ()


class _Open(NamedTuple):
    """A layer ready to be read: its place in the scenario, the system of its coordinates, and its columns by use."""

    raw: RawLayer
    source: Source
    key: str
    crs: CRS
    columns: dict[str, str]
    meaning: Mapping[str, str] | None = None
    """What the values of the first column mean; rows with others are left out."""

    def take(self, part: RawLayer) -> gpd.GeoDataFrame:
        """Read rows, with columns named by what they hold; an empty shape is none."""
        wanted = list(dict.fromkeys(self.columns.values()))
        try:
            frame = take_rows(part, wanted, self.source, self.key, shapes=True)
        except CANNOT_READ as error:
            raise DataError(cannot_read(self.source, self.key, error)) from error
        table = {use: frame[name].to_numpy() for use, name in self.columns.items()}
        shapes = frame.geometry.to_numpy().copy()
        shapes[shapely.is_empty(shapes)] = None
        found = gpd.GeoDataFrame(table, geometry=shapes, crs=frame.crs)
        if self.meaning is None:
            return found
        first = next(iter(self.columns))
        found[first] = [self.meaning.get(value, "") for value in as_text(found[first])]
        return found[found[first] != ""].reset_index(drop=True)


def list_districts(data: Data, notes: list[Message]) -> tuple[District, ...]:
    """Give the districts of the blocks, by name; only the column of their names is read.

    Raises
    ------
    DataError
        If the scenario names no column of districts, or the file cannot be read as it says.
    """
    source, column = data.blocks, data.blocks.columns.district
    if column is None:
        raise DataError(
            Message(
                "data.blocks.columns.district: name the column that holds the district of each block.",
                "data.blocks.columns.district：请写明记录各地块所属区县的字段。",
            )
        )
    with opened(source, "data.blocks", notes, (column,)) as raw:
        require_columns(raw, [column], source, "data.blocks")
        if not raw.has_shapes or raw.driver not in _BY_ROW:
            raise DataError(_no_layer(source))
        frame = take_rows(raw._replace(is_part=True), [column], source, "data.blocks", shapes=False)
    problems: list[Message] = []
    refuse_alike(as_text(frame[column]).tolist(), "data.blocks.columns.district", problems, notes)
    if problems:
        raise DataError(problems)
    rows = pd.Series(frame.index.to_numpy()).groupby(as_text(frame[column])).agg(np.array)
    return tuple(District(name, rows[name]) for name in sorted(rows.index, key=_in_order))


def _in_order(name: str) -> list[tuple[int, str]]:
    """Put names with numbers in them in the order of the numbers."""
    return [(int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d+)", name)]


def split(data: Data, levels: Sequence[Level], districts: Sequence[District], notes: list[Message]) -> Iterator[Part]:
    """Read what belongs to each district, one after another.

    Raises
    ------
    DataError
        If a file, a column or a coordinate system is missing, or a mapping of classes matches nothing.
    """
    own = data.blocks.columns.model_dump(exclude_none=True, exclude={"others"})
    used = {_NAMES.get(use, use): column for use, column in own.items()}
    used |= {level.key: level.column for level in levels if level.column is not None}
    with ExitStack() as stack:

        def look(
            source: Source, name: str, used: Mapping[str, str | None], meaning: Mapping[str, str] | None = None
        ) -> _Open:
            return stack.enter_context(_opened(source, f"data.{name}", used, meaning, notes))

        blocks = look(data.blocks.model_copy(update={"where": None}), "blocks", used)
        around = {
            f"roads_{n}": look(
                one, f"roads[{n}]", {"road_class": one.class_column, "name": one.name_column}, one.classes
            )
            for n, one in enumerate(data.roads)
        }
        around |= {
            f"barriers_{n}": look(one, f"barriers[{n}]", {"name": one.name_column})
            for n, one in enumerate(data.barriers)
        }
        around |= {
            f"structures_{n}": look(one, f"structures[{n}]", {"kind": one.kind_column}, find_kinds(one))
            for n, one in enumerate(data.structures)
        }
        for district in districts:
            outline = shapely.Polygon()
            try:
                frame = blocks.take(blocks.raw.at(district.rows))
                outline = _find_outline(frame.geometry.to_numpy(), blocks.crs)
                layers = {"blocks": frame} | {name: _near(layer, outline) for name, layer in around.items()}
            except DataError as error:
                yield Part({}, outline, error.problems)
            else:
                yield Part(layers, outline)


def point_to(data: Data, levels: Sequence[Level], paths: Mapping[str, Path]) -> tuple[Data, tuple[Level, ...]]:
    """Give the data and levels of a scenario as they are in the files of one district, by the layers of its `Part`."""

    def moved(source: _S, name: str, **columns: object) -> _S:
        as_copied = {"path": paths[name], "layer": paths[name].stem, "where": None, "encoding": None}
        return source.model_copy(update=as_copied | columns)

    held: dict[str, Any] = {
        use: _NAMES.get(use, use) for use in data.blocks.columns.model_dump(exclude_none=True, exclude={"others"})
    }
    changes = {
        "blocks": moved(data.blocks, "blocks", columns=BlockColumns(**held)),
        "roads": tuple(
            moved(
                one,
                f"roads_{n}",
                class_column=one.class_column and "road_class",
                classes=None,
                name_column=one.name_column and "name",
            )
            for n, one in enumerate(data.roads)
        ),
        "barriers": tuple(
            moved(one, f"barriers_{n}", name_column=one.name_column and "name") for n, one in enumerate(data.barriers)
        ),
        "structures": tuple(
            moved(one, f"structures_{n}", kind_column=one.kind_column and "kind", kinds=None)
            for n, one in enumerate(data.structures)
        ),
    }
    own = tuple(level.model_copy(update={"column": level.column and level.key}) for level in levels)
    return data.model_copy(update=changes), own


@contextmanager
def _opened(
    source: Source,
    key: str,
    used: Mapping[str, str | None],
    meaning: Mapping[str, str] | None,
    notes: list[Message],
) -> Iterator[_Open]:
    """Open a layer, and refuse a mapping that matches nothing anywhere."""
    columns = {use: column for use, column in used.items() if column is not None}
    names = list(dict.fromkeys(columns.values()))
    with opened(source, key, notes, names) as raw:
        require_columns(raw, names, source, key)
        own = pyogrio.read_info(raw.path, **raw.options)["crs"]
        crs = declared_crs(source, None if own is None else CRS(own), key)
        if meaning is not None:
            whole = take_rows(raw, names[:1], source, key, shapes=False)
            map_values(whole, names[0], meaning, None, f"{key}.{'kinds' if 'kind' in used else 'classes'}", notes)
        yield _Open(raw, source, key, crs, columns, meaning)


def _near(layer: _Open, outline: shapely.Geometry) -> gpd.GeoDataFrame:
    """Read the features about a district; none where nobody knows where it lies."""
    west, south, east, north = (0.0, 0.0, 0.0, 0.0) if outline.is_empty else outline.bounds
    aside = _REACH / np.cos(np.radians(min(max(abs(south), abs(north)), _POLE)))
    box = (west - aside, south - _REACH, east + aside, north + _REACH)
    return layer.take(layer.raw.near(Transformer.from_crs(_WGS84, layer.crs, always_xy=True).transform_bounds(*box)))


def _find_outline(shapes: NDArray[np.object_], crs: CRS) -> shapely.Geometry:
    """Give the ground of a district with its streets, coarse, in degrees; what cannot be drawn is left out."""
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    to_degrees = Transformer.from_crs(crs, _WGS84, always_xy=True)
    shapes = shapely.transform(shapely.force_2d(shapes), lambda xy: np.column_stack(to_degrees.transform(*xy.T)))
    shapes = shapes[np.isfinite(shapely.bounds(shapes)).all(axis=1)]
    if not len(shapes):
        return shapely.Polygon()
    west, south, *_ = shapely.total_bounds(shapes).tolist()
    scale = np.array([_DEGREE_M * np.cos(np.radians(min(abs(south), _POLE))), _DEGREE_M])
    flat = shapely.transform(shapes, lambda xy: (xy - (west, south)) * scale)
    grown = shapely.union_all(shapely.buffer(flat, _STREET_M, join_style="mitre"))
    outline = shapely.simplify(shapely.buffer(grown, -_STREET_M, join_style="mitre"), _COARSE_M)
    return shapely.transform(outline, lambda xy: np.round(xy / scale + (west, south), 6))


def _no_layer(source: Source) -> Message:
    name = source.path.name
    return Message(
        f"data.blocks: {name} is no shapefile, GeoPackage or geodatabase with shapes, of which a district can be read "
        "by itself; save it as one.",
        f"data.blocks：{name} 不是带图形的 shapefile、GeoPackage 或地理数据库，无法按区县读取；请另存为其中一种。",
    )
