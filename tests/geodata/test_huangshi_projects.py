"""The list of estates under delivery of the synthetic city is what its README says, counted from the file itself."""

import csv
import hashlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

FOLDER = Path(__file__).parents[2] / "geodata" / "huangshi"
FILE = FOLDER / "projects.csv"
COMMUNITIES = pd.Series({"黄石港区": 28, "西塞山区": 31, "下陆区": 14, "铁山区": 7, "开发区": 10})
YEARS = range(2027, 2032)


@pytest.fixture(scope="module")
def blocks() -> gpd.GeoDataFrame:
    return gpd.read_file(FOLDER / "huangshi.gpkg", layer="blocks").set_index("block_id")


@pytest.fixture(scope="module")
def projects() -> pd.DataFrame:
    return pd.read_csv(FILE, dtype={"block_id": "string", "date": "string"}, encoding="utf-8-sig")


def test_29_deliveries_of_15_estates(projects):
    """29 deliveries, each with its own key, of 15 estates with a name in each language, in one block each."""
    estates = projects.groupby("estate_zh")
    assert len(projects) == 29 == projects["project_id"].nunique()
    assert len(estates) == 15 == projects["estate_en"].nunique() == projects["block_id"].nunique()
    assert (estates[["estate_en", "block_id"]].nunique() == 1).all(axis=None)
    assert projects["estate_zh"].str.fullmatch(r"[\u4e00-\u9fff]+").all()
    assert projects["estate_en"].str.fullmatch(r"[A-Za-z ]+").all()


def test_phases_follow_year_by_year(projects):
    """The phases of an estate are numbered from 1 and delivered one a year, from 2027 to 2031."""
    year = projects["date"].str[:4].astype(int)
    assert set(year) == set(YEARS)
    for _, rows in projects.groupby("estate_zh"):
        assert rows["phase"].tolist() == list(range(1, len(rows) + 1))
        assert (year[rows.index] - rows["phase"]).nunique() == 1


def test_dates_are_mixed(projects):
    """Some dates are years and some are days, as planners' lists have them."""
    is_year = projects["date"].str.fullmatch(r"\d{4}")
    assert projects["date"][~is_year].str.fullmatch(r"\d{4}-(06-30|12-31)").all()
    assert 3 <= is_year.sum() <= len(projects) - 3


def test_homes_households_and_people(projects):
    """60 to 160 homes a delivery, 64 to 420 an estate, 0.92 households a home, 3.2 people a household."""
    assert projects[["homes", "households", "people"]].sum().tolist() == [3_054, 2_810, 8_993]
    assert [projects["homes"].min(), projects["homes"].max()] == [60, 160]
    per_estate = projects.groupby("estate_zh")["homes"].sum()
    assert [per_estate.min(), per_estate.max()] == [64, 420]
    assert ((projects["households"] - 0.92 * projects["homes"]).abs() <= 0.5).all()
    assert ((projects["people"] - 3.2 * projects["households"]).abs() <= 0.5).all()


def test_blocks_exist_and_have_room(projects, blocks):
    """Estates stand on 小区, 空地 and 城中村 of all five districts, 30 m² of ground or more for each home."""
    at = blocks.loc[projects["block_id"]]
    assert set(at["kind"]) == {"小区", "空地", "城中村"}
    assert set(at["district"]) == set(COMMUNITIES.index)
    homes = projects.groupby("block_id")["homes"].sum()
    assert (blocks.area.loc[homes.index] >= 30 * homes).all()
    assert not set(projects["estate_zh"]) & set(blocks["name_zh"])


def test_every_district_keeps_its_number_of_communities(projects, blocks):
    """In 2031 the means by district, with as many communities as today's plan has, are below 2,650 and 8,400."""
    size = blocks[["households", "people"]].add(
        projects.groupby("block_id")[["households", "people"]].sum(), fill_value=0
    )
    mean = size.groupby(blocks["district"]).sum().div(COMMUNITIES, axis=0)
    assert mean["households"].between(2_250, 2_650).all()
    assert mean["people"].between(7_200, 8_400).all()


def test_no_neighbourhood_of_a_communitys_size_grows_by_more_than_400_households(projects, blocks):
    """Around each block, the nearest blocks that hold 2,500 households today get at most 400 more."""
    added = projects.groupby("block_id")["households"].sum().reindex(blocks.index, fill_value=0).to_numpy()
    households = blocks["households"].to_numpy()
    middles = blocks.geometry.centroid.to_numpy()
    for middle in middles:
        nearest = np.argsort(shapely.distance(middle, middles), kind="stable")
        inside = nearest[np.cumsum(households[nearest]) <= 2_500]
        assert added[inside].sum() <= 400


def test_the_file_is_as_documented():
    """UTF-8 with a byte order mark, one header, nothing quoted; the README has every column and the checksum."""
    text, readme = FILE.read_bytes(), (FOLDER / "README.md").read_text(encoding="utf-8")
    assert text.startswith(b"\xef\xbb\xbf")
    assert b'"' not in text
    assert b"\r" not in text
    header, *rows = csv.reader(text.decode("utf-8-sig").splitlines())
    assert len({len(row) for row in [header, *rows]}) == 1
    assert all(f"`{name}`" in readme for name in header)
    assert hashlib.sha256(text).hexdigest() in readme


def test_the_same_seed_gives_the_same_list(monkeypatch, projects, blocks):
    """The script makes the same rows again from the same seed."""
    monkeypatch.syspath_prepend(str(FOLDER))
    import make_projects

    again = make_projects.make_projects(blocks.reset_index())
    pd.testing.assert_frame_equal(again, projects, check_dtype=False)
