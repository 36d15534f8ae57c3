"""Small maps drawn with letters, as blocks and surroundings in memory."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo import cells as geo_cells
from redistrict.geo.blocks import Blocks
from redistrict.geo.built_up import Looks
from redistrict.geo.graph import ContiguityGraph, build_graph
from redistrict.geo.roads import Surroundings
from redistrict.scenario.models import BlockPair, Contiguity

CRS = "EPSG:4547"
ORIGIN = (600_000.0, 3_340_000.0)


NO_LOOKS = Looks(np.zeros((0, 2, 2)), np.zeros(0, dtype=np.int64), np.zeros(0), 0.0)


def build_cells(
    shapes: NDArray[np.object_], lines: NDArray[np.object_], *, max_gap_m: float, looks: Looks = NO_LOOKS
) -> geo_cells.Cells:
    """Give the ground between shapes to them."""
    return geo_cells.build_cells(geo_cells.find_ground(shapes, max_gap_m=max_gap_m), lines, looks)


def box(x: float, y: float, width: float = 100, height: float = 100) -> shapely.Polygon:
    """Draw a rectangle by its lower left corner and its sides in metres."""
    return shapely.box(ORIGIN[0] + x, ORIGIN[1] + y, ORIGIN[0] + x + width, ORIGIN[1] + y + height)


def polygon(*corners: tuple[float, float]) -> shapely.Polygon:
    """Draw a polygon by its corners in metres."""
    return shapely.Polygon(np.array(corners) + ORIGIN)


def line(*points: tuple[float, float]) -> shapely.LineString:
    """Draw a line by its points in metres."""
    return shapely.LineString(np.array(points) + ORIGIN)


def point(x: float, y: float) -> shapely.Point:
    """Draw a point in metres."""
    return shapely.Point(x + ORIGIN[0], y + ORIGIN[1])


def cells(picture: str, *, side_m: float = 100, street_m: float = 0) -> dict[str, shapely.Polygon]:
    """Draw a square for every word of the picture but ``.``; the lower left one stands at 0, 0."""
    rows = [text.split() for text in picture.strip().splitlines()]
    step = side_m + street_m
    return {
        word: box(column * step, (len(rows) - 1 - row) * step, side_m, side_m)
        for row, words in enumerate(rows)
        for column, word in enumerate(words)
        if word != "."
    }


def make_blocks(
    shapes: Mapping[str, shapely.Geometry],
    *,
    households: Mapping[str, int] | int = 100,
    people: Mapping[str, int] | int | None = None,
    district: Mapping[str, str] | str = "",
) -> Blocks:
    """Give blocks in memory; counts and districts are given by block or once for all."""
    ids = sorted(shapes)
    columns: dict[str, object] = {
        "block_id": ids,
        "district": [district if isinstance(district, str) else district[i] for i in ids],
        "name": "",
        "community": "",
        "households": [households if isinstance(households, int) else households.get(i, 0) for i in ids],
    }
    if people is not None:
        columns["people"] = [people if isinstance(people, int) else people.get(i, 0) for i in ids]
    frame = gpd.GeoDataFrame(columns, geometry=[shapes[i] for i in ids], crs=CRS)
    return Blocks(frame, ("households",) if people is None else ("households", "people"), ())


def surroundings(
    *,
    roads: Sequence[tuple[str, str, shapely.Geometry]] = (),
    barriers: Sequence[shapely.Geometry | tuple[str, str, shapely.Geometry]] = (),
    structures: Sequence[tuple[str, shapely.Geometry]] = (),
) -> Surroundings:
    """Give what lies between the blocks: roads as class, name and line; structures as kind and shape.

    Barriers are shapes, or class, name and shape.
    """
    walls = [wall if isinstance(wall, tuple) else ("barrier", "", wall) for wall in barriers]
    return Surroundings(
        roads=gpd.GeoDataFrame(
            {
                "road_class": np.array([road[0] for road in roads], dtype=object),
                "name": np.array([road[1] for road in roads], dtype=object),
            },
            geometry=[road[2] for road in roads],
            crs=CRS,
        ),
        barriers=gpd.GeoDataFrame(
            {
                "road_class": np.array([wall[0] for wall in walls], dtype=object),
                "name": np.array([wall[1] for wall in walls], dtype=object),
            },
            geometry=[wall[2] for wall in walls],
            crs=CRS,
        ),
        structures=gpd.GeoDataFrame(
            {"kind": np.array([kind for kind, _ in structures], dtype=object)},
            geometry=[shape for _, shape in structures],
            crs=CRS,
        ),
    )


def pairs(*names: str) -> tuple[BlockPair, ...]:
    """Pair blocks by hand: ``"a-b"``."""
    split = [name.split("-") for name in names]
    return tuple(BlockPair(blocks=(first, second), reason="by hand") for first, second in split)


def graph_of(
    shapes: Mapping[str, shapely.Geometry], around: Surroundings | None = None, **rules: object
) -> ContiguityGraph:
    """Build the graph of drawn blocks under the default rules, or others given by name."""
    return build_graph(make_blocks(shapes), around or surroundings(), Contiguity.model_validate(rules))


def frontage(
    shapes: Mapping[str, shapely.Geometry], around: Surroundings | None = None, **rules: object
) -> dict[str, float]:
    """Give the frontage in metres of every pair of neighbours, ``"a-b"``."""
    return frontage_of(graph_of(shapes, around, **rules), sorted(shapes))


def frontage_of(graph: ContiguityGraph, ids: Sequence[str]) -> dict[str, float]:
    """Give the frontage of every edge of a graph, by the names of its blocks."""
    return {f"{ids[i]}-{ids[j]}": float(m) for (i, j), m in zip(graph.edges, graph.frontage_m, strict=True)}


def crossing(graph: ContiguityGraph, ids: Sequence[str]) -> dict[str, dict[str, float]]:
    """Give the metres of road above 0 of every edge, by class."""
    rows = zip(graph.edges, graph.crossing_m, strict=True)
    named = {f"{ids[i]}-{ids[j]}": _above_zero(graph.classes, row) for (i, j), row in rows}
    return {edge: metres for edge, metres in named.items() if metres}


def _above_zero(classes: Sequence[str], row: NDArray[np.float64]) -> dict[str, float]:
    return {name: float(m) for name, m in zip(classes, row, strict=True) if m > 0}
