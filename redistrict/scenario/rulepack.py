"""Rule packs: lists of cited clauses on communities, each with one kind of check; files like scenarios are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from redistrict.errors import ScenarioError
from redistrict.messages import Message
from redistrict.scenario.explain import Finding, explain_errors, find_booleans, locate_findings, suggest_word
from redistrict.scenario.procedure import Step
from redistrict.scenario.section import Count, Range, Section, Text, refusal
from redistrict.scenario.yaml_text import copy_plain, dig, full_width_hints, read_file

Strength = Literal["must", "generally", "should"]
_Ratio = Annotated[float, Field(gt=0)]
_Area = Annotated[float, Field(ge=0)]
_Key = Annotated[str, Field(max_length=80)]
_Sentence = Annotated[str, Field(max_length=500)]

_SHIPPED = Path(__file__).with_name("packs")


class Clause(Section):
    """What every clause has besides its check."""

    key: _Key
    """Short name of the clause, unique in its pack; waivers name it."""
    text: Text
    """What it asks, in a few words."""
    cited: _Sentence
    """The sentence of the source it rests on, in Chinese."""
    place: str | None = None
    """Section or page of that sentence."""
    reading: Text | None = None
    """How we read words that leave room (左右, 一般); none: they leave none."""
    strength: Strength = "must"
    """`must`: asked for (原则上, 不得, 不低于); `generally`: the rule (一般); `should`: recommended (为宜, 建议)."""


class _SizeClause(Clause):
    """A clause on `households`, `people`, or both."""

    @model_validator(mode="after")
    def _has_a_quantity(self) -> "_SizeClause":
        if all(getattr(self, quantity) is None for quantity in ("households", "people")):
            en = "give at least one of 'households' and 'people'"
            raise refusal(en, "households（户）与 people（人）至少要写一个")
        return self


class SizeLimits(_SizeClause):
    """Households and people lie within limits."""

    check: Literal["size_limits"]
    """Kind of check."""
    households: Range | None = None
    """Limits of households."""
    people: Range | None = None
    """Limits of people."""


class TargetSize(_SizeClause):
    """Households and people are about a target."""

    check: Literal["target_size"]
    """Kind of check."""
    households: Count | None = None
    """Households to aim at."""
    people: Count | None = None
    """People to aim at."""
    tolerance: Annotated[float, Field(gt=0, lt=1)]
    """What "about" (左右) is read as: 0.2 means 20 % below to 20 % above."""


class SplitAbove(_SizeClause):
    """A community above the size is to be split."""

    check: Literal["split_above"]
    """Kind of check."""
    households: Count | None = None
    """Most households."""
    people: Count | None = None
    """Most people."""


class MergeBelow(_SizeClause):
    """A community below the size is to be merged with a neighbour."""

    check: Literal["merge_below"]
    """Kind of check."""
    households: Count | None = None
    """Fewest households."""
    people: Count | None = None
    """Fewest people."""


class OnePiece(Clause):
    """A community has no separate areas."""

    check: Literal["one_piece"]
    """Kind of check."""


class OneDistrict(Clause):
    """A community lies inside one district."""

    check: Literal["one_district"]
    """Kind of check."""


class OutlineAlong(Clause):
    """The outline follows named roads, railways, waters or hills."""

    check: Literal["outline_along"]
    """Kind of check."""
    min_share: Annotated[float, Field(gt=0, le=1)]
    """Least share of the outline that does."""


class RoadInside(Clause):
    """Roads of these classes lie on the borders of communities, not inside."""

    check: Literal["road_inside"]
    """Kind of check."""
    classes: Annotated[tuple[str, ...], Field(min_length=1)]
    """Road and barrier classes, as in `objective.crossing`."""
    most_m: Annotated[float, Field(ge=0)] = 0.0
    """Most metres of all of them inside one community; 0: never any."""


class StaffingRatio(Clause):
    """A community has the workers that its residents need."""

    check: Literal["staffing"]
    """Kind of check."""
    households_per_worker: _Ratio | None = None
    """One worker per this many households; none: households do not count."""
    people_per_worker: _Ratio | None = None
    """One worker per this many people; none: people do not count."""
    combine: Literal["larger", "mean"] = "larger"
    """Take the larger of the two needs, or their mean."""
    rounding: Literal["up", "nearest"] = "up"
    """How a fraction of a worker is rounded (nearest: halves go up)."""

    @model_validator(mode="after")
    def _has_a_ratio(self) -> "StaffingRatio":
        if self.households_per_worker is None and self.people_per_worker is None:
            en = "give at least one of 'households_per_worker' and 'people_per_worker'"
            raise refusal(en, "households_per_worker 与 people_per_worker 至少要写一个")
        return self


class PremisesNorm(Clause):
    """A community has the office and service premises (办公服务用房) its households need."""

    check: Literal["premises"]
    """Kind of check."""
    m2_per_100_households: _Area = 0.0
    """Square metres for every 100 households."""
    minimum_m2: _Area = 0.0
    """Least area of any community."""


class DwellingLimits(Clause):
    """Dwellings (住宅套数) lie within limits; households stand in for them, and the finding says so."""

    check: Literal["dwelling_limits"]
    """Kind of check."""
    dwellings: Range
    """Limits of dwellings."""


class Committee(Clause):
    """The posts of a community are enough for its residents' committee."""

    check: Literal["committee"]
    """Kind of check."""
    min_members: Count
    """Fewest members of the committee."""


class SimpleOutline(Clause):
    """The outline is simple: 4 pi area / perimeter² (circle 1, square 0.79) is not below a limit."""

    check: Literal["simple_outline"]
    """Kind of check."""
    min_compactness: Annotated[float, Field(gt=0, lt=1)]
    """Least compactness, as published."""


class EstateWhole(Clause):
    """No estate (小区: blocks of one name in one district) lies in two communities."""

    check: Literal["estate_whole"]
    """Kind of check."""


class OneUnit(Clause):
    """A community lies inside one unit of a level of `levels`, such as one street."""

    check: Literal["one_unit"]
    """Kind of check."""
    level: str = "street"
    """Key of the level; where the scenario has no such level the clause cannot be judged."""


class WalkShare(Clause):
    """Residents live within a distance of the community's rooms, in a straight line."""

    check: Literal["walk"]
    """Kind of check."""
    most_m: _Ratio
    """The distance, from the middle of the block to the nearest rooms in the community."""
    min_share: Annotated[float, Field(gt=0, le=1)]
    """Least share of its residents."""


class Circle(Clause):
    """So many people, and so many dwellings, lie within a distance of the community's rooms (生活圈)."""

    check: Literal["circle"]
    """Kind of check."""
    most_m: _Ratio
    """The distance, from the middle of the block to the nearest rooms in the community, in a straight line."""
    people: Range | None = None
    """Limits of people, of whatever community."""
    dwellings: Range | None = None
    """Limits of dwellings; households stand in for them, and the finding says so."""

    @model_validator(mode="after")
    def _has_limits(self) -> "Circle":
        if self.people is None and self.dwellings is None:
            en = "give at least one of 'people' and 'dwellings'"
            raise refusal(en, "people（人）与 dwellings（住宅套数）至少要写一个")
        return self


AnyClause = (
    SizeLimits
    | TargetSize
    | SplitAbove
    | MergeBelow
    | OnePiece
    | OneDistrict
    | OutlineAlong
    | RoadInside
    | StaffingRatio
    | PremisesNorm
    | DwellingLimits
    | Committee
    | SimpleOutline
    | EstateWhole
    | OneUnit
    | WalkShare
    | Circle
)


class ProcedureStep(Section):
    """A step of the procedure that a plan is to go through."""

    key: _Key
    """Short name of the step, unique in its pack."""
    text: Text
    """What it asks, in a few words."""
    cited: _Sentence
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
    quote: _Sentence
    """What the document asks, in one Chinese sentence."""
    wording: Literal["verbatim", "summary"] = "verbatim"
    """Whether `quote` and `cited` are the document's words ([] marks repairs), or our summary of them."""
    date: str | None = None
    """Day or year it was issued, if known."""
    url: str | None = None
    """Where it was published."""


class RulePack(Section):
    """The clauses of one document."""

    key: _Key
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
