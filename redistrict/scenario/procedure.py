"""The procedure (程序) a plan goes through: what was done and when; what is not known stays an empty line."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from redistrict.scenario.section import Section, refusal

Step = Literal["opinions", "risk_assessment", "notice", "proposal", "approval"]
Period = tuple[date | None, date | None]


class Procedure(Section):
    """Dates and numbers of the procedure; the days of the public notice stand in `notice`."""

    opinions_from: date | None = None
    """First day on which residents' opinions are asked for, as 2026-12-01."""
    opinions_to: date | None = None
    """Last day on which they are taken."""
    risk_assessment: date | None = None
    """Day of the risk assessment (社会稳定风险评估)."""
    proposal: date | None = None
    """Day on which the street office proposes the plan."""
    approval: date | None = None
    """Day on which it is approved."""
    approval_number: Annotated[str, Field(max_length=80)] | None = None
    """Number of the approval (批复文号)."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "Procedure":
        if self.opinions_from and self.opinions_to and self.opinions_to < self.opinions_from:
            raise refusal("opinions_to is before opinions_from", "opinions_to 早于 opinions_from")
        return self
