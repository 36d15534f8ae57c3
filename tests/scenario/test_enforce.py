"""Clauses made bounds of the search: what they narrow, and what is refused."""

from pathlib import Path

import pytest

from redistrict.scenario import Scenario, dump_scenario, load_scenario

from . import refusals
from .refusals import SMALLEST

HEAD = "key: own\ntitle: {zh: 字, en: w}\nsource: {document: {zh: 字, en: w}, place: 页, quote: 句}\nclauses:\n"
CLAUSES = {
    "size": "check: size_limits, households: {min: 2400}, people: {max: 8100}",
    "about": "check: target_size, households: 2500, tolerance: 0.02",
    "dwellings": "check: dwelling_limits, dwellings: {max: 2600}",
    "far": "check: size_limits, people: {min: 10000}",
    "roads": "check: road_inside, classes: [trunk, rail]",
    "few_roads": "check: road_inside, classes: [trunk], most_m: 9",
    "piece": "check: one_piece",
    "street": "check: one_unit",
    "rooms": "check: premises, minimum_m2: 300",
}


def write(folder: Path, enforced: str, more: str = "") -> Path:
    clauses = [f"  - {{key: {key}, text: {{zh: 字, en: w}}, cited: 句, {asked}}}\n" for key, asked in CLAUSES.items()]
    (folder / "own.yaml").write_text(HEAD + "".join(clauses), encoding="utf-8")
    path = folder / "s.yaml"
    standards = f"standards: {{rules: [own.yaml], enforce: [{enforced}]}}\n"
    path.write_text(SMALLEST + standards + more, encoding="utf-8")
    return path


def limits(scenario: Scenario) -> dict[str, object]:
    return scenario.communities.limits.model_dump()


def test_size_clauses_narrow_the_limits(tmp_path: Path) -> None:
    """Several meet in what all of them allow, with the limits of the scenario; read again, nothing changes."""
    more = "communities: {limits: {households: {min: 2300, max: 2545}}}\n"
    scenario = load_scenario(write(tmp_path, "own.size, own.about, own.dwellings, own.piece", more))
    assert limits(scenario) == {"households": {"min": 2450, "max": 2545}, "people": {"min": None, "max": 8100}}
    (tmp_path / "again.yaml").write_text(dump_scenario(scenario), encoding="utf-8")
    assert load_scenario(tmp_path / "again.yaml") == scenario


def test_roads_of_a_clause_are_never_crossed(tmp_path: Path) -> None:
    """Its classes become `never`; what others cost stays."""
    scenario = load_scenario(write(tmp_path, "own.roads"))
    crossing = scenario.objective.crossing
    assert (crossing["trunk"], crossing["rail"], crossing["primary"]) == ("never", "never", 6.0)
    assert limits(scenario) == {"households": None, "people": None}


@pytest.mark.parametrize("clause", ["rooms", "few_roads", "street", "nothing"])
def test_what_no_search_can_keep_is_refused_with_what_can(tmp_path: Path, clause: str) -> None:
    """The list of those that can stands in the message, at the line."""
    path = write(tmp_path, f"own.{clause}")
    (problem,) = refusals.problems(lambda: load_scenario(path), tmp_path)
    assert problem.startswith("s.yaml:")
    assert (
        f"standards.enforce.0: 'own.{clause}' cannot be kept by the search; write one of: own.size, own.ab" in problem
    )


def test_a_unit_of_a_hard_level_is_kept(tmp_path: Path) -> None:
    """One street is a bound where the scenario has streets that no community crosses."""
    street = "levels: [{key: street, title: {zh: 街道, en: street}, column: s, keep: %s}]\n"
    assert load_scenario(write(tmp_path, "own.street", street % "hard")).standards.enforce == ("own.street",)
    assert "cannot be kept" in str(
        refusals.problems(lambda: load_scenario(write(tmp_path, "own.street", street % "free")), tmp_path)
    )


def test_sizes_that_leave_nothing_are_told_before_anything_is_read(tmp_path: Path) -> None:
    """A clause beyond the target with its tolerance, or beyond another clause, is named with both ranges."""
    (problem,) = refusals.problems(lambda: load_scenario(write(tmp_path, "own.far")), tmp_path)
    assert "standards.enforce.0: it asks for at least 10,000 people, and the target" in problem
    assert "7,200 to 8,800" in problem
    means = "communities: {around: means}\n"
    (problem,) = refusals.problems(lambda: load_scenario(write(tmp_path, "own.size, own.far", means)), tmp_path)
    assert "standards.enforce.1: it asks for at least 10,000 people" in problem
    assert "at most 8,100" in problem
    keep = "communities: {change: merge_only}\n"
    today = ["data.blocks.columns.community=c"]
    path = write(tmp_path, "own.size", keep)
    (problem,) = refusals.problems(lambda: load_scenario(path, overrides=today), tmp_path)
    assert "communities are redrawn only" in problem
