"""Records how the engine does on the published minimum-cut-edges instances; asserts nothing.

    python tests/bench/cut_edges.py [--effort 1] [--exact-s 600] [names ...]

The instances (Validi and Buchanan 2022) lie beside the project, in ``../shared/bench/cut_edges``. Every edge has
weight -1 on a base cost of all edges, so that the cost of a plan is its number of cut edges. Seconds are seconds of the
processor; effort 0 leaves out the search, so that the exact solution starts without a plan.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from redistrict.bench.instances import cut_edges_problem
from redistrict.model.problem import Problem, area_problem
from redistrict.model.result import AreaResult
from redistrict.scenario.models import Solve
from redistrict.solver.costs import plan_cost
from redistrict.solver.exact.solve_exactly import solve_exactly
from redistrict.solver.strategy import solve
from redistrict.solver.tasks.stop import Stop

INSTANCES = Path(__file__).parents[3] / "shared" / "bench" / "cut_edges"
HEADINGS = ("instance", "blocks", "k", "search", "search s", "exact", "bound", "exact s", "best known", "")


def record(path: Path, *, effort: float, exact_s: float) -> tuple[object, ...]:
    """Search, then prove, and give one row of the table."""
    data = json.loads(path.read_text(encoding="utf-8"))
    problem, best_known = cut_edges_problem(data), int(data["best_obj"])
    area = area_problem(problem, 0, problem.areas[0].options[0].n_communities)
    began = time.process_time()
    hint = _search(problem, effort) if effort else None
    between = time.process_time()
    proved = solve_exactly(area, Stop(exact_s), hint=hint, effort=1e9, seed=1)
    seconds = (f"{between - began:.1f}", f"{time.process_time() - between:.1f}")
    return (
        path.stem, area.n_blocks, area.n_communities, None if hint is None else plan_cost(area, hint), seconds[0],
        proved.cost, proved.bound, seconds[1], best_known, _remark(proved, best_known),
    )  # fmt: skip


def _search(problem: Problem, effort: float) -> NDArray[np.int32] | None:
    found = solve(problem, Solve(effort=effort, method="search"), Stop(600)).areas[0].assignment
    return None if found is None else np.array(found, dtype=np.int32)


def _remark(result: AreaResult, best_known: int) -> str:
    if result.cost is None:
        return result.status.value
    reached = "best known reached" if result.cost == best_known else f"{result.cost - best_known:+d}"
    return f"{reached}, {result.status.value}"


def main() -> None:
    """Print a row for each instance."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="instances; by default all")
    parser.add_argument("--effort", type=float, default=1.0, help="effort of the search; 0: none")
    parser.add_argument("--exact-s", type=float, default=600.0, help="time limit of the exact solution, seconds")
    asked = parser.parse_args()
    paths = [INSTANCES / f"{name}.json" for name in asked.names] or sorted(INSTANCES.glob("*.json"))
    layout = "{:<11} {:>6} {:>3} {:>7} {:>9} {:>6} {:>6} {:>8} {:>11}  {}\n"
    sys.stdout.write(layout.format(*HEADINGS))
    for path in paths:
        row = record(path, effort=asked.effort, exact_s=asked.exact_s)
        sys.stdout.write(layout.format(*("-" if cell is None else cell for cell in row)))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
