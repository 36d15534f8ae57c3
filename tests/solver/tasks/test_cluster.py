"""Tasks on a cluster: the same answers, problems sent once, what is found kept here, and losses made good."""

import math
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import dask
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from redistrict.errors import ClusterError, DataError
from redistrict.messages import Message
from redistrict.model.problem import Problem
from redistrict.model.result import Result, StoppedBy
from redistrict.scenario.models import Solve
from redistrict.solver.strategy import solve
from redistrict.solver.tasks import cluster
from redistrict.solver.tasks.cluster import ClusterPool, local_cluster, versions
from redistrict.solver.tasks.journal import Journal
from redistrict.solver.tasks.pools import working_with
from redistrict.solver.tasks.stop import Stop
from tests.solver.maps import grid, make_problem

SLOW = pytest.mark.slow(covers=["redistrict/solver/tasks/", "redistrict/jobs/cluster.py"])
RULES = Solve(effort=0.02, seed=3, time_limit_s=900)


def draw_town() -> Problem:
    """Give 256 blocks that eight communities divide."""
    rng = np.random.default_rng(1)
    return make_problem(
        [(grid(16, 16), 256, (8,))],
        tolerance=0.15,
        household=lambda _: int(rng.integers(5, 15)),
        crossing=lambda _: int(rng.integers(60)),
    )


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve two workers on this machine."""
    with local_cluster(2) as found:
        yield found


def solve_at(address: str, problem: Problem, journal: Journal | None = None) -> tuple[Result, ClusterPool]:
    """Solve on a cluster."""
    with ClusterPool(address) as pool, working_with(pool):
        return solve(problem, RULES, journal=journal), pool


def assert_same(one: Result, other: Result) -> None:
    """The plan, its cost and its bound are the same."""
    assert one.plan is not None
    assert other.plan is not None
    assert (one.plan.assignment == other.plan.assignment).all()
    assert (one.cost, one.bound, one.local) == (other.cost, other.bound, other.local)


@SLOW
def test_answers_are_those_of_threads_and_each_problem_is_sent_once(address: str, tmp_path: Path) -> None:
    """One large problem is sent, however many tasks need it; what the journal has is not sent at all."""
    problem = draw_town()
    here = solve(problem, RULES)
    journal = Journal(tmp_path / "out", "a")
    there, pool = solve_at(address, problem, journal)
    assert_same(here, there)
    assert pool.counts.tasks > 10
    assert pool.counts.problems == 1
    assert journal.n_kept == pool.counts.tasks
    again, pool = solve_at(address, problem, journal)
    assert_same(here, again)
    assert pool.counts.tasks == 0


@SLOW
def test_errors_and_strikes_come_back(address: str) -> None:
    """What a task refuses is refused here, with its findings; a task nobody waits for any more is ended."""
    with ClusterPool(address) as pool:
        refused = pool.submit(partial(refuse, Message("no such file", "没有此文件")))
        with pytest.raises(DataError, match="no such file") as error:
            refused.result()
        assert error.value.problems[0].zh == "没有此文件"
        stop = Stop(600)
        waited = pool.submit(partial(sleep_until, stop, 60.0))
        threading.Timer(1.0, stop.interrupt).start()
        began = time.monotonic()
        assert waited.result() is StoppedBy.INTERRUPT
        assert time.monotonic() - began < 45, "it was not waited for"


def refuse(message: Message) -> None:
    """Refuse."""
    raise DataError(message)


def sleep_until(stop: Stop, seconds: float) -> StoppedBy | None:
    """Sleep so long, or until there is a reason to stop."""
    until = time.monotonic() + seconds
    while stop.reason is None and time.monotonic() < until:
        time.sleep(0.1)
    return stop.reason


def test_a_wrong_address_and_other_versions_are_named() -> None:
    """Nobody answers at a port that is free; a worker of another version does nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ClusterError, match="no scheduler answers there"):
        ClusterPool(f"tcp://127.0.0.1:{port}")
    with pytest.raises(ClusterError, match=r"0\.0\.1"):
        cluster._do(pickle.dumps(versions), ("0.0.1",), [], [])


def test_a_limit_of_time_goes_with_a_task() -> None:
    """A stop that is sent ends at the same time of day."""
    sent = pickle.loads(pickle.dumps(Stop(100)))
    assert 95 < sent.remaining_s <= 100
    assert pickle.loads(pickle.dumps(Stop(math.inf))).reason is None
    assert pickle.loads(pickle.dumps(Stop(0))).reason is StoppedBy.TIME_LIMIT


@pytest.mark.slow(covers=["redistrict/"])
def test_nothing_of_dask_is_imported_otherwise() -> None:
    """All jobs but those of a cluster do without it."""
    code = (
        "import sys, pkgutil, importlib, redistrict.jobs as jobs\n"
        "for one in pkgutil.iter_modules(jobs.__path__): importlib.import_module(f'redistrict.jobs.{one.name}')\n"
        "import redistrict.cli.app\n"
        "sys.exit(any(name.split('.')[0] in ('dask', 'distributed') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class Machines:
    """A scheduler at a port of its own with two workers, each a process that can be killed."""

    def __init__(self, *words: str, scheme: str = "tcp", env: dict[str, str] | None = None) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port = server.getsockname()[1]
        self.address, self._words, self._env = f"{scheme}://127.0.0.1:{self.port}", words, os.environ | (env or {})
        self.scheduler = self._start("scheduler", "--host", self.address, "--no-dashboard")
        self.workers = [self._start_worker() for _ in range(2)]

    def _start(self, what: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *words, *self._words]
        return subprocess.Popen(command, env=self._env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _start_worker(self) -> subprocess.Popen[bytes]:
        return self._start("worker", self.address, "--nthreads", "1", "--no-dashboard", "--no-nanny")

    def kill_worker(self) -> None:
        """Kill a worker, and start another."""
        self.workers[0].send_signal(signal.SIGKILL)
        self.workers[0].wait()
        self.workers[0] = self._start_worker()

    def restart(self) -> None:
        """Kill the scheduler, and start all again."""
        self.end()
        self.scheduler = self._start("scheduler", "--host", self.address, "--no-dashboard")
        self.workers = [self._start_worker() for _ in range(2)]

    def end(self) -> None:
        """Kill all."""
        for process in (self.scheduler, *self.workers):
            process.kill()
            process.wait()


def connect(machines: Machines) -> ClusterPool:
    """Wait for the scheduler."""
    for _ in range(20):
        try:
            return ClusterPool(machines.address)
        except ClusterError:
            time.sleep(1)
    return ClusterPool(machines.address)


@SLOW
@pytest.mark.parametrize("loss", ["kill_worker", "restart"])
def test_a_lost_worker_or_scheduler_changes_nothing(loss: str, tmp_path: Path) -> None:
    """A worker killed in mid-task, the scheduler restarted: the answer is that of threads."""
    problem, journal = draw_town(), Journal(tmp_path / "out", "a")
    here, machines = solve(problem, RULES), Machines()
    try:
        with connect(machines) as pool, working_with(pool):
            done: list[Any] = []

            def strike() -> None:
                while journal.n_kept < 5:
                    time.sleep(0.05)
                getattr(machines, loss)()
                done.append(loss)

            thread = threading.Thread(target=strike)
            thread.start()
            there = solve(problem, RULES, journal=journal)
            thread.join()
        assert done
        assert_same(here, there)
        assert pool.counts.reconnected == (loss == "restart")
    finally:
        machines.end()


@SLOW
def test_tls_lets_in_who_has_a_certificate(tmp_path: Path) -> None:
    """Scheduler, workers and this machine show certificates of one authority; without one nobody enters."""
    authority, own = make_certificates(tmp_path)
    files = {"ca-file": authority}
    files |= {f"{who}.{what}": own for who in ("scheduler", "worker", "client") for what in ("cert", "key")}
    settings = {f"distributed.comm.tls.{name}": str(path) for name, path in files.items()}
    settings["distributed.comm.require-encryption"] = "true"
    env = {f"DASK_{name.replace('.', '__').replace('-', '_').upper()}": value for name, value in settings.items()}
    machines = Machines(scheme="tls", env=env)
    problem = draw_town()
    try:
        with dask.config.set(settings), connect(machines) as pool, working_with(pool):
            there = solve(problem, RULES)
        assert_same(solve(problem, RULES), there)
        with pytest.raises(ClusterError, match="tls:// needs certificates"):
            ClusterPool(machines.address)
        with pytest.raises(ClusterError, match="no scheduler answers there"):
            ClusterPool(machines.address.replace("tls", "tcp"))
    finally:
        machines.end()


def make_certificates(folder: Path) -> tuple[Path, Path]:
    """Give the certificate of an authority, and one that it signed, with its key in the same file."""
    now = datetime.now(UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("authority", "127.0.0.1")]
    paths = []
    for n, (key, name) in enumerate(zip(keys, names, strict=True)):
        signed = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(names[0])
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=n == 0, path_length=None), critical=True)
            .sign(keys[0], hashes.SHA256())
        )
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        paths.append(folder / f"{n}.pem")
        paths[-1].write_bytes(signed.public_bytes(serialization.Encoding.PEM) + secret * n)
    return paths[0], paths[1]
