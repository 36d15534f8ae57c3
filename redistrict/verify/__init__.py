"""The judge: re-derives everything about a finished plan from the original data, by means of its own.

It shares no code with the reader, the graph builder, the solver or the report, so that a mistake there
cannot hide here.
"""

from redistrict.verify.files import verify_files
from redistrict.verify.rules import verify_plan

__all__ = ["verify_files", "verify_plan"]
