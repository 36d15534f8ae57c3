"""Further quantities in a scenario: columns and what is asked of each, and what is refused with line and column."""

from pathlib import Path

import pytest

from redistrict.scenario import dump_scenario, load_scenario

from . import refusals
from .refusals import SMALLEST

TITLE = "title: {zh: 老年人, en: elderly people}"


def write(
    folder: Path, *, columns: str = "elderly: LNRK", others: str = f"elderly: {{{TITLE}}}", more: str = ""
) -> Path:
    """Write the smallest scenario with further quantities; `others` begin in column 12 of line 6."""
    path = folder / "s.yaml"
    data = SMALLEST.replace("people: POP", f"people: POP, others: {{{columns}}}")
    path.write_text(f"{data}communities:\n  others: {{{others}}}\n{more}", encoding="utf-8")
    return path


def test_a_further_quantity_is_read_and_written(tmp_path: Path) -> None:
    """Title, target, tolerance, limits and price stand as written, and are read back as they were."""
    asked = f"elderly: {{{TITLE}, target: 900, tolerance: 0.2, limits: {{max: 1200}}, price: 30}}"
    scenario = load_scenario(write(tmp_path, others=asked, more="  lead: elderly\n"))
    other = scenario.communities.others["elderly"]
    assert (other.target, other.tolerance, other.price) == (900, 0.2, 30)
    assert other.title.message.zh == "老年人"
    assert scenario.data.blocks.others == ("elderly",)
    assert scenario.communities.lead == "elderly"
    (tmp_path / "again.yaml").write_text(dump_scenario(scenario), encoding="utf-8")
    assert load_scenario(tmp_path / "again.yaml") == scenario
    changed = load_scenario(tmp_path / "s.yaml", overrides=["communities.others.elderly.tolerance=0.3"])
    assert changed.communities.others["elderly"].tolerance == 0.3


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"columns": ""}, "s.yaml:7:12: communities.others.elderly: name its column in data.blocks.columns.others"),
        (
            {"columns": "elderly: LNRK, calls: DH"},
            "s.yaml:5:76: data.blocks.columns.others.calls: say in communities.others what this is, with its title",
        ),
        ({"others": "elderly: {target: 900}"}, "s.yaml:7:12: communities.others.elderly.title: "),
        (
            {"others": f"elderly: {{{TITLE}, tolerance: 2}}"},
            "s.yaml:7:71: communities.others.elderly.tolerance: 2 is not allowed; write a number (above 0, below 1)",
        ),
        (
            {"columns": "Elderly: LNRK", "others": f"Elderly: {{{TITLE}}}"},
            "communities.others.Elderly: 'Elderly' is not allowed; write up to 20 small letters",
        ),
        (
            {"columns": "workers: LNRK", "others": f"workers: {{{TITLE}}}"},
            "communities.others.workers: the tables have a column 'workers' already; choose another",
        ),
        (
            {"columns": "sites: LNRK", "others": f"sites: {{{TITLE}}}"},
            "communities.others.sites: 'sites' means something else in the tables; choose another",
        ),
        ({"columns": "elderly: POP"}, "'people' and 'elderly' both name the column 'POP'; name two"),
        (
            {"more": "  lead: eldery\n"},
            "s.yaml:8:9: communities.lead: must be 'households' or 'people' or 'elderly', not 'eldery' "
            "(did you mean 'elderly'?)",
        ),
        (
            {"more": "  lead: elderly\n"},
            "s.yaml:7:12: communities.others.elderly: 'elderly' has no target to work the number of communities out",
        ),
        (
            {"others": f"elderly: {{{TITLE}, tolerance: 0.2}}", "more": "  change: merge_only\n"},
            "s.yaml:7:12: communities.others.elderly: merge_only keeps the sizes around the targets; give this one a",
        ),
        (
            {"more": f"levels: [{{key: elderly, {TITLE}, column: S, keep: free}}]\n"},
            "s.yaml:7:12: communities.others.elderly: a level has this key; choose another",
        ),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, told: dict[str, str], expected: str) -> None:
    """Each contradiction gives a message in both languages, at its place."""
    path = write(tmp_path, **told)
    found = refusals.problems(lambda: load_scenario(path), tmp_path)
    assert any(expected in message for message in found), found


def test_a_column_stands_in_one_place(tmp_path: Path) -> None:
    """A quantity is counted in the layer or in the table of counts, not in both."""
    path = write(tmp_path)
    counts = "    counts: {path: c.csv, columns: {id: ID, others: {elderly: LNRK}}}\ncommunities:"
    path.write_text(path.read_text(encoding="utf-8").replace("communities:", counts), encoding="utf-8")
    found = refusals.problems(lambda: load_scenario(path), tmp_path)
    assert any("'elderly' stands in 'columns' and in 'counts.columns'; keep one" in message for message in found), found
