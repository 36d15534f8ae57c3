"""What a command may load: heavy libraries enter with the job that uses them, and no sooner."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

HEAVY = {
    "docx",
    "folium",
    "fontTools",
    "fpdf",
    "geopandas",
    "jinja2",
    "matplotlib",
    "networkx",
    "numba",
    "ortools",
    "pandas",
    "pypdfium2",
    "pypinyin",
    "rich",
    "scipy",
    "shapely",
    "starlette",
    "uvicorn",
    "xlsxwriter",
}
"""Libraries that take more than a tenth of a second to load, or belong to one deliverable."""
READING = {"geopandas", "networkx", "pandas", "shapely"}
SCENARIO = ROOT / "scenarios" / "huangshi_diagnosis.yaml"


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("import redistrict", set()),
        ("from redistrict import load_scenario; load_scenario({scenario!r})", set()),
        ("from redistrict import check, load_scenario; check(load_scenario({scenario!r}))", READING),
        ("from redistrict import verify", READING - {"networkx"}),
        ("import redistrict.jobs.remake", HEAVY - {"docx", "fpdf", "numba", "ortools", "pypdfium2"}),
        ("from redistrict import Problem, Result, read_problem", READING),
    ],
)
def test_only_what_is_needed_is_loaded(code: str, allowed: set[str]) -> None:
    """Reading a scenario, checking and judging load no library that draws, solves or writes."""
    code = code.format(scenario=str(SCENARIO))
    ask = f"{code}; import sys; print(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= allowed


def test_importing_costs_nothing_but_a_name() -> None:
    """`import redistrict` loads no other module of the package."""
    ask = "import redistrict, sys; print(*[name for name in sys.modules if name.startswith('redistrict')])"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["redistrict"]
