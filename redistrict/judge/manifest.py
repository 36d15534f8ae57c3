"""The manifest of a result folder: whether the files, and those they were made from, are still what it lists.

It shows what was changed by accident or without a thought. Whoever forges a result can write the manifest anew, so
nothing else is believed because of it.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from redistrict.judge.told import read_json
from redistrict.judge.verification import Verification, Violation
from redistrict.messages import Message, name_some
from redistrict.paths import is_file, is_folder
from redistrict.scenario.models import Scenario
from redistrict.scenario.sources import Source

NAME = "manifest.json"
SIGNATURES = f"{NAME}.*.minisig"

Entry = tuple[str, int]


def judge_manifest(scenario: Scenario, folder: Path) -> Verification:
    """Name every file that is missing, changed or slipped in beside, and every input that has changed since the run.

    Raises
    ------
    OSError
        If a file that is there cannot be read.
    """
    listed = _read_listed(folder / NAME)
    if isinstance(listed, Violation):
        return Verification((listed,))
    files, inputs = listed
    others = find_others(folder)
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    there = {name: _entry(folder / name) for name in names if name != NAME and name not in others}
    read = {key: _entry(path) for key, path in _list_inputs(scenario)}
    violations = (*_compare(files, there), *_compare_inputs(inputs, read))
    signed = {path.name for path in folder.glob(SIGNATURES)}
    return Verification(violations, not_checked=_say_others(sorted(others - signed)))


def find_others(folder: Path) -> frozenset[str]:
    """Give the files of a folder that are not of a run, and no fault either: packs, and what users keep there.

    A file that the manifest does not list but that has the name of one that it does, up to the first dot, is read
    along with that one by other programs (``communities.gpkg-wal``, ``communities.qix``): it is none of these.
    """
    listed = _read_listed(folder / NAME)
    if isinstance(listed, Violation):
        return frozenset()
    ours = {_up_to_dot(name) for name in listed[0]}
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return frozenset(name for name in names - {NAME} if _up_to_dot(name) not in ours)


def _up_to_dot(name: str) -> str:
    folder, _, file = name.casefold().rpartition("/")
    return f"{folder}/{file.partition('.')[0]}"


def _read_listed(path: Path) -> tuple[dict[str, Entry], dict[str, Entry]] | Violation:
    """Give what a manifest lists: the files of the folder, and the inputs by ``key: file``."""
    try:
        content = read_json(path)
        files = {str(name): _listed(one) for name, one in content["files"].items()}
        return files, {f"{one['key']}: {one['file']}": _listed(one) for one in content["inputs"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = Message(
            f"{NAME} is missing or unreadable ({type(error).__name__}), so nothing says which files belong to the "
            "result and which inputs it was made from.",
            f"{NAME} 缺失或无法读取（{type(error).__name__}），无从知道成果包含哪些文件、由哪些输入生成。",
        )
        return Violation("manifest", None, (), "unreadable", "a manifest", message)


def _listed(one: dict[str, Any]) -> Entry:
    return str(one["sha256"]), int(one["bytes"])


def _entry(path: Path) -> Entry:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest(), path.stat().st_size


def _list_inputs(scenario: Scenario) -> Iterator[tuple[str, Path]]:
    """Give every file a scenario names, by ``key: file``; a shapefile and a folder (.gdb) have several."""
    data = scenario.data
    named: list[tuple[str, Path]] = []
    for key in type(data).model_fields:
        value = getattr(data, key)
        many = isinstance(value, tuple)
        for n, source in enumerate(value if many else (value,)):
            if isinstance(source, Source):
                named.append((f"data.{key}[{n}]" if many else f"data.{key}", source.path))
    for key in ("counts", "spread"):
        if (source := getattr(data.blocks, key)) is not None:
            named.append((f"data.blocks.{key}", source.path))
    named += [(f"levels[{n}].layer", one.layer.path) for n, one in enumerate(scenario.levels) if one.layer is not None]
    if scenario.grids is not None and scenario.grids.today is not None:
        named.append(("grids.today", scenario.grids.today.path))
    for n, rule in enumerate(scenario.standards.rules):
        if rule.lower().endswith((".yaml", ".yml")):
            named.append((f"standards.rules[{n}]", Path(rule)))
    for key, path in named:
        for part in _list_parts(path):
            yield f"{key}: {part.name}", part


def _list_parts(path: Path) -> list[Path]:
    if is_folder(path):
        return [part for part in path.rglob("*") if part.is_file()]
    if path.suffix.lower() == ".shp":
        return [part for part in path.parent.iterdir() if part.name.startswith(f"{path.stem}.") and part.is_file()]
    return [path] if is_file(path) else []


def _compare(listed: dict[str, Entry], there: dict[str, Entry]) -> Iterator[Violation]:
    for name in sorted(listed.keys() | there.keys()):
        if name not in there:
            what, found = Message("is missing from the folder", "在文件夹中缺失"), "missing"
        elif name not in listed:
            what, found = Message("is not part of the result", "不属于本成果"), "extra"
        elif listed[name] != there[name]:
            what, found = Message("has changed since it was written", "写出后被改动过"), "changed"
        else:
            continue
        message = Message(f"{name} {what.en}, by what {NAME} lists.", f"{name} {what.zh}，与 {NAME} 所列不符。")
        yield Violation("manifest", None, (), f"{name} {found}", "as listed", message)


def _compare_inputs(listed: dict[str, Entry], there: dict[str, Entry]) -> Iterator[Violation]:
    for name in sorted(listed.keys() | there.keys()):
        if listed.get(name) == there.get(name):
            continue
        message = Message(
            f"Input {name} is not the file of the run: its SHA-256 is not the one that {NAME} lists.",
            f"输入 {name} 不是运行时的文件：其 SHA-256 与 {NAME} 所列不同。",
        )
        yield Violation("manifest", None, (), f"{name} differs", "as listed", message)


def _say_others(names: list[str]) -> tuple[Message, ...]:
    if not names:
        return ()
    some = name_some(names)
    return (Message(f"files that a run does not write: {some.en}", f"非运行产生的文件：{some.zh}"),)
