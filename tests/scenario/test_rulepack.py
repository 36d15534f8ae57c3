"""Rule packs: those that are shipped, and what is refused."""

from pathlib import Path

import pytest

from redistrict.errors import ScenarioError
from redistrict.scenario.rulepack import RulePack, load_rulepack, shipped_rulepacks

from . import refusals

HEAD = """\
key: own
title: {zh: 本市规则, en: Our rules}
source:
  document: {zh: 某文件, en: A paper}
  place: 第2页
  quote: 某句
clauses:
"""
START = "  - key: k\n    text: {zh: 字, en: words}\n    cited: 某句\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    """Give the English problems, with the file's folder left out."""
    return refusals.problems(lambda: load_rulepack(str(path)), path.parent)


def values(pack: RulePack, key: str) -> dict[str, object]:
    """Give what a clause asks, without its words."""
    (clause,) = [clause for clause in pack.clauses if clause.key == key]
    words = {"key", "text", "cited", "place", "reading"}
    return {name: value for name, value in clause.model_dump(exclude_none=True).items() if name not in words}


@pytest.mark.parametrize("key", shipped_rulepacks())
def test_every_shipped_pack_is_cited_and_marks_its_readings(key: str) -> None:
    """Each clause names the place of its sentence; each tolerance and share that we chose says so."""
    pack = load_rulepack(key)
    assert pack.key == key
    for clause in pack.clauses:
        assert clause.place in pack.source.place.split("、")
        if clause.check in ("target_size", "outline_along"):
            assert clause.reading is not None
            assert "our reading" in clause.reading.en
            assert "我们的理解" in clause.reading.zh


def test_the_huangshi_pack_says_what_the_report_says() -> None:
    """2,500 households and 8,000 people; a worker per 250 or 800; 20 m² per 100 households and at least 300 m²."""
    pack = load_rulepack("huangshi_report")
    target = {"check": "target_size", "households": 2500, "people": 8000, "tolerance": 0.2, "strength": "should"}
    assert values(pack, "target_size") == target
    workers = values(pack, "workers")
    assert (workers["households_per_worker"], workers["people_per_worker"]) == (250, 800)
    norm = {"check": "premises", "m2_per_100_households": 20, "minimum_m2": 300, "strength": "must"}
    assert values(pack, "premises") == norm


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        ("split_above", {"check": "split_above", "households": 5000, "strength": "must"}),
        ("merge_below", {"check": "merge_below", "households": 500, "strength": "must"}),
        ("upper_limit", {"check": "size_limits", "households": {"max": 4000}, "strength": "must"}),
        ("one_area", {"check": "one_piece", "strength": "must"}),
        (
            "fit_size",
            {
                "check": "size_limits",
                "households": {"min": 1500, "max": 3000},
                "people": {"min": 10000, "max": 15000},
                "strength": "should",
            },
        ),
    ],
)
def test_the_yuhang_pack_says_what_the_guidance_says(key: str, asked: dict[str, object]) -> None:
    """5,000 and 500 households; 1,500 to 3,000 and 10,000 to 15,000 people; not above 4,000; one area."""
    assert values(load_rulepack("yuhang_2020"), key) == asked


@pytest.mark.parametrize(
    ("key", "most_m", "people", "dwellings"),
    [
        ("five_minutes", 400, (5000, 12000), None),
        ("ten_minutes", 800, (15000, 25000), (5000, 8000)),
        ("fifteen_minutes", 1200, (50000, 100000), (17000, 32000)),
    ],
)
def test_the_circles_are_those_of_the_planning_standard(
    key: str, most_m: float, people: tuple[int, int], dwellings: tuple[int, int] | None
) -> None:
    """People, and from ten minutes on dwellings, within 80 metres a minute."""
    ranges = {"people": people, "dwellings": dwellings}
    asked = {name: {"min": ends[0], "max": ends[1]} for name, ends in ranges.items() if ends}
    wanted = {"check": "circle", "most_m": most_m, "strength": "should", **asked}
    assert values(load_rulepack("gb50180"), key) == wanted


def test_the_law_of_2026_is_quoted_in_its_own_words() -> None:
    """1,000 to 3,000 households, generally; who proposes, who approves; other packs say they sum up."""
    pack = load_rulepack("national_2026")
    asked = {"check": "size_limits", "households": {"min": 1000, "max": 3000}, "strength": "generally"}
    assert values(pack, "size") == asked
    assert pack.clauses[0].cited in pack.source.quote
    assert pack.proposes is not None
    assert "街道办事处提出" in pack.proposes.zh
    assert pack.approves is not None
    assert "市辖区的人民政府批准" in pack.approves.zh
    wording = {key: load_rulepack(key).source.wording for key in shipped_rulepacks()}
    assert [key for key, how in wording.items() if how == "verbatim"] == ["huangshi_report", "national_2026"]


@pytest.mark.parametrize(("word", "close"), [("yuhang", "; did you mean 'yuhang_2020'?"), ("../packs", "")])
def test_unknown_packs_are_told_with_those_there_are(word: str, close: str) -> None:
    """A name that is no file and no shipped pack lists the shipped ones."""
    with pytest.raises(ScenarioError, match="write gb50180 or grid or henan_2022 or") as caught:
        load_rulepack(word)
    assert str(caught.value).endswith(f"ends in .yaml{close}")


def test_a_pack_of_ones_own_is_read_from_its_file(tmp_path: Path) -> None:
    """Every kind of check can be written, with defaults where they are harmless."""
    checks = [
        "size_limits, people: {min: 1}",
        "target_size, people: 9, tolerance: 0.1",
        "split_above, people: 9",
        "merge_below, people: 9",
        "one_piece",
        "one_district",
        "outline_along, min_share: 0.5",
        "road_inside, classes: [trunk]",
        "staffing, people_per_worker: 400",
        "premises, minimum_m2: 300",
        "dwelling_limits, dwellings: {min: 1}",
        "committee, min_members: 5",
        "simple_outline, min_compactness: 0.2",
        "estate_whole",
        "one_unit",
        "walk, most_m: 400, min_share: 0.8",
        "circle, most_m: 400, people: {max: 9}",
    ]
    words = "text: {zh: 字, en: words}, cited: 某句"
    clauses = [f"  - {{key: k{number}, {words}, check: {check}}}\n" for number, check in enumerate(checks)]
    pack = load_rulepack(str(write(tmp_path, HEAD + "".join(clauses))))
    assert [clause.check for clause in pack.clauses] == [check.split(",")[0] for check in checks]
    assert {clause.strength for clause in pack.clauses} == {"must"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "    check: one_peace\n",
            "own.yaml:11:12: clauses.0.check: 'one_peace' is not allowed; write 'size_limits' or",
        ),
        ("    check: one_peace\n", "or 'grid_posts'; did you mean 'one_piece'?"),
        ("", "own.yaml:8:5: clauses.0.check: is missing; write 'size_limits' or 'target_size'"),
        ("    check: one_piece\n    most_m: 3\n", "own.yaml:12:5: clauses.0.most_m: unknown key; allowed: key, text,"),
        ("    check: road_inside\n    clases: [a]\n", "clauses.0.clases: unknown key; did you mean 'classes'?"),
        (
            "    check: road_inside\n    classes: []\n",
            "classes: a list of 0 is not allowed; write a list of at least 1",
        ),
        ("    check: road_inside\n    classes: [3]\n", 'clauses.0.classes.0: this is text: quote it, "3"'),
        ("    check: outline_along\n    min_share: 80\n", "80 is not allowed; write a number (above 0, at most 1)"),
        ("    check: outline_along\n    min_share: true\n", "min_share: true/false fits no key"),
        ("    check: split_above\n    people: null\n", "clauses.0: give at least one of 'households' and 'people'"),
        ("    check: size_limits\n    people: {}\n", "own.yaml:12:5: clauses.0.people: give 'min', 'max' or both"),
        ("    check: size_limits\n    people: {min: 2, max: 1}\n", "clauses.0.people: min 2 is above max 1"),
        ("  - hello\n", "own.yaml:11:5: clauses.1: 'hello' is not allowed; write a section with the keys key,"),
        ("    check: staffing\n", "give at least one of 'households_per_worker' and 'people_per_worker'"),
        (
            "    check: one_piece\n" + START + "    check: one_piece\n",
            "own.yaml:12:10: clauses.1.key: another clause has this key",
        ),
    ],
)
def test_a_bad_clause_is_told_at_its_line(tmp_path: Path, text: str, expected: str) -> None:
    """Each problem has its line and says what this kind of check allows, not what others do."""
    found = "\n".join(problems(write(tmp_path, HEAD + START + text)))
    assert expected in found


def test_the_key_is_the_name_of_the_file(tmp_path: Path) -> None:
    """Waivers name packs by key, and the scenario knows only the file."""
    path = write(tmp_path, HEAD.replace("own", "other") + START + "    check: one_piece\n")
    assert problems(path) == ["own.yaml:1:6: key: must be the name of the file, 'own'"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A pack that ends in .yaml is looked for as a file."""
    assert problems(tmp_path / "none.yaml") == ["none.yaml: there is no such file"]
