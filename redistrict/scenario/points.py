"""Points: the scenarios of a sweep, all checked before anything is solved."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from redistrict.errors import ScenarioError
from redistrict.messages import Message, name_some
from redistrict.scenario.load import complete, read_tree
from redistrict.scenario.models import Scenario
from redistrict.scenario.overrides import Override, parse_overrides
from redistrict.scenario.sweep import Values
from redistrict.scenario.yaml_text import refusal, step


@dataclass(frozen=True)
class Point:
    """One scenario of a sweep.

    Attributes
    ----------
    number : int
        From 1, in the order of the file.
    values : mapping of str to scalar
        What it changes, by key with dots.
    scenario : Scenario
        With the changes in it, and without `sweep`.
    folder : str
        Name of the folder of its result; "" where it is named after its values.
    """

    number: int
    values: Values
    scenario: Scenario
    folder: str = ""

    def list_values(self, keys: Iterable[str]) -> Values:
        """Give what its scenario has at keys with dots; none where that is nothing, or a section."""
        tree = self.scenario.model_dump(mode="json", by_alias=True)
        found = {key: reduce(_step, key.split("."), tree) for key in keys}
        return {key: value if isinstance(value, int | float | str) else None for key, value in found.items()}


def load_points(path: Path, *, overrides: Sequence[str] = ()) -> tuple[Point, ...]:
    """Read a scenario file with a `sweep`, and check the scenario of each of its points.

    Parameters
    ----------
    overrides : sequence of str
        As `load_scenario` takes them; where a point changes the same key, it does so afterwards.

    Raises
    ------
    ScenarioError
        With every problem of the scenario itself, which has to be one that can be run, or else of all points, each
        with the points that have it.
    """
    changes, problems = parse_overrides(overrides)
    tree = read_tree(path)
    sweep = complete(tree, changes, problems).sweep
    if sweep is None:
        en = "has no section 'sweep'; write which keys take which values, such as sweep: {grid: {solve.seed: [1, 2]}}"
        raise refusal(path, en, "没有 sweep 一节；请写明各键的取值，例如 sweep: {grid: {solve.seed: [1, 2]}}")
    points: list[Point] = []
    refused: dict[Message, list[int]] = {}
    for number, values in enumerate(sweep.points(), start=1):
        try:
            scenario = complete(tree, [*changes, *_as_overrides(values)])
            points.append(Point(number, values, scenario.model_copy(update={"sweep": None})))
        except ScenarioError as error:
            for problem in error.problems:
                refused.setdefault(problem, []).append(number)
    if refused:
        raise ScenarioError([problem + _say_where(numbers) for problem, numbers in refused.items()])
    return tuple(points)


def _step(node: Any, part: str) -> Any:
    return step(node, int(part) if isinstance(node, list) and part.isdecimal() else part)


def _as_overrides(values: Values) -> list[Override]:
    return [
        Override(f"sweep {key}={json.dumps(value, ensure_ascii=False)}", tuple(key.split(".")), value)
        for key, value in values.items()
    ]


def _say_where(numbers: Sequence[int]) -> Message:
    named = name_some(numbers)
    return Message(f" (sweep, point{'s' * (len(numbers) > 1)} {named.en})", f"（sweep 第 {named.zh} 点）")
