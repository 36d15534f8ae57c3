import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.model.plan import Plan, canonical_plan

labels = st.lists(st.integers(0, 5), min_size=1, max_size=12)


def test_plan_keeps_its_own_read_only_copy() -> None:
    """Changing the array a plan was made from does not change the plan, and the plan cannot be written to."""
    given_array = np.array([0, 1, 1], dtype=np.int32)
    plan = Plan(given_array)
    given_array[0] = 1
    assert plan.assignment.tolist() == [0, 1, 1]
    with pytest.raises(ValueError, match="read-only"):
        plan.assignment[0] = 1


@pytest.mark.parametrize("wrong", [[0, 2], [1, 2], [-1, 0], [[0, 1], [1, 0]]])
def test_plan_refuses_gaps_negative_numbers_and_tables(wrong: list[object]) -> None:
    """A plan numbers its communities 0 .. k-1 without a gap, one number a block."""
    with pytest.raises(ValueError, match="numbered 0"):
        Plan(np.array(wrong, dtype=np.int32))


def test_plan_of_no_blocks_has_no_communities() -> None:
    """Nothing divided is no community."""
    assert Plan(np.array([], dtype=np.int32)).n_communities == 0


def test_plan_says_how_large_it_is() -> None:
    """The printed form names blocks and communities."""
    assert repr(Plan(np.array([0, 1, 0], dtype=np.int32))) == "Plan(3 blocks, 2 communities)"


@given(labels)
def test_canonical_plan_keeps_the_partition(assignment: list[int]) -> None:
    """Two blocks are together in the canonical plan exactly when they were together before."""
    plan = canonical_plan(np.array(assignment, dtype=np.int32)).assignment
    together = np.equal.outer(assignment, assignment)
    assert np.array_equal(np.equal.outer(plan, plan), together)


@given(labels, st.permutations(range(6)))
def test_canonical_plan_forgets_the_numbers(assignment: list[int], renamed: list[int]) -> None:
    """Equal partitions give equal plans, whatever the communities were called."""
    other = np.array([renamed[c] for c in assignment], dtype=np.int32)
    plan = canonical_plan(np.array(assignment, dtype=np.int32))
    assert np.array_equal(plan.assignment, canonical_plan(other).assignment)


@given(labels)
def test_canonical_plan_counts_up_along_the_blocks(assignment: list[int]) -> None:
    """Going through the blocks in order, each new community gets the next number."""
    plan = canonical_plan(np.array(assignment, dtype=np.int32)).assignment.tolist()
    assert list(dict.fromkeys(plan)) == list(range(max(plan) + 1))


def test_canonical_plan_refuses_blocks_without_a_community() -> None:
    """A block left out (-1) is an error, not a community of its own."""
    with pytest.raises(ValueError, match="1 blocks have no community"):
        canonical_plan(np.array([0, -1, 1], dtype=np.int32))
