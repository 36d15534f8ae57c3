"""Heal: a finished plan with what planners ask of it in, the valid plan that moves the fewest residents out."""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from redistrict.errors import (
    InfeasibleScenarioError,
    InterruptedSolveError,
    SolverError,
    VerificationError,
)
from redistrict.jobs.clashes import find_clash
from redistrict.jobs.deliverable import Deliverable, describe, with_spent, write_deliverable
from redistrict.jobs.finished import Finished, read_finished
from redistrict.jobs.pinned import Asked, look_up, put_edits
from redistrict.jobs.rehealed import list_changes
from redistrict.jobs.remake import nothing_known
from redistrict.jobs.unhealed import explain_unhealed
from redistrict.judge import judge_healed, verify_files
from redistrict.messages import Message
from redistrict.model.before import with_pins
from redistrict.model.measures import plan_cost_parts
from redistrict.model.necessity import Necessity
from redistrict.model.plan import canonical_plan
from redistrict.model.problem import Problem
from redistrict.model.result import Result, SolveStatus, StoppedBy
from redistrict.report.delivery import check_free, claimed, delivered_whole
from redistrict.report.failure import foresee
from redistrict.report.healing import Healing, Proof, write_healed
from redistrict.report.manifest import write_manifest
from redistrict.report.provenance import list_sources
from redistrict.report.run_log import logged
from redistrict.report.tables.files import write_report
from redistrict.scenario.pins import Pin, dump_pins
from redistrict.solver.heal import Edited, HealedArea
from redistrict.solver.heal import heal as repair
from redistrict.solver.tasks.progress import OnProgress, Progress
from redistrict.solver.tasks.stop import Stop, interruptible
from redistrict.spent import metered, spend

EFFORT = 12.0
"""CP-SAT's deterministic time for an area at the standard effort of a scenario, roughly seconds."""
OnFound = Callable[["Repaired"], None]
"""Called with each valid plan as soon as it is known, never a worse one, the last of which is the answer."""
_READING = Message("Reading the plan", "读取原方案")
_HEALING = Message("Repairing", "修复方案")
_WRITING = Message("Writing and verifying the results", "输出并核验成果")


@dataclass(frozen=True, eq=False)
class Repaired:
    """A plan that keeps to the pins.

    Attributes
    ----------
    pins : tuple of Pin
    asked : tuple of Asked
        The same, looked up.
    edited : Edited
        The plan before, with the pins put as edits.
    areas : tuple of HealedArea
        Those that were divided anew; each has a plan.
    runtime_s : float
    """

    pins: tuple[Pin, ...]
    asked: tuple[Asked, ...]
    edited: Edited
    areas: tuple[HealedArea, ...]
    runtime_s: float

    @property
    def labels(self) -> NDArray[np.int32]:
        """Community of each block, (n_blocks,)."""
        labels = self.areas[-1].plan if self.areas else self.edited.home
        assert labels is not None, "what has no plan is refused before"
        return labels


@metered()
def heal(
    result_dir: Path | str,
    pins: Sequence[Pin],
    *,
    out: Path | str | None,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
) -> Healing:
    """Give the plan that keeps to every pin, moves the fewest residents against a finished one, and then costs least.

    Parameters
    ----------
    result_dir : Path or str
        A result as it was delivered.
    pins : sequence of Pin
        As `load_pins` gives them.
    out : Path or str or None
        Folder for the results; none: nothing is written.

    Raises
    ------
    OutputError, DataError
        Before anything is solved or written.
    ScenarioError
        If pins name what there is not, or the plan is none that is redrawn.
    InfeasibleScenarioError
        If pins contradict each other or the rules, naming those that cannot hold together.
    SolverError, InterruptedSolveError
        If no plan was found in time.
    VerificationError
        If the plan before is not as it was delivered, or the judge refuses the healed one.
    """
    result_dir = Path(result_dir)
    tell = on_progress or (lambda _: None)
    tell(Progress(_READING, 0.0))
    if out is None:
        finished = read_finished(result_dir)
        return _describe(finished, solve_pins(finished, pins, on_progress=tell))[1]
    check_free(Path(out), overwrite=overwrite, inputs=[result_dir / "plan.csv"])
    finished = read_finished(result_dir)
    inputs = [source.path for _, source in list_sources(finished.scenario)]
    with (
        claimed(Path(out), overwrite=overwrite, inputs=[*inputs, result_dir / "plan.csv"]),
        logged("heal", Path(out), healed_from=result_dir.resolve().name, **tell_log(finished, pins)),
    ):
        repaired = solve_pins(finished, pins, on_progress=tell)
        tell(Progress(_WRITING, 0.9))
        return deliver(finished, repaired, out=Path(out), overwrite=overwrite)


def tell_log(finished: Finished, pins: Sequence[Pin]) -> dict[str, str]:
    """Give what the log of runs holds of the question: the plan before and what was asked, as they will be written."""
    return {
        "scenario": finished.scenario.name,
        "plan_before_sha256": hashlib.sha256(finished.plan_csv).hexdigest(),
        "pins_sha256": hashlib.sha256(dump_pins(tuple(pins)).encode()).hexdigest(),
    }


@metered()
def deliver(
    finished: Finished,
    repaired: Repaired,
    *,
    out: Path,
    overwrite: bool = False,
    minutes: pd.DataFrame | None = None,
) -> Healing:
    """Write a healed plan as a result folder, judged as a whole.

    Parameters
    ----------
    minutes : DataFrame, optional
        Those of the review that asked for it.

    Raises
    ------
    OutputError, VerificationError
        As `heal`.
    """
    made, healing = _describe(finished, repaired)
    with delivered_whole(out, overwrite=overwrite) as folder:
        write_deliverable(folder, made, trace=())
        write_report(folder / "report.json", made.report)
        pins = dump_pins(repaired.pins)
        write_healed(folder, healing, plan_before=finished.plan_csv, pins=pins, minutes=minutes)
        _judge(folder, made)
    return replace(healing, folder=str(out))


@spend("search")
def solve_pins(
    finished: Finished,
    pins: Sequence[Pin],
    *,
    stop: Stop | None = None,
    on_progress: OnProgress | None = None,
    on_found: OnFound | None = None,
) -> Repaired:
    """Repair a finished plan with the pins; raises as `heal`, and writes nothing.

    Parameters
    ----------
    stop : Stop, optional
        By which another thread ends it; by default the scenario's time limit, and signals in the main thread.
    """
    began, basis, search = time.monotonic(), finished.basis, finished.scenario.solve
    asked = look_up(basis, pins)
    if (clash := find_clash(basis, asked)) is not None:
        raise InfeasibleScenarioError(clash.message)
    edited, stop = put_edits(basis, asked), stop or Stop(search.time_limit_s)

    def tell_ring(n: int) -> None:
        if on_progress is not None:
            on_progress(Progress(_HEALING + Message(f" ({n} communities)", f"（{n} 个社区）"), 0.4))

    def as_repaired(areas: tuple[HealedArea, ...]) -> Repaired:
        return Repaired(tuple(pins), asked, edited, areas, time.monotonic() - began)

    def tell_found(areas: tuple[HealedArea, ...]) -> None:
        if on_found is not None:
            on_found(as_repaired(areas))

    with interruptible(stop):
        effort = EFFORT * search.effort
        healed = repair(
            finished.problem, edited, stop, effort=effort, seed=search.seed, on_ring=tell_ring, on_found=tell_found
        )
        failed = [area for area in healed if area.plan is None]
        if failed:
            reasons = explain_unhealed(basis, asked, failed[0], stop, effort=effort, seed=search.seed)
            if stop.reason is StoppedBy.INTERRUPT:
                raise InterruptedSolveError(reasons)
            raise InfeasibleScenarioError(reasons) if failed[0].is_impossible else SolverError(reasons)
    return as_repaired(healed)


def _describe(finished: Finished, repaired: Repaired) -> tuple[Deliverable, Healing]:
    """Count and draw the healed plan, and tell what it changes."""
    problem, basis = finished.problem, finished.basis
    before = with_pins(basis.before, repaired.pins)
    result = _as_result(finished, repaired)
    notes = foresee(finished.inputs.blocks, problem).hopeless
    measured = {"timings_s": {"read": finished.read_s, "solve": round(repaired.runtime_s, 2)}}
    made = describe(finished.scenario, finished.inputs, problem, result, measured=measured, notes=notes, before=before)
    moves = list_changes(basis.blocks, before, made.report, repaired.asked, repaired.edited)
    assert result.plan is not None
    ids = [made.report.communities[c].id for c in result.plan.assignment.tolist()]
    proofs = list_proofs(problem, repaired, ids)
    sha256 = hashlib.sha256(finished.plan_csv).hexdigest()
    return made, Healing(made.report, finished.report, sha256, moves, proofs, before.n_pins)


def list_proofs(problem: Problem, repaired: Repaired, ids: Sequence[str]) -> tuple[Proof, ...]:
    """Give what is proved of each area that was divided anew; `ids` names the community of each block."""
    key_of = dict(zip(repaired.labels.tolist(), ids, strict=True))
    return tuple(
        Proof(
            problem.areas[area.number].name,
            tuple(sorted(key_of[c] for c in area.communities)),
            _known(area.fewer),
            area.is_cheapest,
            area.is_everywhere,
            area.depth,
        )
        for area in repaired.areas
    )


def _known(fewer: int | None) -> int:
    assert fewer is not None, "of a plan it is always known"
    return fewer


def _as_result(finished: Finished, repaired: Repaired) -> Result:
    """Put the healed plan as a result: the bound of the plan before holds for it, too, and nothing else is proved."""
    problem, bound = finished.problem, finished.report["bound"]
    plan, touched = canonical_plan(repaired.labels), {area.number for area in repaired.areas}
    cost = plan_cost_parts(problem, plan).total
    least = None if bound is None else round(bound * problem.per_metre)
    is_optimal = least is not None and cost == least
    needed = [
        Necessity.UNPROVED if number in touched and one is not None else one
        for number, one in enumerate(finished.necessity)
    ]
    return Result(
        plan=plan,
        status=SolveStatus.OPTIMAL if is_optimal else SolveStatus.FEASIBLE,
        stopped_by=StoppedBy.PROOF if is_optimal else StoppedBy.EFFORT,
        cost=cost,
        bound=least,
        areas=tuple(nothing_known(one) for one in needed),
        runtime_s=repaired.runtime_s,
        per_metre=problem.per_metre,
    )


def _judge(folder: Path, made: Deliverable) -> None:
    """Let the judge read all files, put the verdict into the report, and list what is there."""
    with spend("judging"):
        verification = verify_files(made.report.scenario, folder)
        by_pins = judge_healed(folder)
    if violations := [*verification.violations, *by_pins.violations]:
        raise VerificationError([violation.message for violation in violations])
    write_report(folder / "report.json", replace(with_spent(made.report), verification=verification))
    write_manifest(folder, made.report.scenario)
