"""`exceptions: nearest` from check to verify: the whole city is delivered, with its one impossible place named."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import redistrict.jobs.run
from redistrict.errors import InfeasibleScenarioError
from redistrict.jobs.check import check
from redistrict.jobs.run import run
from redistrict.jobs.verify import verify
from redistrict.report.manifest import write_manifest
from redistrict.report.summary import Report
from redistrict.scenario import Scenario, dump_scenario, load_scenario
from redistrict.scenario.models import Communities, Sizes
from tests.judge.towns import cells, make_town

RULES = Communities(target=Sizes(households=20), exceptions="nearest")
PLACE = "20, 30"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """Eight blocks of 5 households make two communities; behind block 20 lies 30, alone too small, with 20 too large.

    ::

        5 5 5 5
        5 5 5 5
        12
        13
    """
    picture = cells("xxxx xxxx x... x...")
    households = dict.fromkeys(picture, 5) | {"20": 12, "30": 13}
    folder = tmp_path_factory.mktemp("town")
    return make_town(folder, picture, households=households, district="东", communities=RULES).scenario


@pytest.fixture(scope="module")
def delivered(town: Scenario, tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    """Give what a run says and leaves."""
    out = tmp_path_factory.mktemp("results") / "town"
    return run(town, out=out), out


def with_rules(town: Scenario, **changes: Any) -> Scenario:
    """Give the scenario with other rules for communities."""
    return town.model_copy(update={"communities": town.communities.model_copy(update=changes)})


def test_the_whole_city_is_delivered_with_its_exception_named(delivered: tuple[Report, Path]) -> None:
    """The place that cannot meet the bounds is outside them by 3 households, everything else inside; all say so."""
    report, out = delivered
    outside = [row for row in report.communities if row.exception]
    assert [(row.households, row.n_blocks) for row in outside] == [(25, 2)]
    assert sorted(row.households or 0 for row in report.communities) == [20, 20, 25]
    said = " ".join(message.en for message in report.messages())
    assert "Warning: 1 of 3 communities are exceptions from the bounds" in said
    assert f"({PLACE}) lies outside the bounds: 25 households, 3 too many (18-22 allowed)" in said
    assert "proved: no plan has fewer" in said
    written = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert [row["id"] for row in written["communities"] if row["exception"]] == [outside[0].id]
    assert PLACE in written["exceptions"][0]["en"]
    assert any("only block 20 joins to the rest" in note["en"] for note in written["notes"])
    assert "3 too many" in (out / "map.html").read_text(encoding="utf-8")


def test_the_judge_accepts_exactly_the_named_exception(delivered: tuple[Report, Path]) -> None:
    """Verify says which community lies outside the bounds."""
    report, out = delivered
    verdict = verify(out)
    assert verdict.ok
    assert verdict.exceptions == tuple(row.id for row in report.communities if row.exception)


def test_an_exception_that_is_not_named_is_refused(delivered: tuple[Report, Path], tmp_path: Path) -> None:
    """Without its name in the report a community outside the bounds breaks them."""
    out = changed(delivered[1], tmp_path, lambda row: row | {"exception": None})
    verdict = verify(out)
    assert [v.rule for v in verdict.violations] == ["households"]
    assert verdict.exceptions == ()


def test_a_community_inside_the_bounds_is_no_exception(delivered: tuple[Report, Path], tmp_path: Path) -> None:
    """A report that names communities inside the bounds is refused."""
    out = changed(delivered[1], tmp_path, lambda row: row | {"exception": {"en": "why", "zh": "因"}})
    assert [v.rule for v in verify(out).violations] == ["report", "report"]


@pytest.mark.parametrize("exceptions", ["refuse", "widen"])
def test_a_scenario_that_frees_nothing_refuses_the_plan(
    town: Scenario, delivered: tuple[Report, Path], exceptions: str
) -> None:
    """What the report names is no excuse under another scenario."""
    verdict = verify(delivered[1], scenario=with_rules(town, exceptions=exceptions))
    assert [v.rule for v in verdict.violations] == ["households", "scenario"]


def changed(result: Path, folder: Path, change: Any) -> Path:
    """Copy a result with every community in its report changed."""
    out = folder / "town"
    shutil.copytree(result, out)
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    report["communities"] = [change(row) for row in report["communities"]]
    (out / "report.json").write_text(json.dumps(report), encoding="utf-8")
    write_manifest(out, load_scenario(out / "scenario.yaml"))
    return out


def test_check_says_beforehand_what_will_be_freed(town: Scenario) -> None:
    """With `nearest` the place is a warning; with `refuse` it is in the way."""
    report = check(town)
    assert report.ok
    said = [note.en for note in report.notes]
    assert any("frees from the bounds what is named here" in note for note in said)
    assert any("only block 20 joins to the rest" in note for note in said)
    refused = check(with_rules(town, exceptions="refuse"))
    assert any("only block 20 joins to the rest" in problem.en for problem in refused.problems)
    assert not refused.ok


def test_refuse_refuses_before_any_search(town: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `refuse` a proof ends the run before the search begins."""

    def search(*_: object, **__: object) -> None:
        raise AssertionError("a search was begun")

    monkeypatch.setattr(redistrict.jobs.run, "solve", search)
    with pytest.raises(InfeasibleScenarioError, match="only block 20 joins to the rest"):
        run(with_rules(town, exceptions="refuse"), out=tmp_path / "out")


def test_totals_that_leave_no_room_free_one_community(town: Scenario, tmp_path: Path) -> None:
    """65 households in two communities of 18 to 22 are delivered as one inside the bounds and one outside."""
    question = with_rules(town, count=2)
    report = run(question, out=tmp_path / "out")
    assert sum(row.exception is not None for row in report.communities) == 1
    assert sorted(row.households or 0 for row in report.communities) == [20, 45]
    assert any("2 communities" in note.en and "44" in note.en for note in report.notes)
    assert check(question).ok


@pytest.mark.slow(covers=["redistrict/solver/search/nearest.py"])
def test_the_widest_extent_is_kept_where_bounds_are_freed(tmp_path: Path) -> None:
    """Only a community 200 m wide would have 5 + 2 + 3 of 9 to 11; at most 150 m, two are freed by 2 each.

    ::

        5 2 3 10
    """
    picture = cells("xxxx")
    households = dict(zip(picture, (5, 2, 3, 10), strict=True))
    rules = Communities(target=Sizes(households=10), exceptions="nearest", max_extent_m=150.0)
    town = make_town(tmp_path, picture, households=households, district="东", communities=rules).scenario
    wide = run(with_rules(town, max_extent_m=None), out=tmp_path / "wide")
    assert sorted((row.households, row.exception is None) for row in wide.communities) == [(10, True), (10, True)]
    report = run(town, out=tmp_path / "out")
    assert sorted((row.households, row.n_blocks) for row in report.communities) == [(7, 2), (13, 2)]
    assert all("proved: no plan has fewer" in row.exception.en for row in report.communities if row.exception)
    verdict = verify(tmp_path / "out")
    assert verdict.ok
    assert len(verdict.exceptions) == 2
    refused = verify(tmp_path / "wide", scenario=town)
    assert {v.rule for v in refused.violations} == {"extent", "scenario"}


def test_a_limit_that_is_never_freed_is_named_alone(tmp_path: Path) -> None:
    """Four blocks in a row cannot be one community of 150 m, and bounds, which are freed, are not blamed."""
    rules = Communities(target=Sizes(households=99), count=1, exceptions="nearest", max_extent_m=150.0)
    town = make_town(tmp_path, cells("xxxx"), households=5, district="东", communities=rules).scenario
    with pytest.raises(InfeasibleScenarioError, match="no 1 connected community can keep to") as error:
        run(town, out=tmp_path / "out")
    assert "bounds" not in str(error.value)
    assert "tolerance" not in str(error.value)


@pytest.mark.slow(covers=["redistrict/solver/search/nearest.py", "redistrict/solver/strategy.py"])
def test_neither_hashes_nor_workers_change_a_byte_of_the_nearest_plan(tmp_path: Path) -> None:
    """With any hash seed and number of threads every table and the map are the same, exceptions and all.

    Eight rows of eight blocks, and behind them a pocket too small alone and with its gate too large.
    """
    picture = cells(" ".join(["xxxxxxxx"] * 8 + ["x.......", "x......."]))
    households = dict.fromkeys(picture, 5) | {"80": 12, "90": 13}
    rules = Communities(target=Sizes(households=20), count=17, exceptions="nearest", max_extent_m=450.0)
    scenario = make_town(tmp_path, picture, households=households, district="东", communities=rules).scenario
    file = tmp_path / "town.yaml"
    file.write_text(dump_scenario(scenario), encoding="utf-8")
    for hash_seed, workers in ((0, 1), (1, 2), (2, 3)):
        out, threads = str(tmp_path / str(hash_seed)), f"solve.workers={workers}"
        command = f"run {file} --out {out} --set {threads} --set solve.effort=0.05".split()
        env = os.environ | {"PYTHONHASHSEED": str(hash_seed)}
        subprocess.run([sys.executable, "-m", "redistrict", *command], check=True, env=env, capture_output=True)
    report = json.loads((tmp_path / "0" / "report.json").read_text(encoding="utf-8"))
    assert report["exceptions"]
    for name in ("plan.csv", "staffing.csv", "map.html"):
        assert len({(tmp_path / str(n) / name).read_bytes() for n in range(3)}) == 1, name
