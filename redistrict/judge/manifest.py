"""The manifest of a result folder: whether the files, and those they were made from, are still what it lists.

It shows what was changed by accident or without a thought. Whoever forges a result can write the manifest anew, so
nothing else is believed because of it.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from redistrict.judge.inventory import DEEPEST, Inventory, show, take_inventory
from redistrict.judge.told import read_json
from redistrict.judge.verification import MOST_NAMED, Verification, Violation, name_first
from redistrict.messages import Message, name_some
from redistrict.paths import is_file, is_folder
from redistrict.scenario.models import Scenario
from redistrict.scenario.sources import Source

NAME = "manifest.json"
READ_ALONG = (".gpkg", ".shp", ".shx", ".dbf", ".prj", ".cpg", ".geojson", ".csv")
"""Files that other programs read together with what else bears their name up to the first dot."""
PAPERS = (
    *(".pdf", ".doc", ".docx", ".odt", ".jpg", ".jpeg", ".txt", ".bak", ".zip"),
    *(".qgz", ".qgs", ".qgs~", ".mxd", ".aprx"),
)
"""But for these: an office's own prints and copies of a table or layer, and projects that hold it."""
WRITTEN = (*READ_ALONG, ".json", ".yaml", ".html", ".xlsx", ".svg", ".png", ".py", ".qmd", ".minisig")
"""What the files end in that a run writes, and this judge reads where they stand."""
LOGS = {f"{name}.gpkg-{end}" for name in ("communities", "repaired_blocks") for end in ("wal", "journal", "shm")}
"""What a program leaves beside a GeoPackage that it has not done with; whoever opens that next changes it by these."""
SCRIPTS = (".py", ".pyc", ".pyd", ".so")
"""Files that Python takes from the folder of a script that it runs."""
_ODD = Message(
    f"links, what else is no file, and folders more than {DEEPEST} deep (none is followed)",
    f"链接、其他非普通文件及超过 {DEEPEST} 层的文件夹（均不跟随）",
)

Entry = tuple[str, int]
Inputs = list[tuple[str, Entry]]


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
    stands, others = take_inventory(folder), find_others(folder)
    there = {name: _entry(folder / name) for name in sorted(stands.files - others) if name != NAME}
    read = [(key, _entry(path)) for key, path in _list_inputs(scenario)]
    links = judge_links(folder).violations
    told = {one.found for one in links}
    of_files = [one for one in _compare(files, there) if one.found not in told]
    of_files.sort(key=lambda one: one.found.endswith(" extra"))  # many may hide no other
    of_inputs = list(_compare_inputs(inputs, read))
    violations = (*name_first(of_files), *name_first(of_inputs), *_judge_writing(folder / NAME, *listed))
    return Verification((*links, *violations), not_checked=tuple(_say_others(stands, others, files)))


def judge_links(folder: Path) -> Verification:
    """Name every link, folder and whatever else is no file in place of a file of the result or of a folder of them.

    So is what a program left beside a GeoPackage: to read that would change it. Nothing is read here but the manifest,
    so that this can be judged before anything else is.
    """
    stands = take_inventory(folder)
    listed = _read_listed(folder / NAME) if NAME in stands.files else ({}, [])
    files = () if isinstance(listed, Violation) else listed[0]
    wanted = (*files, NAME, "scenario.yaml", "plan.csv", "report.json")
    found = {stands.replaced(name) for name in wanted} | {
        name for name in stands.odd if name.casefold().endswith(WRITTEN)
    }
    links = [say_link(name) for name in sorted(name for name in found if name is not None)]
    logs = [_say_log(name) for name in sorted(stands.files) if name.casefold() in LOGS]
    folders = [] if links else [_say_folder(name) for name in sorted({*wanted}) if is_folder(folder / name)]
    return Verification(name_first([*links, *logs, *folders]))


def judge_listed(folder: Path, made: Collection[str]) -> Verification:
    """Name every file that a run writes and the manifest does not list."""
    listed = _read_listed(folder / NAME)
    missing = [] if isinstance(listed, Violation) else sorted({*made} - listed[0].keys() - {NAME})
    return Verification(name_first([_say_unlisted(name) for name in missing]))


def find_others(folder: Path, made: Collection[str] = ()) -> frozenset[str]:
    """Give the files of a folder that are not of a run, and no fault either: packs, and what users keep there.

    A file that the manifest does not list but that bears the name of one that it does, up to the first dot, is read
    along with that one by other programs (``communities.gpkg-wal``, ``communities.qix``), and a script beside a script
    by Python: they are none of these.

    Parameters
    ----------
    made : collection of str
        What a run writes, whether the manifest lists it or not.
    """
    listed = _read_listed(folder / NAME)
    ours = {*made} | ({*listed[0]} if not isinstance(listed, Violation) else set())
    if not ours:
        return frozenset()
    names = {name.casefold() for name in ours} | {_up_to_dot(name) for name in ours if name.endswith(READ_ALONG)}
    beside = tuple(name.rpartition("/")[0] + "/" for name in ours if name.endswith(SCRIPTS))
    others = {
        name
        for name in take_inventory(folder).files - ours - {NAME}
        if _up_to_dot(name) not in names or name.casefold().endswith(PAPERS)
    }
    return frozenset(
        name
        for name in others
        if name.casefold() not in names and not (name.casefold().endswith(SCRIPTS) and name.startswith(beside))
    )


def list_signatures(folder: Path) -> list[Path]:
    """Give the signatures of the manifest that lie beside it."""
    return [folder / name for name in sorted(take_inventory(folder).files) if _is_signature(name)]


def _is_signature(name: str) -> bool:
    return "/" not in name and name.startswith(f"{NAME}.") and name.endswith(".minisig")


def _up_to_dot(name: str) -> str:
    folder, _, file = name.casefold().rpartition("/")
    return f"{folder}/{file.partition('.')[0]}"


def _read_listed(path: Path) -> tuple[dict[str, Entry], Inputs] | Violation:
    """Give what a manifest lists: the files of the folder, and the inputs by ``key: file``."""
    try:
        content = read_json(path)
        files = {str(name): _listed(one) for name, one in content["files"].items()}
        return files, [(f"{one['key']}: {one['file']}", _listed(one)) for one in content["inputs"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
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


def _judge_writing(path: Path, files: dict[str, Entry], inputs: Inputs) -> Iterator[Violation]:
    """Name the first line of a manifest that says more than files and inputs, or says it in another way than a run."""
    parts = [(name.partition(": "), one) for name, one in inputs]
    of_inputs = [{"key": key, "file": file} | _write(one) for (key, _, file), one in parts]
    content = {"files": {name: _write(one) for name, one in files.items()}, "inputs": of_inputs}
    right = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    lines = path.read_bytes().decode("utf-8").split("\n"), right.split("\n")
    for number, (found, wanted) in enumerate(zip_longest(*lines, fillvalue=""), 1):
        if found != wanted:
            said, meant = show(found.strip()[:60]), show(wanted.strip()[:60])
            message = Message(
                f"{NAME} (line {number}) says '{said}' where a run writes '{meant}': there is a key more, twice or in "
                "another form.",
                f"{NAME}（{number} 行）为“{said}”，运行应写为“{meant}”：有多余、重复或格式不同的键。",
            )
            yield Violation("manifest", None, (), said, meant, message)
            return


def _write(one: Entry) -> dict[str, Any]:
    return {"sha256": one[0], "bytes": one[1]}


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
        shown = show(name)
        message = Message(f"{shown} {what.en}, by what {NAME} lists.", f"{shown} {what.zh}，与 {NAME} 所列不符。")
        yield Violation("manifest", None, (), f"{shown} {found}", "as listed", message)


def _compare_inputs(listed: Inputs, there: Inputs) -> Iterator[Violation]:
    for name in sorted({name for name, _ in (*listed, *there)}):
        found, right = (sorted(entry for key, entry in one if key == name) for one in (listed, there))
        if found == right:
            continue
        shown = show(name)
        message = Message(
            f"Input {shown} is not the file of the run: its SHA-256 is not the one that {NAME} lists, or not the only "
            "one.",
            f"输入 {shown} 不是运行时的文件：其 SHA-256 与 {NAME} 所列不同，或所列不止一个。",
        )
        yield Violation("manifest", None, (), f"{shown} differs", "as listed", message)


def say_link(name: str) -> Violation:
    """Say that a link stands where a file or folder of the result belongs."""
    shown = show(name)
    message = Message(
        f"{shown} is a link, or no file: what it leads to can change after the verdict and is lost when the folder is "
        "copied; put the file or folder itself there.",
        f"{shown} 是链接，或不是普通文件：所指内容在核验后仍可改变，复制文件夹时会丢失；请放入文件或文件夹本身。",
    )
    return Violation("manifest", None, (), f"{shown} is a link", "a file", message)


def _say_log(name: str) -> Violation:
    shown = show(name)
    message = Message(
        f"{shown} was left by a program that has not done with the GeoPackage: close that program; if it is closed, "
        "delete the file or run again. The GeoPackage would be changed by reading it.",
        f"{shown} 是其他程序尚未写完 GeoPackage 时留下的：请关闭该程序；如已关闭，请删除该文件或重新运行。"
        "此时读取会改动 GeoPackage。",
    )
    return Violation("manifest", None, (), f"{shown} extra", "as listed", message)


def _say_folder(name: str) -> Violation:
    shown = show(name)
    message = Message(
        f"{shown} is a folder where a file belongs: take it away, and put the file there or run again.",
        f"{shown} 处应为文件，却是文件夹：请移走该文件夹，放回原文件或重新运行。",
    )
    return Violation("manifest", None, (), f"{shown} is a folder", "a file", message)


def _say_unlisted(name: str) -> Violation:
    shown = show(name)
    message = Message(f"{shown} is not listed in {NAME}, and a run does.", f"{NAME} 未列出 {shown}，而运行会列出。")
    return Violation("manifest", None, (), f"{shown} not listed", "listed", message)


def _say_others(stands: Inventory, others: frozenset[str], ours: Collection[str]) -> Iterator[Message]:
    """List what nobody looks at."""
    odd = stands.odd - {stands.replaced(name) for name in (*ours, NAME)}
    for names, what in (
        (
            [name for name in others if not _is_signature(name)],
            Message("files that a run does not write", "非运行产生的文件"),
        ),
        (odd, _ODD),
        (stands.empty, Message("empty folders", "空文件夹")),
    ):
        if names:
            yield what + Message(": ", "：") + name_some([show(name) for name in sorted(names)], limit=MOST_NAMED)
