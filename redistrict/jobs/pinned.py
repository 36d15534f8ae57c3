"""Pins on a plan: their keys and names looked up, and put as edits to the solver."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.errors import ScenarioError
from redistrict.geo.blocks import Blocks
from redistrict.geo.current import CurrentPlan
from redistrict.geo.named import blocks_of_estate, blocks_of_today, find_blocks, find_community, name_pin
from redistrict.messages import Message, plain
from redistrict.model.before import PlanBefore
from redistrict.model.edits import Edit, EditKind
from redistrict.model.problem import Problem, count_residents
from redistrict.scenario.pins import Pin
from redistrict.solver.heal import Edited

STRUCTURAL = ("merge", "split")
Labels = NDArray[np.int32]
IntArray = NDArray[np.int64]
_KINDS = {"in": EditKind.IN, "apart": EditKind.APART, "keep": EditKind.EXACTLY}


@dataclass(frozen=True, eq=False)
class Basis:
    """What pins speak of.

    Attributes
    ----------
    before : PlanBefore
    area_of : (n_blocks,) int64
        Area of each block.
    freed : frozenset of int
        Communities that the result names as exceptions from the bounds.
    """

    problem: Problem
    blocks: Blocks
    current: CurrentPlan | None
    before: PlanBefore
    area_of: NDArray[np.int64]
    freed: frozenset[int]

    def area_of_community(self, community: int) -> int:
        """Give the area a community of the plan lies in."""
        return int(self.area_of[self.before.of_block == community][0])


@dataclass(frozen=True)
class Asked:
    """A pin with the blocks and communities that it speaks of, by number.

    Attributes
    ----------
    pin : int
        Its number, from 1.
    form : str
        See `Pin.form`.
    reason : str
    blocks : tuple of int
    communities : tuple of int
        Of the plan before: that of `in`, `keep`, `split` and `rename`, the two of `merge`.
    into : int
        Communities that `split` makes of one.
    to : str
        The name that `rename` gives.
    """

    pin: int
    form: str
    reason: str
    blocks: tuple[int, ...]
    communities: tuple[int, ...] = ()
    into: int = 1
    to: str = ""

    @property
    def is_structural(self) -> bool:
        """Whether it changes the number of communities."""
        return self.form in STRUCTURAL

    @property
    def is_edit(self) -> bool:
        """Whether it asks where blocks lie."""
        return not self.is_structural and self.form != "rename"

    @property
    def name(self) -> Message:
        """Its number and reason, as messages name it."""
        return name_pin(self.pin, self.reason)


def take_basis(
    problem: Problem,
    blocks: Blocks,
    current: CurrentPlan | None,
    before: PlanBefore,
    freed: Collection[str] = (),
) -> Basis:
    """Put together what pins speak of; `freed` are the keys of named exceptions."""
    area_of = np.zeros(problem.n_blocks, dtype=np.int64)
    for number, area in enumerate(problem.areas):
        area_of[list(area.blocks)] = number
    by_number = frozenset(c for c, key in enumerate(before.ids) if key in freed)
    return Basis(problem, blocks, current, before, area_of, by_number)


def look_up(basis: Basis, pins: Sequence[Pin]) -> tuple[Asked, ...]:
    """Find the blocks and communities that pins name.

    Raises
    ------
    ScenarioError
        Naming everything that is unknown, with what is near.
    """
    problems: list[Message] = []
    asked = [_look_up(basis, pin, number, problems) for number, pin in enumerate(pins, start=1)]
    if problems:
        raise ScenarioError(problems)
    return tuple(asked)


def label_communities(basis: Basis, asked: Iterable[Asked]) -> list[int]:
    """Give the number that each community of the plan before bears once some are merged, 0 .. k-1 closed up."""
    first = list(range(len(basis.before.ids)))
    for one in asked:
        if one.form == "merge":
            into, gone = (first[c] for c in one.communities)
            first = [into if c == gone else c for c in first]
    number = {c: n for n, c in enumerate(sorted(set(first)))}
    return [number[c] for c in first]


def put_edits(basis: Basis, asked: Sequence[Asked]) -> Edited:
    """Put pins that do not contradict each other as edits of the plan."""
    label = np.array(label_communities(basis, asked), dtype=np.int32)
    home, residents = label[basis.before.of_block], count_residents(basis.blocks)
    n = int(label.max()) + 1
    area = [int(basis.area_of[home == c][0]) for c in range(n)]
    family, shares = [*range(n)], [*_keep_merged(basis, asked, label, residents)]
    for one in asked:
        if one.form == "split":
            c = int(label[one.communities[0]])
            for part in (c, *range(len(family), len(family) + one.into - 1)):
                shares.append(_keep_share(one.pin, np.flatnonzero(home == c), part, one.into, residents))
            family += [c] * (one.into - 1)
            area += [area[c]] * (one.into - 1)
    return Edited(
        home=home,
        family=np.array(family, dtype=np.int64),
        area=np.array(area, dtype=np.int64),
        freed=frozenset(int(label[c]) for c in basis.freed),
        residents=residents,
        edits=(
            *(_as_edit(one, label.tolist()) for one in asked if one.is_edit),
            *shares,
            *_of_scenario(basis.problem),
        ),
    )


def _keep_merged(basis: Basis, asked: Sequence[Asked], label: Labels, residents: IntArray) -> Iterator[Edit]:
    """Let a merged community keep a share of each that was merged."""
    merges = [one for one in asked if one.form == "merge"]
    for number in sorted({int(label[c]) for one in merges for c in one.communities}):
        members = np.flatnonzero(label == number).tolist()
        for c in members:
            pin = next(one.pin for one in merges if label[one.communities[0]] == number)
            yield _keep_share(pin, np.flatnonzero(basis.before.of_block == c), number, len(members), residents)


def _keep_share(pin: int, blocks: IntArray, community: int, n: int, residents: IntArray) -> Edit:
    """Let a community hold half of an even share of the residents of some blocks; of the blocks if nobody lives there.

    So a community that is split lives on in every part, and each that is merged in the one made of them.
    """
    held = residents[blocks] if residents[blocks].any() else np.ones(len(blocks), dtype=np.int64)
    least = -(-int(held.sum()) // (2 * n))
    return Edit(pin, EditKind.SHARE, tuple(blocks.tolist()), community, tuple(held.tolist()), least)


def _of_scenario(problem: Problem) -> Iterator[Edit]:
    """Put what the scenario asks, which the plan before keeps to, as edits of no pin.

    That blocks make so many communities of their own is put as their borders; the number is left to the judge.
    """
    for one in problem.demands:
        if one.together or one.count == 1:
            yield Edit(0, EditKind.TOGETHER, one.together or one.own)
        is_own = np.isin(problem.edges, one.own)
        border = problem.edges[is_own[:, 0] != is_own[:, 1]].tolist()
        for pair in (*one.apart, *border):
            yield Edit(0, EditKind.APART, tuple(pair))


def explain_moves(asked: Sequence[Asked], edited: Edited) -> dict[int, Asked]:
    """Give, for each block that a pin has moved or may have, the first such pin.

    What is to lie together goes along with a block that another pin has moved.
    """
    edit_of = {edit.pin: edit for edit in edited.edits if edit.kind is not EditKind.SHARE}
    why: dict[int, Asked] = {}
    for one in asked:
        if not one.is_edit or not edit_of[one.pin].holds(edited.home):
            for block in one.blocks:
                why.setdefault(block, one)
    for one in asked:
        if one.form not in ("apart", "keep") and not why.keys().isdisjoint(one.blocks):
            for block in one.blocks:
                why.setdefault(block, one)
    return why


def _as_edit(one: Asked, label: Sequence[int]) -> Edit:
    community = label[one.communities[0]] if one.communities else -1
    return Edit(one.pin, _KINDS.get(one.form, EditKind.TOGETHER), one.blocks, community)


# --- names and keys ---------------------------------------------------------------------------------------


def _look_up(basis: Basis, pin: Pin, number: int, problems: list[Message]) -> Asked:
    """Find what one pin names; what cannot be found is added to the problems."""
    before, found = basis.before, list[Message]()
    blocks, communities = list[int](), list[int]()
    if (named := pin.blocks or pin.together or pin.apart) is not None:
        keys = [*named, *([pin.with_] if pin.with_ is not None else [])]
        blocks = [*find_blocks(basis.blocks.ids, keys, found)]
    if (places := [pin.in_ or pin.keep or pin.split or pin.rename, *(pin.merge or ())]) != [None]:
        of_plan = Message("community of the plan", "方案中的社区")
        communities = [
            c
            for place in places
            if place is not None
            for c in find_community(place, before.ids, before.names, of_plan, found)
        ]
    if pin.form in ("keep", "merge", "split"):
        blocks = np.flatnonzero(np.isin(before.of_block, communities)).tolist()
    if pin.whole is not None:
        blocks = blocks_of_today(basis.current, pin.whole, found)
    if pin.estate is not None:
        blocks = blocks_of_estate(basis.blocks, pin.estate, found)
    asked = Asked(number, pin.form, pin.reason, tuple(blocks), tuple(communities), pin.into or 1, pin.to or "")
    found += _list_taken(basis, asked)
    problems += [asked.name + plain(": ") + message for message in found]
    return asked


def _list_taken(basis: Basis, one: Asked) -> Iterator[Message]:
    """Say that the name a community is to bear is that of another, of the plan or of today."""
    before, current = basis.before, basis.current
    own = {before.ids[c] for c in one.communities}
    named = [*zip(before.ids, before.names, strict=True)]
    named += [] if current is None else [*zip(current.ids, current.names, strict=True)]
    if one.form == "rename" and any(one.to in pair and pair[0] not in own for pair in named):
        yield Message(f"{one.to} is another community's name", f"{one.to} 已是其他社区的名称或编号")
