"""Delivered: the scenario in a result folder, whose data may lie elsewhere than at the run.

A path stands in a result as it was at the run. Where nothing is there any more, the file is looked for beside the
result: under the folder of the result and each folder above it, by as much of its path as is there, so that a project
that was moved or copied as a whole is found again. Only a file of the very SHA-256 that the manifest lists is taken.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from redistrict.errors import DataError
from redistrict.messages import Message, name_some, plain
from redistrict.paths import is_file, is_folder
from redistrict.scenario.load import complete, dump_scenario, read_tree
from redistrict.scenario.models import Scenario
from redistrict.scenario.overrides import parse_overrides

FILE, _MANIFEST = "scenario.yaml", "manifest.json"


@dataclass(frozen=True)
class Delivered:
    """The scenario of a result.

    Attributes
    ----------
    scenario : Scenario
        With its files where they are now.
    text : str
        The same as a run writes it, with its files where they were at the run.
    """

    scenario: Scenario
    text: str


def load_delivered(folder: Path, *, overrides: Sequence[str] = ()) -> Scenario:
    """Give the scenario of a result, with its files where they are now.

    Raises
    ------
    ScenarioError
        As `load_scenario`.
    """
    changes, problems = parse_overrides(overrides)
    return complete(read_tree(folder / FILE, _Search(folder, None).find), changes, problems)


def read_delivered(folder: Path, data: Path | None = None, *, needs_data: bool = True) -> Delivered:
    """Read the scenario of a result, as it is now and as it was told.

    Parameters
    ----------
    data : Path, optional
        The folder with the data: nothing is taken from elsewhere.
    needs_data : bool
        Whether files that are not there are refused.

    Raises
    ------
    DataError
        Naming every file that is not there, with what lies in its place.
    ScenarioError
        As `load_scenario`.
    """
    search = _Search(folder, data)
    tree = read_tree(folder / FILE, search.find)
    if search.missing and needs_data:
        raise DataError(search.missing)
    scenario = complete(tree, ())
    return Delivered(scenario, dump_scenario(scenario, search.told))


@dataclass
class _Search:
    """Looks for the files of a result, and remembers how they were told and which were not there."""

    folder: Path
    data: Path | None
    told: dict[str, str] = field(default_factory=dict)
    missing: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        here = Path(os.path.abspath(self.folder))  # noqa: PTH100 - as it is called, links and all
        self._near = [here, *here.parents] if self.data is None else [Path(os.path.abspath(self.data))]  # noqa: PTH100
        self._sha256, self._found = _read_listed(self.folder / _MANIFEST), dict[Path, Path | None]()

    def find(self, told: str, path: Path) -> Path:
        """Give the place of a file; where it is not there, the one told."""
        if path not in self._found:
            self._found[path] = path if self.data is None and _is_there(path) else self._look_for(path)
        place = self._found[path] or path
        self.told[str(place)] = told
        return place

    def _look_for(self, path: Path) -> Path | None:
        there = list(dict.fromkeys(_list_places(path, self._near)))
        found = next((place for place in there if self._is_right(place)), None)
        if found is None:
            self.missing.append(_say_missing(path, there, self.data))
        return found

    def _is_right(self, place: Path) -> bool:
        """Tell whether a file is that of the run; of a folder the judge looks at every part."""
        if self._sha256 is None or is_folder(place):
            return True
        with place.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() in self._sha256.get(place.name, ())


def _read_listed(path: Path) -> dict[str, set[str]] | None:
    """Give the SHA-256 of each input by its name; none where the manifest says nothing, as the judge will."""
    listed: dict[str, set[str]] = {}
    try:
        for one in json.loads(path.read_bytes())["inputs"]:
            listed.setdefault(str(one["file"]), set()).add(str(one["sha256"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return listed


def _list_places(path: Path, folders: Sequence[Path]) -> Iterator[Path]:
    """Give what lies under the folders by as much of the path as can be, the nearest folder first."""
    tails = [Path(*path.parts[n:]) for n in range(1, len(path.parts))]
    return (place for folder in folders for tail in tails if _is_there(place := folder / tail))


def _is_there(path: Path) -> bool:
    return is_file(path) or is_folder(path)


def _say_missing(path: Path, others: Sequence[Path], data: Path | None) -> Message:
    """Say where a file was looked for, and name the files of its name that are not that of the run."""
    where = Message(f"{path.parent}, nor beside the result", f"{path.parent}，也不在成果附近")
    if data is not None:
        where = plain(data)
    message = Message(
        f"{path.name} is not in {where.en}: put it there, or name the folder with the data by --data.",
        f"{path.name} 不在 {where.zh}：请放回原处，或用 --data 指定数据所在的文件夹。",
    )
    if others:
        named = name_some(others)
        message += Message(
            f" Another file of that name is no file of the run, by its SHA-256: {named.en}.",
            f"同名文件的 SHA-256 与运行时不同：{named.zh}。",
        )
    return message
