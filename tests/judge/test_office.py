"""What every community must have, has and lacks in rooms, by hand."""

from collections.abc import Callable

import pandas as pd
import pytest
import shapely

from redistrict.judge.case import Case, assign
from redistrict.judge.ground import read_ground
from redistrict.judge.office import check_premises
from redistrict.scenario.office import Premises, Standards

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
