"""The tables of the office, counted anew by the judge: sizes, rooms, where workers go, lineage, clauses."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from redistrict.jobs.run import run
from redistrict.judge import verify_files
from redistrict.judge.border import Border, check_lines, trace_border
from redistrict.judge.bounds import SIDES, check_bounds, find_axes
from redistrict.judge.case import Assignment, Case, assign
from redistrict.judge.change import find_successions
from redistrict.judge.compactness import measure_compactness
from redistrict.judge.faults import Drawn
from redistrict.judge.ground import read_ground
from redistrict.judge.lineage import check_lineage
from redistrict.judge.office import COLUMNS, check_office
from redistrict.scenario import load_scenario
from tests.jobs.whole_town import draw_whole_town

Change = Callable[[pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True)
class Office:
    """A result with what the judge needs to judge its tables."""

    folder: Path
    case: Case
    communities: pd.DataFrame

    @cached_property
    def border(self) -> Border:
        """The outlines as handed over."""
        layer = gpd.read_file(self.folder / "communities.gpkg", layer="communities").set_index("community_id")
        shapes = layer.geometry.loc[list(self.case.plan.names)].to_numpy()
        return trace_border(Drawn("communities.gpkg", 0.02, self.case, shapes))

    def judge_border(self, table: str, change: Change) -> list[str]:
        """Change a table of borders, and give what the judge says of it."""
        check = {"bounds.csv": check_bounds, "boundaries.csv": check_lines}[table]
        found = check(self.case, self.border, change(read(self.folder / table)))
        return [violation.message.en for violation in found]

    def judge(self, table: str, change: Change) -> list[str]:
        """Change one table, and give what the judge says of all."""
        tables = {name: read(self.folder / name) for name in COLUMNS}
        tables[table] = change(tables[table])
        report = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        found = check_office(self.case, tables, self.communities, report, is_healed=False)
        return [violation.message.en for violation in found]


KINDS = {
    "dwellings": "check: dwelling_limits, dwellings: {min: 550, max: 650}",
    "committee": "check: committee, min_members: 5",
    "outline": "check: simple_outline, min_compactness: 0.6",
    "estates": "check: estate_whole",
    "street": "check: one_unit",
    "no_level": "check: one_unit, level: quarter",
    "walk": "check: walk, most_m: 150, min_share: 0.5",
    "circle": "check: circle, most_m: 250, people: {min: 1000}, dwellings: {max: 900}",
}
"""A clause of every kind that the report does not have."""


def write_rules(town: Path) -> Path:
    """Add a pack of clauses of all kinds; estates and streets are what is a community today."""
    words = "{zh: 字, en: words}"
    head = f"key: kinds\ntitle: {words}\nsource: {{document: {words}, place: 页, quote: 句}}\nclauses:\n"
    clauses = [f"  - {{key: {key}, text: {words}, cited: 句, {asked}}}\n" for key, asked in KINDS.items()]
    (town.parent / "kinds.yaml").write_text(head + "".join(clauses), encoding="utf-8")
    text = town.read_text(encoding="utf-8").replace("[huangshi_report]", "[huangshi_report, kinds.yaml]")
    text = text.replace("name: name, community: today", "name: today, community: today")
    levels = f"levels: [{{key: street, title: {words}, column: today, keep: free}}]\n"
    town.write_text(text + levels, encoding="utf-8")
    return town


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("town")
    scenario, out = load_scenario(write_rules(draw_whole_town(folder))), folder / "out"
    run(scenario, out=out)
    ground = read_ground(scenario)
    staffing = read(out / "staffing.csv").set_index("community_id")
    counts = staffing[["workers", "households", "people"]].astype(int)
    case = Case(scenario, ground, assign(ground, read(out / "plan.csv")))
    communities = staffing[["community_name", "district"]].join(counts)
    layer = gpd.read_file(out / "communities.gpkg", layer="communities").set_index("community_id")
    shapes = layer.geometry.loc[list(case.plan.names)].to_numpy()
    drawn = Drawn("communities.gpkg", 0.02, case, shapes)
    return Office(out, case, communities.loc[list(case.plan.names)].assign(compactness=measure_compactness(drawn)))


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def with_value(row: int, column: str, value: str) -> Change:
    """Put a value into one cell."""

    def change(rows: pd.DataFrame) -> pd.DataFrame:
        assert rows.loc[row, column] != value
        return rows.assign(**{column: [value if at == row else old for at, old in enumerate(rows[column])]})

    return change


def moving_worker(rows: pd.DataFrame) -> pd.DataFrame:
    """Send a worker of the first row elsewhere: to where the first row does not lead."""
    counts = rows["workers"].astype(int).tolist()
    other = next(at for at, goal in enumerate(rows["to_id"]) if goal not in ("", rows.loc[0, "to_id"]))
    counts[0] -= 1
    counts[other] += 1
    return rows.assign(workers=[str(n) for n in counts])


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        ("growth.csv", with_value(0, "households", "1"), "growth.csv: households of community 2027"),
        ("growth.csv", with_value(3, "people", "x"), "growth.csv: people of community"),
        ("growth.csv", with_value(0, "year", "2031"), "growth.csv: list of rows"),
        ("growth.csv", lambda rows: rows.drop(index=1), "growth.csv: list of rows"),
        ("premises.csv", with_value(0, "required_m2", "299.9"), "premises.csv: required_m2"),
        ("premises.csv", with_value(0, "existing_m2", "1"), "premises.csv: existing_m2"),
        ("premises.csv", with_value(0, "shortfall_m2", "-5"), "premises.csv: shortfall_m2"),
        ("transition.csv", with_value(0, "workers", "9"), "transition.csv: workers from"),
        ("transition.csv", moving_worker, "transition.csv: posts"),
        ("transition.csv", with_value(0, "kind_en", "vacant post"), "transition.csv: kind_en from"),
        ("transition.csv", with_value(0, "from_id", "nobody"), "transition.csv: workers from"),
        ("lineage.csv", with_value(0, "blocks", "9"), "lineage.csv: blocks, households, people from"),
        ("lineage.csv", with_value(1, "people", "x"), "lineage.csv: blocks, households, people from"),
        ("lineage.csv", with_value(1, "area_km2", "0.05"), "lineage.csv: area_km2 from"),
        ("lineage.csv", with_value(0, "area_km2", ""), "lineage.csv: area_km2 from"),
        ("lineage.csv", with_value(0, "old_fate_en", "new"), "lineage.csv: old_fate_en from"),
        ("lineage.csv", with_value(0, "old_fate_zh", "新设"), "lineage.csv: old_fate_zh from"),
        ("lineage.csv", with_value(0, "new_fate_en", "split"), "lineage.csv: new_fate_en from"),
        ("lineage.csv", with_value(0, "new_fate_zh", "拆分"), "lineage.csv: new_fate_zh from"),
        ("lineage.csv", with_value(0, "keeps_name", "2"), "lineage.csv: keeps_name from"),
        ("lineage.csv", with_value(0, "old_name", "某社区"), "lineage.csv: old_name from"),
        ("lineage.csv", with_value(0, "new_name", "某社区"), "lineage.csv: new_name from"),
        ("lineage.csv", with_value(0, "old_id", "t9"), "lineage.csv: rows from t9"),
        ("lineage.csv", lambda rows: rows.drop(index=2), "lineage.csv: rows from"),
        ("lineage.csv", lambda rows: pd.concat([rows, rows[:1]]), "lineage.csv: rows from"),
        ("growth.csv", with_value(0, "community_name", "某社区"), "growth.csv: community_name of community t0"),
        ("premises.csv", with_value(0, "district", "西区"), "premises.csv: district of community t0 is 西区"),
        ("bounds.csv", with_value(1, "community_name", "某社区"), "bounds.csv: community_name of community t2"),
        ("crossings.csv", with_value(0, "length_m", "9.9"), "crossings.csv: length_m of residential 小巷"),
        ("crossings.csv", with_value(0, "length_m", "x"), "crossings.csv: length_m of residential 小巷"),
        ("crossings.csv", with_value(0, "length_m", "999"), "crossings.csv: length_m of residential 小巷"),
        ("crossings.csv", with_value(0, "road_name", "大巷"), "crossings.csv: length_m of residential 大巷"),
        ("crossings.csv", with_value(0, "road_class", "trunk"), "crossings.csv: length_m of trunk 小巷"),
        ("crossings.csv", with_value(0, "community_id", "x"), "crossings.csv: length_m of residential 小巷"),
        ("crossings.csv", with_value(0, "cost_m", "1.5"), "crossings.csv: cost_m of residential 小巷"),
        ("crossings.csv", with_value(0, "served_m", "5"), "crossings.csv: served_m of residential 小巷"),
        ("crossings.csv", with_value(0, "empty_m", "90"), "crossings.csv: empty_m of residential 小巷"),
        ("crossings.csv", with_value(0, "divides", "2"), "crossings.csv: divides of residential 小巷"),
        ("crossings.csv", with_value(0, "blocks_facing", "77"), "crossings.csv: blocks_facing of residential 小巷"),
        ("crossings.csv", with_value(0, "blocks_main", "77"), "crossings.csv: blocks_beyond of residential 小巷"),
        ("crossings.csv", lambda rows: rows.drop(index=0), "crossings.csv: length_m of residential 小巷"),
        ("crossings.csv", lambda rows: pd.concat([rows, rows[:1]]), "crossings.csv: rows of a community, class"),
        ("rules.csv", with_value(0, "found", "1 households, 1 people"), "rules.csv: found of huangshi_report, target"),
        ("rules.csv", with_value(0, "allowed", "2,000 to 3,000 households"), "rules.csv: allowed of huangshi_report"),
        ("rules.csv", with_value(0, "outcome", "pass"), "rules.csv: outcome of huangshi_report, target_size"),
        ("rules.csv", with_value(0, "outcome", "waived"), "rules.csv: outcome of huangshi_report, target_size"),
        ("rules.csv", with_value(0, "strength", "must"), "rules.csv: strength of huangshi_report, target_size"),
        ("rules.csv", with_value(0, "reason", "so"), "rules.csv: reason of huangshi_report, target_size"),
        ("rules.csv", with_value(0, "message_en", "fine"), "rules.csv: message_en of huangshi_report"),
        ("rules.csv", with_value(0, "message_zh", "好"), "rules.csv: message_zh of huangshi_report"),
        ("rules.csv", with_value(0, "clause", "size"), "rules.csv: rows of huangshi_report, size"),
        ("rules.csv", lambda rows: rows.drop(index=3), "rules.csv: rows of huangshi_report"),
    ],
)  # fmt: skip
def test_what_plan_and_data_do_not_give_is_named(delivered: Office, table: str, change: Change, said: str) -> None:
    """Each is worked out from the blocks, the deliveries, the sites and today's staff; no other table is accused."""
    found = delivered.judge(table, change)
    assert any(said in message for message in found), found
    follow = ("rules.csv: ", "report.json: standards.", "report.json: totals.crossing_m")
    assert all(message.startswith((f"{table}: ", *follow)) for message in found), found


@pytest.mark.parametrize(
    "clause", ["main_roads", "clear_outline", "one_piece", "one_district", "workers", "premises", *KINDS]
)
def test_every_figure_of_every_kind_of_clause_is_known(delivered: Office, clause: str) -> None:
    """What is found of a community, and what is allowed, is worked out for each kind of clause."""

    def change(rows: pd.DataFrame) -> pd.DataFrame:
        row = rows.index[rows["clause"] == clause][0]
        return with_value(row, "found", "12345")(with_value(row, "allowed", "98765")(rows))

    found = delivered.judge("rules.csv", change)
    pack = "kinds" if clause in KINDS else "huangshi_report"
    for column in ("found", "allowed"):
        assert any(f"{column} of {pack}, {clause} of community" in message for message in found), found


@pytest.mark.parametrize("clause", KINDS)
def test_no_outcome_of_any_kind_of_clause_is_believed(delivered: Office, clause: str) -> None:
    """The other outcome for one community is named with clause and community."""

    def change(rows: pd.DataFrame) -> pd.DataFrame:
        row = rows.index[rows["clause"] == clause][0]
        return with_value(row, "outcome", "fail" if rows.loc[row, "outcome"] == "pass" else "pass")(rows)

    assert any(f"outcome of kinds, {clause} of community" in one for one in delivered.judge("rules.csv", change))


def saying(row: int, *changes: tuple[str, str, str, str]) -> Change:
    """Put another noun on sides of one community, in both languages: side, noun, noun in Chinese, what leads to it."""

    def change(rows: pd.DataFrame) -> pd.DataFrame:
        rows = rows.copy()
        for side, en, zh, lead in changes:
            rows.loc[row, f"{side}_en"] = f"{side} {'next to' if lead == '与' else 'to'} {en}"
            rows.loc[row, f"{side}_zh"] = f"{dict(SIDES)[side]}{lead}{zh}{'相邻' if lead == '与' else ''}"
        rows["bounds_en"] = rows[[f"{side}_en" for side, _ in SIDES]].agg("; ".join, axis=1) + "."
        rows["bounds_zh"] = rows[[f"{side}_zh" for side, _ in SIDES]].agg("，".join, axis=1) + "。"
        return rows

    return change


TRUNK, OPEN = ("迎江大道", "迎江大道", "至"), ("the edge of the built-up area", "建成区边缘", "至")


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        ("bounds.csv", saying(0, ("north", *TRUNK)), "north of community t0 is 迎江大道"),
        ("bounds.csv", saying(0, ("south", *OPEN)), "the plan and the data give 迎江大道, along most of it"),
        ("bounds.csv", saying(0, ("south", "小巷", "小巷", "至")), "south of community t0 is 小巷"),
        ("bounds.csv", saying(0, ("south", "大路", "大路", "至")), "give names of the data, alike in both languages"),
        ("bounds.csv", saying(0, ("south", "小巷", "迎江大道", "至")), "give names of the data, alike in both"),
        ("bounds.csv", saying(0, ("east", "t4社区", "t4社区", "与")), "east of community t0 is t4社区"),
        ("bounds.csv", saying(1, ("east", "t5社区", "t5社区", "与")), "east of community t2 is t5社区"),
        ("bounds.csv", saying(2, ("west", "the district line with 西区", "与西区的区界", "至")), "is the district"),
        ("bounds.csv", with_value(0, "east_en", ""), "east of community t0"),
        ("bounds.csv", with_value(0, "bounds_en", "east to 小巷."), "bounds_en of community t0"),
        ("bounds.csv", with_value(0, "bounds_zh", "东至小巷。"), "bounds_zh of community t0"),
        ("bounds.csv", with_value(0, "named_border_share", "0.4"), "named_border_share of community t0"),
        ("bounds.csv", with_value(0, "named_border_share", ""), "named_border_share of community t0"),
        ("bounds.csv", with_value(0, "community_id", "x"), "bounds.csv: list of communities"),
        ("boundaries.csv", with_value(0, "length_m", "300"), "boundaries.csv: metres along all with -"),
        ("boundaries.csv", with_value(0, "length_m", "x"), "boundaries.csv: metres along all with -"),
        ("boundaries.csv", with_value(2, "road_name", "小巷"), "metres along 迎江大道 with t1 of community t0 is 0"),
        ("boundaries.csv", with_value(2, "road_name", "小巷"), "metres along 小巷 with t1 of community t0 is 227"),
        ("boundaries.csv", with_value(1, "beyond_id", "t4"), "metres along all with t2 of community t0 is 0"),
        ("boundaries.csv", lambda rows: rows.drop(index=9), "metres along all with t5 of community t4 is 0"),
    ],
)  # fmt: skip
def test_a_border_that_runs_along_something_else_is_named(
    delivered: Office, table: str, change: Change, said: str
) -> None:
    """What is told of a border is found on the outlines as handed over, on that side and for those metres."""
    found = delivered.judge_border(table, change)
    assert any(said in message for message in found), found


def test_the_borders_as_delivered_pass(delivered: Office) -> None:
    """Unchanged, nothing is said of them; all sides turned round, every community is named."""
    for table in ("bounds.csv", "boundaries.csv"):
        assert delivered.judge_border(table, lambda rows: rows) == []

    def turned_round(rows: pd.DataFrame) -> pd.DataFrame:
        turned = rows.copy()
        for n, (side, zh) in enumerate(SIDES):
            other, other_zh = SIDES[n - 2]
            turned[f"{side}_en"] = side + rows[f"{other}_en"].str.removeprefix(other)
            turned[f"{side}_zh"] = zh + rows[f"{other}_zh"].str.removeprefix(other_zh)
        return saying(0)(turned)

    found = delivered.judge_border("bounds.csv", turned_round)
    for key in delivered.case.plan.names:
        assert any(f"of community {key} " in message for message in found), key


@pytest.mark.parametrize("angle", [0, 20, 40])
def test_sides_are_turned_with_the_grain(delivered: Office, angle: float) -> None:
    """Where streets do not run to the north, the south side of a rectangle is still a side, as the reference says."""
    origin = shapely.Point(500_000, 3_340_000)
    square = shapely.affinity.rotate(shapely.box(500_000, 3_340_000, 500_300, 3_340_200), angle, origin=origin)
    case = replace(delivered.case, plan=Assignment(("t0",), np.zeros(delivered.case.ground.n_blocks, dtype=np.intp)))
    case.__dict__["lines"] = replace(delivered.case.lines, shapes=np.array([square.exterior] * 2, dtype=object))
    border = trace_border(Drawn("communities.gpkg", 0.02, case, np.array([square], dtype=object)))
    east, south, west, north = (find_axes(border, 1)[0, 0]).tolist()
    turn = np.radians(angle)
    assert np.allclose([east, north], [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]], atol=0.15)
    assert np.allclose([west, south], [[-x for x in east], [-y for y in north]])


def test_totals_in_the_report_are_those_of_the_tables(delivered: Office, tmp_path: Path) -> None:
    """How many move, what becomes of communities and how the clauses come out are counted anew; columns are missed."""
    out = tmp_path / "out"
    shutil.copytree(delivered.folder, out)
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    wrong = {"residents": 1, "moved": -1, "moved_share": 0.5, "today": {"unchanged": 6}, "new": {}}
    report["standards"]["lineage"] |= wrong
    report["standards"]["rules"][0]["pass"] += 1
    (out / "report.json").write_text(json.dumps(report), encoding="utf-8")
    read(out / "growth.csv").drop(columns="people").to_csv(out / "growth.csv", index=False)
    said = [v.message.en.split(";")[0] for v in verify_files(delivered.case.scenario, out).violations]
    keys = [*(f"lineage.{key}" for key in wrong), "rules"]
    assert said[0] == "growth.csv: missing column is people"
    assert [one.split(" is ")[0] for one in said[1:]] == [f"report.json: standards.{key}" for key in keys]


def test_who_continues_a_community_of_today_is_found_anew(delivered: Office) -> None:
    """Whoever takes over the key of a community of today must hold most of its residents."""
    case = delivered.case
    (old, new), *_ = sorted(find_successions(case))
    assert old == new
    other = next(name for name in case.plan.names if name != new)
    turned = {new: other, other: new}
    plan = Assignment(tuple(turned.get(name, name) for name in case.plan.names), case.plan.community)
    rows = read(delivered.folder / "lineage.csv").assign(new_id=lambda rows: rows["new_id"].replace(turned))
    names = dict.fromkeys(case.plan.names, "")
    for is_healed in (False, True):  # names of a healed plan follow another plan
        found = check_lineage(replace(case, plan=plan), rows, names, is_healed=is_healed)
        assert any("plan.csv: community of today continued" in v.message.en for v in found) != is_healed


@pytest.mark.parametrize(("column", "value"), [("blocks", "99"), ("area_km2", "99"), ("old_name", "某社区")])
def test_a_wrong_row_of_the_lineage_is_named_by_both_communities(delivered: Office, column: str, value: str) -> None:
    """That of today it comes from, and that of the plan."""
    rows = read(delivered.folder / "lineage.csv")
    at = next(n for n, (old, new) in enumerate(zip(rows["old_id"], rows["new_id"], strict=True)) if old and old != new)
    where = f" from {rows.loc[at, 'old_id']} of community {rows.loc[at, 'new_id']} is "
    found = delivered.judge("lineage.csv", with_value(at, column, value))
    assert any(where in message for message in found), found


def test_nobody_is_without_a_post_while_one_is_vacant(delivered: Office) -> None:
    """A worker put aside and a post left empty add up, and are named all the same."""

    def put_aside(rows: pd.DataFrame) -> pd.DataFrame:
        first = rows.iloc[0]
        counts = [str(int(n) - (at == 0)) for at, n in enumerate(rows["workers"])]
        aside = first.to_dict() | {"to_id": "", "workers": "1", "kind_en": "without a post"}
        vacant = first.to_dict() | {"from_id": "", "workers": "1", "kind_en": "vacant post"}
        return pd.concat([rows.assign(workers=counts), pd.DataFrame([aside, vacant])], ignore_index=True)

    assert any("vacant posts" in message for message in delivered.judge("transition.csv", put_aside))


def test_the_tables_as_delivered_pass(delivered: Office) -> None:
    """Unchanged, nothing is said of them."""
    assert delivered.judge("rules.csv", lambda rows: rows) == []
