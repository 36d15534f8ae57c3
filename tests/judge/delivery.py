"""Result folders written by hand, as a run would hand them over."""

import json
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd

from .towns import Town

FILES = ("communities.gpkg", "communities.shp", "communities.geojson")
FIELDS = {
    "community_id": "COMM_ID",
    "community_name": "NAME",
    "district": "DISTRICT",
    "households": "HH",
    "people": "POP",
    "workers": "WORKERS",
}


def write_result(
    town: Town,
    folder: Path,
    plan_of: Mapping[str, str],
    *,
    workers: int = 8,
    keep: tuple[str, ...] = ("households", "people"),
) -> None:
    """Write plan, report, staffing and layers, with the quantities in `keep` and ground up to 10 m from each block."""
    plan = town.plan(plan_of)
    plan.to_csv(folder / "plan.csv", index=False, encoding="utf-8-sig")
    blocks = town.blocks.rename(columns={"key": "block_id", "community": "today"}).merge(
        plan[["block_id", "community_id", "community_name"]], on="block_id"
    )
    sums = dict.fromkeys(keep, "sum")
    ground = blocks.set_geometry(blocks.buffer(10, join_style="mitre"))  # up to the middle of the streets
    shapes = ground.dissolve("community_id", {"community_name": "first", "district": "first", **sums})
    shapes = shapes.reset_index().assign(workers=workers)
    write_layers(folder, shapes, blocks)
    shapes[["community_id", "workers"]].to_csv(folder / "staffing.csv", index=False, encoding="utf-8-sig")
    names = {"community_id": "id", "community_name": "name", "people": "population"}
    rows = pd.DataFrame(shapes.drop(columns="geometry")).rename(columns=names)
    totals: dict[str, object] = {names.get(quantity, quantity): int(shapes[quantity].sum()) for quantity in keep}
    totals["cost_parts"] = dict.fromkeys(
        ("crossing", "boundary", "deviation", "disruption", "idle_staff", "neck", "levels"), 0.0
    )
    report = {"cost": 0.0, "n_communities": len(shapes), "totals": totals, "communities": rows.to_dict("records")}
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")


def write_layers(folder: Path, shapes: gpd.GeoDataFrame, blocks: gpd.GeoDataFrame | None = None) -> None:
    """Write the layer of communities to every file, and that of blocks if given, in place of what is there."""
    for file in FILES:
        write_layer(folder, file, shapes)
    if blocks is not None:
        blocks.to_file(folder / "communities.gpkg", layer="blocks")


def write_layer(folder: Path, file: str, shapes: gpd.GeoDataFrame) -> None:
    """Write the layer of communities to one file."""
    if file == "communities.gpkg":
        shapes.to_file(folder / file, layer="communities")
    elif file == "communities.shp":
        (folder / "shapefile").mkdir(exist_ok=True)
        shapes.rename(columns=FIELDS).to_file(folder / "shapefile" / file, encoding="utf-8")
    elif shapes.crs is not None:
        shapes.to_crs(4326).to_file(folder / file)


def read_shapes(folder: Path) -> gpd.GeoDataFrame:
    """Read the layer of communities back."""
    return gpd.read_file(folder / "communities.gpkg", layer="communities")
