"""The report: every published number, computed once, with its provenance."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from redistrict.geo.extent import find_middles, measure_compactness, measure_extents
from redistrict.geo.named import name_pin
from redistrict.geo.necks import measure_necks
from redistrict.judge.verification import Verification
from redistrict.messages import NOTHING, QUANTITY_WORDS, Message, join, name_some, plain
from redistrict.model.measures import (
    CostParts,
    boundary_m,
    community_sizes,
    community_targets,
    crossing_m,
    plan_cost_parts,
)
from redistrict.model.quantities import Other, quantity_words
from redistrict.model.result import Result
from redistrict.report.about_data import tell_data
from redistrict.report.levels import LevelRows, list_levels
from redistrict.report.office_json import grids_json, standards_json, standards_messages
from redistrict.report.today import look_at_today, today_json
from redistrict.scenario.models import Scenario
from redistrict.solver.exact.edge_bound import NOT_BOUNDED, WHAT_IT_COVERS
from redistrict.standards.city import PlannedCity
from redistrict.standards.diagnosis import Group
from redistrict.standards.grids import GridPlan
from redistrict.standards.office import Office


@dataclass(frozen=True)
class CommunityRow:
    """One community of the plan. Sizes are none where the data have no such column.

    Extent is the distance between the middles of its two blocks farthest apart, compactness that of its outline, and
    the neck its narrowest one; none where `geo.necks` finds none.
    Deviations are signed shares of the target; `exception` says why a community may lie outside the scenario's bounds;
    `units` is the unit it belongs to by the key of each level, `others` what it holds of each further quantity.
    """

    id: str
    name: str
    district: str
    n_blocks: int
    area_km2: float
    households: int | None
    people: int | None
    dwellings: int | None
    households_deviation: float | None
    people_deviation: float | None
    others: dict[str, int]
    others_deviation: dict[str, float | None]
    workers: int
    boundary_m: float
    extent_m: float
    compactness: float
    neck_m: float | None
    crossing_m: dict[str, float]
    exception: Message | None
    units: dict[str, str]


@dataclass(frozen=True)
class PinRow:
    """A pin of the scenario, with the blocks it speaks of and the communities they lie in, by key."""

    pin: int
    form: str
    reason: str
    blocks: tuple[str, ...]
    communities: tuple[str, ...]
    is_kept: bool

    @property
    def name(self) -> Message:
        """Its number and reason."""
        return name_pin(self.pin, self.reason)

    @property
    def verdict(self) -> Message:
        """Whether it is kept."""
        return Message("kept", "已满足") if self.is_kept else Message("not kept", "未满足")

    def to_json(self) -> dict[str, Any]:
        """Give it as plain JSON values, with the whole sentence."""
        blocks, communities = name_some(self.blocks), name_some(self.communities)
        message = Message(
            f"Pin {self.pin} ({self.reason}): {self.verdict.en}; blocks {blocks.en} in {communities.en}.",
            f"第 {self.pin} 条（{self.reason}）：{self.verdict.zh}；地块 {blocks.zh} 位于 {communities.zh}。",
        )
        return asdict(self) | {"message": message._asdict()}


@dataclass(frozen=True)
class Report:
    """What a run found, as numbers and sentences; community c of the plan is row c of `communities`."""

    scenario: Scenario
    result: Result
    cost_parts: CostParts
    communities: tuple[CommunityRow, ...]
    office: Office
    notes: tuple[Message, ...]
    exceptions: tuple[Message, ...]
    pins: tuple[PinRow, ...]
    provenance: dict[str, Any]
    levels: tuple[LevelRows, ...] = ()
    grids: GridPlan | None = None
    today: Group | None = None
    verification: Verification | None = None
    folder: str | None = None

    @property
    def others(self) -> tuple[str, ...]:
        """Keys of the further quantities."""
        return tuple(self.communities[0].others) if self.communities else ()

    def totals(self) -> dict[str, Any]:
        """Give the sums over all communities."""
        rows = self.communities
        households, people = ([getattr(row, name) for row in rows] for name in ("households", "people"))
        by_class: dict[str, float] = {}
        for row in rows:
            for name, metres in row.crossing_m.items():
                by_class[name] = round(by_class.get(name, 0.0) + metres, 2)
        return {
            "blocks": sum(row.n_blocks for row in rows),
            "households": None if None in households else sum(households),
            "population": None if None in people else sum(people),
            **({"others": self._sum_others()} if self.others else {}),
            "workers": sum(row.workers for row in rows),
            "communities_by_district": self.count_by_district(),
            "boundary_m": round(sum(row.boundary_m for row in rows) / 2, 2),
            "crossing_m": by_class,
            "crossing_settled_m": self._between_homes(),
            "cost_parts": {
                name: getattr(self.cost_parts, name) / self.result.per_metre for name in CostParts.__dataclass_fields__
            },
        }

    def _sum_others(self) -> dict[str, int]:
        """Give the total of each further quantity."""
        return {key: sum(row.others[key] for row in self.communities) for key in self.others}

    def _between_homes(self) -> dict[str, float]:
        """Give the metres of each class inside communities that have residents on both sides."""
        settled: dict[str, float] = {}
        for row in self.office.crossings:
            settled[row.road_class] = round(settled.get(row.road_class, 0.0) + row.length_m - row.empty_m, 2)
        return settled

    def count_by_district(self) -> dict[str, int]:
        """Give the number of communities in each district."""
        districts = [row.district for row in self.communities]
        return {name: districts.count(name) for name in sorted(set(districts))}

    def to_json(self) -> dict[str, Any]:
        """Give everything as plain JSON values; cost and bound in weighted metres."""
        result = self.result
        return {
            "status": result.status.value,
            "stopped_by": result.stopped_by.value,
            "cost": result.cost_m,
            "bound": result.bound_m,
            "gap": result.gap,
            "bound_covers": (NOT_BOUNDED if result.bound is None else WHAT_IT_COVERS)._asdict(),
            "local_optimality": asdict(result.local),
            "seed": self.scenario.solve.seed,
            "n_communities": len(self.communities),
            "data_label": self.scenario.data.label.model_dump() if self.scenario.data.label else None,
            "totals": self.totals(),
            "today": today_json(self.today) if self.today else None,
            "standards": standards_json(self.office),
            "levels": [level.to_json() for level in self.levels],
            "communities": [_row_json(row) for row in self.communities],
            "exceptions": [message._asdict() for message in self.exceptions],
            "pins": [row.to_json() for row in self.pins],
            **({} if self.grids is None else {"grids": grids_json(self.grids)}),
            "notes": [message._asdict() for message in self.notes],
            "verification": _verification_json(self.verification),
            "provenance": self.provenance,
        }

    def messages(self) -> tuple[Message, ...]:
        """Give the few sentences a planner should read at the end of a run."""
        totals, result = self.totals(), self.result
        named = join(plain(f"{name} {n}") for name, n in self.count_by_district().items() if name)
        each = Message(f" ({named.en})", f"（{named.zh}）") if named.en else NOTHING
        found = [
            Message(
                f"{len(self.communities)} communities{each.en}; {totals['workers']:,} workers.",
                f"共 {len(self.communities)} 个社区{each.zh}；需社区工作者 {totals['workers']:,} 人。",
            ),
            self.balance(),
            *(_say_level(level) for level in self.levels),
            *result.summary(),
            *standards_messages(self.office),
            *self._say_exceptions(),
            *(self.grids.notes() if self.grids else ()),
        ]
        if self.pins:
            n, kept = len(self.pins), sum(row.is_kept for row in self.pins)
            found.append(Message(f"{kept} of {n} pins are kept.", f"{n} 条固定要求中已满足 {kept} 条。"))
        if result.stopped_by.is_early:
            found.append(
                Message(
                    "The search was cut short: this is the best plan so far, and another run may end with another.",
                    "搜索提前结束：这是目前最好的方案，再次运行可能得到不同方案。",
                )
            )
        if self.folder:
            found.append(
                Message(
                    f"Results are in {self.folder}: open map.html.",
                    f"结果在 {self.folder}：请打开 map.html。",
                )
            )
        return tuple(found)

    def _say_exceptions(self) -> tuple[Message, ...]:
        """Warn of communities outside the bounds: how many, and each with its reason."""
        n = sum(row.exception is not None for row in self.communities)
        if n == 0:
            return ()
        warning = Message(
            f"Warning: {n} of {len(self.communities)} communities are exceptions from the bounds:",
            f"注意：{len(self.communities)} 个社区中有 {n} 个是规模限制的例外：",
        )
        return (warning, *self.exceptions)

    def balance(self) -> Message:
        """Say how far the communities deviate from their targets."""
        worst, rows = [], self.communities
        off = {words: [getattr(row, f"{name}_deviation") for row in rows] for name, words in QUANTITY_WORDS.items()}
        off |= {quantity_words(key): [row.others_deviation[key] for row in rows] for key in self.others}
        for words, values in off.items():
            if None not in values and values:
                low, high = f"{min(values):+.1%}", f"{max(values):+.1%}"
                worst.append(Message(f"{words.en} {low} to {high}", f"{words.zh} {low} 至 {high}"))
        said = join(worst)
        return Message(f"Deviation from the targets: {said.en}.", f"与目标的偏差：{said.zh}。")


MEASURED = ("timings_s", "spent")
"""Facts of a report's provenance that differ from run to run: what parts took."""
_PUBLISHED = {"people": "population", "people_deviation": "population_deviation"}
"""Fields of a row that stand in `report.json` under another key."""


def build_report(
    city: PlannedCity, office: Office, provenance: dict[str, Any], grids: GridPlan | None = None
) -> Report:
    """Put together every published number of a plan.

    Parameters
    ----------
    office : Office
        What the office counts of the city.
    provenance : dict of str to JSON values
        Where the numbers come from, as `collect_provenance` gives it, with the timings.
    grids : GridPlan, optional
        Where the scenario asks for grids.
    """
    problem, plan, levels = city.problem, city.plan, list_levels(city, office)
    return Report(
        scenario=city.scenario,
        result=city.result,
        cost_parts=plan_cost_parts(problem, plan),
        communities=_list_rows(city, office, levels),
        office=office,
        notes=(*tell_data(city.scenario.data), *city.findings, *city.graph.notes, *problem.notes, *office.notes),
        exceptions=tuple(dict.fromkeys(why for why in city.exceptions if why)),
        pins=_list_pins(city, office),
        provenance=provenance,
        levels=levels,
        grids=grids,
        today=look_at_today(city),
    )


def _say_level(level: LevelRows) -> Message:
    with_some, n = [unit for unit in level.units if unit.communities], level.residents_changed
    return Message(
        f"{level.title.en}: {len(with_some)} units with communities; {n:,} residents change theirs.",
        f"{level.title.zh}：{len(with_some)} 个设有社区；{n:,} 名居民改变所属{level.title.zh}。",
    )


def _list_pins(city: PlannedCity, office: Office) -> tuple[PinRow, ...]:
    assignment, rows = city.plan.assignment, []
    for one in city.problem.demands:
        blocks = sorted(one.blocks)
        homes = tuple(office.ids[c] for c in np.unique(assignment[blocks]).tolist())
        keys = tuple(city.blocks.ids[i] for i in blocks)
        rows.append(PinRow(one.pin, one.form, one.reason, keys, homes, one.holds(assignment)))
    return tuple(rows)


def _list_rows(city: PlannedCity, office: Office, levels: tuple[LevelRows, ...]) -> tuple[CommunityRow, ...]:
    blocks, graph, problem, plan = city.blocks, city.graph, city.problem, city.plan
    target, held = community_targets(problem, plan)[0], community_sizes(problem, plan)
    others = {q: held[:, n] for n, q in enumerate(problem.quantities) if isinstance(q, Other)}
    metres = crossing_m(graph, plan)
    outline_m = boundary_m(graph, plan)
    km2 = np.bincount(plan.assignment, blocks.frame.geometry.area.to_numpy() / 1e6)
    n_blocks = np.bincount(plan.assignment)
    extent_m = measure_extents(find_middles(blocks.shapes), plan.assignment)
    compactness = measure_compactness(city.outlines)
    neck_m = measure_necks(
        city.outlines, graph.cells.blocks, graph.is_peopled, plan.assignment, graph.edges[graph.is_link]
    )
    rows = []
    for c, (key, name) in enumerate(zip(office.ids, office.names, strict=True)):
        size = {q: int(office.sizes[q][c]) for q in blocks.quantities} | {q: int(n[c]) for q, n in others.items()}
        goal = dict(zip(problem.quantities, target[c].tolist(), strict=True))
        off = {q: round(size[q] / goal[q] - 1, 6) if goal[q] else None for q in size}
        rows.append(
            CommunityRow(
                id=key,
                name=name,
                district=office.districts[c],
                n_blocks=int(n_blocks[c]),
                area_km2=round(float(km2[c]), 4),
                households=size.get("households"),
                people=size.get("people"),
                dwellings=None if blocks.dwellings is None else int(blocks.dwellings[plan.assignment == c].sum()),
                households_deviation=off.get("households"),
                people_deviation=off.get("people"),
                others={q: size[q] for q in others},
                others_deviation={q: off[q] for q in others},
                workers=int(office.workers[c]),
                boundary_m=float(outline_m[c]),
                extent_m=round(float(extent_m[c]), 1),
                compactness=round(float(compactness[c]), 4),
                neck_m=None if np.isnan(neck_m[c]) else float(neck_m[c]),
                crossing_m={k: float(m) for k, m in zip(graph.classes, metres[c], strict=True) if m > 0},
                exception=city.exceptions[c],
                units={level.key: level.homes[c] for level in levels},
            )
        )
    return tuple(rows)


def tabulate_others(row: CommunityRow) -> dict[str, int | float | None]:
    """Give the further quantities of a community and their deviations as columns of a table."""
    found: dict[str, int | float | None] = {}
    for key, held in row.others.items():
        found |= {str(key): held, f"{key}_deviation": row.others_deviation[key]}
    return found


def _row_json(row: CommunityRow) -> dict[str, Any]:
    values = {_PUBLISHED.get(name, name): getattr(row, name) for name in row.__dataclass_fields__}
    values["exception"] = row.exception._asdict() if row.exception else None
    if row.dwellings is None:
        del values["dwellings"]
    if not row.others:
        del values["others"], values["others_deviation"]
    return values


def _verification_json(verification: Verification | None) -> dict[str, Any] | None:
    if verification is None:
        return None
    return {
        "ok": verification.ok,
        "exceptions": list(verification.exceptions),
        "violations": [
            {
                "rule": v.rule,
                "community": v.community,
                "blocks": list(v.blocks),
                "found": v.found,
                "allowed": v.allowed,
                "message": v.message._asdict(),
            }
            for v in verification.violations
        ],
        "notes": [note._asdict() for note in verification.notes],
    }
