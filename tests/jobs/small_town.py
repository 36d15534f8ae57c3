"""A small town on paper: 4 x 4 blocks of 90 m with streets of 20 m, a scenario over it, and what it is told."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import shapely
from typer.testing import CliRunner

from redistrict.cli.app import app

CRS = "EPSG:4547"
WEST, SOUTH, STEP_M, SIDE_M = 600_000, 3_340_000, 110, 90

SCENARIO = """\
name: town
data:
  blocks: {path: b.gpkg, columns: {id: id, households: hh, people: ppl, district: dist, name: name}}
communities:
  target: {households: 400, people: 1200}
  tolerance: {households: 0.3, people: 0.3}
solve: {effort: 0.05, time_limit_s: 600}
"""
W1, W2, E1, E2 = "西塞山区-01", "西塞山区-02", "黄石港区-01", "黄石港区-02"
"""Communities of the delivered town, south and north of each district."""
_ROOMY = {
    "tolerance: {households: 0.3, people: 0.3}": "tolerance: {households: 0.5, people: 0.5}\n  count: {min: 4, max: 6}"
}


def place(column: float, row: float, width: float = SIDE_M, height: float = SIDE_M) -> shapely.Polygon:
    """Draw a rectangle whose lower left corner stands in a column and row of the town."""
    x, y = WEST + column * STEP_M, SOUTH + row * STEP_M
    return shapely.box(x, y, x + width, y + height)


def make_blocks() -> gpd.GeoDataFrame:
    """Give blocks B00 to B33 (row, column) of 100 households each; the two left columns are 西塞山区."""
    keys = [(row, column) for row in range(4) for column in range(4)]
    return gpd.GeoDataFrame(
        {
            "id": [f"B{row}{column}" for row, column in keys],
            "hh": 100,
            "ppl": 300,
            "dist": ["西塞山区" if column < 2 else "黄石港区" for _, column in keys],
            "name": [f"花湖{row}-{column}" for row, column in keys],
        },
        geometry=[place(column, row) for row, column in keys],
        crs=CRS,
    )


def with_block(blocks: gpd.GeoDataFrame, shape: shapely.Geometry, **values: object) -> gpd.GeoDataFrame:
    """Give the blocks and one more, like the first but for these values."""
    more = blocks.iloc[[0]].assign(id="Z1", **values).set_geometry([shape], crs=CRS)
    return gpd.GeoDataFrame(gpd.pd.concat([blocks, more], ignore_index=True), crs=CRS)


def write_scenario(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    """Write the scenario with some words replaced."""
    text = SCENARIO
    for before, after in (changes or {}).items():
        assert before in text, before
        text = text.replace(before, after)
    (folder / "s.yaml").write_text(text, encoding="utf-8")
    return folder / "s.yaml"


def tell(*words: object) -> tuple[int, str]:
    """Give the exit code of a command, and all it says in English, on one line."""
    answer = CliRunner().invoke(app, ["--language", "en", *map(str, words)])
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer.exit_code, " ".join(answer.output.split())


def deliver_town(folder: Path, blocks: gpd.GeoDataFrame, changes: Mapping[str, str] | None = None) -> Path:
    """Run the town, and give the folder with the result `out`: two communities a district, of two to six blocks each.

    ::

        B30 B31 | B32 B33     W2 | E2
        B20 B21 | B22 B23
        B10 B11 | B12 B13     W1 | E1
        B00 B01 | B02 B03
    """
    blocks.to_file(folder / "b.gpkg")
    code, said = tell("run", write_scenario(folder, {**_ROOMY, **(changes or {})}), "--out", folder / "out")
    assert code == 0, said
    return folder
