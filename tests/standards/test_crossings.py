"""The crossing ledger: what lies inside each community, what it costs, and who lives beyond it."""

from dataclasses import replace

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.geo.blocks import Blocks
from redistrict.geo.graph import ContiguityGraph, build_graph
from redistrict.geo.roads import Surroundings
from redistrict.model.measures import crossing_m
from redistrict.model.plan import Plan, canonical_plan
from redistrict.model.prices import COST_PER_METRE
from redistrict.model.problem import edge_costs
from redistrict.scenario.models import Contiguity, Objective
from redistrict.standards.crossings import CrossingRow, list_crossings
from tests.geo.drawing import CRS, box, cells, line, make_blocks, pairs, point, surroundings

# Blocks of 100 m, streets of 20 m between them; `a` has 10 households, `b` 20, ... `i` 90.
TOWN = cells("a b c\nd e f\ng h i", street_m=20)
BLOCKS = make_blocks(TOWN, households={name: 10 * n for n, name in enumerate("abcdefghi", start=1)}, people=7)
ONE = Plan(np.zeros(9))
UPPER = line((-50, 230), (400, 230))  # the street between a b c and d e f
LOWER = line((-50, 110), (400, 110))


def _plan(picture: str) -> Plan:
    """Give the plan with the community of each block drawn in its place."""
    return Plan(np.array(picture.split(), dtype=np.int32))


def _list(around: Surroundings, plan: Plan = ONE, *, reach_m: float = 20, **weights: float | str) -> list[CrossingRow]:
    graph = build_graph(BLOCKS, around, Contiguity(structure_reach_m=reach_m))
    return list(list_crossings(graph, plan, BLOCKS, Objective.model_validate({"crossing": weights})))


def _barred(barrier: tuple[str, str, shapely.Geometry], *structures: tuple[str, shapely.Geometry]) -> Surroundings:
    columns = {name: [value] for name, value in zip(("road_class", "name", "geometry"), barrier, strict=True)}
    return replace(surroundings(structures=structures), barriers=gpd.GeoDataFrame(columns, crs=CRS))


def test_a_road_through_a_community_divides_it() -> None:
    """A road from end to end has its metres, its price, the blocks on each side, and the households beyond."""
    (row,) = _list(surroundings(roads=[("primary", "湖滨大道", UPPER)]), primary=6)
    assert row == CrossingRow(
        community=0,
        road_class="primary",
        name="湖滨大道",
        length_m=300,
        cost_m=1800,
        served_m=0,
        empty_m=0,
        served_by=(),
        n_facing=6,
        n_blocks=(6, 3),
        residents_beyond=10 + 20 + 30,
    )
    assert row.divides


def test_a_road_that_ends_inside_divides_nothing() -> None:
    """Around the end of a road everyone reaches everyone: it costs, but nobody lives beyond it."""
    (row,) = _list(surroundings(roads=[("primary", "断头路", line((-50, 230), (110, 230)))]), primary=6)
    assert (row.length_m, row.cost_m, row.n_facing) == (100, 600, 2)
    assert (row.divides, row.n_blocks, row.residents_beyond) == (False, (9, 0), 0)


def test_a_road_that_touches_a_frontage_does_not_part_its_blocks() -> None:
    """A road that ends 20 m into the street between a and b has these metres, but one walks from a to b beside it."""
    (row,) = _list(surroundings(roads=[("primary", "甲路", line((110, -50), (110, 260)))]))
    assert row.length_m == 220
    assert (row.n_facing, row.divides) == (4, False)


def test_roads_between_communities_are_not_listed() -> None:
    """Each community lists what lies inside it, by class and name; a road on its border is not inside."""
    roads = [("secondary", "乙路", line((110, -50), (110, 400))), ("primary", "甲路", UPPER), ("primary", "", LOWER)]
    rows = _list(surroundings(roads=roads), _plan("0 0 0  1 1 1  1 1 1"))
    assert [(row.community, row.road_class, row.name, row.length_m) for row in rows] == [
        (0, "secondary", "乙路", 100),
        (1, "primary", "", 300),
        (1, "secondary", "乙路", 200),
    ]
    assert [(row.n_blocks, row.residents_beyond) for row in rows] == [((2, 1), 10), ((3, 3), 150), ((4, 2), 110)]


def test_roads_without_a_name_are_one_row() -> None:
    """All nameless roads of a class in a community stand together, after those with names."""
    roads = [("primary", "", UPPER), ("primary", "甲路", line((110, -50), (110, 400))), ("primary", "", LOWER)]
    assert [(row.name, row.length_m) for row in _list(surroundings(roads=roads))] == [("甲路", 300), ("", 600)]


def test_the_largest_part_is_the_main_one() -> None:
    """Where a road runs through twice, all but the part with the most residents lie beyond it."""
    (row,) = _list(surroundings(roads=[("primary", "环路", UPPER), ("primary", "环路", LOWER)]))
    assert (row.n_blocks, row.residents_beyond) == ((3, 6), 60 + 150)


def test_pieces_that_do_not_hang_together_anyway_are_not_beyond() -> None:
    """In a scattered community of today a road cuts off only whom it parts from the piece they belong to."""
    (row,) = _list(surroundings(roads=[("primary", "甲路", UPPER)]), _plan("0 1 1  0 1 0  1 1 1"))[:1]
    assert (row.community, row.n_blocks, row.residents_beyond) == (0, (2, 1), 10)


def test_structures_make_a_crossing_cheaper() -> None:
    """Frontages that a bridge or signal serves cost their share, and the row says how many metres, and by what."""
    road, signal = ("primary", "甲路", UPPER), ("signal", point(50, 230))
    (row,) = _list(surroundings(roads=[road], structures=[signal]), primary=6)
    assert (row.served_m, row.served_by, row.cost_m) == (100, ("signal",), 100 * 6 * 0.5 + 200 * 6)
    (row,) = _list(surroundings(roads=[road], structures=[signal, ("bridge", point(300, 230))]), primary=6)
    assert (row.served_m, row.served_by) == (200, ("bridge", "signal"))


@pytest.mark.parametrize(
    ("barrier", "structure"),
    [
        (("rail", "武九铁路", UPPER), ("underpass", point(170, 230))),
        (("river", "富水", box(-50, 225, 450, 10)), ("bridge", line((170, 215), (170, 245)))),
    ],
    ids=["railway", "river"],
)
def test_an_opened_barrier_is_listed(barrier: tuple, structure: tuple) -> None:
    """A railway over an underpass, or a bridged river, lies inside; it costs once its class has a weight."""
    (row,) = _list(_barred(barrier, structure), reach_m=30)
    assert (row.road_class, row.name, row.cost_m) == (*barrier[:2], 0)
    assert 30 < row.length_m < 80
    assert (row.served_m, row.served_by) == (row.length_m, structure[:1])
    assert (row.n_facing, row.n_blocks, row.residents_beyond) == (2, (6, 3), 60)
    (priced,) = _list(_barred(barrier, structure), reach_m=30, **{barrier[0]: 10})
    assert priced == replace(row, cost_m=round(row.length_m * 10 * 0.5, 2))


@pytest.mark.parametrize("dear", ["primary", "secondary"])
def test_a_unit_of_cost_goes_to_the_road_that_lacks_least_of_it(dear: str) -> None:
    """Two roads along three frontages cost 0.6 and 0.4 units each: every whole unit is the dearer one's."""
    roads = surroundings(roads=[("primary", "", UPPER), ("secondary", "", UPPER)])
    objective = Objective.model_validate({"crossing": {"primary": 0.004, "secondary": 0.004} | {dear: 0.006}})
    rows = list_crossings(build_graph(BLOCKS, roads, Contiguity()), ONE, BLOCKS, objective, per_metre=1)
    assert {row.road_class: row.cost_m for row in rows} == {"primary": 0, "secondary": 0} | {dear: 3}


def test_what_must_never_be_crossed_has_no_price() -> None:
    """A class with `never` instead of a weight is listed, at no cost; nor does anything beside it cost."""
    roads = [("trunk", "甲路", UPPER), ("primary", "乙路", LOWER)]
    rows = _list(surroundings(roads=roads), trunk="never", primary=6)
    assert [(row.name, row.length_m, row.cost_m) for row in rows] == [("乙路", 300, 1800), ("甲路", 300, 0)]
    both = _list(surroundings(roads=[("trunk", "甲路", UPPER), ("primary", "乙路", UPPER)]), trunk="never", primary=6)
    assert [(row.name, row.length_m, row.cost_m) for row in both] == [("乙路", 300, 0), ("甲路", 300, 0)]


def test_people_count_where_there_are_no_households() -> None:
    """Data with people only say how many people live beyond."""
    blocks = replace(BLOCKS, quantities=("people",))
    graph = build_graph(blocks, surroundings(roads=[("primary", "甲路", UPPER)]), Contiguity())
    (row,) = list_crossings(graph, ONE, blocks, Objective())
    assert row.residents_beyond == 3 * 7


def test_a_town_without_roads_has_an_empty_ledger() -> None:
    """Without roads and barriers nothing is listed."""
    assert _list(surroundings()) == []


def _look_around(graph: ContiguityGraph, plan: Plan, blocks: Blocks, row: CrossingRow) -> tuple[int, int]:
    """Give the blocks and residents beyond a road by walking through the community without it: the plain twin."""
    inside = nx.Graph()
    inside.add_nodes_from(np.flatnonzero(plan.assignment == row.community).tolist())
    inside.add_edges_from((i, j) for i, j in graph.edges.tolist() if i in inside and j in inside)
    ledger, closed = graph.crossings, inside.copy()
    for e, kind, name, length_m in zip(ledger.edge, ledger.road_class, ledger.name, ledger.length_m, strict=True):
        if (graph.classes[kind], name) == (row.road_class, row.name) and length_m >= graph.frontage_m[e] / 2:
            closed.remove_edges_from([tuple(graph.edges[e].tolist())])
    n_blocks = residents = 0
    for piece in nx.connected_components(inside):
        parts = sorted(
            (int(blocks.size[list(p), 0].sum()), len(p)) for p in nx.connected_components(closed.subgraph(piece))
        )
        residents += sum(size for size, _ in parts[:-1])
        n_blocks += sum(n for _, n in parts[:-1])
    return n_blocks, residents


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_ledger_adds_up_and_looks_beyond(seed: int) -> None:
    """In any town, lengths add up to the metres inside by class, costs to the plan's, and a plain walk agrees."""
    rng = np.random.default_rng(seed)
    ends = rng.uniform(-50, 530, (16, 2, 2)).round(2)
    labels = zip(rng.choice(["trunk", "rail", "primary"], 16), rng.choice(["", "甲", "乙"], 16), strict=True)
    lines = [(str(k), str(n), line(*map(tuple, e))) for (k, n), e in zip(labels, ends, strict=True)]
    kinds = rng.choice(["bridge", "underpass", "signal"], 8).tolist()
    around = surroundings(roads=lines[:13], structures=list(zip(kinds, [point(*p) for p in ends[:8, 0]], strict=True)))
    barriers = gpd.GeoDataFrame(lines[13:], columns=["road_class", "name", "geometry"], crs=CRS)
    shapes = cells("a b c d\ne f g h\ni j k l\nm n o p", street_m=20)
    blocks = make_blocks(
        shapes, households=dict(zip("abcdefghijklmnop", rng.integers(0, 50, 16).tolist(), strict=True))
    )
    graph = build_graph(blocks, replace(around, barriers=barriers), Contiguity(links=pairs("a-p")))
    plan = canonical_plan(rng.integers(0, 3, 16).astype(np.int32))
    weights = dict(zip(("trunk", "rail", "primary"), rng.uniform(0, 9, 3).round(3).tolist(), strict=True))
    objective = Objective(crossing=weights, served_share=round(float(rng.uniform()), 3))
    rows = list_crossings(graph, plan, blocks, objective)
    assert [(row.community, row.road_class, row.name == "", row.name) for row in rows] == sorted(
        {(row.community, row.road_class, row.name == "", row.name) for row in rows}
    )
    home = plan.assignment[graph.edges]
    cost = edge_costs(graph, objective)[0][home[:, 0] == home[:, 1]].sum()
    assert sum(round(row.cost_m * COST_PER_METRE) for row in rows) == cost
    inside_m = np.zeros((plan.n_communities, len(graph.classes)))
    for row in rows:
        inside_m[row.community, graph.classes.index(row.road_class)] += row.length_m
        assert (row.n_blocks[1], row.residents_beyond) == _look_around(graph, plan, blocks, row)
        assert row.n_blocks[0] + row.n_blocks[1] == (plan.assignment == row.community).sum()
        assert 0 <= row.served_m <= row.length_m == round(row.length_m, 2)
        assert bool(row.served_by) == (row.served_m > 0)
    assert np.array_equal(inside_m.round(2), crossing_m(graph, plan))
