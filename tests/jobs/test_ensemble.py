"""Ensembles, whole: the plan and the ends of the chains are results of their own; nothing drawn is lost."""

from pathlib import Path

import pandas as pd
import pytest

from redistrict.errors import InterruptedSolveError, ScenarioError
from redistrict.jobs.ensemble import list_measures, make_ensemble
from redistrict.jobs.run import Question
from redistrict.jobs.verify import verify
from redistrict.scenario import load_scenario
from tests.sample_city import SCENARIOS

from .small_town import make_blocks, tell, write_scenario

_ROOMY = {
    "name: name": "name: name, community: dist",
    "target: {households: 400, people: 1200}": "target: {households: 270, people: 810}\n  count: 6",
    "tolerance: {households: 0.3, people: 0.3}": "tolerance: {households: 0.6, people: 0.6}",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw plans of the small town."""
    folder = tmp_path_factory.mktemp("town")
    make_blocks().to_file(folder / "b.gpkg")
    path = write_scenario(folder, _ROOMY)
    code, said = tell("ensemble", path, "--plans", 1_000, "--chains", 2, "--out", folder / "out")
    assert code == 0, said
    assert "1,000 plans drawn at random by 2 chains" in said
    assert "Cost, weighted m" in said
    assert not list(folder.glob(".*"))
    return folder


def read(folder: Path, name: str) -> pd.DataFrame:
    """Read a table that was delivered."""
    return pd.read_csv(folder / "out" / name, encoding="utf-8-sig")


def test_the_plan_stands_where_the_plans_drawn_put_it(town: Path) -> None:
    """Shares and percentiles are those of the plans in the table; every delivered plan is accepted by the judge."""
    standings, plans = read(town, "ensemble.csv"), read(town, "plans.csv")
    assert sorted(path.name for path in (town / "out").iterdir()) == [
        "chain-1",
        "chain-2",
        "ensemble.csv",
        "ensemble.html",
        "manifest.json",
        "neighbours.csv",
        "plan",
        "plans.csv",
    ]
    assert len(plans) == 1_000
    assert plans.groupby("chain").size().tolist() == [500, 500]
    assert standings["is_enough"].all()
    for row in standings.itertuples():
        values = plans[row.measure]
        better = values > row.plan if row.measure == "compactness" else values < row.plan
        assert row.share_better == better.mean()
        assert row.median == pytest.approx(values.median())
    assert (plans["cost"] >= standings.set_index("measure").loc["cost", "plan"]).all(), "the plan of run is proved here"
    assert all(verify(town / "out" / name).ok for name in ("plan", "chain-1", "chain-2"))


def test_neighbours_are_told_both_ways(town: Path) -> None:
    """Each pair is there once, with shares that lie between those of the chains."""
    near = read(town, "neighbours.csv")
    assert not near.duplicated(["block", "neighbour"]).any()
    told = near["share_together"].notna()
    assert told.mean() > 0.9
    assert near[told]["share_together"].between(near[told]["least_of_chains"], near[told]["most_of_chains"]).all()
    assert set(near["together_in_plan"]) == {True, False}


@pytest.mark.slow(covers=["redistrict/solver/ensemble/", "redistrict/solver/tasks/", "redistrict/jobs/ensemble.py"])
def test_what_was_drawn_is_kept_and_gone_on_with(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is stopped nothing is delivered; the next run takes up what is kept and gives the same bytes."""
    from redistrict.solver.ensemble import sample
    from redistrict.solver.tasks.stop import Stop

    scenario = load_scenario(town / "s.yaml")
    drawn: list[int] = []
    give = sample.segment_task

    def give_few(*args: object) -> object:
        drawn.append(1)
        stop = args[5]
        assert isinstance(stop, Stop)
        if len(drawn) == 6:
            stop.interrupt()
        return give(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(sample, "segment_task", give_few)
    with pytest.raises(InterruptedSolveError, match="run again to go on"):
        make_ensemble(scenario, 1_000, 2, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert list(tmp_path.glob(".out.unfinished-*"))
    monkeypatch.undo()
    make_ensemble(scenario, 1_000, 2, out=tmp_path / "out")
    for name in ("plans.csv", "neighbours.csv", "ensemble.csv", "ensemble.html"):
        assert (tmp_path / "out" / name).read_bytes() == (town / "out" / name).read_bytes()
    assert not list(tmp_path.glob(".*"))


def test_what_cannot_be_drawn_is_refused_in_words(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder in the way stays; dry runs write nothing; mergers leave nothing to draw; a missing library is named."""
    make_blocks().to_file(tmp_path / "b.gpkg")
    path = write_scenario(tmp_path)
    code, said = tell("ensemble", path, "--out", tmp_path / "out", "--dry-run")
    assert (code, (tmp_path / "out").exists()) == (0, False)
    code, said = tell("ensemble", town / "s.yaml", "--out", town / "out", "--plans", 100)
    assert (code, "--overwrite" in said) == (3, True)
    mergers = load_scenario(SCENARIOS / "huangshi_merge_only.yaml")
    with pytest.raises(ScenarioError, match="an ensemble draws plans that redraw"):
        list_measures(Question(mergers, None, None, None, 0.0))  # type: ignore[arg-type]
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    code, said = tell("ensemble", path, "--out", tmp_path / "out")
    assert code == 1
    assert "redistrict[ensemble]" in said
