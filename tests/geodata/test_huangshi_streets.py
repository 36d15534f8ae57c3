"""The streets of the synthetic city: whole blocks, inside districts, with room for communities."""

import geopandas as gpd
import pytest

from tests.geodata.test_huangshi_projects import FOLDER


@pytest.fixture(scope="module")
def streets() -> gpd.GeoDataFrame:
    return gpd.read_file(FOLDER / "streets.gpkg")


@pytest.fixture(scope="module")
def street_of_block(streets):
    blocks = gpd.read_file(FOLDER / "huangshi.gpkg", layer="blocks")
    return gpd.overlay(blocks, streets[["street_id", "geometry"]], keep_geom_type=True).assign(
        share=lambda both: both.area / both["block_id"].map(blocks.set_index("block_id").area)
    )


def test_every_block_lies_in_one_street_whole(street_of_block):
    inside = street_of_block[street_of_block["share"] > 1e-6]
    assert len(inside) == 3083 == inside["block_id"].nunique()
    assert inside["share"].min() > 0.999


def test_streets_nest_in_districts_and_hold_what_they_say(streets, street_of_block):
    inside = street_of_block[street_of_block["share"] > 0.5].groupby("street_id")
    of = streets.set_index("street_id")
    assert (inside["district"].nunique() == 1).all()
    assert (inside["district"].first() == of["district"]).all()
    for column in ("households", "people"):
        assert (inside[column].sum() == of[column]).all()
    assert streets.groupby("district").size().to_dict() == {
        "黄石港区": 5,
        "西塞山区": 6,
        "下陆区": 2,
        "铁山区": 1,
        "开发区": 2,
    }


def test_each_street_has_room_for_communities_of_8000_people(streets):
    each = streets["people"] / (streets["people"] / 8000).round()
    assert each.between(7200 * 1.01, 8800 * 0.99).all()


def test_names_are_streets_and_no_two_alike(streets):
    assert streets["name_zh"].is_unique
    assert streets["name_zh"].str.fullmatch(r"[\u4e00-\u9fff]+街道").all()
    assert (streets.geom_type == "Polygon").all()
