"""Scenario files: frozen models, the loader that points at `file:line:column`, and the JSON schema.

Read `models` with `sources` and `office` (what may be written), `load` (from text to model), `yaml_text`,
`extends` and `overrides` (the tree and its lines), `explain` (every problem in plain words) and `points` (the
scenarios of a `sweep`); `rulepack` and `benchmark` are files of their own kind, `delivered` is the scenario of a
result. The data a scenario names are not read here, only looked for.
"""

from redistrict.scenario.load import dump_scenario, load_scenario, scenario_schema
from redistrict.scenario.models import Scenario

__all__ = ["Scenario", "dump_scenario", "load_scenario", "scenario_schema"]
