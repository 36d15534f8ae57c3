"""Verify: a result directory judged again, against the data its scenario names."""

from pathlib import Path

from redistrict.errors import OutputError
from redistrict.judge import judge_manifest, verify_files
from redistrict.judge.verification import Verification
from redistrict.messages import Message
from redistrict.scenario import Scenario, load_scenario


def verify(result_dir: Path | str, *, scenario: Scenario | None = None) -> Verification:
    """Judge a result directory again, against the data its scenario names.

    Raises
    ------
    OutputError
        If the directory does not exist, or holds no scenario and none is given.
    """
    result_dir = Path(result_dir)
    if not result_dir.is_dir():
        raise OutputError(Message(f"There is no result folder {result_dir}.", f"找不到成果文件夹 {result_dir}。"))
    if scenario is None and not (result_dir / "scenario.yaml").is_file():
        raise OutputError(
            Message(
                f"{result_dir} is not a result folder: it holds no scenario.yaml. Name the folder with plan.csv in it, "
                "or give the scenario by --scenario.",
                f"{result_dir} 不是成果文件夹：其中没有 scenario.yaml。"
                "请指定含 plan.csv 的文件夹，或用 --scenario 指定方案。",
            )
        )
    question = scenario or load_scenario(result_dir / "scenario.yaml")
    return verify_files(question, result_dir) + judge_manifest(question, result_dir)
