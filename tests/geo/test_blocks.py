"""Blocks: keys, counts and shapes are checked, and what was mended is said."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from redistrict.errors import DataError
from redistrict.geo.blocks import Blocks, read_blocks
from redistrict.geo.graph import build_graph
from redistrict.geo.repair import repair_polygons
from redistrict.geo.tables import as_text
from redistrict.scenario.models import Contiguity
from redistrict.scenario.sources import BlockColumns, BlockSource, Data

from .drawing import CRS, box, polygon, surroundings

ALL = {"id": "编号", "households": "户数", "people": "人口", "district": "行政区", "name": "小区名"}


def _read(frame: gpd.GeoDataFrame, path: Path, columns: dict[str, str] = ALL, **options: str) -> Blocks:
    frame.to_file(path)
    source = BlockSource(path=path, columns=BlockColumns(**columns), **options)
    return read_blocks(Data(blocks=source))


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "geojson"])
def test_a_planners_table_becomes_blocks(four_blocks: gpd.GeoDataFrame, tmp_path: Path, suffix: str) -> None:
    """Keys, counts, districts, names and shapes come out as they were put in, from every common format."""
    blocks = _read(four_blocks.to_crs(4326) if suffix == "geojson" else four_blocks, tmp_path / f"a.{suffix}")
    assert blocks.ids == ("01", "02", "03", "04")
    assert blocks.quantities == ("households", "people")
    assert blocks.size.tolist() == [[300, 900], [0, 0], [120, 400], [80, 250]]
    assert blocks.size.dtype == np.int64
    assert blocks.frame["district"].tolist() == ["黄石港区", "黄石港区", "西塞山区", "西塞山区"]
    assert blocks.frame["name"].tolist() == ["花湖一区", "𠮷祥里", "䶮园", ""]
    assert blocks.frame["community"].tolist() == [""] * 4
    assert shapely.area(blocks.shapes) == pytest.approx([10_000] * 4, rel=0.001)
    assert len(blocks) == 4
    assert "4 blocks" in repr(blocks)


def test_shuffled_rows_give_the_same_blocks_and_graph(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """The order of the rows of the file does not matter."""
    one = _read(four_blocks, tmp_path / "a.gpkg")
    two = _read(four_blocks.iloc[[2, 0, 3, 1]], tmp_path / "b.gpkg")
    pd.testing.assert_frame_equal(pd.DataFrame(one.frame), pd.DataFrame(two.frame))
    graphs = [build_graph(blocks, surroundings(), Contiguity()) for blocks in (one, two)]
    assert np.array_equal(graphs[0].edges, graphs[1].edges)
    assert np.array_equal(graphs[0].frontage_m, graphs[1].frontage_m)


def test_without_districts_and_people(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Only the columns the scenario names are needed: one quantity, no district, no name."""
    frame = four_blocks[["编号", "户数", "geometry"]]
    blocks = _read(frame, tmp_path / "a.gpkg", {"id": "编号", "households": "户数"})
    assert blocks.quantities == ("households",)
    assert blocks.frame["district"].tolist() == [""] * 4


@pytest.mark.parametrize(
    ("keys", "read"),
    [
        ([7, 12, 3, 100], ("100", "12", "3", "7")),
        (["007", "07", "7", " 8 "], ("007", "07", "7", "8")),
        ([4.0, 3.0, 2.0, 1.0], ("1", "2", "3", "4")),
    ],
    ids=["integers", "leading zeros", "floats"],
)
def test_keys_are_text(four_blocks: gpd.GeoDataFrame, tmp_path: Path, keys: list[object], read: tuple[str]) -> None:
    """Whole numbers become text without a decimal point; leading zeros stay; blanks around a key go."""
    assert _read(four_blocks.assign(编号=keys), tmp_path / "a.gpkg").ids == read


def test_repeated_and_blank_keys_are_refused(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Keys that stand twice, or are missing, are refused together."""
    with pytest.raises(DataError, match=r"2 blocks have no key in '编号' \(features 2, 4\)") as refused:
        _read(four_blocks.assign(编号=["01", None, "01", " "]), tmp_path / "a.gpkg")
    assert "1 keys in '编号' stand on more than one block: 01" in str(refused.value)


def test_every_wrong_count_is_named_in_one_error(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Negative, fractional, missing and non-numeric counts are refused at once, by block and with the values found."""
    frame = four_blocks.assign(户数=[-3, 2.5, None, 80], 人口=["900", "many", "400", "1,000"])
    with pytest.raises(DataError, match=r"'户数' must hold whole numbers from 0 up; 3 blocks do not") as refused:
        _read(frame, tmp_path / "a.gpkg")
    households, people = refused.value.problems
    assert "found -3.0, 2.5, nothing): 01, 02, 03." in households.en
    assert "现值 -3.0、2.5、空" in households.zh
    assert "'人口' must hold whole numbers from 0 up; 2 blocks do not (found many, 1,000): 02, 04." in people.en
    assert "02、04" in people.zh


@pytest.mark.parametrize("yes_or_no", [[True] * 4, [True, False, False, True]])
def test_yes_and_no_are_no_counts(four_blocks: gpd.GeoDataFrame, tmp_path: Path, yes_or_no: list[bool]) -> None:
    """A column that says whether there are households is not how many there are."""
    with pytest.raises(DataError, match=r"'户数' must hold whole numbers from 0 up; 4 blocks do not \(found True"):
        _read(four_blocks.assign(户数=yes_or_no), tmp_path / "a.gpkg")


def test_counts_written_as_text_are_numbers(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Counts in a text column are read when they are whole numbers."""
    blocks = _read(four_blocks.assign(户数=["300", "0", "120", "80"]), tmp_path / "a.gpkg")
    assert blocks.size[:, 0].tolist() == [300, 0, 120, 80]


def test_problems_of_every_kind_come_together(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Keys, counts, districts and shapes are all checked before anything is refused."""
    frame = four_blocks.assign(编号=["01", "01", "03", "04"], 户数=[1, 2, -3, 4], 行政区=["东", "东", "东", None])
    frame.geometry = [None, box(0, 0), box(100, 0).exterior, box(200, 0)]
    with pytest.raises(DataError, match="1 keys in '编号'") as refused:
        _read(frame, tmp_path / "a.gpkg")
    text = str(refused.value)
    assert "1 blocks have no outline: 01" in text
    assert "1 features are not polygons: 03" in text
    assert "1 blocks have no district: 04" in text
    assert "'户数' must hold whole numbers" in text
    assert len(refused.value.problems) == 5


def test_an_empty_layer_is_refused(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """A layer without blocks, or a filter that leaves none, is refused."""
    with pytest.raises(DataError, match="holds no blocks"):
        _read(four_blocks.iloc[:0], tmp_path / "a.gpkg")
    with pytest.raises(DataError, match="holds no blocks"):
        _read(four_blocks, tmp_path / "b.gpkg", where="户数 > 9999")


def test_the_filter_chooses_the_blocks(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """With `where`, only the matching blocks are read, also when the filtered column is not asked for otherwise."""
    columns = {"id": "编号", "people": "人口"}
    for name, where in (("a.gpkg", "户数 > 0"), ("b.shp", '"户数" > 0')):
        assert _read(four_blocks, tmp_path / name, columns, where=where).ids == ("01", "03", "04")


def test_holes_and_parts_stay(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Multipart blocks and blocks with holes are valid blocks and keep their area; parts far apart are told."""
    shapes = [
        box(0, 0, 300, 300).difference(box(100, 100)),
        box(100, 100),
        shapely.union_all([box(400, 0), box(600, 0)]),
        shapely.multipolygons([box(800, 0)]),
    ]
    blocks = _read(four_blocks.set_geometry(shapes, crs=CRS), tmp_path / "a.gpkg")
    assert shapely.area(blocks.shapes).tolist() == pytest.approx([80_000, 10_000, 20_000, 10_000])
    (note,) = blocks.notes
    assert "1 blocks lie in several places and join what does not touch: 03 (2 parts, 100 m apart)" in note.en


def test_a_bow_tie_is_repaired_and_said(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """A block whose outline crosses itself is repaired, and a note names it in both languages."""
    bow_tie = polygon((0, 220), (100, 320), (100, 220), (0, 320))
    frame = four_blocks.set_geometry([bow_tie, *four_blocks.geometry[1:]], crs=CRS)
    blocks = _read(frame, tmp_path / "a.gpkg")
    assert shapely.is_valid(blocks.shapes).all()
    assert shapely.area(blocks.shapes[0]) == pytest.approx(5_000)
    assert "1 blocks had invalid outlines and were repaired" in blocks.notes[0].en
    assert blocks.notes[0].en.endswith(": 01.")
    assert "01" in blocks.notes[0].zh


def test_a_block_without_area_is_refused(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """A polygon that is only a line has nothing left after repair, so it is refused by name."""
    flat = polygon((0, 0), (100, 0), (50, 0))
    frame = four_blocks.set_geometry([flat, *four_blocks.geometry[1:]], crs=CRS)
    with pytest.raises(DataError, match="1 blocks have no outline: 01"):
        _read(frame, tmp_path / "a.gpkg")


def test_repair_leaves_valid_shapes_alone() -> None:
    """Valid shapes are given back as they are, without a note; spikes that fall out of repaired ones are dropped."""
    ids = np.array(["a", "b"], dtype=object)
    valid = np.array([box(0, 0), box(100, 0)], dtype=object)
    assert repair_polygons(valid, ids) == (valid, ())
    spiked = np.array([polygon((0, 0), (100, 0), (100, 100), (150, 150), (100, 100), (0, 100)), valid[1]], dtype=object)
    mended, notes = repair_polygons(spiked, ids)
    assert shapely.area(mended).tolist() == pytest.approx([10_000, 10_000])
    assert ["(largest change of area 0.0 m²): a." in note.en for note in notes] == [True]


def test_shapes_of_one_key_are_mended_with_their_counts(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Where the scenario asks for it they are one block, with the households and people of both."""
    four_blocks.assign(编号=["01", "01", "03", "04"], 户数=[300, 20, 120, 80]).to_file(tmp_path / "a.gpkg")
    source = BlockSource(path=tmp_path / "a.gpkg", columns=BlockColumns(**ALL))
    blocks = read_blocks(Data(blocks=source, repair="mend"))
    assert blocks.ids == ("01", "03", "04")
    assert blocks.size.tolist() == [[320, 900], [120, 400], [80, 250]]
    assert "data.repair: 1 blocks were mended: 01;" in " ".join(note.en for note in blocks.notes)


def test_degrees_are_measured_locally_with_a_note(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Blocks in CGCS2000 degrees are measured in their 3-degree zone, and a note says so."""
    blocks = _read(four_blocks.to_crs(4490), tmp_path / "a.gpkg")
    assert blocks.crs == "EPSG:4547"
    assert "CM 114E" in blocks.notes[0].en
    assert shapely.area(blocks.shapes) == pytest.approx([10_000] * 4, abs=0.1)


def test_text_of_values() -> None:
    """Values become stripped text: whole numbers without a point, nothing as empty text."""
    assert as_text(pd.Series([1.0, None, 20.0])).tolist() == ["1", "", "20"]
    assert as_text(pd.Series([1.5, 2.0])).tolist() == ["1.5", "2.0"]
    assert as_text(pd.Series([" a ", None, "007"])).tolist() == ["a", "", "007"]


def test_two_blocks_on_the_same_ground_are_refused(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Two towers drawn as one plot each, on the very same plot, are named: their ground can be given away only once."""
    four_blocks.loc[3, "geometry"] = four_blocks.geometry.iloc[2]
    with pytest.raises(DataError, match=r"1 pairs of blocks are drawn on the same ground: 03 = 04"):
        _read(four_blocks, tmp_path / "b.gpkg")
