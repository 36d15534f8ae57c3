"""Messages: both languages of a sentence are put together in one go."""

import pytest

from redistrict.messages import QUANTITY_WORDS, Message, find_nearest, join, list_of, name_some, plain, say_amount

ROAD, RIVER = Message("road", "道路"), Message("river", "河流")


def test_each_language_has_its_own_marks() -> None:
    """Commas, semicolons and the marks of a list are those of the language."""
    assert join([ROAD, RIVER]) == ("road, river", "道路，河流")
    assert join([ROAD, RIVER], mark=";") == ("road; river", "道路；河流")
    assert list_of([ROAD, "B12", 3]) == ("road, B12, 3", "道路、B12、3")
    assert join([]) == list_of([]) == ("", "")


def test_messages_are_put_one_after_the_other() -> None:
    """The sum of two messages is a message: each language goes on in itself."""
    assert ROAD + plain(" 7") == Message("road 7", "道路 7")
    assert say_amount(1200, QUANTITY_WORDS["households"]) == ("1,200 households", "户数 1,200")


@pytest.mark.parametrize(
    ("n", "en", "zh"),
    [
        (2, "0, 1", "0、1"),
        (5, "0, 1, 2, 3, 4", "0、1、2、3、4"),
        (7, "0, 1, 2, 3, 4 and 2 more", "0、1、2、3、4 等共 7 个"),
    ],
)
def test_only_the_first_few_are_named(n: int, en: str, zh: str) -> None:
    """Five are named, the rest are counted."""
    assert name_some(range(n)) == (en, zh)


def test_named_messages_keep_their_language() -> None:
    """What has words in both languages is named in both."""
    assert name_some([ROAD, RIVER], limit=1) == ("road and 1 more", "道路 等共 2 个")


def test_a_slip_finds_the_word_that_was_meant() -> None:
    """A word with a letter wrong is found, another is not."""
    assert find_nearest("househlds", ["people", "households"]) == "households"
    assert find_nearest("colour", ["people", "households"]) is None
