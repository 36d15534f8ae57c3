from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from redistrict.model.problem import AreaProblem
from redistrict.solver.why_not.impossible_places import Finding, Sum, explain, find_reasons
from redistrict.solver.why_not.what_would_help import (
    Miss,
    Relaxation,
    Squeeze,
    explain_relaxation,
    explain_squeeze,
    find_squeeze,
    smallest_relaxation,
)
from tests.solver.maps import Truth, connected_edges, examples, grid, grown_assignment, make_area, path, tiny_cities

NAMES = "abcdefghijkl"
BOTH = ("households", "people")


def only(problem: AreaProblem) -> Finding:
    """Give the one finding, having made sure that there is indeed no plan."""
    (finding,) = find_reasons(problem)
    assert not any(Truth(problem).plans())
    return finding


@st.composite
def lumpy_areas(draw: st.DrawFn) -> AreaProblem:
    """Draw a tiny area whose totals meet its bounds, with a few large blocks and pairs kept apart."""
    edges = draw(connected_edges(min_blocks=4, max_blocks=8))
    n, k = 1 + max(j for _, j in edges), draw(st.integers(2, 3))
    numbers = st.sampled_from([0, 1, 2, 3, 9])
    size = draw(st.lists(st.tuples(numbers, numbers), min_size=n, max_size=n))
    totals = [sum(column) for column in zip(*size, strict=True)]
    near = set(edges)
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n) if (i, j) not in near]
    return make_area(
        edges,
        k=k,
        size=size,
        lower=[max(0, t // k - draw(st.integers(0, 4))) for t in totals],
        upper=[-(-t // k) + draw(st.integers(0, 4)) for t in totals],
        target=[round(t / k) for t in totals],
        rate=[0, 0],
        apart=draw(st.lists(st.sampled_from(pairs), max_size=3, unique=True)) if pairs else (),
    )


@examples(200)
@given(st.one_of(lumpy_areas(), tiny_cities()))
def test_where_anything_is_found_there_is_no_plan(problem: AreaProblem) -> None:
    """A finding is a proof: enumeration finds no plan either."""
    if find_reasons(problem):
        assert not any(Truth(problem).plans())


@examples(80)
@given(lumpy_areas())
def test_the_sums_of_a_finding_are_those_of_its_blocks(problem: AreaProblem) -> None:
    """What is said to be too few or too many is what the blocks named hold, and it misses the limit named."""
    for found in find_reasons(problem):
        if found.few:
            total = problem.size[list(found.blocks), found.few.quantity].sum()
            assert total == found.few.total < found.few.limit
        if found.many:
            total = problem.size[sorted({*found.blocks, found.gate}), found.many.quantity].sum()
            assert total == found.many.total > found.many.limit


def test_a_block_larger_than_a_community_is_found() -> None:
    """A block of 9 fits into no community of 4 to 8."""
    problem = make_area(path(4), k=3, size=[[2], [9], [2], [3]], lower=[4], upper=[8], target=[6])
    finding = only(problem)
    assert finding == Finding("oversize", 1, (1,), 1, many=Sum(0, 9, 8), tolerance=0.5)


def test_a_block_larger_than_the_others_leave_is_found() -> None:
    """A block of 8 is within 4 to 8, but 5 more cannot fill two others with 4 each."""
    problem = make_area(path(4), k=3, size=[[2], [8], [2], [1]], lower=[4], upper=[8], target=[6])
    assert only(problem).many == Sum(0, 8, 5)


def test_a_pocket_too_small_alone_and_too_large_with_its_gate_is_found() -> None:
    """Behind block 2 lie 2 + 1 < 4 households; with its 6 they are 9 > 8: too few and too many for one community.

    0 - 1 - 2 - 3 - 4 - 5
    """
    problem = make_area(path(6), k=3, size=[[2], [1], [6], [4], [2], [2]], lower=[4], upper=[8], target=[6])
    finding = only(problem)
    assert finding == Finding("pocket", 2, (0, 1), 1, few=Sum(0, 3, 4), many=Sum(0, 9, 8), tolerance=0.5)


def test_pockets_small_enough_one_by_one_are_found_together() -> None:
    """Either leaf of 3 could join block 2; both are 6, too few where 13 must make two of 7 at most, and 8 with it.

    0 - 1 - 2 - 3
            |
            4
    """
    edges = [(0, 1), (1, 2), (2, 3), (2, 4)]
    problem = make_area(edges, k=2, size=[[5], [1], [2], [3], [3]], lower=[5], upper=[7], target=[7])
    finding = only(problem)
    assert (finding.gate, finding.blocks) == (2, (3, 4))
    assert (finding.few, finding.many) == (Sum(0, 6, 7), Sum(0, 8, 7))


def test_two_quantities_can_contradict_each_other() -> None:
    """The pocket has too few households for a community, and with its gate too many people to join one."""
    size = [[3, 8], [5, 6], [5, 5], [5, 5]]
    problem = make_area(path(4), k=2, size=size, lower=[5, 8], upper=[13, 13], target=[9, 12], rate=[0, 0])
    finding = only(problem)
    assert (finding.few, finding.many) == (Sum(0, 3, 5), Sum(1, 14, 13))


def test_a_block_between_blocks_too_large_for_it_is_found() -> None:
    """Block 4 in the middle has 2 and needs 5, and every neighbour has 7 where 8 is the most.

    0 1 2
    3 4 5
    6 7 8
    """
    size = [[1], [7], [1], [7], [2], [7], [1], [7], [1]]
    problem = make_area(grid(3, 3), k=5, size=size, lower=[5], upper=[8], target=[7])
    finding = next(f for f in find_reasons(problem) if f.gate == 4)
    assert not any(Truth(problem).plans())
    assert finding == Finding("enclosed", 4, (4,), 1, few=Sum(0, 2, 5), tolerance=0.286)


def test_a_block_kept_apart_from_all_it_could_reach_is_found() -> None:
    """Block 0 reaches the others only through block 1, and may be with none of them: 3 + 1 of 5.

    0 - 1 - 2 - 3 - 4, joined 1 - 3
    """
    edges = sorted([*path(5), (1, 3)])
    size = [[3], [1], [3], [3], [4]]
    problem = make_area(edges, k=2, size=size, lower=[5], upper=[9], target=[7], apart=[(0, 2), (0, 3), (0, 4)])
    finding = only(problem)
    assert finding == Finding("enclosed", 0, (0, 1), 1, few=Sum(0, 4, 5), tolerance=0.429)


def test_a_block_no_set_around_which_fits_both_bounds_is_found() -> None:
    """On a ring, block 0 and a neighbour have 4 people of 10; a third block makes 12 households where 10 are most."""
    ring = sorted([*path(8), (0, 7)])
    size = [[4, people] for people in (2, 2, 14, 6, 6, 6, 14, 2)]
    problem = make_area(ring, k=4, size=size, lower=[8, 10], upper=[10, 20], target=[8, 13], rate=[0, 0])
    assert only(problem) == Finding("misfit", 0, (0, 1), 1, few=Sum(1, 4, 10), tolerance=0.5)


def test_empty_blocks_join_what_lies_around_them() -> None:
    """Blocks 0 and 2 are neighbours over the park 1, so nothing is wrong."""
    problem = make_area(path(4), k=2, size=[[3], [0], [3], [6]], lower=[6], upper=[6], target=[6])
    assert find_reasons(problem) == ()


def test_nothing_is_said_where_the_totals_miss() -> None:
    """Totals outside the bounds are refused elsewhere, with their sums."""
    assert find_reasons(make_area(path(3), k=2, lower=[2], upper=[3])) == ()


@pytest.mark.parametrize(
    ("finding", "en", "zh"),
    [
        (
            Finding("oversize", 1, (1,), 1, many=Sum(1, 9000, 8800), tolerance=0.125),
            "block b alone holds 9,000 people, too many for a community here (at most 8,800); divide the block, or "
            "widen communities.tolerance: below 0.125 it is proved too little here",
            "地块 b 单独即有人口 9,000，超过此处一个社区的上限（8,800）；请拆分该地块，"
            "或放宽 communities.tolerance：已证明此处低于 0.125 不够",
        ),
        (
            Finding("pocket", 0, (1, 2, 3, 4), 1, few=Sum(0, 1180, 2250), many=Sum(0, 3080, 2750)),
            "the 4 blocks that only block a joins to the rest (b, c, d and 1 more) hold 1,180 households, too few for "
            "1 community (at least 2,250), and with block a 3,080 households, too many for 1 community (at most "
            "2,750); add a link from them",
            "仅经地块 a 与其余部分相连的 4 个地块（b、c、d 等共 4 个）有户数 1,180，不足 1 个社区（至少 2,250），"
            "加上地块 a 有户数 3,080，又超过 1 个社区（至多 2,750）；请为其添加 links",
        ),
    ],
)
def test_a_finding_is_told_with_its_sums_and_blocks(finding: Finding, en: str, zh: str) -> None:
    """Both languages name the blocks, what they hold, what they may hold and what helps."""
    assert explain(finding, NAMES, BOTH) == (en, zh)


def test_totals_at_the_end_of_the_bounds_are_a_squeeze() -> None:
    """23 households in 2 communities of 8 to 12 leave each only 11 to 12, and no other number fits."""
    problem = make_area(path(23), k=2, lower=[8], upper=[12], target=[10], n=23)
    squeeze = find_squeeze(problem)
    assert squeeze == Squeeze(0, 2, 23, (8, 12), (11, 12), ())
    assert "23 households in 2 communities of 8-12 leave each only 11-12" in explain_squeeze(squeeze, BOTH).en


def test_a_squeeze_names_the_numbers_that_leave_more_room() -> None:
    """30 in 3 communities of 6 to 10 leave none, nor do 5; 4 leave each 6 to 10."""
    squeeze = find_squeeze(make_area(path(30), k=3, lower=[6], upper=[10], target=[8]))
    assert squeeze is not None
    assert squeeze.left == (10, 10)
    assert squeeze.roomier == (4,)


def test_totals_in_the_middle_are_no_squeeze() -> None:
    """Around the mean every community has the whole width of its bounds."""
    assert find_squeeze(make_area(path(30), k=3, lower=[8], upper=[12], target=[10])) is None


@examples(80)
@given(tiny_cities(), st.integers(0, 99))
def test_the_relaxation_admits_the_nearest_plan(problem: AreaProblem, seed: int) -> None:
    """With the tolerances named, bounds as the builder makes them hold every community; a thousandth less does not."""
    problem = replace(problem, apart=problem.apart[:0], compactness=None, enclosure=None, necks=None, stay=None)
    plan = grown_assignment(problem, seed)
    center = tuple(Fraction(int(total), problem.n_communities) for total in problem.size.sum(axis=0))
    problem = replace(problem, center=center, target=np.array([max(1, round(mean)) for mean in center]))
    assume(all(center))
    relaxation = smallest_relaxation(problem, plan.tolist())
    totals = np.array([problem.size[plan == c].sum(axis=0) for c in range(problem.n_communities)])
    inside = (totals >= problem.lower) & (totals <= problem.upper)
    outside = [q for q in range(len(center)) if not inside[:, q].all()]
    last = Fraction(999, 1000)  # no tolerance is 1
    assert (relaxation is None) == (not outside or not all(_admits(center[q], last, totals[:, q]) for q in outside))
    for q, share in enumerate(relaxation.tolerance if relaxation else ()):
        if share is not None:
            exact, step = Fraction(str(share)), Fraction(1, 1000)
            assert _admits(center[q], exact, totals[:, q])
            assert not _admits(center[q], exact - step, totals[:, q])


def _admits(center: Fraction, share: Fraction, totals: np.ndarray) -> bool:
    """Tell whether bounds, as the builder makes them, hold all totals."""
    return ceil(center * (1 - share)) <= totals.min() and totals.max() <= floor(center * (1 + share))


def test_no_tolerance_admits_what_must_be_apart() -> None:
    """A nearest plan that puts a pair together is not admitted by wider bounds."""
    problem = make_area(path(4), k=2, lower=[2], upper=[2], target=[2], apart=[(0, 2)])
    assert smallest_relaxation(problem, [0, 0, 0, 1]) is None
    assert smallest_relaxation(problem, None) is None


def test_a_relaxation_is_told_with_what_each_community_lacks() -> None:
    """The tolerances by their keys, then the communities outside the bounds with their blocks."""
    relaxation = Relaxation((0.25, None), (Miss((0, 1, 2), (-120, 0)), Miss((3,), (7, -1))))
    assert explain_relaxation(relaxation, NAMES, BOTH) == (
        "the nearest plan found needs communities.tolerance.households 0.25 (blocks a, b and 1 more: 120 households "
        "too few; blocks d: 7 households too many, 1 people too few)",
        "最接近的方案需要将 communities.tolerance.households 放宽到 0.25（地块 a、b 等共 3 个：户数少 120；"
        "地块 d：户数多 7，人口少 1）",
    )
