"""sweep.json: the points of a sweep, what has become of each, and how much was done for it and how much reused."""

import json
import re
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_args

from redistrict.errors import OutputError
from redistrict.messages import Language, Message
from redistrict.scenario.sweep import Values

RECORD, TABLE, PAGE = "sweep.json", "sweep.csv", "sweep.html"
POINTS = "points"
"""The folder beside these files that holds a result folder for each point."""
_NAME = re.compile(r"[\w-][\w.-]{0,199}")
_DEVICE = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever follows after a dot."""
_SHOWN = 60


class State(Enum):
    """What has become of a point."""

    OPEN = "open"
    DONE = "done"
    INFEASIBLE = "infeasible"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    UNVERIFIED = "unverified"

    @property
    def is_proved_or_spent(self) -> bool:
        """Whether a proof or a search ended without a plan: unless tasks of it are kept, another would end so, too."""
        return self in (State.INFEASIBLE, State.NOT_FOUND)


@dataclass(frozen=True)
class Entry:
    """One point.

    Attributes
    ----------
    point : int
        Its number.
    values : mapping of str to scalar
        Of every key of the sweep, also those that this point leaves as they are.
    question : str
        Digest of all that its answer depends on: two points with the same have the same answer.
    folder : str
        Name of its folder in `points`; "" where it has no plan.
    reasons : tuple of Message
        Why it has none.
    """

    point: int
    values: Values
    question: str
    state: State = State.OPEN
    folder: str = ""
    reasons: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Session:
    """What one call of the command did: times that data were read, questions that were solved, and what was spared.

    Attributes
    ----------
    read, read_reused : int
        Points for which the data were read, and for which they had been read for another.
    solved, solved_reused : int
        Questions that a search, or a proof before it, answered, and that had been answered before.
    search_tasks_reused : int
        Tasks of unfinished searches that were taken from their journals.
    """

    read: int = 0
    read_reused: int = 0
    solved: int = 0
    solved_reused: int = 0
    search_tasks_reused: int = 0


@dataclass(frozen=True)
class Record:
    """Everything that `sweep.json` holds."""

    name: str
    heading: Message
    label: Message | None
    language: Language
    entries: tuple[Entry, ...]
    sessions: tuple[Session, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the sweep."""
        return tuple(self.entries[0].values)


def is_folder_name(name: object) -> bool:
    """Whether a text names a folder on every system and leads nowhere else; devices of Windows are none."""
    return (
        isinstance(name, str)
        and _NAME.fullmatch(name) is not None
        and not name.endswith(".")
        and _DEVICE.fullmatch(name) is None
    )


def write_record(path: Path, record: Record) -> None:
    """Write a record as JSON."""
    content = {
        "scenario": record.name,
        "heading": record.heading._asdict(),
        "data_label": record.label._asdict() if record.label else None,
        "language": record.language,
        "questions": len({entry.question for entry in record.entries}),
        "points": [
            asdict(one) | {"state": one.state.value, "reasons": [reason._asdict() for reason in one.reasons]}
            for one in record.entries
        ],
        "sessions": [asdict(session) for session in record.sessions],
    }
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def read_record(folder: Path) -> Record:
    """Read the record of a sweep's folder.

    Raises
    ------
    OutputError
        If it is none, or names a folder that would not lie in `points`.
    """
    try:
        content = json.loads((folder / RECORD).read_bytes())
        entries = tuple(_as_entry(one) for one in content["points"])
        if len({tuple(one.values) for one in entries}) != 1 or content["language"] not in get_args(Language):
            raise ValueError("points without the same keys, or no language")
        label = content["data_label"]
        return Record(
            name=str(content["scenario"]),
            heading=_as_message(content["heading"]),
            label=_as_message(label) if label else None,
            language=content["language"],
            entries=entries,
            sessions=tuple(Session(**one) for one in content["sessions"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise OutputError(
            Message(
                f"{folder / RECORD} is not the record of a sweep ({error!r}); give another folder.",
                f"{folder / RECORD} 不是参数遍历的记录（{error!r}）；请指定其他文件夹。",
            )
        ) from error


def _as_message(content: dict[str, Any]) -> Message:
    if not all(isinstance(text, str) for text in content.values()):
        raise ValueError("a sentence that is no text")
    return Message(**content)


def _as_entry(content: dict[str, Any]) -> Entry:
    reasons = tuple(_as_message(reason) for reason in content["reasons"])
    entry = Entry(**content | {"state": State(content["state"]), "reasons": reasons})
    if entry.folder != "" and not is_folder_name(entry.folder):
        raise _lies_elsewhere(entry)
    are_scalars = all(isinstance(value, int | float | str | None) for value in entry.values.values())
    if type(entry.point) is not int or type(entry.question) is not str or not are_scalars:
        raise TypeError("number, question or values of a point")
    if (entry.state is State.DONE) != bool(entry.folder):
        raise ValueError("a plan without a folder, or a folder without a plan")
    return entry


def _lies_elsewhere(entry: Entry) -> OutputError:
    name = f"{entry.folder!r}"[:_SHOWN]
    return OutputError(
        Message(
            f"{RECORD}: the folder of point {entry.point} is {name}, which is no plain name in {POINTS}; nothing is "
            "read or written there. Give another folder.",
            f"{RECORD}：第 {entry.point} 点的文件夹为 {name}，不是 {POINTS} 中的普通文件夹名；"
            "不予读写。请指定其他文件夹。",
        )
    )
