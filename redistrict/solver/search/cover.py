"""The exact cover: the cheapest choice of candidate communities that covers every block once."""

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.model.problem import AreaProblem
from redistrict.solver.exact.set_partition import Claim, claim_names, cover_once, list_claims
from redistrict.solver.search.candidates import CandidatePool
from redistrict.solver.tasks.cpsat import run_model
from redistrict.solver.tasks.stop import Stop

Column = tuple[NDArray[np.int32], int]
"""A candidate: its blocks, ascending, and its cost."""


def best_cover(
    problem: AreaProblem,
    pool: CandidatePool,
    stop: Stop,
    *,
    hint: NDArray[np.int32] | None,
    effort: float,
    seed: int,
) -> NDArray[np.int32] | None:
    """Recombine the candidates of many runs into one plan.

    Parameters
    ----------
    pool : CandidatePool
        Connected communities inside the bounds.
    hint : (n_blocks,) int32 or None
        A plan all of whose communities are in the pool.
    effort : float
        CP-SAT's deterministic time.

    Returns
    -------
    (n_blocks,) int32 or None
        The best plan found; none if the candidates cover no plan, or none was found.
    """
    columns = list(pool.columns())
    if len(columns) < problem.n_communities:
        return None
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in columns]
    cover_once(model, (members.tolist() for members, _ in columns), chosen, problem.n_blocks)
    model.add(sum(chosen) == problem.n_communities)
    costs = [cost * var for (_, cost), var in zip(columns, chosen, strict=True)]
    claims = _claims(problem, columns)
    claimed = claim_names(model, claims, chosen)
    if problem.stay is not None:
        kept = cp_model.LinearExpr.weighted_sum(list(claimed.values()), [claims[n].kept for n in claimed])
        costs.append(-problem.stay.rate * kept)
        if problem.stay.max_moved is not None:
            model.add(kept >= problem.stay.n_residents - problem.stay.max_moved)
    model.minimize(sum(costs))
    if hint is not None:
        _hint_plan(model, problem, columns, chosen, claimed, claims, hint)
    answer = run_model(model, chosen, stop, effort=effort, seed=seed)
    if not answer.chosen:
        return None
    assignment = np.full(problem.n_blocks, -1, dtype=np.int32)
    picked = [members for (members, _), used in zip(columns, answer.chosen, strict=True) if used]
    for community, members in enumerate(picked):
        assignment[members] = community
    return assignment


def _claims(problem: AreaProblem, columns: list[Column]) -> list[Claim]:
    if problem.stay is None:
        return []
    blocks = np.concatenate([members for members, _ in columns])
    column = np.repeat(np.arange(len(columns), dtype=np.int32), [members.size for members, _ in columns])
    return list_claims(problem.stay, column, blocks)


def _hint_plan(
    model: cp_model.CpModel,
    problem: AreaProblem,
    columns: list[Column],
    chosen: list[cp_model.IntVar],
    claimed: dict[int, cp_model.IntVar],
    claims: list[Claim],
    hint: NDArray[np.int32],
) -> None:
    order = np.argsort(hint, kind="stable").astype(np.int32)
    ends = np.cumsum(np.bincount(hint))
    used = {part.tobytes(): c for c, part in enumerate(np.split(order, ends[:-1]))}
    community = [used.get(members.tobytes()) for members, _ in columns]
    for var, c in zip(chosen, community, strict=True):
        model.add_hint(var, c is not None)
    if problem.stay is not None:
        heirs = problem.stay.trace(hint).predecessor
        for n, var in claimed.items():
            model.add_hint(var, community[n] is not None and heirs[community[n]] == claims[n].name)
