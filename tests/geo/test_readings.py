"""Readings: which numbers can be degrees, and which places lie in China."""

import pytest
from pyproj import CRS

from redistrict.geo.readings import (
    datum_of,
    is_in_china,
    lies_in_use,
    locate,
    looks_like_degrees,
    other_readings,
    zone_codes,
)


@pytest.mark.parametrize(
    ("bounds", "can_be"),
    [
        ((114.9, 30.1, 115.2, 30.3), True),
        ((179.5, -0.5, 180, 0.5), True),
        ((0.5, 179.5, 1, 180), True),
        ((-180, -180, -179.5, -179.5), True),
        ((179.5, 0, 180.5, 0.5), False),
        ((0, -180.5, 0.5, -179.5), False),
        ((0, 0, 1, 1), False),
        ((0, 0, 1, 1.5), True),
        ((100, 20, 106, 21), False),
        ((100, 20, 101, 26), False),
        ((100, -3, 101, 3), False),
        ((100, 20, 105, 21), False),
        ((100, 20, 101, 25), False),
    ],
)
def test_small_numbers_of_a_small_place_can_be_degrees(bounds: tuple[float, float, float, float], can_be: bool) -> None:
    """Up to 180, in either order and of either sign, and no wider than a town or two; but for numbers up to 1."""
    assert looks_like_degrees(bounds) == can_be


@pytest.mark.parametrize(
    ("bounds", "inside"),
    [
        ((115, 30, 116, 31), True),
        ((73, 30, 116, 31), False),
        ((115, 18, 116, 31), False),
        ((115, 30, 136, 31), False),
        ((115, 30, 116, 54), False),
    ],
)
def test_china_ends_on_all_four_sides(bounds: tuple[float, float, float, float], inside: bool) -> None:
    """A place that reaches any of the four limits is not taken for one in China."""
    assert is_in_china(bounds) == inside


@pytest.mark.parametrize("datum", ["EPSG:4490", "EPSG:4610", "EPSG:4214"])
def test_zones_are_those_of_their_middle(datum: str) -> None:
    """Zones of three degrees are numbered by a third of their meridian, those of six from 0 degrees on."""
    for with_number, zones in zone_codes(CRS.from_user_input(datum)).items():
        assert len(zones) == 21 + 11
        for zone, code in zones.items():
            crs = CRS.from_epsg(code)
            assert crs.geodetic_crs == CRS.from_user_input(datum)
            params = {param.name: param.value for param in crs.coordinate_operation.params}
            assert params["Longitude of natural origin"] == (zone * 3 if zone >= 25 else zone * 6 - 3)
            assert params["False easting"] == (zone * 1_000_000 if with_number == "with number" else 0) + 500_000


@pytest.mark.parametrize(
    ("largest", "units"),
    [
        (19_999.0, ["kilometres"]),
        (20_000.0, []),
        (499_999.0, []),
        (500_000.0, ["feet"]),
        (5e7 - 1, ["feet"]),
        (5e7, ["centimetres"]),
        (5e8, ["millimetres", "centimetres"]),
        (2e9, ["millimetres"]),
    ],
)
def test_the_largest_number_says_which_units_it_may_be_in(largest: float, units: list[str]) -> None:
    """Each unit has its range, in which northings and eastings of a place on earth are, from its least number on."""
    causes = [reading.cause.en for reading in other_readings(CRS("EPSG:4547"), (1.0, 1.0, 9.0, largest))]
    assert [cause.split(":")[0].split()[-1] for cause in causes if "seem to be in" in cause] == units


@pytest.mark.parametrize(
    ("bounds", "is_place"),
    [
        ((-180, -90, 180, 90), True),
        ((-180.5, 0, 0, 1), False),
        ((0, 0, 180.5, 1), False),
        ((0, -90.5, 1, 0), False),
        ((0, 0, 1, 90.5), False),
    ],
)
def test_degrees_end_at_the_poles_and_at_180(bounds: tuple[float, float, float, float], *, is_place: bool) -> None:
    """Either number beyond is no place."""
    assert locate(bounds, CRS("EPSG:4326")) == (bounds if is_place else None)


@pytest.mark.parametrize(
    ("west", "south", "code", "lies_there"),
    [
        (0, 84.0, 32661, False),
        (15, 80, 32633, True),
        (30, 80, 32636, False),
        (-70, -58, 32719, False),
        (-70, -55, 32719, True),
        (109.4, 30, 4547, False),
        (109.6, 30, 4547, True),
    ],
)
def test_systems_are_used_where_people_live(west: float, south: float, code: int, *, lies_there: bool) -> None:
    """Not at the poles, in the far north on Svalbard only, and not far from the area they are made for."""
    assert lies_in_use((west, south, west + 0.1, south + 0.1), CRS.from_epsg(code)) == lies_there


def test_a_system_of_heights_has_no_datum_of_places() -> None:
    """Nor has one that is of this earth without saying how."""
    assert datum_of(CRS("EPSG:5773")) == ""


@pytest.mark.parametrize(("west", "lacks"), [(-1.0, False), (0.0, True), (999_999.0, True), (1e6, False)])
def test_eastings_below_a_million_lack_their_zone_number(west: float, *, lacks: bool) -> None:
    """Those from 0 up; what is negative or larger is something else."""
    causes = [reading.cause.en for reading in other_readings(CRS("EPSG:4526"), (west, 3.3e6, west + 500, 3.4e6))]
    assert any("lack the zone number 38" in cause and "first" not in cause for cause in causes) == lacks
