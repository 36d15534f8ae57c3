"""The exact model of a repair: fewest residents leave their community, then the plan costs least.

The communities keep their identity, so every block has a home, and a repair is told by who leaves it. Both objectives
are whole numbers, and the first is held while the second is sought: no weights.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.model.edits import Edit, EditKind
from redistrict.model.problem import AreaProblem
from redistrict.model.result import SolveStatus
from redistrict.solver.exact.divide_group import find_cheapest
from redistrict.solver.exact.labelled import (
    LabelledModel,
    build_labelled,
    cut_off,
    hint_at,
    too_small_for,
)
from redistrict.solver.tasks.cpsat import run_model
from redistrict.solver.tasks.stop import Stop

Labels = NDArray[np.int32]
IntArray = NDArray[np.int64]
_FEWER = 0.9
"""Each repair that is found on the way must move at most this share of the residents that the last one moved."""

_TIDYING = 0.05
"""Effort, at most, that it takes to leave blocks where they are that need not move."""
_PER_ROUND = 0.01
"""What a round costs besides CP-SAT's own effort: reading the answer, and the cuts."""


@dataclass(frozen=True, eq=False)
class Torn:
    """Some communities that an edit has torn or thrown off balance.

    Attributes
    ----------
    problem : AreaProblem
        Their blocks, with the area's prices; its bounds are not looked at, nor is `stay`.
    home : (n_blocks,) int32
        Community of each block before the repair.
    family : (n_communities,) int64
        Communities of one number are one home: the parts of a community that is to be split.
    lower, upper : (n_communities, n_quantities) int64
    residents : (n_blocks,) int64
    edits : tuple of Edit
        What must hold, with the blocks and communities of `problem`.
    allowed : (n_blocks, n_communities) bool
        Where each block may lie.
    most_moved : int
        Residents who may leave their home, at most.
    """

    problem: AreaProblem
    home: Labels
    family: IntArray
    lower: IntArray
    upper: IntArray
    residents: IntArray
    edits: tuple[Edit, ...]
    allowed: NDArray[np.bool_]
    most_moved: int

    def moved(self, plan: Labels) -> int:
        """Count the residents who leave their home."""
        return int(self.residents[self.family[plan] != self.family[self.home]].sum())


@dataclass(frozen=True, eq=False)
class Repair:
    """What was found.

    Attributes
    ----------
    plan : (n_blocks,) int32 or None
    is_proved : bool
        There is none better; without a plan: there is none.
    effort : float
        CP-SAT's deterministic time spent.
    least : int
        No repair moves fewer residents.
    """

    plan: Labels | None
    is_proved: bool
    effort: float
    least: int = 0


def find_fewest(torn: Torn, stop: Stop, *, effort: float, seed: int) -> Repair:
    """Find the repair that moves the fewest residents; a plan is given only where that is proved.

    What is proved while connectedness is not yet complete holds for every repair, so no answer moves fewer than the
    one before.
    """
    asked, least, spent = _ask_fewest(torn), 0, 0.0
    built = asked.built
    while spent < effort and not stop.reason:
        built.model.add(asked.moved >= least)
        answer = run_model(built.model, built.variables, stop, effort=effort - spent, seed=seed, linearization=1)
        spent += answer.effort + _PER_ROUND
        if answer.status is SolveStatus.INFEASIBLE:
            return Repair(None, True, spent, least)
        if answer.bound is not None:
            least = max(least, answer.bound)
        if answer.status is not SolveStatus.OPTIMAL:
            break
        found, tidying = _tidy(torn, asked, built.read(answer.chosen), stop, seed=seed)
        spent += tidying
        if not cut_off(built, found):
            return Repair(found, True, spent, least)
    return Repair(None, False, spent, least)


@dataclass(frozen=True, eq=False)
class _Asked:
    """A model that asks for the fewest residents moved, with what counts them and the blocks that stay."""

    built: LabelledModel
    moved: cp_model.LinearExpr
    stay: cp_model.LinearExpr


def _ask_fewest(torn: Torn) -> _Asked:
    built = _build(torn)
    moved = _moved(built, torn)
    built.model.minimize(moved)
    stay = cp_model.LinearExpr.sum([row[home] for row, home in zip(built.x, torn.home.tolist(), strict=True)])
    return _Asked(built, moved, stay)


def _tidy(torn: Torn, asked: _Asked, found: Labels, stop: Stop, *, seed: int) -> tuple[Labels, float]:
    """Give an answer that moves as few residents as the one found and, as far as is soon seen, fewer blocks.

    Blocks without residents that go astray would tear communities in ever new ways. Asked for both in one sum, CP-SAT
    takes a hundred times as long where many communities are free.
    """
    model = asked.built.model.clone()
    model.add(asked.moved <= torn.moved(found))
    model.maximize(asked.stay)
    answer = run_model(model, asked.built.variables, stop, effort=_TIDYING, seed=seed, linearization=1)
    return (asked.built.read(answer.chosen) if answer.chosen else found), answer.effort


def find_some(torn: Torn, stop: Stop, *, effort: float, seed: int) -> Repair:
    """Find a repair soon, and from it ever better ones, each a tenth fewer, while the effort lasts."""
    built = _build(torn)
    moved, spent, best = _moved(built, torn), 0.0, None
    while spent < effort and not stop.reason:
        answer = run_model(built.model, built.variables, stop, effort=effort - spent, seed=seed)
        spent += answer.effort
        if answer.status is SolveStatus.INFEASIBLE:
            return Repair(best, best is None, spent)
        if not answer.chosen:
            break
        found = built.read(answer.chosen)
        if not cut_off(built, found):
            best = found
            if torn.moved(found) == 0:
                break
            built.model.add(moved <= int(torn.moved(found) * _FEWER))
    return Repair(best, False, spent)


def cheapen(torn: Torn, plan: Labels, stop: Stop, *, effort: float, seed: int) -> Repair:
    """Find the cheapest repair that moves no more than `most_moved`, from one that does."""
    division = find_cheapest(_build(torn), plan, stop, effort=effort, seed=seed)
    return Repair(division.assignment, division.is_proved, division.effort)


def _build(torn: Torn) -> LabelledModel:
    built = build_labelled(torn.problem, torn.lower, torn.upper, _narrow(torn))
    _choose_roots(built, torn)
    hint_at(built, torn.home)
    for edit in torn.edits:
        _demand(built, edit)
    _join_pairs(built, torn)
    built.model.add(_moved(built, torn) <= torn.most_moved)
    return built


def _choose_roots(built: LabelledModel, torn: Torn) -> None:
    """Give every community a root that has none, so that what is torn off it can be told.

    Of the parts of a community that is split, as long as they are alike, the first is that with a block at one end, and
    the others have their root as far from there as can be.
    """
    for family in np.unique(torn.family).tolist():
        parts = [
            c
            for c in np.flatnonzero(torn.family == family).tolist()
            if c not in built.roots and built.allowed[:, c].any()
        ]
        own = _only_there(built, parts)
        if len(parts) > 1 and own and _are_alike(built, torn, parts):
            end = [i for i in _walk(built, parts[0], own[0]) if i in own][-1]
            built.roots.fix(end, parts[0])
            for c in parts[1:]:
                built.roots.choose(c, _walk(built, c, end)[::-1])
        else:
            for c in parts:
                built.roots.choose(c, _walk(built, c, _largest(built, torn, c)))


def _largest(built: LabelledModel, torn: Torn, c: int) -> int:
    """Give the largest block of a community, or if all must leave it, the largest that may join it."""
    is_home = torn.family[torn.home] == torn.family[c]
    places = np.flatnonzero(built.allowed[:, c])
    return int(places[np.lexsort((-torn.problem.size[places].sum(axis=1), ~is_home[places]))][0])


def _only_there(built: LabelledModel, parts: list[int]) -> list[int]:
    """Give the blocks that may lie nowhere but in some communities."""
    inside = built.allowed[:, parts].sum(axis=1)
    return np.flatnonzero((inside > 0) & (inside == built.allowed.sum(axis=1))).tolist()


def _are_alike(built: LabelledModel, torn: Torn, parts: list[int]) -> bool:
    """Whether communities could change their numbers."""
    told = np.vstack([torn.lower[parts].T, torn.upper[parts].T, built.allowed[:, parts]])
    asked = [{replace(edit, community=-1) for edit in torn.edits if edit.community == part} for part in parts]
    return bool((told == told[:, :1]).all()) and all(one == asked[0] for one in asked)


def _walk(built: LabelledModel, c: int, start: int) -> list[int]:
    """Give the blocks that may lie in a community by their distance from one, those out of reach last."""
    places, walk = {*np.flatnonzero(built.allowed[:, c]).tolist()} - {start}, [start]
    for i in walk:
        walk += [j for j in built.adjacency.near[i] if j in places]
        places -= {*walk}
    return walk + sorted(places)


def _narrow(torn: Torn) -> NDArray[np.bool_]:
    """Give where each block may lie by the edits too; one that names a community not among these cannot be kept."""
    allowed, communities = torn.allowed.copy(), np.arange(len(torn.family))
    for edit in torn.edits:
        if edit.is_place:
            blocks = list(edit.blocks)
            allowed[np.ix_(blocks, communities != edit.community)] = False
            if edit.kind is EditKind.EXACTLY and edit.community >= 0:
                allowed[np.setdiff1d(np.arange(len(allowed)), blocks), edit.community] = False
    return allowed


def _moved(built: LabelledModel, torn: Torn) -> cp_model.LinearExpr:
    """Give the residents who leave their home."""
    away, weights = [], []
    is_away = built.allowed & (torn.residents[:, None] > 0) & (torn.family[torn.home][:, None] != torn.family)
    for i, c in np.argwhere(is_away).tolist():
        away.append(built.x[i][c])
        weights.append(int(torn.residents[i]))
    return cp_model.LinearExpr.weighted_sum(away, weights)


def _join_pairs(built: LabelledModel, torn: Torn) -> None:
    """Let two neighbours go to a community together only where a third lies beside them there.

    Said at once, this spares many answers in pieces.
    """
    start, neighbour = built.adjacency.start, built.adjacency.neighbour
    for i, j in built.problem.edges.tolist():
        around = {*neighbour[start[i] : start[i + 1]].tolist(), *neighbour[start[j] : start[j + 1]].tolist()} - {i, j}
        for c in too_small_for(built, [i, j]):
            if built.allowed[[i, j], c].all() and c not in (torn.home[i], torn.home[j]):
                ways = [built.x[k][c] for k in sorted(around) if built.allowed[k, c]]
                built.model.add_bool_or([*ways, built.x[i][c].negated(), built.x[j][c].negated()])


def _demand(built: LabelledModel, edit: Edit) -> None:
    """Let the model keep to an edit that names no place."""
    model, rows = built.model, [built.x[i] for i in edit.blocks]
    if edit.kind is EditKind.SHARE:
        held = [row[edit.community] for row in rows] if edit.community >= 0 else []
        model.add(cp_model.LinearExpr.weighted_sum(held, edit.residents[: len(held)]) >= edit.least)
    if edit.kind is EditKind.TOGETHER:
        for row in rows[1:]:
            for one, other in zip(rows[0], row, strict=True):
                model.add(one == other)
    if edit.kind is EditKind.APART:
        for c in range(built.problem.n_communities):
            model.add_at_most_one(row[c] for row in rows)
