"""Keys that spreadsheets spoil: which two are shown as one, and what else is suspected."""

import pytest

from redistrict.geo.keys import say_alike_keys


@pytest.mark.parametrize(("n_keys", "ends"), [(3, "'03' = '3' ("), (4, "'03' = '3' and 1 more (")])
def test_three_pairs_of_keys_that_look_alike_are_shown(n_keys: int, ends: str) -> None:
    """More are counted."""
    numbers = range(1, n_keys + 1)
    told = say_alike_keys([f"0{n}" for n in numbers], [f"{n}" for n in numbers], [])
    assert told is not None
    assert f"written differently: '01' = '1', '02' = '2', {ends}" in told.en


@pytest.mark.parametrize(
    ("lost", "unused", "is_told"),
    [
        ("4202010010010010", "4202010010010010", True),
        ("4202010010010017", "4202010010010010", True),
        ("4202010010010017", "4202010010010020", False),
        ("铁山区鹿獐山街道新安社区第三网格", "x", False),
    ],
    ids=["nothing lost", "last digit lost", "another number", "a long name"],
)
def test_only_numbers_lose_their_last_digits(lost: str, unused: str, *, is_told: bool) -> None:
    """What has more than 15 characters was cut if the rest is 0 in a row that no block has; a name never was."""
    told = say_alike_keys([lost], [unused], [lost])
    assert (told is not None) == is_told
