"""The front door: what `import redistrict` offers, typed and described."""

import inspect
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import redistrict
from tests.conftest import ROOT


@pytest.mark.parametrize("name", redistrict.__all__)
def test_every_name_leads_somewhere_and_is_described(name: str) -> None:
    """Each name can be asked for, explains itself, and stands on the API page."""
    found = getattr(redistrict, name)
    assert name in dir(redistrict)
    assert inspect.getdoc(found)
    assert f"\n## `{name}`\n" in (ROOT / "API.md").read_text(encoding="utf-8")


def test_the_page_is_made_from_the_docstrings() -> None:
    """API.md is what `python notebooks/make_api.py` writes."""
    made = runpy.run_path(str(ROOT / "notebooks" / "make_api.py"))["make_page"]()
    assert made == (ROOT / "API.md").read_text(encoding="utf-8"), "run python notebooks/make_api.py"


def test_a_wrong_name_is_an_attribute_error() -> None:
    """A name that is not offered is refused as any module refuses it."""
    with pytest.raises(AttributeError, match="has no attribute 'solv'"):
        _ = redistrict.solv  # type: ignore[attr-defined]


def test_functions_stay_functions_whatever_is_imported_first() -> None:
    """No folder of the package takes the place of a function of the front door."""
    code = (
        "import redistrict.judge.files, redistrict.jobs.compare, redistrict.jobs.run, redistrict\n"
        f"print(*[name for name in {redistrict.__all__!r} if not callable(getattr(redistrict, name))])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_package_says_that_it_is_typed() -> None:
    """Type checkers of other projects read our annotations (PEP 561)."""
    assert (Path(redistrict.__file__).parent / "py.typed").is_file()


def test_notebooks_come_in_by_the_front_door() -> None:
    """The notebooks import from `redistrict` itself and nothing below it."""
    for path in (ROOT / "notebooks").glob("*.py"):
        modules = re.findall(r"^from (redistrict[\w.]*) import", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(modules) <= {"redistrict"}, path.name
