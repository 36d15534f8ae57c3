"""What is counted of grids: codes, sums, what each continues, and why some miss the size of 200 to 300 households."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from redistrict.errors import ScenarioError
from redistrict.geo.grids_today import GridsToday
from redistrict.scenario.grids import Grids
from redistrict.standards.grids import GridPlan, count_grids
from tests.geo.drawing import box, make_blocks

RULES = Grids(households=250, tolerance=0.2, workers=2, code="{community}-{number:02}")

COMMUNITY = [1, 1, 0, 0, 0, 1, 1, 1, 1]
GRID = [7, 7, 3, 9, 9, 5, 5, 2, 2]
HOUSEHOLDS = [120, 130, 250, 100, 110, 249, 1, 125, 125]
TODAY = GridsToday(("s", "t", "u"), ("东格", "南格", "u"), np.array([0, -1, -1, 2, 1, -1, 2, 2, 1], dtype=np.int32))


def count(
    community: Sequence[int],
    grid: Sequence[int],
    households: Sequence[int],
    *,
    today: GridsToday | None = None,
    rules: Grids = RULES,
    ids: tuple[str, ...] = ("x", "y"),
    names: Sequence[str] = (),
    people: Sequence[int] = (),
) -> GridPlan:
    """Count the grids of blocks 100, 101, ... in communities x and y, which are called 甲社区 and 乙社区."""
    keys = [str(100 + i) for i in range(len(grid))]
    blocks = make_blocks(
        {key: box(100 * i, 0) for i, key in enumerate(keys)},
        households=dict(zip(keys, households, strict=True)),
        people=dict(zip(keys, people, strict=True)) if people else None,
    )
    if names:
        blocks.frame["name"] = names
    office: Any = SimpleNamespace(ids=ids, names=("甲社区", "乙社区"))
    numbers = (np.array(of, dtype=np.int32) for of in (community, grid))
    return count_grids(rules, blocks, office, *numbers, today)


def test_grids_are_numbered_in_their_community_by_their_first_block() -> None:
    """Whatever numbers they come with; households, people and blocks add up."""
    plan = count(COMMUNITY, GRID, HOUSEHOLDS, people=[2 * n for n in HOUSEHOLDS])
    assert [(grid.code, grid.community, grid.n_blocks, grid.households, grid.people) for grid in plan.grids] == [
        ("x-01", 0, 1, 250, 500),
        ("x-02", 0, 2, 210, 420),
        ("y-01", 1, 2, 250, 500),
        ("y-02", 1, 2, 250, 500),
        ("y-03", 1, 2, 250, 500),
    ]
    assert plan.of_block.tolist() == [2, 2, 0, 1, 1, 3, 3, 4, 4]
    (said,) = plan.notes()
    assert said.en == "5 grids of 210 to 250 households; 10 posts of grid workers."


def test_without_people_there_are_none() -> None:
    """A count that the data do not have is none, and not 0."""
    assert {grid.people for grid in count(COMMUNITY, GRID, HOUSEHOLDS).grids} == {None}


def test_a_grid_continues_todays_with_most_of_its_households() -> None:
    """Blocks outside today's count for none; one household is enough; of two alike the first by key counts."""
    grids = count(COMMUNITY, GRID, HOUSEHOLDS, today=TODAY).grids
    assert [grid.continues for grid in grids] == ["", "t", "s", "u", "t"]
    assert [grid.continues_name for grid in grids] == ["", "南格", "东格", "u", "南格"]


@pytest.mark.parametrize("today", [None, GridsToday((), (), np.full(9, -1, dtype=np.int32))])
def test_without_grids_today_none_is_continued(today: GridsToday | None) -> None:
    """Neither without a layer nor with an empty one."""
    grids = count(COMMUNITY, GRID, HOUSEHOLDS, today=today).grids
    assert {(grid.continues, grid.continues_name) for grid in grids} == {("", "")}


def test_a_grid_without_households_continues_none() -> None:
    """Blocks of today's grid in which nobody lives hand nothing on."""
    (grid,) = count([0], [0], [0], today=GridsToday(("s",), ("东格",), np.zeros(1, dtype=np.int32))).grids
    assert grid.continues == ""


@pytest.mark.parametrize(
    ("grids", "reasons"),
    [
        ([[200], [100, 200]], [None, None]),
        ([[199], [301]], ["199: no division", "301: block 101 alone has 301"]),
        ([[20, 400, 30]], ["450: block 101 alone has 400"]),
        ([[300, 50]], ["350: the 350 of 甲社区 cannot"]),
        ([[100], [300]], ["100: no division", None]),  # 400 could be twice 200
        ([[150], [150]], ["150: no division", "150: no division"]),  # 300 could be one grid
        ([[290], [290], [110, 210]], [None, None, "320: no division"]),  # 900 could be three or four
        ([[199]], ["199: the 199 of 甲社区 cannot"]),
    ],
)
def test_why_a_grid_misses_its_size(grids: list[list[int]], reasons: list[str | None]) -> None:
    """A block alone is too large, the sum of the community allows no number of grids, or no division was found.

    The community beside it has one grid of 260 and counts for nothing here.
    """
    grid = [g for g, sizes in enumerate(grids) for _ in sizes]
    plan = count([*[0] * len(grid), 1], [*grid, 99], [*(n for sizes in grids for n in sizes), 260])
    *found, beside = (found.exception for found in plan.grids)
    assert beside is None
    for exception, reason in zip(found, reasons, strict=True):
        if reason is None:
            assert exception is None
        else:
            size, why = reason.split(": ")
            assert exception is not None
            assert exception.en.startswith(f"{size} households, not 200 to 300: {why}")
    n = sum(reason is not None for reason in reasons)
    assert [note.en.partition(" ")[0] for note in plan.notes()] == [str(len(grids) + 1), *[str(n)] * (n > 0)]


def test_estates_in_several_grids_of_a_community_are_named() -> None:
    """One that two communities share is no matter of grids; blocks without a name are no estate."""
    names = ["锦园", "锦园", "和园", "和园", "和园", "", "桂园", "桂园", ""]
    plan = count([0, 0, 0, 0, 1, 0, 0, 1, 1], [0, 1, 0, 0, 5, 1, 1, 5, 6], [100] * 9, names=names)
    assert plan.divided == ("锦园",)
    assert plan.notes()[-1].en == "1 estates of one name lie in several grids: 锦园."


def test_two_grids_with_one_code_are_refused() -> None:
    """Grid 11 of community 1 and grid 1 of community 11 would both be 111."""
    rules = RULES.model_copy(update={"code": "{community}{number}"})
    with pytest.raises(ScenarioError, match="several grids get the code 111;"):
        count([0] * 11 + [1], range(12), [250] * 12, rules=rules, ids=("1", "11"))
