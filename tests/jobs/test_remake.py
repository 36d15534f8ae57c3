"""What a result says of the programs that made it excuses only what depends on them."""

import pytest

from redistrict.jobs.remake import weigh
from redistrict.judge.likeness import Difference, Likeness
from redistrict.messages import NOTHING, Message

MACHINE, ENGINE, WORKBOOK = "machine", "redistrict", "xlsxwriter"


@pytest.mark.parametrize(
    ("file", "only_shapes", "excused_by"),
    [
        *((name, False, {ENGINE}) for name in ("growth.csv", "report.json", "scenario.yaml", "map.html")),
        *((name, False, {ENGINE}) for name in ("certificate/certificate.json", "certificate/check_certificate.py")),
        ("report.xlsx", False, {ENGINE, WORKBOOK}),
        ("boundaries.geojson", False, {ENGINE}),
        ("boundaries.geojson", True, {ENGINE, MACHINE}),
        ("communities.gpkg", True, {ENGINE, MACHINE}),
        ("shapefile/communities.shp", False, {ENGINE, MACHINE}),
        ("shapefile/communities.dbf", False, {ENGINE}),
        ("pictures/sizes.png", False, {ENGINE, MACHINE}),
    ],
)
def test_a_version_excuses_only_what_depends_on_it(file: str, only_shapes: bool, excused_by: set[str]) -> None:
    """Another machine may draw a shape or picture otherwise; it puts no other word into a table."""
    likeness = Likeness((Difference(file, "a", "b", NOTHING, only_shapes=only_shapes),), ())
    for program in (MACHINE, ENGINE, WORKBOOK):
        verdict = weigh(likeness, {program: ("1", "2")})
        assert verdict.not_compared == (file,) * (program in excused_by), program
        assert verdict.ok == (program in excused_by)


@pytest.mark.parametrize("others", [{}, {MACHINE: ("1", "2")}])
@pytest.mark.parametrize("is_plain", [True, False])
def test_a_file_may_be_packed_otherwise_but_hold_nothing_besides(others: dict, is_plain: bool) -> None:
    """What has no room for further bytes is listed, and counted as not compared; what has is a fault in any version."""
    one = Difference("a.xlsx", "a", "b", Message("further", "多余"), is_plain=is_plain)
    verdict = weigh(Likeness((), (), (one,)), others)
    assert verdict.ok == is_plain
    assert verdict.not_compared == ("a.xlsx",) * is_plain
    assert [note.en for note in verdict.not_checked if note.en == "further"] == ["further"] * is_plain
