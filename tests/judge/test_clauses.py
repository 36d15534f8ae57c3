"""The table of clauses held against what the judge finds: what is said of a reason that is not as it should be."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from redistrict.judge.case import Case, assign
from redistrict.judge.clauses import COLUMNS, check_clauses
from redistrict.judge.crossings import COLUMNS as CROSSINGS
from redistrict.judge.ground import read_ground
from redistrict.judge.office import check_office
from redistrict.scenario.models import Communities
from redistrict.scenario.office import Standards, Waiver

from .test_clause_kinds import FACTS
from .towns import Town, cells, marks

MakeTown = Callable[..., Town]
PACK = """
key: own
title: {zh: 标准, en: norms}
source: {document: {zh: 文, en: paper}, place: 页, quote: 句}
clauses: [{key: rooms, text: {zh: 用房, en: rooms}, cited: 句, check: premises, minimum_m2: 400}]
"""
ROW = {"pack": "own", "clause": "rooms", "strength": "must", "community_id": "a", "found": "300", "allowed": "400"}
"""Of a community with 300 m² where 400 are asked."""


@pytest.mark.parametrize(
    ("waivers", "outcome", "reason", "right"),
    [
        ((), "fail", "old town", "-"),
        (("old town",), "waived", "new town", "old town"),
        (("old town",), "waived", "", "old town"),
    ],
)
def test_a_reason_is_that_of_the_waiver_or_none(
    make_town: MakeTown, tmp_path: Path, waivers: tuple[str, ...], outcome: str, reason: str, right: str
) -> None:
    """Any other is named, with what should stand there: where nobody waives the clause a dash."""
    (tmp_path / "own.yaml").write_text(PACK, encoding="utf-8")
    named = tuple(Waiver(pack="own", clause="rooms", community="a", reason=one) for one in waivers)
    town = make_town(cells("x"), standards=Standards(rules=(str(tmp_path / "own.yaml"),), waivers=named))
    ground = read_ground(town.scenario)
    case = Case(town.scenario, ground, assign(ground, town.plan(marks("a"))))
    rows = pd.DataFrame([dict.fromkeys(COLUMNS, "") | ROW | {"outcome": outcome, "reason": reason}])
    (found,) = check_clauses(case, FACTS, rows)
    said = f"rules.csv: reason of own, rooms of community a is {reason or '-'}; the plan and the data give {right}."
    assert found.message.en == said


@pytest.mark.parametrize(("n_told", "outcome", "wrong"), [(2, "fail", []), (1, "pass", []), (2, "pass", ["outcome"])])
def test_communities_that_are_kept_are_in_as_many_pieces_as_is_told(
    make_town: MakeTown, tmp_path: Path, n_told: int, outcome: str, wrong: list[str]
) -> None:
    """How many there are is not counted again where today's communities stay; what follows from it is."""
    clause = "{key: whole, text: {zh: 连片, en: one piece}, cited: 句, check: one_piece}"
    (tmp_path / "own.yaml").write_text(PACK.partition("clauses:")[0] + f"clauses: [{clause}]\n", encoding="utf-8")
    keep, rules = Communities(change="keep", count=1), Standards(rules=(str(tmp_path / "own.yaml"),))
    town = make_town(cells("x.x"), today="a", communities=keep, standards=rules)
    ground = read_ground(town.scenario)
    case = Case(town.scenario, ground, assign(ground, town.plan("a")))
    verb, verb_zh = {"fail": ("does not meet", "不符合"), "pass": ("meets", "符合")}[outcome]
    said = {
        "found": f"pieces: {n_told}",
        "allowed": "pieces: 1",
        "message_en": f"甲 {verb} 'one piece': pieces: {n_told}; asked: pieces: 1.",
        "message_zh": f"甲{verb_zh}“连片”：{n_told} 片，应为 1 片。",
    }
    row = dict.fromkeys(COLUMNS, "") | ROW | {"clause": "whole", "community_name": "甲", "outcome": outcome} | said
    tables = {
        "rules.csv": pd.DataFrame([row]),
        "crossings.csv": pd.DataFrame(columns=[*CROSSINGS]),
        "bounds.csv": pd.DataFrame({"community_id": ["a"], "named_border_share": ["0"]}),
    }
    communities = pd.DataFrame({"community_name": ["甲"], "district": [""], "workers": [1]}, index=["a"])
    found = [v.message.en for v in check_office(case, tables, communities, {}, is_healed=False)]
    told = [message for message in found if message.startswith("rules.csv")]
    assert [message.removeprefix("rules.csv: ").partition(" of ")[0] for message in told] == wrong
