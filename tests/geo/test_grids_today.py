"""Today's grids: read by key, and which of them covers most of each block."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from redistrict.errors import DataError
from redistrict.geo.grids_today import GridsToday, read_grids_today
from redistrict.scenario.grids import GridSource

from .drawing import CRS, box, cells, make_blocks, point


def _read(folder: Path, keys: list[str], names: list[str | None], shapes: list[shapely.Geometry]) -> GridsToday:
    gpd.GeoDataFrame({"id": keys, "name": names}, geometry=shapes, crs=CRS).to_file(folder / "g.gpkg")
    source = GridSource.model_validate({"path": folder / "g.gpkg", "columns": {"id": "id", "name": "name"}})
    return read_grids_today(source, make_blocks(cells("a b c d")))


def test_a_block_belongs_to_the_grid_that_covers_most_of_it(tmp_path: Path) -> None:
    """Of two that cover as much it is the first by key, and none where none does; a grid without a name has its key.

    ::

        2222111100..    a and most of b in grid 2, half of c in grids 1 and 0 each, d in none
    """
    shapes = [box(0, 0, 160), box(160, 0, 90), box(250, 0, 50)]
    grids = _read(tmp_path, ["2", "1", "0"], ["东区", None, ""], shapes)
    assert (grids.ids, grids.names) == (("0", "1", "2"), ("0", "1", "东区"))
    assert grids.of_block.tolist() == [2, 2, 0, -1]


def test_a_grid_that_crosses_itself_is_not_repaired_in_silence(tmp_path: Path) -> None:
    """Its halves count, and it is named."""
    bow_tie = shapely.Polygon([(0, 0), (200, 100), (200, 0), (0, 100)])
    note, rest = _read(tmp_path, ["1"], ["x"], [shapely.affinity.translate(bow_tie, *box(0, 0).bounds[:2])]).notes
    assert note.en.startswith("grids.today: 1 grids had invalid outlines and were repaired")
    assert rest.en == "grids.today: 2 of 4 blocks lie in no grid of g.gpkg: c, d."


def test_a_layer_of_another_place_is_suspected(tmp_path: Path) -> None:
    """Where most blocks lie in no grid, the layer may lie elsewhere."""
    (note,) = _read(tmp_path, ["1"], ["x"], [box(5000, 0)]).notes
    assert note.en.endswith(
        "4 of 4 blocks lie in no grid of g.gpkg: a, b, c, d. Does the layer lie where the blocks lie?"
    )
    assert _read(tmp_path, ["1"], ["x"], [box(0, 0, 400)]).notes == ()


def test_grids_are_polygons_of_one_key_each(tmp_path: Path) -> None:
    """What is wrong is told together."""
    with pytest.raises(DataError, match=r"(?s)'id' these stand more than once: 1.*1 grids are no polygons: 2;"):
        _read(tmp_path, ["1", "1", "2"], ["x", "y", "z"], [box(0, 0), box(100, 0), point(5, 5)])
