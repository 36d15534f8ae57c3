"""Where a sweep says that its points lie: looked at before anything there is read, so that no name leads out of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from redistrict.judge.inventory import show, take_inventory
from redistrict.judge.manifest import say_link
from redistrict.judge.told import read_json, rows
from redistrict.judge.verification import Verification, Violation, name_first
from redistrict.messages import Message

RECORD, TABLE, PAGE, POINTS = "sweep.json", "sweep.csv", "sweep.html", "points"
OF_PROVINCES = ("data", "districts.gpkg", "province.yaml")
LONGEST = 200
_SHOWN = 60
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")}
"""Names that Windows keeps for devices, whatever follows after a dot."""


def judge_places(folder: Path) -> Verification:
    """Name every point whose folder is no plain name, and every link in place of what belongs to the sweep.

    Raises
    ------
    OSError
        If a folder may not be looked into.
    """
    stands = take_inventory(folder)
    found = [stands.replaced(name) for name in (RECORD, TABLE, PAGE, *OF_PROVINCES)]
    if stands.replaced(RECORD) is None:
        points = read_points(folder)
        if isinstance(points, Violation):
            return Verification((points,))
        if odd := [one for one in points if not (one["folder"] == "" or is_plain(one["folder"]))]:
            return Verification(name_first([_say_odd(one) for one in odd]))
        found += [stands.replaced(f"{POINTS}/{one['folder']}") for one in points if one["folder"]]
    return Verification(name_first([say_link(name) for name in sorted({name for name in found if name})]))


def read_points(folder: Path) -> list[Mapping[str, Any]] | Violation:
    """Give the points that the record lists, at least one, each with `point`, `folder` and a mapping of `values`.

    Raises
    ------
    OSError
        If the record is there and cannot be read.
    """
    try:
        points = rows(read_json(folder / RECORD), "points")
        if points and all(isinstance(one["values"], Mapping) and {"point", "folder"} <= one.keys() for one in points):
            return points
        reason = "no points"
    except (ValueError, KeyError, FileNotFoundError) as error:
        reason = repr(error)
    message = Message(f"{RECORD} cannot be read ({reason}).", f"{RECORD} 无法读取（{reason}）。")
    return Violation("sweep", None, (), "unreadable", "a record of points", message)


def is_plain(name: object) -> bool:
    """Whether this is the name of a folder on every system, and leads nowhere else."""
    return (
        isinstance(name, str)
        and 0 < len(name) <= LONGEST
        and all(one.isalnum() or one in "_-." for one in name)
        and not name.startswith(".")
        and not name.endswith(".")
        and name.partition(".")[0].casefold() not in _DEVICES
    )


def _say_odd(one: Mapping[str, Any]) -> Violation:
    point, name = (show(f"{one[key]}")[:_SHOWN] for key in ("point", "folder"))
    message = Message(
        f"{RECORD}: the folder of point {point} is '{name}', which is no plain name in {POINTS}; nothing is read.",
        f"{RECORD}：第 {point} 点的文件夹为“{name}”，不是 {POINTS} 中的普通文件夹名；不予读取。",
    )
    return Violation("sweep", None, (), name, f"a name in {POINTS}", message)
