"""Pictures: the same bytes every time, in the language asked for, whatever stands in the data."""

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import shapely
from matplotlib.figure import Figure

from redistrict.messages import Language, Message
from redistrict.report.pictures import diagnosis as pictures
from redistrict.report.pictures.diagnosis import FaultMap, Lettering, choose_lettering, draw_faults, draw_histogram
from redistrict.standards.diagnosis import CommunityToday, Group

HOSTILE = ("$x^2$ {", "\\frac", "<b>&", "😀𠮷", "a\x00\x1b[2J", "{{7*7}}", "社" * 300)
CITY = Message("City", "某市")
LABEL = Message("Estimated data", "估算数据")
FILES = ("histogram.png", "histogram.svg", "faults.png", "faults.svg")


def community(number: int, name: str = "", households: int | None = 1500, **faults: object) -> CommunityToday:
    """Give one community of a row; `faults` may be `n_pieces` or `inside`."""
    values: dict[str, object] = {
        "id": f"{number:02d}",
        "name": name or f"第{number}社区",
        "district": "东区" if number < 3 else "$西区$😀",
        "is_locked": False,
        "n_blocks": 1,
        "households": households,
        "people": 4000,
        "households_deviation": None,
        "people_deviation": None,
        "n_pieces": 1,
        "inside": None,
        "holds": (),
        "crossing_m": {"primary": 120.0, "trunk": 0.0},
        "premises_m2": None,
        "premises_norm_m2": None,
        "reaches_minimum": None,
        "reaches_norm": None,
        "staff": None,
        "workers_needed": 6,
        "fund_yuan": None,
    }
    return CommunityToday(**(values | faults))  # type: ignore[arg-type]


def fault_map(*rows: CommunityToday, side_m: float = 1000) -> FaultMap:
    """Draw the communities as squares side by side, crossed by a road, south of a river and a railway."""
    n = len(rows)
    return FaultMap(
        group=Group(rows, (1000, 2000, 2500, 3000), ("primary", "trunk")),
        areas=np.array([shapely.box(side_m * i, 0, side_m * (i + 1), side_m) for i in range(n)], dtype=object),
        roads={
            "trunk": shapely.MultiLineString(),
            "primary": shapely.LineString([(0, side_m / 2), (n * side_m, side_m / 2)]),
        },
        water=np.array([shapely.box(0, side_m, n * side_m, 2 * side_m), shapely.LineString([(0, 9), (n * side_m, 9)])]),
    )


def draw(folder: Path, faults: FaultMap, lettering: Lettering) -> Path:
    """Draw both pictures into a new folder."""
    folder.mkdir()
    draw_histogram(folder, faults.group, (CITY, LABEL), lettering)
    draw_faults(folder, faults, (CITY, LABEL), lettering)
    return folder


@pytest.fixture
def faults() -> FaultMap:
    return fault_map(
        community(1, households=298), community(2, n_pieces=2), community(3, inside="02"), community(4, households=4126)
    )


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_pictures_are_the_same_every_time(tmp_path: Path, faults: FaultMap, language: Language) -> None:
    """PNG and SVG carry no date and no random names: two drawings have the same bytes."""
    lettering, _ = choose_lettering(language)
    first, second = (draw(tmp_path / name, faults, lettering) for name in ("a", "b"))
    for name in FILES:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    assert (first / "faults.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", HOSTILE)
def test_names_from_data_are_drawn_as_they_stand(tmp_path: Path, name: str) -> None:
    """Formulas, markup, emoji and control characters in names neither warn nor fail, and the SVG is well-formed."""
    rows = [community(number, name, households=100 * number) for number in range(1, 5)]
    for language in ("zh", "en"):
        lettering, _ = choose_lettering(language)
        folder = draw(tmp_path / language, fault_map(*rows), lettering)
        for picture in ("histogram.svg", "faults.svg"):
            assert ET.parse(folder / picture).getroot().tag.endswith("svg")


def test_without_a_chinese_font_the_pictures_are_in_english(
    tmp_path: Path, faults: FaultMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No font: English only, a note that says so, and keys stand in for names that cannot be written."""
    monkeypatch.setattr(pictures, "CJK_FONTS", ("No Such Font",))
    lettering, notes = choose_lettering("both")
    assert lettering.language == "en"
    assert all("fonts-noto-cjk" in text and "\n" not in text for text in notes[0])
    assert choose_lettering("en")[1] == ()
    assert lettering.name(community(7)) == "07"
    assert lettering.draw("a社b") == "a?b"
    draw(tmp_path / "x", faults, lettering)


def test_both_languages_stand_one_below_the_other() -> None:
    """Chinese comes first; what is the same in both stands once."""
    lettering = Lettering("DejaVu Sans", "both")
    assert lettering.write(Message("b", "a")) == "a\nb"
    assert lettering.write(Message("7", "7")) == "7"


def test_every_fault_has_its_entry_in_the_legend(faults: FaultMap, tmp_path: Path, drawn: dict[str, Figure]) -> None:
    """Too small, too large, in pieces, enclosed, and each class of main road inside, with numbers."""
    draw_faults(tmp_path, faults, (CITY,), choose_lettering("en")[0])
    (legend,) = drawn["faults"].legends
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels == [
        "under 1000 households: 1",
        "3000 households and above: 1",
        "in several pieces: 1",
        "wholly inside another: 1",
        "trunk road inside communities: 0.0 km",
        "primary road inside communities: 0.5 km",
    ]


@pytest.mark.parametrize("side_m", [5, 300, 40_000])
def test_tiny_and_huge_cities_and_people_only(tmp_path: Path, side_m: float) -> None:
    """A map of a few metres and one of a province can be drawn, also without households and with one community."""
    lettering, _ = choose_lettering("en")
    draw_faults(tmp_path, fault_map(community(1, households=None), side_m=side_m), (CITY,), lettering)
    assert (tmp_path / "faults.png").stat().st_size > 1000
