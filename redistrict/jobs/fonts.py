"""Fonts: whether this machine can write what a command is to draw; told before it begins."""

from pathlib import Path

from redistrict.errors import RedistrictError
from redistrict.messages import Language, Message
from redistrict.report.pictures.diagnosis import choose_lettering
from redistrict.scenario.delivered import load_delivered


def foretell_fonts(language: Language) -> tuple[Message, ...]:
    """Say that pictures will not be in the language asked for, and how to mend that; nothing where they will."""
    return choose_lettering(language)[1]


def foretell_fonts_of(result_dir: Path) -> tuple[Message, ...]:
    """Say the same of what is made from a result; nothing of a folder that is none, which the command refuses."""
    try:
        language = load_delivered(result_dir).output.language
    except RedistrictError:
        return ()
    return foretell_fonts(language)
