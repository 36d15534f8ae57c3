"""Clauses that the bounds, or the totals of later years, do not let a plan meet."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from redistrict.messages import Message
from redistrict.model.areas import Area, Limits
from redistrict.scenario.rulepack import RulePack
from redistrict.standards.foresight import foresee_clauses


def foresee(clause: dict[str, Any], *, added: dict[int, list[int]] | None = None) -> list[str]:
    """Give what is said of an area of four communities of 900 to 1,100 households, one of one, and an exception."""
    words = {"zh": "字", "en": "words"}
    source = {"document": words, "place": "1", "quote": "句"}
    asked = {"key": "c", "text": words, "cited": "句", **clause}
    pack = RulePack.model_validate({"key": "p", "title": words, "source": source, "clauses": [asked]})
    areas = tuple(
        Area(name, name, (n,), (1000 * k,), (Limits(k, (1000,), (900,), (1100,)),))
        for n, (name, k) in enumerate([("east", 4), ("west", 1)])
    )
    far = Message("far", "远")
    areas += (Area("island", "island", (2,), (1,), (Limits(1, (1000,), (1,), (9999,)),), exception=far),)
    problem: Any = SimpleNamespace(quantities=("households",), areas=areas)
    notes = foresee_clauses([pack], problem, {year: {"households": more} for year, more in (added or {}).items()})
    assert all(digits(note.en) == digits(note.zh) for note in notes)
    return [note.en for note in notes]


def digits(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", text))


def test_what_no_community_can_meet_is_named_with_where() -> None:
    """Bounds outside the clause, and bounds that reach out of it, are told once for all areas alike."""
    limits = {"check": "size_limits", "households": {"min": 1101}}
    assert foresee(limits) == [
        "p.c asks for at least 1,101 households: no community can meet it, as the bounds are 900 to 1,100 (east, west)."
    ]
    limits = {"check": "size_limits", "households": {"max": 1099}}
    (note,) = foresee(limits)
    assert note.startswith("p.c asks for at most 1,099 households: some communities may not meet it")
    assert foresee({"check": "size_limits", "households": {"min": 900, "max": 1100}}) == []
    assert foresee({"check": "size_limits", "people": {"min": 1}}) == []
    assert foresee({"check": "one_piece"}) == []


@pytest.mark.parametrize(
    ("limits", "how"),
    [({"min": 1100}, "some"), ({"min": 1101}, "no"), ({"max": 900}, "some"), ({"max": 899}, "no")],
)
def test_the_very_end_of_the_bounds_can_still_meet_it(limits: dict[str, int], how: str) -> None:
    """With bounds of 900 to 1,100 a community may have just 900, or 1,100, but no fewer, or more."""
    (note,) = foresee({"check": "size_limits", "households": limits})
    assert f": {how} commun" in note


def test_years_whose_mean_leaves_the_clause_are_named() -> None:
    """Whatever the plan, the mean of an area with its deliveries leaves the clause: the first such year is told."""
    clause = {"check": "dwelling_limits", "dwellings": {"max": 1100}}
    added = {2027: [400, 100, 9], 2028: [404, 101, 9], 2029: [999, 999, 9]}
    assert foresee(clause, added=added) == [
        "p.c asks for at most 1,100 households: the mean of east leaves it in 2028, with 1,101.",
        "p.c asks for at most 1,100 households: the mean of west leaves it in 2028, with 1,101.",
    ]

    today = foresee({"check": "dwelling_limits", "dwellings": {"max": 1000}}, added={2027: [4, 0, 9]})
    assert today[1:] == ["p.c asks for at most 1,000 households: the mean of east leaves it in 2027, with 1,001."]
