"""The contiguity graph: which blocks are neighbours, along how many metres, across which roads and barriers."""

from collections import defaultdict
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.errors import DataError
from redistrict.geo.blocks import Blocks
from redistrict.geo.built_up import Looks
from redistrict.geo.cells import Cells, build_cells, find_ground
from redistrict.geo.components import components
from redistrict.geo.frontage import Probes, find_probes
from redistrict.geo.overlaps import part_overlaps
from redistrict.geo.roads import OPENS_BARRIER, Surroundings, barriers_met, cut_lines, roads_met, structures_near
from redistrict.geo.thin import thin_borders
from redistrict.messages import Message, name_some
from redistrict.scenario.models import BlockPair, Contiguity

IntArray = NDArray[np.int64]


_ENOUGH = 4
"""Blocks have enough ground in common that face each other over built-up ground along so many times the least."""

PARTS_SHARE = 0.5
"""A road along less of a frontage does not part the two blocks: it touches the end, as at every crossroads."""


@dataclass(frozen=True, eq=False)
class Crossings:
    """The ledger of roads and barriers between blocks: one row for each edge, class and name.

    A barrier stands in it where a structure leads across; elsewhere blocks do not face each other over it.

    Attributes
    ----------
    edge : (n_rows,) int64
    road_class : (n_rows,) int64
        Index into `ContiguityGraph.classes`.
    name : (n_rows,) object
        Name of the road or barrier, "" where it has none.
    length_m : (n_rows,) float64
        Metres of it along the edge's frontage; rows of one edge and class add up to `crossing_m`.
    """

    edge: IntArray
    road_class: IntArray
    name: NDArray[np.object_]
    length_m: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ContiguityGraph:
    """Neighbouring blocks.

    Attributes
    ----------
    edges : (n_edges, 2) int32
        Pairs i < j of positions in the block table, sorted; no pair twice.
    is_peopled : (n_blocks,) bool
        Blocks where somebody lives.
    frontage_m : (n_edges,) float64
        Metres the two blocks share or face each other over; above 0 except on links (0).
    classes : tuple of str
        Classes of roads and barriers, sorted.
    crossing_m : (n_edges, n_classes) float64
        Metres of road and opened barrier of each class along the frontage.
    serves : (n_edges, 3) bool
        Which of the `STRUCTURE_KINDS` serve the frontage.
    is_link : (n_edges,) bool
        Joined by hand, by a long bridge, or because an empty island must belong somewhere.
    crossings : Crossings
        The same metres by name.
    notes : tuple of Message
        Links made by long bridges, and for islands without residents.
    cells : Cells
        The ground each block was given; the cells of the two blocks of an edge share a border, except on links.
    """

    edges: NDArray[np.int32]
    is_peopled: NDArray[np.bool_]
    frontage_m: NDArray[np.float64]
    classes: tuple[str, ...]
    crossing_m: NDArray[np.float64]
    serves: NDArray[np.bool_]
    is_link: NDArray[np.bool_]
    crossings: Crossings
    notes: tuple[Message, ...]
    cells: Cells

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return self.is_peopled.size

    @property
    def n_edges(self) -> int:
        """Number of neighbour pairs."""
        return len(self.edges)

    @property
    def is_served(self) -> NDArray[np.bool_]:
        """Edges a bridge, underpass or signal serves, and links, (n_edges,)."""
        return np.asarray(self.serves.any(axis=1) | self.is_link)

    @property
    def is_beside_empty(self) -> NDArray[np.bool_]:
        """Edges to a block where nobody lives, (n_edges,)."""
        return np.asarray(~self.is_peopled[self.edges].all(axis=1))

    def __repr__(self) -> str:
        pieces = len(components(self.n_blocks, self.edges))
        return f"ContiguityGraph({self.n_blocks} blocks, {self.n_edges} edges, {pieces} components)"


def build_graph(
    blocks: Blocks, surroundings: Surroundings, contiguity: Contiguity, *, never: Collection[str] = ()
) -> ContiguityGraph:
    """Find the neighbours of every block and what lies between them.

    Two blocks are neighbours where they face each other along `min_frontage_m` or more, and their cells share a
    border of that length as well: so a community is in one piece on the ground, and no two contacts cross.

    Parameters
    ----------
    blocks : Blocks
    surroundings : Surroundings
        Roads, barriers and structures in the blocks' CRS.
    contiguity : Contiguity
        The scenario's section: widest gap, least frontage, tolerances, links and bans.
    never : collection of str
        Classes of barriers that no community may cross: long bridges over them join nothing.

    Raises
    ------
    DataError
        If a link or ban names a block that does not exist.
    """
    pairs = _named_pairs(contiguity, blocks)
    shapes = thin_borders(blocks.shapes)
    with ThreadPoolExecutor(1) as aside:
        ground = aside.submit(find_ground, shapes, max_gap_m=contiguity.max_gap_m)
        probes = find_probes(part_overlaps(shapes), max_gap_m=contiguity.max_gap_m)
        probe, barrier = barriers_met(probes, shapes, surroundings, contiguity)
        is_open = _is_open(probes, probe, shapes, surroundings, contiguity)
    looks = _looks(probes.take(is_open & (probes.gap_m > 0)), len(blocks), contiguity.min_frontage_m)
    cells = build_cells(ground.result(), cut_lines(surroundings), looks)
    edges, probe_edge = _edges_of(probes, is_open, cells, contiguity, pairs["bans"])
    met = np.hstack(
        [roads_met(probes, surroundings, contiguity.road_tolerance_m), (probe, barrier + len(surroundings.roads))]
    )
    classes, crossing_m, crossings = _ledger(met, probe_edge, probes, surroundings, len(edges))
    near = structures_near(probes, shapes, surroundings, contiguity, extra_m=contiguity.road_tolerance_m)
    used = probe_edge >= 0
    links, notes = _find_links(blocks, edges, surroundings, contiguity, pairs, never)
    return _with_links(
        ContiguityGraph(
            edges=edges.astype(np.int32),
            is_peopled=blocks.size.sum(axis=1) > 0,
            frontage_m=_sum_by(probe_edge[used], probes.length_m[used], len(edges)),
            classes=classes,
            crossing_m=crossing_m,
            serves=_any_by(probe_edge[used], near[used], len(edges)),
            is_link=np.zeros(len(edges), dtype=bool),
            crossings=crossings,
            notes=notes,
            cells=cells,
        ),
        links,
    )


def _looks(probes: Probes, n_blocks: int, min_frontage_m: float) -> Looks:
    ends, pair = np.stack([probes.start, probes.end], axis=1), probes.i * n_blocks + probes.j
    return Looks(ends, pair, probes.length_m, _ENOUGH * min_frontage_m)


def _is_open(
    probes: Probes, met: IntArray, shapes: NDArray[np.object_], surroundings: Surroundings, contiguity: Contiguity
) -> NDArray[np.bool_]:
    """Tell which probes meet no barrier (they are not among those `met`), or have a bridge or underpass near."""
    met = np.unique(met)
    near = structures_near(probes.take(met), shapes, surroundings, contiguity, extra_m=0.0)
    is_open = np.ones(len(probes), dtype=bool)
    is_open[met] = near[:, OPENS_BARRIER].any(axis=1)
    return is_open


def _edges_of(
    probes: Probes, is_open: NDArray[np.bool_], cells: Cells, contiguity: Contiguity, banned: list[tuple[int, int]]
) -> tuple[IntArray, IntArray]:
    """Give the edges with enough open frontage and shared ground, and each probe's edge, -1 where it has none."""
    n_blocks, least_m = len(cells.shapes), contiguity.min_frontage_m - 1e-6
    meet = cells.pairs[cells.border_m >= least_m] @ np.array([n_blocks, 1])
    key = (probes.i * n_blocks + probes.j)[is_open]
    pairs, probe_pair = np.unique(key, return_inverse=True)
    frontage_m = np.bincount(probe_pair, probes.length_m[is_open], minlength=pairs.size)
    keep = (frontage_m >= least_m) & np.isin(pairs, meet)
    keep &= ~np.isin(pairs, [i * n_blocks + j for i, j in banned])
    probe_edge = np.full(len(probes), -1)
    probe_edge[is_open] = np.where(keep, np.cumsum(keep) - 1, -1)[probe_pair]
    return np.column_stack(np.divmod(pairs[keep], n_blocks)), probe_edge


def _ledger(
    met: IntArray, probe_edge: IntArray, probes: Probes, surroundings: Surroundings, n_edges: int
) -> tuple[tuple[str, ...], NDArray[np.float64], Crossings]:
    """Add up the metres of each class and name along each edge.

    A probe that meets several roads and barriers of one class counts once, for the first of them by name.

    Parameters
    ----------
    met : (2, n_pairs) int64
        Probes, and the roads (numbered first) and barriers they meet.
    """
    layers = (surroundings.roads, surroundings.barriers)
    labels = [(row.road_class, row.name) for layer in layers for row in layer.itertuples()]
    kinds = sorted(set(labels), key=lambda label: (label[0], label[1] == "", label[1]))
    classes = tuple(sorted({road_class for road_class, _ in kinds}))
    number = {label: n for n, label in enumerate(kinds)}
    class_of = np.array([classes.index(road_class) for road_class, _ in kinds], dtype=np.int64)
    probe, feature = met[:, probe_edge[met[0]] >= 0]
    kind = np.array([number[label] for label in labels], dtype=np.int64)[feature]
    probe, kind = np.divmod(np.sort(probe * len(kinds) + kind), max(1, len(kinds)))
    first = np.ones(probe.size, dtype=bool)
    first[1:] = (np.diff(probe) > 0) | (np.diff(class_of[kind]) > 0)
    probe, kind = probe[first], kind[first]
    rows, row = np.unique(probe_edge[probe] * len(kinds) + kind, return_inverse=True)
    length_m = _sum_by(row, probes.length_m[probe], len(rows))
    edge, kind = np.divmod(rows, max(1, len(kinds)))
    crossing_m = np.zeros((n_edges, len(classes)))
    np.add.at(crossing_m, (edge, class_of[kind]), length_m)
    names = np.array([name for _, name in kinds], dtype=object)
    return classes, np.round(crossing_m, 2), Crossings(edge, class_of[kind], names[kind], length_m)


def _sum_by(group: IntArray, length_m: NDArray[np.float64], n_groups: int) -> NDArray[np.float64]:
    """Add up metres by group, to the centimetre."""
    total: NDArray[np.float64] = np.bincount(group, length_m, minlength=n_groups).astype(np.float64)
    return np.round(total, 2)


def _any_by(group: IntArray, near: NDArray[np.bool_], n_groups: int) -> NDArray[np.bool_]:
    """Tell for each group and column whether any row of the group is true."""
    found = np.zeros((n_groups, near.shape[1]), dtype=bool)
    row, column = np.nonzero(near)
    found[group[row], column] = True
    return found


def _named_pairs(contiguity: Contiguity, blocks: Blocks) -> dict[str, list[tuple[int, int]]]:
    position = {block: i for i, block in enumerate(blocks.ids)}
    problems: list[Message] = []

    def pair(entry: BlockPair, key: str) -> tuple[int, int]:
        for block in entry.blocks:
            if block not in position:
                problems.append(
                    Message(
                        f"{key}: there is no block '{block}'; check the key.",
                        f"{key}：没有编号为“{block}”的地块；请检查编号。",
                    )
                )
        if entry.blocks[0] == entry.blocks[1]:
            problems.append(
                Message(
                    f"{key}: '{entry.blocks[0]}' stands twice; name two different blocks.",
                    f"{key}：“{entry.blocks[0]}”出现两次；请填写两个不同的地块。",
                )
            )
        i, j = sorted(position.get(block, -1) for block in entry.blocks)
        return i, j

    def both(key: str) -> Message:
        return Message(
            f"{key}: the pair stands under 'bans' too; take it out of one of the two.",
            f"{key}：这一对地块同时列在 bans 中；请删去其中一处。",
        )

    found = {
        name: [pair(entry, f"contiguity.{name}[{n}]") for n, entry in enumerate(getattr(contiguity, name))]
        for name in ("links", "bans")
    }
    banned = {frozenset(entry.blocks) for entry in contiguity.bans}
    problems += [
        both(f"contiguity.links[{n}]") for n, link in enumerate(contiguity.links) if set(link.blocks) in banned
    ]
    if problems:
        raise DataError(problems)
    return found


def _find_links(
    blocks: Blocks,
    edges: IntArray,
    surroundings: Surroundings,
    contiguity: Contiguity,
    pairs: dict[str, list[tuple[int, int]]],
    never: Collection[str],
) -> tuple[list[tuple[int, int]], tuple[Message, ...]]:
    """Give the pairs to join without frontage, and a note on each kind."""
    known = {(int(i), int(j)) for i, j in edges} | set(pairs["bans"])
    by_hand = [pair for pair in pairs["links"] if pair not in known]
    bridged = [pair for pair in _bridge_links(blocks, surroundings, contiguity, never) if pair not in known]
    so_far = sorted({*by_hand, *bridged})
    joined = find_island_links(blocks, np.vstack([edges, np.array(so_far, dtype=np.int64).reshape(-1, 2)]))
    notes = [
        *_link_note(blocks, bridged, "joined by a bridge longer than max_gap_m", "由长桥连接"),
        *_link_note(
            blocks, joined, "joined to the nearest block: islands without residents", "无居民孤立地块，并入最近地块"
        ),
    ]
    return sorted({*so_far, *joined}), tuple(notes)


def _link_note(blocks: Blocks, pairs: list[tuple[int, int]], en: str, zh: str) -> list[Message]:
    if not pairs:
        return []
    named = name_some([f"{blocks.ids[i]}-{blocks.ids[j]}" for i, j in pairs])
    return [Message(f"{len(pairs)} pairs of blocks {en}: {named.en}.", f"{len(pairs)} 对地块{zh}：{named.zh}。")]


def _bridge_links(
    blocks: Blocks, surroundings: Surroundings, contiguity: Contiguity, never: Collection[str]
) -> list[tuple[int, int]]:
    """Join the blocks nearest the two ends of every bridge over a barrier, drawn as a line longer than the widest gap.

    Long viaducts over land join nothing: the blocks below them are neighbours by themselves.
    """
    shapes = surroundings.structures[surroundings.structures["kind"] == "bridge"].geometry.to_numpy()
    lines = shapely.get_parts(shapely.line_merge(shapes[shapely.get_dimensions(shapes) == 1]))
    lines = lines[shapely.length(lines) > contiguity.max_gap_m]
    line, barrier = shapely.STRtree(surroundings.barriers.geometry.to_numpy()).query(lines, "intersects")
    closed = line[surroundings.barriers["road_class"].isin(list(never)).to_numpy(dtype=bool)[barrier]]
    lines = lines[np.setdiff1d(line, closed)]
    if not len(lines):
        return []
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    end, block = shapely.STRtree(blocks.shapes).query_nearest(
        ends, max_distance=max(contiguity.max_gap_m, 1e-6), all_matches=False
    )
    nearest = np.full(len(ends), -1)
    nearest[end] = block
    sides = nearest.reshape(2, -1).T
    return sorted({(min(i, j), max(i, j)) for i, j in sides.tolist() if i >= 0 and j >= 0 and i != j})


def find_island_links(blocks: Blocks, edges: IntArray) -> list[tuple[int, int]]:
    """Join every piece of a district, or hard unit, without residents to the nearest block of it."""
    places = blocks.places
    within = edges[places[edges[:, 0]] == places[edges[:, 1]]]
    has_people = blocks.size.sum(axis=1) > 0
    links = []
    by_place: dict[str, list[list[int]]] = defaultdict(list)
    for piece in components(len(blocks), within.astype(np.int32)):
        by_place[places[piece[0]]].append(piece)
    for pieces in by_place.values():
        settled = np.array(sorted(i for piece in pieces if has_people[piece].any() for i in piece))
        empty = [piece for piece in pieces if not has_people[piece].any()]
        if not settled.size or not empty:
            continue
        tree = shapely.STRtree(blocks.shapes[settled])
        for piece in empty:
            (source, target), distance = tree.query_nearest(
                blocks.shapes[piece], all_matches=True, return_distance=True
            )
            best = np.lexsort((target, source, np.round(distance, 3)))[0]
            i, j = piece[source[best]], int(settled[target[best]])
            links.append((min(i, j), max(i, j)))
    return sorted(links)


def _with_links(graph: ContiguityGraph, links: list[tuple[int, int]]) -> ContiguityGraph:
    if not links:
        return graph
    n_links = len(links)
    edges = np.vstack([graph.edges, np.array(links, dtype=np.int32)])
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    moved = np.empty(len(edges), dtype=np.int64)
    moved[order] = np.arange(len(edges))
    ledger = graph.crossings
    return replace(
        graph,
        edges=edges[order],
        frontage_m=np.append(graph.frontage_m, np.zeros(n_links))[order],
        crossing_m=np.vstack([graph.crossing_m, np.zeros((n_links, len(graph.classes)))])[order],
        serves=np.vstack([graph.serves, np.zeros((n_links, graph.serves.shape[1]), dtype=bool)])[order],
        is_link=np.append(graph.is_link, np.ones(n_links, dtype=bool))[order],
        crossings=replace(ledger, edge=moved[ledger.edge]),
    )
