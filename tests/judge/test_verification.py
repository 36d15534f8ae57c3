"""What the judge found, as it is handed on."""

from redistrict.judge.verification import disagree


def test_a_long_value_is_cut() -> None:
    """A value may be a whole file; its beginning and end are shown, and what the sentence says after it."""
    one = disagree("report", "report.json", "name", None, "a" * 50_000_000 + "z", "right")
    assert len(one.found) == 203
    assert one.found.endswith("az")
    assert all(len(text) < 2_010 for text in one.message)
    assert one.message.en.endswith("the plan and the data give right.")


def test_a_value_is_told_with_its_community_in_both_languages() -> None:
    """Or without one, where it is about the whole."""
    told, whole = (disagree("files", "growth.csv", "people", key, 1, 2).message for key in ("a", None))
    assert told.en == "growth.csv: people of community a is 1; the plan and the data give 2."
    assert told.zh == "growth.csv：社区 a 的 people 为 1，而按方案与数据应为 2。"
    assert whole.en == "growth.csv: people is 1; the plan and the data give 2."
    assert whole.zh == "growth.csv：people 为 1，而按方案与数据应为 2。"
