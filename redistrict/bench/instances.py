"""Instances: the problem a benchmark case stands for, and what is known of it."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.bench.city import City, draw_city
from redistrict.jobs.inputs import read_inputs
from redistrict.messages import Message, name_some
from redistrict.model.areas import Area, Limits
from redistrict.model.problem import Problem
from redistrict.model.subgraph import edges_among
from redistrict.report.provenance import list_sources
from redistrict.scenario import Scenario, load_scenario
from redistrict.scenario.benchmark import BenchmarkCase, CityCase, read_case

FloatArray = NDArray[np.float64]
_DRAWN, _OUR_LICENCE = "drawn by lot by redistrict", "MIT"


@dataclass(frozen=True, eq=False)
class Instance:
    """A problem to be divided by us and by the peers.

    Attributes
    ----------
    name : str
        Name of the case file.
    case : BenchmarkCase
    problem : Problem
    xy : (n_blocks, 2) float64 or None
        Middle of every block, metres, where there is a map.
    best_known : int or None
        Lowest cost of a valid plan ever seen.
    published_s : float or None
        Seconds the published method took.
    origin, licence : str
        Where the data come from, and on what terms they are passed on.
    plan : tuple of int
        The published plan, community of each block; empty where there is none.
    proved : int or None
        The published lower bound.
    """

    name: str
    case: BenchmarkCase
    problem: Problem
    xy: FloatArray | None = None
    best_known: int | None = None
    published_s: float | None = None
    origin: str = ""
    licence: str = ""
    plan: tuple[int, ...] = ()
    proved: int | None = None

    @property
    def kind(self) -> str:
        """What the case is: `scenario`, `city` or `cut_edges`."""
        return next(kind for kind in ("scenario", "city", "cut_edges") if getattr(self.case, kind) is not None)


def list_cases(folder: Path) -> dict[str, BenchmarkCase]:
    """Read all cases of a folder, by name."""
    return {path.stem: read_case(path) for path in sorted(folder.glob("*.yaml"))}


def missing_files(case: BenchmarkCase) -> tuple[Path, ...]:
    """Give the files a case needs that are not there."""
    needed: list[Path] = []
    if case.cut_edges:
        needed.append(Path(case.cut_edges.path))
    if case.scenario:
        needed += [Path(source.path) for _, source in list_sources(_scenario(case))]
    return tuple(sorted({path for path in needed if not path.exists()}))


def say_missing(name: str, case: BenchmarkCase) -> Message | None:
    """Say which files a case lacks, if any."""
    missing = missing_files(case)
    if not missing:
        return None
    files = name_some([path.name for path in missing])
    return Message(f"{name}: skipped, no {files.en}.", f"{name}：跳过，缺少 {files.zh}。")


def build_instance(name: str, case: BenchmarkCase) -> Instance:
    """Build the problem of a case."""
    if case.cut_edges:
        return _read_published(name, case, Path(case.cut_edges.path))
    problem, xy = _draw(case.city) if case.city else _read(_scenario(case))
    if case.scenario and case.scenario.district is not None:
        kept = tuple(area for area in problem.areas if area.district == case.scenario.district)
        problem, xy = _take(problem, xy, kept)
    origin, licence = (_DRAWN, _OUR_LICENCE) if case.city else (case.origin, case.licence)
    return Instance(name, case, problem, xy, case.best_known, origin=origin, licence=licence)


def _read_published(name: str, case: BenchmarkCase, path: Path) -> Instance:
    data = json.loads(path.read_text(encoding="utf-8"))
    xy = np.array(data["xy"], dtype=np.float64)
    return Instance(
        name,
        case,
        cut_edges_problem(data),
        xy,
        int(data["best_obj"]),
        float(data["paper_time_s"]),
        origin=str(data["source"]),
        plan=tuple(data["best_solution"]),
        proved=int(data["best_lb"]),
    )


def cut_edges_problem(data: dict[str, Any]) -> Problem:
    """Turn a published instance into a problem of one area.

    Every edge costs 1 when cut and nothing inside, so that the cost of a plan is its number of cut edges.

    References
    ----------
    Validi, Buchanan (2022): Political districting to minimize cut edges. Mathematical Programming Computation 14.
    """
    people = np.array(data["nodes"], dtype=np.int64)[:, None]
    edges = np.sort(np.array(data["edges"], dtype=np.int32), axis=1)
    edges = edges[np.lexsort((edges[:, 1], edges[:, 0]))]
    k, total = int(data["k"]), int(people.sum())
    limits = Limits(k, (round(total / k),), (int(data["L"]),), (int(data["U"]),))
    area = Area(data["name"], "", tuple(range(len(people))), (total,), (limits,))
    ones = np.ones(len(edges), dtype=np.int64)
    return Problem(("people",), people, edges, 0 * ones, ones, np.zeros(1, dtype=np.int64), (area,))


def _scenario(case: BenchmarkCase) -> Scenario:
    assert case.scenario is not None, "only cases of scenarios have one"
    return load_scenario(Path(case.scenario.path), overrides=case.scenario.changes)


def _draw(city: CityCase | None) -> tuple[Problem, FloatArray]:
    assert city is not None, "a case is a scenario, a city or a published instance"
    return draw_city(City(city.blocks, city.communities, city.tolerance, city.seed))


def _read(scenario: Scenario) -> tuple[Problem, FloatArray]:
    inputs = read_inputs(scenario)
    return inputs.problem(scenario), shapely.get_coordinates(inputs.blocks.frame.geometry.centroid.array)


def _take(problem: Problem, xy: FloatArray, areas: tuple[Area, ...]) -> tuple[Problem, FloatArray]:
    """Keep only some areas, and only their blocks."""
    blocks = np.array(sorted(i for area in areas for i in area.blocks), dtype=np.int64)
    edges, inside = edges_among(problem.edges, blocks, problem.n_blocks)
    smaller = replace(
        problem,
        size=problem.size[blocks],
        edges=edges,
        crossing_cost=problem.crossing_cost[inside],
        boundary_cost=problem.boundary_cost[inside],
        areas=tuple(replace(area, blocks=tuple(np.searchsorted(blocks, area.blocks).tolist())) for area in areas),
        apart=edges_among(problem.apart, blocks, problem.n_blocks)[0],
        stay=problem.stay.take(blocks) if problem.stay else None,
        dear=problem.dear.take(blocks) if problem.dear else None,
    )
    return smaller, xy[blocks]
