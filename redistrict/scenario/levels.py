"""Levels (层级) between the district and the community: streets, and whatever else lies above communities."""

import re
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from redistrict.scenario.section import CountRange, Section, Text, Weight, refusal
from redistrict.scenario.sources import Source

_KEY = re.compile(r"[a-z][a-z0-9_]{0,19}")
_TAKEN = (
    "allowed", "area_km2", "bearing", "beyond_district", "beyond_id", "beyond_name", "block_id", "blocks",
    "blocks_beyond", "blocks_facing", "blocks_main", "boundary_m", "bounds", "clause", "colour", "communities",
    "community", "community_id", "community_name", "compactness", "continues_id", "continues_name", "cost_m",
    "crossings", "current", "distance_m", "district", "divides", "dwellings", "east", "east_m", "empty_m",
    "exception", "existing_m2", "extent_m", "fate", "fid", "filled", "found", "from_district", "from_id",
    "from_name", "from_point", "fund_yuan", "geom", "geometry", "grid", "grid_workers", "grids", "households",
    "households_deviation", "id", "item", "keeps_name", "kind", "latitude", "length_m", "line", "line_m",
    "lineage", "longitude", "mean_distance_m", "message", "n_blocks", "n_communities", "name",
    "named_border_share", "neck_m", "new_fate", "new_id", "new_name", "next_point", "north", "north_m",
    "ogc_fid", "old_fate", "old_id", "old_name", "on_line_m", "outcome", "pack", "people", "people_deviation",
    "point", "point_type", "population", "premises", "premises_m2", "provenance", "reason", "required_m2",
    "residents_beyond", "residents_changed", "ring", "road_class", "road_name", "rooms_owed_m2", "rules",
    "served_by", "served_m", "shortfall_m2", "side", "sites_idle", "sites_used", "south", "staff", "staffing",
    "stands_there", "step", "strength", "to_district", "to_id", "to_name", "to_point", "today", "transition",
    "used_m2", "vacant", "value", "west", "workers", "worst_block", "worst_distance_m",
)  # fmt: skip
"""Columns and sheets that the tables and layers have anyway."""


def check_new_column(key: str) -> str:
    """Refuse a key that cannot be the name of a column, or is one already."""
    if _KEY.fullmatch(key) is None:
        raise refusal(
            f"'{key}' is not allowed; write up to 20 small letters, digits and _, the first a letter",
            f"不能写 {key}，应写不超过 20 个小写字母、数字或 _，以字母开头",
        )
    if key in _TAKEN or key.startswith("crossing_"):
        raise refusal(f"the tables have a column '{key}' already; choose another", f"表中已有 {key} 列；请换一个")
    return key


class LevelColumns(Section):
    """Which columns of the layer of units hold what."""

    name: str
    """Name of a unit; several polygons of one name are one unit."""


class LevelSource(Source):
    """Polygons of the units of a level; a block belongs to the one that holds most of its ground."""

    columns: LevelColumns
    """Which columns hold the name."""


class Level(Section):
    """A level above the community, such as streets (街道), each of which lies inside one district."""

    key: str
    """Name of the level in tables and JSON: small letters, digits and `_`, such as `street`."""
    title: Text
    """What the level is called."""
    column: str | None = None
    """Column of the block layer with the name of the unit; either this or `layer`."""
    layer: LevelSource | None = None
    """Polygons of the units, instead of `column`."""
    keep: Literal["hard", "dear", "free"]
    """`hard`: no community crosses its borders; `dear`: one may, at a price; `free`: it is only published."""
    each: Weight | None = None
    """Cost of one resident whose unit changes; with `keep: dear`."""
    count_by: dict[str, Annotated[int, Field(ge=1)] | CountRange] = Field(default_factory=dict)
    """Number (or range) of communities of a unit by its name, instead of its share; with `keep: hard`."""
    pieces: Literal["own", "join", "refuse"] = "own"
    """A unit, or a part that touches no other, too small for a community: one of its `own`, `join`ed, or `refuse`d."""

    @field_validator("key")
    @classmethod
    def _is_a_new_column(cls, key: str) -> str:
        return check_new_column(key)

    @model_validator(mode="after")
    def _belongs_together(self) -> "Level":
        if (self.column is None) == (self.layer is None):
            raise refusal("give either 'column' or 'layer'", "column 与 layer 必须且只能写一个")
        if (self.keep == "dear") != (self.each is not None):
            raise refusal("'each' belongs to 'keep: dear', and 'keep: dear' needs it", "each 与 keep: dear 必须同时写")
        if self.count_by and self.keep != "hard":
            raise refusal("'count_by' needs 'keep: hard'", "写 count_by 必须写 keep: hard")
        return self


def check_nesting(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    """Refuse keys that stand twice, and a level that could be crossed above one that cannot."""
    keys = [level.key for level in levels]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise refusal(f"two levels have the key '{twice}'", f"有两个层级的 key 都是 {twice}")
    for above, below in pairwise(levels):
        if below.keep == "hard" and above.keep != "hard":
            raise refusal(
                f"no community crosses '{above.key}' either, since '{below.key}' lies in it and is hard: write it hard",
                f"{below.key} 不可跨越，其上的 {above.key} 也就不可跨越，请写 keep: hard",
            )
    return levels
