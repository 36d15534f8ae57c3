"""Redraw community boundaries: contiguous, balanced, along the roads, with a proof of how good the plan is.

The front door: everything a program needs stands in `__all__` and is loaded when it is first asked for, so that
`import redistrict` costs nothing. What each name does: API.md. Where everything else is: ARCHITECTURE.md.
"""

from importlib import import_module

TYPE_CHECKING = False  # that of `typing` would be loaded before Ctrl-C counts
if TYPE_CHECKING:
    from redistrict.errors import RedistrictError
    from redistrict.jobs.check import check
    from redistrict.jobs.compare import compare
    from redistrict.jobs.diagnose import diagnose
    from redistrict.jobs.doctor import examine_data
    from redistrict.jobs.ensemble import make_ensemble
    from redistrict.jobs.front import make_front, read_measures
    from redistrict.jobs.inputs import read_problem
    from redistrict.jobs.province import make_province
    from redistrict.jobs.run import run
    from redistrict.jobs.sweep import make_sweep
    from redistrict.jobs.verify import verify
    from redistrict.model.problem import Problem
    from redistrict.model.result import Result
    from redistrict.scenario import Scenario, load_scenario
    from redistrict.scenario.points import load_points
    from redistrict.solver.strategy import solve
    from redistrict.version import __version__ as __version__

__all__ = [
    "Problem",
    "RedistrictError",
    "Result",
    "Scenario",
    "check",
    "compare",
    "diagnose",
    "examine_data",
    "load_points",
    "load_scenario",
    "make_ensemble",
    "make_front",
    "make_province",
    "make_sweep",
    "read_measures",
    "read_problem",
    "run",
    "solve",
    "verify",
]

_HOMES = {
    "__version__": "redistrict.version",
    "Problem": "redistrict.model.problem",
    "RedistrictError": "redistrict.errors",
    "Result": "redistrict.model.result",
    "Scenario": "redistrict.scenario.models",
    "check": "redistrict.jobs.check",
    "compare": "redistrict.jobs.compare",
    "diagnose": "redistrict.jobs.diagnose",
    "examine_data": "redistrict.jobs.doctor",
    "load_points": "redistrict.scenario.points",
    "load_scenario": "redistrict.scenario.load",
    "make_ensemble": "redistrict.jobs.ensemble",
    "make_front": "redistrict.jobs.front",
    "make_province": "redistrict.jobs.province",
    "make_sweep": "redistrict.jobs.sweep",
    "read_measures": "redistrict.jobs.front",
    "read_problem": "redistrict.jobs.inputs",
    "run": "redistrict.jobs.run",
    "solve": "redistrict.solver.strategy",
    "verify": "redistrict.jobs.verify",
}


def __getattr__(name: str) -> object:
    """Load a name of the front door from its home (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'redistrict' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
