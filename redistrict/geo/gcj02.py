"""GCJ-02, the shifted coordinates of Chinese web maps, back to WGS 84; and BD-09, which Baidu shifts once more."""

import numpy as np
from numpy.typing import NDArray

_AXIS_M = 6_378_245.0
_ECCENTRICITY_2 = 0.006_693_421_622_965_943
_N_ROUNDS = 6
_BAIDU = (0.0065, 0.006)

FloatArray = NDArray[np.float64]


def from_gcj02(lon_lat: FloatArray) -> FloatArray:
    """Give the WGS 84 degrees of GCJ-02 degrees, exact to far below a millimetre.

    The published shift is a function of the true position, so it is inverted by fixed-point iteration: each
    round shrinks the error about a thousandfold.

    Parameters
    ----------
    lon_lat : (n, 2) float64
        Longitude and latitude in degrees, inside China.

    Returns
    -------
    (n, 2) float64
        Longitude and latitude on WGS 84 (the same, to within a metre, on CGCS2000).

    References
    ----------
    "Restrictions on geographic data in China", Wikipedia, section GCJ-02 (formulas of the obfuscation, first
    published with the eviltransform project, 2013).
    """
    true = lon_lat.copy()
    for _ in range(_N_ROUNDS):
        true = lon_lat - _shift(true)
    return true


def to_gcj02(lon_lat: FloatArray) -> FloatArray:
    """Give the GCJ-02 degrees of WGS 84 degrees, (n, 2) longitude and latitude."""
    return lon_lat + _shift(lon_lat)


def from_bd09(lon_lat: FloatArray) -> FloatArray:
    """Give the GCJ-02 degrees of BD-09 degrees (Baidu's), (n, 2), to about a metre."""
    x, y = (lon_lat - _BAIDU).T
    radius, angle = _baidu_polar(x, y, -1)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def to_bd09(lon_lat: FloatArray) -> FloatArray:
    """Give the BD-09 degrees (Baidu's) of GCJ-02 degrees, (n, 2)."""
    radius, angle = _baidu_polar(lon_lat[:, 0], lon_lat[:, 1], 1)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]) + _BAIDU


def _baidu_polar(x: FloatArray, y: FloatArray, sign: int) -> tuple[FloatArray, FloatArray]:
    turn = np.pi * 3000.0 / 180.0
    radius = np.hypot(x, y) + sign * 0.000_02 * np.sin(y * turn)
    return radius, np.arctan2(y, x) + sign * 0.000_003 * np.cos(x * turn)


def _shift(lon_lat: FloatArray) -> FloatArray:
    lon, lat = lon_lat[:, 0], lon_lat[:, 1]
    x, y = lon - 105.0, lat - 35.0
    d_x = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + _waves(x, 6.0, 2.0)
    d_x += _series(x, ((20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30)))
    d_y = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + _waves(x, 6.0, 2.0)
    d_y += _series(y, ((20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30)))
    phi = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY_2 * np.sin(phi) ** 2
    metres_lon = _AXIS_M / np.sqrt(magic) * np.cos(phi)
    metres_lat = _AXIS_M * (1.0 - _ECCENTRICITY_2) / magic**1.5
    return np.column_stack([np.degrees(d_x / metres_lon), np.degrees(d_y / metres_lat)])


def _waves(x: FloatArray, first: float, second: float) -> FloatArray:
    return (20.0 * np.sin(first * np.pi * x) + 20.0 * np.sin(second * np.pi * x)) * 2.0 / 3.0


def _series(x: FloatArray, terms: tuple[tuple[float, float], ...]) -> FloatArray:
    total = np.zeros_like(x)
    for amplitude, frequency in terms:
        total += amplitude * np.sin(frequency * np.pi * x)
    return total * 2.0 / 3.0
