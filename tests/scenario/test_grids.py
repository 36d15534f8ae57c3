"""The section `grids`: what may stand there, and how codes are made (issue 18)."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from redistrict.errors import ScenarioError
from redistrict.scenario.grids import Grids
from redistrict.scenario.grids_file import load_grids

USUAL = {"households": 400, "tolerance": 0.25, "workers": 1, "code": "{community}-{number:02}"}


def test_bounds_lie_around_the_target_or_where_they_are_given() -> None:
    """A quarter of 400 gives 300 to 500; what is given holds instead."""
    assert (Grids(**USUAL).lower, Grids(**USUAL).upper) == (300, 500)
    assert (Grids(**USUAL, least=350).lower, Grids(**USUAL, most=450).upper) == (350, 450)


@pytest.mark.parametrize(
    ("code", "made"),
    [("{community}-{number:02}", "C7-03"), ("W{number}/{community}", "W3/C7"), ("{number:03}{community}", "003C7")],
)
def test_a_code_is_made_of_its_fields(code: str, made: str) -> None:
    """Community and number stand where the pattern has them, everything else as written."""
    assert Grids(**USUAL | {"code": code}).code_of("C7", 3) == made


@pytest.mark.parametrize(
    "code",
    [
        "{number}",
        "{community}",
        "{community}{community}{number}",
        "{community.x}{number}",
        "{community}{number:>9}",
        "{a}",
        "}{",
    ],
)
def test_a_code_with_other_fields_is_refused(code: str) -> None:
    """Nothing but the two fields, once each, is read as one."""
    with pytest.raises(ValidationError, match="once each"):
        Grids(**USUAL | {"code": code})


@pytest.mark.parametrize("wrong", [{"least": 401}, {"most": 399}])
def test_a_target_outside_its_own_bounds_is_refused(wrong: dict[str, int]) -> None:
    """The fewest lie below the target, the most above."""
    with pytest.raises(ValidationError, match="400 households do not lie between"):
        Grids(**USUAL, **wrong)


def test_a_file_is_read_with_paths_from_its_folder(tmp_path: Path) -> None:
    """What is wrong is named by its place."""
    text = 'grids: {households: 400, tolerance: 0.25, workers: 1, code: "{community}-{number}"'
    (tmp_path / "g.yaml").write_text(text + ", today: {path: old.gpkg, columns: {id: id}}}", encoding="utf-8")
    read = load_grids(tmp_path / "g.yaml")
    assert read.today is not None
    assert read.today.path == (tmp_path / "old.gpkg").resolve()
    (tmp_path / "g.yaml").write_text("grids:\n  households: 0\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"g\.yaml:2:15: grids\.households"):
        load_grids(tmp_path / "g.yaml")
