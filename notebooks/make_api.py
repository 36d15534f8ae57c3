"""Make API.md, the page of the front door, from the docstrings: `python notebooks/make_api.py`."""

import re
from pathlib import Path
from typing import Any

import griffe
from griffe2md import render_object_docs

import redistrict

PAGE = Path(__file__).parents[1] / "API.md"
HEAD = """# The front door: `import redistrict`

Made by `python notebooks/make_api.py` from the docstrings, not by hand. Names load what they need when they are first
asked for. Functions take and give values; every refusal is a `RedistrictError` with `problems` in both languages.

"""
MEMBERS = ["gap", "local", "n_blocks", "summary", "problems", "exit_code"]
"""Properties and methods that stand on the page."""


def make_page() -> str:
    """Give the page as Markdown, a section for each name of the front door."""
    package = griffe.load("redistrict", docstring_parser="numpy")
    options: Any = {
        "annotations_path": "source",
        "docstring_section_style": "list",
        "docstring_style": "numpy",
        "heading_level": 2,
        "members": MEMBERS,
        "show_root_full_path": False,
        "show_signature_annotations": True,
        "summary": False,
    }
    pages = []
    for name in redistrict.__all__:
        home = getattr(redistrict, name).__module__.removeprefix("redistrict.")
        found: Any = package[f"{home}.{name}"]
        pages.append(_plain(render_object_docs(found, options)))
    return HEAD + "\n".join(pages)


def _plain(text: str) -> str:
    """Take out links, which lead nowhere on a page of its own, and the paths of members."""
    text = re.sub(r"\[(\*\*[^*]+\*\*|[^\]\[]+)\]\(#[^)]*\)", r"\1", text)
    text = re.sub(r"</?code>", "`", text)
    text = re.sub(r"^(#+ `)redistrict\.[\w.]*\.(\w+\.\w+`)", r"\1\2", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" – $", "", text, flags=re.MULTILINE)).strip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8", newline="\n")
