"""Pages for the tests of the map: a small made-up city, and the same city with hostile texts everywhere."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.affinity import rotate

from redistrict.messages import Message
from redistrict.report.levels import LevelRows, UnitRow
from redistrict.report.map.cards import Card, Row, Section, plain, sized
from redistrict.report.map.content import Era, MapPage
from redistrict.report.map.faults import Fault, FaultGroup
from redistrict.report.map.figures import Figure
from redistrict.report.map.words import WORDS
from redistrict.scenario.models import Objective
from redistrict.standards.why_here import Forbidden, Move

CRS = "EPSG:4547"
CENTRE = (599_400.0, 3_342_300.0)
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "{{7*7}}",
    '{{ cycler.__init__.__globals__.os.mkdir("pwned") }}',
    "${1}",
    "{% x %}",
    "{# #}",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "`back`ticks` 'and' \"quotes\"",
    "line\u2028separator\u2029",
    '=HYPERLINK("x")',
)
NAMES = (
    "花湖",
    "团城山",
    "桂林",
    "杭州东路",
    "新下陆",
    "黄石港",
    "胜阳港",
    "沈家营",
    "延安岭",
    "纺机",
    "红旗桥",
    "南湖",
)
STREETS = (("trunk", "湖滨大道"), ("primary", "杭州东路"), ("secondary", "桂林北路"), ("tertiary", "苏州路"))


def make_page(*, n_columns: int = 20, n_rows: int = 15, n_communities: int = 12) -> MapPage:
    """Draw a city of 180 m x 130 m blocks with 20 m streets between them, turned by 12 degrees."""
    columns, rows = (grid.ravel() for grid in np.meshgrid(np.arange(n_columns), np.arange(n_rows)))
    x, y = CENTRE[0] + 200.0 * (columns - n_columns / 2), CENTRE[1] + 150.0 * (rows - n_rows / 2)
    plots = _turn(shapely.box(x, y, x + 180, y + 130))
    generator = np.random.default_rng(7)
    seeds = generator.choice(x.size, n_communities, replace=False)
    nearest = np.hypot(x[:, None] - x[seeds], y[:, None] - y[seeds]).argmin(axis=1)
    blocks = gpd.GeoDataFrame(
        {
            "block_id": [f"B{i:05d}" for i in range(x.size)],
            "name": [f"阳光花园{i}期" if i % 3 else "" for i in range(x.size)],
            "new": nearest.astype(np.int32),
            "old": (columns * 3 // n_columns + 3 * (rows * 2 // n_rows)).astype(np.int32),
            "households": generator.integers(40, 160, x.size),
            "people": generator.integers(120, 500, x.size),
        },
        geometry=plots,
        crs=CRS,
    )
    return MapPage(
        title=Message("Communities of Huangshigang, plan 1", "黄石港区社区规模调整方案一"),
        label=Message("Synthetic data", "合成数据"),
        language="both",
        tiles=None,
        figures=(
            Figure("communities", Message("Communities", "社区数"), "6", str(n_communities)),
            Figure("moved", Message("Residents whose community changes", "所属社区变化的居民"), None, "41,200 (60.0%)"),
            Figure("crossing_primary", Message("Inside: primary road, m", "穿越主干道（米）"), "480", "360"),
            Figure("crossing_tertiary", Message("Inside: tertiary road, m", "穿越支路（米）"), "240", "120"),
        ),
        facts=(
            (Message("Cost", "代价"), "182,430"),
            (Message("Gap to the bound", "与下界差距"), "1.8%"),
            (Message("Seed", "随机种子"), "1"),
        ),
        notes=(Message("Counts are estimated from floor area.", "户数、人口由建筑面积推算。"),),
        faults=(
            FaultGroup(Message("Too small", "规模不足"), True, (Fault(2, Message("1,800 households", "1,800 户")),)),
        ),
        new=_dissolve(blocks, "new"),
        old=_dissolve(blocks, "old"),
        blocks=blocks,
        estates=(("湖景新城", 7, Message("2027: 120 households", "2027年：120 户")),),
        moves=_moves(blocks),
        roads=_draw_roads(n_columns, n_rows),
        crossings=_crossings(blocks),
        sites=_sites(blocks),
        targets={"households": 2500.0, "people": 8000.0},
        objective=Objective(crossing={"primary": 6.0, "tertiary": 0.5}),
    )


def _moves(blocks: gpd.GeoDataFrame) -> tuple[Move, ...]:
    """Let every seventh block be able to go to the next community, with each rule in turn."""
    rules = (
        (),
        (Forbidden("pieces"), Forbidden("upper", "people", 8900, 8800)),
        (Forbidden("district"),),
        (Forbidden("lower", "households@2031", 2240, 2250), Forbidden("moved", "", 500, 400)),
        tuple(Forbidden(rule) for rule in ("area", "locked", "whole", "never", "last")),
    )
    costs = (12_300, -4_500, None, 0, 99)
    k = blocks["new"].max() + 1
    return tuple(
        Move(i, int((blocks["new"].iloc[i] + 1) % k), costs[n % 5], rules[n % 5])
        for n, i in enumerate(range(0, len(blocks), 7))
    )


def _crossings(blocks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Lead a road through a block of each of the first four communities, the last a local one."""
    spots = [blocks[blocks["new"] == c].geometry.iloc[0].centroid for c in range(min(4, blocks["new"].nunique()))]
    lines = [shapely.LineString([(spot.x - 60, spot.y), (spot.x + 60, spot.y)]) for spot in spots]
    table = {
        "new": [0, 1, 2, 3],
        "old": [-1, 0, -1, -1],
        "road_class": ["primary", "primary", "primary", "tertiary"],
        "is_served": [True, False, False, False],
    }
    return gpd.GeoDataFrame({name: values[: len(lines)] for name, values in table.items()}, geometry=lines, crs=CRS)


def _sites(blocks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    table = {
        "name": ["办公用房甲", "办公用房乙"],
        "text": [Message("320 m²", "320 平方米"), Message("90 m²", "90 平方米")],
        "is_used": [True, False],
    }
    return gpd.GeoDataFrame(table, geometry=blocks.geometry.iloc[[3, 11]].centroid.to_list(), crs=CRS)


def _turn(shapes: object) -> list[object]:
    return [rotate(shape, 12, origin=CENTRE) for shape in np.atleast_1d(np.asarray(shapes, dtype=object))]


def _dissolve(blocks: gpd.GeoDataFrame, time: str) -> Era:
    """Make the communities of one time, with deviations from their own mean."""
    cells = shapely.set_precision(blocks.geometry.buffer(10, join_style="mitre").to_numpy(), 0.1)
    grown = blocks.set_geometry(gpd.GeoSeries(cells, index=blocks.index, crs=CRS))  # up to the middle of the streets
    communities = grown.dissolve(time, aggfunc={"households": "sum", "people": "sum"}).reset_index()
    n, word = len(communities), "社区" if time == "new" else "旧社区"
    for quantity in ("households", "people"):
        mean = communities[quantity].mean()
        communities[f"{quantity}_deviation"] = ((communities[quantity] - mean) / mean / 5).round(4)
    communities = communities.assign(
        community_id=[f"C{c:03d}" for c in range(n)],
        community_name=[f"{NAMES[c % len(NAMES)]}{word}{c // len(NAMES) or ''}" for c in range(n)],
        is_exception=[time == "new" and c == 2 for c in range(n)],
        crossing_m=[100.0 * (c % 5) for c in range(n)],
    )
    return Era(communities, tuple(_card(communities.iloc[c]) for c in range(n)))


def _card(community: gpd.GeoSeries) -> Card:
    sizes = tuple(
        Row(quantity, WORDS[quantity], sized(community[quantity], community[f"{quantity}_deviation"]))
        for quantity in ("households", "people")
    )
    parts = (Row("part", plain(community["community_name"]), Message("all, 300 people", "全部，300 人")),)
    return Section(plain(""), sizes), Section(WORDS["lineage_head"], parts)


def _draw_roads(n_columns: int, n_rows: int) -> gpd.GeoDataFrame:
    """Draw streets along the middle of some gaps, a lake, and a railway."""
    left, low = CENTRE[0] - 100.0 * n_columns, CENTRE[1] - 75.0 * n_rows
    right, high = left + 200.0 * n_columns - 20, low + 150.0 * n_rows - 20
    ys, xs = low + 150.0 * np.arange(1, n_rows) - 10, left + 200.0 * np.arange(1, n_columns) - 10
    lines = [shapely.LineString([(left - 80, y), (right + 80, y)]) for y in ys]
    lines += [shapely.LineString([(x, low - 80), (x, high + 80)]) for x in xs]
    kinds = [STREETS[0 if i % 7 == 3 else 1 if i % 5 == 2 else 2 if i % 3 == 1 else 3] for i in range(len(lines))]
    lake = shapely.Point(right + 350, low + 700).buffer(330)
    rail = shapely.LineString([(left - 120, high + 200), (right + 100, high + 90)])
    return gpd.GeoDataFrame(
        {
            "road_class": [road_class for road_class, _ in kinds] + ["barrier", "barrier"],
            "name": [f"{name}{i}" for i, (_, name) in enumerate(kinds)] + ["磁湖", "武九铁路"],
        },
        geometry=_turn([*lines, lake, rail]),
        crs=CRS,
    )


def by_street(page: MapPage, names: tuple[str, ...]) -> MapPage:
    """Share the communities out among streets in turn; the last street has none."""
    rows = page.new.communities
    units = [
        UnitRow(
            name=name,
            district="黄石港区",
            communities=tuple(rows["community_id"][n :: len(names) - 1] if n < len(names) - 1 else ()),
            households=12_345,
            population=None,
            workers=40 + n,
            premises_m2=None,
            residents_changed=0,
        )
        for n, name in enumerate(names)
    ]
    return replace(page, level=LevelRows("street", Message("street", "街道"), "hard", tuple(units), ()))


@pytest.fixture
def city_page() -> MapPage:
    return make_page()


@pytest.fixture
def street_page() -> MapPage:
    return by_street(make_page(), ("花湖街道", "沈家营街道", "空街道"))


@pytest.fixture
def hostile_page() -> MapPage:
    """Put every hostile text into every field that takes text."""
    page = make_page(n_columns=4, n_rows=3, n_communities=3)
    evil = " ".join(HOSTILE)
    message = Message(f"en {evil}", f"zh {evil}")
    spoiled = replace(
        page,
        title=message,
        label=message,
        figures=(Figure(evil, message, evil, evil),),
        facts=((message, evil),),
        notes=(message,),
        faults=(FaultGroup(message, False, (Fault(0, message),)),),
        new=_spoil(page.new, evil),
        old=_spoil(page.old, evil),
        blocks=page.blocks.assign(block_id=page.blocks["block_id"] + evil, name=evil),
        estates=((evil, 5, message),),
        roads=page.roads.assign(name=evil, road_class=page.roads["road_class"] + evil),
        sites=page.sites.assign(name=evil, text=[message, message]),
    )
    return by_street(spoiled, (evil, f"2{evil}", ""))


def _spoil(era: Era, evil: str) -> Era:
    communities = era.communities.assign(community_id=era.communities["community_id"] + evil, community_name=evil)
    message = Message(f"en {evil}", f"zh {evil}")
    return Era(communities, tuple((Section(message, (Row("evil", message, message),)),) for _ in era.cards))
