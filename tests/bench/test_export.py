"""Instances for other programs, and the contest of their answers."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from redistrict.bench import export
from redistrict.bench.city import City, draw_city
from redistrict.bench.contest import PAGE, check_answers
from redistrict.bench.export import export_instances
from redistrict.bench.instances import Instance, build_instance, list_cases
from redistrict.bench.match import Outcome, Score
from redistrict.bench.record import write_answers, write_record
from redistrict.bench.referee.contest import judge_folder
from redistrict.bench.referee.reading import Instance as Told
from redistrict.bench.referee.reading import read_answer, read_instance
from redistrict.cli import app as cli
from redistrict.errors import DataError, OutputError
from redistrict.messages import Message
from redistrict.model.terms import Stay
from redistrict.scenario.benchmark import BenchmarkCase
from tests.bench.test_run import CASES

TOWN = "city: {blocks: 80, communities: 3, tolerance: 0.6}\n"


def cut_stripes(angle: float = 2.0) -> list[int]:
    """Give a plan of the town in three stripes; at this angle each of them can cross the river."""
    _, xy = draw_city(City(80, 3, 0.6))
    along = np.argsort(np.argsort(xy @ [np.cos(angle), np.sin(angle)]))
    return [int(place) * 3 // 80 for place in along]


STRIPES = cut_stripes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder of cases: a small town, and a published instance that is not there."""
    cases = tmp_path / "cases"
    (cases / "plans").mkdir(parents=True)
    (cases / "town.yaml").write_text(TOWN)
    (cases / "gone.yaml").write_text("cut_edges: {path: nowhere/gone.json}\n")
    return cases


def answer(plan: list[int], **changes: object) -> str:
    """Write an answer to the town."""
    told = {"format": "redistrict-answer/1", "instance": "town", "contestant": "stripes", "seconds": 1, "plan": plan}
    return json.dumps(told | changes)


def export_town(folder: Path, out: Path) -> tuple[Told, list[str]]:
    """Export a folder of cases, and give the town as it can be read, and what was told."""
    told: list[Message] = []
    export_instances(folder, (), out, told.append)
    return read_instance(out / "instances" / "town.json"), [message.en for message in told]


def test_an_export_is_whole_and_its_bytes_are_the_same(folder: Path, tmp_path: Path) -> None:
    """Instances, README and referee; absent data are told; a second export differs in nothing."""
    _, said = export_town(folder, tmp_path / "one")
    assert said == ["gone: skipped, no gone.json."]
    export_town(folder, tmp_path / "two")
    one, two = (
        {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two
    assert {"README.md", "instances/town.json", "referee/__main__.py", "referee/rules.py"} <= one.keys()
    assert "| town | 80 |" in one["README.md"].decode("utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cases", "one", "two"]


def test_the_command_exports_the_cases_named(folder: Path, tmp_path: Path) -> None:
    """It prints where they are, in the language asked for what is left out."""
    out = tmp_path / "out"
    ask = ["--language", "zh", "bench", "town", "gone", "--cases", str(folder), "--export", str(out)]
    done = CliRunner().invoke(cli.app, ask)
    assert (done.exit_code, done.stdout) == (0, f"{out}\n")
    assert done.stderr == "gone：跳过，缺少 gone.json。\n"
    assert [path.name for path in (out / "instances").iterdir()] == ["town.json"]


def test_nothing_is_exported_over_what_is_there(folder: Path, tmp_path: Path) -> None:
    """A folder with answers stays as it is, and where no case is left there is no folder."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "answer.json").touch()
    with pytest.raises(OutputError, match="mine is not empty"):
        export_town(folder, tmp_path / "mine")
    with pytest.raises(DataError, match="No case is left"):
        export_instances(folder, ["gone"], tmp_path / "new", print)
    assert not (tmp_path / "new").exists()


def test_the_best_plan_kept_goes_with_its_instance(folder: Path, tmp_path: Path) -> None:
    """With its cost and whose it is; it may be dearer than the best known, and cheaper it is the best known."""
    bare, _ = export_town(folder, tmp_path / "bare")
    assert (bare.plan, bare.best_known) == (None, None)
    (folder / "plans" / "town.json").write_text(answer(STRIPES))
    told, _ = export_town(folder, tmp_path / "kept")
    assert told.plan == tuple(STRIPES)
    assert told.best_known == told.plan_cost
    assert told.plan_cost is not None
    (folder / "town.yaml").write_text(TOWN + f"best_known: {told.plan_cost - 1}\n")
    told, _ = export_town(folder, tmp_path / "dearer")
    assert told.best_known == (told.plan_cost or 0) - 1


def test_a_plan_that_fits_no_more_is_left_out(folder: Path, tmp_path: Path) -> None:
    """The reason is told, and the instance is written without it."""
    (folder / "plans" / "town.json").write_text(answer([0] * 80))
    told, said = export_town(folder, tmp_path / "out")
    assert told.plan is None
    assert "town: its plan is left out: area all blocks has 1 communities; allowed: 3." in said


def test_what_the_format_has_no_words_for_is_left_out(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An instance that would be another problem is not written."""

    def build(name: str, case: BenchmarkCase) -> Instance:
        instance = build_instance(name, case)
        size = instance.problem.size[:, 0]
        stay = Stay(
            current=np.zeros(len(size), dtype=np.int32), is_home=size > 0, residents=size, rate=1, max_share=None
        )
        return replace(instance, problem=replace(instance.problem, stay=stay))

    monkeypatch.setattr(export, "build_instance", build)
    told: list[Message] = []
    with pytest.raises(DataError, match="No case is left"):
        export_instances(folder, ["town"], tmp_path / "out", told.append)
    assert told[0].en == "town: left out, the format has no disruption."


@pytest.mark.shared
def test_published_instances_bring_plan_and_proof(shared_data: Path, tmp_path: Path) -> None:
    """Maine's counties: 16 cut edges, by a plan and by a proof."""
    export_instances(CASES, ["cut_ME_county"], tmp_path / "out", print)
    told = read_instance(tmp_path / "out" / "instances" / "cut_ME_county.json")
    assert (told.best_known, told.plan_cost, {by: cost for cost, by in told.bounds}["published"]) == (16, 16, 16)


def test_every_case_says_where_its_data_come_from() -> None:
    """Data that are passed on have an origin and a licence."""
    for name, case in list_cases(CASES).items():
        assert case.scenario is None or (case.origin and case.licence), name


def test_every_plan_kept_is_an_answer_to_a_case() -> None:
    """It stands under the name of the case, in the format that programs are asked for."""
    cases = list_cases(CASES)
    for path in (CASES / "plans").iterdir():
        assert read_answer(path, cases.keys()).instance == path.stem


@pytest.fixture
def yardstick(folder: Path, tmp_path: Path) -> Path:
    """Give an exported folder with the town, of which a plan is known, and no answers yet."""
    (folder / "plans" / "town.json").write_text(answer(STRIPES))
    export_town(folder, tmp_path / "yardstick")
    (tmp_path / "yardstick" / "answers").mkdir()
    return tmp_path / "yardstick"


@pytest.fixture
def check(yardstick: Path) -> Callable[..., Result]:
    """Give a function that runs `redistrict bench --check` on answers."""

    def check(*texts: str, language: str = "en") -> Result:
        for n, text in enumerate(texts):
            (yardstick / "answers" / f"{n}.json").write_text(text)
        return CliRunner().invoke(cli.app, ["--language", language, "bench", "--check", str(yardstick)])

    return check


def test_all_contestants_are_in_one_table(check: Callable[..., Result], yardstick: Path) -> None:
    """Valid ones with cost, share above the best known and seconds; others with their faults; nothing else fails."""
    done = check(answer(STRIPES), answer([0] * 80, contestant="lump", seconds=None))
    assert done.exit_code == 1
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    cost = read_instance(yardstick / "instances" / "town.json").plan_cost
    assert rows[1] == ["town", "stripes", "yes", f"{cost:,}", "+0.00%", "1.00", ""]
    assert rows[2][:3] == ["town", "lump", "no"]
    assert rows[2][6] == "area all blocks has 1 communities; allowed: 3"
    assert ["stripes", "1", "1", "1", "+0.00%", "+0.00%"] in rows
    assert ["lump", "1", "0", "0", "", ""] in rows
    assert done.stdout.endswith(f"{PAGE}\n")


def test_a_better_plan_than_the_best_known_is_told(check: Callable[..., Result], yardstick: Path) -> None:
    """By whom, and what it costs; a valid answer ends well."""
    path = yardstick / "instances" / "town.json"
    tree = json.loads(path.read_text(encoding="utf-8"))
    cost = tree["plan"]["cost"]
    tree |= {"plan": None, "best_known": {"cost": cost + 7}}
    path.write_text(json.dumps(tree), encoding="utf-8")
    done = check(answer(STRIPES))
    assert done.exit_code == 0
    assert f"town: stripes has the best plan ever seen, {cost:,} ({cost + 7:,})." in done.stderr


def test_names_are_text_on_the_page(check: Callable[..., Result], yardstick: Path) -> None:
    """Markup in the name of a contestant is read, not run; both languages are there."""
    name = "<script>alert(1)</script>{{7*7}}"
    done = check(answer(STRIPES, contestant=name), '{"a":1}', language="zh")
    assert "answers/1.json：" in done.stderr
    page = (yardstick / PAGE).read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page
    assert "各程序比较" in page
    assert "Programs compared" in page


def test_a_folder_without_answers_is_refused(yardstick: Path, tmp_path: Path) -> None:
    """It says what to put there; so does a folder without instances."""
    with pytest.raises(DataError, match=r"there is no answers/\*\.json; README\.md tells"):
        check_answers(yardstick)
    with pytest.raises(DataError, match=r"there is no instances/\*\.json"):
        check_answers(tmp_path)


def test_a_run_leaves_answers_that_can_be_judged(yardstick: Path) -> None:
    """The plan of each contestant of a case, by its name; of one without a plan there is none."""
    scores = (Score("stripes", 5, 2.0, plan=tuple(STRIPES)), Score("lost"))
    ours = Score("redistrict", 5, 1.0, plan=tuple(STRIPES))
    outcome = Outcome("town", "city", 80, 200, 3, 0.6, ours, "FEASIBLE", None, None, None, scores, None, None)
    write_answers(yardstick / "answers", outcome)
    write_record(yardstick, [outcome], (), workers=1)
    assert '"plan"' not in (yardstick / "results.json").read_text(encoding="utf-8")
    assert read_answer(yardstick / "answers" / "town.redistrict.json", {"town"}).seconds == 1.0
    contest = judge_folder(yardstick)
    assert [entry.answer.contestant for entry in contest.entries] == ["redistrict", "stripes"]
    assert all(entry.off_best_known == 0 for entry in contest.entries)
