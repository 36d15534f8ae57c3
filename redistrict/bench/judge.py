"""The judge of a contest: plain checks of a whole plan, the same for us and for the peers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.components import components
from redistrict.model.measures import community_areas, community_sizes, community_targets, plan_cost_parts
from redistrict.model.plan import canonical_plan
from redistrict.model.problem import Problem


@dataclass(frozen=True)
class Verdict:
    """What is wrong with a plan, and what it costs.

    Attributes
    ----------
    cost : int
        Weighted centimetres, or cut edges.
    n_torn : int
        Communities in several pieces, or in several areas.
    n_outside : int
        Communities with a quantity outside its bounds.
    """

    cost: int
    n_torn: int
    n_outside: int

    @property
    def ok(self) -> bool:
        """Whether the plan is valid."""
        return self.n_torn == self.n_outside == 0


def judge_plan(problem: Problem, assignment: NDArray[np.int32]) -> Verdict:
    """Judge a plan in which every block has a community and every area a number of communities it may have.

    Raises
    ------
    ValueError
        If a block has no community.
    StopIteration
        If an area has another number of communities than it may have.
    """
    plan = canonical_plan(assignment)
    inside = plan.assignment[problem.edges[:, 0]] == plan.assignment[problem.edges[:, 1]]
    pieces = components(problem.n_blocks, problem.edges[inside])
    n_pieces = np.bincount(plan.assignment[[piece[0] for piece in pieces]], minlength=plan.n_communities)
    sizes = community_sizes(problem, plan)
    _, lower, upper = community_targets(problem, plan)
    outside = ((sizes < lower) | (sizes > upper)).any(axis=1)
    assert (community_areas(problem, plan) >= 0).all(), "every block lies in an area"
    return Verdict(plan_cost_parts(problem, plan).total, int((n_pieces > 1).sum()), int(outside.sum()))
