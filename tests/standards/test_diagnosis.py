"""The diagnosis: every figure of today's communities, on towns one can draw."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import shapely

from redistrict.geo.blocks import Blocks
from redistrict.geo.current import CurrentPlan
from redistrict.geo.graph import build_graph
from redistrict.geo.outlines import draw_plan
from redistrict.geo.roads import Surroundings
from redistrict.geo.sites import Sites
from redistrict.scenario.models import Contiguity, Objective, Sizes
from redistrict.scenario.office import Standards
from redistrict.standards.diagnosis import (
    CommunityToday,
    Diagnosis,
    Today,
    count_bands,
    diagnose_today,
    plan_today,
)
from redistrict.standards.diagnosis_notes import describe_data, name_communities
from tests.geo.drawing import cells, line, make_blocks, surroundings

NOTHING_AROUND = surroundings()


def today(
    picture: str,
    *,
    households: Mapping[str, int] | int = 100,
    people: int | None = None,
    district: Mapping[str, str] | str = "",
    around: Surroundings = NOTHING_AROUND,
    staff: int | None = None,
    sites: Mapping[str, float] | None = None,
) -> Today:
    """Give a town whose blocks are named by their community and a number, ``A1``; ``-`` means no community.

    Blocks are squares of 100 m with streets of 20 m between them; `households` is by block.
    """
    blocks = make_blocks(cells(picture, street_m=20), households=households, people=people, district=district)
    current = _current(blocks, staff)
    graph = build_graph(blocks, around, Contiguity())
    return Today(
        blocks=blocks,
        graph=graph,
        current=current,
        sites=None if sites is None else _sites(sites),
        areas=draw_plan(graph.cells, plan_today(current).assignment)[: len(current)],
        has_roads=len(around.roads) > 0,
    )


def _current(blocks: Blocks, staff: int | None) -> CurrentPlan:
    keys = ["" if block[0] == "-" else block[0] for block in blocks.ids]
    ids = sorted(set(keys) - {""})
    districts = dict(zip(keys, blocks.frame["district"], strict=True))
    return CurrentPlan(
        ids=tuple(ids),
        names=tuple(f"社区{key}" for key in ids),
        districts=tuple(districts[key] for key in ids),
        of_block=np.array([ids.index(key) if key else -1 for key in keys], dtype=np.int32),
        staff=None if staff is None else np.full(len(ids), staff, dtype=np.int64),
        is_locked=np.zeros(len(ids), dtype=bool),
    )


def _sites(m2: Mapping[str, float]) -> Sites:
    """Give premises named by their community and a number."""
    return Sites(
        ids=tuple(m2),
        names=tuple(m2),
        area_m2=np.array([*m2.values()], dtype=float),
        community=tuple(name[0] for name in m2),
        block=np.zeros(len(m2), dtype=np.int64),
        xy=np.zeros((len(m2), 2)),
    )


def diagnose(town: Today, objective: Objective | None = None, **standards: object) -> Diagnosis:
    rules = Standards.model_validate(standards)
    return diagnose_today(town, rules, Sizes(households=200, people=640), objective or Objective())


def rows(diagnosis: Diagnosis) -> dict[str, CommunityToday]:
    return {row.id: row for row in diagnosis.everything.communities}


# --- sizes ----------------------------------------------------------------------------------------------


def test_a_band_holds_its_lower_end_and_not_its_upper() -> None:
    """999 households are under 1,000, 1,000 are not, and 3,000 are in the highest band; shares add up to one."""
    counts = {"A1": 999, "B1": 1000, "C1": 1999, "D1": 2000, "E1": 2999, "F1": 3000}
    everything = diagnose(today("A1 B1 C1 D1 E1 F1", households=counts)).everything
    bands = everything.bands()
    assert bands is not None
    assert [(band.lower, band.upper, band.count) for band in bands] == [
        (0, 1000, 1), (1000, 2000, 2), (2000, 2500, 1), (2500, 3000, 1), (3000, None, 1),
    ]  # fmt: skip
    assert sum(band.share for band in bands) == pytest.approx(1)
    assert [row.id for row in everything.too_small()] == ["A"]
    assert [row.id for row in everything.too_large()] == ["F"]
    assert [band.label.zh for band in bands][::2] == ["不足1000", "2000–2499", "3000以上"]


def test_the_lowest_band_begins_with_nobody() -> None:
    """A community without households is too small, and one of the lowest step is not."""
    everything = diagnose(today("A1 B1 C1", households={"A1": 0, "B1": 999, "C1": 1000}), bands=(1000, 2000)).everything
    assert [row.id for row in everything.too_small()] == ["A", "B"]


def test_one_step_gives_two_bands() -> None:
    """The steps are the scenario's: with one there are the communities below it, and the others."""
    bands = diagnose(today("A1 B1 C1", households={"A1": 1, "B1": 9, "C1": 10}), bands=[10]).everything.bands()
    assert [band.count for band in bands or ()] == [2, 1]
    assert [band.count for band in count_bands([1, 2], [10, 20])] == [2, 0, 0]


def test_the_ends_are_named_and_ties_go_to_the_first_key() -> None:
    """Smallest and largest count households over all blocks of a community."""
    everything = diagnose(today("A1 B1 B2 C1", households={"A1": 50, "B1": 20, "B2": 90, "C1": 50})).everything
    assert (everything.smallest.id, everything.smallest.households) == ("A", 50)
    assert (everything.largest.id, everything.largest.households) == ("B", 110)


def test_deviation_is_signed_and_counted_from_the_target() -> None:
    """100 households against a target of 200 are -50 %, 800 people against 640 are +25 %."""
    row = rows(diagnose(today("A1 B1", people=800)))["A"]
    assert (row.households_deviation, row.people_deviation) == (-0.5, 0.25)
    thirds = diagnose_today(today("A1"), Standards(), Sizes(households=300), Objective())
    assert rows(thirds)["A"].households_deviation == -0.666667


def test_districts_add_up_to_everything() -> None:
    """Every community is in one district, and counts and sums of the districts are those of the whole."""
    town = today("A1 B1\nC1 D1", people=300, district={"A1": "西", "B1": "东", "C1": "西", "D1": "西"}, staff=2)
    diagnosis = diagnose(town)
    assert {name: len(group) for name, group in diagnosis.by_district.items()} == {"东": 1, "西": 3}
    for name in ("households", "people", "staff", "workers_needed", "fund_yuan"):
        parts = [group.total(name) or 0 for group in diagnosis.by_district.values()]
        assert sum(parts) == diagnosis.everything.total(name)


def test_premises_short_of_the_norm_are_counted_with_what_they_lack() -> None:
    """Of the 300 m² every community must have A lacks 200; what B has too much is no help. Without sites: none."""
    town = diagnose(today("A1 B1", households=100, sites={"A": 100.0, "B": 900.0})).everything
    assert town.premises_short() == (1, 200.0)
    assert diagnose(today("A1 B1", households=100)).everything.premises_short() is None


# --- shapes ---------------------------------------------------------------------------------------------


def test_pieces_are_those_of_the_contiguity_graph() -> None:
    """A community whose blocks only meet in a corner, or not at all, lies in pieces; one in a row does not."""
    diagnosis = diagnose(today("A1 B1 A2\nC1 C2 B2"))
    assert {key: row.n_pieces for key, row in rows(diagnosis).items()} == {"A": 2, "B": 2, "C": 1}
    assert [row.id for row in diagnosis.everything.in_pieces()] == ["A", "B"]


def test_a_community_inside_another_is_an_enclave() -> None:
    """E lies in the hole of A; B, which reaches the edge of the town, does not."""
    diagnosis = diagnose(today("A1 A2 A3 B1\nA4 E1 A5 B2\nA6 A7 A8 B3"))
    found = rows(diagnosis)
    assert {key: row.inside for key, row in found.items()} == {"A": None, "B": None, "E": "A"}
    assert found["A"].holds == ("E",)
    assert [row.id for row in diagnosis.everything.enclaves()] == ["E"]


def test_a_hole_may_hold_part_of_another_community() -> None:
    """B has one block in A's hole and one outside: no enclave, but A holds blocks of B."""
    diagnosis = diagnose(today("A1 A2 A3 B1\nA4 B2 A5 B3\nA6 A7 A8 B4"))
    assert rows(diagnosis)["B"].inside is None
    assert [row.id for row in diagnosis.everything.holed()] == ["A"]


def test_of_two_rings_the_inner_one_counts() -> None:
    """E in D in A: E is inside D, D inside A, and A holds both."""
    found = rows(diagnose(today("A1 A2 A3 A4 A5\nA6 D1 D2 D3 A7\nA8 D4 E1 D5 A9\nAa D6 D7 D8 Ab\nAc Ad Ae Af Ag")))
    assert (found["E"].inside, found["D"].inside, found["A"].holds) == ("D", "A", ("D", "E"))


def test_a_hole_without_a_community_is_no_fault() -> None:
    """A park without a community, or a lake without blocks, may lie in a hole."""
    for hole in ("-1", "."):
        diagnosis = diagnose(today(f"A1 A2 A3\nA4 {hole} A5\nA6 A7 A8"))
        assert not diagnosis.everything.holed()


def test_metres_inside_are_those_between_two_blocks_of_one_community() -> None:
    """A road through the street between two blocks of A is inside A; between A and B it is inside neither."""
    roads = [("trunk", "甲路", line((110, -10), (110, 110))), ("primary", "乙路", line((230, -10), (230, 110)))]
    diagnosis = diagnose(today("A1 A2 B1", around=surroundings(roads=roads)))
    assert rows(diagnosis)["A"].crossing_m == {"primary": 0.0, "trunk": pytest.approx(100, abs=5)}
    assert rows(diagnosis)["B"].crossing_m == {"primary": 0.0, "trunk": 0.0}
    assert [row.id for row in diagnosis.everything.crossed()] == ["A"]


@pytest.mark.parametrize(("weight", "is_main"), [(1.5, True), ("never", True), (1.0, False), (0.0, False)])
def test_a_main_road_is_dearer_than_a_boundary(weight: object, is_main: bool) -> None:
    """A class whose metre inside costs more than a metre of boundary should not lie inside a community."""
    town = today("A1 A2", around=surroundings(roads=[("支路", "", line((110, -10), (110, 110)))]))
    objective = Objective.model_validate({"crossing": {"支路": weight}, "boundary": 1.0})
    assert len(diagnose(town, objective).everything.crossed()) == is_main


def test_a_class_without_a_price_is_no_main_road() -> None:
    """What costs nothing to cross is not dearer than a boundary, however cheap that is."""
    town = today("A1 A2", around=surroundings(roads=[("支路", "", line((110, -10), (110, 110)))]))
    assert diagnose(town, Objective(boundary=0.5)).everything.crossed() == ()


def test_blocks_without_a_community_are_named_and_in_no_figure() -> None:
    """The road between two blocks without a community is inside nothing, and their residents are counted nowhere."""
    around = surroundings(roads=[("trunk", "", line((230, -10), (230, 110)))])
    town = today("A1 -1 -2 B1", people=300, around=around)
    everything = diagnose(town).everything
    assert (everything.total("households"), everything.crossing_m()) == (200, {"trunk": 0.0})
    (note,) = [note.en for note in describe_data(town) if "no community" in note.en]
    assert note == "2 blocks (200 households, 600 people) have no community today and are in no figure: -1, -2."


# --- premises, staff, fund ------------------------------------------------------------------------------


def test_premises_are_held_against_the_minimum_and_against_the_full_norm() -> None:
    """2,000 households need 400 m2 at 20 m2 per 100: 300 m2 reach the minimum only; two sites of one add up."""
    counts = {"A1": 2000, "B1": 2000, "C1": 500, "D1": 500}
    sites = {"A1": 300.0, "B1": 250.0, "B2": 150.0, "C1": 299.9}
    everything = diagnose(today("A1 B1 C1 D1", households=counts, sites=sites)).everything
    found = {row.id: (row.premises_m2, row.premises_norm_m2) for row in everything.communities}
    assert found == {"A": (300, 400), "B": (400, 400), "C": (299.9, 300), "D": (0, 300)}
    assert everything.count("reaches_minimum") == (2, 2)
    assert everything.count("reaches_norm") == (1, 3)


def test_areas_and_yuan_are_told_in_hundredths() -> None:
    """333 households at 20.55 m2 per 100 need 68.43 m2; two of 0.333 yuan get 0.67 together."""
    town = today("A1 B1", households={"A1": 333, "B1": 1}, sites={"A1": 68.434})
    norm = {"m2_per_100_households": 20.55, "minimum_m2": 0}
    row = rows(diagnose(town, premises=norm))["A"]
    assert (row.premises_m2, row.premises_norm_m2, row.reaches_norm) == (68.43, 68.43, True)
    fund = diagnose(today("A1 B1", households=1), fund={"yuan_per_household": 0.333}).everything.total("fund_yuan")
    assert fund == 0.67


def test_a_site_of_no_community_is_named() -> None:
    """Premises of a community that no block belongs to count nowhere, and the planner is told."""
    town = today("A1 B1", sites={"A1": 300.0, "Z1": 999.0})
    assert diagnose(town).everything.total("premises_m2") == 300
    assert any("1 sites belong to no community" in note.en and "Z1" in note.en for note in describe_data(town))


def test_staff_and_fund_follow_the_ratios_of_the_scenario() -> None:
    """500 households need two workers of 250 each, and 10 yuan each make 5,000."""
    everything = diagnose(today("A1 B1", households=500, staff=3)).everything
    assert [everything.total(name) for name in ("staff", "workers_needed", "fund_yuan")] == [6, 4, 10_000]


def test_what_the_data_do_not_say_is_none_and_told() -> None:
    """Without premises, staff and roads those figures are none, each with a sentence naming the key."""
    town = today("A1 B1")
    everything = diagnose(town).everything
    assert everything.count("reaches_minimum") is None
    assert everything.total("staff") is None
    assert everything.crossing_m() is None
    told = " ".join(note.en for note in describe_data(town))
    for key in ("data.premises", "data.current.columns.staff", "data.roads"):
        assert key in told
    assert "columns.households" not in told


def test_people_alone_give_sizes_but_no_bands() -> None:
    """Without households the ends go by people; bands, full norm and fund are none."""
    town = today("A1 B1", people=300, sites={"A1": 400.0})
    town = replace(town, blocks=replace(town.blocks, quantities=("people",)))
    everything = diagnose(town).everything
    assert (everything.smallest.id, everything.smallest.size, everything.bands()) == ("A", 300, None)
    assert (everything.count("reaches_norm"), everything.total("fund_yuan")) == (None, None)
    assert everything.count("reaches_minimum") == (1, 1)
    assert (everything.too_small(), everything.too_large()) == ((), ())
    assert any("data.blocks.columns.households" in note.en for note in describe_data(town))


def test_a_community_over_two_districts_is_named() -> None:
    """The planner is told which communities do not lie within one district."""
    town = today("A1 A2 A3 B1", district={"A1": "东", "A2": "东", "A3": "西", "B1": "西"})
    town = replace(town, current=replace(town.current, districts=("东", "西")))
    (note,) = [note.en for note in describe_data(town) if "district" in note.en]
    assert "1 communities have blocks in more than one district" in note
    assert "A 社区A" in note


def test_communities_are_named_by_key_and_name() -> None:
    """A key that is the name as well is not said twice."""
    (a, b) = diagnose(today("A1 B1")).everything.communities
    assert name_communities([a, replace(b, name="B")]).en == "A 社区A, B"


def test_areas_may_be_multipart() -> None:
    """A community in two far pieces is drawn in two parts, and neither of them encloses the town between."""
    town = today("A1 B1 C1 A2")
    assert len(shapely.get_parts(town.areas[0])) == 2
    assert not diagnose(town).everything.holed()
