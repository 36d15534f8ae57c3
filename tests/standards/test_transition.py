"""Transition: who of today's workers goes where, against plain enumeration and by hand."""

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.standards.transition import Move, Transition, plan_transition

Case = dict[str, Any]


def transition(
    staff: list[int],
    posts: list[int],
    shared: list[list[int]],
    *,
    old: str = "",
    new: str = "",
    successor: list[int] | None = None,
) -> Transition:
    """Plan the moves; `old` and `new` give the district of each community by a letter, default: one district."""
    homes, goals = np.array(list(old or "A" * len(staff))), np.array(list(new or "A" * len(posts)))
    return plan_transition(
        np.array(staff, dtype=np.int64),
        np.array(posts, dtype=np.int64),
        np.array(shared, dtype=np.int64).reshape(len(staff), len(posts)),
        same_district=homes[:, None] == goals,
        successor=np.array(successor or [-1] * len(staff), dtype=np.int64),
    )


def listed(plan: Transition) -> list[tuple[int | None, int | None, int]]:
    return [(move.source, move.goal, move.workers) for move in plan.moves]


def test_workers_follow_their_residents() -> None:
    """Who can stay with residents does, and the larger share of residents decides where posts are short."""
    plan = transition([4, 2], [3, 3], [[900, 100], [0, 500]], successor=[0, 1])
    assert plan.moves == (Move(0, 0, 3, True), Move(0, 1, 1, True), Move(1, 1, 2, True))
    assert (plan.n_stay_with_residents, plan.n_moved_elsewhere, plan.surplus, plan.vacancies) == (6, 0, 0, 0)


def test_nobody_is_dismissed_while_a_post_is_free() -> None:
    """A post in another district, without any shared resident, comes before a dismissal."""
    plan = transition([3], [1, 2], [[50, 0]], old="A", new="AB")
    assert plan.moves == (Move(0, 0, 1, True), Move(0, 1, 2, False))
    assert (plan.surplus, plan.n_moved_elsewhere) == (0, 2)


def test_people_without_a_post_and_posts_without_people_are_said() -> None:
    """What is left over on either side stands in the moves: people without a goal, posts without a source."""
    too_many, too_few = transition([5], [3], [[10]]), transition([3], [5], [[10]])
    assert listed(too_many) == [(0, 0, 3), (0, None, 2)]
    assert listed(too_few) == [(0, 0, 3), (None, 0, 2)]
    assert (too_many.surplus, too_many.vacancies, too_few.surplus, too_few.vacancies) == (2, 0, 0, 2)
    assert too_many.by_goal[None] == (Move(0, None, 2, False),)
    assert too_few.by_source[None] == (Move(None, 0, 2, False),)


def test_those_whose_residents_went_elsewhere_are_moved_within_the_district_first() -> None:
    """Communities 0 and 1 lose their residents to full communities: each fills a free post of its own district."""
    plan = transition([2, 2], [0, 0, 2, 2], [[9, 0, 0, 0], [0, 9, 0, 0]], old="AB", new="ABBA")
    assert listed(plan) == [(0, 3, 2), (1, 2, 2)]
    assert plan.n_moved_elsewhere == 4


def test_residents_come_before_the_district_and_the_district_before_the_successor() -> None:
    """A post with residents over the district line comes first; without residents the own district comes first."""
    assert listed(transition([1], [1, 1], [[0, 5]], old="A", new="AB")) == [(0, 1, 1), (None, 0, 1)]
    assert listed(transition([1], [1, 1], [[5, 5]], old="A", new="AB", successor=[1])) == [(0, 0, 1), (None, 1, 1)]


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=8))
def test_whoever_has_no_residents_anywhere_stays_in_the_district(rows: list[tuple[str, int, int]]) -> None:
    """Where nobody shares residents, only those leave whom the posts of their own district do not hold."""
    staff, posts = [n for _, n, _ in rows], [n for _, _, n in rows]
    homes = "".join(name for name, _, _ in rows)
    plan = transition(staff, posts, [[0] * len(posts) for _ in staff], old=homes, new=homes)
    placed = [move for move in plan.moves if move.source is not None and move.goal is not None]
    stay = sum(move.workers for move in placed if homes[move.source] == homes[move.goal])
    totals = [[sum(n for name, *ns in rows for n in [ns[side]] if name == home) for side in (0, 1)] for home in "ABC"]
    assert stay == sum(map(min, totals))


@pytest.mark.parametrize(
    ("shared", "old", "successor", "goals"),
    [
        ([[0, 0], [9, 5]], "AA", [-1, 1], [0, 1]),
        ([[0, 0], [5, 9]], "AA", [-1, 0], [1, 0]),
        ([[0, 0], [6, 5]], "AA", [-1, -1], [1, 0]),
        ([[0, 0], [5, 6]], "AA", [-1, -1], [0, 1]),
        ([[0, 0], [5, 0]], "AB", [-1, -1], [1, 0]),
    ],
)
def test_what_one_worker_does_leaves_the_other_a_choice(
    shared: list[list[int]], old: str, successor: list[int], goals: list[int]
) -> None:
    """One post in A, one in B; the first shares nobody: who continues whom decides, then shares, districts last."""
    plan = transition([1, 1], [1, 1], shared, old=old, new="AB", successor=successor)
    assert [move.goal for move in plan.moves] == goals


def test_the_successor_comes_before_the_larger_share() -> None:
    """Who continues a community takes its workers, also with fewer of its residents, or none at all."""
    assert listed(transition([1], [1, 1], [[5, 90]], successor=[0])) == [(0, 0, 1), (None, 1, 1)]
    plan = transition([1], [1, 1], [[0, 0]], successor=[1])
    assert plan.moves == (Move(0, 1, 1, False), Move(None, 0, 1, False))


def test_moves_are_found_by_either_side() -> None:
    """Every community with workers or posts finds its own moves, and only those."""
    plan = transition([4, 2], [3, 3], [[900, 100], [0, 500]])
    assert {source: [move.goal for move in moves] for source, moves in plan.by_source.items()} == {0: [0, 1], 1: [1]}
    assert {goal: [move.source for move in moves] for goal, moves in plan.by_goal.items()} == {0: [0], 1: [0, 1]}


@pytest.mark.parametrize(("staff", "posts"), [([], [2]), ([2], []), ([0, 0], [0]), ([], [])])
def test_nobody_or_no_post_is_a_plan_too(staff: list[int], posts: list[int]) -> None:
    """Without people every post is vacant, without posts everyone is without one, without both nothing moves."""
    plan = transition(staff, posts, [[0] * len(posts) for _ in staff])
    assert (plan.surplus, plan.vacancies, plan.n_filled) == (sum(staff), sum(posts), 0)


@pytest.mark.parametrize(
    ("staff", "posts", "match"),
    [([1, 1], [2], "fit the table"), ([1], [1, 1], "fit the table"), ([-1], [2], "negative")],
)
def test_tables_that_do_not_fit_are_refused(staff: list[int], posts: list[int], match: str) -> None:
    """Shapes must agree and counts must not be negative."""
    table = np.ones((1, 1), dtype=np.int64)
    with pytest.raises(ValueError, match=match):
        plan_transition(
            np.array(staff), np.array(posts), table, same_district=table > 0, successor=np.zeros(1, dtype=np.int64)
        )


def cost_of(pairs: list[tuple[int, int]], case: Case) -> tuple[int, int, int, int]:
    """Score the filled posts by rules 2 to 5; less is better."""
    shared = [case["shared"][o][c] for o, c in pairs]
    return (
        sum(residents == 0 for residents in shared),
        sum(case["old"][o] != case["new"][c] for o, c in pairs),
        -sum(case["successor"][o] == c for o, c in pairs),
        -sum(shared),
    )


@st.composite
def small_cities(draw: st.DrawFn) -> Case:
    """Draw up to three communities of today and new, two workers and posts each, in two districts."""
    n_old, k = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    residents = st.sampled_from([0, 0, 1, 2, 10_000_000])
    return {
        "staff": draw(st.lists(st.integers(0, 2), min_size=n_old, max_size=n_old)),
        "posts": draw(st.lists(st.integers(0, 2), min_size=k, max_size=k)),
        "shared": [draw(st.lists(residents, min_size=k, max_size=k)) for _ in range(n_old)],
        "old": draw(st.text("AB", min_size=n_old, max_size=n_old)),
        "new": draw(st.text("AB", min_size=k, max_size=k)),
        "successor": draw(st.lists(st.integers(-1, k - 1), min_size=n_old, max_size=n_old)),
    }


@given(small_cities())
def test_no_other_way_to_fill_the_posts_is_better(case: Case) -> None:
    """Enumeration of every way to seat the people on the posts finds nothing better, rule by rule."""
    plan = transition(**case)
    people = [o for o, n in enumerate(case["staff"]) for _ in range(n)]
    seats = [c for c, n in enumerate(case["posts"]) for _ in range(n)]
    fewer, more = (people, seats) if len(people) <= len(seats) else (seats, people)
    ways = {tuple(sorted(zip(fewer, way, strict=True))) for way in permutations(more, len(fewer))}
    best = min(cost_of([pair if fewer is people else pair[::-1] for pair in way], case) for way in ways)
    filled = [(move.source, move.goal) for move in plan.moves for _ in range(move.workers)]
    placed = [(o, c) for o, c in filled if o is not None and c is not None]
    assert plan.n_filled == len(placed) == len(fewer)
    assert cost_of(placed, case) == best


@given(small_cities())
def test_everyone_and_every_post_appears_once(case: Case) -> None:
    """The moves of a community add up to its workers, those to a community to its posts; no pair stands twice."""
    plan = transition(**case)
    for o, n in enumerate(case["staff"]):
        assert sum(move.workers for move in plan.by_source.get(o, ())) == n
    for c, n in enumerate(case["posts"]):
        assert sum(move.workers for move in plan.by_goal.get(c, ())) == n
    pairs = [(move.source, move.goal) for move in plan.moves]
    assert len(set(pairs)) == len(pairs)
    assert min(plan.surplus, plan.vacancies) == 0
    for move in plan.moves:
        placed = move.source is not None and move.goal is not None
        assert move.takes_over == (placed and case["shared"][move.source][move.goal] > 0)


def test_a_large_city_is_planned_without_overflow() -> None:
    """600 communities with up to ten million shared residents: the sums hold, twice the same."""
    random = np.random.default_rng(1)
    n_old, k = 600, 400
    shared = np.zeros((n_old, k), dtype=np.int64)
    shared[np.arange(n_old), np.arange(n_old) * k // n_old] = random.integers(0, 10_000_000, n_old)
    staff, posts = random.integers(0, 12, n_old), random.integers(0, 18, k)
    district_old, district_new = np.arange(n_old) * 5 // n_old, np.arange(k) * 5 // k

    def plan() -> Transition:
        return plan_transition(
            staff,
            posts,
            shared,
            same_district=district_old[:, None] == district_new,
            successor=np.arange(n_old) * k // n_old,
        )

    first = plan()
    assert (first.n_staff, first.n_posts) == (staff.sum(), posts.sum())
    assert first == plan()
