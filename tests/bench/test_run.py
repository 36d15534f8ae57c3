"""The benchmark run, its cases and its record."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from redistrict.bench import run as runner
from redistrict.bench.instances import build_instance, list_cases, missing_files
from redistrict.bench.referee.reading import read_answer
from redistrict.bench.rivals import PEERS, Peer
from redistrict.bench.run import run_benchmarks
from redistrict.cli import app as cli
from redistrict.errors import ScenarioError
from redistrict.messages import Message
from redistrict.scenario.benchmark import read_case

CASES = Path(__file__).with_name("cases")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a tiny city and a published instance that is not there."""
    (tmp_path / "town.yaml").write_text("city: {blocks: 80, communities: 3, tolerance: 0.2}\neffort: 0.02\n")
    (tmp_path / "gone.yaml").write_text("cut_edges: {path: nowhere/gone.json}\n")
    return tmp_path


def test_every_case_can_be_read() -> None:
    """The cases of the project name things that exist, or data kept beside it."""
    cases = list_cases(CASES)
    assert {"huangshi", "cambridge", "burlington", "rockland", "city_1k", "city_140k", "cut_AL_county"} <= cases.keys()
    for name, case in cases.items():
        assert all("shared" in path.parts for path in missing_files(case)), name


@pytest.mark.shared
def test_published_instances_bring_their_best_known_value(shared_data: Path) -> None:
    """Maine's counties: 16 cut edges, and every edge costs 1."""
    instance = build_instance("me", read_case(CASES / "cut_ME_county.yaml"))
    assert (instance.best_known, instance.problem.n_blocks) == (16, 16)
    assert set(instance.problem.boundary_cost.tolist()) == {1}


@pytest.mark.slow(covers=["redistrict/bench/"])
def test_a_district_is_cut_out_of_its_city() -> None:
    """Only the blocks and areas of the district are left, numbered anew."""
    problem = build_instance("tieshan", read_case(CASES / "huangshi_tieshan.yaml")).problem
    assert {area.district for area in problem.areas} == {"铁山区"}
    assert sorted(i for area in problem.areas for i in area.blocks) == list(range(problem.n_blocks))
    assert problem.edges.max() < problem.n_blocks


def test_a_case_is_exactly_one_thing(tmp_path: Path) -> None:
    """Two things in one case, and unknown keys, are refused with their line."""
    path = tmp_path / "both.yaml"
    path.write_text("city: {blocks: 9, communities: 3, tolerance: 0.1}\ncut_edges: {path: a.json}\n")
    with pytest.raises(ScenarioError, match="exactly one of"):
        read_case(path)
    path.write_text("city: {block: 9, communities: 3, tolerance: 0.1}\n")
    with pytest.raises(ScenarioError, match=r"both\.yaml:1:"):
        read_case(path)


@pytest.mark.slow(covers=["redistrict/bench/", "tests/bench/"])
def test_a_run_leaves_a_record_and_names_what_it_skips(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results, table and pictures are written; absent data and peers are named, not errors."""
    absent = Peer("absent", "no_such_package_at_all", "nowhere", "nothing")
    monkeypatch.setattr(runner, "PEERS", (*PEERS, absent))
    told: list[Message] = []
    out = tmp_path / "out"
    outcomes = run_benchmarks(folder, (), peers=["absent"], time_s=20.0, out=out, tell=told.append)
    assert [one.case for one in outcomes] == ["town"]
    said = "\n".join(message.en for message in told)
    assert "gone: skipped, no gone.json." in said
    assert "absent: left out, no_such_package_at_all is not installed." in said
    record = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert read_answer(out / "answers" / "town.redistrict.json", {"town"}).plan == outcomes[0].ours.plan
    assert "plan" not in record["cases"][0]["ours"]
    assert record["cases"][0]["ours"]["cost"] == outcomes[0].ours.cost
    assert len(record["notes"]) == 2
    assert "| town | 80 | 3 |" in (out / "table.md").read_text(encoding="utf-8")
    assert {path.name for path in out.glob("*.svg")} == {"cost_over_time.svg", "time_over_size.svg"}


def test_unknown_cases_and_peers_are_refused(folder: Path, tmp_path: Path) -> None:
    """The message lists what there is."""
    with pytest.raises(ScenarioError, match="no case city; there are: gone, town"):
        run_benchmarks(folder, ["city"], peers=[], time_s=1.0, out=tmp_path, tell=print)
    with pytest.raises(ScenarioError, match="no peer chess; there are: metis"):
        run_benchmarks(folder, ["town"], peers=["chess"], time_s=1.0, out=tmp_path, tell=print)


def test_the_command_lists_the_cases(folder: Path) -> None:
    """`--list` prints a row for each case and runs nothing."""
    answer = CliRunner().invoke(cli.app, ["--language", "en", "bench", "--list", "--cases", str(folder)])
    assert answer.exit_code == 0
    assert [line.split("\t")[0] for line in answer.stdout.splitlines()] == ["case", "gone", "town"]
