"""Jobs in processes of their own, watched from outside: what hangs or crashes harms nobody else and is named."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

READY = "ready"
"""What a job sends when its imports and compiling are done and its time begins."""
_START_S = 300.0
_EXIT_S = 60.0

Job = tuple[Callable[..., None], tuple[Any, ...]]
"""A function that takes the pipe to send through, and its other arguments."""


@dataclass(frozen=True)
class Watched:
    """What the jobs sent, in the order it came, and how those ended that did not end well."""

    messages: tuple[Any, ...]
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Running:
    process: BaseProcess
    log: Path

    def kill(self) -> None:
        self.process.kill()
        self.process.join()

    def ending(self) -> list[str]:
        """Say how a process that closed its pipe ended, if not well: exit code and last line it wrote."""
        self.process.join(_EXIT_S)
        if self.process.exitcode == 0:
            return []
        self.kill()
        lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "")
        return [f"crashed (exit code {self.process.exitcode}) {last}".strip()]


def watch(jobs: Sequence[Job], *, seconds: float) -> Watched:
    """Run jobs side by side, gather what they send, and kill those still at work `seconds` after they were ready."""
    context = get_context("spawn")
    with TemporaryDirectory() as folder:
        running: dict[Connection, _Running] = {}
        try:
            for number, (target, arguments) in enumerate(jobs):
                ours, theirs = context.Pipe(duplex=False)
                log = Path(folder) / str(number)
                process = context.Process(target=_be_quiet, args=(log, target, theirs, arguments), daemon=True)
                process.start()
                theirs.close()
                running[ours] = _Running(process, log)
            return _gather(running, seconds)
        finally:
            for one in running.values():
                one.kill()


def _gather(running: dict[Connection, _Running], seconds: float) -> Watched:
    """Receive until every job has ended or is killed; `running` keeps those that are not."""
    deadline = dict.fromkeys(running, time.monotonic() + _START_S)
    messages: list[Any] = []
    failures: list[str] = []
    closed: list[_Running] = []
    while running:
        first = min(deadline[pipe] for pipe in running)
        for pipe in wait(list(running), timeout=max(0.0, first - time.monotonic())):
            assert isinstance(pipe, Connection)
            try:
                message = pipe.recv()
            except EOFError:
                closed.append(running.pop(pipe))
                continue
            if message == READY:
                deadline[pipe] = time.monotonic() + seconds
            else:
                messages.append(message)
        for pipe in [pipe for pipe in running if time.monotonic() >= deadline[pipe] and not pipe.poll()]:
            running.pop(pipe).kill()
            failures.append("killed: did not end in time")
    failures += [line for one in closed for line in one.ending()]
    return Watched(tuple(messages), tuple(dict.fromkeys(failures)))


def _be_quiet(log: Path, target: Callable[..., None], pipe: Connection, arguments: tuple[Any, ...]) -> None:
    """Do a job with everything it prints, compiled libraries included, going to a file."""
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    target(pipe, *arguments)
    pipe.close()
