"""Draw the synthetic city of Huangshi and write it to `huangshi.gpkg`.

Run once; the output is committed. Shores, main roads, railway and hills are drawn by hand in `city_plan`;
everything smaller follows from them and one seed: streets along the grain, blocks between streets, today's
communities grown over the blocks, whole households and people that add up to the report's figures.

    python geodata/huangshi/make_city.py [output.gpkg]
"""

import logging
import sys
from dataclasses import replace
from pathlib import Path

import city_counts as counts
import city_layers as layers
import city_plan as plan
import city_today as today
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from city_blocks import Blocks, make_blocks, take_off_streets
from city_graph import drop_cut_off, find_neighbours
from city_streets import (
    Base,
    Cuts,
    cut_face,
    district_of,
    find_faces,
    give_strips_away,
    lay_crossing_streets,
    lay_main_roads,
    make_base,
    make_city_grain,
)

logger = logging.getLogger("make_city")
Layers = dict[str, pd.DataFrame]


def draw_streets(base: Base, rng: np.random.Generator) -> Cuts:
    """Lay main roads, crossings of railway and creek, and cut the ground between them into faces."""
    roads = lay_main_roads(base)
    grain = make_city_grain(base, roads)
    creek = shapely.linestrings(plan.smooth(plan.CREEK.points))
    roads += lay_crossing_streets(base, roads, grain, base.rail, every_m=520, rng=rng)
    roads += lay_crossing_streets(base, roads, grain, creek, every_m=420, rng=rng)
    cuts = Cuts(streets=list(roads))
    shore = shapely.union_all([base.lake, base.river])
    for face in find_faces(base, [*(s.line for s in roads), base.rail]):
        strip = face.distance(shore) < 1 and 2 * face.area / face.length < 230
        cut_face(face, district_of(face), strip, grain, cuts, rng)
    return replace(cuts, faces=give_strips_away(cuts.faces))


def settle(base: Base, cuts: Cuts, rng: np.random.Generator) -> tuple[Blocks, list[list[int]], gpd.GeoDataFrame]:
    """Make the blocks, find which face each other, and leave out what nothing leads to."""
    faces = take_off_streets(base, cuts.faces, cuts.streets)
    blocks = make_blocks(faces, rng)
    structures = layers.make_structures(base, cuts.streets)
    openings = structures.geometry.to_numpy()[structures["kind"] != "signal"]
    barriers = shapely.union_all([base.lake, base.river, base.creek, base.rail])
    neighbours, _ = find_neighbours(blocks.shapes, barriers, openings)
    keep = drop_cut_off(neighbours, blocks.district, blocks.weight)
    kept = np.cumsum(keep) - 1
    neighbours = [[int(kept[j]) for j in neighbours[i] if keep[j]] for i in np.flatnonzero(keep)]
    return blocks.take(keep), neighbours, structures


def choose_anchors(base: Base, blocks: Blocks) -> dict[int, int]:
    """Give the block for the largest community (by the lake) and for the smallest (in the middle of 下陆)."""
    lived_in = blocks.weight > 0
    lake_side = np.where(lived_in & (blocks.district == 0), shapely.distance(blocks.shapes, base.lake), np.inf)
    old_xialu = shapely.Point(*plan.to_metres((plan.OLD_TOWNS[2][:2],))[0])
    old_side = np.where(lived_in & (blocks.district == 2), shapely.distance(blocks.shapes, old_xialu), np.inf)
    return {today.LARGEST: int(np.argmin(lake_side)), today.SMALLEST: int(np.argmin(old_side))}


def make_layers(seed: int = plan.SEED) -> Layers:
    """Draw the whole city and give its layers by name.

    Parameters
    ----------
    seed : int
        Same seed, same layers.
    """
    rng = np.random.default_rng(seed)
    base = make_base(rng)
    cuts = draw_streets(base, rng)
    blocks, neighbours, structures = settle(base, cuts, rng)
    logger.info("%d blocks, %d streets", len(blocks.shapes), len(cuts.streets))
    sizes = today.choose_sizes(rng)
    community, target = today.draw_communities(blocks, neighbours, sizes, choose_anchors(base, blocks), rng)
    households = counts.count_households(blocks, community, target)
    people = counts.count_people(blocks, households, rng)
    roads = layers.make_roads(base, cuts.streets, rng)
    communities = layers.make_communities(blocks, community, target, people, rng)
    ids = communities["community_id"].tolist()
    staff = counts.make_staff(ids, target, rng)
    communities["staff"] = staff.groupby("community_id").size().reindex(ids).to_numpy()
    return {
        "blocks": layers.make_block_layer(blocks, communities, community, households, people, roads, rng),
        "communities": communities,
        "districts": layers.make_districts(blocks, communities),
        "roads": roads,
        "rail": layers.make_rail(base),
        "water": layers.make_water(base),
        "hills": layers.make_hills(base),
        "structures": structures,
        "premises": layers.make_premises_points(blocks, community, communities),
        "staff": staff,
        "tasks": counts.make_tasks(),
        "norms": counts.make_norms(),
        "metadata": layers.make_metadata(seed),
    }


def write_layers(city: Layers, path: Path) -> None:
    """Write the layers into one GeoPackage, byte for byte the same for the same layers."""
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-01-01T00:00:00.000Z"})
    for name, layer in city.items():
        if isinstance(layer, gpd.GeoDataFrame):
            layer.to_file(path, layer=name, driver="GPKG", engine="pyogrio")
        else:
            pyogrio.write_dataframe(layer, path, layer=name, driver="GPKG")


def main() -> None:
    """Write the city beside this file, or where the first argument says."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("huangshi.gpkg")
    write_layers(make_layers(), path)


if __name__ == "__main__":
    main()
