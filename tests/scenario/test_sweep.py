"""The section `sweep`: its points, each a scenario of its own, all checked before anything is solved."""

from math import prod
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.errors import ScenarioError
from redistrict.scenario import dump_scenario, load_scenario
from redistrict.scenario.points import load_points
from redistrict.scenario.sweep import Sweep

from .refusals import SMALLEST

GRID = "sweep: {grid: {communities.tolerance.people: [0.1, 0.2], solve.seed: [1, 2, 3]}, list: [{solve.seed: 9}, {}]}\n"


def write(folder: Path, text: str) -> Path:
    (folder / "s.yaml").write_text(text, encoding="utf-8")
    return folder / "s.yaml"


def refusals(path: Path, *overrides: str) -> list[str]:
    """Give what is said of a sweep that is refused, without the folder."""
    with pytest.raises(ScenarioError) as caught:
        load_points(path, overrides=overrides)
    return [problem.en.removeprefix(f"{path.parent}/") for problem in caught.value.problems]


def test_a_grid_gives_every_combination_and_a_list_is_added(tmp_path: Path) -> None:
    """The last key of the grid goes round first; a point of the list changes what it names, and `{}` nothing."""
    points = load_points(write(tmp_path, SMALLEST + GRID), overrides=["solve.effort=2", "solve.seed=7"])
    found = [(p.number, p.scenario.communities.tolerance.people, p.scenario.solve.seed) for p in points]
    assert found == [
        (1, 0.1, 1), (2, 0.1, 2), (3, 0.1, 3), (4, 0.2, 1), (5, 0.2, 2), (6, 0.2, 3), (7, 0.1, 9), (8, 0.1, 7),
    ]  # fmt: skip
    assert {p.scenario.solve.effort for p in points} == {2}
    assert points[6].values == {"solve.seed": 9}
    assert [[*points[n].list_values(["communities.tolerance.people"]).values()] for n in (0, 3, 7)] == [
        [0.1],
        [0.2],
        [0.1],
    ]
    keys = ("communities.count", "communities", "no.such.key")
    assert [*points[0].list_values(keys).values()] == ["auto", None, None]


def test_a_sweep_changes_nothing_for_other_commands(tmp_path: Path) -> None:
    """The scenario as it stands is dumped as if it had no sweep, and so is every point."""
    (tmp_path / "with").mkdir()
    plain = load_scenario(write(tmp_path, SMALLEST))
    path = write(tmp_path / "with", SMALLEST.replace("path: ", "path: ../") + GRID)
    swept, last = load_scenario(path), load_points(path)[-1].scenario
    assert swept.sweep is not None
    assert dump_scenario(swept) == dump_scenario(plain) == dump_scenario(last)
    assert last == plain


def test_problems_of_all_points_are_named_at_once_with_their_points(tmp_path: Path) -> None:
    """A bad value is told once, with every point that has it; keys and words are explained as anywhere."""
    text = (
        "sweep: {grid: {solve.seed: [1, -2], communities.tolerance.people: [0.1, 2]}, "
        "list: [{comunities.count: 3}, {extends: a}, {communities.target: 3}, {data.blocks.path.x: 1}]}\n"
    )
    assert refusals(write(tmp_path, SMALLEST + text)) == [
        "sweep communities.tolerance.people=2: communities.tolerance.people: 2 is not allowed; write a number "
        "(above 0, below 1) (sweep, points 2, 4)",
        "sweep solve.seed=-2: solve.seed: -2 is not allowed; write a whole number (at least 0, at most 4,294,967,295) "
        "(sweep, points 3, 4)",
        "sweep comunities.count=3: comunities: unknown key; did you mean 'communities'? (sweep, point 5)",
        'sweep extends="a": extends: cannot be changed from outside; write it in the scenario file (sweep, point 6)',
        "sweep communities.target=3: communities.target: 3 is not allowed; write a section with the keys households, "
        "people (sweep, point 7)",
        "sweep data.blocks.path.x=1: 'data.blocks.path' holds a value and has no keys below it (sweep, point 8)",
    ]


@pytest.mark.parametrize(
    ("sweep", "said"),
    [
        ("{}", "s.yaml:6:1: sweep: give 'grid', 'list' or both"),
        (
            "{grid: {solve.seed: [1, 2, 3], communities.count: [1, 2]}, list: [{}], most: 6}",
            "s.yaml:6:1: sweep: there would be 7 points, and at most 6 are solved",
        ),
        ("{grid: {a..b: [1]}}", "s.yaml:6:1: sweep: 'a..b' is no key that can be swept"),
        ("{list: [{'solve. seed': 1}]}", "s.yaml:6:1: sweep: 'solve. seed' is no key that can be swept"),
        ("{list: [{sweep.most: 1}]}", "s.yaml:6:1: sweep: 'sweep.most' is no key that can be swept"),
        ("{grid: {solve.seed: []}}", "s.yaml:6:16: sweep.grid.solve.seed: a list of 0 is not allowed"),
        ("{grid: {solve.seed: [[1]]}}", "s.yaml:6:29: sweep.grid.solve.seed.0: a list of 1 is not allowed"),
        ("{grid: {solve.seed: [.inf]}}", "s.yaml:6:29: sweep.grid.solve.seed.0: inf is not allowed"),
        ("{grid: {solve.seed: [true]}}", "s.yaml:6:29: sweep.grid.solve.seed.0: true/false fits no key"),
        ("{grid: {solve.seed: [1]}, mots: 2}", "s.yaml:6:34: sweep.mots: unknown key; did you mean 'most'?"),
    ],
)
def test_what_is_no_sweep_is_refused_by_every_command(tmp_path: Path, sweep: str, said: str) -> None:
    """The message has the place; nothing is solved where there would be too many points."""
    path = write(tmp_path, f"{SMALLEST}sweep: {sweep}\n")
    (found,) = refusals(path)
    assert found.startswith(said)
    with pytest.raises(ScenarioError):
        load_scenario(path)


def test_a_scenario_without_a_sweep_and_one_that_cannot_be_run_are_told(tmp_path: Path) -> None:
    """A sweep needs its section, and a scenario that holds without it."""
    (found,) = refusals(write(tmp_path, SMALLEST))
    assert "has no section 'sweep'" in found
    (found,) = refusals(write(tmp_path, SMALLEST + GRID), "solve.effort=-1")
    assert found.startswith("--set solve.effort=-1: solve.effort")


def test_a_sweep_is_laid_over_that_of_the_file_it_extends(tmp_path: Path) -> None:
    """Keys of the grid merge, paths count from the file that is loaded, and null takes the parent's sweep back."""
    (tmp_path / "base.yaml").write_text(SMALLEST + "sweep: {grid: {solve.seed: [1, 2]}}\n", encoding="utf-8")
    path = write(tmp_path, "extends: base.yaml\nsweep: {grid: {data.start.path: [a.csv, b.csv]}}\n")
    starts = [point.scenario.data.start for point in load_points(path)]
    assert [start.path for start in starts if start] == [tmp_path / "a.csv", tmp_path / "b.csv"] * 2
    assert load_scenario(write(tmp_path, "extends: base.yaml\nsweep: null\n")).sweep is None


@settings(max_examples=50)
@given(lengths=st.lists(st.integers(1, 4), max_size=4), n_more=st.integers(0, 3))
def test_there_are_as_many_points_as_are_counted(lengths: list[int], n_more: int) -> None:
    """The number known beforehand is that of the points, all different where the values are."""
    grid = {f"key.{n}": list(range(length)) for n, length in enumerate(lengths)}
    n = (prod(lengths) if lengths else 0) + n_more
    if n == 0:
        return
    sweep = Sweep.model_validate({"grid": grid, "list": [{"other": k} for k in range(n_more)], "most": 300})
    points = [tuple(point.items()) for point in sweep.points()]
    assert len(points) == len(set(points)) == sweep.n_points == n
