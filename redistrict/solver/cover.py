"""The exact cover: the cheapest choice of candidate communities that covers every block once."""

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.problem import AreaProblem
from redistrict.solver.candidates import CandidatePool
from redistrict.solver.cpsat import run_model
from redistrict.solver.stop import Stop


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
    _cover_every_block_once(model, problem, columns, chosen)
    model.add(sum(chosen) == problem.n_communities)
    model.minimize(sum(cost * var for (_, cost), var in zip(columns, chosen, strict=True)))
    if hint is not None:
        _hint_plan(model, columns, chosen, hint)
    answer = run_model(model, chosen, stop, effort=effort, seed=seed)
    if not answer.chosen:
        return None
    assignment = np.full(problem.n_blocks, -1, dtype=np.int32)
    picked = [members for (members, _), used in zip(columns, answer.chosen, strict=True) if used]
    for community, members in enumerate(picked):
        assignment[members] = community
    return assignment


def _cover_every_block_once(
    model: cp_model.CpModel,
    problem: AreaProblem,
    columns: list[tuple[NDArray[np.int32], int]],
    chosen: list[cp_model.IntVar],
) -> None:
    covering: list[list[cp_model.IntVar]] = [[] for _ in range(problem.n_blocks)]
    for (members, _), var in zip(columns, chosen, strict=True):
        for block in members.tolist():
            covering[block].append(var)
    for variables in covering:
        model.add_exactly_one(variables)


def _hint_plan(
    model: cp_model.CpModel,
    columns: list[tuple[NDArray[np.int32], int]],
    chosen: list[cp_model.IntVar],
    hint: NDArray[np.int32],
) -> None:
    order = np.argsort(hint, kind="stable").astype(np.int32)
    ends = np.cumsum(np.bincount(hint))
    used = {part.tobytes() for part in np.split(order, ends[:-1])}
    for (members, _), var in zip(columns, chosen, strict=True):
        model.add_hint(var, members.tobytes() in used)
