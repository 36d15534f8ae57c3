"""Run the command line with ``python -m redistrict``."""

from redistrict.cli.app import main

main()
