"""Dates: the only year that a text speaks of, as the judge reads it."""

import re
import unicodedata

DIGITS = dict(zip("〇零○一二三四五六七八九", "000123456789", strict=True))
YEARS = range(2000, 2101)


def year_of(text: str) -> int:
    """Give the year: four digits by themselves, or the first of six or eight; 0 for none, or for several."""
    plain = unicodedata.normalize("NFKC", text)
    if plain[4:5] == "年":
        plain = "".join(DIGITS.get(character, character) for character in plain[:4]) + plain[4:]
    if re.search(r"[-~至到]\s*\d\d\s*年", plain):
        return 0
    found = {int(run[:4]) for run in re.findall(r"\d+", plain) if len(run) in (4, 6, 8)} & set(YEARS)
    return found.pop() if len(found) == 1 else 0
