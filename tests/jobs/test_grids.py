"""Grids from end to end on a small town: a run, a finished result, refusals, and planted breaks (issue 18)."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from redistrict.errors import ScenarioError
from redistrict.jobs.run import run
from redistrict.jobs.verify import verify
from redistrict.judge import judge_question, verify_files
from redistrict.scenario import load_scenario

from .small_town import tell
from .whole_town import CRS, draw_whole_town

GRIDS = """grids:
  households: 200
  tolerance: 0.4
  workers: 2
  code: "{community}-{number:02}"
  today: {path: wangge.gpkg, columns: {id: id, name: name}}
"""
STRICT = "strict.yaml"
STRICT_PACK = """
key: strict
title: {zh: 严, en: strict}
source: {document: {zh: 某文件, en: A paper}, place: 第1页, quote: 某句}
clauses:
  - {key: size, text: {zh: 规模, en: size}, cited: 某句, check: grid_size, households: {min: 199, max: 201}}
  - {key: number, text: {zh: 数量, en: number}, cited: 某句, check: grid_count, grids: {max: 1}}
  - {key: posts, text: {zh: 岗位, en: posts}, cited: 某句, check: grid_posts, min_posts: 3}
  - {key: whole, text: {zh: 连片, en: whole}, cited: 某句, check: grid_one_piece}
"""
TODAY = {"w1": "一格", "w2": "二格", "w3": None}
"""Three strips of two columns of blocks, from west to east."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the scenario `town.yaml`, `grids.yaml`, and the result `out` of both."""
    folder = tmp_path_factory.mktemp("town")
    path = draw_whole_town(folder)
    path.write_text(
        path.read_text(encoding="utf-8").replace("[huangshi_report]", f"[grid, {STRICT}]"), encoding="utf-8"
    )
    (folder / STRICT).write_text(STRICT_PACK, encoding="utf-8")
    strips = shapely.box([499_900, 500_230, 500_470], 3_339_000, [500_230, 500_470, 500_900], 3_341_000)
    layer = gpd.GeoDataFrame({"id": list(TODAY), "name": list(TODAY.values())}, geometry=strips, crs=CRS)
    layer.to_file(folder / "wangge.gpkg")
    (folder / "plain.yaml").write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8") + GRIDS, encoding="utf-8")
    (folder / "grids.yaml").write_text(GRIDS, encoding="utf-8")
    run(load_scenario(path), out=folder / "out")
    return folder


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / name, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def test_a_run_writes_grids_that_add_up_and_are_judged(town: Path) -> None:
    """Every block has a grid, sums are those of the blocks, posts two each, and `verify` makes all of it again."""
    of_block, rows = read(town / "out", "grids.csv"), read(town / "out", "grid_list.csv")
    blocks = gpd.read_file(town / "out" / "communities.gpkg", layer="blocks")
    sums = blocks.merge(of_block, on="block_id").groupby("grid")[["households", "people"]].sum()
    for name in ("households", "people"):
        assert rows.set_index("grid")[name].astype(int).to_dict() == sums[name].to_dict()
    assert set(rows["grid_workers"]) == {"2"}
    assert rows["households"].astype(int).between(120, 280).all()
    assert set(rows["continues_id"]) == set(TODAY)
    assert set(rows["continues_name"]) == {"一格", "二格", "w3"}
    told = json.loads((town / "out" / "report.json").read_text(encoding="utf-8"))["grids"]
    assert (told["count"], told["workers"], told["exceptions"]) == (len(rows), 2 * len(rows), [])
    verdict = verify(town / "out")
    assert verdict.ok, verdict.violations
    assert any("could not be divided otherwise" in one.en for one in verdict.not_checked)


@pytest.mark.slow(covers=["redistrict/jobs/grids.py", "redistrict/solver/grids.py"])
def test_a_finished_result_gets_the_same_grids_and_keeps_its_plan(town: Path) -> None:
    """`redistrict grids` writes a result that passes, with the plan and the grids of a run that asks for both."""
    run(load_scenario(town / "plain.yaml"), out=town / "plain")
    before = {path.name: path.read_bytes() for path in (town / "plain").iterdir() if path.is_file()}
    code, said = tell("grids", town / "plain", "--grids", town / "grids.yaml")
    assert code == 0, said
    made = town / "plain-grids"
    for name in ("plan.csv", "grids.csv", "grid_list.csv"):
        assert (made / name).read_bytes() == (town / "out" / name).read_bytes()
    verdict = verify(made, scenario=load_scenario(town / "plain.yaml"))
    assert verdict.ok, verdict.violations
    assert any("says nothing of grids" in note.en for note in verdict.notes)
    assert {path.name: path.read_bytes() for path in (town / "plain").iterdir() if path.is_file()} == before


def test_other_grids_than_those_approved_are_another_question(town: Path) -> None:
    """Where the approved scenario says how to divide, the folder may not say otherwise, nor have none."""
    own = load_scenario(town / "town.yaml")
    approved = load_scenario(town / "town.yaml", overrides=["grids.households=210"])
    plain = load_scenario(town / "plain.yaml")
    assert [one.found for one in judge_question(own, approved).violations] == ["grids.households = 200"]
    assert judge_question(plain, own).violations
    assert not judge_question(own, plain).violations


def test_what_cannot_be_divided_is_refused_in_one_sentence(town: Path) -> None:
    """A grid above its community, a result without the section, and codes that fall together."""
    with pytest.raises(ScenarioError, match="700 is above the 600 households of a community"):
        run(load_scenario(town / "town.yaml", overrides=["grids.households=700"]), out=town / "none")
    code, said = tell("grids", town / "out", "--grids", town / "plain.yaml", "--out", town / "none")
    assert (code, "grids" in said) == (3, True)
    assert not (town / "none").exists()


def _edit_csv(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        change(read(folder, name)).to_csv(folder / name, index=False, encoding="utf-8-sig")

    return edit


def _set(row: int, column: str, value: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda rows: rows.assign(**{column: [value if n == row else one for n, one in enumerate(rows[column])]})


def _drop_layer(folder: Path) -> None:
    layers = {name: gpd.read_file(folder / "communities.gpkg", layer=name) for name in ("communities", "blocks")}
    (folder / "communities.gpkg").unlink()
    for name, layer in layers.items():
        layer.to_file(folder / "communities.gpkg", layer=name)


def _recode(folder: Path) -> None:
    for name in ("grids.csv", "grid_list.csv"):
        _edit_csv(name, lambda rows: rows.assign(grid=rows["grid"].replace({rows["grid"][0]: "X"})))(folder)


def _move_the_last(rows: pd.DataFrame) -> pd.DataFrame:
    """Put the last block into the grid of the first, which is in another district."""
    return rows.assign(grid=[*rows["grid"].iloc[:-1], rows["grid"].iloc[0]])


BREAKS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a block of another community": (_edit_csv("grids.csv", _move_the_last), "lies in t0, t"),
    "a block lost": (_edit_csv("grids.csv", lambda rows: rows.iloc[1:]), "list of blocks"),
    "households": (_edit_csv("grid_list.csv", _set(0, "households", "999")), "households of"),
    "posts": (_edit_csv("grid_list.csv", _set(0, "grid_workers", "1")), "grid_workers of"),
    "continues": (_edit_csv("grid_list.csv", _set(0, "continues_id", "w9")), "continues_id of"),
    "an exception that is none": (_edit_csv("grid_list.csv", _set(0, "exception_en", "so")), "exception of"),
    "a grid not listed": (_edit_csv("grid_list.csv", lambda rows: rows.iloc[1:]), "list of grids"),
    "no list": (lambda folder: (folder / "grid_list.csv").unlink(), "its files"),
    "no layer": (_drop_layer, "its files"),
    "a code of its own": (_recode, r"its code is not of \{community\}-\{number:02\}"),
}


@pytest.mark.parametrize("kind", BREAKS)
def test_a_planted_break_is_named(town: Path, tmp_path: Path, kind: str) -> None:
    """The judge finds each by means of its own, as a violation of `grids`."""
    plant, words = BREAKS[kind]
    shutil.copytree(town / "out", tmp_path / "out")
    plant(tmp_path / "out")
    found = [
        one
        for one in verify_files(load_scenario(town / "town.yaml"), tmp_path / "out").violations
        if one.rule == "grids"
    ]
    assert found
    assert any(re.search(words, one.message.en) for one in found), [one.message.en for one in found]


def test_clauses_on_grids_are_counted_in_a_result(town: Path) -> None:
    """The shipped pack passes; a stricter one names the grids that miss it; without grids none applies."""
    rows = read(town / "out", "rules.csv")
    assert set(rows.loc[rows["pack"] == "grid", "outcome"]) == {"pass"}
    posts = rows[(rows["pack"] == "strict") & (rows["clause"] == "posts")]
    assert set(posts["outcome"]) == {"fail"}
    assert re.fullmatch(r"grids: 3; not so: 3: (t\d-\d\d \(2\)(, )?){3}", posts["found"].iloc[0]), posts["found"].iloc[
        0
    ]


CLAUSES = {"size": "grids: 9", "number": "grids: 9", "posts": "grids: 3", "whole": "grids: 3; not so: 1: t0-01 (2)"}


@pytest.mark.parametrize("clause", CLAUSES)
def test_a_wrong_clause_on_grids_is_named(town: Path, tmp_path: Path, clause: str) -> None:
    """The judge counts anew, and names pack, clause, community and number."""
    shutil.copytree(town / "out", tmp_path / "out")
    rows = read(tmp_path / "out", "rules.csv")
    row = rows.index[(rows["pack"] == "strict") & (rows["clause"] == clause)][0]
    home = rows.at[row, "community_id"]
    _edit_csv("rules.csv", _set(row, "found", CLAUSES[clause]))(tmp_path / "out")
    found = verify_files(load_scenario(town / "town.yaml"), tmp_path / "out").violations
    assert [one.community for one in found] == [home]
    assert re.search(rf"found of strict, {clause}.* {re.escape(CLAUSES[clause])}", found[0].message.en), found[
        0
    ].message


def test_fewer_posts_in_the_list_break_the_clause(town: Path, tmp_path: Path) -> None:
    """What the clauses say follows the delivered list, so a changed post is told there, too."""
    shutil.copytree(town / "out", tmp_path / "out")
    _edit_csv("grid_list.csv", _set(0, "grid_workers", "0"))(tmp_path / "out")
    found = verify_files(load_scenario(town / "town.yaml"), tmp_path / "out").violations
    assert any(re.search(r"outcome of grid, worker", one.message.en) for one in found), [
        one.message.en for one in found
    ]


def test_without_grids_their_clauses_do_not_apply(town: Path) -> None:
    """Each says so in words, and none passes."""
    folder = town / "plain"
    if not folder.exists():
        run(load_scenario(town / "plain.yaml"), out=folder)
    rows = read(folder, "rules.csv")
    assert set(rows["found"]) == {"not applicable, as there are no grids"}
    assert set(rows["outcome"]) == {"unknown"}
    assert all("不适用：没有划分网格" in one for one in rows["message_zh"])
