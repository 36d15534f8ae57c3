"""Pictures of a benchmark run: cost over time for every case, and time over size."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from math import ceil
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from redistrict.bench.match import OURS, Outcome, Score
from redistrict.bench.record import Ladder, build_ladders

_COLUMNS = 3
_COLOURS = ("#c0322f", "#2b6ca3", "#4d9a6a", "#8d7cc3", "#d08a2e", "#6f6b62", "#3aa6b0")
"""Ours first, then the peers in their order."""


def draw_costs(folder: Path, outcomes: Sequence[Outcome]) -> None:
    """Write `cost_over_time.png` and `.svg`: for every case the cheapest valid plan of each contestant as time goes."""
    shown = [one for one in outcomes if one.ours.trace or any(score.trace for score in one.peers)]
    if not shown:
        return
    columns = min(_COLUMNS, len(shown))
    rows = ceil(len(shown) / columns)
    with _picture(folder / "cost_over_time", (4.6 * columns, 3.4 * rows)) as figure:
        for axes, one in zip(figure.subplots(rows, columns, squeeze=False).flat, shown, strict=False):
            _draw_case(axes, one)
        for axes in figure.axes[len(shown) :]:
            axes.set_axis_off()


def draw_times(folder: Path, outcomes: Sequence[Outcome]) -> None:
    """Write `time_over_size.png` and `.svg`: seconds to the first valid plan over blocks, ours and the peers'."""
    ladders = build_ladders(outcomes)
    if not ladders:
        return
    with _picture(folder / "time_over_size", (7.0, 5.0)) as figure:
        axes = figure.subplots()
        for ladder, style in zip(ladders, ("-", "--", ":", "-."), strict=False):
            _draw_ladder(axes, ladder, style)
        for (name, points), colour in zip(_first_plans(outcomes).items(), cycle(_COLOURS[1:]), strict=False):
            axes.plot(*zip(*points, strict=True), "o", color=colour, markersize=4, label=name)
        axes.set(xscale="log", yscale="log", xlabel="blocks", ylabel="seconds to the first valid plan")
        axes.legend(frameon=False)


def _draw_case(axes: Axes, one: Outcome) -> None:
    for score, colour in zip((one.ours, *one.peers), cycle(_COLOURS), strict=False):
        _draw_trace(axes, score, colour)
    if one.bound is not None and one.gap is not None and one.gap < 0.5:
        axes.axhline(one.bound, color="black", linewidth=0.8, linestyle=":", label="bound")
    axes.set_title(f"{one.case}: {one.n_blocks:,} blocks, {one.n_communities:,} communities", fontsize=9)
    axes.set(xlabel="seconds", ylabel="cost", xscale="log")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.legend(fontsize=7, frameon=False)


def _draw_trace(axes: Axes, score: Score, colour: str) -> None:
    """Draw the cheapest cost as steps, held to the end of the contestant's time."""
    if score.trace:
        seconds, costs = zip(*score.trace, strict=True)
        ends = max(score.seconds, seconds[-1])
        x, y = [max(s, 0.01) for s in (*seconds, ends)], [*costs, costs[-1]]
        axes.step(x, y, ".-", where="post", color=colour, markersize=4, label=score.name)


def _draw_ladder(axes: Axes, ladder: Ladder, style: str) -> None:
    grows = "" if ladder.exponent is None else f", blocks ^ {ladder.exponent:.2f}"
    label = f"{OURS}, {ladder.tolerance:.0%}{grows}"
    axes.plot(*zip(*ladder.points, strict=True), style, color=_COLOURS[0], marker="s", label=label)


def _first_plans(outcomes: Sequence[Outcome]) -> dict[str, list[tuple[int, float]]]:
    """Give blocks and seconds to the first valid plan of every peer, in the cities where it had one."""
    points: dict[str, list[tuple[int, float]]] = {}
    for one in outcomes:
        for score in one.peers:
            if one.kind == "city" and score.first_s:
                points.setdefault(score.name, []).append((one.n_blocks, score.first_s))
    return points


@contextmanager
def _picture(stem: Path, size_in: tuple[float, float]) -> Iterator[Figure]:
    """Give an empty figure, and write it as PNG and SVG when it is drawn."""
    with mpl.rc_context({"svg.hashsalt": "redistrict", "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=size_in, dpi=120, facecolor="white", layout="constrained")
        FigureCanvasAgg(figure)
        yield figure
        figure.savefig(stem.with_suffix(".png"), metadata={"Software": None})
        figure.savefig(stem.with_suffix(".svg"), metadata={"Date": None, "Creator": None})
