"""Parts of set partitioning models: every item covered once, and every name of today taken once at most."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.model.succession import find_sources
from redistrict.model.terms import Stay


class Claim(NamedTuple):
    """Today's community whose name a candidate may take, or -1, and its residents who would stay."""

    name: int
    kept: int


def cover_once(
    model: cp_model.CpModel, sets: Iterable[Sequence[int]], chosen: Sequence[cp_model.IntVar], n_items: int
) -> None:
    """Every item lies in exactly one chosen set."""
    covering: list[list[cp_model.IntVar]] = [[] for _ in range(n_items)]
    for members, var in zip(sets, chosen, strict=True):
        for item in members:
            covering[item].append(var)
    for variables in covering:
        model.add_exactly_one(variables)


def list_claims(stay: Stay, candidate: NDArray[np.int32], block: NDArray[np.integer]) -> list[Claim]:
    """Give what each candidate may claim.

    Parameters
    ----------
    candidate, block : (n,) int
        Every block of every candidate, and the number of the candidate.
    """
    n_rows = np.bincount(stay.place)
    order, before = np.argsort(stay.place, kind="stable"), np.cumsum(n_rows) - n_rows
    candidate = np.repeat(candidate, n_rows[block])
    within = np.arange(candidate.size) - np.repeat(np.cumsum(n_rows[block]) - n_rows[block], n_rows[block])
    row = order[np.repeat(before[block], n_rows[block]) + within]
    current = stay.current[row]
    source, kept, _ = find_sources(candidate, current, stay.residents[row])
    away = (current == source[candidate]) & ~stay.is_home[row]
    source[candidate[away]] = -1
    return [Claim(*pair) for pair in zip(source.tolist(), kept.tolist(), strict=True)]


def claim_names(
    model: cp_model.CpModel, claims: Sequence[Claim], chosen: Sequence[cp_model.IntVar]
) -> dict[int, cp_model.IntVar]:
    """Each name is taken by one chosen candidate at most; give the variable that says so by candidate."""
    claimed: dict[int, cp_model.IntVar] = {}
    by_name: dict[int, list[cp_model.IntVar]] = {}
    for n, claim in enumerate(claims):
        if claim.name >= 0 and claim.kept > 0:
            claimed[n] = model.new_bool_var("")
            model.add_implication(claimed[n], chosen[n])
            by_name.setdefault(claim.name, []).append(claimed[n])
    for name in sorted(by_name):
        model.add_at_most_one(by_name[name])
    return claimed
