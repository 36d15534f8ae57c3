"""Cells: ground given to blocks once, so that what hangs together on paper hangs together on the ground."""

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import box

from redistrict.geo import cells as geo_cells
from redistrict.geo import clipping, diagram
from redistrict.geo.built_up import BuiltUp, Looks
from redistrict.geo.cells import Cells
from redistrict.geo.overlaps import count_pieces, settle_overlaps
from redistrict.geo.rays import GRID_M, IntArray

from .drawing import build_cells, cells

NO_LINES = np.array([], dtype=object)
Shapes = NDArray[np.object_]


def shapes_of(text: str, **sizes: float) -> Shapes:
    return np.array(list(cells(text, **sizes).values()), dtype=object)


def neighbours(found: Cells) -> dict[tuple[int, int], float]:
    """Give the metres of border each pair shares."""
    return {(int(i), int(j)): m for (i, j), m in zip(found.pairs, found.border_m, strict=True)}


def test_two_blocks_meet_in_the_middle_of_the_street() -> None:
    """Without a road the line of equal distance is the border."""
    found = build_cells(shapes_of("a b", street_m=20), NO_LINES, max_gap_m=40)
    assert neighbours(found) == {(0, 1): pytest.approx(100, abs=6)}
    assert shapely.area(found.shapes).tolist() == pytest.approx([11_000, 11_000], rel=0.02)


def test_two_blocks_meet_on_the_centreline() -> None:
    """Where a road is drawn the border lies on it to the millimetre, wherever the middle is."""
    road = shapely.LineString([(106, -50), (106, 200)])
    found = build_cells(np.array([box(0, 0, 100, 100), box(120, 0, 220, 100)]), np.array([road]), max_gap_m=40)
    shared = shapely.intersection(*found.shapes)
    assert shapely.length(shared) == pytest.approx(100, abs=6)
    assert shapely.get_coordinates(shared)[:, 0] == pytest.approx(106, abs=0.001)


def junction(n_arms: int, angle: float, half_m: float) -> tuple[Shapes, Shapes]:
    """Give the sectors around a junction of streets, and the centrelines."""
    angles = angle + 2 * np.pi * np.arange(n_arms) / n_arms
    tips = 200 * np.column_stack([np.cos(angles), np.sin(angles)])
    roads = np.array([shapely.LineString([(0, 0), tip]) for tip in tips])
    disc = shapely.Point(0, 0).buffer(200)
    parts = shapely.get_parts(shapely.difference(disc, shapely.union_all(shapely.buffer(roads, half_m))))
    order = np.argsort([np.arctan2(p.representative_point().y, p.representative_point().x) for p in parts])
    return parts[order], roads


@pytest.mark.parametrize("n_arms", [3, 4, 5, 6])
@pytest.mark.parametrize("with_roads", [True, False])
def test_blocks_across_a_junction_are_apart(n_arms: int, with_roads: bool) -> None:
    """At a junction of any number of arms only blocks beside each other share a border of any length."""
    shapes, roads = junction(n_arms, 0.3, 9)
    found = build_cells(shapes, roads if with_roads else NO_LINES, max_gap_m=60)
    strong = {pair for pair, metres in neighbours(found).items() if metres >= 3}
    ring = {tuple(sorted((i, (i + 1) % n_arms))) for i in range(n_arms)}
    assert strong == ring


def test_the_strip_between_two_carriageways_goes_to_one_side() -> None:
    """Ground that no block lies beside is not left over."""
    roads = np.array([shapely.LineString([(x, -50), (x, 200)]) for x in (106, 114)])
    shapes = np.array([box(0, 0, 100, 100), box(120, 0, 220, 100)])
    found = build_cells(shapes, roads, max_gap_m=40)
    assert shapely.union_all(found.shapes).area == pytest.approx(22_000, rel=0.02)
    assert neighbours(found)[0, 1] == pytest.approx(100, abs=6)


def test_overlaps_go_to_the_smaller_block_and_gaps_to_nobody_far_away() -> None:
    """An overlap is settled before ground is given away; a gap wider than allowed stays nobody's."""
    shapes = np.array([box(0, 0, 100, 100), box(90, 0, 140, 100), box(400, 0, 500, 100)])
    own = settle_overlaps(shapes)
    assert shapely.area(own).tolist() == [9_000, 5_000, 10_000]
    found = build_cells(shapes, NO_LINES, max_gap_m=40)
    assert neighbours(found) == {(0, 1): pytest.approx(100, abs=6)}
    assert shapely.area(found.shapes).sum() == pytest.approx(24_000, rel=0.01)


def test_a_block_inside_another_keeps_its_ground() -> None:
    """A nested block is cut out of the one around it."""
    own = settle_overlaps(np.array([box(0, 0, 100, 100), box(40, 40, 60, 60)]))
    assert shapely.area(own).tolist() == [9_600, 400]


def test_a_block_between_narrow_streets_keeps_its_ground() -> None:
    """Where noding lays the end of one border on another, the faces beside them close all the same."""
    rings = [
        [(160.5476, 292.3299), (209.7437, 263.3477), (209.8878, 192.0363), (135.322, 191.8707), (110.3172, 206.3999),
         (110.4791, 263.9977)],
        [(234.8929, 162.4321), (234.9114, 134.1478), (209.8731, 105.315), (135.2592, 105.2251), (135.6853, 190.8715),
         (210.1606, 191.0369)],
        [(210.8885, 191.724), (210.7437, 263.3439), (236.2566, 277.9141), (309.964, 278.3196), (309.7492, 206.0576),
         (235.5009, 163.2578)],
    ]  # fmt: skip
    shapes = np.array([shapely.Polygon(ring) for ring in rings])
    assert shapely.area(build_cells(shapes, NO_LINES, max_gap_m=0).shapes) == pytest.approx(
        shapely.area(shapes), rel=0.1
    )


@st.composite
def dirty_towns(draw: st.DrawFn) -> tuple[Shapes, Shapes, float]:
    """Draw blocks with streets of any width, junctions of three to six arms, overlaps, islands, gaps and dead ends."""
    generator = np.random.default_rng(draw(st.integers(0, 10**6)))
    n = draw(st.integers(3, 40))
    if draw(st.booleans()):
        points = generator.uniform(0, 800, size=(n, 2))
    else:  # a lattice: every junction has four arms, or six where rows are shifted
        side = int(np.ceil(np.sqrt(n)))
        points = np.array(
            [(x * 100 + (y % 2) * draw(st.sampled_from([0, 50])), y * 87) for x in range(side) for y in range(side)],
            dtype=float,
        )
        points += generator.normal(0, draw(st.sampled_from([0.0, 0.5, 20.0])), size=points.shape)
    frame = shapely.box(*(points.min(axis=0) - 60), *(points.max(axis=0) + 60))
    diagram = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=frame))
    plots = shapely.intersection(diagram, frame)
    widths = generator.choice(
        draw(st.sampled_from([[0.0], [4.0], [0.0, 3.0, 9.0], [0.5, 12.0], [-2.0, 0.0, 6.0]])), len(plots)
    )
    blocks = shapely.buffer(plots, -widths, join_style="mitre")
    blocks = blocks[(shapely.area(blocks) > 50) & (generator.random(len(plots)) > draw(st.sampled_from([0.0, 0.15])))]
    blocks = np.array([max(shapely.get_parts(block), key=lambda part: part.area) for block in blocks], dtype=object)
    edges = shapely.get_parts(shapely.union_all(shapely.boundary(plots)))
    roads = edges[generator.random(len(edges)) < draw(st.sampled_from([0.0, 0.4, 1.0]))]
    roads = shapely.transform(
        roads, lambda xy: xy + generator.normal(0, draw(st.sampled_from([0.0, 1.0])), size=xy.shape)
    )
    corner = np.floor(shapely.total_bounds(blocks)[:2]) if len(blocks) else np.zeros(2)  # as `build_cells` moves them
    blocks, roads = (shapely.transform(some, lambda xy: xy - corner) for some in (blocks, roads))
    return blocks, np.asarray(roads, dtype=object), draw(st.sampled_from([0.0, 2.0, 20.0, 60.0]))


@given(dirty_towns(), st.integers(0, 10**6))
@settings(max_examples=150)
def test_what_hangs_together_has_an_outline_in_one_piece(town: tuple[Shapes, Shapes, float], seed: int) -> None:
    """Any set of blocks connected by shared cell borders has a union of cells in one piece, and nothing overlaps.

    Blocks keep their own ground, but for what an overlap gives to a smaller neighbour.
    """
    shapes, roads, max_gap_m = town
    if not len(shapes):
        return
    found = build_cells(shapes, roads, max_gap_m=max_gap_m)
    assert shapely.coverage_is_valid(found.shapes)
    own = settle_overlaps(shapes)
    whole = count_pieces(own) == 1
    assert (shapely.get_num_geometries(found.shapes)[whole] == 1).all()
    lost_m2 = shapely.area(shapely.difference(own, found.shapes))
    assert (lost_m2 <= 0.002 * shapely.length(own) + 1e-6).all()
    graph = nx.Graph()
    graph.add_nodes_from(np.flatnonzero(whole).tolist())
    graph.add_edges_from(pair for pair, metres in neighbours(found).items() if metres > 0 and whole[list(pair)].all())
    assert nx.check_planarity(graph)[0]
    if not len(graph):  # every block lies in pieces
        return
    generator = np.random.default_rng(seed)
    for _ in range(5):
        chosen = _grow(graph, int(generator.integers(1, 12)), generator)
        outline = shapely.coverage_union_all(found.shapes[chosen])
        assert shapely.get_num_geometries(outline) == 1, chosen


def _grow(graph: nx.Graph, size: int, generator: np.random.Generator) -> list[int]:
    """Give a connected set of blocks drawn by lot."""
    chosen = {int(generator.choice(sorted(graph)))}
    while len(chosen) < size:
        rim = sorted({j for i in chosen for j in graph[i]} - chosen)
        if not rim:
            break
        chosen.add(int(generator.choice(rim)))
    return sorted(chosen)


def test_a_face_cut_in_bands_is_cut_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bands of the diagram fit: cells are what one diagram gives."""
    names = [f"{row:02d}{column}" for row in range(24) for column in "abc"]
    shapes = shapes_of("\n".join(" ".join(names[3 * row : 3 * row + 3]) for row in range(24)), side_m=90, street_m=17)
    whole = build_cells(shapes, NO_LINES, max_gap_m=40)
    for name, value in (("_MOST_POINTS", 100), ("_BAND", 5)):
        monkeypatch.setattr(diagram, name, value)
    monkeypatch.setattr(clipping, "_LARGE", 100)
    bands = build_cells(shapes, NO_LINES, max_gap_m=40)
    assert shapely.area(shapely.symmetric_difference(whole.shapes, bands.shapes)).max() < 0.5
    assert neighbours(whole).keys() == neighbours(bands).keys()


def test_sparse_roads_part_the_ground_of_large_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where faces are cut in bands, none takes ground beyond the road that bounds it."""
    names = [f"{row:02d}{column}" for row in range(24) for column in "abc"]
    shapes = shapes_of("\n".join(" ".join(names[3 * row : 3 * row + 3]) for row in range(24)), side_m=90, street_m=17)
    low = shapely.total_bounds(shapes)[:2]
    rows = (8, 16)
    roads = np.array([shapely.LineString(np.add(low, [[-50, 107 * row - 12], [400, 107 * row - 12]])) for row in rows])
    monkeypatch.setattr(diagram, "_MOST_POINTS", 100)
    monkeypatch.setattr(clipping, "_LARGE", 100)
    found = build_cells(shapes, roads, max_gap_m=40)
    assert shapely.coverage_is_valid(found.shapes)
    for road in roads:
        split = shapely.intersection(road, found.shapes)
        across = shapely.length(shapely.intersection(road, shapely.buffer(found.shapes, -0.05)))
        assert across.max() < 0.1, split[across.argmax()]


@pytest.mark.parametrize("gap_m", [36, 39.5])
def test_narrow_fronts_meet_across_a_wide_street(gap_m: float) -> None:
    """A block of 12 m shares ground with what it faces, though the street lies open on both sides."""
    shapes = np.array([box(0, 0, 100, 100), box(40, -gap_m - 20, 52, -gap_m)])
    ends = np.array([[(x, 0), (x, -gap_m)] for x in (42.5, 47.5)])
    looks = Looks(ends, np.zeros(2, dtype=np.int64), np.full(2, 5.0), 6.0)
    found = build_cells(shapes, NO_LINES, max_gap_m=40, looks=looks)
    assert neighbours(found)[0, 1] >= 9


def test_two_blocks_on_one_plot_end_in_no_error() -> None:
    """Of two blocks drawn alike one has no ground; the other keeps it."""
    found = build_cells(np.array([box(0, 0, 100, 100)] * 2 + [box(110, 0, 200, 100)]), NO_LINES, max_gap_m=40)
    assert sorted(shapely.area(found.shapes[:2]).round().tolist())[0] == 0
    assert shapely.area(found.shapes).sum() == pytest.approx(20_000, rel=0.02)


def test_a_polygon_of_many_vertices_is_as_quick_as_one_of_few() -> None:
    """Vertices a few centimetres apart change nothing in the cells but their number."""
    shapes = shapes_of("a b\nc d", street_m=12)
    dense = shapely.segmentize(shapes, 0.25)
    few, many = (build_cells(some, NO_LINES, max_gap_m=30) for some in (shapes, dense))
    assert shapely.area(shapely.symmetric_difference(few.shapes, many.shapes)).max() < 60


def _cut_plain(
    part: geo_cells.Partition, owner: IntArray, dividers: Shapes, of: IntArray
) -> tuple[geo_cells.Partition, IntArray]:
    """Node the borders of all faces with all dividers, the plain way."""
    lines = shapely.union_all(np.append(shapely.boundary(part.faces), dividers), grid_size=GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.set_precision(lines, 0))))
    at, whole = shapely.STRtree(part.faces).query(shapely.point_on_surface(faces), predicate="intersects")
    return geo_cells.Partition(faces[at], part.owner[whole], *geo_cells.meet_faces(faces[at])), owner[whole]


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_noding_only_what_dividers_come_near_gives_the_cells_of_noding_all(seed: int) -> None:
    """Blocks that touch along borders or at corners, with open ground between: both ways the same cells."""
    rng = np.random.default_rng(seed)
    x, y = np.divmod(np.flatnonzero(rng.random(25) < 0.7), 5)
    off_m = rng.choice([0, 0, 4, 15], (4, len(x)))
    blocks = shapely.box(x * 60 + off_m[0], y * 50 + off_m[1], x * 60 + 60 - off_m[2], y * 50 + 50 - off_m[3])
    lines = np.array([shapely.LineString([(-50, 101), (350, 99)])])[rng.random(1) < 0.5]
    quick = build_cells(blocks, lines, max_gap_m=60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geo_cells, "_cut_faces", _cut_plain)
        plain = build_cells(blocks, lines, max_gap_m=60)
    assert shapely.area(shapely.symmetric_difference(quick.shapes, plain.shapes)).max() < 0.5
    assert shapely.coverage_is_valid(quick.shapes)
    assert np.array_equal(quick.pairs[quick.border_m > 0.1], plain.pairs[plain.border_m > 0.1])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_gaps_of_some_millimetres_lose_no_neighbour(seed: int, alike: bool) -> None:
    """Blocks drawn 0.1 mm to 10 cm apart, each its own way or all alike, are beside whom they touched before.

    Gaps like these go through the whole town, and open at its rim. A wall of less than 3 m makes no neighbours of two
    blocks in a plan (`min_frontage_m`), and may go to the two on the other sides of it.
    """
    rng = np.random.default_rng(seed)
    rim = box(0, 0, 800, 800)
    points = shapely.multipoints(rng.uniform(0, 800, (int(rng.integers(8, 40)), 2)))
    drawn = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(points, extend_to=rim)), rim)
    touching = shapely.set_precision(shapely.set_precision(drawn, 0.001), 0)
    gap_m = 10 ** rng.uniform(-4, -1, 1 if alike else len(touching))
    apart = shapely.buffer(touching, -gap_m / 2, join_style="mitre")
    before, after = (build_cells(some, NO_LINES, max_gap_m=40) for some in (touching, apart))
    beside, still = ({pair for pair, m in neighbours(cells).items() if m >= 3} for cells in (before, after))
    assert beside <= {pair for pair, metres in neighbours(after).items() if metres >= 1}
    assert still <= neighbours(before).keys()
    assert (shapely.get_num_geometries(after.shapes) == 1).all()


@pytest.mark.parametrize(
    ("open_faces", "grown", "closed_in"),
    [("e", box(0, 0, 300, 300), "e"), ("ef", box(0, 0, 300, 300), ""), ("e", box(0, 0, 150, 300), "")],
    ids=["in the middle", "up to the rim", "in the middle, but far from blocks"],
)
def test_open_ground_that_built_up_ground_closes_in_is_built_up(
    open_faces: str, grown: shapely.Polygon, closed_in: str
) -> None:
    """Unless it hangs together with the outside, or lies far from all blocks.

    ::

        a b c
        d e f
        g h i
    """
    faces = np.array([box(x, y, x + 100, y + 100) for y in (200, 100, 0) for x in (0, 100, 200)])
    one, two, a, b = geo_cells.meet_faces(faces)
    inside = np.array([name not in open_faces for name in "abcdefghi"])
    ground = BuiltUp(np.array([]), grown, 20.0, shapely.STRtree([]))
    found = geo_cells._closed_in(faces, inside, ground, (one, two, np.hypot(*(b - a).T)))
    assert "".join(np.array(list("abcdefghi"))[found]) == closed_in


@pytest.mark.parametrize(("end_x", "known"), [(9.98, "ab"), (9.989, "ab"), (9.991, "abc"), (10.5, "abc")])
def test_only_faces_a_centimetre_from_dividers_are_looked_at(end_x: float, known: str) -> None:
    """With those beside them: of four in a row, 10 m wide, a divider that begins in a ends just before b, or in it."""
    faces = np.array([box(x, 0, x + 10, 10) for x in (0, 10, 20, 30)])
    part = geo_cells.Partition(faces, np.full(4, geo_cells.NOBODY), *geo_cells.meet_faces(faces))
    divider = np.array([shapely.LineString([(5, 5), (end_x, 5)])])
    found = geo_cells._find_around(part, divider, np.zeros(4, dtype=bool))
    assert "".join(np.array(list("abcd"))[found]) == known
