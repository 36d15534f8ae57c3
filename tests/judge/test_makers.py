"""What a report says of the programs that made it: versions, or nothing that excuses a difference."""

import json
from pathlib import Path

import pytest

from redistrict.judge import judge_makers

PROVENANCE = {
    "redistrict": "0.1.0",
    "python": "3.12.1+",
    "machine": "Linux x86_64",
    "geos": "3.14.1",
    "gdal": "3.12.4",
    "font": "Noto Sans CJK SC",
    "packages": {"folium": "0.20.0"},
    "effort": 1,
}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({}, []),
        *(({"packages": wrong}, ["packages"]) for wrong in ([1], {}, None, "folium 0.20", 3)),
        ({"packages": {"folium": 1, "b\n": "1"}}, ["packages", "packages.folium"]),
        *(({"gdal": wrong}, ["gdal"]) for wrong in (3.12, None, ["3"], "", "a\nb", "版本", "1" * 61, "<b>")),
        ({"machine": 10**400, "font": True}, ["machine", "font"]),
    ],
)
def test_what_is_no_version_is_named(tmp_path: Path, change: dict, named: list[str]) -> None:
    """A wrong type would take the program for another one, which excuses files that differ."""
    (tmp_path / "report.json").write_text(json.dumps({"provenance": PROVENANCE | change}), encoding="utf-8")
    violations = judge_makers(tmp_path).violations
    assert [one.message.en.split()[1].removeprefix("provenance.") for one in violations] == named
    assert {one.rule for one in violations} <= {"report"}
    assert all(one.message.en.isprintable() for one in violations)


@pytest.mark.parametrize("text", ["[]", '{"provenance": 1}'])
def test_a_report_without_provenance_has_no_makers(tmp_path: Path, text: str) -> None:
    """What is no report is told elsewhere; one that says nothing of programs is named here."""
    (tmp_path / "report.json").write_text(text, encoding="utf-8")
    assert len(judge_makers(tmp_path).violations) == (7 if "prov" in text else 0)
