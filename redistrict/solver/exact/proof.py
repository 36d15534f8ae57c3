"""What is known of the cheapest plan of an area while it is being proved."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.costs import is_feasible, plan_cost

Assignment = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Proof:
    """The best plan, and a cost that no plan stays below.

    Attributes
    ----------
    problem : AreaProblem
    bound : int
        No plan costs less.
    worst : int
        The most that a plan of interest may cost: less than the best, or as much as any plan can.
    best : (n_blocks,) int32 or None
    effort : float
        Spent so far.
    """

    problem: AreaProblem
    bound: int
    worst: int
    best: Assignment | None = None
    effort: float = 0.0

    @property
    def is_proved(self) -> bool:
        """There is no plan of interest: the best is the cheapest, or there is none."""
        return self.bound > self.worst

    def learn(self, *, plan: Assignment | None = None, bound: int | None = None) -> "Proof":
        """Take in a bound, and a plan if it is feasible and of interest."""
        known = self
        if plan is not None and is_feasible(self.problem, plan) and plan_cost(self.problem, plan) <= self.worst:
            known = replace(self, best=plan, worst=plan_cost(self.problem, plan) - 1)
        return known if bound is None else replace(known, bound=min(max(known.bound, bound), known.worst + 1))

    def spend(self, effort: float) -> "Proof":
        """Count effort."""
        return replace(self, effort=self.effort + effort)


def start_proof(problem: AreaProblem, bound: int, hint: Assignment | None) -> Proof:
    """Begin with a plan, if there is one, and a bound."""
    if hint is not None:
        return Proof(problem, bound, plan_cost(problem, hint) - 1, hint)
    all_together = problem.size.sum(axis=0)
    worst = problem.base_cost + int(np.maximum(problem.edge_weight, 0).sum())
    worst += int((all_together + problem.n_communities * problem.target) @ problem.deviation_rate)
    if problem.idle is not None:
        worst += problem.n_communities * problem.idle.price * max(1, problem.idle.minimum)
    if problem.necks is not None and problem.necks.price is not None:
        worst += problem.necks.price * problem.n_blocks
    if problem.dear is not None:
        worst += int(problem.dear.price.sum())
    if problem.stay is not None:
        worst += problem.stay.rate * problem.stay.n_residents
    return Proof(problem, bound, worst)
