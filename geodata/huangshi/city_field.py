"""The grain of the city: at every place the direction in which streets run, taken from shores and main roads."""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
from city_plan import FloatArray

Geometry: TypeAlias = shapely.Geometry


@dataclass(frozen=True, eq=False)
class Grain:
    """Street directions on a square grid, as the cosine and sine of four times the angle.

    Four times, because a street grid turned by a quarter is the same grid.

    Attributes
    ----------
    x0, y0, step_m : float
        South-west corner and spacing of the grid, in metres.
    cos4, sin4 : (n_y, n_x) nested lists of float
    """

    x0: float
    y0: float
    step_m: float
    cos4: list[list[float]]
    sin4: list[list[float]]

    def angle(self, x: float, y: float) -> float:
        """Give the direction at a place, in radians, up to quarter turns."""
        u = min(max((x - self.x0) / self.step_m, 0.0), len(self.cos4[0]) - 1.001)
        v = min(max((y - self.y0) / self.step_m, 0.0), len(self.cos4) - 1.001)
        i, j = int(u), int(v)
        a, b = u - i, v - j
        south, north = (1 - b) * (1 - a), b * (1 - a)
        cos_low, cos_high, sin_low, sin_high = self.cos4[j], self.cos4[j + 1], self.sin4[j], self.sin4[j + 1]
        c = south * cos_low[i] + (1 - b) * a * cos_low[i + 1] + north * cos_high[i] + b * a * cos_high[i + 1]
        s = south * sin_low[i] + (1 - b) * a * sin_low[i + 1] + north * sin_high[i] + b * a * sin_high[i + 1]
        return math.atan2(s, c) / 4


def make_grain(guides: list[Geometry], weights: list[float], bounds: tuple[float, float, float, float]) -> Grain:
    """Average the directions of the guide lines, each weighing by its length and nearness.

    Parameters
    ----------
    guides : lines that streets run along or square to
    weights : one factor for each guide
    bounds : xmin, ymin, xmax, ymax of the city in metres
    """
    step_m = 120.0
    xs = np.arange(bounds[0] - step_m, bounds[2] + 2 * step_m, step_m)
    ys = np.arange(bounds[1] - step_m, bounds[3] + 2 * step_m, step_m)
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    cos4, sin4 = np.zeros(len(grid)), np.zeros(len(grid))
    for guide, weight in zip(guides, weights, strict=True):
        for line in shapely.get_parts(guide):
            p = shapely.get_coordinates(shapely.segmentize(shapely.simplify(line, 3.0), 150.0))
            along, middle = np.diff(p, axis=0), (p[1:] + p[:-1]) / 2
            length = np.hypot(along[:, 0], along[:, 1])
            turn = 4 * np.arctan2(along[:, 1], along[:, 0])
            far = np.hypot(*(grid[:, None, :] - middle[None, :, :]).transpose(2, 0, 1))
            pull = weight * length * np.exp(-far / 700.0) / (far + 120.0) ** 2
            cos4 += pull @ np.cos(turn)
            sin4 += pull @ np.sin(turn)
    size = np.hypot(cos4, sin4) + 1e-12
    shape = (len(ys), len(xs))
    return Grain(xs[0], ys[0], step_m, (cos4 / size).reshape(shape).tolist(), (sin4 / size).reshape(shape).tolist())


def trace(
    grain: Grain, start: tuple[float, float], heading: float, *, length_m: float, bend: float = 0.0
) -> FloatArray:
    """Follow the grain from a place, (n, 2) float64 in metres, the start first.

    Parameters
    ----------
    grain : Grain
    start : x, y in metres
    heading : float
        Direction to set out in, in radians; the nearest of the four grain directions is taken at each step.
    length_m : float
        How far to go.
    bend : float
        Angle in radians by which this street leaves the grain.
    """
    step_m = 18.0
    x, y = start
    out = [(x, y)]
    quarter = math.pi / 2
    for _ in range(int(length_m / step_m) + 1):
        angle = grain.angle(x, y) + bend
        heading = angle + quarter * round((heading - angle) / quarter)
        x += step_m * math.cos(heading)
        y += step_m * math.sin(heading)
        out.append((x, y))
    return np.asarray(out)
