"""Levels: what every unit above the communities (every street) gets by a plan."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from redistrict.messages import Message
from redistrict.model.problem import count_residents
from redistrict.model.units import count_changed, home_units
from redistrict.standards.city import PlannedCity
from redistrict.standards.office import Office


@dataclass(frozen=True)
class UnitRow:
    """One unit with the communities that belong to it, where most of their residents live in it.

    Sums are over these communities, none where the data have no such numbers; `residents_changed` of their residents
    live in another unit today.
    """

    name: str
    district: str
    communities: tuple[str, ...]
    households: int | None
    population: int | None
    workers: int
    premises_m2: float | None
    residents_changed: int


@dataclass(frozen=True)
class LevelRows:
    """One level: its units by district and name, and the unit of every community."""

    key: str
    title: Message
    keep: Literal["hard", "dear", "free"]
    units: tuple[UnitRow, ...]
    homes: tuple[str, ...]

    @property
    def residents_changed(self) -> int:
        """Residents whose unit changes."""
        return sum(unit.residents_changed for unit in self.units)

    def to_json(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        units = [asdict(unit) | {"n_communities": len(unit.communities)} for unit in self.units]
        values = {"key": self.key, "title": self.title._asdict(), "keep": self.keep}
        return values | {"residents_changed": self.residents_changed, "units": units}


def list_levels(city: PlannedCity, office: Office) -> tuple[LevelRows, ...]:
    """Give every level of the scenario, outermost first."""
    blocks, plan = city.blocks, city.plan
    residents, premises = count_residents(blocks), office.premises
    area_m2 = None if premises is None else np.array([one.existing_m2 for one in premises.communities])
    districts, found = blocks.frame["district"].to_numpy(dtype=object), []
    for section, level in zip(city.scenario.levels, blocks.levels, strict=True):
        home = home_units(level, plan.assignment, residents)
        changed = count_changed(level, plan.assignment, residents)
        units = []
        for number, name in enumerate(level.names):
            own = np.flatnonzero(home == number)
            sums = {q: int(size[own].sum()) for q, size in office.sizes.items()}
            units.append(
                UnitRow(
                    name=name,
                    district=str(districts[np.argmax(level.unit == number)]),
                    communities=tuple(office.ids[c] for c in own.tolist()),
                    households=sums.get("households"),
                    population=sums.get("people"),
                    workers=int(office.workers[own].sum()),
                    premises_m2=None if area_m2 is None else round(float(area_m2[own].sum()), 2),
                    residents_changed=int(changed[own].sum()),
                )
            )
        homes = tuple(level.names[u] for u in home.tolist())
        units.sort(key=lambda unit: (unit.district, unit.name))
        found.append(LevelRows(section.key, section.title.message, section.keep, tuple(units), homes))
    return tuple(found)
