"""What becomes of today's communities, on a row of blocks."""

from collections.abc import Callable

from redistrict.judge.case import Case, assign
from redistrict.judge.ground import read_ground
from redistrict.judge.lineage import check_lineage_totals

from .towns import Town, cells, marks

MakeTown = Callable[..., Town]
TODAY = "uuaaabbbmnddssss"
AFTER = "uuaabbbbbbabsstt"


def test_every_fate_is_told(make_town: MakeTown) -> None:
    """One stays, a gives a block to b, which takes in m and n; a and b share out d; of s two blocks are a new t."""
    town = make_town(cells(TODAY), today=marks(TODAY), people=300)
    ground = read_ground(town.scenario)
    case = Case(town.scenario, ground, assign(ground, town.plan(marks(AFTER))))
    right = {
        "residents": 4800,
        "moved": 2100,
        "moved_share": 0.4375,
        "today": {"unchanged": 1, "adjusted": 2, "merged": 2, "abolished": 1, "split": 1},
        "new": {"unchanged": 1, "adjusted": 3, "new": 1},
    }
    assert [*check_lineage_totals(case, right)] == []
    said = [violation.message.en.partition(" is ")[0] for violation in check_lineage_totals(case, {})]
    assert said == [f"report.json: standards.lineage.{name}" for name in right]
