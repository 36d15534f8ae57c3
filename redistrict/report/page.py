"""What the map page shows, put together from the report and the layers."""

from redistrict.messages import Language, Message
from redistrict.problem import COST_PER_METRE
from redistrict.report.layers import Layers
from redistrict.report.maps import ROAD_CLASSES, MapPage
from redistrict.report.summary import CommunityRow, Report


def build_page(report: Report, layers: Layers) -> MapPage:
    """Put together title, facts, notes and layers for `write_map`."""
    scenario = report.scenario
    language = scenario.output.language
    communities = layers.communities.assign(
        crossing=[_crossing_text(row, language) for row in report.communities],
        exception=[row.exception.in_language(language) if row.exception else "" for row in report.communities],
    )
    title, label, target = scenario.title, scenario.data.label, scenario.communities.target
    around_targets = scenario.communities.around == "targets"
    return MapPage(
        title=Message(title.en, title.zh) if title else Message(scenario.name, scenario.name),
        label=Message(label.en, label.zh) if label else None,
        language=language,
        facts=_facts(report),
        notes=(report.balance(), *report.exceptions, *report.notes),
        communities=communities,
        blocks=layers.blocks,
        roads=layers.roads,
        targets={
            name: float(value)
            for name, value in (("households", target.households), ("people", target.people))
            if around_targets and value is not None and name in communities
        },
    )


def class_word(road_class: str) -> Message:
    """Give the usual word for a road class, or the class as the scenario writes it."""
    return ROAD_CLASSES[road_class][0] if road_class in ROAD_CLASSES else Message(road_class, road_class)


def by_importance(metres: dict[str, float]) -> list[tuple[str, float]]:
    """Order metres by road class, the most important class first."""
    ranks = {name: rank for rank, name in enumerate(ROAD_CLASSES)}
    return sorted(metres.items(), key=lambda item: (ranks.get(item[0], len(ranks)), item[0]))


def _crossing_text(row: CommunityRow, language: Language) -> str:
    parts = [
        Message(f"{word.en} {metres:,.0f} m", f"{word.zh} {metres:,.0f} 米")
        for word, metres in ((class_word(name), m) for name, m in by_importance(row.crossing_m))
    ]
    return ", ".join(part.en for part in parts) if language == "en" else "，".join(part.zh for part in parts)


def _facts(report: Report) -> tuple[tuple[Message, str], ...]:
    totals, result = report.totals(), report.result
    cost, bound = (result.cost or 0) / COST_PER_METRE, (result.bound or 0) / COST_PER_METRE
    facts = [(Message("Communities", "社区数"), f"{len(report.communities)}")]
    for key, words in (
        ("households", Message("Households", "户数")),
        ("population", Message("People", "人口")),
        ("workers", Message("Workers needed", "需社区工作者")),
    ):
        if totals[key] is not None:
            facts.append((words, f"{totals[key]:,}"))
    for name, metres in by_importance(totals["crossing_m"]):
        if report.scenario.objective.crossing.get(name):
            word = class_word(name)
            facts.append((Message(f"Inside: {word.en}", f"穿越{word.zh}"), f"{metres / 1000:,.1f} km"))
    return (
        *facts,
        (Message("Cost (weighted metres)", "总代价（加权米）"), f"{cost:,.0f}"),
        (Message("Lower bound", "下界"), f"{bound:,.0f}"),
        (Message("Gap", "差距"), f"{result.gap or 0:.1%}"),
        (Message("Seed", "随机种子"), f"{report.scenario.solve.seed}"),
    )
