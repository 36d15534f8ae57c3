"""About the data: what day they are of, and under which licence they may be used, wherever that is told."""

from datetime import date
from typing import Any

from redistrict.messages import Message
from redistrict.scenario.sources import Data


def list_terms(data: Data) -> tuple[tuple[Message, Message], ...]:
    """Give name and value of what the scenario says: the date of the data and their licence."""
    day, licence = data.date, data.licence
    return (
        *(((Message("Data as of", "数据日期"), say_day(day)),) if day else ()),
        *(((Message("Data licence", "数据许可"), licence.message),) if licence else ()),
    )


def tell_data(data: Data) -> tuple[Message, ...]:
    """Give the date and the licence as sentences."""
    return tuple(Message(f"{name.en}: {value.en}.", f"{name.zh}：{value.zh}。") for name, value in list_terms(data))


def data_json(data: Data) -> dict[str, Any]:
    """Give both as plain JSON values, null where the scenario does not say."""
    return {
        "date": data.date.isoformat() if data.date else None,
        "licence": data.licence.model_dump() if data.licence else None,
    }


def say_day(day: date) -> Message:
    """Write a day as each language does."""
    return Message(day.isoformat(), f"{day.year}年{day.month}月{day.day}日")
