"""Help and usage errors of the command line in the planner's language: what the library below says in English only."""

import os
import re
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from redistrict.cli.console import system_language
from redistrict.messages import Language, Message

_TWO_LANGUAGES = re.compile(r"(?P<en>.*?[.?:!]) (?P<zh>[\u4e00-\u9fff][^\[]*?)(?P<rest>\s*\[.*\])?", re.DOTALL)
"""A help text: a sentence in English, then the same in Chinese, then perhaps default and range in brackets."""
_REMARK = re.compile(r"(?P<same>(?:.*  )?)(?P<en>.+?) \| (?P<zh>.+)")
"""A line of a longer help text that has a remark in each language."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")

_WORDS = {
    "[OPTIONS]": "[选项]",
    "COMMAND [ARGS]...": "命令 [参数]...",
    "Show this message and exit.": "显示本帮助。",
    "[default: ": "[默认：",
    "[required]": "[必填]",
    "[env var: ": "[环境变量：",
}
_USAGE, _ARGUMENTS = Message("Usage: ", "用法："), Message("Arguments", "参数")
_OPTIONS, _COMMANDS = Message("Options", "选项"), Message("Commands", "命令")
_SENTENCES = (
    (r"No such option: (\S+)", "没有选项 {}。"),
    (r"No such option: (\S+) (?:\(Possible options: (.+)\)|Did you mean (.+)\?)", "没有选项 {}，是否为 {}？"),
    (r"No such command '(.+)'\.", "没有命令 {}。"),
    (r"No such command '(.+)'\. Did you mean '(.+)'\?", "没有命令 {}，是否为 {}？"),
    (r"Missing command\.", "缺少命令。"),
    (r"Missing argument '(.+?)'\..*", "缺少参数 {}。"),
    (r"Missing option '(.+?)'\..*", "缺少选项 {}。"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((.+)\)", "多余的参数：{}。"),
    (r"Option '(.+)' requires an argument\.", "选项 {} 之后缺少值。"),
    (r"Option '(.+)' does not take a value\.", "选项 {} 之后不带值。"),
    (
        r"Invalid value for '(.+?)'.*?: (?:Value error, )?'(.*)' is not one of (.+?)\.?",
        "选项 {0} 的值应为 {2} 之一。",
    ),
    (r"Invalid value for '(.+?)'.*?: .*\bvalid integer.*", "选项 {} 的值应为整数。"),
    (r"Invalid value for '(.+?)'.*?: .*\bvalid (?:float|number).*", "选项 {} 的值应为数字。"),
    (r"Invalid value for '(.+?)'.*?: .*greater than or equal to (\S+)", "选项 {} 的值不得小于 {}。"),
    (r"Invalid value for '(.+?)'.*?: .*less than or equal to (\S+)", "选项 {} 的值不得大于 {}。"),
    (r"Invalid value for '(.+?)'.*?: .*not in the range (.+?)\.?", "选项 {} 的值应在 {} 之内。"),
    (r"Invalid value for '(.+?)'.*?: (.*)", "选项 {} 的值无效：{}"),
)
"""What the library says of wrong usage, as patterns, and the same in Chinese."""


class _Spoken:
    """Help with headings and descriptions in the language of the context."""

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Write what the command does, with its examples."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(all_in_one(self.help, ctx.obj))  # type: ignore[attr-defined]

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the line that shows how the command is called."""
        pieces = " ".join(self.collect_usage_pieces(ctx))  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, in_one(pieces, ctx.obj), prefix=_USAGE.in_language(ctx.obj))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and the options, then the commands of a group."""
        for kind, title in (("argument", _ARGUMENTS), ("option", _OPTIONS)):
            params = [one for one in self.get_params(ctx) if one.param_type_name == kind]  # type: ignore[attr-defined]
            _write_list(formatter, title, [one.get_help_record(ctx) for one in params], ctx.obj)
        if isinstance(self, TyperGroup):
            found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
            rows = [(name, (one.help or "").split("\n")[0]) for name, one in found if one and not one.hidden]
            _write_list(formatter, _COMMANDS, rows, ctx.obj)


class SpokenCommand(_Spoken, TyperCommand):
    """A command whose help is in one language."""


class SpokenGroup(_Spoken, TyperGroup):
    """A group of commands whose help is in one language."""


def in_one(text: str, language: Language) -> str:
    """Give the part of a help text that is in the language; all of it for both."""
    if language == "both":
        return text
    if two := _TWO_LANGUAGES.fullmatch(text):
        text = two[language] + (two["rest"] or "")
    for english, chinese in _WORDS.items() if language == "zh" else ():
        text = text.replace(english, chinese)
    return text


def all_in_one(text: str, language: Language) -> str:
    """Give the lines of a longer help text that are in the language, each in it alone; all of them for both."""
    lines = (_line_in_one(line, language) for line in text.strip().split("\n"))
    return "\n".join(line for line in lines if line is not None)


def _line_in_one(line: str, language: Language) -> str | None:
    if language == "both":
        return line.removeprefix("| ").removesuffix(" |").replace(" | ", " ")
    for alone, only in (("en", line.removesuffix(" |")), ("zh", line.removeprefix("| "))):
        if only != line:
            return only if alone == language else None
    if found := _REMARK.fullmatch(line):
        return found["same"] + found[language]
    if _TWO_LANGUAGES.fullmatch(line) or line[:1] in ("", " ", "\b"):
        return in_one(line, language)
    return line if (_CHINESE.search(line) is not None) == (language == "zh") else None


def find_language(common: Sequence[str]) -> Language:
    """Give the language before options are read: of `--language`, else of the environment, else of the system."""
    words = [word.removeprefix("--language=") for word in common if word not in ("--language", "--verbose")]
    asked = [*words[-1:], os.environ.get("REDISTRICT_LANGUAGE", "")][0]
    known: tuple[Language, ...] = ("zh", "en", "both")
    return next((one for one in known if one == asked), system_language())


def tell_usage(error: Any, language: Language) -> None:
    """Print how the command is called, and what is wrong with how it was."""
    ctx = error.ctx
    if ctx is not None:
        more = Message(f"Try '{ctx.command_path} -h' for help.", f"用 {ctx.command_path} -h 查看帮助。")
        typer.echo(f"{ctx.get_usage()}\n{more.in_language(language)}\n", err=True)
    said: str = error.format_message()
    wrong = Message(f"Error: {said}", f"命令用法有误：{_in_chinese(said)}")
    typer.echo(wrong.in_language(language), err=True)


def _in_chinese(sentence: str) -> str:
    """Give a sentence of the library in Chinese, or as it is where we do not know it."""
    for pattern, chinese in _SENTENCES:
        if found := re.fullmatch(pattern, sentence):
            return chinese.format(*(part for part in found.groups() if part is not None))
    return sentence


def _write_list(formatter: Any, title: Message, rows: Sequence[tuple[str, str] | None], language: Language) -> None:
    """Write a section of names with what they mean, if there are any."""
    shown = [(name, in_one(text, language)) for name, text in filter(None, rows)]
    if shown:
        with formatter.section(title.in_language(language)):
            formatter.write_dl(shown)
