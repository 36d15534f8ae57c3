"""Tiny towns with every limit at once, drawn by lot, and the plain truth about them: every division, counted out.

Nothing of the engine counts here: neighbours and roads by row and column, bounds by fractions, residents who change by
the sentence that states the rule. Of the problem only the areas' blocks and numbers of communities are taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import ceil, dist, floor, pi

import numpy as np
import shapely

from redistrict.geo.blocks import Blocks
from redistrict.geo.current import CurrentPlan
from redistrict.geo.graph import ContiguityGraph, build_graph
from redistrict.model.areas import Area
from redistrict.model.problem import Problem, build_problem
from redistrict.scenario.models import Communities, Contiguity, Objective, Solve
from tests.geo.drawing import box, line, make_blocks, surroundings

STEP_M = 120
QUANTITIES = ("households", "people")
Cell = tuple[int, int]
Division = tuple[frozenset[int], ...]


@dataclass(frozen=True)
class TinyTown:
    """A town of 4 to 9 blocks in rows and columns, with its rules.

    Attributes
    ----------
    cells : tuple of (row, column)
        Of each block, in the order of the blocks.
    size : tuple of (households, people)
    today : tuple of int
        Today's community of each block, -1 where it has none.
    barred : frozenset of (i, j)
        Neighbours with a road between them that no community may cross.
    """

    cells: tuple[Cell, ...]
    size: tuple[tuple[int, int], ...]
    district: tuple[str, ...]
    today: tuple[int, ...]
    barred: frozenset[tuple[int, int]]
    rules: Communities
    objective: Objective
    search: Solve

    @property
    def neighbours(self) -> list[tuple[int, int]]:
        """Blocks side by side."""
        pairs = combinations(range(len(self.cells)), 2)
        return [(i, j) for i, j in pairs if dist(self.cells[i], self.cells[j]) == 1]

    @cached_property
    def blocks(self) -> Blocks:
        """The blocks, named by letters, with streets of 20 m between."""
        names = "abcdefghi"[: len(self.cells)]
        shapes = {name: box(c * STEP_M, r * STEP_M) for name, (r, c) in zip(names, self.cells, strict=True)}
        households, people = (dict(zip(names, column, strict=True)) for column in zip(*self.size, strict=True))
        district = dict(zip(names, self.district, strict=True))
        return make_blocks(shapes, households=households, people=people, district=district)

    def problem(self, **changes: object) -> Problem:
        """Put the question into integers."""
        rules = self.rules.model_copy(update=changes)
        return build_problem(self.blocks, self.graph, rules, self.objective, current=self._current())

    @cached_property
    def graph(self) -> ContiguityGraph:
        """The blocks as neighbours, and the ground each was given."""
        roads = [("primary", "", self._road(i, j)) for i, j in sorted(self.barred)]
        return build_graph(self.blocks, surroundings(roads=roads), Contiguity())

    def _road(self, i: int, j: int) -> shapely.LineString:
        (r, c), (s, d) = self.cells[i], self.cells[j]
        x, y = (c + d) * STEP_M / 2, (r + s) * STEP_M / 2
        if r == s:
            return line((x + 50, y), (x + 50, y + 100))
        return line((x, y + 50), (x + 100, y + 50))

    def _current(self) -> CurrentPlan:
        n = max(self.today) + 1
        ids = tuple(f"old {c}" for c in range(n))
        return CurrentPlan(ids, ids, ("",) * n, np.array(self.today, dtype=np.int32), None, np.zeros(n, dtype=bool))


def draw_tiny_town(number: int) -> TinyTown:
    """Draw the town of this number."""
    rng = np.random.default_rng(number)

    def pick(*choices: object) -> object:
        return choices[int(rng.integers(len(choices)))]

    rows, columns = pick((2, 2), (2, 3), (2, 4), (3, 3), (1, 6), (1, 5), (3, 3), (2, 4))  # type: ignore[misc]
    grid = [(r, c) for r in range(rows) for c in range(columns)]
    gone = set(rng.permutation(len(grid))[: int(rng.integers(0, 3))].tolist()) if len(grid) > 5 else set()
    cells = tuple(cell for n, cell in enumerate(grid) if n not in gone)
    n, scale = len(cells), int(pick(1, 1, 10, 10, 10, 100, 200_000_000))  # type: ignore[call-overload]
    pairs = [(i, j) for i, j in combinations(range(n), 2) if dist(cells[i], cells[j]) == 1]
    barred = frozenset(pair for pair in pairs if rng.random() < 0.12) if pick(True, False) else frozenset()
    least = 1 if barred or gone else 0  # where nobody lives, roads are crossed and islands joined
    households = [int(s) for s in rng.choice([least, 2, 3, 3, 4, 5, 6, 10], n) * scale]
    people = [int(p) for p in np.maximum(least, np.rint(np.array(households) * rng.uniform(1.8, 3.2, n)))]
    households[0], people[0] = max(households[0], 1), max(people[0], 1)
    k = int(rng.integers(1, 5))
    targets = {
        q: max(1, round(sum(column) / k * float(rng.uniform(0.85, 1.2))))
        for q, column in (("households", households), ("people", people))
    }
    if rng.random() < 0.15:
        targets.pop(str(pick(*QUANTITIES)))
    lead = "households" if "households" in targets else "people"
    count = pick(k, k, {"min": max(1, k - 1), "max": k + 1}, "auto")
    tolerance = {q: float(pick(0.05, 0.1, 0.1, 0.2, 0.3, 0.5, 0.8, 0.95)) for q in QUANTITIES}  # type: ignore[arg-type]
    rules = {
        "target": targets,
        "lead": lead,
        "around": pick("targets", "means"),
        "count": count,
        "tolerance": tolerance,
        "max_extent_m": pick(None, None, 125.0, 180.0, 250.0, 300.0),
        "min_compactness": np.random.default_rng([number, 1]).choice(np.array([None, None, 0.4, 0.5, 0.6, 0.7])),
        "enclaves": "refuse" if number % 3 == 0 else "note",
        "max_moved_share": pick(None, 0.0, 0.1, 0.25, 0.5, 0.75),
        "exceptions": pick("refuse", "refuse", "nearest"),
    }
    prices = {"deviation": pick(20, 20, 0), "disruption": pick(0, 0, 0.5)} if scale < 1000 else {"deviation": 0}
    districts = pick(("",), ("",), ("东区", "西区"))
    half = (columns + 1) // 2
    labels = rng.integers(0, 3, (rows + 1, columns + 1)) - int(rng.random() < 0.2)
    today = [int(labels[r // 2 * 2 if rng.random() < 0.7 else r, c]) for r, c in cells]
    today[0] = max(today[0], 0)
    return TinyTown(
        cells=cells,
        size=tuple(zip(households, people, strict=True)),
        district=tuple(districts[0 if c < half else -1] for _, c in cells),  # type: ignore[index]
        today=tuple(today),
        barred=barred,
        rules=Communities.model_validate(rules),
        objective=Objective.model_validate({"crossing": {"primary": "never"}, **prices}),
        search=Solve.model_validate({"effort": 0.02, "workers": 1, "method": pick("auto", "exact", "search")}),
    )


@dataclass(frozen=True)
class Shares:
    """The tolerances bounds are counted with."""

    households: Fraction
    people: Fraction


@dataclass(frozen=True)
class Counted:
    """One division of an area, counted out.

    Attributes
    ----------
    totals : tuple of (households, people)
        Of each community.
    crosses, extent_m, compactness : bool, float, float
        Whether a community holds blocks on both sides of a road never to be crossed; the widest community, and the
        least compact.
    surrounds : bool
        Whether a community lies around another.
    moved : int
        Residents who change.
    """

    division: Division
    totals: tuple[tuple[int, int], ...]
    crosses: bool
    extent_m: float
    compactness: float
    surrounds: bool
    moved: int


class AreaTruth:
    """Every division of an area into connected communities, whatever the limits say of it."""

    def __init__(self, town: TinyTown, areas: Sequence[Area], number: int) -> None:
        self.town, self.areas, self.area = town, areas, areas[number]
        self.blocks = self.area.blocks
        self.name = self.area.name
        pairs = [(i, j) for i, j in town.neighbours if (i, j) not in town.barred]
        self.near = {i: {b if a == i else a for a, b in pairs if i in (a, b)} & set(self.blocks) for i in self.blocks}
        self.residents = {i: town.size[i][1] for i in self.blocks if town.today[i] >= 0}
        self._known: dict[int, list[Counted]] = {}
        self._grounds: dict[frozenset[int], shapely.Geometry] = {}

    @property
    def n_residents(self) -> int:
        """Residents of the area who have a community today."""
        return sum(self.residents.values())

    @property
    def most_moved(self) -> int | None:
        """Most of them who may change."""
        share = self.town.rules.max_moved_share
        return None if share is None else floor(Fraction(str(share)) * self.n_residents)

    def divisions(self, n: int) -> list[Counted]:
        """Give every division into n communities."""
        if n not in self._known:
            self._known[n] = [self._count(division) for division in self._divide(frozenset(self.blocks), n)]
        return self._known[n]

    def _divide(self, left: frozenset[int], n: int) -> Iterator[Division]:
        if n == 0 or len(left) < n:
            if n == 0 and not left:
                yield ()
            return
        for community in self._connected(min(left), left):
            for rest in self._divide(left - community, n - 1):
                yield (community, *rest)

    def _connected(self, first: int, among: frozenset[int]) -> Iterator[frozenset[int]]:
        met, fresh = {frozenset([first])}, [frozenset([first])]
        while fresh:
            members = fresh.pop()
            yield members
            for block in {other for i in members for other in self.near[i]} & among - members:
                wider = members | {block}
                if wider not in met:
                    met.add(wider)
                    fresh.append(wider)

    def _count(self, division: Division) -> Counted:
        town = self.town
        return Counted(
            division,
            tuple(tuple(sum(town.size[i][q] for i in c) for q in (0, 1)) for c in division),  # type: ignore[misc]
            any(i in c and j in c for i, j in town.barred for c in division),
            max(dist(town.cells[i], town.cells[j]) * STEP_M for c in division for i in c for j in c),
            min(self._compactness(c) for c in division),
            any(self._surrounds(c) for c in division),
            self._moved(division),
        )

    def _compactness(self, community: frozenset[int]) -> float:
        ground = self._ground(community)
        return 4 * pi * ground.area / ground.length**2

    def _surrounds(self, community: frozenset[int]) -> bool:
        holes = [
            shapely.Polygon(ring) for part in shapely.get_parts(self._ground(community)) for ring in part.interiors
        ]
        others = set(self.blocks) - community
        return any(hole.contains(self.town.graph.cells.shapes[i].centroid) for hole in holes for i in others)

    def _ground(self, community: frozenset[int]) -> shapely.Geometry:
        if community not in self._grounds:
            self._grounds[community] = shapely.union_all(self.town.graph.cells.shapes[sorted(community)])
        return self._grounds[community]

    def _moved(self, division: Division) -> int:
        kept: dict[int, tuple[int, int]] = {}
        for community in division:
            shares: dict[int, tuple[int, int]] = {}
            for i in community:
                old = self.town.today[i]
                if old >= 0:
                    people, blocks = shares.get(old, (0, 0))
                    shares[old] = people + self.residents[i], blocks + 1
            if shares:
                source = min(shares, key=lambda old: (-shares[old][0], -shares[old][1], old))
                if self._is_home(source):
                    kept[source] = max(kept.get(source, (0, 0)), shares[source])
        return self.n_residents - sum(people for people, _ in kept.values())

    def _is_home(self, old: int) -> bool:
        """Tell whether most of the residents of a community of today live in this area."""
        town = self.town

        def weight(area: Area) -> tuple[int, int]:
            own = [i for i in area.blocks if town.today[i] == old]
            return sum(town.size[i][1] for i in own), len(own)

        best = max(weight(area) for area in self.areas)
        return [area.blocks for area in self.areas if weight(area) == best][-1] == self.blocks

    def bounds(self, n: int, shares: Shares) -> list[tuple[int, int]]:
        """Give least and most of each quantity in one community."""
        if self.area.exception is not None:
            return [(total, total) for total in self.area.total]
        rules = self.town.rules
        ends = []
        for q, total in zip(QUANTITIES, self.area.total, strict=True):
            target, share = getattr(rules.target, q), getattr(shares, q)
            center = Fraction(target) if rules.around == "targets" and target else Fraction(total, n)
            is_free = rules.around == "targets" and not target
            ends.append((0, 10**15) if is_free else (ceil(center * (1 - share)), floor(center * (1 + share))))
        return ends

    def outside(self, counted: Counted, n: int, shares: Shares) -> list[tuple[int, ...]]:
        """Give how far each community lies outside the bounds, by quantity."""
        bounds = self.bounds(n, shares)
        rows = [zip(totals, bounds, strict=True) for totals in counted.totals]
        return [tuple(max(low - t, t - high, 0) for t, (low, high) in row) for row in rows]

    def keeps(self, counted: Counted, n: int, limits: frozenset[str], shares: Shares) -> bool:
        """Tell whether a division keeps these limits."""
        extent_m, most, least = self.town.rules.max_extent_m, self.most_moved, self.town.rules.min_compactness
        broken = {
            "bounds": any(any(by) for by in self.outside(counted, n, shares)),
            "roads": counted.crosses,
            "extent": extent_m is not None and counted.extent_m > extent_m,
            "compactness": least is not None and n > 1 and counted.compactness < least,
            "enclaves": self.town.rules.enclaves == "refuse" and counted.surrounds,
            "moved": most is not None and counted.moved > most,
        }
        return not any(broken[limit] for limit in limits)

    def has_plan(self, n: int, limits: frozenset[str], shares: Shares) -> bool:
        """Tell whether any division into n communities keeps these limits."""
        return any(self.keeps(counted, n, limits, shares) for counted in self.divisions(n))
