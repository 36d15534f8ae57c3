"""Scenario files: what is read, what is refused, and where the message points."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.errors import ScenarioError
from redistrict.scenario import Scenario, dump_scenario, load_scenario, scenario_schema
from redistrict.scenario.models import NeckPrice
from redistrict.scenario.section import Text

from . import refusals
from .refusals import SMALLEST


def write(folder: Path, text: str) -> Path:
    path = folder / "s.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path, *overrides: str) -> list[str]:
    """Give the English problems, with the file's folder left out."""
    return refusals.problems(lambda: load_scenario(path, overrides=overrides), path.parent)


def test_smallest_scenario_gets_every_default(tmp_path: Path) -> None:
    """A scenario needs a name and blocks only; the rest has defaults."""
    scenario = load_scenario(write(tmp_path, SMALLEST))
    assert scenario.communities.count == "auto"
    assert scenario.communities.target.households == 2500


def test_paths_are_relative_to_the_scenario_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data paths start at the scenario's folder, not at the current one, and come out absolute."""
    folder = tmp_path / "city"
    folder.mkdir()
    path = write(folder, SMALLEST + "  roads:\n  - {path: ../r.shp, class_name: trunk}\n")
    monkeypatch.chdir(tmp_path)
    scenario = load_scenario(Path("city/s.yaml"), overrides=["data.roads.0.layer=x"])
    assert scenario.data.blocks.path == folder / "blocks.gpkg"
    assert scenario.data.roads[0].path == tmp_path / "r.shp"
    assert scenario.data.roads[0].layer == "x"
    assert load_scenario(path, overrides=["data.roads.0.path=q.shp"]).data.roads[0].path == folder / "q.shp"


def test_backslashes_in_paths_work_everywhere(tmp_path: Path) -> None:
    """A path written on Windows is read on any system."""
    scenario = load_scenario(write(tmp_path, SMALLEST.replace("blocks.gpkg", r"data\blocks.gpkg")))
    assert scenario.data.blocks.path == tmp_path / "data" / "blocks.gpkg"


def test_every_problem_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    """One error lists every problem with its line and column."""
    text = SMALLEST + (
        "communities:\n  count: atuo\n  tolerence: 3\n"
        "solve: {seed: true, effort: abc, workers: 1.5}\noutput:\n  language: cn\n"
    )
    assert problems(write(tmp_path, text)) == [
        "s.yaml:7:10: communities.count: 'atuo' is not allowed; write 'auto' or a whole number (at least 1) "
        "or a section with the keys min, max; did you mean 'auto'?",
        "s.yaml:8:3: communities.tolerence: unknown key; did you mean 'tolerance'?",
        "s.yaml:9:15: solve.seed: true/false fits no key; write a number, or quote it if it is text",
        "s.yaml:9:29: solve.effort: 'abc' is not allowed; write a number (above 0, at most 1,000)",
        "s.yaml:9:43: solve.workers: 1.5 is not allowed; write a whole number (at least 1, at most 256)",
        "s.yaml:11:13: output.language: 'cn' is not allowed; write 'zh' or 'en' or 'both'",
    ]


@pytest.mark.parametrize(
    ("addition", "expected"),
    [
        ("title: {zh: 城}\n", "s.yaml:6:1: title.en: is missing; write text of 1 to 200 characters"),
        ("communities: {count: {min: 5, max: 2}}\n", "s.yaml:6:15: communities.count: min 5 is above max 2"),
        ("communities: {count: {min: 5}}\n", "count.max: is missing; write a whole number (at least 1)"),
        ("solve:\n", "solve: an empty value is not allowed; write a section with the keys seed,"),
        ("procedure: {opinions_from: 2026年12月1日}\n", "'2026年12月1日' is not allowed; write a day, as 2026-12-01"),
        (
            "output: {tiles: http://maps/a.png}\n",
            "'http://maps/a.png' is not allowed; write an address as http://server/",
        ),
        ("solve: {time_limit_s: .nan}\n", "solve.time_limit_s: nan is not allowed; write a number (above 0)"),
        (
            "  roads: {path: r}\n",
            "data.roads: a section is not allowed; write a list ('- ' before each item)",
        ),
        (
            "contiguity:\n  links:\n  - blocks: [a, 0420202]\n    reason: x\n",
            's.yaml:8:17: contiguity.links.0.blocks.1: this is text: quote it, "0420202"',
        ),
        (
            "contiguity: {links: [{blocks: [a, b, c], reason: x}]}\n",
            "links.0.blocks: a list of 3 is not allowed; write a list of exactly 2",
        ),
        (
            "  roads: [{path: '', class_name: trunk}]\n",
            "roads.0.path: an empty value is not allowed; write text",
        ),
        ("  crs: 2024-01-01\n", 's.yaml:6:8: data.crs: this is text: quote it, "2024-01-01"'),
        ("  date: 2026\n", "s.yaml:6:9: data.date: 2026 is not allowed; write a day, as 2026-12-01"),
        ("  licence: 5\n", "data.licence: 5 is not allowed; write a section with the keys zh, en or text"),
        ("  licence: {zh: x}\n", "data.licence.en: is missing"),
        ("1: 2\n", "s.yaml:6:1: 1: unknown key; allowed: name, title, data,"),
        (
            'pins: !!python/object/apply:os.system ["true"]\n',
            "s.yaml:6:1: pins.0: 'true' is not allowed; write a section",
        ),
        ("communities: !!foo\n  a: 1\n", "communities.a: unknown key; allowed: target,"),
        (
            "communities: {target: {households: 2,500}}\n",
            "target.500: unknown key; if it is part of a number, write the number without commas (2500)",
        ),
        ("communities: {target: {households: '2,500'}}\n", "write a whole number (above 0); without commas: 2500"),
        ('  roads: [{path: "D:\\new\\r.shp", class_name: trunk}]\n', "s.yaml:6:18: between double quotes a backslash"),
        ('  roads: [{path: "D:\\data\\r.shp", class_name: trunk}]\n', "between double quotes a backslash begins a"),
        ("  roads: [{path: “r.shp”, class_name: trunk}]\n", "“r.shp” stands in quotation marks of Chinese text"),
        ("  roads: [{path: ' r.shp', class_name: trunk}]\n", "' r.shp' begins or ends with a blank; take it out"),
        ("objective: {crossing: {trunk: -1}}\n", "objective.crossing.trunk: -1 is not allowed"),
        (
            "  roads: [{path: r, class_column: k, class_name: trunk}]\n",
            "data.roads.0: give either 'class_column' or 'class_name'",
        ),
    ],
)
def test_wrong_values_are_told_in_plain_words(tmp_path: Path, addition: str, expected: str) -> None:
    """A single wrong value gives a single message that says what is allowed."""
    found = problems(write(tmp_path, SMALLEST + addition))
    assert len(found) == 1
    assert expected in found[0]


def test_name_follows_its_rule(tmp_path: Path) -> None:
    """A name becomes a folder, so only plain characters are allowed."""
    (found,) = problems(write(tmp_path, SMALLEST.replace("demo", "../up")))
    assert found.startswith("s.yaml:1:7: name: '../up' is not allowed; write 1 to 80 letters, digits")


def test_number_as_name_is_asked_to_be_quoted(tmp_path: Path) -> None:
    """A bare 0420202 keeps its leading zero in the advice."""
    assert problems(write(tmp_path, SMALLEST.replace("demo", "0420202"))) == [
        's.yaml:1:7: name: this is text: quote it, "0420202"'
    ]


def test_yaml_1_2_words_stay_words(tmp_path: Path) -> None:
    """`no`, `on` and 12:30 are text, and 1e2 is a number."""
    text = SMALLEST.replace("ID", "no").replace("HH", "12:30") + "solve: {time_limit_s: 1e2}\n"
    scenario = load_scenario(write(tmp_path, text))
    assert (scenario.data.blocks.columns.id, scenario.data.blocks.columns.households) == ("no", "12:30")
    assert scenario.solve.time_limit_s == 100


# --- what one key says against another ------------------------------------------------------------------


def test_the_only_quantity_leads(tmp_path: Path) -> None:
    """Where only people are counted, people lead without being told to."""
    path = write(tmp_path, SMALLEST.replace("households: HH, ", ""))
    assert load_scenario(path).communities.lead == "people"
    assert load_scenario(path, overrides=["communities.count=3"]).communities.lead == "people"


def test_lead_needs_a_column(tmp_path: Path) -> None:
    """A lead that is written but has no column is refused."""
    text = SMALLEST.replace(", people: POP", "") + "communities: {lead: people}\n"
    (found,) = problems(write(tmp_path, text))
    assert found.startswith("s.yaml:6:21: communities.lead: 'people' has no column in data.blocks.columns")


def test_lead_needs_a_target_to_count_by(tmp_path: Path) -> None:
    """Without a target for the lead the number of communities must be given."""
    text = SMALLEST + "communities: {target: {people: 8000}}\n"
    (found,) = problems(write(tmp_path, text))
    assert found.startswith("s.yaml:6:15: communities.target: 'households' has no target")
    assert load_scenario(write(tmp_path, text), overrides=["communities.count=4"]).communities.count == 4


def test_some_target_is_needed_around_targets(tmp_path: Path) -> None:
    """An empty target would leave the sizes free; around means it is fine."""
    text = SMALLEST + "communities: {count: 3, target: {}}\n"
    (found,) = problems(write(tmp_path, text))
    assert "no target for households or people" in found
    assert load_scenario(write(tmp_path, text), overrides=["communities.around=means"])


def test_count_by_district_needs_text_keys_and_the_district_column(tmp_path: Path) -> None:
    """District codes are text, and a district column must say where they are."""
    text = SMALLEST + "communities:\n  count_by_district:\n    420202: 3\n    西塞山区: 2\n"
    assert problems(write(tmp_path, text)) == [
        "s.yaml:7:3: communities.count_by_district: needs the district column; name it in data.blocks.columns.district",
        's.yaml:8:5: communities.count_by_district.420202: this is text: quote it, "420202"',
    ]


def test_road_classes_need_a_weight(tmp_path: Path) -> None:
    """A road class without a weight is a slip, and the nearest weight is suggested."""
    text = SMALLEST + "  roads: [{path: r, class_column: k, classes: {主干路: trunck}}]\n"
    (found,) = problems(write(tmp_path, text))
    assert "data.roads.0.classes.主干路: road class 'trunck' has no weight" in found
    assert found.endswith("did you mean 'trunk'?")
    assert load_scenario(write(tmp_path, text), overrides=["objective.crossing.trunck=0"])


# --- overrides ------------------------------------------------------------------------------------------


def test_overrides_win_and_make_missing_sections(tmp_path: Path) -> None:
    """An override replaces or adds one value and leaves the other defaults of its section alone."""
    overrides = ["solve.seed=9", "communities.count={min: 1, max: 3}", "objective.crossing.trunk=5"]
    scenario = load_scenario(write(tmp_path, SMALLEST), overrides=[*overrides, "communities.target.people=7"])
    assert scenario.solve.seed == 9
    assert scenario.communities.count.max == 3  # type: ignore[union-attr]
    assert scenario.objective.crossing == {"trunk": 5, "primary": 6, "secondary": 3}
    assert scenario.communities.target.model_dump() == {"households": 2500, "people": 7}


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("solve.seeds=4", "--set solve.seeds=4: solve.seeds: unknown key; did you mean 'seed'?"),
        (
            "comunities.count=3",
            "--set comunities.count=3: comunities: unknown key; did you mean 'communities'?",
        ),
        ("solve.seed", "--set solve.seed: write key.path=value"),
        ("=3", "--set =3: write key.path=value"),
        ("name.x=3", "--set name.x=3: 'name' holds a value and has no keys below it"),
        (
            "data.roads.1.path=x",
            "--set data.roads.1.path=x: 'data.roads' is a list of 1; its items are numbered",
        ),
        (
            "data.roads.x.path=x",
            "--set data.roads.x.path=x: 'data.roads' is a list of 1; its items are numbered",
        ),
        ("communities.count.min=3", "--set communities.count.min=3: communities.count.max: is missing"),
        (
            "solve.effort=-1",
            "--set solve.effort=-1: solve.effort: -1 is not allowed; write a number (above 0",
        ),
        ("solve.seed=[1", "--set solve.seed=[1: cannot be read as YAML: expected ',' or ']'"),
        ("name=420202", '--set name=420202: name: this is text: quote it, "420202"'),
    ],
)
def test_wrong_overrides_are_told_by_their_words(tmp_path: Path, override: str, expected: str) -> None:
    """A problem made by an override names the override, not a line of the file."""
    path = write(tmp_path, SMALLEST + "  roads:\n  - {path: r, class_name: trunk}\n")
    (found,) = problems(path, override)
    assert found.startswith(expected)


def test_overrides_are_collected_with_the_rest(tmp_path: Path) -> None:
    """Wrong overrides and a wrong file come in one error."""
    found = problems(write(tmp_path, SMALLEST + "nam: x\n"), "solve.seed", "solve.sed=3")
    assert [line.split(": ")[0] for line in found] == ["--set solve.seed", "--set solve.sed=3", "s.yaml:6:1"]


# --- files that are no scenario -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "s.yaml: is empty"),
        ("# only a comment\n", "s.yaml: is empty"),
        ("- a\n", "s.yaml:1:1: must hold 'key: value' lines"),
        ("name：demo\n", "s.yaml:1:5: a full-width character"),
        (SMALLEST + "solve：\n  seed: 1\n", "s.yaml:6:6: a full-width character"),
        (SMALLEST + "name: again\n", "s.yaml:6:1: name: this key stands twice; keep one"),
        ("name: x\ndata:\n\tblocks: 1\n", "s.yaml:3:1: indent with spaces, not with a tab"),
        ("%YAML 1.1\n---\nname: no\n", "s.yaml:1:1: only YAML 1.2 is read"),
        ("a: 1\n---\nb: 2\n", "s.yaml:2:1: one scenario per file"),
        ("a: [1\n", "s.yaml:2:1: cannot be read as YAML"),
        ("a: \x01\n", "s.yaml: cannot be read as YAML"),
        ("a: " + "9" * 5000, "s.yaml: a number or a date is out of range"),
        ("name: x\na: 2026-11-30\nb:  2026-02-30", "s.yaml:3:5: there is no day 2026-02-30"),
        ("[" * 1000, "s.yaml: a number or a date is out of range, or lists are nested too deeply"),
        ("x: &x 1\ny: [" + "*x," * 60 + "1]", "s.yaml: more than 50 aliases"),
        ("a" * 1_000_001, "s.yaml: has 1,000,001 bytes"),
    ],
)
def test_files_that_are_no_scenario_are_refused(tmp_path: Path, text: str, expected: str) -> None:
    """A file that cannot be read as a scenario gives one message that says what to do."""
    (found,) = problems(write(tmp_path, text))
    assert found.startswith(expected)


@pytest.mark.parametrize(("line", "column"), [("  zh：城", 5), ("\u3000\u3000zh: 城", 1)])
def test_full_width_characters_are_named_beside_their_consequence(tmp_path: Path, line: str, column: int) -> None:
    """Where a full-width colon or space leaves valid YAML, the message still points at it."""
    found = problems(write(tmp_path, SMALLEST + f"title:\n{line}\n"))
    assert found[0].startswith(f"s.yaml:7:{column}: a full-width character")


@pytest.mark.parametrize(("encoding", "guess"), [("gbk", "GBK"), ("utf-16", "UTF-16")])
def test_other_encodings_are_named(tmp_path: Path, encoding: str, guess: str) -> None:
    """A file saved in another encoding is refused with the encoding it seems to have."""
    path = tmp_path / "s.yaml"
    path.write_bytes((SMALLEST + "title: {zh: 黄石, en: x}\n").encode(encoding))
    (found,) = problems(path)
    assert f"is not UTF-8 (looks like {guess}); save the file as UTF-8" in found


def test_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    """The mark that Windows editors put before UTF-8 does no harm."""
    path = tmp_path / "s.yaml"
    path.write_bytes(SMALLEST.encode("utf-8-sig"))
    assert load_scenario(path).name == "demo"


def test_missing_file_and_folder_are_told(tmp_path: Path) -> None:
    """What is not a file is refused in words."""
    assert problems(tmp_path / "none.yaml") == ["none.yaml: there is no such file"]
    with pytest.raises(ScenarioError, match="is a folder; name the scenario file in it"):
        load_scenario(tmp_path)


def test_a_licence_is_one_text_or_one_in_each_language(tmp_path: Path) -> None:
    """The name of a licence serves both; the schema lets editors accept either."""
    read = {"CC0 1.0": Text(zh="CC0 1.0", en="CC0 1.0"), "{zh: 内部使用, en: own}": Text(zh="内部使用", en="own")}
    for written, licence in read.items():
        assert load_scenario(write(tmp_path, f"{SMALLEST}  licence: {written}\n")).data.licence == licence
    options = scenario_schema()["$defs"]["Data"]["properties"]["licence"]["anyOf"]
    assert [option.get("type", "section") for option in options] == ["section", "string", "null"]


def test_aliases_and_merge_keys_work(tmp_path: Path) -> None:
    """Two roads may share their keys by an anchor."""
    text = SMALLEST + "  roads:\n  - &r {path: a, class_name: trunk}\n  - {<<: *r, path: b}\n"
    roads = load_scenario(write(tmp_path, text)).data.roads
    assert [(road.path.name, road.class_name) for road in roads] == [("a", "trunk"), ("b", "trunk")]


def test_alias_to_itself_is_an_ordinary_problem(tmp_path: Path) -> None:
    """A list that holds itself ends in a message, not in endless recursion."""
    found = problems(write(tmp_path, SMALLEST + "x: &x [*x]\n"))
    assert found == [
        "s.yaml:6:1: x: unknown key; allowed: name, title, data, levels, contiguity, communities, objective, pins, "
        "grids, solve, standards, output, procedure, notice, sweep"
    ]
    (changed,) = problems(write(tmp_path, SMALLEST), "data.roads=&x [*x]")
    assert changed.startswith("--set data.roads=&x [*x]: data.roads.0: a list of 1 is not allowed")


# --- dump and schema ------------------------------------------------------------------------------------

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)
tricky = words | st.sampled_from(["no", "0420202", "1e3", "12:30", "null", "~", "a: b", "# x", "*x", "2024-01-01"])


@settings(max_examples=50)
@given(
    district=tricky,
    column=tricky,
    reason=tricky,
    effort=st.floats(1e-9, 1000, exclude_min=True),
    count=st.integers(1, 10**9),
)
def test_dump_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory,
    district: str,
    column: str,
    reason: str,
    effort: float,
    count: int,
) -> None:
    """The resolved scenario, written out and read again from anywhere, is the same scenario."""
    folder = tmp_path_factory.mktemp("dump")
    made = Scenario.model_validate(
        {
            "name": "1e3",
            "data": {
                "blocks": {
                    "path": folder / "黄石 blocks.gpkg",
                    "columns": {"id": column, "households": column, "district": column},
                }
            },
            "contiguity": {"links": [{"blocks": [district, column], "reason": reason}]},
            "communities": {"count_by_district": {district: {"min": 1, "max": count}}},
            "solve": {"effort": effort},
        }
    )
    text = dump_scenario(made)
    path = folder / "elsewhere.yaml"
    path.write_text(text, encoding="utf-8")
    again = load_scenario(path)
    assert again == made
    assert dump_scenario(again) == text
    assert math.isclose(again.solve.effort, effort)


def test_limits_that_hold_on_centrelines_are_refused_with_edges(tmp_path: Path) -> None:
    """Limits of shape are kept for outlines on centrelines, so no plan could promise them on edges."""
    for limit in ("min_compactness: 0.2", "min_neck_m: 5", "enclaves: refuse"):
        (tmp_path / "s.yaml").write_text(
            f"{SMALLEST}communities: {{{limit}}}\noutput: {{boundary: edge}}\n", encoding="utf-8"
        )
        (told,) = problems(tmp_path / "s.yaml")
        assert "hold for boundaries on centrelines" in told
        (tmp_path / "s.yaml").write_text(f"{SMALLEST}communities: {{{limit}}}\n", encoding="utf-8")
        assert load_scenario(tmp_path / "s.yaml").output.boundary == "centreline"


def test_a_price_of_necks_is_refused_where_there_are_none_to_pay_for(tmp_path: Path) -> None:
    """Where they are forbidden, where communities are not redrawn, and where outlines do not run on centrelines."""
    neck = f"{SMALLEST}objective: {{neck: {{width_m: 30, each: 500}}}}\n"
    path = tmp_path / "s.yaml"
    for more in ("communities: {min_neck_m: 20}", "communities: {change: keep}", "output: {boundary: edge}"):
        path.write_text(f"{neck}{more}\n", encoding="utf-8")
        assert any("objective.neck" in told for told in problems(path))
    path.write_text(neck, encoding="utf-8")
    assert load_scenario(path).objective.neck == NeckPrice(width_m=30, each=500)


def test_schema_in_the_repository_is_up_to_date() -> None:
    """`redistrict schema > scenarios/schema.json` has been run after the last change of the models."""
    stored = Path(__file__).parents[2] / "scenarios" / "schema.json"
    assert json.loads(stored.read_text(encoding="utf-8")) == scenario_schema()


def test_every_field_is_documented_in_the_schema() -> None:
    """Every key of every section has its sentence, which editors show."""
    schema = scenario_schema()
    sections = [schema, *(one for one in schema["$defs"].values() if "properties" in one)]
    silent = [
        key
        for one in sections
        for key, field in one["properties"].items()
        if not field.get("description") and "$ref" not in field
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("addition", "expected"),
    [
        (f"solve: {{seed: 0x{'f' * 5000}}}\n", "s.yaml:6:15: this number is out of range"),
        (f"objective: {{crossing: {{0x{'f' * 1000}: 1}}}}\n", "this number is out of range"),
        ("a: &a {<<: *a}\n", "s.yaml: a section is merged (<<) into itself; write its values out"),
        ("a: &a {b: {<<: *a}}\n", "s.yaml: a section is merged (<<) into itself; write its values out"),
        ('  roads: [{path: "r.shp\\0.txt", class_name: trunk}]\n', "s.yaml:6:18: this text holds the character NUL"),
        ('standards: {rules: ["a\\0.yaml"]}\n', "this text holds the character NUL"),
    ],
    ids=["number", "number as key", "merged into itself", "merged inside itself", "path", "rule pack"],
)
def test_what_yaml_can_say_but_no_scenario(tmp_path: Path, addition: str, expected: str) -> None:
    """Numbers of thousands of digits, sections that merge themselves and NUL in a path are refused with their place."""
    (found,) = problems(write(tmp_path, SMALLEST + addition))
    assert expected in found


def test_an_override_holds_no_nul_either(tmp_path: Path) -> None:
    """The same holds for what the command line lays over the file."""
    (found,) = problems(write(tmp_path, SMALLEST), 'data.blocks.path="a\\0"')
    assert "this text holds the character NUL" in found
