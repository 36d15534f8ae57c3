"""Run the command line with ``python -m redistrict``."""

from redistrict.cli import main

main()
