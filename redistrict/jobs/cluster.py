"""The cluster: tasks of a job done by the workers of a Dask scheduler, and a cluster of this machine for a trial."""

import importlib.util
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf

from redistrict.errors import RedistrictError
from redistrict.messages import Message
from redistrict.solver.tasks.pools import working_with
from redistrict.solver.tasks.stop import Stop, interruptible

_LOOK_S = 0.2
_NO_CLUSTER = Message(
    'A cluster needs more libraries, on all its machines: python -m pip install "redistrict[cluster]"',
    '使用集群需要另外的程序库（所有机器均需安装）：python -m pip install "redistrict[cluster]"',
)


@contextmanager
def clustered(address: str | None) -> Iterator[None]:
    """Let the tasks of the block be done by the scheduler at an address; by threads of this process without one.

    Raises
    ------
    ClusterError
        If nobody answers there.
    RedistrictError
        If the libraries for it are missing.
    """
    if address is None:
        yield
        return
    _check_installed()
    from redistrict.solver.tasks.cluster import ClusterPool

    with ClusterPool(address) as pool, working_with(pool):
        yield


def serve_local(n_workers: int, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve a scheduler and workers on this machine, for itself alone, until the user interrupts.

    Parameters
    ----------
    n_workers : int
        Processes, of one thread each.
    port : int
        Of the scheduler; 0 for any that is free.
    on_ready : callable
        Called with the address.

    Raises
    ------
    RedistrictError
        If the libraries for it are missing.
    """
    _check_installed()
    from redistrict.solver.tasks.cluster import local_cluster

    stop = Stop(inf)
    with interruptible(stop), local_cluster(n_workers, port) as address:
        on_ready(address)
        while stop.reason is None:
            time.sleep(_LOOK_S)


def _check_installed() -> None:
    if importlib.util.find_spec("distributed") is None:
        raise RedistrictError(_NO_CLUSTER)
