"""Transition: where today's community workers go when the communities are redrawn.

What counts, each rule only among what the rules before it leave open:

1. Nobody is dismissed while a post is free: as many posts are filled as there are people and posts for.
2. As few people as possible go to a community that takes over none of their residents.
3. As few people as possible leave their district.
4. As many people as possible go to the community that continues theirs.
5. People follow their residents: the residents each worker keeps, summed over the workers, are most.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

IntArray = NDArray[np.int64]

_FREE = (0, 0, 0, 0)
"""What an arc costs by rules 2 to 5 if it costs nothing."""


@dataclass(frozen=True)
class Move:
    """Workers who go from one community of today to one new community.

    Attributes
    ----------
    source : int or None
        Community of today; None: the posts stay vacant.
    goal : int or None
        New community; None: the people have no post.
    workers : int
        How many, at least one.
    takes_over : bool
        The new community takes over residents of the source.
    """

    source: int | None
    goal: int | None
    workers: int
    takes_over: bool


@dataclass(frozen=True)
class Transition:
    """Every worker and every post exactly once, at most one move for a pair of communities.

    Attributes
    ----------
    moves : tuple of Move
        Sorted by source, then goal; None comes last.
    """

    moves: tuple[Move, ...]

    @cached_property
    def by_source(self) -> Mapping[int | None, tuple[Move, ...]]:
        """Moves of each community of today that has workers; the vacancies under None."""
        return self._grouped(lambda move: move.source)

    @cached_property
    def by_goal(self) -> Mapping[int | None, tuple[Move, ...]]:
        """Moves to each new community that has posts; the people without a post under None."""
        return self._grouped(lambda move: move.goal)

    @property
    def n_staff(self) -> int:
        """Workers there are today."""
        return self._count(lambda move: move.source is not None)

    @property
    def n_posts(self) -> int:
        """Posts the new communities have."""
        return self._count(lambda move: move.goal is not None)

    @property
    def n_filled(self) -> int:
        """Workers who have a post."""
        return self.n_staff - self.surplus

    @property
    def n_stay_with_residents(self) -> int:
        """Workers who go to a community that takes over residents of theirs."""
        return self._count(lambda move: move.takes_over)

    @property
    def n_moved_elsewhere(self) -> int:
        """Workers who go to a community that takes over none of their residents."""
        return self.n_filled - self.n_stay_with_residents

    @property
    def surplus(self) -> int:
        """Workers without a post."""
        return self._count(lambda move: move.goal is None)

    @property
    def vacancies(self) -> int:
        """Posts nobody fills."""
        return self._count(lambda move: move.source is None)

    def _count(self, belongs: Callable[[Move], bool]) -> int:
        return sum(move.workers for move in self.moves if belongs(move))

    def _grouped(self, side: Callable[[Move], int | None]) -> dict[int | None, tuple[Move, ...]]:
        groups: dict[int | None, tuple[Move, ...]] = {}
        for move in self.moves:
            groups[side(move)] = (*groups.get(side(move), ()), move)
        return groups


def plan_transition(
    staff: IntArray,
    posts: IntArray,
    shared: IntArray,
    *,
    same_district: NDArray[np.bool_],
    successor: IntArray,
) -> Transition:
    """Give today's workers the posts of the new communities, by the rules of this module.

    Parameters
    ----------
    staff : (n_old,) int64
        Workers of each community of today.
    posts : (k,) int64
        Posts of each new community.
    shared : (n_old, k) int64
        Residents of each community of today who live in each new one.
    same_district : (n_old, k) bool
        The two communities lie in one district.
    successor : (n_old,) int64
        New community that continues each of today's, -1 where none does.

    Raises
    ------
    ValueError
        If shapes differ or a count is negative.

    Notes
    -----
    A transport problem: people flow along an arc wherever residents are shared, and through a hub for each district
    and one for the city otherwise, so that arcs stay few in a large city. Rule 1 is the balance of the flow; rules
    2 to 5 are costs, minimised one after the other (see `_cheapest_in_turn`). A hub never pairs two communities
    that have an arc of their own, nor the city's hub two of one district: the direct way would be cheaper.
    """
    n_old, k = shared.shape
    if staff.shape != (n_old,) or posts.shape != (k,) or same_district.shape != (n_old, k) or len(successor) != n_old:
        raise ValueError("staff, posts, districts and successors must fit the table of shared residents")
    if min(values.min(initial=0) for values in (staff, posts, shared)) < 0:
        raise ValueError("staff, posts and residents must not be negative")
    tail, head, *costs = _arcs(shared, same_district, successor, is_short=staff.sum() < posts.sum())
    spare = int(max(tail.max(initial=0), head.max(initial=0)))
    supply = np.zeros(spare + 1, dtype=np.int64)
    supply[: n_old + k] = np.concatenate([staff, -posts])
    supply[spare] = -supply.sum()
    flow = _cheapest_in_turn(tail, head, costs, supply)
    source, goal = _pairs(tail, head, flow, hubs=(n_old + k, spare))
    (source, goal), workers = np.unique([source, goal], axis=1, return_counts=True)
    return Transition(
        tuple(
            Move(
                source=o if o != spare else None,
                goal=n - n_old if n != spare else None,
                workers=count,
                takes_over=spare not in (o, n) and bool(shared[o, n - n_old] > 0),
            )
            for o, n, count in zip(source.tolist(), goal.tolist(), workers.tolist(), strict=True)
        )
    )


def _arcs(
    shared: IntArray, same_district: NDArray[np.bool_], successor: IntArray, *, is_short: bool
) -> NDArray[np.int64]:
    """Give tail, head and the costs of rules 2 to 5 of every arc, (6, n_arcs).

    Nodes are numbered: communities of today, new communities, hubs of the districts, hub of the city, and last the
    spare node, which fills the posts nobody fills or takes the people without a post. Communities of today that
    have the same new ones in their district share a hub. Every cost stands on the arc that leaves a community of
    today.
    """
    n_old, k = shared.shape
    old, new = np.arange(n_old), np.arange(k)
    continues = successor[:, None] == new
    o, c = np.nonzero((shared > 0) | continues)
    most = shared.max(initial=0)
    reach, group = np.unique(same_district, axis=0, return_inverse=True)
    hub, inside = np.nonzero(reach)
    first_hub, city, spare = n_old + k, n_old + k + len(reach), n_old + k + len(reach) + 1
    return np.hstack(
        [
            _rows(o, n_old + c, shared[o, c] == 0, ~same_district[o, c], ~continues[o, c], most - shared[o, c]),
            _rows(old, first_hub + group, 1, 0, 1, most),
            _rows(first_hub + hub, n_old + inside, *_FREE),
            _rows(old, city, 1, 1, 1, most),
            _rows(city, n_old + new, *_FREE),
            _rows(spare, n_old + new, *_FREE) if is_short else _rows(old, spare, *_FREE),
        ]
    )


def _rows(*columns: ArrayLike) -> NDArray[np.int64]:
    return np.stack(np.broadcast_arrays(*columns)).astype(np.int64)


def _cheapest_in_turn(tail: IntArray, head: IntArray, costs: list[IntArray], supply: IntArray) -> IntArray:
    """Give a flow of least first cost, among those of least second cost, and so on.

    Notes
    -----
    Arcs have no capacity, so by complementary slackness a flow has the least cost exactly when it uses only arcs of
    reduced cost 0 under the potentials of one cheapest flow. Keeping just these arcs for the next cost is therefore
    exact for a city of any size. One weighted sum of the costs would not be: for n communities and m residents in
    one of them its weights grow like n³ m, and the solver, which scales costs by the nodes, runs out of 64 bits.

    References
    ----------
    Ahuja, Magnanti and Orlin (1993), Network Flows, theorems 9.1 to 9.4.
    """
    flow = np.zeros(tail.size, dtype=np.int64)
    kept = np.arange(tail.size)
    for cost in costs:
        flow[:] = 0
        flow[kept] = _cheapest_flow(tail[kept], head[kept], cost[kept], supply)
        kept = kept[_reduced_costs(tail[kept], head[kept], cost[kept], flow[kept], supply.size) == 0]
    return flow


def _cheapest_flow(tail: IntArray, head: IntArray, cost: IntArray, supply: IntArray) -> IntArray:
    # Loaded here: everybody who counts imports this module, and only a plan with staff needs the solver.
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # type: ignore[import-untyped]

    solver = SimpleMinCostFlow()
    everyone = np.full(tail.size, np.abs(supply).sum())
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, everyone, cost)
    solver.set_nodes_supplies(np.arange(supply.size), supply)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"the flow of workers was not solved: {status}")
    return np.asarray(solver.flows(arcs), dtype=np.int64)


def _reduced_costs(tail: IntArray, head: IntArray, cost: IntArray, flow: IntArray, n_nodes: int) -> IntArray:
    """Give cost + potential[tail] - potential[head] of a cheapest flow's arcs; shortest ways are the potentials."""
    back = flow > 0
    start, end = np.concatenate([tail, head[back]]), np.concatenate([head, tail[back]])
    length = np.concatenate([cost, -cost[back]])
    potential = np.zeros(n_nodes, dtype=np.int64)
    while True:
        nearer = potential.copy()
        np.minimum.at(nearer, end, potential[start] + length)
        if np.array_equal(nearer, potential):
            return cost + potential[tail] - potential[head]
        potential = nearer


def _pairs(tail: IntArray, head: IntArray, flow: IntArray, *, hubs: tuple[int, int]) -> tuple[IntArray, IntArray]:
    """Give source and goal of every single worker or vacancy; whoever meets in a hub is paired in order."""
    into, out = ((hubs[0] <= node) & (node < hubs[1]) for node in (head, tail))
    direct = ~into & ~out
    arrive, leave = np.lexsort((tail, head, ~into))[: into.sum()], np.lexsort((head, tail, ~out))[: out.sum()]
    return (
        np.concatenate([np.repeat(tail[arcs], flow[arcs]) for arcs in (direct, arrive)]),
        np.concatenate([np.repeat(head[arcs], flow[arcs]) for arcs in (direct, leave)]),
    )
