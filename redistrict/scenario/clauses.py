"""Clauses: the kinds of checks that rule packs ask of a community, each a section of the pack's file."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from redistrict.scenario.section import Count, Range, Section, Text, refusal

Strength = Literal["must", "generally", "should"]
Key = Annotated[str, Field(max_length=80)]
Sentence = Annotated[str, Field(max_length=500)]
_Ratio = Annotated[float, Field(gt=0)]
_Area = Annotated[float, Field(ge=0)]
NOT_WALKED = ("rail", "motorway")
"""Classes of `data.roads` that nobody walks along."""


class Clause(Section):
    """What every clause has besides its check."""

    key: Key
    """Short name of the clause, unique in its pack; waivers name it."""
    text: Text
    """What it asks, in a few words."""
    cited: Sentence
    """The sentence of the source it rests on, in Chinese."""
    place: str | None = None
    """Section or page of that sentence."""
    reading: Text | None = None
    """How we read words that leave room (左右, 一般); none: they leave none."""
    strength: Strength = "must"
    """`must`: asked for (原则上, 不得, 不低于); `generally`: the rule (一般); `should`: recommended (为宜, 建议)."""


class _SizeClause(Clause):
    """A clause on `households`, `people`, or both."""

    @model_validator(mode="after")
    def _has_a_quantity(self) -> "_SizeClause":
        if all(getattr(self, quantity) is None for quantity in ("households", "people")):
            en = "give at least one of 'households' and 'people'"
            raise refusal(en, "households（户）与 people（人）至少要写一个")
        return self


class SizeLimits(_SizeClause):
    """Households and people lie within limits."""

    check: Literal["size_limits"]
    """Kind of check."""
    households: Range | None = None
    """Limits of households."""
    people: Range | None = None
    """Limits of people."""


class TargetSize(_SizeClause):
    """Households and people are about a target."""

    check: Literal["target_size"]
    """Kind of check."""
    households: Count | None = None
    """Households to aim at."""
    people: Count | None = None
    """People to aim at."""
    tolerance: Annotated[float, Field(gt=0, lt=1)]
    """What "about" (左右) is read as: 0.2 means 20 % below to 20 % above."""


class SplitAbove(_SizeClause):
    """A community above the size is to be split."""

    check: Literal["split_above"]
    """Kind of check."""
    households: Count | None = None
    """Most households."""
    people: Count | None = None
    """Most people."""


class MergeBelow(_SizeClause):
    """A community below the size is to be merged with a neighbour."""

    check: Literal["merge_below"]
    """Kind of check."""
    households: Count | None = None
    """Fewest households."""
    people: Count | None = None
    """Fewest people."""


class OnePiece(Clause):
    """A community has no separate areas."""

    check: Literal["one_piece"]
    """Kind of check."""


class OneDistrict(Clause):
    """A community lies inside one district."""

    check: Literal["one_district"]
    """Kind of check."""


class OutlineAlong(Clause):
    """The outline follows named roads, railways, waters or hills."""

    check: Literal["outline_along"]
    """Kind of check."""
    min_share: Annotated[float, Field(gt=0, le=1)]
    """Least share of the outline that does."""


class RoadInside(Clause):
    """Roads of these classes lie on the borders of communities, not inside."""

    check: Literal["road_inside"]
    """Kind of check."""
    classes: Annotated[tuple[str, ...], Field(min_length=1)]
    """Road and barrier classes, as in `objective.crossing`."""
    most_m: Annotated[float, Field(ge=0)] = 0.0
    """Most metres of all of them inside one community; 0: never any."""


class StaffingRatio(Clause):
    """A community has the workers that its residents need."""

    check: Literal["staffing"]
    """Kind of check."""
    households_per_worker: _Ratio | None = None
    """One worker per this many households; none: households do not count."""
    people_per_worker: _Ratio | None = None
    """One worker per this many people; none: people do not count."""
    combine: Literal["larger", "mean"] = "larger"
    """Take the larger of the two needs, or their mean."""
    rounding: Literal["up", "nearest"] = "up"
    """How a fraction of a worker is rounded (nearest: halves go up)."""

    @model_validator(mode="after")
    def _has_a_ratio(self) -> "StaffingRatio":
        if self.households_per_worker is None and self.people_per_worker is None:
            en = "give at least one of 'households_per_worker' and 'people_per_worker'"
            raise refusal(en, "households_per_worker 与 people_per_worker 至少要写一个")
        return self


class PremisesNorm(Clause):
    """A community has the office and service premises (办公服务用房) its households need."""

    check: Literal["premises"]
    """Kind of check."""
    m2_per_100_households: _Area = 0.0
    """Square metres for every 100 households."""
    minimum_m2: _Area = 0.0
    """Least area of any community."""


class DwellingLimits(Clause):
    """Dwellings (住宅套数) lie within limits; households stand in for them, and the finding says so."""

    check: Literal["dwelling_limits"]
    """Kind of check."""
    dwellings: Range
    """Limits of dwellings."""


class Committee(Clause):
    """The posts of a community are enough for its residents' committee."""

    check: Literal["committee"]
    """Kind of check."""
    min_members: Count
    """Fewest members of the committee."""


class SimpleOutline(Clause):
    """The outline is simple: 4 pi area / perimeter² (circle 1, square 0.79) is not below a limit."""

    check: Literal["simple_outline"]
    """Kind of check."""
    min_compactness: Annotated[float, Field(gt=0, lt=1)]
    """Least compactness, as published."""


class EstateWhole(Clause):
    """No estate (小区: blocks of one name in one district) lies in two communities."""

    check: Literal["estate_whole"]
    """Kind of check."""


class OneUnit(Clause):
    """A community lies inside one unit of a level of `levels`, such as one street."""

    check: Literal["one_unit"]
    """Kind of check."""
    level: str = "street"
    """Key of the level; where the scenario has no such level the clause cannot be judged."""


class WalkShare(Clause):
    """Residents live within a distance of the community's rooms, along streets, or straight where there are none."""

    check: Literal["walk"]
    """Kind of check."""
    most_m: _Ratio
    """The distance, from the middle of the block to the nearest rooms in the community."""
    min_share: Annotated[float, Field(gt=0, le=1)]
    """Least share of its residents."""


class Circle(Clause):
    """So many people, and so many dwellings, lie within a distance of the community's rooms (生活圈)."""

    check: Literal["circle"]
    """Kind of check."""
    most_m: _Ratio
    """The distance, from the middle of the block to the nearest rooms in the community, as with `walk`."""
    people: Range | None = None
    """Limits of people, of whatever community."""
    dwellings: Range | None = None
    """Limits of dwellings; households stand in for them, and the finding says so."""

    @model_validator(mode="after")
    def _has_limits(self) -> "Circle":
        if self.people is None and self.dwellings is None:
            en = "give at least one of 'people' and 'dwellings'"
            raise refusal(en, "people（人）与 dwellings（住宅套数）至少要写一个")
        return self


class GridCount(Clause):
    """A community is divided into so many grids (网格); without grids in the scenario no clause on them applies."""

    check: Literal["grid_count"]
    """Kind of check."""
    grids: Range
    """Limits of grids in a community."""


class GridSize(Clause):
    """Every grid of a community has so many households."""

    check: Literal["grid_size"]
    """Kind of check."""
    households: Range | None = None
    """Limits of households; none: those of `grids` in the scenario."""


class GridOnePiece(Clause):
    """Every grid of a community is connected."""

    check: Literal["grid_one_piece"]
    """Kind of check."""


class GridPosts(Clause):
    """Every grid of a community has posts of grid workers (网格员)."""

    check: Literal["grid_posts"]
    """Kind of check."""
    min_posts: Count
    """Fewest posts in a grid."""


AnyClause = (
    SizeLimits
    | TargetSize
    | SplitAbove
    | MergeBelow
    | OnePiece
    | OneDistrict
    | OutlineAlong
    | RoadInside
    | StaffingRatio
    | PremisesNorm
    | DwellingLimits
    | Committee
    | SimpleOutline
    | EstateWhole
    | OneUnit
    | WalkShare
    | Circle
    | GridCount
    | GridSize
    | GridOnePiece
    | GridPosts
)
