"""The file of pins: what may stand there, and how everything wrong is named by its place (issue 17)."""

from pathlib import Path

import pytest

from redistrict.errors import ScenarioError
from redistrict.scenario.pins import dump_pins, load_pins

EVERY_FORM = """\
pins:
  - {reason: 一个业委会, blocks: [B00, B01], in: "01"}
  - {reason: by the school, blocks: [B00], with: B11}
  - {reason: one gate, together: [B00, B01]}
  - {reason: two ministries, apart: [B00, B01]}
  - {reason: agreed, keep: 第1社区}
  - {reason: old village, whole: t1}
  - {reason: small, merge: [a, b]}
  - {reason: large, split: a, into: 2}
  - {reason: one estate, estate: 花湖}
"""


def test_every_form_is_read_and_written_back(tmp_path: Path) -> None:
    """What is dumped is read back equal, and each pin knows what it asks."""
    (tmp_path / "pins.yaml").write_text(EVERY_FORM, encoding="utf-8")
    pins = load_pins(tmp_path / "pins.yaml")
    assert [pin.form for pin in pins] == [
        "in",
        "with",
        "together",
        "apart",
        "keep",
        "whole",
        "merge",
        "split",
        "estate",
    ]
    (tmp_path / "again.yaml").write_text(dump_pins(pins), encoding="utf-8")
    assert load_pins(tmp_path / "again.yaml") == pins


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{reason: r, togehter: [a, b]}", r"2:17: pins.0.togehter: unknown key; did you mean 'together'"),
        ("{together: [a, b]}", r"2:5: pins.0.reason: is missing"),
        ("{reason: r}", r"2:5: pins.0: a pin says one thing"),
        ("{reason: r, keep: a, whole: b}", r"2:5: pins.0: a pin says one thing"),
        ("{reason: r, blocks: [a]}", r"2:5: pins.0: a pin says one thing"),
        ("{reason: r, blocks: [a], in: b, with: c}", r"2:5: pins.0: a pin says one thing"),
        ("{reason: r, split: a}", r"2:5: pins.0: a pin says one thing"),
        ("{reason: r, keep: a, into: 2}", r"2:5: pins.0: a pin says one thing"),
        ("{reason: r, split: a, into: 1}", r"2:33: pins.0.into: 1 is not allowed"),
        ("{reason: r, together: [a]}", r"pins.0.together: a list of 1 is not allowed; write a list of at least 2"),
        ("{reason: r, together: [a, 0101]}", r'pins.0.together.1: this is text: quote it, "0101"'),
        ("{reason: r, keep: true}", r"pins.0.keep: true/false fits no key"),
        ("{reason: " + "r" * 201 + ", keep: a}", r"text of 1 to 200 characters"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(tmp_path: Path, line: str, said: str) -> None:
    """Each mistake is told with line, column and key, and what may stand there."""
    (tmp_path / "pins.yaml").write_text(f"pins:\n  - {line}\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=said):
        load_pins(tmp_path / "pins.yaml")


def test_an_empty_file_says_what_pins_need(tmp_path: Path) -> None:
    """Nothing is said of scenarios there."""
    (tmp_path / "pins.yaml").write_text("", encoding="utf-8")
    with pytest.raises(ScenarioError, match="as a list under 'pins'"):
        load_pins(tmp_path / "pins.yaml")


def test_an_empty_list_says_how_many_there_may_be(tmp_path: Path) -> None:
    """A list with a most and a least is no list of exactly so many."""
    (tmp_path / "pins.yaml").write_text("pins: []\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"pins: a list of 0 is not allowed; write a list of at least 1"):
        load_pins(tmp_path / "pins.yaml")
