"""Along: which neighbours a stretch of a named road or barrier runs between."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from redistrict.geo.blocks import Blocks
from redistrict.geo.frontage import Probes, find_probes
from redistrict.geo.graph import PARTS_SHARE, ContiguityGraph
from redistrict.geo.overlaps import part_overlaps
from redistrict.geo.roads import Surroundings, list_features, roads_met
from redistrict.geo.thin import thin_borders
from redistrict.messages import Message
from redistrict.scenario.explain import suggest_word
from redistrict.scenario.models import Contiguity
from redistrict.scenario.pin import Stretch

_FAR_M = 200.0
"""A point this far from the line is a mistake."""


@dataclass(frozen=True, eq=False)
class Walk:
    """What a walk along a road sees."""

    blocks: Blocks
    graph: ContiguityGraph
    surroundings: Surroundings
    rules: Contiguity

    @cached_property
    def _probes(self) -> Probes:
        return find_probes(part_overlaps(thin_borders(self.blocks.shapes)), max_gap_m=self.rules.max_gap_m)

    def find_beside(self, stretch: Stretch, found: list[Message]) -> list[tuple[int, int]]:
        """Give the neighbours that it runs between, for half of their frontage or more; what is wrong goes to `found`.

        That is the measure of roads that must never be crossed.
        """
        lines = self._find_lines(stretch, found)
        if lines is None:
            return []
        one = gpd.GeoDataFrame({"road_class": [""]}, geometry=[lines], crs=self.blocks.crs)
        road = Surroundings(one, self.surroundings.barriers, self.surroundings.structures)
        met = np.unique(roads_met(self._probes, road, self.rules.road_tolerance_m)[0])
        key, asked = (ends @ [self.graph.n_blocks, 1] for ends in (self.graph.edges, self._ends(met)))
        met, asked = met[np.isin(asked, key)], asked[np.isin(asked, key)]
        along_m = np.bincount(np.searchsorted(key, asked), self._probes.length_m[met], minlength=len(key))
        beside = (along_m > 0) & (along_m >= PARTS_SHARE * self.graph.frontage_m)
        if not beside.any():
            found.append(
                Message(
                    f"{stretch.name} runs between no two neighbouring blocks there",
                    f"{stretch.name} 该段未隔开相邻地块",
                )
            )
        return [(i, j) for i, j in self.graph.edges[beside].tolist()]

    def _ends(self, probes: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.column_stack([self._probes.i[probes], self._probes.j[probes]])

    def _find_lines(self, stretch: Stretch, found: list[Message]) -> shapely.Geometry | None:
        """Give the shortest way from the one point to the other along the lines of that name."""
        features = list_features(self.surroundings)
        own = features.geometry.to_numpy()[features["name"].to_numpy() == stretch.name]
        if not own.size:
            close = suggest_word(stretch.name, sorted({*features["name"]} - {""}))
            none = Message(f"no road or barrier is named {stretch.name}", f"没有名为 {stretch.name} 的道路或屏障")
            found.append(none + close)
            return None
        ends = [self._place(point) for point in (stretch.start, stretch.end)]
        away_m = max(shapely.distance(shapely.union_all(own), ends))
        if away_m > _FAR_M:
            found.append(
                Message(
                    f"a point lies {away_m:,.0f} m from {stretch.name}; give longitude and latitude, or metres in "
                    f"{self.blocks.crs.name}",
                    f"有一点距 {stretch.name} {away_m:,.0f} 米；请写经纬度，或 {self.blocks.crs.name} 下的坐标",
                )
            )
            return None
        way = find_way(own, *ends)
        if way is None:
            found.append(
                Message(
                    f"{stretch.name} has a gap between these points; write a pin for each piece",
                    f"{stretch.name} 在两点之间不连通；请分段写明",
                )
            )
        return way

    def _place(self, point: tuple[float, float]) -> shapely.Point:
        """Bring a point to the map: degrees where it can be degrees, else metres of the map's own system."""
        x, y = point
        if abs(x) > 180 or abs(y) > 90:
            return shapely.Point(x, y)
        return gpd.GeoSeries([shapely.Point(x, y)], crs=self.blocks.crs.geodetic_crs).to_crs(self.blocks.crs).iloc[0]


def find_way(lines: NDArray[np.object_], start: shapely.Point, end: shapely.Point) -> shapely.MultiLineString | None:
    """Give the shortest way along lines between the points of them nearest to two others; none where there is a gap."""
    pieces = shapely.get_parts(shapely.line_merge(shapely.unary_union(lines)))
    for point in (start, end):
        nearest = int(np.argmin(shapely.distance(pieces, point)))
        at = shapely.line_locate_point(pieces[nearest], point)
        halves = [substring(pieces[nearest], 0, at), substring(pieces[nearest], at, pieces[nearest].length)]
        pieces = np.array([*np.delete(pieces, nearest), *(half for half in halves if half.length > 0)], dtype=object)
    graph = nx.Graph()
    for number, piece in enumerate(pieces):
        a, b = (shapely.get_point(piece, n) for n in (0, -1))
        a, b = ((round(p.x, 3), round(p.y, 3)) for p in (a, b))
        if not graph.has_edge(a, b) or graph.edges[a, b]["m"] > piece.length:
            graph.add_edge(a, b, m=piece.length, number=number)
    nodes = list(graph)
    at_nodes = shapely.points(nodes)
    here, there = (nodes[int(np.argmin(shapely.distance(at_nodes, point)))] for point in (start, end))
    if not nx.has_path(graph, here, there):
        return None
    way = nx.shortest_path(graph, here, there, weight="m")
    return shapely.MultiLineString([pieces[graph.edges[pair]["number"]] for pair in pairwise(way)])
