"""The unit of a level that a community counts for: where most of its residents live."""

from collections.abc import Callable

import numpy as np

from redistrict.judge.case import Case, assign
from redistrict.judge.ground import read_ground
from redistrict.judge.units import find_homes

from .towns import Town, cells, marks

MakeTown = Callable[..., Town]


def test_a_community_is_at_home_where_most_of_its_residents_live(make_town: MakeTown) -> None:
    """Not where most of its blocks are; whoever lives in another unit changes it."""
    town = make_town(cells("xxxxx"), people={"00": 300, "01": 100, "02": 100, "03": 50, "04": 20})
    ground = read_ground(town.scenario)
    case = Case(town.scenario, ground, assign(ground, town.plan(marks("aaabb"))))
    streets = np.array(["甲街", "乙街", "乙街", "乙街", "乙街"], dtype=object)
    assert find_homes(case, streets) == (["甲街", "乙街"], [200, 0])
