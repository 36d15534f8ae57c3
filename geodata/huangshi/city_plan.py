"""The hand-drawn part of the city: shores, main roads, railway, hills, and the figures of each district.

Everything here is data, in kilometres of a local frame (x east, y north); `to_metres` places it in EPSG:4547.
The shapes are invented. They imitate a city on the outer bend of a great river with a lake in its middle.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Points = tuple[tuple[float, float], ...]

SEED = 20_090_715
CRS = "EPSG:4547"
ORIGIN = (603_000.0, 3_342_500.0)
METRES_PER_UNIT = 900.0

WIDTH_M = {"trunk": 44.0, "primary": 34.0, "secondary": 26.0, "tertiary": 18.0, "residential": 10.0}
RAIL_WIDTH_M = 30.0
CREEK_WIDTH_M = 26.0


@dataclass(frozen=True)
class NamedLine:
    """A line through control points, drawn as a smooth curve."""

    name_zh: str
    name_en: str
    road_class: str
    points: Points


@dataclass(frozen=True)
class Hill:
    """A hill: an uneven ellipse around (x, y) with half axes rx, ry, turned by `turn` degrees."""

    name_zh: str
    name_en: str
    x: float
    y: float
    rx: float
    ry: float
    turn: float


@dataclass(frozen=True)
class District:
    """One district: its figures, its rough extent, and how coarse its blocks are.

    `people` and `n_communities` are from the report; which district carries which is assumed. `bands` counts
    its communities by households (<1000, <2000, <2500, <=3000, above); the report has the bands for the whole
    city only, so their spread over the districts is assumed too. `block_ha` is the usual size of a block.
    """

    name_zh: str
    name_en: str
    code: str
    people: int
    n_communities: int
    bands: tuple[int, int, int, int, int]
    block_ha: float
    service_fund_yuan: float
    extent: Points


BANK: Points = (
    (-5.6, 5.35), (-4.2, 4.75), (-2.5, 4.2), (-0.8, 3.95), (0.9, 3.4), (2.3, 2.55), (3.4, 1.35), (4.3, 0.1),
    (5.3, -1.0), (6.6, -1.9), (8.2, -2.7), (9.6, -3.9),
)  # fmt: skip
RIVER_WIDTH = 1.45

OUTLINE: Points = (
    (-4.3, 4.85), (-4.7, 3.5), (-5.6, 2.85), (-6.6, 2.75), (-7.6, 2.35), (-8.5, 1.5), (-8.4, 0.2), (-7.3, -0.75),
    (-6.2, -0.75), (-5.3, -1.3), (-4.7, -2.2), (-3.6, -3.1), (-2.6, -3.7), (-1.2, -3.55), (0.3, -3.75), (1.7, -3.35),
    (2.8, -3.5), (3.9, -3.2), (5.3, -3.25), (6.3, -3.2), (7.1, -3.05), (7.5, -2.5), (7.75, -1.7),
)  # fmt: skip

LAKE: Points = (
    (-2.05, 0.75), (-1.95, 1.2), (-1.6, 1.3), (-1.4, 0.98), (-1.05, 1.12), (-0.75, 1.5), (-0.3, 1.6), (-0.1, 1.25),
    (0.2, 1.08), (0.45, 1.48), (0.78, 1.42), (0.75, 0.88), (1.0, 0.68), (1.3, 0.6), (1.3, 0.25), (1.0, 0.02),
    (0.7, 0.1), (0.45, -0.2), (0.52, -0.58), (0.2, -0.8), (-0.15, -0.7), (-0.2, -0.3), (-0.5, -0.05), (-0.9, -0.2),
    (-1.2, -0.55), (-1.6, -0.55), (-1.75, -0.22), (-2.1, -0.18), (-2.2, 0.25),
)  # fmt: skip

CREEK = NamedLine(
    "青港河", "Qinggang Creek", "creek",
    ((1.0, 0.45), (1.4, 0.5), (1.85, 0.72), (2.4, 0.7), (2.9, 0.95), (3.35, 0.98), (3.8, 1.25)),
)  # fmt: skip

RAIL = NamedLine(
    "江南铁路", "Jiangnan Railway", "rail",
    (
        (-9.3, 1.0), (-7.6, 0.75), (-6.2, 0.55), (-5.0, 0.55), (-4.0, -0.2), (-3.3, -0.75), (-2.2, -0.95),
        (-0.8, -1.12), (0.6, -1.15), (1.6, -1.2), (2.4, -1.25), (3.3, -1.8), (4.3, -2.6), (4.8, -3.9),
    ),
)  # fmt: skip

ROADS: tuple[NamedLine, ...] = (
    NamedLine("钢城大道", "Gangcheng Avenue", "trunk", (
        (-9.2, 1.3), (-8.4, 1.35), (-6.7, 1.25), (-5.4, 1.35), (-4.1, 1.3), (-2.8, 1.6), (-1.7, 1.95), (-0.5, 2.1),
        (0.6, 2.02), (1.45, 1.7), (2.3, 1.25), (2.9, 0.5), (3.6, -0.4), (4.5, -1.2), (5.7, -1.9), (7.2, -2.55),
        (8.6, -3.4))),
    NamedLine("南屏大道", "Nanping Avenue", "trunk", (
        (-6.2, -1.3), (-5.1, -1.2), (-4.2, -1.35), (-3.1, -1.5), (-1.6, -1.5), (-0.2, -1.6), (1.3, -1.7),
        (2.55, -1.95), (3.8, -2.45), (5.2, -2.75), (6.3, -2.85), (7.6, -3.5))),
    NamedLine("西岭大道", "Xiling Avenue", "trunk", (
        (-3.95, 4.9), (-3.6, 3.6), (-3.05, 2.5), (-2.75, 1.2), (-2.85, 0.1), (-3.1, -1.0), (-2.95, -2.4),
        (-2.6, -4.3))),
    NamedLine("湖东大道", "Hudong Avenue", "trunk", (
        (1.5, 3.4), (1.3, 2.5), (1.5, 1.6), (1.75, 0.6), (1.65, -0.4), (1.4, -1.3), (1.2, -2.4), (1.05, -4.3))),
    NamedLine("界岭大道", "Jieling Avenue", "trunk", (
        (-5.6, 3.3), (-5.4, 2.3), (-5.4, 1.3), (-5.65, 0.2), (-5.5, -0.7), (-5.6, -1.7))),
    NamedLine("朝阳路", "Chaoyang Road", "primary", (
        (-5.2, 3.15), (-4.4, 2.95), (-3.3, 3.15), (-1.9, 2.95), (-0.55, 3.0), (0.5, 2.75), (1.4, 2.35), (2.1, 1.95),
        (2.75, 1.4), (3.2, 0.75), (3.9, 0.0))),
    NamedLine("湖心路", "Huxin Road", "primary", (
        (-0.75, 4.1), (-0.6, 3.0), (-0.5, 2.1), (-0.35, 1.4), (-0.15, 0.4), (-0.05, -0.8), (-0.15, -1.6),
        (-0.4, -2.6), (-0.3, -4.2))),
    NamedLine("码头路", "Matou Road", "primary", ((2.75, 2.3), (2.35, 1.75), (2.05, 1.4), (1.55, 1.15), (0.9, 1.2))),
    NamedLine("新港路", "Xingang Road", "primary", (
        (4.2, 0.3), (3.55, -0.35), (2.9, -0.75), (2.55, -1.35), (2.5, -1.95), (2.25, -2.7), (2.0, -4.1))),
    NamedLine("石矶路", "Shiji Road", "primary", (
        (5.4, -1.0), (4.75, -1.4), (4.2, -1.85), (3.75, -2.45), (3.45, -3.0), (3.4, -4.0))),
    NamedLine("沿山路", "Yanshan Road", "primary", (
        (1.2, -0.65), (1.65, -0.55), (2.3, -0.5), (2.9, -0.75), (3.5, -1.25), (4.25, -1.85), (5.2, -2.3),
        (6.2, -2.4), (7.2, -2.75))),
    NamedLine("陆家路", "Lujia Road", "primary", (
        (-5.65, 0.05), (-4.5, -0.05), (-3.6, 0.2), (-2.85, 0.1), (-2.1, 0.05))),
    NamedLine("东岭路", "Dongling Road", "primary", (
        (-4.4, 4.0), (-4.25, 2.95), (-3.95, 2.0), (-4.15, 1.3), (-4.3, 0.4), (-4.15, -0.5), (-4.2, -1.35),
        (-4.0, -2.2), (-3.6, -3.6))),
    NamedLine("铁城路", "Tiecheng Road", "primary", (
        (-6.7, 3.2), (-6.85, 2.2), (-6.6, 1.25), (-6.85, 0.3), (-6.7, -1.3))),
    NamedLine("矿山路", "Kuangshan Road", "primary", ((-9.0, 0.35), (-7.9, 0.15), (-6.85, 0.1), (-5.65, 0.05))),
    NamedLine("开元路", "Kaiyuan Road", "primary", (
        (-4.6, -2.3), (-3.9, -2.3), (-2.95, -2.5), (-1.6, -2.35), (-0.4, -2.6), (1.15, -2.6), (2.3, -2.6),
        (3.5, -2.95), (4.7, -2.95), (5.6, -3.5))),
    NamedLine("金湖路", "Jinhu Road", "primary", (
        (-1.45, -0.35), (-1.5, -0.9), (-1.6, -1.5), (-1.55, -2.4), (-1.75, -3.1), (-1.7, -4.2))),
    NamedLine("北门路", "Beimen Road", "primary", ((-2.35, 4.3), (-2.2, 3.0), (-1.95, 1.9), (-1.7, 1.3))),
    NamedLine("文昌路", "Wenchang Road", "primary", ((0.45, 3.6), (0.45, 2.75), (0.3, 2.05), (0.15, 1.3))),
)  # fmt: skip

RIVER_ROAD = ("迎江大道", "Yingjiang Avenue")
LAKE_RING = ("磁湖环路", "Cihu Ring Road")
LAKE_ROAD = "湖心路"
"""The one main road that crosses the lake."""
LAKE_NAME = ("磁湖", "Cihu Lake")
RIVER_NAME = ("长江", "Yangtze River")

HILLS: tuple[Hill, ...] = (
    Hill("凤栖山", "Fengqi Hill", -6.05, 2.05, 0.42, 0.26, 10),
    Hill("铁岭", "Tieling Hill", -7.65, -0.3, 0.42, 0.22, -25),
    Hill("矿石山", "Kuangshi Hill", -7.7, 1.85, 0.3, 0.22, 30),
    Hill("白鹭山", "Bailu Hill", -4.75, 2.15, 0.36, 0.25, 60),
    Hill("月岭", "Yueling Hill", -4.75, -0.75, 0.3, 0.2, 20),
    Hill("青龙山", "Qinglong Hill", -1.3, 2.5, 0.42, 0.2, 5),
    Hill("望江岭", "Wangjiang Ridge", -3.0, 3.55, 0.2, 0.16, 0),
    Hill("东屏山", "Dongping Hill", -2.25, -3.05, 0.3, 0.2, 35),
    Hill("南屏山", "Nanping Hill", 0.35, -3.2, 0.42, 0.2, -8),
    Hill("云台山", "Yuntai Hill", -0.95, -2.95, 0.26, 0.18, 10),
    Hill("飞云山", "Feiyun Hill", 2.95, -2.3, 0.22, 0.12, -15),
    Hill("石矶山", "Shiji Hill", 6.0, -2.2, 0.2, 0.1, -20),
    Hill("黄荆岭", "Huangjing Ridge", 2.6, -4.6, 3.4, 1.05, 3),
    Hill("金山岭", "Jinshan Ridge", -6.6, -2.9, 1.9, 1.2, -35),
    Hill("大冶岭", "Daye Ridge", -7.0, 4.4, 1.6, 1.0, 25),
)

_WEST_LINE: Points = ((-5.6, 3.3), (-5.4, 2.3), (-5.4, 1.3), (-5.65, 0.2), (-5.5, -0.7), (-5.6, -1.7), (-5.6, -5.0))
_MIDDLE_LINE: Points = (
    (-2.6, -5.0), (-2.95, -2.4), (-3.1, -1.5), (-1.6, -1.5), (-1.45, -0.35), (-1.4, 0.05), (-2.85, 0.1),
    (-2.75, 1.2), (-3.05, 2.5), (-3.6, 3.6), (-3.95, 5.2),
)  # fmt: skip
_EAST_LINE: Points = (
    (1.05, -5.0), (1.2, -2.4), (1.4, -1.3), (1.6, -0.55), (1.0, 0.0), (1.0, 0.45), (1.4, 0.5), (1.85, 0.72),
    (2.4, 0.7), (2.9, 0.95), (3.35, 0.98), (3.8, 1.25), (6.0, 2.5),
)  # fmt: skip

DISTRICTS: tuple[District, ...] = (
    District("黄石港区", "Huangshigang", "420202", 219_900, 38, (4, 19, 7, 4, 4), 1.3, 10.0,
             (*_MIDDLE_LINE[6:], (-3.9, 7.0), (6.0, 7.0), *reversed(_EAST_LINE[5:]))),
    District("西塞山区", "Xisaishan", "420203", 250_600, 39, (3, 16, 9, 5, 6), 1.22, 7.0,
             (*_EAST_LINE, (10.0, 1.0), (10.0, -5.0))),
    District("下陆区", "Xialu", "420204", 114_300, 31, (12, 17, 2, 0, 0), 2.45, 6.0,
             (*_WEST_LINE, *_MIDDLE_LINE, (-5.6, 6.0))),
    District("铁山区", "Tieshan", "420205", 57_000, 9, (0, 5, 2, 1, 1), 2.4, 5.0,
             (*_WEST_LINE, (-10.0, -5.0), (-10.0, 6.0), (-5.6, 6.0))),
    District("开发区", "Development Zone", "420271", 78_000, 16, (4, 7, 3, 1, 1), 2.75, 8.0,
             (*_MIDDLE_LINE[:6], *reversed(_EAST_LINE[:6]))),
)  # fmt: skip

OLD_TOWNS: tuple[tuple[float, float, float, float], ...] = (
    (2.2, 1.9, 1.0, 0.45), (3.9, -0.6, 0.9, 0.55), (-3.7, 0.5, 0.7, 0.5), (-6.7, 0.7, 0.6, 0.5), (-0.1, 3.1, 0.7, 0.6),
)  # fmt: skip
"""Old town centres: x, y, reach, and the factor by which blocks are smaller in the middle."""

VILLAGES: tuple[tuple[float, float, float], ...] = (
    (-7.9, 1.0, 0.26), (-6.2, -0.35, 0.24), (-5.0, -1.6, 0.24), (-3.6, -2.4, 0.26), (-4.9, 2.85, 0.22),
    (-2.1, -2.0, 0.28), (-2.4, -2.75, 0.24), (-1.0, -2.05, 0.26), (-1.2, -3.25, 0.2), (0.5, -2.2, 0.3),
    (0.75, -2.95, 0.22), (-0.65, -1.35, 0.2), (-3.5, -1.9, 0.2), (-7.4, 2.2, 0.2), (-3.9, 3.6, 0.22),
    (4.4, -2.9, 0.22), (6.8, -2.55, 0.22), (1.8, -3.1, 0.2),
)  # fmt: skip
"""Urban villages: x, y, radius."""


def to_metres(points: Points | FloatArray) -> FloatArray:
    """Turn local kilometre-like units into metres of EPSG:4547, (n, 2) float64."""
    placed: FloatArray = np.asarray(points, dtype=np.float64) * METRES_PER_UNIT + np.asarray(ORIGIN)
    return placed


def smooth(points: Points, *, closed: bool = False, step_m: float = 25.0) -> FloatArray:
    """Give a smooth curve through the points, in metres.

    A uniform Catmull-Rom spline is enough for control points this evenly spaced.

    Parameters
    ----------
    points : control points in local units
    closed : bool
        Whether the curve returns to its start.
    step_m : float
        About the distance between two points of the result, in metres.
    """
    p = to_metres(points)
    before = np.vstack([p[-1:] if closed else 2 * p[:1] - p[1:2], p])
    after = np.vstack([p[:1], p[1:2]]) if closed else 2 * p[-1:] - p[-2:-1]
    q = np.vstack([before, after])
    out = []
    for k in range(1, len(q) - 2):
        n = max(2, int(np.hypot(*(q[k + 1] - q[k])) / step_m))
        t = np.linspace(0, 1, n, endpoint=False)[:, None]
        out.append(0.5 * (
            2 * q[k] + (q[k + 1] - q[k - 1]) * t
            + (2 * q[k - 1] - 5 * q[k] + 4 * q[k + 1] - q[k + 2]) * t**2
            + (3 * q[k] - q[k - 1] - 3 * q[k + 1] + q[k + 2]) * t**3
        ))  # fmt: skip
    return np.vstack([*out, q[-2:-1]])
