"""Rivals: peers at work on one instance, with our edge weights, seconds and processors.

A peer gets the seconds we took, in as many processes as we had threads; seconds count from when imports and compiling
are done. Each process tries seed after seed, area by area; every partition is repaired, and the cheapest valid one of
each area is kept.
"""

import time
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from itertools import count, islice
from multiprocessing.connection import Connection

import numpy as np

from redistrict.bench.city import TRIAL, draw_city
from redistrict.bench.instances import Instance
from redistrict.bench.partitioners import Attempt, Labels
from redistrict.bench.repair import find_pieces, repair
from redistrict.bench.watch import READY, Watched, watch
from redistrict.model.problem import AreaProblem, area_problem
from redistrict.solver.adjacency import Adjacency, build_adjacency
from redistrict.solver.costs import is_allowed, is_feasible, plan_cost

_GRACE_S = 5.0


@dataclass(frozen=True)
class Peer:
    """A program to compare with: its name, its package, and where the function is that asks it."""

    name: str
    package: str
    module: str
    function: str
    needs_map: bool = False

    @property
    def is_installed(self) -> bool:
        """Whether the package is there."""
        return find_spec(self.package) is not None

    def load(self) -> Attempt:
        """Give the function that asks it."""
        attempt: Attempt = getattr(import_module(self.module), self.function)
        return attempt


PEERS = (
    Peer("metis", "pymetis", "redistrict.bench.partitioners", "run_metis"),
    Peer("kahip", "kahip", "redistrict.bench.partitioners", "run_kahip"),
    Peer("kaminpar", "kaminpar", "redistrict.bench.partitioners", "run_kaminpar"),
    Peer("bursts", "gerrychain", "redistrict.bench.chains", "run_bursts"),
    Peer("tilted", "gerrychain", "redistrict.bench.chains", "run_tilted"),
    Peer("spopt", "spopt", "redistrict.bench.regions", "run_regions", needs_map=True),
)


@dataclass(frozen=True, eq=False)
class Tried:
    """One partition of one area by a peer.

    Attributes
    ----------
    seconds : float
    area : int
    was_valid, is_valid : bool
        As the peer gave it, and after repair.
    n_torn, n_outside : int
        Communities in pieces, and outside the bounds, as the peer gave it.
    labels : (n_blocks of the area,) int32 or None
        The repaired plan, where it is the cheapest valid one of its process so far.
    cost : int or None
        What it costs.
    """

    seconds: float
    area: int
    was_valid: bool
    is_valid: bool
    n_torn: int
    n_outside: int
    labels: Labels | None = None
    cost: int | None = None


def run_peer(peer: Peer, instance: Instance, counts: tuple[int, ...], *, seconds: float, workers: int) -> Watched:
    """Let a peer divide area `a` into `counts[a]` communities for `seconds`: messages are `Tried`."""
    jobs = [(_try_seeds, (peer, instance, counts, seconds, worker, workers)) for worker in range(workers)]
    watched = watch(jobs, seconds=seconds + _GRACE_S)
    return Watched(tuple(m for m in watched.messages if m.seconds <= seconds), watched.failures)


def _try_seeds(
    pipe: Connection, peer: Peer, instance: Instance, counts: tuple[int, ...], seconds: float, first: int, step: int
) -> None:
    """Ask a peer with the seeds `first`, `first + step`, ... until the time is over."""
    attempt, problem = peer.load(), instance.problem
    _rehearse(attempt)
    areas = [area_problem(problem, number, k) for number, k in enumerate(counts)]
    middles = [None if instance.xy is None else instance.xy[list(area.blocks)] for area in problem.areas]
    least: dict[int, int] = {}
    pipe.send(READY)
    began = time.monotonic()
    for seed in count(first, step):
        for number, area in enumerate(areas):
            share_s = seconds * area.n_blocks / problem.n_blocks
            if time.monotonic() - began > seconds:
                return
            is_alone = area.n_communities == 1
            if is_alone and seed > first:
                continue
            alone = [np.zeros(area.n_blocks, dtype=np.int32)]
            for labels in alone if is_alone else attempt(area, middles[number], seed, share_s):
                tried = _judge(area, labels, seed=seed, least=least.get(number))
                pipe.send(replace(tried, area=number, seconds=time.monotonic() - began))
                if tried.cost is not None:
                    least[number] = tried.cost


def _rehearse(attempt: Attempt) -> None:
    """Do everything once on the tiny city."""
    problem, xy = draw_city(TRIAL)
    area = area_problem(problem, 0, TRIAL.n_communities)
    for labels in (np.zeros(area.n_blocks, dtype=np.int32), *islice(attempt(area, xy, 0, 1.0), 1)):
        _judge(area, labels, seed=0, least=None)


def _judge(area: AreaProblem, labels: Labels, *, seed: int, least: int | None) -> Tried:
    """Look at a partition as it is, repair it, and keep it if it is valid and cheaper than `least`."""
    adjacency = build_adjacency(area.n_blocks, area.edges)
    was_torn, was_outside = _faults(area, adjacency, labels)
    mended = repair(area, adjacency, labels, np.random.default_rng(seed))
    is_valid = _faults(area, adjacency, mended) == (0, 0) and is_feasible(area, mended)
    cost = plan_cost(area, mended) if is_valid else None
    is_best = cost is not None and (least is None or cost < least)
    tried = Tried(0.0, 0, was_torn == was_outside == 0, is_valid, was_torn, was_outside)
    return replace(tried, labels=mended, cost=cost) if is_best else tried


def _faults(area: AreaProblem, adjacency: Adjacency, labels: Labels) -> tuple[int, int]:
    """Count communities in several pieces (or none), and communities outside the bounds."""
    home = labels[np.unique(find_pieces(adjacency, labels), return_index=True)[1]]
    n_pieces = np.bincount(home, minlength=area.n_communities)
    return int((n_pieces != 1).sum()), int((~is_allowed(area, labels)).sum())
