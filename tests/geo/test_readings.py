"""Readings: which numbers can be degrees, and which places lie in China."""

import pytest
from pyproj import CRS

from redistrict.geo.readings import is_in_china, looks_like_degrees, zone_codes


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
