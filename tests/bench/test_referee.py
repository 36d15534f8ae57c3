"""The referee: what a valid plan is, and what is refused, by files alone."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from redistrict.bench.city import City, draw_city
from redistrict.bench.export import describe
from redistrict.bench.instances import Instance
from redistrict.bench.judge import judge_plan as judge_contest
from redistrict.bench.referee.contest import Contest, judge_folder
from redistrict.bench.referee.reading import Refused, as_instance, read_instance
from redistrict.bench.referee.rules import check_instance, edge_bound, judge_plan
from redistrict.model.plan import canonical_plan
from redistrict.scenario.benchmark import BenchmarkCase, CityCase

Tree = dict[str, Any]


def read_examples() -> tuple[Tree, Tree]:
    """Give the instance and the answer that the README of an export teaches by."""
    text = resources.files("redistrict.bench").joinpath("exported.md").read_text(encoding="utf-8")
    found = {kind: json.loads(body) for kind, body in re.findall(r"```json (\w+)\n(.*?)```", text, re.DOTALL)}
    return found["instance"], found["answer"]


@pytest.fixture
def instance() -> Tree:
    """Give the instance of the README: two by two blocks, numbered by rows."""
    return read_examples()[0]


@pytest.fixture
def answer() -> Tree:
    """Give the answer of the README."""
    return read_examples()[1]


@pytest.fixture
def judge(tmp_path: Path, instance: Tree) -> Callable[..., Contest]:
    """Give a function that judges texts of answers to the example."""

    def judge(*texts: str) -> Contest:
        (tmp_path / "instances").mkdir()
        (tmp_path / "instances" / "example.json").write_text(json.dumps(instance), encoding="utf-8")
        (tmp_path / "answers").mkdir()
        for n, text in enumerate(texts):
            (tmp_path / "answers" / f"{n}.json").write_bytes(text.encode("utf-8"))
        return judge_folder(tmp_path)

    return judge


def find_faults(tree: Tree, plan: list[int]) -> list[str]:
    """Give what is wrong with a plan."""
    return [said.en for said in judge_plan(as_instance(tree), plan).faults]


def test_the_readme_tells_the_truth(judge: Callable[..., Contest], instance: Tree, answer: Tree) -> None:
    """Its example can be read, its plan costs what it says, its bound is that of the edges, its answer is valid."""
    told = as_instance(instance)
    assert not list(check_instance(told))
    assert (edge_bound(told), judge_plan(told, instance["plan"]["communities"]).cost) == (30, 34)
    (entry,) = judge(json.dumps(answer)).entries
    assert (entry.verdict.faults, entry.verdict.cost, entry.off_best_known) == ((), 34, 0.0)


def test_a_community_is_in_one_piece(instance: Tree) -> None:
    """Blocks across a corner are no neighbours."""
    assert find_faults(instance, [0, 1, 1, 0]) == ["community 0 is in 2 pieces", "community 1 is in 2 pieces"]


def test_an_area_has_a_number_of_communities_it_may_have(instance: Tree) -> None:
    """One community where there must be two."""
    assert find_faults(instance, [3, 3, 3, 3]) == ["area all blocks has 1 communities; allowed: 2"]


def test_sums_lie_inside_the_bounds(instance: Tree) -> None:
    """Of 5 and 15 households neither is; without bounds both are."""
    wrong = ["community 0 has 5 households, not 8 to 12", "community 1 has 15 households, not 8 to 12"]
    assert find_faults(instance, [0, 1, 1, 1]) == wrong
    instance["areas"][0]["options"][0] |= {"lower": [None], "upper": [None]}
    assert find_faults(instance, [0, 1, 1, 1]) == []


def test_blocks_that_must_be_apart_are_not_together(instance: Tree) -> None:
    """Blocks 0 and 3 need not be neighbours for that."""
    instance["apart"] = [[0, 1]]
    assert find_faults(instance, [0, 0, 1, 1]) == ["blocks 0 and 1 must be apart, and are both in community 0"]
    assert find_faults(instance, [0, 1, 0, 1]) == []


def test_a_community_lies_in_one_area(instance: Tree) -> None:
    """Two areas of two blocks, a community each."""
    (area,) = instance["areas"]
    (option,) = area["options"]
    areas = [area | {"blocks": blocks, "options": [option | {"communities": 1}]} for blocks in ([0, 1], [2, 3])]
    instance["areas"] = areas
    assert find_faults(instance, [0, 0, 1, 1]) == []
    assert find_faults(instance, [0, 1, 0, 1])[:2] == ["community 0 lies in 2 areas", "community 1 lies in 2 areas"]


def test_it_counts_as_the_judge_of_contests_does() -> None:
    """On stripes of a drawn city both find the same plans valid, at the same cost."""
    problem, xy = draw_city(City(80, 3, 0.5))
    case = BenchmarkCase(city=CityCase(blocks=80, communities=3, tolerance=0.5))
    told = as_instance(describe(Instance("town", case, problem, xy)))
    n_valid = 0
    for angle in np.linspace(0, np.pi, 24, endpoint=False):
        along = np.argsort(xy @ [np.cos(angle), np.sin(angle)])
        plan = canonical_plan((np.argsort(along) * 3 // 80).astype(np.int32)).assignment
        theirs, ours = judge_contest(problem, plan), judge_plan(told, plan.tolist())
        assert len(ours.faults) >= theirs.n_torn + theirs.n_outside
        assert ours.cost == (theirs.cost if theirs.ok else None)
        n_valid += theirs.ok
    assert 0 < n_valid < 24


HOSTILE = {
    "nonsense": ("{", "cannot be read"),
    "binary": ("\x00\x01", "cannot be read"),
    "deep": ("[" * 100_000, "cannot be read"),
    "list": ("[]", '"format" is not'),
    "twice": ('{"plan": [], "plan": []}', "plan stands twice"),
    "nan": ('{"format": NaN}', "NaN is no number"),
    "digits": ('{"format": ' + "9" * 5000 + "}", "cannot be read"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_answer_is_refused(judge: Callable[..., Contest], kind: str) -> None:
    """Each with one message of one line, and the others are judged all the same."""
    text, why = HOSTILE[kind]
    contest = judge(text, json.dumps(read_examples()[1]))
    (said,) = contest.refused
    assert said.en.startswith("answers/0.json: ")
    assert why in said.en
    assert len(said.en) < 200
    assert len(contest.entries) == 1


WRONG = [
    ({"note": 1}, "the key note is missing or unknown"),
    ({"instance": "../../etc/passwd"}, "there is no instance ../../etc/passwd"),
    ({"instance": ["example"]}, "there is no instance"),
    ({"contestant": ""}, "contestant is not a name"),
    ({"contestant": "x" * 61}, "contestant is not a name"),
    ({"contestant": "a\u202eb"}, "contestant is not a name"),
    ({"contestant": " "}, "contestant is not a name"),
    ({"contestant": "\ud800"}, "contestant is not a name"),
    ({"contestant": 7}, "contestant is not a name"),
    ({"seconds": -1}, "seconds is -1"),
    ({"seconds": True}, "seconds is True"),
    ({"seconds": 10**400}, "seconds is 1000"),
    ({"seconds": "fast"}, "seconds is fast"),
    ({"plan": {"0": 1}}, "plan is no list"),
    ({"plan": [0, 0, 1, 1.0]}, r"block 3 is in community 1\.0"),
    ({"plan": [0, 0, 1, True]}, "block 3 is in community True"),
    ({"plan": [0, -1, 1, 1]}, "block 1 is in community -1"),
    ({"plan": [0, 0, 4, 1]}, "block 2 is in community 4"),
    ({"plan": [0, None, 1, 1]}, "block 1 is in community None"),
]


@pytest.mark.parametrize(("change", "why"), WRONG)
def test_what_is_wrong_in_an_answer_is_named(
    judge: Callable[..., Contest], answer: Tree, change: Tree, why: str
) -> None:
    """The key, the value found, and what is allowed."""
    (said,) = judge(json.dumps(answer | change)).refused
    assert re.search(why, said.en)
    assert said.zh != said.en


def test_infinite_seconds_are_no_seconds(judge: Callable[..., Contest], answer: Tree) -> None:
    """JSON has no infinity, but 1e999 is one to Python."""
    (said,) = judge(json.dumps(answer).replace("0.5", "1e999")).refused
    assert "seconds is inf" in said.en


def test_a_plan_of_other_blocks_is_not_valid(judge: Callable[..., Contest], answer: Tree) -> None:
    """Too few, or too many."""
    contest = judge(*(json.dumps(answer | {"contestant": f"{n}", "plan": [0] * n}) for n in (3, 5)))
    faults = [entry.verdict.faults[0].en for entry in contest.entries]
    assert faults == ["the plan has 3 blocks, the instance 4", "the plan has 5 blocks, the instance 4"]


def test_a_contestant_answers_once(judge: Callable[..., Contest], answer: Tree) -> None:
    """The second of two answers is refused, not preferred."""
    contest = judge(json.dumps(answer), json.dumps(answer | {"plan": [0, 0, 0, 0]}))
    assert [entry.verdict.cost for entry in contest.entries] == [34]
    assert [said.en for said in contest.refused] == ["answers/1.json: my program 1.0 has another answer to example"]


def test_what_is_no_file_or_too_large_is_refused(
    judge: Callable[..., Contest], tmp_path: Path, answer: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder with the name of an answer, and a file that would fill the memory."""
    monkeypatch.setattr("redistrict.bench.referee.reading._LARGEST_ANSWER", 2**20)
    (tmp_path / "answers" / "9.json").mkdir(parents=True)
    (tmp_path / "answers").rename(tmp_path / "kept")
    text = json.dumps(answer)
    judge(text, text + " " * 2**20)
    (tmp_path / "kept" / "9.json").rename(tmp_path / "answers" / "9.json")
    refused = [said.en for said in judge_folder(tmp_path).refused]
    assert refused == ["answers/1.json: it is larger than 1 MiB", "answers/9.json: it is no file"]


BROKEN: list[tuple[Tree, str]] = [
    ({"format": "redistrict-instance/2"}, "format is not"),
    ({"name": "other"}, "the name of another instance"),
    ({"edges": [[0, 1, 0, 10], [0, 1, 0, 10]]}, "edges are not each once"),
    ({"edges": [[0, 9, 0, 10]]}, "edges are not each once"),
    ({"blocks": [[5], [6], [4]]}, "areas do not hold each block once|not a whole number"),
    ({"deviation": [0.5]}, "not a whole number"),
    ({"plan": {"cost": 34}}, "KeyError"),
]


@pytest.mark.parametrize(("change", "why"), BROKEN)
def test_a_broken_instance_is_named(tmp_path: Path, instance: Tree, change: Tree, why: str) -> None:
    """Nobody is judged by an instance that is none."""
    path = tmp_path / "example.json"
    path.write_text(json.dumps(instance | change), encoding="utf-8")
    with pytest.raises(Refused, match=why):
        read_instance(path)


FALSE: list[tuple[Tree, str]] = [
    ({"bounds": [{"cost": 31, "by": "edges"}]}, "the edges show 30, not 31"),
    ({"bounds": [{"cost": 35, "by": "published"}]}, "the bound 35 is above the best known 34"),
    ({"best_known": {"cost": 35}}, "less than the best known"),
    ({"plan": {"cost": 33, "communities": [0, 0, 1, 1]}}, "its plan costs 34, not 33"),
    ({"plan": {"cost": 34, "communities": [0, 1, 1, 0]}}, "community 0 is in 2 pieces"),
]


@pytest.mark.parametrize(("change", "why"), FALSE)
def test_what_an_instance_says_of_itself_is_checked(instance: Tree, change: Tree, why: str) -> None:
    """Its plan, the cost of it, and its bounds."""
    assert why in next(said.en for said in check_instance(as_instance(instance | change)))


def test_it_needs_nothing_but_python(judge: Callable[..., Contest], tmp_path: Path, answer: Tree) -> None:
    """The referee of a folder runs without any package, and says by its exit code whether all is well."""
    judge(json.dumps(answer))
    referee = tmp_path / "referee"
    referee.mkdir()
    for part in Path(str(resources.files("redistrict.bench.referee"))).glob("*.py"):
        (referee / part.name).write_bytes(part.read_bytes())
    ask = [sys.executable, "-S", "-m", "referee"]
    done = subprocess.run(ask, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", env={}, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "example\tmy program 1.0\tvalid 有效\t34\t+0.00%\n"
    (tmp_path / "answers" / "1.json").write_text("[]")
    assert subprocess.run([*ask, "."], cwd=tmp_path, capture_output=True, env={}, check=False).returncode == 1
