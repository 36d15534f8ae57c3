"""The judge on a healed result, written by hand: pins that hold and that do not, changes, and what heal.json says."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from redistrict.judge import judge_healed
from redistrict.judge.verification import Verification

from .towns import CRS, cells

Asked = Mapping[str, object]

BEFORE = "aabbcc"
"""Community of each of the blocks 00 to 05; those of today are x, x, x, y, y and z."""
PEOPLE = (10, 20, 40, 80, 160, 320)
NAMES = {"a": "甲", "b": "乙", "c": "丙", "d": "丁"}
BESIDES = "规模或连通 balance or contiguity"


def write_healed(
    folder: Path,
    after: str,
    *pins: Asked,
    names: Mapping[str, str] = NAMES,
    reasons: Mapping[str, str] | None = None,
    counts: Sequence[str] = ("people",),
) -> None:
    """Write a result and what it was healed from; a block that moved did so besides, unless another reason is given."""
    (folder / "healed").mkdir()
    ids = [f"0{n}" for n in range(len(BEFORE))]
    values = {"households": [n // 5 for n in PEOPLE], "people": [*PEOPLE]}
    blocks = gpd.GeoDataFrame(
        {
            "block_id": ids,
            "name": ["", "园", "园", "", "", ""],
            "current": [*"xxxyyz"],
            **{n: values[n] for n in counts},
        },
        geometry=[*cells("xxxxxx").values()],
        crs=CRS,
    )
    blocks.to_file(folder / "communities.gpkg", layer="blocks")
    today = blocks.dissolve("current").reset_index()[["current", "geometry"]]
    today = today.rename(columns={"current": "community_id"}).assign(community_name=["西社", "中社", "东社"])
    today.to_file(folder / "communities.gpkg", layer="communities_today")
    for path, plan, called in (
        (folder / "plan.csv", after, names),
        (folder / "healed" / "plan_before.csv", BEFORE, NAMES),
    ):
        rows = [(key, c, called[c]) for key, c in zip(ids, plan, strict=True)]
        write_table(path, pd.DataFrame(rows, columns=["block_id", "community_id", "community_name"]))
    moved = [n for n, (was, now) in enumerate(zip(BEFORE, after, strict=True)) if was != now]
    why = [(reasons or {}).get(ids[n], BESIDES) for n in moved]
    changes = pd.DataFrame({"block_id": ids, "from_id": [*BEFORE], "to_id": [*after], **{n: values[n] for n in counts}})
    write_table(folder / "healed" / "changes.csv", changes.iloc[moved].assign(reason=why))
    pinned = sum(values[counts[-1]][n] for n, reason in zip(moved, why, strict=True) if reason != BESIDES)
    besides = sum(values[counts[-1]][n] for n in moved) - pinned
    digest = hashlib.sha256((folder / "healed" / "plan_before.csv").read_bytes()).hexdigest()
    claims = {"blocks": len(moved), "by_pins": pinned, "besides": besides}
    write_json(folder, {"plan_before_sha256": digest, "pins": len(pins), "moved": claims})
    asked = [{"reason": "gate", **pin} for pin in pins]
    (folder / "healed" / "pins.yaml").write_text(json.dumps({"pins": asked}), encoding="utf-8")


def write_table(path: Path, table: pd.DataFrame) -> None:
    table.to_csv(path, index=False, encoding="utf-8-sig")


def write_json(folder: Path, claims: Mapping[str, object]) -> None:
    (folder / "healed" / "heal.json").write_text(json.dumps(claims), encoding="utf-8")


def said(found: Verification) -> list[str]:
    return [violation.message.en for violation in found.violations]


IN_B: Asked = {"blocks": ["04"], "in": "b"}
MERGE: Asked = {"merge": ["a", "乙"]}
MERGE_BC: Asked = {"merge": ["b", "c"]}


@pytest.mark.parametrize(
    ("asked", "kept", "broken", "wrong"),
    [
        ({"blocks": ["02"], "in": "a"}, "aaabcc", "aabbcc", "they lie in b"),
        ({"blocks": ["02"], "in": "甲"}, "aaabcc", "aabbcc", "they lie in b"),
        ({"blocks": ["02"], "with": "00"}, "aaabcc", "aabbcc", "they lie in a, b"),
        ({"together": ["00", "02"]}, "aaabcc", "aabbcc", "they lie in a, b"),
        ({"estate": "园"}, "aaabcc", "aabbcc", "they lie in a, b"),
        ({"whole": "x"}, "aaabcc", "aabbcc", "they lie in a, b"),
        ({"whole": "西社"}, "aaabcc", "aabbcc", "they lie in a, b"),
        ({"apart": ["04", "05"]}, "aabbcb", "aabbcc", "two of them lie in one community"),
        ({"keep": "b"}, "aabbcc", "abbbcc", "it has other blocks now"),
        ({"keep": "b"}, "acbbcc", "aabacc", "it has other blocks now"),
        ({"together": ["00", "09"]}, None, "aabbcc", "there is no 09"),
        ({"estate": "村"}, None, "aabbcc", "there is no -"),
    ],
)
def test_each_form_is_kept_or_broken(tmp_path: Path, asked: Asked, kept: str | None, broken: str, wrong: str) -> None:
    """What was asked holds of the plan, or is told with its number and reason; nothing else is."""
    for number, after in enumerate((kept, broken)):
        folder = tmp_path / str(number)
        folder.mkdir()
        if after is not None:
            write_healed(folder, after, asked)
            told = [] if after == kept else [f"Pin 1 (gate) does not hold: {wrong}."]
            assert said(judge_healed(folder)) == told


@pytest.mark.parametrize(
    ("pins", "after", "wrong"),
    [
        ([MERGE], "aaaacc", []),
        ([MERGE], "aabbcc", ["Pin 1 (gate) does not hold: no community holds half", "number of communities is 3"]),
        ([MERGE], "abbbcc", ["number of communities is 3"]),
        ([MERGE, IN_B], "aaaaac", []),
        ([MERGE, IN_B], "dddddc", []),  # who has most of the two
        ([MERGE, IN_B], "ddddcc", ["Pin 2 (gate) does not hold: they lie in c."]),
        ([{"split": "a", "into": 2}], "adbbcc", []),
        ([{"split": "a", "into": 2}], "aabbcc", ["Pin 1 (gate) does not hold: only 1 communities hold half", "number"]),
        ([{"split": "a", "into": 2}, MERGE_BC], "aabbbd", ["Pin 1 (gate) does not hold: only 1 communities hold half"]),
        ([{"split": "a", "into": 2}, MERGE_BC], "adbbbb", []),
    ],
)
def test_merging_and_splitting_decide_how_many_there_are(
    tmp_path: Path, pins: list[Asked], after: str, wrong: list[str]
) -> None:
    """One less for each two that are merged, one more for each part; what is merged is one for other pins, too."""
    write_healed(tmp_path, after, *pins)
    told = said(judge_healed(tmp_path))
    assert len(told) == len(wrong)
    assert all(part in text for part, text in zip(wrong, told, strict=True)), told


@pytest.mark.parametrize(
    ("pins", "after", "names", "wrong"),
    [
        ([{"rename": "b", "to": "新"}], "aabbcc", {"b": "新"}, ""),
        ([{"rename": "乙", "to": "新"}], "abbbcc", {"b": "新"}, ""),
        ([{"rename": "b", "to": "新"}], "aabbcc", {}, "Pin 1 (gate) does not hold: the name is borne by -."),
        ([{"rename": "b", "to": "新"}], "aabbcc", {"a": "新", "b": "新"}, "the name is borne by a, b."),
        ([{"rename": "b", "to": "新"}, MERGE], "aaaacc", {"a": "新"}, ""),
        ([{"keep": "c"}], "aabbcc", {"b": "新"}, "plan.csv: name"),
    ],
)
def test_names_change_only_where_they_are_asked_to(
    tmp_path: Path, pins: list[Asked], after: str, names: dict[str, str], wrong: str
) -> None:
    """Who bears the key is renamed, or who has most of it after a merger; every other name stays."""
    write_healed(tmp_path, after, *pins, names=NAMES | names)
    told = said(judge_healed(tmp_path))
    assert (told == []) if not wrong else any(wrong in text for text in told), told


@pytest.mark.parametrize("counts", [("people",), ("households",), ("households", "people")])
def test_residents_are_people_or_households(tmp_path: Path, counts: tuple[str, ...]) -> None:
    """Of three blocks that moved one was asked for: a folder that says so by the counts it has passes."""
    pin = {"blocks": ["02"], "in": "a"}
    write_healed(tmp_path, "aaaabc", pin, reasons={"02": "1: gate"}, counts=counts)
    found = judge_healed(tmp_path)
    assert (said(found), len(found.not_checked)) == ([], 2)


def break_changes(folder: Path, how: str) -> None:
    """Plant a break in the list of changes, of 02 and 04."""
    path = folder / "healed" / "changes.csv"
    rows = pd.read_csv(path, dtype=str)
    changed = {
        "row left out": rows.iloc[:1],
        "row more": pd.concat([rows, rows.iloc[:1].assign(block_id="00")]),
        "row twice": pd.concat([rows, rows.iloc[:1]]),
        "other count": rows.assign(people=["41", "160"]),
        "column gone": rows.drop(columns="people"),
        "no such pin": rows.assign(reason=["2: gate", BESIDES]),
        "other block": rows.assign(reason=["1: gate", "1: gate"]),
    }
    write_table(path, changed[how])


@pytest.mark.parametrize(
    ("how", "wrong"),
    [
        ("row left out", "in blocks 04."),
        ("row more", "in blocks 00."),
        ("row twice", "in blocks 02."),
        ("other count", "in blocks 02."),
        ("column gone", "changes.csv: columns"),
        ("no such pin", "changes.csv: reason is 2: gate (02)"),
        ("other block", "changes.csv: reason is 1: gate (04)"),
    ],
)
def test_the_list_of_changes_is_the_difference_of_the_plans(tmp_path: Path, how: str, wrong: str) -> None:
    """Each block that moved once, with its counts, and a reason that names it or none."""
    write_healed(tmp_path, "aaabbc", {"blocks": ["02"], "in": "a"}, reasons={"02": "1: gate"})
    assert said(judge_healed(tmp_path)) == []
    break_changes(tmp_path, how)
    told = said(judge_healed(tmp_path))
    assert any(wrong in text for text in told), told


@pytest.mark.parametrize(
    ("place", "value"),
    [("plan_before_sha256", "0"), ("pins", 2), ("moved.blocks", 3), ("moved.by_pins", 41), ("moved.besides", 159)],
)
def test_each_claim_is_counted_again(tmp_path: Path, place: str, value: object) -> None:
    """Digest, pins, and who moved: 40 people by the pin, and 160 besides."""
    write_healed(tmp_path, "aaabbc", {"blocks": ["02"], "in": "a"}, reasons={"02": "1: gate"})
    claims = json.loads((tmp_path / "healed" / "heal.json").read_text(encoding="utf-8"))
    assert claims["moved"] == {"blocks": 2, "by_pins": 40, "besides": 160}
    *outer, key = place.split(".")
    (claims[outer[0]] if outer else claims)[key] = value
    write_json(tmp_path, claims)
    (told,) = said(judge_healed(tmp_path))
    assert f"heal.json: {place} is {value};" in told


def test_another_list_of_blocks_is_told_and_no_more(tmp_path: Path) -> None:
    """Plans that do not have the same blocks cannot be compared."""
    write_healed(tmp_path, BEFORE, {"keep": "a"})
    path = tmp_path / "healed" / "plan_before.csv"
    write_table(path, pd.read_csv(path, dtype=str).iloc[1:])
    (told,) = said(judge_healed(tmp_path))
    assert "list of blocks is 00;" in told


def test_what_is_missing_is_told_and_without_a_folder_there_is_nothing_to_judge(tmp_path: Path) -> None:
    """A file that cannot be read is a violation; a review's minutes are named as not checked."""
    assert judge_healed(tmp_path) == Verification(())
    write_healed(tmp_path, BEFORE, {"keep": "a"})
    (tmp_path / "healed" / "minutes.csv").write_text("?")
    assert len(judge_healed(tmp_path).not_checked) == 3
    (tmp_path / "healed" / "heal.json").unlink()
    (told,) = said(judge_healed(tmp_path))
    assert "its files" in told
