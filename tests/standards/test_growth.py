"""Growth: years in which a plan leaves its bounds, worked out by hand on a town of four blocks."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.geo.projects import Projects
from redistrict.model.plan import Plan
from redistrict.standards.growth import Breach, Growth, check_growth, describe_growth, list_years
from tests.geo.drawing import cells, make_blocks

BLOCKS = make_blocks(cells("a b\nc d"), households={"a": 50, "b": 40, "c": 60, "d": 30}, people=100)
ROWS = Plan(np.array([0, 0, 1, 1]))  # ab | cd: 90 households and 200 people each
NAMES = ["上社区", "下社区"]


def _projects(*rows: tuple[str, int, int, int, int]) -> Projects:
    """Give deliveries as name, block, year, households and people."""
    return Projects(
        ids=tuple(f"P{n}" for n in range(len(rows))),
        names=tuple(row[0] for row in rows),
        block=np.array([row[1] for row in rows], dtype=np.int64),
        year=np.array([row[2] for row in rows], dtype=np.int64),
        size=np.array([row[3:] for row in rows], dtype=np.int64).reshape(-1, 2),
        homes=np.zeros(len(rows), dtype=np.int64),
    )


ESTATES = _projects(
    ("松亭花园", 0, 2028, 20, 64), ("松亭花园", 0, 2030, 20, 64), ("翠屏雅苑", 1, 2030, 5, 16), ("江湾", 3, 2029, 9, 30)
)


def _check(
    projects: Projects = ESTATES,
    *,
    lower: Sequence[int] = (0, 0),
    upper: Sequence[int] = (120, 300),
    years: Sequence[int] | None = None,
) -> Growth:
    limits = tuple(np.tile(np.array(bound, dtype=np.int64), (2, 1)) for bound in (lower, upper))
    return check_growth(BLOCKS, ROWS, projects, (limits[0], limits[1]), list_years(projects, years))


def test_years() -> None:
    """By default every year with a delivery is looked at, once and rising; others can be asked for."""
    assert list_years(ESTATES, None) == (2028, 2029, 2030)
    assert list_years(ESTATES, (2035, 2027, 2035)) == (2027, 2035)
    assert list_years(_projects(), None) == ()


def test_deliveries_add_up_year_by_year() -> None:
    """Each year holds all deliveries up to and including it."""
    size = _check(years=(2027, 2028, 2029, 2030, 2040)).size
    assert size[:, 0].tolist() == [[90, 200], [110, 264], [110, 264], [135, 344], [135, 344]]
    assert size[:, 1].tolist() == [[90, 200], [90, 200], [99, 230], [99, 230], [99, 230]]


def test_the_first_breach_names_year_community_and_deliveries() -> None:
    """In 2030 the first community is above both bounds, because of its own three deliveries."""
    growth = _check()
    assert growth.breaches == (
        Breach(2030, 0, "households", found=135, lower=0, upper=120, today=90, projects=(0, 1, 2)),
        Breach(2030, 0, "people", found=344, lower=0, upper=300, today=200, projects=(0, 1, 2)),
    )
    assert growth.first == growth.breaches[0]


def test_a_plan_that_holds() -> None:
    """Bounds that are just met in the last year hold in all."""
    growth = _check(upper=(135, 344))
    assert (growth.breaches, growth.first) == ((), None)
    [message] = describe_growth(growth, ESTATES, NAMES)
    assert message.en == "Every community stays inside its bounds in all years looked at (2028–2030)."
    assert message.zh == "所查各年（2028–2030）年末，各社区均在规模限制之内。"


def test_each_community_has_bounds_of_its_own() -> None:
    """A community whose bounds are its present size breaks with its first delivery; the other does not."""
    lower = np.array([[0, 0], [90, 200]])
    upper = np.array([[999, 999], [90, 200]])
    growth = check_growth(BLOCKS, ROWS, ESTATES, (lower, upper), (2028, 2029))
    assert [(b.year, b.community, b.quantity) for b in growth.breaches] == [
        (2029, 1, "households"),
        (2029, 1, "people"),
    ]


def test_sentences_name_the_estates_that_cause_it() -> None:
    """First stands when the plan breaks; then each community once, in its first year, with its estates."""
    growth = _check(upper=(100, 220), years=(2028, 2029, 2030))
    whole, first, second = describe_growth(growth, ESTATES, NAMES)
    assert whole.en == "The plan breaks first in 2028; communities outside their bounds: 1 then, 2 up to 2030."
    assert whole.zh == "方案最早在2028年超出规模限制：当年 1 个社区，至2030年共 2 个社区。"
    assert first.en == (
        "End of 2028: 上社区 has 110 households (today 90, allowed 0–100), 264 people (today 200, allowed 0–220); "
        "moving in: 松亭花园."
    )
    assert second.zh == "2029年末：下社区人口 230（目前 200，允许 0–220）；入住小区：江湾。"


def test_a_community_too_small_from_the_start() -> None:
    """What is outside its bounds without any delivery is said with nobody moving in, and may come right later."""
    growth = _check(lower=(99, 0), upper=(999, 999), years=(2027, 2029))
    assert [(b.year, b.community, b.projects) for b in growth.breaches] == [(2027, 0, ()), (2027, 1, ())]
    assert describe_growth(growth, ESTATES, NAMES)[1].en.endswith("moving in: nobody.")


def test_no_deliveries() -> None:
    """An empty list has no years and nothing to say."""
    growth = _check(_projects())
    assert (growth.size.shape, growth.breaches, growth.uncounted) == ((0, 2, 2), (), ())
    assert describe_growth(growth, _projects(), NAMES) == ()


def test_a_list_without_people_says_so() -> None:
    """Where the list counts households only, growth in people is not passed over in silence."""
    projects = _projects(("松亭", 0, 2028, 20, 0))
    growth = _check(projects)
    assert growth.uncounted == ("people",)
    assert describe_growth(growth, projects, NAMES)[0].zh == "在建小区未给出人口：未检查其增长。"


def test_hostile_names_stay_plain_text() -> None:
    """Names are put in as they are: nothing in them is read as a format."""
    projects = _projects(("{0}<b>=1+1</b>%s", 0, 2028, 99, 0))
    message = describe_growth(_check(projects), projects, ["{names}", ""])[-1]
    assert "{0}<b>=1+1</b>%s" in message.en
    assert "{names}" in message.zh


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(2027, 2031), st.integers(0, 30), st.integers(0, 90))))
def test_it_agrees_with_plain_sums(rows: list[tuple[int, int, int, int]]) -> None:
    """On random lists the breaches are those of plain sums, and once above a bound a community stays above."""
    projects = _projects(*(("x", *row) for row in rows))
    years = tuple(range(2027, 2032))
    found = {(b.year, b.community, b.quantity): b for b in _check(projects, years=years).breaches}
    for year in years:
        for c, members in enumerate(((0, 1), (2, 3))):
            for q, (name, today, upper) in enumerate((("households", 90, 120), ("people", 200, 300))):
                due = [n for n, row in enumerate(rows) if row[0] in members and row[1] <= year]
                held = today + sum(rows[n][2 + q] for n in due)
                breach = found.get((year, c, name))
                assert (breach is not None) == (held > upper)
                if breach:
                    assert (breach.found, breach.projects) == (held, pytest.approx(tuple(due)))
