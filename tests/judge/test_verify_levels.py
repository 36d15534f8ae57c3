"""Hard levels, judged: a community that crosses a street is named, as is a street with too many communities."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from redistrict.scenario.levels import Level
from redistrict.scenario.models import BlockPair, Communities, Contiguity, Sizes, Tolerance

from .towns import ANY_SIZE, Town, cells, make_town, marks

#                streets, by column `community`
STREETS = "aabb aabb"


def street_town(
    folder: Path,
    *,
    streets: str = STREETS,
    rules: Communities = ANY_SIZE,
    households: Mapping[str, int] | None = None,
    contiguity: Contiguity | None = None,
    **asked: Any,
) -> Town:
    """Write a town whose streets are hard; households are 100 in each block but those named."""
    blocks = cells(streets)
    counts = dict.fromkeys(blocks, 100) | dict(households or {})
    people = {key: 3 * n for key, n in counts.items()}
    options = {"households": counts, "people": people, "communities": rules, "contiguity": contiguity}
    town = make_town(folder, blocks, today=marks(streets), **options)
    level = {"key": "street", "title": {"zh": "街道", "en": "street"}, "column": "community", "keep": "hard"}
    scenario = town.scenario.model_copy(update={"levels": (Level.model_validate(level | asked),)})
    return Town(town.blocks, scenario)


def told(town: Town, plan: str) -> list[tuple[str, str | None, tuple[str, ...]]]:
    return [(v.rule, v.community, v.blocks) for v in town.judge(marks(plan)).violations]


def test_a_community_inside_its_street_passes(tmp_path: Path) -> None:
    """One community a street, and two in one of them."""
    town = street_town(tmp_path)
    assert told(town, "xxyy xxyy") == []
    assert told(town, "xzyy xzyy") == []


def test_a_community_across_two_streets_is_named(tmp_path: Path) -> None:
    """The blocks of the smaller part are named, whatever size they have."""
    assert told(street_town(tmp_path), "xxxy xxyy") == [("levels", "x", ("02",))]


def test_numbers_of_streets_are_counted(tmp_path: Path) -> None:
    """A street with other than its number is named."""
    town = street_town(tmp_path, count_by={"a": 2})
    assert told(town, "xzyy xzyy") == []
    (violation,) = town.judge(marks("xxyy xxyy")).violations
    assert violation.message.en == "a has 1 communities; 2 are allowed."


SMALL = Communities(target=Sizes(households=400, people=1200), tolerance=Tolerance(households=0.5, people=0.5))


@pytest.mark.parametrize(
    ("pieces", "plan", "expected"),
    [
        ("own", "xxyyz xxyy.", []),
        ("join", "xxyyz xxyy.", [("levels", "z", ("04",))]),
        ("join", "xxyyy xxyy.", []),
        ("own", "xxyyy xxyy.", [("levels", "y", ("04",))]),
        ("refuse", "xxyyz xxyy.", [("households", "z", ("04",)), ("people", "z", ("04",))]),
    ],
)
def test_a_street_too_small_is_what_the_scenario_says(
    tmp_path: Path, pieces: str, plan: str, expected: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    """A street of one block is its own community, joins its neighbour, or is refused; a large one never joins."""
    town = street_town(tmp_path, streets="aabbc aabb.", rules=SMALL, pieces=pieces)
    assert told(town, plan) == expected
    assert ("levels", "x", ("02", "12")) in told(town, "xxxyz xxxy.")


def test_a_small_piece_lies_with_the_neighbour_it_shares_most_border_with(tmp_path: Path) -> None:
    """A block with street a on two sides and street b on one joins a; with b it is named."""
    town = street_town(tmp_path, streets="aab acb", rules=SMALL, pieces="join")
    assert told(town, "xxy xxy") == []
    (violation,) = town.judge(marks("xxy xyy")).violations
    assert (violation.rule, violation.community, violation.blocks) == ("levels", "y", ("11",))
    assert violation.message.en == (
        "street: 11, too small for a community, is joined to b; it shares most border with a."
    )


def test_a_piece_may_join_a_unit_of_one_block(tmp_path: Path) -> None:
    """A block large enough is a unit by itself: named by its street, whether it is right or wrong."""
    town = street_town(tmp_path, streets="aa. acb aa.", rules=SMALL, pieces="join", households={"12": 300})
    assert told(town, "xx. xxy xx.") == []
    (violation,) = town.judge(marks("xx. xyy xx.")).violations
    assert "11, too small for a community, is joined to b; it shares most border with a." in violation.message.en


def test_a_piece_takes_its_border_along_when_it_joins(tmp_path: Path) -> None:
    """Street d shares most border with a, which c in the north-west has joined before."""
    town = street_town(tmp_path, streets="caab .adb", rules=SMALL, pieces="join")
    assert told(town, "xxxy .xxy") == []
    (violation,) = town.judge(marks("xxxy .xyy")).violations
    assert "12, too small for a community, is joined to b; it shares most border with a." in violation.message.en


def test_small_pieces_are_no_unit_among_themselves(tmp_path: Path) -> None:
    """Two streets of a block each that share most border with a third lie with that, not alone together."""
    town = street_town(tmp_path, streets="aca ada aaa", rules=SMALL, pieces="join")
    assert told(town, "xxy xxy xyy") == []
    first, second = [v for v in town.judge(marks("xzy xzy xxy")).violations if v.rule == "levels"]
    assert "01, too small for a community, is joined to none; it shares most border with a." in first.message.en
    assert "11, too small for a community, is joined to c; it shares most border with a." in second.message.en


def test_a_link_counts_where_there_is_no_frontage(tmp_path: Path) -> None:
    """A street on an island lies with the one it is linked to, and beside no other."""
    links = (BlockPair(blocks=("00", "04"), reason="ferry"),)
    options = {"rules": SMALL, "pieces": "join", "contiguity": Contiguity(links=links)}
    town = street_town(tmp_path, streets="aab.c aab..", **options)
    assert told(town, "xxy.x xxy..") == []
    (violation,) = [v for v in town.judge(marks("xxy.y xxy..")).violations if v.rule == "levels"]
    assert "04, too small for a community, is joined to b; it shares most border with a." in violation.message.en


def test_where_borders_are_alike_either_neighbour_is_right(tmp_path: Path) -> None:
    """One side each: the judge does not tell which is longer."""
    town = street_town(tmp_path, streets="aacbb aa.bb", rules=SMALL, pieces="join")
    assert told(town, "xxxyy xx.yy") == []
    assert told(town, "xxyyy xx.yy") == []


def test_a_small_piece_may_be_divided_with_its_host(tmp_path: Path) -> None:
    """A street of two blocks has joined its neighbour, whose two communities share it out."""
    tight = Communities(target=Sizes(households=400, people=1200), tolerance=Tolerance(households=0.25, people=0.25))
    town = street_town(tmp_path, streets="aabbc aabbc", rules=tight, pieces="join")
    assert told(town, "xxyyy xxzzz") == []
