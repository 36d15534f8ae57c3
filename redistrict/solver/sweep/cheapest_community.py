"""The cheapest community at given rewards, proved: a sweep over the map that remembers only its frontier.

The blocks join the sweep one by one; each is in the community or not. What the rest of the sweep must know about the
past is how the community lies on the frontier (the blocks that still have neighbours to come: outside, or in which of
its pieces), and how large it is. Of all sets that agree in this, only the cheapest is kept. Connectedness is exact:
a piece that leaves the frontier is the whole community, or the set is torn and dropped. Sizes are relaxed: sets
whose rounded sizes agree are merged, and from then on may have any size between the smallest and the largest.

A set is given up once even the best ending cannot bring it below the ceiling. What endings can bring is learnt from a
coarser sweep in the opposite direction, so the sweeps go to and fro, each finer than the one before.

References
----------
Kawahara, Horiyama, Hotta and Minato (2017), "Generating all patterns of graph partitions within a disparity bound",
WALCOM (the frontier method for districts). Bergman, Cire, van Hoeve and Hooker (2016), "Decision Diagrams for
Optimization" (bounds by merging states).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import max_flow  # type: ignore[import-untyped]

from redistrict.model.problem import AreaProblem
from redistrict.solver.sweep.extend_sets import FAR, Best, Charges, Rules, States, extend
from redistrict.solver.sweep.frontier import Route, Step
from redistrict.solver.tasks.stop import Stop

IntArray = NDArray[np.int64]

_FINENESS = (1, 3, 10)
"""Units of the rounded size in a mean block, sweep by sweep."""
_N_ROOMS = 200
_PACES = (97, 100, 103, 106, 110)
"""Charges for a unit of size, in percent of the mean reward of a unit; others are seldom worth their time."""
_FRACTION = 16
"""Charges are whole numbers of this part of a half unit."""


class Half(NamedTuple):
    """The cost of a plan shared out to its communities, in half units so that a cut edge counts in both of them.

    The cost of a community is `cut` of the edges between it and the others, plus `inside` of those within it, plus
    `rate` times its distance from the target; the cost of the plan is half of ``fixed`` and of these.
    """

    fixed: int
    cut: IntArray
    inside: IntArray
    rate: IntArray


def half_costs(problem: AreaProblem) -> Half:
    """Give the costs in half units; a weight that speaks for keeping an edge whole becomes the cost of cutting it."""
    cut = np.maximum(-problem.edge_weight, 0)
    inside = 2 * np.maximum(problem.edge_weight, 0)
    return Half(2 * (problem.base_cost - int(cut.sum())), cut, inside, 2 * problem.deviation_rate)


def half_set_costs(problem: AreaProblem, half: Half, rows: NDArray[np.bool_]) -> IntArray:
    """Give what each set of blocks, (n, n_blocks), costs as a community, idle workers left out: half units, (n,)."""
    size = rows @ problem.size
    ends = rows[:, problem.edges[:, 0]].astype(np.int64) + rows[:, problem.edges[:, 1]]
    cost = (ends == 1) @ half.cut + (ends == 2) @ half.inside + np.abs(size - problem.target) @ half.rate
    return np.asarray(cost)


def block_shares(problem: AreaProblem) -> NDArray[np.float64]:
    """Give each block's share of the area: the mean of its shares of the quantities, (n_blocks,)."""
    total = np.maximum(problem.size.sum(axis=0), 1)
    return np.asarray((problem.size / total).mean(axis=1))


@dataclass(frozen=True, eq=False)
class Priced:
    """What the sweeps have proved.

    Attributes
    ----------
    least : (n_blocks,) int64, or None
        No community whose last block to leave the frontier is this one costs less, its rewards taken off; never
        above the ceiling. Communities of one plan have different last blocks. None if the work was not finished.
    communities : list of (size,) int32 arrays
        The cheapest sets met, blocks ascending; some may lie outside the bounds.
    n_states : int
        Work done.
    """

    least: IntArray | None
    communities: list[NDArray[np.int32]]
    n_states: int


def price_communities(
    problem: AreaProblem, route: Route, reward: IntArray, stop: Stop, *, ceiling: int, width: int, most_states: int
) -> Priced:
    """Find the cheapest communities once every block pays its reward, and prove that there are none cheaper.

    Parameters
    ----------
    reward : (n_blocks,) int64
        In half units, of any sign.
    ceiling : int
        Costs from here on are of no interest: half units, rewards taken off.
    width : int
        Most states kept at a time. The most hopeful are; the ceiling comes down to the best end of the others.
    most_states : int
        Work allowed.
    """
    half = half_costs(problem)
    rules = _rules(problem, half)
    steps, back = route.there, route.back
    hopes = _first_hopes(problem, steps, half.cut, reward, rules)
    excess = _excess(rules)
    n_states = 0
    found: list[NDArray[np.int32]] = []
    for fineness in _FINENESS:
        best = Best(np.full(problem.n_blocks, FAR), np.zeros((problem.n_blocks, _words(problem)), dtype=np.uint64))
        states = _nothing(problem, route.width)
        rounded = _rounded_sizes(problem, rules, fineness)
        met, lowest = [], ceiling
        for step, gains in zip(steps, hopes, strict=True):
            hope = (gains[:, None, :] - excess).max(axis=2)
            costs = half.cut[step.edges], half.inside[step.edges], reward[step.block]
            charges = Charges(*costs, problem.size[step.block], rounded[step.block])
            states = extend(states, step, charges, rules, hope, ceiling, best)
            n_states += len(states.cost)
            if stop.reason or n_states > most_states:
                return Priced(None, found, n_states)
            if len(states.cost) > width:
                states, limit = _narrow(states, rules, hope, width)
                lowest = min(lowest, limit)
            met.append(_hopes(states, rules.room))
        hopes = [*met[-2::-1], np.zeros_like(met[0])]
        steps, back = back, steps
        ceiling = lowest
        found += [_unpack(row, problem.n_blocks) for row in best.members[best.cost < FAR]]
    return Priced(np.minimum(best.cost, ceiling), found, n_states)


def _rules(problem: AreaProblem, half: Half) -> Rules:
    upper = np.minimum(problem.upper, problem.size.sum(axis=0))
    return Rules(problem.lower, upper, problem.target, half.rate, upper // _N_ROOMS + 1)


def _excess(rules: Rules) -> IntArray:
    """Give what a community must pay for being above target, by quantity, room before and size of what is added.

    The room counts below `upper`; what is larger than the room cannot be added.
    """
    before, added = np.arange(_N_ROOMS + 1)[:, None], np.arange(_N_ROOMS + 1)[None, :]
    room = rules.room[:, None, None]
    least = rules.upper[:, None, None] - (before + 1 - added) * room
    paid = rules.rate[:, None, None] * np.maximum(least - rules.target[:, None, None], 0)
    return np.asarray(np.where(added <= before, paid, 2 * FAR))


def _words(problem: AreaProblem) -> int:
    return -(-problem.n_blocks // 64)


def _nothing(problem: AreaProblem, width: int) -> States:
    """Give the one state before the first step: the empty set."""
    size = np.zeros((1, problem.size.shape[1]), dtype=np.int64)
    members = np.zeros((1, _words(problem)), dtype=np.uint64)
    zero = np.zeros(1, dtype=np.int64)
    return States(np.zeros((1, width), dtype=np.uint8), zero, zero, size, size, members)


def _rounded_sizes(problem: AreaProblem, rules: Rules, fineness: int) -> IntArray:
    """Round the quantity that limits communities most to a part of its mean, (n_blocks,)."""
    total = np.maximum(problem.size.sum(axis=0), 1)
    size = problem.size[:, int(np.argmin(rules.upper / total))]
    return np.asarray(np.rint(size * fineness * problem.n_blocks / max(1, int(size.sum()))).astype(np.int64))


def _first_hopes(
    problem: AreaProblem, steps: list[Step], cut: IntArray, reward: IntArray, rules: Rules
) -> list[IntArray]:
    """Give the most the blocks to come can bring costs down after each step, by quantity and room.

    A set T of them that fits into room r brings its rewards less its cuts, which is at most ``charge * r`` plus the
    most that any set can bring once every unit of size is charged for: a minimum cut. The best of some charges counts.
    """
    hopes = []
    for t in range(len(steps)):
        to_come = np.array([step.block for step in steps[t + 1 :]], dtype=np.int32)
        is_to_come = np.zeros(problem.n_blocks, dtype=bool)
        is_to_come[to_come] = True
        among = is_to_come[problem.edges].all(axis=1) & (cut > 0)
        hope = np.full((len(rules.room), _N_ROOMS + 1), FAR)
        for q, room in enumerate(rules.room.tolist()):
            size = problem.size[:, q]
            mean = max(0, _FRACTION * int(reward.sum())) // max(1, int(size.sum()))
            for charge in sorted({mean * pace // 100 for pace in _PACES}):
                gain = _FRACTION * reward[to_come] - charge * size[to_come]
                most = _most_gain(to_come, gain, problem.edges[among], _FRACTION * cut[among], problem.n_blocks)
                rooms = np.arange(1, _N_ROOMS + 2) * room
                hope[q] = np.minimum(hope[q], -(-(charge * rooms + most) // _FRACTION))
        hopes.append(hope)
    return hopes


def _most_gain(
    blocks: NDArray[np.int32], gain: IntArray, edges: NDArray[np.int32], cut: IntArray, n_blocks: int
) -> int:
    """Give the most that any set of blocks gains, less its cuts."""
    good = gain > 0
    if good.all() or not good.any():
        return int(gain[good].sum())
    source, sink = np.full(good.sum(), n_blocks), np.full((~good).sum(), n_blocks + 1)
    flow = max_flow.SimpleMaxFlow()
    flow.add_arcs_with_capacity(
        np.concatenate([edges[:, 0], edges[:, 1], source, blocks[~good]]).astype(np.int32),
        np.concatenate([edges[:, 1], edges[:, 0], blocks[good], sink]).astype(np.int32),
        np.concatenate([cut, cut, gain[good], -gain[~good]]),
    )
    flow.solve(n_blocks, n_blocks + 1)
    return int(gain[good].sum()) - int(flow.optimal_flow())


def _narrow(states: States, rules: Rules, hope: IntArray, width: int) -> tuple[States, int]:
    """Keep the `width` states that may end cheapest, and the empty set; give the best end of the others."""
    room = (rules.upper - states.low) // rules.room
    ends = states.cost - np.min([hope[q][room[:, q]] for q in range(room.shape[1])], axis=0)
    limit = int(np.partition(ends, width)[width])
    kept = (ends < limit) | ~states.pieces.any(axis=1)
    parts = (states.pieces[kept], states.rounded[kept], states.cost[kept])
    return States(*parts, states.low[kept], states.high[kept], states.members[kept]), limit


def _hopes(states: States, room: IntArray) -> IntArray:
    """Give the most by which the sets of a sweep bring costs down, by quantity and room, (n_quantities, n_rooms)."""
    hope = np.full((len(room), _N_ROOMS + 1), -FAR)
    for q in range(len(room)):
        np.maximum.at(hope[q], states.low[:, q] // room[q], -states.cost)
    return np.asarray(np.maximum.accumulate(hope, axis=1))


def _unpack(row: NDArray[np.uint64], n_blocks: int) -> NDArray[np.int32]:
    bits = np.unpackbits(row.astype("<u8").view(np.uint8), bitorder="little")[:n_blocks]
    return np.flatnonzero(bits).astype(np.int32)
