"""The error tree: everything redistrict refuses, with the exit code a shell sees.

::

    RedistrictError
    ├── ScenarioError             the YAML file: unknown key, wrong type, bad value      exit 3
    ├── DataError                 the data: missing file, column, CRS, bad counts        exit 3
    ├── OutputError               the result directory exists or cannot be written       exit 3
    ├── InfeasibleScenarioError   the totals (or a proof) say no plan can exist          exit 4
    ├── SolverError               no plan was found within the effort allowed            exit 5
    ├── ClusterError              the cluster cannot be reached, or has other versions   exit 5
    ├── InterruptedSolveError     stopped by the user before any plan was found          exit 130
    └── VerificationError         the judge refused the plan: nothing was delivered      exit 1

A message has three parts: what is wrong and the value found; what is allowed or what to do; which blocks
or keys (the first five, then a count). Checks collect every problem, then raise once.
"""

from collections.abc import Sequence

from redistrict.messages import Message


class RedistrictError(Exception):
    """A problem the user can mend; `problems` lists every finding, one message each."""

    exit_code = 1

    def __init__(self, problems: Message | Sequence[Message]) -> None:
        self.problems: tuple[Message, ...] = (problems,) if isinstance(problems, Message) else tuple(problems)
        super().__init__("\n".join(message.en for message in self.problems))

    def __reduce__(self) -> tuple[type["RedistrictError"], tuple[tuple[Message, ...]]]:
        """Send it to another process with all findings."""
        return type(self), (self.problems,)


class ScenarioError(RedistrictError):
    """The scenario file cannot be used as written."""

    exit_code = 3


class DataError(RedistrictError):
    """The data the scenario names cannot be used as they are."""

    exit_code = 3


class OutputError(RedistrictError):
    """The results cannot be written where they should go."""

    exit_code = 3


class InfeasibleScenarioError(RedistrictError):
    """No plan can meet the scenario's limits, and the message carries the sums that show it."""

    exit_code = 4


class SolverError(RedistrictError):
    """No plan inside the limits was found within the effort or the time allowed."""

    exit_code = 5


class ClusterError(RedistrictError):
    """The cluster cannot be reached, or its workers cannot do what is asked."""

    exit_code = 5


class InterruptedSolveError(RedistrictError):
    """The user stopped the run before any plan was found."""

    exit_code = 130


class VerificationError(RedistrictError):
    """The judge refused the plan; nothing was delivered."""

    exit_code = 1
