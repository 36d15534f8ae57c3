"""The four bounds in words, on towns small enough to draw."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import rotate, translate

from redistrict.geo.roads import Surroundings
from redistrict.standards.bounds import FourBounds, Side, describe_bounds, say_edges, trace_borders
from tests.geo.drawing import CRS, ORIGIN, box, cells, line, polygon, surroundings

FRAME = {
    "东湖路": line((400, -50), (400, 450)),
    "南山街": line((-50, 0), (450, 0)),
    "西苑路": line((0, -50), (0, 450)),
    "北门路": line((-50, 400), (450, 400)),
}
"""Four roads around the square of 400 m at 0, 0."""
SQUARE = box(0, 0, 400, 400)


def ground(
    roads: Mapping[str, shapely.Geometry] | Sequence[tuple[str, shapely.Geometry]] = (),
    barriers: Mapping[str, shapely.Geometry] | None = None,
) -> Surroundings:
    """Give roads and barriers by name."""
    pairs = roads.items() if isinstance(roads, Mapping) else roads
    drawn = surroundings(roads=[("tertiary", name, shape) for name, shape in pairs])
    barriers = barriers or {}
    names = np.array([*barriers], dtype=object)
    return replace(drawn, barriers=gpd.GeoDataFrame({"name": names}, geometry=[*barriers.values()], crs=CRS))


def bounds_of(
    outlines: Sequence[shapely.Geometry],
    around: Surroundings | None = None,
    *,
    names: Sequence[str] | None = None,
    districts: Sequence[str] | None = None,
    max_gap_m: float = 60.0,
) -> tuple[FourBounds, ...]:
    """Describe communities that are called 第1社区, 第2社区, ... unless other names are given."""
    around = around or ground()
    return describe_bounds(
        trace_borders(np.array(outlines, dtype=object), around, max_gap_m=max_gap_m),
        names or [f"第{c + 1}社区" for c in range(len(outlines))],
        districts or [""] * len(outlines),
        around,
        max_gap_m=max_gap_m,
    )


def sides(bounds: FourBounds) -> tuple[Side, Side, Side, Side]:
    return bounds.east, bounds.south, bounds.west, bounds.north


def test_four_roads_around_a_square_are_its_four_bounds() -> None:
    """A square of 400 m between four named roads is bounded by each on its whole side."""
    (bounds,) = bounds_of([SQUARE], ground(FRAME))
    assert bounds.text.zh == "东至东湖路；南至南山街；西至西苑路；北至北门路"
    assert bounds.text.en == "east to 东湖路; south to 南山街; west to 西苑路; north to 北门路"
    assert [side.named_share for side in sides(bounds)] == [1.0] * 4
    assert [side.length_m for side in sides(bounds)] == pytest.approx([400] * 4)
    assert bounds.named_border_share == 1.0


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("off_m", "east"), [(19.9, "东至中路；"), (20.1, "东与第2社区相邻；")])
def test_a_road_beside_a_border_is_near_its_middle(off_m: float, east: str, sign: int) -> None:
    """Where streets are 60 m wide at most it lies no more than a quarter of that aside, and 5 m for rounding."""
    shapes = [SQUARE, translate(SQUARE, 400, 0)]
    x = 400 + sign * off_m
    first, _ = bounds_of(shapes, ground({"中路": line((x, -50), (x, 450))}))
    assert first.text.zh.startswith(east)


@pytest.mark.parametrize("degrees", [-44, -30, -10, 10, 30, 45])
def test_a_rotated_town_keeps_its_four_bounds(degrees: float) -> None:
    """Turning a square with its roads moves no road to another side, and a neighbour agrees on the road between."""
    shapes = [SQUARE, translate(SQUARE, 400, 0)]
    turned = [rotate(shape, degrees, origin=ORIGIN) for shape in shapes]
    roads = {name: rotate(road, degrees, origin=ORIGIN) for name, road in FRAME.items()}
    bounds, beside = bounds_of(turned, ground(roads))
    assert bounds.text.zh == "东至东湖路；南至南山街；西至西苑路；北至北门路"
    assert beside.west.text.zh == "西至东湖路"


def test_a_grid_near_45_degrees_does_not_flip() -> None:
    """Squares at 43 and 47 degrees, a little off either way, call the same edges by the same names."""
    turned = [rotate(SQUARE, 47, origin=ORIGIN), translate(rotate(SQUARE, 43, origin=ORIGIN), 2000, 0)]
    roads = [(name, rotate(road, 47, origin=ORIGIN)) for name, road in FRAME.items()]
    roads += [(name, translate(rotate(road, 43, origin=ORIGIN), 2000, 0)) for name, road in FRAME.items()]
    one, two = bounds_of(turned, ground(roads))
    assert one.text == two.text


def test_a_round_area_is_read_by_true_north() -> None:
    """Of twelve edges, four a little longer at 20 degrees, the one that looks to 50 degrees lies to the north."""
    towards = np.radians(np.arange(-10, 350, 30))
    edges = np.array([100, 130, 100] * 4)[:, None] * np.column_stack([-np.sin(towards), np.cos(towards)])
    corners = np.cumsum(edges, axis=0)
    (bounds,) = bounds_of([polygon(*corners)], ground({"东北路": line(corners[1], corners[2])}))
    assert "东北路" in bounds.north.text.zh
    assert "东北路" not in bounds.east.text.zh


def test_the_step_of_an_l_is_seen_but_not_the_inside_of_a_yard() -> None:
    """Both edges of an L that look north are its north side; the walls of a yard open to the north are no side.

    ::

        L .        U . U
        L L        U U U
    """
    arms = {
        "阶前街": line((110, 100), (290, 100)),
        "高街": line((0, 200), (100, 200)),
        "巷内路": line((100, 105), (100, 195)),
    }
    (bent,) = bounds_of([polygon((0, 0), (200, 0), (200, 100), (100, 100), (100, 200), (0, 200))], ground(arms))
    assert bent.north.text.zh == "北至高街、阶前街"
    assert bent.east.text.zh == "东至巷内路、建成区边缘"
    yard = box(0, 0, 300, 200).difference(box(100, 100, 100, 100))
    (round_a_yard,) = bounds_of([yard], ground(arms))
    assert round_a_yard.north.text.zh == "北至高街、阶前街、建成区边缘"
    assert round_a_yard.east.text.zh == "东至建成区边缘"
    assert [side.length_m for side in sides(round_a_yard)] == pytest.approx([200, 300, 200, 300])


def test_what_two_parts_turn_to_each_other_is_no_side() -> None:
    """A community in two parts, with another between them, is bounded to the east by its eastern part alone."""
    drawn = cells("a b c")
    apart = shapely.union(drawn["a"], drawn["c"])
    bounds, between = bounds_of([apart, drawn["b"]], ground({"东湖路": line((300, 0), (300, 100))}))
    assert (bounds.east.text.zh, bounds.east.length_m) == ("东至东湖路", pytest.approx(100))
    assert bounds.south.length_m == pytest.approx(200)
    assert between.east.text.zh == "东与第1社区相邻"
    assert bounds.named_border_share == pytest.approx(100 / 800)


def test_a_hole_belongs_to_the_border_but_to_no_side() -> None:
    """The community inside a ring borders on it all around; the ring's sides are its outer edges."""
    inner = box(100, 100, 200, 200)
    ring, inside = bounds_of([SQUARE.difference(inner), inner], ground(FRAME))
    assert inside.text.zh == "东与第1社区相邻；南与第1社区相邻；西与第1社区相邻；北与第1社区相邻"
    assert inside.text.en.startswith("east next to 第1社区; ")
    assert ring.east.lines == (("东湖路", "road", pytest.approx(400)),)
    assert ring.named_border_share == pytest.approx(1600 / 2400)
    assert [side.named_share for side in sides(inside)] == [0.0] * 4


def test_without_roads_neighbours_districts_and_the_edge_are_named() -> None:
    """Where no line runs, a side borders on the next community, the line of the next district, or open ground."""
    drawn = cells("a b c")
    districts = ["下陆区", "下陆区", "西塞山区"]
    bounds = bounds_of([*drawn.values()], districts=districts)[1]
    assert bounds.text.zh == "东至与西塞山区的区界；南至建成区边缘；西与第1社区相邻；北至建成区边缘"
    assert bounds.text.en == (
        "east to the district line with 西塞山区; south to the edge of the built-up area; "
        "west next to 第1社区; north to the edge of the built-up area"
    )
    assert [side.lines[0].kind for side in sides(bounds)] == ["district", "open", "neighbour", "open"]
    assert bounds.named_border_share == 0.0


def test_water_railways_and_hills_bound_too() -> None:
    """A lake is named by its shore, a river by itself, a railway and a hill by their names."""
    around = ground(
        barriers={
            "磁湖": box(420, -100, 500, 600),
            "青港河": line((0, -10), (400, -10)),
            "武九铁路": line((-12, 0), (-12, 400)),
            "凤栖山": box(0, 425, 400, 100),
        }
    )
    (bounds,) = bounds_of([SQUARE], around)
    assert bounds.text.zh == "东至磁湖岸线；南至青港河；西至武九铁路；北至凤栖山"
    assert bounds.text.en.startswith("east to the shore of 磁湖; south to 青港河")
    assert [side.lines[0].kind for side in sides(bounds)] == ["water", "water", "rail", "hill"]
    assert bounds.named_border_share == 1.0


def test_a_road_without_a_name_names_nothing() -> None:
    """An unnamed road counts as none, and keeps the next street with a name from being taken for the border."""
    shapes = [SQUARE, translate(SQUARE, 400, 0)]
    roads = [("", line((400, 0), (400, 400))), ("后街", line((415, 0), (415, 400)))]
    bounds, _ = bounds_of(shapes, ground(roads))
    assert bounds.east.text.zh == "东与第2社区相邻"
    assert bounds_of(shapes, ground(roads[1:]))[0].east.text.zh == "东至后街"


def test_a_street_behind_the_next_blocks_is_no_border() -> None:
    """A border within the blocks is not named for a street 25 m off, though one at the edge of town is."""
    shapes = [SQUARE, translate(SQUARE, 400, 0)]
    roads = {"后街": line((425, 0), (425, 400)), "环城路": line((25, 0), (25, 400))}
    bounds, _ = bounds_of(shapes, ground(roads))
    assert bounds.east.text.zh == "东与第2社区相邻"
    assert bounds.west.text.zh == "西至环城路"


def test_streets_that_end_at_the_border_do_not_bound() -> None:
    """Side streets that run across the border, even aslant, are not what it runs along, however many there are."""
    across = [(f"{n}巷", line((300, 20 * n), (500, 20 * n + 150))) for n in range(-5, 19)]
    bounds, _ = bounds_of([SQUARE, translate(SQUARE, 400, 0)], ground(across))
    assert bounds.east.text.zh == "东与第2社区相邻"
    assert bounds.east.named_share == 0.0


def test_roads_are_named_in_order_along_a_side() -> None:
    """Eastern sides are read from north to south, southern ones from west to east; short stretches drop out."""
    roads = [
        ("乙路", line((400, 120), (400, 220))),
        ("丙路", line((400, 0), (400, 120))),
        ("短巷", line((400, 220), (400, 250))),
        ("甲路", line((400, 250), (400, 400))),
        ("子街", line((0, 0), (150, 0))),
        ("丑街", line((150, 0), (400, 0))),
    ]
    (bounds,) = bounds_of([SQUARE], ground(roads))
    assert bounds.east.text.zh == "东至甲路、乙路、丙路"
    assert bounds.east.text.en == "east to 甲路, 乙路 and 丙路"
    assert bounds.south.text.en == "south to 子街 and 丑街"
    assert [stretch.name for stretch in bounds.east.lines] == ["甲路", "短巷", "乙路", "丙路"]


def test_more_than_three_are_cut_short_and_say_so() -> None:
    """Of many streets the longest three are named, with "and others"; one road in many pieces counts once."""
    streets = [(f"{n}号巷", line((400, 30 * n), (400, 30 * n + 30))) for n in range(1, 12)]
    pieces = [("环路", line((10 * n, 0), (10 * n + 10, 0))) for n in range(40)]
    (bounds,) = bounds_of([SQUARE], ground(streets + pieces))
    assert bounds.south.text.zh == "南至环路"
    assert bounds.east.text.zh.count("、") == 2
    assert bounds.east.text.zh.endswith("等")
    assert bounds.east.text.en.endswith(" and others")


@pytest.mark.parametrize(
    ("road_m", "lane_m", "text"),
    [
        (460, 40, "东至环路、1号巷"),  # 8 % of the side, no less
        (470, 30, "东至环路"),
        (250, 30, "东至环路"),  # half of the side is told by its longest road
        (200, 30, "东至环路、1号巷、2号巷等"),  # 40 % is not enough: the lanes matter, too
    ],
)
def test_short_stretches_matter_where_little_else_is_told(road_m: int, lane_m: int, text: str) -> None:
    """On a side of 500 m a lane of less than 40 m drops out, if what is longer makes up half of the side.

    The lanes follow each other to the south of the road.
    """
    tops = range(500 - road_m, 0, -lane_m)
    lanes = [(f"{n}号巷", line((500, top), (500, top - lane_m))) for n, top in enumerate(tops, start=1)]
    (bounds,) = bounds_of([box(0, 0, 500, 500)], ground([("环路", line((500, 500 - road_m), (500, 500))), *lanes]))
    assert bounds.east.text.zh == text


def test_of_four_streets_the_shortest_is_left_out() -> None:
    """The three longest are named in the order one meets them, from north to south."""
    ends = {"甲路": (400, 240), "乙路": (240, 200), "丙路": (200, 80), "丁路": (80, 0)}
    (bounds,) = bounds_of([SQUARE], ground({name: line((400, y), (400, z)) for name, (y, z) in ends.items()}))
    assert bounds.east.text.zh == "东至甲路、丙路、丁路等"


def test_a_street_half_a_widest_gap_off_the_edge_of_town_bounds_it() -> None:
    """Where nobody lies beyond, a street up to half of 60 m before the outline, or inside it, is its border."""
    for x, named in ((428, True), (372, True), (440, False)):
        (bounds,) = bounds_of([SQUARE], ground({"环城路": line((x, -50), (x, 450))}))
        assert (bounds.east.text.zh == "东至环城路") == named


def test_a_neighbour_beside_a_road_follows_in_its_own_words() -> None:
    """Where a road ends halfway, the side is the road and then the neighbour."""
    shapes = [SQUARE, translate(SQUARE, 400, 0)]
    bounds, _ = bounds_of(shapes, ground({"东湖路": line((400, 200), (400, 400))}))
    assert bounds.east.text.zh == "东至东湖路，与第2社区相邻"
    assert bounds.east.text.en == "east to 东湖路, next to 第2社区"
    assert bounds.east.named_share == pytest.approx(0.5)


@pytest.mark.parametrize(("tip", "length_m"), [([(0, 0)], 0.0), ([(-4, 7), (4, 7)], 8.0)])
def test_where_a_community_ends_in_a_point_the_roads_that_meet_there_are_named(
    tip: list[tuple[float, float]], length_m: float
) -> None:
    """A triangle on its tip, sharp or blunt, has no south side to speak of: the two roads at the tip bound it there."""
    roads = {"左路": line((0, 0), (-173, 300)), "右路": line((0, 0), (173, 300))}
    (bounds,) = bounds_of([polygon(*tip, (173, 300), (-173, 300))], ground(roads))
    assert bounds.south.text.zh == "南至左路、右路"
    assert (bounds.south.length_m, bounds.south.named_share) == (pytest.approx(length_m), 0.0)
    assert bounds.west.text.zh == "西至左路"


def street_held(near_m: float, far_m: float, *, side_m: float = 400) -> list[shapely.Geometry]:
    """Give what the second of two communities holds of the street along their border, by its metres from there.

    It ends 4 m before the northern border of the two, so that it is no street along that one.
    """
    return [shapely.Polygon(), box(side_m + near_m, 0, far_m - near_m, side_m - 4)]


@pytest.mark.parametrize(
    ("moved", "holder"),
    [
        (None, 0),
        ([shapely.Polygon(), shapely.Polygon()], 0),
        (street_held(0, 25), 1),
        ([box(375, 0, 25, 400), shapely.Polygon()], -1),
        (street_held(0, 0.35), 1),
        (street_held(2.2, 3), 1),  # the border bends 2 m around the piece
        ([box(399.5, 0, 0.5, 400), box(400, 0, 25, 400)], 1),  # who holds more of it
    ],
)
def test_whose_the_street_along_a_border_is(moved: list[shapely.Geometry] | None, holder: int) -> None:
    """The community that holds ground beyond the middle of the street has it; the one beyond says the opposite."""
    shapes = np.array([SQUARE, translate(SQUARE, 400, 0)], dtype=object)
    held = None if moved is None else np.array(moved, dtype=object)
    borders = trace_borders(shapes, ground(), max_gap_m=60, moved=held)
    shared = borders.beyond >= 0
    second = borders.pieces.community == 1
    assert set(borders.holder[shared & second].tolist()) == {holder}
    assert set(borders.holder[shared & ~second].tolist()) == {-holder}


@pytest.mark.parametrize(("x", "named"), [(433, True), (437, False), (396, True), (394, False)])
def test_a_street_that_one_has_lies_on_its_side(x: float, named: bool) -> None:
    """The line along its edge runs up to half of 60 m before it, or 5 m past it; nothing else is this street."""
    shapes = np.array([SQUARE, translate(SQUARE, 400, 0)], dtype=object)
    around = ground({"东湖路": line((x, 0), (x, 400))})
    moved = np.array(street_held(0, 25), dtype=object)
    borders = trace_borders(shapes, around, max_gap_m=60, moved=moved)
    one, two = describe_bounds(borders, ["甲", "乙"], ["", ""], around, max_gap_m=60)
    assert (one.east.text.zh == "东至东湖路") == (two.west.text.zh == "西至东湖路") == named


def test_edges_of_streets_and_middles_are_told_in_km() -> None:
    """Of three borders of 450.2 m one runs along an edge; the outside counts for neither."""
    side_m = 450.2
    shapes = [box(0, 0, side_m, side_m), box(side_m, 0, side_m, side_m), box(0, side_m, 2 * side_m, side_m)]
    shapes[2] = polygon(*[(x * side_m, y * side_m) for x, y in [(0, 1), (1, 1), (2, 1), (2, 2), (0, 2)]])
    moved = np.array([*street_held(0, 25, side_m=side_m), shapely.Polygon()], dtype=object)
    borders = trace_borders(np.array(shapes, dtype=object), ground(), max_gap_m=60, moved=moved)
    (said,) = say_edges(borders)
    assert said.en.startswith("Boundaries between communities: 0.5 km along")
    assert "; 0.9 km on centrelines" in said.en
    assert said.zh.startswith("社区间界线：0.5 km 沿街道南侧或西侧边线；0.9 km 沿中线")


def test_names_are_text_and_nothing_else() -> None:
    """Formulas, markup and templates in names come out as they went in."""
    hostile = "=HYPERLINK(1)<b>{{ x }}</b>\\n%s"
    shapes = [SQUARE, translate(SQUARE, -400, 0)]
    bounds, _ = bounds_of(shapes, ground({hostile: FRAME["东湖路"]}), names=["甲", "{0}<i>"])
    assert bounds.east.text.zh == f"东至{hostile}"
    assert bounds.west.text.en == "west next to {0}<i>"


def test_the_order_of_roads_and_communities_changes_nothing() -> None:
    """Shuffled roads, drawn either way, and shuffled communities give the same words."""
    shapes = [*cells("a b c\nd e f\ng h i").values()]
    roads = [(f"{n}路", line((0, 100 * n), (300, 100 * n))) for n in range(4)]
    roads += [("同路", line((100, 0), (100, 300))), ("共路", line((100, 0), (100, 300)))]
    names = [f"第{c}社区" for c in range(9)]
    plain = bounds_of(shapes, ground(roads), names=names)
    back = [(name, shapely.reverse(road)) for name, road in reversed(roads)]
    shuffled = bounds_of(shapes[::-1], ground(back), names=names[::-1])
    assert [bounds.text for bounds in shuffled[::-1]] == [bounds.text for bounds in plain]


def test_slivers_and_touching_corners_do_no_harm() -> None:
    """A part thinner than the smoothing and parts that touch in a corner are described like any other."""
    odd = shapely.multipolygons([box(0, 0), box(100, 100), box(300, 0, 0.5, 0.5)])
    (bounds,) = bounds_of([odd])
    assert bounds.text.zh == "东至建成区边缘；南至建成区边缘；西至建成区边缘；北至建成区边缘"


@settings(max_examples=60)
@given(st.lists(st.integers(0, 3), min_size=20, max_size=20), st.lists(st.integers(0, 2), min_size=11, max_size=11))
def test_stretches_add_up_to_the_border_seen_from_outside(owner: list[int], name: list[int]) -> None:
    """On any map of squares a side is as long as the rows, or columns, it has squares in; shares lie in [0, 1].

    From the east one sees of every row its easternmost square and no other, whatever holes and parts there are.
    """
    grid = np.array(owner).reshape(4, 5)
    present = sorted(set(owner))
    outlines = [shapely.union_all([box(100 * x, 100 * y) for y, x in np.argwhere(grid == c)]) for c in present]
    roads = [(("", "甲路", "乙路")[name[y]], line((0, 100 * y), (500, 100 * y))) for y in range(5)]
    roads += [(("", "甲路", "乙路")[name[5 + x]], line((100 * x, 0), (100 * x, 400))) for x in range(6)]
    for c, bounds in zip(present, bounds_of(outlines, ground(roads)), strict=True):
        rows_m, columns_m = (100.0 * np.any(grid == c, axis=axis).sum() for axis in (1, 0))
        assert [side.length_m for side in sides(bounds)] == pytest.approx([rows_m, columns_m, rows_m, columns_m])
        for side in sides(bounds):
            assert sum(stretch.length_m for stretch in side.lines) == pytest.approx(side.length_m)
            assert 0.0 <= side.named_share <= 1.0
        assert 0.0 <= bounds.named_border_share <= 1.0


@settings(max_examples=40)
@given(st.lists(st.floats(60, 400), min_size=5, max_size=24), st.floats(0, 360), st.sampled_from([0.0, 60.0]))
def test_any_shape_has_four_bounds(radius: list[float], degrees: float, max_gap_m: float) -> None:
    """Every star-shaped area, turned anyhow, is described on all four sides with no more than its border."""
    angle = np.linspace(0, 2 * np.pi, len(radius), endpoint=False)
    star = shapely.Polygon(np.array(radius)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]) + ORIGIN)
    road = ("环路", shapely.boundary(shapely.envelope(star)))
    (bounds,) = bounds_of([rotate(star, degrees, origin=ORIGIN)], ground([road]), max_gap_m=max_gap_m)
    assert sum(side.length_m for side in sides(bounds)) <= star.length + 1e-6
    for direction, side in zip("东南西北", sides(bounds), strict=True):
        assert side.text.zh.startswith(f"{direction}至")
        assert 0.0 <= side.named_share <= 1.0
