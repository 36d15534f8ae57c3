"""The log of runs beside a result: whether it hangs together, and what it says of the result."""

import hashlib
import json
import re
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from redistrict.judge.inventory import show
from redistrict.judge.manifest import NAME as MANIFEST
from redistrict.judge.told import parse_json
from redistrict.judge.verification import MOST_NAMED, Verification, Violation
from redistrict.messages import Message, name_some

NAME = "runs.jsonl"
FIRST = "0" * 64
_HEALED = {"plan_before_sha256": "plan_before.csv", "pins_sha256": "pins.yaml"}
WHEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+00:00")
SHOWN = 60
"""Letters of a name."""
_Entry = dict[str, Any]


def judge_run_log(folder: Path) -> Verification:
    """Say who delivered the very files of a result and when, by the log beside it, and where the log was tampered with.

    Whoever makes all lines anew from the place of the change is not found out, unless the last line is known elsewhere.
    """
    folder = folder.resolve()
    log = folder.parent / NAME
    try:
        if not stat.S_ISREG(log.lstat().st_mode):
            return Verification((), not_checked=(_NO_PLAIN_LOG,))  # a pipe would be waited for without end
        lines = log.read_bytes().split(b"\n")
        manifest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    except FileNotFoundError:
        return Verification((), not_checked=(_NO_LOG,))
    lines = lines[:-1] if lines[-1] == b"" else lines
    entries = [_read(line) for line in lines]
    previous = FIRST
    for n, (line, entry) in enumerate(zip(lines, entries, strict=True), start=1):
        if entry and (entry.get("previous"), entry.get("n")) != (previous, n):
            return Verification((_broken(n),))
        previous = hashlib.sha256(line).hexdigest()
    entries = [entry if _is_as_written(line, entry) else {} for line, entry in zip(lines, entries, strict=True)]
    torn = [n for n, entry in enumerate(entries, start=1) if not entry]
    not_checked = (_say_torn(torn),) if torn else ()
    of_these = [entry for entry in entries if entry.get("manifest") == manifest and entry.get("state") == "done"]
    told = [_say(entry, len(lines)) for entry in of_these if entry.get("what") in ("run", "heal", "grids", "sign")]
    healed = tuple(_judge_healed(folder, entries, of_these))
    unsure = _say_unsure(previous) if told else _UNKNOWN
    return Verification(healed, notes=tuple(told), not_checked=(*not_checked, unsure))


def _judge_healed(folder: Path, entries: list[_Entry], of_these: list[_Entry]) -> Iterator[Violation]:
    """Name a plan before and pins that are not those with which the last repair of these very files began."""
    ends = [entries.index(entry) for entry in of_these if entry.get("what") == "heal"]
    result = [entries[n].get("result") for n in ends[-1:]]
    began = [
        entry
        for entry in entries[: (ends or [0])[-1]]
        if (entry.get("what"), entry.get("state")) == ("heal", "began") and [entry.get("result")] == result
    ]
    for entry in began[-1:]:
        for key, name in _HEALED.items():
            told, path = entry.get(key), folder / "healed" / name
            if told is not None and not (path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == told):
                message = Message(
                    f"healed/{name} is not the one with which the repair began, by line {entry['n']} of {NAME}.",
                    f"healed/{name} 与 {NAME} 第 {entry['n']} 行所记修复开始时的文件不同。",
                )
                yield Violation("runs", None, (), f"healed/{name} differs", "as logged", message)


def _read(line: bytes) -> dict[str, Any]:
    """Read a line; nothing where a power cut left half of one."""
    try:
        return parse_json(line)
    except ValueError:
        return {}


def _is_as_written(line: bytes, entry: _Entry) -> bool:
    """Whether number, time and names are such; whoever writes a whole sentence there wants it to be read as ours."""
    names = [entry[key] for key in ("who", "signer") if key in entry]
    return (
        type(entry.get("n")) is int
        and _is_time(entry.get("at"))
        and all(isinstance(name, str) for name in names)
        and json.dumps(entry, ensure_ascii=False).encode(errors="surrogatepass") == line
    )


def _is_time(text: object) -> bool:
    if not (isinstance(text, str) and WHEN.fullmatch(text)):
        return False
    try:
        return datetime.fromisoformat(text).year > 0
    except ValueError:
        return False


def _broken(n: int) -> Violation:
    message = Message(
        f"{NAME}, line {n}, does not follow from the line before: a line was changed, taken out or put in.",
        f"{NAME} 第 {n} 行与前一行不衔接：有记录被改动、删除或插入。",
    )
    return Violation("runs", None, (), f"line {n} does not follow", "every line holds the SHA-256 of the last", message)


def _say_torn(lines: list[int]) -> Message:
    named = name_some(lines, limit=MOST_NAMED)
    return Message(f"what cannot be read of {NAME}: line {named.en}", f"{NAME} 中无法读取的行：第 {named.zh} 行")


def _say_unsure(last: str) -> Message:
    return Message(
        f"whether lines at the end of {NAME} were made anew or cut off: a copy of its last line kept elsewhere would "
        f"show it (SHA-256 {last[:16]}...)",
        f"{NAME} 末尾的记录是否被重写或截去：须与另存的最后一行核对（SHA-256 {last[:16]}…）",
    )


def _say(entry: dict[str, Any], n_lines: int) -> Message:
    n, at, who = entry["n"], entry["at"], show((entry.get("signer") or entry.get("who") or "?")[:SHOWN])
    who_en, who_zh = who.replace("'", "’"), who.replace("”", '"')
    did = Message("signed", "签名") if entry["what"] == "sign" else Message("delivered", "生成")
    return Message(
        f"{NAME}: these files were {did.en} {at} by '{who_en}' (line {n} of {n_lines}, each tied to the one before)",
        f"{NAME}：这些文件于 {at} 由“{who_zh}”{did.zh}（第 {n} 行，共 {n_lines} 行，逐行衔接）",
    )


_NO_LOG = Message(
    f"who made the result, and when: there is no {NAME} beside it", f"成果由谁、何时生成：旁边没有 {NAME}"
)
_NO_PLAIN_LOG = Message(
    f"who made the result, and when: {NAME} beside it is a link or folder, or no file, and is not read",
    f"成果由谁、何时生成：旁边的 {NAME} 是链接、文件夹或非普通文件，不予读取",
)
_UNKNOWN = Message(
    f"who made the result, and when: {NAME} beside it knows nothing of these files (brought from elsewhere, or edited)",
    f"成果由谁、何时生成：旁边的 {NAME} 没有这些文件的记录（可能从别处复制而来，或被改动过）",
)
