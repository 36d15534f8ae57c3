"""A contest: all answers of a folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from .reading import Answer, Instance, Refused, Said, read_answer, read_instance, shorten
from .rules import Verdict, check_instance, judge_answer

INSTANCES, ANSWERS = "instances", "answers"
_MOST_NAMED = 5


class Entry(NamedTuple):
    """A judged answer."""

    answer: Answer
    verdict: Verdict
    best_known: int | None

    @property
    def off_best_known(self) -> float | None:
        """How much dearer than the best known plan it is, as a share; below zero where it is a record."""
        if self.verdict.cost is None or not self.best_known:
            return None
        return self.verdict.cost / self.best_known - 1


class Contest(NamedTuple):
    """All answers of a folder: those judged, and why others were refused."""

    entries: tuple[Entry, ...]
    refused: tuple[Said, ...]


def judge_folder(folder: Path) -> Contest:
    """Judge all answers of a folder, by instance, then from the cheapest.

    Raises
    ------
    Refused
        If the folder holds no instances or no answers, or an instance that is asked for is none.
    """
    known = {path.stem: path for path in sorted((folder / INSTANCES).glob("*.json"))}
    files = sorted((folder / ANSWERS).rglob("*.json"))
    for name, found in ((INSTANCES, known), (ANSWERS, files)):
        if not found:
            raise Refused(
                f"there is no {name}/*.json; README.md tells what it holds", f"缺少 {name}/*.json，见 README.md"
            )
    answers: dict[tuple[str, str], Answer] = {}
    refused: list[Said] = []
    for path in files:
        try:
            answer = read_answer(path, known)
            key = (answer.instance, answer.contestant)
            if key in answers:
                raise Refused(f"{key[1]} has another answer to {key[0]}", f"{key[1]} 对 {key[0]} 已有另一份答案")
            answers[key] = answer
        except Refused as error:
            refused.append(_about(path.relative_to(folder), error.said))
    entries: list[Entry] = []
    for name in sorted({name for name, _ in answers}):
        instance = _read_sound(folder, known[name])
        asked = [answers[key] for key in sorted(answers) if key[0] == name]
        entries += [Entry(one, judge_answer(instance, one), instance.best_known) for one in asked]
    return Contest(tuple(sorted(entries, key=_rank)), tuple(refused))


def _read_sound(folder: Path, path: Path) -> Instance:
    """Read an instance whose own plan and bounds hold."""
    try:
        instance = read_instance(path)
    except Refused as error:
        raise Refused(*_about(path.relative_to(folder), error.said)) from None
    faults = tuple(check_instance(instance))
    if faults:
        raise Refused(*_about(path.relative_to(folder), name_faults(faults)))
    return instance


def _about(path: Path, said: Said) -> Said:
    name = shorten(path.as_posix())
    return Said(f"{name}: {said.en}", f"{name}：{said.zh}")


def _rank(entry: Entry) -> tuple[object, ...]:
    cost = entry.verdict.cost
    return entry.answer.instance, cost is None, cost or 0, entry.answer.contestant


def name_faults(faults: Sequence[Said]) -> Said:
    """Put the first faults into one sentence, and count the others."""
    more = len(faults) - _MOST_NAMED
    en, zh = ("; ".join(one.en for one in faults[:_MOST_NAMED]), "；".join(one.zh for one in faults[:_MOST_NAMED]))
    return Said(en + (f"; and {more} more" if more > 0 else ""), zh + (f"；另有 {more} 处" if more > 0 else ""))
