"""The contest: the answers of all programs to exported instances, judged, as tables and as a page."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from redistrict.bench.referee.contest import Contest, Entry, judge_folder, name_faults
from redistrict.bench.referee.reading import Refused
from redistrict.errors import DataError, OutputError
from redistrict.messages import Message, plain
from redistrict.report.compare.page import STAR, Words, write_table
from redistrict.report.delivery import CANNOT_WRITE, cannot_write
from redistrict.report.offline import read_own, write_plain_page

PAGE = "contest.html"
ANSWER_HEADERS = (
    Message("instance", "算例"),
    Message("contestant", "参赛者"),
    Message("valid", "有效"),
    Message("cost", "代价"),
    Message("above best known", "高于最好纪录"),
    Message("seconds, as told", "自报用时（秒）"),
    Message("faults", "问题"),
)
_COST = 3
STANDING_HEADERS = (
    Message("contestant", "参赛者"),
    Message("answers", "答案"),
    Message("valid", "有效"),
    Message("best known reached", "达到最好纪录"),
    Message("above best known, mean", "平均高于最好纪录"),
    Message("worst", "最差"),
)
_YES, _NO = Message("yes", "是"), Message("no", "否")
_TITLE = Message("Programs compared", "各程序比较")
_BY_CONTESTANT, _BY_INSTANCE = Message("By contestant", "按参赛者"), Message("By instance", "按算例")
_REFUSED = Message("Refused", "未受理的答案")
_BEST = Message("best of its instance", "该算例最优")
_HOW = Message(
    "Every cost is added up anew and every rule checked by the referee, which shares no code with any contestant. "
    "Seconds are what contestants say, on machines of their own. Means are over valid answers only.",
    "代价和各项规则均由独立的核对程序重新计算，与任何参赛程序不共用代码；用时由参赛者自报，机器各异；均值只含有效答案。",
)

Row = tuple[Message, ...]


class Standing(NamedTuple):
    """What the answers of one contestant come to; `off` are shares above the best known, of valid answers."""

    contestant: str
    n_answers: int
    n_valid: int
    off: tuple[float, ...]


def check_answers(folder: Path) -> Contest:
    """Judge the answers in an exported folder, and write the page of all contestants into it.

    Raises
    ------
    DataError
        If it holds no instances or no answers, or an instance is broken.
    OutputError
        If the page cannot be written.
    """
    try:
        contest = judge_folder(folder)
    except Refused as error:
        where = Message(f"{folder}: ", f"{folder}：")
        raise DataError(where + Message(*error.said)) from None
    try:
        write_contest_page(folder / PAGE, contest)
    except CANNOT_WRITE as error:
        raise OutputError(cannot_write(folder, error)) from error
    return contest


def is_clean(contest: Contest) -> bool:
    """Tell whether every answer was taken and is valid."""
    return not contest.refused and all(entry.verdict.cost is not None for entry in contest.entries)


def list_answers(contest: Contest) -> list[Row]:
    """Give a row for each answer."""
    return [
        (
            plain(entry.answer.instance),
            plain(entry.answer.contestant),
            _NO if entry.verdict.cost is None else _YES,
            plain("" if entry.verdict.cost is None else f"{entry.verdict.cost:,}"),
            plain(_share(entry.off_best_known)),
            plain("" if entry.answer.seconds is None else f"{entry.answer.seconds:,.2f}"),
            Message(*name_faults(entry.verdict.faults)),
        )
        for entry in contest.entries
    ]


def list_standings(contest: Contest) -> list[Row]:
    """Give a row for each contestant, those with most valid answers first, then by how near they are to the best."""
    return [
        (
            plain(one.contestant),
            plain(one.n_answers),
            plain(one.n_valid),
            plain(sum(off <= 0 for off in one.off)),
            plain(_share(sum(one.off) / len(one.off)) if one.off else ""),
            plain(_share(max(one.off)) if one.off else ""),
        )
        for one in sorted(_gather(contest.entries), key=_rank)
    ]


def _gather(entries: Sequence[Entry]) -> Iterator[Standing]:
    for name in sorted({entry.answer.contestant for entry in entries}):
        own = [entry for entry in entries if entry.answer.contestant == name]
        off = tuple(entry.off_best_known for entry in own if entry.off_best_known is not None)
        yield Standing(name, len(own), sum(entry.verdict.cost is not None for entry in own), off)


def _rank(one: Standing) -> tuple[object, ...]:
    return -one.n_valid, sum(one.off) / max(1, len(one.off)), one.contestant


def list_records(contest: Contest) -> list[Message]:
    """Say which answers are better than the best known; of each instance the best."""
    told: dict[str, Message] = {}
    for entry in contest.entries:
        name, best, cost = entry.answer.instance, entry.best_known, entry.verdict.cost
        if cost is not None and (best is None or cost < best) and name not in told:
            before = Message("none was known", "此前没有纪录") if best is None else plain(f"{best:,}")
            told[name] = Message(
                f"{name}: {entry.answer.contestant} has the best plan ever seen, {cost:,} ({before.en}).",
                f"{name}：{entry.answer.contestant} 的方案为迄今最好，代价 {cost:,}（{before.zh}）。",
            )
    return list(told.values())


def write_contest_page(path: Path, contest: Contest) -> None:
    """Write the page in both languages; same answers, same bytes."""
    words = Words("both")
    rooms = ("redistrict.report.compare", "redistrict.report.sweep")
    write_plain_page(
        path,
        title=_TITLE.in_language("both"),
        style="".join(read_own(room, "page.css") for room in rooms) + read_own(__package__, "contest.css"),
        body="".join(_write_body(contest, words)),
        script=read_own("redistrict.report.sweep", "page.js"),
    )


def _write_body(contest: Contest, words: Words) -> Iterator[str]:
    yield f"<header>{words.switch()}<h1>{words.say(_TITLE)}</h1></header><main><p>{words.say(_HOW)}</p>"
    yield from (f"<p>{STAR} {words.say(message)}</p>" for message in list_records(contest))
    yield f"<h2>{words.say(_BY_CONTESTANT)}</h2>"
    yield _write_rows("points", STANDING_HEADERS, list_standings(contest), words)
    yield f"<h2>{words.say(_BY_INSTANCE)}</h2>"
    yield _write_rows("points answers", ANSWER_HEADERS, list_answers(contest), words, _find_best(contest.entries))
    yield f'<p class="remark">{STAR} {words.say(_BEST)}</p>'
    if contest.refused:
        refused = "".join(f"<li>{words.say(Message(*said))}</li>" for said in contest.refused)
        yield f"<h2>{words.say(_REFUSED)}</h2><ul>{refused}</ul>"
    yield "</main>"


def _find_best(entries: Sequence[Entry]) -> frozenset[int]:
    """Give the positions of the cheapest valid answers of each instance."""
    least: dict[str, int] = {}
    for entry in entries:  # from the cheapest
        if entry.verdict.cost is not None:
            least.setdefault(entry.answer.instance, entry.verdict.cost)
    costs = [(n, one.verdict.cost, least.get(one.answer.instance)) for n, one in enumerate(entries)]
    return frozenset(n for n, cost, best in costs if cost is not None and cost == best)


def _write_rows(kind: str, headers: Row, rows: Sequence[Row], words: Words, best: frozenset[int] = frozenset()) -> str:
    """Write a table in which the costs of the best rows are marked."""
    written = []
    for n, row in enumerate(rows):
        cells = [f"<td>{words.say(cell)}</td>" for cell in row[1:]]
        if n in best:
            cells[_COST - 1] = f'<td class="best">{STAR} {words.say(row[_COST])}</td>'
        written.append(f"<tr><th>{words.say(row[0])}</th>{''.join(cells)}</tr>")
    table = write_table(kind, [words.say(header) for header in headers], written)
    return f'<div class="wide">{table}</div>'


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:+.2%}"
