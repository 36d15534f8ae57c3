"""What the notice says around the figures, in both languages."""

from collections.abc import Iterator
from datetime import date

from redistrict.messages import Message, plain
from redistrict.report.about_data import say_day
from redistrict.report.notice.content import Told
from redistrict.scenario.procedure import Period
from redistrict.standards.procedure import STEP_WORDS

TITLE = Message("Public notice of new communities", "社区规模调整公示")
INTRODUCTION = Message(
    "The communities are to be redrawn as follows. Opinions are welcome until the last day of the notice.",
    "社区规模拟作如下调整，现予公示。公示期内欢迎提出意见。",
)
SHEETS = {
    "district": Message("District", "行政区"),
    "community": Message("Community", "社区"),
    "bounds": Message("Boundaries", "四至"),
    "size": Message("Households and people", "户数、人口"),
    "workers": Message("Community workers", "社区工作者"),
    "rooms": Message("Offices and service rooms", "办公服务用房"),
    "before": Message("Formed from", "由以下社区调整而来"),
    "estates": Message("Estates and blocks", "包含小区（地块）"),
}
_NONE = Message("none known", "暂无")
_EMPTY = Message("________________", "________________")
_TERMS = (
    Message("Given by", "公示单位"),
    Message("Period", "公示时间"),
    Message("Contact", "联系方式"),
    Message("How to object", "意见反馈方式"),
)
PROCEDURE, _NUMBER = Message("Procedure", "程序"), Message("Number of the approval", "批复文号")
PAGE = {
    "find": Message("Find your estate, building or community", "查找小区、楼栋或社区"),
    "hint": Message(
        "Part of the name, its pinyin or initials are enough; or click on the map.",
        "输入名称的一部分、拼音或首字母即可，也可直接点击地图。",
    ),
    "nothing": Message("Nothing is called that. Try fewer letters.", "没有找到，请减少字数再试。"),
    "more": Message("{} more; write more of the name.", "另有 {} 个，请多输入几个字。"),
    "now": Message("today", "现属"),
    "then": Message("from now on", "拟属"),
    "unchanged": Message("Your community stays the same.", "所属社区不变。"),
    "unknown": Message("not known", "不详"),
    "communities": Message("All communities", "全部社区"),
    "whole": Message("Whole city", "全市"),
    "print": Message("Print", "打印"),
}


def list_terms(told: Told) -> list[tuple[str, str]]:
    """Give who gives the notice, when, whom to turn to and how to object; what is not known stays a line to fill in.

    What day the data are of, and their licence, follow where they are known.
    """
    notice = told.notice
    values = (
        notice.issuer.message if notice.issuer else _EMPTY,
        _say_period((notice.period_from, notice.period_to)),
        notice.contact.message if notice.contact else _EMPTY,
        notice.how_to_object.message if notice.how_to_object else _EMPTY,
    )
    return [(told.tell(name), told.tell(value)) for name, value in (*zip(_TERMS, values, strict=True), *told.data)]


def list_steps(told: Told) -> list[tuple[str, str]]:
    """Give the days of every step but the notice, and the number of the approval; none where no step is spoken of."""
    if not told.steps:
        return []
    said = {
        STEP_WORDS[step]: _say_day(first) if first == last else _say_period((first, last))
        for step, (first, last) in told.steps.items()
        if step != "notice"
    }
    said[_NUMBER] = plain(told.approval_number) if told.approval_number else _EMPTY
    return [(told.tell(word).capitalize(), told.tell(value)) for word, value in said.items()]


def list_facts(told: Told, community: int) -> Iterator[tuple[str, str]]:
    """Give what is said of a community, name and text."""
    place = told.places[community]
    mark = told.tell(Message(", ", "、"))
    before = mark.join(
        name if size is None else told.tell(Message(f"{name} ({size.en})", f"{name}（{size.zh}）"))
        for name, size in place.before
    )
    none = told.tell(_NONE)
    values = {
        "district": place.group,
        "bounds": told.tell(place.bounds),
        "size": told.tell(place.size),
        "workers": f"{place.workers}",
        "rooms": place.rooms or none,
        "before": before or none,
        "estates": mark.join(place.estates) or none,
    }
    return ((told.tell(SHEETS[key]), value) for key, value in values.items() if value)


def _say_period(period: Period) -> Message:
    first, last = map(_say_day, period)
    return first + Message(" to ", "至") + last


def _say_day(day: date | None) -> Message:
    if day is None:
        return Message("____-__-__", "____年__月__日")
    return say_day(day)
