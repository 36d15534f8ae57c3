"""Changes to the tree from the command line: `--set key.path=value`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redistrict.errors import ScenarioError
from redistrict.messages import Message
from redistrict.scenario.models import Scenario
from redistrict.scenario.section import Section
from redistrict.scenario.yaml_text import KeyPath, MarkedFile, copy_plain, dig, parse_yaml, refusal


@dataclass(frozen=True)
class Override:
    """One `--set a.b.c=value`, or a value of a sweep; `place` is what messages call it."""

    place: str
    path: KeyPath
    value: object


def parse_overrides(raws: Sequence[str]) -> tuple[list[Override], list[Message]]:
    """Give what `--set` asks for, and every problem with how it is written."""
    changes: list[Override] = []
    problems: list[Message] = []
    for raw in raws:
        try:
            changes.append(_parse_override(raw))
        except ScenarioError as error:
            problems += error.problems
    return changes, problems


def apply_overrides(tree: Any, changes: Sequence[Override]) -> tuple[Any, list[Message]]:
    """Give `tree` with the overrides in it, and every problem with where they lead."""
    problems: list[Message] = []
    for change in changes:
        try:
            tree = _with_value(tree, change, 0)
        except ScenarioError as error:
            problems += error.problems
    return tree, problems


def find_override(path: KeyPath, file: MarkedFile, changes: Sequence[Override]) -> Override | None:
    """Find the override that set the value at `path`, or made the section in which it is missed."""
    names = tuple(map(str, path))
    for change in reversed(changes):
        if names[: len(change.path)] == change.path:
            return change
        if not file.holds(path) and change.path[: len(names)] == names:
            return change
    made = [change for change in changes if change.path[: len(names) - 1] == names[:-1]]
    return made[-1] if made and not file.holds(path[:-1]) else None


def _parse_override(raw: str) -> Override:
    """Split ``key.path=value`` and read the value as YAML."""
    key, equals, value = raw.partition("=")
    parts = tuple(part.strip() for part in key.split("."))
    if not equals or not all(parts):
        raise refusal(f"--set {raw}", "write key.path=value", "应写成 键.路径=值")
    return Override(f"--set {raw}", parts, copy_plain(parse_yaml(value, f"--set {raw}")))


def _with_value(node: Any, change: Override, depth: int) -> Any:
    """Give a copy of `node` in which the path from `depth` on holds the new value."""
    if depth == len(change.path):
        return change.value
    part, above = str(change.path[depth]), ".".join(map(str, change.path[:depth]))
    if isinstance(node, list):
        if not part.isdecimal() or int(part) >= len(node):
            en = f"'{above}' is a list of {len(node)}; its items are numbered from 0"
            raise refusal(change.place, en, f"{above} 是 {len(node)} 项的列表，序号从 0 开始")
        index = int(part)
        return [*node[:index], _with_value(node[index], change, depth + 1), *node[index + 1 :]]
    if node is not None and not isinstance(node, dict):
        en = f"'{above}' holds a value and has no keys below it"
        raise refusal(change.place, en, f"{above} 是一个值，下面没有键")
    section = _default_section(change.path[:depth]) if node is None else node
    return {**section, part: _with_value(section.get(part), change, depth + 1)}


def _default_section(path: KeyPath) -> dict[str, Any]:
    """Give what an inner section holds when the file leaves it out: an override changes one value of it."""
    field = Scenario.model_fields.get(str(path[0])) if len(path) > 1 else None
    default = field.default if field else None
    return dig(default.model_dump(), *path[1:]) if isinstance(default, Section) else {}
