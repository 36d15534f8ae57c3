"""Instances and answers, read from JSON; what is neither is refused, with one reason. README.md describes both."""

import json
from collections import Counter
from collections.abc import Container
from pathlib import Path
from typing import Any, NamedTuple

INSTANCE_FORMAT, ANSWER_FORMAT = "redistrict-instance/1", "redistrict-answer/1"
_LARGEST_INSTANCE, _LARGEST_ANSWER = 2**28, 2**25
_MOST_WHOLE = 2**53
_MOST_NAME = 60
_ANSWER_KEYS = ("format", "instance", "contestant", "seconds", "plan")
_NO_LIMIT = (-_MOST_WHOLE, _MOST_WHOLE)

Row = tuple[int, ...]


class Said(NamedTuple):
    """One sentence in English and in Chinese."""

    en: str
    zh: str


class Refused(Exception):  # noqa: N818 (no mistake of a program, but of a file)
    """A file is no instance or no answer."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.said = Said(en, zh)


class Option(NamedTuple):
    """What each community of an area may hold, one entry a quantity; None: no limit."""

    target: Row
    lower: tuple[int | None, ...]
    upper: tuple[int | None, ...]


class Area(NamedTuple):
    """Blocks that are divided on their own, and what goes for each number of communities that they may have."""

    name: str
    blocks: Row
    options: dict[int, Option]


class Instance(NamedTuple):
    """A problem: `edges` are (i, j, cost inside a community, cost parted)."""

    name: str
    quantities: tuple[str, ...]
    blocks: tuple[Row, ...]
    edges: tuple[Row, ...]
    apart: tuple[Row, ...]
    deviation: Row
    areas: tuple[Area, ...]
    best_known: int | None
    plan: Row | None
    plan_cost: int | None
    bounds: tuple[tuple[int, str], ...]


class Answer(NamedTuple):
    """A plan of a program: the community of each block."""

    instance: str
    contestant: str
    seconds: float | None
    plan: Row


def read_instance(path: Path) -> Instance:
    """Read an instance.

    Raises
    ------
    Refused
        If it is none.
    """
    tree = _read_json(path, _LARGEST_INSTANCE)
    try:
        instance = as_instance(tree)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = shorten(f"{type(error).__name__}: {error}")
        raise Refused(f"it is no instance ({what})", f"不是算例（{what}）") from None
    if instance.name != path.stem:
        raise Refused("it has the name of another instance", "名称与文件名不符")
    return instance


def as_instance(tree: dict[str, Any]) -> Instance:
    """Give the instance that a file holds; errors of Python where it is none."""
    if tree["format"] != INSTANCE_FORMAT:
        raise ValueError(f"format is not {INSTANCE_FORMAT}")
    quantities = tuple(str(name) for name in tree["quantities"])
    width, blocks = len(quantities), tree["blocks"]
    ends = (0, len(blocks) - 1)
    areas = tuple(_as_area(one, width, ends) for one in tree["areas"])
    if sorted(block for area in areas for block in area.blocks) != list(range(len(blocks))):
        raise ValueError("areas do not hold each block once")
    best, given = tree["best_known"]["cost"], tree["plan"]
    return Instance(
        str(tree["name"]),
        quantities,
        tuple(_row(one, width) for one in blocks),
        _as_edges(tree["edges"], len(blocks)),
        tuple(_row(one, 2, ends) for one in tree["apart"]),
        _row(tree["deviation"], width),
        areas,
        None if best is None else _whole(best),
        None if given is None else _row(given["communities"], len(blocks), ends),
        None if given is None else _whole(given["cost"]),
        tuple((_whole(one["cost"]), str(one["by"])) for one in tree["bounds"]),
    )


def _as_edges(rows: list[list[int]], n_blocks: int) -> tuple[Row, ...]:
    edges = tuple(_row(one, 4) for one in rows)
    if len({(i, j) for i, j, _, _ in edges if 0 <= i < j < n_blocks}) != len(edges):
        raise ValueError("edges are not each once, from the lower block to the higher")
    return edges


def _as_area(tree: dict[str, Any], width: int, ends: tuple[int, int]) -> Area:
    options = {
        _whole(one["communities"], (1, ends[1] + 1)): Option(
            _row(one["target"], width), _as_bounds(one["lower"], width), _as_bounds(one["upper"], width)
        )
        for one in tree["options"]
    }
    if not options:
        raise ValueError("an area has no number of communities")
    return Area(str(tree["name"]), _row(tree["blocks"], len(tree["blocks"]), ends), options)


def _as_bounds(values: list[int | None], width: int) -> tuple[int | None, ...]:
    if len(values) != width:
        raise ValueError("bounds are not one for each quantity")
    return tuple(None if value is None else _whole(value) for value in values)


def read_answer(path: Path, known: Container[str]) -> Answer:
    """Read an answer to one of the known instances.

    Raises
    ------
    Refused
        If it is none, with the first reason found.
    """
    tree = _read_json(path, _LARGEST_ANSWER)
    if not isinstance(tree, dict) or tree.get("format") != ANSWER_FORMAT:
        raise Refused(f'"format" is not "{ANSWER_FORMAT}"', f"format 不是 {ANSWER_FORMAT}")
    wrong = [shorten(key) for key in (*_ANSWER_KEYS, *tree) if key not in tree or key not in _ANSWER_KEYS]
    if wrong:
        raise Refused(f"the key {wrong[0]} is missing or unknown", f"缺少键或有未知的键 {wrong[0]}")
    name, contestant = tree["instance"], tree["contestant"]
    if not isinstance(name, str) or name not in known:
        raise Refused(f"there is no instance {shorten(name)}", f"没有算例 {shorten(name)}")
    if not _is_name(contestant):
        en = f"contestant is not a name of 1 to {_MOST_NAME} printable letters"
        raise Refused(en, f"contestant 须为 1 至 {_MOST_NAME} 个可见字符")
    return Answer(name, contestant, _as_seconds(tree["seconds"]), _as_plan(tree["plan"]))


def _is_name(value: object) -> bool:
    """Tell whether it is a text that can be read on one line, with nothing hidden in it."""
    return isinstance(value, str) and value.isprintable() and 1 <= len(value) <= _MOST_NAME and value == value.strip()


def _as_seconds(value: object) -> float | None:
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _MOST_WHOLE:
        what = shorten(value)
        raise Refused(f"seconds is {what}, not a number from 0 up, or null", f"seconds 为 {what}，须为非负数或 null")
    return float(value)


def _as_plan(plan: object) -> Row:
    if not isinstance(plan, list):
        raise Refused("plan is no list", "plan 不是列表")
    last = len(plan) - 1
    for block, community in enumerate(plan):
        if type(community) is not int or not 0 <= community <= last:
            what = shorten(community)
            raise Refused(
                f"block {block} is in community {what}, not in a whole number from 0 to {last}",
                f"地块 {block} 的社区为 {what}，须为 0 至 {last} 的整数",
            )
    return tuple(plan)


def _row(values: list[int], width: int, ends: tuple[int, int] = _NO_LIMIT) -> Row:
    if not isinstance(values, list) or len(values) != width:
        raise ValueError(f"{shorten(values)} is not a list of {width}")
    return tuple(_whole(value, ends) for value in values)


def _whole(value: object, ends: tuple[int, int] = _NO_LIMIT) -> int:
    if type(value) is not int or not ends[0] <= value <= ends[1]:
        raise ValueError(f"{shorten(value)} is not a whole number from {ends[0]} to {ends[1]}")
    return value


def _read_json(path: Path, most: int) -> Any:
    """Read a file whose keys stand once, without NaN, and not too large."""
    if not path.is_file():  # a pipe would never end
        raise Refused("it is no file", "不是文件")
    try:
        with path.open("rb") as stream:
            data = stream.read(most + 1)
        if len(data) > most:
            raise Refused(f"it is larger than {most // 2**20} MiB", f"大于 {most // 2**20} MiB")
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (OSError, ValueError, RecursionError) as error:
        what = shorten(f"{error}")
        raise Refused(f"it cannot be read ({what})", f"无法读取（{what}）") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [key for key, n in Counter(key for key, _ in pairs).items() if n > 1]
    if twice:
        raise Refused(f"the key {shorten(twice[0])} stands twice", f"键 {shorten(twice[0])} 重复")
    return dict(pairs)


def _no_constant(name: str) -> Any:
    raise Refused(f"{name} is no number", f"{name} 不是数字")


def shorten(value: object) -> str:
    """Give a value of a file as it may be printed: one line, not too long."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(letter if letter.isprintable() else "?" for letter in text[: _MOST_NAME + 1])
    return text if len(text) <= _MOST_NAME else f"{text[:_MOST_NAME]}…"
