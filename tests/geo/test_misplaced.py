"""Every layer lies where the blocks lie, or it is said, with distance and likely cause (issue 16)."""

import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import CRS

from redistrict.errors import DataError
from redistrict.geo.blocks import read_blocks
from redistrict.geo.gcj02 import from_bd09, from_gcj02, to_bd09, to_gcj02
from redistrict.geo.georeference import _say_place, check_bounds, flat_crs, with_crs
from redistrict.geo.misplaced import _all_readings, _say_crowded, find_misplaced
from redistrict.geo.readings import datum_of, measure_apart
from redistrict.geo.roads import read_surroundings
from redistrict.geo.shifted import _is_better, _measure_lines
from redistrict.messages import Message
from redistrict.scenario.sources import Data, Source

from .drawing import ORIGIN, box, cells, make_blocks
from .misplaced_town import Town, look, write

Shift = Callable[[np.ndarray], np.ndarray]
KEPT = "EPSG:4547"


def _said_as(frame: gpd.GeoDataFrame, crs: str | CRS) -> gpd.GeoDataFrame:
    """Label coordinates with another system than theirs."""
    return frame.set_crs(crs, allow_override=True)


def _turned(frame: gpd.GeoDataFrame, turn: Shift) -> gpd.GeoDataFrame:
    return frame.set_geometry(gpd.GeoSeries(shapely.transform(frame.geometry.to_numpy(), turn), crs=frame.crs))


def _swapped(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return _turned(frame, lambda xy: xy[:, ::-1])


# --- coordinates that cannot be what they are said to be -------------------------------------------------

IMPOSSIBLE: dict[str, tuple[Callable[[Town], gpd.GeoDataFrame], str]] = {
    "latitude first": (lambda t: _swapped(t.blocks("EPSG:4490")), "axes seem to be swapped"),
    "latitude first in the far west": (
        lambda _: _swapped(Town(87.6, 43.8).blocks("EPSG:4326")), r"would lie at 43\.8° E, 87\.6° N; the axes seem"),
    "latitude first in Kashgar": (lambda _: _swapped(Town(76.0, 39.5).blocks("EPSG:4326")), "axes seem to be swapped"),
    "northing first": (lambda t: _swapped(t.blocks("EPSG:4547")), "axes seem to be swapped"),
    "northing first with zone number": (
        lambda t: _said_as(_swapped(t.blocks("EPSG:4526")), "EPSG:4547"),
        "zone number 38: write 'crs: EPSG:4526'; and latitude or northing stands first"),
    "degrees said to be metres": (lambda t: _said_as(t.blocks("EPSG:4490"), "EPSG:4547"), "look like degrees"),
    "degrees said to be UTM": (lambda t: _said_as(t.blocks("EPSG:4326"), "EPSG:32650"), "look like degrees"),
    "degrees, latitude first, said to be metres": (
        lambda t: _said_as(_swapped(t.blocks("EPSG:4490")), "EPSG:4547"), "look like degrees"),
    "metres said to be degrees": (lambda t: _said_as(t.blocks("EPSG:4547"), "EPSG:4490"), "said to be in degrees"),
    "zone number of 3 degrees": (lambda t: _said_as(t.blocks("EPSG:4526"), "EPSG:4547"), "write 'crs: EPSG:4526'"),
    "zone number of 6 degrees": (lambda t: _said_as(t.blocks("EPSG:4498"), "EPSG:4509"), "write 'crs: EPSG:4498'"),
    "zone number of Xi'an 1980": (
        lambda t: _said_as(t.blocks("EPSG:4526"), "EPSG:2383"), "zone number 38: write 'crs: EPSG:2362'"),
    "zone number of Beijing 1954": (
        lambda t: _said_as(t.blocks("EPSG:4526"), "EPSG:2435"), "zone number 38: write 'crs: EPSG:2414'"),
    "zone number said to be degrees": (
        lambda t: _said_as(t.blocks("EPSG:4526"), "EPSG:4490"), "write 'crs: EPSG:4526'"),
    "UTM of the south": (lambda t: _said_as(t.blocks("EPSG:32650"), "EPSG:32750"), "write 'crs: EPSG:32650'"),
    "millimetres": (lambda t: _turned(t.blocks(KEPT), lambda xy: xy * 1000), "seem to be in millimetres"),
    "kilometres": (lambda t: _turned(t.blocks("EPSG:32650"), lambda xy: xy / 1000), "seem to be in kilometres"),
    "feet": (
        lambda _: _said_as(Town(-71.1, 42.37).blocks("EPSG:2249"), "EPSG:26986"), "seem to be in feet"),
    "zone number lost": (lambda t: _said_as(t.blocks("EPSG:4547"), "EPSG:4526"), "write 'crs: EPSG:4547'"),
    "west for east": (lambda t: _turned(t.blocks("EPSG:4490"), lambda xy: xy * (-1, 1)),
        r"x \(longitude, easting\) seems to have the wrong sign"),
    "south for north": (lambda t: _turned(t.blocks("EPSG:4490"), lambda xy: xy * (1, -1)),
        r"y \(latitude, northing\) seems to have the wrong sign"),
    "no place on earth": (
        lambda t: _turned(t.blocks("EPSG:4547"), lambda xy: xy + 70_000_000), "give its true coordinate system"),
    "beyond the earth": (
        lambda t: _turned(t.blocks("EPSG:4547"), lambda xy: xy * 1e200), "24 features .* beyond the earth"),
    "one vertex without end": (
        lambda t: t.roads("EPSG:4547").set_geometry([shapely.box(600000, 3340000, np.inf, 3340100)] * 12),
        "beyond the earth"),
    "the pole": (lambda _: Town(115, 88.0).blocks("EPSG:4326"), r"would lie at 114\.9° E, 88\.0° N"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@pytest.mark.parametrize("fault", IMPOSSIBLE)
def test_coordinates_that_cannot_be_true_are_refused(tmp_path: Path, fault: str) -> None:
    """Each is refused on reading, with what is likely wrong and what to write."""
    spoil, message = IMPOSSIBLE[fault]
    frame = spoil(Town())
    write(frame.assign(id=[f"{n}" for n in range(len(frame))], hh=100), tmp_path / "blocks.gpkg")
    with pytest.raises(DataError, match=message):
        look(tmp_path)


@pytest.mark.parametrize("crs", ["EPSG:5773", "EPSG:4978", 'LOCAL_CS["Nonearth",UNIT["Meter",1.0]]'])
def test_systems_without_a_place_on_the_map_are_refused(tmp_path: Path, crs: str) -> None:
    """A vertical, geocentric or engineering system says where nothing lies, whether file or scenario names it."""
    write(Town().blocks(KEPT), tmp_path / "blocks.gpkg")
    with pytest.raises(DataError, match=r"data\.blocks\.crs: .* does not say where on a map things lie"):
        look(tmp_path, blocks_crs=crs)
    Town().blocks(KEPT).set_crs(crs, allow_override=True).to_file(tmp_path / "blocks.fgb", driver="FlatGeobuf")
    (tmp_path / "blocks.fgb").replace(tmp_path / "blocks.gpkg")
    with pytest.raises(DataError, match=r"without a place on earth .* add 'crs:' there"):
        look(tmp_path)
    assert len(look(tmp_path, blocks_crs=KEPT)[0]) == 24


def test_an_undefined_system_is_none(tmp_path: Path) -> None:
    """What GeoPackages write where nobody said a system is no system of unknown shift."""
    undefined = (
        'GEOGCS["Undefined geographic SRS",DATUM["unknown",SPHEROID["unknown",6378137,298.257223563]],'
        'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
    )
    write(_said_as(Town().blocks("EPSG:4326"), undefined), tmp_path / "blocks.gpkg")
    with pytest.raises(DataError, match=r"without a place on earth .* add 'crs:' there"):
        look(tmp_path)


def test_gcj02_is_of_china(tmp_path: Path) -> None:
    """`crs: gcj02` on data of another country is refused; BD-09 is not read and said so."""
    write(Town(139.7, 35.7).blocks("EPSG:4326"), tmp_path / "blocks.gpkg")
    with pytest.raises(DataError, match=r"lies at 139\.70, 35\.70 degrees; GCJ-02 is used in China only"):
        look(tmp_path, blocks_crs="gcj02")
    with pytest.raises(DataError, match=r"BD-09 \('bd09'\) is not read; convert the file to WGS 84"):
        look(tmp_path, blocks_crs="bd09")


def test_heights_are_left_out(tmp_path: Path) -> None:
    """A compound system is read as its horizontal part."""
    write(_said_as(Town().blocks(KEPT), "EPSG:4547+5737"), tmp_path / "blocks.gpkg")
    blocks, notes = look(tmp_path)
    assert blocks.crs.name == CRS(KEPT).name
    assert not blocks.crs.is_compound
    assert notes == ()


@pytest.mark.parametrize(
    ("with_heights", "flat"), [("EPSG:4979", "EPSG:4326"), ("EPSG:4547+5737", "EPSG:4547"), ("EPSG:5737", None)]
)
def test_a_system_is_taken_without_its_heights(with_heights: str, flat: str | None) -> None:
    """Be they a third axis or a system of their own; heights alone are no place on a map."""
    assert flat_crs(CRS(with_heights)) == (None if flat is None else CRS(flat))


@pytest.mark.parametrize(("width_m", "height_m", "is_tiny"), [(4.9, 4.9, True), (5, 1, False), (1, 5, False)])
def test_blocks_within_five_metres_are_in_kilometres(width_m: float, height_m: float, *, is_tiny: bool) -> None:
    """No town is so small, where kilometres would put it on land; other layers may hold a single bridge."""
    bounds, source = (500.0, 3340.0, 500.0 + width_m, 3340.0 + height_m), Source(path=Path("a.gpkg"))
    check_bounds(bounds, CRS("EPSG:32650"), source, "data.structures[0]")
    if is_tiny:
        with pytest.raises(DataError, match="seem to be in kilometres"):
            check_bounds(bounds, CRS("EPSG:32650"), source, "data.blocks")
    else:
        check_bounds(bounds, CRS("EPSG:32650"), source, "data.blocks")


@pytest.mark.parametrize(
    ("lon", "lat", "en", "zh"),
    [
        (0, 0, "0.0° E, 0.0° N", "东经 0.0°、北纬 0.0°"),
        (0.5, 0.5, "0.5° E, 0.5° N", "东经 0.5°、北纬 0.5°"),
        (-0.5, -0.5, "0.5° W, 0.5° S", "西经 0.5°、南纬 0.5°"),
    ],
)
def test_places_are_said_by_hemisphere(lon: float, lat: float, en: str, zh: str) -> None:
    """East and north from 0 up, west and south below."""
    assert _say_place((lon, lat, lon, lat)) == Message(f"would lie at {en}", f"将位于{zh}")


def test_only_what_is_beyond_the_earth_is_refused_by_row() -> None:
    """A hundred million kilometres are the limit, and refused is what passes it; rows count from 1."""
    blocks, source = Town().blocks(KEPT), Source(path=Path("a.gpkg"))
    for far_m, rows in ((1e11, ""), (1.1e11, r"1 features .* \(up to 1\.1e\+11; features 3\)")):
        far = shapely.Point(-far_m, 0)
        strayed = blocks.set_geometry([far if n == 2 else shape for n, shape in enumerate(blocks.geometry)])
        if rows:
            with pytest.raises(DataError, match=rows):
                with_crs(strayed, source, "data.roads[0]")
        else:
            assert with_crs(strayed, source, "data.roads[0]").crs == KEPT


# --- layers that lie elsewhere ---------------------------------------------------------------------------

ELSEWHERE: dict[str, tuple[Callable[[Town], gpd.GeoDataFrame], dict[str, str], str]] = {
    "wrong zone in the file": (
        lambda t: _said_as(t.roads("EPSG:4547"), "EPSG:4548"), {}, r"lies 28\d\.\d km .* write 'crs: EPSG:4547'"),
    "crs: over the file's own": (
        lambda t: t.roads("EPSG:4549"), {"crs": KEPT}, r"lies 5\d\d\.\d km .*as the file says .* leave 'crs:' out"),
    "another zone than the blocks'": (
        lambda t: _said_as(t.roads("EPSG:4548"), "EPSG:4549"), {}, "write 'crs: EPSG:4548'"),
    "a zone within 6 degrees": (
        lambda t: _said_as(t.roads("EPSG:4545"), "EPSG:4548"), {}, "write 'crs: EPSG:4545'"),
    "a zone farther off": (
        lambda t: _said_as(t.roads("EPSG:4544"), "EPSG:4548"), {}, "is it the file of another place"),
    "UTM of the next zone": (lambda t: _said_as(t.roads("EPSG:32650"), "EPSG:32649"), {}, "write 'crs: EPSG:32650'"),
    "western longitude": (
        lambda t: _turned(t.roads("EPSG:4326"), lambda xy: xy * (-1, 1)), {},
        r"x \(longitude, easting\) seems to have the wrong sign"),
    "southern latitude": (
        lambda t: _turned(t.roads("EPSG:4326"), lambda xy: xy * (1, -1)), {},
        r"y \(latitude, northing\) seems to have the wrong sign"),
    "another town": (lambda _: Town(114.3, 30.6).roads("EPSG:4326"), {}, "is it the file of another place"),
}  # fmt: skip


@pytest.mark.parametrize("fault", ELSEWHERE)
def test_roads_elsewhere_are_noted_with_distance_and_cause(tmp_path: Path, fault: str) -> None:
    """Roads that lie nowhere near the blocks are noted with how far, and with what would put them there."""
    spoil, options, message = ELSEWHERE[fault]
    write(Town().blocks(KEPT), tmp_path / "blocks.gpkg")
    write(spoil(Town()), tmp_path / "roads.gpkg")
    _, (note,) = look(tmp_path, roads=options)
    assert note.en.startswith("data.roads[0]: roads.gpkg lies")
    assert re.search(message, note.en), note.en
    assert "公里" in note.zh


@pytest.mark.parametrize(
    ("middle", "is_tried"), [(100.49, False), (100.5, True), (108.0, True), (115.5, True), (115.55, False)]
)
def test_zones_up_to_six_degrees_aside_are_tried(middle: float, *, is_tried: bool) -> None:
    """That around 108 degrees goes from 106.5 to 109.5: it is tried for towns six degrees west and east of it."""
    home, declared = (middle - 0.25, 30.0, middle + 0.25, 30.5), CRS("EPSG:4548")
    readings = _all_readings(declared, None, None, (5e5, 3.3e6, 5.1e5, 3.31e6), home)
    assert (CRS("EPSG:4545") in [reading.crs for reading in readings]) == is_tried


def test_axes_swapped_where_both_ways_lie_on_land(tmp_path: Path) -> None:
    """Roads with latitude first that are a possible place by themselves are recognised by the blocks."""
    town = Town(45.0, 30.0)
    write(town.blocks("EPSG:4326"), tmp_path / "blocks.gpkg")
    write(_swapped(town.roads("EPSG:4326")), tmp_path / "roads.gpkg")
    _, (note,) = look(tmp_path, roads={})
    assert "the axes seem to be swapped" in note.en


@pytest.mark.parametrize(
    ("crs", "far_off_m", "said"),
    [
        (KEPT, 0, []),
        ("EPSG:4548", 0, ["data.current: the shapes of now.gpkg lie 288 km from the blocks; is it the table of"]),
        ("EPSG:4553", 0, ["data.current: the shapes of now.gpkg lie 1,731 km from the blocks; is it the table of"]),
        (KEPT, 1e9, []),
    ],
    ids=["there", "of another zone", "of a zone far off", "no place on earth"],
)
def test_a_table_whose_shapes_lie_elsewhere_is_noted(
    tmp_path: Path, crs: str, far_off_m: float, said: list[str]
) -> None:
    """Shapes of a table are not used, but say whether it is that of another place, if they have a place at all."""
    write(Town().blocks(KEPT), tmp_path / "blocks.gpkg")
    table = _turned(Town().sites(KEPT), lambda xy: xy + far_off_m)
    write(_said_as(table, crs), tmp_path / "now.gpkg")
    blocks_source = {"path": tmp_path / "blocks.gpkg", "columns": {"id": "id", "households": "hh"}}
    current_source = {"path": tmp_path / "now.gpkg", "columns": {"id": "id"}}
    data = Data.model_validate({"blocks": blocks_source, "current": current_source})
    blocks = read_blocks(data)
    notes = find_misplaced(data, blocks, read_surroundings(data, blocks.crs), None, tables=("current", "projects"))
    assert [note.en.split(" another place")[0] for note in notes] == said
    assert [re.findall(r"[\d,]+ km", note.en) for note in notes] == [
        [far.replace("公里", "km") for far in re.findall(r"[\d,]+ 公里", note.zh)] for note in notes
    ]


def test_premises_elsewhere_are_refused(tmp_path: Path) -> None:
    """Premises that all lie elsewhere would each count for a block they do not stand in."""
    write(Town().blocks(KEPT), tmp_path / "blocks.gpkg")
    write(_said_as(Town().sites(KEPT), "EPSG:4548"), tmp_path / "sites.gpkg")
    with pytest.raises(DataError, match=r"data\.premises: sites\.gpkg lies 28\d\.\d km from the blocks"):
        look(tmp_path, premises={})


def test_premises_off_the_blocks_are_named(tmp_path: Path) -> None:
    """Sites far from every block are named with their distance; so are those refused that lie in another region."""
    write(Town().blocks(KEPT), tmp_path / "blocks.gpkg")
    sites = Town().sites(KEPT)
    sites.geometry = sites.geometry.where(sites["id"] != "B02", sites.translate(yoff=5_000))
    write(sites, tmp_path / "sites.gpkg")
    _, (note,) = look(tmp_path, premises={})
    assert "1 sites lie more than 300 m from every block" in note.en
    assert re.search(r"B02 \(4,\d\d\d m\)\.$", note.en)
    sites.geometry = sites.geometry.where(sites["id"] != "B02", sites.translate(yoff=1_495_000))
    write(sites, tmp_path / "sites.gpkg")
    with pytest.raises(DataError, match=r"1 sites lie more than 200 km from every block: B02 \(1,500 km\);"):
        look(tmp_path, premises={})


def test_crs_against_the_file_is_noted_even_where_the_layer_fits(tmp_path: Path) -> None:
    """A `crs:` that mends a wrong .prj works, and the contradiction is told; another spelling is none."""
    write(Town().blocks(KEPT), tmp_path / "blocks.gpkg")
    write(_said_as(Town().roads(KEPT), "EPSG:4549"), tmp_path / "roads.gpkg")
    _, (note,) = look(tmp_path, roads={"crs": KEPT})
    assert re.match(r"data\.roads\[0\]\.crs: .*114E is used, but roads\.gpkg itself says .*120E", note.en)
    (far_km,) = re.findall(r"the two lie (5\d\d\.\d) km apart", note.en)
    assert f"两者相距 {far_km} 公里。" in note.zh
    write(_said_as(Town().roads(KEPT), CRS.from_epsg(4547).to_wkt("WKT1_ESRI")), tmp_path / "roads.gpkg")
    assert look(tmp_path, roads={"crs": KEPT})[1] == ()
    write(Town().roads("EPSG:4326"), tmp_path / "roads.gpkg")
    assert look(tmp_path, roads={"crs": "EPSG:4490"})[1] == ()


def test_blocks_outside_the_area_of_their_system_are_noted(tmp_path: Path) -> None:
    """Blocks of one place in the zone of another, without any sign of why, are noted."""
    write(Town(121.0, 31.0).blocks("EPSG:4547"), tmp_path / "blocks.gpkg")
    _, (note,) = look(tmp_path)
    assert "lies at 121.00, 31.00 degrees, outside the area that CGCS2000 / 3-degree Gauss-Kruger CM 114E" in note.en


@pytest.mark.parametrize(("lon", "is_noted"), [(116.4, False), (116.6, True), (117.99, True)])
def test_blocks_of_the_next_zone_are_noted(tmp_path: Path, lon: float, *, is_noted: bool) -> None:
    """EPSG:4547 was made for 112.5 to 115.5 degrees; a degree beyond, the zone may be another."""
    write(Town(lon, 30.0).blocks("EPSG:4547"), tmp_path / "blocks.gpkg")
    _, notes = look(tmp_path)
    assert (
        any("outside the area that CGCS2000 / 3-degree Gauss-Kruger CM 114E" in note.en for note in notes) is is_noted
    )


def test_areas_that_cover_the_blocks_are_no_barriers(tmp_path: Path) -> None:
    """A layer of districts given for barriers is told, with how many blocks it covers, and no shift is suspected."""
    blocks = Town().blocks(KEPT)
    write(blocks, tmp_path / "blocks.gpkg")
    n = len(blocks)
    for n_covered, is_noted in ((n // 2, False), (n // 2 + 1, True)):
        cover = gpd.GeoDataFrame(geometry=[blocks.geometry[:n_covered].union_all().buffer(1)], crs=KEPT)
        write(cover, tmp_path / "barriers.gpkg")
        _, notes = look(tmp_path, barriers={})
        assert any(f"cover {n_covered} of {n} blocks" in note.en for note in notes) is is_noted
        assert not any("GCJ-02" in note.en for note in notes)


@pytest.mark.parametrize(("people", "is_noted"), [(50, False), (51, True)])
def test_more_people_than_could_stand_there_are_noted(people: int, *, is_noted: bool) -> None:
    """Two square metres of blocks for each resident is the least; blocks without a count of people say nothing."""
    blocks = make_blocks({"a": box(0, 0, 10, 10)}, people={"a": people})
    assert (_say_crowded(blocks) is not None) is is_noted
    assert _say_crowded(make_blocks({"a": box(0, 0, 1, 1)})) is None


def test_blocks_far_from_the_others_are_named(tmp_path: Path) -> None:
    """Blocks of another zone put into the same file are named with their distance."""
    blocks = Town().blocks(KEPT)
    blocks.geometry = blocks.geometry.where(blocks["id"] != "B07", blocks.translate(xoff=288_000))
    write(blocks, tmp_path / "blocks.gpkg")
    _, (note,) = look(tmp_path)
    assert "1 blocks lie more than 200 km from the others: B07 (287 km)" in note.en
    assert "1 个地块距其他地块超过 200 公里：B07 (287 km)" in note.zh


@pytest.mark.parametrize("off_m", [-288_000, 288_000])
def test_a_block_far_off_hides_no_layer_of_another_zone(tmp_path: Path, off_m: float) -> None:
    """Roads of a wrong zone are told from the other blocks, though one block is read as wrongly as they are."""
    blocks = Town().blocks(KEPT)
    blocks.geometry = blocks.geometry.where(blocks["id"] != "B07", blocks.translate(xoff=off_m))
    write(blocks, tmp_path / "blocks.gpkg")
    write(_said_as(Town().roads("EPSG:4547"), "EPSG:4548"), tmp_path / "roads.gpkg")
    _, (far, elsewhere) = look(tmp_path, roads={})
    assert "1 blocks lie more than 200 km from the others: B07" in far.en
    assert re.search(r"data.roads\[0\]: roads.gpkg lies 28\d.\d km .* write 'crs: EPSG:4547'", elsewhere.en)


# --- shifts of some hundred metres -----------------------------------------------------------------------

SHIFTS: dict[str, tuple[Shift, str, str]] = {
    "roads in GCJ-02": (
        to_gcj02, "roads", r"about 5\d\d m: data\.roads\[0\] looks like GCJ-02 .*'crs: gcj02' at data\.roads"),
    "roads in BD-09": (lambda xy: to_bd09(to_gcj02(xy)), "roads", r"data\.roads\[0\] looks like BD-09"),
    "blocks in GCJ-02": (to_gcj02, "blocks", r"data\.blocks looks like GCJ-02 .* write 'crs: gcj02' at data\.blocks"),
    "blocks in BD-09": (lambda xy: to_bd09(to_gcj02(xy)), "blocks", r"data\.blocks looks like BD-09"),
}  # fmt: skip


@pytest.mark.parametrize("fault", SHIFTS)
def test_shifted_coordinates_of_web_maps_are_suspected(tmp_path: Path, fault: str) -> None:
    """Roads or blocks in GCJ-02 or BD-09 that say they are true are noted; with `crs: gcj02` the note is gone."""
    shift, which, message = SHIFTS[fault]
    layers = {"blocks": Town().blocks("EPSG:4326"), "roads": Town().roads("EPSG:4326")}
    layers[which] = _turned(layers[which], shift)
    for name, frame in layers.items():
        write(frame, tmp_path / f"{name}.gpkg")
    _, (note,) = look(tmp_path, roads={})
    assert re.search(message, note.en), note.en
    if "GCJ" in fault and which == "roads":
        assert look(tmp_path, roads={"crs": "GCJ-02"})[1] == ()
    if "GCJ" in fault and which == "blocks":
        assert look(tmp_path, blocks_crs="GCJ02", roads={})[1] == ()


def test_premises_in_gcj02_are_suspected_although_some_stand_in_blocks(tmp_path: Path) -> None:
    """Of sites shifted by some hundred metres those that end up in other blocks do not make the layer right."""
    write(Town().blocks("EPSG:4326"), tmp_path / "blocks.gpkg")
    write(_turned(Town().sites("EPSG:4326").reset_index(drop=True), to_gcj02), tmp_path / "sites.gpkg")
    notes = [note.en for note in look(tmp_path, premises={})[1]]
    assert any("data.premises looks like GCJ-02" in note for note in notes), notes


@pytest.mark.parametrize(
    ("before", "after", "n", "is_line", "is_better"),
    [
        (0.75, 1.0, 40, False, True),
        (0.75, 1.0, 36, False, False),
        (0.6875, 0.96875, 32, False, True),
        (0.75, 0.875, 40, False, False),
        (0.75, 1.0, 40, True, False),
        (0.25, 0.75, 4, True, True),
        (0.5, 0.75, 4, True, False),
    ],
    ids=["ten sites put right", "nine", "one of ten left", "half of ten", "points of lines", "a gain", "a small gain"],
)
def test_a_shift_is_suspected_where_chance_does_not_explain_it(
    before: float, after: float, n: int, *, is_line: bool, is_better: bool
) -> None:
    """Ten sites outside of which a tenth stays are enough; else the fit must be far better, and good."""
    assert _is_better(before, after, n, is_line=is_line) == is_better


def test_a_point_deep_in_a_block_counts_against_one_between_blocks() -> None:
    """Between is also what lies 5 m inside a block, or beside the town; what lies 11 m off does not count at all."""
    blocks = make_blocks(cells("a b\nc d", street_m=20), people=250)
    places = {"street": (110, 50), "deep": (50, 50), "shallow": (95, 50), "beside": (50, -9), "off": (50, -11)}
    kinds = [["street", "shallow", "beside"], ["deep"], ["street", "deep", "off"]]
    drawn = [np.array([places[name] for name in names], dtype=float) + ORIGIN for names in kinds]
    assert [_measure_lines(blocks)(xy) for xy in drawn] == [(3, 3), (1, -1), (2, 0)]


def test_bd09_there_and_back() -> None:
    """BD-09 undone comes back to within a metre, and lies some hundred metres from GCJ-02."""
    true = np.array([[115.04, 30.18], [87.6, 43.8], [121.5, 25.0]])
    assert np.abs(from_gcj02(from_bd09(to_bd09(to_gcj02(true)))) - true).max() < 1e-5
    assert (np.abs(to_bd09(true) - true) > 0.002).any(axis=1).all()


# --- datums ----------------------------------------------------------------------------------------------


def test_datums_are_compared_by_what_they_are() -> None:
    """CGCS2000 and WGS 84 in any spelling are one; Xi'an 1980 and Beijing 1954 are not, nor is an unknown datum."""
    cgcs = (
        'GEOGCS["GCS_China_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],'
        'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
    )
    alike = ["EPSG:4490", "EPSG:4547", "EPSG:4326", "EPSG:32650", "EPSG:4979", "EPSG:3857", "EPSG:9000", cgcs]
    assert {datum_of(CRS.from_user_input(text)) for text in alike} == {"global"}
    assert datum_of(CRS.from_epsg(2383)) == datum_of(CRS.from_epsg(4610)) == "xian"
    assert datum_of(CRS.from_epsg(2435)) == datum_of(CRS.from_epsg(4214)) == "beijing"
    assert datum_of(CRS.from_user_input("+proj=longlat +ellps=GRS80 +type=crs")).startswith("unknown")
    assert datum_of(CRS.from_epsg(5773)) == ""  # heights alone


def test_a_datum_spelt_by_hand_needs_no_shift(tmp_path: Path) -> None:
    """Roads in a hand-written CGCS2000 without a code go onto WGS 84 blocks."""
    write(Town().blocks("EPSG:32650"), tmp_path / "blocks.gpkg")
    named = CRS.from_wkt(
        CRS.from_epsg(4490).to_wkt("WKT1_ESRI").replace("GCS_China_Geodetic_Coordinate_System_2000", "Mine")
    )
    write(_said_as(Town().roads("EPSG:4490"), named), tmp_path / "roads.gpkg")
    assert look(tmp_path, roads={})[1] == ()


@pytest.mark.parametrize("code", [2383, 2435])
def test_an_unknown_shift_is_told_before_anything_is_written_in_wgs84(tmp_path: Path, code: int) -> None:
    """Blocks on an old datum can be redrawn, with a note that what is written in WGS 84 lies off."""
    write(_said_as(Town().blocks("EPSG:4547"), f"EPSG:{code}"), tmp_path / "blocks.gpkg")
    _, (note,) = look(tmp_path)
    assert re.search(r"The shift from .* to WGS 84 is not known here: communities\.geojson", note.en)
    write(Town().roads("EPSG:4490"), tmp_path / "roads.gpkg")
    with pytest.raises(DataError, match="cannot be converted exactly"):
        look(tmp_path, roads={})


# --- random faults ---------------------------------------------------------------------------------------


def _true_systems(lon: float) -> list[str]:
    """Give systems an office may keep a layer in: degrees, UTM, zones of 3 and 6 degrees with number and without."""
    three, six = round(lon / 3), int(lon // 6) + 1
    zones = [4513 + three - 25, 4534 + three - 25, 4491 + six - 13, 4502 + six - 13]
    return [f"EPSG:{code}" for code in (4490, 4326, 32630 + six, *zones)]


def _wrong_system(crs: str, fault: str, lon: float) -> str:
    """Give the system that a fault says instead of the true one; the true one where the fault is of another kind."""
    three, geographic = round(lon / 3), crs in ("EPSG:4490", "EPSG:4326")
    if fault == "kind":
        return f"EPSG:{4534 + three - 25}" if geographic else "EPSG:4490"
    if fault == "zone" and not geographic:
        code = int(crs.partition(":")[2])
        return f"EPSG:{code + (1 if lon < 105 else -1)}"
    if fault == "number" and not geographic and not crs.startswith("EPSG:326"):
        code = int(crs.partition(":")[2])
        return f"EPSG:{code + (21 if code < 4534 else -21) if code >= 4513 else code + (11 if code < 4502 else -11)}"
    return crs


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lon=st.floats(100.0, 119.0),
    lat=st.floats(25.0, 40.0),
    own=st.integers(0, 6),
    theirs=st.integers(0, 6),
    which=st.sampled_from(["blocks", "roads"]),
    fault=st.sampled_from(["none", "kind", "zone", "number", "swapped", "x", "y", "GCJ-02", "BD-09"]),
)
def test_no_fault_of_place_passes_in_silence(
    tmp_path: Path, lon: float, lat: float, own: int, theirs: int, which: str, fault: str
) -> None:
    """Whatever place and systems, layers that fit say nothing, and each fault of one of them is refused or noted."""
    town, systems = Town(lon, lat), _true_systems(lon)
    layers = {"blocks": town.blocks(systems[own]), "roads": town.roads(systems[theirs])}
    true = systems[own if which == "blocks" else theirs]
    shifts: dict[str, Shift] = {"GCJ-02": to_gcj02, "BD-09": lambda xy: to_bd09(to_gcj02(xy))}
    turns: dict[str, Shift] = {
        "x": lambda xy: xy * (-1, 1),
        "y": lambda xy: xy * (1, -1),
        "swapped": lambda xy: xy[:, ::-1],
    }
    if fault in shifts:
        layers[which] = _turned(layers[which].to_crs(4326), shifts[fault])
    elif fault in turns:
        layers[which] = _turned(layers[which], turns[fault])
    else:
        layers[which] = _said_as(layers[which], _wrong_system(true, fault, lon))
    is_faulty = fault in shifts or fault in turns or layers[which].crs != CRS(true)
    for name, frame in layers.items():
        write(frame, tmp_path / f"{name}.gpkg")
    assert bool(_say(tmp_path)) == is_faulty


def _say(folder: Path) -> tuple[Message, ...]:
    """Give the problems for which blocks and roads are refused, or else the notes."""
    try:
        return look(folder, roads={})[1]
    except DataError as error:
        return tuple(error.problems)


@given(st.floats(70, 130), st.floats(0, 50), st.floats(70, 130), st.floats(0, 50))
def test_distance_between_rectangles(x: float, y: float, u: float, v: float) -> None:
    """Rectangles that meet are no distance apart; others as far as their nearest corners, both ways."""
    one, two = (x, y, x + 1, y + 1), (u, v, u + 1, v + 1)
    meets = abs(x - u) <= 1 and abs(y - v) <= 1
    assert (measure_apart(one, two) < 1e-6) == meets
    assert measure_apart(one, two) == pytest.approx(measure_apart(two, one))
