"""Our own search as a contestant, as `redistrict run` does it, watched from outside like the others."""

import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection

from redistrict.bench.city import TRIAL, draw_city
from redistrict.bench.instances import Instance
from redistrict.bench.watch import READY, Watched, watch
from redistrict.model.result import Result
from redistrict.scenario.models import Solve
from redistrict.solver.strategy import solve
from redistrict.solver.tasks.progress import Progress
from redistrict.solver.tasks.stop import Stop

_GRACE_S = 120.0


@dataclass(frozen=True)
class Mark:
    """The cost of our best plan at a moment of the search."""

    seconds: float
    cost: int


@dataclass(frozen=True, eq=False)
class Ended:
    """What our search came to, and the most memory its process held, MiB, where the system tells."""

    seconds: float
    result: Result
    memory_mib: float | None


def run_ours(instance: Instance, *, seconds: float, workers: int) -> Watched:
    """Search for a plan in at most `seconds`: messages are `Mark`, and `Ended` at last."""
    return watch([(_search, (instance, seconds, workers))], seconds=seconds + _GRACE_S)


def _search(pipe: Connection, instance: Instance, seconds: float, workers: int) -> None:
    solve(draw_city(TRIAL)[0], Solve(effort=0.01), Stop(_GRACE_S))
    pipe.send(READY)
    began = time.monotonic()

    def tell(progress: Progress) -> None:
        if progress.cost is not None:
            pipe.send(Mark(time.monotonic() - began, progress.cost))

    rules = Solve(effort=instance.case.effort, workers=workers, time_limit_s=seconds)
    result = solve(instance.problem, rules, Stop(seconds), tell)
    pipe.send(Ended(time.monotonic() - began, result, _memory_mib()))


def _memory_mib() -> float | None:
    with suppress(ImportError):  # Windows has no such module
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return None
