"""The hash table: keys are numbered in the order in which they are met."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from redistrict.solver.sweep.key_table import make_key_table, number_key
from tests.solver.maps import examples

Key = tuple[tuple[int, ...], tuple[int, ...]]


@st.composite
def keys(draw: st.DrawFn) -> list[Key]:
    """Draw keys of one shape, either part perhaps empty, many of them alike."""
    width, n_values = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    row = st.tuples(*[st.integers(0, 2)] * width)
    value = st.tuples(*[st.sampled_from([0, 1, -1, 2**60, 3 << 50])] * n_values)
    return draw(st.lists(st.tuples(row, value), min_size=1, max_size=60))


@examples(100)
@given(keys())
def test_keys_are_numbered_as_a_dict_would(met: list[Key]) -> None:
    """Equal keys have one number, new ones the next, and they stand in the table under it."""
    width, n_values = len(met[0][0]), len(met[0][1])
    table, count = make_key_table(len(met), width, n_values), 0
    numbers: dict[Key, int] = {}
    for row, value in met:
        found = number_key(table, np.array(row, dtype=np.uint8), np.array(value, dtype=np.int64), count)
        assert found == numbers.setdefault((row, value), len(numbers))
        count = max(count, found + 1)
    assert [tuple(row) for row in table.row[:count].tolist()] == [row for row, _ in numbers]
    assert [tuple(value) for value in table.value[:count].tolist()] == [value for _, value in numbers]
