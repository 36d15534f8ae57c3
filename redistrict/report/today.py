"""Today in figures: what the report says of today's communities beside those of the plan."""

from typing import Any

from redistrict.standards.city import PlannedCity
from redistrict.standards.diagnosis import Group, Today, diagnose_today


def look_at_today(city: PlannedCity) -> Group | None:
    """Look at today's communities as the diagnosis does; none where the data have none."""
    current, scenario = city.records.current, city.scenario
    if not current or city.outlines_today is None:
        return None
    today = Today(
        blocks=city.blocks,
        graph=city.graph,
        current=current,
        sites=city.records.sites,
        areas=city.outlines_today,
        has_roads=len(city.surroundings.roads) > 0,
    )
    return diagnose_today(today, scenario.standards, scenario.communities.target, scenario.objective).everything


def today_json(today: Group) -> dict[str, Any]:
    """Give the sums and extremes as plain JSON values, by the keys of the plan's; null where the data do not say."""
    short = today.premises_short()
    return {
        "n_communities": len(today),
        "households": today.total("households"),
        "population": today.total("people"),
        "workers": today.total("staff"),
        "households_deviation": _span(today, "households_deviation"),
        "population_deviation": _span(today, "people_deviation"),
        "premises": None if short is None else {"short_of_norm": short[0], "shortfall_m2": short[1]},
        "crossing_m": today.crossing_m(),
    }


def _span(today: Group, name: str) -> list[float] | None:
    """Give the least and the most of a share, where all are known."""
    shares = [getattr(row, name) for row in today.communities]
    return None if None in shares else [min(shares), max(shares)]
