"""Agreement: what the judge reads of every file of a scenario, and how two readings are told apart."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from redistrict.errors import DataError
from redistrict.judge.agreement import compare_reading, read_again, read_current
from redistrict.scenario.models import Scenario
from redistrict.scenario.sources import (
    BarrierSource,
    BlockColumns,
    BlockSource,
    CurrentColumns,
    CurrentSource,
    Data,
    ProjectColumns,
    ProjectSource,
    RoadSource,
    SiteColumns,
    SiteSource,
    StartSource,
    StructureSource,
)

from .towns import CRS, line, make_town, square

LINES = [line((0, 0), (0, 9)), line((0, 0), (9, 0)), shapely.LineString(), None]


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """Give a scenario with a file of every kind, with gaps in each: two blocks, ``1`` of today's community a."""
    folder = tmp_path_factory.mktemp("every_file")

    def layer(name: str, geometry: list[Any], **columns: list[Any]) -> Path:
        frame = gpd.GeoDataFrame(columns or {"row": range(len(geometry))}, geometry=geometry, crs=CRS)
        frame.to_file(folder / f"{name}.gpkg", layer="layer")
        return folder / f"{name}.gpkg"

    def table(name: str, text: str) -> Path:
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        return folder / f"{name}.csv"

    shapes = {"1": square(0, 0), "2": square(100, 0)}
    town = make_town(folder, shapes, households={"1": 5, "2": 6}, district="东", today={"1": "a", "2": ""})
    every = BlockColumns(id="key", households="households", district="district", community="community")
    roads = layer("roads", LINES, kind=["一级", "其他", "一级", "一级"], called=["甲路", "乙路", "丙路", "丁路"])
    data = Data(
        blocks=BlockSource(path=folder / "blocks.gpkg", columns=every),
        roads=(RoadSource(path=roads, class_column="kind", classes={"一级": "primary"}, name_column="called"),),
        barriers=(BarrierSource(path=layer("walls", LINES), class_name="rail"),),
        structures=(StructureSource(path=layer("made", LINES[:2], kind=["bridge", "gate"]), kind_column="kind"),),
        current=CurrentSource(
            path=table("current", "id,name,staff,locked\na,,3,是\nb,乙,4,\n"),
            columns=CurrentColumns(id="id", name="name", staff="staff", locked="locked"),
        ),
        premises=SiteSource(
            path=layer("premises", [shapely.Point(0, 0)] * 2, id=["s", "t"], m2=[80.5, None], called=["站", ""]),
            columns=SiteColumns(id="id", area_m2="m2", name="called"),
        ),
        projects=ProjectSource(
            path=table("projects", "id,block,date,hh\np,1,2030年,90\nq,2,soon,\n"),
            columns=ProjectColumns(id="id", block="block", date="date", households="hh"),
        ),
        start=StartSource(path=table("start", "block_id,community_id\n2,x\n3,y\n")),
    )
    return town.scenario.model_copy(update={"data": data})


def test_the_judge_reads_what_counts_of_every_file(scenario: Scenario) -> None:
    """Rows without a class or a place, and communities without blocks, are left out; a name not given is the key."""
    found = {key: table.to_dict("records") for key, table in read_again(scenario).items()}
    blocks = {"name": "", "district": "东", "area_m2": pytest.approx(10_000)}
    assert found == {
        "data.blocks": [
            blocks | {"id": "1", "community": "a", "households": 5},
            blocks | {"id": "2", "community": "", "households": 6},
        ],
        "data.roads": [{"class": "primary", "name": "甲路"}],
        "data.barriers": [{"class": "rail", "name": ""}] * 2,
        "data.structures": [{"kind": "bridge"}],
        "data.current": [{"id": "a", "name": "a", "staff": 3, "locked": True}],
        "data.premises": [{"id": "s", "name": "站", "area_m2": 80.5}, {"id": "t", "name": "t", "area_m2": 0}],
        "data.projects": [
            {"id": "p", "block": "1", "households": 90, "year": 2030},
            {"id": "q", "block": "2", "households": 0, "year": 0},
        ],
        "data.start": [{"id": "1", "plan": -1}, {"id": "2", "plan": 0}],
    }


def test_a_heading_that_stands_in_its_column_says_yes(tmp_path: Path) -> None:
    """Offices mark who is locked by repeating the heading, and leave the others empty."""
    (tmp_path / "current.csv").write_text("id,重点\na,重点\nb,\n", encoding="utf-8")
    source = CurrentSource(path=tmp_path / "current.csv", columns=CurrentColumns(id="id", locked="重点"))
    assert read_current(source, {"a", "b"})["locked"].tolist() == [True, False]


def test_the_same_rows_in_another_order_agree(scenario: Scenario) -> None:
    """Only what is read counts, not in which order; areas may differ by a hundredth."""
    given = {key: table.iloc[::-1] for key, table in read_again(scenario).items()}
    compare_reading(scenario, given)
    compare_reading(scenario, given | {"data.blocks": given["data.blocks"].assign(area_m2=10_099.0)})


@pytest.mark.parametrize(
    ("key", "change", "match"),
    [
        ("data.roads", {"name": "路"}, r"^data\.roads: 'name' of primary: the engine reads 路, the judge 甲路"),
        ("data.blocks", {"households": [5, 7]}, "'households' of 2: the engine reads 7, the judge 6"),
        ("data.blocks", {"area_m2": 10_102.0}, "'area_m2' of 1: the engine reads 10102"),
        ("data.current", None, "rows: the engine reads 0, the judge 1"),
    ],
)
def test_the_first_row_that_differs_is_named(scenario: Scenario, key: str, change: dict | None, match: str) -> None:
    """Table, column and row are said, or how many rows there are."""
    given = read_again(scenario)
    table = pd.DataFrame() if change is None else given[key].assign(**change)
    with pytest.raises(DataError, match=match):
        compare_reading(scenario, given | {key: table})
