"""The judge's rules on today's communities: kept, merged whole, locked, and how many residents change theirs."""

from collections import Counter, defaultdict
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.judge.verification import Violation
from redistrict.scenario.models import Communities, Sizes, Tolerance
from redistrict.scenario.section import CountRange
from redistrict.scenario.sources import BlockColumns

from .towns import ANY_SIZE, Town, cells, marks, square

MakeTown = Callable[..., Town]
TODAY = marks("aabb ccdd")
KEEP = Communities(change="keep", count=1)
MERGE = ANY_SIZE.model_copy(update={"change": "merge_only"})


def _only(violations: tuple[Violation, ...]) -> Violation:
    (violation,) = violations
    assert violation.message.en.endswith(".")
    assert violation.message.zh.endswith("。")
    return violation


def _told(town: Town, picture: str) -> list[tuple]:
    return [(v.rule, v.community, v.blocks) for v in town.judge(marks(picture)).violations]


# --- keep --------------------------------------------------------------------------------------------


def test_kept_communities_need_no_size_count_or_connection(make_town: MakeTown) -> None:
    """Today's communities pass under new keys, however small, many and scattered."""
    town = make_town(cells("xxxx xxxx"), today=marks("aaba ccdd"), communities=KEEP)
    assert town.judge(marks("wwxw yyzz")).ok


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        ("aaabb ccd", [("change", "a", ("02",))]),
        ("aaaaa ccd", [("change", "a", ("00", "01"))]),
        ("aabbe ccd", [("change", "e", ("04",))]),
    ],
)
def test_kept_communities_may_not_change(make_town: MakeTown, picture: str, told: list) -> None:
    """A block that is moved, a merger and a new community are refused by their blocks."""
    town = make_town(cells("xxxxx xxx"), today=marks("aabbb ccd"), communities=KEEP)
    assert _told(town, picture) == told


def test_block_without_a_community_cannot_be_kept(make_town: MakeTown) -> None:
    """A block that belongs to no community today is no community of today."""
    town = make_town(cells("xx"), today={"00": "a", "01": ""}, communities=KEEP)
    assert _told(town, "ab") == [("change", "b", ("01",))]
    assert _told(town, "aa") == [("change", "a", ("01",))]
    assert not make_town(cells("x"), communities=KEEP).judge("a").ok


def test_redrawing_asks_nothing_of_todays_communities(make_town: MakeTown) -> None:
    """Where blocks are redrawn freely, today's communities and locks do not matter."""
    assert make_town(cells("xxxx xxxx"), today=TODAY, locked="id,locked\na,1\n").judge(marks("aaab aaab")).ok


# --- merge_only --------------------------------------------------------------------------------------


def test_whole_neighbours_may_be_merged(make_town: MakeTown) -> None:
    """Today's communities stay alone or are merged whole with neighbours."""
    town = make_town(cells("xxxx xxxx"), today=TODAY, communities=MERGE)
    assert town.judge(marks("aabb ccdd")).ok
    assert town.judge(marks("xxxx ccdd")).ok
    assert town.judge(marks("xxxx xxxx")).ok


def test_merged_communities_may_not_be_split(make_town: MakeTown) -> None:
    """Blocks that leave their community are named in the one that took them."""
    town = make_town(cells("xxxxx xxxxx"), today=marks("aabbb ccddd"), communities=MERGE)
    assert _told(town, "aaabb ccddd") == [("change", "a", ("02",))]
    assert _told(town, "eaaaa ccddd") == [("change", "e", ("00",))]
    assert _told(town, "aabbe ccdde") == [("change", "e", ("04", "14"))]


def test_parts_must_touch(make_town: MakeTown) -> None:
    """Communities that meet in a corner, or not at all, cannot be merged."""
    town = make_town(cells("xxxx xxxx"), today=TODAY, communities=MERGE)
    violation = _only(town.judge(marks("xxbb ccxx")).violations)
    assert (violation.rule, violation.community, violation.blocks) == ("contiguity", "x", ("12", "13"))
    assert violation.allowed == "parts that touch"


def test_merger_may_be_in_as_many_pieces_as_a_part_of_it(make_town: MakeTown) -> None:
    """A scattered community may stay so and be merged, but with no more pieces than a part has today."""
    town = make_town(cells("ab.a.b"), today=marks("ab.a.b"), communities=MERGE)
    assert town.judge(marks("ab.a.b")).ok
    violation = _only(town.judge(marks("xx.x.x")).violations)
    assert (violation.rule, violation.blocks) == ("contiguity", ("03", "05"))
    assert (violation.found, violation.allowed) == ("3 pieces", "at most 2 pieces")
    assert make_town(cells("ab.ac"), today=marks("ab.ac"), communities=MERGE).judge(marks("xx.xx")).ok


def test_pieces_of_a_merger_are_held_against_its_own_parts(make_town: MakeTown) -> None:
    """What others have today counts for nothing: neither more pieces, nor that they lie between the pieces of one."""
    town = make_town(cells("ab.a.b.cd"), today=marks("ab.a.b.cd"), communities=MERGE)
    violation = _only(town.judge(marks("xx.x.x.yy")).violations)
    assert (violation.community, violation.allowed) == ("x", "at most 2 pieces")
    between = make_town(cells("abcb"), today=marks("abcb"), communities=MERGE)
    assert between.judge(marks("xxcx")).ok


def test_only_mergers_keep_to_the_upper_bound(make_town: MakeTown) -> None:
    """A community that stays may be of any size; a merged one may be small, but not too large."""
    sizes = {"target": Sizes(households=300, people=9000), "tolerance": Tolerance(), "around": "means"}
    rules = MERGE.model_copy(update=sizes)
    households = {"00": 900, "10": 20, "11": 20, "12": 200, "13": 90}
    town = make_town(cells("xxxx xxxx"), today=TODAY, households=households, communities=rules)
    assert town.judge(marks("aabb ccdd")).ok
    assert town.judge(marks("aabb xxxx")).ok
    violation = _only(town.judge(marks("xxxx ccdd")).violations)
    assert (violation.rule, violation.community, violation.found) == ("households", "x", "900 households")
    assert violation.allowed == "at most 330 households"


@pytest.mark.parametrize("lock", ["是", "1", "yes", "村改居", "已 锁定"])
def test_locked_communities_stay_as_they_are(make_town: MakeTown, lock: str) -> None:
    """A locked community takes nobody in and joins nobody; others are free. The table may be in GB18030."""
    town = make_town(cells("xxxx xxxx"), today=TODAY, communities=MERGE, locked=f"id,locked\na,{lock}\nb,否\nc,NO\n")
    assert town.judge(marks("aaxx ccxx")).ok
    assert _told(town, "xxxx ccdd") == [("locked", "x", ("02", "03"))]


def test_two_locked_communities_are_told_once(make_town: MakeTown) -> None:
    """A community made of two locked ones is one violation that names both."""
    town = make_town(cells("xxxx xxxx"), today=TODAY, communities=MERGE, locked="id,locked\na,1\nb,1\n")
    violation = _only(town.judge(marks("xxxx ccdd")).violations)
    assert "a, b" in violation.message.en


def test_every_community_counts_when_merging(make_town: MakeTown) -> None:
    """The number asked for is that of all communities, in all and by district."""
    district = marks("东东东东 西西西西")
    rules = MERGE.model_copy(update={"count": CountRange(min=2, max=3), "count_by_district": {"西": 2}})
    town = make_town(cells("xxxx xxxx"), today=TODAY, district=district, communities=rules)
    assert town.judge(marks("xxxx ccdd")).ok
    assert [v.allowed for v in town.judge(marks("aabb ccdd")).violations] == ["2 to 3"]
    assert [v.allowed for v in town.judge(marks("aabb xxxx")).violations] == ["2"]
    assert "district" in {v.rule for v in town.judge(marks("xxbb xxdd")).violations}


# --- max_moved_share ---------------------------------------------------------------------------------


def _at_most(share: float, **changes: object) -> Communities:
    return ANY_SIZE.model_copy(update={"max_moved_share": share, **changes})


def test_share_of_residents_who_move_is_limited(make_town: MakeTown) -> None:
    """A quarter of the residents may move where a quarter is allowed, and not where less is."""
    assert make_town(cells("xxxx"), today=marks("aabb"), communities=_at_most(0.25)).judge(marks("xxxy")).ok
    strict = make_town(cells("xxxx"), today=marks("aabb"), communities=_at_most(0.24))
    violation = _only(strict.judge(marks("xxxy")).violations)
    assert (violation.rule, violation.community, violation.blocks) == ("max_moved_share", None, ("02",))
    assert (violation.found, violation.allowed) == ("25.00%", "at most 24.00%")
    assert strict.judge(marks("xxyy")).ok


def test_a_name_is_taken_over_once(make_town: MakeTown) -> None:
    """Of two communities whose residents come from one, the larger has its name; the residents of the other move."""
    town = make_town(cells("xxxxx"), today="a", communities=_at_most(0))
    violation = _only(town.judge(marks("xxxyy")).violations)
    assert (violation.found, violation.blocks) == ("40.00%", ("03", "04"))


def test_whoever_moves_is_named_and_blocks_without_residents_are_not(make_town: MakeTown) -> None:
    """Of three blocks that leave a community one has a single resident, and one nobody."""
    people = {"00": 300, "01": 1, "02": 0, "03": 20, "04": 300}
    town = make_town(cells("xxxxx"), today=marks("aaaab"), people=people, communities=_at_most(0))
    violation = _only(town.judge(marks("abbbb")).violations)
    assert violation.blocks == ("01", "03")


def test_a_name_stays_where_most_of_its_residents_live(make_town: MakeTown) -> None:
    """A part of a community cut off from most of its residents cannot take over its name."""
    blocks, today = {**cells("xx"), "far": square(0, 900)}, {"00": "a", "01": "b", "far": "a"}
    plan = {"00": "m", "01": "m", "far": "f"}

    def found(people_far: int) -> str:
        people = {"00": 200, "01": 300, "far": people_far}
        town = make_town(blocks, today=today, people=people, communities=_at_most(0))
        return _only(town.judge(plan).violations).found

    assert found(100) == "50.00%"
    assert found(300) == "25.00%"


def test_residents_without_a_community_do_not_count(make_town: MakeTown) -> None:
    """Only residents who have a community today can change it."""
    town = make_town(cells("xxx"), today={"00": "a", "01": "b", "02": ""}, communities=_at_most(0.4))
    assert town.judge(marks("abb")).ok
    assert _only(town.judge(marks("aab")).violations).found == "50.00%"
    assert make_town(cells("xx"), communities=_at_most(0)).judge("a").ok


def test_households_are_counted_where_there_are_no_people(make_town: MakeTown) -> None:
    """Without a column of people the share is one of households."""
    columns = BlockColumns(id="key", households="households", community="community", district="district")
    households = {"00": 10, "01": 30}
    town = make_town(cells("xx"), today=marks("ab"), households=households, columns=columns, communities=_at_most(0.1))
    assert _only(town.judge("a").violations).found == "25.00%"


@st.composite
def _rows(draw: st.DrawFn) -> tuple[list[str], list[str], list[int]]:
    """Draw a row of blocks: today's community, new community and people of each."""
    n = draw(st.integers(2, 9))
    today, new = (draw(st.lists(st.sampled_from(keys), min_size=n, max_size=n)) for keys in (("", *"abc"), "xyz"))
    return today, new, draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))


def _moved(today: list[str], new: list[str], people: list[int]) -> int:
    """Count who moves, by the words of the rule."""
    residents, blocks = Counter(), Counter()
    for pair, n in zip(zip(today, new, strict=True), people, strict=True):
        if pair[0]:
            residents[pair] += n
            blocks[pair] += 1
    claims = defaultdict(list)
    for to in sorted(set(new)):
        choices = [pair for pair in blocks if pair[1] == to]
        if choices:
            old, _ = min(choices, key=lambda pair: (-residents[pair], -blocks[pair], pair[0]))
            claims[old].append(to)
    heirs = {
        old: min(rivals, key=lambda to: (-residents[old, to], -blocks[old, to], new.index(to)))
        for old, rivals in claims.items()
    }
    return sum(residents.values()) - sum(residents[pair] for pair in heirs.items())


@settings(max_examples=40)
@given(row=_rows())
def test_movers_are_those_the_rule_names(make_town: MakeTown, row: tuple[list[str], list[str], list[int]]) -> None:
    """On random rows of blocks the share found is the one the words of the rule give."""
    today, new, people = row
    keys = [f"0{at}" for at in range(len(new))]
    town = make_town(
        cells("x" * len(new)),
        today=dict(zip(keys, today, strict=True)),
        people=dict(zip(keys, people, strict=True)),
        communities=_at_most(0),
    )
    verdict = town.judge(dict(zip(keys, new, strict=True)))
    found = [v.found for v in verdict.violations if v.rule == "max_moved_share"]
    moved, total = _moved(*row), sum(n for old, n in zip(today, people, strict=True) if old)
    assert found == ([f"{moved / total:.2%}"] if moved else [])
