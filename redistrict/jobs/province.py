"""Province: a scenario over many districts in, each solved, judged and delivered by itself; a sweep over districts."""

import hashlib
import math
import os
import re
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np

from redistrict.errors import DataError, OutputError, ScenarioError
from redistrict.geo.split import District, list_districts, point_to, split
from redistrict.jobs.apart import solve_apart
from redistrict.jobs.sweep import enter, keep_record, list_open, write_points
from redistrict.jobs.sweep_points import Layout, check_blocked, count_kept, lay_out, part_of, read_before
from redistrict.messages import NOTHING, Language, Message, list_of, name_some, plain
from redistrict.paths import resolve_links
from redistrict.report.delivery import CANNOT_WRITE, cannot_write, locked
from redistrict.report.gis.vectors import write_layer
from redistrict.report.provenance import list_sources
from redistrict.report.sweep.content import Points, read_planned
from redistrict.report.sweep.districts import DATA, DISTRICT, FILE, MARK, QUESTION, Districts, write_districts
from redistrict.report.sweep.record import POINTS, Record, Session, State
from redistrict.scenario import Scenario, dump_scenario
from redistrict.scenario.called import call_as_asked
from redistrict.scenario.points import Point
from redistrict.scenario.section import Text
from redistrict.solver.tasks.progress import OnProgress, Progress
from redistrict.solver.tasks.stop import Stop, interruptible

_KEY = "data.blocks.layer"
_WRITE_S = 60.0
"""Table and page of the province are written anew that often, the record after every district."""
_LONGEST_NAME, _LONGEST_TITLE = 40, 200
_SPLIT_SHARE = 0.05
_NOBODY = Message("(no district)", "（未填区县）")


@dataclass(frozen=True, eq=False)
class Foreseen:
    """The districts that a province would be split into."""

    districts: tuple[District, ...]

    def table(self, language: Language) -> tuple[tuple[Message, ...], list[tuple[str, ...]]]:
        """Give headers and rows for people."""
        heads = (plain("#"), DISTRICT, Message("blocks", "地块数"))
        rows: list[tuple[str, ...]] = [
            (f"{n}", _call(one).in_language(language), f"{len(one.rows)}") for n, one in enumerate(self.districts, 1)
        ]
        return heads, rows


def foresee_province(scenario: Scenario) -> Foreseen:
    """List the districts, and write nothing.

    Raises
    ------
    DataError, ScenarioError
        If the data cannot be used, or the scenario asks what cannot be asked of each district by itself.
    """
    return Foreseen(_list(scenario, []))


def make_province(
    scenario: Scenario,
    *,
    out: Path | str,
    workers: int | None = None,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
) -> Points:
    """Split the data by district, and solve, judge and deliver every district by itself.

    The folder is that of a sweep whose points are the districts, with a map of them. Called again, it goes on where it
    was; a district without a plan never stops the others. Processes begin anew with the program: in a script
    the call stands below ``if __name__ == "__main__":``.

    Parameters
    ----------
    workers : int, optional
        Processes that solve districts, one district at a time each; as many as there are processors by default.

    Raises
    ------
    DataError, ScenarioError
        If the data cannot be used, or the scenario asks what cannot be asked of each district by itself.
    OutputError
        If `out` holds something else, or (without `overwrite`) results of other data; or it cannot be written.
    """
    out, tell = Path(out), on_progress or (lambda _: None)
    call_as_asked(scenario)
    notes: list[Message] = []
    districts = _list(scenario, notes)
    read_before(out)  # refuses before a folder is made
    is_new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        with locked(out.resolve()):
            _check_ours(scenario, out.resolve(), overwrite)
            try:
                points, shown, refused = _split(scenario, districts, out.resolve(), notes, overwrite, tell)
            except BaseException:
                shutil.rmtree(out if is_new else out / part_of(DATA), ignore_errors=True)
                raise
            layout = lay_out(points, out)
            layout = replace(layout, record=replace(layout.record, heading=scenario.heading))
            if not overwrite:
                check_blocked(layout, out)
            found = _solve(layout, out, shown, refused, workers or os.cpu_count() or 1, tell)
            return replace(found, notes=(*dict.fromkeys(notes), *found.notes))
    except CANNOT_WRITE as error:
        raise OutputError(cannot_write(out, error)) from error


def _list(scenario: Scenario, notes: list[Message]) -> tuple[District, ...]:
    """Give the districts, where each can be asked by itself."""
    data, communities = scenario.data, scenario.communities
    asked: dict[str, object] = {
        "data.blocks.counts": data.blocks.counts,
        "data.blocks.spread": data.blocks.spread,
        "data.blocks.columns.others": data.blocks.columns.others,
        "data.current": data.current,
        "data.premises": data.premises,
        "data.projects": data.projects,
        "data.start": data.start,
        "levels.layer": [level for level in scenario.levels if level.layer is not None],
        "levels.count_by": [level for level in scenario.levels if level.count_by],
        "contiguity.links": scenario.contiguity.links,
        "contiguity.bans": scenario.contiguity.bans,
        "grids.today": scenario.grids and scenario.grids.today,
        "pins": scenario.pins,
        "communities.count": None if communities.count == "auto" else communities.count,
    }
    if found := [key for key, value in asked.items() if value]:
        named = list_of(found)
        raise ScenarioError(
            Message(
                f"{named.en}: not for a province, whose districts are solved one by one; leave it out (counts belong "
                "into columns of the blocks, numbers of communities into communities.count_by_district).",
                f"{named.zh}：全域逐区县求解时不适用，请删去（户数、人数请写入地块字段，社区数请写入 "
                "communities.count_by_district）。",
            )
        )
    districts = list_districts(data, notes)
    unknown = communities.count_by_district.keys() - {one.name for one in districts}
    if unknown:
        named = list_of(sorted(unknown))
        raise ScenarioError(
            Message(
                f"communities.count_by_district: {named.en}: the blocks have no such district.",
                f"communities.count_by_district：地块中没有区县 {named.zh}。",
            )
        )
    if not districts:
        raise DataError(
            Message("data.blocks: no blocks are left; check 'where:'.", "data.blocks：没有地块；请检查 where:。")
        )
    return districts


# --- the data of each district ----------------------------------------------------------------------------


def _split(
    scenario: Scenario,
    districts: Sequence[District],
    out: Path,
    notes: list[Message],
    overwrite: bool,
    tell: OnProgress,
) -> tuple[tuple[Point, ...], Districts, dict[int, tuple[Message, ...]]]:
    """Write the files of every district, and give its point; and why those have none that cannot be read."""
    aside, place = out / part_of(DATA), out / DATA
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    points, outlines, refused = [], [], {}
    parts = split(scenario.data, scenario.levels, districts, notes)
    width = len(str(len(districts)))
    for n, (district, part) in enumerate(zip(districts, parts, strict=True), start=1):
        phase = Message(f"Splitting the data: {n} of {len(districts)}", f"按区县拆分数据：{n}/{len(districts)}")
        tell(Progress(phase, _SPLIT_SHARE * n / len(districts)))
        folder = f"{n:0{width}}-{_as_name(district.name)}"
        names = {name: folder if name == "blocks" else name for name in _list_layers(scenario)}
        problems = part.problems or _write(
            {aside / folder / f"{names[name]}.gpkg": part.layers[name] for name in names}
        )
        paths = {name: place / folder / f"{called}.gpkg" for name, called in names.items()}
        points.append(_ask(scenario, district, n, folder, paths))
        outlines.append(part.outline)
        if problems:
            refused[n] = problems
    named = tuple(_call(one).in_language(scenario.output.language) for one in districts)
    shown = Districts(named, tuple(len(one.rows) for one in districts), np.array(outlines, dtype=object))
    (aside / QUESTION).write_text(dump_scenario(scenario), encoding="utf-8", newline="\n")
    write_districts(aside / FILE, shown)
    _put_in_place(aside, out, overwrite)
    return tuple(points), shown, refused


def _write(layers: dict[Path, gpd.GeoDataFrame]) -> tuple[Message, ...]:
    """Write the files of a district, and say why they are none where they do not hold what they should."""
    try:
        for path, layer in layers.items():
            path.parent.mkdir(exist_ok=True)
            write_layer(path, layer)
    except OutputError as error:
        return error.problems
    return ()


def _list_layers(scenario: Scenario) -> list[str]:
    data = scenario.data
    around = {"roads": data.roads, "barriers": data.barriers, "structures": data.structures}
    return ["blocks", *(f"{name}_{n}" for name, sources in around.items() for n in range(len(sources)))]


def _as_name(text: str) -> str:
    """Give what of a name may stand in that of a folder on every system."""
    return re.sub(r"\W+", "_", text).strip("_")[:_LONGEST_NAME] or "_"


def _call(district: District) -> Message:
    return plain(district.name) if district.name else _NOBODY


def _ask(scenario: Scenario, district: District, number: int, folder: str, paths: dict[str, Path]) -> Point:
    """Give the question of one district."""
    data, levels = point_to(scenario.data, scenario.levels, paths)
    heading = scenario.heading + Message(": ", "：") + _call(district)
    counts = scenario.communities.count_by_district
    own = {name: count for name, count in counts.items() if name == district.name}
    asked = scenario.model_copy(
        update={
            "name": f"{scenario.name[: 79 - len(str(number))]}_{number}",
            "title": Text(zh=heading.zh[:_LONGEST_TITLE], en=heading.en[:_LONGEST_TITLE]),
            "data": data,
            "levels": levels,
            "communities": scenario.communities.model_copy(update={"count_by_district": own}),
            "sweep": None,
        }
    )
    return Point(number, {_KEY: folder}, asked, folder)


def _check_ours(scenario: Scenario, out: Path, overwrite: bool) -> None:
    """Refuse a folder with something of somebody else under our names, the sources, or answers to another question."""
    ours = (DATA, FILE, QUESTION)
    theirs = [name for name in ours if (out / name).exists() and not (out / MARK).is_file()]
    theirs += [str(one.path) for _, one in list_sources(scenario) if resolve_links(one.path).is_relative_to(out)]
    if theirs:
        named = list_of(theirs)
        raise OutputError(
            Message(
                f"{out} holds {named.en}, which this command would replace; give another --out.",
                f"{out} 中有 {named.zh}，会被此命令覆盖；请用 --out 指定其他文件夹。",
            )
        )
    asked, is_there = out / QUESTION, (out / POINTS).exists() and (out / QUESTION).exists()
    if is_there and not overwrite and asked.read_text(encoding="utf-8") != dump_scenario(scenario):
        raise OutputError(
            Message(
                f"{out} holds results of another scenario; give another --out, or --overwrite to replace them.",
                f"{out} 中有其他方案的成果；请用 --out 指定其他文件夹，或用 --overwrite 覆盖。",
            )
        )


def _put_in_place(aside: Path, out: Path, overwrite: bool) -> None:
    """Put the files of the districts where they belong, unless that would take the data away from results."""
    place = out / DATA
    before, after = _digest(place), _digest(aside)
    changed = {Path(name).parent.name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    if (lost := sorted(name for name in changed if (out / POINTS / name).exists())) and not overwrite:
        named = name_some(lost)
        raise OutputError(
            Message(
                f"{out / POINTS} holds results of other data for {named.en}; give another --out, or --overwrite to "
                "replace them.",
                f"{out / POINTS} 中 {named.zh} 的成果所用数据已变；请用 --out 指定其他文件夹，或用 --overwrite 覆盖。",
            )
        )
    (out / MARK).touch()
    for name in (QUESTION, FILE):
        (aside / name).replace(out / name)
    if not changed:
        shutil.rmtree(aside)
        return
    if place.exists():
        shutil.rmtree(place)
    aside.rename(place)


def _digest(folder: Path) -> dict[str, str]:
    files = sorted(folder.glob("*/*.gpkg"))
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


# --- one district after another ---------------------------------------------------------------------------


def _solve(
    layout: Layout,
    out: Path,
    shown: Districts,
    refused: dict[int, tuple[Message, ...]],
    workers: int,
    tell: OnProgress,
) -> Points:
    """Solve every district that is not solved yet, the largest first; those that cannot be read are refused."""
    record, earlier = layout.record, layout.record.sessions
    questions = {entry.question: entry.point for entry in record.entries}
    for question, number in questions.items():
        if number in refused:
            record = enter(record, question, "", (State.REFUSED, refused[number]))
    open_ones = [(question, point) for question, point in list_open(layout) if point.number not in refused]
    asked = sorted(open_ones, key=lambda one: -shown.n_blocks[one[1].number - 1])
    n_known = len(questions) - len(asked)
    n_kept = sum(count_kept(out, layout.folder_of[question]) for question, _ in asked)
    read_plan = cache(read_planned)

    def at(n: int) -> Record:
        session = Session(read=n, solved=n, solved_reused=n_known, search_tasks_reused=n_kept)
        return replace(record, sessions=(*earlier, session))

    write_points(out, at(0), read_plan, shown)
    stop = Stop(math.inf)
    heed = _Heed(tell, n_known, len(questions), [shown.n_blocks[point.number - 1] for _, point in asked])
    written = time.monotonic()
    with interruptible(stop):
        tasks = [(question, point, out / POINTS / layout.folder_of[question]) for question, point in asked]
        heed(0)
        n = 0
        try:
            for question, outcome in solve_apart(tasks, workers, stop):
                n += outcome[0] is not State.OPEN
                record = enter(record, question, layout.folder_of[question], outcome)
                keep_record(out, at(n))
                heed(n)
                if time.monotonic() - written > _WRITE_S:
                    with suppress(OutputError):  # a table open in a spreadsheet; the last one counts
                        write_points(out, at(n), read_plan, shown)
                    written = time.monotonic()
        finally:  # also where a second Ctrl-C ends it: table and record say the same
            found = write_points(out, at(n), read_plan, shown)
    return found


class _Heed:
    """Tells how many districts are done, and the time left by the blocks that are."""

    def __init__(self, tell: OnProgress, n_known: int, n: int, sizes: Sequence[int]) -> None:
        self._tell, self._known, self._n, self._sizes = tell, n_known, n, sizes
        self._began = time.monotonic()

    def __call__(self, n_done: int) -> None:
        total, done = sum(self._sizes), sum(self._sizes[:n_done])
        left_s = (time.monotonic() - self._began) * (total - done) / done if done else 0.0
        minutes = math.ceil(left_s / 60)
        left = Message(f", about {minutes} min left", f"，约剩 {minutes} 分钟") if minutes else NOTHING
        n = self._known + n_done
        phase = Message(f"{n} of {self._n} districts done", f"已完成 {n}/{self._n} 个区县") + left
        share = done / total if total else 1.0
        self._tell(Progress(phase, _SPLIT_SHARE + (1 - _SPLIT_SHARE) * share))
