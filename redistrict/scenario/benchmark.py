"""Benchmark cases: small files that say what to divide, in how many seconds, and the best cost ever seen."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from redistrict.errors import ScenarioError
from redistrict.scenario.explain import explain_errors, find_booleans, locate_findings
from redistrict.scenario.section import Section, refusal
from redistrict.scenario.yaml_text import copy_plain, read_file

_Count = Annotated[int, Field(ge=1)]


class ScenarioCase(Section):
    """A scenario, or one district of it."""

    path: str
    """The scenario file, relative to the case."""
    changes: tuple[str, ...] = ()
    """Values to change, as ``key=value``."""
    district: str | None = None
    """Only the areas of this district."""


class CityCase(Section):
    """A city drawn by lot."""

    blocks: _Count
    """How many blocks."""
    communities: _Count
    """How many communities."""
    tolerance: Annotated[float, Field(gt=0, lt=1)]
    """How far households and people may deviate from their means, as a share."""
    seed: Annotated[int, Field(ge=0)] = 1
    """Which city."""


class CutEdgesCase(Section):
    """A published instance: the fewest cut edges."""

    path: str
    """The instance (JSON), relative to the case."""


class BenchmarkCase(Section):
    """One case: exactly one of `scenario`, `city` and `cut_edges`."""

    scenario: ScenarioCase | None = None
    """A scenario."""
    city: CityCase | None = None
    """A city drawn by lot."""
    cut_edges: CutEdgesCase | None = None
    """A published instance."""
    time_s: Annotated[float, Field(gt=0)] = 60.0
    """Seconds at most for our search; the peers get as many as it took."""
    effort: Annotated[float, Field(gt=0, le=1000)] = 1.0
    """Amount of search, as in scenarios."""
    best_known: int | None = None
    """Lowest cost of a valid plan ever seen, whoever found it; published instances bring their own."""
    origin: str = ""
    """Where the data come from; cities drawn by lot and published instances bring their own."""
    licence: str = ""
    """On what terms they may be passed on."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> "BenchmarkCase":
        if sum(part is not None for part in (self.scenario, self.city, self.cut_edges)) != 1:
            en = "give exactly one of 'scenario', 'city' and 'cut_edges'"
            raise refusal(en, "scenario、city、cut_edges 三者必须且只能写一个")
        return self


def read_case(path: Path) -> BenchmarkCase:
    """Read and check the file of a case; its paths become absolute.

    Raises
    ------
    ScenarioError
        With every problem found, each as ``file:line:column: key: ...``.
    """
    file = read_file(path)
    tree = copy_plain(file.marked)
    for part in ("scenario", "cut_edges"):
        if isinstance(tree.get(part), dict) and isinstance(tree[part].get("path"), str):
            tree[part]["path"] = str((path.parent / tree[part]["path"]).resolve())
    findings = [*find_booleans(tree)]
    try:
        case = BenchmarkCase.model_validate(tree)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        findings += explain_errors(errors, tree, (file,), (), BenchmarkCase.model_json_schema())
    else:
        if not findings:
            return case
    raise ScenarioError([*locate_findings(findings, (file,), ())])
