"""Lines of text that fit a width, broken as Chinese is: between characters, punctuation staying with its word."""

import re
from collections.abc import Callable

_WIDE = "\u2e80-\U0003ffff"
_OPENING, _CLOSING = "“‘（《【", "，。；：、！？）》】”’"
_TOKEN = re.compile(rf"[{_OPENING}]*(?:[{_WIDE}]|[^\s{_WIDE}{_OPENING}]+|$)[{_CLOSING}]*\s*|\s+|[{_OPENING}]+")


def break_lines(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Break a text into lines no wider than `width`; at least one line.

    Parameters
    ----------
    measure : callable
        Gives the width of a text on one line.
    """
    return [line for part in text.split("\n") for line in _break_paragraph(part, width, measure)]


def _break_paragraph(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    if measure(text.rstrip()) <= width:  # as most cells of a table do
        return [text.rstrip()]
    lines, line, used = [], "", 0.0
    for token in _tokens(text, width, measure):
        wide = measure(token)
        if line and used + measure(token.rstrip()) > width:
            lines.append(line.rstrip())
            line, used = "", 0.0
        line, used = line + token, used + wide
    return [*lines, line.rstrip()]


def _tokens(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Give what must not be parted; a word wider than a line falls into characters."""
    tokens = [token for token in _TOKEN.findall(text) if token]
    return [piece for token in tokens for piece in (token if measure(token.rstrip()) > width else [token])]
