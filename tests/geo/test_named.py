"""Blocks and communities by the words planners write: keys first, then names, and what is said of others."""

import numpy as np
import pytest

from redistrict.geo.current import CurrentPlan
from redistrict.geo.named import blocks_of_today, find_blocks
from redistrict.messages import Message

TODAY = CurrentPlan(
    ids=("01", "02", "03", "04"),
    names=("湖滨社区", "江岸", "江岸", "01"),
    districts=("",) * 4,
    of_block=np.array([0, 1, 0, 2, 3, -1], dtype=np.int32),
    staff=None,
    is_locked=np.zeros(4, dtype=bool),
)


@pytest.mark.parametrize(
    ("word", "blocks", "said"),
    [
        ("湖滨社区", [0, 2], []),
        ("01", [0, 2], []),
        ("03", [3], []),
        ("江岸", [], ["江岸 is the name of 02, 03; give the key"]),
        ("湖宾社区", [], ["there is no community of today 湖宾社区; did you mean '湖滨社区'?"]),
    ],
    ids=["name", "key before name", "key", "name of two", "unknown"],
)
def test_a_community_of_today_is_meant_by_key_or_else_by_name(word: str, blocks: list[int], said: list[str]) -> None:
    """A key wins over another's name; of two with one name neither is meant, and what is unknown is said."""
    found: list[Message] = []
    assert blocks_of_today(TODAY, word, found) == blocks
    assert [message.en for message in found] == said


def test_without_communities_of_today_none_is_meant() -> None:
    """Data without a current plan know none, whatever the word."""
    found: list[Message] = []
    assert blocks_of_today(None, "01", found) == []
    assert [message.en for message in found] == ["the data know no communities of today"]


@pytest.mark.parametrize(
    ("keys", "places", "said"),
    [
        (["c", "a"], [2, 0], []),
        (["c", "a", "c"], [2, 0], ["named twice: c"]),
        (["x", "a"], [0], ["there is no block x"]),
    ],
)
def test_blocks_are_meant_by_their_keys(keys: list[str], places: list[int], said: list[str]) -> None:
    """Each once, in the order named; a key that comes again, or is none of a block, is said."""
    found: list[Message] = []
    assert list(find_blocks(("a", "b", "c"), keys, found)) == places
    assert [message.en for message in found] == said
