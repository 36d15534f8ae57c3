"""The alternatives, whole: a town is planned twice over, each plan a result of its own."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from redistrict.jobs.alternatives import Wish, make_alternatives
from redistrict.jobs.verify import verify
from redistrict.scenario import load_scenario
from redistrict.solver.exact.match_plans import match_plans
from redistrict.solver.tasks.progress import Progress
from tests.sample_city import SCENARIOS

from .small_town import make_blocks, tell, write_scenario

WISH = Wish(count=2, apart=0.2, dearer=1.0)


class _PowerCutError(Exception):
    """What stops a run at some place."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Plan the small town, be cut off when all is found, and plan it again: the second goes on from the first."""
    folder = tmp_path_factory.mktemp("town")
    make_blocks().to_file(folder / "b.gpkg")
    path = write_scenario(folder, {"name: name": "name: name, community: dist", "effort": "method: search, effort"})
    phases: list[str] = []

    def cut_off(progress: Progress) -> None:
        if progress.phase.en.startswith("Writing"):
            raise _PowerCutError

    with pytest.raises(_PowerCutError):
        make_alternatives(load_scenario(path), WISH, out=folder / "out", on_progress=cut_off)
    assert not (folder / "out").exists()
    make_alternatives(
        load_scenario(path), WISH, out=folder / "out", on_progress=lambda one: phases.append(one.phase.en)
    )
    assert "Going on from what an unfinished run has found" in phases
    assert not list(folder.glob(".*"))
    return folder


def _read_plan(folder: Path) -> pd.Series:
    return pd.read_csv(folder / "plan.csv", dtype=str, encoding="utf-8-sig").set_index("block_id")["community_id"]


def test_each_plan_is_a_result_and_far_enough_from_the_other(town: Path) -> None:
    """Two folders that the judge accepts, whose plans and costs are those that the table tells of."""
    out = town / "out"
    assert sorted(path.name for path in out.iterdir()) == [
        "1",
        "2",
        "alternatives.csv",
        "alternatives.html",
        "manifest.json",
    ]
    assert verify(out / "2").ok
    plans = [_read_plan(out / name) for name in ("1", "2")]
    labels = [pd.factorize(plan.loc[plans[0].index])[0].astype("int32") for plan in plans]
    people = pd.Series(300, index=plans[0].index).to_numpy()
    changed = match_plans(labels[0], labels[1], people).n_changed
    rows = pd.read_csv(out / "alternatives.csv", encoding="utf-8-sig")
    assert changed >= 0.2 * people.sum()
    assert rows["changed"].tolist() == [0, changed]
    reports = [json.loads((out / name / "report.json").read_text(encoding="utf-8")) for name in ("1", "2")]
    assert rows["cost"].tolist() == [report["cost"] for report in reports]
    assert rows["moved_share"].tolist() == [report["standards"]["lineage"]["moved_share"] for report in reports]
    assert reports[1]["cost"] <= 2 * reports[0]["cost"]
    assert reports[1]["bound"] == reports[0]["bound"]
    assert all(report["verification"]["ok"] for report in reports)


def test_the_command_tells_what_it_would_do_and_what_is_in_the_way(town: Path) -> None:
    """A dry run writes nothing, results are not replaced without leave, and the limits of options are kept."""
    code, said = tell("alternatives", town / "s.yaml", "--out", town / "new", "--dry-run")
    assert (code, (town / "new").exists()) == (0, False)
    assert "Results would go to" in said
    code, said = tell("alternatives", town / "s.yaml", "--out", town / "out")
    assert code == 3
    assert "--overwrite" in said
    for option, value in (
        ("--count", 1),
        ("--apart", 1.5),
        ("--apart", "nan"),
        ("--dearer", "nan"),
        ("--dearer", "inf"),
    ):
        assert tell("alternatives", town / "s.yaml", option, value)[0] == 2


@pytest.mark.slow(covers=["redistrict/solver/alternatives.py", "redistrict/jobs/alternatives.py"])
def test_fewer_are_delivered_than_asked_for_where_there_are_no_more(town: Path) -> None:
    """Where nothing is far enough away, the best alone is delivered over the old results, and that is said.

    Of what was put into the folder of a plan that is no more, a signature goes with it, and a letter stays.
    """
    shutil.copytree(town / "out", town / "out2")
    for name in ("manifest.json.office.minisig", "letter.txt"):
        (town / "out2" / "2" / name).write_text("signed", encoding="utf-8")
    words = ("--apart", 0.9, "--count", 3, "--out", town / "out2", "--overwrite")
    code, said = tell("alternatives", town / "s.yaml", *words)
    assert code == 0
    assert "1 of 3 plans: no more were found" in said
    assert "no proof" in said
    assert [path.name for path in (town / "out2" / "2").iterdir()] == ["letter.txt"]
    assert (town / "out2" / "1" / "map.html").is_file()
    assert not (town / "out2" / "3").exists()


@pytest.mark.slow(covers=["redistrict/solver/alternatives.py", "redistrict/jobs/alternatives.py"])
def test_the_sample_city_has_five(tmp_path: Path) -> None:
    """Five plans of the sample city, any two a tenth of the residents apart, none 5 % dearer, all accepted."""
    overrides = ["solve.effort=0.1", "solve.time_limit_s=900"]
    scenario = load_scenario(SCENARIOS / "huangshi_redraw.yaml", overrides=overrides)
    found = make_alternatives(scenario, Wish(count=5, apart=0.1, dearer=0.05), out=tmp_path / "out")
    assert found.n_plans == 5
    apart = [share for n, row in enumerate(found.apart.tolist()) for share in row[:n]]
    assert min(apart) >= 0.1
    rows = pd.read_csv(tmp_path / "out" / "alternatives.csv", encoding="utf-8-sig")
    assert rows["dearer_share"].max() <= 0.05
    for n in (2, 5):
        assert verify(tmp_path / "out" / f"{n}").ok
