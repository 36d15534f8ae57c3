"""Areas: the connected pieces that are divided on their own, how many communities each gets, inside what bounds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from redistrict.errors import InfeasibleScenarioError, ScenarioError
from redistrict.geo.blocks import Blocks
from redistrict.geo.components import components
from redistrict.messages import Message, say_amount
from redistrict.model.counts import Ends, Path, Pieces, Tier, as_range, cut, list_tiers, share_counts
from redistrict.model.quantities import SITES, base_of, quantity_words
from redistrict.model.say_areas import (
    say_alone,
    say_cannot_fit,
    say_refused,
    say_sites,
    say_sum,
)
from redistrict.model.subgraph import edges_among
from redistrict.scenario.models import Communities, Tolerance

NO_BOUND = 10**12
"""Stands for no upper bound."""
_WIDEST = 0.999
Edges = NDArray[np.int32]


@dataclass(frozen=True)
class Limits:
    """What one community of an area may hold when the area is divided into `n_communities`; one entry a quantity.

    `center` is what the tolerance is counted from, not rounded; empty where the bounds lie around nothing.
    """

    n_communities: int
    target: tuple[int, ...]
    lower: tuple[int, ...]
    upper: tuple[int, ...]
    center: tuple[Fraction, ...] = ()

    def of_count(self, n_communities: int) -> "Limits":
        """Give the same bounds for another number of communities."""
        return replace(self, n_communities=n_communities)


@dataclass(frozen=True)
class Area:
    """A connected piece of one district, or of one unit of the innermost hard level.

    Attributes
    ----------
    name, district : str
        Name of the hard unit or district it lies in.
    blocks : tuple of int
        Positions in the block table, sorted.
    total : tuple of int
        Households and people of the area.
    options : tuple of Limits
        One for each number of communities that its totals allow, ascending.
    exception : Message or None
        Why its communities may lie outside the usual bounds.
    misfit : Message or None
        Why no number of its communities can be inside the bounds, where some are freed from them (`nearest`).
    unit : str
        Unit of the innermost hard level it lies in; empty where there is none.
    """

    name: str
    district: str
    blocks: tuple[int, ...]
    total: tuple[int, ...]
    options: tuple[Limits, ...]
    exception: Message | None = None
    misfit: Message | None = None
    unit: str = ""

    @property
    def n_min(self) -> int:
        """Fewest communities."""
        return self.options[0].n_communities

    @property
    def n_max(self) -> int:
        """Most communities."""
        return self.options[-1].n_communities

    def limits(self, n_communities: int) -> Limits:
        """Give the bounds for this number of communities."""
        return next(option for option in self.options if option.n_communities == n_communities)


@dataclass(frozen=True)
class _Piece:
    """An area before it is given its number of communities."""

    path: Path
    blocks: tuple[int, ...]
    total: tuple[int, ...]

    @property
    def place(self) -> str:
        """Name of the innermost unit, empty where the whole data set is one."""
        return self.path[-1]

    def area(self, options: tuple[Limits, ...], exception: Message | None = None) -> Area:
        """Give it as an area."""
        unit = self.place if len(self.path) > 1 else ""
        name = self.place or "all blocks"
        return Area(name, self.path[0], self.blocks, self.total, options, exception, unit=unit)


def build_areas(blocks: Blocks, edges: Edges, rules: Communities) -> tuple[Area, ...]:
    """Divide every district into connected areas, inside hard units where there are, with their numbers and bounds.

    A block above an upper bound, and a piece cut off from its district and too small for one community, become
    communities of their own, on top of the number asked for, and are named as exceptions. So does a hard unit too
    small for one, unless its level says `pieces: refuse` (`join` is done before, in `joining`).

    Raises
    ------
    InfeasibleScenarioError
        Listing every area whose totals cannot meet the bounds, if `rules.exceptions` is `refuse`, and every piece
        that is refused.
    ScenarioError
        If an unknown unit is named, or the numbers asked for contradict each other or the number of areas.
    """
    tiers = list_tiers(blocks, rules)
    pieces = _pieces(blocks, edges, tiers)
    lead = blocks.quantities.index(rules.lead)
    usual = usual_bounds(blocks, rules)
    alone: list[Area] = []
    regular: list[_Piece] = []
    refused: list[Message] = []
    largest = {p.path: max(q.total[lead] for q in pieces if q.path == p.path) for p in pieces}
    for piece in pieces:
        oversize = [i for i in piece.blocks if _exceeds(blocks.size[i], usual)]
        parts = _without(piece, oversize, blocks, edges)
        short = [part for part in parts if falls_short(part.total, usual)]
        regular += [part for part in parts if part not in short]
        if oversize:
            alone += _oversize_areas(blocks, edges, piece, oversize, short, usual)
        elif short and len(tiers) > 1:
            alone.append(_small_area(blocks, piece, tiers[-1].title, usual))
            if _refuses_pieces(blocks):
                refused.append(
                    say_refused(piece.place, [blocks.ids[i] for i in piece.blocks], _say_held(blocks, piece))
                )
        elif short and piece.total[lead] < largest[piece.path]:
            alone.append(_island_area(blocks, piece, usual))
        else:
            regular += short
    if refused:
        raise InfeasibleScenarioError(refused)
    weights = [piece.total[lead] for piece in regular]
    count = None if rules.count == "auto" else as_range(cut(rules.count, len(blocks)))
    target = usual.target[lead]
    counts = share_counts(Pieces([piece.path for piece in regular], weights, tiers), count, target)
    divided = _divided_areas(regular, counts, blocks, rules, tiers[-1])
    return tuple(sorted((*divided, *alone), key=lambda area: (area.district, area.unit, area.blocks)))


def _refuses_pieces(blocks: Blocks) -> bool:
    asked = next(level.asked for level in reversed(blocks.levels) if level.is_hard)
    return asked is not None and asked.pieces == "refuse"


def _pieces(blocks: Blocks, edges: Edges, tiers: Sequence[Tier]) -> list[_Piece]:
    place = blocks.places
    within = edges[place[edges[:, 0]] == place[edges[:, 1]]]
    return [
        _piece(tuple(str(tier.of_block[b[0]]) for tier in tiers), b, blocks) for b in components(len(blocks), within)
    ]


def _piece(path: Path, members: Sequence[int], blocks: Blocks) -> _Piece:
    total = blocks.size[list(members)].sum(axis=0)
    return _Piece(path, tuple(members), tuple(int(t) for t in total))


def _without(piece: _Piece, removed: list[int], blocks: Blocks, edges: Edges) -> list[_Piece]:
    """Give the connected parts that remain of a piece."""
    rest = sorted(set(piece.blocks) - set(removed))
    if not removed or not rest:
        return [piece] if rest else []
    among, _ = edges_among(edges, np.array(rest, dtype=np.int64), len(blocks))
    parts = components(len(rest), among)
    return [_piece(piece.path, [rest[i] for i in part], blocks) for part in parts]


def usual_bounds(blocks: Blocks, rules: Communities) -> Limits:
    """Give the bounds around the targets, or around the means of the whole data set."""
    lead = blocks.quantities.index(rules.lead)
    total = [int(t) for t in blocks.size.sum(axis=0)]
    targets = [target_of(rules, name) for name in blocks.quantities]
    if rules.around == "targets" and None not in targets:
        return usual_limits(blocks, rules)
    n = max(_total_range(rules, total[lead], targets[lead])[0], len(set(blocks.frame["district"])))
    means = [Fraction(t, n) for t in total]
    if rules.around == "targets":
        means = [Fraction(t) if t else m for t, m in zip(targets, means, strict=True)]
    return _bounds(1, means, blocks.quantities, rules)


def target_of(rules: Communities, quantity: str) -> int | None:
    """Give the target of a quantity, in later years that of today; none where it has none."""
    target: int | None = None if quantity == SITES else rules.rule("target", base_of(quantity))
    return target


def usual_limits(blocks: Blocks, rules: Communities) -> Limits:
    """Give the bounds of one community around the targets, the same everywhere."""
    total = blocks.size.sum(axis=0).tolist()
    targets = [target_of(rules, q) or t for q, t in zip(blocks.quantities, total, strict=True)]
    return _bounds(1, [Fraction(t) for t in targets], blocks.quantities, rules)


def _bounds(n: int, target: Sequence[Fraction], quantities: Sequence[str], rules: Communities) -> Limits:
    ends = [_ends(q, t, rules) for q, t in zip(quantities, target, strict=True)]
    goals = [0 if q == SITES else round(t) for q, t in zip(quantities, target, strict=True)]
    return Limits(n, tuple(goals), tuple(low for low, _ in ends), tuple(high for _, high in ends), tuple(target))


def _ends(quantity: str, target: Fraction, rules: Communities) -> tuple[int, int]:
    """Give the least and the most of a quantity in one community."""
    if quantity == SITES:
        return 1, NO_BOUND
    low, high, tolerance = 0, NO_BOUND, _tolerance_of(rules, quantity)
    if tolerance is not None:
        share = Fraction(str(tolerance))
        low, high = ceil(target * (1 - share)), floor(target * (1 + share))
    limits = rules.rule("limits", base_of(quantity))
    return (max(low, limits.min or 0), min(high, limits.max or high)) if limits else (low, high)


def _tolerance_of(rules: Communities, quantity: str) -> float | None:
    """Give the tolerance of a quantity; none where nothing is asked of it."""
    if quantity not in rules.others and rules.around == "targets" and target_of(rules, quantity) is None:
        return None
    tolerance: float | None = rules.rule("tolerance", base_of(quantity))
    return tolerance


def _widest(rules: Communities) -> Communities:
    """Give the rules with every tolerance as wide as it can be."""
    others = {
        key: other.model_copy(update={"tolerance": _WIDEST if other.tolerance else None})
        for key, other in rules.others.items()
    }
    return rules.model_copy(update={"tolerance": Tolerance(households=_WIDEST, people=_WIDEST), "others": others})


def _exceeds(size: NDArray[np.int64], limits: Limits) -> bool:
    return any(int(s) > u for s, u in zip(size, limits.upper, strict=True))


def falls_short(total: Sequence[int], limits: Limits) -> bool:
    """Tell whether blocks with these totals are too small for a community."""
    return any(t < low for t, low in zip(total, limits.lower, strict=True))


def _total_range(rules: Communities, total: int, target: int | None) -> tuple[int, int]:
    if rules.count != "auto":
        return as_range(rules.count)
    if target is None:
        raise ScenarioError(
            Message(
                f"communities.count: give a number, or a target for {rules.lead} to work it out from.",
                f"communities.count：请给出社区数量，或给出 {rules.lead} 的目标值以便推算。",
            )
        )
    n = max(1, floor(Fraction(total, max(1, target)) + Fraction(1, 2)))
    return n, n


def _divided_areas(
    pieces: list[_Piece], counts: list[Ends], blocks: Blocks, rules: Communities, tier: Tier
) -> list[Area]:
    areas, problems, quantities = [], [], blocks.quantities
    for piece, (low, high) in zip(pieces, counts, strict=True):
        tried = [_limits(piece, n, quantities, rules) for n in range(low, high + 1)]
        options = tuple(option for option in tried if _fits(piece, option))
        area = piece.area(options)
        if not options:
            reason = _cannot_fit(tier.call(piece.place), piece, (low, high), blocks, rules)
            area = replace(area, options=tuple(tried), misfit=reason)
            if rules.exceptions == "refuse":
                problems.append(reason)
            if rules.exceptions == "widen":
                widened = tuple(_widened(piece, option, quantities, rules) for option in tried)
                area = replace(area, options=widened, exception=reason, misfit=None)
        areas.append(area)
    if problems:
        raise InfeasibleScenarioError(problems)
    return areas


def _limits(piece: _Piece, n: int, quantities: tuple[str, ...], rules: Communities) -> Limits:
    means = [Fraction(total, n) for total in piece.total]
    if rules.around == "means":
        return _bounds(n, means, quantities, rules)
    targets = [target_of(rules, name) for name in quantities]
    return _bounds(n, [Fraction(t) if t else m for t, m in zip(targets, means, strict=True)], quantities, rules)


def _fits(piece: _Piece, limits: Limits) -> bool:
    """Tell whether the totals can be shared out by communities inside the bounds."""
    return len(_fitting(piece, limits)) == len(piece.total)


def _fitting(piece: _Piece, limits: Limits) -> list[int]:
    """Give the quantities whose totals can be shared out by communities inside the bounds."""
    n, ends = limits.n_communities, zip(piece.total, limits.lower, limits.upper, strict=True)
    return [q for q, (total, low, high) in enumerate(ends) if n * low <= total <= n * high]


def _widened(piece: _Piece, limits: Limits, quantities: tuple[str, ...], rules: Communities) -> Limits:
    """Move the bounds that cannot be met to lie around the area's own means."""
    around_means = _bounds(
        limits.n_communities, [Fraction(t, limits.n_communities) for t in piece.total], quantities, rules
    )
    n = limits.n_communities
    target, lower, upper = list(limits.target), list(limits.lower), list(limits.upper)
    for q, total in enumerate(piece.total):
        if not n * lower[q] <= total <= n * upper[q]:
            target[q] = around_means.target[q]
            lower[q] = min(around_means.lower[q], total // n)
            upper[q] = max(around_means.upper[q], ceil(Fraction(total, n)))
    return Limits(n, tuple(target), tuple(lower), tuple(upper))


def _cannot_fit(name: Message, piece: _Piece, ends: Ends, blocks: Blocks, rules: Communities) -> Message:
    """Say with the sums why no allowed number of communities fits, and what would."""
    (low, high), quantities = ends, blocks.quantities
    limits = _limits(piece, low, quantities, rules)
    tried = [_limits(piece, n, quantities, rules) for n in range(low, high + 1)]
    wrong = [q for q in range(len(quantities)) if not any(q in _fitting(piece, option) for option in tried)]
    sums = []
    for q, total in enumerate(piece.total):
        if wrong and q not in wrong:
            continue
        if quantities[q] == SITES and total < low:
            sums.append(say_sites(total, low, high))
        if limits.upper[q] != NO_BOUND:
            words = quantity_words(quantities[q])
            sums.append(say_sum(total, words, (low, high), (limits.lower[q], limits.upper[q])))
    fitting = [n for n in range(1, 3 * high + 2) if _fits(piece, _limits(piece, n, quantities, rules))]
    widest = _widest(rules)
    widened = any(_fits(piece, _limits(piece, n, quantities, widest)) for n in range(low, high + 1))
    return say_cannot_fit(name, [blocks.ids[i] for i in piece.blocks], sums, fitting, tolerance_helps=widened)


def _oversize_areas(
    blocks: Blocks, edges: Edges, piece: _Piece, oversize: list[int], short: list[_Piece], usual: Limits
) -> list[Area]:
    """Make a community of each block too large by itself, with the small parts that only it joins to the rest."""
    members = {block: [block] for block in oversize}
    for part in short:
        touching = edges[np.isin(edges, part.blocks).any(axis=1)]
        members[min(set(touching.ravel().tolist()) & members.keys())] += part.blocks
    why = Message(
        "a block above the upper bound, with what only it connects", "单个地块已超过上限（含仅与其相连的地块）"
    )
    return [_alone(blocks, _piece(piece.path, sorted(own), blocks), usual, why) for own in members.values()]


def _island_area(blocks: Blocks, piece: _Piece, usual: Limits) -> Area:
    return _alone(
        blocks,
        piece,
        usual,
        Message(
            "cut off from the rest of its district and too small for a community; add a link to join it",
            "与本区其他地块不相连且规模不足一个社区；如需合并请添加 links",
        ),
    )


def _small_area(blocks: Blocks, piece: _Piece, title: Message, usual: Limits) -> Area:
    why = Message(
        f"too small for a community, and no community leaves its {title.en}; add a link, or see levels.pieces",
        f"规模不足一个社区，而社区不得跨{title.zh}；如需合并请添加 links，或见 levels.pieces",
    )
    return _alone(blocks, piece, usual, why)


def _say_held(blocks: Blocks, piece: _Piece) -> list[Message]:
    return [say_amount(t, quantity_words(q)) for q, t in zip(blocks.quantities, piece.total, strict=True)]


def _alone(blocks: Blocks, piece: _Piece, usual: Limits, why: Message) -> Area:
    reason = say_alone(piece.place or "-", [blocks.ids[i] for i in piece.blocks], _say_held(blocks, piece), why)
    limits = Limits(1, usual.target, piece.total, piece.total)
    return piece.area((limits,), reason)
