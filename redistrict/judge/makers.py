"""Makers: the programs a report says it was made with; what is no version excuses nothing."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from redistrict.judge.inventory import show
from redistrict.judge.told import read_json, section
from redistrict.judge.verification import Verification, Violation
from redistrict.messages import Message

SINGLE = ("redistrict", "python", "machine", "geos", "gdal", "font")
VERSION = re.compile(r"[A-Za-z0-9.+_ -]{1,60}")
"""Versions, systems and fonts as programs name them."""
SHOWN = 60


def judge_makers(folder: Path) -> Verification:
    """Name what `report.json` gives as a program or version, and is none."""
    try:
        told = section(read_json(folder / "report.json"), "provenance")
    except (OSError, ValueError):
        return Verification(())  # told by `verify_files`
    packages = told.get("packages")
    of_packages = packages.items() if isinstance(packages, dict) else ()
    return Verification(
        (
            *_find_wrong((f"provenance.{key}", told.get(key)) for key in SINGLE),
            *([] if packages and of_packages else [_wrong("provenance.packages", packages, "packages with versions")]),
            *_find_wrong(("provenance.packages", key) for key, _ in of_packages),
            *_find_wrong((f"provenance.packages.{show(key[:SHOWN])}", value) for key, value in of_packages),
        )
    )


def _find_wrong(told: Iterator[tuple[str, Any]]) -> Iterator[Violation]:
    for key, value in told:
        if not (isinstance(value, str) and VERSION.fullmatch(value)):
            yield _wrong(key, value, "letters, digits, . + - _ and blanks, at most 60")


def _wrong(key: str, found: Any, allowed: str) -> Violation:
    said = show(f"{found}"[:SHOWN])
    message = Message(
        f"report.json: {key} is '{said}', which is no version of a program: a run writes {allowed}.",
        f"report.json：{key} 为“{said}”，不是程序版本：运行所写应为 {allowed}。",
    )
    return Violation("report", None, (), said, allowed, message)
