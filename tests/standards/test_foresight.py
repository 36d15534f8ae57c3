"""Clauses that the bounds, or the totals of later years, do not let a plan meet."""

from types import SimpleNamespace
from typing import Any

from redistrict.model.areas import Area, Limits
from redistrict.scenario.rulepack import RulePack
from redistrict.standards.foresight import foresee_clauses


def foresee(clause: dict[str, Any], *, added: dict[int, dict[str, list[int]]] | None = None) -> list[str]:
    """Give what is said of two areas: four communities of 900 to 1,100 households, and one of as many."""
    words = {"zh": "字", "en": "words"}
    source = {"document": words, "place": "1", "quote": "句"}
    asked = {"key": "c", "text": words, "cited": "句", **clause}
    pack = RulePack.model_validate({"key": "p", "title": words, "source": source, "clauses": [asked]})
    areas = tuple(
        Area(name, name, (n,), (1000 * k,), (Limits(k, (1000,), (900,), (1100,)),))
        for n, (name, k) in enumerate([("east", 4), ("west", 1)])
    )
    problem: Any = SimpleNamespace(quantities=("households",), areas=areas)
    return [note.en for note in foresee_clauses([pack], problem, added or {})]


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


def test_years_whose_mean_leaves_the_clause_are_named() -> None:
    """Whatever the plan, the mean of an area with its deliveries leaves the clause: the first such year is told."""
    clause = {"check": "dwelling_limits", "dwellings": {"max": 1100}}
    added = {2027: {"households": [400, 100]}, 2028: {"households": [404, 101]}, 2029: {"households": [999, 999]}}
    assert foresee(clause, added=added) == [
        "p.c asks for at most 1,100 households: the mean of east leaves it in 2028, with 1,101.",
        "p.c asks for at most 1,100 households: the mean of west leaves it in 2028, with 1,101.",
    ]
