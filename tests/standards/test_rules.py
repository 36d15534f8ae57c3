"""Clause by clause: what passes, what fails, what is unknown, and what is waived."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from redistrict.errors import ScenarioError
from redistrict.messages import Message
from redistrict.scenario.office import Waiver
from redistrict.scenario.rulepack import RulePack, load_rulepack
from redistrict.standards.clauses import CommunityFacts, GridFacts, Grids, Walks
from redistrict.standards.rules import (
    ClauseCounts,
    Finding,
    check_rules,
    check_waivers,
    find_idle_waivers,
    summarise,
)

NEAR_AND_FAR = Walks(
    metres=np.array([100.0, 300.0, 301.0]),
    is_own=np.array([True, True, False]),
    residents={"households": np.array([100, 300, 50]), "people": np.array([300, 900, 150])},
)
WITH_DWELLINGS = replace(NEAR_AND_FAR, dwellings=np.array([1, 2, 3]))
TWO_GRIDS = Grids((GridFacts("01-01", 300, 1, 1), GridFacts("01-02", 500, 2, 1)), lower=300, upper=500)
HOUSEHOLDS_ALONE = replace(NEAR_AND_FAR, residents={"households": np.array([100, 300, 50])})
GOOD = CommunityFacts(
    id="01",
    name="花湖社区",
    district="黄石港区",
    households=2500,
    people=8000,
    dwellings=None,
    n_pieces=1,
    n_districts=1,
    workers=10,
    staff_today=8,
    premises_m2=500.0,
    named_border_share=0.85,
    crossing_m={"trunk": 0.0, "primary": 0.0, "rail": 0.0},
    compactness=0.5,
    divided=(),
    n_units={"street": 1},
    walks=NEAR_AND_FAR,
    grids=TWO_GRIDS,
)


def pack(check: str, *, key: str = "p", **asked: Any) -> RulePack:
    """Give a pack with one clause `c`."""
    words = {"zh": "字", "en": "words"}
    source = {"document": words, "place": "1", "quote": "某句"}
    clause = {"key": "c", "text": words, "cited": "某句", "check": check, **asked}
    return RulePack.model_validate({"key": key, "title": words, "source": source, "clauses": [clause]})


def judge(rules: RulePack, **changes: Any) -> Finding:
    """Judge the good community with some facts changed."""
    (finding,) = check_rules([rules], [replace(GOOD, **changes)], [])
    return finding


RATIOS = {"households_per_worker": 250, "people_per_worker": 800}


@pytest.mark.parametrize(
    ("check", "asked", "changes", "outcome"),
    [
        ("size_limits", {"households": {"min": 2500, "max": 2500}}, {}, "pass"),
        ("size_limits", {"households": {"min": 2501}}, {}, "fail"),
        ("size_limits", {"people": {"max": 7999}}, {}, "fail"),
        ("size_limits", {"people": {"max": 8000}}, {"people": None}, "unknown"),
        ("size_limits", {"households": {"min": 1}, "people": {"min": 1}}, {"people": None}, "unknown"),
        ("size_limits", {"households": {"min": 9999}, "people": {"min": 1}}, {"people": None}, "fail"),
        ("target_size", {"people": 10000, "tolerance": 0.2}, {}, "pass"),
        ("target_size", {"people": 10000, "tolerance": 0.2}, {"people": 7999}, "fail"),
        ("target_size", {"people": 3, "tolerance": 0.1}, {"people": 3}, "pass"),
        ("split_above", {"households": 2500}, {}, "pass"),
        ("split_above", {"households": 2499}, {}, "fail"),
        ("merge_below", {"households": 2500}, {}, "pass"),
        ("merge_below", {"households": 2501}, {}, "fail"),
        ("one_piece", {}, {}, "pass"),
        ("one_piece", {}, {"n_pieces": 2}, "fail"),
        ("one_district", {}, {}, "pass"),
        ("one_district", {}, {"n_districts": 2}, "fail"),
        ("outline_along", {"min_share": 0.85}, {}, "pass"),
        ("outline_along", {"min_share": 0.86}, {}, "fail"),
        ("outline_along", {"min_share": 0.8}, {"named_border_share": None}, "unknown"),
        ("road_inside", {"classes": ["trunk", "rail"]}, {}, "pass"),
        ("road_inside", {"classes": ["trunk", "primary"]}, {"crossing_m": {"primary": 0.01}}, "fail"),
        ("road_inside", {"classes": ["trunk", "primary"], "most_m": 5}, {"crossing_m": {"primary": 5.0}}, "pass"),
        ("road_inside", {"classes": ["river"]}, {}, "unknown"),
        ("road_inside", {"classes": ["trunk"]}, {"crossing_m": {}}, "unknown"),
        ("staffing", RATIOS, {}, "pass"),
        ("staffing", RATIOS, {"workers": 9}, "fail"),
        ("staffing", RATIOS, {"people": 8001}, "fail"),
        ("staffing", {**RATIOS, "rounding": "nearest"}, {"people": 8001}, "pass"),
        ("staffing", {**RATIOS, "combine": "mean"}, {"people": 7000, "workers": 9}, "fail"),
        ("staffing", {"people_per_worker": 400}, {"households": 99999}, "fail"),
        ("staffing", {"people_per_worker": 800}, {"households": 99999}, "pass"),
        ("staffing", {"people_per_worker": 800}, {"people": None}, "unknown"),
        ("premises", {"m2_per_100_households": 20, "minimum_m2": 300}, {}, "pass"),
        ("premises", {"m2_per_100_households": 20, "minimum_m2": 300}, {"premises_m2": 499.9}, "fail"),
        ("premises", {"m2_per_100_households": 20, "minimum_m2": 501}, {}, "fail"),
        ("premises", {"minimum_m2": 300}, {"households": None}, "pass"),
        ("premises", {"m2_per_100_households": 20, "minimum_m2": 300}, {"households": None}, "unknown"),
        ("premises", {"m2_per_100_households": 20, "minimum_m2": 501}, {"households": None}, "fail"),
        ("premises", {"minimum_m2": 300}, {"premises_m2": None}, "unknown"),
        ("premises", {"m2_per_100_households": 20, "minimum_m2": 0}, {"households": 0, "premises_m2": 0}, "pass"),
        ("dwelling_limits", {"dwellings": {"min": 2500, "max": 2500}}, {}, "pass"),
        ("dwelling_limits", {"dwellings": {"max": 2499}}, {}, "fail"),
        ("dwelling_limits", {"dwellings": {"min": 1}}, {"households": None}, "unknown"),
        ("dwelling_limits", {"dwellings": {"max": 2499}}, {"dwellings": 2499}, "pass"),
        ("dwelling_limits", {"dwellings": {"min": 2500}}, {"dwellings": 2499}, "fail"),
        ("committee", {"min_members": 10}, {}, "pass"),
        ("committee", {"min_members": 11}, {}, "fail"),
        ("simple_outline", {"min_compactness": 0.5}, {}, "pass"),
        ("simple_outline", {"min_compactness": 0.51}, {}, "fail"),
        ("estate_whole", {}, {}, "pass"),
        ("estate_whole", {}, {"divided": ("花园", "新村")}, "fail"),
        ("estate_whole", {}, {"divided": None}, "unknown"),
        ("one_unit", {}, {}, "pass"),
        ("one_unit", {}, {"n_units": {"street": 2}}, "fail"),
        ("one_unit", {"level": "quarter"}, {}, "unknown"),
        ("walk", {"most_m": 300, "min_share": 1}, {}, "pass"),
        ("walk", {"most_m": 299, "min_share": 0.25}, {}, "pass"),
        ("walk", {"most_m": 299, "min_share": 0.26}, {}, "fail"),
        ("walk", {"most_m": 99, "min_share": 0.1}, {"walks": None}, "unknown"),
        ("circle", {"most_m": 300, "people": {"min": 1200, "max": 1200}}, {}, "pass"),
        ("circle", {"most_m": 301, "people": {"max": 1349}}, {}, "fail"),
        ("circle", {"most_m": 301, "people": {"min": 1}, "dwellings": {"min": 451}}, {}, "fail"),
        ("circle", {"most_m": 301, "dwellings": {"min": 1}}, {"walks": None}, "unknown"),
        ("circle", {"most_m": 301, "dwellings": {"max": 6}}, {"walks": WITH_DWELLINGS}, "pass"),
        ("circle", {"most_m": 301, "dwellings": {"max": 5}}, {"walks": WITH_DWELLINGS}, "fail"),
        ("grid_count", {"grids": {"min": 2, "max": 2}}, {}, "pass"),
        ("grid_count", {"grids": {"min": 3}}, {}, "fail"),
        ("grid_count", {"grids": {"min": 1}}, {"grids": None}, "unknown"),
        ("grid_size", {}, {}, "pass"),
        ("grid_size", {}, {"grids": TWO_GRIDS._replace(upper=499)}, "fail"),
        ("grid_size", {"households": {"min": 301}}, {}, "fail"),
        ("grid_size", {}, {"grids": None}, "unknown"),
        ("grid_one_piece", {}, {}, "pass"),
        ("grid_one_piece", {}, {"grids": TWO_GRIDS._replace(grids=(GridFacts("g", 300, 1, 2),))}, "fail"),
        ("grid_posts", {"min_posts": 1}, {}, "pass"),
        ("grid_posts", {"min_posts": 2}, {}, "fail"),
        ("circle", {"most_m": 301, "people": {"min": 1}}, {"walks": HOUSEHOLDS_ALONE}, "unknown"),
    ],
)
def test_each_check_has_its_limit(check: str, asked: dict[str, Any], changes: dict[str, Any], outcome: str) -> None:
    """A value at the limit passes, one beyond it fails, and one the data lack is unknown unless another fails."""
    assert judge(pack(check, **asked), **changes).outcome == outcome


def test_clauses_on_grids_name_those_that_miss_or_say_that_there_are_none() -> None:
    """A grid is named with its number; without grids a clause is not applicable, which is no pass."""
    small = judge(pack("grid_size", households={"min": 301}))
    assert (small.found.en, small.found.zh) == ("grids: 2; not so: 1: 01-01 (300)", "2 个网格；不符 1 个：01-01（300）")
    none = judge(pack("grid_posts", min_posts=1), grids=None)
    assert (none.outcome, none.found.zh) == ("unknown", "不适用：没有划分网格")
    assert "not applicable, as there are no grids; asked: at least 1" in none.message.en


def test_a_finding_says_what_was_found_and_asked() -> None:
    """The sentence holds the community, the clause, the value and the limit, in both languages."""
    finding = judge(pack("target_size", households=3000, people=9000, tolerance=0.1))
    assert finding.message.en == (
        "花湖社区 does not meet 'words': 2,500 households, 8,000 people; "
        "asked: 2,700 to 3,300 households, 8,100 to 9,900 people."
    )
    assert finding.message.zh == (
        "花湖社区不符合“字”：2,500 户、8,000 人；要求：2,700 至 3,300 户、8,100 至 9,900 人。"
    )
    assert judge(pack("staffing", **RATIOS), workers=9).message.en == (
        "花湖社区 does not meet 'words': workers: 9 (8 today); asked: at least 10."
    )
    assert judge(pack("premises", minimum_m2=300), premises_m2=None).found.zh == "数据中没有"
    assert judge(pack("road_inside", classes=["rail", "river"])).found == Message("railway 0 m", "铁路 0 米")
    assert judge(pack("road_inside", classes=["river"])).found.zh == "数据中没有"
    assert judge(pack("staffing", **RATIOS)).found == Message("workers: 10 (8 today)", "10 人（现有 8 人）")
    assert judge(pack("staffing", **RATIOS), staff_today=None).found == Message("workers: 10", "10 人")


def test_what_stands_in_for_something_is_said() -> None:
    """Households for dwellings, straight lines for walks, posts for members; divided estates are named."""
    assert judge(pack("dwelling_limits", dwellings={"min": 1})).found.en == (
        "2,500 households, as dwellings are not in the data"
    )
    walk = judge(pack("walk", most_m=299, min_share=0.5))
    assert walk.found == Message("25.0% of the residents, in a straight line", "25.0% 的居民（按直线距离）")
    assert walk.allowed.en == "at least 50.0% within 299 m"
    circle = judge(pack("circle", most_m=301, people={"min": 1}, dwellings={"max": 450})).found.en
    assert circle == "1,350 people, 450 households, as dwellings are not in the data (in a straight line)"
    assert judge(pack("committee", min_members=5)).found.en == "posts: 10"
    units = judge(pack("one_unit"), n_units={"street": 2})
    assert (units.found.en, judge(pack("one_unit", level="quarter")).found.en) == ("units: 2", "not in the data")
    estates = judge(pack("estate_whole"), divided=("一村", "二村", "三村", "四村"))
    assert estates.found == Message("divided: 4 (一村, 二村, 三村)", "被分割 4 个（一村、二村、三村）")


def test_blocks_without_a_street_to_the_rooms_are_counted_where_they_are_near_and_lived_in() -> None:
    """The first is the community's, the third its neighbour's; the others have a street, nobody, or lie too far."""
    walks = Walks(
        metres=np.array([100.0, 300, 300, 300, 301]),
        is_own=np.array([True, True, False, True, True]),
        residents={"people": np.array([1, 1, 1, 0, 1])},
        by_line=np.array([True, False, True, True, True]),
    )
    walk = judge(pack("walk", most_m=300, min_share=0.5), walks=walks).found
    assert walk.en.endswith("along the streets; 1 blocks in a straight line, as no road leads there")
    circle = judge(pack("circle", most_m=300, people={"min": 1}), walks=walks).found
    assert circle.en.endswith("(along the streets; 2 blocks in a straight line, as no road leads there)")
    near = judge(pack("walk", most_m=99, min_share=0.5), walks=walks).found
    assert near.en.endswith("of the residents, along the streets")


@pytest.mark.parametrize(
    ("residents", "share"),
    [
        ({"households": [100, 300, 50], "people": [300, 300, 150]}, "50.0%"),
        ({"households": [100, 300, 50]}, "25.0%"),
        ({"households": [0, 0, 50], "people": [0, 0, 150]}, "100.0%"),
    ],
)
def test_walks_are_told_of_people_where_the_data_have_them(residents: dict[str, list[int]], share: str) -> None:
    """The first of two blocks is near: with half of the people, or a quarter of the households; nobody is not far."""
    walks = replace(NEAR_AND_FAR, residents={name: np.array(counts) for name, counts in residents.items()})
    found = judge(pack("walk", most_m=299, min_share=0.5), walks=walks).found
    assert found.en == f"{share} of the residents, in a straight line"


def test_a_number_just_short_is_not_shown_as_the_limit() -> None:
    """Found and asked never look equal where the clause fails."""
    finding = judge(pack("premises", m2_per_100_households=20.0001, minimum_m2=0))
    assert (finding.outcome, finding.found.en, finding.allowed.en) == ("fail", "500 m²", "at least 500.01 m²")


def test_findings_come_by_pack_clause_and_community() -> None:
    """The order is that of the packs, of their clauses, and of the communities as given."""
    packs = [load_rulepack("yuhang_2020"), load_rulepack("huangshi_report")]
    communities = [replace(GOOD, id="02"), GOOD]
    found = [(one.pack, one.clause, one.community_id) for one in check_rules(packs, communities, [])]
    assert found == [(p.key, c.key, one.id) for p in packs for c in p.clauses for one in communities]


def test_the_report_is_met_by_the_community_it_describes() -> None:
    """2,500 households, 8,000 people, ten workers and 500 m² meet every clause of the Huangshi report."""
    assert {one.outcome for one in check_rules([load_rulepack("huangshi_report")], [GOOD], [])} == {"pass"}


# --- waivers --------------------------------------------------------------------------------------------


def waiver(community: str, **changes: str) -> Waiver:
    """Waive clause `c` of pack `p` for a community."""
    return Waiver.model_validate({"pack": "p", "clause": "c", "community": community, "reason": "暂时托管", **changes})


@pytest.mark.parametrize("community", ["01", "花湖社区", "*"])
def test_a_waiver_goes_by_key_by_name_or_for_all(community: str) -> None:
    """What fails is waived with its reason; what passes stays as it is; others are not touched."""
    rules, split = pack("one_piece"), replace(GOOD, n_pieces=2)
    other = replace(split, id="02", name="老下陆社区")
    waived, untouched = check_rules([rules], [split, other], [waiver(community)])
    assert (waived.outcome, waived.reason) == ("waived", "暂时托管")
    assert waived.message.en.endswith("; waived: 暂时托管.")
    assert untouched.outcome == ("waived" if community == "*" else "fail")
    (passing,) = check_rules([rules], [GOOD], [waiver(community)])
    assert (passing.outcome, passing.reason) == ("pass", "")


def test_what_is_unknown_can_be_waived() -> None:
    """A clause that need not be met need not be known either."""
    rules = pack("outline_along", min_share=0.5)
    (finding,) = check_rules([rules], [replace(GOOD, named_border_share=None)], [waiver("*")])
    assert finding.outcome == "waived"


def test_a_key_goes_before_a_name() -> None:
    """Where one community is called like the key of another, the waiver is for the key."""
    split = replace(GOOD, n_pieces=2)
    found = check_rules([pack("one_piece")], [split, replace(split, id="02", name="01")], [waiver("01")])
    assert [one.outcome for one in found] == ["waived", "fail"]


def test_waivers_of_nothing_are_refused_together() -> None:
    """Unknown packs and clauses come in one error, before anything is solved."""
    waivers = [waiver("01"), waiver("01", pack="q"), waiver("花湖", clause="d")]
    with pytest.raises(ScenarioError, match=r"standards\.waivers") as caught:
        check_waivers([pack("one_piece")], waivers)
    assert [message.en for message in caught.value.problems] == [
        "standards.waivers.1.pack: there is no 'q'; write one of p",
        "standards.waivers.2.clause: there is no 'd'; write one of c",
    ]


def test_waivers_of_no_community_change_nothing_and_are_named() -> None:
    """A finished plan is not lost over a waiver of a community it does not have, or of a name that several have."""
    facts = [replace(GOOD, n_pieces=2), replace(GOOD, id="02", n_pieces=2)]
    waivers = [waiver("花湖"), waiver("花湖社区"), waiver("02")]
    assert [found.outcome for found in check_rules([pack("one_piece")], facts, waivers)] == ["fail", "waived"]
    assert [note.en for note in find_idle_waivers(facts, waivers)] == [
        "standards.waivers.0.community: there is no '花湖'; write one of 01, 02, 花湖社区; did you mean '花湖社区'?",
        "standards.waivers.1.community: several communities are called '花湖社区': 01, 02; write the key of one",
    ]


def test_the_summary_counts_every_outcome() -> None:
    """Each clause has its number of communities that pass, fail, are waived and are unknown."""
    shares = {"01": 0.9, "02": 0.1, "03": 0.1, "04": None, "05": 0.8}
    communities = [replace(GOOD, id=key, named_border_share=share) for key, share in shares.items()]
    packs = [pack("outline_along", min_share=0.5, strength="should"), pack("one_piece", key="q")]
    assert summarise(check_rules(packs, communities, [waiver("02")])) == (
        ClauseCounts("p", "c", "should", n_pass=2, n_fail=1, n_waived=1, n_unknown=1),
        ClauseCounts("q", "c", "must", n_pass=5, n_fail=0, n_waived=0, n_unknown=0),
    )
