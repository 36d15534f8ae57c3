"""Unhealed: which pins leave no plan together, and what it costs to drop one of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from redistrict.errors import InterruptedSolveError
from redistrict.jobs.clashes import count_change, find_clash
from redistrict.jobs.pinned import Asked, Basis, put_edits
from redistrict.messages import Message, count_of, list_of, name_some
from redistrict.model.cores import shrink
from redistrict.model.result import StoppedBy
from redistrict.solver.heal import HealedArea, heal
from redistrict.solver.tasks.stop import Stop

TRIAL_SHARE = 0.25
"""Each trial has this share of the effort of the repair itself."""
_Unit = tuple[Asked, ...]
_INTERRUPTED = Message(
    "No plan with these pins was found, and which of them leave none was not told before the interruption.",
    "未找到满足各条要求的方案；中断前尚未查明是哪几条所致。",
)
_PEOPLE = Message("residents", "人（户）")


@dataclass(frozen=True)
class _Trial:
    """What came of a part of the pins: the residents moved (none: no plan), and whether it is proved that none is."""

    moved: int | None
    is_impossible: bool


@dataclass(frozen=True, eq=False)
class _Lab:
    """What all trials share."""

    basis: Basis
    stop: Stop
    effort: float
    seed: int

    def try_out(self, units: Sequence[_Unit]) -> _Trial:
        """Repair the plan with some of the pins."""
        asked = [one for unit in units for one in unit]
        if find_clash(self.basis, asked) is not None:
            return _Trial(None, False)
        edited, effort = put_edits(self.basis, asked), self.effort * TRIAL_SHARE
        areas = heal(
            self.basis.problem, edited, self.stop, effort=effort, seed=self.seed, on_ring=self._end_if_interrupted
        )
        if any(area.plan is None for area in areas):
            return _Trial(None, all(area.is_impossible for area in areas if area.plan is None))
        plan = areas[-1].plan if areas else edited.home
        assert plan is not None, "just looked at"
        is_moved = edited.family[plan] != edited.family[edited.home]
        return _Trial(int(edited.residents[is_moved].sum()), False)

    def _end_if_interrupted(self, _n_communities: int) -> None:
        if self.stop.reason is StoppedBy.INTERRUPT:
            raise InterruptedSolveError(_INTERRUPTED)


def explain_unhealed(
    basis: Basis, asked: Sequence[Asked], failed: HealedArea, stop: Stop, *, effort: float, seed: int
) -> list[Message]:
    """Say why an area has no plan: pins that cannot hold together, none of which can be left out, and their prices.

    Pins are left out one after the other as long as it is proved that the rest has no plan either; where a trial is
    not decided the pin is kept, and that is said.

    Parameters
    ----------
    failed : HealedArea
        Has no plan.
    effort : float
        That of the repair; each trial has a part of it.

    Raises
    ------
    InterruptedSolveError
        Once the stop is interrupted.
    """
    area = basis.problem.areas[failed.number].name
    if not failed.is_impossible:
        return [
            Message(
                f"{area}: no plan with these pins was found, and none is proved impossible; give more solve.effort or "
                "solve.time_limit_s, or fewer pins.",
                f"{area}：未找到满足各条要求的方案，也未证明不存在；"
                "请增大 solve.effort 或 solve.time_limit_s，或减少要求。",
            )
        ]
    lab, undecided = _Lab(basis, stop, effort, seed), list[_Unit]()

    def fails(units: Sequence[_Unit]) -> bool:
        trial = lab.try_out(units)
        if trial.moved is None and not trial.is_impossible:
            undecided.extend(unit for unit in core if unit not in units)
        return trial.is_impossible

    everything = core = _list_units(basis, asked, failed.number)
    core = shrink(core, fails)
    n = len(failed.communities)
    is_whole_area = n == int((put_edits(basis, asked).area == failed.number).sum())
    said = _say_core(area, core, None if is_whole_area or failed.is_everywhere else n)
    return [said, *_say_prices(lab, everything, core), *_say_undecided(undecided, core)]


def _list_units(basis: Basis, asked: Sequence[Asked], number: int) -> list[_Unit]:
    """Give the pins of one area, those that only together leave it its number of communities as one."""
    own = [one for one in asked if (basis.area_of[list(one.blocks)] == number).any()]
    tied = tuple(one for one in own if one.is_structural) if len(basis.problem.areas[number].options) == 1 else ()
    assert sum(map(count_change, tied)) == 0, "told as a clash"
    return [*((one,) for one in own if one not in tied), *([tied] if tied else [])]


def _say_core(area: str, core: Sequence[_Unit], n: int | None) -> Message:
    """Say which pins leave no plan: none at all, or none that changes only `n` communities."""
    pins, n_pins = list_of(one.name for unit in core for one in unit), sum(map(len, core))
    where, where_zh = (
        ("", "") if n is None else (f" that changes only {n} communities", f"在只调整 {n} 个社区的范围内，")
    )
    if n_pins == 1:
        return Message(f"{area}: no plan{where} keeps to {pins.en}.", f"{area}：{where_zh}没有方案能满足{pins.zh}。")
    return Message(
        f"{area}: no plan{where} keeps to these {n_pins} pins together: {pins.en}.",
        f"{area}：{where_zh}没有方案能同时满足这 {n_pins} 条：{pins.zh}。",
    )


def _say_prices(lab: _Lab, everything: Sequence[_Unit], core: Sequence[_Unit]) -> Iterator[Message]:
    """Say of each pin what dropping it costs, the cheapest first."""
    found = [(lab.try_out([one for one in everything if one is not unit]).moved, unit) for unit in core]
    for moved, unit in sorted(found, key=lambda one: (one[0] is None, one[0] or 0)):
        pins = list_of(one.name for one in unit)
        what = Message("still no plan is found", "仍未找到方案")
        if moved is not None:
            said = count_of(moved, _PEOPLE)
            what = Message(f"there is a plan that moves {said.en}", f"有方案，变动居民 {said.zh}")
        yield Message(f"Without {pins.en} {what.en}.", f"去掉{pins.zh}，{what.zh}。")


def _say_undecided(undecided: Sequence[_Unit], core: Sequence[_Unit]) -> Iterator[Message]:
    kept = [one.pin for unit in core if unit in undecided for one in unit]
    if kept:
        named = name_some(kept)
        yield Message(
            f"Whether all of these are needed is not decided for pins {named.en}: the effort was spent.",
            f"第 {named.zh} 条是否必要尚未判定：搜索量用完。",
        )
