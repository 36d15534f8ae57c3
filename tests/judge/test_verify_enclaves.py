"""The judge on enclaves where they are refused: a community inside another of its own area, and no other."""

from collections.abc import Callable
from pathlib import Path

from redistrict.judge import verify_files
from redistrict.judge.verification import Violation

from .delivery import FILES, write_result
from .towns import Town, cells, marks

MakeTown = Callable[..., Town]
RING = """
    aaabb
    aeabb
    aaabb
"""
OPEN = """
    aaabb
    aeabb
    aeabb
"""


def judge(town: Town, folder: Path, picture: str, enclaves: str) -> list[Violation]:
    communities = town.scenario.communities.model_copy(update={"enclaves": enclaves})
    write_result(town, folder, marks(picture), workers=1)
    return list(verify_files(town.scenario.model_copy(update={"communities": communities}), folder).violations)


def test_a_community_inside_another_is_named_where_that_is_refused(make_town: MakeTown, tmp_path: Path) -> None:
    """The inner one is named with the outer and all files; one beside open country is no enclave."""
    town = make_town(cells(RING, street_m=20), households=1, people=3, district="东区")
    assert judge(town, tmp_path, RING, "note") == []
    assert judge(town, tmp_path, OPEN, "refuse") == []
    (named,) = judge(town, tmp_path, RING, "refuse")
    assert (named.rule, named.community, named.found, named.blocks) == ("enclave", "e", "inside a", ("11",))
    assert all(file in named.message.en and file in named.message.zh for file in FILES)


def test_a_district_inside_another_is_no_fault_of_the_plan(make_town: MakeTown, tmp_path: Path) -> None:
    """Where the block in the middle is another district nothing can be drawn otherwise."""
    district = dict.fromkeys(cells(RING), "东区") | {"11": "西区"}
    town = make_town(cells(RING, street_m=20), households=1, people=3, district=district)
    assert judge(town, tmp_path, RING, "refuse") == []
