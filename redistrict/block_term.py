"""What blocks are called: the one word of a scenario for them, put into sentences but never into what the data say.

Sentences of the program say block and 地块. A sentence stands in two languages, and what the data give (names, files,
columns, keys) stands in both alike: a word for blocks that both languages hold is therefore not ours, and is kept.
"""

import re
from collections.abc import Callable, Sequence
from typing import Literal

BlockTerm = Literal["block", "estate", "street_block"]

_OWN = "地块"
_TERMS: dict[BlockTerm, tuple[str, str]] = {
    "block": ("block", _OWN),
    "estate": ("estate", "小区"),
    "street_block": ("street block", "街区"),
}
_EN_TOKEN = re.compile(r"[A-Za-z0-9_.{}/-]*[Bb]lock[A-Za-z0-9_.{}/-]*")
_ZH_TOKEN = re.compile(rf"[\w.{{}}/-]*{_OWN}[\w.{{}}/-]*")
_EN_WORD = re.compile(
    r"(?P<estate>\b[Ee]states?) (?:and|or) blocks?\b"
    r"|(?P<article>\b[Aa] )?(?<![\w.{/-])(?<!street )(?P<word>[Bb]lock)(?=s?(?![\w}/-]|\.\w))"
)
_ZH_WORD = re.compile(rf"(?P<estate>小区)(?:（{_OWN}）|或{_OWN})|{_OWN}")


def put_term(en: str, zh: str, term: BlockTerm, kept: Sequence[str] = ()) -> tuple[str, str]:
    """Give a sentence in both languages with blocks called by `term`.

    Parameters
    ----------
    kept : sequence of str
        Texts of the data that have words of their own in each language, such as titles; they stay as they are.

    Notes
    -----
    Where our words cannot be told from those of the data, the sentence stays as it is.
    """
    if term == "block":
        return en, zh
    word_en, word_zh = _TERMS[term]

    def in_english(found: re.Match[str]) -> str:
        if found["estate"]:
            return found["estate"] if term == "estate" else found[0].replace("block", word_en)
        article = (found["article"] or "").replace(" ", "n " if word_en[0] in "aeiou" else " ")
        return article + (word_en.capitalize() if found["word"] == "Block" else word_en)

    def in_chinese(found: re.Match[str]) -> str:
        return word_zh if found["estate"] and term == "estate" else found[0].replace(_OWN, word_zh)

    return (
        _replace(en, _EN_WORD, in_english, _EN_TOKEN.findall(zh), kept),
        _replace(zh, _ZH_WORD, in_chinese, _ZH_TOKEN.findall(en), kept),
    )


def holds_term(text: str) -> bool:
    """Whether a text holds our word for blocks, in either language."""
    return _OWN in text or _EN_WORD.search(text) is not None


def _replace(
    text: str, own: re.Pattern[str], put: Callable[[re.Match[str]], str], shared: Sequence[str], kept: Sequence[str]
) -> str:
    """Replace our own words in a text, but not in what it shares with the other language, nor in what is kept."""
    if any(token not in text for token in shared):
        return text
    held = sorted({*shared, *(one for one in kept if one in text)}, key=lambda one: (-len(one), one))
    if not held:
        return own.sub(put, text)
    either = re.compile(f"{'|'.join(map(re.escape, held))}|{own.pattern}")
    return either.sub(lambda found: found[0] if any(one in found[0] for one in held) else put(found), text)
