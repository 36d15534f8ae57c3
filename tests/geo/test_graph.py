"""The contiguity graph: neighbours, barriers and bridges, links, islands, and the roads between blocks."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.errors import DataError
from redistrict.geo.components import components
from redistrict.geo.frontage import STEP_M
from redistrict.geo.graph import ContiguityGraph, build_graph
from redistrict.geo.roads import STRUCTURE_KINDS
from redistrict.scenario.models import Contiguity

from .drawing import (
    CRS,
    box,
    cells,
    crossing,
    frontage,
    frontage_of,
    graph_of,
    line,
    make_blocks,
    pairs,
    point,
    surroundings,
)

STREETS = cells("a b\nc d", street_m=20)
RIVER = line((-50, 110), (300, 110))
LAKE = box(-50, 105, 350, 10)


def _edges(graph: ContiguityGraph, ids: str) -> set[str]:
    return {ids[i] + ids[j] for i, j in graph.edges.tolist()}


def test_edges_are_sorted_pairs() -> None:
    """Edges run from the lower to the higher block, sorted, none twice, with frontage above 0."""
    graph = graph_of(cells("i h g\nf e d\nc b a", street_m=10))
    assert (graph.edges[:, 0] < graph.edges[:, 1]).all()
    assert np.array_equal(graph.edges, np.unique(graph.edges, axis=0))
    assert (graph.frontage_m > 0).all()
    assert graph.n_edges == 12
    assert repr(graph) == "ContiguityGraph(9 blocks, 12 edges, 1 components)"


@pytest.mark.parametrize("barrier", [RIVER, LAKE], ids=["line", "area"])
def test_a_barrier_parts_the_blocks_on_its_sides(barrier: shapely.Geometry) -> None:
    """Blocks do not face each other across a river, drawn as a line or as an area; along the bank they still do."""
    assert _edges(graph_of(STREETS, surroundings(barriers=[barrier])), "abcd") == {"ab", "cd"}


@pytest.mark.parametrize("barrier", [line((-50, 100), (300, 100)), box(-50, 99, 350, 2)], ids=["line", "area"])
def test_a_barrier_parts_blocks_drawn_to_its_middle(barrier: shapely.Geometry) -> None:
    """Blocks that touch in the middle of the river are parted by it too."""
    assert _edges(graph_of(cells("a b\nc d"), surroundings(barriers=[barrier])), "abcd") == {"ab", "cd"}


def test_a_railway_beside_the_street_parts_the_blocks() -> None:
    """A railway drawn up to 12 m inside one block still runs between it and the block across the street."""
    rail = line((-50, 128), (300, 128))
    assert _edges(graph_of(STREETS, surroundings(barriers=[rail])), "abcd") == {"ab", "cd"}
    assert len(_edges(graph_of(STREETS, surroundings(barriers=[rail]), road_tolerance_m=5), "abcd")) == 4


@pytest.mark.parametrize(
    ("kind", "edges"),
    [("bridge", {"ab", "cd", "ac"}), ("underpass", {"ab", "cd", "ac"}), ("signal", {"ab", "cd"})],
)
def test_bridges_and_underpasses_open_a_barrier(kind: str, edges: set[str]) -> None:
    """Where a bridge or underpass is near, blocks face each other across the barrier; a signal opens nothing."""
    around = surroundings(barriers=[RIVER], structures=[(kind, point(20, 110))])
    assert _edges(graph_of(STREETS, around, structure_reach_m=30), "abcd") == edges


def test_a_bridge_opens_a_barrier_between_blocks_that_touch() -> None:
    """Blocks that touch under a narrow river are neighbours where a bridge, drawn as a line, is near."""
    river, bridge = box(99, -100, 2, 300), line((80, 50), (120, 50))
    assert not graph_of(cells("a b"), surroundings(barriers=[river])).n_edges
    graph = graph_of(cells("a b"), surroundings(barriers=[river], structures=[("bridge", bridge)]))
    assert graph.frontage_m.tolist() == [100.0]


def test_a_bridge_opens_only_what_is_within_its_reach() -> None:
    """Only the frontage within structure_reach_m of the bridge counts across the river."""
    around = surroundings(barriers=[LAKE], structures=[("bridge", line((50, 100), (50, 120)))])
    found = frontage(STREETS, around, structure_reach_m=20)
    assert found["a-c"] == pytest.approx(40, abs=5)
    assert "b-d" not in found


@pytest.mark.parametrize("as_multi", [False, True])
def test_a_long_bridge_links_the_blocks_at_its_ends(as_multi: bool) -> None:
    """A long bridge over a river links the blocks at its ends, without frontage, and a note says so."""
    shapes = {"a": box(0, 0), "b": box(0, 400), "c": box(0, 800)}
    bridge = line((50, 105), (50, 250), (50, 395))
    drawn = shapely.multilinestrings([bridge]) if as_multi else bridge
    river = [line((-500, 250), (500, 250))]
    assert graph_of(shapes, surroundings(structures=[("bridge", drawn)])).n_edges == 0
    graph = graph_of(shapes, surroundings(barriers=river, structures=[("bridge", drawn)]))
    assert _edges(graph, "abc") == {"ab"}
    assert graph.is_link.tolist() == [True]
    assert graph.frontage_m.tolist() == [0]
    assert "a-b" in graph.notes[0].en
    assert "a-b" in graph.notes[0].zh
    back = graph_of(shapes, surroundings(barriers=river, structures=[("bridge", bridge.reverse())]))
    assert _edges(back, "abc") == {"ab"}


@pytest.mark.parametrize(("short_m", "is_linked"), [(0.0, True), (0.5, False)])
def test_without_gaps_a_bridge_links_only_what_it_touches(short_m: float, *, is_linked: bool) -> None:
    """Where blocks face each other over no gap at all, a bridge that ends half a metre off leads to nobody."""
    bridge = line((50, 100 + short_m), (50, 140))
    around = surroundings(barriers=[box(-50, 110, 300, 20)], structures=[("bridge", bridge)])
    assert graph_of({"a": box(0, 0), "b": box(0, 140)}, around, max_gap_m=0).is_link.tolist() == [True] * is_linked


def test_a_long_bridge_over_a_barrier_never_crossed_links_nothing() -> None:
    """Where a railway must never be crossed, a long bridge over it joins no blocks."""
    shapes, bridge = {"a": box(0, 0), "b": box(0, 400)}, line((50, 105), (50, 395))
    around = surroundings(barriers=[("rail", "", line((-500, 250), (500, 250)))], structures=[("bridge", bridge)])
    blocks = make_blocks(shapes)
    assert build_graph(blocks, around, Contiguity()).n_edges == 1
    assert build_graph(blocks, around, Contiguity(), never=["rail"]).n_edges == 0


@pytest.mark.parametrize("kind", ["underpass", "signal"])
def test_only_bridges_link_over_a_distance(kind: str) -> None:
    """A long line that is no bridge links nothing."""
    shapes = {"a": box(0, 0), "b": box(0, 400)}
    assert graph_of(shapes, surroundings(structures=[(kind, line((50, 105), (50, 395)))])).n_edges == 0


def test_links_and_bans_by_hand() -> None:
    """A link joins blocks that do not face each other, without frontage; a ban parts blocks that do."""
    graph = graph_of(STREETS, links=pairs("a-d"), bans=pairs("b-a"))
    assert frontage_of(graph, "abcd") == {"a-c": 100, "a-d": 0, "b-d": 100, "c-d": 100}
    assert graph.is_link.tolist() == [False, True, False, False]


def test_a_link_between_neighbours_changes_nothing() -> None:
    """A link between blocks that face each other anyway leaves the edge as measured."""
    assert frontage(STREETS, links=pairs("a-b")) == frontage(STREETS)


def test_links_and_bans_with_unknown_blocks_are_refused_together() -> None:
    """Every wrong pair is named in one error: unknown blocks, a block with itself, a pair linked and banned."""
    with pytest.raises(DataError, match="no block 'x'") as refused:
        graph_of(STREETS, links=pairs("a-x", "b-b", "a-b"), bans=pairs("y-a", "b-a"))
    text = str(refused.value)
    assert "links[1]: 'b' stands twice" in text
    assert "links[2]: the pair stands under 'bans' too" in text
    assert "bans[0]: there is no block 'y'" in text
    assert len(refused.value.problems) == 4


def test_an_island_without_residents_joins_the_nearest_block() -> None:
    """Blocks cut off, without residents, are linked to the nearest block of their district, and a note names them."""
    shapes = {"a": box(0, 0), "b": box(110, 0), "p": box(350, 0), "q": box(0, 800)}
    blocks = make_blocks(shapes, households={"a": 10, "b": 20, "q": 5})
    graph = build_graph(blocks, surroundings(), Contiguity())
    assert frontage_of(graph, "abpq") == {"a-b": 100, "b-p": 0}
    assert "b-p" in graph.notes[0].en
    assert graph.is_peopled.tolist() == [True, True, False, True]


def test_an_empty_island_stays_in_its_district() -> None:
    """An empty island is not joined to the nearer block of another district, and not at all to a district of no one."""
    shapes = {"a": box(0, 0), "b": box(300, 0), "p": box(450, 0), "q": box(0, 800)}
    district = {"a": "one", "b": "two", "p": "one", "q": "three"}
    blocks = make_blocks(shapes, households={"a": 10, "b": 20}, district=district)
    assert frontage_of(build_graph(blocks, surroundings(), Contiguity()), "abpq") == {"a-p": 0}


def test_roads_are_measured_along_the_frontages_they_follow() -> None:
    """A road between blocks counts with its class and name for the metres of frontage it runs along, and no other."""
    around = surroundings(
        roads=[
            ("primary", "湖滨大道", line((-50, 110), (102, 110))),
            ("primary", "杭州东路", line((102, 110), (300, 110))),
            ("secondary", "桂林路", line((110, -50), (110, 110))),
        ]
    )
    graph = graph_of(STREETS, around)
    assert graph.classes == ("primary", "secondary")
    assert crossing(graph, "abcd") == {
        "a-c": {"primary": 100},
        "b-d": {"primary": 100},
        "c-d": {"secondary": 100},
    }
    names = {(int(e), str(n)) for e, n in zip(graph.crossings.edge, graph.crossings.name, strict=True)}
    numbers = {pair: n for n, pair in enumerate(frontage_of(graph, "abcd"))}
    assert names == {(numbers["a-c"], "湖滨大道"), (numbers["b-d"], "杭州东路"), (numbers["c-d"], "桂林路")}


def test_a_dual_carriageway_counts_once() -> None:
    """Two lines of one class along one frontage are one road, named by the one that has a name."""
    both = [("trunk", "", line((-50, 106), (300, 106))), ("trunk", "大道", line((-50, 114), (300, 114)))]
    graph = graph_of(STREETS, surroundings(roads=both))
    assert crossing(graph, "abcd") == {"a-c": {"trunk": 100}, "b-d": {"trunk": 100}}
    assert set(graph.crossings.name) == {"大道"}


def test_roads_of_two_classes_side_by_side_both_count() -> None:
    """A railway beside a street costs as railway and as street."""
    both = [("trunk", "", line((-50, 106), (300, 106))), ("rail", "", line((-50, 114), (300, 114)))]
    graph = graph_of(STREETS, surroundings(roads=both))
    assert crossing(graph, "abcd")["a-c"] == {"rail": 100, "trunk": 100}


@pytest.mark.parametrize(("inside_m", "counts"), [(10, True), (14, False)])
def test_a_road_just_inside_a_block_counts(inside_m: float, counts: bool) -> None:
    """A road 10 m inside one of the blocks, within road_tolerance_m (12 m), belongs to the frontage; at 14 m not."""
    road = ("primary", "", line((-50, 120 + inside_m), (300, 120 + inside_m)))
    graph = graph_of(STREETS, surroundings(roads=[road]))
    assert ("a-c" in crossing(graph, "abcd")) is counts


def test_a_road_along_touching_blocks_counts() -> None:
    """A road on the border that two blocks share belongs to their frontage."""
    road = ("primary", "", line((0, 100), (200, 100)))
    graph = graph_of(cells("a b\nc d"), surroundings(roads=[road]))
    assert crossing(graph, "abcd") == {"a-c": {"primary": 100}, "b-d": {"primary": 100}}


@pytest.mark.parametrize(
    "road",
    [
        shapely.multilinestrings([line((0, 110), (40, 110)), line((60, 110), (100, 110))]),
        shapely.union_all([box(0, 104, 40, 12), box(60, 104, 40, 12)]),
    ],
    ids=["multi-line", "road area"],
)
def test_roads_of_several_parts_count_part_by_part(road: shapely.Geometry) -> None:
    """Between the parts of a road there is no road; road areas count like the lines along them."""
    graph = graph_of(STREETS, surroundings(roads=[("primary", "", road)]))
    assert crossing(graph, "abcd") == {"a-c": {"primary": 80}}


@pytest.mark.parametrize("barrier", [RIVER, LAKE], ids=["line", "area"])
def test_an_opened_barrier_counts_like_a_road(barrier: shapely.Geometry) -> None:
    """Where a bridge leads across, the river lies between the two blocks, by class and name, for the metres opened."""
    around = surroundings(barriers=[("river", "富水", barrier)], structures=[("bridge", point(20, 110))])
    graph = graph_of(STREETS, around, structure_reach_m=30)
    across_m = frontage_of(graph, "abcd")["a-c"]
    assert 30 < across_m < 70
    assert crossing(graph, "abcd") == {"a-c": {"river": across_m}}
    assert graph.crossings.name.tolist() == ["富水"]
    assert graph.crossings.length_m.tolist() == [across_m]


def test_a_barrier_nobody_can_cross_is_in_no_ledger() -> None:
    """The class of a closed river is known, but no edge has metres of it; nor do banned or too short frontages."""
    assert not crossing(graph_of(STREETS, surroundings(barriers=[RIVER])), "abcd")
    opened = surroundings(barriers=[RIVER], structures=[("bridge", point(20, 110))])
    assert graph_of(STREETS, opened, min_frontage_m=90, structure_reach_m=30).classes == ("barrier",)
    assert not crossing(graph_of(STREETS, opened, min_frontage_m=90, structure_reach_m=30), "abcd")
    assert not crossing(graph_of(STREETS, opened, bans=pairs("a-c", "b-d")), "abcd")


def test_a_railway_drawn_as_road_and_as_barrier_counts_once() -> None:
    """A railway that stands in both layers is one line of its class, with the name either layer gives it."""
    rail = ("rail", "武九铁路", RIVER)
    around = surroundings(roads=[rail], barriers=[("rail", "", RIVER)], structures=[("underpass", point(50, 110))])
    graph = graph_of(STREETS, around)
    assert crossing(graph, "abcd")["a-c"] == {"rail": 100}
    assert set(graph.crossings.name) == {"武九铁路"}


def test_a_street_beside_an_opened_railway_counts_too() -> None:
    """A railway over an underpass and the street beside it, of another class, both lie between the blocks."""
    street = ("primary", "沿铁路", line((-50, 104), (300, 104)))
    around = surroundings(roads=[street], barriers=[("rail", "", RIVER)], structures=[("underpass", point(50, 110))])
    assert crossing(graph_of(STREETS, around), "abcd")["a-c"] == {"primary": 100, "rail": 100}


@settings(max_examples=30)
@given(seed=st.integers(0, 2**16))
def test_the_ledger_adds_up(seed: int) -> None:
    """Ledger rows are one for each edge, class and name, and add up to the metres of crossing of the edge."""
    rng = np.random.default_rng(seed)
    ends = rng.uniform(-20, 340, (12, 2, 2))
    kinds, names = rng.choice(["trunk", "primary", "rail"], 12), rng.choice(["", "甲路", "乙路"], 12)
    lines = [(str(k), str(n), line(*map(tuple, e))) for k, n, e in zip(kinds, names, ends, strict=True)]
    structures = [("bridge", point(*xy)) for xy in rng.uniform(0, 340, (9, 2))]
    around = surroundings(roads=lines[:9], barriers=lines[9:], structures=structures)
    graph = graph_of(cells("a b c\nd e f\ng h i", street_m=20), around, links=pairs("a-i"))
    ledger = graph.crossings
    rows = list(zip(ledger.edge.tolist(), ledger.road_class.tolist(), ledger.name, strict=True))
    assert len(set(rows)) == len(rows)
    total = np.zeros_like(graph.crossing_m)
    np.add.at(total, (ledger.edge, ledger.road_class), ledger.length_m)
    assert np.allclose(total, graph.crossing_m, atol=0.005)
    assert (ledger.length_m > 0).all()
    assert (graph.crossing_m <= graph.frontage_m[:, None] + 0.01).all()


@pytest.mark.parametrize("kind", STRUCTURE_KINDS)
def test_structures_serve_the_frontages_near_them(kind: str) -> None:
    """A bridge, underpass or signal serves the frontages within its reach, and no other; the edge knows the kind."""
    graph = graph_of(STREETS, surroundings(structures=[(kind, point(50, 110))]), structure_reach_m=20)
    assert dict(zip(frontage_of(graph, "abcd"), graph.is_served, strict=True)) == {
        "a-b": False,
        "a-c": True,
        "b-d": False,
        "c-d": False,
    }
    assert graph.serves[1].tolist() == [kind == other for other in STRUCTURE_KINDS]


def test_links_count_as_served_without_a_structure() -> None:
    """A link by hand keeps the rows of all edges in step: nothing near it, yet served; the others as they were."""
    around = surroundings(structures=[("signal", point(50, 110)), ("bridge", point(50, 110))])
    graph = graph_of(STREETS, around, links=pairs("a-d"), structure_reach_m=20)
    assert list(frontage_of(graph, "abcd")) == ["a-b", "a-c", "a-d", "b-d", "c-d"]
    assert graph.serves.tolist() == [[False] * 3, [True, False, True], [False] * 3, [False] * 3, [False] * 3]
    assert graph.is_served.tolist() == [False, True, True, False, False]


@settings(max_examples=20)
@given(angle=st.floats(0, 360))
def test_the_graph_does_not_depend_on_where_north_is(angle: float) -> None:
    """With river, bridge and roads turned along, edges, links and served frontages stay; metres within one probe."""
    layers = {
        "blocks": list(STREETS.values()),
        "barriers": [RIVER],
        "roads": [line((110, -50), (110, 300)), line((-50, 104), (300, 104))],
        "structures": [point(20, 110), line((150, 60), (150, 160))],
    }
    found = []
    for turn in (0.0, angle):
        turned = {k: list(gpd.GeoSeries(v).rotate(turn, origin=(600_110, 3_340_110))) for k, v in layers.items()}
        around = surroundings(
            roads=[("primary", "甲", turned["roads"][0]), ("trunk", "乙", turned["roads"][1])],
            barriers=turned["barriers"],
            structures=[("bridge", turned["structures"][0]), ("underpass", turned["structures"][1])],
        )
        found.append(graph_of(dict(zip("abcd", turned["blocks"], strict=True)), around, structure_reach_m=25))
    before, after = found
    assert np.array_equal(before.edges, after.edges)
    assert np.array_equal(before.is_served, after.is_served)
    assert np.allclose(before.crossing_m, after.crossing_m, atol=STEP_M)
    assert np.allclose(before.frontage_m, after.frontage_m, atol=STEP_M)


def test_components_are_sorted() -> None:
    """Connected pieces come sorted, in the order of their first blocks; a block without neighbours is one too."""
    assert components(6, np.array([[1, 4], [0, 5]], dtype=np.int32)) == [[0, 5], [1, 4], [2], [3]]


def test_the_order_of_features_does_not_matter() -> None:
    """Roads, barriers and structures in any order give the same graph."""
    roads = [("a", "x", line((-50, 105), (300, 105))), ("a", "y", line((-50, 115), (150, 115)))]
    one = graph_of(STREETS, surroundings(roads=roads, structures=[("signal", point(0, 110)), ("bridge", point(9, 0))]))
    two = graph_of(
        STREETS, surroundings(roads=roads[::-1], structures=[("bridge", point(9, 0)), ("signal", point(0, 110))])
    )
    assert np.array_equal(one.crossing_m, two.crossing_m)
    assert one.crossings.name.tolist() == two.crossings.name.tolist()
    assert np.array_equal(one.is_served, two.is_served)


def test_crs_of_the_drawn_maps_is_metric() -> None:
    """The drawings of these tests are in metres."""
    assert make_blocks(STREETS).crs == CRS
