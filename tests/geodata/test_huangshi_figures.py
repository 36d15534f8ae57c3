"""The synthetic city of Huangshi carries every figure of the survey report, counted from the file itself."""

import hashlib
import sys
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

FOLDER = Path(__file__).parents[2] / "geodata" / "huangshi"
FILE = FOLDER / "huangshi.gpkg"
DISTRICTS = ["黄石港区", "西塞山区", "下陆区", "铁山区", "开发区"]
MAX_GAP_M = 60
STRUCTURE_REACH_M = 60


def _read(layer: str) -> gpd.GeoDataFrame:
    return gpd.read_file(FILE, layer=layer)


@pytest.fixture(scope="module")
def blocks() -> gpd.GeoDataFrame:
    return _read("blocks")


@pytest.fixture(scope="module")
def communities() -> gpd.GeoDataFrame:
    return _read("communities")


@pytest.fixture(scope="module")
def sizes(blocks: gpd.GeoDataFrame) -> pd.DataFrame:
    """Households and people of today's communities, summed over their blocks."""
    return blocks.groupby("community_id")[["households", "people"]].sum()


# What the report says is wrong today ---------------------------------------------------------------------------


def test_133_communities_in_five_areas(blocks):
    """133 communities = 38 + 39 + 31 + 9 + 16, none in two districts."""
    per_district = blocks.groupby("district")["community_id"].nunique()
    assert per_district.reindex(DISTRICTS).tolist() == [38, 39, 31, 9, 16]
    assert blocks["community_id"].nunique() == 133


@pytest.mark.parametrize(
    ("low", "high", "n_communities"),
    [(0, 999, 23), (1000, 1999, 64), (2000, 2499, 23), (2500, 3000, 11), (3001, 10**6, 12)],
)
def test_communities_by_households(sizes, low, high, n_communities):
    """Each of the report's five bands of households holds as many communities as it says."""
    assert sizes["households"].between(low, high).sum() == n_communities


def test_smallest_community_is_laoxialu(sizes, communities):
    """The smallest community is 老下陆社区 in 下陆区 with 298 households, and no other is as small."""
    smallest = sizes["households"].nsmallest(2)
    row = communities.set_index("community_id").loc[smallest.index[0]]
    assert smallest.iloc[0] == 298 < smallest.iloc[1]
    assert (row["name_zh"], row["district"]) == ("老下陆社区", "下陆区")


def test_largest_community_is_cihu(sizes, communities):
    """The largest community is 磁湖社区 with 4,126 households, on the lake, and no other is as large."""
    largest = sizes["households"].nlargest(2)
    row = communities.set_index("community_id").loc[largest.index[0]]
    lake = _read("water").query("kind == 'lake'").geometry.union_all()
    assert largest.iloc[0] == 4126 > largest.iloc[1]
    assert row["name_zh"] == "磁湖社区"
    assert row.geometry.distance(lake) < 150


def test_communities_cross_roads(communities):
    """Many communities lie on both sides of a trunk or primary road (跨街越路)."""
    roads = _read("roads").query("road_class in ('trunk', 'primary')").geometry.union_all()
    inside = shapely.intersection(shapely.buffer(communities.geometry.to_numpy(), -40), roads)
    assert (shapely.length(inside) > 100).sum() > 60


def test_communities_are_scattered(communities):
    """Some communities lie in two or more separate pieces (布局零散)."""
    n_pieces = shapely.get_num_geometries(communities.geometry.to_numpy())
    assert 10 <= (n_pieces > 1).sum() <= 20


def test_communities_interlock(communities):
    """Their borders are ragged (相互交错): the usual one is far from a compact shape (4πA/P² of a square: 0.79)."""
    compactness = 4 * np.pi * communities.area / communities.length**2
    assert compactness.median() < 0.4


def test_premises_norm_is_recorded():
    """The norm is 20 m² per 100 households and never under 300 m²."""
    norms = _read("norms").set_index("key")["value"]
    assert norms["premises_m2_per_100_households"] == 20
    assert norms["premises_min_m2"] == 300


def test_79_communities_have_premises_of_300_m2(communities):
    """79 of 133 communities have 300 m² or more, 54 fall short; one site each, inside its community."""
    premises = _read("premises")
    site = premises.set_index("community_id").loc[communities["community_id"]]
    assert (premises["area_m2"] >= 300).sum() == 79
    assert (premises["area_m2"] < 300).sum() == 54
    assert premises["site_id"].is_unique
    assert site["area_m2"].tolist() == communities["premises_m2"].tolist()
    assert shapely.contains(communities.geometry.to_numpy(), site.geometry.to_numpy()).all()


def test_staff(communities):
    """910 workers, 641 party members, 470 with college or above, mean age 37.4."""
    staff = _read("staff")
    per_community = staff.groupby("community_id").size().reindex(communities["community_id"])
    assert len(staff) == 910 == communities["staff"].sum()
    assert per_community.tolist() == communities["staff"].tolist()
    assert staff["is_party_member"].sum() == 641
    assert staff["has_college"].sum() == 470
    assert staff["age"].mean() == pytest.approx(37.4, abs=0.05)


def test_tasks():
    """19 classes and 145 items; family planning takes 60 % of the time."""
    tasks = _read("tasks")
    assert tasks["class_zh"].nunique() == 19 == tasks["class_en"].nunique()
    assert len(tasks) == 145 == tasks["item_zh"].nunique()
    assert tasks["item_no"].tolist() == list(range(1, 146))
    assert tasks.loc[tasks["class_zh"] == "计划生育", "time_share"].sum() == pytest.approx(0.60)
    assert tasks["time_share"].sum() == pytest.approx(1.0)


def test_service_fund():
    """The norm is 10 yuan per household and year; exactly one district pays it in full, none more."""
    paid = _read("districts")["service_fund_yuan"]
    assert _read("norms").set_index("key")["value"]["service_fund_per_household"] == 10
    assert (paid == 10).sum() == 1
    assert paid.max() == 10


def test_developers_duty_is_recorded():
    """For every 1,000 homes built, 100 m² of community rooms."""
    assert _read("norms").set_index("key")["value"]["developer_m2_per_1000_homes"] == 100


# What the report proposes --------------------------------------------------------------------------------------


def test_people_by_district(blocks):
    """219,900 / 250,600 / 114,300 / 78,000 people, 662,800 together; 铁山 (57,000, assumed) comes on top."""
    people = blocks.groupby("district")["people"].sum()
    assert people.reindex(DISTRICTS).tolist() == [219_900, 250_600, 114_300, 57_000, 78_000]
    assert people.drop("铁山区").sum() == 662_800


def test_target_sizes_can_be_met_together(blocks):
    """With 28 + 31 + 14 + 7 + 10 communities the means lie within 4 % of 2,500 households and of 8,000 people."""
    count = pd.Series([28, 31, 14, 7, 10], index=DISTRICTS)
    mean = blocks.groupby("district")[["households", "people"]].sum().div(count, axis=0)
    assert mean["households"].between(2_400, 2_600).all()
    assert mean["people"].between(7_680, 8_320).all()


def test_norms_of_the_proposal():
    """2,500 households and 8,000 people; one worker per 250 households or 800 people."""
    norms = _read("norms").set_index("key")["value"]
    keys = ["target_households", "target_people", "households_per_worker", "people_per_worker"]
    assert norms[keys].tolist() == [2500, 8000, 250, 800]


def test_villages_turned_into_communities(communities):
    """15 communities were villages (村改居), most of them in the outer districts."""
    converted = communities[communities["is_village_conversion"] == 1]
    assert len(converted) == 15
    assert converted["district"].isin(["下陆区", "铁山区", "开发区"]).sum() >= 9


# The file ------------------------------------------------------------------------------------------------------


def test_block_ids(blocks):
    """Block ids are text of ten digits with a leading zero, each once."""
    assert pd.api.types.is_string_dtype(blocks["block_id"])
    assert blocks["block_id"].str.fullmatch(r"0\d{9}").all()
    assert blocks["block_id"].is_unique


def test_number_of_blocks(blocks):
    """2,500 to 3,500 blocks, 10 to 20 % of them without residents, none above 900 households."""
    assert 2_500 <= len(blocks) <= 3_500
    assert 0.10 <= (blocks["households"] == 0).mean() <= 0.20
    assert blocks["households"].max() <= 900
    assert set(blocks["kind"]) == {"小区", "街块", "城中村", "空地", "公园绿地"}


def test_people_per_household(blocks):
    """Blocks hold 2.7 to 3.7 people per household, and no people without households."""
    lived_in = blocks[blocks["households"] > 0]
    assert (lived_in["people"] / lived_in["households"]).between(2.7, 3.7).all()
    assert (blocks.loc[blocks["households"] == 0, "people"] == 0).all()


def test_people_per_household_is_spatially_mild(blocks):
    """Over the 30 nearest blocks the ratio stays within 5 % of the district's."""
    for _, district in blocks.groupby("district"):
        xy = shapely.get_coordinates(shapely.centroid(district.geometry.to_numpy()))
        near = np.argsort(((xy[:, None] - xy[None]) ** 2).sum(axis=2), axis=1)[:, :30]
        households, people = district["households"].to_numpy(), district["people"].to_numpy()
        ratio = people[near].sum(axis=1) / households[near].sum(axis=1) * households.sum() / people.sum()
        assert np.abs(ratio - 1).max() <= 0.05


def test_blocks_keep_apart(blocks):
    """Blocks are valid and do not even touch; they stay out of the water, and each lies in its community."""
    shapes = blocks.geometry.to_numpy()
    i, j = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert shapely.is_valid(shapes).all()
    assert (i == j).all()
    assert not shapely.intersects(shapes, _read("water").geometry.union_all()).any()
    home = _read("communities").set_index("community_id").geometry.loc[blocks["community_id"]].to_numpy()
    assert shapely.contains(home, shapely.point_on_surface(shapes)).all()


def test_communities_layer_sums_its_blocks(sizes, communities):
    """Households and people of the communities layer are the sums over the blocks; names are used once."""
    table = communities.set_index("community_id")[["households", "people"]].sort_index()
    assert table["households"].tolist() == sizes["households"].sort_index().tolist()
    assert table["people"].tolist() == sizes["people"].sort_index().tolist()
    assert communities["name_zh"].is_unique
    assert communities["name_en"].is_unique


def test_districts_layer_sums_its_blocks(blocks):
    """The districts layer counts its communities and people right, and says they are assumed."""
    districts = _read("districts").set_index("district")
    by_district = blocks.groupby("district")
    assert districts["people"].to_dict() == by_district["people"].sum().to_dict()
    assert districts["n_communities"].to_dict() == by_district["community_id"].nunique().to_dict()
    assert (districts["assumed"] == 1).all()


def _facing_pairs(blocks: gpd.GeoDataFrame) -> np.ndarray:
    """Pairs with at least 20 m² of one block in the first 3 m seen from the other, no closed barrier between."""
    shapes = blocks.geometry.to_numpy()
    i, j = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=MAX_GAP_M)
    i, j = i[i < j], j[i < j]
    gap_m = shapely.distance(shapes[i], shapes[j])
    facing = shapely.area(shapely.intersection(shapely.buffer(shapes[i], gap_m + 3), shapes[j])) > 20
    i, j = i[facing], j[facing]
    sight = shapely.shortest_line(shapes[i], shapes[j])
    barriers = shapely.union_all([_read("water").geometry.union_all(), _read("rail").geometry.union_all()])
    structures = _read("structures").query("kind != 'signal'").geometry.to_numpy()
    served = shapely.dwithin(sight[:, None], structures[None, :], STRUCTURE_REACH_M).any(axis=1)
    seen, other = shapely.STRtree(shapes).query(sight, predicate="intersects")
    clear = np.ones(len(i), dtype=bool)
    clear[seen[(other != i[seen]) & (other != j[seen])]] = False
    open_ = clear & (served | ~shapely.intersects(sight, barriers))
    return np.column_stack([i, j])[open_]


def test_every_district_hangs_together(blocks):
    """In every district the populated blocks are one component, and so are all its blocks."""
    graph = nx.Graph(_facing_pairs(blocks).tolist())
    for _, members in blocks.groupby("district"):
        lived_in = members.index[members["households"] > 0]
        assert nx.is_connected(graph.subgraph(lived_in))
        assert len(graph.subgraph(lived_in)) == len(lived_in)
        assert nx.is_connected(graph.subgraph(members.index))


def test_structures_lie_where_roads_cross():
    """Every bridge and underpass lies on rail or water, every signal on a road."""
    structures = _read("structures")
    crossed = shapely.union_all([_read("rail").geometry.union_all(), _read("water").geometry.union_all()])
    roads = _read("roads").geometry.union_all()
    signals = structures["kind"] == "signal"
    assert set(structures["kind"]) == {"bridge", "underpass", "signal"}
    assert (structures.geometry[~signals].distance(crossed) < 1).all()
    assert (structures.geometry[signals].distance(roads) < 1).all()


def test_names_are_bilingual():
    """Every name stands in Chinese and in English, in every layer that has names."""
    for layer in ("blocks", "communities", "roads", "rail", "water", "hills", "structures"):
        frame = _read(layer)
        assert frame["name_zh"].str.contains(r"[\u4e00-\u9fff]").all()
        assert frame["name_en"].str.fullmatch(r"[A-Za-z0-9 ]+").all()


def test_file_says_it_is_synthetic():
    """The metadata table says in both languages that the data are synthetic, and the README does too."""
    metadata = _read("metadata").set_index("key").loc["status"]
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert "合成" in metadata["value_zh"]
    assert "ynthetic" in metadata["value_en"]
    assert "synthetic" in readme
    assert "合成" in readme


def test_file_is_small_metric_and_as_documented():
    """The file is under 6 MB, in EPSG:4547 throughout, and has the checksum its README gives."""
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert FILE.stat().st_size < 6_000_000
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() in readme
    for layer, kind in pyogrio.list_layers(FILE):
        if kind is not None:
            assert _read(layer).crs.to_epsg() == 4547


@pytest.mark.slow(covers=["geodata/huangshi/"])
def test_same_seed_same_city(monkeypatch):
    """The script makes the same tables again from the same seed."""
    monkeypatch.syspath_prepend(str(FOLDER))
    import make_city

    first, again = make_city.make_layers(), make_city.make_layers()
    for name, layer in first.items():
        pd.testing.assert_frame_equal(pd.DataFrame(layer), pd.DataFrame(again[name]))
    for module in [m for m in sys.modules if m == "make_city" or m.startswith("city_")]:
        monkeypatch.delitem(sys.modules, module)
