"""The public notice (公示) of a plan: who gives it, for how long, and how residents object."""

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from redistrict.scenario.section import Section, Text, refusal


class Notice(Section):
    """What the notice to residents says besides the plan; what is left out stays an empty line to fill in."""

    issuer: Text | None = None
    """Office that gives the notice."""
    period_from: date | None = None
    """First day of the notice, as 2026-12-01."""
    period_to: date | None = None
    """Last day on which opinions are taken."""
    contact: Text | None = None
    """Whom to turn to: person or desk, telephone, address, hours."""
    how_to_object: Text | None = None
    """How an opinion is given: in writing, where, by telephone."""
    min_people: Annotated[int, Field(ge=0)] = 50
    """Households and people of a block, or of a part of a community of today, are shown from this many people on."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "Notice":
        if self.period_from and self.period_to and self.period_to < self.period_from:
            raise refusal("period_to is before period_from", "period_to 早于 period_from")
        return self
