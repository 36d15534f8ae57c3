"""The scenario: frozen models of the YAML file, one section per subject, units in the key names."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=10_000)]
Metres = Annotated[float, Field(ge=0, le=10_000)]
Quantity = Literal["households", "people"]


def _refusal(en: str, zh: str) -> PydanticCustomError:
    """Give the error a validator raises, with its sentence in both languages."""
    return PydanticCustomError("refused", "{en}", {"en": en, "zh": zh})


class Section(BaseModel):
    """A part of the scenario: frozen, unknown keys refused, every field documented under the field."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False, str_min_length=1
    )


class Text(Section):
    """A short text in both languages of the interface."""

    zh: str = Field(max_length=200)
    """The text in Chinese."""
    en: str = Field(max_length=200)
    """The text in English."""


class Source(Section):
    """One layer of one vector file, in any format GDAL reads without a network."""

    path: Path
    """File, relative to the scenario file: shapefile, GeoPackage, GeoJSON, OSM extract, ..."""
    layer: str | None = None
    """Layer inside the file; needed when it has several."""
    encoding: str | None = None
    """Text encoding when the file does not say: utf-8, gbk, gb18030, ..."""
    crs: str | None = None
    """Coordinate system when the file does not say (EPSG:4547, ...), or `gcj02` for GCJ-02 degrees."""
    where: str | None = None
    """Keep only the features that match this attribute filter (SQL WHERE as GDAL understands it)."""


class BlockColumns(Section):
    """Which columns of the block layer hold what."""

    id: str
    """Key of a block; unique; kept as text."""
    households: str | None = None
    """Households (户) in the block: whole numbers, not negative."""
    people: str | None = None
    """People (人) in the block: whole numbers, not negative."""
    district: str | None = None
    """District (区) a community may not leave; none: the whole data set is one district."""
    name: str | None = None
    """Name of the block or estate (小区), shown on the map."""
    community: str | None = None
    """Community (社区) the block belongs to today."""

    @model_validator(mode="after")
    def _has_a_quantity(self) -> "BlockColumns":
        if self.households is None and self.people is None:
            raise _refusal(
                "give at least one of 'households' and 'people'",
                "households（户）与 people（人）至少要写一个",
            )
        return self


class BlockSource(Source):
    """The residential blocks (小区, 街块)."""

    columns: BlockColumns
    """Which columns hold the key, the counts and the district."""


class RoadSource(Source):
    """Roads or railways whose metres inside a community cost something."""

    class_column: str | None = None
    """Column with the road class."""
    classes: dict[str, str] | None = None
    """Value of `class_column` -> road class of `objective.crossing`; values not listed are left out."""
    class_name: str | None = None
    """One road class for every line of this layer, instead of `class_column`."""
    name_column: str | None = None
    """Column with the road's name, for the ledger and the map."""

    @model_validator(mode="after")
    def _says_its_class(self) -> "RoadSource":
        if (self.class_column is None) == (self.class_name is None):
            raise _refusal("give either 'class_column' or 'class_name'", "class_column 与 class_name 必须且只能写一个")
        if self.classes is not None and self.class_column is None:
            raise _refusal("'classes' needs 'class_column'", "写了 classes 就必须写 class_column")
        return self


class BarrierSource(Source):
    """Rivers, lakes, railways: blocks do not face each other across them, unless a structure bridges them."""

    name_column: str | None = None
    """Column with the barrier's name."""


class StructureSource(Source):
    """Bridges, underpasses and signals: they open barriers (not signals) and make a crossing cheaper."""

    kind_column: str | None = None
    """Column whose values are `bridge`, `underpass` or `signal` (or mapped to them by `kinds`)."""
    kinds: dict[str, Literal["bridge", "underpass", "signal"]] | None = None
    """Value of `kind_column` -> kind; values not listed are left out."""
    kind: Literal["bridge", "underpass", "signal"] | None = None
    """One kind for every feature of this layer, instead of `kind_column`."""

    @model_validator(mode="after")
    def _says_its_kind(self) -> "StructureSource":
        if (self.kind_column is None) == (self.kind is None):
            raise _refusal("give either 'kind_column' or 'kind'", "kind_column 与 kind 必须且只能写一个")
        return self


class Data(Section):
    """The files the plan is made from."""

    label: Text | None = None
    """What everyone who sees the results must know of the data (synthetic, estimated); shown everywhere."""
    crs: str | None = None
    """Metric coordinate system to work in; default: that of the blocks, or a local one for degrees."""
    blocks: BlockSource
    """The residential blocks."""
    roads: tuple[RoadSource, ...] = ()
    """Roads and railways to keep out of communities, with their classes."""
    barriers: tuple[BarrierSource, ...] = ()
    """Rivers, lakes and railways that separate blocks."""
    structures: tuple[StructureSource, ...] = ()
    """Bridges, underpasses and signals."""


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


class CountRange(Section):
    """Fewest and most communities."""

    min: Annotated[int, Field(ge=1)]
    """Fewest communities."""
    max: Annotated[int, Field(ge=1)]
    """Most communities."""

    @model_validator(mode="after")
    def _is_a_range(self) -> "CountRange":
        if self.min > self.max:
            raise _refusal(f"min {self.min} is above max {self.max}", f"min（{self.min}）大于 max（{self.max}）")
        return self


class Communities(Section):
    """What every new community must look like."""

    target: Sizes = Sizes(households=2500, people=8000)
    """Size to aim at."""
    around: Literal["targets", "means"] = "targets"
    """Bounds lie around the targets, or around the means that the chosen number of communities gives."""
    lead: Quantity = "households"
    """The quantity that decides how many communities a district gets."""
    tolerance: Tolerance = Tolerance()
    """How far a community may deviate, for each quantity."""
    count: Literal["auto"] | Annotated[int, Field(ge=1)] | CountRange = "auto"
    """Communities over all districts: `auto` (total of the lead quantity / target), a number, or a range."""
    count_by_district: dict[str, Annotated[int, Field(ge=1)] | CountRange] = Field(default_factory=dict)
    """Number (or range) for a district by its name, instead of its largest-remainder share."""
    exceptions: Literal["refuse", "widen"] = "refuse"
    """Where a district's totals cannot meet the bounds: refuse, or widen the bounds there and say so."""


class Objective(Section):
    """What makes one plan better than another, in weighted metres."""

    crossing: dict[str, Weight] = Field(default_factory=lambda: {"trunk": 10.0, "primary": 6.0, "secondary": 3.0})
    """Cost of a metre of road of each class lying inside a community."""
    served_share: Share = 0.5
    """Share of the crossing cost that remains where a bridge, underpass or signal serves the crossing."""
    boundary: Weight = 1.0
    """Cost of a metre of frontage between two communities (compactness)."""
    deviation: Weight = 20.0
    """Cost of one per cent deviation from the target of one quantity in one community."""


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


class Staffing(Section):
    """Community workers (社区工作者) from households and people."""

    households_per_worker: Annotated[float, Field(gt=0)] = 250.0
    """One worker per this many households."""
    people_per_worker: Annotated[float, Field(gt=0)] = 800.0
    """One worker per this many people."""
    combine: Literal["larger", "mean"] = "larger"
    """Take the larger of the two needs, or their mean."""
    rounding: Literal["up", "nearest"] = "up"
    """How a fraction of a worker is rounded (nearest: halves go up)."""
    minimum: Annotated[int, Field(ge=0)] = 0
    """Fewest workers of any community."""


class Standards(Section):
    """Ratios of the civil-affairs office."""

    staffing: Staffing = Staffing()
    """Community workers."""


class Output(Section):
    """What is written, and how."""

    language: Literal["zh", "en", "both"] = "both"
    """Language of names, headings and the map."""
    shapefile_encoding: Literal["utf-8", "gb18030", "gbk"] = "utf-8"
    """Text encoding of the shapefile's attribute table."""


class Scenario(Section):
    """One question to the engine: data, limits, what matters, how long to think, what to write."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")]
    """Short name, used for the result directory: letters, digits, `_`, `-`, `.`"""
    title: Text | None = None
    """Heading of the map and the report."""
    data: Data
    """The files the plan is made from."""
    contiguity: Contiguity = Contiguity()
    """When two blocks count as neighbours."""
    communities: Communities = Communities()
    """What every new community must look like."""
    objective: Objective = Objective()
    """What makes one plan better than another."""
    solve: Solve = Solve()
    """How long and how hard to search."""
    standards: Standards = Standards()
    """Ratios of the civil-affairs office."""
    output: Output = Output()
    """What is written, and how."""
