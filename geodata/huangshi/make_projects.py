"""Invent the list of estates under delivery (在建小区) of the synthetic city and write it to `projects.csv`.

Districts, kinds of block, years and sizes are written below by hand; the seed chooses blocks, names and how a date is
written. Run once; the output is committed.

    python geodata/huangshi/make_projects.py [output.csv]
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import city_names as names
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

SEED = 20270101
ESTATES = (  # district, kind of block, year of the first phase, homes of each phase; one phase a year
    ("黄石港区", "estate", 2027, (160, 140, 120)),
    ("黄石港区", "empty", 2029, (130, 110)),
    ("黄石港区", "empty", 2030, (80,)),
    ("西塞山区", "estate", 2028, (150, 130, 120)),
    ("西塞山区", "empty", 2027, (110, 90)),
    ("西塞山区", "village", 2030, (64, 60)),
    ("西塞山区", "village", 2031, (66,)),
    ("下陆区", "estate", 2027, (140, 120, 120)),
    ("下陆区", "empty", 2029, (100, 80)),
    ("下陆区", "village", 2028, (70,)),
    ("铁山区", "village", 2028, (150, 130)),
    ("铁山区", "empty", 2031, (100,)),
    ("开发区", "estate", 2029, (110, 100, 90)),
    ("开发区", "village", 2027, (80, 70)),
    ("开发区", "empty", 2030, (64,)),
)
ENDINGS = (("花园", "Garden"), ("雅苑", "Court"), ("新城", "New Town"), ("公馆", "Mansions"), ("名邸", "Residence"))
DATES = ("{}", "{}-06-30", "{}-12-31")
HOUSEHOLDS_PER_HOME = 0.92
PEOPLE_PER_HOUSEHOLD = 3.2
GROUND_M2_PER_HOME = 30
CLUSTER_HOUSEHOLDS = 2500
MOST_IN_CLUSTER = 400


def make_projects(blocks: gpd.GeoDataFrame, seed: int = SEED) -> pd.DataFrame:
    """Give the deliveries, one row for each phase of an estate.

    Parameters
    ----------
    blocks : GeoDataFrame
        Layer `blocks` of the city.
    seed : int
        Same seed, same rows.
    """
    rng = np.random.default_rng(seed)
    named = _estate_names(rng, set(blocks["name_zh"]))
    rows = []
    for number, (block, (_, _, first_year, phases)) in enumerate(
        zip(_choose_blocks(blocks, rng), ESTATES, strict=True)
    ):
        zh, en = next(named)
        for phase, homes in enumerate(phases, start=1):
            households = round(homes * HOUSEHOLDS_PER_HOME)
            rows.append(
                {
                    "project_id": f"XM{number + 1:02d}-{phase}",
                    "estate_zh": zh,
                    "estate_en": en,
                    "phase": phase,
                    "block_id": blocks["block_id"][block],
                    "date": DATES[rng.integers(len(DATES))].format(first_year + phase - 1),
                    "households": households,
                    "people": round(households * PEOPLE_PER_HOUSEHOLD),
                    "homes": homes,
                }
            )
    return pd.DataFrame(rows)


def find_clusters(blocks: gpd.GeoDataFrame) -> np.ndarray:
    """Tell which blocks are the nearest around each block that together hold the households of one community.

    Returns
    -------
    (n_blocks, n_blocks) bool
    """
    middle = shapely.get_coordinates(blocks.geometry.centroid.to_numpy())
    nearest = np.argsort(((middle[:, None] - middle) ** 2).sum(axis=2), axis=1, kind="stable")
    held = np.cumsum(blocks["households"].to_numpy()[nearest], axis=1)
    inside = np.zeros(nearest.shape, dtype=bool)
    np.put_along_axis(inside, nearest, held <= CLUSTER_HOUSEHOLDS, axis=1)
    return inside


def _choose_blocks(blocks: gpd.GeoDataFrame, rng: np.random.Generator) -> Iterator[int]:
    """Give each estate a block with room for it, so that no cluster of a community's size grows too much."""
    clusters = find_clusters(blocks)
    added = np.zeros(len(blocks))
    for district, kind, _, phases in ESTATES:
        fits = blocks.area >= GROUND_M2_PER_HOME * sum(phases)
        choices = np.flatnonzero((blocks["district"] == district) & (blocks["kind_en"] == kind) & fits)
        for block in rng.permutation(choices).tolist():
            grown = added.copy()
            grown[block] += sum(phases) * HOUSEHOLDS_PER_HOME
            if (clusters @ grown).max() <= MOST_IN_CLUSTER:
                added = grown
                yield block
                break
        else:
            raise ValueError(f"no {kind} block in {district} has room for {sum(phases)} homes")


def _estate_names(rng: np.random.Generator, taken: set[str]) -> Iterator[tuple[str, str]]:
    for number, (zh, en) in enumerate(names.place_names(rng)):
        zh_end, en_end = ENDINGS[number % len(ENDINGS)]
        if zh + zh_end not in taken:
            yield zh + zh_end, f"{en} {en_end}"


def main() -> None:
    """Write the list beside this file, or where the first argument says."""
    beside = Path(__file__)
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else beside.with_name("projects.csv")
    blocks = gpd.read_file(beside.with_name("huangshi.gpkg"), layer="blocks")
    make_projects(blocks).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


if __name__ == "__main__":
    main()
