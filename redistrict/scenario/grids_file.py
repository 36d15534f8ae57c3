"""The section `grids` in a file of its own, as `redistrict grids` takes it for a finished result."""

from pathlib import Path

from pydantic import ValidationError

from redistrict.errors import ScenarioError
from redistrict.messages import Message
from redistrict.scenario.explain import explain_errors, find_booleans, locate_findings
from redistrict.scenario.grids import Grids
from redistrict.scenario.section import Section
from redistrict.scenario.yaml_text import copy_plain, full_width_hints, read_file


class _GridsFile(Section):
    """How every community is divided into grids."""

    grids: Grids
    """As in a scenario."""


def load_grids(path: Path) -> Grids:
    """Read the section `grids` from a file that holds nothing else; the path in it counts from its folder.

    Raises
    ------
    ScenarioError
        With every problem found, each as ``file:line:column: key: ...``.
    """
    needs = Message("is empty; write the keys of 'grids'", "文件为空；请写明 grids 一节")
    file = read_file(path, needs=needs)
    tree = copy_plain(file.marked)
    findings = find_booleans(tree)
    try:
        read = _GridsFile.model_validate(tree).grids
    except ValidationError as error:
        findings += explain_errors(error.errors(include_url=False), tree, [file], [], _GridsFile.model_json_schema())
    if findings:
        raise ScenarioError([*full_width_hints(file.name, file.text), *locate_findings(findings, [file], [])])
    if read.today is None:
        return read
    place = (path.parent / str(read.today.path).replace("\\", "/")).resolve()
    return read.model_copy(update={"today": read.today.model_copy(update={"path": place})})
