"""The cluster: tasks done by the workers of a Dask scheduler. The one module that knows Dask.

A task is pickled here and unpickled by a worker, which runs the same code of the same version: so answers are the same,
bit by bit. Large problems are sent once, as a task of their own that the scheduler can have done again, and named in
the tasks that need them. The journal stays here: what it has is not sent, and what comes back is kept at once. A worker
that is lost is the scheduler's matter: its tasks go to others. When the scheduler is lost, what is open is sent again
once there is one at the address.
"""

import io
import logging
import pickle
import platform
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from queue import Empty, Queue
from typing import Any
from weakref import WeakKeyDictionary

from distributed import Client, KilledWorker, LocalCluster

from redistrict.errors import ClusterError
from redistrict.messages import Message
from redistrict.model.problem import AreaProblem
from redistrict.model.result import StoppedBy
from redistrict.solver.tasks.journal import Kept, fingerprint
from redistrict.solver.tasks.stop import Stop
from redistrict.version import __version__

_log = logging.getLogger(__name__)
_SHARED_FROM = 150
"""Problems of so many blocks are sent once; smaller ones with each task."""
_PATIENCE_S, _TRY_S, _LOOK_S = 300.0, 5.0, 0.5
"""How long a lost scheduler is waited for; how long one attempt to reach it takes; how often the user is heeded."""
_GRACE_S = 15.0
"""After the time is up tasks have so long to give the best they have."""
_GONE = ("cancelled", "lost", "error")
"""States of a task that gives no answer any more."""
_ENGINES = ("numba", "numpy", "ortools")
"""Libraries whose versions answers depend on."""

Task = Callable[[], Any]


@cache
def versions() -> tuple[str, ...]:
    """Give the versions that answers depend on."""
    return (__version__, platform.python_version(), *(f"{name} {version(name)}" for name in _ENGINES))


class _Packer(pickle.Pickler):
    """Pickles a task; problems that are large are named, and told apart; limits of time are told, too."""

    def __init__(self, buffer: io.BytesIO, names: WeakKeyDictionary[AreaProblem, str]) -> None:
        super().__init__(buffer, protocol=pickle.HIGHEST_PROTOCOL)
        self.shared: dict[str, AreaProblem] = {}
        self.stop: Stop | None = None
        self._names = names

    def persistent_id(self, obj: object) -> str | None:
        """Name what is not to be written here."""
        if isinstance(obj, Stop):
            self.stop = obj
        if not isinstance(obj, AreaProblem) or obj.n_blocks < _SHARED_FROM:
            return None
        name = self._names.get(obj) or f"redistrict-{fingerprint(obj)}"
        self._names[obj] = name
        self.shared[name] = obj
        return name


class _Unpacker(pickle.Unpickler):
    def __init__(self, payload: bytes, shared: dict[str, AreaProblem]) -> None:
        super().__init__(io.BytesIO(payload))
        self._shared = shared

    def persistent_load(self, pid: str) -> AreaProblem:
        return self._shared[pid]


def _do(payload: bytes, asked: tuple[str, ...], names: Sequence[str], problems: Sequence[AreaProblem]) -> Any:
    """Do a task on a worker."""
    if asked != versions():
        raise ClusterError(_other_versions(asked, versions()))
    return _Unpacker(payload, dict(zip(names, problems, strict=True))).load()()


@dataclass(eq=False)
class _Job:
    """A task that is not answered yet."""

    task: Task
    answer: Future[Any]
    stop: Stop | None = None
    remote: Any = None
    over_since: float | None = None


@dataclass(eq=False)
class Counts:
    """What was sent: tasks, problems, and how often all that was open went to a new scheduler."""

    tasks: int = 0
    problems: int = 0
    reconnected: int = 0


class ClusterPool(Executor):
    """Sends tasks to the scheduler at an address, and answers as the pool of threads does.

    Parameters
    ----------
    address : str
        Such as ``tcp://10.0.0.5:8786``, or ``tls://...``, whose certificates the configuration of Dask names.

    Raises
    ------
    ClusterError
        If nobody answers there.
    """

    def __init__(self, address: str, *, patience_s: float = _PATIENCE_S) -> None:
        _quieten()
        self.counts = Counts()
        self._address, self._patience_s = address, patience_s
        self._names = WeakKeyDictionary[AreaProblem, str]()
        self._problems = WeakKeyDictionary[AreaProblem, Any]()  # what nobody asks about any more is dropped there, too
        self._open: dict[int, _Job] = {}
        self._lock = threading.RLock()
        self._lost: Queue[_Job | None] = Queue()
        self._client = self._connect()
        if self._client is None:
            raise ClusterError(_nobody(address))
        self._carer = threading.Thread(target=self._care, name="cluster", daemon=True)
        self._carer.start()

    def submit(self, fn: Task, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Send a task, unless the journal has its answer."""
        answer: Future[Any] = Future()
        task = partial(fn, *args, **kwargs) if args or kwargs else fn
        if isinstance(task, Kept):
            stored = task.recall()
            if stored is not None:
                answer.set_result(stored)
                return answer
        job = _Job(task, answer)
        with self._lock:
            self._open[id(job)] = job
        client = self._client
        if client is None:  # lost, and not found again yet
            self._lost.put(job)
        else:
            self._send(job, client)
        return answer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Leave the cluster."""
        self._lost.put(None)
        self._carer.join()
        if self._client is not None:
            self._client.close()

    def _connect(self) -> Client | None:
        try:
            return Client(self._address, timeout=_TRY_S, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            _log.debug("no scheduler at %s: %r", self._address, error)
            return None
        except TypeError as error:  # what Dask raises where tls:// is asked for and no certificate is named
            raise ClusterError(_no_certificate(self._address)) from error

    def _send(self, job: _Job, client: Client) -> None:
        """Pickle a task and send it, with the problems that were not sent before; have it sent again if that fails."""
        buffer = io.BytesIO()
        packer = _Packer(buffer, self._names)
        packer.dump(job.task.task if isinstance(job.task, Kept) else job.task)
        job.stop = packer.stop
        try:
            with self._lock:
                for name, problem in packer.shared.items():
                    if problem not in self._problems:
                        self._problems[problem] = client.submit(pickle.loads, pickle.dumps(problem), key=name)
                        self.counts.problems += 1
                handles = [self._problems[problem] for problem in packer.shared.values()]
                job.remote = client.submit(_do, buffer.getvalue(), versions(), [*packer.shared], handles, pure=False)
                self.counts.tasks += 1
            job.remote.add_done_callback(partial(self._take_in, job))
        except (OSError, RuntimeError, TimeoutError) as error:
            _log.debug("a task could not be sent: %r", error)
            self._lost.put(job)

    def _take_in(self, job: _Job, remote: Any) -> None:
        """Answer a job that has ended, or have it sent again."""
        if remote is not job.remote:
            return  # sent again, or given up, meanwhile
        try:
            if remote.status == "finished":
                found = remote.result(timeout=self._patience_s)
                self._answer(job, job.task.keep(found) if isinstance(job.task, Kept) else found)
            elif remote.status == "error":
                error = remote.exception(timeout=self._patience_s)
                self._fail(job, ClusterError(_KILLED) if isinstance(error, KilledWorker) else error)
            else:
                self._lost.put(job)
        except (OSError, TimeoutError) as error:
            _log.debug("an answer was lost: %r", error)
            self._lost.put(job)
        except Exception as error:  # noqa: BLE001  (it is the caller's, as in any pool)
            self._fail(job, error)

    def _answer(self, job: _Job, found: Any) -> None:
        with self._lock:
            if self._open.pop(id(job), None) is not None:
                job.answer.set_result(found)

    def _fail(self, job: _Job, error: BaseException) -> None:
        with self._lock:
            if self._open.pop(id(job), None) is not None:
                job.answer.set_exception(error)

    def _care(self) -> None:
        """Send again what was lost, and give up what the user or the time limit ended, until the pool is shut."""
        while True:
            try:
                job = self._lost.get(timeout=_LOOK_S)
            except Empty:
                self._give_up()
                continue
            if job is None:
                return
            self._send_again()

    def _send_again(self) -> None:
        """Reach the scheduler, a new one where the old is lost, and send all that is open and not there."""
        with self._lock:
            jobs = list(self._open.values())
        until = time.monotonic() + self._patience_s
        client = self._client
        are_lost = any(job.remote is None or job.remote.status == "cancelled" for job in jobs)
        if client is None or client.status != "running" or are_lost:
            self._client = None
            if client is not None:
                with suppress(OSError, RuntimeError, TimeoutError):
                    client.close(timeout=_TRY_S)
            while self._client is None and time.monotonic() < until and self._open:
                self._give_up()
                self._client = self._connect()
                if self._client is None:
                    time.sleep(_LOOK_S)
            if self._client is None:
                for job in jobs:
                    self._fail(job, ClusterError(_nobody(self._address)))
                return
            self._problems.clear()
            self.counts.reconnected += 1
        client = self._client
        for job in jobs:
            if job.remote is None or job.remote.status in _GONE or job.remote.client is not client:
                self._send(job, client)

    def _give_up(self) -> None:
        """Do here what nobody waits for any more: such tasks return at once."""
        with self._lock:
            jobs = list(self._open.values())
        for job in jobs:
            reason = job.stop.reason if job.stop else None
            if reason is None:
                continue
            job.over_since = job.over_since or time.monotonic()
            if reason is StoppedBy.INTERRUPT or time.monotonic() - job.over_since > _GRACE_S:
                remote, job.remote = job.remote, None
                if remote is not None and self._client is not None:
                    remote.cancel()
                try:
                    self._answer(job, job.task())
                except Exception as error:  # noqa: BLE001  (it is the caller's, as in any pool)
                    self._fail(job, error)


@contextmanager
def local_cluster(n_workers: int, port: int = 0) -> Iterator[str]:
    """Give the address of a scheduler on this machine, which none but it reaches, with workers of one thread each."""
    _quieten()
    with LocalCluster(
        n_workers=n_workers,
        threads_per_worker=1,
        host="127.0.0.1",
        scheduler_port=port,
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    ) as cluster:
        yield str(cluster.scheduler_address)


def _quieten() -> None:
    """Let Dask keep its diary to itself: what has to be said of a lost scheduler or worker is said here."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)


def _nobody(address: str) -> Message:
    return Message(
        f"--cluster {address}: no scheduler answers there. Look whether it runs and whether the address is right; what "
        "was found is kept, run again to go on from there.",
        f"--cluster {address}：该地址没有调度器响应。请检查调度器是否运行、地址是否正确；"
        "已得结果已保存，重新运行即从断点继续。",
    )


def _no_certificate(address: str) -> Message:
    return Message(
        f"--cluster {address}: tls:// needs certificates; name them in the configuration of Dask "
        "(distributed.comm.tls: ca-file, client.cert, client.key), as the README shows.",
        f"--cluster {address}：tls:// 需要证书；请按 README 在 Dask 配置中指定"
        "（distributed.comm.tls：ca-file、client.cert、client.key）。",
    )


_KILLED = Message(
    "The same task ended several workers of the cluster, most likely for lack of memory; give workers more memory or "
    "fewer threads. What was found is kept, run again to go on from there.",
    "同一任务多次使集群的工作进程退出，多半是内存不足；请为工作进程分配更多内存或减少线程。已得结果已保存，重新运行即从断点继续。",
)


def _other_versions(here: Sequence[str], there: Sequence[str]) -> Message:
    return Message(
        f"A worker of the cluster has other versions ({', '.join(there)}) than this machine ({', '.join(here)}): "
        "answers could differ. Install the same on all.",
        f"集群工作进程的版本（{'、'.join(there)}）与本机（{'、'.join(here)}）不同，结果可能不一致；"
        "请在所有机器上安装相同版本。",
    )
