"""Load, dump and describe scenario files: every problem is named by `file:line:column`."""

from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML

from redistrict.errors import ScenarioError
from redistrict.messages import Message
from redistrict.scenario.explain import Finding, explain_errors, locate_findings, suggest_word
from redistrict.scenario.models import Objective, Scenario
from redistrict.scenario.overrides import apply_overrides
from redistrict.scenario.yaml_text import KeyPath, copy_plain, dig, full_width_hints, read_file

_MAX_DEPTH = 8  # no key of a scenario lies deeper, but an alias may hold itself
_SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def load_scenario(path: Path, *, overrides: Sequence[str] = ()) -> Scenario:
    """Read, check and complete a scenario file; relative data paths become absolute.

    Parameters
    ----------
    path : Path
        YAML 1.2 file in UTF-8.
    overrides : sequence of str
        ``key.path=value`` pairs that replace or add values; the value is YAML, list items go by number.

    Returns
    -------
    Scenario
        The checked scenario, with every default filled in.

    Raises
    ------
    ScenarioError
        With every problem found, each as ``file:line:column: key: ...`` or ``--set key=value: ...``.
    """
    file = read_file(Path(path))
    tree, changes, problems = apply_overrides(copy_plain(file.marked), overrides)
    tree = _with_lead(_with_absolute_paths(tree, Path(path).parent.resolve()))
    findings = [*_boolean_findings(tree, ()), *_cross_findings(tree), *_class_findings(tree)]
    try:
        scenario = Scenario.model_validate(tree)
    except ValidationError as error:
        findings += explain_errors(error.errors(include_url=False), tree, file, changes)
    else:
        if not findings and not problems:
            return scenario
    hints = full_width_hints(file.name, file.text)
    raise ScenarioError([*problems, *hints, *locate_findings(findings, file, changes)])


def dump_scenario(scenario: Scenario) -> str:
    """Write the scenario as YAML with every default spelled out; `load_scenario` reads it back equal."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # its annotation says None
    yaml.width = 4096
    text = StringIO()
    yaml.dump(_as_yaml(scenario.model_dump()), text)
    return text.getvalue()


def scenario_schema() -> dict[str, Any]:
    """Give the JSON schema of scenario files, for editors that complete and check while one types."""
    return {"$schema": _SCHEMA_DIALECT, **Scenario.model_json_schema()}


def _as_yaml(value: object) -> object:
    """Turn tuples into lists and paths into text with forward slashes."""
    if isinstance(value, dict):
        return {key: _as_yaml(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_as_yaml(item) for item in value]
    return value.as_posix() if isinstance(value, Path) else value


def _with_absolute_paths(tree: Any, folder: Path) -> Any:
    """Resolve every `path` under `data` against the scenario's folder."""
    if not isinstance(tree, dict) or not isinstance(tree.get("data"), dict):
        return tree

    def resolve(source: Any) -> Any:
        if isinstance(source, dict) and isinstance(source.get("path"), str) and source["path"].strip():
            return {**source, "path": str((folder / source["path"].replace("\\", "/")).resolve())}
        return source

    data = {
        key: [resolve(source) for source in value] if isinstance(value, list) else resolve(value)
        for key, value in tree["data"].items()
    }
    return {**tree, "data": data}


def _with_lead(tree: Any) -> Any:
    """Let the only quantity that has a column lead, unless the file names a lead itself."""
    columns, communities = dig(tree, "data", "blocks", "columns"), dig(tree, "communities")
    only_people = columns.get("people") is not None and columns.get("households") is None
    if not only_people or "lead" in communities or not isinstance(tree.get("communities", {}), dict):
        return tree
    return {**tree, "communities": {**communities, "lead": "people"}}


# --- cross checks ----------------------------------------------------------------------------------------


def _boolean_findings(node: Any, path: KeyPath) -> list[Finding]:
    """Find true and false: no key takes them, and they would pass for the numbers 1 and 0."""
    if isinstance(node, bool):
        en = "true/false fits no key; write a number, or quote it if it is text"
        return [Finding(path, Message(en, "此处不能写 true/false，请写数字；若是文字请加引号"))]
    children: Iterable[tuple[Any, Any]] = ()
    if isinstance(node, dict | list) and len(path) < _MAX_DEPTH:
        children = node.items() if isinstance(node, dict) else enumerate(node)
    return [finding for key, child in children for finding in _boolean_findings(child, (*path, key))]


def _cross_findings(tree: Any) -> list[Finding]:
    """Check what one key says against another."""
    columns, communities = dig(tree, "data", "blocks", "columns"), dig(tree, "communities")
    given = [quantity for quantity in ("households", "people") if columns.get(quantity) is not None]
    findings = []
    lead = communities.get("lead", "households")
    if given and lead in ("households", "people") and lead not in given:
        en = f"'{lead}' has no column in data.blocks.columns; lead with '{given[0]}' or name its column"
        zh = f"data.blocks.columns 中没有 {lead} 列，请改为 {given[0]} 或补上该列"
        findings.append(Finding(("communities", "lead"), Message(en, zh)))
    target = communities.get("target")
    if isinstance(target, dict) and lead in given and target.get(lead) is None:
        if communities.get("count", "auto") == "auto":
            en = f"'{lead}' has no target to work the number of communities out from; add it, or give 'count'"
            zh = f"缺少 {lead} 的目标值，无法推算社区数量；请补上，或写明 count"
            findings.append(Finding(("communities", "target"), Message(en, zh), at_key=True))
        elif communities.get("around") != "means" and all(target.get(name) is None for name in given):
            en = f"no target for {' or '.join(given)}: nothing would keep the communities equal"
            zh = f"没有写 {'、'.join(given)} 的目标值，社区规模将不受约束"
            findings.append(Finding(("communities", "target"), Message(en, zh), at_key=True))
    if communities.get("count_by_district") and columns and columns.get("district") is None:
        en = "needs the district column; name it in data.blocks.columns.district"
        zh = "需要区的列名，请写在 data.blocks.columns.district"
        findings.append(Finding(("communities", "count_by_district"), Message(en, zh), at_key=True))
    return findings


def _class_findings(tree: Any) -> list[Finding]:
    """Check that every road class named under `data.roads` has a weight in `objective.crossing`."""
    weights = dig(tree, "objective").get("crossing", Objective().crossing)
    roads = dig(tree, "data").get("roads")
    if not isinstance(weights, dict) or not isinstance(roads, list):
        return []
    known = [str(weight) for weight in weights]
    findings = []
    for path, name in _named_classes(roads):
        if isinstance(name, str) and name not in weights:
            close = suggest_word(name, known)
            en = f"road class '{name}' has no weight in objective.crossing ({', '.join(known)})"
            zh = f"道路等级 {name} 在 objective.crossing 中没有权重（现有 {'、'.join(known)}）"
            findings.append(Finding(path, Message(en + close.en, zh + close.zh)))
    return findings


def _named_classes(roads: Sequence[Any]) -> Iterator[tuple[KeyPath, Any]]:
    """Give every road class that `data.roads` names, and where."""
    for number, road in enumerate(roads):
        path = ("data", "roads", number)
        for value, name in dig(road, "classes").items():
            yield (*path, "classes", value), name
        if name := dig(road).get("class_name"):
            yield (*path, "class_name"), name
