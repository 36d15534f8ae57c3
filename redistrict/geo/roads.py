"""Lines and areas that separate blocks: roads, barriers and structures, and the probes they meet."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from redistrict.errors import DataError
from redistrict.geo.alike import say_alike
from redistrict.geo.frontage import Probes
from redistrict.geo.linework import note_empty, note_lines, note_unclassed
from redistrict.geo.metric import to_metric
from redistrict.geo.rays import FloatArray, IntArray, line_segments, meet_segments
from redistrict.geo.source import read_source
from redistrict.geo.tables import as_text, read_text
from redistrict.messages import Message, name_some
from redistrict.scenario.models import Contiguity
from redistrict.scenario.sources import BarrierSource, Data, RoadSource, StructureSource

STRUCTURE_KINDS = ("bridge", "underpass", "signal")
OPENS_BARRIER = [kind != "signal" for kind in STRUCTURE_KINDS]
"""Which of the kinds lead across a barrier; all of them serve a crossing."""

_HAIR_M = 0.01
"""GEOS finds nothing near a line of no length, such as a probe between blocks that touch."""

_Layer = TypeVar("_Layer", RoadSource, BarrierSource, StructureSource)


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What lies between the blocks, in the blocks' CRS. Do not change the frames.

    Attributes
    ----------
    roads : GeoDataFrame
        Columns `road_class`, `name` (text, "" without a name), `layer` and lines.
    barriers : GeoDataFrame
        Columns `road_class`, `name` (as for roads), `layer` and lines or polygons.
    structures : GeoDataFrame
        Columns `kind` (bridge, underpass, signal), `layer` and points, lines or polygons.
    notes : tuple of Message
        What was chosen, lost or left out while reading.

    `layer` is the number of the source in the scenario's list.
    """

    roads: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    structures: gpd.GeoDataFrame
    notes: tuple[Message, ...] = ()


def read_surroundings(data: Data, crs: CRS) -> Surroundings:
    """Read and project roads, barriers and structures.

    Raises
    ------
    DataError
        Listing every layer that cannot be read, and every class mapping that matches nothing.
    """
    problems: list[Message] = []
    notes: list[Message] = []
    roads = _gather(_read_roads, data.roads, "roads", crs, problems, notes)
    barriers = _gather(_read_barriers, data.barriers, "barriers", crs, problems, notes)
    structures = _gather(_read_structures, data.structures, "structures", crs, problems, notes)
    if problems:
        raise DataError(problems)
    return Surroundings(
        roads=_stack(roads, ("road_class", "name"), crs),
        barriers=_stack(barriers, ("road_class", "name"), crs),
        structures=_stack(structures, ("kind",), crs),
        notes=tuple(notes),
    )


def note_unpriced(surroundings: Surroundings, crossing: Collection[str]) -> list[Message]:
    """Name the classes of roads that have no price in `objective.crossing`: they cost nothing inside a community."""
    found = Counter(surroundings.roads["road_class"].tolist())
    unpriced = [f"{name} ({n})" for name, n in found.most_common() if name not in crossing]
    if not unpriced:
        return []
    named = name_some(unpriced)
    return [
        Message(
            f"data.roads: {named.en} have no weight in objective.crossing ({', '.join(crossing)}) and cost nothing.",
            f"data.roads：{named.zh} 在 objective.crossing（{'、'.join(crossing)}）中没有权重，不计成本。",
        )
    ]


def list_features(surroundings: Surroundings) -> gpd.GeoDataFrame:
    """Give all roads, then all barriers, with `road_class`, `name` and lines as `feature_lines` gives them."""
    frames = [surroundings.roads, surroundings.barriers]
    columns = ("road_class", "name")
    table = {name: np.concatenate([frame[name].to_numpy(dtype=object) for frame in frames]) for name in columns}
    return gpd.GeoDataFrame(table, geometry=feature_lines(surroundings), crs=surroundings.roads.crs)


def feature_lines(surroundings: Surroundings) -> NDArray[np.object_]:
    """Give the lines of all roads, then of all barriers; an area gives its outline."""
    shapes = [np.asarray(frame.geometry, dtype=object) for frame in (surroundings.roads, surroundings.barriers)]
    features = np.concatenate(shapes)
    return np.where(shapely.get_dimensions(features) == 2, shapely.boundary(features), features)


def _gather(
    read: Callable[[_Layer, str, CRS, list[Message]], gpd.GeoDataFrame],
    sources: Sequence[_Layer],
    name: str,
    crs: CRS,
    problems: list[Message],
    notes: list[Message],
) -> list[gpd.GeoDataFrame]:
    """Read the layers that can be read, with notes, and add what is wrong with the others to `problems`."""
    frames = []
    for number, source in enumerate(sources):
        try:
            frames.append(read(source, f"data.{name}[{number}]", crs, notes).assign(layer=number))
        except DataError as error:
            problems.extend(error.problems)
    return frames


def _read_roads(source: RoadSource, key: str, crs: CRS, notes: list[Message]) -> gpd.GeoDataFrame:
    raw = read_source(source, (source.class_column, source.name_column), key=key, notes=notes)
    kind = map_values(raw, source.class_column, source.classes, source.class_name, f"{key}.classes", notes)
    frame = _tidy(raw, {"road_class": kind, "name": read_text(raw, source.name_column)}, crs, key)
    values = read_text(raw, source.class_column)
    notes += say_alike(values, f"{key}.class_column", known=source.classes or ())
    notes += note_empty(raw, source, key) + note_unclassed(raw, source, key) + note_lines(frame, source, key)
    return frame


def _read_barriers(source: BarrierSource, key: str, crs: CRS, notes: list[Message]) -> gpd.GeoDataFrame:
    raw = read_source(source, (source.name_column,), key=key, notes=notes)
    kind = np.full(len(raw), source.class_name, dtype=object)
    frame = _tidy(raw, {"road_class": kind, "name": read_text(raw, source.name_column)}, crs, key)
    notes += note_empty(raw, source, key) + note_lines(frame, source, key)
    return frame


def _read_structures(source: StructureSource, key: str, crs: CRS, notes: list[Message]) -> gpd.GeoDataFrame:
    raw = read_source(source, (source.kind_column,), key=key, notes=notes)
    notes += note_empty(raw, source, key)
    kind = map_values(raw, source.kind_column, find_kinds(source), source.kind, f"{key}.kinds", notes)
    return _tidy(raw, {"kind": kind}, crs, key)


def find_kinds(source: StructureSource) -> Mapping[str, str] | None:
    """Give what the values of the column of kinds mean; none where there is no such column."""
    return None if source.kind_column is None else source.kinds or {kind: kind for kind in STRUCTURE_KINDS}


def map_values(
    raw: gpd.GeoDataFrame,
    column: str | None,
    mapping: Mapping[str, str] | None,
    constant: str | None,
    key: str,
    notes: list[Message],
) -> NDArray[np.object_]:
    """Give each feature's class, "" for those the mapping leaves out; values that occur nowhere are noted.

    Raises
    ------
    DataError
        If the mapping matches nothing.
    """
    if column is None:
        return np.full(len(raw), constant, dtype=object)
    found = as_text(raw[column])
    if mapping is None:
        return found
    classes = np.array([mapping.get(value, "") for value in found], dtype=object)
    if len(raw) and not (classes != "").any():
        seen = ", ".join(sorted(set(found) - {""})[:12])
        raise DataError(
            Message(
                f"{key}: none of {', '.join(mapping)} occurs in '{column}'; its values are: {seen}.",
                f"{key}：“{column}”中没有 {'、'.join(mapping)}；现有取值：{seen}。",
            )
        )
    unmatched = [value for value in mapping if value not in set(found)]
    left_out = Counter(str(value) for value in found[classes == ""] if value)
    if len(raw) and unmatched and left_out:
        named = name_some([f"{value} ({n})" for value, n in left_out.most_common()], limit=12)
        notes.append(
            Message(
                f"{key}: {', '.join(unmatched)} occurs nowhere in '{column}'; left out are: {named.en}.",
                f"{key}：“{column}”中没有 {'、'.join(unmatched)}；未采用的取值：{named.zh}。",
            )
        )
    return classes


def _tidy(raw: gpd.GeoDataFrame, columns: dict[str, NDArray[np.object_]], crs: CRS, key: str) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(columns, geometry=raw.geometry.to_numpy(), crs=raw.crs)
    kind = next(iter(columns))
    keep = ~(frame.geometry.isna() | frame.geometry.is_empty) & (frame[kind] != "")
    return to_metric(frame[keep], crs, key=key)


def _stack(frames: Iterable[gpd.GeoDataFrame], columns: tuple[str, ...], crs: CRS) -> gpd.GeoDataFrame:
    present = [frame for frame in frames if len(frame)]
    if present:
        return gpd.GeoDataFrame(pd.concat(present, ignore_index=True), crs=crs)
    return gpd.GeoDataFrame({name: np.array([], dtype=object) for name in columns}, geometry=[], crs=crs)


def cut_lines(surroundings: Surroundings) -> NDArray[np.object_]:
    """Give the lines along which ground between blocks is divided: centrelines of roads and lines of barriers."""
    lines = np.concatenate([surroundings.roads.geometry.to_numpy(), surroundings.barriers.geometry.to_numpy()])
    return np.asarray(lines[shapely.get_dimensions(lines) == 1])


def roads_met(probes: Probes, surroundings: Surroundings, tolerance_m: float) -> tuple[IntArray, IntArray]:
    """Give the pairs (probe, road) that meet between the two blocks or at most `tolerance_m` inside either.

    Returns
    -------
    probe, road : (n_pairs,) int64
    """
    road, a, b = _road_segments(np.asarray(surroundings.roads.geometry.to_numpy(), dtype=object))
    gap_m = probes.gap_m + tolerance_m
    probe, segment, distance_m = meet_segments(
        probes.rays, a, b, from_m=-tolerance_m, to_m=float(gap_m.max(initial=0.0))
    )
    between = distance_m <= gap_m[probe]
    return probe[between], road[segment[between]]


def barriers_met(
    probes: Probes, shapes: NDArray[np.object_], surroundings: Surroundings, contiguity: Contiguity
) -> tuple[IntArray, IntArray]:
    """Give the pairs (probe, barrier) that meet: areas between the two blocks, lines as roads do.

    Parameters
    ----------
    shapes : (n_blocks,) polygons
        The blocks the probes lie between.

    Returns
    -------
    probe, barrier : (n_pairs,) int64
    """
    barriers = np.asarray(surroundings.barriers.geometry.to_numpy(), dtype=object)
    is_area = shapely.get_dimensions(barriers) == 2
    pairs = []
    for some, extra_m in ((np.flatnonzero(is_area), 0.0), (np.flatnonzero(~is_area), contiguity.road_tolerance_m)):
        near = _passing(probes, shapes, barriers[some], contiguity.max_gap_m + extra_m)
        shapely.prepare(barriers[some])
        tree = shapely.STRtree(probes.take(near).lines(extra_m=extra_m))
        barrier, probe = tree.query(barriers[some], predicate="intersects")
        pairs.append((near[probe], some[barrier]))
    (probe, barrier), (by_line, line) = pairs
    return np.concatenate([probe, by_line]), np.concatenate([barrier, line])


def structures_near(
    probes: Probes, shapes: NDArray[np.object_], surroundings: Surroundings, contiguity: Contiguity, *, extra_m: float
) -> NDArray[np.bool_]:
    """Tell which `STRUCTURE_KINDS` each probe, made longer by `extra_m`, has within reach, (n_probes, n_kinds)."""
    near = np.zeros((len(probes), len(STRUCTURE_KINDS)), dtype=bool)
    structures = surroundings.structures.geometry.to_numpy()
    kind = np.array([STRUCTURE_KINDS.index(kind) for kind in surroundings.structures["kind"]], dtype=np.int64)
    some = _passing(probes, shapes, structures, contiguity.max_gap_m + extra_m + contiguity.structure_reach_m)
    tree = shapely.STRtree(probes.take(some).lines(extra_m=max(extra_m, _HAIR_M)))
    structure, probe = tree.query(structures, predicate="dwithin", distance=contiguity.structure_reach_m)
    near[some[probe], kind[structure]] = True
    return near


def _passing(probes: Probes, shapes: NDArray[np.object_], features: NDArray[np.object_], distance_m: float) -> IntArray:
    """Give the few probes worth a closer look: those between blocks within `distance_m` of a feature."""
    near = np.zeros(len(shapes), dtype=bool)
    near[shapely.STRtree(shapes).query(features, predicate="dwithin", distance=distance_m)[1]] = True
    return np.flatnonzero(near[probes.i] & near[probes.j])


def _road_segments(roads: NDArray[np.object_]) -> tuple[IntArray, FloatArray, FloatArray]:
    """Take roads apart (road areas: their outlines): the road of each straight segment and its two ends."""
    is_area = shapely.get_dimensions(roads) == 2
    parts, road = shapely.get_parts(np.where(is_area, shapely.boundary(roads), roads), return_index=True)
    part, a, b = line_segments(parts)
    return road[part].astype(np.int64), a, b
