"""Today's communities: grown without looking at roads, with ragged borders, detached pieces and enclaves.

They are drawn to show the faults the report complains of (跨街越路, 相互交错, 布局零散), so that a redraw has
something to mend.
"""

import city_plan as plan
import numpy as np
from city_blocks import Blocks, IntArray
from city_plan import FloatArray

N_DETACHED = 14
"""Communities that get a second piece away from their main one."""
SMALLEST = 298
LARGEST = 4_126
_BAND_LIMITS = ((420, 985), (1_010, 1_985), (2_010, 2_490), (2_510, 2_990), (3_020, 3_900))


def choose_sizes(rng: np.random.Generator) -> list[list[int]]:
    """Choose the households of every community: the report's bands, and each district's total.

    Returns
    -------
    For each district, its communities' households, ascending. The smallest and the largest of the report are
    among them and are unique; a district's sum is its people divided by 3.2, to the household.
    """
    sizes = []
    for number, district in enumerate(plan.DISTRICTS):
        fixed = {2: [SMALLEST], 0: [LARGEST]}.get(number, [])
        low, high = [], []
        for band, count in enumerate(district.bands):
            extra = sum(_in_band(f, band) for f in fixed)
            low += [_BAND_LIMITS[band][0]] * (count - extra)
            high += [_BAND_LIMITS[band][1]] * (count - extra)
        goal = round(district.people / 3.2) - sum(fixed)
        drawn = _draw_with_sum(np.array(low), np.array(high), goal, rng)
        sizes.append(sorted([*drawn, *fixed]))
    return sizes


def _in_band(households: int, band: int) -> bool:
    return sum(households >= edge for edge in (1_000, 2_000, 2_500, 3_001)) == band


def _draw_with_sum(low: IntArray, high: IntArray, goal: int, rng: np.random.Generator) -> list[int]:
    """Draw whole numbers between limits that add up to a goal."""
    share = rng.uniform(0.03, 0.97, len(low))
    step_low, step_high = -1.0, 1.0
    for _ in range(60):
        middle = (step_low + step_high) / 2
        total = float((low + (high - low) * np.clip(share + middle, 0, 1)).sum())
        step_low, step_high = (middle, step_high) if total < goal else (step_low, middle)
    drawn = np.round(low + (high - low) * np.clip(share + step_low, 0, 1)).astype(np.int64)
    while (rest := goal - int(drawn.sum())) != 0:
        movable = np.flatnonzero(drawn < high if rest > 0 else drawn > low)
        drawn[movable[: abs(rest)]] += np.sign(rest)
    return [int(d) for d in drawn]


def draw_communities(
    blocks: Blocks,
    neighbours: list[list[int]],
    sizes: list[list[int]],
    anchor: dict[int, int],
    rng: np.random.Generator,
) -> tuple[IntArray, IntArray]:
    """Assign every block to one of today's communities.

    Parameters
    ----------
    blocks : Blocks
    neighbours : for each block the blocks it faces
    sizes : for each district its communities' households
    anchor : size of a community -> block that must lie in it (the largest by the lake, the smallest in 下陆)
    rng : numpy Generator

    Returns
    -------
    community : (n_blocks,) int64, numbered through all districts
    target : (n_communities,) int64, the households each must have
    """
    community = np.full(len(blocks.shapes), -1, dtype=np.int64)
    targets: list[int] = []
    for number, wanted in enumerate(sizes):
        members = [int(i) for i in np.flatnonzero(blocks.district == number)]
        order = [wanted[k] for k in rng.permutation(len(wanted))]
        grown = _Growth(blocks.weight, neighbours, members, np.array(order), anchor, rng)
        grown.run()
        community[members] = grown.owner[members] + len(targets)
        targets += order
    return community, np.array(targets, dtype=np.int64)


class _Growth:
    """One district: seeds, growth and mending, on the block weights."""

    def __init__(
        self, weight: FloatArray, neighbours: list[list[int]], members: list[int], target: IntArray,
        anchor: dict[int, int], rng: np.random.Generator,
    ) -> None:  # fmt: skip
        inside = set(members)
        self.weight, self.members, self.target, self.rng = weight, members, target, rng
        self.near = {i: [j for j in neighbours[i] if j in inside] for i in members}
        self.owner = np.full(len(weight), -1, dtype=np.int64)
        self.size = np.zeros(len(target))
        self.anchor = {int(np.flatnonzero(target == t)[0]): i for t, i in anchor.items() if (target == t).any()}
        self.anchored = set(self.anchor.values())

    def run(self) -> None:
        """Seed, grow until every block is taken, then trade blocks until sizes are near the targets."""
        for c, i in self._seeds().items():
            self._give(i, c)
        self._grow()
        for _ in range(40):
            self._trade()
        self._detach()

    def _seeds(self) -> dict[int, int]:
        """Spread the seeds: big communities first, each far (in steps) from the seeds before it."""
        seeds = dict(self.anchor)
        lived_in = [i for i in self.members if self.weight[i] > 0]
        steps = dict.fromkeys(self.members, 10**6)
        for i in seeds.values():
            self._shorten(steps, i)
        for c in np.argsort(-self.target, kind="stable").tolist():
            if c in seeds:
                continue
            trial = self.rng.choice(lived_in, 12, replace=False)
            best = max(trial.tolist(), key=lambda i: steps[i])
            seeds[c] = best
            self._shorten(steps, best)
        return seeds

    def _shorten(self, steps: dict[int, int], root: int) -> None:
        steps[root], queue = 0, [root]
        for i in queue:
            for j in self.near[i]:
                if steps[j] > steps[i] + 1:
                    steps[j] = steps[i] + 1
                    queue.append(j)

    def _give(self, i: int, c: int) -> None:
        if self.owner[i] >= 0:
            self.size[self.owner[i]] -= self.weight[i]
        self.owner[i] = c
        self.size[c] += self.weight[i]

    def _grow(self) -> None:
        border: list[set[int]] = [set() for _ in self.target]
        for i in self.members:
            if self.owner[i] >= 0:
                border[self.owner[i]].update(self.near[i])
        free = {i for i in self.members if self.owner[i] < 0}
        while free:
            for c in range(len(border)):
                border[c] &= free
            open_ = [c for c in range(len(border)) if border[c]]
            if not open_:
                break
            c = min(open_, key=lambda c: self.size[c] / self.target[c])
            ways = sorted(border[c])
            links = np.array([sum(self.owner[j] == c for j in self.near[i]) for i in ways], dtype=float)
            i = ways[int(self.rng.choice(len(ways), p=links**1.3 / (links**1.3).sum()))]
            self._give(i, c)
            free.discard(i)
            border[c].update(self.near[i])

    def _trade(self) -> None:
        """Move border blocks from communities too full to neighbours less full, keeping the giver whole."""
        for i in self.rng.permutation(self.members).tolist():
            giver = int(self.owner[i])
            if i in self.anchored:
                continue
            takers = sorted({int(self.owner[j]) for j in self.near[i]} - {giver})
            if not takers:
                continue
            fill = [self.size[c] / self.target[c] for c in takers]
            taker = takers[int(np.argmin(fill))]
            gain = self.size[giver] / self.target[giver] - min(fill)
            room = self.weight[i] / self.target[taker]
            if (gain > room or (gain > -0.02 and self.rng.random() < 0.03)) and self._whole_without(i, giver):
                self._give(i, taker)

    def _whole_without(self, i: int, c: int) -> bool:
        rest = [j for j in self.members if self.owner[j] == c and j != i]
        return bool(rest) and len(components_of(self.near, rest)) == 1

    def _detach(self) -> None:
        """Give some communities a small piece that lies inside another, a few blocks away from their own."""
        n_wanted = max(1, round(N_DETACHED * len(self.target) / 133))
        touched: set[int] = set()
        for i in self.rng.permutation(self.members).tolist():
            if n_wanted == 0:
                return
            host = int(self.owner[i])
            piece = [i, *[j for j in self.near[i] if self.owner[j] == host][: int(self.rng.integers(0, 3))]]
            share = float(self.weight[piece].sum())
            if host in touched or not 40 < share < 0.18 * self.size[host] or self.anchored & set(piece):
                continue
            around = {int(self.owner[k]) for j in piece for k in self.near[j]}
            beyond = {int(self.owner[m]) for c in around - {host} for m in self._border_of(c)} - around - {host}
            takers = [c for c in sorted(beyond) if c not in touched and share < 0.2 * self.size[c]]
            rest = [j for j in self.members if self.owner[j] == host and j not in piece]
            if not takers or len(components_of(self.near, rest)) != 1:
                continue
            taker = takers[int(self.rng.integers(len(takers)))]
            for j in piece:
                self._give(j, taker)
            touched |= {host, taker} if self.rng.random() < 0.7 else {host}
            n_wanted -= 1

    def _border_of(self, c: int) -> list[int]:
        return [k for j in self.members if self.owner[j] == c for k in self.near[j]]


def components_of(near: dict[int, list[int]], members: list[int]) -> list[list[int]]:
    """Split blocks into connected groups, as `city_graph.components` does on the whole city."""
    left, groups = set(members), []
    for root in members:
        if root in left:
            left.discard(root)
            group = [root]
            for i in group:
                for j in near[i]:
                    if j in left:
                        left.discard(j)
                        group.append(j)
            groups.append(group)
    return groups
