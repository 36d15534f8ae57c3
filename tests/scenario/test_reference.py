"""The reference of scenario keys."""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from redistrict.scenario import scenario_schema

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def maker() -> dict[str, Any]:
    return runpy.run_path(str(SCENARIOS / "make_reference.py"))


def sections(page: str) -> Iterator[tuple[str, str]]:
    """Give the path and the text of every section of the page."""
    for text in page.split("\n## ")[1:]:
        yield text.split("\n", 1)[0], text


def test_the_reference_in_the_repository_is_up_to_date(maker: dict[str, Any]) -> None:
    """`python scenarios/make_reference.py` has been run after the last change of the models."""
    stored = (SCENARIOS / "REFERENCE.md").read_text(encoding="utf-8")
    assert stored == maker["write_reference"]()


def test_the_reference_holds_every_key_of_the_schema(maker: dict[str, Any]) -> None:
    """Every key of every section has a row with five cells, none of them empty."""
    page = maker["write_reference"]()
    found = [
        tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1])
        for line in page.splitlines()
        if line.startswith("| `")
    ]
    assert all(len(cells) == 5 and all(cells) for cells in found)
    schema = scenario_schema()
    every = {key for one in [schema, *schema["$defs"].values()] for key in one.get("properties", ())}
    assert {cells[0].strip("`") for cells in found} == every


def test_every_number_says_its_unit(maker: dict[str, Any]) -> None:
    """A number has a unit; only the seed and the effort have none."""
    bare = {
        match[1]
        for _, text in sections(maker["write_reference"]())
        for match in re.finditer(r"^\| `(\w+)` \| ([^|]*\bnumber\b[^|]*) \|", text, re.MULTILINE)
        if not any(f", {unit}" in match[2] for unit in maker["UNITS"].values())
    }
    assert bare == {"seed", "effort"}


def test_no_chinese_explanation_is_left_over(maker: dict[str, Any]) -> None:
    """Every Chinese explanation belongs to a key there is."""
    chinese = maker["read_chinese"]()
    schema = scenario_schema()
    paths = {
        f"{path}.{key}".lstrip(".").replace("[]", "").replace(".<name>", "")
        for path, section in maker["list_sections"](schema, schema, "")
        for key in section["properties"]
    }
    assert set(chinese) <= paths | {path.rsplit(".", 1)[-1] for path in paths}
