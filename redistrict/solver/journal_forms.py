"""What tasks hand to the journal: under which step, and findings as arrays, and back."""

from dataclasses import fields
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redistrict.model.necessity import Necessity
from redistrict.model.result import AreaResult, SolveStatus, StoppedBy
from redistrict.solver.exact.divide_group import Division
from redistrict.solver.exact.length_bound import Witness
from redistrict.solver.exact.length_rows import split_rows
from redistrict.solver.search.candidates import CandidatePool
from redistrict.solver.search.search_area import Found
from redistrict.solver.tasks.journal import Arrays, Form


class JournalStep(IntEnum):
    """What a kept task was for, the first number of its key; a new value makes old journals useless."""

    ANNEAL = 1
    RECOMBINE = 2
    POLISH = 3
    BOUND = 4
    NEAREST = 5
    DRAW = 6
    LENGTHS = 7


def _found_to_arrays(found: Found) -> Arrays:
    """Write a finding as arrays; what is not there is an empty one."""
    columns = list(found.pool.columns())
    nothing = np.zeros(0, dtype=np.int32)
    return {
        "best": nothing if found.best is None else found.best,
        "cost": np.array([] if found.cost is None else [found.cost], dtype=np.int64),
        "nearest": nothing if found.nearest is None else found.nearest,
        "miss": np.array(found.miss),
        "members": np.concatenate([nothing, *(members for members, _ in columns)]),
        "ends": np.cumsum([members.size for members, _ in columns], dtype=np.int64),
        "costs": np.array([cost for _, cost in columns], dtype=np.int64),
    }


def _found_from_arrays(arrays: Arrays) -> Found:
    """Read a finding back."""
    parts = np.split(arrays["members"].astype(np.int32), arrays["ends"][:-1])
    costs = arrays["costs"].tolist()
    pool = CandidatePool({part.tobytes(): cost for part, cost in zip(parts, costs, strict=bool(costs))})
    cost = arrays["cost"].tolist()
    return Found(
        best=_plan(arrays["best"]),
        cost=cost[0] if cost else None,
        nearest=_plan(arrays["nearest"]),
        miss=float(arrays["miss"]),
        pool=pool,
    )


def _plan(array: NDArray[np.int32]) -> NDArray[np.int32] | None:
    return array.astype(np.int32) if array.size else None


def _division_to_arrays(division: Division) -> Arrays:
    """Write a division as arrays."""
    return {field.name: np.asarray(getattr(division, field.name)) for field in fields(division)}


def _division_from_arrays(arrays: Arrays) -> Division:
    """Read a division back."""
    values: dict[str, Any] = {name: value if value.ndim else value.item() for name, value in arrays.items()}
    return Division(**values)


def _nearest_to_arrays(found: AreaResult) -> Arrays:
    """Write what came of freeing an area as arrays; what is not there is an empty one."""
    numbers = [-1 if value is None else value for value in (found.cost, found.bound)]
    words = [found.status.value, found.stopped_by.value, found.exceptions.value if found.exceptions else ""]
    return {
        "n_communities": np.array(found.n_communities, dtype=np.int64),
        "assignment": np.array(found.assignment or (), dtype=np.int32),
        "nearest": np.array(found.nearest or (), dtype=np.int32),
        "numbers": np.array(numbers, dtype=np.int64),
        "are_known": np.array([found.cost is not None, found.bound is not None]),
        "words": np.array(words),
    }


def _nearest_from_arrays(arrays: Arrays) -> AreaResult:
    """Read back what came of freeing an area."""
    status, stopped_by, exceptions = arrays["words"].tolist()
    are_known = arrays["are_known"].tolist()
    cost, bound = (n if is_known else None for n, is_known in zip(arrays["numbers"].tolist(), are_known, strict=True))
    return AreaResult(
        n_communities=int(arrays["n_communities"]),
        status=SolveStatus(status),
        stopped_by=StoppedBy(stopped_by),
        assignment=tuple(arrays["assignment"].tolist()) or None,
        cost=cost,
        bound=bound,
        nearest=tuple(arrays["nearest"].tolist()) or None,
        exceptions=Necessity(exceptions) if exceptions else None,
    )


def _witness_to_arrays(witness: Witness) -> Arrays:
    """Write rows and multipliers as arrays; multipliers may be longer than any number of an array."""
    nothing = np.zeros(0, dtype=np.int64)
    return {
        "edge": np.concatenate([nothing, *(row.edge for row in witness.rows)]),
        "factor": np.concatenate([nothing, *(row.factor for row in witness.rows)]),
        "end": np.cumsum([row.edge.size for row in witness.rows], dtype=np.int64),
        "least": np.array([row.least for row in witness.rows], dtype=np.int64),
        "multiplier": np.array([str(y) for y in witness.multiplier], dtype=np.str_),
    }


def _witness_from_arrays(arrays: Arrays) -> Witness:
    """Read rows and multipliers back."""
    rows = split_rows(arrays["edge"], arrays["factor"], arrays["end"], arrays["least"])
    return Witness(tuple(rows), tuple(int(y) for y in arrays["multiplier"].tolist()))


WITNESS = Form(_witness_to_arrays, _witness_from_arrays)
NEAREST = Form(_nearest_to_arrays, _nearest_from_arrays)
FOUND = Form(_found_to_arrays, _found_from_arrays)
DIVISION = Form(_division_to_arrays, _division_from_arrays)
BOUND: Form[int] = Form(lambda bound: {"bound": np.array(bound, dtype=np.int64)}, lambda arrays: int(arrays["bound"]))
