"""The scenario: frozen models of the YAML file, one section per subject, units in the key names."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from redistrict.block_term import BlockTerm
from redistrict.messages import Language, Message, did_you_mean, plain
from redistrict.scenario.grids import Grids
from redistrict.scenario.levels import Level, check_nesting, check_new_column
from redistrict.scenario.notice import Notice
from redistrict.scenario.office import Standards
from redistrict.scenario.pin import Pin
from redistrict.scenario.procedure import Procedure
from redistrict.scenario.section import (
    CountRange,
    CrossingWeight,
    Metres,
    Range,
    Section,
    Share,
    Text,
    Weight,
    refusal,
)
from redistrict.scenario.sources import Data
from redistrict.scenario.sweep import Sweep


class BlockPair(Section):
    """Two blocks joined or separated by hand, and why."""

    blocks: tuple[str, str]
    """The two block keys."""
    reason: str = Field(max_length=200)
    """Why, in a few words: it is shown in the report (the footbridge over the creek, ...)."""


class Contiguity(Section):
    """When two blocks count as neighbours."""

    max_gap_m: Metres = 40.0
    """Blocks that touch, or face each other across at most this many metres, are neighbours."""
    min_frontage_m: Annotated[float, Field(gt=0, le=1000)] = 3.0
    """Shared or facing frontage below this does not count; a point never does."""
    road_tolerance_m: Metres = 12.0
    """A road belongs to a frontage when it runs between the two blocks or at most this far inside either."""
    structure_reach_m: Metres = 60.0
    """A bridge, underpass or signal serves the frontages within this distance."""
    links: tuple[BlockPair, ...] = ()
    """Blocks that count as neighbours although they do not face each other (a long bridge, a ferry)."""
    bans: tuple[BlockPair, ...] = ()
    """Blocks that do not count as neighbours although they face each other (a wall, a steep slope)."""


class Sizes(Section):
    """A whole number for each quantity; a data set with only one quantity needs only that one."""

    households: Annotated[int, Field(gt=0)] | None = None
    """Households."""
    people: Annotated[int, Field(gt=0)] | None = None
    """People."""


class Tolerance(Section):
    """Allowed deviation from the target, as a share, for each quantity."""

    households: Annotated[float, Field(gt=0, lt=1)] = 0.10
    """Households: 0.10 means 10 % below to 10 % above."""
    people: Annotated[float, Field(gt=0, lt=1)] = 0.10
    """People: 0.10 means 10 % below to 10 % above."""


class SizeRanges(Section):
    """Least and most of each quantity."""

    households: Range | None = None
    """Households."""
    people: Range | None = None
    """People."""


class OtherQuantity(Section):
    """A further quantity (elderly people, voters, ...), counted in a column of `data.blocks.columns.others`."""

    title: Text
    """What is counted, as it stands before or after a number."""
    target: Annotated[int, Field(gt=0)] | None = None
    """Number to aim at in every community; none: the mean of the area."""
    tolerance: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Allowed deviation from the target or the mean, as a share; none: any deviation, at its price."""
    limits: Range | None = None
    """Least and most of any community, whatever target and tolerance say."""
    price: Weight | None = None
    """Cost of one per cent deviation in one community; none: as `objective.deviation`."""


_NOT_OTHERS = ("area_m2", "new", "old", "sites")


def _check_other(key: str) -> str:
    """Refuse what is no key of a further quantity: its deviation has a column too, and texts one a language."""
    if key in _NOT_OTHERS or key.endswith(("_deviation", "_en", "_zh")):
        raise refusal(f"'{key}' means something else in the tables; choose another", f"{key} 在表中另有含义，请换一个")
    return check_new_column(key)


OtherKey = Annotated[str, AfterValidator(_check_other)]


class Communities(Section):
    """What every new community must look like."""

    target: Sizes = Sizes(households=2500, people=8000)
    """Size to aim at."""
    around: Literal["targets", "means"] = "targets"
    """Bounds lie around the targets, or around the means that the chosen number of communities gives."""
    others: dict[OtherKey, OtherQuantity] = Field(default_factory=dict)
    """Further quantities by key (small letters, digits and `_`), each with its own target, tolerance and price."""
    lead: str = "households"
    """The quantity that decides how many communities a district gets: `households`, `people` or a key of `others`."""
    tolerance: Tolerance = Tolerance()
    """How far a community may deviate, for each quantity."""
    limits: SizeRanges = SizeRanges()
    """Least and most of any community, whatever target and tolerance say; `standards.enforce` narrows them."""
    count: Literal["auto"] | Annotated[int, Field(ge=1)] | CountRange = "auto"
    """Communities over all districts: `auto` (total of the lead quantity / target), a number, or a range."""
    count_by_district: dict[str, Annotated[int, Field(ge=1)] | CountRange] = Field(default_factory=dict)
    """Number (or range) for a district by its name, instead of its largest-remainder share."""
    change: Literal["redraw", "merge_only", "keep"] = "redraw"
    """`redraw` blocks freely; `merge_only`: today's communities are only merged, whole; `keep` them as they are."""
    max_extent_m: Annotated[float, Field(ge=50, le=1_000_000)] | None = None
    """Farthest that the middles of two blocks of one community may lie apart, in metres; none: no limit."""
    min_compactness: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Least compactness of an outline, 4 pi area / perimeter² (circle 1, square 0.79, 1 by 10 0.26); none: no limit."""
    enclaves: Literal["note", "refuse"] = "note"
    """A community wholly inside another one of its district: only a `note`, or no plan has any: `refuse`."""
    min_neck_m: Annotated[float, Field(ge=1, le=1000)] | None = None
    """Least neck, in metres: no part with residents hangs on its community by less; none: 1 m, which is judged only."""
    max_moved_share: Share | None = None
    """Largest share of residents whose community may change; none: no limit."""
    exceptions: Literal["refuse", "widen", "nearest"] = "refuse"
    """Where bounds cannot be met: `refuse`, `widen` them there, or free as few, by as little, as can be: `nearest`."""

    def rule(self, name: Literal["target", "tolerance", "limits"], quantity: str) -> Any:
        """Give what is asked of households, people or a further quantity; none where nothing is."""
        other = self.others.get(quantity)
        return getattr(getattr(self, name), quantity) if other is None else getattr(other, name)

    @field_validator("lead")
    @classmethod
    def _leads_what_there_is(cls, lead: str, info: ValidationInfo) -> str:
        known = ("households", "people", *info.data.get("others", (lead,)))
        if lead not in known:
            en, zh = (f"{words}{' or '.join(map(repr, known))}" for words in ("must be ", "应为 "))
            close = did_you_mean(lead, known)
            raise refusal(f"{en}, not '{lead}'{close.en}", f"{zh.replace(' or ', '、')}，而不是 {lead}{close.zh}")
        return lead

    @model_validator(mode="after")
    def _limits_only_what_is_redrawn(self) -> "Communities":
        limits = {
            "limits": SizeRanges(),
            "max_extent_m": None,
            "min_compactness": None,
            "enclaves": "note",
            "min_neck_m": None,
        }
        for key, no_limit in limits.items():
            if getattr(self, key) != no_limit and self.change != "redraw":
                raise refusal(
                    f"{key} holds for communities that are redrawn; leave it out, or set change: redraw",
                    f"{key} 仅适用于重新划分（change: redraw）；请删去或改用 redraw",
                )
        return self


def _usual_weights() -> dict[str, CrossingWeight]:
    return {"trunk": 10.0, "primary": 6.0, "secondary": 3.0}


class NeckPrice(Section):
    """What it costs that parts of a community hang on it by narrow ground."""

    width_m: Annotated[float, Field(ge=1, le=1000)]
    """Ground narrower than this counts as a neck."""
    each: Weight
    """Cost of each part with residents that only such ground holds; none where an area is one community."""


class Objective(Section):
    """What makes one plan better than another, in weighted metres."""

    crossing: dict[str, CrossingWeight] = Field(default_factory=_usual_weights)
    """Cost of a metre of road of each class lying inside a community; `never`: no community may hold any."""
    served_share: Share = 0.5
    """Share of the crossing cost that remains where a bridge, underpass or signal serves the crossing."""
    empty_share: Share = 0.05
    """Share of the crossing cost that remains beside a block where nobody lives (a bank, a park): nobody crosses."""
    boundary: Weight = 1.0
    """Cost of a metre of frontage between two communities of one area (compactness)."""
    deviation: Weight = 20.0
    """Cost of one per cent deviation of one quantity in one community; one per cent of `communities.target`."""
    disruption: Weight = 0.0
    """Cost of one resident whose community changes."""
    idle_staff: Weight = 0.0
    """Cost of one worker lost to rounding: the difference of whole workers and the exact need."""
    neck: NeckPrice | None = None
    """Cost of necks, which `communities.min_neck_m` forbids instead; by default they cost nothing."""


class Solve(Section):
    """How long and how hard to search."""

    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 1
    """Same scenario and seed, same plan."""
    effort: Annotated[float, Field(gt=0, le=1000)] = 1.0
    """Amount of search, counted in tried moves: 1 is the standard amount, 10 ten times as much."""
    time_limit_s: Annotated[float, Field(gt=0)] = 600.0
    """Stop after this many seconds with the best plan so far, even if the effort is not spent."""
    workers: Annotated[int, Field(ge=1, le=256)] | None = None
    """Threads; by default all cores. The plan does not depend on it."""
    method: Literal["auto", "exact", "search"] = "auto"
    """`exact` proves the optimum (small problems), `search` anneals and recombines, `auto` picks by size."""
    bound: Literal["none", "quick", "full"] = "full"
    """The lower bound of the cost: `full` searches for a high one, `quick` adds up frontages, `none` leaves it out."""


_TILES = r"^https?://[A-Za-z0-9.-]+(:[0-9]+)?/[^\s\"'<>;,{}]*\{z\}[^\s\"'<>;,]*$"
"""An address without anything that could end it inside the page's policy."""


class Output(Section):
    """What is written, and how."""

    language: Literal["zh", "en", "both"] = "both"
    """Language of names, headings and the map."""
    shapefile_encoding: Literal["utf-8", "gb18030", "gbk"] = "utf-8"
    """Text encoding of the shapefile's attribute table."""
    block_term: BlockTerm = "block"
    """What blocks are called: `block` (地块), `estate` (小区) or `street_block` (街区); names in the data stay."""
    boundary: Literal["centreline", "edge"] = "centreline"
    """Communities meet on the `centreline` of a street, or (`edge`) it goes whole to the one north or east of it."""
    tiles: Annotated[str, Field(pattern=_TILES)] | None = None
    """Map tiles of the intranet under the map: `http://server/{z}/{x}/{y}.png`, WGS 84 or CGCS2000; none: no tiles."""

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages of papers, of which each has but one."""
        return ("zh", "en") if self.language == "both" else (self.language,)


class Scenario(Section):
    """One question to the engine: data, limits, what matters, how long to think, what to write."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")]
    """Short name, used for the result directory: letters, digits, `_`, `-`, `.`"""
    title: Text | None = None
    """Heading of the map and the report."""
    data: Data
    """The files the plan is made from."""
    levels: Annotated[tuple[Level, ...], AfterValidator(check_nesting)] = ()
    """Levels between district and community (streets), outermost first; each unit lies in one of the level above."""
    contiguity: Contiguity = Contiguity()
    """When two blocks count as neighbours."""
    communities: Communities = Communities()
    """What every new community must look like."""
    objective: Objective = Objective()
    """What makes one plan better than another."""
    pins: Annotated[tuple[Pin, ...], Field(max_length=10_000)] = ()
    """What is asked of the plan besides: blocks together or apart, communities of today kept, merged or split."""
    grids: Grids | None = None
    """How every community is divided into grids; none: there are no grids."""
    solve: Solve = Solve()
    """How long and how hard to search."""
    standards: Standards = Standards()
    """Ratios of the civil-affairs office."""
    output: Output = Output()
    """What is written, and how."""
    procedure: Procedure = Procedure()
    """What has been done on the way to approval, and when."""
    notice: Notice = Notice()
    """What the public notice says besides the plan."""
    sweep: Annotated[Sweep | None, Field(exclude=True)] = None
    """Values of other keys for which `redistrict sweep` asks the scenario anew; all other commands pass it over."""

    @model_validator(mode="after")
    def _necks_cost_where_they_may_be(self) -> "Scenario":
        asked = self.communities
        if self.objective.neck and (asked.min_neck_m is not None or asked.change != "redraw"):
            raise refusal(
                "objective.neck is the price of necks in communities that are redrawn and may have them; leave it out, "
                "or communities.min_neck_m, and set change: redraw",
                "objective.neck 是重新划分（change: redraw）且允许狭窄连接时的代价；请删去，或删去 "
                "communities.min_neck_m 并改用 redraw",
            )
        return self

    @model_validator(mode="after")
    def _limits_hold_for_centrelines(self) -> "Scenario":
        asked = self.communities
        limited = asked.min_compactness is not None or asked.min_neck_m is not None or asked.enclaves == "refuse"
        if (limited or self.objective.neck) and self.output.boundary == "edge":
            raise refusal(
                "communities.min_compactness, min_neck_m, enclaves: refuse and objective.neck hold for boundaries on "
                "centrelines; leave them out, or output.boundary: edge",
                "communities.min_compactness、min_neck_m、enclaves: refuse 与 objective.neck 按沿街道中线的界线计算；"
                "请删去，或删去 output.boundary: edge",
            )
        return self

    @property
    def heading(self) -> Message:
        """The title, or the name where there is none."""
        return self.title.message if self.title else plain(self.name)
