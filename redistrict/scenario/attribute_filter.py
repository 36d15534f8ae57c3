"""Attribute filters: the part of SQL that compares columns with values, and nothing that could run for long."""

import re

from redistrict.scenario.section import refusal

_MOST_CHARACTERS = 20_000
_DEEPEST = 20
_MOST_WILDCARDS = 5
"""Each `%` of a pattern may multiply the time a comparison takes."""
_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<text>'(?:[^']|'')*')|(?P<column>"(?:[^"]|"")*")|(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<word>[^\W\d]\w*)|(?P<mark><>|!=|<=|>=|==|[<>=(),+*%.]|\|\||-(?!-)|/(?!\*))""",
    re.VERBOSE,
)
_JOINS = {"and", "or", "not", "in", "like", "ilike", "between", "is", "escape", "as", "when", "then", "else"}
_FUNCTIONS = {"cast", "substr", "lower", "upper", "length", "trim", "abs", "round", "concat", "coalesce", "ifnull"}
_PROGRAMS = {"select", "with", "recursive", "pragma", "attach", "glob", "regexp", "match"}


def check_filter(text: str) -> str:
    """Give back a filter that compares columns with values.

    A GeoPackage hands the filter to SQLite, where a query inside it, or a function that makes text, can run for ever;
    what passes here takes a bounded time for each feature.

    Raises
    ------
    PydanticCustomError
        Naming the first thing that is more than a comparison.
    """
    if len(text) > _MOST_CHARACTERS:
        raise refusal(
            f"a filter may have {_MOST_CHARACTERS:,} characters, this one has {len(text):,}; mark the features in a "
            "column of their own",
            f"筛选条件最多 {_MOST_CHARACTERS:,} 个字符，现有 {len(text):,} 个；请在数据中另设一列标记",
        )
    depth, at, before = 0, 0, ""
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _not_allowed(text[at : at + 12])
        kind, token, at = str(match.lastgroup), match[0], match.end()
        word = token.lower()
        if kind == "space":
            continue
        if kind == "word" and word in _PROGRAMS:
            raise _not_allowed(token)
        if before == "in" and token != "(":
            raise _not_allowed(f"IN {token}")
        if token == "(":
            depth += 1
            if before.startswith('"') or (before.isidentifier() and before not in _JOINS | _FUNCTIONS):
                raise _not_allowed(f"{before}(")
        depth -= token == ")"
        if not 0 <= depth <= _DEEPEST:
            raise refusal(
                f"brackets must be closed, and stand at most {_DEEPEST} deep", f"括号必须成对，且最多嵌套 {_DEEPEST} 层"
            )
        if kind == "text" and token.count("%") > _MOST_WILDCARDS:
            raise refusal(
                f"a pattern may hold {_MOST_WILDCARDS} '%': {token[:40]}",
                f"一个匹配式最多 {_MOST_WILDCARDS} 个 %：{token[:40]}",
            )
        before = word
    if depth:
        raise refusal("a bracket is not closed", "括号没有闭合")
    return text


def _not_allowed(found: str) -> Exception:
    return refusal(
        f"a filter compares columns with values (\"户数\" > 0 AND kind IN ('a', 'b')); '{found}' is not allowed there",
        f"筛选条件只能比较字段与取值（如 \"户数\" > 0 AND kind IN ('a', 'b')）；不允许使用“{found}”",
    )
