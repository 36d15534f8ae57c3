"""The judge on delivered polygons: an honest folder, then one planted fault of each kind in each file."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import copytree
from types import SimpleNamespace
from typing import cast

import geopandas as gpd
import numpy as np
import pytest
import shapely

from redistrict.judge import verify_files
from redistrict.judge.case import Case
from redistrict.judge.outlines import find_footing
from redistrict.judge.verification import Verification, Violation
from redistrict.scenario.models import BlockPair, Contiguity

from .delivery import FILES, read_shapes, write_layer, write_result
from .towns import Town, cells, line, marks, square

MakeTown = Callable[..., Town]
Shape = shapely.Geometry
PICTURE = """
    aaabb
    aeabb
    aaabb
"""


@pytest.fixture(scope="module")
def town(make_town: MakeTown) -> Town:
    """Three communities with streets of 20 m between all blocks; e lies wholly inside a."""
    return make_town(cells(PICTURE, street_m=20), households=1, people=3, district="东区")


@pytest.fixture(scope="module")
def honest(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a result folder without a fault, to be copied."""
    folder = tmp_path_factory.mktemp("honest")
    write_result(town, folder, marks(PICTURE), workers=1)
    return folder


@pytest.fixture
def result(honest: Path, tmp_path: Path) -> Path:
    """Give a copy of the folder without a fault."""
    return copytree(honest, tmp_path / "result")


def judge(town: Town, plan: Mapping[str, str], folder: Path) -> Verification:
    """Judge a folder written from a plan without a fault."""
    write_result(town, folder, plan, workers=1)
    return verify_files(town.scenario, folder)


def all_but(notes: tuple, word: str) -> list[str]:
    return [note.en for note in notes if word not in note.en]


STREET = square(350, -20, 240, 20)  # between the first and the second row of b
SCRAP = square(100, 40, 20, 20)  # in a street inside a
CORNER = square(470, -10, 120, 120)  # block 04 with its half of the streets
BESIDE = square(350, -10, 120, 120)  # block 03 with its half of the streets
TWISTED = shapely.Polygon(square(350, -250, 240, 360).exterior.coords[i] for i in (0, 2, 1, 3, 0))
FAULTS: dict[str, tuple[Callable[[Shape, Shape], tuple[Shape, Shape]], str, str, set[str]]] = {
    "pieces": (lambda a, b: (a, b - STREET), "lies in pieces on the ground", "b", {"03", "04"}),
    "neck": (lambda a, b: (a, b - STREET | square(400, -21, 0.5, 22)), "hangs together by a neck", "b", {"03", "04"}),
    "hair": (lambda a, b: (a, b - square(350, -70, 240, 0.02)), "lies in pieces on the ground", "b", {"03", "04"}),
    "scrap": (lambda a, b: (a - SCRAP, b | SCRAP), "lies in pieces on the ground", "b", set()),
    "overlap": (lambda a, b: (a, b | square(349, 40, 2, 1)), "covers ground of another community", "a", set()),
    "gap": (lambda a, b: (a - square(346, 20, 4, 4), b), "leaves a gap to its neighbour", "a", {"02", "03"}),
    "strip": (lambda a, b: (a - square(349.5, -250, 0.5, 370), b), "leaves a gap to its neighbour", "a", {"02", "03"}),
    "hole": (lambda a, b: (a, b - square(468, 40, 4, 4)), "has a hole", "b", {"03", "04"}),
    "hole in a block": (lambda a, b: (a, b - square(500, 40, 4, 4)), "has a hole", "b", {"04"}),
    "land": (lambda a, b: (a | square(-60, 40, 60, 20), b), "takes land that belongs to no block", "a", set()),
    "foreign block": (lambda a, b: (a | BESIDE, b - BESIDE), "covers blocks of another", "a", {"03"}),
    "block with others": (lambda a, b: (a | BESIDE, b - BESIDE), "leaves blocks of its own out", "b", {"03"}),
    "block left out": (lambda a, b: (a, b - CORNER), "leaves blocks of its own out", "b", {"04"}),
    "invalid": (lambda a, _: (a, TWISTED), "is no valid polygon", "b", set()),
}


def spoil(folder: Path, fault: str, files: tuple[str, ...]) -> None:
    """Plant a fault in some files."""
    shapes = read_shapes(folder)
    a, b, e = shapes.geometry
    spoiled = shapes.assign(geometry=[*FAULTS[fault][0](a, b), e])
    for file in files:
        write_layer(folder, file, spoiled)


def find(verdict: Verification, fault: str) -> list[Violation]:
    """Give what names the fault."""
    _, words, community, _ = FAULTS[fault]
    return [v for v in verdict.violations if words in v.message.en and v.community == community]


def test_a_folder_without_a_fault_passes(town: Town, result: Path) -> None:
    """Polygons in one piece that hold their blocks and share the streets break no rule."""
    assert verify_files(town.scenario, result).violations == ()


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named_with_community_and_place(town: Town, result: Path, fault: str, file: str) -> None:
    """Each kind of fault is found in each file alone: whose it is, where, and which blocks."""
    spoil(result, fault, (file,))
    verdict = verify_files(town.scenario, result)
    assert {v.message.en.partition(":")[0] for v in verdict.violations} == {file}
    assert {v.rule for v in verdict.violations} == {"outline"}
    named, *_ = find(verdict, fault)
    assert FAULTS[fault][3] <= set(named.blocks)
    assert bool(named.blocks) == bool(FAULTS[fault][3])
    assert re.search(r" at \d{6}\.\d, \d{7}\.\d", named.message.en)
    assert "位置" in named.message.zh


@pytest.mark.parametrize("fault", ["pieces", "overlap", "gap", "hole in a block", "block with others"])
def test_a_fault_in_all_files_is_told_once(town: Town, result: Path, fault: str) -> None:
    """One sentence names the three files a fault stands in."""
    spoil(result, fault, FILES)
    violations = verify_files(town.scenario, result).violations
    assert {v.message.en.partition(":")[0] for v in violations} == {", ".join(FILES)}


def test_faults_at_two_places_are_told_apart(town: Town, result: Path) -> None:
    """The same kind of fault elsewhere in another file is another fault."""
    shapes = read_shapes(result)
    a, b, e = shapes.geometry
    for file, y in zip(FILES, (20, 60, 60), strict=True):
        write_layer(result, file, shapes.assign(geometry=[a, b | square(348, y, 2, 3), e]))
    told = [v.message.en.partition(":")[0] for v in verify_files(town.scenario, result).violations]
    assert told == ["communities.gpkg", "communities.shp, communities.geojson"]


@pytest.mark.parametrize(("fault", "words"), [("left out", "in no polygon"), ("with others", "in the polygon of a")])
def test_where_a_block_left_out_lies_is_said(town: Town, result: Path, fault: str, words: str) -> None:
    """A block is in no polygon, or in another community's."""
    spoil(result, f"block {fault}", FILES[:1])
    (named,) = find(verify_files(town.scenario, result), f"block {fault}")
    assert named.found == f"10,000.0 m², {words}"


@pytest.mark.parametrize("file", FILES)
def test_an_enclave_is_a_note(town: Town, result: Path, file: str) -> None:
    """A community wholly inside another is told, and refused by nobody; each file is looked at."""
    note = "1 communities lie wholly inside another: e in a."
    assert note in [note.en for note in verify_files(town.scenario, result).notes]
    shapes = read_shapes(result)
    a, b, e = shapes.geometry
    opened = shapes.assign(geometry=[a - square(105, -10, 10, 120), b, e])
    for other in FILES:
        write_layer(result, other, shapes if other == file else opened)
    assert note in [note.en for note in verify_files(town.scenario, result).notes]
    write_layer(result, file, opened)
    assert all_but(verify_files(town.scenario, result).notes, "in one piece") == []


def test_open_ground_inside_a_community_is_a_note(make_town: MakeTown, tmp_path: Path) -> None:
    """A square wider than any street is nobody's, which is told; where a barrier fills it there is nothing to tell."""
    ring = cells("aaa a.a aaa", street_m=20)
    for gap_m, barriers in ((40, []), (40, [square(110, -130, 120, 120)]), (300, [])):
        town = make_town(ring, households=1, people=3, contiguity=Contiguity(max_gap_m=gap_m), barriers=barriers)
        verdict = judge(town, dict.fromkeys(ring, "a"), tmp_path)
        told = [note for note in all_but(verdict.notes, "in one piece") if "open ground" in note]
        assert bool(told) == (gap_m == 40 and not barriers)
        assert ["has a hole" in v.message.en for v in verdict.violations] == ([True] if gap_m == 300 else [])


APART = cells("x.x", street_m=20)
RIVER = square(150, -500, 40, 1100)
BRIDGE = line((90, 50), (250, 50))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"contiguity": Contiguity(links=(BlockPair(blocks=("00", "02"), reason="ferry"),))},
            "link 00 - 02 of the scenario",
        ),
        ({"barriers": [RIVER], "structures": [("bridge", BRIDGE)]}, "bridge 00 - 02"),
        ({"households": {"00": 1}, "people": {"00": 3}}, "nobody lives in 02, nor beside it"),
    ],
    ids=["link", "bridge", "island"],
)
def test_pieces_may_be_joined_by_what_the_data_name(
    make_town: MakeTown, tmp_path: Path, options: dict, told: str
) -> None:
    """A link, a bridge, or an island where nobody lives: the verdict names it."""
    town = make_town(APART, **{"households": 1, "people": 3} | options)
    verdict = judge(town, dict.fromkeys(APART, "a"), tmp_path)
    assert verdict.violations == ()
    assert f"Community a lies in 2 parts, as it may: {told}." in [note.en for note in verdict.notes]


def test_only_links_within_a_community_join_its_parts(make_town: MakeTown, tmp_path: Path) -> None:
    """A link to a block of another community says nothing of the parts of this one."""
    links = tuple(BlockPair(blocks=pair, reason="ferry") for pair in (("02", "04"), ("00", "02")))
    town = make_town(cells("x.x.x", street_m=20), households=1, people=3, contiguity=Contiguity(links=links))
    verdict = judge(town, marks("a.a.b"), tmp_path)
    assert verdict.violations == ()
    ties = "link 00 - 02 of the scenario"
    assert f"Community a lies in 2 parts, as it may: {ties}." in [note.en for note in verdict.notes]


def _measure_between(*polygons: shapely.Polygon) -> float:
    """Give the square metres of blocks and the ground between them."""
    ground = SimpleNamespace(polygons=np.array(polygons))
    rules = SimpleNamespace(contiguity=Contiguity(max_gap_m=40))
    return find_footing(cast(Case, SimpleNamespace(ground=ground, scenario=rules))).between.area


def test_a_block_by_itself_has_its_own_ground() -> None:
    """No strip more or less around it; two blocks have what lies between them as well."""
    assert _measure_between(square(0, 0)) == pytest.approx(10_000, abs=0.1)
    assert _measure_between(square(0, 0), square(0, 120)) > 21_500


def test_ground_beside_a_spike_is_nobodys() -> None:
    """A corner that runs 700 m out and back within a centimetre, through the next block, takes no ground along."""
    first, second = square(0, 0), square(0, 120)
    spiked = first | square(50, 100, 0.01, 700)
    assert _measure_between(spiked, second) == pytest.approx(_measure_between(first, second), abs=0.1)


def test_pieces_that_nothing_joins_are_refused(make_town: MakeTown, tmp_path: Path) -> None:
    """Without a link, or where a block nobody lives in stands beside another community, pieces are a fault."""
    town = make_town(APART, households=1, people=3)
    assert {v.rule for v in judge(town, dict.fromkeys(APART, "a"), tmp_path).violations} == {"contiguity", "outline"}
    town = make_town(cells("xx.xx", street_m=20), households={"00": 1, "01": 1, "04": 1}, people=0)
    verdict = judge(town, marks("aa.ab"), tmp_path)
    assert [v.blocks for v in verdict.violations if v.rule == "outline"] == [("03",)]


def test_a_block_in_parts_may_be_so(make_town: MakeTown, tmp_path: Path) -> None:
    """Two parts of one block are no fault of the plan."""
    town = make_town({"0": shapely.union_all(list(APART.values()))}, households=1, people=3)
    verdict = judge(town, {"0": "a"}, tmp_path)
    assert verdict.violations == ()
    assert "block 0 is in parts itself" in verdict.notes[1].en


TODAY = """
    ppqqq
    pqqqp
    ppqqq
"""


@pytest.fixture(scope="module")
def settled(make_town: MakeTown) -> Town:
    """The same town; of today's communities p is in two pieces."""
    return make_town(cells(PICTURE, street_m=20), households=1, people=3, district="东区", today=marks(TODAY))


@pytest.fixture
def today(settled: Town, tmp_path: Path) -> gpd.GeoDataFrame:
    """Give today's communities as a layer, in a folder without a fault."""
    write_result(settled, tmp_path, marks(PICTURE), workers=1)
    ground = settled.blocks.assign(n_blocks=1, geometry=settled.blocks.buffer(10, join_style="mitre"))
    layer = ground.dissolve("community", {"n_blocks": "sum", "households": "sum", "people": "sum"}).reset_index()
    return layer.rename(columns={"community": "community_id"})


def judge_today(town: Town, folder: Path, layer: gpd.GeoDataFrame) -> Verification:
    layer.to_file(folder / "communities.gpkg", layer="communities_today")
    return verify_files(town.scenario, folder)


def test_pieces_of_today_are_counted_and_no_fault(settled: Town, tmp_path: Path, today: gpd.GeoDataFrame) -> None:
    """The verdict says how many communities are in pieces, of the plan and of today."""
    verdict = judge_today(settled, tmp_path, today)
    assert verdict.violations == ()
    assert verdict.notes[0].en == "Not in one piece: 0 of 3 communities; 1 of today's 2 (p)."


def test_pieces_of_the_plan_are_counted_once(town: Town, result: Path) -> None:
    """In the first file; where another has more, that is a fault of its own."""
    spoil(result, "pieces", FILES[1:2])
    verdict = verify_files(town.scenario, result)
    told = [note.en for note in verdict.notes if "in one piece" in note.en]
    assert told == ["Not in one piece: 0 of 3 communities."]
    assert find(verdict, "pieces")


def test_outlines_of_today_hold_their_blocks(settled: Town, tmp_path: Path, today: gpd.GeoDataFrame) -> None:
    """A block in another of today's outlines is named, and so is ground that two of them cover."""
    p, q = today.geometry
    moved = square(230, -10, 120, 120)  # block 02
    verdict = judge_today(settled, tmp_path, today.assign(geometry=[p | moved, q - moved]))
    assert [(v.rule, v.community, v.blocks) for v in verdict.violations] == [
        ("outline", "p", ("02",)),
        ("outline", "q", ("02",)),
    ]
    assert all("communities.gpkg (communities_today)" in v.message.en for v in verdict.violations)
    verdict = judge_today(settled, tmp_path, today.assign(geometry=[p | square(230, 40, 2, 1), q]))
    assert [v.found for v in verdict.violations] == ["2.0 m² with q"]


def test_numbers_of_today_must_agree(settled: Town, tmp_path: Path, today: gpd.GeoDataFrame) -> None:
    """Blocks and residents of today's communities are those of the data."""
    verdict = judge_today(settled, tmp_path, today.assign(n_blocks=[6, 8]))
    assert [(v.rule, v.community, v.found, v.allowed) for v in verdict.violations] == [("files", "q", "8", "9")]
    verdict = judge_today(settled, tmp_path, today[:1])
    assert ["q" in v.found for v in verdict.violations] == [True]
