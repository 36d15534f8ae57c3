"""Scenario files: frozen models, the loader that points at `file:line:column`, and the JSON schema."""

from redistrict.scenario.load import dump_scenario, load_scenario, scenario_schema
from redistrict.scenario.models import Scenario

__all__ = ["Scenario", "dump_scenario", "load_scenario", "scenario_schema"]
