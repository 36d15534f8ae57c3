"""Crossings: the metres of every road and barrier inside communities, measured anew, and what `crossings.csv` says.

The outlines of all blocks are cut into pieces. A piece looks straight ahead to the first other block within the widest
gap; where both are of one community, it counts half its metres for each class that runs between the two, or a little
inside either: what two blocks see of each other is the mean of both. Of several of one class the first by name counts.

Not everything seen must be counted: who hardly face each other, or face each other over a barrier, may be no
neighbours. So what is seen in all is the most that may be published, and what is seen by neighbours beyond doubt the
least, give or take what two ways to cut an outline differ by.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from redistrict.judge.case import Assignment, Case
from redistrict.judge.looks import Bools, Floats, Ints, cut_edges, trace_edges
from redistrict.judge.reading import Geometries
from redistrict.judge.told import section
from redistrict.judge.verification import Violation, disagree

COLUMNS = (
    "community_id", "road_class", "road_name", "length_m", "cost_m", "served_m", "empty_m", "served_by", "divides",
    "blocks_facing", "blocks_main", "blocks_beyond", "residents_beyond",
)  # fmt: skip
STEP_M = 10.0
INSIDE_M = 0.5  # blocks may overlap by this much and still be seen
AHEAD_M = 0.05  # nearer to its own outline than this, a look does not meet it
SURE = 2.0  # times the smallest frontage: who sees this much of each other are neighbours
SLACK_M, SLACK_SHARE = 60.0, 0.10
"""In the sample city and in Cambridge two ways to measure differ by 15 m and a tenth at most, by 40 for one pair."""
_CENT = 0.011
_NUMBERS = COLUMNS[3:7] + COLUMNS[8:]
_Key = tuple[str, str, str]


class _Metres(NamedTuple):
    """Least and most metres, in all and beside blocks where nobody lives."""

    least: float = 0.0
    most: float = 0.0
    least_empty: float = 0.0
    most_empty: float = 0.0


@dataclass(frozen=True, eq=False)
class _Sight:
    """Pieces of outline that see another block of their community: both, metres, where from, and how far it is."""

    block: Ints
    other: Ints
    piece_m: Floats
    start: Floats
    normal: Floats
    away_m: Floats

    def __getitem__(self, keep: Bools | Ints) -> "_Sight":
        return _Sight(*(values[keep] for values in vars(self).values()))

    def draw(self, beyond_m: float) -> Any:
        """Draw the looks, longer by `beyond_m` at both ends."""
        ends = (self.start - beyond_m * self.normal, self.start + (self.away_m + beyond_m)[:, None] * self.normal)
        return shapely.linestrings(np.stack(ends, axis=1))


def check_crossings(case: Case, rows: pd.DataFrame, report: Mapping[str, Any]) -> Iterator[Violation]:
    """Check every row against what is measured, what it costs, and the totals in the report.

    Parameters
    ----------
    rows : DataFrame
        Text, with `COLUMNS`.
    report : mapping
        The whole of it.
    """
    numbers = rows[list(_NUMBERS)].apply(pd.to_numeric, errors="coerce").fillna(-1.0).astype(float)
    keys: list[_Key] = list(zip(rows["community_id"], rows["road_class"], rows["road_name"], strict=True))
    found = dict(zip(keys, zip(numbers["length_m"], numbers["empty_m"], strict=True), strict=True))
    if len(found) < len(keys):
        yield disagree("files", "crossings.csv", "rows of a community, class and name", None, len(keys), len(found))
        return
    measured, today = _measure(case)
    yield from _check_metres(case, measured, found)
    told = section(report, "today")
    if "crossing_m" in told and not (told["crossing_m"] is None and case.lines.is_barrier.all()):
        yield from _check_today(today, section(told, "crossing_m"))
    n_blocks = {name: case.blocks_of(c).size for c, name in enumerate(case.plan.names)}
    for key, row, by in zip(keys, numbers.to_dict("records"), rows["served_by"], strict=True):
        for column in _find_odd(case, key[1], row, by, n_blocks.get(key[0], -1)):
            yield disagree("files", "crossings.csv", _what(column, key), key[0], row[column], "as the rest of its row")
    yield from _check_totals(rows["road_class"], numbers, report)


def _check_metres(
    case: Case, measured: Mapping[_Key, _Metres], found: Mapping[_Key, tuple[float, float]]
) -> Iterator[Violation]:
    """Check metres by community, class and name, in all and beside empty blocks, against what is measured."""
    given = set(zip(case.lines.road_class, case.lines.name, strict=True))
    for key in sorted(found.keys() | measured.keys()):
        metres = measured.get(key, _Metres())
        is_known = key[1:] in given and key[0] in case.plan.names
        for n, column in enumerate(("length_m", "empty_m")):
            low, high = metres[2 * n : 2 * n + 2]
            least = max(0.0, low - SLACK_M - SLACK_SHARE * low)
            most = high + SLACK_M + SLACK_SHARE * high if is_known else -1.0
            said = found.get(key, (0.0, 0.0))[n]
            if not least <= said <= most:
                right = "no such line" if most < 0 else f"{least:.0f} - {most:.0f}"
                yield disagree("files", "crossings.csv", _what(column, key), key[0], said, right)


def _check_today(measured: Mapping[_Key, _Metres], said: Mapping[str, Any]) -> Iterator[Violation]:
    """Check the metres of each class inside today's communities, over which differences of single ones even out."""
    spans: dict[str, tuple[float, float]] = {}
    for (_, name, _), metres in measured.items():
        low, high = spans.get(name, (-SLACK_M, SLACK_M))
        spans[name] = low + (1 - SLACK_SHARE) * metres.least, high + (1 + SLACK_SHARE) * metres.most
    for name in sorted(said.keys() | spans.keys()):
        value, (low, high) = said.get(name, 0.0), spans.get(name, (0.0, 0.0))
        if not (isinstance(value, int | float) and max(0.0, low) <= value <= high):
            right = f"{max(0.0, low):.0f} - {high:.0f}"
            yield disagree("report", "report.json", f"today.crossing_m.{name}", None, value, right)


def _find_odd(case: Case, road_class: str, row: Mapping[Any, float], by: str, n_blocks: int) -> Iterator[str]:
    """Give the columns of a row that do not fit the others."""
    is_right = {
        "served_m": 0 <= row["served_m"] <= row["length_m"] + _CENT and (row["served_m"] == 0 or by != ""),
        "empty_m": 0 <= row["empty_m"] <= row["length_m"] + _CENT,
        "divides": row["divides"] == (row["blocks_beyond"] > 0),
        "blocks_beyond": row["blocks_main"] + row["blocks_beyond"] == n_blocks,
        "blocks_facing": 0 <= row["blocks_facing"] <= n_blocks,
        "cost_m": _is_priced(case, road_class, row),
    }
    return (column for column, right in is_right.items() if not right)


def _check_totals(classes: "pd.Series[Any]", numbers: pd.DataFrame, report: Mapping[str, Any]) -> Iterator[Violation]:
    by_class = {str(name): metres.sum() for name, metres in numbers["length_m"].groupby(classes)}
    said = section(section(report, "totals"), "crossing_m")
    told = {f"totals.crossing_m.{name}": (said.get(name), by_class.get(name, 0.0)) for name in {*said, *by_class}}
    in_all = section(section(report, "standards"), "crossings")
    for name, column in {"length_m": "length_m", "cost_m": "cost_m", "dividing": "divides"}.items():
        told[f"standards.crossings.{name}"] = in_all.get(name), numbers[column].sum()
    for name, (value, total) in sorted(told.items()):
        if not isinstance(value, int | float) or abs(value - total) > 0.05:
            yield disagree("report", "report.json", name, None, value, round(float(total), 2))


def _what(column: str, key: _Key) -> str:
    return f"{column} of {key[1]} {key[2] or '-'}"


def _is_priced(case: Case, road_class: str, row: Mapping[Any, float]) -> bool:
    """Whether a row's cost is that of its metres; how far served and empty ones overlap is not published."""
    price = case.scenario.objective
    weight = price.crossing.get(road_class, 0.0)
    if weight == "never":
        return row["cost_m"] == 0
    off_served, off_empty = 1 - price.served_share, 1 - price.empty_share
    rest, both = row["length_m"] - off_served * row["served_m"] - off_empty * row["empty_m"], off_served * off_empty
    low = rest + both * max(0.0, row["served_m"] + row["empty_m"] - row["length_m"])
    high = rest + both * min(row["served_m"], row["empty_m"])
    slack = 0.05 + 1e-4 * high
    least = 0.0 if "never" in price.crossing.values() else float(weight) * (low - slack)
    return least - _CENT <= row["cost_m"] <= float(weight) * (high + slack) + _CENT


def _measure(case: Case) -> tuple[dict[_Key, _Metres], dict[_Key, _Metres]]:
    """Give the least and the most metres inside, in all and beside blocks where nobody lives; of the plan and today."""
    sight, lines = _look(case), case.lines
    kinds = sorted(set(zip(lines.road_class, lines.name == "", lines.name, strict=True)))
    number = {kind: n for n, kind in enumerate(kinds)}
    kind = np.array(
        [number[one] for one in zip(lines.road_class, lines.name == "", lines.name, strict=True)], dtype=np.intp
    )
    look, line = _meet_lines(case, sight)
    met = pd.DataFrame({"look": look, "kind": kind[line], "barrier": lines.is_barrier[line]})
    met = met.sort_values(["kind", "barrier"]).drop_duplicates(["look", "kind"])
    met["class"] = np.array([one[0] for one in kinds], dtype=object)[met["kind"].to_numpy()]
    is_first, barrier = ~met.duplicated(["look", "class"]).to_numpy(), met["barrier"].to_numpy()
    look = met["look"].to_numpy()
    most = np.where(is_first | barrier, sight.piece_m[look] / 2, 0.0)
    least = np.where(~barrier & _is_sure(case, sight)[look], most, 0.0)
    empty = case.ground.is_empty[sight.block[look]] | case.ground.is_empty[sight.other[look]]
    met = met.assign(least=least, most=most, least_empty=least * empty, most_empty=most * empty)

    def add_up(plan: Assignment) -> dict[_Key, _Metres]:
        rows = met.assign(community=plan.community[sight.block[look]])[_is_inside(plan, sight[look])]
        sums = rows.groupby(["community", "kind"])[["least", "most", "least_empty", "most_empty"]].sum()
        return {
            (plan.names[c], kinds[k][0], kinds[k][2]): _Metres(*metres)
            for (c, k), metres in zip(sums.index, sums.to_numpy().tolist(), strict=True)
        }

    return add_up(case.plan), add_up(case.today)


def _is_inside(plan: Assignment, sight: _Sight) -> Bools:
    """Whether both blocks are of one community."""
    own = plan.community[sight.block]
    inside: Bools = (own == plan.community[sight.other]) & (own >= 0)
    return inside


def _meet_lines(case: Case, sight: _Sight) -> tuple[Ints, Ints]:
    """Give the looks that meet a line, between the two blocks or a little inside either, and that line.

    Of barriers drawn as areas only what lies between.
    """
    lines, looks, found = case.lines, np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    is_area = lines.is_barrier & (shapely.get_dimensions(lines.shapes) == 2)
    for some, beyond_m in ((is_area, 0.0), (~is_area, case.scenario.contiguity.road_tolerance_m)):
        parts, part = shapely.get_parts(np.where(is_area, lines.shapes, lines.drawn)[some], return_index=True)
        look, at = shapely.STRtree(parts).query(sight.draw(beyond_m), predicate="intersects")
        looks, found = np.append(looks, look), np.append(found, np.flatnonzero(some)[part[at]])
    return looks, found


def _look(case: Case) -> _Sight:
    """Look straight ahead from every piece of outline to the first other block, of the same community or one today."""
    polygons, reach_m = case.ground.polygons, case.scenario.contiguity.max_gap_m
    edges = trace_edges(polygons)
    block = np.repeat(np.arange(len(polygons)), np.diff(edges.first))
    own, start, normal, piece_m = cut_edges(edges, block, np.arange(block.size), STEP_M)
    begin = start - INSIDE_M * normal
    ahead = shapely.linestrings(np.stack([begin, start + reach_m * normal], axis=1))
    look, met = shapely.STRtree(polygons).query(ahead, predicate="intersects")
    look, met = look[met != own[look]], met[met != own[look]]
    way = shapely.intersection(ahead[look], polygons[met])
    away_m = np.maximum(shapely.distance(way, shapely.points(begin[look])) - INSIDE_M, 0.0)
    order = np.lexsort((met, away_m, look))
    first = order[np.unique(look[order], return_index=True)[1]]
    look, met, away_m = look[first], met[first], away_m[first]
    sight = _Sight(own[look], met, piece_m[look], start[look], normal[look], away_m)
    sight = sight[_is_inside(case.plan, sight) | _is_inside(case.today, sight)]
    return sight[~_is_hidden(sight, polygons)]


def _is_hidden(sight: _Sight, polygons: Geometries) -> Bools:
    """Whether a block stands in its own way."""
    hidden = np.zeros(sight.block.size, dtype=bool)
    far = np.flatnonzero(sight.away_m > AHEAD_M)
    hidden[far] = shapely.intersects(polygons[sight.block[far]], sight[far].draw(-AHEAD_M))
    return hidden


def _is_sure(case: Case, sight: _Sight) -> Bools:
    """Whether the two are neighbours beyond doubt, with nothing but streets between them."""
    ground, rules = case.ground, case.scenario.contiguity
    low, high = np.minimum(sight.block, sight.other), np.maximum(sight.block, sight.other)
    _, pair = np.unique(low * ground.n_blocks + high, return_inverse=True)
    sure: Bools = (np.bincount(pair, sight.piece_m / 2) >= SURE * rules.min_frontage_m)[pair]
    barred = shapely.STRtree(np.concatenate([ground.barriers, ground.walls]))
    sure[barred.query(sight.draw(INSIDE_M), predicate="intersects")[0]] = False
    for i, j in ground.find_pairs(rules.bans):
        sure[(low == min(i, j)) & (high == max(i, j))] = False
    return sure
