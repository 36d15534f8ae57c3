"""Succession: who continues whom, against the rule spelt out in loops."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from redistrict.model.succession import Succession, trace_succession

IntArray = NDArray[np.int64]


def _trace(new: str, old: str, residents: list[int], home: str | None = None) -> Succession:
    """Trace communities given as a letter for each block; ``.`` has no community today, home is ``y`` or ``n``."""
    return trace_succession(
        np.array([ord(c) - ord("A") for c in new], dtype=np.int32),
        np.array([-1 if c == "." else ord(c) - ord("a") for c in old], dtype=np.int32),
        np.array(residents, dtype=np.int64),
        is_home=None if home is None else np.array([c == "y" for c in home]),
    )


def _answer(found: Succession) -> dict[str, list[int]]:
    return {name: getattr(found, name).tolist() for name in ("source", "predecessor", "successor", "kept")}


def _rule(new: list[int], old: list[int], residents: list[int], is_home: list[bool]) -> dict[str, list[int]]:
    """Apply the sentence of the module word by word."""
    k, n_old = max(new, default=-1) + 1, max(old, default=-1) + 1
    people: Counter[tuple[int, int]] = Counter()
    n_blocks: Counter[tuple[int, int]] = Counter()
    at_home = {}
    for i in range(len(new)):
        pair = (new[i], old[i])
        people[pair] += residents[i]
        n_blocks[pair] += 1
        at_home[pair] = is_home[i]
    source, predecessor, successor, kept = [-1] * k, [-1] * k, [-1] * n_old, [0] * k
    for c in range(k):
        came = [o for o in range(n_old) if n_blocks[c, o]]
        if came:
            source[c] = min(came, key=lambda o: (-people[c, o], -n_blocks[c, o], o))
    for o in range(n_old):
        heirs = [c for c in range(k) if source[c] == o and at_home[c, o]]
        if heirs:
            heir = min(heirs, key=lambda c: (-people[c, o], -n_blocks[c, o], c))
            predecessor[heir], successor[o], kept[heir] = o, heir, people[heir, o]
    return {"source": source, "predecessor": predecessor, "successor": successor, "kept": kept}


def test_the_community_most_residents_come_from_is_continued() -> None:
    """A takes over a, from which 50 of its 80 residents come, although b has more blocks in it."""
    found = _trace("AAAB", "abbb", [50, 10, 20, 5])
    assert _answer(found) == {"source": [0, 1], "predecessor": [0, 1], "successor": [0, 1], "kept": [50, 5]}


def test_of_several_heirs_the_one_with_most_residents_has_the_name() -> None:
    """B keeps the name of a, A and C are new although all their residents come from a."""
    found = _trace("ABC", "aaa", [30, 40, 20])
    assert _answer(found) == {"source": [0, 0, 0], "predecessor": [-1, 0, -1], "successor": [1], "kept": [0, 40, 0]}


def test_merged_communities_leave_one_name() -> None:
    """Of a and b, which become one community, the larger lends its name; the other has no successor."""
    found = _trace("AA", "ab", [30, 40])
    assert _answer(found) == {"source": [1], "predecessor": [1], "successor": [-1, 0], "kept": [40]}


@pytest.mark.parametrize(
    ("new", "old", "residents", "predecessor"),
    [
        ("AAA", "abb", [20, 10, 10], [1]),
        ("AA", "ab", [10, 10], [0]),
        ("ABB", "aaa", [20, 10, 10], [-1, 0]),
        ("AB", "aa", [10, 10], [0, -1]),
        ("AAA", "abb", [0, 0, 0], [1]),
    ],
    ids=["more blocks of today", "lower number of today", "more blocks", "lower number", "nobody lives there"],
)
def test_ties(new: str, old: str, residents: list[int], predecessor: list[int]) -> None:
    """Equal residents go to more blocks, then to the lower number, on both sides."""
    assert _trace(new, old, residents).predecessor.tolist() == predecessor


def test_blocks_without_a_community_today_count_for_nobody() -> None:
    """A has its name from a, though most of its residents had no community; B comes from nowhere."""
    found = _trace("AAB", ".a.", [90, 10, 50])
    assert _answer(found) == {"source": [0, -1], "predecessor": [0, -1], "successor": [0], "kept": [10, 0]}


def test_away_from_home_a_name_is_not_taken() -> None:
    """B has the most residents of a, but lies in another part of the map; A, at home, takes the name."""
    found = _trace("AB", "aa", [10, 90], home="yn")
    assert _answer(found) == {"source": [0, 0], "predecessor": [0, -1], "successor": [0], "kept": [10, 0]}


@pytest.mark.parametrize(("new", "old"), [("", ""), ("AB", "..")])
def test_nothing_to_continue(new: str, old: str) -> None:
    """Without blocks, or without communities today, every community is new."""
    found = _trace(new, old, [5] * len(new))
    assert _answer(found) == {
        "source": [-1] * len(set(new)),
        "predecessor": [-1] * len(set(new)),
        "successor": [],
        "kept": [0] * len(set(new)),
    }


@st.composite
def _towns(draw: st.DrawFn) -> tuple[list[int], list[int], list[int], list[bool]]:
    """Give towns with many ties, in which each pair of communities is at home or not as a whole."""
    n, k, n_old = draw(st.integers(0, 14)), draw(st.integers(1, 4)), draw(st.integers(1, 4))
    new = np.unique(draw(st.lists(st.integers(0, k), min_size=n, max_size=n)), return_inverse=True)[1].tolist()
    old = draw(st.lists(st.integers(-1, n_old), min_size=n, max_size=n))
    residents = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    home = draw(st.lists(st.booleans(), min_size=(k + 1) * (n_old + 2), max_size=(k + 1) * (n_old + 2)))
    return new, old, residents, [home[c * (n_old + 2) + o + 1] for c, o in zip(new, old, strict=True)]


@given(_towns())
def test_it_agrees_with_the_rule_in_loops(town: tuple[list[int], list[int], list[int], list[bool]]) -> None:
    """On random towns the answer is that of the plain loops, with homes and without."""
    new, old, residents, is_home = town
    arrays = np.array(new, dtype=np.int32), np.array(old, dtype=np.int32), np.array(residents, dtype=np.int64)
    assert _answer(trace_succession(*arrays)) == _rule(new, old, residents, [True] * len(new))
    assert _answer(trace_succession(*arrays, is_home=np.array(is_home, dtype=bool))) == _rule(*town)


@given(_towns(), st.randoms())
def test_what_always_holds(town: tuple[list[int], list[int], list[int], list[bool]], random: st.DataObject) -> None:
    """Each name goes to at most one community, both directions agree, and the order of the blocks does not matter."""
    new, old, residents, is_home = (np.array(column) for column in town)

    def trace(order: IntArray) -> Succession:
        columns = new[order].astype(np.int32), old[order].astype(np.int32), residents[order].astype(np.int64)
        return trace_succession(*columns, is_home=is_home[order].astype(bool))

    found = trace(np.arange(len(new)))
    heirs = np.flatnonzero(found.predecessor >= 0)
    assert np.array_equal(found.successor[found.predecessor[heirs]], heirs)
    assert (found.successor >= 0).sum() == heirs.size
    assert np.array_equal(found.source[heirs], found.predecessor[heirs])
    assert 0 <= found.kept.sum() <= residents[old >= 0].sum()
    order = list(range(len(new)))
    random.shuffle(order)
    assert _answer(trace(np.array(order, dtype=np.int64))) == _answer(found)


@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 9)), min_size=1, max_size=12))
def test_a_plan_that_changes_nothing_keeps_everybody(blocks: list[tuple[int, int]]) -> None:
    """Today's communities as the plan: each continues itself and all residents stay."""
    label, residents = (np.array(column) for column in zip(*blocks, strict=True))
    used, new = np.unique(label, return_inverse=True)
    found = trace_succession(new.astype(np.int32), label.astype(np.int32), residents.astype(np.int64))
    assert found.predecessor.tolist() == used.tolist()
    assert found.kept.sum() == residents[label >= 0].sum()
