"""The section `levels`: what is refused, and that paths start at the scenario's folder."""

from pathlib import Path

import pytest

from redistrict.report.tables.columns import COLUMNS
from redistrict.report.tables.sheets import SHEETS
from redistrict.report.tables.workbook import _SUMMED
from redistrict.scenario import dump_scenario, load_scenario
from redistrict.scenario.levels import _KEY, _TAKEN

from . import refusals
from .refusals import SMALLEST

STREET = "key: street, title: {zh: 街道, en: street}"


def load(folder: Path, levels: str) -> Path:
    path = folder / "s.yaml"
    path.write_text(f"{SMALLEST}levels: [{levels}]\n", encoding="utf-8")
    return path


def test_levels_are_read_and_written(tmp_path: Path) -> None:
    """A level of polygons keeps its path, and is read back as it was."""
    levels = f"{{{STREET}, keep: dear, each: 0.5, layer: {{path: s.shp, columns: {{name: N}}}}}}"
    scenario = load_scenario(load(tmp_path, levels))
    layer = scenario.levels[0].layer
    assert layer is not None
    assert layer.path == tmp_path / "s.shp"
    (tmp_path / "again.yaml").write_text(dump_scenario(scenario), encoding="utf-8")
    assert load_scenario(tmp_path / "again.yaml") == scenario


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (f"{{{STREET}, keep: hard}}", "levels.0: give either 'column' or 'layer'"),
        (f"{{{STREET}, keep: dear, column: S}}", "levels.0: 'each' belongs to 'keep: dear', and 'keep: dear' needs it"),
        (f"{{{STREET}, keep: hard, each: 1, column: S}}", "levels.0: 'each' belongs to 'keep: dear'"),
        (f"{{{STREET}, keep: free, count_by: {{a: 1}}, column: S}}", "levels.0: 'count_by' needs 'keep: hard'"),
        (
            f"{{{STREET.replace('street,', 'Street,')}, keep: free, column: S}}",
            "levels.0.key: 'Street' is not allowed;",
        ),
        (f"{{{STREET.replace('street,', 'district,')}, keep: free, column: S}}", "the tables have a column 'district'"),
        (
            f"{{{STREET}, keep: free, column: S}}, {{{STREET}, keep: free, column: T}}",
            "two levels have the key 'street'",
        ),
        (
            f"{{{STREET}, keep: free, column: S}}, {{{STREET.replace('street,', 'part,')}, keep: hard, column: T}}",
            "levels: no community crosses 'street' either, since 'part' lies in it and is hard: write it hard",
        ),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, levels: str, expected: str) -> None:
    """Each contradiction gives one message."""
    path = load(tmp_path, levels)
    (found,) = refusals.problems(lambda: load_scenario(path), tmp_path)
    assert expected in found


def test_a_level_is_called_as_no_column_or_sheet_is() -> None:
    """A level with the key of a column, a field or a sheet of the results would be taken for it, or replace it."""
    ours = {*COLUMNS, *SHEETS, *_SUMMED, "fid", "geom", "geometry"}
    assert {name for name in ours if _KEY.fullmatch(name) and not name.startswith("crossing_")} <= set(_TAKEN)
