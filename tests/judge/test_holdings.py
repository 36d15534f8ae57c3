"""How much of a block its polygon may miss, and another's may cover."""

from collections.abc import Callable

import numpy as np
import pytest
import shapely

from redistrict.judge.case import Case, assign
from redistrict.judge.faults import Drawn
from redistrict.judge.ground import read_ground
from redistrict.judge.holdings import check_holdings

from .towns import Town, marks, square

MakeTown = Callable[..., Town]


@pytest.mark.parametrize(
    ("overlap_m", "crumb_m2", "is_told"), [(2, 100.9, False), (2, 101.1, True), (0, 0.9, False), (0, 1.1, True)]
)
def test_crumbs_that_an_overlap_cuts_off_may_go_to_the_neighbour(
    make_town: MakeTown, overlap_m: float, crumb_m2: float, is_told: bool
) -> None:
    """A square metre and, where the data let both blocks claim ground, a hundredth of the block."""
    blocks = {"00": square(0, 0), "01": square(100 - overlap_m, 0)}
    town = make_town(blocks)
    ground = read_ground(town.scenario)
    case = Case(town.scenario, ground, assign(ground, town.plan(marks("ab"))))
    a = blocks["00"] | square(100, 0, crumb_m2 / 100)
    drawn = Drawn("communities.gpkg", 0.001, case, np.array([a, blocks["01"] - a], dtype=object))
    found = [fault for fault in check_holdings(drawn, shapely.STRtree(ground.polygons)) if fault.kind == "covers"]
    assert [(fault.community, fault.blocks.tolist()) for fault in found] == ([(0, [1])] if is_told else [])


@pytest.mark.parametrize(("lost_m2", "is_told"), [(20.9, False), (21.1, True)])
def test_of_a_community_a_thousandth_may_be_missed(make_town: MakeTown, lost_m2: float, is_told: bool) -> None:
    """And a square metre, of 20,000."""
    blocks = {"00": square(0, 0, 200, 100), "01": square(200, 0)}
    town = make_town(blocks)
    ground = read_ground(town.scenario)
    case = Case(town.scenario, ground, assign(ground, town.plan(marks("ab"))))
    a = blocks["00"] - square(0, 0, lost_m2 / 100, 100)
    drawn = Drawn("communities.gpkg", 0.001, case, np.array([a, blocks["01"]], dtype=object))
    found = [*check_holdings(drawn, shapely.STRtree(ground.polygons))]
    assert [(fault.community, fault.kind) for fault in found] == ([(0, "misses")] if is_told else [])
