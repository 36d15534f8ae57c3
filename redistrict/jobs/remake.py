"""Remake: a finished result written again from its plan and the original data, and compared file by file.

The judge counts by means of its own, but not everything; what it does not count is made again by the code that made
it. So nothing in a folder goes unnoticed that the plan and the data decide. Nothing is searched or proved again: what
the report says of that is taken over, and `judge.claims` says so.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from redistrict.jobs.deliverable import Deliverable, describe, write_deliverable
from redistrict.jobs.inputs import Inputs, read_inputs
from redistrict.judge.inventory import show
from redistrict.judge.likeness import NO_FILE, Difference, Likeness, compare_folders
from redistrict.judge.manifest import find_others, judge_listed
from redistrict.judge.reading import read_result_table
from redistrict.judge.told import read_json, rows
from redistrict.judge.verification import MOST_NAMED, Verification, Violation, name_first
from redistrict.messages import Message, list_of, name_some
from redistrict.model.before import number_plan, with_pins
from redistrict.model.exceptions import list_exceptions
from redistrict.model.measures import community_areas, plan_cost_parts
from redistrict.model.necessity import Necessity
from redistrict.model.plan import Plan, canonical_plan
from redistrict.model.problem import Problem
from redistrict.model.result import AreaResult, LocalOptimality, Result, SolveStatus, StoppedBy
from redistrict.report.failure import foresee
from redistrict.report.healing import FOLDER, MINUTES
from redistrict.report.pictures.diagnosis import choose_lettering
from redistrict.report.provenance import collect_provenance
from redistrict.report.summary import MEASURED
from redistrict.report.tables.files import write_report
from redistrict.scenario import Scenario, dump_scenario
from redistrict.scenario.pins import Pin, load_pins

NOT_MADE = ("manifest.json", "pictures/search.png", "pictures/search.svg", f"{FOLDER}/{MINUTES}")
"""Files of a run that are not made again."""
_COMMON = ("redistrict", "ortools", "geos", "shapely", "pyproj")
"""Programs that every file may depend on: positions, borders, and who goes where among equals."""
_PLAIN = (".yaml", ".py")
"""Files that no other program has to do with."""
_ON_MACHINE = (".png", ".svg", ".shp", ".shx")
"""Files that may depend on the machine, as shapes of layers do: tables and texts agree but for last digits."""
_BY_SUFFIX = {
    **dict.fromkeys((".png", ".svg"), ("matplotlib", "font", "python")),
    **dict.fromkeys((".gpkg", ".geojson", ".shp", ".shx", ".dbf", ".prj", ".cpg"), ("gdal", "pyogrio", "geopandas")),
    ".xlsx": ("xlsxwriter", "python"),
    ".html": ("folium", "pypinyin"),
}


_ASKED = ("data", "levels", "standards", "grids")
"""Sections taken from the approved scenario: they name files, which may lie elsewhere than at the run."""
_TAKEN_OVER = ("status", "stopped_by", "bound", "local_optimality", "exceptions", "provenance")
_WITH = ("redistrict", "python", "machine", "geos", "gdal", "packages", "font")
"""Keys of the provenance that tell with what a result was made."""


@dataclass(frozen=True)
class Claims:
    """A plan, and what a result says that only its search knows.

    Attributes
    ----------
    plan : tuple of (str, str)
        Block and community, in the order of plan.csv.
    text : str
        What is taken over of `report.json`, as JSON.
    before : tuple of (str, str, str), or None
        Block, key and name of its community in the plan that this one was healed from.
    pins : tuple of Pin
        What was asked then.
    proved : str
        What was proved then, as JSON.
    grids : tuple of (str, str), or None
        Block and grid, where the plan has grids.
    scenario : str
        Its scenario as the run wrote it, with the data where they were then; empty: as it would be written now.
    """

    plan: tuple[tuple[str, str], ...]
    text: str
    before: tuple[tuple[str, str, str], ...] | None = None
    pins: tuple[Pin, ...] = ()
    proved: str = "[]"
    grids: tuple[tuple[str, str], ...] | None = None
    scenario: str = ""


def vouch(
    own: Scenario, asked: Scenario, folder: Path, judged: Verification, text: str
) -> tuple[Verification, Deliverable]:
    """Make a result again, and name every file that says something else; give what was made as well.

    Parameters
    ----------
    own : Scenario
        That of the folder.
    asked : Scenario
        The approved one; the same but for how to search and write, and where the data lie.
    folder : Path
        A result whose plan and report the judge has passed.
    judged : Verification
        What the judge says of its files, as the report should.
    text : str
        The scenario of the folder as a run writes it, with the data where they were then.

    Raises
    ------
    DataError
        If the data cannot be read.
    """
    claims = replace(read_claims(folder), scenario=text)
    with TemporaryDirectory() as scratch:
        place = Path(scratch)
        made = remake(own, asked, claims, judged, place)
        names = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
        passed_over = {*NOT_MADE, *find_others(folder, names)}
        likeness = compare_folders(folder, place, passed_over=passed_over)
        found = weigh(likeness, list_other_makers(own, json.loads(claims.text)))
        return found + judge_listed(folder, names), made


def read_claims(folder: Path) -> Claims:
    """Read the claims of a folder whose plan and report the judge has passed."""
    plan = tuple((block, key) for block, key, _ in read_plan(folder / "plan.csv"))
    report = read_json(folder / "report.json")
    text = json.dumps({key: report[key] for key in _TAKEN_OVER})
    grids = read_grids(folder / "grids.csv")
    if not (folder / FOLDER).exists():
        return Claims(plan, text, grids=grids)
    place = folder / FOLDER
    proved = json.dumps(rows(read_json(place / "heal.json"), "proved"))
    return Claims(plan, text, read_plan(place / "plan_before.csv"), load_pins(place / "pins.yaml"), proved, grids)


def read_plan(path: Path) -> tuple[tuple[str, str, str], ...]:
    """Read block, key and name of its community from a `plan.csv`."""
    table = read_result_table(path)
    return tuple(zip(*(table[name] for name in ("block_id", "community_id", "community_name")), strict=True))


def read_grids(path: Path) -> tuple[tuple[str, str], ...] | None:
    """Read block and grid from a `grids.csv`; none where there is no such file."""
    if not path.is_file():
        return None
    table = read_result_table(path)
    return tuple(zip(table["block_id"], table["grid"], strict=True))


def remake(own: Scenario, asked: Scenario, claims: Claims, judged: Verification, folder: Path) -> Deliverable:
    """Write into an empty folder all that a run would have written of this plan, but for the search and the manifest.

    Returns
    -------
    Deliverable
        What was written.

    Raises
    ------
    DataError
        If the data cannot be read.
    """
    claimed = json.loads(claims.text)
    scenario = own.model_copy(update={key: getattr(asked, key) for key in _ASKED})
    inputs = read_inputs(scenario)
    made = describe_again(scenario, inputs, inputs.problem(scenario), claims)
    text = claims.scenario or dump_scenario(own)
    digest = {"scenario_sha256": hashlib.sha256(text.encode("utf-8")).hexdigest()}
    report = replace(made.report, provenance=made.report.provenance | digest)
    write_deliverable(folder, replace(made, report=report), trace=())
    if claims.before is not None:
        from redistrict.jobs.rehealed import write_again  # and with it the solver

        write_again(folder, made, number_plan(claims.before, inputs.blocks.ids), claims.pins, claims.proved)
    (folder / "scenario.yaml").write_text(text, encoding="utf-8", newline="\n")
    provenance = report.provenance | {
        key: _take_over(claimed["provenance"].get(key), report.provenance[key]) for key in _WITH
    }
    write_report(folder / "report.json", replace(report, provenance=provenance, verification=judged))
    return made


def _take_over(told: Any, here: Any) -> Any:
    """Take what is told of programs, where it is texts, of just those that a run tells of."""
    if isinstance(here, dict) and isinstance(told, dict):
        return {key: _take_over(told.get(key), value) for key, value in here.items()}
    return told if isinstance(told, str) and told.isprintable() else here


def describe_again(scenario: Scenario, inputs: Inputs, problem: Problem, claims: Claims) -> Deliverable:
    """Count and draw the plan of a result once more."""
    claimed = json.loads(claims.text)
    result = _as_result(inputs, problem, claims.plan, claimed)
    notes, told = foresee(inputs.blocks, problem).hopeless, claimed["provenance"]
    measured = {key: told[key] for key in MEASURED if key in told}
    before = None if claims.before is None else with_pins(number_plan(claims.before, inputs.blocks.ids), claims.pins)
    grid_of = None if claims.grids is None else dict(claims.grids)
    return describe(scenario, inputs, problem, result, measured=measured, notes=notes, before=before, grid_of=grid_of)


def _as_result(inputs: Inputs, problem: Problem, rows: tuple[tuple[str, str], ...], claimed: dict[str, Any]) -> Result:
    """Put a plan, with its cost counted anew, to what is claimed of the search."""
    community_of = dict(rows)
    number = {name: c for c, name in enumerate(sorted(set(community_of.values())))}
    plan = canonical_plan(np.array([number[community_of[key]] for key in inputs.blocks.ids], dtype=np.int32))
    said = {(one["en"], one["zh"]) for one in claimed["exceptions"]}
    bound = claimed["bound"]
    local = LocalOptimality(**claimed["local_optimality"])
    needed = find_necessity(problem, plan, inputs.blocks.ids, said)
    return Result(
        plan=plan,
        status=SolveStatus(claimed["status"]),
        stopped_by=StoppedBy(claimed["stopped_by"]),
        cost=plan_cost_parts(problem, plan).total,
        bound=None if bound is None else round(bound * problem.per_metre),
        areas=tuple(
            replace(nothing_known(one), local=local if n == 0 else LocalOptimality()) for n, one in enumerate(needed)
        ),
        runtime_s=claimed["provenance"]["timings_s"]["solve"],
        per_metre=problem.per_metre,
    )


def find_necessity(
    problem: Problem, plan: Plan, ids: Sequence[str], said: Collection[tuple[str, str]]
) -> list[Necessity | None]:
    """Find for each area what is said to be proved of its exceptions."""
    area_of = community_areas(problem, plan).tolist()
    chosen: list[Necessity | None] = [None] * len(problem.areas)
    for necessity in reversed(Necessity):
        messages = list_exceptions(problem, plan, [nothing_known(necessity)] * len(chosen), ids)
        told = [message is None or (message.en, message.zh) in said for message in messages]
        for area in set(area_of):
            if all(is_told for is_told, its in zip(told, area_of, strict=True) if its == area):
                chosen[area] = necessity
    return chosen


def nothing_known(necessity: Necessity | None) -> AreaResult:
    """Give an area of which nothing is known but what is proved of its exceptions."""
    return AreaResult(0, SolveStatus.FEASIBLE, StoppedBy.EFFORT, None, None, None, exceptions=necessity)


def list_other_makers(own: Scenario, report: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Give every program with the version a report says it was made with, and that here, where they differ."""
    here = collect_provenance(own, "") | {"font": choose_lettering(own.output.language)[0].font}
    told, ours = _flat_makers(report["provenance"]), _flat_makers(here)
    return {
        key: (told.get(key, "-"), ours.get(key, "-"))
        for key in sorted(told.keys() | ours.keys())
        if told.get(key) != ours.get(key)
    }


def _flat_makers(provenance: dict[str, Any]) -> dict[str, str]:
    packages = provenance.get("packages")
    single = {key: f"{provenance.get(key)}" for key in _WITH if key != "packages"}
    return single | ({key: f"{value}" for key, value in packages.items()} if isinstance(packages, dict) else {})


def weigh(likeness: Likeness, others: dict[str, tuple[str, str]]) -> Verification:
    """Tell what differs; where a file was made with other programs than are here, that proves nothing.

    A workbook or GeoPackage that says what it should may be packed otherwise, as by another library that no version
    tells of, but may hold nothing besides.

    Parameters
    ----------
    others : dict of str to (str, str)
        Programs of other versions: as the result tells, and here.
    """
    excused = [one for one in likeness.unread if one.is_plain]
    violations = [_as_violation(one) for one in likeness.unread if not one.is_plain]
    unsure = list[str]()
    for one in sorted(likeness.differences, key=lambda one: one.allowed == NO_FILE):  # many may hide no other
        if others.keys() & _list_needed(one):
            unsure.append(one.file)
        else:
            violations.append(_as_violation(one))
    said = (*_say_unsure(likeness.other_bytes, unsure, others), *(one.message for one in excused))
    return Verification(
        name_first(violations), not_checked=said, not_compared=(*unsure, *(one.file for one in excused))
    )


def _as_violation(one: Difference) -> Violation:
    return Violation("remade", None, (), one.found, one.allowed, one.message)


def _list_needed(one: Difference) -> set[str]:
    """Give the programs, of whichever another version may be why a file differs."""
    suffix = Path(one.file).suffix
    if suffix in _PLAIN:
        return {"redistrict"}
    machine = ("machine",) if one.only_shapes or suffix in _ON_MACHINE else ()
    return {*_COMMON, *_BY_SUFFIX.get(suffix, ()), *machine}


def _say_unsure(
    other_bytes: Sequence[str], unsure: Sequence[str], others: dict[str, tuple[str, str]]
) -> Iterator[Message]:
    if others:
        named = name_some([f"{key} {told} ({here})" for key, (told, here) in others.items()])
        yield Message(
            f"the programs the result says it was made with (here): {named.en}",
            f"成果所称的生成程序版本（括号内为本机版本）：{named.zh}",
        )
    if unsure:
        some = name_some([show(name) for name in unsure], limit=MOST_NAMED)
        yield Message(
            f"files that differ when made again, perhaps because of these other versions: {some.en}",
            f"重新生成后不一致、但可能因版本不同所致的文件：{some.zh}",
        )
    if other_bytes:
        some = list_of(other_bytes)
        yield Message(
            f"bytes that say nothing (the last digits of long numbers) in {some.en}",
            f"仅长小数末位不同的文件：{some.zh}",
        )
