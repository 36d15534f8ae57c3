"""Refusals: every error and interrupt of a command as printed lines and an exit code."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import typer
from typer.core import TyperGroup

from redistrict.cli.console import say
from redistrict.cli.signals import INTERRUPTED, is_pressed, raise_if_pressed
from redistrict.cli.unexpected import tell_unexpected
from redistrict.errors import RedistrictError
from redistrict.messages import Language, Message


class Commands(TyperGroup):
    """The one place where refusals and interrupts become printed lines and exit codes."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take what holds for every command also where it is written behind the command."""
        return super().parse_args(ctx, _common_first(args))

    def invoke(self, ctx: Any) -> Any:
        """Run the command; print every problem of a refusal as its own line."""
        try:
            result = super().invoke(ctx)
            raise_if_pressed()
            return result
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt as error:
            raise _interrupted(ctx.obj) from error
        except Exception as error:
            if is_pressed():  # a library made something else of it
                raise _interrupted(ctx.obj) from error
            if hasattr(error, "show"):  # a refusal of the command line itself, which shows how to use it
                raise
            problems = error.problems if isinstance(error, RedistrictError) else [tell_unexpected(error)]
            for problem in problems:
                say(problem, ctx.obj)
            raise typer.Exit(getattr(error, "exit_code", 1)) from error


def _interrupted(language: Language | None) -> typer.Exit:
    say(Message("Interrupted.", "已中断。"), language)
    return typer.Exit(INTERRUPTED)


def _common_first(args: Sequence[str]) -> list[str]:
    """Put `--language` and `--verbose` before everything else, up to a bare `--`."""
    end = args.index("--") if "--" in args else len(args)
    common, rest = [], []
    words = iter(args[:end])
    for word in words:
        if word == "--language":
            common += [word, *islice(words, 1)]
        elif word == "--verbose" or word.startswith("--language="):
            common.append(word)
        else:
            rest.append(word)
    return [*common, *rest, *args[end:]]
