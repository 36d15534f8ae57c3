"""Heal from end to end on a small town: every kind of pin, contradictions, the judge on planted breaks (issue 17)."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from redistrict.cli.app import app
from redistrict.errors import InfeasibleScenarioError, InterruptedSolveError, ScenarioError, VerificationError
from redistrict.jobs.exactly import pin_exactly
from redistrict.jobs.finished import Finished, read_finished
from redistrict.jobs.heal import Repaired, heal, solve_pins
from redistrict.jobs.pinned import explain_moves
from redistrict.jobs.rehealed import write_again
from redistrict.jobs.remake import describe_again, read_claims, remake
from redistrict.jobs.verify import verify
from redistrict.judge import judge_healed
from redistrict.judge.likeness import Likeness, compare_folders
from redistrict.judge.verification import Verification
from redistrict.model.before import number_plan, with_pins
from redistrict.model.plan import canonical_plan
from redistrict.report.healing import Proof
from redistrict.report.manifest import write_manifest
from redistrict.scenario import load_scenario
from redistrict.scenario.pins import Pin
from redistrict.solver.tasks.stop import Stop
from redistrict.standards.office import name_plan

from .small_town import E1, W1, W2, deliver_town, make_blocks, tell
from .whole_town import draw_whole_town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    named = make_blocks().assign(name=["湖滨" if n in (4, 8) else f"小区{n}" for n in range(16)])
    return deliver_town(tmp_path_factory.mktemp("town"), named)


def pin(**asked: object) -> Pin:
    return Pin.model_validate({"reason": "asked", **asked})


@pytest.fixture(scope="module")
def finished(town: Path) -> Finished:
    return read_finished(town / "out")


def test_a_plan_that_is_not_as_it_was_delivered_is_not_healed(town: Path, tmp_path: Path) -> None:
    """A file changed since then is named; the judge has passed the others before."""
    folder = tmp_path / "changed"
    shutil.copytree(town / "out", folder)
    with (folder / "plan.csv").open("a", encoding="utf-8") as stream:
        stream.write("\n")
    with pytest.raises(VerificationError, match=r"plan\.csv has changed since it was written"):
        read_finished(folder)


def plan(finished: Finished, repaired: Repaired) -> dict[str, str]:
    """Give the community of each block, by the key it bore before."""
    keys = (finished.basis.before.ids[c] for c in repaired.labels)
    return dict(zip(finished.basis.blocks.ids, keys, strict=True))


def count_moved(finished: Finished, repaired: Repaired) -> int:
    is_moved = repaired.labels != finished.basis.before.of_block
    return int(repaired.edited.residents[is_moved].sum())


@pytest.mark.parametrize(
    ("asked", "holds", "moved"),
    [
        ({"blocks": ["B20"], "in": W1}, lambda p: p["B20"] == p["B10"] == W1, 300),
        ({"blocks": ["B20"], "in": "西塞山区第1社区"}, lambda p: p["B20"] == W1, 300),
        ({"blocks": ["B20"], "with": "B10"}, lambda p: p["B20"] == p["B10"], 300),
        ({"together": ["B10", "B20"]}, lambda p: p["B20"] == p["B10"], 300),
        ({"estate": "湖滨"}, lambda p: p["B20"] == p["B10"], 300),
        ({"apart": ["B20", "B21"]}, lambda p: p["B20"] != p["B21"], 300),
        ({"keep": W1}, lambda p: [b for b in p if p[b] == W1] == ["B00", "B01", "B10", "B11"], 0),
    ],
)
def test_each_pin_holds_and_the_fewest_residents_move(
    finished: Finished, asked: dict[str, object], holds: Callable[[dict[str, str]], bool], moved: int
) -> None:
    """A block of 300 people is all that has to move; that no plan moves fewer is proved."""
    repaired = solve_pins(finished, [pin(**asked)])
    assert holds(plan(finished, repaired))
    assert count_moved(finished, repaired) == moved
    assert all(area.is_fewest for area in repaired.areas)


def test_what_is_not_proved_to_be_fewest_is_said_with_what_is() -> None:
    """Planners read how many residents fewer another plan could move at most, and of which plans that holds."""
    said = Proof("Huangshigang", ("W1", "E1"), fewer=1200, is_cheapest=False, is_everywhere=False, depth=1).message()
    assert said.en.startswith("Huangshigang: no plan that changes only these 2 communities with blocks at most 1 away ")
    assert "moves more than 1,200 residents fewer" in said.en
    assert "只调整这 2 个社区、且调入地块距所并入社区不超过 1 个地块的方案中，变动居民至多再少 1,200 人" in said.zh


@pytest.mark.parametrize("number", range(8))
def test_pins_that_say_exactly_so_give_any_repair_again(finished: Finished, number: int) -> None:
    """Whatever lawful plan is accepted, of those told or another that moves more, it is found again by its pins."""
    chance, told = np.random.default_rng(number), list[Repaired]()
    blocks = chance.permutation([key for key in finished.basis.blocks.ids if key[2] in "01"])[:3].tolist()
    kinds = {"together": blocks, "apart": blocks[:2], "blocks": blocks[:1], "split": W1}
    more = {"blocks": {"in": W2}, "split": {"into": 2}}
    form = [*kinds][number % 4]
    solve_pins(finished, [pin(**{form: kinds[form], **more.get(form, {})})], on_found=told.append)
    for repaired in [*told, *with_one_more_moved(finished, told[-1])]:
        basis, labels = finished.basis, canonical_plan(repaired.labels)
        before = with_pins(basis.before, repaired.pins)
        named, _ = name_plan(finished.problem, labels, basis.blocks, basis.current, before, "zh")
        ids = [named[c] for c in labels.assignment.tolist()]
        exactly = pin_exactly(basis, repaired, ids, "zh")
        for one in exactly:
            places = {ids[basis.blocks.ids.index(key)] for key in one.blocks or one.together or ()}
            assert len(places) == 1
            assert one.in_ is None or one.in_ in places
        again = solve_pins(finished, [*repaired.pins, *exactly])
        assert np.array_equal(canonical_plan(again.labels).assignment, canonical_plan(repaired.labels).assignment)


def with_one_more_moved(finished: Finished, repaired: Repaired) -> Iterator[Repaired]:
    """Give the repairs that differ from one by a block in a neighbour's community, and are valid as well."""
    problem, graph = finished.problem, nx.Graph(finished.problem.edges.tolist())
    for block, other in problem.edges.tolist():
        labels = repaired.labels.copy()
        labels[block] = labels[other]
        sizes = np.bincount(labels, weights=problem.size[:, 0])
        is_whole = all(nx.is_connected(graph.subgraph(np.flatnonzero(labels == c))) for c in np.unique(labels).tolist())
        if (
            repaired.areas
            and labels[block] != repaired.labels[block]
            and ((sizes >= 200) & (sizes <= 600)).all()
            and is_whole
            and all(np.unique(labels[list(one.blocks)]).size >= one.into for one in repaired.asked)
            and all(edit.holds(labels) for edit in repaired.edited.edits)
        ):
            yield replace(repaired, areas=(*repaired.areas[:-1], replace(repaired.areas[-1], plan=labels)))


@pytest.fixture(scope="module")
def delivered(town: Path) -> Path:
    """Give a folder with the result, and a healed one beside it, by the command line."""
    (town / "pins.yaml").write_text(
        f"pins:\n- {{reason: 学区, blocks: [B20], in: {W1}}}\n- {{reason: agreed, keep: {E1}}}\n"
        f"- {{reason: by the river, rename: {E1}, to: 沿江社区}}\n",
        encoding="utf-8",
    )
    code, said = tell("heal", town / "out", "--pins", town / "pins.yaml")
    assert code == 0, said
    assert "blocks in another community than in the plan before 1, with 300 residents" in said
    assert "no plan moves fewer residents" in said
    assert "400 → 500" in said
    return town


def test_a_healed_result_is_a_result_like_any_other(delivered: Path) -> None:
    """It verifies, names stay, its report and log tell of the pins, and it is compared with the plan before."""
    out = delivered / "out-healed"
    assert sorted(path.name for path in (out / "healed").iterdir()) == [
        "changes.csv",
        "heal.json",
        "pins.yaml",
        "plan_before.csv",
    ]
    changes = pd.read_csv(out / "healed" / "changes.csv")
    assert changes.to_dict("list") == {
        "block_id": ["B20"],
        "from_id": [W2],
        "to_id": [W1],
        "households": [100],
        "people": [300],
        "reason": ["1: 学区"],
    }
    verdict = verify(out)
    assert verdict.violations == ()
    assert any("moves fewer residents" in one.en for one in verdict.not_checked)
    plan_after = pd.read_csv(out / "plan.csv").groupby("community_id")["community_name"].unique()
    assert [*plan_after[E1]] == ["沿江社区"]
    assert [*plan_after[W1]] == ["西塞山区第1社区"]
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert any("by pins (3)" in note["en"] for note in report["notes"])
    assert "healed/changes.csv" in json.loads((out / "manifest.json").read_text(encoding="utf-8"))["files"]
    code, said = tell("compare", delivered / "out", out, "--out", delivered / "compared")
    assert code == 0, said


def test_a_healed_result_is_healed_again(delivered: Path) -> None:
    """The second time the plan before is the healed one; taking the block back needs one move."""
    healing = heal(delivered / "out-healed", [pin(blocks=["B20"], **{"in": W2})], out=None)
    assert healing.moves[["block_id", "to_id"]].to_numpy().tolist() == [["B20", W2]]
    assert healing.folder is None


def edit(name: str, before: str, after: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8-sig")
        assert before in text
        (folder / name).write_text(text.replace(before, after), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (edit("healed/pins.yaml", "B20", "B30"), "Pin 1 (学区) does not hold"),
        (edit("healed/pins.yaml", f"keep: {E1}", f"keep: {W2}"), "Pin 2 (agreed) does not hold: it has other blocks"),
        (
            edit("healed/pins.yaml", "keep: 黄石港区-01", "merge: [黄石港区-01, 黄石港区-02]"),
            "number of communities is 4",
        ),
        (edit("healed/pins.yaml", "keep: 黄石港区-01", "split: 黄石港区-01\n  into: 2"), "lies in 1 communities"),
        (
            edit("healed/pins.yaml", "keep: 黄石港区-01", "together: [B03, B23]"),
            "Pin 2 (agreed) does not hold: they lie",
        ),
        (edit("healed/pins.yaml", "keep: 黄石港区-01", "apart: [B02, B03]"), "two of them lie in one community"),
        (edit("healed/pins.yaml", "reason: 学区", "reason: other"), "changes.csv: reason is 1: 学区 (B20)"),
        (edit("healed/pins.yaml", "pins:", "pin:"), "its files is ScenarioError"),
        (edit("healed/changes.csv", "B20", "B21"), "in blocks B20, B21"),
        (edit("healed/changes.csv", "300", "299"), "in blocks B20"),
        (edit("healed/plan_before.csv", f"B21,西塞山区,{W2}", f"B21,西塞山区,{W1}"), "in blocks B21"),
        (edit("plan.csv", "沿江社区", "江边社区"), "Pin 3 (by the river) does not hold: the name is borne by -"),
        (edit("healed/pins.yaml", "沿江社区", "滨江社区"), "Pin 3 (by the river) does not hold"),
        (edit("plan.csv", "西塞山区第1社区", "西塞山区首社区"), "西塞山区首社区"),
        (edit("healed/heal.json", '"by_pins": 300', '"by_pins": 299'), "moved.by_pins is 299"),
    ],
)
def test_the_judge_names_what_is_broken(
    delivered: Path, tmp_path: Path, change: Callable[[Path], None], said: str
) -> None:
    """Each planted break of the folder `healed` is named, though the manifest is made anew."""
    out = shutil.copytree(delivered / "out-healed", tmp_path / "out")
    assert judge_healed(out).ok
    change(out)
    write_manifest(out, load_scenario(out / "scenario.yaml"))
    assert any(said in violation.message.en for violation in judge_healed(out).violations)
    verdict = judge_healed(out)
    assert {violation.rule for violation in verdict.violations} == {"pins"}


@pytest.fixture(scope="module")
def made(delivered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the healed result as `verify` makes it again."""
    out, folder = delivered / "out-healed", tmp_path_factory.mktemp("made")
    own = load_scenario(out / "scenario.yaml")
    remake(own, own, read_claims(out), Verification(()), folder)
    return folder / "healed"


def test_the_folder_healed_is_made_again_byte_for_byte(delivered: Path, made: Path) -> None:
    """Moves with their reasons, sizes before and after, pins and plan before follow from plans, pins and data."""
    assert compare_folders(delivered / "out-healed" / "healed", made, passed_over=()) == Likeness((), ())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("pins.yaml", "pins:", "# approved\npins:"), "pins.yaml (line 1) says '# approved'"),
        (("plan_before.csv", ",黄石港区,", ",假区,"), "plan_before.csv (line 4)"),
        (("plan_before.csv", "community_id", "community_id,approved"), "plan_before.csv (line 1)"),
        (("changes.csv", "1: 学区", "规模或连通"), "changes.csv (line"),
        (("heal.json", '"pins": 3', '"pins": 3,\n "approved": true'), "heal.json (line 4)"),
        (("heal.json", ' "pins": 3', ' "pins": 2,\n "pins": 3'), "heal.json (line 3)"),
        (("heal.json", '"area": "西塞山区"', '"area": "全市"'), "heal.json (line"),
        (("heal.json", '"population": 1200', '"population": 1201'), "heal.json (line"),
        (("heal.json", '"is_fewest": true', '"is_fewest": false'), "heal.json (line"),
    ],
)
def test_every_word_of_the_folder_healed_counts(
    delivered: Path, made: Path, tmp_path: Path, change: tuple[str, str, str], said: str
) -> None:
    """A comment, a column, a key more or twice, another reason, district, area or size: each is named."""
    place = shutil.copytree(delivered / "out-healed" / "healed", tmp_path / "healed")
    name, before, after = change
    content = (place / name).read_bytes()
    assert before.encode() in content
    (place / name).write_bytes(content.replace(before.encode(), after.encode()))
    (one,) = compare_folders(place, made, passed_over=()).differences
    assert one.message.en.startswith(said)


@pytest.mark.parametrize(
    "change",
    [{"area": "全市"}, {"communities": [W1, "W9"]}, {"approved": True}, {"at_most_fewer": False}, {"is_cheapest": 1}],
)
def test_proofs_are_taken_over_only_of_what_there_is(delivered: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    """A proof of an area or community that nobody knows, or that says more, is not written again, and so is named."""
    finished = read_finished(delivered / "out-healed")
    out = delivered / "out-healed"
    claims = read_claims(out)
    own = finished.scenario
    made = describe_again(own, finished.inputs, finished.problem, claims)
    before = number_plan(claims.before or (), finished.inputs.blocks.ids)
    (proof,) = json.loads(claims.proved)
    write_again(tmp_path, made, before, claims.pins, json.dumps([proof, proof | change]))
    told = json.loads((tmp_path / "healed" / "heal.json").read_text(encoding="utf-8"))
    assert told["proved"] == [proof]


def test_what_goes_along_has_the_reason_of_its_pin(finished: Finished) -> None:
    """A block that is tied to one that a pin moves is moved by the pin that ties it."""
    repaired = solve_pins(finished, [pin(together=["B20", "B21"]), pin(blocks=["B20"], **{"in": W1})])
    why = explain_moves(repaired.asked, repaired.edited)
    assert {finished.basis.blocks.ids[i]: one.pin for i, one in why.items()} == {"B20": 2, "B21": 1}


def test_a_split_and_the_merger_that_takes_it_back(finished: Finished) -> None:
    """A community of 400 households becomes two of 200 at least; two of the three may then be merged again."""
    split = solve_pins(finished, [pin(split=W1, into=2), pin(apart=["B00", "B01"])])
    assert sorted(np.bincount(split.labels)) == [2, 2, 4, 4, 4]
    now = finished.basis.before.of_block.copy()
    now[np.flatnonzero(split.labels == split.labels.max())] = 4
    before = replace(finished.basis.before, ids=(*finished.basis.before.ids, "new"), names=("",) * 5, of_block=now)
    again = replace(finished, basis=replace(finished.basis, before=before))
    merged = solve_pins(again, [pin(merge=["new", W1])])
    assert len(np.unique(merged.labels)) == 4
    assert merged.areas == ()


def test_whoever_is_interrupted_leaves_nothing(
    town: Path, finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A heal that ends before its last file is written leaves neither results nor what they were made in."""

    def strike(*_: object) -> None:
        raise KeyboardInterrupt("struck")

    monkeypatch.setattr("redistrict.jobs.heal.read_finished", lambda _: finished)
    monkeypatch.setattr("redistrict.jobs.heal.write_manifest", strike)
    with pytest.raises(KeyboardInterrupt, match="struck"):
        heal(town / "out", [pin(blocks=["B20"], **{"in": W1})], out=tmp_path / "healed")
    assert [path.name for path in tmp_path.iterdir()] == ["runs.jsonl"]


def test_the_command_line_previews_and_refuses(
    town: Path, finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--dry-run --json` says what would move and writes nothing; pins that clash end with exit code 4."""
    monkeypatch.setattr("redistrict.jobs.heal.read_finished", lambda _: finished)
    asked = tmp_path / "pins.yaml"
    asked.write_text("pins:\n- {reason: r, together: [B10, B20]}\n", encoding="utf-8")
    answer = CliRunner().invoke(app, ["heal", f"{town / 'out'}", "--pins", f"{asked}", "--dry-run", "--json"])
    told = json.loads(answer.stdout)
    assert told["moved"] == {"blocks": 1, "by_pins": 300, "besides": 0}
    assert told["proved"][0]["is_fewest"]
    assert {row["id"]: row["after"]["households"] for row in told["communities"]} in (
        {W1: 500, W2: 300},
        {W1: 300, W2: 500},
    )
    asked.write_text("pins:\n- {reason: r, merge: [黄石港区-01, 黄石港区-02]}\n", encoding="utf-8")
    code, said = tell("heal", town / "out", "--pins", asked, "--out", tmp_path / "healed")
    assert (code, (tmp_path / "healed").exists()) == (4, False)
    assert "would have 1 communities" in said


@pytest.mark.slow(covers=["redistrict/jobs/heal.py", "redistrict/judge/pins.py", "redistrict/standards/naming.py"])
def test_the_whole_town_is_healed_twice(tmp_path: Path) -> None:
    """With communities today, staff and premises: whole, split and merge, each result verified with all its files."""
    scenario = draw_whole_town(tmp_path)
    text = scenario.read_text(encoding="utf-8")
    roomy = text.replace("0.3, people: 0.3}", "0.5, people: 0.5}\n  count: {min: 4, max: 8}")
    scenario.write_text(roomy, encoding="utf-8")
    assert tell("run", scenario, "--out", tmp_path / "out")[0] == 0
    first = [pin(whole="t2社区"), Pin.model_validate({"reason": "=two halves", "split": "t5", "into": 2})]
    healing = heal(tmp_path / "out", first, out=tmp_path / "first")
    assert verify(tmp_path / "first").violations == ()
    assert {"t0", "t1", "t4", "t5"} < {row.id for row in healing.report.communities}
    (new,) = {row.id for row in healing.report.communities} - {"t0", "t1", "t4", "t5"}
    called = [pin(merge=[new, "t5"]), pin(rename=new, to="合并社区"), pin(rename="t0", to="一社区")]
    healing = heal(tmp_path / "first", called, out=tmp_path / "second")
    assert verify(tmp_path / "second").violations == ()
    named = {row.id: row.name for row in healing.report.communities}
    assert len(named) == 4
    assert named["t0"] == "一社区"
    assert "合并社区" in named.values()


CLASHES = [
    [{"blocks": ["B20"], "in": W1}, {"blocks": ["B20"], "in": W2}],
    [{"together": ["B20", "B21"]}, {"blocks": ["B20"], "in": W1}, {"blocks": ["B21"], "in": W2}],
    [{"together": ["B20", "B21"]}, {"together": ["B21", "B31"]}, {"apart": ["B20", "B31"]}],
    [{"keep": W1}, {"blocks": ["B20"], "in": W1}],
    [{"keep": W1}, {"together": ["B10", "B20"]}],
    [{"keep": W1}, {"estate": "湖滨"}],
    [{"rename": W1, "to": "x"}, {"rename": W2, "to": "x"}],
    [{"rename": W1, "to": "x"}, {"rename": W1, "to": "y"}],
    # proved by the solver
    [{"keep": W1}, {"apart": ["B20", "B31"]}],
    [{"together": ["B00", "B01", "B10", "B11"]}, {"together": ["B00", "B20", "B21", "B30"]}],
]


@pytest.mark.parametrize("clash", CLASHES, ids=range(len(CLASHES)))
def test_a_conflicting_set_is_minimal(finished: Finished, clash: list[dict[str, object]]) -> None:
    """Exactly the pins that clash are named, and without any one of them there is a plan."""
    pins = [*(pin(**asked) for asked in clash), pin(keep=E1)]
    with pytest.raises(InfeasibleScenarioError) as refused:
        solve_pins(finished, pins)
    first = refused.value.problems[0].en
    assert [f"pin {n} (asked)" in first for n in range(1, len(pins) + 1)] == [*[True] * len(clash), False]
    for left_out in range(len(clash)):
        solve_pins(finished, [one for n, one in enumerate(pins) if n != left_out])


def test_dropping_a_pin_is_priced_the_cheapest_first(finished: Finished) -> None:
    """What it costs to drop each pin of a set that the solver has refused is said in residents."""
    pins = [pin(together=["B00", "B20", "B21", "B30"]), pin(together=["B00", "B01", "B10", "B11"])]
    with pytest.raises(InfeasibleScenarioError) as refused:
        solve_pins(finished, pins)
    said = [problem.en for problem in refused.value.problems]
    assert "no plan keeps to these 2 pins together" in said[0]
    assert said[1:] == [
        f"Without pin {n} (asked) there is a plan that moves {moved} residents." for n, moved in ((1, 0), (2, 600))
    ]


def test_reasons_are_not_waited_for_once_interrupted(finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stops a repair while it is asked which pins leave no plan is told so at once."""
    pins, stop = [pin(together=["B00", "B20", "B21", "B30"]), pin(together=["B00", "B01", "B10", "B11"])], Stop(60)
    monkeypatch.setattr("redistrict.jobs.unhealed.find_clash", lambda *_: stop.interrupt())
    with pytest.raises(InterruptedSolveError, match="before the interruption"):
        solve_pins(finished, pins, stop=stop)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"blocks": ["B2O"], "in": W1}, "there is no block B2O; did you mean 'B"),
        ({"blocks": ["B20", "B20"], "in": W1}, "named twice: B20"),
        ({"rename": W1, "to": W2}, "another community's name"),
        ({"rename": "西塞山区-3", "to": "x"}, "there is no community of the plan 西塞山区-3"),
        ({"keep": "西塞山区-1"}, "there is no community of the plan 西塞山区-1; did you mean"),
        ({"estate": "湖宾"}, "no block bears the name 湖宾"),
        ({"whole": "t1"}, "the data know no communities of today"),
    ],
)
def test_unknown_names_are_refused_with_what_is_near(finished: Finished, asked: dict[str, object], said: str) -> None:
    """Nothing is solved where a pin names what there is not."""
    with pytest.raises(ScenarioError, match=said):
        solve_pins(finished, [pin(**asked)])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([{"blocks": ["B20"], "in": E1}], "it speaks of 2 areas"),
        ([{"merge": [W1, W2]}], "would have 1 communities, and 2-3 are allowed"),
        ([{"split": W1, "into": 3}], "would have 4 communities, and 2-3 are allowed"),
        ([{"merge": [W1, W1]}], "they are one community already"),
        ([{"keep": W1}, {"split": W1, "into": 2}], "cannot be both"),
        ([{"blocks": ["B20"], "in": W1}, {"split": W1, "into": 2}], "does not say into which part"),
    ],
)
def test_what_cannot_be_asked_is_told_without_a_solver(
    finished: Finished, asked: list[dict[str, object]], said: str
) -> None:
    """Districts, numbers of communities, and a community that is asked to be two things."""
    with pytest.raises(InfeasibleScenarioError, match=said):
        solve_pins(finished, [pin(**one) for one in asked])
