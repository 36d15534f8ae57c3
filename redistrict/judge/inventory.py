"""Inventory: what stands in a result folder. No link is followed, and nothing is read."""

import os
from dataclasses import dataclass
from pathlib import Path

DEEPEST = 20
"""Folders in each other below which nothing is looked at; a run writes three."""


@dataclass(frozen=True)
class Inventory:
    """What stands in a folder, by name from it.

    Attributes
    ----------
    files : frozenset of str
    odd : frozenset of str
        Links, to files or folders or nothing, what else is no file (pipes, sockets, devices), and folders too deep.
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
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        with os.scandir(here) as entries:
            inside = [(Path(one.path), one) for one in entries]
        if not inside and here != folder:
            empty.add(here.relative_to(folder).as_posix())
        for path, entry in inside:
            name = path.relative_to(folder).as_posix()
            if entry.is_dir(follow_symlinks=False) and name.count("/") < DEEPEST:
                waiting.append(path)
            else:
                (files if entry.is_file(follow_symlinks=False) else odd).add(name)
    return Inventory(frozenset(files), frozenset(odd), frozenset(empty))


def show(name: str) -> str:
    """Give the name of a file for a message, with letters that could look like something else written out."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in name)
