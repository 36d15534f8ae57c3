"""Blocks: what is left of the faces once streets have taken their width, and what each block is used for."""

from dataclasses import dataclass, replace

import city_plan as plan
import numpy as np
import shapely
from city_field import Geometry
from city_plan import FloatArray
from city_streets import Base, Face, Street, village_at
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
KINDS = {"estate": "小区", "street_block": "街块", "village": "城中村", "empty": "空地", "park": "公园绿地"}
"""Kinds of block, English key to Chinese value."""
HOMES_PER_HA = {"estate": 108.0, "street_block": 92.0, "village": 62.0, "empty": 0.0, "park": 0.0}
"""Households per hectare of block before they are scaled to the district's total; assumed."""


@dataclass(frozen=True, eq=False)
class Blocks:
    """The blocks, sorted from west to east within each district.

    Attributes
    ----------
    shapes : (n_blocks,) polygons
    plots : (n_blocks,) polygons, the blocks and the streets around them up to their centre lines
    district : (n_blocks,) int64, index into `city_plan.DISTRICTS`
    kind : (n_blocks,) key of `KINDS`
    village : (n_blocks,) int64, number of the urban village, or -1
    weight : (n_blocks,) float64, households wished for before today's communities fix them; 0 where nobody lives
    """

    shapes: NDArray[np.object_]
    plots: NDArray[np.object_]
    district: IntArray
    kind: NDArray[np.str_]
    village: IntArray
    weight: FloatArray

    def take(self, keep: NDArray[np.bool_]) -> "Blocks":
        """Give the blocks selected by a mask."""
        return Blocks(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


def take_off_streets(base: Base, faces: list[Face], streets: list[Street]) -> list[Face]:
    """Shrink every face by half the width of the streets, railway and shore around it; drop slivers."""
    widths = [plan.WIDTH_M[s.road_class] / 2 for s in streets]
    ends = ["flat" if s.road_class == "residential" else "round" for s in streets]
    taken = [
        shapely.buffer(s.line, w, cap_style=end, join_style="mitre")
        for s, w, end in zip(streets, widths, ends, strict=True)
    ]
    taken.append(shapely.buffer(base.rail, plan.RAIL_WIDTH_M / 2))
    taken.append(shapely.buffer(shapely.union_all([base.lake, base.river, base.creek]), 9.0))
    taken.append(shapely.buffer(shapely.union_all(base.hills), 6.0))
    left = shapely.get_parts(base.ground.difference(shapely.union_all(taken, grid_size=0.001)))
    tree = shapely.STRtree([f.shape for f in faces])
    piece, face = tree.query(shapely.point_on_surface(left), predicate="within")
    best: dict[int, Geometry] = {}
    for p, f in zip(piece.tolist(), face.tolist(), strict=True):
        shape = _round_off(left[p])
        if shape is not None and (f not in best or shape.area > best[f].area):
            best[f] = shape
    return [replace(faces[f], shape=best[f]) for f in sorted(best)]


def _round_off(shape: Geometry) -> Geometry | None:
    """Cut thin spikes off a block and simplify it; none if it is a sliver."""
    solid = shape.buffer(-5.0, join_style="mitre").buffer(5.0, join_style="mitre", mitre_limit=1.6)
    parts = [p for p in shapely.get_parts(solid.intersection(shape)) if p.geom_type == "Polygon"]
    if not parts:
        return None
    largest = shapely.Polygon(max(parts, key=lambda p: p.area).exterior)
    largest = shapely.set_precision(shapely.simplify(largest, 0.25), 0.01)
    usable = largest.geom_type == "Polygon" and largest.area > 900 and largest.buffer(-9).area > 0
    return largest if usable else None


def make_blocks(faces: list[Face], rng: np.random.Generator) -> Blocks:
    """Sort the blocks, give each a use, and the households it would have by its size and use."""
    faces = sorted(faces, key=lambda f: (f.district, round(f.shape.centroid.x, 1), round(f.shape.centroid.y, 1)))
    shapes = np.array([f.shape for f in faces], dtype=object)
    kind = np.array([_choose_kind(f, rng) for f in faces])
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    village = np.array([village_at(x, y) for x, y in middle], dtype=np.int64)
    hectares = shapely.area(shapes) / 10_000
    weight = hectares * np.array([HOMES_PER_HA[k] for k in kind]) * rng.lognormal(0, 0.25, len(kind))
    weight *= np.array([_nearness(x, y) for x, y in middle])
    district = np.array([f.district for f in faces], dtype=np.int64)
    for number, facts in enumerate(plan.DISTRICTS):
        mine = district == number
        weight[mine] *= facts.people / 3.2 / weight[mine].sum()
    plots = np.array([f.plot for f in faces], dtype=object)
    return Blocks(shapes, plots, district, kind, village, np.minimum(weight, 560.0))


def _choose_kind(face: Face, rng: np.random.Generator) -> str:
    if face.use == "strip":
        return "park"
    if face.use == "village":
        return "village" if rng.random() > 0.05 else "empty"
    if face.use == "estate":
        return "estate" if rng.random() > 0.03 else "park"
    outer = face.district >= 2
    share = rng.random()
    if share < (0.075 if outer else 0.035):
        return "empty"
    if share < (0.10 if outer else 0.07):
        return "park"
    return "estate" if face.shape.area > 24_000 else "street_block"


def _nearness(x: float, y: float) -> float:
    """Give how much denser a place is for lying in or near an old town, from 1 to about 1.7."""
    u, v = (np.array([x, y]) - plan.ORIGIN) / plan.METRES_PER_UNIT
    return float(1 + max(0.7 * np.exp(-((u - a) ** 2 + (v - b) ** 2) / r**2) for a, b, r, _ in plan.OLD_TOWNS))
