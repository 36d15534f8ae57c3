"""Result: what a search hands back."""

from dataclasses import astuple, dataclass
from enum import Enum

from redistrict.messages import Message
from redistrict.model.plan import Plan


class SolveStatus(Enum):
    """How a search ended."""

    OPTIMAL = "OPTIMAL"
    FEASIBLE = "FEASIBLE"
    INFEASIBLE = "INFEASIBLE"
    UNKNOWN = "UNKNOWN"


class StoppedBy(Enum):
    """What ended a search."""

    PROOF = "proof"
    EFFORT = "effort"
    TIME_LIMIT = "time_limit"
    INTERRUPT = "interrupt"

    @property
    def is_early(self) -> bool:
        """Time was up or the user struck, before the effort was spent."""
        return self in (StoppedBy.TIME_LIMIT, StoppedBy.INTERRUPT)


@dataclass(frozen=True)
class LocalOptimality:
    """How many groups of neighbouring communities a plan has, and how many are proved to have no cheaper division.

    Attributes
    ----------
    pairs, pairs_proved : int
        Two that touch.
    triples, triples_proved : int
        Three of which each touches the others; none are counted unless they were redrawn.
    """

    pairs: int = 0
    pairs_proved: int = 0
    triples: int = 0
    triples_proved: int = 0


@dataclass(frozen=True)
class AreaResult:
    """What was found for one area, in weighted centimetres.

    Attributes
    ----------
    assignment : tuple of int or None
        Present exactly when status is OPTIMAL or FEASIBLE.
    nearest : tuple of int or None
        The plan nearest to the bounds that misses them, to say where it fails.
    local : LocalOptimality
        What was proved by redrawing groups of communities.
    """

    n_communities: int
    status: SolveStatus
    stopped_by: StoppedBy
    assignment: tuple[int, ...] | None
    cost: int | None
    bound: int | None
    nearest: tuple[int, ...] | None = None
    local: LocalOptimality = LocalOptimality()


@dataclass(frozen=True)
class Result:
    """The whole plan with its cost and lower bound, in weighted centimetres.

    Attributes
    ----------
    plan : Plan or None
        Present exactly when status is OPTIMAL or FEASIBLE.
    status, stopped_by
    cost, bound : int or None
        ``gap = (cost - bound) / cost``.
    areas : tuple of AreaResult
        One for each area of the problem.
    runtime_s : float
    reasons : tuple of Message
        Why there is no plan, where the search can say more than its areas.
    """

    plan: Plan | None
    status: SolveStatus
    stopped_by: StoppedBy
    cost: int | None
    bound: int | None
    areas: tuple[AreaResult, ...]
    runtime_s: float
    reasons: tuple[Message, ...] = ()

    @property
    def gap(self) -> float | None:
        """Share of the cost that is not proved necessary; 0 is proved optimal."""
        if self.cost is None or self.bound is None:
            return None
        return 0.0 if self.cost <= self.bound else (self.cost - self.bound) / max(abs(self.cost), 1)

    @property
    def local(self) -> LocalOptimality:
        """What was proved by redrawing groups of communities, in all areas."""
        return LocalOptimality(*map(sum, zip(*(astuple(area.local) for area in self.areas), strict=True)))
