"""The word for blocks: one a scenario, in every sentence of the program, in no name that the data give."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.block_term import BlockTerm, holds_term, put_term
from redistrict.messages import Message, call_blocks, join, list_of, name_some

TERMS: tuple[BlockTerm, ...] = ("estate", "street_block")
_ANY = st.text(alphabet="地块小区城北 -_.,、（）()“”'/{}[]|*+?\\^$12aAéBblocks", max_size=8)
NAMES = st.builds("".join, st.tuples(_ANY, st.sampled_from(["地块", "block", "Block", "blocks", "Blocks"]), _ANY))
FRAMES = (
    ("block {} alone has more than block {}", "地块 {} 的户数已多于地块 {}"),
    (
        "data.blocks: 3 blocks lie far off: {}, {}; is a block missing?",
        "data.blocks：3 个地块距离过远：{}、{}；是否缺地块？",
    ),
    ("{} holds a block of '{}'", "{}含有“{}”的地块"),
    ("Estates and blocks: {}{}", "包含小区（地块）：{}和{}"),
)
"""Sentences of the program, as pairs, with room for what the data give."""


@pytest.fixture(autouse=True)
def _called_blocks_again() -> Iterator[None]:
    """Leave the word for blocks as it is by default."""
    yield
    call_blocks("block")


@pytest.mark.parametrize(
    ("term", "written", "said"),
    [
        ("estate", ("3 blocks, a block", "3 个地块"), ("3 estates, an estate", "3 个小区")),
        ("estate", ("Block id", "地块编号"), ("Estate id", "小区编号")),
        ("estate", ("Estates and blocks", "包含小区（地块）"), ("Estates", "包含小区")),
        ("estate", ("estate or block", "小区或地块"), ("estate", "小区")),
        ("street_block", ("Estates and blocks", "小区（地块）"), ("Estates and street blocks", "小区（街区）")),
        ("street_block", ("A block's ground", "地块范围"), ("A street block's ground", "街区范围")),
        (
            "estate",
            ("data.blocks: no blocks", "data.blocks：没有地块"),
            ("data.blocks: no estates", "data.blocks：没有小区"),
        ),
        ("estate", ("{blocks} blocks", "{blocks} 个地块"), ("{blocks} estates", "{blocks} 个小区")),
        (
            "estate",
            ("see repaired_blocks.csv", "见 repaired_blocks.csv"),
            ("see repaired_blocks.csv", "见 repaired_blocks.csv"),
        ),
        ("block", ("a block", "地块"), ("a block", "地块")),
    ],
)
def test_sentences_call_blocks_by_the_term(term: BlockTerm, written: tuple[str, str], said: tuple[str, str]) -> None:
    """Issue 20: 地块 was the only word; keys, files and gaps of a sentence stay, and no word stands twice."""
    assert put_term(*written, term) == said
    assert put_term(*said, term) == said


@pytest.mark.parametrize("term", TERMS)
@given(names=st.tuples(NAMES, NAMES), frame=st.sampled_from(FRAMES))
def test_names_of_the_data_are_never_touched(term: BlockTerm, names: tuple[str, str], frame: tuple[str, str]) -> None:
    """Whatever block or 地块 stands in a name stays, however odd the name, however often it is told."""
    written = tuple(text.format(*names) for text in frame)
    for before, after in zip(written, put_term(written[0], written[1], term), strict=True):
        for name in names:
            assert after.count(name) >= before.count(name)


@given(name=NAMES)
def test_a_name_alone_stays(name: str) -> None:
    call_blocks("estate")
    for message in (list_of([name]), name_some([name, name]), Message(name, name)):
        assert name in message.en
        assert name in message.zh


def test_texts_of_the_scenario_stay_also_inside_of_sentences() -> None:
    """A title has words of its own in each language: it is kept by name."""
    title = Message("The northern blocks", "城北地块划分")
    assert holds_term(title.zh)
    call_blocks("estate", title)
    assert title == (title.en, title.zh) == ("The northern blocks", "城北地块划分")
    told = title + Message(": 3 blocks", "：3 个地块")
    assert (told.en, told.zh) == ("The northern blocks: 3 estates", "城北地块划分：3 个小区")


def test_messages_are_written_once_and_read_in_the_word_in_force() -> None:
    """The same message is read as each scenario asks, in every way of reading it, also as part of another one."""
    message = Message("no block", "没有地块")
    for term, en, zh in (("estate", "no estate", "没有小区"), ("block", "no block", "没有地块")):
        call_blocks(term)
        assert (str(message), message.in_language("zh"), message.in_language("both")) == (en, zh, f"{zh} {en}")
        assert message._asdict() == {"en": en, "zh": zh}
        assert join([message, message]).zh == f"{zh}，{zh}"
