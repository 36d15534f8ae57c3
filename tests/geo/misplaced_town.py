"""A small town anywhere in China, written to files in any coordinate system, right or wrong."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from redistrict.geo.blocks import Blocks, read_blocks
from redistrict.geo.misplaced import find_misplaced
from redistrict.geo.roads import read_surroundings
from redistrict.geo.sites import read_sites
from redistrict.messages import Message
from redistrict.scenario.sources import Data

HUANGSHI = (115.04, 30.18)


@dataclass(frozen=True)
class Town:
    """Blocks of 100 m with streets of 20 m, and their centrelines.

    ::

        [ ][ ][ ][ ][ ][ ]
        [ ][ ][ ][ ][ ][ ]   6 columns, 4 rows, roads in the streets and around the town
        [ ][ ][ ][ ][ ][ ]
        [ ][ ][ ][ ][ ][ ]
    """

    lon: float = HUANGSHI[0]
    lat: float = HUANGSHI[1]

    def place(self, shapes: list[shapely.Geometry], crs: str | CRS) -> gpd.GeoSeries:
        """Put shapes in metres around the middle of the town into a system, as degrees of its own datum would."""
        scale = np.array([111_320 * np.cos(np.radians(self.lat)), 111_320])
        degrees = shapely.transform(np.array(shapes), lambda xy: xy / scale + (self.lon, self.lat))
        return gpd.GeoSeries(degrees, crs=CRS.from_user_input(crs).geodetic_crs).to_crs(crs)

    def blocks(self, crs: str | CRS) -> gpd.GeoDataFrame:
        """The blocks, with key and households."""
        row, column = np.divmod(np.arange(24), 6)
        west, south = column * 120.0 - 350, row * 120.0 - 230
        shapes = self.place(list(shapely.box(west, south, west + 100, south + 100)), crs)
        return gpd.GeoDataFrame({"id": [f"B{n:02d}" for n in range(24)], "hh": 100}, geometry=shapes)

    def roads(self, crs: str | CRS) -> gpd.GeoDataFrame:
        """The centrelines of all streets and of the ring around the town, with their class."""
        down = [shapely.LineString([(x, -240.0), (x, 240.0)]) for x in np.arange(-360.0, 361, 120)]
        across = [shapely.LineString([(-360.0, y), (360.0, y)]) for y in np.arange(-240.0, 241, 120)]
        return gpd.GeoDataFrame({"cls": "primary"}, geometry=self.place([*down, *across], crs), index=range(12))

    def sites(self, crs: str | CRS) -> gpd.GeoDataFrame:
        """Premises in the middle of every second block."""
        blocks = self.blocks(crs).iloc[::2]
        points = gpd.GeoSeries(shapely.centroid(blocks.geometry.to_numpy()), index=blocks.index, crs=crs)
        return blocks.set_geometry(points).assign(area=500.0)


def write(frame: gpd.GeoDataFrame, path: Path) -> Path:
    """Write a layer as GeoPackage."""
    path.unlink(missing_ok=True)
    frame.to_file(path, driver="GPKG")
    return path


def look(
    folder: Path, *, blocks_crs: str | None = None, **layers: dict[str, str]
) -> tuple[Blocks, tuple[Message, ...]]:
    """Read blocks.gpkg and the layers named, as a scenario does, and give what is noted about where they lie."""
    columns = {"id": "id", "households": "hh"}
    given: dict[str, object] = {"blocks": {"path": folder / "blocks.gpkg", "columns": columns, "crs": blocks_crs}}
    if "roads" in layers:
        given["roads"] = [{"path": folder / "roads.gpkg", "class_column": "cls", **layers["roads"]}]
    if "barriers" in layers:
        given["barriers"] = [{"path": folder / "barriers.gpkg", "class_name": "river", **layers["barriers"]}]
    if "premises" in layers:
        columns = {"id": "id", "area_m2": "area"}
        given["premises"] = {"path": folder / "sites.gpkg", "columns": columns, **layers["premises"]}
    data = Data.model_validate(given)
    blocks = read_blocks(data)
    surroundings, sites = read_surroundings(data, blocks.crs), read_sites(data, blocks)
    return blocks, find_misplaced(data, blocks, surroundings, sites)
