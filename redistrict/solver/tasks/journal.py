"""The journal: what finished tasks have found, kept on disk, so that a killed run goes on where it was.

A task's answer depends on the problem, the seed and the effort alone, so one read back is as good as one worked out
again. A task that was cut short is not kept.
"""

import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, fields, is_dataclass
from glob import escape
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from redistrict.solver.tasks.stop import Stop

Arrays = Mapping[str, NDArray[Any]]
_T = TypeVar("_T")


def fingerprint(*values: object) -> str:
    """Give a digest of plain values, arrays and dataclasses of them: the same for the same question only."""
    digest = hashlib.sha256()

    def take(value: object) -> None:
        digest.update(type(value).__name__.encode())
        if isinstance(value, np.ndarray):
            digest.update(f"{value.dtype}{value.shape}".encode())
            digest.update(np.ascontiguousarray(value).tobytes())
        elif is_dataclass(value):
            for field in fields(value):
                take(getattr(value, field.name))
        elif isinstance(value, tuple | list):
            digest.update(str(len(value)).encode())
            for item in value:
                take(item)
        else:
            digest.update(repr(value).encode())

    take(values)
    return digest.hexdigest()[:16]


class Journal:
    """A folder with one file for each finished task of one question; other questions' folders beside it are removed.

    Parameters
    ----------
    place : Path
        Where the results will stand: the folder is a hidden one beside it.
    mark : str
        Fingerprint of the question.
    """

    def __init__(self, place: Path, mark: str) -> None:
        place = place.resolve()
        self._folder = place.parent / f".{place.name}.unfinished-{mark}"
        for other in sorted(place.parent.glob(f".{escape(place.name)}.unfinished-*")):
            if other != self._folder:
                shutil.rmtree(other, ignore_errors=True)

    def part(self, mark: str) -> "Journal":
        """Give the journal inside this one of another search, by its fingerprint; it is removed with the whole."""
        part = copy(self)
        part._folder = self._folder / mark
        return part

    @property
    def n_kept(self) -> int:
        """Number of tasks kept."""
        return sum(1 for _ in self._folder.glob("*.npz")) if self._folder.is_dir() else 0

    def recall(self, key: tuple[int, ...]) -> dict[str, NDArray[Any]] | None:
        """Give what a task found, or none if it is not kept or its file cannot be read."""
        try:
            with self._path(key).open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return {name: stored[name] for name in stored.files}
        except (OSError, ValueError, zipfile.BadZipFile, EOFError):
            return None

    def keep(self, key: tuple[int, ...], arrays: Arrays) -> None:
        """Write what a task found, whole or not at all.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(f".{os.getpid()}.part")
        with aside.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        aside.replace(path)

    def remove(self) -> None:
        """Throw the folder away: the results are delivered."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, key: tuple[int, ...]) -> Path:
        return self._folder / f"{'-'.join(map(str, key))}.npz"


class Form(NamedTuple, Generic[_T]):
    """How findings of one kind are written as arrays and read back."""

    to_arrays: Callable[[_T], Arrays]
    from_arrays: Callable[[Arrays], _T]


@dataclass(frozen=True, eq=False)
class Kept(Generic[_T]):
    """A task that looks into the journal first, and writes there what it found unless it was cut short.

    Whoever has the task itself done elsewhere recalls before and keeps after it.
    """

    journal: Journal
    key: tuple[int, ...]
    stop: Stop
    task: Callable[[], _T]
    form: Form[_T]

    def __call__(self) -> _T:
        """Give what the task finds."""
        stored = self.recall()
        return self.keep(self.task()) if stored is None else stored

    def recall(self) -> _T | None:
        """Give what the journal has, or none."""
        stored = self.journal.recall(self.key)
        return None if stored is None else self.form.from_arrays(stored)

    def keep(self, found: _T) -> _T:
        """Write what was found, and give it back."""
        if self.stop.reason is None:
            self.journal.keep(self.key, self.form.to_arrays(found))
        return found


def kept(
    journal: Journal | None, key: tuple[int, ...], stop: Stop, task: Callable[[], _T], form: Form[_T]
) -> Callable[[], _T]:
    """Give a task that the journal remembers, if there is one."""
    return task if journal is None else Kept(journal, key, stop, task, form)
