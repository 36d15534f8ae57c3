"""What the judge found, as it is handed on."""

from redistrict.judge.verification import disagree


def test_a_long_value_is_cut() -> None:
    """A value may be a whole file; its beginning and end are shown, and what the sentence says after it."""
    one = disagree("report", "report.json", "name", None, "a" * 50_000_000 + "z", "right")
    assert len(one.found) == 203
    assert one.found.endswith("az")
    assert all(len(text) < 2_010 for text in one.message)
    assert one.message.en.endswith("the plan and the data give right.")
