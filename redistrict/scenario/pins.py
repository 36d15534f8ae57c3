"""Pins: what planners ask of a finished plan, as `heal` reads it from a YAML file."""

from io import StringIO
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, model_validator
from ruamel.yaml import YAML

from redistrict.errors import ScenarioError
from redistrict.messages import Message
from redistrict.scenario.explain import explain_errors, find_booleans, locate_findings
from redistrict.scenario.section import Section, refusal
from redistrict.scenario.yaml_text import copy_plain, full_width_hints, read_file

Keys = Annotated[tuple[str, ...], Field(min_length=1)]
Group = Annotated[tuple[str, ...], Field(min_length=2)]

FORMS = ("together", "apart", "keep", "whole", "merge", "split", "estate")
"""Keys that each say alone what a pin asks (`split` with `into`); besides there is `blocks` with `in` or `with`."""
_HOW = Message(
    "a pin says one thing: blocks with `in` or `with`, together, apart, keep, whole, merge, split with `into`, or "
    "estate",
    "每条固定要求只写一种：blocks 配 in 或 with、together、apart、keep、whole、merge、split 配 into、estate",
)


class Pin(Section):
    """One thing asked of the plan, and why. Communities are named by key or name."""

    reason: str = Field(max_length=200)
    """Why, in a few words: it stands beside every move that the pin asks for."""
    blocks: Keys | None = None
    """Blocks that are to lie in one community, which `in` or `with` names."""
    in_: str | None = Field(default=None, alias="in")
    """Community of the plan for `blocks`."""
    with_: str | None = Field(default=None, alias="with")
    """Block whose community, whichever it will be, is that of `blocks`."""
    together: Group | None = None
    """Blocks that are to lie in one community, whichever."""
    apart: Group | None = None
    """Blocks of which no two are to lie in one community."""
    keep: str | None = None
    """Community of the plan that is to stay as it is."""
    whole: str | None = None
    """Community of today whose blocks are to lie in one community."""
    merge: tuple[str, str] | None = None
    """Two communities of the plan that are to be one."""
    split: str | None = None
    """Community of the plan that is to be divided."""
    into: Annotated[int, Field(ge=2, le=100)] | None = None
    """Number of communities that `split` makes of it."""
    estate: str | None = None
    """Name that blocks bear which are to lie in one community."""

    @property
    def form(self) -> str:
        """The key that says what the pin asks: `in`, `with` or one of `FORMS`."""
        if self.blocks is not None:
            return "in" if self.in_ is not None else "with"
        return next(name for name in FORMS if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _says_one_thing(self) -> "Pin":
        forms = [name for name in ("blocks", *FORMS) if getattr(self, name) is not None]
        n_places = (self.in_ is not None) + (self.with_ is not None)
        is_whole = n_places == ("blocks" in forms) and (self.into is not None) == ("split" in forms)
        if len(forms) != 1 or not is_whole:
            raise refusal(_HOW.en, _HOW.zh)
        return self


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
    yaml.dump(Pins(pins=pins).model_dump(mode="json", by_alias=True, exclude_none=True), text)
    return text.getvalue()
