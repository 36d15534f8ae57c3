"""The annexes: what becomes of today's communities, boundaries, grids, compliance with the rules, and the digests."""

from collections.abc import Iterator

from redistrict.report.facts import Row
from redistrict.report.origins import name_input
from redistrict.report.pack.boundaries import build_boundaries
from redistrict.report.pack.document import Element, Heading, Table, Text
from redistrict.report.pack.grids import build_grids
from redistrict.report.pack.matter import Matter
from redistrict.report.tables.columns import put_in_words
from redistrict.scenario.procedure import Procedure
from redistrict.scenario.rulepack import RulePack
from redistrict.standards.procedure import STEP_WORDS, StepFinding, check_procedure, list_periods

_NUMERALS = "一二三四五六"
_NONE = "—"
_BLANK = "________"


def build_annexes(matter: Matter) -> list[Element]:
    """Give the annexes the result has something for, numbered through."""
    boundaries = matter.say("Boundaries", "界线和界址点"), build_boundaries(matter)
    grids = matter.say("Grids", "网格划分表"), build_grids(matter)
    annexes = [_fates(matter), boundaries, grids, _rules(matter), _procedure(matter), _digests(matter)]
    parts: list[Element] = []
    for n, (title, body) in enumerate(annex for annex in annexes if annex[1]):
        parts += [Heading(matter.say(f"Annex {n + 1}. {title}", f"附件{_NUMERALS[n]} {title}"), 1), *body]
    return parts


def _fates(matter: Matter) -> tuple[str, list[Element]]:
    """Say of each of today's communities where its residents go."""
    say, lineage = matter.say, matter.facts.report["standards"]["lineage"]
    title = say("What becomes of today's communities", "原社区调整去向")
    if not lineage:
        return title, []
    rows = tuple((f"{n + 1}", matter.pick(message)) for n, message in enumerate(lineage["old_communities"]))
    return title, [Table((say("No.", "序号"), say("Change", "调整情况")), rows, (0.08, 0.92), "cl")]


def _rules(matter: Matter) -> tuple[str, list[Element]]:
    """Give for each rule pack its clauses with the counts, then every finding that is not a pass."""
    parts = [part for pack in matter.packs if pack.clauses for part in _compliance(matter, pack)]
    return matter.say("Compliance with the rules", "规则核对表"), parts


def _compliance(matter: Matter, pack: RulePack) -> Iterator[Element]:
    say = matter.say
    counts = {(row["pack"], row["clause"]): row for row in matter.facts.report["standards"]["rules"]}
    yield Heading(matter.tell(pack.title.message), 2)
    document, summary = pack.source.document, pack.source.wording == "summary"
    remark = say(" The wording is our summary.", "条文为摘要。") if summary else ""
    yield Text(
        say(
            f"Source: {document.en}, {pack.source.place}.{remark}",
            f"依据：{document.zh}，{pack.source.place}。{remark}",
        )
    )
    for who, words in (
        (say("Proposed by: ", "由谁提出："), pack.proposes),
        (say("Approved by: ", "由谁批准："), pack.approves),
    ):
        if words is not None:
            yield Text(who + matter.tell(words.message))
    rows = []
    for clause in pack.clauses:
        row = counts[pack.key, clause.key]
        strength = put_in_words("strength", clause.strength, matter.language)
        found = tuple(f"{row[outcome]}" for outcome in ("pass", "fail", "waived", "unknown"))
        rows.append((matter.tell(clause.text.message), clause.cited, strength, *found))
    titles = (
        say("Clause", "条款"),
        say("Text it rests on", "条文依据"),
        say("Strength", "强度"),
        say("Met", "符合"),
        say("Not met", "不符合"),
        say("Waived", "豁免"),
        say("Unknown", "无法核对"),
    )
    yield Table(titles, tuple(rows), (0.22, 0.3, 0.1, 0.08, 0.1, 0.08, 0.12), "llcrrrr")
    findings = [row for row in matter.facts.tables["rules"] if row["pack"] == pack.key and row["outcome"] != "pass"]
    if findings:
        headers = (say("No.", "序号"), say("What is not met, waived or unknown", "不符合、豁免及无法核对的情况"))
        lines = tuple((f"{n + 1}", _finding(matter, row)) for n, row in enumerate(findings))
        yield Table(headers, lines, (0.08, 0.92), "cl")


def _finding(matter: Matter, row: Row) -> str:
    message = row[f"message_{matter.language}"]
    if row["outcome"] != "waived" or row["reason"] in message:
        return message
    return matter.say(f"{message} Waived: {row['reason']}", f"{message}豁免理由：{row['reason']}")


def _procedure(matter: Matter) -> tuple[str, list[Element]]:
    """Give every step with its days, and what the packs ask of it; what is not known is a line to fill in."""
    say, done = matter.say, matter.scenario.procedure
    findings = check_procedure(matter.packs, matter.scenario)
    if not findings and done == Procedure():
        return say("Procedure", "程序"), []
    rows = []
    for step, (first, last) in list_periods(matter.scenario).items():
        begins, ends = (f"{day or _BLANK}" for day in (first, last))
        days = begins if first == last else say(f"{begins} to {ends}", f"{begins}至{ends}")
        own = [one for one in findings if one.step.step == step]
        asked = "\n".join(_asked(matter, one) for one in own)
        found = "\n".join(put_in_words("outcome", one.outcome, matter.language) for one in own)
        rows.append((matter.tell(STEP_WORDS[step]), days, asked or _NONE, found or _NONE))
    rows.append((say("Number of the approval", "批复文号"), done.approval_number or _BLANK, _NONE, _NONE))
    titles = (say("Step", "步骤"), say("Day", "日期"), say("What is asked", "要求"), say("Finding", "结论"))
    return say("Procedure", "程序"), [Table(titles, tuple(rows), (0.22, 0.28, 0.36, 0.14), "llll")]


def _asked(matter: Matter, one: StepFinding) -> str:
    """Give what a pack asks of a step, how much, and with what limits."""
    strength, limits = put_in_words("strength", one.step.strength, matter.language), matter.tell(one.asked)
    how = matter.say("; ", "，").join(filter(None, (strength, limits)))
    text = matter.tell(one.step.text.message)
    return matter.say(f"{text} ({how})", f"{text}（{how}）")


def _digests(matter: Matter) -> tuple[str, list[Element]]:
    """Say how the plan was checked, and give the SHA-256 of every file behind this document."""
    say, facts, report = matter.say, matter.facts, matter.facts.report
    provenance = report["provenance"]
    gap = _NONE if report["gap"] is None else f"{report['gap']:.1%}"
    note = say(
        "Before this document was made, the plan was judged again by a program that shares no code with the one that "
        "made it: no rule is broken. The digests below name the very files that were judged; who holds the same files "
        "can compute the same digests.",
        "本材料生成前，已由与求解程序不共用代码的核验程序对方案重新核验，未发现违反规则之处。"
        "下列指纹（SHA-256）对应核验时所用文件；持有同样文件者可重新计算并比对。",
    )
    how = say(
        f"redistrict {provenance['redistrict']}, scenario {provenance['scenario']}, seed {report['seed']}, "
        f"gap to the lower bound {gap}.",
        f"程序 redistrict {provenance['redistrict']}，方案 {provenance['scenario']}，随机种子 {report['seed']}，"
        f"与下界的差距 {gap}。",
    )
    files = tuple((name, digest) for name, digest in sorted(facts.digests.items()))
    inputs = tuple((_input(matter, one), one["sha256"]) for one in provenance["inputs"])
    sha = "SHA-256"
    return say("Check and digests", "核验与数据指纹"), [
        Text(note),
        Text(how),
        Heading(say("Files of the result", "成果文件"), 2),
        Table((say("File", "文件"), sha), files, (0.25, 0.75), "ll"),
        Heading(say("Input data", "输入数据"), 2),
        Table((say("Input", "输入"), sha), inputs, (0.31, 0.69), "ll"),
    ]


def _input(matter: Matter, one: dict[str, str]) -> str:
    """Give what an input is, its file and its layer."""
    name, layer = matter.tell(name_input(one["key"])), one["layer"]
    layer = matter.say(f" ({layer})", f"（{layer}）") if layer else ""
    return matter.say(f"{name}: {one['file']}{layer}", f"{name}：{one['file']}{layer}")
