"""Draw the streets (街道) of the synthetic city, each inside one district, and write them to `streets.gpkg`.

Some 45,000 people each, along the main roads, as the engine draws them. Names are invented. Run once; the output is
committed.

    python geodata/huangshi/make_streets.py [output.gpkg]
"""

import sys
import tempfile
from itertools import islice
from pathlib import Path

import city_names as names
import geopandas as gpd
import numpy as np
import pyogrio
import shapely

import redistrict

SEED = 20260101
FOLDER = Path(__file__).parent
QUESTION = (
    "communities.target={households: 14062, people: 45000}",
    "communities.tolerance={households: 0.3, people: 0.3}",
    "objective.crossing={trunk: 20, primary: 12, secondary: 3, tertiary: 0.5}",
    "objective.deviation=0",
    "solve.effort=0.02",
    "solve.seed=3",  # of the first ten, the one whose streets divide best into communities of about 8,000 people
)
COLUMNS = ["street_id", "name_zh", "name_en", "district", "n_blocks", "households", "people", "geometry"]


def make_streets(seed: int = SEED) -> gpd.GeoDataFrame:
    """Give the streets, from north to south in each district.

    Parameters
    ----------
    seed : int
        Same seed, same names.
    """
    scenario = redistrict.load_scenario(FOLDER.parents[1] / "scenarios/huangshi_redraw.yaml", overrides=QUESTION)
    with tempfile.TemporaryDirectory() as folder:
        redistrict.run(scenario, out=Path(folder) / "streets")
        drawn = gpd.read_file(Path(folder) / "streets/communities.gpkg", layer="communities")
    drawn["north"] = shapely.get_y(shapely.centroid(drawn.geometry.to_numpy()))
    drawn = drawn.sort_values(["district", "north"], ascending=[True, False], ignore_index=True)
    drawn["street_id"] = [f"S{n:02}" for n in range(1, len(drawn) + 1)]
    taken = set(gpd.read_file(FOLDER / "huangshi.gpkg", layer="communities")["name_zh"].str.removesuffix("社区"))
    free = (name for name in names.place_names(np.random.default_rng(seed)) if name[0] not in taken)
    named = list(islice(free, len(drawn)))
    drawn["name_zh"] = [f"{zh}街道" for zh, _ in named]
    drawn["name_en"] = [f"{en} Street Office" for _, en in named]
    return drawn[COLUMNS]


def main() -> None:
    """Write the streets beside this file, or where the first argument says."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER / "streets.gpkg"
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-01-01T00:00:00.000Z"})
    make_streets().to_file(path, layer="streets", driver="GPKG", engine="pyogrio")


if __name__ == "__main__":
    main()
