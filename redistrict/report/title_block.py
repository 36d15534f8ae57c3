"""The title block (图签) of printed maps: office, date, coordinate system, lines to be signed; and usual scales."""

from dataclasses import dataclass
from math import floor, log10

from pyproj import CRS

from redistrict.messages import Message, join, plain
from redistrict.report.about_data import list_terms, say_day
from redistrict.scenario.models import Scenario

SCALE, SHEET = Message("Scale", "比例尺"), Message("Sheet", "图号")
_EMPTY = plain("")
_USUAL = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_DATUMS = {
    "China Geodetic Coordinate System 2000": "2000国家大地坐标系",
    "Xian 1980": "1980西安坐标系",
    "Beijing 1954": "1954北京坐标系",
    "New Beijing": "新1954北京坐标系",
}
_SIGNED = (Message("Drawn by", "制图"), Message("Checked by", "校核"), Message("Approved by", "审定"))


@dataclass(frozen=True)
class Line:
    """A line of a title block; a value without words is to be filled in by hand."""

    name: Message
    value: Message


def list_lines(scenario: Scenario, crs: CRS) -> tuple[Line, ...]:
    """Give what every map says of itself but its scale: same scenario, same words, on whatever day it is printed.

    The date is the last one the scenario states: of the approval, else of the proposal, else the first day of the
    notice. What day the data are of, and their licence, have a line where the scenario states them: no more, since
    every line takes room from those that are signed.
    """
    notice, procedure, terms = scenario.notice, scenario.procedure, list_terms(scenario.data)
    day = procedure.approval or procedure.proposal or notice.period_from
    return (
        Line(Message("Office", "编制单位"), notice.issuer.message if notice.issuer else _EMPTY),
        Line(Message("Date", "日期"), say_day(day) if day else _EMPTY),
        Line(Message("Coordinates", "坐标系"), say_crs(crs)),
        *((Line(Message("Data", "数据"), join((value for _, value in terms), mark=";")),) if terms else ()),
        *(Line(word, _EMPTY) for word in _SIGNED),
    )


def say_crs(crs: CRS) -> Message:
    """Name a coordinate system: in Chinese by datum and central meridian where it has these, with its code if any."""
    code = ":".join(crs.to_authority() or ())
    datum = crs.geodetic_crs.name if crs.geodetic_crs else crs.name
    projection, zh = crs.coordinate_operation, crs.name
    if datum in _DATUMS:
        zh = _DATUMS[datum]
        if projection and "Transverse Mercator" in projection.method_name:
            meridian = next(one.value for one in projection.params if one.name == "Longitude of natural origin")
            zh = f"{zh}，高斯-克吕格投影，中央经线 {meridian:g}°"
    return Message(f"{crs.name} ({code})", f"{zh}（{code}）") if code else Message(crs.name, zh)


def round_scale(least: float) -> int:
    """Give the first usual scale that is not larger: 23,400 metres of ground a metre of paper become 25,000."""
    power = 10.0 ** floor(log10(least))
    return round(power * next(step for step in _USUAL if step * power >= least * (1 - 1e-9)))


def say_scale(scale: int) -> str:
    """Write a scale as a ratio."""
    return f"1 : {scale:,}"
