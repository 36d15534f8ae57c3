"""Pictures of a plan: sizes before and after, deviations, the search, staff and crossings, as PNG and SVG."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter

from redistrict.messages import QUANTITY_WORDS, Message
from redistrict.report.before_after import PLAN, TODAY, compare_bands, compare_staff
from redistrict.report.pictures.diagnosis import INK, Lettering, picture, write_heading
from redistrict.report.style import by_importance, class_word
from redistrict.report.summary import Report
from redistrict.solver.tasks.progress import Progress

_TODAY, _PLAN, _SERVED, _BOX, _ODD = "#b8b2a6", "#3f7fb5", "#b5d3e8", "#e3efe0", "#c0322f"
_WIDTH_IN, _HEIGHT_IN = 8.0, 5.4
_TOP_IN, _BOTTOM_IN = 1.2, 0.65
_ROW_IN = 0.55
_MAX_NAME = 24
_COST = Message("Cost during the search", "搜索过程中的代价")
_COST_AND_BOUND = Message("Cost and bound during the search", "搜索过程中的代价与下界")


def draw_plan(folder: Path, report: Report, trace: Sequence[Progress], lettering: Lettering) -> None:
    """Write every picture the data allow into a new folder.

    Parameters
    ----------
    folder : Path
        Gets `sizes`, `deviations`, `search`, `staff` and `crossings`, each as .png and .svg.
    report : Report
    trace : sequence of Progress
        What the search told of itself, the earliest first.
    lettering : Lettering
    """
    folder.mkdir()
    heading = _heading(report)
    draw_search(folder, trace, heading, lettering)
    _draw_sizes(folder, report, heading, lettering)
    _draw_deviations(folder, report, heading, lettering)
    _draw_staff(folder, report, heading, lettering)
    _draw_crossings(folder, report, heading, lettering)


def draw_search(folder: Path, trace: Sequence[Progress], heading: Sequence[Message], lettering: Lettering) -> None:
    """Draw the best cost and the bound over the work done, where the search told of any.

    Work, not seconds, and only where something changes: same scenario and seed, same picture on every machine.
    """
    curves = [
        (_steps([(p.fraction, p.cost_m) for p in trace]), _PLAN, Message("cost of the best plan", "最优方案代价")),
        (_steps([(p.fraction, p.bound_m) for p in trace]), INK, Message("lower bound", "下界")),
    ]
    if not any(points for points, *_ in curves):
        return
    with picture(folder / "search", lettering, (_WIDTH_IN, _HEIGHT_IN)) as figure:
        axes = figure.add_axes(_frame(_HEIGHT_IN, left=0.13))
        for points, colour, words in curves:
            if points:
                x, y = zip(*points, (1.0, points[-1][1]), strict=True)
                axes.step(x, y, where="post", color=colour, linewidth=2, label=lettering.line(words))
                axes.annotate(f"{y[-1]:,.0f}", (1.0, y[-1]), (-4, 5), textcoords="offset points", ha="right")
        axes.set(xlim=(0, 1), ylim=(0, None))
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.set_xlabel(lettering.line(Message("Share of the work done", "已完成的工作量")))
        axes.set_ylabel(lettering.line(Message("Weighted metres", "加权米")))
        _finish(axes)
        write_heading(figure, _COST_AND_BOUND if curves[1][0] else _COST, heading, lettering)


def _draw_sizes(folder: Path, report: Report, heading: Sequence[Message], lettering: Lettering) -> None:
    """Draw how many communities fall into each size band, before and after."""
    today, plan = compare_bands(report)
    if plan is None:
        return
    series = [(today, _TODAY, TODAY), (plan, _PLAN, PLAN)] if today else [(plan, _PLAN, PLAN)]
    width = 0.8 / len(series)
    with picture(folder / "sizes", lettering, (_WIDTH_IN, _HEIGHT_IN)) as figure:
        axes = figure.add_axes(_frame(_HEIGHT_IN, left=0.09, bottom_in=0.85))
        for number, (bands, colour, words) in enumerate(series):
            at = np.arange(len(bands)) + width * (number - (len(series) - 1) / 2)
            bars = axes.bar(at, [band.count for band in bands], width * 0.95, color=colour, label=lettering.line(words))
            axes.bar_label(bars, [f"{band.count}\n{band.share:.0%}" for band in bands], padding=3, fontsize=9)
        axes.set_xticks(range(len(plan)), [lettering.write(band.label) for band in plan])
        axes.margins(y=0.16)
        axes.set_xlabel(lettering.line(Message("Households of a community", "社区户数")))
        axes.set_ylabel(lettering.line(Message("Communities", "社区数")))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        _finish(axes)
        write_heading(figure, Message("Communities by households", "社区户数规模"), heading, lettering)


def _draw_deviations(folder: Path, report: Report, heading: Sequence[Message], lettering: Lettering) -> None:
    """Draw every community by its deviation in households and in people, and the box the scenario allows."""
    rows = [(row.households_deviation, row.people_deviation) for row in report.communities]
    if any(value is None for row in rows for value in row):
        return
    off = np.array(rows, dtype=float)
    tolerance = report.scenario.communities.tolerance
    wide, high = tolerance.households, tolerance.people
    is_odd = [row.exception is not None for row in report.communities]
    with picture(folder / "deviations", lettering, (_WIDTH_IN, 7.0)) as figure:
        axes = figure.add_axes(_frame(7.0, left=0.12))
        axes.add_patch(Rectangle((-wide, -high), 2 * wide, 2 * high, facecolor=_BOX, edgecolor="none", zorder=0))
        axes.axhline(0, color=INK, linewidth=0.6)
        axes.axvline(0, color=INK, linewidth=0.6)
        axes.scatter(
            off[:, 0], off[:, 1], s=26, c=[_ODD if odd else _PLAN for odd in is_odd], alpha=0.8, edgecolors="white"
        )
        for c in sorted({int(off.max(axis=1).argmax()), int(off.min(axis=1).argmin())}):
            on_right = off[c, 0] > 0
            axes.annotate(
                lettering.draw(report.communities[c].name[:_MAX_NAME]),
                (off[c, 0], off[c, 1]),
                (-6 if on_right else 6, 0),
                textcoords="offset points",
                ha="right" if on_right else "left",
                va="center",
            )
        reach = 1.15 * max(wide, high, np.abs(off).max())
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach))
        for axis, quantity in ((axes.xaxis, "households"), (axes.yaxis, "people")):
            word = QUANTITY_WORDS[quantity]
            axis.set_major_formatter(PercentFormatter(1.0))
            axis.set_label_text(lettering.line(Message(f"{word.en} off target", f"{word.zh}偏差")))
        axes.spines[["top", "right"]].set_visible(False)
        allowed = Message(f"green: within ±{wide:.0%} and ±{high:.0%}", f"绿色：±{wide:.0%}、±{high:.0%} 以内")
        axes.set_title(lettering.line(allowed), fontsize=10, loc="left", color=INK)
        write_heading(figure, Message("Deviation from the targets", "与目标的偏差"), heading, lettering)


def _draw_staff(folder: Path, report: Report, heading: Sequence[Message], lettering: Lettering) -> None:
    """Draw today's workers and the plan's posts, district by district."""
    pairs = compare_staff(report.office)
    today = [pair.today for pair in pairs.values() if pair.today is not None]
    series = [(today, _TODAY, TODAY)] if today else []
    series += [([pair.plan for pair in pairs.values()], _PLAN, PLAN)]
    height = _TOP_IN + _BOTTOM_IN + max(_ROW_IN * len(pairs), 1.2)
    thick = 0.8 / len(series)
    with picture(folder / "staff", lettering, (_WIDTH_IN, height)) as figure:
        axes = figure.add_axes(_frame(height, left=0.17))
        for number, (values, colour, words) in enumerate(series):
            at = np.arange(len(pairs)) + thick * (number - (len(series) - 1) / 2)
            bars = axes.barh(at, values, thick * 0.95, color=colour, label=lettering.line(words))
            axes.bar_label(bars, padding=3, fontsize=9)
        whole = lettering.line(Message("all", "合计"))
        axes.set_yticks(range(len(pairs)), [lettering.draw(name[:_MAX_NAME]) or whole for name in pairs])
        axes.invert_yaxis()
        axes.margins(x=0.1)
        axes.set_xlabel(lettering.line(Message("Community workers", "社区工作者")))
        _finish(axes)
        write_heading(figure, Message("Community workers by district", "各区社区工作者"), heading, lettering)


def _draw_crossings(folder: Path, report: Report, heading: Sequence[Message], lettering: Lettering) -> None:
    """Draw the kilometres of every priced class inside communities, and what they add to the cost."""
    length_m: dict[str, float] = defaultdict(float)
    served_m, cost_m = length_m.copy(), length_m.copy()
    for row in report.office.crossings:
        if row.cost_m > 0:
            for sums, metres in ((length_m, row.length_m), (served_m, row.served_m), (cost_m, row.cost_m)):
                sums[row.road_class] += metres
    if not length_m:
        return
    classes = [name for name, _ in by_importance(length_m)]
    height = _TOP_IN + _BOTTOM_IN + max(_ROW_IN * len(classes), 1.2)
    with picture(folder / "crossings", lettering, (_WIDTH_IN, height)) as figure:
        left, bottom, width, high = _frame(height, left=0.2)
        half = 0.46 * width
        axes, beside = (figure.add_axes((x, bottom, half, high)) for x in (left, left + width - half))
        for one, sums, words in (
            (axes, length_m, Message("kilometres inside communities", "社区内长度（公里）")),
            (beside, cost_m, Message("cost, weighted kilometres", "代价（加权公里）")),
        ):
            bars = one.barh(range(len(classes)), [sums[name] / 1000 for name in classes], 0.7, color=_PLAN)
            one.bar_label(bars, fmt="{:,.1f}", padding=3, fontsize=9)
            one.set_yticks(range(len(classes)), [])
            one.invert_yaxis()
            one.margins(x=0.2)
            one.set_xlabel(lettering.line(words))
        served = Message("served by a bridge, underpass or signal", "有桥、下穿通道或信号灯")
        shares = [served_m[name] / 1000 for name in classes]
        axes.barh(range(len(classes)), shares, 0.7, color=_SERVED, label=lettering.line(served))
        axes.set_yticks(range(len(classes)), [lettering.line(class_word(name)) for name in classes])
        _finish(axes)
        _finish(beside)
        write_heading(
            figure, Message("Roads inside communities, by class", "穿越社区的道路（按类别）"), heading, lettering
        )


def _heading(report: Report) -> list[Message]:
    """Give the title of the scenario, and what every reader must know of its data."""
    label = report.scenario.data.label
    return [report.scenario.heading, *([label.message] if label else [])]


def _steps(points: Sequence[tuple[float, float | None]]) -> list[tuple[float, float]]:
    """Keep the moments at which a value changes, in weighted metres."""
    kept: list[tuple[float, float]] = []
    for fraction, value in points:
        if value is not None and (not kept or kept[-1][1] != value):
            kept.append((fraction, value))
    return kept


def _frame(height_in: float, *, left: float, bottom_in: float = _BOTTOM_IN) -> tuple[float, float, float, float]:
    """Give the place of the axes, as shares of the figure, below heading and legend."""
    return left, bottom_in / height_in, 0.96 - left, 1 - (_TOP_IN + bottom_in) / height_in


def _finish(axes: Axes) -> None:
    """Take away what is no data, and put the legend above the axes, where there are several things to tell apart."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=0)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, frameon=False, borderaxespad=0.2)
