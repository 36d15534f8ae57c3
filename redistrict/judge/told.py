"""What a result tells in JSON, whatever somebody has made of it: a part that is not what a run writes is empty."""

from collections.abc import Mapping
from typing import Any


def section(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Give a section of what is told."""
    found = values.get(key)
    return found if isinstance(found, Mapping) else {}


def rows(values: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Give a table of what is told."""
    found = values.get(key)
    return found if isinstance(found, list) and all(isinstance(row, Mapping) for row in found) else []
