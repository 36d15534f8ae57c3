"""What a result tells in JSON, whatever somebody has made of it: a part that is not what a run writes is empty."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def read_json(path: Path) -> dict[str, Any]:
    """Read a file that holds one object.

    Raises
    ------
    OSError, ValueError
        If it cannot be read, or holds something else.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise ValueError("not a file")  # a pipe would be waited for without end
    return parse_json(path.read_bytes())


def parse_json(text: bytes) -> dict[str, Any]:
    """Read an object.

    Raises
    ------
    ValueError
        If it is something else, or its parts lie in each other deeper than anything a run writes.
    """
    try:
        content = json.loads(text.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("its parts lie too deep in each other") from error
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")
    return content


def section(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Give a section of what is told."""
    found = values.get(key)
    return found if isinstance(found, Mapping) else {}


def rows(values: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Give a table of what is told."""
    found = values.get(key)
    return found if isinstance(found, list) and all(isinstance(row, Mapping) for row in found) else []
