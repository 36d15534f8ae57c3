"""What the civil-affairs office counts of one plan, all of it counted once, in the order of the plan's communities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.current import CurrentPlan
from redistrict.messages import Language, Message
from redistrict.model.before import PlanBefore
from redistrict.model.measures import community_areas, community_sizes, community_targets
from redistrict.model.plan import Plan
from redistrict.model.problem import Problem, count_residents
from redistrict.model.succession import Succession, is_home, trace_succession
from redistrict.scenario.models import Scenario
from redistrict.scenario.rulepack import RulePack
from redistrict.standards.bounds import Borders, FourBounds, describe_bounds, trace_borders
from redistrict.standards.city import PlannedCity, Records
from redistrict.standards.crossings import CrossingRow, list_crossings
from redistrict.standards.fund import CommunityFund, DeveloperRooms, developer_rooms, service_fund
from redistrict.standards.growth import Growth, check_growth, list_years
from redistrict.standards.lineage import Lineage, name_communities, trace_lineage
from redistrict.standards.naming import follow_names, keep_names, new_name
from redistrict.standards.premises import PremisesPlan, assess_premises
from redistrict.standards.procedure import StepFinding, check_procedure
from redistrict.standards.rules import Finding
from redistrict.standards.staffing import workers_needed
from redistrict.standards.transition import Transition, plan_transition

IntArray = NDArray[np.int64]
_NO_LIMIT = 10**12


@dataclass(frozen=True, eq=False)
class Office:
    """Every count and list of a plan; what the data do not allow is none.

    Attributes
    ----------
    records : Records
    ids, names, districts : tuple of str
        Key, name and district of each community.
    sizes : dict of quantity -> (k,) int64
        Households and people today.
    workers : (k,) int64
        Posts by the staffing ratios.
    borders : Borders
    bounds : tuple of FourBounds
    crossings : tuple of CrossingRow
    lineage : Lineage or None
    transition : Transition or None
    premises : PremisesPlan or None
    fund : tuple of CommunityFund or None
    rooms : DeveloperRooms or None
    growth : Growth or None
    packs : tuple of RulePack
    findings : tuple of Finding
    procedure : tuple of StepFinding
    notes : tuple of Message
        Waivers that change nothing.
    """

    records: Records
    ids: tuple[str, ...]
    names: tuple[str, ...]
    districts: tuple[str, ...]
    sizes: dict[str, IntArray]
    workers: IntArray
    borders: Borders
    bounds: tuple[FourBounds, ...]
    crossings: tuple[CrossingRow, ...]
    lineage: Lineage | None
    transition: Transition | None
    premises: PremisesPlan | None
    fund: tuple[CommunityFund, ...] | None
    rooms: DeveloperRooms | None
    growth: Growth | None
    packs: tuple[RulePack, ...]
    procedure: tuple[StepFinding, ...]
    findings: tuple[Finding, ...] = ()
    notes: tuple[Message, ...] = ()


def count_office(city: PlannedCity) -> Office:
    """Count everything the office asks of a plan; `facts.judge_clauses` adds the findings."""
    scenario, blocks, problem, plan, records = city.scenario, city.blocks, city.problem, city.plan, city.records
    standards = scenario.standards
    districts = [problem.areas[a].district for a in community_areas(problem, plan).tolist()]
    columns = community_sizes(problem, plan).T
    sizes = {q: columns[problem.quantities.index(q)] for q in blocks.quantities}
    households = sizes.get("households")
    workers = np.array([_workers(sizes, c, scenario) for c in range(plan.n_communities)], dtype=np.int64)
    ids, names = name_plan(problem, plan, blocks, records.current, city.before, scenario.output.language)
    lineage = transition = premises = rooms = growth = None
    if records.current is not None:
        succession = _succession(blocks, problem, plan, records.current)
        if city.before is not None:
            succession = follow_names(succession, ids, records.current, plan, count_residents(blocks))
        lineage = trace_lineage(blocks, records.current, plan, succession)
        transition = _transition(lineage, succession, records.current, workers, districts)
    if records.sites is not None:
        premises = assess_premises(blocks, plan, records.sites, households, standards.premises)
    if records.projects is not None:
        rooms = developer_rooms(records.projects, plan, standards.developer)
        years = list_years(records.projects, standards.growth.years)
        growth = check_growth(blocks, plan, records.projects, _limits(problem, plan, blocks, city.exceptions), years)
    max_gap_m = scenario.contiguity.max_gap_m
    borders = trace_borders(city.outlines, city.surroundings, max_gap_m=max_gap_m, moved=city.moved)
    return Office(
        records=records,
        ids=ids,
        names=names,
        districts=tuple(districts),
        sizes=sizes,
        workers=workers,
        borders=borders,
        bounds=describe_bounds(borders, names, districts, city.surroundings, max_gap_m=max_gap_m),
        crossings=list_crossings(city.graph, plan, blocks, scenario.objective, per_metre=city.problem.per_metre),
        lineage=lineage,
        transition=transition,
        premises=premises,
        fund=None if households is None else service_fund(households, standards.fund),
        rooms=rooms,
        growth=growth,
        packs=city.packs,
        procedure=check_procedure(city.packs, scenario),
    )


def _workers(sizes: dict[str, IntArray], c: int, scenario: Scenario) -> int:
    held = {q: int(size[c]) for q, size in sizes.items()}
    return workers_needed(held.get("households"), held.get("people"), scenario.standards.staffing)


def _succession(blocks: Blocks, problem: Problem, plan: Plan, current: CurrentPlan) -> Succession:
    """Trace who continues whom, as the cost does: a name may be taken where most of its residents live."""
    area_of = community_areas(problem, plan)[plan.assignment]
    residents = count_residents(blocks)
    home = is_home(current.of_block, residents, area_of)
    return trace_succession(plan.assignment, current.of_block, residents, is_home=home)


def name_plan(
    problem: Problem,
    plan: Plan,
    blocks: Blocks,
    current: CurrentPlan | None,
    before: PlanBefore | None,
    language: Language,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give every community a key and a name: those it continues, else its district and a running number there."""
    districts = [problem.areas[a].district for a in community_areas(problem, plan).tolist()]
    if current is None:
        named = number_communities(districts, language)
        heirs = [False] * len(named)
    else:
        succession = _succession(blocks, problem, plan, current)
        named = name_communities(succession, current, districts, language)
        heirs = (succession.predecessor >= 0).tolist()
    if before is not None:
        named = keep_names(
            plan,
            before,
            count_residents(blocks),
            today=[one if is_heir else None for one, is_heir in zip(named, heirs, strict=True)],
            taken=() if current is None else (*current.ids, *current.names),
            districts=districts,
            language=language,
        )
    return tuple(key for key, _ in named), tuple(name for _, name in named)


def number_communities(districts: Sequence[str], language: Language) -> list[tuple[str, str]]:
    """Give every community a key and a name by its district and a running number there."""
    width = max(2, len(str(max(districts.count(name) for name in set(districts)))))
    seen: dict[str, int] = {}
    named = []
    for district in districts:
        number = seen[district] = seen.get(district, 0) + 1
        named.append(new_name(district, number, language, is_new=False, width=width))
    return named


def _transition(
    lineage: Lineage, succession: Succession, current: CurrentPlan, workers: IntArray, districts: Sequence[str]
) -> Transition | None:
    if current.staff is None:
        return None
    shared = np.zeros((len(current), workers.size), dtype=np.int64)
    for cell in lineage.cells:
        if cell.old >= 0:
            shared[cell.old, cell.new] = cell.residents
    same = np.array(current.districts, dtype=object)[:, None] == np.array(districts, dtype=object)[None, :]
    return plan_transition(current.staff, workers, shared, same_district=same, successor=succession.successor)


def _limits(
    problem: Problem, plan: Plan, blocks: Blocks, exceptions: Sequence[Message | None]
) -> tuple[IntArray, IntArray]:
    """Give the bounds of today for later years; a community that lies outside them today for a reason has none."""
    _, lower, upper = community_targets(problem, plan)
    size = community_sizes(problem, plan)
    exempt = np.array([why is not None for why in exceptions])
    if problem.mergers is not None:
        exempt |= ((size < lower) | (size > upper)).any(axis=1)
    lower = np.where(exempt[:, None], 0, lower)
    upper = np.where(exempt[:, None], _NO_LIMIT, upper)
    wanted = [problem.quantities.index(q) for q in blocks.quantities]
    return lower[:, wanted], upper[:, wanted]
