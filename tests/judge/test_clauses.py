"""The table of clauses held against what the judge finds: what is said of a reason that is not as it should be."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from redistrict.judge.case import Case, assign
from redistrict.judge.clauses import COLUMNS, check_clauses
from redistrict.judge.ground import read_ground
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
