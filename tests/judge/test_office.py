"""What every community must have, has and lacks in rooms, and where its workers come from, by hand."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import shapely

from redistrict.judge.case import Case, assign
from redistrict.judge.ground import read_ground
from redistrict.judge.office import check_office, check_premises, check_transition
from redistrict.scenario.office import Premises, Standards
from redistrict.scenario.sources import CurrentColumns, CurrentSource

from .towns import Town, cells, marks, square

MakeTown = Callable[..., Town]
SITES = [square(40, 40, 2, 2), square(60, 40, 2, 2), shapely.Point(500_150, 3_000_050)]
"""Two in the first block, of 300 m² each, and one in the second."""
RIGHT = {"a": ("99.93", "600", "0"), "b": ("300.1", "300", "0.1")}


@pytest.mark.parametrize(
    ("community", "column", "value", "right"),
    [
        ("a", 0, "99.94", None),
        ("a", 0, "99.92", "99.93"),
        ("a", 0, "", "99.93"),
        ("a", 1, "300", "600.0"),
        ("a", 2, "-500", "0.0"),
        ("a", 2, "0.011", None),
        ("b", 2, "0.12", "0.1"),
        ("b", 2, "0.11", None),
    ],
)
def test_rooms_are_counted_anew_to_the_hundredth(
    make_town: MakeTown, community: str, column: int, value: str, right: str | None
) -> None:
    """333 and 1000 households need 99.933 and 300.1 m²; what is told is rounded, and so is what it should be."""
    premises = Premises(m2_per_100_households=30.01, minimum_m2=20)
    households = {"00": 333, "01": 1000}
    standards = Standards(premises=premises)
    town = make_town(cells("xx"), households=households, sites=SITES, standards=standards)
    ground = read_ground(town.scenario)
    case = Case(town.scenario, ground, assign(ground, town.plan(marks("ab"))))
    names = ["required_m2", "existing_m2", "shortfall_m2"]
    changed = {
        key: [value if (key, n) == (community, column) else old for n, old in enumerate(RIGHT[key])] for key in RIGHT
    }
    rows = pd.DataFrame.from_dict(changed, orient="index", columns=names).rename_axis("community_id").reset_index()
    found = [v.message.en for v in check_premises(case, rows, pd.Series({"a": 333, "b": 1000}))]
    said = f"{names[column]} of community {community} is {value or '-'}; the plan and the data give {right}."
    assert found == ([] if right is None else [f"premises.csv: {said}"])


STAYS, LEAVES, SPARE, VACANT = "with residents", "moved elsewhere", "without a post", "vacant post"
MOVES = [("u", "a", 2, STAYS), ("v", "a", 1, STAYS), ("v", "b", 2, STAYS), ("", "b", 1, VACANT)]
"""Of v's blocks a takes over one where people live but no household does, and b the other; b has a post too many."""


@pytest.mark.parametrize(
    ("moves", "wrong"),
    [
        (MOVES, []),
        (
            [*MOVES, ("x", "", 1, SPARE)],
            ["workers from of community x is 1; {} 0.", "vacant posts is 1; {} 0, as 1 have none."],
        ),
        ([*MOVES, ("", "c", 1, VACANT)], ["posts of community c is 1; {} 0."]),
        (
            [("u", "a", 1, STAYS), *MOVES[1:]],
            ["workers from of community u is 1; {} 2.", "posts of community a is 2; {} 3."],
        ),
        ([("u", "b", 0, STAYS), *MOVES], [f"kind_en from u of community b is {STAYS}; {{}} {LEAVES}."]),
        ([MOVES[0], ("v", "a", 1, LEAVES), *MOVES[2:]], [f"kind_en from v of community a is {LEAVES}; {{}} {STAYS}."]),
    ],
)
def test_every_worker_has_one_place_and_every_post_one_worker(
    make_town: MakeTown, tmp_path: Path, moves: list[tuple[str, str, int, str]], wrong: list[str]
) -> None:
    """Of two and three workers all go where residents of theirs go; three posts each are there to be filled."""
    (tmp_path / "staff.csv").write_text("id,staff\nu,2\nv,3\n", encoding="utf-8")
    source = CurrentSource(path=tmp_path / "staff.csv", columns=CurrentColumns(id="id", staff="staff"))
    town = make_town(cells("xxx"), today=marks("uvv"), households={"00": 1, "02": 1}, people=3)
    data = town.scenario.data.model_copy(update={"current": source})
    scenario = town.scenario.model_copy(update={"data": data})
    ground = read_ground(scenario)
    case = Case(scenario, ground, assign(ground, town.plan(marks("aab"))))
    rows = pd.DataFrame(moves, columns=["from_id", "to_id", "workers", "kind_en"]).astype(str)
    found = [v.message.en for v in check_transition(case, rows, pd.Series({"a": 3, "b": 3}))]
    assert found == [f"transition.csv: {one.format('the plan and the data give')}" for one in wrong]


@pytest.mark.parametrize(("column", "value"), [("community_name", "乙"), ("community_name", ""), ("district", "西区")])
def test_every_table_calls_a_community_as_the_plan_does(make_town: MakeTown, column: str, value: str) -> None:
    """And puts it into its district; a table that does not say is not asked."""
    town = make_town(cells("x"), district="东区")
    ground = read_ground(town.scenario)
    case = Case(town.scenario, ground, assign(ground, town.plan("a")))
    right = {"community_name": "甲", "district": "东区"}
    communities = pd.DataFrame(right | {"workers": 1}, index=["a"])
    for said, wrong in ((right, None), ({}, None), (right | {column: value}, value or "-")):
        tables = {"bounds.csv": pd.DataFrame({"community_id": ["a"]} | {name: [one] for name, one in said.items()})}
        found = [v.message.en for v in check_office(case, tables, communities, {}, is_healed=False)]
        told = f"bounds.csv: {column} of community a is {wrong}; the plan and the data give {right[column]}."
        assert found == ([] if wrong is None else [told])
