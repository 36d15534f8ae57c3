"""Pictures of a plan: the same bytes every time, in the language asked for, whatever stands in the data."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from redistrict.messages import Language, Message
from redistrict.report.pictures import diagnosis as pictures
from redistrict.report.pictures.diagnosis import choose_lettering
from redistrict.report.pictures.plan import draw_plan, draw_search
from redistrict.solver.tasks.progress import Progress
from tests.report.drawn_town import HOSTILE, make_town

PHASE = Message("searching", "搜索")
TRACE = [
    Progress(PHASE, 0.0),
    Progress(PHASE, 0.1, None, 10_000),
    Progress(PHASE, 0.3, 90_000, 10_000),
    Progress(PHASE, 0.4, 90_000, 10_000),
    Progress(PHASE, 0.9, 70_000, 50_000),
]
NAMES = ("crossings", "deviations", "search", "sizes", "staff")


def draw(folder: Path, *, language: Language = "both", name: str = "", with_today: bool = True) -> Path:
    report, _, _ = make_town(language=language, rename=lambda text: name + text, with_today=with_today)
    draw_plan(folder, report, TRACE, choose_lettering(language)[0])
    return folder


@pytest.mark.parametrize("language", ["zh", "both"])
def test_pictures_are_the_same_every_time(tmp_path: Path, language: Language) -> None:
    """All five as PNG and SVG, without dates and random names."""
    first, second = (draw(tmp_path / name, language=language) for name in ("a", "b"))
    assert sorted(path.name for path in first.iterdir()) == [
        f"{name}.{kind}" for name in NAMES for kind in ("png", "svg")
    ]
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", ["".join(HOSTILE), "$x^2$ {😀𠮷", "社" * 300])
def test_names_from_data_are_drawn_as_they_stand(tmp_path: Path, name: str) -> None:
    """Markup, formulas and emoji neither warn nor fail; the SVG is well-formed and holds nothing that runs."""
    for path in draw(tmp_path / "p", name=name).glob("*.svg"):
        tags = {element.tag.rpartition("}")[2] for element in ET.parse(path).iter()}
        assert tags.isdisjoint({"script", "image", "img", "a", "foreignObject", "text"})


def test_without_a_chinese_font_the_pictures_are_in_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No font: the pictures are still there, in English, and a note says so."""
    monkeypatch.setattr(pictures, "CJK_FONTS", ("No Such Font",))
    draw(tmp_path / "p", language="zh")
    assert len([*(tmp_path / "p").iterdir()]) == 2 * len(NAMES)


def test_what_the_data_do_not_say_is_not_drawn(tmp_path: Path) -> None:
    """Without today's communities there is the plan alone; without people no deviations; without a trace no search."""
    draw(tmp_path / "plan", with_today=False)
    assert (tmp_path / "plan" / "sizes.png").exists()
    report, _, _ = make_town(language="en")
    rows = tuple(replace(row, people_deviation=None) for row in report.communities)
    office = replace(report.office, crossings=(), sizes={"people": np.array([1, 2, 3])})
    draw_plan(tmp_path / "less", replace(report, communities=rows, office=office), [], choose_lettering("en")[0])
    assert {path.stem for path in (tmp_path / "less").iterdir()} == {"staff"}


def test_the_search_is_drawn_where_something_changes(tmp_path: Path, drawn: dict[str, Figure]) -> None:
    """Moments that bring nothing new leave no trace, so waiting longer or shorter for a thread changes no picture."""
    for number, trace in enumerate((TRACE, [p for p in TRACE if p.fraction != 0.4])):
        (tmp_path / str(number)).mkdir()
        draw_search(tmp_path / str(number), trace, [], choose_lettering("en")[0])
        costs, bounds = (line.get_xydata().tolist() for line in drawn["search"].axes[0].lines)
        assert costs == [[0.3, 900.0], [0.9, 700.0], [1.0, 700.0]]
        assert bounds == [[0.1, 100.0], [0.9, 500.0], [1.0, 500.0]]
        assert "Cost and bound during the search" in list_texts(drawn["search"])
    assert (tmp_path / "0" / "search.png").read_bytes() == (tmp_path / "1" / "search.png").read_bytes()


def test_a_search_without_a_bound_is_drawn_without_one(tmp_path: Path, drawn: dict[str, Figure]) -> None:
    """There is one curve, and the heading speaks of no bound."""
    draw_search(tmp_path, [replace(p, bound=None) for p in TRACE], [], choose_lettering("en")[0])
    assert len(drawn["search"].axes[0].lines) == 1
    assert "Cost during the search" in list_texts(drawn["search"])


def list_texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts]
