"""The log of runs: beside the results, one line for each beginning and end of a run, pack or signature.

`runs.jsonl` is only ever added to. Each line holds the SHA-256 of the line before, so that one taken out, changed or
put in later shows; the end of a run holds that of the result's manifest, and the beginning names the files of an older
result there that somebody has edited since it was delivered.
"""

import getpass
import hashlib
import json
import logging
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from redistrict.errors import InterruptedSolveError, OutputError, RedistrictError
from redistrict.report.delivery import cannot_write, locked
from redistrict.report.manifest import list_edited
from redistrict.report.provenance import file_sha256
from redistrict.report.swap import MANIFEST
from redistrict.version import __version__

NAME = "runs.jsonl"
FIRST = "0" * 64
_WAIT_S = 30.0
_END = {InterruptedSolveError: "interrupted", KeyboardInterrupt: "interrupted", RedistrictError: "refused"}
_log = logging.getLogger(__name__)


@contextmanager
def logged(what: str, folder: Path, **facts: str) -> Iterator[dict[str, str]]:
    """Write down that a command begins, and how it ends.

    Parameters
    ----------
    what : str
        The command.
    folder : Path
        The result it makes or changes; the log stands beside it.
    facts : str
        What else is to be written down of the beginning.

    Yields
    ------
    dict
        To be filled with what else is to be written down of the end.

    Raises
    ------
    OutputError
        If the beginning cannot be written down. That the end cannot is only told: what it tells of is there.
    """
    folder = folder.resolve()
    edited = list_edited(folder)
    try:
        _append(folder, {"what": what, "state": "began", **facts} | ({"edited": edited} if edited else {}))
    except OSError as error:
        raise OutputError(cannot_write(folder.parent / NAME, error)) from error
    end: dict[str, str] = {}
    state = "failed"
    try:
        yield end
        state, end["manifest"] = "done", file_sha256(folder / MANIFEST)
    except BaseException as error:
        state = next((word for kind, word in _END.items() if isinstance(error, kind)), state)
        raise
    finally:
        try:
            _append(folder, {"what": what, "state": state, **end})
        except (OSError, OutputError) as error:
            _log.warning("%s: %s", folder.parent / NAME, error)


def who() -> str:
    """Give who works here, as user@machine."""
    name = "?"
    with suppress(OSError, KeyError, ImportError):  # no such user
        name = getpass.getuser()
    return f"{name}@{platform.node()}"


def _append(folder: Path, facts: Mapping[str, object]) -> None:
    path = folder.parent / NAME
    with locked(path, wait_s=_WAIT_S), path.open("ab+") as log:
        log.seek(0)
        *lines, torn = log.read().split(b"\n")  # a power cut may leave half a line, which counts as one
        lines += [torn] if torn else []
        entry = {
            "n": len(lines) + 1,
            "previous": hashlib.sha256(lines[-1]).hexdigest() if lines else FIRST,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "who": who(),
            "version": __version__,
            "result": folder.name,
            **facts,
        }
        line = json.dumps(entry, ensure_ascii=False).encode()
        log.write((b"\n" if torn else b"") + line + b"\n")
        log.flush()
        os.fsync(log.fileno())
