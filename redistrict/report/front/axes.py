"""The axes of a picture: values on a stretch of it, and lines with round numbers."""

from collections.abc import Iterator
from math import ceil, floor, log10

from redistrict.report.compare.lines import Line
from redistrict.report.compare.page import Words

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 420, 84, 18, 24, 50
_N_TICKS = 5


class Axis:
    """Puts the values of a line on a stretch of the picture, the better to its beginning."""

    def __init__(self, line: Line, begin: float, end: float) -> None:
        self._line, self._values = line, [float(str(value)) for value in line.values]
        low, high = min(self._values), max(self._values)
        room = (high - low or abs(high) or 1.0) * 0.06
        ends = (low - room, high + room)
        self._low, self._high = ends[::-1] if line.key == "compactness" else ends
        self._begin, self._end = begin, end

    def at(self, value: float) -> float:
        """Give where a value lies."""
        return self._begin + (value - self._low) / (self._high - self._low) * (self._end - self._begin)

    def place(self, n: int) -> float:
        """Give where a plan lies."""
        return self.at(self._values[n])

    def ticks(self, words: Words) -> Iterator[tuple[float, str]]:
        """Give places with what is written there."""
        low, high = sorted((self._low, self._high))
        step = 10 ** floor(log10((high - low) / _N_TICKS))
        step = next(times * step for times in (1, 2, 5, 10) if times * step * _N_TICKS >= high - low)
        if self._line.form == "count":
            step = max(1, round(step))
        for n in range(ceil(low / step), floor(high / step) + 1):
            yield self.at(n * step), words.show(n * step, self._line)


def draw_upright(x: Axis, words: Words) -> Iterator[str]:
    """Draw the lines and words of the level axis."""
    base = HEIGHT - BOTTOM
    for at, text in x.ticks(words):
        yield f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{base}"/>'
        yield f'<text x="{at:.1f}" y="{base + 16}">{text}</text>'


def draw_level(y: Axis, words: Words) -> Iterator[str]:
    """Draw the lines and words of the upright axis."""
    for at, text in y.ticks(words):
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
        yield f'<text class="end" x="{LEFT - 8}" y="{at:.1f}">{text}</text>'
