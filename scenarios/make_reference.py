"""Write `REFERENCE.md`: every key of a scenario with type, unit, default and explanation, from the schema.

    python scenarios/make_reference.py

The Chinese explanations stand in `reference_zh.txt`, by key, first those of keys that every source has; what a plan
costs stands in `reference_costs.md`; the rest comes from the models.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from redistrict.scenario import Scenario, scenario_schema

HERE = Path(__file__).parent
HEAD = """\
# Every key of a scenario · 方案文件的全部键

Made by `python scenarios/make_reference.py` from the schema, not by hand. Keys with **required** have no default
and must be written if their section is, unless the file `extends` one that has them; `[]` is a list, `<name>` any name.

由程序根据 schema 生成，请勿手工修改。标 **required** 的键，写了所在一节就必须填写（`extends` 的方案中已有的除外）；
`[]` 表示列表，`<name>` 表示任意名称。
"""
SMALLEST = {"name": "x", "data": {"blocks": {"path": "x", "columns": {"id": "x", "households": "x"}}}}
UNITS = {
    "_m": "m",
    "_m2": "m²",
    "_s": "s",
    "_share": "share",
    ".header_row": "row",
    "target.households": "households",
    "target.people": "people",
    "tolerance.households": "share",
    "tolerance.people": "share",
    "limits.households.min": "households",
    "limits.households.max": "households",
    "limits.people.min": "people",
    "limits.people.max": "people",
    "others.<name>.limits.min": "of what is counted",
    "others.<name>.limits.max": "of what is counted",
    "others.<name>.target": "of what is counted",
    "others.<name>.tolerance": "share",
    "others.<name>.price": "weighted m per %",
    ".min_compactness": "circle = 1",
    "communities.count": "communities",
    ".count_by_district": "communities",
    ".min": "communities",
    "pins[].count": "communities",
    ".into": "communities",
    "along.from": "degrees or m",
    "along.to": "degrees or m",
    ".max": "communities",
    ".crossing": "weighted m per m",
    ".boundary": "weighted m per m",
    ".deviation": "weighted m per %",
    ".disruption": "weighted m per resident",
    ".idle_staff": "weighted m per worker",
    "levels[].each": "weighted m per resident",
    "levels[].count_by": "communities",
    "neck.each": "weighted m per part",
    "solve.workers": "threads",
    "grids.households": "households",
    "grids.tolerance": "share",
    "grids.least": "households",
    "grids.most": "households",
    "grids.workers": "workers",
    "households_per_worker": "households",
    "people_per_worker": "people",
    "staffing.minimum": "workers",
    ".min_people": "people",
    ".bands": "households",
    ".m2_per_100_households": "m²",
    ".yuan_per_household": "yuan a year",
    "developer.m2": "m²",
    "developer.homes": "homes",
    ".years": "years",
    "sweep.grid": "unit of the key",
    "sweep.list": "unit of the key",
    "sweep.most": "points",
}
"""Unit of the keys that end like this."""
BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<", "maxLength": "length ≤"}

Schema = Mapping[str, Any]


def write_reference() -> str:
    """Give the whole page as Markdown."""
    schema = scenario_schema()
    chinese = read_chinese()
    defaults = Scenario.model_validate(SMALLEST).model_dump(mode="json")
    lines = [HEAD]
    for path, section in list_sections(schema, schema, ""):
        needed = section.get("required") or schema["anyOf"][1]["required"] * (not path)
        lines += [f"## {path}" if path else "## Top level · 顶层", "", section.get("description", ""), ""]
        lines += ["| key 键 | type 类型 | default 默认 | explanation | 说明 |", "|---|---|---|---|---|"]
        for key, value in section["properties"].items():
            full = f"{path}.{key}".lstrip(".")
            default = "**required**" if key in needed else show_default(value, dig(defaults, full))
            kind = f"{show_type(value, schema)}{show_unit(full)}"
            cells = (f"`{key}`", kind, default, explain_en(value, schema), explain_zh(full, chinese))
            lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
        lines.append("")
    return "\n".join([*lines, (HERE / "reference_costs.md").read_text(encoding="utf-8")])


def read_chinese() -> dict[str, str]:
    """Give the Chinese explanations by key."""
    lines = (HERE / "reference_zh.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines)


def explain_en(value: Schema, schema: Schema) -> str:
    """Give the English explanation of a key, which may be that of its section."""
    return str(value.get("description") or next(inner_schemas(value, schema, ""))[0]["description"])


def explain_zh(full: str, chinese: Mapping[str, str]) -> str:
    """Give the Chinese explanation of a key; keys all sources have alike stand there by their last word alone."""
    plain = full.replace("[]", "").replace(".<name>", "")
    return chinese.get(plain) or chinese[plain.rsplit(".", 1)[-1]]


def list_sections(one: Schema, schema: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    """Give every section with its key path, each before what lies in it; `[]` is a list, `<name>` a map."""
    yield path, one
    for key, value in one["properties"].items():
        for inner, tail in inner_schemas(value, schema, ""):
            if "properties" in inner:
                yield from list_sections(inner, schema, f"{path}.{key}{tail}".lstrip("."))


def inner_schemas(one: Schema, schema: Schema, tail: str) -> Iterator[tuple[Schema, str]]:
    """Give every schema a value may have, with what its path adds."""
    if "$ref" in one:
        yield schema["$defs"][one["$ref"].rsplit("/", 1)[-1]], tail
    for option in one.get("anyOf", ()):
        yield from inner_schemas(option, schema, tail)
    if "items" in one:
        yield from inner_schemas(one["items"], schema, f"{tail}[]")
    if isinstance(one.get("additionalProperties"), dict):
        yield from inner_schemas(one["additionalProperties"], schema, f"{tail}.<name>")


def show_type(one: Schema, schema: Schema) -> str:
    """Say in a few words what may stand there."""
    if "anyOf" in one:
        return " or ".join(show_type(option, schema) for option in one["anyOf"] if option.get("type") != "null")
    if "$ref" in one:
        return "section"
    if "enum" in one or "const" in one:
        return ", ".join(f"`{word}`" for word in one.get("enum", [one.get("const")]))
    if one["type"] == "array":
        if "prefixItems" in one:
            return f"list of {len(one['prefixItems'])}: {show_type(one['prefixItems'][0], schema)}"
        return f"list of: {show_type(one['items'], schema)}"
    if one["type"] == "object":
        return f"`name: value` lines: {show_type(one['additionalProperties'], schema)}"
    bounds = [f"{sign} {one[bound]:,}" for bound, sign in BOUNDS.items() if bound in one]
    name = {"string": "file" if one.get("format") == "path" else "text", "integer": "whole number"}
    return " ".join([name.get(one["type"], str(one["type"])), *bounds])


def show_unit(full: str) -> str:
    """Give the unit of a key after a comma, if it has one."""
    return next((f", {unit}" for ending, unit in UNITS.items() if full.endswith(ending)), "")


def show_default(one: Schema, found: object) -> str:
    """Give the default as it would be written in the file."""
    value = one.get("default", found)
    if isinstance(value, dict):
        value = {key: item for key, item in value.items() if item is not None}
    if value is None or value in ({}, []):
        return "none"
    return "see there" if "$ref" in one else f"`{json.dumps(value, ensure_ascii=False)}`".replace('"', "")


def dig(tree: object, path: str) -> object:
    """Give what stands at a dotted key path; none where nothing does."""
    for key in path.split("."):
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


if __name__ == "__main__":
    (HERE / "REFERENCE.md").write_text(write_reference(), encoding="utf-8", newline="\n")
