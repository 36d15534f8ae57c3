"""The yardstick for others: every instance as one file of plain JSON, with what is known of it and a referee.

An exported folder holds README.md (the formats, with an example), `instances/NAME.json`, and `referee/`, which judges
the answers put into `answers/` with nothing but Python. Same cases, same bytes.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from redistrict.bench.instances import Instance, build_instance, say_missing
from redistrict.bench.referee.contest import INSTANCES, name_faults
from redistrict.bench.referee.reading import INSTANCE_FORMAT, Answer, Refused, as_instance, read_answer, read_instance
from redistrict.bench.referee.rules import BY_EDGES, Verdict, check_instance, edge_bound, judge_answer
from redistrict.bench.run import Tell, choose_cases
from redistrict.errors import DataError, OutputError
from redistrict.messages import Message, list_of
from redistrict.model.areas import NO_BOUND, Area
from redistrict.model.problem import Problem
from redistrict.report.delivery import delivered_whole
from redistrict.report.offline import read_own

PLANS = "plans"
"""Folder beside the cases: for each the answer that is the best plan kept."""
_README = "exported.md"
_REFEREE = "referee"
_BY_PROOF = "published"


@dataclass(frozen=True)
class Exported:
    """What the list of instances tells of one."""

    name: str
    n_blocks: int
    n_edges: int
    n_areas: int
    communities: str
    best_known: int | None
    bound: int
    has_plan: bool


def export_instances(folder: Path, names: Sequence[str], out: Path, tell: Tell) -> list[Exported]:
    """Write cases of a folder, all of them where none is named, as instances that any program can read.

    Cases whose data are absent, or that ask what the format has no words for, are told and left out.

    Raises
    ------
    ScenarioError
        If a case is unknown, or a case file is wrong.
    DataError
        If no case is left.
    OutputError
        If `out` holds something, or cannot be written.
    """
    cases = choose_cases(folder, names)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(Message(f"{out} is not empty; give a new folder.", f"{out} 不是空文件夹；请指定新的文件夹。"))
    listed: list[Exported] = []
    with delivered_whole(out, overwrite=True) as aside:
        (aside / INSTANCES).mkdir()
        for name, case in cases.items():
            absent = say_missing(name, case)
            if absent:
                tell(absent)
                continue
            instance = build_instance(name, case)
            beyond = _find_beyond(instance.problem)
            if beyond:
                what = list_of(beyond)
                tell(Message(f"{name}: left out, the format has no {what.en}.", f"{name}：略过，格式不含 {what.zh}。"))
                continue
            listed.append(_export(instance, folder / PLANS / f"{name}.json", aside / INSTANCES, tell))
        if not listed:
            raise DataError(Message("No case is left to be written.", "没有可导出的案例。"))
        _write_beside(aside, listed)
    return listed


def _export(instance: Instance, kept: Path, folder: Path, tell: Tell) -> Exported:
    """Write an instance, and have the referee read it, its plan and its bounds."""
    path = folder / f"{instance.name}.json"
    tree = describe(instance)
    bare = as_instance(tree)
    tree["bounds"].insert(0, {"cost": edge_bound(bare), "by": BY_EDGES})
    answer = _find_plan(instance, kept)
    if answer is not None:
        _put_plan(tree, answer, judge_answer(bare, answer), tell)
    _write_tree(path, tree)
    wrong = tuple(check_instance(read_instance(path)))
    assert not wrong, f"{instance.name}: {wrong}"
    return Exported(
        instance.name,
        len(bare.blocks),
        len(bare.edges),
        len(bare.areas),
        _say_range(instance.problem.areas),
        tree["best_known"]["cost"],
        max(bound["cost"] for bound in tree["bounds"]),
        tree["plan"] is not None,
    )


def _put_plan(tree: dict[str, Any], answer: Answer, verdict: Verdict, tell: Tell) -> None:
    """Put the plan kept into an instance, if it is valid; cheaper than the best known it becomes that."""
    if verdict.cost is None:
        name, why = answer.instance, name_faults(verdict.faults)
        tell(Message(f"{name}: its plan is left out: {why.en}.", f"{name}：所存方案略过：{why.zh}。"))
        return
    best = tree["best_known"]["cost"]
    tree["best_known"]["cost"] = verdict.cost if best is None else min(best, verdict.cost)
    tree["plan"] = {"cost": verdict.cost, "by": answer.contestant, "communities": list(answer.plan)}


def _say_range(areas: Sequence[Area]) -> str:
    least, most = sum(area.n_min for area in areas), sum(area.n_max for area in areas)
    return f"{least}" if least == most else f"{least}-{most}"


def describe(instance: Instance) -> dict[str, Any]:
    """Give an instance in the words of the format; its plan and the bound by edges are put in later."""
    problem = instance.problem
    costs = (problem.crossing_cost, problem.boundary_cost)
    apart = np.vstack([problem.apart, problem.far])
    unit = "cut edge" if instance.kind == "cut_edges" else f"1/{problem.per_metre} weighted metre"
    proved = [] if instance.proved is None else [{"cost": instance.proved, "by": _BY_PROOF, "source": instance.origin}]
    return {
        "format": INSTANCE_FORMAT,
        "name": instance.name,
        "origin": instance.origin or None,
        "licence": instance.licence or None,
        "unit": unit,
        "best_known": {"cost": instance.best_known},
        "bounds": proved,
        "quantities": list(problem.quantities),
        "deviation": problem.deviation_rate.tolist(),
        "areas": [_describe_area(area) for area in problem.areas],
        "blocks": problem.size.tolist(),
        "edges": np.column_stack([problem.edges, *costs]).tolist(),
        "apart": apart[np.lexsort((apart[:, 1], apart[:, 0]))].tolist(),
        "middles": None if instance.xy is None else np.round(instance.xy, 2).tolist(),
        "plan": None,
    }


def _describe_area(area: Area) -> dict[str, Any]:
    return {
        "name": " ".join(dict.fromkeys(part for part in (area.district, area.unit, area.name) if part)),
        "options": [
            {
                "communities": option.n_communities,
                "target": list(option.target),
                "lower": list(option.lower),
                "upper": [None if most >= NO_BOUND else most for most in option.upper],
            }
            for option in area.options
        ],
        "blocks": list(area.blocks),
    }


def _find_beyond(problem: Problem) -> list[str]:
    """Name what a problem asks and the format has no words for."""
    asked = {
        "compactness": problem.compactness,
        "enclosure": problem.enclosure,
        "necks": problem.necks,
        "disruption": problem.stay,
        "idle_staff": problem.idle,
        "levels": problem.dear,
        "merge_only": problem.mergers,
        "pins": problem.demands,
        "exceptions: nearest": any(area.misfit for area in problem.areas),
    }
    return [name for name, part in asked.items() if part]


def _find_plan(instance: Instance, kept: Path) -> Answer | None:
    """Give the best plan kept: the published one, or that beside the cases."""
    if instance.plan:
        return Answer(instance.name, _BY_PROOF, None, instance.plan)
    if not kept.exists():
        return None
    try:
        return read_answer(kept, {instance.name})
    except Refused as error:
        raise DataError(Message(f"{kept.name}: {error.said.en}", f"{kept.name}：{error.said.zh}")) from None


def _write_beside(folder: Path, listed: Sequence[Exported]) -> None:
    """Write the README and the referee."""
    page = read_own(__package__, _README).replace("{{instances}}", "\n".join(_list_rows(listed)))
    (folder / "README.md").write_text(page, encoding="utf-8", newline="\n")
    (folder / _REFEREE).mkdir()
    for part in sorted(resources.files(f"{__package__}.{_REFEREE}").iterdir(), key=lambda part: part.name):
        if part.name.endswith(".py"):
            text = part.read_text(encoding="utf-8")
            (folder / _REFEREE / part.name).write_text(text, encoding="utf-8", newline="\n")


def _list_rows(listed: Sequence[Exported]) -> Iterator[str]:
    for one in listed:
        best = "" if one.best_known is None else f"{one.best_known:,}"
        plan = "yes 有" if one.has_plan else "no 无"
        yield (
            f"| {one.name} | {one.n_blocks:,} | {one.n_edges:,} | {one.n_areas} | {one.communities} "
            f"| {best} | {one.bound:,} | {plan} |"
        )


def _write_tree(path: Path, tree: dict[str, Any]) -> None:
    """Write JSON with each block, edge and area on a line of its own."""
    lines = ",\n".join(f"{_dump(key)}: {_lay_out(value)}" for key, value in tree.items())
    path.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8", newline="\n")


def _lay_out(value: object) -> str:
    if isinstance(value, list) and value and isinstance(value[0], list | dict):
        return "[\n" + ",\n".join(map(_dump, value)) + "\n]"
    return _dump(value)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
