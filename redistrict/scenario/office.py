"""Ratios, limits and norms of the civil-affairs office: scenario data, never constants in code."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from redistrict.scenario.section import Section, refusal


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


class Premises(Section):
    """Office and service premises (办公服务用房) a community must have."""

    m2_per_100_households: Annotated[float, Field(ge=0)] = 20.0
    """Square metres for every 100 households."""
    minimum_m2: Annotated[float, Field(ge=0)] = 300.0
    """Least area of any community."""
    site: Literal["optional", "required"] = "optional"
    """`required`: every new community contains a site that exists today."""


class ServiceFund(Section):
    """Yearly service fund (社区服务经费)."""

    yuan_per_household: Annotated[float, Field(ge=0)] = 10.0
    """Yuan for every household and year."""


class DeveloperDuty(Section):
    """Community rooms a developer hands over free of charge (配建社区用房)."""

    m2: Annotated[float, Field(ge=0)] = 100.0
    """Square metres for every `homes` homes."""
    homes: Annotated[int, Field(gt=0)] = 1000
    """Homes built for which `m2` are owed, in proportion."""


class Growth(Section):
    """Years in which estates under delivery have changed the counts."""

    hold: Literal["checked", "required"] = "checked"
    """`checked`: say which year and community break first; `required`: the plan must hold in every year."""
    years: tuple[Annotated[int, Field(ge=1900, le=2200)], ...] | None = None
    """Years to look at; default: every year in which a project is delivered."""


class Waiver(Section):
    """A clause of a rule pack that one community need not meet, and why."""

    pack: str
    """Key of the rule pack."""
    clause: str
    """Key of the clause in the pack."""
    community: str
    """Key or name of the community; `*` for all."""
    reason: str = Field(max_length=200)
    """Why, in a few words: it stands in the compliance table."""


class Standards(Section):
    """Ratios and norms of the civil-affairs office."""

    staffing: Staffing = Staffing()
    """Community workers."""
    bands: tuple[Annotated[int, Field(gt=0)], ...] = (1000, 2000, 2500, 3000)
    """Where the bands of households of the diagnosis begin: under 1,000, 1,000 to under 2,000, ... and above."""
    premises: Premises = Premises()
    """Office and service premises."""
    fund: ServiceFund = ServiceFund()
    """Yearly service fund."""
    developer: DeveloperDuty = DeveloperDuty()
    """Rooms owed by new estates."""
    growth: Growth = Growth()
    """Years to check the plan in."""
    rules: tuple[str, ...] = ()
    """Rule packs to report on: `huangshi_report`, `yuhang_2020`, or a YAML file, relative to the scenario file."""
    enforce: tuple[str, ...] = ()
    """Clauses of these packs that the search keeps, as `pack.clause`: on size, or on roads that are never inside."""
    waivers: tuple[Waiver, ...] = ()
    """Clauses that need not be met, and why."""

    @model_validator(mode="after")
    def _bands_rise(self) -> "Standards":
        if not self.bands or list(self.bands) != sorted(set(self.bands)):
            raise refusal("'bands' must be rising numbers", "bands 必须由小到大，且不重复")
        return self
