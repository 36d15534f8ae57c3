"""Pages for the tests of the map: a small made-up city, and the same city with hostile texts everywhere."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.affinity import rotate

from redistrict.messages import Message
from redistrict.report.maps import MapPage

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
            "community_id": [f"C{c:03d}" for c in nearest],
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
        facts=(
            (Message("Communities", "社区数"), str(n_communities)),
            (Message("Cost", "代价"), "182,430"),
            (Message("Gap to the bound", "与下界差距"), "1.8%"),
            (Message("Seed", "随机种子"), "1"),
        ),
        notes=(Message("Counts are estimated from floor area.", "户数、人口由建筑面积推算。"),),
        communities=_dissolve(blocks),
        blocks=blocks,
        roads=_draw_roads(n_columns, n_rows),
        targets={"households": 2500.0, "people": 8000.0},
    )


def _turn(shapes: object) -> list[object]:
    return [rotate(shape, 12, origin=CENTRE) for shape in np.atleast_1d(np.asarray(shapes, dtype=object))]


def _dissolve(blocks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make the communities of `blocks`, with deviations from their own mean."""
    communities = blocks.dissolve("community_id", aggfunc={"households": "sum", "people": "sum"}).reset_index()
    n = len(communities)
    for quantity in ("households", "people"):
        mean = communities[quantity].mean()
        communities[f"{quantity}_deviation"] = ((communities[quantity] - mean) / mean / 5).round(4)
    return communities.assign(
        community_name=[f"{NAMES[i % len(NAMES)]}社区{i // len(NAMES) or ''}" for i in range(n)],
        district=["黄石港区" if i % 3 else "西塞山区" for i in range(n)],
        workers=np.ceil(communities["households"] / 250).astype(int),
        n_blocks=blocks["community_id"].value_counts().sort_index().to_numpy(),
        crossing=["trunk 120 m, primary 80 m" if i % 4 == 1 else "" for i in range(n)],
        exception=["户数低于下限，区内总量不足" if i == 2 else "" for i in range(n)],
    )


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


@pytest.fixture
def city_page() -> MapPage:
    return make_page()


@pytest.fixture
def hostile_page() -> MapPage:
    """Put every hostile text into every field that takes text."""
    page = make_page(n_columns=4, n_rows=3, n_communities=3)
    evil = " ".join(HOSTILE)
    message = Message(f"en {evil}", f"zh {evil}")
    texts = dict.fromkeys(("community_name", "district", "crossing", "exception"), evil)
    return MapPage(
        title=message,
        label=message,
        language="both",
        facts=((message, evil),),
        notes=(message,),
        communities=page.communities.assign(community_id=page.communities["community_id"] + evil, **texts),
        blocks=page.blocks.assign(
            block_id=page.blocks["block_id"] + evil,
            community_id=page.blocks["community_id"] + evil,
            name=evil,
        ),
        roads=page.roads.assign(name=evil, road_class=page.roads["road_class"] + evil),
        targets=page.targets,
    )
