"""Terms of the exact model beyond metres: residents whose community or street changes, and workers lost to rounding.

``x[i, r]`` says that block i lies in the community whose lowest-numbered block is r, as in `representatives`.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.model.dear import DearLevels
from redistrict.model.problem import AreaProblem
from redistrict.model.terms import IdleStaff

Assignment = NDArray[np.int32]
Variables = dict[tuple[int, int], cp_model.IntVar]
Costs = list[cp_model.LinearExpr]


def first_blocks(assignment: Assignment) -> Assignment:
    """Give each block the lowest-numbered block of its community."""
    _, first, inverse = np.unique(assignment, return_index=True, return_inverse=True)
    return first[inverse].astype(np.int32)


def idle_costs(model: cp_model.CpModel, x: Variables, problem: AreaProblem, hint: Assignment | None) -> Costs:
    """Give the cost of the difference between whole workers and the exact need of every community."""
    idle = problem.idle
    if idle is None:
        return []
    products = problem.size * np.array(idle.share, dtype=np.int64)
    most_need = int(products.sum())
    most = max(most_need // idle.scale + 1, idle.minimum)
    costs: Costs = []
    first = None if hint is None else first_blocks(hint)
    for r in range(problem.n_blocks):
        members = [i for i in range(r, problem.n_blocks) if (i, r) in x]
        needs = [sum(int(products[i, q]) * x[i, r] for i in members) for q in range(products.shape[1])]
        need = model.new_int_var(0, most_need, f"need_{r}")
        if idle.larger:
            model.add_max_equality(need, needs)
        else:
            model.add(need == sum(needs))
        workers = model.new_int_var(0, most, f"workers_{r}")
        off = model.new_int_var(0, idle.scale * max(1, idle.minimum), f"idle_{r}")
        model.add(workers >= idle.minimum * x[r, r])
        model.add(workers <= most * x[r, r])
        model.add(off >= workers * idle.scale - need)
        model.add(off >= need - workers * idle.scale)
        if idle.up:
            model.add(workers * idle.scale >= need)
        hinted = None if first is None else _hint_idle(model, problem, first, r, need, workers, off)
        costs.append(charge_idle(model, idle, off, hinted))
    return costs


def charge_idle(
    model: cp_model.CpModel, idle: IdleStaff, off: cp_model.IntVar, hinted: int | None = None
) -> cp_model.LinearExpr:
    """Give the cost of ``off / scale`` workers, rounded up to whole units of cost, as `IdleStaff.cost` has it."""
    cost, divisor = idle.rate.as_integer_ratio()
    parts, most = off, idle.most_parts
    if idle.grain > 1:
        parts = model.new_int_var(0, most, f"{off.name}_parts")
        model.add(idle.grain * parts >= off)
        if hinted is not None:
            model.add_hint(parts, -(-hinted // idle.grain))
    if divisor == 1:
        return cost * parts
    charged = model.new_int_var(0, -(-cost * most // divisor), f"{off.name}_charged")
    model.add(divisor * charged >= cost * parts)
    if hinted is not None:
        model.add_hint(charged, -(-cost * -(-hinted // idle.grain) // divisor))
    return 1 * charged


def _hint_idle(
    model: cp_model.CpModel,
    problem: AreaProblem,
    first: Assignment,
    r: int,
    need: cp_model.IntVar,
    workers: cp_model.IntVar,
    off: cp_model.IntVar,
) -> int:
    """Hint at need, workers and their difference in the hint, and give the last."""
    idle = problem.idle
    assert idle is not None
    exact = idle.need(problem.size[first == r].sum(axis=0, keepdims=True))
    found, whole = int(exact[0]), int(idle.workers(exact)[0]) if first[r] == r else 0
    model.add_hint(need, found)
    model.add_hint(workers, whole)
    model.add_hint(off, abs(whole * idle.scale - found))
    return abs(whole * idle.scale - found)


def level_costs(
    model: cp_model.CpModel, dear: DearLevels | None, inside: Mapping[int, cp_model.IntVar], hinted: Iterable[int]
) -> Costs:
    """Give what one community costs by its levels: the price of all residents, less that of the unit it belongs to.

    ``kept``: what the residents of a unit would cost, where the community belongs to it; it belongs to one of a level.

    Parameters
    ----------
    inside : mapping
        The variable of each block that may lie in the community.
    hinted : iterable of int
        Its blocks in the hint.
    """
    if dear is None:
        return []
    costs: Costs = []
    hint = dear.count(np.where(np.isin(np.arange(dear.block.max() + 1), [*hinted]), 0, 1), 2)[0]
    for first, end in pairwise(dear.first.tolist()):
        belongs = []
        for unit in range(first, end):
            rows = [n for n in np.flatnonzero(dear.unit == unit).tolist() if int(dear.block[n]) in inside]
            count = cp_model.LinearExpr.weighted_sum(
                [inside[int(dear.block[n])] for n in rows], dear.price[rows].tolist()
            )
            most = int(dear.price[rows].sum())
            y, kept = model.new_bool_var(""), model.new_int_var(0, most, "")
            model.add(kept <= count)
            model.add(kept <= most * y)
            is_hinted = unit == first + int(hint[first:end].argmax())
            model.add_hint(y, is_hinted)
            model.add_hint(kept, int(hint[unit]) if is_hinted else 0)
            belongs.append(y)
            costs.append(count - kept)
        model.add_at_most_one(belongs)
    return costs


def stay_costs(model: cp_model.CpModel, x: Variables, problem: AreaProblem, hint: Assignment | None) -> Costs:
    """Give the cost of the residents whose community changes, and keep them below the limit.

    ``y[r, o]``: the community of r takes the name of today's community o. It may where no other is the source of
    more of its residents; each name is taken once. Where two sources are equally large either may give its name,
    which the rule of `succession` does not allow: the model is then a little wider than the problem, its bound true.
    """
    stay = problem.stay
    if stay is None or (stay.rate == 0 and stay.max_moved is None):
        return []
    names = sorted(set(stay.current[stay.is_home].tolist()))
    others = sorted(set(stay.current[stay.current >= 0].tolist()))
    heirs = None if hint is None else _heirs(problem, hint)
    kept_all: list[cp_model.IntVar] = []
    taken: dict[int, list[cp_model.IntVar]] = {o: [] for o in names}
    for r in range(problem.n_blocks):
        overlap = {o: _overlap(x, problem, r, o) for o in others}
        own = []
        for o in names:
            rows = [n for n in np.flatnonzero(stay.current == o).tolist() if (int(stay.place[n]), r) in x]
            most = int(stay.residents[rows].sum())
            if most == 0:
                continue
            y = model.new_bool_var(f"name_{r}_{o}")
            kept = model.new_int_var(0, most, f"kept_{r}_{o}")
            model.add(kept <= overlap[o])
            model.add(kept <= most * y)
            for other in others:
                if other != o:
                    model.add(overlap[o] >= overlap[other]).only_enforce_if(y)
            if heirs is not None:
                is_heir = heirs.get((r, o), 0)
                model.add_hint(y, is_heir > 0)
                model.add_hint(kept, is_heir)
            own.append(y)
            taken[o].append(y)
            kept_all.append(kept)
        model.add(sum(own) <= x[r, r])
    for name in names:
        model.add_at_most_one(taken[name])
    if stay.max_moved is not None:
        model.add(sum(kept_all) >= stay.n_residents - stay.max_moved)
    return [cp_model.LinearExpr.weighted_sum(kept_all, [-stay.rate] * len(kept_all)) + stay.rate * stay.n_residents]


def _overlap(x: Variables, problem: AreaProblem, r: int, old: int) -> cp_model.LinearExpr:
    stay = problem.stay
    assert stay is not None
    rows = np.flatnonzero((stay.current == old) & (stay.residents > 0))
    ends = zip(stay.place[rows].tolist(), stay.residents[rows].tolist(), strict=True)
    inside = [(x[i, r], residents) for i, residents in ends if (i, r) in x]
    return cp_model.LinearExpr.weighted_sum([var for var, _ in inside], [residents for _, residents in inside])


def _heirs(problem: AreaProblem, hint: Assignment) -> dict[tuple[int, int], int]:
    """Give the residents kept, by first block and today's community, in the hint."""
    stay = problem.stay
    assert stay is not None
    traced = stay.trace(hint)
    first = first_blocks(hint)
    root = {int(c): int(first[i]) for i, c in enumerate(hint.tolist())}
    return {(root[c], int(o)): int(traced.kept[c]) for c, o in enumerate(traced.predecessor.tolist()) if o >= 0}
