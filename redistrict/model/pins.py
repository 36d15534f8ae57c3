"""Demands: what the pins of a scenario ask of blocks, by number, before there is a plan.

Whatever its form, a pin asks one of three things: blocks lie in one community; pairs of blocks do not; or some blocks,
and no other, make so many communities.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from redistrict.errors import ScenarioError
from redistrict.geo.along import Walk
from redistrict.geo.blocks import Blocks
from redistrict.geo.current import CurrentPlan
from redistrict.geo.named import blocks_of_estate, blocks_of_today, find_blocks, name_pin
from redistrict.messages import Message, name_some, plain
from redistrict.scenario.pin import Pin

Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Demand:
    """What one pin asks.

    Attributes
    ----------
    pin : int
        Its number, from 1.
    form : str
        See `Pin.form`.
    reason : str
    together : tuple of int
        Blocks that lie in one community.
    apart : tuple of (int, int)
        Blocks i < j that do not.
    own : tuple of int
        Blocks that, and no other, make `count` communities.
    count : int
    """

    pin: int
    form: str
    reason: str
    together: tuple[int, ...] = ()
    apart: Pairs = ()
    own: tuple[int, ...] = ()
    count: int = 0

    @cached_property
    def blocks(self) -> frozenset[int]:
        """All blocks it speaks of."""
        return frozenset((*self.together, *self.own, *(i for pair in self.apart for i in pair)))

    def holds(self, assignment: NDArray[np.int32]) -> bool:
        """Tell whether a plan, (n_blocks,), keeps to it."""
        homes = np.unique(assignment[list(self.own)])
        strangers = np.setdiff1d(np.flatnonzero(np.isin(assignment, homes)), self.own)
        return (
            len(np.unique(assignment[list(self.together)])) <= 1
            and all(assignment[i] != assignment[j] for i, j in self.apart)
            and homes.size == self.count
            and not strangers.size
        )

    @property
    def name(self) -> Message:
        """Its number and reason, as messages name it."""
        return name_pin(self.pin, self.reason)


def list_own(demands: Sequence[Demand], blocks: Sequence[int]) -> list[Demand]:
    """Give the demands that speak of some blocks."""
    return [one for one in demands if not one.blocks.isdisjoint(blocks)]


def look_up_demands(pins: Sequence[Pin], blocks: Blocks, current: CurrentPlan | None, walk: Walk) -> tuple[Demand, ...]:
    """Find what pins name.

    Raises
    ------
    ScenarioError
        Naming everything that is unknown, with what is near.
    """
    problems: list[Message] = []
    demands = []
    for number, pin in enumerate(pins, start=1):
        found: list[Message] = []
        demands.append(_look_up(pin, number, blocks, current, walk, found))
        problems += [plain(f"pins[{number - 1}]: ") + message for message in found]
    if problems:
        raise ScenarioError(problems)
    return tuple(demands)


def _look_up(
    pin: Pin, number: int, blocks: Blocks, current: CurrentPlan | None, walk: Walk, found: list[Message]
) -> Demand:
    form, together, apart, own, count = pin.form, list[int](), list[tuple[int, int]](), list[int](), 0
    named = [*find_blocks(blocks.ids, pin.blocks or pin.together or pin.apart or (), found)]
    if form == "apart":
        apart = [*combinations(sorted(named), 2)]
    elif form == "count":
        own, count = named, pin.count or 0
    elif form in ("together", "with"):
        more = () if pin.with_ is None else find_blocks(blocks.ids, [pin.with_], found)
        together = [*named, *more]
    elif pin.estate is not None:
        together = blocks_of_estate(blocks, pin.estate, found)
    elif pin.along is not None:
        apart = walk.find_beside(pin.along, found)
    else:
        words = [word for word in (pin.whole, pin.keep, pin.split, *(pin.merge or ())) if word is not None]
        today = [i for word in words for i in blocks_of_today(current, word, found)]
        if form in ("whole", "merge"):
            together = today
        else:
            own, count = today, pin.into or 1
    ends = tuple(sorted({*together})), tuple(sorted({*apart})), tuple(sorted({*own}))
    return Demand(number, form, pin.reason, *ends, count)


def check_demands(demands: Sequence[Demand], edges: NDArray[np.int32], ids: Sequence[str]) -> None:
    """Refuse blocks that are to lie together and do not touch each other: that is asked by naming what joins them.

    Parameters
    ----------
    edges : (n_edges, 2) int32
        Neighbours that may share a community.

    Raises
    ------
    ScenarioError
        Naming what lies between.
    """
    graph = nx.Graph(edges.tolist())
    graph.add_nodes_from(range(len(ids)))
    problems = []
    for one in demands:
        pieces = sorted(map(sorted, nx.connected_components(graph.subgraph(one.together))))
        if len(pieces) > 1:
            problems.append(plain(f"pins[{one.pin - 1}]: ") + _say_between(graph, pieces, ids))
    if problems:
        raise ScenarioError(problems)


def _say_between(graph: nx.Graph, pieces: list[list[int]], ids: Sequence[str]) -> Message:
    """Say that two pieces do not touch, and what lies on the shortest way between them."""
    here, there = (name_some([ids[i] for i in piece], limit=3) for piece in pieces[:2])
    seen = graph.copy()
    seen.add_edges_from([("here", i) for i in pieces[0]] + [("there", i) for i in pieces[1]])
    if not nx.has_path(seen, "here", "there"):
        return Message(
            f"blocks {here.en} and {there.en} do not hang together; add a link, or drop the pin.",
            f"地块 {here.zh} 与 {there.zh} 不连通；请添加 links 或删去此条。",
        )
    way = [i for i in nx.shortest_path(seen, "here", "there")[1:-1] if i not in {*pieces[0], *pieces[1]}]
    between = name_some([ids[i] for i in way])
    return Message(
        f"blocks {here.en} and {there.en} do not touch; name what is to join them as well, such as {between.en}.",
        f"地块 {here.zh} 与 {there.zh} 不相邻；请同时写明连接它们的地块，例如 {between.zh}。",
    )
