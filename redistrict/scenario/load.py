"""Load, dump and describe scenario files: every problem is named by `file:line:column`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from ruamel.yaml import YAML

from redistrict.errors import ScenarioError
from redistrict.messages import Message
from redistrict.paths import resolve_links
from redistrict.scenario import extends
from redistrict.scenario.called import call_as_asked
from redistrict.scenario.enforce import enforce, find_unenforceable
from redistrict.scenario.explain import Finding, explain_errors, find_booleans, locate_findings, suggest_word
from redistrict.scenario.models import Objective, Scenario
from redistrict.scenario.overrides import Override, apply_overrides, parse_overrides
from redistrict.scenario.rulepack import is_pack_file, refuse_unknown_pack, shipped_rulepacks
from redistrict.scenario.yaml_text import KeyPath, MarkedFile, copy_plain, dig, full_width_hints

_SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EXTENDS_SCHEMA = {
    "description": "Scenario file to start from, relative to this file; what stands here is laid over it.",
    "type": "string",
    "minLength": 1,
}
_COLUMNS: tuple[KeyPath, ...] = ((), ("counts",), ("spread",))
"""Where under `data.blocks` columns of counts are named."""
_NEEDED = {
    "district": (Message("the district column", "区的列名"), "data.blocks.columns.district"),
    "community": (Message("the column of today's communities", "现有社区的列名"), "data.blocks.columns.community"),
    "premises": (Message("the layer of today's premises", "现有社区用房的图层"), "data.premises"),
    "projects": (Message("the list of estates under delivery", "在建小区的清单"), "data.projects"),
}


def load_scenario(path: Path, *, overrides: Sequence[str] = ()) -> Scenario:
    """Read, check and complete a scenario file and those it extends; relative paths become absolute.

    Parameters
    ----------
    path : Path
        YAML 1.2 file in UTF-8.
    overrides : sequence of str
        ``key.path=value`` pairs that replace or add values; the value is YAML, list items go by number, and
        relative paths count from the folder of `path`.

    Returns
    -------
    Scenario
        The checked scenario, with every default filled in.

    Raises
    ------
    ScenarioError
        With every problem found, each as ``file:line:column: key: ...`` or ``--set key=value: ...``.
    """
    changes, problems = parse_overrides(overrides)
    return complete(read_tree(path), changes, problems)


class Tree(NamedTuple):
    """What a scenario file and those it extends say together; the files are each before its parent."""

    files: tuple[MarkedFile, ...]
    merged: dict[Any, Any]


Find = Callable[[str, Path], Path]
"""Gives the place of a file by what is told of it and where that would be."""


def read_tree(path: Path, find: Find = lambda _, path: path) -> Tree:
    """Read a scenario file and those it extends, unchecked; relative paths become absolute.

    Parameters
    ----------
    find : callable
        By default files are where they are told to be.

    Raises
    ------
    ScenarioError
        If a file cannot be read.
    """
    files = extends.read_chain(Path(path))
    trees = [_with_absolute_paths(copy_plain(file.marked), _folder_of(file), find) for file in files]
    return Tree(files, extends.merge_chain(trees))


def complete(read: Tree, changes: Sequence[Override], problems: Sequence[Message] = ()) -> Scenario:
    """Lay overrides over what was read, check it, and fill in every default.

    Parameters
    ----------
    problems : sequence of Message
        What is wrong already, to be told with the rest.

    Raises
    ------
    ScenarioError
        As `load_scenario`.
    """
    files = read.files
    tree, misled = apply_overrides(read.merged, changes)
    problems = [*problems, *misled]
    tree = _with_lead(_with_absolute_paths(tree, _folder_of(files[0])))
    findings = [*find_booleans(tree), *_cross_findings(tree)]
    try:
        scenario = Scenario.model_validate(tree)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        findings += explain_errors(errors, tree, files, changes, Scenario.model_json_schema())
    else:
        findings += find_unenforceable(scenario) if not findings else ()
        if not findings and not problems:
            found = enforce(scenario)
            call_as_asked(found)
            return found
    hints = [hint for file in files for hint in full_width_hints(file.name, file.text)]
    raise ScenarioError([*problems, *hints, *locate_findings(findings, files, changes)])


def dump_scenario(scenario: Scenario, told: Mapping[str, str] | None = None) -> str:
    """Write the whole scenario but its sweep as YAML, defaults spelled out; `load_scenario` reads it back equal.

    Parameters
    ----------
    told : mapping of str to str, optional
        How paths are to be written; others are absolute, with forward slashes.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # its annotation says None
    yaml.width = 4096
    text = StringIO()
    yaml.dump(_as_yaml(scenario.model_dump(by_alias=True), told or {}), text)
    return text.getvalue()


def scenario_schema() -> dict[str, Any]:
    """Give the JSON schema of scenario files, for editors that complete and check while one types."""
    schema = Scenario.model_json_schema()
    required, properties = schema.pop("required"), {extends.KEY: _EXTENDS_SCHEMA, **schema.pop("properties")}
    complete = {"anyOf": [{"required": [extends.KEY]}, {"required": required}]}
    return {"$schema": _SCHEMA_DIALECT, **schema, "properties": properties, **complete}


def _folder_of(file: MarkedFile) -> Path:
    return Path(file.name).parent.resolve()


def _as_yaml(value: object, told: Mapping[str, str]) -> object:
    """Turn tuples into lists and paths into text with forward slashes, or as they were told."""
    if isinstance(value, dict):
        return {key: _as_yaml(item, told) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_as_yaml(item, told) for item in value]
    if isinstance(value, Path):
        return told.get(str(value), value.as_posix())
    return told.get(value, value) if isinstance(value, str) else value


def _with_absolute_paths(tree: dict[Any, Any], folder: Path, find: Find = lambda _, path: path) -> dict[Any, Any]:
    """Resolve paths of layers, tables and rule packs against the folder of their file."""

    def absolute(path: str) -> str:
        return str(find(path, resolve_links(folder / path.replace("\\", "/"))))

    def resolve(source: Any) -> Any:
        if isinstance(source, dict) and isinstance(source.get("path"), str) and source["path"].strip():
            source = {**source, "path": absolute(source["path"])}
        if isinstance(source, dict):
            source = source | {key: resolve(source[key]) for key in ("counts", "spread", "layer") if key in source}
        return source

    if data := dig(tree, "data"):
        sources = {
            key: [resolve(source) for source in value] if isinstance(value, list) else resolve(value)
            for key, value in data.items()
        }
        tree = {**tree, "data": sources}
    if isinstance(levels := tree.get("levels"), list):
        tree = {**tree, "levels": [resolve(level) for level in levels]}
    if "today" in (grids := dig(tree, "grids")):
        tree = {**tree, "grids": {**grids, "today": resolve(grids["today"])}}
    standards = dig(tree, "standards")
    if isinstance(packs := standards.get("rules"), list):
        packs = [absolute(rule) if isinstance(rule, str) and is_pack_file(rule) else rule for rule in packs]
        tree = {**tree, "standards": {**standards, "rules": packs}}
    return tree


def _with_lead(tree: Any) -> Any:
    """Let the only quantity that has a column lead, unless the file names a lead itself."""
    communities = dig(tree, "communities")
    if _counted(tree) != ["people"] or "lead" in communities or not isinstance(tree.get("communities", {}), dict):
        return tree
    return {**tree, "communities": {**communities, "lead": "people"}}


def _counted(tree: Any) -> list[str]:
    """Name the quantities that have a column, in the block layer, the table of counts or the layer of areas."""
    columns = [dig(tree, "data", "blocks", *place, "columns") for place in _COLUMNS]
    return [name for name in ("households", "people") if any(one.get(name) is not None for one in columns)]


# --- cross checks ----------------------------------------------------------------------------------------


def _cross_findings(tree: Any) -> list[Finding]:
    """Check what one key says against another, or against the data the scenario names."""
    checks = (_chain_findings, _size_findings, _other_findings, _need_findings, _class_findings)
    return [finding for check in (*checks, _pack_findings, _pin_findings) for finding in check(tree)]


def _chain_findings(tree: Any) -> Iterator[Finding]:
    """Check that nothing is left of `extends`: it has been followed, and is known to the files only."""
    for key in tree:
        if key == extends.KEY:
            en, zh = "cannot be changed from outside; write it in the scenario file", "只能写在方案文件中"
            yield Finding((key,), Message(en, zh), at_key=True)
        elif key not in Scenario.model_fields and (close := suggest_word(key, [extends.KEY])).en:
            yield Finding((key,), Message("unknown key", "未知的键") + close, at_key=True)


def _size_findings(tree: Any) -> list[Finding]:
    """Check that the quantities that are counted have the targets the communities are made by."""
    given, communities = _counted(tree), dig(tree, "communities")
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
    leading = dig(communities, "others", lead) if isinstance(lead, str) else {}
    if leading and leading.get("target") is None and communities.get("count", "auto") == "auto":
        en = f"'{lead}' has no target to work the number of communities out from; add it, or give 'count'"
        zh = f"缺少 {lead} 的目标值，无法推算社区数量；请补上，或写明 count"
        findings.append(Finding(("communities", "others", lead), Message(en, zh), at_key=True))
    if communities.get("change") == "merge_only" and communities.get("around") == "means":
        en = "merge_only keeps the sizes around the targets; write around: targets, or leave it out"
        zh = "change 为 merge_only 时，规模以目标值为准，请写 around: targets 或删去此项"
        findings.append(Finding(("communities", "around"), Message(en, zh)))
    return findings


def _other_findings(tree: Any) -> Iterator[Finding]:
    """Check that each further quantity has a column, and each column of one a section that says what it is."""
    paths = [("data", "blocks", *place, "columns", "others") for place in _COLUMNS]
    columns = {key: path for path in paths for key in dig(tree, *path)}
    communities, levels = dig(tree, "communities"), tree.get("levels")
    others, taken = dig(communities, "others"), [dig(level).get("key") for level in levels or ()]
    for key, path in columns.items():
        if key not in others:
            en = "say in communities.others what this is, with its title"
            yield Finding((*path, key), Message(en, "请在 communities.others 中写明此项及其 title"), at_key=True)
    for key, other in others.items():
        path = ("communities", "others", key)
        if key not in columns:
            en, zh = "name its column in data.blocks.columns.others", "请在 data.blocks.columns.others 中写明其列名"
            yield Finding(path, Message(en, zh), at_key=True)
        elif key in taken:
            en, zh = "a level has this key; choose another", "已有层级使用此键，请换一个"
            yield Finding(path, Message(en, zh), at_key=True)
        asked = dig(other)
        if communities.get("change") == "merge_only" and "tolerance" in asked and "target" not in asked:
            en = "merge_only keeps the sizes around the targets; give this one a 'target'"
            zh = "change 为 merge_only 时，规模以目标值为准，请写 target"
            yield Finding(path, Message(en, zh), at_key=True)


def _need_findings(tree: Any) -> Iterator[Finding]:
    """Check that the data hold what other keys need: a column of the blocks, or a layer."""
    data, communities, standards = dig(tree, "data"), dig(tree, "communities"), dig(tree, "standards")
    columns, disruption = dig(data, "blocks", "columns"), dig(tree, "objective").get("disruption")
    moves_cost = isinstance(disruption, int | float) and disruption > 0
    needs: list[tuple[KeyPath, bool, str]] = [
        (("communities", "count_by_district"), bool(communities.get("count_by_district")), "district"),
        (("communities", "change"), communities.get("change") in ("merge_only", "keep"), "community"),
        (("communities", "max_moved_share"), communities.get("max_moved_share") is not None, "community"),
        (("objective", "disruption"), moves_cost, "community"),
        (("data", "current"), data.get("current") is not None, "community"),
        (("standards", "premises", "site"), dig(standards, "premises").get("site") == "required", "premises"),
        (("standards", "growth", "hold"), dig(standards, "growth").get("hold") == "required", "projects"),
    ]
    for path, applies, name in needs:
        if applies and columns and {**data, **columns}.get(name) is None:
            what, key = _NEEDED[name]
            message = Message(f"needs {what.en}; name it in {key}", f"需要{what.zh}，请写在 {key}")
            yield Finding(path, message, at_key=True)


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
            findings.append(Finding(path, Message(en, zh) + close))
    return findings


def _named_classes(roads: Sequence[Any]) -> Iterator[tuple[KeyPath, Any]]:
    """Give every road class that `data.roads` names, and where."""
    for number, road in enumerate(roads):
        path = ("data", "roads", number)
        for value, name in dig(road, "classes").items():
            yield (*path, "classes", value), name
        if name := dig(road).get("class_name"):
            yield (*path, "class_name"), name


def _pack_findings(tree: Any) -> Iterator[Finding]:
    """Check that rule packs named by key exist, and that waivers speak of packs among `standards.rules`."""
    rules, waivers = (dig(tree, "standards").get(key) for key in ("rules", "waivers"))
    packs = []
    for number, rule in enumerate(rules if isinstance(rules, list) else ()):
        if isinstance(rule, str):
            packs.append(Path(rule).stem if is_pack_file(rule) else rule)
            if not is_pack_file(rule) and rule not in shipped_rulepacks():
                yield Finding(("standards", "rules", number), refuse_unknown_pack(rule))
    for number, waiver in enumerate(waivers if isinstance(waivers, list) else ()):
        pack = dig(waiver).get("pack")
        if isinstance(pack, str) and pack not in packs:
            close, listed = suggest_word(pack, packs), ", ".join(packs)
            en = f"rule pack '{pack}' is not among standards.rules ({listed or 'none'})"
            zh = f"standards.rules 中没有规则包 {pack}（现有：{listed or '无'}）"
            yield Finding(("standards", "waivers", number, "pack"), Message(en, zh) + close)


def _pin_findings(tree: Any) -> Iterator[Finding]:
    """Check that pins ask what can be asked before there is a plan."""
    pins = tree.get("pins")
    for number, pin in enumerate(pins if isinstance(pins, list) else ()):
        if "in" in dig(pin):
            en, zh = (
                "no community has a name yet: name a block of it by `with`",
                "社区尚无名称：请用 with 指定其中的地块",
            )
            yield Finding(("pins", number, "in"), Message(en, zh), at_key=True)
        if "split" in dig(pin) and dig(tree, "communities").get("change", "redraw") != "redraw":
            en, zh = "today's communities are only merged, not split", "现有社区只合并，不拆分"
            yield Finding(("pins", number, "split"), Message(en, zh), at_key=True)
