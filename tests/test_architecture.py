"""ARCHITECTURE.md and the folders themselves: what they name is there, and every room explains itself."""

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = ("ARCHITECTURE.md", "CONVENTIONS.md", "CONTRIBUTING.md", "DECISIONS.md")
FOLDERS = sorted(path.parent for path in (ROOT / "redistrict").rglob("__init__.py"))


@pytest.mark.parametrize("page", PAGES)
def test_every_file_a_page_names_exists(page: str) -> None:
    """A path in backquotes or in the ten lines is a file or folder of the project."""
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:\w+/)+[\w.]+|[A-Z]+\.md)`", text)) | set(re.findall(r"(?<=\d\. )`([\w/.]+)`", text))
    places = (ROOT, ROOT / "redistrict", ROOT / "redistrict" / "solver", ROOT / "redistrict" / "report")
    missing = [name for name in sorted(named) if not any((place / name).exists() for place in places)]
    assert missing == []


def test_the_picture_shows_every_room() -> None:
    """Each folder of the package stands in the picture of the house, and at most twenty rooms stand at the top."""
    picture = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split("\n## ")[1]
    top = [path for path in (ROOT / "redistrict").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    assert len(top) <= 20
    rooms = [folder.name for folder in FOLDERS if folder != ROOT / "redistrict"]
    assert [name for name in rooms if f"{name}/" not in picture] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_room_has_a_sign_on_its_door(folder: Path) -> None:
    """The docstring of a folder says what happens there, and names modules to read that exist."""
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    assert text is not None
    assert len(text.split()) > 30
    named = re.findall(r"`([a-z_]+(?:\.js)?)/?`", text)
    there = {path.name for path in folder.iterdir()} | {path.stem for path in folder.iterdir()}
    if folder != ROOT / "redistrict":
        assert [name for name in named if name not in there] == []
