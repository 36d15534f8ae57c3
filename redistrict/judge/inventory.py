"""Inventory: what stands in a result folder. No link is followed, and nothing is read."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Inventory:
    """What stands in a folder, by name from it.

    Attributes
    ----------
    files : frozenset of str
    odd : frozenset of str
        Links, to files or folders or nothing, and what else is no file: pipes, sockets, devices.
    empty : frozenset of str
        Folders that hold nothing.
    """

    files: frozenset[str]
    odd: frozenset[str]
    empty: frozenset[str]

    def replaced(self, name: str) -> str | None:
        """Give the link or oddity that stands in place of a file, or of a folder that the file should lie in."""
        parts = name.split("/")
        above = ("/".join(parts[:n]) for n in range(1, len(parts) + 1))
        return next((one for one in above if one in self.odd), None)


def take_inventory(folder: Path) -> Inventory:
    """Look through a folder.

    Raises
    ------
    OSError
        If a folder in it may not be looked into.
    """
    files, odd, empty = set[str](), set[str](), set[str]()
    for place, folders, names in os.walk(folder, onerror=_raise):
        here = Path(place)
        if not folders and not names and here != folder:
            empty.add(here.relative_to(folder).as_posix())
        for path in (here / name for name in (*folders, *names)):
            mode = path.lstat().st_mode
            if not stat.S_ISDIR(mode):
                (files if stat.S_ISREG(mode) else odd).add(path.relative_to(folder).as_posix())
    return Inventory(frozenset(files), frozenset(odd), frozenset(empty))


def show(name: str) -> str:
    """Give the name of a file for a message, with letters that could look like something else written out."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in name)


def _raise(error: OSError) -> None:
    raise error
