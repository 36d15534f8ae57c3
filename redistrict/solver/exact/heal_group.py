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
from redistrict.solver.exact.rooted import hang_on_roots
from redistrict.solver.tasks.cpsat import run_model
from redistrict.solver.tasks.stop import Stop

Labels = NDArray[np.int32]
IntArray = NDArray[np.int64]
_FEWER = 0.9
"""Each repair that is found on the way must move at most this share of the residents that the last one moved."""

_ROUNDS, _WHOLE_SHARE = 10, 0.3
"""Rounds of cuts before connectedness is said whole, and the share of the effort left that this may take."""
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

    A few rounds of cuts are mostly enough. Where they are not, connectedness is said whole for a while, which is quick
    where few blocks are free; what is left of the effort goes to cuts again.
    """
    by_cuts, least, spent = _ask_fewest(torn), 0, 0.0
    for is_whole, share, most_rounds in ((False, 1.0, _ROUNDS), (True, _WHOLE_SHARE, _ROUNDS), (False, 1.0, None)):
        asked = _ask_fewest(torn) if is_whole else by_cuts
        if is_whole and not hang_on_roots(asked.built):
            continue
        repair = _cut_until_whole(
            torn, asked, least, stop, effort=share * (effort - spent), seed=seed, most_rounds=most_rounds
        )
        least, spent = repair.least, spent + repair.effort
        if repair.is_proved:
            break
    return replace(repair, effort=spent)


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


def _cut_until_whole(
    torn: Torn, asked: _Asked, least: int, stop: Stop, *, effort: float, seed: int, most_rounds: int | None
) -> Repair:
    """Solve and cut off until an answer is whole.

    What is proved while connectedness is not yet complete holds for every repair, so no answer moves fewer than the
    one before.
    """
    built, spent, rounds = asked.built, 0.0, 0
    while spent < effort and rounds != most_rounds and not stop.reason:
        built.model.add(asked.moved >= least)
        answer = run_model(built.model, built.variables, stop, effort=effort - spent, seed=seed, linearization=1)
        spent, rounds = spent + answer.effort + _PER_ROUND, rounds + 1
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
            built.model.add(moved <= int(torn.moved(found) * _FEWER))
    return Repair(best, False, spent)


def cheapen(torn: Torn, plan: Labels, stop: Stop, *, effort: float, seed: int) -> Repair:
    """Find the cheapest repair that moves no more than `most_moved`, from one that does."""
    division = find_cheapest(_build(torn), plan, stop, effort=effort, seed=seed)
    return Repair(division.assignment, division.is_proved, division.effort)


def _build(torn: Torn) -> LabelledModel:
    built = build_labelled(torn.problem, torn.lower, torn.upper, _narrow(torn))
    hint_at(built, torn.home)
    for edit in torn.edits:
        _demand(built, edit)
    _join_pairs(built, torn)
    built.model.add(_moved(built, torn) <= torn.most_moved)
    return built


def _narrow(torn: Torn) -> NDArray[np.bool_]:
    """Give where each block may lie by the edits too; one that names a community not among these cannot be kept."""
    allowed, communities = torn.allowed.copy(), np.arange(len(torn.family))
    for edit in torn.edits:
        if edit.kind in (EditKind.IN, EditKind.EXACTLY):
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
    if edit.kind is EditKind.TOGETHER:
        for row in rows[1:]:
            for one, other in zip(rows[0], row, strict=True):
                model.add(one == other)
    if edit.kind is EditKind.APART:
        for c in range(built.problem.n_communities):
            model.add_at_most_one(row[c] for row in rows)
