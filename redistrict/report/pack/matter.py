"""Everything the pack is made of."""

from dataclasses import dataclass
from pathlib import Path

from redistrict.messages import Language, Message
from redistrict.report.facts import Facts
from redistrict.report.pack.drawings import Ground
from redistrict.report.tables.diagnosis import DiagnosisReport
from redistrict.report.title_block import Line, list_lines
from redistrict.scenario.models import Scenario
from redistrict.scenario.rulepack import RulePack


@dataclass(frozen=True, eq=False)
class Matter:
    """Everything the pack is made of.

    Attributes
    ----------
    scenario : Scenario
    facts : Facts
    ground : Ground
    today : DiagnosisReport or None
        None where the data do not say which communities there are today.
    histogram : Path or None
        Picture of the sizes of today's communities.
    packs : tuple of RulePack
    language : {"zh", "en"}
    """

    scenario: Scenario
    facts: Facts
    ground: Ground
    today: DiagnosisReport | None
    histogram: Path | None
    packs: tuple[RulePack, ...]
    language: Language

    def say(self, en: str, zh: str) -> str:
        """Give a text in the pack's language."""
        return self.tell(Message(en, zh))

    def tell(self, words: Message) -> str:
        """Give a message in the pack's language."""
        return words.in_language(self.language)

    def pick(self, both: dict[str, str]) -> str:
        """Give a sentence of `report.json` in the pack's language."""
        return self.say(both["en"], both["zh"])

    @property
    def block(self) -> tuple[Line, ...]:
        """What the title block of every map says but scale and number of the sheet."""
        return list_lines(self.scenario, self.facts.communities.crs)

    @property
    def title(self) -> str:
        """Name of the plan."""
        return self.tell(self.scenario.heading)

    @property
    def warning(self) -> str:
        """What every reader must know of the data; "" if nothing."""
        label = self.scenario.data.label
        return self.tell(label.message) if label else ""
