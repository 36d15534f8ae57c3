"""The approval pack of a finished result: judged again, then printed as PDF and written as DOCX."""

import tempfile
from pathlib import Path
from typing import Literal

import numpy as np

from redistrict.errors import VerificationError
from redistrict.geo.graph import build_graph
from redistrict.geo.roads import Surroundings
from redistrict.jobs.diagnose import draw_today
from redistrict.jobs.verify import judge_and_remake
from redistrict.messages import Language, Message
from redistrict.report.delivery import check_free, delivered_whole
from redistrict.report.facts import Facts, read_facts, write_digests
from redistrict.report.pack.chapters import build_document
from redistrict.report.pack.drawings import Areas, Ground
from redistrict.report.pack.fonts import choose_fonts
from redistrict.report.pack.matter import Matter
from redistrict.report.pack.pdf import characters_of, write_pdf
from redistrict.report.pack.word import write_docx
from redistrict.report.pictures.diagnosis import choose_lettering, draw_histogram
from redistrict.report.provenance import collect_provenance
from redistrict.report.run_log import logged
from redistrict.report.tables.diagnosis import DiagnosisReport
from redistrict.scenario import Scenario, dump_scenario
from redistrict.scenario.rulepack import load_rulepack
from redistrict.standards.city import PlannedCity
from redistrict.standards.diagnosis import Today, diagnose_today
from redistrict.standards.diagnosis_notes import describe_data

__all__ = ["make_pack"]

_STEM = "pack_"


def make_pack(
    result_dir: Path, *, out: Path, only: Literal["zh", "en"] | None = None, overwrite: bool = False
) -> tuple[Message, ...]:
    """Judge a finished result again and deliver its approval pack to `out`, whole: `pack_zh.pdf`, `pack_zh.docx`, ...

    A scenario with `output.language: both` gives one pack in each language; `only` gives that language alone, whatever
    the scenario says. The same result and the same installed fonts give the same bytes.

    Returns
    -------
    tuple of Message
        Which characters no installed font has.

    Raises
    ------
    DataError, OutputError
        If the result, its data or the fonts cannot be used, or `out` is in the way.
    VerificationError
        If the judge refuses the plan, or the scenario or the data are no longer those of the run.
    """
    check_free(out, overwrite=overwrite, inputs=[result_dir / "report.json"])
    judged = judge_and_remake(result_dir)
    if judged.made is None or not judged.verdict.ok:
        raise VerificationError([violation.message for violation in judged.verdict.violations])
    city, facts = judged.made.city, read_facts(result_dir)
    scenario = city.scenario
    provenance = collect_provenance(scenario, dump_scenario(scenario))
    _check_origin(facts, provenance)
    today = _draw_today(city)
    ground = _ground(facts, city.surroundings, today)
    diagnosis = _diagnose(scenario, today, provenance) if today else None
    notes: list[Message | None] = []
    with (
        logged("pack", result_dir),
        delivered_whole(out, overwrite=overwrite) as folder,
        tempfile.TemporaryDirectory() as scratch,
    ):
        for language in [only] if only else scenario.output.languages:
            matter = Matter(
                scenario=scenario,
                facts=facts,
                ground=ground,
                today=diagnosis,
                histogram=_draw_histogram(diagnosis, language, Path(scratch) / language),
                packs=tuple(load_rulepack(name) for name in scenario.standards.rules),
                language=language,
            )
            notes.append(_write(folder, matter))
        write_digests(folder, {"result": facts.digests, "inputs": facts.report["provenance"]["inputs"]})
    return tuple(dict.fromkeys(note for note in notes if note is not None))


def _write(folder: Path, matter: Matter) -> Message | None:
    """Write the pack in one language; give the note on characters that could not be printed."""
    document = build_document(matter)
    fonts = choose_fonts(characters_of(document))
    head = (matter.title, matter.warning)
    pdf, layout = write_pdf(document, fonts, head=head, language=matter.language)
    (folder / f"{_STEM}{matter.language}.pdf").write_bytes(pdf)
    docx = write_docx(document, pdf, layout, head=head)
    (folder / f"{_STEM}{matter.language}.docx").write_bytes(docx)
    return fonts.note()


def _check_origin(facts: Facts, provenance: dict[str, object]) -> None:
    """Refuse a result whose scenario or data have changed since the run: its numbers would have no known origin."""
    then = facts.report["provenance"]
    changed = [one["key"] for one in then["inputs"] if one not in _inputs(provenance)]
    if facts.digests["scenario.yaml"] != then["scenario_sha256"]:
        changed.insert(0, "scenario.yaml")
    if changed:
        named = ", ".join(changed)
        raise VerificationError(
            Message(
                f"Changed since the run: {named}. A pack must rest on the very files of the run; run again.",
                f"运行之后已被改动：{named}。报批材料须与运行时的文件一致，请重新运行方案。",
            )
        )


def _draw_today(city: PlannedCity) -> Today | None:
    """Draw today's communities, from the very data that were judged; none where the data have none."""
    scenario, blocks, surroundings, graph = city.scenario, city.blocks, city.surroundings, city.graph
    current, sites = city.records.current, city.records.sites
    if current is None or not len(current):
        return None
    if "never" in scenario.objective.crossing.values():  # which bridges a plan may not use; today's communities do
        graph = build_graph(blocks, surroundings, scenario.contiguity)
    return draw_today(blocks, graph, current, sites, surroundings)


def _inputs(provenance: dict[str, object]) -> list[object]:
    inputs = provenance["inputs"]
    assert isinstance(inputs, list), "collect_provenance lists them"
    return inputs


def _diagnose(scenario: Scenario, today: Today, provenance: dict[str, object]) -> DiagnosisReport:
    diagnosis = diagnose_today(today, scenario.standards, scenario.communities.target, scenario.objective)
    return DiagnosisReport(scenario, diagnosis, describe_data(today), provenance)


def _draw_histogram(report: DiagnosisReport | None, language: Language, folder: Path) -> Path | None:
    if report is None or report.diagnosis.everything.bands() is None:
        return None
    folder.mkdir()
    lettering, _ = choose_lettering(language)
    title, label = report.scenario.title, report.scenario.data.label
    heading = [text.message for text in (title, label) if text]
    draw_histogram(folder, report.diagnosis.everything, heading, lettering)
    return folder / "histogram.png"


def _ground(facts: Facts, surroundings: Surroundings, today: Today | None) -> Ground:
    """Gather what the maps show."""
    communities, blocks = facts.communities, facts.blocks
    place = {key: c for c, key in enumerate(communities["community_id"])}
    new = Areas(communities.geometry.to_numpy(), tuple(communities["community_name"]), tuple(communities["district"]))
    current = today.current if today else None
    return Ground(
        new=new,
        today=Areas(today.areas, current.names, current.districts) if today and current else None,
        blocks=blocks.geometry.to_numpy(),
        of_block=np.array([place[key] for key in blocks["community_id"]], dtype=np.int64),
        roads=surroundings.roads,
        barriers=surroundings.barriers,
    )
