"""The certificate and its checker, which believes nothing but the tables of blocks and edges, against the judge."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from redistrict.jobs.inputs import Inputs, read_inputs
from redistrict.judge.case import Case, assign
from redistrict.judge.ground import Ground, read_ground
from redistrict.judge.rules import judge_case
from redistrict.model.measures import community_areas, plan_cost_parts
from redistrict.model.plan import canonical_plan
from redistrict.model.problem import Problem, area_problem
from redistrict.model.result import Result, SolveStatus, StoppedBy
from redistrict.report.certificate import CHECKER, write_certificate
from redistrict.report.check_certificate import check
from redistrict.scenario.models import Communities, Objective, Scenario, Sizes, Tolerance
from redistrict.scenario.section import CountRange
from redistrict.solver.exact.edge_bound import edge_bound
from redistrict.standards.city import PlannedCity
from tests.judge.towns import cells, line, make_town

STDLIB = {"collections", "csv", "decimal", "json", "pathlib", "sys", "typing"}
PICTURE = "aaabbb aa.bbb aaab.b aaabbb"
"""Two districts, with an open place in each; a lane runs below the first row."""


class Place:
    """A town read once, on which plan after plan is certified and judged."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        polygons = cells(PICTURE, street_m=20)
        rows = PICTURE.split()
        rng = np.random.default_rng(3)
        rules = Communities(
            target=Sizes(households=500, people=1500),
            tolerance=Tolerance(households=0.85, people=0.85),
            count_by_district=dict.fromkeys(("东区", "西区"), CountRange(min=1, max=11)),
        )
        self.scenario: Scenario = make_town(
            folder,
            polygons,
            households={key: int(rng.integers(50, 200)) for key in polygons},
            people={key: int(rng.integers(200, 500)) for key in polygons},
            district={key: {"a": "东区", "b": "西区"}[rows[int(key[0])][int(key[1])]] for key in polygons},
            roads=[("lane", line((-50, -10), (800, -10)))],
            communities=rules,
        ).scenario.model_copy(update={"objective": Objective(crossing={"lane": 2.0})})
        self.inputs: Inputs = read_inputs(self.scenario)
        self.problem: Problem = self.inputs.problem(self.scenario)
        self.ground: Ground = read_ground(self.scenario)
        self.district = self.inputs.blocks.frame["district"].to_numpy(dtype=object)

    def certify(self, community: list[int], folder: Path) -> None:
        """Write the certificate of a plan, allowed or not."""
        plan = canonical_plan(np.array(community, dtype=np.int32))
        result = Result(plan, SolveStatus.FEASIBLE, StoppedBy.EFFORT, 0, 0, (), 0.0)
        city = PlannedCity(
            scenario=self.scenario,
            blocks=self.inputs.blocks,
            surroundings=self.inputs.surroundings,
            graph=self.inputs.graph,
            records=self.inputs.records,
            packs=(),
            problem=self.problem,
            result=result,
            outlines=np.array([], dtype=object),
        )
        write_certificate(folder, city, tuple(f"c{c}" for c in range(plan.n_communities)))

    def judge(self, community: list[int]) -> list[str]:
        """Judge a plan; give the rules that are broken."""
        rows = zip(self.inputs.blocks.ids, self.district, community, strict=True)
        plan = pd.DataFrame([(key, where, f"c{c}", f"c{c}") for key, where, c in rows])
        plan.columns = pd.Index(["block_id", "district", "community_id", "community_name"])
        case = Case(self.scenario, self.ground, assign(self.ground, plan))
        return [violation.rule for violation in judge_case(case, plan)]

    def draw(self, rng: np.random.Generator) -> list[int]:
        """Draw plans until the number of communities of each area is one that the bounds leave open."""
        while True:
            community = self._grow(rng)
            number = community_areas(self.problem, canonical_plan(np.array(community, dtype=np.int32)))
            counts = np.bincount(number, minlength=len(self.problem.areas)).tolist()
            listed = zip(counts, self.problem.areas, strict=True)
            if all(n in {option.n_communities for option in area.options} for n, area in listed):
                return community

    def _grow(self, rng: np.random.Generator) -> list[int]:
        """Grow communities from random blocks, mostly inside districts, and spoil every other plan by one block."""
        n, edges = len(self.district), self.inputs.graph.edges
        within = rng.random() < 0.9
        community = np.full(n, -1)
        seeds = rng.choice(n, size=int(rng.integers(4, 7)), replace=False)
        community[seeds] = np.arange(seeds.size)
        while (community < 0).any():
            a, b = np.concatenate([edges, edges[:, ::-1]]).T
            open_ = (community[a] >= 0) & (community[b] < 0)
            open_ &= (self.district[a] == self.district[b]) | (not within)
            at = np.flatnonzero(open_)
            if not at.size:
                community[np.flatnonzero(community < 0)[0]] = community.max() + 1
                continue
            one = rng.choice(at)
            community[b[one]] = community[a[one]]
        if rng.random() < 0.5:
            community[rng.integers(n)] = rng.integers(community.max() + 1)
        number = np.unique(community, return_inverse=True)[1]
        return [int(c) for c in number]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place") / "town")


@pytest.fixture
def certified(place: Place, tmp_path: Path) -> Path:
    """Give the certificate of a plan that is allowed: a district in two communities by rows."""
    rows = [int(key[0]) // 2 for key in place.inputs.blocks.ids]
    plan = [row + 2 * (where == "西区") for row, where in zip(rows, place.district, strict=True)]
    assert place.judge(plan) == []
    place.certify(plan, tmp_path / "certificate")
    return tmp_path / "certificate"


def agree(place: Place, folder: Path, numbers: range) -> tuple[int, int]:
    """Let checker and judge decide on a plan a number; give how many are allowed, and how many not."""
    allowed = 0
    for number in numbers:
        plan = place.draw(np.random.default_rng(number))
        place.certify(plan, folder / f"{number}")
        faults, rules = check(folder / f"{number}"), place.judge(plan)
        assert (faults == []) == (rules == []), (number, faults, rules)
        allowed += faults == []
    return allowed, len(numbers) - allowed


def test_checker_and_judge_agree(place: Place, tmp_path: Path) -> None:
    """On random plans, some spoiled by one block, both say the same."""
    allowed, refused = agree(place, tmp_path, range(25))
    assert min(allowed, refused) >= 3


@pytest.mark.long
def test_checker_and_judge_agree_on_a_thousand(place: Place, tmp_path: Path) -> None:
    """The same on 1,000 plans."""
    allowed, refused = agree(place, tmp_path, range(1000))
    assert min(allowed, refused) >= 150


def _on_json(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        content = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))
        change(content)
        (folder / "certificate.json").write_text(json.dumps(content), encoding="utf-8")

    return apply


def _on_text(name: str, old: str, new: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return apply


FAULTS = {
    "a block left out": (_on_json(lambda c: c["communities"][0]["blocks"].pop()), "is in 0 communities"),
    "a block twice": (_on_json(lambda c: c["communities"][1]["blocks"].append("00")), "block 00 is in 2"),
    "a block of nowhere": (_on_json(lambda c: c["communities"][0]["blocks"].append("99")), "block 99"),
    "another district": (_on_json(lambda c: c["communities"][0].update(district="西区")), "not within district"),
    "a tree cut": (_on_json(lambda c: c["communities"][0]["tree"].pop()), "in 2 pieces"),
    "strangers": (_on_json(lambda c: c["communities"][0]["tree"].append(["00", "11", "1.000"])), "not neighbours"),
    "a frontage": (_on_json(lambda c: c["communities"][0]["tree"][0].__setitem__(2, "1.000")), "not neighbours"),
    "a join of today": (_on_json(lambda c: c["communities"][0]["tree"][0].__setitem__(2, "today")), "not neighbours"),
    "a sum": (_on_json(lambda c: c["communities"][0]["sums"].update(people=1)), "people, not 1"),
    "a bound": (_on_json(lambda c: c["communities"][0]["bounds"].update(people=[0, 9])), "outside 0 to 9"),
    "a cost": (_on_json(lambda c: c["communities"][0].update(crossing_cost="1.00")), "crossing_cost is"),
    "a border": (_on_json(lambda c: c["communities"][0].update(boundary_cost="1.00")), "boundary_cost is"),
    "the whole cost": (_on_json(lambda c: c["costs"].update(boundary="1.00")), "in all"),
    "a bound by edges": (_on_json(lambda c: c["bound"].update(by_edges="9.00")), "edges show"),
    "no communities": (_on_json(lambda c: c.pop("communities")), "unreadable"),
    "an edge twice": (_on_text("edges.csv", "01,02,", "00,01,"), "stands twice"),
    "a count": (_on_text("blocks.csv", "00,东区,", "00,东区,1"), "households, not"),
    "a half count": (_on_text("blocks.csv", "00,东区,", "00,东区,0."), "unreadable"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_planted_faults_are_found(certified: Path, name: str) -> None:
    """Each fault of certificate or tables is told."""
    assert check(certified) == []
    plant, words = FAULTS[name]
    plant(certified)
    assert words in " ".join(check(certified))


def test_the_costs_are_those_of_the_plan(place: Place, certified: Path) -> None:
    """Costs of roads inside and of borders are, to the unit, those that the report publishes."""
    told = json.loads((certified / "certificate.json").read_text(encoding="utf-8"))
    of = {block: c for c, one in enumerate(told["communities"]) for block in one["blocks"]}
    plan = canonical_plan(np.array([of[key] for key in place.inputs.blocks.ids], dtype=np.int32))
    parts, unit = plan_cost_parts(place.problem, plan), place.problem.per_metre
    assert Decimal(told["costs"]["crossing"]) * unit == parts.crossing > 0
    assert Decimal(told["costs"]["boundary"]) * unit == parts.boundary > 0


def test_what_the_edges_show_is_the_engines_own_bound(place: Place, certified: Path) -> None:
    """Without a price on deviation the search begins with the bound that the tables show, to the unit."""
    told = json.loads((certified / "certificate.json").read_text(encoding="utf-8"))["bound"]
    free = replace(place.problem, deviation_rate=np.zeros_like(place.problem.deviation_rate))
    areas = [area_problem(free, number, 2) for number in range(len(free.areas))]
    assert Decimal(told["by_edges"]) * place.problem.per_metre == sum(edge_bound(area) for area in areas) > 0


def test_a_named_exception_may_lie_outside_its_bounds(certified: Path) -> None:
    """Only bounds are forgiven, and only to a community that is named."""
    change = {"bounds": {"households": [0, 9], "people": [0, 9]}, "exception": True}
    _on_json(lambda c: c["communities"][0].update(change))(certified)
    assert check(certified) == []


def test_the_checker_needs_nothing_but_python(certified: Path) -> None:
    """The script in the folder is under 200 lines, imports the standard library only, and runs alone."""
    text = (certified / CHECKER).read_text(encoding="utf-8")
    assert text.count("\n") < 200
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in found for alias in node.names if isinstance(node, ast.Import)}
    names |= {node.module or "" for node in found if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= STDLIB
    call = [sys.executable, "-I", str(certified / CHECKER)]
    right = subprocess.run(call, capture_output=True, encoding="utf-8", check=False)
    assert (right.returncode, right.stdout) == (0, "ok: the certificate holds 证书成立\n")
    (certified / "blocks.csv").unlink()
    wrong = subprocess.run(call, capture_output=True, encoding="utf-8", check=False)
    assert wrong.returncode == 1
    assert "无法读取" in wrong.stdout
