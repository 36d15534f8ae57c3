"""Printing: lines, tables, JSON and progress on a terminal, or plain lines where there is none."""

import json
import locale
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from redistrict.messages import Language, Message

if TYPE_CHECKING:
    from redistrict.solver.tasks.progress import Progress

_LOG_EVERY_S = 5.0


def system_language() -> Language:
    """Chinese where the system speaks Chinese, else English."""
    names = [os.environ.get(key) for key in ("LC_ALL", "LC_MESSAGES", "LANG")] + [locale.getlocale()[0]]
    name = next((name for name in names if name), "")
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"


def printable(text: str) -> str:
    """Replace control characters, which text from data files could use to write on the terminal."""
    return "".join(char if char.isprintable() else " " if char.isspace() else "\ufffd" for char in text)


def say(message: Message, language: Language | None, *, err: bool = True) -> None:
    """Print one line, by default to standard error."""
    typer.echo(printable(message.in_language(language or system_language())), err=err)


def print_json(value: object) -> None:
    """Print plain values as JSON to standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_table(headers: Sequence[Message], rows: Sequence[Sequence[str]], language: Language) -> None:
    """Draw a table on a terminal; elsewhere write tab-separated lines."""
    titles = [header.in_language(language) for header in headers]
    if not sys.stdout.isatty():
        for row in [titles, *rows]:
            typer.echo("\t".join(printable(cell) for cell in row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE)
    for title in titles:
        table.add_column(Text(title))
    for row in rows:
        table.add_row(*(Text(printable(cell), overflow="fold") for cell in row))
    Console().print(table)


class EchoHandler(logging.Handler):
    """Log records as plain lines on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print the record."""
        typer.echo(printable(self.format(record)), err=True)


@contextmanager
def progress_shown(language: Language) -> "Iterator[Callable[[Progress], None]]":
    """Give the callback that shows progress: a bar on a terminal, else a line now and then."""
    if not sys.stderr.isatty():
        yield progress_logger(language)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(bar_width=20), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def show(progress: "Progress") -> None:
            text = printable(_progress_line(progress).in_language(language))
            bar.update(task, completed=progress.fraction, description=text)

        yield show


def progress_logger(language: Language) -> "Callable[[Progress], None]":
    """Give a callback that prints a line at each new phase, and else one every few seconds."""
    phase: Message | None = None
    printed = 0.0

    def show(progress: "Progress") -> None:
        nonlocal phase, printed
        now = time.monotonic()
        if progress.phase != phase or now - printed >= _LOG_EVERY_S:
            phase, printed = progress.phase, now
            say(_progress_line(progress), language)

    return show


def _progress_line(progress: "Progress") -> Message:
    """Say the phase, the share done, and cost and bound in weighted metres."""
    en, zh = f"{progress.fraction:4.0%} {progress.phase.en}", f"{progress.fraction:4.0%} {progress.phase.zh}"
    if progress.cost_m is not None:
        en, zh = (
            f"{en}; cost {progress.cost_m:,.0f} weighted m",
            f"{zh}；代价 {progress.cost_m:,.0f} 加权米",
        )
    if progress.bound_m is not None:
        en, zh = f"{en}, bound {progress.bound_m:,.0f}", f"{zh}，下界 {progress.bound_m:,.0f}"
    return Message(en, zh)
