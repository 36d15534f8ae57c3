"""What a refused file is told, for the tests of all files a user writes; and the smallest of them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from redistrict.errors import ScenarioError

SMALLEST = """\
name: demo
data:
  blocks:
    path: blocks.gpkg
    columns: {id: ID, households: HH, people: POP}
"""
PLACE = r"^(.*\.yaml(:\d+:\d+)?|--set .*): "
"""Every problem opens with its place: the file, with line and column if there are any, or the words of the command."""


def problems(read: Callable[[], object], folder: Path) -> list[str]:
    """Give the English problems for which reading is refused, with the folder of the files left out."""
    with pytest.raises(ScenarioError, match=PLACE) as caught:
        read()
    assert caught.value.exit_code == 3
    for message in caught.value.problems:
        assert re.match(PLACE, message.en)
        assert message.zh
        assert message.zh != message.en
    return [message.en.replace(f"{folder}/", "") for message in caught.value.problems]
