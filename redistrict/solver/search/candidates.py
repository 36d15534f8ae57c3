"""Candidate communities: every feasible community the search has met, the columns of the exact cover."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.costs import community_costs, is_allowed


@dataclass
class CandidatePool:
    """Connected communities that are allowed, each once, with its cost, in the order they were met."""

    costs: dict[bytes, int] = field(default_factory=dict)

    def add(self, problem: AreaProblem, assignment: NDArray[np.int32]) -> None:
        """Add the communities of an assignment that are allowed."""
        order = np.argsort(assignment, kind="stable").astype(np.int32)
        ends = np.cumsum(np.bincount(assignment, minlength=problem.n_communities))
        costs = community_costs(problem, assignment)
        within = is_allowed(problem, assignment)
        for c in np.flatnonzero(within):
            low = ends[c - 1] if c else 0
            self.costs.setdefault(order[low : ends[c]].tobytes(), int(costs[c]))

    def merge(self, other: "CandidatePool") -> None:
        """Add the candidates of another pool."""
        for members, cost in other.costs.items():
            self.costs.setdefault(members, cost)

    def columns(self) -> Iterator[tuple[NDArray[np.int32], int]]:
        """Give each candidate's blocks, ascending, and its cost."""
        for members, cost in self.costs.items():
            yield np.frombuffer(members, dtype=np.int32), cost

    def __len__(self) -> int:
        return len(self.costs)
