"""Pins of a finished plan, as `heal` reads them from a YAML file."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML

from redistrict.errors import ScenarioError
from redistrict.messages import Message, plain
from redistrict.scenario.explain import Finding, explain_errors, find_booleans, locate_findings
from redistrict.scenario.pin import FORMS
from redistrict.scenario.pin import Pin as ScenarioPin
from redistrict.scenario.section import Section, refusal
from redistrict.scenario.yaml_text import copy_plain, full_width_hints, read_file

__all__ = ["Pin", "dump_pin", "dump_pins", "load_pins", "read_pin"]
_SCENARIO_FORMS = ("count", "along")
_ONLY_IN_SCENARIO = Message(
    "stands in scenarios only; of a finished plan use `split` and `merge`, `in` and `apart`",
    "只能写在方案文件中；对已完成的方案请用 split、merge、in、apart",
)


_HOW = Message(
    "a pin says one thing: blocks with `in` or `with`, together, apart, keep, whole, merge, split with `into`, rename "
    "with `to`, or estate",
    "每条固定要求只写一种：blocks 配 in 或 with、together、apart、keep、whole、merge、split 配 into、rename 配 to、"
    "estate",
)


class Pin(ScenarioPin):
    """One thing asked of a finished plan, and why; communities are those of the plan."""

    forms: ClassVar[Mapping[str, str | None]] = {**FORMS, "rename": "to"}
    how: ClassVar[Message] = _HOW

    rename: str | None = None
    """Community that is to bear another name."""
    to: Annotated[str, Field(max_length=60)] | None = None
    """The name."""

    @field_validator("to")
    @classmethod
    def _is_a_name(cls, name: str | None) -> str | None:
        if name is not None and (name != name.strip() or not name.isprintable()):
            raise refusal("a name is one line without spaces around it", "名称应为一行文字，首尾无空格")
        return name


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
            if pin.form in _SCENARIO_FORMS:
                findings.append(Finding(("pins", number, pin.form), _ONLY_IN_SCENARIO, at_key=True))
        if not findings:
            return read.pins
    raise ScenarioError([*full_width_hints(file.name, file.text), *locate_findings(findings, [file], [])])


def read_pin(values: object) -> Pin:
    """Check one pin of a finished plan, given as JSON values.

    Raises
    ------
    ScenarioError
        With every problem found.
    """
    try:
        pin = Pin.model_validate(values)
    except ValidationError as error:
        raise ScenarioError([_say_wrong(one) for one in error.errors(include_url=False)]) from error
    if pin.form in _SCENARIO_FORMS:
        raise ScenarioError(plain(f"{pin.form}: ") + _ONLY_IN_SCENARIO)
    return pin


def dump_pin(pin: Pin) -> dict[str, Any]:
    """Give one pin as JSON values; `read_pin` reads them back equal."""
    return pin.model_dump(mode="json", by_alias=True)


def _say_wrong(error: ErrorDetails) -> Message:
    if error["type"] == "refused":
        return Message(error["ctx"]["en"], error["ctx"]["zh"])
    key = ".".join(map(str, error["loc"])) or "pin"
    return Message(f"{key}: {error['msg']}", f"{key}：不合要求（{error['msg']}）")


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
