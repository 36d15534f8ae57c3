"""The entry of ``redistrict`` and ``python -m redistrict``: Ctrl-C counts before anything large is loaded."""

from redistrict.cli.signals import INTERRUPTED, end_like_ctrl_c, is_pressed


def main() -> None:
    """Run the command line; the console entry point."""
    try:
        end_like_ctrl_c()
        from redistrict.cli.app import run_command_line  # a tenth of a second, in which Ctrl-C may come

        run_command_line()
    except (Exception, KeyboardInterrupt):  # before a command has begun, or after it has ended
        if not is_pressed():
            raise
        raise SystemExit(INTERRUPTED) from None  # libraries may tell of it by another error while they are loaded


if __name__ == "__main__":
    main()
