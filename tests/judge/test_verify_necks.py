"""The judge on necks narrower than asked: measured on the polygons in the files."""

from collections.abc import Callable, Mapping
from math import hypot
from pathlib import Path

import numpy as np
import pytest
import shapely

from redistrict.geo.outlines import draw_plan
from redistrict.jobs.inputs import read_inputs
from redistrict.judge import verify_files
from redistrict.judge.case import Assignment, Case
from redistrict.judge.faults import Drawn
from redistrict.judge.ground import read_ground
from redistrict.judge.necks import check_necks
from redistrict.judge.verification import Violation
from redistrict.model.problem import area_problem
from redistrict.scenario.models import BlockPair, Contiguity, NeckPrice, Objective
from redistrict.solver.costs import loose_parts
from tests.solver.maps import grown_assignment

from .delivery import FILES, write_result
from .towns import ANY_SIZE, Town, square

MakeTown = Callable[..., Town]
BLOCKS = {
    "s0": square(0, 0),
    "s1": square(100, 0),
    "t0": square(85, 100),
    "t1": square(185, 100),
}
"""Two rows of two, the upper shifted by 85 m: t0 shares 15 m with s0, and t1 with s1."""
NECKS = {"s0": "a", "t0": "a", "s1": "b", "t1": "b"}
ROWS = {"s0": "a", "s1": "a", "t0": "b", "t1": "b"}


def judge(town: Town, folder: Path, plan: Mapping[str, str], least_m: float) -> list[Violation]:
    communities = town.scenario.communities.model_copy(update={"min_neck_m": least_m})
    write_result(town, folder, plan, workers=1)
    found = verify_files(town.scenario.model_copy(update={"communities": communities}), folder).violations
    return [v for v in found if v.rule == "neck"]


def test_a_neck_is_named_with_its_width(make_town: MakeTown, tmp_path: Path) -> None:
    """Outlines reach 10 m beyond the blocks: the necks are 40.3 m wide, from corner to corner; rows are much wider."""
    town = make_town(BLOCKS, households=1)
    assert judge(town, tmp_path, ROWS, 60) == []
    assert judge(town, tmp_path, NECKS, 40) == []
    for least_m in (42, 60, 64):
        a, b = judge(town, tmp_path, NECKS, least_m)
        assert (a.community, b.community, a.allowed) == ("a", "b", f"at least {least_m} m")
        assert a.found == b.found == f"{hypot(15 + 20, 20):.1f} m"
        assert all(file in a.message.en and file in a.message.zh for file in FILES)


def test_necks_cost_at_least_what_those_do_that_there_surely_are(make_town: MakeTown, tmp_path: Path) -> None:
    """Two necks at 5 each are no less than 10; a report that charges nothing is right about the rows alone."""
    town = make_town(BLOCKS, households=1)
    priced = town.scenario.model_copy(update={"objective": Objective(neck=NeckPrice(width_m=60, each=5))})
    for plan, allowed in ((ROWS, []), (NECKS, ["10.00 or more"])):
        write_result(town, tmp_path, plan, workers=1)
        told = [v for v in verify_files(priced, tmp_path).violations if "cost_parts.neck" in v.message.en]
        assert [v.allowed for v in told] == allowed


def test_what_is_narrow_by_itself_is_no_fault_of_the_plan(make_town: MakeTown, tmp_path: Path) -> None:
    """No blame for a block with no wide neighbour, an empty one, a strip, or an area that is one community."""
    alone = {"far": square(270, 200)}  # shares 15 m with t1, and nothing with any other
    strip = {"strip": square(285, 120, 80, 20)}
    for more in (alone, strip):
        town = make_town(BLOCKS | more, households=1)
        assert judge(town, tmp_path, ROWS | dict.fromkeys(more, "b"), 60) == []
    settled = {"s0": 1, "s1": 1}
    assert judge(make_town(BLOCKS, households=settled, people=settled), tmp_path, NECKS, 60) == []
    assert judge(make_town(BLOCKS), tmp_path, dict.fromkeys(BLOCKS, "a"), 60) == []


@pytest.mark.parametrize(("between", "n_told"), [({}, 1), ({"stall": square(300, 305, 60, 10)}, 0)])
def test_a_street_in_which_a_third_block_stands_joins_nobody_for_sure(
    make_town: MakeTown, tmp_path: Path, between: dict[str, shapely.Polygon], n_told: int
) -> None:
    """Two blocks hang on the rest by 15 m, and widely together over their street, unless a stall stands in it."""
    pair = {"far": square(270, 200), "beyond": square(270, 320)}
    town = make_town(BLOCKS | pair | between, households=1)
    plan = ROWS | dict.fromkeys([*pair, *between], "b")
    assert [v.community for v in judge(town, tmp_path, plan, 60)] == ["b"] * n_told


def test_a_link_joins_whatever_its_width(make_town: MakeTown, tmp_path: Path) -> None:
    """Who links s0 and t0 wants them in one community."""
    contiguity = Contiguity(links=(BlockPair(blocks=("s0", "t0"), reason="arcade"),))
    named = judge(make_town(BLOCKS, contiguity=contiguity), tmp_path, NECKS, 60)
    assert [v.community for v in named] == ["b"]


@pytest.mark.parametrize("seed", [13, 29])
def test_the_judge_is_never_stricter_than_the_search(make_town: MakeTown, seed: int) -> None:
    """In towns of uneven blocks and streets every neck the judge finds in a plan's outlines is one to the search."""
    rng = np.random.default_rng(seed)
    shift = np.repeat(rng.uniform(0, 100, 4), 5)
    corner = np.column_stack([np.tile(np.arange(5), 4) * 100 + shift, np.repeat(np.arange(4), 5) * 100])
    inset = rng.uniform(0, 25, (20, 4))
    polygons = {
        f"{n:02}": square(x + left, y + low, 100 - left - right, 100 - low - high)
        for n, ((x, y), (left, low, right, high)) in enumerate(zip(corner.tolist(), inset.tolist(), strict=True))
    }
    settled = dict.fromkeys(polygons, 1) | dict.fromkeys(rng.choice([*polygons], 3), 0)
    rules = ANY_SIZE.model_copy(update={"min_neck_m": 45.0, "count": 4})
    scenario = make_town(
        polygons,
        households=settled,
        people=settled,
        district="东区",
        communities=rules,
        contiguity=Contiguity(max_gap_m=60),
    ).scenario
    inputs = read_inputs(scenario)
    area, ground = area_problem(inputs.problem(scenario), 0, 4), read_ground(scenario)
    names, n_found = tuple("0123"), 0
    for number in range(25):
        plan = grown_assignment(area, number)
        case = Case(scenario, ground, Assignment(names, plan.astype(np.intp)))
        drawn = Drawn("plan", 0.01, case, draw_plan(inputs.graph.cells, plan))
        found = [int(v.community or 0) for v in check_necks(case, [drawn], shapely.STRtree(ground.polygons))]
        assert loose_parts(area, plan)[found].all()
        n_found += len(found)
    assert n_found
