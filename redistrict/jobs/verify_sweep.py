"""Verify a sweep: each of its points as a result, its table by the judge, and table and page made again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from redistrict.errors import RedistrictError
from redistrict.jobs.remake import list_other_makers, weigh
from redistrict.jobs.verify import judge_result
from redistrict.judge import judge_sweep
from redistrict.judge.districts import is_province, judge_districts
from redistrict.judge.inventory import take_inventory
from redistrict.judge.likeness import compare_folders
from redistrict.judge.sweep_places import judge_places
from redistrict.judge.told import read_json
from redistrict.judge.verification import Verification, Violation
from redistrict.messages import Message, list_of, name_some
from redistrict.report.sweep.content import gather_points
from redistrict.report.sweep.districts import read_districts
from redistrict.report.sweep.page import write_sweep_page
from redistrict.report.sweep.record import PAGE, POINTS, TABLE, Record, read_record
from redistrict.report.sweep.table import write_sweep_table
from redistrict.scenario.delivered import load_delivered

_NOTHING_READ = Message(
    "everything else: nothing is read of a sweep as long as its record or links in it lead elsewhere",
    "其余全部内容：参数遍历的记录或其中的链接指向别处时不予读取",
)
_REFUSED_FIRST = Message(
    "table and page of the sweep: a point is refused already", "参数遍历的表格与页面：已有点未通过核验"
)


def verify_sweep(folder: Path, data: Path | None = None) -> Verification:
    """Judge every point of a sweep, then its table and page.

    Parameters
    ----------
    data : Path, optional
        As `verify`.

    Raises
    ------
    OSError, OutputError
        If the folder's record cannot be read.
    """
    if not (places := judge_places(folder)).ok:
        return places + Verification((), not_checked=(_NOTHING_READ,))
    record = read_record(folder)
    names = sorted({entry.folder for entry in record.entries if entry.folder})
    verdict = _gather({f"{POINTS}/{name}": _judge_point(folder / POINTS / name, data) for name in names})
    if not verdict.ok:
        return verdict + Verification((), not_checked=(_REFUSED_FIRST,))
    whole = judge_districts(folder) if is_province(folder) else Verification(())
    return whole + judge_sweep(folder) + _remake(folder, record) + verdict


def _judge_point(folder: Path, data: Path | None) -> Verification:
    """Judge a point; that it is missing, or cannot be read, is one of the faults."""
    try:
        return judge_result(folder, data=data)
    except RedistrictError as error:
        return Verification(
            tuple(Violation("sweep", None, (), "unreadable", "a result", one) for one in error.problems)
        )


def _gather(verdicts: Mapping[str, Verification]) -> Verification:
    """Put verdicts together: faults with their point, and what is said of several points once."""
    violations = tuple(
        replace(one, message=_of_point(name) + one.message)
        for name, found in verdicts.items()
        for one in found.violations
    )
    exceptions = tuple(f"{name}: {one}" for name, found in verdicts.items() for one in found.exceptions)
    not_compared = tuple(f"{name}/{one}" for name, found in verdicts.items() for one in found.not_compared)
    notes, not_checked = (
        _say_once([(name, one) for name, found in verdicts.items() for one in getattr(found, kind)])
        for kind in ("notes", "not_checked")
    )
    return Verification(violations, notes, exceptions, not_checked, not_compared)


def _say_once(said: Sequence[tuple[str, Message]]) -> tuple[Message, ...]:
    points: dict[Message, list[str]] = {}
    for name, message in said:
        points.setdefault(message, []).append(name)
    return tuple(_of_point(name_some(names, limit=2)) + message for message, names in points.items())


def _of_point(name: object) -> Message:
    return list_of([name]) + Message(": ", "：")


def _remake(folder: Path, record: Record) -> Verification:
    """Make table and page again from the record and the points, and name what is not the same.

    What the first point with a plan says it was made with, they were made with.
    """
    others: dict[str, tuple[str, str]] = {}
    for place in [folder / POINTS / entry.folder for entry in record.entries if entry.folder][:1]:
        others = list_other_makers(load_delivered(place), read_json(place / "report.json"))
    with TemporaryDirectory() as scratch:
        made = Path(scratch)
        points = gather_points(folder, record, districts=read_districts(folder, len(record.entries)))
        write_sweep_table(made / TABLE, points)
        write_sweep_page(made / PAGE, points)
        passed_over = take_inventory(folder).files - {TABLE, PAGE}
        return weigh(compare_folders(folder, made, passed_over=passed_over), others)
