"""Refusals: every error and interrupt of a command as printed lines and an exit code."""

from collections.abc import Container, Sequence
from itertools import islice
from typing import Any

import typer

from redistrict.cli.console import say
from redistrict.cli.signals import INTERRUPTED, is_pressed, raise_if_pressed
from redistrict.cli.spoken import SpokenGroup, find_language, tell_usage
from redistrict.cli.unexpected import tell_unexpected
from redistrict.errors import RedistrictError
from redistrict.messages import Language, Message


class Commands(SpokenGroup):
    """The one place where refusals and interrupts become printed lines and exit codes."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take what holds for every command also where it is written behind it, and its own options before it."""
        common, rest = _part_common(args)
        ctx.obj = find_language(common)
        try:
            return super().parse_args(ctx, [*common, *_command_first(rest, self.commands)] if args else [])
        except Exception as error:
            _refuse_usage(error, ctx.obj)
            raise

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
            _refuse_usage(error, ctx.obj)
            problems = error.problems if isinstance(error, RedistrictError) else [tell_unexpected(error)]
            for problem in problems:
                say(problem, ctx.obj)
            raise typer.Exit(getattr(error, "exit_code", 1)) from error


def _interrupted(language: Language | None) -> typer.Exit:
    say(Message("Interrupted.", "已中断。"), language)
    return typer.Exit(INTERRUPTED)


def _refuse_usage(error: Exception, language: Language) -> None:
    """End a command that was called wrongly with how to use it; other errors pass."""
    if hasattr(error, "format_message"):  # a refusal of the command line itself
        if type(error).__name__ == "NoArgsIsHelpError":
            raise error
        tell_usage(error, language)
        raise typer.Exit(2) from error


def _part_common(args: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part `--language`, `--verbose` and `--version`, up to a bare `--`, from everything else."""
    end = args.index("--") if "--" in args else len(args)
    common, rest = [], []
    words = iter(args[:end])
    for word in words:
        if word == "--language":
            common += [word, *islice(words, 1)]
        elif word in ("--verbose", "--version") or word.startswith("--language="):
            common.append(word)
        else:
            rest.append(word)
    return common, [*rest, *args[end:]]


def _command_first(args: Sequence[str], commands: Container[str]) -> list[str]:
    """Put the name of the command before options that stand before it."""
    n = next((n for n, word in enumerate(args) if word in commands), 0)
    return [*args[n : n + 1], *args[:n], *args[n + 1 :]]
