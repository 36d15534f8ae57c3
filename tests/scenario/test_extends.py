"""Scenario files that extend another one, and what one key asks of others."""

from pathlib import Path

import pytest

from redistrict.scenario import Scenario, dump_scenario, load_scenario, scenario_schema

from . import refusals

BASE = """\
name: base
data:
  blocks:
    path: blocks.gpkg
    columns: {id: ID, households: HH, people: POP}
  roads:
  - {path: a.shp, class_name: trunk}
  - {path: b.shp, class_name: primary}
communities: {count: 12, tolerance: {people: 0.2}}
"""
TABLES = {"current": "id: I", "premises": "id: I, area_m2: A", "projects": "id: I, block: B, date: D"}


def write(folder: Path, **texts: str) -> Path:
    """Write `name.yaml` for every text, and give the path of the first."""
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder / f"{next(iter(texts))}.yaml"


def extended(folder: Path, child: str, *overrides: str, base: str = BASE) -> Scenario:
    """Load `child` laid over `base`."""
    return load_scenario(write(folder, child="extends: base.yaml\n" + child, base=base), overrides=overrides)


def problems(path: Path, *overrides: str) -> list[str]:
    """Give the English problems, with the file's folder left out."""
    return refusals.problems(lambda: load_scenario(path, overrides=overrides), path.parent)


# --- what is merged -------------------------------------------------------------------------------------


def test_a_child_may_say_nothing(tmp_path: Path) -> None:
    """A file that only extends another one is the same scenario."""
    assert extended(tmp_path, "") == load_scenario(tmp_path / "base.yaml")


def test_sections_merge_and_lists_and_values_replace(tmp_path: Path) -> None:
    """What the child says wins, key by key; a list is taken as a whole."""
    child = "name: child\ncommunities: {tolerance: {households: 0.3}}\ndata: {roads: [{path: c, class_name: trunk}]}\n"
    scenario = extended(tmp_path, child)
    assert scenario.name == "child"
    assert scenario.communities.count == 12
    assert scenario.communities.tolerance.model_dump() == {"households": 0.3, "people": 0.2}
    assert [road.path.name for road in scenario.data.roads] == ["c"]
    assert scenario.data.blocks.columns.people == "POP"


def test_null_takes_back_what_the_parent_says(tmp_path: Path) -> None:
    """A key set to null has its default again; that of the whole section, if the section is taken back."""
    scenario = extended(tmp_path, "communities: {count: null}\ndata: {roads: null}\n")
    assert (scenario.communities.count, scenario.data.roads) == ("auto", ())
    assert scenario.communities.tolerance.people == 0.2
    assert extended(tmp_path, "communities: null\n").communities.tolerance.people == 0.1


def test_null_that_takes_nothing_back_is_an_ordinary_null(tmp_path: Path) -> None:
    """A slip is not hidden by its null, and a key the parent does not have is not dropped."""
    path = write(tmp_path, child="extends: base.yaml\nsolve: null\ncommunities: {tolerence: null}\n", base=BASE)
    found = problems(path)
    assert found[0].startswith("child.yaml:2:8: solve: an empty value is not allowed")
    assert found[1] == "child.yaml:3:15: communities.tolerence: unknown key; did you mean 'tolerance'?"


def test_parents_have_parents(tmp_path: Path) -> None:
    """In a chain the nearest file wins, and null in the middle takes back what lies below it only."""
    middle = "extends: base.yaml\ncommunities: {count: null, lead: people}\n"
    path = write(tmp_path, child="extends: middle.yaml\ncommunities: {around: means}\n", middle=middle, base=BASE)
    communities = load_scenario(path).communities
    assert (communities.count, communities.lead, communities.around) == ("auto", "people", "means")
    assert communities.tolerance.people == 0.2


def test_overrides_win_over_all_files(tmp_path: Path) -> None:
    """`--set` changes the merged scenario, numbered items and inner defaults included."""
    overrides = ["communities.count=3", "data.roads.1.layer=x", "communities.target.people=7"]
    scenario = extended(tmp_path, "communities: {count: 5}\n", *overrides)
    assert (scenario.communities.count, scenario.data.roads[1].layer) == (3, "x")
    assert scenario.communities.target.model_dump() == {"households": 2500, "people": 7}


def test_paths_count_from_the_file_they_stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers and rule packs of parent and child are found beside each; those of overrides beside the child."""
    (tmp_path / "city" / "trials").mkdir(parents=True)
    tables = "".join(f"  {key}: {{path: {key}.csv, columns: {{{columns}}}}}\n" for key, columns in TABLES.items())
    base = BASE.replace("POP}", "POP, community: C}").replace("communities:", tables + "communities:")
    write(tmp_path / "city", base=base + "standards: {rules: [huangshi_report, own.yaml]}\n")
    child = "extends: ..\\base.yaml\ndata: {barriers: [{path: ../w.shp}, {path: x}]}\n"
    write(tmp_path / "city" / "trials", child=child)
    monkeypatch.chdir(tmp_path)
    scenario = load_scenario(Path("city/trials/child.yaml"), overrides=["data.barriers.1.path=q.shp"])
    city, data = tmp_path / "city", scenario.data
    assert [road.path for road in data.roads] == [city / "a.shp", city / "b.shp"]
    assert [barrier.path for barrier in data.barriers] == [city / "w.shp", city / "trials" / "q.shp"]
    assert data.current is not None
    assert data.premises is not None
    assert data.projects is not None
    tables_at = [data.current.path, data.premises.path, data.projects.path]
    assert tables_at == [city / "current.csv", city / "premises.csv", city / "projects.csv"]
    assert scenario.standards.rules == ("huangshi_report", str(city / "own.yaml"))
    changed = load_scenario(Path("city/trials/child.yaml"), overrides=["standards.rules=[his.YML]"])
    assert changed.standards.rules == (str(city / "trials" / "his.YML"),)


def test_the_dump_is_complete(tmp_path: Path) -> None:
    """The scenario that goes into the result folder stands alone."""
    scenario = extended(tmp_path, "name: child\n")
    path = write(tmp_path, again=dump_scenario(scenario))
    assert "extends" not in path.read_text(encoding="utf-8")
    (tmp_path / "base.yaml").unlink()
    assert load_scenario(path) == scenario


def test_an_alias_to_itself_in_both_files_ends(tmp_path: Path) -> None:
    """Sections that hold themselves are merged to a limit, not forever."""
    path = write(tmp_path, child="extends: base.yaml\nx: &x {y: *x}\n", base=BASE + "x: &x {y: *x}\n")
    (found,) = problems(path)
    assert found.startswith("child.yaml:2:1: x: unknown key")


# --- where problems are ---------------------------------------------------------------------------------


def test_problems_are_told_where_they_stand(tmp_path: Path) -> None:
    """Each problem names the file its value comes from: first the child's, then the parent's."""
    base = BASE.replace("people: 0.2", "people: 2").replace("trunk", "trunck") + "output: {language: cn}\n"
    child = "extends: base.yaml\ncommunities:\n  tolerance: {households: 3}\ntitle: {zh: 城}\n"
    found = problems(write(tmp_path, child=child, base=base))
    assert [line.split(": ")[:2] for line in found] == [
        ["child.yaml:3:27", "communities.tolerance.households"],
        ["child.yaml:4:1", "title.en"],
        ["base.yaml:7:31", "data.roads.0.class_name"],
        ["base.yaml:9:46", "communities.tolerance.people"],
        ["base.yaml:10:20", "output.language"],
    ]


def test_a_list_of_the_child_hides_that_of_the_parent(tmp_path: Path) -> None:
    """What is missing in an item of the child's list is not looked for in the parent's list."""
    path = write(tmp_path, child="extends: base.yaml\ndata:\n  roads:\n  - {path: c}\n", base=BASE)
    (found,) = problems(path)
    assert found == "child.yaml:4:5: data.roads.0: give either 'class_column' or 'class_name'"


def test_what_null_took_back_is_missed_at_the_null(tmp_path: Path) -> None:
    """A needed section that the child takes back is asked for where it does so."""
    (found,) = problems(write(tmp_path, child="extends: base.yaml\ndata:\n  blocks: null\n", base=BASE))
    assert found.startswith("child.yaml:3:3: data.blocks: is missing")


def test_full_width_characters_of_a_parent_are_named_in_the_parent(tmp_path: Path) -> None:
    """The traps of YAML are looked for in every file."""
    path = write(tmp_path, child="extends: base.yaml\n", base=BASE + "title:\n  zh：城\n")
    assert problems(path)[0].startswith("base.yaml:11:5: a full-width character")


# --- `extends` itself -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("none.yaml", "child.yaml:1:10: extends: there is no such file: none.yaml"),
        ("child.yaml", "child.yaml:1:10: extends: the files extend each other in a circle (child.yaml -> child.yaml)"),
        ("middle.yaml", "middle.yaml:1:10: extends: the files extend each other in a circle (child.yaml -> middle.y"),
        ("[base.yaml]", "child.yaml:1:1: extends: write the path of one scenario file"),
        ("true", "child.yaml:1:10: extends: write the path of one scenario file"),
        ("''", "child.yaml:1:10: extends: write the path of one scenario file"),
        ("empty.yaml", "empty.yaml: is empty"),
    ],
)
def test_a_parent_that_cannot_be_is_told_at_its_line(tmp_path: Path, value: str, expected: str) -> None:
    """A missing parent, a circle, or something else than one file is one clear problem."""
    path = write(tmp_path, child=f"extends: {value}\n", middle="extends: child.yaml\n", empty="", base=BASE)
    (found,) = problems(path)
    assert found.startswith(expected)


def test_extends_is_a_matter_of_files(tmp_path: Path) -> None:
    """It cannot be set from outside, and a misspelt one is recognised."""
    path = write(tmp_path, base=BASE)
    (found,) = problems(path, "extends=other.yaml")
    assert found.startswith("--set extends=other.yaml: extends: cannot be changed from outside")
    assert problems(write(tmp_path, slip="extend: base.yaml\n" + BASE)) == [
        "slip.yaml:1:1: extend: unknown key; did you mean 'extends'?"
    ]


def test_extends_is_in_the_schema() -> None:
    """Editors know the key, and ask for name and data only in files without it."""
    schema = scenario_schema()
    assert next(iter(schema["properties"])) == "extends"
    assert schema["anyOf"] == [{"required": ["extends"]}, {"required": ["name", "data"]}]
    assert "required" not in schema


# --- what one key asks of others ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("override", "need", "given"),
    [
        ("communities.change=keep", "data.blocks.columns.community", "C"),
        ("communities.change=merge_only", "data.blocks.columns.community", "C"),
        ("communities.max_moved_share=0.1", "data.blocks.columns.community", "C"),
        ("objective.disruption=0.5", "data.blocks.columns.community", "C"),
        ("data.current={path: c, columns: {id: I}}", "data.blocks.columns.community", "C"),
        ("standards.premises.site=required", "data.premises", "{path: p, columns: {id: I, area_m2: A}}"),
        ("standards.growth.hold=required", "data.projects", "{path: p, columns: {id: I, block: B, date: D}}"),
    ],
)
def test_keys_that_need_data_say_so(tmp_path: Path, override: str, need: str, given: str) -> None:
    """What cannot be done without a column or a layer is refused until it is named."""
    path = write(tmp_path, base=BASE)
    (found,) = problems(path, override)
    assert found.startswith(f"--set {override}: {override.split('=')[0]}: needs ")
    assert found.endswith(f"; name it in {need}")
    assert load_scenario(path, overrides=[override, f"{need}={given}"])


def test_no_cost_of_disruption_needs_nothing(tmp_path: Path) -> None:
    """The defaults, written out, ask for no data."""
    assert extended(tmp_path, "objective: {disruption: 0}\ncommunities: {change: redraw, max_moved_share: null}\n")


def test_merging_goes_by_the_targets(tmp_path: Path) -> None:
    """Communities that are only merged cannot lie around a mean that the number of them gives."""
    base = BASE.replace("POP}", "POP, community: C}")
    path = write(tmp_path, child="extends: base.yaml\ncommunities: {change: merge_only, around: means}\n", base=base)
    (found,) = problems(path)
    assert found.startswith("child.yaml:2:43: communities.around: merge_only keeps the sizes around the targets")
    assert load_scenario(path, overrides=["communities.around=targets"])


def test_rule_packs_must_exist_and_waivers_must_speak_of_them(tmp_path: Path) -> None:
    """Names of packs are checked with the scenario; a pack of one's own goes by the name of its file."""
    waiver = "{{pack: {}, clause: c, community: x, reason: r}}"
    standards = f"standards:\n  rules: [yuhang, my/own.yaml]\n  waivers:\n  - {waiver.format('yuhang_2020')}\n"
    path = write(tmp_path, child=f"extends: base.yaml\n{standards}  - {waiver.format('own')}\n", base=BASE)
    assert problems(path) == [
        "child.yaml:3:11: standards.rules.0: no rule pack is called 'yuhang'; write gb50180 or grid or henan_2022 or "
        "huangshi_report or hubei_2025 or national_2026 or procedure_practice or yuhang_2020, "
        "or a file that ends in .yaml; did you mean 'yuhang_2020'?",
        "child.yaml:5:12: standards.waivers.0.pack: rule pack 'yuhang_2020' is not among standards.rules "
        "(yuhang, own); did you mean 'yuhang'?",
    ]
    assert len(load_scenario(path, overrides=["standards.rules.0=yuhang_2020"]).standards.waivers) == 2


def test_barriers_need_no_weight_but_may_have_one(tmp_path: Path) -> None:
    """A class of barriers may be named in `objective.crossing`; `never` is a weight like a number."""
    child = "data: {barriers: [{path: w, class_name: river}, {path: r, class_name: rail}]}\n"
    scenario = extended(tmp_path, child + "objective: {crossing: {trunk: never, primary: 2, rail: never}}\n")
    assert scenario.objective.crossing == {"trunk": "never", "primary": 2, "rail": "never"}
    (found,) = problems(write(tmp_path, slip="extends: base.yaml\nobjective: {crossing: {trunk: nevr, primary: 1}}\n"))
    assert found.endswith("write a number (at least 0, at most 1,000,000) or 'never'; did you mean 'never'?")
