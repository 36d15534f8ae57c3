"""The layers of the GeoPackage, each with Chinese and English columns."""

from collections.abc import Iterable, Mapping, Sequence

import city_counts as counts
import city_names as names
import city_plan as plan
import city_today as today
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from city_blocks import KINDS, Blocks, IntArray
from city_streets import Base, Street
from numpy.typing import NDArray

_CLASSES = tuple(plan.WIDTH_M)


def _frame(columns: Mapping[str, object], geometry: Sequence[object] | NDArray[np.object_]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(dict(columns), geometry=geometry, crs=plan.CRS)


def make_structures(base: Base, streets: list[Street]) -> gpd.GeoDataFrame:
    """Give bridges and underpasses where roads cross rail and water, and signals where large roads meet."""
    rows: list[tuple[str, str, str, shapely.Point]] = []
    creek = shapely.linestrings(plan.smooth(plan.CREEK.points)).intersection(base.creek)
    for street in (s for s in streets if s.road_class in _CLASSES[:3]):
        for point in _points(street.line.intersection(base.rail)):
            kind = "bridge" if street.road_class == "trunk" else "underpass"
            rows.append((kind, "铁路立交桥" if kind == "bridge" else "铁路涵洞", f"Rail {kind}", point))
        for point in _points(street.line.intersection(creek)):
            rows.append(("bridge", f"{plan.CREEK.name_zh}桥", f"{plan.CREEK.name_en} Bridge", point))
        over = street.line.intersection(base.lake)
        if over.length > 50:
            rows.append(("bridge", "磁湖大桥", "Cihu Bridge", over.interpolate(0.5, normalized=True)))
    signals = _signal_points(streets)
    rows += [("signal", "信号灯路口", "Signalled junction", p) for p in signals]
    kinds, names_zh, names_en, points = zip(*rows, strict=True)
    number = pd.Series(1, index=range(len(rows))).groupby(pd.Series(names_zh)).cumsum()
    return _frame(
        {
            "kind": kinds,
            "name_zh": [f"{z}{n}号" for z, n in zip(names_zh, number, strict=True)],
            "name_en": [f"{e} {n}" for e, n in zip(names_en, number, strict=True)],
        },
        list(points),
    )


def _points(geometry: shapely.Geometry) -> list[shapely.Point]:
    return list(shapely.points(np.unique(shapely.get_coordinates(geometry).round(2), axis=0)))


def _signal_points(streets: list[Street]) -> list[shapely.Point]:
    large = [s.line for s in streets if s.road_class in _CLASSES[:2]]
    middle = [s.line for s in streets if s.road_class == "secondary"]
    crossings = [a.intersection(b) for k, a in enumerate(large) for b in [*large[k + 1 :], *middle]]
    chosen: list[shapely.Point] = []
    for point in _points(shapely.union_all([c for c in crossings if not c.is_empty])):
        if all(point.distance(other) > 150 for other in chosen):
            chosen.append(point)
    return chosen


def make_roads(base: Base, streets: list[Street], rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Give the streets with their names, cut where they pass over water."""
    namers = {c: names.street_names(rng, c) for c in _CLASSES[2:]}
    water = shapely.union_all([base.lake, base.creek])
    rows: list[tuple[str, str, str, int, shapely.Geometry]] = []
    for street in streets:
        zh, en = (street.name_zh, street.name_en) if street.name_zh else next(namers[street.road_class])
        for is_bridge, line in ((0, street.line.difference(water)), (1, street.line.intersection(water))):
            lines = [p for p in shapely.get_parts(line) if p.geom_type == "LineString" and p.length > 1]
            rows += [(street.road_class, zh, en, is_bridge, p) for p in lines]
    columns = {
        "road_class": [row[0] for row in rows],
        "name_zh": [row[1] for row in rows],
        "name_en": [row[2] for row in rows],
        "width_m": [plan.WIDTH_M[row[0]] for row in rows],
        "is_bridge": [row[3] for row in rows],
    }
    return _frame(columns, shapely.set_precision(np.array([row[4] for row in rows], dtype=object), 0.01))


def make_rail(base: Base) -> gpd.GeoDataFrame:
    """Give the railway."""
    return _frame({"name_zh": [plan.RAIL.name_zh], "name_en": [plan.RAIL.name_en]}, [base.rail])


def make_water(base: Base) -> gpd.GeoDataFrame:
    """Give the river, the lake and the creek between them."""
    rows = [("river", *plan.RIVER_NAME), ("lake", *plan.LAKE_NAME), ("river", plan.CREEK.name_zh, plan.CREEK.name_en)]
    kind, zh, en = zip(*rows, strict=True)
    return _frame({"kind": kind, "name_zh": zh, "name_en": en}, [base.river, base.lake, base.creek])


def make_hills(base: Base) -> gpd.GeoDataFrame:
    """Give the hills, in the city and behind it."""
    columns = {"name_zh": [h.name_zh for h in plan.HILLS], "name_en": [h.name_en for h in plan.HILLS]}
    return _frame(columns, list(base.hills))


def make_communities(
    blocks: Blocks, community: IntArray, target: IntArray, people: IntArray, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Give today's communities, with the streets around their blocks up to the centre lines."""
    n = len(target)
    district = np.array([blocks.district[community == c][0] for c in range(n)])
    homes = np.bincount(community, blocks.weight, n)
    village_homes = np.bincount(community, np.where(blocks.village >= 0, blocks.weight, 0.0), n)
    name_pairs = list(names.place_names(rng))[:n]
    special = {today.LARGEST: ("磁湖", "Cihu"), today.SMALLEST: ("老下陆", "Laoxialu")}
    pairs = [special.get(int(t), pair) for t, pair in zip(target, name_pairs, strict=True)]
    rank = [int((district[:c] == district[c]).sum()) + 1 for c in range(n)]
    facts = [plan.DISTRICTS[d] for d in district]
    columns = {
        "community_id": [f"{d.code}{r:03d}" for d, r in zip(facts, rank, strict=True)],
        "name_zh": [f"{zh}社区" for zh, _ in pairs],
        "name_en": [f"{en} Community" for _, en in pairs],
        "district": [d.name_zh for d in facts],
        "district_en": [d.name_en for d in facts],
        "households": target,
        "people": np.bincount(community, people, n).astype(np.int64),
        "is_village_conversion": counts.mark_converted(village_homes / homes, district),
        "premises_m2": counts.make_premises(target, rng),
    }
    return _frame(columns, [_cover(blocks.plots[community == c]) for c in range(n)])


def _cover(plots: object) -> shapely.Geometry:
    """Join plots, closing the hairlines that rounding leaves between them."""
    whole = shapely.union_all(plots, grid_size=0.01)
    return shapely.set_precision(whole.buffer(0.03, join_style="mitre").buffer(-0.03, join_style="mitre"), 0.01)


def make_districts(blocks: Blocks, communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the districts, covering their blocks and the streets between."""
    by_name = communities.groupby("district", sort=False)
    columns = {
        "district": [d.name_zh for d in plan.DISTRICTS],
        "district_en": [d.name_en for d in plan.DISTRICTS],
        "n_communities": [int(by_name.size()[d.name_zh]) for d in plan.DISTRICTS],
        "people": [int(by_name["people"].sum()[d.name_zh]) for d in plan.DISTRICTS],
        "assumed": [1 for _ in plan.DISTRICTS],
        "service_fund_yuan": [d.service_fund_yuan for d in plan.DISTRICTS],
    }
    shapes = [_cover(blocks.plots[blocks.district == k]) for k in range(len(plan.DISTRICTS))]
    return _frame(columns, shapes)


def make_block_layer(
    blocks: Blocks, communities: gpd.GeoDataFrame, community: IntArray, households: IntArray, people: IntArray,
    roads: gpd.GeoDataFrame, rng: np.random.Generator,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Give the blocks with their names, counts and today's community."""
    n = len(blocks.shapes)
    pairs = _name_blocks(blocks, roads, rng)
    today_of = communities.iloc[community]
    built = np.where(households > 0, np.clip(rng.normal(1994, 9, n), 1958, 2009), np.nan)
    columns = {
        "block_id": [f"04202{k:05d}" for k in range(1, n + 1)],
        "name_zh": [zh for zh, _ in pairs],
        "name_en": [en for _, en in pairs],
        "district": today_of["district"].to_numpy(),
        "district_en": today_of["district_en"].to_numpy(),
        "kind": [KINDS[k] for k in blocks.kind],
        "kind_en": blocks.kind.tolist(),
        "households": households,
        "people": people,
        "community_id": today_of["community_id"].to_numpy(),
        "community_zh": today_of["name_zh"].to_numpy(),
        "community_en": today_of["name_en"].to_numpy(),
        "year_built": pd.Series(np.round(built)).astype("Int32"),
    }
    return _frame(columns, blocks.shapes)


_ESTATE_WORDS = (("花园", "Garden"), ("小区", "Estate"), ("新村", "New Village"), ("苑", "Court"), ("家园", "Homes"))


def _name_blocks(blocks: Blocks, roads: gpd.GeoDataFrame, rng: np.random.Generator) -> list[tuple[str, str]]:
    """Name estates after places, villages after families, parks after places, the rest after their street."""
    streets = roads[roads["road_class"] != "residential"]
    nearest = shapely.STRtree(streets.geometry.to_numpy()).nearest(shapely.point_on_surface(blocks.shapes))
    places = [pair for word in range(len(_ESTATE_WORDS)) for pair in _with_word(names.place_names(rng), word)]
    parks = names.place_names(rng)
    taken: dict[str, int] = {}
    out = []
    for i, kind in enumerate(blocks.kind.tolist()):
        zh, en = streets["name_zh"].iat[nearest[i]], streets["name_en"].iat[nearest[i]]
        if kind == "estate":
            out.append(places.pop())
            continue
        if kind == "park":
            zh, en = next(parks)
            out.append((f"{zh}游园", f"{en} Park"))
            continue
        if kind == "village":
            zh, en = names.family_villages()[blocks.village[i] % len(plan.VILLAGES)]
        word = {"village": ("组", "Group"), "empty": ("号空地", "Vacant Lot")}.get(kind, ("号街块", "Block"))
        taken[zh + word[0]] = number = taken.get(zh + word[0], 0) + 1
        out.append((f"{zh}{number}{word[0]}", f"{en} {word[1]} {number}"))
    return out


def _with_word(pairs: Iterable[tuple[str, str]], word: int) -> list[tuple[str, str]]:
    zh_end, en_end = _ESTATE_WORDS[word]
    return [(f"{zh}{zh_end}", f"{en} {en_end}") for zh, en in pairs]


def make_premises_points(blocks: Blocks, community: IntArray, communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give one site for each community, in its block with the most homes."""
    best = [
        int(mine[np.argmax(blocks.weight[mine])])
        for mine in (np.flatnonzero(community == c) for c in range(len(communities)))
    ]
    columns = {
        "site_id": [f"P{k + 1:03d}" for k in range(len(best))],
        "community_id": communities["community_id"],
        "area_m2": communities["premises_m2"],
    }
    return _frame(columns, shapely.set_precision(shapely.point_on_surface(blocks.shapes[best]), 0.01))


def make_metadata(seed: int) -> pd.DataFrame:
    """Say what the file is."""
    rows = [
        ("title", "黄石(合成)", "Huangshi (synthetic)"),
        ("status", "合成数据:街道、街块、地名和社区界线均为虚构,不得用于实际工作",
         "Synthetic: streets, blocks, names and community borders are invented; not for real use"),
        ("figures", "133个社区的户数分档、人口、用房、人员等数字来自调研报告",
         "Household bands, people, premises and staff of the 133 communities are from the survey report"),
        ("assumed", "报告隐去区名,各区数字的归属为假定", "The report hides district names; which has which is assumed"),
        ("crs", plan.CRS, "CGCS2000 / 3-degree Gauss-Kruger CM 114E"),
        ("seed", str(seed), str(seed)),
        ("licence", "CC0 1.0", "CC0 1.0"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["key", "value_zh", "value_en"])
