"""Pins of a finished plan, as `heal` reads them from a YAML file."""

from io import StringIO
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from ruamel.yaml import YAML

from redistrict.errors import ScenarioError
from redistrict.messages import Message
from redistrict.scenario.explain import Finding, explain_errors, find_booleans, locate_findings
from redistrict.scenario.pin import Pin
from redistrict.scenario.section import Section
from redistrict.scenario.yaml_text import copy_plain, full_width_hints, read_file

__all__ = ["Pin", "dump_pins", "load_pins"]
_ONLY_IN_SCENARIO = Message(
    "stands in scenarios only; of a finished plan use `split` and `merge`, `in` and `apart`",
    "只能写在方案文件中；对已完成的方案请用 split、merge、in、apart",
)


class Pins(Section):
    """All that is asked of a plan."""

    pins: Annotated[tuple[Pin, ...], Field(min_length=1, max_length=10_000)]
    """What is asked, one entry each; the first is pin 1."""


def load_pins(path: Path) -> tuple[Pin, ...]:
    """Read and check a file of pins.

    Raises
    ------
    ScenarioError
        With every problem found, each as ``file:line:column: key: ...``.
    """
    needs = Message("is empty; write what is asked as a list under 'pins'", "文件为空；请在 pins 下逐条写明要求")
    file = read_file(path, needs=needs)
    tree = copy_plain(file.marked)
    findings = find_booleans(tree)
    try:
        read = Pins.model_validate(tree)
    except ValidationError as error:
        findings += explain_errors(error.errors(include_url=False), tree, [file], [], Pins.model_json_schema())
    else:
        for number, pin in enumerate(read.pins):
            if pin.form in ("count", "along"):
                findings.append(Finding(("pins", number, pin.form), _ONLY_IN_SCENARIO, at_key=True))
        if not findings:
            return read.pins
    raise ScenarioError([*full_width_hints(file.name, file.text), *locate_findings(findings, [file], [])])


def dump_pins(pins: tuple[Pin, ...]) -> str:
    """Write pins as YAML; `load_pins` reads them back equal."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # its annotation says None
    yaml.width = 4096
    text = StringIO()
    yaml.dump(Pins(pins=pins).model_dump(mode="json", by_alias=True), text)
    return text.getvalue()
