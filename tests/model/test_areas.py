"""Areas: how many communities each connected piece gets, inside what bounds, and what is refused with which sums."""

from collections.abc import Mapping
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.errors import InfeasibleScenarioError, ScenarioError
from redistrict.geo.graph import build_graph
from redistrict.messages import Message
from redistrict.model.areas import Area, build_areas
from redistrict.scenario.models import Communities, Contiguity
from tests.geo.drawing import box, cells, make_blocks, surroundings

ROW = cells("a b c d e f g h")
EAST_WEST = dict.fromkeys("abcd", "东区") | dict.fromkeys("efgh", "西区")


def _areas(
    households: Mapping[str, int] | int,
    *,
    people: Mapping[str, int] | int | None = None,
    district: Mapping[str, str] | str = "",
    shapes: Mapping[str, shapely.Geometry] = ROW,
    **rules: Any,
) -> tuple[Area, ...]:
    blocks = make_blocks(shapes, households=households, people=people, district=district)
    graph = build_graph(blocks, surroundings(), Contiguity())
    return build_areas(blocks, graph.edges, Communities.model_validate(rules))


def _exception(area: Area) -> Message:
    assert area.exception is not None
    return area.exception


def test_bounds_around_targets() -> None:
    """Around the targets, bounds are the target less and plus the tolerance, rounded inwards, for each quantity."""
    (area,) = _areas(
        625,
        people=2003,
        target={"households": 2505, "people": 8003},
        tolerance={"households": 0.1, "people": 0.05},
    )
    (limits,) = area.options
    assert limits.n_communities == 2
    assert limits.target == (2505, 8003)
    assert limits.lower == (2255, 7603)
    assert limits.upper == (2755, 8403)
    assert area.exception is None
    assert area.total == (5000, 16024)
    assert area.blocks == tuple(range(8))


def test_bounds_around_means() -> None:
    """Around the means, the target of each option is the area's total over its number of communities."""
    (area,) = _areas(600, around="means", count={"min": 2, "max": 4})
    assert [(o.n_communities, o.target, o.lower, o.upper) for o in area.options] == [
        (2, (2400,), (2160,), (2640,)),
        (3, (1600,), (1440,), (1760,)),
        (4, (1200,), (1080,), (1320,)),
    ]
    assert (area.n_min, area.n_max) == (2, 4)
    assert area.limits(3) == area.options[1]


def test_limits_narrow_the_bounds() -> None:
    """Least and most of any community cut what target and tolerance allow, with a target, without, and by means."""
    limits: dict[str, Any] = {"limits": {"households": {"min": 2300}, "people": {"max": 9000}}}
    (area,) = _areas(625, people={"a": 9000}, target={"households": 2500}, **limits)
    assert (area.options[0].lower, area.options[0].upper) == ((2300, 0), (2750, 9000))
    (area,) = _areas(600, around="means", count=2, limits={"households": {"max": 2500}})
    assert (area.options[0].lower, area.options[0].upper) == ((2160,), (2500,))


def test_only_numbers_that_fit_are_options() -> None:
    """Of a range of numbers only those remain whose bounds hold the totals."""
    (area,) = _areas(1000, count={"min": 1, "max": 9}, target={"households": 2500})
    assert [option.n_communities for option in area.options] == [3]
    (wide,) = _areas(1000, count={"min": 1, "max": 9}, target={"households": 2500}, tolerance={"households": 0.3})
    assert [option.n_communities for option in wide.options] == [3, 4]


def test_a_quantity_without_a_target_has_no_bounds() -> None:
    """With a target for households only, people are balanced around nothing and bound nothing."""
    (area,) = _areas(625, people={"a": 9000}, target={"households": 2500})
    (limits,) = area.options
    assert limits.lower == (2250, 0)
    assert limits.upper[0] == 2750
    assert limits.upper[1] > 10**9


def test_auto_shares_the_total_over_the_districts() -> None:
    """`auto` gives the total over the target, shared by largest remainder, at least one for every district."""
    areas = _areas(625, district=EAST_WEST, target={"households": 1250})
    assert [(area.district, area.name, area.n_min, area.n_max) for area in areas] == [
        ("东区", "东区", 2, 2),
        ("西区", "西区", 2, 2),
    ]
    tiny = _areas({"a": 90, "e": 2400}, district=EAST_WEST, target={"households": 2500}, exceptions="widen")
    assert [area.n_min for area in tiny] == [1, 1]


def test_numbers_by_district_come_first() -> None:
    """A number given for a district holds there; the others share what is left of the number for all."""
    rules: dict[str, Any] = {"target": {"households": 1000}, "tolerance": {"households": 0.5}}
    areas = _areas(625, district=EAST_WEST, count=5, count_by_district={"东区": 2}, **rules)
    assert [area.n_min for area in areas] == [2, 3]
    areas = _areas(625, district=EAST_WEST, count_by_district={"东区": {"min": 2, "max": 3}}, **rules)
    assert [(area.n_min, area.n_max) for area in areas] == [(2, 3), (3, 3)]


def test_a_range_for_all_becomes_a_range_for_each() -> None:
    """With a range for all, each district's range goes from its share of the fewest to its share of the most."""
    areas = _areas(
        {"a": 600, "b": 600, "e": 600},
        district=EAST_WEST,
        count={"min": 3, "max": 6},
        around="means",
    )
    assert [(area.n_min, area.n_max) for area in areas] == [(2, 4), (1, 2)]


def test_an_unknown_district_is_refused() -> None:
    """A number for a district the data do not have is refused with the districts there are."""
    with pytest.raises(ScenarioError, match="there is no district 南区; the data have: 东区, 西区"):
        _areas(625, district=EAST_WEST, count_by_district={"南区": 2})


def test_a_district_of_oversize_blocks_is_known() -> None:
    """A district whose every block is a community of its own may still be named in count_by_district."""
    shapes = cells("a b")
    areas = _areas(
        {"a": 2500, "b": 9000},
        district={"a": "东区", "b": "西区"},
        shapes=shapes,
        count_by_district={"西区": 1},
        target={"households": 2500},
    )
    assert [(area.district, area.n_min, area.exception is None) for area in areas] == [
        ("东区", 1, True),
        ("西区", 1, False),
    ]


def test_too_few_communities_for_the_districts_are_refused() -> None:
    """A number below the number of districts is refused: each needs at least one."""
    with pytest.raises(ScenarioError, match="1 communities are left for 2 districts"):
        _areas(625, district=EAST_WEST, count=1)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"count": 1_000_000}, r"communities\.count: 1,000,000 communities are asked for, but there are 8 blocks"),
        ({"count": {"min": 9, "max": 10}}, "9 communities are asked for, but there are 8 blocks"),
        ({"count_by_district": {"东区": 1_000_000}}, r"count_by_district\.东区: 1,000,000 .* there are 4 blocks"),
    ],
)
def test_more_communities_than_blocks_are_refused(rules: dict[str, Any], message: str) -> None:
    """Each community needs a block: numbers that cannot be are refused at once, not tried one by one (issue 16)."""
    with pytest.raises(ScenarioError, match=message):
        _areas(100, district=EAST_WEST, target={"households": 100}, **rules)


def test_a_range_without_end_ends_with_the_blocks() -> None:
    """A most of a million is as good as the number of blocks."""
    rules = {"target": {"households": 100}, "tolerance": {"households": 0.5}}
    wide = _areas(100, district=EAST_WEST, count={"min": 2, "max": 1_000_000}, **rules)
    assert wide == _areas(100, district=EAST_WEST, count={"min": 2, "max": 8}, **rules)
    wide = _areas(100, district=EAST_WEST, count_by_district={"东区": {"min": 1, "max": 1_000_000}}, **rules)
    assert wide[0].n_max == 4


def test_numbers_that_contradict_each_other_are_refused() -> None:
    """Numbers for every district that do not add up to the number for all are refused; a range they fit is not."""
    by_district = {"东区": 2, "西区": 2}
    rules: dict[str, Any] = {"district": EAST_WEST, "count_by_district": by_district, "target": {"households": 1250}}
    with pytest.raises(ScenarioError, match=r"asks for 5-5 communities, .* of levels for 4-4"):
        _areas(625, count=5, **rules)
    assert len(_areas(625, count={"min": 3, "max": 4}, **rules)) == 2


def test_an_oversize_block_is_a_community_on_top() -> None:
    """A block above the upper bound is its own community, beside the number for all, and is named with its sums."""
    areas = _areas({"a": 2500, "b": 4000, "c": 2500}, shapes=cells("a c b"), count=2, target={"households": 2500})
    alone = [area for area in areas if area.exception]
    assert [area.blocks for area in alone] == [(1,)]
    assert alone[0].options[0].lower == alone[0].options[0].upper == (4000,)
    assert "4,000 households" in _exception(alone[0]).en
    assert "a block above the upper bound" in _exception(alone[0]).en
    assert "户数 4,000" in _exception(alone[0]).zh
    (rest,) = [area for area in areas if area.exception is None]
    assert (rest.n_min, rest.blocks) == (2, (0, 2))


def test_an_oversize_block_may_part_its_area() -> None:
    """Where an oversize block parts its area, the parts become areas of their own."""
    areas = _areas({"a": 2500, "b": 9000, "c": 2500}, shapes=cells("a b c"), target={"households": 2500})
    assert [(area.blocks, area.exception is None) for area in areas] == [((0,), True), ((1,), False), ((2,), True)]


def test_small_parts_stay_with_the_oversize_block_that_cuts_them_off() -> None:
    """A park and a few houses that only an oversize block joins to the district belong to its community."""
    shapes = cells("a b c d")
    areas = _areas({"a": 2500, "b": 9000, "c": 0, "d": 30}, shapes=shapes, target={"households": 2500})
    assert [(area.blocks, area.exception is None) for area in areas] == [((0,), True), ((1, 2, 3), False)]
    assert areas[1].total[0] == 9030


def test_a_small_island_is_a_community_on_top() -> None:
    """A piece cut off from its district and too small for one community is its own, named, and not counted."""
    shapes = cells("a b") | {"z": box(900, 0)}
    areas = _areas({"a": 1250, "b": 1250, "z": 40}, shapes=shapes, count=1, target={"households": 2500})
    assert [(area.blocks, area.n_min) for area in areas] == [((0, 1), 1), ((2,), 1)]
    assert "cut off from the rest of its district" in _exception(areas[1]).en
    assert "z; 40 households" in _exception(areas[1]).en
    assert "links" in _exception(areas[1]).zh


def test_large_pieces_of_a_district_share_its_number() -> None:
    """Two large pieces of one district are areas of their own and share the district's number by their totals."""
    shapes = cells("a b") | {"y": box(900, 0), "z": box(1000, 0)}
    areas = _areas({"a": 2500, "b": 2500, "y": 1250, "z": 1250}, shapes=shapes, target={"households": 2500})
    assert [(area.blocks, area.n_min) for area in areas] == [((0, 1), 2), ((2, 3), 1)]


def test_fewer_communities_than_parts_are_refused() -> None:
    """A number below the number of large pieces is refused at once, with what to do."""
    shapes = {"a": box(0, 0), "z": box(900, 0)}
    with pytest.raises(ScenarioError, match="the whole data set is in 2 parts that do not touch, but gets 1"):
        _areas(2500, shapes=shapes, count=1, target={"households": 2500})


def test_totals_that_cannot_fit_are_refused_with_the_sums() -> None:
    """The error names the district, its total, what its communities can hold, and the numbers that would fit."""
    with pytest.raises(InfeasibleScenarioError, match=r"District 东区 .* cannot meet the bounds") as refused:
        _areas(1000, district=EAST_WEST, count=2, target={"households": 1000})
    assert len(refused.value.problems) == 2
    english, chinese = refused.value.problems[0]
    assert "4,000 households, 1 communities of 900-1,100 hold 900-1,100; numbers that fit: 4." in english
    assert "户数 4,000，1 个社区（每个 900–1,100）共可容纳 900–1,100；可行的社区数：4。" in chinese


def test_totals_no_number_fits_are_refused_with_advice() -> None:
    """Where households and people ask for different numbers, the error says that none fits, and what to do."""
    with pytest.raises(InfeasibleScenarioError, match=r"no number fits: widen 'communities.tolerance'"):
        _areas(625, people=100, target={"households": 2500, "people": 8000})


def test_unbounded_quantities_stay_out_of_the_message() -> None:
    """A quantity without a target is not blamed."""
    with pytest.raises(InfeasibleScenarioError, match="cannot meet the bounds") as refused:
        _areas(450, people=100, target={"households": 2500})
    assert "people" not in str(refused.value)


def test_exceptions_widen_moves_only_the_bounds_that_fail() -> None:
    """With `widen`, a quantity that cannot fit is bound around the area's own mean, the other as usual."""
    (area,) = _areas(625, people=1000, target={"households": 2500, "people": 8000}, exceptions="widen")
    (limits,) = area.options
    assert limits.target == (2500, 4000)
    assert limits.lower == (2250, 3600)
    assert limits.upper == (2750, 4400)
    assert "8,000 people, 2 communities" in _exception(area).en


@settings(max_examples=60)
@given(
    sizes=st.lists(st.integers(0, 900), min_size=8, max_size=8),
    count=st.one_of(st.just("auto"), st.integers(1, 6)),
    around=st.sampled_from(["targets", "means"]),
)
def test_widened_totals_always_fit(sizes: list[int], count: object, around: str) -> None:
    """With `widen`, every option of every area can hold the area's totals, and the areas hold every block once."""
    areas = _areas(
        dict(zip("abcdefgh", sizes, strict=True)),
        count=count,
        around=around,
        target={"households": 1000},
        exceptions="widen",
    )
    for area in areas:
        for option in area.options:
            n = option.n_communities
            assert n * option.lower[0] <= area.total[0] <= n * option.upper[0]
    assert sorted(i for area in areas for i in area.blocks) == list(range(8))
    assert sum(area.total[0] for area in areas) == sum(sizes)


def test_the_lead_quantity_decides_the_number() -> None:
    """`lead: people` takes the number from the people."""
    rules: dict[str, Any] = {"target": {"households": 2500, "people": 8000}, "exceptions": "widen"}
    assert _areas(625, people=4000, **rules)[0].n_min == 2
    assert _areas(625, people=4000, lead="people", **rules)[0].n_min == 4


def test_a_range_for_one_district_is_narrowed_to_the_number_for_all() -> None:
    """Whatever each area takes of its options, the communities add up to the number or range asked for."""
    rules: dict[str, Any] = {
        "district": EAST_WEST,
        "around": "means",
        "count_by_district": {"东区": {"min": 1, "max": 3}},
    }
    for low, high in ((4, 4), (3, 5), (2, 9)):
        areas = _areas(625, count={"min": low, "max": high}, **rules)
        assert low <= sum(area.n_min for area in areas) <= sum(area.n_max for area in areas) <= high
        assert 1 <= areas[0].n_min <= areas[0].n_max <= 3
