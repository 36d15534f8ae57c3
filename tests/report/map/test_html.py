"""The map page: what is packed into it, and what must never be."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from importlib import resources
from importlib.metadata import version
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from redistrict.errors import OutputError
from redistrict.report.map import content as map_pack
from redistrict.report.map import html as maps
from redistrict.report.map.content import Era
from redistrict.report.map.html import SCRIPTS, MapPage, write_map
from redistrict.report.map.words import WORDS
from redistrict.report.offline import DROPPED, INLINED, read_own
from redistrict.report.style import (
    CROSSING_LOOKS,
    ROAD_CLASSES,
    colour_communities,
    crossing_class,
    crossing_steps,
    deviation_class,
)
from redistrict.scenario.models import Objective, Output

CRS = "EPSG:4547"
X, Y = 599_400.0, 3_342_300.0


def write_and_read(page: MapPage, directory: Path) -> tuple[str, dict]:
    """Write `page`; give its text and its data block."""
    path = directory / "map.html"
    write_map(path, page)
    text = path.read_bytes().decode("utf-8")
    block = re.search(r'<script type="application/json" id="plan">(.*?)</script>', text)
    assert block is not None
    return text, json.loads(block[1])


def with_communities(era: Era, communities: gpd.GeoDataFrame) -> Era:
    return replace(era, communities=communities, cards=era.cards[: len(communities)])


def unpack(shapes: list) -> gpd.GeoSeries:
    """Undo the packing of polygons."""
    points = [[[np.cumsum(np.reshape(ring, (-1, 2)), axis=0) / 1e6 for ring in p] for p in s] for s in shapes]
    polygons = [shapely.MultiPolygon([(p[0], p[1:]) for p in shape]) for shape in points]
    return gpd.GeoSeries(polygons, crs=4326).to_crs(CRS)


def squares(corners: list[tuple[float, float]], size: float) -> gpd.GeoSeries:
    """Draw squares by their lower left corners, in metres from a point in Huangshi."""
    return gpd.GeoSeries([shapely.box(X + x, Y + y, X + x + size, Y + y + size) for x, y in corners], crs=CRS)


def test_only_a_page_with_streets_knows_of_them(city_page: MapPage, street_page: MapPage, tmp_path: Path) -> None:
    """Without a level the page has no list; with one, streets that have communities."""
    _, data = write_and_read(city_page, tmp_path)
    assert "units" not in data
    _, data = write_and_read(street_page, tmp_path)
    assert data["units"]["name"] == ["花湖街道", "沈家营街道"]
    assert data["units"]["communities"] == [[0, 2, 4, 6, 8, 10], [1, 3, 5, 7, 9, 11]]
    assert data["units"]["sums"][0] == {"households": 12_345, "workers": 40}


# ---- nothing from outside ------------------------------------------------------------------------


def test_folium_asks_for_the_assets_we_know() -> None:
    """A folium that wants another asset, or another Leaflet or jQuery, is noticed here first."""
    assets = {**dict(folium.Map.default_js), **dict(folium.Map.default_css)}
    assert set(assets) == set(INLINED) | DROPPED
    assert f"leaflet@{version('XStatic-Leaflet').rsplit('.', 1)[0]}/" in assets["leaflet"]
    assert f"jquery-{version('XStatic-jQuery').rsplit('.', 1)[0]}." in assets["jquery"]


def test_page_refers_to_nothing_outside_itself(city_page: MapPage, tmp_path: Path) -> None:
    """No element of the page has an address to load, and no style names one."""
    text, _ = write_and_read(city_page, tmp_path)
    markup = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert not re.findall(r"\s(?:src|href)\s*=", markup)
    assert all(url.startswith(("data:", "#")) for url in re.findall(r"url\(['\"]?([^)'\"]*)", markup))
    assert "sourceMappingURL" not in text


def test_policy_names_every_script_and_no_other(city_page: MapPage, tmp_path: Path) -> None:
    """The policy allows the page's scripts by the hash of their bytes, and comes before them."""
    text, _ = write_and_read(city_page, tmp_path)
    scripts = re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
    hashes = [f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts]
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert policy.start() < text.index("<script")
    assert policy[1].split("script-src ")[1].split() == hashes
    assert policy[1].startswith("default-src 'none'; ")
    assert "\r" not in text


@pytest.mark.parametrize("assets", ["default_js", "default_css"])
def test_unknown_asset_is_refused(
    assets: str, city_page: MapPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that would load a new asset of folium is not written."""
    known = getattr(folium.Map, assets)
    monkeypatch.setattr(folium.Map, assets, [*known, ("new", "https://example.org/new.file")])
    with pytest.raises(OutputError, match=r"load from outside itself: https://example\.org/new\.file"):
        write_map(tmp_path / "map.html", city_page)
    assert not (tmp_path / "map.html").exists()


def test_remote_image_in_the_page_is_refused(
    city_page: MapPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that enters by another way than folium's asset list is found in the finished page."""
    style = "i { background: url(https://example.org/i.png) }"
    monkeypatch.setattr(maps, "read_own", lambda room, name: read_own(room, name) + style * name.endswith(".css"))
    with pytest.raises(OutputError, match=r"https://example\.org/i\.png"):
        write_map(tmp_path / "map.html", city_page)


def test_tiles_may_come_from_their_server_only(city_page: MapPage, tmp_path: Path) -> None:
    """The policy opens pictures to the server of the tiles and to nothing else."""
    text, data = write_and_read(replace(city_page, tiles="http://10.1.2.3:8080/t/{z}/{x}/{y}.png"), tmp_path)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert "img-src data: blob: http://10.1.2.3:8080;" in policy[1]
    assert "connect-src 'none'" in policy[1]
    assert data["tiles"] == "http://10.1.2.3:8080/t/{z}/{x}/{y}.png"


@pytest.mark.parametrize(
    "address",
    ["ftp://a/{z}.png", "http://a b/{z}.png", "http://a;script-src *//{z}", "http://a/x.png", "javascript:alert({z})"],
)
def test_tile_address_that_could_open_the_policy_is_refused(address: str) -> None:
    """An address without {z}, or with anything that ends a directive, is no address of tiles."""
    with pytest.raises(ValidationError, match="tiles"):
        Output.model_validate({"tiles": address})


# ---- text from data -------------------------------------------------------------------------------


def test_hostile_texts_are_data_only(hostile_page: MapPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates in names are not run, markup in names is not written, and the texts arrive unchanged."""
    monkeypatch.chdir(tmp_path)
    text, data = write_and_read(hostile_page, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["map.html"]
    assert "<img" not in text
    assert "<script>alert" not in text
    assert "{{" not in text.partition('id="plan">')[2]
    assert data["title"] == [hostile_page.title.zh, hostile_page.title.en]
    assert data["facts"] == [[data["title"], hostile_page.facts[0][1]]]
    assert data["new"]["id"] == [*hostile_page.new.communities["community_id"]]
    assert data["old"]["name"] == [*hostile_page.old.communities["community_name"]]
    assert data["sites"]["name"] == [*hostile_page.sites["name"]]
    assert data["estates"][0][0] == hostile_page.estates[0][0]
    assert data["blocks"]["name"] == [*hostile_page.blocks["name"]]
    assert data["roads"][0]["names"][0][0] == hostile_page.roads["name"].iloc[0]


# ---- content --------------------------------------------------------------------------------------


def test_same_page_gives_same_bytes(city_page: MapPage, tmp_path: Path) -> None:
    """Writing a page twice gives two equal files."""
    write_map(tmp_path / "a.html", city_page)
    write_map(tmp_path / "b.html", city_page)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_page_leaves_its_layers_alone(city_page: MapPage, tmp_path: Path) -> None:
    """Writing does not change the frames it was given."""
    before = city_page.blocks.copy(), city_page.new.communities.copy(), city_page.roads.copy()
    write_map(tmp_path / "map.html", city_page)
    after = city_page.blocks, city_page.new.communities, city_page.roads
    assert all(old.equals(new) for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("deviation", "expected"),
    [
        (-0.5, 0), (-0.1001, 0), (-0.10, 1), (-0.051, 1), (-0.05, 2), (-0.001, 2), (0.0, 3), (0.05, 3),
        (0.0501, 4), (0.10, 4), (0.1 + 1e-12, 4), (0.1001, 5), (3.0, 5), (float("nan"), -1),
    ],
)  # fmt: skip
def test_deviation_classes(deviation: float, expected: int) -> None:
    """A class includes its end away from the target; unknown has its own."""
    assert deviation_class(deviation) == expected


@given(st.floats(min_value=1e-6, max_value=10))
def test_deviation_classes_mirror_each_other(deviation: float) -> None:
    """Too small and too large by the same share stand equally far from the target."""
    assert deviation_class(deviation) + deviation_class(-deviation) == 5


def test_neighbours_never_share_a_colour(city_page: MapPage) -> None:
    """Communities that touch or face each other within 60 m have different colours."""
    shapes = city_page.new.communities.geometry
    colours = colour_communities(shapes)
    near = [(i, j) for i in range(len(shapes)) for j in range(i) if shapes[i].distance(shapes[j]) <= 60]
    assert near
    assert all(colours[i] != colours[j] for i, j in near)


def test_more_neighbours_than_palette_colours_stay_apart(tmp_path: Path, city_page: MapPage) -> None:
    """Nine communities that all face each other get nine different fills."""
    shapes = squares([(12.0 * x, 12.0 * y) for x in range(3) for y in range(3)], 10)
    new = with_communities(city_page.new, city_page.new.communities.iloc[:9].set_geometry(shapes))
    blocks = city_page.blocks.iloc[:9].assign(new=np.arange(9)).set_geometry(shapes)
    _, data = write_and_read(replace(city_page, new=new, blocks=blocks), tmp_path)
    assert len({data["palette"][colour] for colour in data["new"]["colour"]}) == 9


def test_absent_quantity_is_not_offered(city_page: MapPage, tmp_path: Path) -> None:
    """A plan without people has no column, class or target of people."""
    page = replace(
        city_page,
        new=with_communities(city_page.new, city_page.new.communities.drop(columns=["people", "people_deviation"])),
        blocks=city_page.blocks.drop(columns="people"),
        targets={"households": 2500.0},
    )
    _, data = write_and_read(page, tmp_path)
    assert not [key for key in data["new"] if key.startswith("people")]
    assert "people" not in data["blocks"]
    assert data["targets"] == {"households": 2500.0}


def test_unknown_numbers_are_left_empty(city_page: MapPage, tmp_path: Path) -> None:
    """Missing values become null or the class of no data, never the text nan."""
    communities = city_page.new.communities.copy()
    communities.loc[0, ["households", "households_deviation"]] = pd.NA
    _, data = write_and_read(replace(city_page, new=with_communities(city_page.new, communities)), tmp_path)
    assert data["new"]["households"][0] is None
    assert (data["new"]["households_class"][0], data["new"]["households_deviation"][0]) == (-1, "")


def test_deviations_are_written_with_their_sign(city_page: MapPage, tmp_path: Path) -> None:
    """Deviations carry a sign and one decimal, and nothing is ever minus zero."""
    communities = city_page.new.communities.assign(households_deviation=[0.034, -0.0712, -0.0004, *[0.0] * 9])
    _, data = write_and_read(replace(city_page, new=with_communities(city_page.new, communities)), tmp_path)
    assert data["new"]["households_deviation"][:4] == ["+3.4%", "−7.1%", "+0.0%", "+0.0%"]


def test_crossing_classes_are_the_same_before_and_after(city_page: MapPage, tmp_path: Path) -> None:
    """Both times share one scale of round numbers; who crosses nothing is in the first class, the worst in the last."""
    steps = crossing_steps([0, 0, 130, 240, 610, 1450])
    assert steps[0] == 0
    assert steps == sorted(set(steps))
    assert [crossing_class(cost_m, steps) for cost_m in (0, 1, 10**6)] == [0, 1, len(steps)]
    assert crossing_steps([0.0, 0.0]) == []
    _, data = write_and_read(city_page, tmp_path)
    shared, fills = data["crossing_scale"]
    assert len(fills) == len(shared) + 1
    for era in (data["new"], data["old"]):
        assert era["crossing_class"] == [crossing_class(cost_m, shared) for cost_m in era["crossing"]]


def test_classes_of_roads_inside_carry_their_price_and_whether_they_are_local(
    city_page: MapPage, tmp_path: Path
) -> None:
    """A road that is dearer inside than a boundary is a main one, the most important comes first; each has its look."""
    rows = city_page.crossings.assign(road_class=["rail", "primary", "支路", "tertiary"])
    objective = Objective(crossing={"rail": "never", "primary": 6.0, "tertiary": 0.5, "支路": 1.0}, served_share=0.25)
    _, data = write_and_read(replace(city_page, crossings=rows, objective=objective), tmp_path)
    classes = data["crossing_classes"]
    assert {name: (one["price"][0], one["local"]) for name, one in classes.items()} == {
        "primary": ("单价 6", False),
        "tertiary": ("单价 0.5", True),
        "rail": ("不得穿越", False),
        "支路": ("单价 1", True),
    }
    assert [*classes] == ["primary", "tertiary", "rail", "支路"]
    assert len({(one["colour"], one["width"]) for one in classes.values()}) == 4
    assert data["served_share"] == "25%"


def test_roads_inside_can_be_told_apart_without_seeing_colours() -> None:
    """The more important a road, the darker and the wider it is drawn inside communities."""
    roads = [name for name in ROAD_CLASSES if name != "rail"]
    looks = [CROSSING_LOOKS[name] for name in roads]
    light = [int(colour[1:3], 16) * 0.3 + int(colour[3:5], 16) * 0.6 + int(colour[5:], 16) * 0.1 for colour, _ in looks]
    assert light == sorted(light)
    assert min(np.diff(light)) > 10
    assert [width for _, width in looks] == sorted((width for _, width in looks), reverse=True)
    assert not {colour for colour, _ in CROSSING_LOOKS.values()} & {colour for _, colour, _ in ROAD_CLASSES.values()}


def test_moves_carry_their_cost_in_weighted_metres_and_every_rule(city_page: MapPage, tmp_path: Path) -> None:
    """Why here: cost or null, rules with the number reached and the bound, and words for every quantity and rule."""
    _, data = write_and_read(city_page, tmp_path)
    moves = data["moves"]
    assert moves["cost"][:4] == [123, -45, None, 0]
    assert moves["rules"][:3] == [[], [["pieces"], ["upper", "people", 8900, 8800]], [["district"]]]
    assert moves["quantities"] == {
        "households@2031": ["2031年户数", "households in 2031"],
        "people": ["人口", "people"],
    }
    assert {f"rule_{rule[0]}" for rules in moves["rules"] for rule in rules} <= set(WORDS)


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("zh", ["黄石港区社区规模调整方案一"]),
        ("en", ["Communities of Huangshigang, plan 1"]),
        ("both", ["黄石港区社区规模调整方案一", "Communities of Huangshigang, plan 1"]),
    ],
)
def test_words_follow_the_language(language: str, title: list[str], city_page: MapPage, tmp_path: Path) -> None:
    """Title and the page's own words come in the language asked for, Chinese first in both."""
    _, data = write_and_read(replace(city_page, language=language), tmp_path)
    assert data["title"] == title
    assert {len(words) for words in data["words"].values()} == {len(title)}


def test_script_uses_only_words_that_exist() -> None:
    """Every word the script names is in the table of words."""
    script = "".join(read_own("redistrict.report.map", name) for name in SCRIPTS)
    assert set(re.findall(r"words\.(\w+)", script)) <= set(WORDS)


def test_every_script_of_the_map_enters_the_page() -> None:
    """No script beside the module is forgotten."""
    files = {file.name for file in resources.files("redistrict.report.map").iterdir()}
    assert {name for name in files if name.endswith(".js")} == {*SCRIPTS}


# ---- geometry -------------------------------------------------------------------------------------


def test_blocks_keep_their_place_and_shape(city_page: MapPage, tmp_path: Path) -> None:
    """Unpacked blocks lie where the blocks are, to within half a metre."""
    _, data = write_and_read(city_page, tmp_path)
    away = shapely.hausdorff_distance(unpack(data["blocks"]["shape"]), city_page.blocks.geometry)
    assert away.max() < 0.5


def test_touching_blocks_keep_their_shared_borders(city_page: MapPage, tmp_path: Path) -> None:
    """Blocks without streets between them, with a wavy border, are drawn without gaps or overlaps."""
    wave = [(X + 100 + 3 * np.sin(t / 5), Y + t) for t in range(101)]
    corners = [(X, Y + 100), (X, Y)], [(X + 200, Y + 100), (X + 200, Y)]
    shapes = gpd.GeoSeries([shapely.Polygon([*wave, *corner]) for corner in corners], crs=CRS)
    blocks = city_page.blocks.iloc[:2].set_geometry(shapes)
    _, data = write_and_read(replace(city_page, blocks=blocks), tmp_path)
    drawn = unpack(data["blocks"]["shape"])
    assert drawn.count_coordinates().sum() < shapes.count_coordinates().sum()
    assert shapely.coverage_is_valid(shapely.set_precision(drawn.to_numpy(), 1e-4))
    assert drawn[0].distance(drawn[1]) == pytest.approx(0, abs=1e-6)


def test_overlapping_blocks_are_drawn_as_they_are(city_page: MapPage, tmp_path: Path) -> None:
    """Where blocks are no coverage nothing is simplified, so nothing comes apart."""
    shapes = squares([(0, 0), (50, 50)], 100)
    blocks = city_page.blocks.iloc[:2].set_geometry(shapes)
    _, data = write_and_read(replace(city_page, blocks=blocks), tmp_path)
    drawn = unpack(data["blocks"]["shape"])
    assert shapely.hausdorff_distance(drawn, shapes).max() < 0.2


def test_holes_and_parts_survive(city_page: MapPage, tmp_path: Path) -> None:
    """A block with a courtyard and a block in two parts keep hole and parts."""
    yard = shapely.box(X, Y, X + 100, Y + 100).difference(shapely.box(X + 30, Y + 30, X + 60, Y + 60))
    parts = shapely.union_all(squares([(200, 0), (300, 0)], 50))
    blocks = city_page.blocks.iloc[:2].set_geometry(gpd.GeoSeries([yard, parts], crs=CRS))
    _, data = write_and_read(replace(city_page, blocks=blocks), tmp_path)
    assert [[len(rings) for rings in shape] for shape in data["blocks"]["shape"]] == [[2], [1, 1]]


def test_page_without_roads(city_page: MapPage, tmp_path: Path) -> None:
    """An empty road layer is no reason to fail."""
    roads = gpd.GeoDataFrame({"road_class": [], "name": []}, geometry=[], crs=CRS)
    _, data = write_and_read(replace(city_page, roads=roads), tmp_path)
    assert data["roads"] == []


def test_roads_are_drawn_from_barriers_up_to_trunk_roads(city_page: MapPage, tmp_path: Path) -> None:
    """The more important road is drawn over the less important, unknown classes over barriers only."""
    extra = city_page.roads.iloc[[0]].assign(road_class="lane")
    roads = gpd.GeoDataFrame(pd.concat([city_page.roads, extra], ignore_index=True), crs=CRS)
    _, data = write_and_read(replace(city_page, roads=roads), tmp_path)
    drawn = [road["class"] for road in data["roads"]]
    assert drawn == ["barrier", "lane", "tertiary", "secondary", "primary", "trunk"]
    assert (len(data["roads"][0]["lines"]), len(data["roads"][0]["areas"])) == (1, 1)


def test_too_many_blocks_are_left_out_with_a_note(
    city_page: MapPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the limit the page shows communities only and says so in both languages."""
    monkeypatch.setattr(map_pack, "MAX_OUTLINED_BLOCKS", len(city_page.blocks) - 1)
    _, data = write_and_read(city_page, tmp_path)
    assert (data["blocks"], data["moves"], data["estates"]) == (None, None, [])
    assert len(data["notes"]) == len(city_page.notes) + 1
    assert all("300" in text for text in data["notes"][-1])


def test_city_of_three_thousand_blocks_stays_small(city_page: MapPage, tmp_path: Path) -> None:
    """3,000 blocks of 60 corners each make a page under 3 MB."""
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    outline = np.column_stack([np.cos(turn), np.sin(turn)]) * (80 + 8 * np.cos(7 * turn))[:, None]
    corners = [np.array([X + 200 * (i % 60), Y + 200 * (i // 60)]) for i in range(3000)]
    shapes = [shapely.Polygon(outline + corner) for corner in corners]
    blocks = gpd.GeoDataFrame(
        city_page.blocks.iloc[np.arange(3000) % 300].drop(columns="geometry").reset_index(drop=True),
        geometry=shapes,
        crs=CRS,
    )
    write_map(tmp_path / "map.html", replace(city_page, blocks=blocks))
    assert (tmp_path / "map.html").stat().st_size < 3_000_000
