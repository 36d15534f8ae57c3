"""Counts: how many communities each piece of ground gets, shared out from the whole down, level by level."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.errors import ScenarioError
from redistrict.geo.blocks import Blocks
from redistrict.messages import Message, name_some
from redistrict.model.apportion import contradiction, share_ends, share_within
from redistrict.model.say_areas import say_sums, say_too_few, say_too_many, say_unknown_units
from redistrict.scenario.models import Communities
from redistrict.scenario.section import CountRange

Ends = tuple[int, int]
Path = tuple[str, ...]
"""Names of the units that a piece lies in, the district first."""


@dataclass(frozen=True, eq=False)
class Tier:
    """Units that no community may leave: the districts, or those of a hard level.

    Attributes
    ----------
    key : str
        Where the scenario gives their numbers of communities.
    title : Message
        What such a unit is called.
    of_block : (n_blocks,) str
        Name of the unit of each block.
    counts : mapping
        Number or range of communities by name.
    """

    key: str
    title: Message
    of_block: NDArray[np.object_]
    counts: Mapping[str, int | CountRange]

    def call(self, name: str) -> Message:
        """Give a unit with the word for it, in English only: Chinese names say it themselves."""
        return Message(f"{self.title.en} {name}", name) if name else Message("the whole data set", "全部数据")


def list_tiers(blocks: Blocks, rules: Communities) -> tuple[Tier, ...]:
    """Give the districts and the hard levels, outermost first; ranges are cut down to the number of blocks.

    Raises
    ------
    ScenarioError
        If more communities are asked for than there are blocks, or of a unit that the data do not have.
    """
    districts = blocks.frame["district"].to_numpy(dtype=object)
    given = [("communities.count_by_district", Message("district", "区"), districts, rules.count_by_district)]
    for n, level in enumerate(blocks.levels):
        if level.is_hard and level.asked is not None:
            given.append((f"levels[{n}].count_by", level.asked.title.message, level.of_block, level.asked.count_by))
    problems, tiers = [], []
    for key, title, of_block, counts in given:
        names, n_blocks = np.unique(of_block.astype(str), return_counts=True)
        held = dict(zip(names.tolist(), n_blocks.tolist(), strict=True))
        if unknown := [name for name in counts if name not in held]:
            problems.append(say_unknown_units(key, title, unknown, names.tolist()))
        for name, value in counts.items():
            if as_range(value)[0] > held.get(name, len(blocks)):
                problems.append(say_too_many(f"{key}.{name}", as_range(value)[0], held[name]))
        tiers.append(
            Tier(key, title, of_block, {name: cut(value, held.get(name, 0)) for name, value in counts.items()})
        )
    if rules.count != "auto" and as_range(rules.count)[0] > len(blocks):
        problems.append(say_too_many("communities.count", as_range(rules.count)[0], len(blocks)))
    if problems:
        raise ScenarioError(problems)
    return tuple(tiers)


def cut(value: int | CountRange, n: int) -> int | CountRange:
    """Cut a range down to at most `n` communities."""
    return value.model_copy(update={"max": min(value.max, n)}) if isinstance(value, CountRange) else value


def as_range(value: int | CountRange) -> Ends:
    """Give the fewest and the most."""
    return (value.min, value.max) if isinstance(value, CountRange) else (value, value)


@dataclass(frozen=True)
class Pieces:
    """Pieces of ground that are divided on their own, with the units they lie in and their weights, to be shared among.

    `weights` are their households or people, whichever leads.
    """

    paths: Sequence[Path]
    weights: Sequence[int]
    tiers: Sequence[Tier]

    def weigh(self, members: Sequence[int]) -> int:
        """Add up the weights of some pieces."""
        return sum(self.weights[i] for i in members)

    def group(self, members: Sequence[int], depth: int) -> dict[str, list[int]]:
        """Sort pieces by the unit they lie in at a depth of the tiers."""
        groups: dict[str, list[int]] = {}
        for i in members:
            groups.setdefault(self.paths[i][depth], []).append(i)
        return groups

    def given(self, members: Sequence[int], depth: int) -> tuple[Ends, list[int]]:
        """Give the fewest and most that are asked for by name from a depth down, and the pieces that are left."""
        if depth == len(self.tiers):
            return (0, 0), list(members)
        low, high, left = 0, 0, list[int]()
        for name, own in self.group(members, depth).items():
            asked = self.tiers[depth].counts.get(name)
            (fewest, most), rest = self.given(own, depth + 1) if asked is None else (as_range(asked), [])
            low, high, left = low + fewest, high + most, left + rest
        return (low, high), left


def share_counts(pieces: Pieces, count: Ends | None, target: int | None) -> list[Ends]:
    """Give the fewest and most communities of each piece: districts first, then the units in them, then their pieces.

    Units whose number is asked for get it; the rest is shared out by largest remainder at every level.

    Parameters
    ----------
    count : (int, int) or None
        Fewest and most in all; none: what is not asked for by name gets as many as go into it.
    target : int or None
        Size of one community, for that.

    Raises
    ------
    ScenarioError
        If numbers contradict each other, with the unit and the sums, or there are fewer communities than pieces.
    """
    everything = list(range(len(pieces.paths)))
    if count is not None:
        return _share(pieces, everything, 0, count, is_asked=True)
    (low, high), left = pieces.given(everything, 0)
    n = max(1, (2 * pieces.weigh(left) + (target or 1)) // (2 * (target or 1))) if left else 0
    return _share(pieces, everything, 0, (low + n, high + n), is_asked=False)


def _share(pieces: Pieces, members: list[int], depth: int, ends: Ends, *, is_asked: bool) -> list[Ends]:
    """Share communities out among pieces of one unit, in the order of `members`; see `share_counts`.

    Parameters
    ----------
    depth : int
        Position of the tier whose units they are shared among; beyond the last one: among the pieces.
    ends : (int, int)
        Fewest and most that the unit gets.
    is_asked : bool
        Somebody has asked for that number; else it grows to what the parts need.
    """
    if depth == len(pieces.tiers):
        return _share_pieces(pieces, members, ends, is_asked=is_asked)
    tier, groups = pieces.tiers[depth], pieces.group(members, depth)
    split = {name: _given_of(pieces, own, depth, name) for name, own in groups.items()}
    fixed = {name: given for name, (given, _) in split.items()}
    free = {name: left for name, (_, left) in split.items() if left}
    low, high = (sum(given[end] for given in fixed.values()) for end in (0, 1))
    rest = (ends[0] - low, ends[1] - high)
    where = None if depth == 0 else pieces.tiers[depth - 1].call(pieces.paths[members[0]][depth - 1])
    if is_asked and (
        (members and not free and not (ends[0] <= high and low <= ends[1]))
        or ends[1] - low < (len(free) if where else 0)
    ):
        raise ScenarioError(_contradict(tier, where, ends, fixed, list(free)))
    if not free and not is_asked:
        ranges = fixed
    elif not is_asked or all(fewest == most for fewest, most in fixed.values()):
        needed = 0 if is_asked else len(free)
        more = share_ends(
            {name: pieces.weigh(left) for name, left in free.items()}, *(max(end, needed) for end in rest)
        )
        ranges = {name: _add(given, more.get(name, (0, 0))) for name, given in fixed.items()}
    else:
        limits = {name: _add(fixed[name], (len(left), ends[1])) for name, (_, left) in split.items() if left}
        weights = {name: pieces.weigh(own) for name, own in groups.items()}
        ranges = share_within(fixed | limits, weights, *ends)
    found: dict[int, Ends] = {}
    for name, own in groups.items():
        named = is_asked or name in tier.counts
        found |= dict(zip(own, _share(pieces, own, depth + 1, ranges[name], is_asked=named), strict=True))
    return [found[i] for i in members]


def _given_of(pieces: Pieces, members: list[int], depth: int, name: str) -> tuple[Ends, list[int]]:
    asked = pieces.tiers[depth].counts.get(name)
    return pieces.given(members, depth + 1) if asked is None else (as_range(asked), [])


def _add(one: Ends, two: Ends) -> Ends:
    return one[0] + two[0], one[1] + two[1]


def _contradict(tier: Tier, where: Message | None, ends: Ends, given: Mapping[str, Ends], free: list[str]) -> Message:
    fewest, most = (sum(one[end] for one in given.values()) for end in (0, 1))
    if where is None:
        return contradiction(*ends, fewest, most)
    parts = [f"{name} {low}" if low == high else f"{name} {low}-{high}" for name, (low, high) in given.items() if high]
    return say_sums(tier.key, where, ends, (fewest, most), name_some(parts), name_some(free))


def _share_pieces(pieces: Pieces, members: list[int], ends: Ends, *, is_asked: bool) -> list[Ends]:
    n = len(members)
    if is_asked and ends[1] < n:
        tier = pieces.tiers[-1]
        raise ScenarioError(say_too_few(tier.key, tier.call(pieces.paths[members[0]][-1]), n, ends[1]))
    shares = share_ends({str(i): pieces.weights[i] for i in members}, *(max(end, n) for end in ends))
    return [shares[str(i)] for i in members]
