"""The judge's contiguity rule, on maps small enough to draw."""

from collections.abc import Callable

import pytest
import shapely
from shapely.affinity import rotate

from redistrict.judge.verification import Verification
from redistrict.scenario.models import BlockPair, Communities, Contiguity, Sizes, Tolerance

from .towns import Town, cells, line, marks, square

MakeTown = Callable[..., Town]


def _cut_off(verdict: Verification) -> dict[str | None, tuple[str, ...]]:
    """Give the blocks cut off by community, after checking that no other rule is broken."""
    assert {violation.rule for violation in verdict.violations} <= {"contiguity"}
    return {violation.community: violation.blocks for violation in verdict.violations}


NEIGHBOURS = {
    "a shared edge": {"1": square(0, 0), "2": square(100, 0)},
    "three metres of a shared edge": {"1": square(0, 0), "2": square(100, 97)},
    "a street of 20 m": {"1": square(0, 0), "2": square(120, 0)},
    "a street of exactly the widest gap": {"1": square(0, 0), "2": square(140, 0)},
    "an overlap of half a metre": {"1": square(0, 0), "2": square(99.5, 0)},
    "an overlap of one metre": {"1": square(0, 0), "2": square(99, 50)},
    "a sliver of a gap": {"1": square(0, 0), "2": square(100.3, 0)},
    "a slanted street": {"1": square(0, 0), "2": rotate(square(125, 0), 25)},
    "a hole": {
        "1": square(0, 0, 300, 300).difference(square(100, 100)),
        "2": square(100, 100),
    },
    "a hole with a street around": {
        "1": square(0, 0, 300, 300).difference(square(100, 100)),
        "2": square(120, 120, 60, 60),
    },
    "one part of a block in two parts": {
        "1": shapely.union_all([square(0, 0), square(1000, 0)]),
        "2": square(1120, 0),
    },
    "the tip of a triangle over a street": {
        "1": square(0, 0),
        "2": shapely.Polygon(
            [(500_050, 3_000_120), (500_090, 3_000_190), (500_010, 3_000_190)],
        ),
    },
    "an estate drawn inside another": {"1": square(0, 0, 300, 300), "2": square(100, 100)},
}

STRANGERS = {
    "a corner": {"1": square(0, 0), "2": square(100, 100)},
    "less than half the frontage": {"1": square(0, 0), "2": square(100, 98.9)},
    "corners that overlap by half a metre": {"1": square(0, 0), "2": square(99.5, 99.5)},
    "diagonal over a crossing": {"1": square(0, 0), "2": square(120, 120)},
    "diagonal over a lane and an avenue": {"1": square(0, 0), "2": square(105, 130)},
    "a gap too wide": {"1": square(0, 0), "2": square(141, 0)},
    "side by side along an edge line": {"1": square(0, 0, 100, 1), "2": square(141, 0, 100, 1)},
}


@pytest.mark.parametrize("blocks", NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_blocks_facing_each_other_are_one_community(make_town: MakeTown, blocks: dict) -> None:
    """Blocks that touch along an edge or face each other over a street pass, either way round."""
    assert make_town(blocks).judge("A").ok
    assert make_town(dict(reversed(blocks.items()))).judge("A").ok


@pytest.mark.parametrize("blocks", STRANGERS.values(), ids=STRANGERS)
def test_blocks_not_facing_each_other_are_refused(make_town: MakeTown, blocks: dict) -> None:
    """Blocks with no more than a point, a diagonal or a wide gap between them are no community."""
    assert _cut_off(make_town(blocks).judge("A")) == {"A": ("2",)}


def test_corner_in_an_exact_tiling_is_cut_off(make_town: MakeTown) -> None:
    """A block that meets its community in a corner only is named."""
    town = make_town(cells("xxx xxx xxx"))
    assert town.judge(marks("aab aab bbb")).ok
    assert _cut_off(town.judge(marks("aab aab aba"))) == {"a": ("22",), "b": ("21",)}


def test_corner_in_a_town_of_streets_is_cut_off(make_town: MakeTown) -> None:
    """Diagonal neighbours over a street crossing do not hold a community together."""
    town = make_town(cells("xxx xxx xxx", street_m=20))
    assert town.judge(marks("aab aab bbb")).ok
    assert _cut_off(town.judge(marks("aab abb bba"))) == {"a": ("22",)}


@pytest.mark.parametrize("width_m", [0.8, 5, 18])
def test_third_block_in_between_blocks_the_view(make_town: MakeTown, width_m: float) -> None:
    """Two blocks do not face each other through a third, however thin."""
    blocks = {"1": square(0, 0), "2": square(100 + width_m, 0), "3": square(100, -10, width_m, 120)}
    town = make_town(blocks)
    assert town.judge("A").ok
    assert _cut_off(town.judge({"1": "A", "2": "A", "3": "B"})) == {"A": ("2",)}


def test_third_block_reaching_into_the_street_leaves_the_view_beside_it(make_town: MakeTown) -> None:
    """A kiosk in the street hides only what is behind it."""
    blocks = {"1": square(0, 0), "2": square(120, 0), "3": square(105, 0, 10, 60)}
    assert make_town(blocks).judge({"1": "A", "2": "A", "3": "B"}).ok


RIVERS = {
    "water": shapely.box(500_105, 2_999_000, 500_115, 3_001_000),
    "a rail": line((110, -1000), (110, 1000)),
}


@pytest.mark.parametrize("river", RIVERS.values(), ids=RIVERS)
def test_barrier_separates_unless_a_bridge_is_near(make_town: MakeTown, river: shapely.Geometry) -> None:
    """Blocks on two banks are neighbours only where a bridge or an underpass is within reach."""
    banks = {"1": square(0, 0), "2": square(120, 0)}

    def verdict(kind: str, y: float) -> Verification:
        return make_town(banks, barriers=[river], structures=[(kind, line((100, y), (120, y)))]).judge("A")

    assert _cut_off(make_town(banks, barriers=[river]).judge("A")) == {"A": ("2",)}
    assert verdict("bridge", 50).ok
    assert verdict("underpass", 150).ok
    assert _cut_off(verdict("bridge", 170)) == {"A": ("2",)}
    assert _cut_off(verdict("signal", 50)) == {"A": ("2",)}


def test_rail_along_a_shared_edge_separates(make_town: MakeTown) -> None:
    """A barrier on the very line where two blocks touch lies between them."""
    town = make_town({"1": square(0, 0), "2": square(100, 0)}, barriers=[line((100, -50), (100, 150))])
    assert _cut_off(town.judge("A")) == {"A": ("2",)}


def test_lake_beside_the_frontage_does_not_separate(make_town: MakeTown) -> None:
    """Water inside one block, up to its edge, is not between the blocks."""
    lake = square(100, 0, 40, 100)
    assert make_town({"1": square(0, 0), "2": square(100, 0)}, barriers=[lake]).judge("A").ok


def test_long_bridge_joins_the_blocks_at_its_ends(make_town: MakeTown) -> None:
    """A bridge over a river makes neighbours of the blocks at its ends, and of no others, however long it is."""
    river = [square(150, -100, 100, 600)]
    blocks = {"1": square(0, 0), "2": square(300, 0), "3": square(420, 0), "4": square(300, 300)}
    bridge = [("bridge", line((90, 50), (200, 50), (310, 50)))]
    town = make_town(blocks, barriers=river, structures=bridge)
    assert town.judge({"1": "A", "2": "A", "3": "A", "4": "B"}).ok
    assert _cut_off(town.judge({"1": "A", "4": "A", "2": "B", "3": "B"})) == {"A": ("4",)}


@pytest.mark.parametrize(("end_m", "joined"), [(140, True), (142, False)])
def test_a_bridge_may_end_a_widest_gap_before_a_block(make_town: MakeTown, end_m: float, joined: bool) -> None:
    """Up to 40 m, give or take a metre, from either end of a long bridge lie the blocks it joins."""
    bridge = [("bridge", line((end_m, 50), (260, 50)))]
    blocks = {"1": square(0, 0), "2": square(300, 0)}
    town = make_town(blocks, barriers=[square(150, -100, 100, 600)], structures=bridge)
    assert town.judge("A").ok == joined


def test_a_bridge_that_ends_between_blocks_joins_the_one_the_plan_says(make_town: MakeTown) -> None:
    """Of two blocks whose common corner a bridge reaches, either may be in one community with the other bank."""
    blocks = {"1": square(0, 0), "2": square(300, 0), "3": square(300, 100)}
    bridge = [("bridge", line((90, 50), (300, 100)))]
    town = make_town(blocks, barriers=[square(150, -100, 100, 600)], structures=bridge)
    for with_1 in ("2", "3"):
        assert town.judge({"1": "A", "2": "B", "3": "B"} | {with_1: "A"}).ok


def test_links_join_and_bans_separate(make_town: MakeTown) -> None:
    """Pairs written in the scenario overrule the map."""
    far = {"1": square(0, 0), "2": square(500, 0)}
    near = {"1": square(0, 0), "2": square(100, 0)}
    pair = (BlockPair(blocks=("2", "1"), reason="test"),)
    assert make_town(far, contiguity=Contiguity(links=pair)).judge("A").ok
    assert _cut_off(make_town(near, contiguity=Contiguity(bans=pair)).judge("A")) == {"A": ("2",)}


def test_empty_island_may_join_the_nearest_block(make_town: MakeTown) -> None:
    """A block without people and far from all others belongs to its nearest block's community only."""
    blocks = {**cells("xx"), "lake": square(400, 0)}
    lived_in = {"00": 100, "01": 100}
    town = make_town(blocks, households=lived_in, people=lived_in)
    assert town.judge({"00": "a", "01": "b", "lake": "b"}).ok
    assert _cut_off(town.judge({"00": "a", "01": "b", "lake": "a"})) == {"a": ("lake",)}
    assert _cut_off(make_town(blocks).judge({"00": "a", "01": "b", "lake": "b"})) == {"b": ("lake",)}


def test_the_empty_island_may_have_the_most_blocks(make_town: MakeTown) -> None:
    """An island without people may join the nearest block also where it is the larger part of the community."""
    town = make_town(
        {"1": square(0, 0), "2": square(300, 0), "3": square(400, 0)}, households={"1": 9}, people={"1": 9}
    )
    assert town.judge("A").ok


def test_empty_islands_join_the_mainland_one_by_one(make_town: MakeTown) -> None:
    """Of islands nobody lives on, each belongs to the nearest block that hangs together with people."""
    blocks = {**cells("xx"), "far": square(800, 0), "farther": square(950, 0)}
    lived_in = {"00": 100, "01": 100}
    town = make_town(blocks, households=lived_in, people=lived_in)
    assert town.judge({"00": "a", "01": "b", "far": "b", "farther": "b"}).ok


def test_empty_block_on_the_mainland_is_no_island(make_town: MakeTown) -> None:
    """An empty block with neighbours must join one of them, not a block it meets in a corner."""
    lived_in = {"00": 100, "01": 100, "10": 100}
    town = make_town(cells("xx xx"), households=lived_in, people=lived_in)
    verdict = town.judge({"00": "a", "01": "b", "10": "b", "11": "a"})
    assert _cut_off(verdict) == {"a": ("11",), "b": ("10",)}


def test_every_piece_is_counted_and_the_main_one_kept(make_town: MakeTown) -> None:
    """A community in three pieces names all blocks outside its largest piece."""
    town = make_town(cells("xxxxxx"))
    verdict = town.judge(marks("aabaca"))
    assert _cut_off(verdict) == {"a": ("03", "05")}
    (violation,) = verdict.violations
    assert (violation.found, violation.allowed) == ("3 pieces", "1 piece")
    assert "03, 05" in violation.message.en
    assert "03、05" in violation.message.zh


def _corner(x: float, y: float, away: tuple[int, int], cut_m: float) -> shapely.Polygon:
    """Draw a block of 100 m at a junction in (0, 0), ten metres off either centreline, its corner there cut off."""
    tip = shapely.Polygon([(0, 0), (cut_m * away[0], 0), (0, cut_m * away[1])])
    xs, ys = sorted((0, 100 * away[0])), sorted((0, 100 * away[1]))
    block = shapely.box(xs[0], ys[0], xs[1], ys[1])
    return shapely.affinity.translate(block - tip, 500_000 + x, 3_000_000 + y)


@pytest.mark.parametrize(("roads", "joined"), [(True, False), (False, True)])
def test_corners_across_a_junction_join_no_areas(make_town: MakeTown, roads: bool, joined: bool) -> None:
    """Where centrelines cross, cut corners that face each other leave two areas; without roads the nearer pair meets.

    The small block by itself may stay below the bounds only where it is an area of its own.
    """
    blocks = {
        "sw": _corner(-10, -10, (-1, -1), 20),
        "ne": _corner(10, 10, (1, 1), 20),
        "nw": _corner(-10, 10, (-1, 1), 30),
        "se": _corner(10, -10, (1, -1), 30),
    }
    streets = [("residential", line((-150, 0), (150, 0))), ("residential", line((0, -150), (0, 150)))]
    town = make_town(
        blocks,
        households={"sw": 100, "ne": 10, "nw": 100, "se": 100},
        district={"sw": "东区", "ne": "东区", "nw": "西区", "se": "西区"},
        roads=streets if roads else [],
        contiguity=Contiguity(max_gap_m=70),
        communities=Communities(target=Sizes(households=100), tolerance=Tolerance(households=0.5)),
    )
    verdict = town.judge({key: key for key in blocks})
    assert [v.community for v in verdict.violations] == (["ne"] if joined else [])


@pytest.mark.parametrize(("share_m", "joined"), [(5, True), (4, False)])
def test_only_the_whole_frontage_joins_areas(make_town: MakeTown, share_m: float, joined: bool) -> None:
    """Who shares all 5 m asked for is of one area; a block below the bounds is no fault where it is its own area."""
    town = make_town(
        {"1": square(0, 0), "2": square(100, 100 - share_m)},
        households={"1": 100, "2": 10},
        contiguity=Contiguity(min_frontage_m=5),
        communities=Communities(target=Sizes(households=100), tolerance=Tolerance(households=0.5)),
    )
    assert [v.community for v in town.judge({"1": "a", "2": "b"}).violations] == (["b"] if joined else [])


@pytest.mark.parametrize(("gap_m", "joined"), [(40.5, True), (40.5625, False)])
def test_the_widest_gap_may_be_half_a_metre_wider(make_town: MakeTown, gap_m: float, joined: bool) -> None:
    """Just that much; pieces of a sixteenth of 25 m leave nothing to rounding."""
    blocks = {"1": square(0, 0), "2": square(100 + gap_m, 0)}
    town = make_town(blocks, contiguity=Contiguity(max_gap_m=40, min_frontage_m=5 * 25 / 16))
    assert town.judge("A").ok == joined
