"""What a sweep asks: its points by the digest of their questions, and what is known of each beforehand."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any

from redistrict.errors import OutputError
from redistrict.messages import Language, Message, name_some, plain
from redistrict.model.result import StoppedBy
from redistrict.paths import is_file, resolve_links
from redistrict.report.delivery import cannot_write
from redistrict.report.manifest import digest_inputs, list_edited
from redistrict.report.swap import MANIFEST
from redistrict.report.sweep.content import POINT, STATES, show_value
from redistrict.report.sweep.districts import DATA, FILE, MARK, QUESTION
from redistrict.report.sweep.record import POINTS, RECORD, Entry, Record, Session, State, is_folder_name, read_record
from redistrict.scenario import Scenario, dump_scenario
from redistrict.scenario.points import Point
from redistrict.version import __version__

_LONGEST = 60
_PLAIN, _PARTS = re.compile(r"[\w-]+(\.[\w-]+)*", re.ASCII), re.compile(r"\w+", re.ASCII)


@dataclass(frozen=True)
class Layout:
    """The points of a sweep, and where their results go.

    Attributes
    ----------
    points : tuple of Point
    record : Record
        With what is known of each point already.
    folder_of : dict of str to str
        Name of the folder in `points` for each question.
    blocked : tuple of str
        Such folders that hold the answer to another question, or one that somebody has edited.
    """

    points: tuple[Point, ...]
    record: Record
    folder_of: dict[str, str]
    blocked: tuple[str, ...]


def lay_out(points: Sequence[Point], out: Path) -> Layout:
    """Find what is there already of a sweep.

    Raises
    ------
    OutputError
        If `out` holds something else than a sweep.
    """
    before = read_before(out)
    questions = _list_questions(points)
    finished = _find_finished(out)
    folder_of = _name_folders(points, questions, finished)
    known = {entry.question: entry for entry in (before.entries if before else ()) if entry.state.is_proved_or_spent}
    keys = tuple(dict.fromkeys(key for point in points for key in point.values))
    entries = []
    for point, question in zip(points, questions, strict=True):
        values = point.list_values(keys)  # as the judge reads them: paths are absolute
        entry = Entry(point.number, values, question)
        if question in finished:
            entry = Entry(point.number, values, question, State.DONE, finished[question])
        elif question in known and not count_kept(out, folder_of[question]):  # else its time was up, and it goes on
            entry = Entry(point.number, values, question, known[question].state, "", known[question].reasons)
        entries.append(entry)
    taken = {entry.question: folder_of[entry.question] for entry in entries if entry.state is State.OPEN}
    blocked = [name for question, name in taken.items() if _is_blocked(out / POINTS / name, question)]
    record = _describe(points[0].scenario, entries, before.sessions if before else ())
    return Layout(tuple(points), record, folder_of, tuple(blocked))


@dataclass(frozen=True)
class Foreseen:
    """What a sweep would do, as a table."""

    layout: Layout
    kept: dict[str, int]

    def table(self, language: Language) -> tuple[tuple[Message, ...], list[tuple[str, ...]]]:
        """Give headers and rows for people."""
        record = self.layout.record
        heads = (POINT, *map(plain, record.keys), Message("folder", "文件夹"), Message("there already", "已有"))
        rows = [
            (
                f"{entry.point}",
                *(show_value(value).in_language(language) for value in entry.values.values()),
                self.layout.folder_of[entry.question],
                self._say(entry).in_language(language),
            )
            for entry in record.entries
        ]
        return heads, rows

    def _say(self, entry: Entry) -> Message:
        first = next(one.point for one in self.layout.record.entries if one.question == entry.question)
        name = self.layout.folder_of[entry.question]
        if first != entry.point:
            return Message(f"asks what point {first} asks", f"与第 {first} 点的问题相同")
        if entry.state is State.DONE:
            return Message("result", "成果")
        if entry.state is not State.OPEN:
            return STATES[entry.state]
        if name in self.layout.blocked:
            return Message("result of another question: --overwrite", "其他问题的成果：需 --overwrite")
        n_kept = self.kept[name]
        return Message(f"{n_kept} tasks of a search", f"求解任务 {n_kept} 个") if n_kept else Message("nothing", "无")


def foresee_sweep(points: Sequence[Point], out: Path) -> Foreseen:
    """Find what is there of each point, and write nothing.

    Raises
    ------
    OutputError
        If `out` holds something else than a sweep.
    """
    layout = lay_out(points, out)
    return Foreseen(layout, {name: count_kept(out, name) for name in layout.folder_of.values()})


def check_blocked(layout: Layout, out: Path) -> None:
    """Refuse to replace what answers another question.

    Raises
    ------
    OutputError
    """
    if layout.blocked:
        named = name_some(layout.blocked)
        raise OutputError(
            Message(
                f"{out / POINTS} holds results of another scenario, other data or another version, or edited "
                f"ones: {named.en}; give another --out, or --overwrite to replace them.",
                f"{out / POINTS} 中有其他方案、数据或版本的成果，或被改动过的成果：{named.zh}；"
                "请用 --out 指定其他文件夹，或用 --overwrite 覆盖。",
            )
        )


def count_kept(out: Path, name: str) -> int:
    """Count the tasks that unfinished searches for a folder of `points` have kept."""
    return sum(1 for _ in (out / POINTS).glob(f".{escape(name)}.unfinished-*/**/*.npz"))


def _describe(scenario: Scenario, entries: Sequence[Entry], sessions: Sequence[Session]) -> Record:
    label = scenario.data.label
    return Record(
        name=scenario.name,
        heading=scenario.heading,
        label=label.message if label else None,
        language=scenario.output.language,
        entries=tuple(entries),
        sessions=tuple(sessions),
    )


def read_before(out: Path) -> Record | None:
    """Give the record of a sweep that has begun in a folder; none where there is no folder, or nothing in it.

    Raises
    ------
    OutputError
        If the folder holds something else, or a link in place of a folder of points.
    """
    try:
        problem = _find_obstacle(out)
    except OSError as error:
        problem = cannot_write(out, error)
    if problem is not None:
        raise OutputError(problem)
    return read_record(out) if is_file(out / RECORD) else None


def part_of(name: str) -> str:
    """Give the name under which a file of a sweep is written, before it takes its place."""
    return f".{name}.part"


def _find_obstacle(out: Path) -> Message | None:
    """Say what stands in the way of a sweep in a folder."""
    for path in (out / POINTS, out / DATA, *sorted((out / POINTS).glob("*"))):
        if resolve_links(path) != resolve_links(out) / path.relative_to(out):
            return Message(
                f"{path} is a link, and a sweep reads and writes only what lies in its own folder; take it away.",
                f"{path} 是链接，参数遍历只读写自身文件夹中的内容；请移走该链接。",
            )
    if is_file(out / RECORD) or not out.exists():
        return None
    there = {path.name for path in out.iterdir()} if out.is_dir() else {""}
    begun = {part_of(RECORD), part_of(DATA)} | ({MARK, DATA, FILE, QUESTION} if MARK in there else set())
    if there <= begun:  # killed before its first word
        return None
    return Message(
        f"{out} is not the folder of a sweep, so nothing is written there; give another --out.",
        f"{out} 不是参数遍历的文件夹，不会写入；请用 --out 指定其他文件夹。",
    )


def _list_questions(points: Sequence[Point]) -> list[str]:
    """Give the digest of the question of each point; files that several name are read once."""
    read: dict[str, Any] = {}

    def find_inputs(scenario: Scenario) -> Any:
        key = scenario.model_dump_json(include={"data", "levels", "grids", "standards"})
        if key not in read:
            try:
                read[key] = digest_inputs(scenario)
            except OSError as error:  # to be told when the point is run
                read[key] = str(error)
        return read[key]

    return [_digest(_hash(dump_scenario(one.scenario)), find_inputs(one.scenario), __version__) for one in points]


def _find_finished(out: Path) -> dict[str, str]:
    """Give the folder of every question that is answered whole, by what the folder itself says it was made from."""
    found: dict[str, str] = {}
    for folder in sorted(path for path in (out / POINTS).glob("*") if is_folder_name(path.name)):
        question, is_whole = _read_question(folder)
        if question and is_whole and not list_edited(folder):
            found.setdefault(question, folder.name)
    return found


def _read_question(folder: Path) -> tuple[str, bool]:
    """Give the digest of what a result answers, "" where it is none, and whether the user did not cut it short."""
    try:
        report = json.loads((folder / "report.json").read_bytes())
        made, inputs = report["provenance"], json.loads((folder / MANIFEST).read_bytes())["inputs"]
        question = _digest(made["scenario_sha256"], inputs, made["redistrict"])
        return question, report["stopped_by"] != StoppedBy.INTERRUPT.value
    except (OSError, ValueError, KeyError, TypeError):
        return "", False


def _is_blocked(folder: Path, question: str) -> bool:
    """Whether a folder holds something else than an answer to the question that was cut short."""
    return folder.exists() and (_read_question(folder) != (question, False) or bool(list_edited(folder)))


def _digest(scenario_sha256: str, inputs: Any, version: str) -> str:
    return _hash(json.dumps([scenario_sha256, inputs, version], sort_keys=True))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


# --- names of folders ------------------------------------------------------------------------------------


def _name_folders(points: Sequence[Point], questions: Sequence[str], finished: Mapping[str, str]) -> dict[str, str]:
    """Name a folder for each question after what its first point changes, `count-12_seed-1`, unless it has one.

    Where the point names one itself, it is that. A name that would be too long, hold odd characters, or be that of
    another one, ends with the question's digest.
    """
    first: dict[str, Point] = {}
    for point, question in zip(points, questions, strict=True):
        first.setdefault(question, point)
    words = _shorten({key for point in points for key in point.values})
    names = {
        question: finished.get(question) or point.folder or _name(point, words) for question, point in first.items()
    }
    folded = [name.casefold() for name in names.values()]

    def is_fit(name: str) -> bool:
        is_short = len(name) <= _LONGEST and _PLAIN.fullmatch(name) is not None
        return is_short and is_folder_name(name) and folded.count(name.casefold()) == 1

    return {
        question: name
        if question in finished or first[question].folder or is_fit(name)
        else "-".join([*_PARTS.findall(name[:_LONGEST]), question[:8]])
        for question, name in names.items()
    }


def _name(point: Point, words: dict[str, str]) -> str:
    return "_".join(f"{words[key]}-{'none' if value is None else value}" for key, value in point.values.items()) or (
        "as_written"
    )


def _shorten(keys: set[str]) -> dict[str, str]:
    """Give the shortest end of each key that is the end of no other."""

    def ends(key: str) -> Iterator[str]:
        parts = key.split(".")
        return (".".join(parts[-n:]) for n in range(1, len(parts) + 1))

    return {
        key: next(end for end in ends(key) if end == key or not any(end in ends(other) for other in keys - {key}))
        for key in keys
    }
