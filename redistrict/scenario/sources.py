"""The files a scenario names: layers, their columns, and what the values mean."""

import datetime
import re
from itertools import combinations
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from redistrict.scenario.attribute_filter import check_filter
from redistrict.scenario.section import Quantity, Section, Text, Wording, refusal

GCJ02 = "gcj02"
"""The shifted degrees of Chinese web maps, as a coordinate system."""
PLACES = (("经度", "纬度"), ("longitude", "latitude"), ("lon", "lat"), ("lng", "lat"), ("long", "lat"), ("x", "y"))
"""Names of columns, in small letters, that hold the place of a row in a table without shapes."""


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
    """Keep only the features that match this attribute filter (comparisons, as in SQL WHERE)."""

    @field_validator("crs")
    @classmethod
    def _in_one_spelling(cls, crs: str | None) -> str | None:
        """Write GCJ-02 in one way, so that all who read the file agree; everything else stays."""
        return GCJ02 if crs is not None and re.sub(r"[\s_-]", "", crs.lower()) == GCJ02 else crs

    @field_validator("where")
    @classmethod
    def _only_compares(cls, where: str | None) -> str | None:
        return None if where is None else check_filter(where)


class BlockColumns(Section):
    """Which columns of the block layer hold what."""

    id: str
    """Key of a block; unique; kept as text."""
    households: str | None = None
    """Households (户) in the block: whole numbers, not negative."""
    people: str | None = None
    """People (人) in the block: whole numbers, not negative."""
    dwellings: str | None = None
    """Dwellings (住宅套数) in the block, which clauses count; none: households stand in for them, and it is said."""
    district: str | None = None
    """District (区) a community may not leave; none: the whole data set is one district."""
    name: str | None = None
    """Name of the block or estate (小区), shown on the map."""
    community: str | None = None
    """Community (社区) the block belongs to today."""
    others: dict[str, str] = Field(default_factory=dict)
    """Columns of further quantities, by their key in `communities.others`: whole numbers, not negative."""


class TableSource(Source):
    """A layer, or a table without shapes (CSV, XLSX, ODS)."""

    header_row: int | None = Field(default=None, ge=1, le=1000)
    """Row of a CSV, XLSX or ODS table that holds the headings, from 1; default: the first with the columns named."""

    @property
    def named(self) -> list[str]:
        """The columns it names."""
        columns = self.model_dump(exclude_none=True)["columns"]
        others = columns.pop("others", {})
        return [*columns.values(), *others.values()]


class CountColumns(Section):
    """Which columns of the table of counts hold what."""

    id: str
    """Key of a block; each in one row only; compared as text."""
    households: str | None = None
    """Households (户) in the block, instead of `data.blocks.columns.households`."""
    people: str | None = None
    """People (人) in the block, instead of `data.blocks.columns.people`."""
    others: dict[str, str] = Field(default_factory=dict)
    """Columns of further quantities, by key, instead of `data.blocks.columns.others`."""


class CountSource(TableSource):
    """Counts of the blocks in a table of their own (CSV, XLSX), joined by key."""

    columns: CountColumns
    """Which columns hold the key and the counts."""
    block_column: str | None = None
    """Column of the block layer that holds the same key; default: `data.blocks.columns.id`."""


GROUND = "area"
"""Counts are spread in proportion to ground."""


class SpreadColumns(Section):
    """Which columns of the layer of areas hold what."""

    id: str
    """Key of an area; unique."""
    households: str | None = None
    """Households (户) in the area."""
    people: str | None = None
    """People (人) in the area."""
    others: dict[str, str] = Field(default_factory=dict)
    """Columns of further quantities in the area, by key."""


class SpreadSource(Source):
    """Counts known for larger or other areas (census tracts, today's communities), spread over the blocks in them."""

    columns: SpreadColumns
    """Which columns hold the key and the counts."""
    by: str = GROUND
    """Spread in proportion to ground (`area`), or to a column of the block layer: floor area, dwellings, a weight."""


CountedColumns = BlockColumns | CountColumns | SpreadColumns


def column_of(columns: CountedColumns, quantity: str) -> str | None:
    """Give the column that holds a quantity, none where there is none."""
    name: str | None = columns.others.get(quantity) or getattr(columns, quantity, None)
    return name


def list_columns(columns: CountedColumns) -> list[str | None]:
    """Give every column that is named, none for what has none."""
    return [*columns.model_dump(exclude={"others"}).values(), *columns.others.values()]


class BlockSource(Source):
    """The residential blocks (地块)."""

    columns: BlockColumns
    """Which columns hold the key, the counts and the district."""
    counts: CountSource | None = None
    """Table that holds the counts where the block layer does not."""
    spread: SpreadSource | None = None
    """Layer of larger or other areas whose counts are spread over the blocks."""
    blanks: Literal["refuse", "zero"] = "refuse"
    """What an empty count is, and a block without a row in `counts`: an error (`refuse`), or nobody (`zero`)."""

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What is counted, in the layer or in the table of counts."""
        names: tuple[Quantity, ...] = ("households", "people")
        return tuple(name for name in names if self._keys_of(name))

    @property
    def others(self) -> tuple[str, ...]:
        """Keys of the further quantities that have a column."""
        return tuple(dict.fromkeys(key for columns in self._sections().values() for key in columns.others))

    def _sections(self) -> dict[str, CountedColumns]:
        given: dict[str, CountedColumns] = {"columns": self.columns}
        return given | {f"{key}.columns": one.columns for key in ("counts", "spread") if (one := getattr(self, key))}

    def _keys_of(self, quantity: str) -> list[str]:
        """Give the keys under which a quantity has a column."""
        return [key for key, columns in self._sections().items() if column_of(columns, quantity) is not None]

    @model_validator(mode="after")
    def _counts_once(self) -> "BlockSource":
        if not self.quantities:
            raise refusal(
                "give at least one of 'households' and 'people' in 'columns', or in 'counts' or 'spread' what has them",
                "columns 中至少要写 households（户）与 people（人）之一，或在 counts、spread 中给出其所在的表或图层",
            )
        for name in (*self.quantities, *self.others):
            keys = self._keys_of(name)
            if len(keys) > 1:
                raise refusal(
                    f"'{name}' stands in '{keys[0]}' and in '{keys[1]}'; keep one",
                    f"{keys[0]} 与 {keys[1]} 都写了 {name}；请只留一处",
                )
        for one in self._sections().values():
            for a, b in combinations((*self.quantities, *self.others), 2):
                if (column := column_of(one, a)) is not None and column == column_of(one, b):
                    raise refusal(
                        f"'{a}' and '{b}' both name the column '{column}'; name two, or leave one out",
                        f"{a} 与 {b} 写了同一列“{column}”；请写两列，或省去其一",
                    )
        return self


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
            raise refusal("give either 'class_column' or 'class_name'", "class_column 与 class_name 必须且只能写一个")
        if self.classes is not None and self.class_column is None:
            raise refusal("'classes' needs 'class_column'", "写了 classes 就必须写 class_column")
        return self


class BarrierSource(Source):
    """Rivers, lakes, railways: blocks do not face each other across them, unless a structure bridges them."""

    name_column: str | None = None
    """Column with the barrier's name."""
    class_name: str = "barrier"
    """Class in the crossing ledger and in `objective.crossing`: rail, river, ..."""


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
            raise refusal("give either 'kind_column' or 'kind'", "kind_column 与 kind 必须且只能写一个")
        return self


class CurrentColumns(Section):
    """Which columns of the table of today's communities hold what."""

    id: str
    """Key of a community, as in `data.blocks.columns.community`."""
    name: str | None = None
    """Name of the community."""
    staff: str | None = None
    """Community workers there today: whole numbers, not negative."""
    locked: str | None = None
    """Says which communities stay as they are (村改居, ...): 1, yes, true, √, 是, 锁定 or the column's name."""


class CurrentSource(TableSource):
    """Today's communities (现有社区), one row each; a layer or a table without shapes (CSV, XLSX)."""

    columns: CurrentColumns
    """Which columns hold the key, the name, the staff and the locks."""


class SiteColumns(Section):
    """Which columns of the premises layer hold what."""

    id: str
    """Key of a site."""
    area_m2: str
    """Usable floor area in square metres: a number, not negative."""
    name: str | None = None
    """Name of the site."""
    community: str | None = None
    """Key of today's community that uses the site; without it, the community whose block it stands in or nearest."""
    x: str | None = None
    """Longitude or easting in a table without shapes; default: a column named 经度, longitude, lon, lng, long or x."""
    y: str | None = None
    """Latitude or northing, likewise; default: a column named 纬度, latitude, lat or y."""

    @model_validator(mode="after")
    def _has_both(self) -> "SiteColumns":
        if (self.x is None) != (self.y is None):
            raise refusal("'x' and 'y' belong together; write both or neither", "x 与 y 必须同时填写，或都不写")
        return self


class SiteSource(TableSource):
    """Office and service premises of today's communities (社区办公服务用房): points, outlines or a table of places."""

    columns: SiteColumns
    """Which columns hold the key and the floor area."""


class ProjectColumns(Section):
    """Which columns of the list of estates under delivery hold what."""

    id: str
    """Key of a row: one delivery of an estate."""
    block: str
    """Key of the block the homes stand in."""
    date: str
    """When residents move in: a year (2028) or a date (2028-06-30)."""
    name: str | None = None
    """Name of the estate."""
    households: str | None = None
    """Households moving in: whole numbers, not negative."""
    people: str | None = None
    """People moving in: whole numbers, not negative."""
    homes: str | None = None
    """Homes built, on which the developer's duty is counted; default: the households."""


class ProjectSource(TableSource):
    """Estates under delivery (在建小区) as dated rows; a layer or a table without shapes (CSV, XLSX)."""

    columns: ProjectColumns
    """Which columns hold the block, the date and the counts."""


class StartColumns(Section):
    """Which columns of a plan hold what."""

    id: str = "block_id"
    """Key of a block."""
    community: str = "community_id"
    """Key or name of the community the plan puts it into; empty: the plan says nothing of this block."""


class StartSource(TableSource):
    """A plan to start from: a result's plan.csv, or any layer or table with a block and its community."""

    columns: StartColumns = StartColumns()
    """Which columns hold the block and its community; by default those of plan.csv."""


class Data(Section):
    """The files the plan is made from."""

    label: Text | None = None
    """What everyone who sees the results must know of the data (synthetic, estimated); shown everywhere."""
    date: datetime.date | None = None
    """Day that the data are of, as 2026-12-01."""
    licence: Wording | None = None
    """Licence or terms under which the data may be used; a text, or one in each language."""
    crs: str | None = None
    """Metric coordinate system to work in; default: that of the blocks, or a local one for degrees."""
    blocks: BlockSource
    """The residential blocks."""
    repair: Literal["as_drawn", "mend"] = "as_drawn"
    """What to do with blocks that are drawn wrongly: refuse or note them, or `mend` them by fixed rules, with a log."""
    roads: tuple[RoadSource, ...] = ()
    """Roads and railways to keep out of communities, with their classes."""
    barriers: tuple[BarrierSource, ...] = ()
    """Rivers, lakes and railways that separate blocks."""
    structures: tuple[StructureSource, ...] = ()
    """Bridges, underpasses and signals."""
    current: CurrentSource | None = None
    """Today's communities: names, staff, locks. The blocks say which one they belong to."""
    premises: SiteSource | None = None
    """Office and service premises there are today."""
    projects: ProjectSource | None = None
    """Estates under delivery, for growth and for the rooms their developers owe."""
    start: StartSource | None = None
    """A plan the search starts from; it need not obey the limits."""

    @model_validator(mode="after")
    def _spreads_over_sound_blocks(self) -> "Data":
        if self.repair == "mend" and self.blocks.spread is not None:
            raise refusal(
                "'repair: mend' cannot mend blocks whose counts are spread: who has which is not known before",
                "repair: mend 不能用于按统计区分配数量（spread）的地块：修复前数量未知",
            )
        return self
