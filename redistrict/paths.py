"""Paths as people give them, whose names may be too long for any disk, or lie where this account may not look.

`Path.is_file` and its like raise an error there; here such a path is simply not there.
"""

import os
from pathlib import Path


def is_file(path: Path) -> bool:
    """Tell whether there is such a file."""
    return os.path.isfile(path)  # noqa: PTH113


def resolve_links(path: Path) -> Path:
    """Give the path without links; unlike `Path.resolve` it bears links in a circle, where nothing can be."""
    return Path(os.path.realpath(path))


def is_folder(path: Path) -> bool:
    """Tell whether there is such a folder."""
    return os.path.isdir(path)  # noqa: PTH112
