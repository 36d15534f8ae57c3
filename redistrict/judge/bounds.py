"""The four bounds (四至): whether what `bounds.csv` names on a side lies there, and what must be named is.

What is named must be met on a piece of border that looks that way, or lies at that end, with 20 degrees of slack; what
surely takes most of the pieces that look straight that way must be named. The sides are turned with the grain of the
outline, as the reference says. The share of the border along lines with a name is judged to a tenth; shares of single
sides are not, nor which of several short stretches are named.
"""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from redistrict.judge.border import Border
from redistrict.judge.case import Case
from redistrict.judge.looks import Bools, Floats
from redistrict.judge.verification import Violation, disagree

SIDES = (("east", "东"), ("south", "南"), ("west", "西"), ("north", "北"))
COLUMNS = (
    "community_id", "community_name", "bounds_en", "bounds_zh", "named_border_share",
    *(f"{side}_{language}" for side, _ in SIDES for language in ("en", "zh")),
)  # fmt: skip
WIDE, NARROW = np.cos(np.radians(65)), np.cos(np.radians(25))
END_M = 15.0  # a side shorter than the widest street is told by all that lies so near its end, and this much more
MOST = 0.6  # of a side
SHARE_SLACK = 0.1
OTHERS = ("others", "等")
EDGE = ("the edge of the built-up area", "建成区边缘")
_LAKES = ("湖", "海", "水库", "Lake", "Sea", "Reservoir")
_TO_NORTH, _PAST_45 = 0.3, np.radians(5)
_Noun = tuple[str, str]


def check_bounds(case: Case, border: Border, rows: pd.DataFrame) -> Iterator[Violation]:
    """Check the texts of every community, and the share of its border along lines with a name.

    Parameters
    ----------
    rows : DataFrame
        `bounds.csv` as text, with `COLUMNS`.
    """
    if sorted(rows["community_id"]) != sorted(case.plan.names):
        yield disagree("files", "bounds.csv", "list of communities", None, len(rows), case.n_communities)
        return
    names = rows.set_index("community_id")["community_name"]
    words = _Words(case, [str(names[key]) for key in case.plan.names])
    axes = find_axes(border, case.n_communities)
    number = {key: c for c, key in enumerate(case.plan.names)}
    for values in rows[list(COLUMNS)].itertuples(index=False):
        row = dict(zip(COLUMNS, map(str, values), strict=True))
        key, c = row["community_id"], number[row["community_id"]]
        pieces = np.flatnonzero(border.community == c)
        for column, right in _join(row).items():
            if row[column] != right:
                yield disagree("files", "bounds.csv", column, key, row[column], right)
        low, high = _measure_named(case, border, pieces)
        if not low - SHARE_SLACK <= _number(row["named_border_share"]) <= high + SHARE_SLACK:
            found = row["named_border_share"] or "-"
            yield disagree("files", "bounds.csv", "named_border_share", key, found, f"{low:.3f} - {high:.3f}")
        for s, (side, side_zh) in enumerate(SIDES):
            told, told_zh = words.read(row[f"{side}_en"], side, 0), words.read(row[f"{side}_zh"], side_zh, 1)
            if not told or told != told_zh:
                found = f"{row[f'{side}_en']} / {row[f'{side}_zh']}"
                yield disagree("files", "bounds.csv", side, key, found, "names of the data, alike in both languages")
                continue
            there, needed = _look(case, border, words, pieces, axes[:, c, s])
            for noun in told:
                if noun not in (*there, OTHERS):
                    yield disagree("files", "bounds.csv", side, key, noun[0], "what lies on that side")
            for noun in needed - {*told}:
                yield disagree("files", "bounds.csv", side, key, row[f"{side}_en"], f"{noun[0]}, along most of it")


class _Words:
    """The nouns, in both languages, for all that borders run along; how to read them, and who is meant by them.

    Parameters
    ----------
    names : list of str
        Of the communities, by number.
    """

    def __init__(self, case: Case, names: list[str]) -> None:
        lines = case.lines
        self._lines = [
            (f"the shore of {name}", f"{name}岸线") if barrier and str(name).endswith(_LAKES) else (str(name),) * 2
            for name, barrier in zip(lines.name, lines.is_barrier, strict=True)
        ]
        self._names = [(name, name) for name in names]
        self._district = [str(case.ground.district[case.blocks_of(c)[0]]) for c in range(case.n_communities)]
        nouns = {*self._lines, *self._names, *map(_as_noun, self._district), EDGE} - {("", "")}
        self._nouns = [{noun[n]: noun for noun in sorted(nouns)} for n in range(2)]
        en, zh = ("|".join(map(re.escape, sorted(words, key=len, reverse=True))) for words in self._nouns)
        self._next = (
            re.compile(rf"(?:,? (?:next to |to )|, | and )({en}|others)"),
            re.compile(rf"(?:(?:，?[至与]|、)({zh})|等)(?:相邻)?"),
        )

    def read(self, text: str, head: str, language: int) -> list[_Noun] | None:
        """Read the nouns of one side in their order; none if the text is not made of them."""
        found, at = list[_Noun](), len(head)
        while at < len(text):
            match = self._next[language].match(text, at)
            if match is None or not text.startswith(head):
                return None
            found.append(self._nouns[language].get(match[1], OTHERS))
            at = match.end()
        return found

    def name_line(self, line: int) -> _Noun:
        """Give the noun of a line, empty where it has no name."""
        return self._lines[line]

    def name_beyond(self, c: int, beyond: int) -> _Noun:
        """Give the noun for what lies beyond a border of community `c` that no line runs along."""
        if beyond < 0:
            return EDGE
        is_alike = self._district[c] == self._district[beyond]
        return self._names[beyond] if is_alike else _as_noun(self._district[beyond])


def _as_noun(district: str) -> _Noun:
    return f"the district line with {district}", f"与{district}的区界"


def _join(row: dict[str, str]) -> dict[str, str]:
    """Put the four sides into one sentence in each language."""
    return {
        "bounds_en": "; ".join(row[f"{side}_en"] for side, _ in SIDES) + ".",
        "bounds_zh": "，".join(row[f"{side}_zh"] for side, _ in SIDES) + "。",
    }


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _measure_named(case: Case, border: Border, pieces: NDArray[np.intp]) -> tuple[float, float]:
    """Give the least and the most share of these pieces that runs along lines with a name."""
    length_m = border.length_m[pieces]
    sure = [bool(border.sure[n]) for n in pieces]
    may = [any(case.lines.name[line] for line in border.may[n]) for n in pieces]
    total_m = length_m.sum()
    return float(length_m[sure].sum() / total_m), float(length_m[may].sum() / total_m)


def _look(
    case: Case, border: Border, words: _Words, pieces: NDArray[np.intp], axes: Floats
) -> tuple[set[_Noun], set[_Noun]]:
    """Give what may be named on a side of a community, and what must be, if anything.

    Parameters
    ----------
    pieces : (n,)
        Those of the community.
    axes : (2, 2)
        Unit vectors to the side, by both ways to turn it.
    """
    c, normal, middle = int(border.community[pieces[0]]), border.normal[pieces], border.middle[pieces]
    towards_m = middle @ axes.T
    looks = normal @ axes.T
    end_m = case.scenario.contiguity.max_gap_m + END_M
    is_there = ((looks >= WIDE) | (towards_m >= towards_m.max(axis=0) - end_m)).any(axis=1)
    is_straight = (looks >= NARROW).all(axis=1) & _is_seen(border, c, middle, axes[0])
    there, sure_m = set[_Noun](), dict[_Noun, float]()
    for n, straight in zip(pieces[is_there].tolist(), is_straight[is_there].tolist(), strict=True):
        beyond = {words.name_beyond(c, other) for other in border.beyond[n]}
        lines = {words.name_line(line) for line in border.may[n]} - {("", "")}
        there |= beyond | lines
        only = lines if border.sure[n] else beyond if border.sure[n] == "" else set()
        if straight and len(only) == 1:
            noun = next(iter(only))
            sure_m[noun] = sure_m.get(noun, 0.0) + float(border.length_m[n])
    whole_m = border.length_m[pieces[is_there]].sum()
    return there, {noun for noun, length_m in sure_m.items() if length_m > MOST * whole_m}


def _is_seen(border: Border, c: int, middle: Floats, axis: Floats) -> Bools:
    """Whether nothing of the same community stands before a piece in this direction."""
    low_x, low_y, high_x, high_y = shapely.bounds(border.outlines[c])
    far_m = np.hypot(high_x - low_x, high_y - low_y)
    sight = shapely.linestrings(np.stack([middle + axis, middle + far_m * axis], axis=1))
    shapely.prepare(border.outlines[c])
    seen: Bools = ~shapely.intersects(border.outlines[c], sight)
    return seen


def find_axes(border: Border, k: int) -> Any:
    """Give the directions of each community's east, south, west and north, (2, k, 4, 2).

    A grid near 45 degrees is turned one way or the other as the city leans, of which both are given.
    """
    quarter = border.length_m * (border.normal[:, 0] + 1j * border.normal[:, 1]) ** 4
    grain = _TO_NORTH * np.bincount(border.community, border.length_m, minlength=k).astype(np.complex128)
    np.add.at(grain, border.community, quarter)
    lean = np.array([[_PAST_45], [-_PAST_45]])
    turn = np.angle(grain * np.exp(-4j * lean)) / 4 + lean
    angle = turn[:, :, None] - np.radians([0, 90, 180, 270])
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)
