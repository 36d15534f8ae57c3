"""Filters compare columns with values; what could run for long is refused with the place in the file."""

import re
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from redistrict.scenario.sources import Source

FINE = [
    "行政区 = '西塞山区'",
    "\"户数\" > 0 AND kind IN ('a', 'b') OR NOT (x IS NULL)",
    "name LIKE '%路%' AND lower(cls) <> 'footway'",
    "CAST(level AS integer) >= -1 AND a.b BETWEEN 1.5 AND 2e3",
    "name = 'it''s; -- /* select' AND \"with\" = 1",
    "x || 'a' = concat(y, 'a') AND (a + b) * 2 / c % 3 != 0",
]

REFUSED = {
    "a query": ("id IN (SELECT id FROM b)", "'SELECT' is not allowed"),
    "a query that never ends": (
        "1 IN (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x FROM c)",
        "'WITH' is not allowed"),
    "a view in place of a list": ("id IN evil", "'IN evil' is not allowed"),
    "a quoted view in place of a list": ('id IN "evil"', "is not allowed"),
    "a table of numbers": ("id IN (generate_series(1, 1000000000000))", r"'generate_series\('"),
    "a large text": ("length(hex(zeroblob(1000000000))) > 0", r"'hex\('"),
    "a quoted function": ('"randomblob"(1000000000) = 1', r"is not allowed"),
    "another statement": ("1; DROP TABLE b", "'; DROP TABLE' is not allowed"),
    "a comment": ("1 -- x", "'-- x' is not allowed"),
    "a comment that hides a quote": ("1 /* ' */ IN (SELECT 1) /* ' */", r"'/\* ' \*/ IN"),
    "a pattern of many wildcards": ("name LIKE '%a%a%a%a%a%a%'", "a pattern may hold 5 '%'"),
    "a pattern language": ("name GLOB '*a*'", "'GLOB' is not allowed"),
    "too deep": ("(" * 30 + "1" + ")" * 30, "at most 20 deep"),
    "not closed": ("(a = 1", "a bracket is not closed"),
    "closed twice": ("a = 1)", "brackets must be closed"),
    "too long": ("a = 1 OR " * 3000 + "a = 2", "may have 20,000 characters"),
    "no text ever closed": ("name = 'a", "is not allowed"),
}  # fmt: skip


@pytest.mark.parametrize("where", FINE)
def test_comparisons_pass_unchanged(where: str) -> None:
    """Comparisons, lists, patterns, arithmetic and harmless functions are kept as they are."""
    assert Source(path="a.gpkg", where=where).where == where


@pytest.mark.parametrize("fault", REFUSED)
def test_what_could_run_for_long_is_refused(fault: str) -> None:
    """Queries, functions that make data, comments, deep nesting and long patterns are refused by name."""
    where, message = REFUSED[fault]
    with pytest.raises(ValidationError, match=message):
        Source(path="a.gpkg", where=where)


_WORDS = [
    "id",
    "'",
    '"',
    "(",
    ")",
    "SELECT",
    "1",
    "IN",
    ",",
    "--",
    "/*",
    "*/",
    "FROM t",
    "=",
    "evil",
    " ",
    "hex",
    "''",
    ";",
]


@given(st.lists(st.sampled_from(_WORDS), max_size=14).map(" ".join))
def test_what_passes_runs_no_query_in_sqlite(where: str) -> None:
    """Whatever passes, SQLite sees no query in it, no function but the harmless ones and no table but the layer's."""
    try:
        Source(path="a.gpkg", where=where or "1")
    except ValidationError:
        return
    database = sqlite3.connect(":memory:")
    database.executescript("CREATE TABLE t (id, hex); CREATE VIEW evil AS SELECT 1 AS x")
    read: set[str] = set()

    def watch(action: int, one: str | None, two: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_READ:
            read.add(str(one))
        if action == sqlite3.SQLITE_FUNCTION:
            read.add(str(two))
        return sqlite3.SQLITE_OK

    database.set_authorizer(watch)
    try:
        database.execute(f"SELECT 1 FROM t WHERE {where or '1'}").fetchall()
    except sqlite3.Error:
        pass
    finally:
        database.close()
    assert read <= {"t"}
    assert not re.search(r"\bselect\b", re.sub(r"'[^']*'|\"[^\"]*\"", "", where), re.I)
