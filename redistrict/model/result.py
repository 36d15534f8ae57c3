"""Result: what a search hands back."""

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from enum import Enum

from redistrict.messages import Message
from redistrict.model.necessity import Necessity
from redistrict.model.plan import Plan
from redistrict.model.prices import COST_PER_METRE


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


PROVED, NOT_PROVED = Message("proved the best", "已证明最优"), Message("not proved the best", "未证明最优")
TIME_WAS_UP = NOT_PROVED + Message("; the time was up", "；到达时间限制")
_FEASIBLE = Message("", "可行，")
_HOW_IT_ENDED = {
    StoppedBy.PROOF: Message("proved: no plan is better", PROVED.zh),
    StoppedBy.EFFORT: _FEASIBLE + NOT_PROVED + Message("; the effort is spent", "；搜索量用完"),
    StoppedBy.TIME_LIMIT: _FEASIBLE + TIME_WAS_UP,
    StoppedBy.INTERRUPT: _FEASIBLE + NOT_PROVED + Message("; stopped by you", "；用户中断"),
}
_IMPOSSIBLE = Message("proved: none can exist", "已证明不存在")


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

    @classmethod
    def total(cls, some: "Iterable[LocalOptimality]") -> "LocalOptimality":
        """Add up."""
        return cls(*map(sum, zip(*map(astuple, some), strict=True)))


@dataclass(frozen=True)
class AreaResult:
    """What was found for one area; cost and bound in units of cost.

    Attributes
    ----------
    assignment : tuple of int or None
        Present exactly when status is OPTIMAL or FEASIBLE.
    nearest : tuple of int or None
        The plan nearest to the bounds that misses them, to say where it fails.
    local : LocalOptimality
        What was proved by redrawing groups of communities.
    exceptions : Necessity or None
        Where the plan has communities outside the bounds, what is proved of them.
    """

    n_communities: int
    status: SolveStatus
    stopped_by: StoppedBy
    assignment: tuple[int, ...] | None
    cost: int | None
    bound: int | None
    nearest: tuple[int, ...] | None = None
    local: LocalOptimality = LocalOptimality()
    exceptions: Necessity | None = None


@dataclass(frozen=True)
class Result:
    """The whole plan with its cost and lower bound, in units of cost.

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
    per_metre : int
        Units of cost in a weighted metre.
    """

    plan: Plan | None
    status: SolveStatus
    stopped_by: StoppedBy
    cost: int | None
    bound: int | None
    areas: tuple[AreaResult, ...]
    runtime_s: float
    reasons: tuple[Message, ...] = ()
    per_metre: int = COST_PER_METRE

    @property
    def cost_m(self) -> float | None:
        """The cost in weighted metres."""
        return None if self.cost is None else self.cost / self.per_metre

    @property
    def bound_m(self) -> float | None:
        """The bound in weighted metres."""
        return None if self.bound is None else self.bound / self.per_metre

    @property
    def gap(self) -> float | None:
        """Share of the cost that is not proved necessary; 0 is proved optimal."""
        if self.cost is None or self.bound is None:
            return None
        return 0.0 if self.cost <= self.bound else (self.cost - self.bound) / max(abs(self.cost), 1)

    @property
    def local(self) -> LocalOptimality:
        """What was proved by redrawing groups of communities, in all areas."""
        return LocalOptimality.total(area.local for area in self.areas)

    def without_bound(self) -> "Result":
        """Leave out the bound of every area, and of the whole, that is not proved the best."""
        if self.status is SolveStatus.OPTIMAL:
            return self
        areas = (a if a.status is SolveStatus.OPTIMAL else replace(a, bound=None) for a in self.areas)
        return replace(self, bound=None, areas=tuple(areas))

    def summary(self) -> tuple[Message, ...]:
        """Say what was found: cost, bound and gap, and what is proved; or that there is no plan, and why."""
        if self.cost_m is None:
            how = _HOW_IT_ENDED[self.stopped_by] if self.status is not SolveStatus.INFEASIBLE else _IMPOSSIBLE
            return (Message(f"No plan: {how.en}.", f"没有方案：{how.zh}。"), *self.reasons)
        cost_m, bounded, how = self.cost_m, self._say_bound(), _HOW_IT_ENDED[self.stopped_by]
        return (
            Message(
                f"Cost {cost_m:,.0f} weighted metres, {bounded.en} ({how.en}).",
                f"总代价 {cost_m:,.0f} 加权米，{bounded.zh}（{how.zh}）。",
            ),
            *self._local_summary(),
        )

    def _say_bound(self) -> Message:
        if self.bound_m is None:
            return Message("no bound asked for", "未求下界")
        bound_m, gap = self.bound_m, self.gap or 0
        return Message(f"bound {bound_m:,.0f}, gap {gap:.1%}", f"下界 {bound_m:,.0f}，差距 {gap:.1%}")

    def _local_summary(self) -> Iterator[Message]:
        """Say of how many neighbouring communities it is proved that they cannot be redrawn better."""
        n = self.local
        if n.pairs:
            yield Message(
                f"Of {n.pairs} pairs of neighbouring communities, {n.pairs_proved} are proved to have no better "
                "division.",
                f"{n.pairs} 对相邻社区中，已证明 {n.pairs_proved} 对没有更优的划分。",
            )
        if n.triples:
            yield Message(
                f"Of {n.triples} threes of neighbouring communities, {n.triples_proved} are proved to have no "
                "better division.",
                f"{n.triples} 组三个互相相邻的社区中，已证明 {n.triples_proved} 组没有更优的划分。",
            )
