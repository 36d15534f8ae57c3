"""How every CP-SAT model here is run: one worker, counted effort, stoppable."""

import math
from dataclasses import dataclass

from ortools.sat.python import cp_model

from redistrict.model.result import SolveStatus
from redistrict.solver.tasks.stop import Stop

_LARGE = 2**31
_STATUS = {
    cp_model.OPTIMAL: SolveStatus.OPTIMAL,
    cp_model.FEASIBLE: SolveStatus.FEASIBLE,
    cp_model.INFEASIBLE: SolveStatus.INFEASIBLE,
    cp_model.UNKNOWN: SolveStatus.UNKNOWN,
}


@dataclass(frozen=True, eq=False)
class Answer:
    """What CP-SAT said: status, the chosen Boolean literals, the proved bound and the effort spent.

    There is a bound exactly when there is an objective: CP-SAT reports 0 while it knows none.
    """

    status: SolveStatus
    chosen: tuple[bool, ...]
    objective: int | None
    bound: int | None
    effort: float


def run_model(
    model: cp_model.CpModel,
    variables: list[cp_model.IntVar],
    stop: Stop,
    *,
    effort: float,
    seed: int,
    linearization: int = 2,
) -> Answer:
    """Solve with one worker inside `effort` (CP-SAT's deterministic time), so that the answer never varies.

    Parameters
    ----------
    variables : list
        Boolean variables whose values are wanted, in this order.
    effort : float
        Deterministic time, roughly seconds.

    Raises
    ------
    ValueError
        If the model itself is wrong: a bug.
    """
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.num_workers = 1
    parameters.linearization_level = linearization
    parameters.random_seed = seed % 2**31
    parameters.max_deterministic_time = max(effort, 0.0)
    parameters.max_time_in_seconds = max(stop.remaining_s, 0.01)
    parameters.catch_sigint_signal = False
    parameters.cp_model_presolve = not _has_large_numbers(model)
    with stop.watch(solver.stop_search):
        status = solver.solve(model)
    if status not in _STATUS:
        raise ValueError(f"CP-SAT refused the model: {model.validate()}")
    found = _STATUS[status] in (SolveStatus.OPTIMAL, SolveStatus.FEASIBLE)
    return Answer(
        status=_STATUS[status],
        chosen=tuple(bool(solver.value(v)) for v in variables) if found else (),
        objective=round(solver.objective_value) if found else None,
        bound=_as_integer_bound(solver.best_objective_bound) if found else None,
        effort=solver.response_proto.deterministic_time,
    )


def _has_large_numbers(model: cp_model.CpModel) -> bool:
    """Whether a sum has factors beyond 32 bits: presolve of CP-SAT 9.15 has called such a model infeasible that is not.

    Seven blocks of 0.5 to 4.6 milliard people, and a limit on those who move, were enough.
    """
    sums = (constraint.linear.coeffs for constraint in model.proto.constraints if constraint.has_linear())
    return any(max(map(abs, coeffs), default=0) >= _LARGE for coeffs in sums)


def _as_integer_bound(bound: float) -> int:
    """Round a proved lower bound of an integer objective up, guarding against the last digits of a float."""
    return math.ceil(bound - 1e-3)
