"""Names of inputs and of facts of the provenance."""

from pathlib import Path

import pytest

from redistrict.messages import Message, plain
from redistrict.report.origins import name_fact, name_input
from redistrict.report.provenance import collect_provenance, list_sources
from redistrict.scenario import load_scenario
from tests.sample_city import SCENARIOS


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("data.blocks", Message("blocks", "地块")),
        ("data.blocks.counts", Message("counts of blocks", "地块户数人口")),
        ("data.roads[0]", Message("roads 1", "道路 1")),
        ("levels[1].layer", Message("level 2", "层级 2")),
        ("grids.today", Message("grids today", "现有网格")),
        ("data.unheard_of", plain("data.unheard_of")),
    ],
)
def test_inputs_go_by_what_they_give(key: str, words: Message) -> None:
    """Several of a kind are counted from 1; what is not known goes by its key."""
    assert name_input(key) == words


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_input_of_the_shipped_scenarios_has_a_name(path: Path) -> None:
    for key, _ in list_sources(load_scenario(path)):
        assert name_input(key) != plain(key)


def test_every_fact_of_a_provenance_has_a_name() -> None:
    """The name of a library is its own; everything else has words."""
    for key in collect_provenance(load_scenario(SCENARIOS / "huangshi_redraw.yaml"), ""):
        assert name_fact(key) != plain(key)
    assert name_fact("inputs.1.sha256") == Message("input 1 SHA-256", "输入数据 1 指纹（SHA-256）")
    assert name_fact("data.licence") == Message("data licence", "数据 许可")
    assert name_fact("packages.numpy").zh == "程序库 numpy"
