"""`extends: base.yaml`: a scenario file that starts from another one and writes down only what differs.

1. Sections merge key by key, at every depth; a list or a single value replaces what the parent has there.
2. A key set to null takes back what the parent says, so that its default applies; where the parent says nothing,
   null means what it means in any file.
3. A parent may extend a file itself. Every relative path, that of the parent too, counts from the file it stands in.
"""

from collections.abc import Sequence
from functools import reduce
from itertools import takewhile
from pathlib import Path
from typing import Any

from redistrict.paths import is_file
from redistrict.scenario.yaml_text import ABSENT, MAX_DEPTH, KeyPath, MarkedFile, read_file, refusal, step

KEY = "extends"


def read_chain(path: Path) -> tuple[MarkedFile, ...]:
    """Read a scenario file and every file it extends, each before its parent.

    Raises
    ------
    ScenarioError
        If a file cannot be read, names no parent that exists, or extends itself over others.
    """
    files = [read_file(path)]
    while files[-1].marked.get(KEY) is not None:
        files.append(read_file(_find_parent(files)))
    return tuple(files)


def merge_chain(trees: Sequence[dict[Any, Any]]) -> dict[Any, Any]:
    """Give the one tree that `trees`, each before its parent, say together, without their `extends`."""
    plain = [{key: value for key, value in tree.items() if key != KEY} for tree in trees]
    return reduce(_lay_over, reversed(plain))


def owner_of(path: KeyPath, files: Sequence[MarkedFile]) -> MarkedFile:
    """Give the file that says what stands at `path`, or at the nearest part of it, in the merged tree."""
    owner, layers = files[0], [(file, file.marked) for file in files]
    for part in path:
        below = [(file, child) for file, node in layers if (child := step(node, part)) is not ABSENT]
        if not below:
            break
        owner, layers = below[0][0], list(takewhile(lambda layer: isinstance(layer[1], dict), below)) or below[:1]
    return owner


def _find_parent(files: Sequence[MarkedFile]) -> Path:
    """Give the parent of the last of `files`."""
    file = files[-1]
    name = file.marked[KEY]
    line, column = file.position((KEY,))
    where = f"{file.name}:{line}:{column}: {KEY}"
    if not isinstance(name, str) or not name.strip():
        en = "write the path of one scenario file, relative to this one, such as base.yaml"
        raise refusal(where, en, "应写一个方案文件的路径（相对于本文件），例如 base.yaml")
    parent = Path(file.name).parent / name.replace("\\", "/")
    if not is_file(parent):
        raise refusal(where, f"there is no such file: {parent}", f"文件不存在：{parent}")
    if parent.resolve() in [Path(one.name).resolve() for one in files]:
        circle = " -> ".join([*(Path(one.name).name for one in files), parent.name])
        en = f"the files extend each other in a circle ({circle}); remove one of these lines"
        raise refusal(where, en, f"各文件循环继承（{circle}），请删去其中一行")
    return parent


def _lay_over(base: Any, change: Any, depth: int = 0) -> Any:
    """Give `base` with everything in it that `change` says otherwise (rules 1 and 2)."""
    if depth == MAX_DEPTH or not isinstance(base, dict) or not isinstance(change, dict):
        return change
    merged = dict(base)
    for key, value in change.items():
        if value is None and key in base:
            del merged[key]
        else:
            merged[key] = _lay_over(base.get(key), value, depth + 1)
    return merged
