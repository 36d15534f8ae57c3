"""The look of the map: colours of communities and of classes of deviation and crossing, roads by class."""

from collections.abc import Sequence

import networkx as nx
import numpy as np
import shapely
from geopandas import GeoSeries
from numpy.typing import ArrayLike, NDArray

from redistrict.geo.necks import NECK_LEVELS_M
from redistrict.messages import CLASS_WORDS, Message, plain

FACING_GAP_M = 60.0
"""Communities this close are neighbours for colouring."""

PALETTE = ("#f6dca6", "#c6e2b5", "#e6c8e0", "#b9d4ea", "#f5c6b4", "#b9e0da", "#dcd5c3")
"""Fills of the communities, light enough for roads and text to stand on."""

DEVIATION_STEPS = (0.05, 0.10)
"""Where the classes of deviation end, on either side of the target."""

DEVIATION_SCALE = (
    ("< −10%", "#3f7fb5"),
    ("−10 … −5%", "#8dbbdb"),
    ("−5 … 0%", "#d6e7f2"),
    ("0 … 5%", "#fbe3df"),
    ("5 … 10%", "#efa9a4"),
    ("> 10%", "#c2505c"),
)
"""Label and fill of each class of deviation, from far below the target to far above."""

CROSSING_FILLS = ("#f4f1ea", "#fbe2b9", "#f6bd84", "#e88a5d", "#b9523f")
"""Fills of the classes of crossing, from none to most."""

ROAD_CLASSES = {
    "motorway": (CLASS_WORDS["motorway"], "#c9652c", 5.0),
    "trunk": (CLASS_WORDS["trunk"], "#d9822b", 4.5),
    "primary": (CLASS_WORDS["primary"], "#e8a33d", 3.6),
    "secondary": (CLASS_WORDS["secondary"], "#f0cf65", 2.8),
    "tertiary": (CLASS_WORDS["tertiary"], "#ffffff", 2.2),
    "residential": (CLASS_WORDS["residential"], "#ffffff", 1.6),
    "rail": (CLASS_WORDS["rail"], "#6f6f78", 2.0),
}
"""Known road classes, most important first: name, colour, width in pixels; others are drawn after them."""

OTHER_ROAD = ("#ffffff", 1.6)

CROSSING_LOOKS = {
    "motorway": ("#3f0d4d", 7.0),
    "trunk": ("#6a1277", 6.0),
    "primary": ("#a3197f", 5.0),
    "secondary": ("#d4468f", 4.0),
    "tertiary": ("#e58ab5", 3.0),
    "residential": ("#efb3ce", 2.4),
    "rail": ("#2030c8", 4.0),
}
"""Colour and width of road lying inside a community: the more important the darker and the wider, so that they can be
told apart without seeing colours, and of a hue that no road on the map has; others look like `OTHER_CROSSING`."""

OTHER_CROSSING = ("#6b7a00", 4.0)
BARRIERS = ("hill", "barrier")


def class_word(road_class: str) -> Message:
    """Give the usual word for a class of road or barrier, or the class as the scenario writes it."""
    return CLASS_WORDS.get(road_class, plain(road_class))


def say_neck(neck_m: float | None) -> Message:
    """Give a least neck in words, also where there is none that is measured."""
    widest_m = NECK_LEVELS_M[-1]
    if neck_m is None:
        return Message(f"{widest_m:g} m or wider", f"{widest_m:g} 米以上")
    return Message(f"{neck_m:.1f} m", f"{neck_m:.1f} 米")


def by_importance(metres: dict[str, float]) -> list[tuple[str, float]]:
    """Order metres by road class, the most important class first."""
    ranks = {name: rank for rank, name in enumerate(ROAD_CLASSES)}
    return sorted(metres.items(), key=lambda item: (ranks.get(item[0], len(ranks)), item[0]))


def colour_communities(shapes: GeoSeries) -> list[int]:
    """Give each community a small colour number that no neighbour within `FACING_GAP_M` has."""
    areas = shapes.to_numpy()
    pairs = shapely.STRtree(areas).query(areas, predicate="dwithin", distance=FACING_GAP_M)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(shapes)))
    graph.add_edges_from(sorted((int(i), int(j)) for i, j in pairs.T if i < j))
    colours = nx.greedy_color(graph, strategy="DSATUR")
    return [colours[i] for i in range(len(shapes))]


def outline_districts(shapes: NDArray[np.object_], districts: Sequence[str]) -> list[shapely.Geometry]:
    """Give the ground of each district, without the hills and lakes inside it; none where there is but one."""
    named = np.array(districts, dtype=object)
    if len(set(districts)) < 2:
        return []
    wholes = [shapely.union_all(shapes[named == district]) for district in sorted(set(districts))]
    return [shapely.union_all(shapely.polygons(_outer_rings(whole))) for whole in wholes]


def _outer_rings(shape: shapely.Geometry) -> NDArray[np.object_]:
    parts = shapely.get_parts(shape)
    return np.asarray(shapely.get_exterior_ring(parts[shapely.get_dimensions(parts) == 2]))


def fill_of(colour: int) -> str:
    """Give a fill for a colour number; beyond the palette, hues a golden angle apart."""
    return PALETTE[colour] if colour < len(PALETTE) else f"hsl({colour * 137.5 % 360:.0f}, 45%, 80%)"


def deviation_class(deviation: float) -> int:
    """Give the class of a signed deviation: 0 (far below) to 5 (far above), -1 if unknown.

    A class includes its end away from the target, so exactly ±10 % still counts as inside.
    """
    if np.isnan(deviation):
        return -1
    step = int(np.searchsorted(DEVIATION_STEPS, round(abs(deviation), 9), side="left"))
    return 3 + step if deviation >= 0 else 2 - step


def crossing_steps(cost_m: ArrayLike) -> list[int]:
    """Give up to four round numbers that part the communities which cross anything into classes of like number."""
    crossed = np.asarray(cost_m, dtype=np.float64)
    crossed = crossed[crossed > 0]
    if not crossed.size:
        return []
    quantiles = np.quantile(crossed, np.arange(1, len(CROSSING_FILLS) - 1) / (len(CROSSING_FILLS) - 1))
    digits = 10.0 ** np.floor(np.log10(np.maximum(quantiles, 1)))
    return [0, *np.unique(np.rint(quantiles / digits * 2) / 2 * digits).astype(int).tolist()]


def crossing_class(cost_m: float, steps: list[int]) -> int:
    """Give the class of a community by the weighted metres it crosses: 0 (none) and up."""
    return int(np.searchsorted(steps, cost_m, side="left"))
