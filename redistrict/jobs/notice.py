"""The public notice of a finished result: judged again, then told to residents."""

from collections.abc import Sequence
from pathlib import Path

from pyproj import CRS

from redistrict.errors import ScenarioError, VerificationError
from redistrict.geo.roads import read_surroundings
from redistrict.jobs.verify import verify
from redistrict.messages import Message
from redistrict.report.delivery import check_free, delivered_whole
from redistrict.report.facts import read_facts, write_digests
from redistrict.report.layers import join_roads
from redistrict.report.notice.content import gather_told
from redistrict.report.notice.drawing import Drawing
from redistrict.report.notice.page import write_notice_page
from redistrict.report.notice.sheets import write_sheets
from redistrict.report.notice.workbook import write_opinions
from redistrict.report.run_log import logged
from redistrict.scenario.delivered import load_delivered

__all__ = ["make_notice"]


def make_notice(result_dir: Path, *, out: Path, overrides: Sequence[str] = (), overwrite: bool = False) -> None:
    """Judge a finished result again and deliver its public notice to `out`, whole.

    For each language of the scenario: `notice_zh.html` for residents, `sheets_zh.html` to print, `opinions_zh.xlsx`
    for what comes in.

    Parameters
    ----------
    overrides : sequence of str
        ``notice.period_from=2026-12-01``: what the scenario did not know yet. Nothing but the notice and the
        procedure may change.

    Raises
    ------
    DataError, OutputError, ScenarioError
        If the result, its data or an override cannot be used, or `out` is in the way.
    VerificationError
        If the judge refuses the plan.
    """
    check_free(out, overwrite=overwrite, inputs=[result_dir / "report.json"])
    if stray := [one for one in overrides if not one.startswith(("notice.", "procedure."))]:
        raise ScenarioError([_only_the_notice(stray)])
    scenario = load_delivered(result_dir, overrides=overrides)
    verdict = verify(result_dir)
    if not verdict.ok:
        raise VerificationError([violation.message for violation in verdict.violations])
    facts = read_facts(result_dir)
    roads = join_roads(read_surroundings(scenario.data, CRS(facts.communities.crs)))
    with logged("notice", result_dir), delivered_whole(out, overwrite=overwrite) as folder:
        for language in scenario.output.languages:
            told = gather_told(scenario, facts, roads, language)
            drawing = Drawing(told)
            write_notice_page(folder / f"notice_{language}.html", told, drawing)
            write_sheets(folder / f"sheets_{language}.html", told, drawing)
            write_opinions(folder / f"opinions_{language}.xlsx", told)
        write_digests(folder, {"result": facts.digests})


def _only_the_notice(stray: Sequence[str]) -> Message:
    named = ", ".join(stray)
    return Message(
        f"--set {named}: only keys of `notice` and `procedure` can be set here; for others run the scenario again.",
        f"--set {named}：此处只能设置 notice 和 procedure 中的键；其他改动请重新运行方案。",
    )
