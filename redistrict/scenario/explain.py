"""Plain words for everything wrong with a scenario: what stands where, and what is allowed there."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails

from redistrict.messages import Message, find_nearest, list_of, plain
from redistrict.scenario.extends import owner_of
from redistrict.scenario.overrides import Override, find_override
from redistrict.scenario.yaml_text import MAX_DEPTH, Key, KeyPath, MarkedFile, dig, step

_Schema = Mapping[str, Any]

_NAME_RULE = Message(
    "1 to 80 letters, digits, '_', '-' or '.', the first a letter or digit",
    "1 到 80 个英文字母、数字、_、-、.，且以字母或数字开头",
)
_TILES_RULE = Message("an address as http://server/{z}/{x}/{y}.png", "形如 http://server/{z}/{x}/{y}.png 的地址")
_DAY_RULE = Message("a day, as 2026-12-01", "日期，如 2026-12-01")
_BOUNDS = {
    "minimum": Message("at least", "不小于"),
    "exclusiveMinimum": Message("above", "大于"),
    "maximum": Message("at most", "不大于"),
    "exclusiveMaximum": Message("below", "小于"),
}


@dataclass(frozen=True)
class Finding:
    """One problem at a key path; `at_key` points at the key instead of at its value."""

    path: KeyPath
    message: Message
    at_key: bool = False


def find_booleans(node: Any, path: KeyPath = ()) -> list[Finding]:
    """Find true and false: no key takes them, and they would pass for the numbers 1 and 0."""
    if isinstance(node, bool):
        en = "true/false fits no key; write a number, or quote it if it is text"
        return [Finding(path, Message(en, "此处不能写 true/false，请写数字；若是文字请加引号"))]
    children: Iterable[tuple[Any, Any]] = ()
    if isinstance(node, dict | list) and len(path) < MAX_DEPTH:
        children = node.items() if isinstance(node, dict) else enumerate(node)
    return [finding for key, child in children for finding in find_booleans(child, (*path, key))]


def explain_errors(
    errors: Iterable[ErrorDetails],
    tree: Any,
    files: Sequence[MarkedFile],
    changes: Sequence[Override],
    schema: Mapping[str, Any],
) -> list[Finding]:
    """Turn pydantic's errors into one finding per key path; the branches of a union become one.

    Parameters
    ----------
    errors : iterable of ErrorDetails
        What pydantic found in `tree`.
    tree : object
        The merged tree that was checked.
    files : sequence of MarkedFile
        The files it was read from, each before its parent.
    changes : sequence of Override
        The overrides that are in it.
    schema : mapping
        JSON schema of the model that checked it.
    """
    chosen: dict[KeyPath, Finding] = {}
    for error in errors:
        path, value = _yaml_path(error, tree)
        if error["type"] == "refused":
            chosen[path] = Finding(path, Message(error["ctx"]["en"], error["ctx"]["zh"]))
        elif path not in chosen:
            is_key = error["loc"][-1] == "[key]"
            file = owner_of(path, files)
            changed = find_override(path, file, changes)
            word = str(value) if changed else file.token(path, at_key=is_key)
            allowed = _alternatives(schema, path[:-1] if _is_unknown(error) else path, tree)
            chosen[path] = _explain(error, path, value, allowed, word)
    deeper = {path[:depth] for path in chosen for depth in range(len(path))}
    return [finding for path, finding in chosen.items() if path not in deeper]


def locate_findings(
    findings: Iterable[Finding], files: Sequence[MarkedFile], changes: Sequence[Override]
) -> list[Message]:
    """Put its place before every finding, one per key path, in the order of the files and their lines."""
    lines: dict[KeyPath, tuple[tuple[int, int, int], Message]] = {}
    for finding in findings:
        path = finding.path
        file = owner_of(path, files)
        line, column = file.position(path, at_key=finding.at_key)
        mark, place = (files.index(file), line, column), f"{file.name}:{line}:{column}"
        if change := find_override(path, file, changes):
            mark, place = (-1, 0, 0), change.place
        where = f"{place}: {'.'.join(map(str, path))}: " if path else f"{place}: "
        lines.setdefault(path, (mark, plain(where) + finding.message))
    return [message for _, message in sorted(lines.values(), key=lambda line: line[0])]


def suggest_word(word: Any, words: Sequence[str]) -> Message:
    """Give the did-you-mean clause, empty when nothing is near."""
    near = find_nearest(word, words) if isinstance(word, str) else None
    return Message("", "") if near is None else Message(f"; did you mean '{near}'?", f"；是否想写 {near}？")


def _yaml_path(error: ErrorDetails, tree: Any) -> tuple[KeyPath, Any]:
    """Give the key path an error speaks of, without the names pydantic adds for union branches."""
    path: KeyPath = ()
    node = tree
    for part in error["loc"]:
        known = isinstance(node, dict) and part in node
        if known or (isinstance(node, list) and isinstance(part, int) and part < len(node)):
            path, node = (*path, part), node[part]
    if error["type"] == "missing":
        path, node = (*path, error["loc"][-1]), None
    if error["type"].startswith("union_tag"):
        key = error["ctx"]["discriminator"].strip("'")
        path, node = (*path, key), dig(node).get(key)
    return path, node


def _is_unknown(error: ErrorDetails) -> bool:
    return error["type"] in ("extra_forbidden", "invalid_key")


def _explain(error: ErrorDetails, path: KeyPath, value: Any, allowed: Sequence[_Schema], word: str) -> Finding:
    """Say in plain words what is wrong at `path` and what is allowed there; `word` is what was typed."""
    if _is_unknown(error) and value is None and re.fullmatch(r"\d{3}", str(path[-1])):
        en = "unknown key; if it is part of a number, write the number without commas (2500)"
        return Finding(path, Message(en, "未知的键；如为数字的一部分，请去掉数字中的逗号（2500）"), at_key=True)
    if _is_unknown(error):
        return Finding(path, _unknown_key(allowed, str(path[-1])), at_key=True)
    sentence = _describe(allowed)
    if error["type"] in ("missing", "union_tag_not_found"):
        en, zh = f"is missing; write {sentence.en}", f"缺少此项，应写：{sentence.zh}"
        return Finding(path, Message(en, zh), at_key=True)
    is_key = error["loc"][-1] == "[key]"
    if error["type"] in ("string_type", "path_type") and word and (is_key or _is_bare(value)):
        en, zh = f'this is text: quote it, "{word}"', f'此处是文字，请加引号："{word}"'
        return Finding(path, Message(en, zh), at_key=is_key)
    close = suggest_word(value, [option for one in allowed for option in _words(one)])
    if isinstance(value, str) and re.fullmatch(r"\d{1,3}([,，]\d{3})+", value):
        plain_number = re.sub(r"\D", "", value)
        close = Message(f"; without commas: {plain_number}", f"；请去掉逗号：{plain_number}")
    shown = _show(value)
    en = f"{shown.en} is not allowed; write {sentence.en}{close.en}"
    return Finding(path, Message(en, f"不能写{shown.zh}，应写：{sentence.zh}{close.zh}"))


def _is_bare(value: Any) -> bool:
    """Whether YAML read a word as a number or a date, which quotes would keep as text."""
    return value is not None and not isinstance(value, dict | list | str)


def _unknown_key(sections: Sequence[_Schema], key: str) -> Message:
    keys = [name for section in sections for name in _keys(section)]
    close = suggest_word(key, keys)
    hint = close if close.en else Message(f"; allowed: {', '.join(keys)}", f"；可用的键：{'、'.join(keys)}")
    return Message(f"unknown key{hint.en}", f"未知的键{hint.zh}")


def _alternatives(schema: _Schema, path: KeyPath, tree: Any) -> list[_Schema]:
    """Give the schemas of everything that may stand at `path`, references and unions resolved.

    A union whose branches are told apart by a word is narrowed to the one that the word in `tree` names.
    """

    def flat(one: _Schema, node: Any) -> list[_Schema]:
        if "$ref" in one:
            return flat(schema["$defs"][one["$ref"].rsplit("/", 1)[-1]], node)
        if teller := one.get("discriminator"):
            named = teller["mapping"].get(str(dig(node).get(teller["propertyName"])))
            return [leaf for option in ([{"$ref": named}] if named else one["oneOf"]) for leaf in flat(option, node)]
        return [leaf for option in one["anyOf"] for leaf in flat(option, node)] if "anyOf" in one else [one]

    found, node = flat(schema, tree), tree
    for part in path:
        node = step(node, part)
        found = [leaf for one in found if (child := _child(one, part)) for leaf in flat(child, node)]
    return [one for one in found if one.get("type") != "null"]


def _child(one: _Schema, part: Key) -> Any:
    """Give the schema of what lies one step below, at a key or in a list; none or false if nothing may."""
    if "prefixItems" in one:
        return one["prefixItems"][0]
    return one.get("properties", {}).get(part) or one.get("items") or one.get("additionalProperties")


def _keys(one: _Schema) -> list[str]:
    return list(one.get("properties", ()))


def _words(one: _Schema) -> list[str]:
    return [*one.get("enum", ()), *([one["const"]] if "const" in one else ())]


def _describe(alternatives: Sequence[_Schema]) -> Message:
    """Say what the alternatives allow; sections told apart by a word are one section with the keys all have."""
    common = [key for key in _keys(alternatives[0]) if all(key in _keys(one) for one in alternatives)]
    if common and len(alternatives) > 1:
        keys = ", ".join(common)
        return Message(f"a section with the keys {keys} and others", f"一节，其键有 {keys} 等")
    each = [_describe_one(one) for one in alternatives]
    return Message(" or ".join(one.en for one in each), " 或 ".join(one.zh for one in each))


def _describe_one(one: _Schema) -> Message:
    """Say what one schema allows: a word, a number within bounds, text, a list or a section."""
    if words := _words(one):
        quoted = [f"'{word}'" for word in words]
        return Message(" or ".join(quoted), " 或 ".join(words))
    if one["type"] in ("integer", "number"):
        return _describe_number(one)
    if one["type"] == "string":
        if "pattern" in one:
            return _TILES_RULE if one["pattern"].startswith("^https?:") else _NAME_RULE
        if one.get("format") == "date":
            return _DAY_RULE
        if "maxLength" in one:
            most = one["maxLength"]
            return Message(f"text of 1 to {most} characters", f"1 到 {most} 字的文字")
        return Message("text", "文字")
    if one["type"] == "array":
        if "maxItems" in one and one.get("minItems") == one["maxItems"]:
            return Message(f"a list of exactly {one['maxItems']}", f"恰好 {one['maxItems']} 项的列表")
        if "minItems" in one:
            return Message(f"a list of at least {one['minItems']}", f"至少 {one['minItems']} 项的列表")
        return Message("a list ('- ' before each item)", "列表（每项前写“- ”）")
    keys = _keys(one)
    if not keys:
        return Message("indented 'name: value' lines", "缩进的“名称: 值”")
    return Message(f"a section with the keys {', '.join(keys)}", f"一节，其键为 {'、'.join(keys)}")


def _describe_number(one: _Schema) -> Message:
    """Say the kind of number and its bounds."""
    kind = Message("a whole number", "整数") if one["type"] == "integer" else Message("a number", "数字")
    bounds = [word + plain(f" {one[key]:,}") for key, word in _BOUNDS.items() if key in one]
    if not bounds:
        return kind
    said = list_of(bounds)
    return Message(f"{kind.en} ({said.en})", f"{kind.zh}（{said.zh}）")


def _show(value: Any) -> Message:
    if isinstance(value, dict):
        return Message("a section", "一节")
    if isinstance(value, list):
        return Message(f"a list of {len(value)}", f" {len(value)} 项的列表")
    if value is None or value == "":
        return Message("an empty value", "空值")
    if isinstance(value, int | float):
        return plain(value)
    text = str(value) if len(str(value)) <= 60 else f"{str(value)[:60]}..."
    return Message(f"'{text}'", f"“{text}”")
