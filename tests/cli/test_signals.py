"""Being told to end: what comes of it is not printed, what has another cause is."""

import subprocess
import sys

import pytest

CODE = """
import signal, sys
from redistrict.cli.signals import end_like_ctrl_c

class HalfWritten:
    def __del__(self):
        raise ValueError("cannot be closed")

end_like_ctrl_c()
file = HalfWritten()
try:
    if sys.argv[1] == "told":
        signal.raise_signal(signal.SIGTERM)
except KeyboardInterrupt:
    sys.stdout.write("told")
del file
"""


@pytest.mark.parametrize("told", ["told", ""])
def test_what_is_left_half_written_raises_no_alarm_after_the_end_was_asked_for(told: str) -> None:
    """A file that cannot be closed says so where nobody asked for the end, and is silent where one did."""
    done = subprocess.run([sys.executable, "-c", CODE, told], capture_output=True, text=True, check=True)
    assert done.stdout == told
    assert ("cannot be closed" in done.stderr) == (not told)


LOADED = """
import signal, sys
from redistrict.cli.signals import end_like_ctrl_c, raise_if_pressed

end_like_ctrl_c()
import typer

try:
    if sys.argv[1] == "told":
        signal.raise_signal(signal.SIGTERM)
except KeyboardInterrupt:
    pass
try:
    raise KeyboardInterrupt if sys.argv[1] == "told" else ValueError("of a library")
except BaseException as error:
    sys.excepthook(type(error), error, error.__traceback__)
"""


@pytest.mark.parametrize("told", ["told", ""])
def test_a_library_that_prints_an_interrupt_itself_prints_nothing(told: str) -> None:
    """Libraries of C print what comes while they call back, by the hook, and go on; other errors are printed."""
    done = subprocess.run([sys.executable, "-c", LOADED, told], capture_output=True, text=True, check=True)
    assert ("ValueError: of a library" in done.stderr) == (not told)
    assert bool(done.stderr) == (not told)
