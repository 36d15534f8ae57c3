"""Mending on demand: what is drawn twice or over each other is put right, logged, and judged anew (issue 16)."""

from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.errors import DataError
from redistrict.geo.blocks import Blocks, read_blocks
from redistrict.judge.ground import read_ground
from redistrict.judge.repaired import check_repaired
from redistrict.report.gis.vectors import write_layer
from redistrict.scenario import load_scenario

from .small_town import CRS, make_blocks, place, write_scenario

MEND = {"\ncommunities:": "\n  repair: mend\ncommunities:"}


def _with(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    """Give the town with more blocks; what a row does not say is as in block B00."""
    town = make_blocks()
    more = [gpd.GeoDataFrame([{**town.iloc[0].to_dict(), **row}], geometry="geometry", crs=CRS) for row in rows]
    return gpd.GeoDataFrame(pd.concat([town, *more], ignore_index=True), crs=CRS)


def _mend(folder: Path, town: gpd.GeoDataFrame) -> Blocks:
    """Read the town mended, by engine and judge alike."""
    town.to_file(folder / "b.gpkg")
    scenario = load_scenario(write_scenario(folder, MEND))
    blocks, ground = read_blocks(scenario.data), read_ground(scenario)
    assert ground.ids.tolist() == list(blocks.ids)
    assert np.column_stack(list(ground.counts.values())).tolist() == blocks.size.tolist()
    apart_m2 = shapely.area(shapely.symmetric_difference(ground.polygons, blocks.shapes))
    assert apart_m2.max() < 0.01
    return blocks


def _row(blocks: Blocks, key: str) -> tuple[float, int, int]:
    """Give area, households and people of a block."""
    n = blocks.ids.index(key)
    return round(float(blocks.shapes[n].area), 1), *blocks.size[n].tolist()


def _log(blocks: Blocks) -> dict[str, str]:
    assert blocks.mended is not None
    return dict(zip(blocks.mended["block_id"], blocks.mended["change_en"], strict=True))


def test_a_sound_town_stays_as_it_is(tmp_path: Path) -> None:
    """Where nothing is wrong nothing changes, and the log is empty."""
    blocks = _mend(tmp_path, make_blocks())
    assert (len(blocks), _log(blocks)) == (16, {})
    assert shapely.equals(blocks.shapes, make_blocks().geometry.to_numpy()).all()


@pytest.mark.parametrize(("hh", "ppl", "held"), [(100, 300, (100, 300)), (40, 90, (140, 390))])
def test_shapes_of_one_key_become_one_block(tmp_path: Path, hh: int, ppl: int, held: tuple[int, int]) -> None:
    """Counts that both state alike are counted once, others are added up; the ground is that of both."""
    blocks = _mend(tmp_path, _with({"hh": hh, "ppl": ppl, "geometry": place(-1, 0)}))
    assert len(blocks) == 16
    assert _row(blocks, "B00") == (16_200, *held)
    assert _log(blocks) == {"B00": "2 shapes united"}


@pytest.mark.parametrize(("hh", "held"), [(100, (100, 300)), (7, (107, 600))])
def test_blocks_on_the_same_ground_become_one(tmp_path: Path, hh: int, held: tuple[int, int]) -> None:
    """The first key stays, with all the ground; the log says what became of the other."""
    blocks = _mend(tmp_path, _with({"id": "A", "hh": hh, "geometry": place(0, 0, 88, 90)}))
    assert "B00" not in blocks.ids
    assert _row(blocks, "A") == (8100, *held)
    assert _log(blocks) == {"A": "same ground as B00: joined", "B00": "same ground as A: joined to it"}
    assert blocks.mended is not None
    log = blocks.mended.set_index("block_id")
    assert log.loc["B00", ["area_m2_before", "area_m2_after", "people_before", "people_after"]].tolist() == [
        8100,
        0,
        300,
        0,
    ]
    assert log["people_after"].sum() == held[1]


def test_nested_blocks_are_cut_out_and_outlines_lose_what_is_others(tmp_path: Path) -> None:
    """What lies wholly inside keeps its ground, however few live there; an outline keeps what is left."""
    outline = {"id": "OUT", "hh": 0, "ppl": 0, "geometry": place(-0.1, -0.1, 450, 450)}
    kiosk = {"id": "K", "hh": 1, "ppl": 2, "geometry": place(0.2, 0.2, 20, 20)}
    blocks = _mend(tmp_path, _with(outline, kiosk))
    assert (_row(blocks, "K"), _row(blocks, "B00")) == ((400, 1, 2), (7700, 100, 300))
    assert _row(blocks, "OUT")[0] == 450**2 - 16 * 8100
    assert _log(blocks)["B00"] == "ground given to K"


@pytest.mark.parametrize(("ppl", "winner"), [(301, "Z"), (300, "B00"), (299, "B00")])
@pytest.mark.parametrize("width_m", [0.02, 0.4, 30.0])
def test_ground_goes_to_more_residents_then_to_the_first_key(
    tmp_path: Path, ppl: int, winner: str, width_m: float
) -> None:
    """At any width over a centimetre the strip has one owner."""
    west = place(0, 0).bounds[0] - 60 + width_m
    blocks = _mend(
        tmp_path, _with({"id": "Z", "ppl": ppl, "geometry": shapely.box(west, 3_340_000, west + 60, 3_340_090)})
    )
    strip = round(90 * width_m, 1)
    loser = {"Z": "B00", "B00": "Z"}[winner]
    whole = {"Z": 5400, "B00": 8100}
    assert _row(blocks, winner)[0] == whole[winner]
    assert _row(blocks, loser)[0] == round(whole[loser] - strip, 1)
    assert _log(blocks) == {loser: f"ground given to {winner}"}


def test_what_cannot_be_mended_is_refused(tmp_path: Path) -> None:
    """Parts in two districts, and residents whose ground is all that of others, are for a human to decide."""
    with pytest.raises(DataError, match=r"data.repair: shapes of one key differ in data.blocks.columns.district: B00"):
        _mend(tmp_path, _with({"dist": "黄石港区", "geometry": place(-1, 0)}))
    halves = [{"id": f"H{n}", "ppl": 9, "geometry": place(-2 + n * 45 / 110, 0, 45, 90)} for n in range(2)]
    whole = {"id": "W", "ppl": 5, "geometry": place(-2, 0)}
    with pytest.raises(DataError, match="other blocks take all the ground of W, which hold residents"):
        _mend(tmp_path, _with(whole, *halves))
    blocks = _mend(tmp_path, _with({**whole, "hh": 0, "ppl": 0}, *halves))
    assert "W" not in blocks.ids
    assert _log(blocks)["W"] == "ground given to H0, H1; nothing left and nobody there: taken out"


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-50, 400)] * 2, *[st.integers(15, 200)] * 2, st.integers(0, 900)), max_size=6))
def test_no_ground_is_lost_and_none_has_two_owners(drawn: list[tuple[int, int, int, int, int]]) -> None:
    """Whatever is drawn over the town, engine and judge agree, land is conserved, and each keeps within its own."""
    more = [
        {"id": f"R{n}", "hh": 1, "ppl": ppl + 1, "geometry": place(x / 110, y / 110, width, height)}
        for n, (x, y, width, height, ppl) in enumerate(drawn)
    ]
    town = _with(*more)
    with TemporaryDirectory() as folder:
        try:
            blocks = _mend(Path(folder), town)
        except DataError as error:
            assert "which hold residents" in str(error)  # noqa: PT017
            return
    whole = shapely.union_all(town.geometry.to_numpy())
    assert shapely.area(shapely.symmetric_difference(whole, shapely.union_all(blocks.shapes))) < 90
    assert shapely.area(blocks.shapes).sum() == pytest.approx(whole.area, abs=90)
    own = dict(zip(town["id"], town.geometry, strict=True))
    joined = {key for key, change in _log(blocks).items() if "same ground" in change}
    outside = [
        shapely.difference(s, own[key]).area
        for key, s in zip(blocks.ids, blocks.shapes, strict=True)
        if key not in joined
    ]
    assert max(outside) < 0.01


def test_a_forged_layer_is_noticed(tmp_path: Path) -> None:
    """The judge mends the original itself: counts, ground and keys of the delivered layer must be the same."""
    blocks = _mend(tmp_path, _with({"id": "B99", "geometry": place(0, 0)}))
    ground, file = read_ground(load_scenario(tmp_path / "s.yaml")), tmp_path / "repaired_blocks.gpkg"

    def judge(layer: gpd.GeoDataFrame) -> list[tuple[str, ...]]:
        file.unlink(missing_ok=True)
        write_layer(file, layer)
        return [violation.blocks for violation in check_repaired(tmp_path, ground)]

    layer, is_one = blocks.frame, np.array(blocks.ids) == "B11"
    assert judge(layer) == []
    grown = np.where(is_one, shapely.buffer(blocks.shapes, 0.5), blocks.shapes)
    for forged in (layer.assign(people=layer["people"] + is_one), layer.set_geometry(grown), layer[~is_one]):
        assert judge(gpd.GeoDataFrame(forged, crs=CRS)) == [("B11",)]
    assert judge(layer.drop(columns="people")) == [()]
    file.unlink()
    assert [violation.rule for violation in check_repaired(tmp_path, ground)] == ["files"]
