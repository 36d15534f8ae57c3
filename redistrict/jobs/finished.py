"""Finished: a result that was delivered, read back with all it was made from, so that its plan can be changed."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redistrict.errors import ScenarioError, VerificationError
from redistrict.jobs.inputs import Inputs, read_inputs
from redistrict.jobs.pinned import Basis, take_basis
from redistrict.jobs.remake import find_necessity, read_plan
from redistrict.jobs.verify import check_folder
from redistrict.judge import judge_manifest
from redistrict.messages import Message
from redistrict.model.before import number_plan
from redistrict.model.necessity import Necessity
from redistrict.model.plan import canonical_plan
from redistrict.model.problem import Problem
from redistrict.scenario import Scenario
from redistrict.scenario.delivered import load_delivered

_ONLY_REDRAWN = Message(
    "communities.change: only plans that are redrawn are healed; this one merges or keeps today's communities.",
    "communities.change：只能修复重新划分（redraw）的方案；此方案只合并或保留现有社区。",
)


@dataclass(frozen=True, eq=False)
class Finished:
    """A finished result.

    Attributes
    ----------
    scenario : Scenario
    inputs : Inputs
    problem : Problem
    basis : Basis
        Its plan, as pins speak of it.
    necessity : tuple of Necessity or None
        What is proved of the exceptions of each area.
    report : dict
        `report.json`.
    plan_csv : bytes
        `plan.csv`.
    read_s : float
        Seconds that it took to read it.
    """

    scenario: Scenario
    inputs: Inputs
    problem: Problem
    basis: Basis
    necessity: tuple[Necessity | None, ...]
    report: dict[str, Any]
    plan_csv: bytes
    read_s: float


def read_finished(folder: Path) -> Finished:
    """Read a result back whose files and inputs are those that its manifest lists.

    The judge passed them when they were delivered, or they would not have been. Whoever wrote a manifest anew is not
    found out here, but by `verify`; a plan made from it is judged by itself.

    Raises
    ------
    DataError, OutputError
        If it is none, or its data cannot be read.
    ScenarioError
        If its communities are not redrawn.
    VerificationError
        If a file or an input is not the one that was delivered.
    """
    began = time.monotonic()
    check_folder(folder)
    scenario = load_delivered(folder)
    verdict = judge_manifest(scenario, folder)
    if not verdict.ok:
        raise VerificationError([violation.message for violation in verdict.violations])
    if scenario.communities.change != "redraw":
        raise ScenarioError(_ONLY_REDRAWN)
    inputs = read_inputs(scenario)
    problem = inputs.problem(scenario)
    before = number_plan(read_plan(folder / "plan.csv"), inputs.blocks.ids)
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    freed = {row["id"] for row in report["communities"] if row["exception"]}
    basis = take_basis(problem, inputs.blocks, inputs.records.current, before, freed)
    said = {(one["en"], one["zh"]) for one in report["exceptions"]}
    necessity = find_necessity(problem, canonical_plan(before.of_block), inputs.blocks.ids, said)
    plan_csv = (folder / "plan.csv").read_bytes()
    read_s = round(time.monotonic() - began, 2)
    return Finished(scenario, inputs, problem, basis, tuple(necessity), report, plan_csv, read_s)
