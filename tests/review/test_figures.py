"""Figures of plans that may be broken: against what the map says of every move of a block, by rule and to the unit."""

from pathlib import Path

import numpy as np
import pytest

from redistrict.jobs.finished import Finished
from redistrict.jobs.inputs import read_inputs
from redistrict.jobs.pinned import Basis
from redistrict.messages import Message
from redistrict.model.before import PlanBefore
from redistrict.model.plan import Plan
from redistrict.model.prices import COST_PER_METRE
from redistrict.model.problem import edge_costs
from redistrict.review.desk import Desk
from redistrict.review.figures import compare_faults, count_figures
from redistrict.review.shown import Shown
from redistrict.scenario import load_scenario
from redistrict.standards.why_here import explain_blocks
from tests.jobs.whole_town import draw_whole_town

IDS = ("东一", "东二", "西一", "西二")
PLAN = np.array([0, 0, 0, 2, 2, 2, 1, 1, 0, 2, 3, 3, 1, 1, 0, 2, 3, 3, 1, 1, 1, 3, 3, 3], dtype=np.int32)
"""Rows of six blocks: in each district one community bends around the other."""
STACKED = np.repeat(np.array([0, 2, 0, 2, 1, 3, 1, 3], dtype=np.int32), 3)
"""One above the other, a trunk road between them."""
WIDE = ("communities.around=means", "communities.tolerance={households: 0.5, people: 0.5}")
NO_PLACE = {"district", "area", "last"}
"""Rules of moves that no pin can ask for, or after which there is one community less."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_whole_town(tmp_path_factory.mktemp("figures"))


def make_desk(town: Path, *overrides: str) -> Desk:
    """Put the plan on a desk as if it were a result under these limits."""
    scenario = load_scenario(town, overrides=["communities.count=4", "standards.rules=[]", *WIDE, *overrides])
    inputs = read_inputs(scenario)
    problem = inputs.problem(scenario)
    area_of = np.zeros(problem.n_blocks, dtype=np.int64)
    for number, area in enumerate(problem.areas):
        area_of[list(area.blocks)] = number
    before = PlanBefore(IDS, IDS, PLAN)
    basis = Basis(problem, inputs.blocks, inputs.records.current, before, area_of, frozenset())
    finished = Finished(scenario, inputs, problem, basis, (), {}, b"", 0.0)
    road_m = edge_costs(inputs.graph, scenario.objective)[0] / COST_PER_METRE
    return Desk(
        town, "", finished, Message("t", "t"), {"new": {"id": [], "colour": []}}, road_m, inputs.graph.cells.shapes
    )


@pytest.mark.parametrize(
    ("overrides", "rules"),
    [
        ((), {"pieces"}),
        (("communities.tolerance={households: 0.2, people: 0.2}",), {"lower", "upper"}),
        (
            (
                "objective.crossing.trunk=never",
                "contiguity.links=[{blocks: ['00', '20'], reason: r}, {blocks: ['03', '23'], reason: r}]",
            ),
            {"never"},
        ),
        (("communities.max_extent_m=400",), {"far"}),
        (("communities.min_compactness=0.35",), {"thin"}),
        (("communities.min_neck_m=30",), {"pieces"}),
        (("communities.enclaves=refuse",), {"pieces"}),
        (("communities.max_moved_share=0.53",), {"moved"}),
        (("pins=[{reason: r, together: ['00', '01']}, {reason: r, apart: ['10', '20']}]",), {"pin"}),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, tuple) else "",
)
def test_a_move_has_new_faults_where_a_rule_forbids_it(town: Path, overrides: tuple[str, ...], rules: set[str]) -> None:
    """Every block at a border, given to every community beyond: the same moves are forbidden, and cost the same."""
    desk = make_desk(town, *overrides)
    plan = STACKED if "never" in rules else PLAN
    was = Shown(IDS, IDS, plan)
    before = count_figures(desk, was)
    seen: set[str] = set()
    for move in explain_blocks(desk.problem, desk.finished.inputs.graph, Plan(plan)):
        broken = {one.rule for one in move.forbidden}
        seen |= broken
        if broken & NO_PLACE:
            continue
        moved = plan.copy()
        moved[move.block] = move.community
        shown = Shown(IDS, IDS, moved)
        after = count_figures(desk, shown)
        faults = compare_faults(before, after, was, shown)
        assert bool(faults) == bool(broken), (move, faults)
        assert move.cost_change is not None
        assert after.cost_m - before.cost_m == pytest.approx(move.cost_change / desk.problem.per_metre, abs=1e-6)
    assert rules <= seen


def test_an_exception_may_stay_as_far_outside_as_it_is(town: Path) -> None:
    """And no farther: its bounds are widened to what it holds in the result."""
    desk = make_desk(town, "communities.tolerance={households: 0.1, people: 0.1}")
    was = Shown(IDS, IDS, PLAN)
    faults = count_figures(desk, was).faults
    outside = [c for c, some in enumerate(faults) if some]
    assert outside
    basis = desk.finished.basis
    freed = Basis(basis.problem, basis.blocks, basis.current, basis.before, basis.area_of, frozenset(outside))
    desk.finished.__dict__["basis"] = freed
    assert not any(count_figures(desk, was).faults)
