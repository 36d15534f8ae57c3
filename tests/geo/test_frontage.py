"""Frontage: what touches or faces what, and along how many metres."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.geo.frontage import STEP_M, find_probes
from redistrict.geo.rays import Rays, meet_segments

from .drawing import box, cells, frontage, graph_of, polygon, surroundings


def test_tiles_share_exactly_their_common_border() -> None:
    """In a tiling with common corners, frontage is the length of the shared border, and a corner never counts."""
    assert frontage(cells("a b\nc d")) == {"a-b": 100, "a-c": 100, "b-d": 100, "c-d": 100}


def test_blocks_facing_over_a_street_have_the_length_of_the_face() -> None:
    """Over streets of 20 m, frontage is the length of the facing sides; blocks diagonal over a crossing have none."""
    assert frontage(cells("a b\nc d", street_m=20)) == {"a-b": 100, "a-c": 100, "b-d": 100, "c-d": 100}


def test_only_the_part_that_faces_counts() -> None:
    """Two blocks shifted along their street share only the metres that face each other."""
    assert frontage({"a": box(0, 0), "b": box(60, 115)}) == {"a-b": 40}


def test_a_thin_block_in_between_blocks_the_view() -> None:
    """A strip between two blocks is the neighbour of both, and they are not neighbours of each other."""
    shapes = {"a": box(0, 0), "strip": box(0, 110, 100, 4), "z": box(0, 124)}
    assert frontage(shapes) == {"a-strip": 100, "strip-z": 100}


def test_a_sliver_keeps_both_its_neighbours() -> None:
    """A sliver half a metre wide faces the block on either side along its own length, not more."""
    shapes = {"a": box(0, 0), "s": box(0, 100, 100, 0.5), "z": box(0, 100.5)}
    assert frontage(shapes) == {"a-s": 100, "s-z": 100}


def test_what_lies_behind_a_sliver_is_not_seen_through_it() -> None:
    """Where corners do not fit, a sliver still faces one block on either side; these meet beyond its ends."""
    shapes = {"a": box(-10, 0, 120), "s": box(0, 100, 100, 0.5), "z": box(-10, 101.5, 120)}
    assert frontage(shapes) == {"a-s": 100, "a-z": 20, "s-z": 100}


@pytest.mark.parametrize(("gap_m", "is_neighbour"), [(40.0, True), (40.5, False)])
def test_max_gap_decides(gap_m: float, is_neighbour: bool) -> None:
    """Blocks face each other up to max_gap_m, 40 m by default, and not beyond."""
    assert bool(frontage({"a": box(0, 0), "b": box(0, 100 + gap_m)})) is is_neighbour


def test_blocks_drawn_half_a_metre_over_each_other_touch() -> None:
    """An overlap of 0.5 m does not part two blocks, and their frontage stays the length of the border."""
    found = frontage({"a": box(0, 0, 100.5), "b": box(100, 0), "c": box(200.5, 0)})
    assert found == pytest.approx({"a-b": 100, "b-c": 100}, abs=1.1)


@pytest.mark.parametrize(("aside_m", "gap_m"), [(-0.5, 0.0), (0.0, 0.0), (0.4, 0.4), (20.0, 20.0)])
def test_probes_end_where_the_other_block_begins(aside_m: float, gap_m: float) -> None:
    """Over a sliver of nobody's ground they are as short as it is; between blocks that touch they have no length."""
    probes = find_probes(np.array([box(0, 0), box(100 + aside_m, 0)]), max_gap_m=40)
    assert len(probes) > 0
    assert probes.gap_m == pytest.approx(gap_m, abs=1e-6)


def test_touching_without_common_corners() -> None:
    """At a T-junction the borders have no corner in common; the metres still come out to within half a probe."""
    shapes = {"a": box(0, 0, 100, 50), "b": box(0, 50, 63, 50), "c": box(63, 50, 37, 50)}
    assert frontage(shapes) == pytest.approx({"a-b": 63, "a-c": 37, "b-c": 50}, abs=STEP_M / 2)


@pytest.mark.parametrize("gap_m", [0, 15])
def test_a_block_inside_another(gap_m: float) -> None:
    """A block in the hole of another shares its whole outline with it, touching or across a ring road."""
    inner = box(100 + gap_m, 100 + gap_m, 100 - 2 * gap_m, 100 - 2 * gap_m)
    outer = box(0, 0, 300, 300).difference(box(100, 100))
    assert frontage({"in": inner, "out": outer})["in-out"] == pytest.approx(inner.length, rel=0.05)


def test_multipart_blocks_count_all_their_parts() -> None:
    """The frontages of the parts of a block add up, and a block does not face itself."""
    parts = shapely.union_all([box(0, 0), box(120, 0)])
    assert frontage({"a": parts, "b": box(0, 110, 220, 50)})["a-b"] == 200
    assert len(find_probes(np.array([parts], dtype=object), max_gap_m=40)) == 0


def test_min_frontage_decides() -> None:
    """Frontage below min_frontage_m does not make neighbours; at it, to a thousandth of a millimetre, it does."""
    shapes = {"a": box(0, 0), "b": box(90, 100)}
    assert frontage(shapes, min_frontage_m=10) == {"a-b": 10}
    assert frontage(shapes, min_frontage_m=10.000001) == {"a-b": 10}
    assert frontage(shapes, min_frontage_m=10.000002) == {}
    assert frontage(shapes, min_frontage_m=10.1) == {}


def test_no_block_and_one_block_have_no_frontage() -> None:
    """Nothing to face gives no probes, not an error."""
    assert len(find_probes(np.array([], dtype=object), max_gap_m=40)) == 0
    assert len(find_probes(np.array([box(0, 0)], dtype=object), max_gap_m=40)) == 0


def _tiling(corners: list[list[tuple[float, float]]]) -> dict[str, shapely.Geometry]:
    """Draw a 3 x 3 tiling whose inner corners are moved; rows and columns name the tiles."""
    at = {(r, c): (100.0 * c, 100.0 * r) for r in range(4) for c in range(4)}
    for r in (1, 2):
        for c in (1, 2):
            dx, dy = corners[r - 1][c - 1]
            at[r, c] = (100.0 * c + dx, 100.0 * r + dy)
    return {
        f"{r}{c}": polygon(at[r, c], at[r, c + 1], at[r + 1, c + 1], at[r + 1, c]) for r in range(3) for c in range(3)
    }


moves = st.floats(-40, 40).map(lambda x: round(x, 2))
tilings = st.lists(st.lists(st.tuples(moves, moves), min_size=2, max_size=2), min_size=2, max_size=2).map(_tiling)


def _slow_frontage(shapes: dict[str, shapely.Geometry]) -> dict[str, float]:
    """Intersect every pair of touching polygons: the plain truth for tilings."""
    names = sorted(shapes)
    found = {f"{a}-{b}": shapes[a].intersection(shapes[b]).length for n, a in enumerate(names) for b in names[n + 1 :]}
    return {pair: length for pair, length in found.items() if length > 0}


@settings(max_examples=30)
@given(shapes=tilings)
def test_frontage_of_tilings_is_the_length_of_the_intersection(shapes: dict[str, shapely.Geometry]) -> None:
    """In any tiling, edges and frontage are what shapely finds by intersecting touching polygons."""
    expected = {pair: m for pair, m in _slow_frontage(shapes).items() if m >= 3}
    assert frontage(shapes) == pytest.approx(expected, abs=0.02)


@settings(max_examples=30)
@given(shapes=tilings, seed=st.integers(0, 2**16))
def test_extra_corners_do_not_matter(shapes: dict[str, shapely.Geometry], seed: int) -> None:
    """With corners added along one side only, so that borders no longer match, frontage stays within a probe."""
    rng = np.random.default_rng(seed)
    denser = {name: shape if rng.random() < 0.5 else shape.segmentize(17) for name, shape in shapes.items()}
    expected = {pair: m for pair, m in _slow_frontage(shapes).items() if m >= 10}
    found = frontage(denser)
    assert {pair: found.get(pair, 0.0) for pair in expected} == pytest.approx(expected, abs=STEP_M)


TOWN = cells("a b c\nd . e\nf g h", street_m=18) | {"wide": box(-60, -70, 400, 40), "touch": box(-45, 0, 45, 60)}


@settings(max_examples=30)
@given(angle=st.floats(0, 360), dx=st.floats(-5000, 5000), dy=st.floats(-5000, 5000))
def test_frontage_does_not_depend_on_where_north_is(angle: float, dx: float, dy: float) -> None:
    """Turned by any angle and moved anywhere, the map has the same edges, and the same frontage within 2 %."""
    before = frontage(TOWN)
    turned = gpd.GeoSeries(TOWN).rotate(angle, origin=(600_100, 3_340_100)).translate(dx, dy)
    assert frontage(dict(turned)) == pytest.approx(before, rel=0.02)


@settings(max_examples=50)
@given(seed=st.integers(0, 2**16))
def test_rays_meet_what_shapely_says_they_meet(seed: int) -> None:
    """Rays of several borders meet exactly the segments that shapely finds by intersecting drawn lines."""
    rng = np.random.default_rng(seed)
    a = rng.uniform(0, 100, (40, 2))
    b = a + rng.uniform(-30, 30, (40, 2))
    angle, corner = rng.uniform(0, 2 * np.pi, 5), rng.uniform(0, 100, (5, 2))
    border = np.repeat(np.arange(5), 7)
    along = np.column_stack([np.cos(angle), np.sin(angle)])[border]
    start = corner[border] + along * (np.tile(np.arange(7), 5) * 4.0 + 1.0)[:, None]
    normal = np.column_stack([along[:, 1], -along[:, 0]])
    ray, segment, distance_m = meet_segments(Rays(border, start, normal), a, b, from_m=-1, to_m=25)
    drawn = shapely.linestrings(np.stack([start - normal, start + 25 * normal], axis=1))
    lines = shapely.linestrings(np.stack([a, b], axis=1))
    expected = {(i, j) for i in range(35) for j in range(40) if drawn[i].intersects(lines[j])}
    assert set(zip(ray.tolist(), segment.tolist(), strict=True)) == expected
    met = shapely.points(start[ray] + distance_m[:, None] * normal[ray])
    assert (shapely.distance(met, lines[segment]) < 1e-6).all()


@pytest.mark.parametrize(("n_rays", "n_segments"), [(0, 0), (0, 1), (1, 0)])
def test_without_rays_or_segments_nothing_is_met(n_rays: int, n_segments: int) -> None:
    """A town without roads, and roads without a town."""
    rays = Rays(np.zeros(n_rays, dtype=np.int64), np.zeros((n_rays, 2)), np.tile([0.0, 1.0], (n_rays, 1)))
    a, b = (np.tile([x, 10.0], (n_segments, 1)) for x in (-5.0, 5.0))
    assert [found.size for found in meet_segments(rays, a, b, from_m=0, to_m=20)] == [0, 0, 0]


@pytest.mark.parametrize(("x", "n_met"), [(5.0, 1), (5.00005, 0), (-0.00005, 0), (0.0, 1)])
def test_a_ray_past_the_end_of_a_segment_does_not_meet_it(x: float, n_met: int) -> None:
    """A segment ends to far below a millimetre where it ends, whichever way it runs, and its ends belong to it."""
    start, normal = np.array([[x + 3, 0.0], [x, 0.0], [x - 3, 0.0]]), np.array([[0.0, 1.0]] * 3)
    rays, a, b = Rays(np.zeros(3, dtype=np.int64), start, normal), np.array([[0.0, 10.0]]), np.array([[5.0, 10.0]])
    for ends in ((a, b), (b, a)):
        ray, _, _ = meet_segments(rays, *ends, from_m=0, to_m=20)
        assert (ray == 1).sum() == n_met


@pytest.mark.parametrize(("beyond_m", "n_met"), [(1e-9, 1), (2e-9, 0)])
def test_a_segment_ends_to_a_billionth_of_its_length(beyond_m: float, n_met: int) -> None:
    """A ray that passes a segment of a metre by no more than rounding meets it, so that none slips through a corner."""
    start, normal = np.array([[0.0, 0.0], [-0.5, 0.0]]), np.array([[0.0, 1.0]] * 2)
    a, b = np.array([[-beyond_m, 10.0]]), np.array([[-1 - beyond_m, 10.0]])
    ray, _, _ = meet_segments(Rays(np.zeros(2, dtype=np.int64), start, normal), a, b, from_m=0, to_m=20)
    assert (ray == 0).sum() == n_met


@pytest.mark.parametrize(("y", "is_met"), [(0.0, True), (-0.001, False), (20.0, True), (20.001, False)])
def test_a_ray_reaches_from_its_beginning_to_its_end(y: float, *, is_met: bool) -> None:
    """What lies just there is met; what lies a millimetre beyond is not."""
    rays = Rays(np.zeros(1, dtype=np.int64), np.array([[2.0, 0.0]]), np.array([[0.0, 1.0]]))
    ray, _, distance_m = meet_segments(rays, np.array([[0.0, y]]), np.array([[5.0, y]]), from_m=0, to_m=20)
    assert (len(ray) == 1) == is_met
    assert distance_m.tolist() == [y] * is_met


def test_shuffled_blocks_give_the_same_frontage() -> None:
    """The order in which blocks are drawn does not matter, nor where their outlines begin or which way they run."""
    shapes = dict(reversed(TOWN.items()))
    shapes["a"] = shapely.reverse(shapes["a"])
    assert frontage(shapes) == frontage(TOWN)
    assert graph_of(TOWN, surroundings()).n_edges == len(frontage(TOWN))
