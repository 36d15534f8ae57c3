"""The README in both languages: what it quotes, names and shows exists."""

import ast
import importlib
import re
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command

from redistrict.cli.app import app

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "README.zh.md")
MOST_BYTES = 200_000


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def quoted_messages(page: str) -> list[str]:
    """Give the messages of the table of messages: the quotes that open a row of it."""
    section = re.split(r"^## ", read(page), flags=re.MULTILINE)
    table = next(part for part in section if part.startswith(("Messages and what to do", "常见提示与处理")))
    return re.findall(r"^\| `([^`]+)` \|", table, flags=re.MULTILINE)


@cache
def sentences() -> tuple[str, ...]:
    """Give every text in the code, with `…` where a value is put in."""
    return tuple(
        text
        for path in sorted((ROOT / "redistrict").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (text := _text(node))
    )


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "…" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@pytest.mark.parametrize("page", PAGES)
def test_quoted_messages_exist(page: str) -> None:
    """Every message the README explains stands in the code, word for word."""
    quotes = quoted_messages(page)
    patterns = {quote: re.compile(".*?".join(map(re.escape, quote.split("…")))) for quote in quotes}
    missing = [quote for quote, pattern in patterns.items() if not any(map(pattern.search, sentences()))]
    assert missing == []


def test_both_languages_explain_the_same_messages() -> None:
    """The two pages explain equally many messages and show equally many sections."""
    english, chinese = (quoted_messages(page) for page in PAGES)
    assert len(english) == len(chinese) > 30
    assert len(re.findall(r"^## ", read(PAGES[0]), re.MULTILINE)) == len(
        re.findall(r"^## ", read(PAGES[1]), re.MULTILINE)
    )


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Every picture and page the README links to is in the project, and pictures are small."""
    text = read(page)
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)]+)\)", text)]
    files = [ROOT / target for target in targets if target]
    assert [file.name for file in files if not file.is_file()] == []
    assert all(file.stat().st_size < MOST_BYTES for file in files if file.suffix == ".png")
    headings = [
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^## (.*)", text, re.MULTILINE)
    ]
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= set(headings)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_described(page: str) -> None:
    """The README describes every command of `redistrict --help`, and no other."""
    described = set(re.findall(r"^\| `redistrict (\w+)", read(page), re.MULTILINE))
    assert described == set(get_command(app).commands)


def test_the_example_in_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ten lines of Python, the same in both, run as they stand, here on a small town, and use the front door."""
    monkeypatch.syspath_prepend(str(ROOT / "notebooks"))
    draw_town = importlib.import_module("small_town").draw_town
    codes = [re.findall(r"^```python\n(.*?)^```", read(page), re.MULTILINE | re.DOTALL)[0] for page in PAGES]
    bare = [re.sub(r" *#.*", "", code) for code in codes]
    assert bare[0] == bare[1]
    code = codes[0]
    assert re.findall(r"^(?:from|import) (\S+)", code, re.MULTILINE) == ["redistrict"]
    assert len(code.splitlines()) <= 11
    town = str(draw_town(tmp_path))
    code = code.replace("scenarios/huangshi_redraw.yaml", town).replace("effort=0.02", "effort=0.005")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, PAGES[0], "exec"), {})
    assert (tmp_path / "results" / "from_python" / "map.html").is_file()
