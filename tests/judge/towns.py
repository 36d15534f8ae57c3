"""Small towns drawn by hand, written to disk as a planner would hand them in, and judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from redistrict.judge import verify_plan
from redistrict.judge.verification import Verification
from redistrict.scenario.models import Communities, Contiguity, Objective, Scenario, Sizes, Tolerance
from redistrict.scenario.office import Standards
from redistrict.scenario.sources import (
    BarrierSource,
    BlockColumns,
    BlockSource,
    CurrentColumns,
    CurrentSource,
    Data,
    ProjectColumns,
    ProjectSource,
    RoadSource,
    SiteColumns,
    SiteSource,
    StructureSource,
)

CRS = "EPSG:4547"
ANY_SIZE = Communities(
    target=Sizes(households=10_000, people=10_000), tolerance=Tolerance(households=0.9999, people=0.9999)
)


@dataclass(frozen=True)
class Town:
    """Blocks on disk and the scenario that names them."""

    blocks: gpd.GeoDataFrame
    scenario: Scenario

    def plan(self, communities: Mapping[str, str] | str) -> pd.DataFrame:
        """Write a plan from block to community; text puts every block in that one community."""
        if isinstance(communities, str):
            communities = dict.fromkeys(self.blocks["key"], communities)
        district = dict(zip(self.blocks["key"], self.blocks["district"], strict=True))
        rows = [(key, district.get(key, ""), to, f"{to}社区") for key, to in communities.items()]
        return pd.DataFrame(rows, columns=["block_id", "district", "community_id", "community_name"])

    def judge(self, communities: Mapping[str, str] | str) -> Verification:
        """Judge the plan that `communities` writes."""
        return verify_plan(self.scenario, self.plan(communities))


def square(x: float, y: float, width: float = 100, height: float = 100) -> shapely.Polygon:
    """Draw a rectangle by its lower left corner and its sides in metres."""
    return shapely.box(500_000 + x, 3_000_000 + y, 500_000 + x + width, 3_000_000 + y + height)


def line(*points: tuple[float, float]) -> shapely.LineString:
    """Draw a line through points in metres."""
    return shapely.LineString([(500_000 + x, 3_000_000 + y) for x, y in points])


def cells(picture: str, *, side_m: float = 100, street_m: float = 0) -> dict[str, shapely.Polygon]:
    """Draw a square for every character but ``.``, named by row and column: ``00`` is the top left."""
    step = side_m + street_m
    return {
        f"{row}{column}": square(column * step, -row * step, side_m, side_m)
        for row, line in enumerate(picture.split())
        for column, mark in enumerate(line)
        if mark != "."
    }


def marks(picture: str) -> dict[str, str]:
    """Read the characters of a picture by block, as `cells` names them."""
    return {
        f"{row}{column}": mark
        for row, line in enumerate(picture.split())
        for column, mark in enumerate(line)
        if mark != "."
    }


def make_town(
    folder: Path,
    polygons: Mapping[str, shapely.Geometry],
    *,
    households: Mapping[str, int] | int = 100,
    people: Mapping[str, int] | int = 300,
    district: Mapping[str, str] | str = "",
    today: Mapping[str, str] | str = "",
    roads: Sequence[tuple[str, shapely.Geometry]] = (),
    barriers: Sequence[shapely.Geometry] = (),
    structures: Sequence[tuple[str, shapely.Geometry]] = (),
    contiguity: Contiguity | None = None,
    communities: Communities = ANY_SIZE,
    standards: Standards | None = None,
    never: Sequence[str] = (),
    locked: str | None = None,
    projects: str | None = None,
    sites: Sequence[shapely.Geometry] | None = None,
    columns: BlockColumns | None = None,
) -> Town:
    """Write a town to disk; counts, districts and today's communities are given by block or once for all.

    Nothing has a price; `never` names classes of road (barriers have the class ``barrier``); `locked` and `projects`
    are CSV tables with columns ``id,locked`` and ``id,block,date,households,people``.
    """

    def spread(value: Any) -> list[Any]:
        return [value.get(key, 0) if isinstance(value, Mapping) else value for key in polygons]

    blocks = gpd.GeoDataFrame(
        {
            "key": list(polygons),
            "households": spread(households),
            "people": spread(people),
            "district": spread(district),
            "community": spread(today),
        },
        geometry=list(polygons.values()),
        crs=CRS,
    )
    every = BlockColumns(id="key", households="households", people="people", district="district", community="community")
    data = Data(
        blocks=BlockSource(path=_write(blocks, folder / "blocks.gpkg"), columns=columns or every),
        roads=_roads(folder, roads),
        barriers=_barriers(folder, barriers),
        structures=_structures(folder, structures),
        current=_current(folder, locked),
        premises=_premises(folder, sites),
        projects=_projects(folder, projects),
    )
    scenario = Scenario(
        name="town",
        data=data,
        contiguity=contiguity or Contiguity(),
        communities=communities,
        objective=Objective(crossing=dict.fromkeys(never, "never"), boundary=0, deviation=0),
        standards=standards or Standards(),
    )
    return Town(blocks, scenario)


def _write(layer: gpd.GeoDataFrame, path: Path) -> Path:
    layer.to_file(path, layer="layer")
    return path


def _roads(folder: Path, shapes: Sequence[tuple[str, shapely.Geometry]]) -> tuple[RoadSource, ...]:
    if not shapes:
        return ()
    classes, geometries = zip(*shapes, strict=True)
    layer = gpd.GeoDataFrame({"class": classes}, geometry=list(geometries), crs=CRS)
    return (RoadSource(path=_write(layer, folder / "roads.gpkg"), class_column="class"),)


def _barriers(folder: Path, shapes: Sequence[shapely.Geometry]) -> tuple[BarrierSource, ...]:
    if not shapes:
        return ()
    layer = gpd.GeoDataFrame(geometry=list(shapes), crs=CRS)
    return (BarrierSource(path=_write(layer, folder / "barriers.gpkg")),)


def _structures(folder: Path, shapes: Sequence[tuple[str, shapely.Geometry]]) -> tuple[StructureSource, ...]:
    if not shapes:
        return ()
    kinds, geometries = zip(*shapes, strict=True)
    layer = gpd.GeoDataFrame({"kind": kinds}, geometry=list(geometries), crs=CRS)
    return (StructureSource(path=_write(layer, folder / "structures.gpkg"), kind_column="kind"),)


def _current(folder: Path, table: str | None) -> CurrentSource | None:
    if table is None:
        return None
    path = folder / "current.csv"
    path.write_text(table, encoding="gb18030")
    return CurrentSource(path=path, columns=CurrentColumns(id="id", locked="locked"))


def _premises(folder: Path, shapes: Sequence[shapely.Geometry] | None) -> SiteSource | None:
    if shapes is None:
        return None
    layer = gpd.GeoDataFrame({"id": range(len(shapes)), "m2": 300.0}, geometry=list(shapes), crs=CRS)
    return SiteSource(path=_write(layer, folder / "premises.gpkg"), columns=SiteColumns(id="id", area_m2="m2"))


def _projects(folder: Path, table: str | None) -> ProjectSource | None:
    if table is None:
        return None
    path = folder / "projects.csv"
    path.write_text(table, encoding="utf-8-sig")
    columns = ProjectColumns(id="id", block="block", date="date", households="households", people="people")
    return ProjectSource(path=path, columns=columns)
