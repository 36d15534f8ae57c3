"""Grids: a finished result written again with every community divided into grids."""

import shutil
from dataclasses import replace
from pathlib import Path

from redistrict.errors import ScenarioError, VerificationError
from redistrict.jobs.deliverable import write_deliverable
from redistrict.jobs.inputs import read_inputs
from redistrict.jobs.remake import describe_again, read_claims
from redistrict.jobs.verify import check_folder
from redistrict.judge import judge_healed, judge_manifest, verify_files
from redistrict.messages import Message
from redistrict.report.delivery import check_free, claimed, delivered_whole
from redistrict.report.healing import FOLDER
from redistrict.report.manifest import write_manifest
from redistrict.report.provenance import list_sources
from redistrict.report.run_log import logged
from redistrict.report.summary import Report
from redistrict.report.tables.files import write_report
from redistrict.scenario import Scenario
from redistrict.scenario.delivered import load_delivered
from redistrict.scenario.grids import Grids

__all__ = ["make_grids"]


def make_grids(result_dir: Path, grids: Grids | None, *, out: Path, overwrite: bool = False) -> Report:
    """Write a finished result again with its communities divided into grids, judged as a whole; the plan stays.

    Parameters
    ----------
    grids : Grids or None
        None: as the scenario of the result says.

    Raises
    ------
    DataError, OutputError
        If the result or its data cannot be read, or `out` is in the way.
    ScenarioError
        If there is nothing to divide by, or grids are larger than communities.
    VerificationError
        If the result is not as it was delivered, or the judge refuses what is written.
    """
    check_free(out, overwrite=overwrite, inputs=[result_dir / "plan.csv"])
    check_folder(result_dir)
    own = load_delivered(result_dir)
    scenario = _with_grids(own, grids)
    inputs_of_run = [source.path for _, source in list_sources(scenario)]
    verdict = judge_manifest(own, result_dir)
    if not verdict.ok:
        raise VerificationError([violation.message for violation in verdict.violations])
    with (
        claimed(out, overwrite=overwrite, inputs=[*inputs_of_run, result_dir / "plan.csv"]),
        logged("grids", out, scenario=scenario.name),
    ):
        claims = replace(read_claims(result_dir), grids=None)
        inputs = read_inputs(scenario)
        made = describe_again(scenario, inputs, inputs.problem(scenario), claims)
        with delivered_whole(out, overwrite=overwrite) as folder:
            write_deliverable(folder, made, trace=())
            write_report(folder / "report.json", made.report)
            if (result_dir / FOLDER).is_dir():
                shutil.copytree(result_dir / FOLDER, folder / FOLDER)
            verification = verify_files(scenario, folder)
            if violations := [*verification.violations, *judge_healed(folder).violations]:
                raise VerificationError([violation.message for violation in violations])
            report = replace(made.report, verification=verification)
            write_report(folder / "report.json", report)
            write_manifest(folder, scenario)
    return replace(report, folder=str(out))


def _with_grids(scenario: Scenario, grids: Grids | None) -> Scenario:
    if grids is None and scenario.grids is None:
        raise ScenarioError(
            Message(
                "The scenario of this result says nothing of grids; give a file with the section `grids` by --grids.",
                "该成果的方案文件没有 grids 一节；请用 --grids 指定含 grids 一节的文件。",
            )
        )
    return scenario if grids is None else scenario.model_copy(update={"grids": grids})
