"""The summary: what is proved of neighbouring communities, in numbers and in words."""

from dataclasses import replace

from redistrict.model.result import AreaResult, LocalOptimality, SolveStatus, StoppedBy
from redistrict.report.summary import Report
from tests.report.drawn_town import make_town

_AREA = AreaResult(2, SolveStatus.FEASIBLE, StoppedBy.EFFORT, (0, 1), 5, 1, local=LocalOptimality(7, 5))


def _say(report: Report, *areas: AreaResult) -> tuple[dict[str, int], list[str]]:
    after = replace(report, result=replace(report.result, areas=areas))
    return after.to_json()["local_optimality"], [m.en for m in after.messages() if "proved to have no" in m.en]


def test_pairs_and_threes_of_all_areas_are_counted() -> None:
    """Numbers add up over the areas; threes are spoken of only where they were redrawn."""
    report, _, _ = make_town()
    numbers, words = _say(report, _AREA, _AREA)
    assert numbers == {"pairs": 14, "pairs_proved": 10, "triples": 0, "triples_proved": 0}
    assert words == ["Of 14 pairs of neighbouring communities, 10 are proved to have no better division."]
    numbers, words = _say(report, _AREA, replace(_AREA, local=LocalOptimality(7, 5, 3, 1)))
    assert numbers["triples"] == 3
    assert words[1] == "Of 3 threes of neighbouring communities, 1 are proved to have no better division."
    assert _say(report)[1] == []
