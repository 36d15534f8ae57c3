"""Rule packs: lists of cited clauses on communities, of the kinds of `clauses`; files like scenarios are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from redistrict.errors import ScenarioError
from redistrict.messages import Message
from redistrict.scenario.clauses import AnyClause, Key, Sentence, Strength
from redistrict.scenario.explain import Finding, explain_errors, find_booleans, locate_findings, suggest_word
from redistrict.scenario.procedure import Step
from redistrict.scenario.section import Count, Section, Text, refusal
from redistrict.scenario.yaml_text import copy_plain, dig, full_width_hints, read_file

_SHIPPED = Path(__file__).with_name("packs")


class ProcedureStep(Section):
    """A step of the procedure that a plan is to go through."""

    key: Key
    """Short name of the step, unique in its pack."""
    text: Text
    """What it asks, in a few words."""
    cited: Sentence
    """The sentence of the source it rests on, in Chinese."""
    place: str | None = None
    """Section or page of that sentence."""
    strength: Strength = "must"
    """As with clauses."""
    step: Step
    """The step, as in `procedure` of the scenario; the days of `notice` stand in its section of that name."""
    min_days: Count | None = None
    """Least number of days, the first and the last among them."""
    after: tuple[Step, ...] = ()
    """Steps that must be over before it begins."""


class PackSource(Section):
    """The document a pack is taken from."""

    document: Text
    """Its title and who issued it."""
    place: str
    """Sections or pages the clauses stand in."""
    quote: Sentence
    """What the document asks, in one Chinese sentence."""
    wording: Literal["verbatim", "summary"] = "verbatim"
    """Whether `quote` and `cited` are the document's words ([] marks repairs), or our summary of them."""
    date: str | None = None
    """Day or year it was issued, if known."""
    url: str | None = None
    """Where it was published."""


class RulePack(Section):
    """The clauses of one document."""

    key: Key
    """Short name; that of its file, without the ending."""
    title: Text
    """Heading of its compliance table."""
    source: PackSource
    """The document."""
    clauses: tuple[Annotated[AnyClause, Field(discriminator="check")], ...] = ()
    """What it asks of a community."""
    steps: tuple[ProcedureStep, ...] = ()
    """What it asks of the procedure."""
    proposes: Text | None = None
    """Who proposes that communities are set up, abolished or changed in size, as the document says."""
    approves: Text | None = None
    """Who approves it, as the document says."""

    @model_validator(mode="after")
    def _asks_something(self) -> "RulePack":
        if not self.clauses and not self.steps:
            raise refusal("write at least one of 'clauses' and 'steps'", "clauses 与 steps 至少要写一个")
        return self


def is_pack_file(rule: str) -> bool:
    """Whether an entry of `standards.rules` is a file; otherwise it is the key of a shipped pack."""
    return rule.lower().endswith((".yaml", ".yml"))


def shipped_rulepacks() -> tuple[str, ...]:
    """Give the keys of the packs that come with redistrict."""
    return tuple(sorted(file.stem for file in _SHIPPED.glob("*.yaml")))


def refuse_unknown_pack(name: str) -> Message:
    """Say that no pack is called `name`, and which there are."""
    shipped = shipped_rulepacks()
    close = suggest_word(name, shipped)
    en = f"no rule pack is called '{name}'; write {' or '.join(shipped)}, or a file that ends in .yaml"
    zh = f"没有名为 {name} 的规则包，应写：{' 或 '.join(shipped)}，或以 .yaml 结尾的文件"
    return Message(en, zh) + close


def load_rulepack(name_or_path: str) -> RulePack:
    """Read a rule pack by the key of a shipped one, or from a YAML file.

    Raises
    ------
    ScenarioError
        If no pack has that name, or with every problem of the file, each as ``file:line:column: key: ...``.
    """
    is_file = is_pack_file(name_or_path)
    if not is_file and name_or_path not in shipped_rulepacks():
        raise ScenarioError(refuse_unknown_pack(name_or_path))
    file = read_file(Path(name_or_path) if is_file else _SHIPPED / f"{name_or_path}.yaml")
    tree = copy_plain(file.marked)
    findings = [*find_booleans(tree), *_key_findings(tree, Path(file.name).stem)]
    try:
        pack = RulePack.model_validate(tree)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        findings += explain_errors(errors, tree, (file,), (), RulePack.model_json_schema())
    else:
        if not findings:
            return pack
    raise ScenarioError([*full_width_hints(file.name, file.text), *locate_findings(findings, (file,), ())])


def _key_findings(tree: dict[Any, Any], stem: str) -> Iterator[Finding]:
    """Check that a pack has the name of its file, and each clause a name of its own: waivers go by them."""
    key, clauses = tree.get("key"), tree.get("clauses")
    if isinstance(key, str) and key != stem:
        en, zh = f"must be the name of the file, '{stem}'", f"必须与文件名 {stem} 相同"
        yield Finding(("key",), Message(en, zh))
    keys: list[Any] = []
    for number, clause in enumerate(clauses if isinstance(clauses, list) else ()):
        keys.append(dig(clause).get("key", number))
        if keys[-1] in keys[:-1]:
            yield Finding(("clauses", number, "key"), Message("another clause has this key", "此 key 与其他条款重复"))
