"""The record of a benchmark run: results.json, a table in Markdown, and how time grows with size."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from redistrict.bench.match import Outcome, Score
from redistrict.bench.referee.reading import ANSWER_FORMAT
from redistrict.messages import Message
from redistrict.version import __version__

Row = tuple[str, ...]
_PACKAGES = ("numpy", "numba", "ortools", "pymetis", "kahip", "kaminpar", "gerrychain", "spopt")

CASE_HEADERS = (
    Message("case", "案例"),
    Message("blocks", "地块"),
    Message("communities", "社区"),
    Message("tolerance", "容差"),
    Message("our cost", "本方代价"),
    Message("seconds", "用时（秒）"),
    Message("first plan, s", "首个方案（秒）"),
    Message("MiB", "内存 MiB"),
    Message("bound", "下界"),
    Message("gap", "差距"),
    Message("best peer", "最好的对手"),
    Message("we lead by", "领先"),
    Message("possible lead", "最多可领先"),
    Message("off best known", "距最好纪录"),
    Message("published, s", "文献用时（秒）"),
)
SCORE_HEADERS = (
    Message("case", "案例"),
    Message("contestant", "参赛者"),
    Message("valid", "有效"),
    Message("cost", "代价"),
    Message("ours / theirs", "本方/对方"),
    Message("seconds", "用时（秒）"),
    Message("first plan, s", "首个方案（秒）"),
    Message("tried", "尝试"),
    Message("valid as it came", "原样有效"),
    Message("valid after repair", "修补后有效"),
    Message("note", "说明"),
)


@dataclass(frozen=True)
class Ladder:
    """Seconds to a first valid plan over the number of blocks, for cities of one tolerance.

    Attributes
    ----------
    tolerance : float
    points : tuple of (n_blocks, seconds)
    """

    tolerance: float
    points: tuple[tuple[int, float], ...]

    @property
    def exponent(self) -> float | None:
        """Give x of the least-squares fit ``seconds ~ n_blocks ** x``; none where there are fewer than two sizes."""
        if len({n for n, _ in self.points}) < 2:
            return None
        n, seconds = np.log(np.array(self.points)).T
        return float(np.polyfit(n, seconds, 1)[0])


def build_ladders(outcomes: Sequence[Outcome]) -> tuple[Ladder, ...]:
    """Gather the cities of each tolerance in which we have found a plan."""
    points: dict[float, list[tuple[int, float]]] = {}
    for one in outcomes:
        if one.kind == "city" and one.ours.first_s:
            points.setdefault(round(one.tolerance, 2), []).append((one.n_blocks, one.ours.first_s))
    return tuple(Ladder(tolerance, tuple(sorted(points[tolerance]))) for tolerance in sorted(points))


def case_rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """Give a row for each case."""
    return [
        (
            one.case,
            f"{one.n_blocks:,}",
            f"{one.n_communities:,}",
            f"{one.tolerance:.1%}",
            _whole(one.ours.cost) or one.ours.note,
            f"{one.ours.seconds:.1f}",
            _seconds(one.ours.first_s),
            _whole(one.memory_mib),
            _whole(one.bound),
            _share(one.gap),
            one.best_peer.name if one.best_peer else "",
            _share(one.lead),
            _share(one.room),
            _share(one.off_best_known),
            _seconds(one.published_s),
        )
        for one in outcomes
    ]


def score_rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """Give a row for each contestant of each case."""
    return [_score_row(one, score) for one in outcomes for score in (one.ours, *one.peers)]


def write_record(folder: Path, outcomes: Sequence[Outcome], notes: Sequence[Message], *, workers: int) -> None:
    """Write `results.json` and `table.md` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    record = {
        "versions": _versions(),
        "workers": workers,
        "notes": [note.en for note in notes],
        "ladders": [{**asdict(ladder), "exponent": ladder.exponent} for ladder in build_ladders(outcomes)],
        "cases": [_plain(one) for one in outcomes],
    }
    text = json.dumps(record, ensure_ascii=False, indent=1)
    (folder / "results.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    parts = [
        _markdown(CASE_HEADERS, case_rows(outcomes)),
        _markdown(SCORE_HEADERS, score_rows(outcomes)),
        *(f"{message.en}\n" for message in (*find_messages(outcomes), *notes)),
    ]
    (folder / "table.md").write_text("\n".join(parts), encoding="utf-8", newline="\n")


def write_answers(folder: Path, outcome: Outcome) -> None:
    """Write the plan of every contestant as an answer, for `redistrict bench --check`."""
    folder.mkdir(parents=True, exist_ok=True)
    for score in (outcome.ours, *outcome.peers):
        if score.plan:
            answer = {
                "format": ANSWER_FORMAT,
                "instance": outcome.case,
                "contestant": score.name,
                "seconds": round(score.seconds, 2),
                "plan": score.plan,
            }
            path = folder / f"{outcome.case}.{score.name}.json"
            path.write_text(json.dumps(answer) + "\n", encoding="utf-8", newline="\n")


def find_messages(outcomes: Sequence[Outcome]) -> list[Message]:
    """Say which costs are records, and how the time to a first plan grows."""
    records = [(one, one.record) for one in outcomes]
    return [
        Message(
            f"{one.case}: {best.name} has the lowest cost ever seen, {best.cost}; write it into the case.",
            f"{one.case}：{best.name} 的代价 {best.cost} 为迄今最低，请写入案例文件。",
        )
        for one, best in records
        if best is not None
    ] + [
        Message(
            f"Cities at {ladder.tolerance:.0%}: seconds to a first valid plan grow as blocks ^ {ladder.exponent:.2f}.",
            f"容差 {ladder.tolerance:.0%} 的城市：得到首个有效方案的时间随地块数的 {ladder.exponent:.2f} 次方增长。",
        )
        for ladder in build_ladders(outcomes)
        if ladder.exponent is not None
    ]


def _score_row(one: Outcome, score: Score) -> Row:
    ratio = one.ours.cost / score.cost if one.ours.cost and score.cost else None
    return (
        one.case,
        score.name,
        "yes" if score.cost is not None else "no",
        _whole(score.cost),
        "" if ratio is None else f"{ratio:.3f}",
        f"{score.seconds:.1f}",
        _seconds(score.first_s),
        *(f"{n:,}" for n in (score.n_tried, score.n_valid_raw, score.n_valid)),
        score.note,
    )


def _plain(one: Outcome) -> dict[str, Any]:
    derived = {"lead": one.lead, "room": one.room, "off_best_known": one.off_best_known}
    plain = {**asdict(one), **derived}
    for score in (plain["ours"], *plain["peers"]):
        del score["plan"]  # in a file of its own
    return plain


def _versions() -> dict[str, str]:
    found = {"redistrict": __version__, "python": platform.python_version(), "cores": str(os.cpu_count())}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _markdown(headers: Sequence[Message], rows: Sequence[Row]) -> str:
    lines = [[header.en for header in headers], ["---"] * len(headers), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2%}"
