"""From shores and main roads to streets: the base map, the road network, and the cutting of its faces."""

import math
from dataclasses import dataclass, field, replace

import city_plan as plan
import numpy as np
import shapely
import shapely.ops
from city_field import Geometry, Grain, make_grain, trace
from city_plan import FloatArray

RIDGE_M2 = 1_500_000
"""Hills above this are ridges behind the city; smaller ones lie in it and may have roads over them."""


@dataclass(frozen=True, eq=False)
class Base:
    """Water, hills and the ground that may be built on.

    Attributes
    ----------
    river, lake, creek : polygons
    hills : one polygon for each entry of `city_plan.HILLS`
    ground : where blocks may lie: inside the outline, out of the water, off the hills
    rail : the railway's centre line
    """

    river: Geometry
    lake: Geometry
    creek: Geometry
    hills: tuple[Geometry, ...]
    ground: Geometry
    rail: Geometry


@dataclass(frozen=True, eq=False)
class Street:
    """One road line: its centre, its class and its name."""

    line: Geometry
    road_class: str
    name_zh: str = ""
    name_en: str = ""


@dataclass(frozen=True, eq=False)
class Face:
    """A piece of ground between streets.

    `plot` reaches to the streets' centre lines; `shape` is the plot, or what the streets' widths leave of it.
    `use` is `estate`, `village`, `strip` (between a shore road and the water) or `plain`.
    """

    plot: Geometry
    shape: Geometry
    district: int
    use: str


@dataclass
class Cuts:
    """The streets laid and the faces finished so far, filled while faces are cut."""

    streets: list[Street] = field(default_factory=list)
    faces: list[Face] = field(default_factory=list)


def make_base(rng: np.random.Generator) -> Base:
    """Draw water, hills and ground from the plan."""
    bank = plan.smooth(plan.BANK)
    width_m = plan.RIVER_WIDTH * plan.METRES_PER_UNIT
    far = shapely.get_coordinates(shapely.offset_curve(shapely.linestrings(bank), width_m))
    river = shapely.make_valid(shapely.Polygon(np.vstack([bank, far[::-1]])))
    lake = shapely.Polygon(plan.smooth(plan.LAKE, closed=True))
    land_side = shapely.Polygon(np.vstack([bank, plan.to_metres(((9.6, -9.0), (-12.0, -9.0), (-12.0, 7.0)))]))
    creek_line = shapely.linestrings(plan.smooth(plan.CREEK.points))
    creek = creek_line.buffer(plan.CREEK_WIDTH_M / 2).difference(lake).intersection(land_side)
    hills = tuple(_draw_hill(hill, rng) for hill in plan.HILLS)
    outline = shapely.Polygon(np.vstack([
        plan.smooth(plan.OUTLINE), plan.to_metres(((9.6, 0.0), (9.6, 7.0), (-4.3, 7.0)))
    ]))  # fmt: skip
    town = shapely.make_valid(outline).intersection(land_side)
    hills = tuple(h.difference(town.buffer(60)) if h.area > RIDGE_M2 else h for h in hills)
    ground = town.difference(shapely.union_all([lake, creek, *hills]))
    rail = shapely.linestrings(plan.smooth(plan.RAIL.points))
    return Base(river, lake, creek, hills, max(shapely.get_parts(ground), key=shapely.area), rail)


def _draw_hill(hill: plan.Hill, rng: np.random.Generator) -> Geometry:
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    radius = 1 + sum(rng.normal(0, 0.11 / k) * np.cos(k * angle + rng.uniform(0, 2 * np.pi)) for k in range(2, 7))
    xy = np.column_stack([hill.rx * radius * np.cos(angle), hill.ry * radius * np.sin(angle)])
    turn = math.radians(hill.turn)
    spin = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    return shapely.Polygon(plan.to_metres(xy @ spin + np.array([hill.x, hill.y]))).buffer(0)


def lay_main_roads(base: Base) -> list[Street]:
    """Lay the named trunk and primary roads, the river road and the lake ring."""
    bank = shapely.linestrings(plan.smooth(plan.BANK))
    river_road = shapely.linestrings(_inland(shapely.get_coordinates(shapely.simplify(bank, 1.0))))
    ring = base.lake.buffer(330, quad_segs=16).buffer(-235, quad_segs=16).buffer(0).exterior
    near = base.ground.buffer(260).difference(base.river.buffer(60))
    small_hills = [h for h in base.hills if h.area < RIDGE_M2]
    region = shapely.union_all([near, base.lake, base.creek, *small_hills])
    drawn = [Street(shapely.linestrings(plan.smooth(r.points)), r.road_class, r.name_zh, r.name_en) for r in plan.ROADS]
    drawn.append(Street(river_road, "trunk", *plan.RIVER_ROAD))
    drawn.append(Street(shapely.simplify(ring, 1.0), "primary", *plan.LAKE_RING))
    kept = []
    for street in drawn:
        line = street.line.intersection(region)
        if street.name_zh != plan.LAKE_ROAD:
            line = line.difference(base.lake)
        line = shapely.line_merge(line) if line.geom_type != "LineString" else line
        kept.append(Street(_drop_spurs(line), street.road_class, street.name_zh, street.name_en))
    return [_end_at_crossing(street, kept, base) for street in kept]


def _inland(bank: FloatArray) -> FloatArray:
    """Move the bank inland by 100 to 190 m, swinging slowly along the river."""
    along = np.gradient(bank, axis=0)
    along /= np.hypot(along[:, 0], along[:, 1])[:, None]
    run_m = np.append(0.0, np.cumsum(np.hypot(*np.diff(bank, axis=0).T)))
    inland_m = 140 + 35 * np.sin(run_m / 640) + 18 * np.sin(run_m / 270 + 1.0)
    moved: FloatArray = bank + np.column_stack([along[:, 1], -along[:, 0]]) * inland_m[:, None]
    return moved


def _drop_spurs(line: Geometry) -> Geometry:
    parts = [p for p in shapely.get_parts(line) if p.length > 120]
    return parts[0] if len(parts) == 1 else shapely.MultiLineString(parts)


def _end_at_crossing(street: Street, streets: list[Street], base: Base) -> Street:
    """Cut dead ends back to the last crossing, so that no main road stops in the middle of a block."""
    line = street.line
    if line.geom_type != "LineString" or line.is_ring:
        return street
    others = shapely.union_all([s.line for s in streets if s.name_zh != street.name_zh])
    places = shapely.line_locate_point(line, shapely.points(shapely.get_coordinates(line.intersection(others))))
    first, last = shapely.get_point(line, 0), shapely.get_point(line, -1)
    inner = base.ground.buffer(-30)
    low = float(places.min()) if inner.contains(first) and places.size else 0.0
    high = float(places.max()) if inner.contains(last) and places.size else line.length
    return Street(shapely.ops.substring(line, low, high), street.road_class, street.name_zh, street.name_en)


def make_city_grain(base: Base, roads: list[Street]) -> Grain:
    """Let the grain follow the bank, the lake, the railway, the hills and the main roads."""
    lines = [base.lake.exterior, base.rail, base.river.boundary, *(h.boundary for h in base.hills)]
    weights = [1.6, 1.2, 1.2, *[0.5] * len(base.hills)]
    lines += [s.line for s in roads]
    weights += [2.0 if s.road_class == "trunk" else 1.4 for s in roads]
    return make_grain(lines, weights, base.ground.bounds)


def lay_crossing_streets(
    base: Base, roads: list[Street], grain: Grain, barrier: Geometry, *, every_m: float, rng: np.random.Generator
) -> list[Street]:
    """Lead streets square across a barrier (railway, creek) where no main road crosses it for a while.

    Each runs on both sides until it meets another road; one that meets none is left out.
    """
    network = shapely.union_all([s.line for s in roads])
    inside = barrier.intersection(base.ground.buffer(40))
    line = max(shapely.get_parts(shapely.line_merge(inside)), key=shapely.length)
    near = shapely.line_locate_point(line, shapely.get_parts(line.intersection(network)))
    taken = [float(d) for d in np.atleast_1d(near)]
    laid: list[Street] = []
    for place in np.arange(every_m * 0.5, line.length - every_m * 0.3, every_m * 0.25):
        at_m = float(place + rng.uniform(-40, 40))
        if any(abs(at_m - t) < every_m * 0.62 for t in taken):
            continue
        street = _cross(line, at_m, grain, shapely.union_all([network, *(s.line for s in laid)]), base)
        if street is not None:
            laid.append(Street(street, "secondary"))
            taken.append(at_m)
    return laid


def _cross(line: Geometry, at_m: float, grain: Grain, network: Geometry, base: Base) -> Geometry | None:
    (x, y), (u, v) = (line.interpolate(at_m + d).coords[0] for d in (0.0, 5.0))
    heading = math.atan2(v - y, u - x) + math.pi / 2
    arms = []
    for way in (heading, heading + math.pi):
        straight = np.array([[x, y], [x + 60 * math.cos(way), y + 60 * math.sin(way)]])
        path = np.vstack([straight, trace(grain, tuple(straight[1]), way, length_m=1500)[1:]])
        arm = _until(shapely.linestrings(path), network)
        if arm is None or arm.length < 90 or not base.ground.buffer(45).contains(arm):
            return None
        arms.append(shapely.get_coordinates(arm))
    return shapely.linestrings(np.vstack([arms[0][::-1], arms[1][1:]]))


def _until(path: Geometry, network: Geometry) -> Geometry | None:
    """Cut a path where it first meets the network; none if it never does."""
    hits = path.intersection(network)
    if hits.is_empty:
        return None
    first = min(float(shapely.line_locate_point(path, p)) for p in shapely.points(shapely.get_coordinates(hits)))
    return shapely.ops.substring(path, 0, first + 0.5) if first > 20 else None


def find_faces(base: Base, lines: list[Geometry]) -> list[Geometry]:
    """Give the faces that lines and shores enclose on the ground."""
    edges = shapely.union_all([*lines, base.ground.boundary], grid_size=0.01)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
    inside = shapely.contains_properly(base.ground, shapely.point_on_surface(faces))
    faces = faces[inside & (shapely.area(faces) > 400)]
    return sorted(faces, key=lambda f: (round(f.centroid.x), round(f.centroid.y)))


def district_of(face: Geometry) -> int:
    """Give the district whose rough extent holds most of the face."""
    extents = [shapely.Polygon(plan.to_metres(d.extent)) for d in plan.DISTRICTS]
    return int(np.argmax([face.intersection(e).area for e in extents]))


def block_size_m2(x: float, y: float, district: int) -> float:
    """Give the usual size of a face around a place: smaller in old towns and villages."""
    u, v = (np.array([x, y]) - plan.ORIGIN) / plan.METRES_PER_UNIT
    size = plan.DISTRICTS[district].block_ha * 10_000.0
    for cx, cy, reach, factor in plan.OLD_TOWNS:
        size *= 1 - (1 - factor) * math.exp(-((u - cx) ** 2 + (v - cy) ** 2) / reach**2)
    return size


def village_at(x: float, y: float) -> int:
    """Give the number of the urban village at a place, or -1."""
    u, v = (np.array([x, y]) - plan.ORIGIN) / plan.METRES_PER_UNIT
    for number, (cx, cy, radius) in enumerate(plan.VILLAGES):
        if math.hypot(u - cx, v - cy) < radius:
            return number
    return -1


def cut_face(face: Geometry, district: int, strip: bool, grain: Grain, cuts: Cuts, rng: np.random.Generator) -> None:
    """Cut a face by streets along the grain until its pieces are about as large as blocks are there."""
    queue = [face]
    while queue:
        shape = queue.pop()
        x, y = shape.centroid.coords[0]
        village = village_at(x, y) >= 0
        size = 20_000.0 if strip else block_size_m2(x, y, district) * (0.42 if village else 1.0)
        wanted = size * rng.lognormal(0.12, 0.3)
        estate = not strip and not village and shape.area < 4.6 * size and shape.area < 75_000 and rng.random() < 0.17
        bend = float(rng.normal(0, 0.28 if village else 0.05))
        if estate or shape.area < 1.45 * wanted:
            pieces = []
        elif strip:
            pieces = _cut_strip(shape, grain, cuts, rng)
        else:
            pieces = _cut_once(shape, grain, cuts, rng, bend=bend)
        if pieces:
            queue.extend(pieces)
            continue
        use = "strip" if strip else "village" if village else "estate" if estate else "plain"
        cuts.faces.append(Face(shape, shape, district, use))


def give_strips_away(faces: list[Face]) -> list[Face]:
    """Put every piece of a shore strip into the district of the nearest ordinary face across the shore road."""
    inland = [f for f in faces if f.use != "strip"]
    tree = shapely.STRtree([f.plot for f in inland])
    nearest = tree.nearest([f.plot.centroid for f in faces])
    return [
        replace(f, district=inland[k].district) if f.use == "strip" else f
        for f, k in zip(faces, nearest.tolist(), strict=True)
    ]


def _street_class(area_m2: float) -> str:
    if area_m2 < 130_000:
        return "residential"
    return "tertiary" if area_m2 < 420_000 else "secondary"


def _cut_once(shape: Geometry, grain: Grain, cuts: Cuts, rng: np.random.Generator, *, bend: float) -> list[Geometry]:
    """Lay the best of a few trial streets through a face; no pieces if none is good enough."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
    sides = box[1:3] - box[:2]
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    long = int(np.argmax(lengths))
    across = math.atan2(*sides[1 - long][::-1])
    aspect = lengths[long] / max(lengths[1 - long], 1.0)
    middle = np.asarray(shape.centroid.coords[0] if shape.contains(shape.centroid) else
                        shapely.point_on_surface(shape).coords[0])  # fmt: skip
    best: tuple[float, list[Geometry], Geometry] | None = None
    for trial in range(4 if aspect < 1.6 else 3):
        heading = across + (math.pi / 2 if trial == 3 else 0.0)
        shift = rng.uniform(-0.14, 0.14)
        start = middle + shift * sides[long if trial != 3 else 1 - long]
        found = _try_cut(shape, grain, (float(start[0]), float(start[1])), heading, bend, float(lengths.max()))
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    if best is None or best[0] < 0.28:
        return []
    cuts.streets.append(Street(best[2], _street_class(shape.area)))
    return best[1]


def _cut_strip(shape: Geometry, grain: Grain, cuts: Cuts, rng: np.random.Generator) -> list[Geometry]:
    """Lay a lane across a long strip, square to its border; no pieces if none halves it fairly."""
    border = shape.exterior
    for share in rng.uniform(0, 1, 8):
        (x, y), (u, v) = (border.interpolate(share * border.length + d).coords[0] for d in (0.0, 2.0))
        heading = math.atan2(v - y, u - x) + math.pi / 2 * (1 if border.is_ccw else -1)
        start = (x + 4 * math.cos(heading), y + 4 * math.sin(heading))
        found = _try_cut(shape, grain, start, heading, 0.0, 250.0)
        if found is None or found[2].length > 240:
            continue
        areas = shapely.area(found[1])
        if areas.min() > 0.25 * areas.max():
            cuts.streets.append(Street(found[2], "residential"))
            return found[1]
    return []


def _try_cut(
    shape: Geometry, grain: Grain, start: tuple[float, float], heading: float, bend: float, reach_m: float
) -> tuple[float, list[Geometry], Geometry] | None:
    """Cut a face by one street; give its score, the pieces and the street."""
    if not shape.contains(shapely.Point(start)):
        return None
    arms = [trace(grain, start, heading + turn, length_m=1.3 * reach_m, bend=bend) for turn in (0.0, math.pi)]
    path = shapely.linestrings(np.vstack([arms[0][:0:-1], arms[1]]))
    runs = shapely.get_parts(path.intersection(shape))
    if not shape.interiors:
        runs = [r for r in runs if r.distance(shapely.Point(start)) < 0.01]
    streets = [shapely.simplify(run, 0.6) for run in runs if run.length > 5]
    edges = shapely.union_all([shape.boundary, *map(_longer, streets)])
    pieces = [p for p in shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
              if shape.contains(shapely.point_on_surface(p))]  # fmt: skip
    if len(pieces) < 2 or len(streets) > 3:
        return None
    areas, rounds = shapely.area(pieces), shapely.length(pieces)
    roundness = 4 * math.pi * areas / rounds**2
    street = streets[0] if len(streets) == 1 else shapely.MultiLineString(streets)
    return float(roundness.min() + 0.35 * areas.min() / areas.max()), pieces, street


def _longer(line: Geometry) -> Geometry:
    """Stretch a line by half a metre at both ends, so that it surely reaches the border it was cut at."""
    p: FloatArray = shapely.get_coordinates(line)
    head, tail = p[0] - p[1], p[-1] - p[-2]
    return shapely.linestrings(np.vstack([
        p[0] + 0.5 * head / np.hypot(*head), p, p[-1] + 0.5 * tail / np.hypot(*tail)
    ]))  # fmt: skip
