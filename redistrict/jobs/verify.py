"""Verify: a result directory judged again, against the data its scenario names."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from redistrict.errors import OutputError
from redistrict.judge import (
    as_approved,
    judge_claims,
    judge_healed,
    judge_links,
    judge_makers,
    judge_manifest,
    judge_question,
    judge_run_log,
    judge_search_pictures,
    judge_signature,
    verify_files,
)
from redistrict.judge.sweep_places import RECORD
from redistrict.judge.verification import Verification
from redistrict.messages import Message
from redistrict.paths import is_file, is_folder
from redistrict.scenario import Scenario, dump_scenario
from redistrict.scenario.delivered import read_delivered

if TYPE_CHECKING:
    from redistrict.jobs.deliverable import Deliverable

_REFUSED_FIRST = Message(
    "files that are made again from plan and data: the plan or its report is refused already",
    "按方案与数据重新生成的文件：方案或其报告已被否定",
)

_NOTHING_READ = Message(
    "everything else: nothing is read as long as links, folders or what a program left stand among files of the result",
    "其余全部内容：成果文件中有链接、文件夹或其他程序的遗留文件时不予读取",
)
_POINT_BY_POINT = Message(
    "This is a sweep: give --scenario and --key for the result of one point, in the folder `points`.",
    "这是参数遍历：--scenario 与 --key 请用于 points 文件夹中单个点的成果。",
)


@dataclass(frozen=True, eq=False)
class Judged:
    """What is said of a result, and what it was made again from.

    Attributes
    ----------
    verdict : Verification
    made : Deliverable or None
        None where the result was refused before anything was made again.
    """

    verdict: Verification
    made: "Deliverable | None"


def verify(
    result_dir: Path | str, *, scenario: Scenario | None = None, key: Path | None = None, data: Path | None = None
) -> Verification:
    """Judge a result directory again, against the data its scenario names.

    The judge counts by means of its own; then every file is made again from plan and data and compared, and what the
    manifest lists with what is there. What nobody looks at is listed in `not_checked`. Of the folder of a sweep every
    point is judged, then its table and page.

    Parameters
    ----------
    result_dir : Path or str
    scenario : Scenario, optional
        The approved question, which the folder's own must not differ from; by default the folder's own.
    key : Path, optional
        Public key whose holder must have signed the result.
    data : Path, optional
        Folder with the data of the result; by default they lie where they did at the run, or beside the result.

    Raises
    ------
    DataError
        If `key` is no public key, or data are not there.
    OutputError
        If the directory does not exist, holds no scenario and none is given, or holds a file that may not be read; or
        if `scenario` or `key` is given for a sweep.
    """
    result_dir = Path(result_dir)
    if not is_file(result_dir / RECORD) or is_file(result_dir / "plan.csv"):
        return judge_result(result_dir, scenario, key, data)
    if scenario is not None or key is not None:
        raise OutputError(_POINT_BY_POINT)
    from redistrict.jobs.verify_sweep import verify_sweep  # and with it what makes sweeps

    try:
        return verify_sweep(result_dir, data)
    except OSError as error:
        raise OutputError(_cannot_judge(result_dir, error)) from error


def judge_result(
    result_dir: Path, scenario: Scenario | None = None, key: Path | None = None, data: Path | None = None
) -> Verification:
    """Do what `verify` does with one result; a sweep is none.

    Raises
    ------
    DataError, OutputError
        As `verify`.
    """
    return judge_and_remake(result_dir, scenario, key, data).verdict


def judge_and_remake(
    result_dir: Path, scenario: Scenario | None = None, key: Path | None = None, data: Path | None = None
) -> Judged:
    """Do what `verify` does with one result, and give as well what was read and counted for it.

    Raises
    ------
    DataError, OutputError
        As `verify`.
    """
    check_folder(result_dir, holds_scenario=scenario is None)
    try:
        return _judge(result_dir, scenario, key, data)
    except OSError as error:
        raise OutputError(_cannot_judge(result_dir, error)) from error


def _judge(result_dir: Path, scenario: Scenario | None, key: Path | None, data: Path | None) -> Judged:
    if not (links := judge_links(result_dir)).ok:
        return Judged(links + Verification((), not_checked=(_NOTHING_READ,)), None)
    by_record = judge_signature(result_dir, key) + judge_run_log(result_dir) + judge_search_pictures(result_dir)
    delivered = None
    if (result_dir / "scenario.yaml").is_file():
        delivered = read_delivered(result_dir, data, needs_data=scenario is None)
    own = delivered.scenario if delivered is not None else scenario
    assert own is not None, "one of the two is there"
    asked, by_question = as_approved(own, scenario), judge_question(own, scenario)
    judged = verify_files(asked, result_dir)
    by_report = judge_claims(own, result_dir) + judge_makers(result_dir)
    verdict = judged + by_question + by_report + judge_healed(result_dir)
    from redistrict.jobs.remake import vouch  # and with it all that draws and writes

    if verdict.ok:
        text = delivered.text if delivered is not None else dump_scenario(own)
        more, made = vouch(own, asked, result_dir, judged, text)
    else:
        more, made = Verification((), not_checked=(_REFUSED_FIRST,)), None
    return Judged(verdict + judge_manifest(asked, result_dir) + by_record + more, made)


def check_folder(result_dir: Path, *, holds_scenario: bool = True) -> None:
    """Refuse what is no result folder, or holds no scenario where it has to.

    Raises
    ------
    OutputError
    """
    if not is_folder(result_dir):
        raise OutputError(Message(f"There is no result folder {result_dir}.", f"找不到成果文件夹 {result_dir}。"))
    if holds_scenario and not (result_dir / "scenario.yaml").is_file():
        raise OutputError(
            Message(
                f"{result_dir} is not a result folder: it holds no scenario.yaml. Name the folder with plan.csv in it, "
                "or give the scenario by --scenario.",
                f"{result_dir} 不是成果文件夹：其中没有 scenario.yaml。"
                "请指定含 plan.csv 的文件夹，或用 --scenario 指定方案。",
            )
        )


def _cannot_judge(result_dir: Path, error: OSError) -> Message:
    reason = f"{error.filename or result_dir}: {error.strerror or error}"
    return Message(
        f"The result cannot be judged ({reason}); close the programs that hold its files, and check the rights and the "
        "free space.",
        f"无法复核成果（{reason}）；请关闭占用其文件的程序，并检查访问权限和剩余空间。",
    )
