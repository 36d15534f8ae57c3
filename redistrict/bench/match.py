"""Matches: all contestants on one instance, scored by the judge."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.bench.instances import Instance
from redistrict.bench.judge import judge_plan
from redistrict.bench.ours import Ended, Mark, run_ours
from redistrict.bench.rivals import Peer, Tried, run_peer
from redistrict.bench.watch import Watched
from redistrict.model.problem import Problem

_LEAST_PEER_S = 1.0
OURS = "redistrict"


@dataclass(frozen=True)
class Score:
    """What one contestant came to.

    Attributes
    ----------
    name : str
    cost : int or None
        Of its cheapest valid plan.
    seconds : float
        What it took, or was given.
    first_s : float or None
        When it had its first valid plan.
    n_tried, n_valid, n_valid_raw : int
        Partitions of single areas: tried, valid after repair, valid as they came.
    trace : tuple of (seconds, cost)
        Each time the cheapest plan became cheaper.
    note : str
        Why there is no plan, or what went wrong.
    plan : tuple of int
        Community of each block in its cheapest valid plan; empty where there is none.
    """

    name: str
    cost: int | None = None
    seconds: float = 0.0
    first_s: float | None = None
    n_tried: int = 0
    n_valid: int = 0
    n_valid_raw: int = 0
    trace: tuple[tuple[float, int], ...] = ()
    note: str = ""
    plan: tuple[int, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """One case: what was divided, our score, bound and memory, and the scores of the peers.

    Attributes
    ----------
    tolerance : float
        Widest deviation from the target that the first area allows, as a share.
    gap : float or None
        ``(cost - bound) / cost`` of our plan.
    best_known : int or None
        Lowest cost ever seen before this run.
    """

    case: str
    kind: str
    n_blocks: int
    n_edges: int
    n_communities: int
    tolerance: float
    ours: Score
    status: str
    bound: int | None
    gap: float | None
    memory_mib: float | None
    peers: tuple[Score, ...]
    best_known: int | None
    published_s: float | None

    @property
    def best_peer(self) -> Score | None:
        """The peer with the cheapest valid plan."""
        return min((s for s in self.peers if s.cost is not None), key=lambda s: (s.cost, s.name), default=None)

    @property
    def lead(self) -> float | None:
        """How much cheaper we are than the best peer, as a share of its cost."""
        best = self.best_peer
        if best is None or best.cost is None or self.ours.cost is None:
            return None
        return 1 - self.ours.cost / best.cost

    @property
    def room(self) -> float | None:
        """The most anyone could lead the best peer by: as far down as our bound."""
        best = self.best_peer
        if best is None or best.cost is None or self.bound is None:
            return None
        return 1 - self.bound / best.cost

    @property
    def record(self) -> Score | None:
        """The contestant with the cheapest valid plan, if nobody has seen one as cheap before."""
        valid = [score for score in (self.ours, *self.peers) if score.cost is not None]
        best = min(valid, key=lambda score: score.cost or 0, default=None)
        is_new = best is not None and (self.best_known is None or (best.cost or 0) < self.best_known)
        return best if is_new else None

    @property
    def off_best_known(self) -> float | None:
        """How much dearer our plan is than the best ever seen, as a share of that; below zero where it is a record."""
        if self.best_known is None or self.ours.cost is None:
            return None
        return self.ours.cost / self.best_known - 1


def play(instance: Instance, peers: Sequence[Peer], *, seconds: float, workers: int) -> Outcome:
    """Let us search for at most `seconds`, then every peer for as long as we took, and judge all plans.

    Peers get at least one second, and divide every area into as many communities as we did; where we have found no
    plan, into the fewest that are allowed.
    """
    problem = instance.problem
    watched = run_ours(instance, seconds=seconds, workers=workers)
    ended = next((m for m in watched.messages if isinstance(m, Ended)), None)
    counts = tuple(
        area.n_min if ended is None or ended.result.plan is None else ended.result.areas[number].n_communities
        for number, area in enumerate(problem.areas)
    )
    given_s = max(_LEAST_PEER_S, ended.seconds if ended else seconds)
    option = problem.areas[0].limits(counts[0])
    return Outcome(
        case=instance.name,
        kind=instance.kind,
        n_blocks=problem.n_blocks,
        n_edges=len(problem.edges),
        n_communities=sum(counts),
        tolerance=max(u / max(1, t) for u, t in zip(option.upper, option.target, strict=True)) - 1,
        ours=_score_ours(problem, watched, ended),
        status=ended.result.status.value if ended else "NONE",
        bound=ended.result.bound if ended else None,
        gap=ended.result.gap if ended else None,
        memory_mib=ended.memory_mib if ended else None,
        peers=tuple(_play_peer(peer, instance, counts, given_s, workers) for peer in peers),
        best_known=instance.best_known,
        published_s=instance.published_s,
    )


def _score_ours(problem: Problem, watched: Watched, ended: Ended | None) -> Score:
    if ended is None:
        return Score(OURS, note="; ".join(watched.failures) or "no result")
    marks = [(m.seconds, m.cost) for m in watched.messages if isinstance(m, Mark)]
    if ended.result.plan is None:
        return Score(OURS, seconds=ended.seconds, note=f"no plan: {ended.result.status.value}")
    verdict = judge_plan(problem, ended.result.plan.assignment)
    if not verdict.ok:
        return Score(OURS, seconds=ended.seconds, note=f"{verdict.n_torn} torn, {verdict.n_outside} outside the bounds")
    assert verdict.cost == ended.result.cost, "the judge and the solver count the same"
    trace = _falling([*marks, (ended.seconds, verdict.cost)])
    plan = tuple(ended.result.plan.assignment.tolist())
    return Score(OURS, verdict.cost, ended.seconds, trace[0][0], 1, 1, 1, trace, plan=plan)


def _play_peer(peer: Peer, instance: Instance, counts: tuple[int, ...], seconds: float, workers: int) -> Score:
    if peer.needs_map and instance.xy is None:
        return Score(peer.name, note="does not apply: no map")
    watched = run_peer(peer, instance, counts, seconds=seconds, workers=workers)
    return _score_peer(peer.name, instance.problem, watched, seconds)


def _score_peer(name: str, problem: Problem, watched: Watched, seconds: float) -> Score:
    """Put the cheapest plans of the areas together as they came, and judge the whole."""
    tried: list[Tried] = sorted(watched.messages, key=lambda m: m.seconds)
    best: dict[int, Tried] = {}
    trace: list[tuple[float, int]] = []
    for one in tried:
        held = best.get(one.area)
        if one.cost is not None and (held is None or held.cost is None or one.cost < held.cost):
            best[one.area] = one
            if len(best) == len(problem.areas):
                trace.append((one.seconds, sum(b.cost or 0 for b in best.values())))
    counted = (len(tried), sum(one.is_valid for one in tried), sum(one.was_valid for one in tried))
    note = "; ".join(watched.failures)
    if len(best) < len(problem.areas):
        return Score(name, None, seconds, None, *counted, (), _why_not([t for t in tried if t.area not in best], note))
    whole = _whole(problem, best)
    verdict = judge_plan(problem, whole)
    if not verdict.ok:
        return Score(name, None, seconds, None, *counted, (), f"{verdict.n_torn} torn, {verdict.n_outside} outside")
    plan = tuple(whole.tolist())
    return Score(name, verdict.cost, seconds, trace[0][0], *counted, _falling(trace), note, plan)


def _whole(problem: Problem, best: dict[int, Tried]) -> NDArray[np.int32]:
    assignment = np.full(problem.n_blocks, -1, dtype=np.int32)
    for number, area in enumerate(problem.areas):
        labels = best[number].labels
        if labels is not None:
            assignment[list(area.blocks)] = labels + assignment.max() + 1
    return assignment


def _why_not(tried: list[Tried], failure: str) -> str:
    """Say how the partition with the fewest faults failed, before repair."""
    if not tried:
        return failure or "found no partition"
    nearest = min(tried, key=lambda one: (one.n_torn + one.n_outside, one.seconds))
    faults = f"never valid; at best {nearest.n_torn} torn and {nearest.n_outside} outside the bounds as it came"
    return f"{faults}; {failure}" if failure else faults


def _falling(points: list[tuple[float, int]]) -> tuple[tuple[float, int], ...]:
    """Keep the points at which the cost became lower."""
    kept: list[tuple[float, int]] = []
    for seconds, cost in points:
        if not kept or cost < kept[-1][1]:
            kept.append((round(seconds, 3), cost))
    return tuple(kept)
