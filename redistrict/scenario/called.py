"""What a scenario calls blocks, and its own texts, into which that word is never put."""

from collections.abc import Iterator
from typing import Any

from redistrict.block_term import holds_term
from redistrict.messages import call_blocks
from redistrict.scenario.models import Scenario
from redistrict.scenario.rulepack import load_rulepack
from redistrict.scenario.section import Section, Text


def call_as_asked(scenario: Scenario) -> None:
    """Let every message that is read from here on call blocks as the scenario does, but for the words of its texts.

    Raises
    ------
    ScenarioError
        If a rule pack cannot be read.
    """
    term = scenario.output.block_term
    if term == "block":
        call_blocks(term)
        return
    packs = (load_rulepack(name) for name in scenario.standards.rules)
    texts = (text for section in (scenario, *packs) for found in _list_texts(section) for text in (found.zh, found.en))
    call_blocks(term, sorted({text for text in texts if holds_term(text)}))


def _list_texts(value: Any) -> Iterator[Text]:
    """Give the texts with words of their own in each language that a section holds, at any depth."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, Section):
        for name in type(value).model_fields:
            yield from _list_texts(getattr(value, name))
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _list_texts(one)
