"""Log: the events of a review, in a SQLite file beside the result; what is written is on the disk before it is told."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from redistrict.errors import OutputError
from redistrict.messages import Message
from redistrict.report.delivery import cannot_write, locked
from redistrict.review.state import Event

_TABLE = """
CREATE TABLE IF NOT EXISTS event (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL, author TEXT NOT NULL, after INTEGER NOT NULL,
  kind TEXT NOT NULL, body TEXT NOT NULL, digest TEXT NOT NULL
) STRICT
"""
_COLUMNS = "n, id, at, author, after, kind, body"


class Log:
    """The events of one review, only ever added to.

    Parameters
    ----------
    file : sqlite3.Connection
        See `opened`.
    digest : str
        Of the result: it stands in every row.
    """

    def __init__(self, file: sqlite3.Connection, digest: str) -> None:
        self.file, self._digest = file, digest
        self._lock = threading.Lock()

    def read(self) -> list[Event]:
        """Give all events."""
        with self._lock:
            rows = self.file.execute(f"SELECT {_COLUMNS} FROM event ORDER BY n").fetchall()
        return [
            Event(n, key, at, author, after, kind, json.loads(body)) for n, key, at, author, after, kind, body in rows
        ]

    def append(self, event: Event) -> None:
        """Add an event; it is on the disk when this returns.

        Raises
        ------
        sqlite3.Error
            If it could not be written (a full disk), or number or id are there already: then nothing is.
        """
        body = json.dumps(event.body, ensure_ascii=False)
        row: tuple[Any, ...] = (event.n, event.id, event.at, event.author, event.after, event.kind, body, self._digest)
        with self._lock, self.file:
            self.file.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


@contextmanager
def opened(path: Path, digest: str) -> Iterator[Log]:
    """Open a log, or make it; no other process may have it open.

    Raises
    ------
    OutputError
        If another review has it open, it cannot be written, or it is of another result.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(path))
            file = stack.enter_context(closing(sqlite3.connect(path, check_same_thread=False)))
        except (OSError, sqlite3.Error) as error:
            raise OutputError(cannot_write(path, error)) from error
        _prepare(file, path, digest)
        yield Log(file, digest)


def _prepare(file: sqlite3.Connection, path: Path, digest: str) -> None:
    """Set what keeps every written event through a power cut, and look whose log it is."""
    try:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = FULL")
        with file:
            file.execute(_TABLE)
        digests = {row[0] for row in file.execute("SELECT DISTINCT digest FROM event")}
    except sqlite3.Error as error:
        raise OutputError(cannot_write(path, error)) from error
    if not digests <= {digest}:
        raise OutputError(
            Message(
                f"{path} is the log of a review of another result: the folder has changed since. Move the log away to "
                "begin a new review, or put the old result back.",
                f"{path} 是另一成果的会商记录：成果文件夹已被更换。请移走该记录以重新开始，或恢复原成果。",
            )
        )
