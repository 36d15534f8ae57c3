"""Lines: roads and barriers with class and name, as borders run along them and blocks lie on both sides of them."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from redistrict.judge.ground import kinds_of
from redistrict.judge.reading import Geometries, geometries, read_layer, text_column
from redistrict.scenario.sources import Data


@dataclass(frozen=True, eq=False)
class Lines:
    """Roads of a class, then barriers.

    Attributes
    ----------
    road_class, name : (n,) text
        Name "" where it has none.
    shapes : (n,) geometries
        As drawn, in metres.
    is_barrier : (n,) bool
    """

    road_class: NDArray[np.object_]
    name: NDArray[np.object_]
    shapes: Geometries
    is_barrier: NDArray[np.bool_]

    @property
    def drawn(self) -> Geometries:
        """The shapes as lines, areas by their outlines."""
        outlines: Geometries = np.where(
            shapely.get_dimensions(self.shapes) == 2, shapely.boundary(self.shapes), self.shapes
        )
        return outlines


def read_lines(data: Data, crs: CRS) -> Lines:
    """Read all roads that have a class, and all barriers.

    Raises
    ------
    DataError
        If a layer cannot be read.
    """
    none = np.empty(0, dtype=object)
    found = [(none, none, none, False)]
    for road in data.roads:
        layer = read_layer(road, (road.class_column, road.name_column))
        classes = kinds_of(layer, road, road.class_column, road.classes, road.class_name)
        found.append((classes, text_column(layer, road.name_column, road), geometries(layer, crs), False))
    for wall in data.barriers:
        layer = read_layer(wall, (wall.name_column,))
        classes = np.full(len(layer), wall.class_name, dtype=object)
        found.append((classes, text_column(layer, wall.name_column, wall), geometries(layer, crs), True))
    classes, names, shapes = (np.concatenate([part[n] for part in found]) for n in range(3))
    is_barrier = np.concatenate([np.full(len(part[0]), part[3]) for part in found])
    keep = (classes != "") & ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return Lines(classes[keep], names[keep], shapes[keep], is_barrier[keep].astype(bool))
