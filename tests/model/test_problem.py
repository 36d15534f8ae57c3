"""Problem: the integers of the solver, and areas cut out of it."""

import re
from itertools import combinations

import numpy as np
import pytest
import shapely

from redistrict.errors import ScenarioError
from redistrict.geo.graph import ContiguityGraph, build_graph
from redistrict.model.prices import COST_PER_METRE
from redistrict.model.problem import Problem, area_problem, build_problem, edge_costs
from redistrict.scenario.models import Communities, Contiguity, Objective, Sizes, Tolerance
from redistrict.solver.surround import find_surrounded
from tests.geo.drawing import box, cells, line, make_blocks, point, surroundings

TOWN = cells("a b c\nd e f", street_m=20)
DISTRICT = dict.fromkeys("abde", "东区") | dict.fromkeys("cf", "西区")
AROUND = surroundings(
    roads=[("primary", "甲路", line((-50, 110), (400, 110))), ("path", "", line((110, -50), (110, 300)))],
    structures=[("signal", point(50, 110))],
)
RULES = Communities.model_validate({"target": {"households": 250, "people": 800}, "exceptions": "widen"})


def _graph() -> ContiguityGraph:
    blocks = make_blocks(TOWN, district=DISTRICT, people=320)
    return build_graph(blocks, AROUND, Contiguity(structure_reach_m=20))


def _problem(objective: Objective | None = None) -> Problem:
    blocks = make_blocks(TOWN, district=DISTRICT, people=320)
    return build_problem(blocks, _graph(), RULES, objective or Objective())


def test_costs_are_whole_weighted_centimetres() -> None:
    """Crossing is metres x weight of the class, less where served; boundary is frontage x weight; in centimetres."""
    graph = _graph()
    objective = Objective(crossing={"primary": 6}, served_share=0.25, boundary=1.5)
    crossing, boundary = edge_costs(graph, objective)
    by_pair = {"abcdef"[i] + "abcdef"[j]: n for n, (i, j) in enumerate(graph.edges)}
    assert crossing.dtype == boundary.dtype == np.int64
    assert crossing[by_pair["be"]] == 100 * 6 * COST_PER_METRE
    assert crossing[by_pair["ad"]] == 100 * 6 * COST_PER_METRE // 4
    assert crossing[by_pair["ab"]] == 0
    assert (boundary == 150 * COST_PER_METRE).all()


def test_hardly_anything_is_crossed_beside_a_block_where_nobody_lives() -> None:
    """The price of a road is multiplied by `empty_share` there, on top of `served_share`; borders cost the same."""
    blocks = make_blocks(TOWN, households={"a": 0, "b": 0} | dict.fromkeys("cdef", 100))
    graph = build_graph(blocks, AROUND, Contiguity(structure_reach_m=20))
    objective = Objective(crossing={"primary": 6}, served_share=0.5, empty_share=0.1)
    crossing, boundary = edge_costs(graph, objective)
    by_pair = {"abcdef"[i] + "abcdef"[j]: n for n, (i, j) in enumerate(graph.edges)}
    assert [crossing[by_pair[pair]] for pair in ("be", "ad", "cf")] == [6_000, 3_000, 60_000]
    assert (boundary == 100 * COST_PER_METRE).all()


def test_blocks_too_far_apart_are_kept_apart() -> None:
    """What lies beyond the limit is kept apart in its area, and reaches the solver with the other pairs."""
    blocks = make_blocks(cells("a b c d"))
    graph = build_graph(blocks, surroundings(), Contiguity())
    rules = RULES.model_copy(update={"max_extent_m": 250.0})
    problem = build_problem(blocks, graph, rules, Objective())
    assert problem.far.tolist() == [[0, 3]]
    assert problem.apart.size == 0
    assert area_problem(problem, 0, 2).apart.tolist() == [[0, 3]]


def test_neighbours_beyond_the_limit_are_refused() -> None:
    """A limit that not even two neighbours keep is named with them, and the least that would do."""
    blocks = make_blocks(cells("a b"))
    graph = build_graph(blocks, surroundings(), Contiguity())
    rules = RULES.model_copy(update={"max_extent_m": 99.5})
    with pytest.raises(ScenarioError, match=r"a and b lie 100 m apart; give at least 100\."):
        build_problem(blocks, graph, rules, Objective())


def test_ground_of_blocks_adds_up_to_the_outline_of_any_of_them() -> None:
    """Area and perimeter of blocks are those of their cells joined; where nothing is divided nothing is asked."""
    graph = _graph()
    problem = build_problem(
        make_blocks(TOWN, district=DISTRICT, people=320),
        graph,
        RULES.model_copy(update={"min_compactness": 0.7, "target": Sizes(households=200)}),
        Objective(),
    )
    assert problem.compactness is not None
    for chosen in combinations(range(6), 3):
        row = np.isin(range(6), chosen)
        joined = shapely.union_all(graph.cells.shapes[row])
        (found,) = problem.compactness.outlines_of(row[None])
        assert found.tolist() == pytest.approx([joined.area * 1e6, joined.length * 1e3])
        assert problem.compactness.outlines(row.astype(np.int32), 2)[1].tolist() == found.tolist()
    assert area_problem(problem, 0, 2).compactness is not None
    assert area_problem(problem, 1, 1).compactness is None


def test_a_community_surrounds_what_lies_in_a_hole_of_its_ground() -> None:
    """Of blocks around a lake, some in one piece: the graph of the ground says what the polygon of their cells does."""
    shapes = cells("a b c d\ne f . g\nh i j k")
    blocks = make_blocks(shapes, households=dict.fromkeys(shapes, 100))
    graph = build_graph(blocks, surroundings(), Contiguity(max_gap_m=20))
    rules = Communities(target=Sizes(households=550), tolerance=Tolerance(households=0.5), enclaves="refuse")
    problem = build_problem(blocks, graph, rules, Objective())
    area = area_problem(problem, 0, 2).enclosure
    assert area is not None
    rng, n_around = np.random.default_rng(1), 0
    for _ in range(300):
        row = rng.random(11) < 0.75
        ground = shapely.union_all(graph.cells.shapes[row])
        if ground.geom_type != "Polygon":
            continue
        holes = [shapely.Polygon(ring) for ring in ground.interiors]
        inside = [any(hole.contains(shape.centroid) for hole in holes) for shape in graph.cells.shapes[~row]]
        around = bool(find_surrounded(area, row[None]).any())
        assert around == area.surrounds(np.flatnonzero(row).tolist()) == any(inside)
        n_around += around
        rest = area.take(np.flatnonzero(row), holds=True)
        assert rest.surrounds(range(int(row.sum()))) == around
    assert n_around > 5


def test_what_is_too_thin_by_itself_is_named() -> None:
    """A block too thin by itself is named with its compactness, and so is an area of one community."""
    shapes = {**cells("a b\nc d"), "bank": box(0, 300, 400, 20), "row": box(900, 0, 900, 100)}
    blocks = make_blocks(shapes, district=dict.fromkeys(["a", "b", "c", "d", "bank"], "东区") | {"row": "西区"})
    rules = Communities(target=Sizes(households=200), tolerance=Tolerance(households=0.5), min_compactness=0.3)
    graph = build_graph(blocks, surroundings(), Contiguity(max_gap_m=150))
    whole, single = (note.en for note in build_problem(blocks, graph, rules, Objective()).notes)
    assert re.search(r"does not hold there: 西区[^,]*\(0\.2\d\d\)\.$", whole)
    assert re.search(r"\(compactness\): bank \(0\.\d{3}\)\.$", single)


def test_without_roads_nothing_is_crossed() -> None:
    """Without a road layer all crossing costs are 0."""
    graph = build_graph(make_blocks(TOWN), surroundings(), Contiguity())
    crossing, boundary = edge_costs(graph, Objective())
    assert not crossing.any()
    assert boundary.all()


def test_edges_between_districts_are_left_out() -> None:
    """The problem has only edges inside an area; every block is in exactly one area."""
    problem = _problem()
    named = {"abcdef"[i] + "abcdef"[j] for i, j in problem.edges}
    assert named == {"ab", "de", "ad", "be", "cf"}
    assert sorted(i for area in problem.areas for i in area.blocks) == list(range(6))
    assert problem.n_blocks == 6
    assert len(problem.crossing_cost) == len(problem.boundary_cost) == len(problem.edges)


def test_deviation_is_priced_per_unit() -> None:
    """One per cent off a target costs `objective.deviation` metres, shared out over its units."""
    problem = _problem(Objective(deviation=20))
    assert problem.quantities == ("households", "people")
    assert problem.deviation_rate.tolist() == [20 * 100 * COST_PER_METRE // 250, 20 * 100 * COST_PER_METRE // 800]


def test_deviation_without_a_target_is_priced_by_the_mean() -> None:
    """A quantity without a target is priced by the mean of a community."""
    blocks = make_blocks(TOWN, district=DISTRICT, people=320)
    rules = Communities.model_validate({"target": {"households": 300}, "exceptions": "widen"})
    problem = build_problem(blocks, _graph(), rules, Objective(deviation=20))
    n = sum(area.n_min for area in problem.areas)
    assert problem.deviation_rate[1] == pytest.approx(20 * 100 * problem.per_metre / (6 * 320 / n), rel=1e-6)


@pytest.mark.parametrize("number", [0, 1])
def test_an_area_cut_out_agrees_with_the_whole(number: int) -> None:
    """Blocks, edges, costs and bounds of an area are those of the problem, counted from 0."""
    problem = _problem()
    area = problem.areas[number]
    part = area_problem(problem, number, area.n_min)
    members = np.array(area.blocks)
    assert np.array_equal(part.size, problem.size[members])
    inside = np.isin(problem.edges, members).all(axis=1)
    assert np.array_equal(members[part.edges], problem.edges[inside])
    assert np.array_equal(part.edge_weight, (problem.crossing_cost - problem.boundary_cost)[inside])
    assert part.base_cost == problem.boundary_cost[inside].sum()
    limits = area.limits(area.n_min)
    assert tuple(part.lower) == limits.lower
    assert tuple(part.upper) == limits.upper
    assert tuple(part.target) == limits.target
    assert part.n_communities == area.n_min
    assert part.n_blocks == len(members)


def test_areas_add_up_to_the_whole() -> None:
    """For any plan, the edge costs of the areas add up to those of the whole problem."""
    problem = _problem()
    rng = np.random.default_rng(1)
    community = rng.integers(0, 2, problem.n_blocks)
    inside = community[problem.edges[:, 0]] == community[problem.edges[:, 1]]
    whole = np.where(inside, problem.crossing_cost, problem.boundary_cost).sum()
    parts = 0
    for number, area in enumerate(problem.areas):
        part = area_problem(problem, number, area.n_min)
        own = community[list(area.blocks)]
        parts += part.base_cost + part.edge_weight[own[part.edges[:, 0]] == own[part.edges[:, 1]]].sum()
    assert parts == whole


def test_an_area_is_a_district_with_bounds_it_can_meet() -> None:
    """Each district is an area with the sums of its blocks: 100 households and 320 people each.

    400 and 200 households make no whole number of communities of 225 to 275, so one community of each district may be
    as large as the district, give or take a tenth, and the area says why.
    """
    east, west = _problem().areas
    assert (east.district, east.blocks, east.total) == ("东区", (0, 1, 3, 4), (400, 1280))
    assert (west.district, west.blocks, west.total) == ("西区", (2, 5), (200, 640))
    (all_east,), (all_west,) = east.options, west.options
    assert (all_east.n_communities, all_east.target) == (1, (400, 1280))
    assert (all_east.lower, all_east.upper) == ((360, 1152), (440, 1408))
    assert (all_west.n_communities, all_west.target) == (1, (200, 640))
    assert (all_west.lower, all_west.upper) == ((180, 576), (220, 704))
    assert east.exception is not None
    assert "400 households" in east.exception.en
    assert west.exception is not None
    assert "200 households" in west.exception.en
