"""Lineage: what becomes of today's communities, on drawn towns and random ones."""

from collections import Counter
from collections.abc import Sequence
from enum import Enum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.geo.blocks import Blocks
from redistrict.geo.current import CurrentPlan
from redistrict.model.plan import Plan
from redistrict.model.succession import Succession, trace_succession
from redistrict.standards.lineage import (
    Cell,
    Fate,
    Lineage,
    describe_new,
    describe_old,
    name_communities,
    trace_lineage,
)
from tests.geo.drawing import cells, make_blocks


def _current(of_block: Sequence[int], names: Sequence[str] | None = None) -> CurrentPlan:
    n = max(of_block, default=-1) + 1
    return CurrentPlan(
        ids=tuple(f"id{c}" for c in range(n)),
        names=tuple(names or [f"old{c}" for c in range(n)]),
        districts=("",) * n,
        of_block=np.array(of_block, dtype=np.int32),
        staff=None,
        is_locked=np.zeros(n, dtype=bool),
    )


def _trace(blocks: Blocks, old: Sequence[int], new: Sequence[int]) -> tuple[Lineage, Succession]:
    current, plan = _current(old), Plan(np.array(new, dtype=np.int32))
    succession = trace_succession(plan.assignment, current.of_block, blocks.size[:, -1])
    return trace_lineage(blocks, current, plan, succession), succession


def _draw(old: str, new: str, people: Sequence[int]) -> Lineage:
    """Trace a row of blocks: a letter for today's community (``.`` for none), one for the new, and the people."""
    names = [f"{i:02d}" for i in range(len(old))]
    blocks = make_blocks(cells(" ".join(names)), households=7, people=dict(zip(names, people, strict=True)))
    labels = [-1 if c == "." else ord(c) - ord("a") for c in old]
    return _trace(blocks, labels, [ord(c) - ord("A") for c in new])[0]


def _fates(lineage: Lineage) -> tuple[list[Fate], list[Fate]]:
    return [c.fate for c in lineage.old_changes], [c.fate for c in lineage.new_origins]


def _say(lineage: Lineage, language: str) -> list[str]:
    old = [f"{chr(ord('a') + c)}社" for c in range(len(lineage.old_changes))]
    new = [f"{chr(ord('A') + c)}社" for c in range(len(lineage.new_origins))]
    found = (*describe_old(lineage, old, new), *describe_new(lineage, old, new))
    return [getattr(message, language) for message in found]


@pytest.mark.parametrize(
    ("old", "new", "people", "old_fates", "new_fates"),
    [
        ("aab", "AAB", [1, 2, 3], ["UNCHANGED", "UNCHANGED"], ["UNCHANGED", "UNCHANGED"]),
        ("aaab", "AABB", [5, 5, 1, 9], ["ADJUSTED", "ADJUSTED"], ["ADJUSTED", "ADJUSTED"]),
        ("a.", "AA", [5, 1], ["ADJUSTED"], ["ADJUSTED"]),
        ("aaa", "ABC", [5, 4, 3], ["SPLIT"], ["ADJUSTED", "NEW", "NEW"]),
        ("ab", "AA", [5, 4], ["ADJUSTED", "MERGED"], ["ADJUSTED"]),
        ("abbbc", "AABBB", [9, 2, 2, 2, 9], ["ADJUSTED", "ABOLISHED", "ADJUSTED"], ["ADJUSTED", "ADJUSTED"]),
        (".a", "AB", [5, 4], ["UNCHANGED"], ["NEW", "UNCHANGED"]),
    ],
    ids=["unchanged", "adjusted", "adjusted by empty ground", "split", "merged", "abolished", "new from nowhere"],
)
def test_fates(old: str, new: str, people: list[int], old_fates: list[str], new_fates: list[str]) -> None:
    """Every word of an approval is given where it fits, and the first that fits decides."""
    assert _fates(_draw(old, new, people)) == ([Fate[f] for f in old_fates], [Fate[f] for f in new_fates])


def test_empty_blocks_do_not_make_a_merger_an_abolition() -> None:
    """All residents of b go to A, and only its park to B: b is merged into A; without residents it is abolished."""
    merged = _draw("abbc", "AABB", [9, 4, 0, 9]).old_changes[1]
    assert (merged.fate, merged.parts[0].new, len(merged.parts)) == (Fate.MERGED, 0, 2)
    assert _draw("abbc", "AABB", [9, 0, 0, 9]).old_changes[1].fate is Fate.ABOLISHED


def test_a_split_needs_two_communities_that_live_on_it() -> None:
    """A large part of a goes to B, but most of B comes from b: a is adjusted, not split."""
    lineage = _draw("aab", "ABB", [50, 40, 41])
    assert _fates(lineage)[0] == [Fate.ADJUSTED, Fate.ADJUSTED]
    assert [cell.is_source for cell in lineage.cells] == [True, False, True]


def test_cells_carry_what_the_pairs_share() -> None:
    """A pair of communities has one cell with its blocks, households, people and area; ground of nobody is -1."""
    lineage = _draw("aab.", "ABBB", [5, 4, 3, 2])
    assert lineage.cells[0] == Cell(-1, 1, 1, 7, 2, pytest.approx(0.01), keeps_name=False, is_source=False)
    assert lineage.cells[1] == Cell(0, 0, 1, 7, 5, pytest.approx(0.01), keeps_name=True, is_source=True)
    assert [(cell.old, cell.new) for cell in lineage.cells] == [(-1, 1), (0, 0), (0, 1), (1, 1)]
    assert [cell.old for cell in lineage.new_origins[1].parts] == [0, 1, -1]
    assert [cell.old for cell in _draw("abbc", "AAAA", [4, 1, 3, 5]).new_origins[0].parts] == [2, 1, 0]


def test_moved_residents() -> None:
    """Of 12 people with a community today the 3 of b change theirs; those without one do not count."""
    lineage = _draw("aab.", "AAAA", [5, 4, 3, 8])
    assert (lineage.moved, lineage.residents, lineage.moved_share) == (3, 12, 0.25)
    assert _draw("..", "AA", [5, 4]).moved_share == 0


def test_households_stand_in_where_there_are_no_people() -> None:
    """Data with households only are traced by them, and say nothing of people."""
    blocks = make_blocks(cells("a b c"), households={"a": 5, "b": 6, "c": 7})
    lineage, _ = _trace(blocks, [0, 0, 1], [0, 1, 1])
    assert [cell.people for cell in lineage.cells] == [None] * 3
    assert (lineage.moved, lineage.residents) == (6, 18)


def test_sentences_on_todays_communities() -> None:
    """Each fate has its sentence in both languages, with the names of today and of the plan."""
    assert _say(_draw("ab", "AA", [5, 4]), "zh")[1] == "b社并入A社。"
    assert _say(_draw("ab", "AA", [5, 4]), "en")[:2] == [
        "a社 is adjusted; all its residents stay.",
        "b社 is merged into A社.",
    ]
    assert _say(_draw("aaab", "AABB", [5, 5, 1, 9]), "zh")[0] == "a社调整范围，部分划入B社。"
    assert _say(_draw("aa", "AB", [5, 4]), "zh")[0] == "a社拆分为A社、B社。"
    assert _say(_draw("abbc", "AABB", [9, 2, 2, 9]), "zh")[1] == "b社撤销，居民划入A社、B社。"
    assert _say(_draw("a", "A", [5]), "en")[0] == "a社 is unchanged."


def test_sentences_on_new_communities() -> None:
    """A new community names its parts, most residents first, and whether it has all of each."""
    lineage = _draw("aabc.", "ABBBB", [9, 3, 5, 2, 1])
    assert _say(lineage, "zh")[-1] == "B社调整范围，由b社（全部）、a社（部分）、c社（全部）、原无社区的地块组成。"
    assert _say(lineage, "en")[-1] == (
        "B社 is adjusted: made of all of b社, part of a社, all of c社, blocks without a community today."
    )
    assert _say(_draw("aa", "AB", [5, 4]), "zh")[-1] == "B社为新设社区，由a社（部分）组成。"
    assert _say(_draw("a", "A", [5]), "zh")[-1] == "A社不变。"


def test_fates_have_words() -> None:
    """Each fate is a word in English and in Chinese, no two alike."""
    assert issubclass(Fate, Enum)
    assert [fate.value.zh for fate in Fate] == ["不变", "调整", "拆分", "并入", "撤销", "新设"]
    assert len({fate.value.en for fate in Fate}) == 6


def _named(language: str, *, ids: Sequence[str], predecessor: Sequence[int], district: str) -> list[tuple[str, str]]:
    n = len(ids)
    current = CurrentPlan(
        tuple(ids), tuple(f"{i}社" for i in ids), ("",) * n, np.arange(n, dtype=np.int32), None, np.zeros(n, bool)
    )
    nothing = np.zeros(len(predecessor), dtype=np.int64)
    succession = Succession(nothing, np.array(predecessor), nothing, nothing)
    return name_communities(succession, current, [district] * len(predecessor), language)


def test_a_continued_community_keeps_id_and_name() -> None:
    """Names of today stay with the communities that continue them; new ones are numbered within their district."""
    assert _named("zh", ids=["01", "02"], predecessor=[1, -1, 0, -1], district="下陆区") == [
        ("02", "02社"),
        ("下陆区-新01", "下陆区新设第1社区"),
        ("01", "01社"),
        ("下陆区-新02", "下陆区新设第2社区"),
    ]
    assert _named("both", ids=["01"], predecessor=[-1], district="") == [("新01", "新设第1社区")]


def test_new_names_in_english() -> None:
    """In English, and only then, ids and names are English."""
    assert _named("en", ids=["01"], predecessor=[-1], district="Xialu") == [("Xialu-N01", "Xialu New Community 1")]
    assert _named("en", ids=["01"], predecessor=[-1], district="") == [("N01", "New Community 1")]


def test_no_new_id_is_one_of_today() -> None:
    """An id of today is not given again, though its community disappears: numbers go on after an earlier redraw."""
    named = _named("zh", ids=["东区-新01", "东区-新03"], predecessor=[-1, 1, -1], district="东区")
    assert [key for key, _ in named] == ["东区-新02", "东区-新03", "东区-新04"]
    assert named[2] == ("东区-新04", "东区新设第4社区")


@st.composite
def _towns(draw: st.DrawFn) -> tuple[list[int], list[int], list[int]]:
    n = draw(st.integers(1, 12))
    old = np.unique([-1, *draw(st.lists(st.integers(-1, 3), min_size=n, max_size=n))], return_inverse=True)[1][1:] - 1
    new = np.unique(draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), return_inverse=True)[1]
    return old.tolist(), new.tolist(), draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))


@given(_towns())
def test_everything_adds_up(town: tuple[list[int], list[int], list[int]]) -> None:
    """Cells are disjoint and add up to the town; old and new fates agree; every sentence is there."""
    old, new, people = town
    names = [f"{i:02d}" for i in range(len(old))]
    blocks = make_blocks(cells(" ".join(names)), households=2, people=dict(zip(names, people, strict=True)))
    lineage, succession = _trace(blocks, old, new)
    assert sorted((c.old, c.new) for c in lineage.cells) == sorted(set(zip(old, new, strict=True)))
    assert sum(c.n_blocks for c in lineage.cells) == len(blocks)
    assert [sum(c.households for c in lineage.cells), sum(c.people for c in lineage.cells)] == [
        *blocks.size.sum(axis=0)
    ]
    assert sum(c.area_km2 for c in lineage.cells) == pytest.approx(0.01 * len(blocks), rel=1e-9)
    assert lineage.residents == sum(p for o, p in zip(old, people, strict=True) if o >= 0)
    assert lineage.moved == sum(c.residents for c in lineage.cells if c.old >= 0 and not c.keeps_name)
    assert 0 <= lineage.moved_share <= 1
    old_fates, new_fates = (Counter(fates) for fates in _fates(lineage))
    assert old_fates[Fate.UNCHANGED] == new_fates[Fate.UNCHANGED]
    assert new_fates[Fate.NEW] == (succession.predecessor < 0).sum()
    assert old_fates[Fate.MERGED] + old_fates[Fate.ABOLISHED] == (succession.successor < 0).sum()
    assert Counter(cell for change in lineage.new_origins for cell in change.parts) == Counter(lineage.cells)
    assert all(message.endswith("。") for message in _say(lineage, "zh"))
