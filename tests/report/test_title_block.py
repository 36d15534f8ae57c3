"""The title block of printed maps: what a sheet says of itself, and usual scales."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from redistrict.messages import Language, Message, plain
from redistrict.report.about_data import tell_data
from redistrict.report.title_block import Line, list_lines, round_scale, say_crs
from redistrict.scenario.models import Scenario
from redistrict.scenario.notice import Notice
from redistrict.scenario.procedure import Procedure
from redistrict.scenario.section import Text

GAUSS_KRUGER = CRS("EPSG:4547")
SCENARIO = Scenario.model_validate(
    {
        "name": "town",
        "data": {"blocks": {"path": "x.gpkg", "columns": {"id": "id", "households": "hh"}}},
        "communities": {"target": {"households": 300}, "count": 3},
    }
)


def _lines(notice: Notice, procedure: Procedure, language: Language = "zh") -> dict[str, str]:
    scenario = SCENARIO.model_copy(update={"notice": notice, "procedure": procedure})
    return {
        line.name.in_language(language): line.value.in_language(language) for line in list_lines(scenario, GAUSS_KRUGER)
    }


def test_what_the_scenario_does_not_say_is_filled_in_by_hand() -> None:
    """Without notice and procedure only the coordinate system is known; the lines to be signed stay empty."""
    lines = _lines(Notice(), Procedure())
    assert [*lines] == ["编制单位", "日期", "坐标系", "制图", "校核", "审定"]
    assert [name for name, value in lines.items() if value] == ["坐标系"]


def test_office_and_date_are_those_of_the_scenario() -> None:
    """The last stated step gives the date: approval before proposal before notice, never the day of printing."""
    office = Notice.model_validate({"issuer": {"zh": "某市民政局", "en": "Bureau"}, "period_from": "2026-03-01"})
    proposed = Procedure(proposal=date(2026, 4, 2))
    assert _lines(office, Procedure())["日期"] == "2026年3月1日"
    assert _lines(office, proposed)["日期"] == "2026年4月2日"
    approved = _lines(office, Procedure(proposal=date(2026, 4, 2), approval=date(2026, 5, 3)), "en")
    assert (approved["Office"], approved["Date"]) == ("Bureau", "2026-05-03")


def test_date_and_licence_of_the_data_share_a_line_where_they_are_stated() -> None:
    """Before what is signed, which needs the room; a map does without where the scenario does not say."""
    terms = {"date": date(2026, 3, 31), "licence": Text(zh="内部使用", en="internal use")}
    scenario = SCENARIO.model_copy(update={"data": SCENARIO.data.model_copy(update=terms)})
    lines = [(line.name.zh, line.value.zh) for line in list_lines(scenario, GAUSS_KRUGER)][3:5]
    assert lines == [("数据", "2026年3月31日；内部使用"), ("制图", "")]
    assert tell_data(scenario.data)[0].en == "Data as of: 2026-03-31."


@pytest.mark.parametrize(
    ("code", "zh"),
    [
        ("EPSG:4547", "2000国家大地坐标系，高斯-克吕格投影，中央经线 114°（EPSG:4547）"),
        ("EPSG:2437", "1954北京坐标系，高斯-克吕格投影，中央经线 120°（EPSG:2437）"),
        ("EPSG:4490", "2000国家大地坐标系（EPSG:4490）"),
        ("EPSG:32650", "WGS 84 / UTM zone 50N（EPSG:32650）"),
        ("+proj=tmerc +lat_0=0 +lon_0=115 +ellps=GRS80 +units=m", "unknown"),
    ],
)
def test_coordinate_systems_are_named_as_a_chinese_office_does(code: str, zh: str) -> None:
    """By datum and central meridian where these are of China, by their own name otherwise."""
    assert say_crs(CRS(code)).zh == zh


@given(st.floats(1, 1e7))
def test_scales_are_usual_numbers_and_never_too_large(least: float) -> None:
    """The first usual scale that fits: never smaller than it must be by more than half."""
    scale = round_scale(100 * least)
    assert 100 * least * (1 - 1e-9) <= scale <= 1.5 * 100 * least + 1
    assert float(f"{scale:.1e}") == scale


def test_a_line_has_a_name_and_a_value() -> None:
    """The coordinate system comes in both languages."""
    (line,) = [one for one in list_lines(SCENARIO, GAUSS_KRUGER) if one.value != plain("")]
    assert line == Line(Message("Coordinates", "坐标系"), say_crs(GAUSS_KRUGER))
