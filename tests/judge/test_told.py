"""Reading what a result tells, when somebody has put something else there."""

from pathlib import Path
from typing import Any

import pytest

from redistrict.judge.procedure import check_procedure
from redistrict.judge.told import read_json, rows, section
from redistrict.scenario.models import Scenario

JUNK = (None, 7, "x", True, [7], [{"key": 1}, 7], {"a": 1})


@pytest.mark.parametrize("junk", JUNK)
def test_a_part_that_is_something_else_is_empty(junk: Any) -> None:
    """A section is an object, and a table a list of objects, all of them."""
    assert section({"a": junk}, "a") == (junk if isinstance(junk, dict) else {})
    assert rows({"a": junk}, "a") == []
    assert rows({"a": [{"key": junk}]}, "a") == [{"key": junk}]
    assert section({}, "a") == {}
    assert rows({}, "a") == []


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"a":' * 100_000, b"[]", b"7", b'{"a": "\xff"}', b"{"])
def test_what_is_no_object_is_unreadable(tmp_path: Path, text: bytes) -> None:
    """Parts too deep in each other, another kind of value, other bytes than text: one error for all."""
    (tmp_path / "a.json").write_bytes(text)
    with pytest.raises(ValueError, match=r"deep|object|decode|Expecting"):
        read_json(tmp_path / "a.json")
    (tmp_path / "a.json").write_bytes(b'{"a": 1}')
    assert read_json(tmp_path / "a.json") == {"a": 1}


@pytest.mark.parametrize("junk", [*JUNK, [{"pack": [7], "step": {}}]])
def test_a_procedure_that_is_none_is_named(junk: Any) -> None:
    """Found by damaging reports at random: a number for the table of steps ended in a traceback."""
    data = {"blocks": {"path": "x.gpkg", "columns": {"id": "id", "households": "hh"}}}
    scenario = Scenario.model_validate({"name": "x", "data": data, "standards": {"rules": ["procedure_practice"]}})
    assert {v.rule for v in check_procedure(scenario, {"procedure": junk})} == {"report"}
